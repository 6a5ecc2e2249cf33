//! What a value certainly is not: a reference to a secret kept elsewhere, an expression, a placeholder's frame.

use super::assignment::{Assignment, Operator, Quote};
use super::credential::decoded_pair;
use super::feature::Facts;
use super::few::Few;
use super::key::{self, Words};
use super::open::is_other;
use super::scan::holds;
use super::syntax::Syntax;

/// The longest and the shortest value that is judged.
const SHORTEST: usize = 3;

/// Tells whether the value is certainly no secret, by its own bytes and by what stands around it.
pub(super) fn is_none(text: &[u8], facts: &Facts<'_>) -> bool {
    let (found, value) = (facts.found, facts.value);
    if value.len() < SHORTEST
        || is_reference(value)
        || is_word_of_language(value)
        || is_public(value)
        || is_encrypted(value)
        || is_date(value)
        || is_pattern(value)
        || value.contains(&b'[') && facts.after.first() == Some(&b']')
        || is_handshake(facts.key)
        || is_digest(value) && is_of_content(facts)
        || facts.words.ends(key::SEED) && (value.starts_with(b"0x") || value.starts_with(b"0:0x"))
        || value.len() >= 16
            && decoded_pair(value).is_some_and(|pair| pair.contains(&b'<') && pair.contains(&b'>'))
        || is_elsewhere(facts)
        || is_other(facts)
        || is_prose_on_names(facts)
    {
        return true;
    }
    let framed = matches!(
        found.operator,
        Operator::Url
            | Operator::Scheme
            | Operator::User
            | Operator::Element
            | Operator::Cell
            | Operator::Prose
    );
    if found.quote != Quote::None {
        return false;
    }
    let may_be_bare = framed
        || !facts.syntax.quotes()
        || facts.in_text
        || facts.in_comment && (!facts.syntax.quotes() || is_rare(value))
        || is_command(facts)
        || is_token(value);
    !may_be_bare
        || found.operator == Operator::Compare
        || !framed && is_expression(text, found, facts.syntax)
        || found.operator == Operator::Prose && !is_rare(value)
        || found.operator == Operator::Blank && !is_rare(value) && facts.key[0] != b'-'
}

/// Tells whether the value is a regular expression: it describes what a secret looks like.
fn is_pattern(value: &[u8]) -> bool {
    static SIGNS: Few = Few::new(&[
        "A-Z", "a-z", "0-9", "[^", "(?:", "(?P<", "(?=", "\\b", "\\w", "\\d",
    ]);
    static ENDS: Few = Few::new(&["]{", "]+", "]*", "){", ")?", "\\d+", "\\w+"]);
    let signs = SIGNS.held(value);
    signs >= 2 || signs == 1 && ENDS.held(value) > 0
}

/// Tells whether the value is masked already, says that it is a digest or publishable, or is a public key or
/// certificate: an SSH key, a PEM head, the head of a base64 `SubjectPublicKeyInfo` (RFC 4253, RFC 7468, RFC 5280).
fn is_public(value: &[u8]) -> bool {
    const HEADS: [&[u8]; 28] = [
        b"hmac-sha",
        b"sha256:",
        b"sha256-",
        b"sha512-",
        b"sha1-",
        b"sha1:",
        b"sha384-",
        b"md5:",
        b"urn:",
        b"pk_",
        b"phc_",
        b"pk.",
        b"ssh-",
        b"ecdsa-sha2-",
        b"sk-ssh-",
        b"-----BEGIN CERT",
        b"-----BEGIN PUBLIC",
        b"-----BEGIN RSA PUBLIC",
        b"-----BEGIN PGP PUBLIC",
        b"MIIBIjANBgkq",
        b"MIGfMA0GCSqG",
        b"MIICIjANBgkq",
        b"MFkwEwYHKoZI",
        b"MCowBQYDK2Vw",
        // The heads of a certificate and of a public key in base64, and a picture or a file within a text.
        b"LS0tLS1CRUdJTiBDRVJU",
        b"LS0tLS1CRUdJTiBQVUJMSUMg",
        b"data:image/",
        b"data:application/",
    ];
    // In a `SubjectPublicKeyInfo` of RSA a bit string follows the algorithm, in a private key an octet string.
    let is_rsa = || value[0] == b'M' && holds(&value[..value.len().min(60)], b"NAQEBBQAD");
    holds(value, b"****") || is_rsa() || HEADS.iter().any(|head| value.starts_with(head))
}

/// Tells whether the value is encrypted by its frame: Jasypt, SOPS, Spring Cloud Config, the transit engine of Vault,
/// `CryptoJS` and `openssl enc`, a Fernet token, ciphertexts of the key services of AWS and Google.
fn is_encrypted(value: &[u8]) -> bool {
    const HEADS: [&[u8]; 10] = [
        b"ENC(",
        b"ENC[",
        b"DEC(",
        b"{cipher}",
        b"{AES}",
        b"vault:v",
        b"U2FsdGVkX1",
        b"$ANSIBLE_VAULT",
        b"encrypted:",
        b"enc:",
    ];
    const LONG: [&[u8]; 4] = [b"gAAAAA", b"AQICAH", b"CiQA", b"AQECAH"];
    HEADS.iter().any(|head| value.starts_with(head))
        || value.len() >= 80 && LONG.iter().any(|head| value.starts_with(head))
}

/// Tells whether the value is a date or a time: `2019-03-20T17:54:53Z`.
fn is_date(value: &[u8]) -> bool {
    let is_part = |byte: &u8| {
        byte.is_ascii_digit() || matches!(byte, b'-' | b':' | b'.' | b'+' | b'T' | b'Z' | b' ')
    };
    value.len() >= 8
        && value[..4].iter().all(u8::is_ascii_digit)
        && value[4] == b'-'
        && value[7] == b'-'
        && value.iter().all(is_part)
}

/// Tells whether file, key or shape say that the value is of another kind: a translation, a lock file's digest,
/// an id, the argument of a program that takes no password there.
fn is_elsewhere(facts: &Facts<'_>) -> bool {
    let (operator, value) = (facts.found.operator, facts.value);
    facts.translation && is_translated(value)
        || facts.lock && operator != Operator::Url
        || operator == Operator::Comma && (facts.syntax == Syntax::Sql || is_in_list(facts))
        || facts.words.ends(key::IDENTITY) && !facts.words.any(key::SECRET | key::ACCESS)
        || is_key_of_thing(facts) && facts.words.any(key::OTHERKEY)
        // The end of a commit's message names who wrote it with whom: `Co-authored-by: name`.
        || ends_in(facts.key, b"-by")
        // `$password V` uses a variable, it sets none.
        || operator == Operator::Blank && facts.key[0] == b'$'
        || operator == Operator::User && !is_rare(value) && !is_request(facts)
}

/// Tells whether a key ends so, whatever its case.
pub(super) fn ends_in(key: &[u8], end: &[u8]) -> bool {
    let tail = key.len().saturating_sub(end.len());
    key[tail..].eq_ignore_ascii_case(end)
}

/// Tells whether a value of a file of translations is a text: it has no digit but in escapes (`\\u00e9`), or is what
/// Crowdin puts for texts that are translated on the page (`crwdns1:0crwdne1:0`).
fn is_translated(value: &[u8]) -> bool {
    !value.iter().any(u8::is_ascii_digit)
        || !is_rare(value)
        || is_digest(value)
        || holds(value, b"\\u")
        || value.starts_with(b"crwdn")
}

/// Tells whether the key is one of something else: of a cache, a translation, a column. What stands before a dot is
/// where the key lies and says nothing of it.
fn is_key_of_thing(facts: &Facts<'_>) -> bool {
    let name = facts.key.rsplit(|&byte| byte == b'.').next();
    let words = Words::of(name.unwrap_or_default());
    !words.any(CERTAIN | key::CREDENTIAL | key::AUTH | key::SALT | key::NONCE | key::SEED)
        && !words.any(key::CLIENT)
}

/// Tells whether `identified by` stands in a sentence, and not in a statement that gives a user a password.
fn is_prose_on_names(facts: &Facts<'_>) -> bool {
    facts.key.eq_ignore_ascii_case(b"identified") && {
        let before = facts.before.to_ascii_lowercase();
        let words = [&b"user"[..], b"role", b"grant", b"login"];
        !words.iter().any(|word| holds(&before, word))
    }
}

/// Tells whether key and value are two of a list: names of fields, key words, or a value that is itself the key of
/// the next entry (`"a": "password",` and on the next line `"b": "c"`).
fn is_in_list(facts: &Facts<'_>) -> bool {
    let after = facts.after.get(1..).unwrap_or_default().trim_ascii_start();
    if after.starts_with(b":") || after.starts_with(b"=>") {
        return true;
    }
    let Some((b'"' | b'\'' | b'`', before)) = facts.before.split_last() else {
        return false;
    };
    // The arguments of a command stand in a list too: `["--password", "v"]`.
    facts.key[0] != b'-'
        && !is_rare(facts.value)
        && matches!(before.trim_ascii_end().last(), Some(b',' | b'[' | b'{'))
}

/// Tells whether a program that speaks HTTP stands before: what follows its `-u` is a login.
fn is_request(facts: &Facts<'_>) -> bool {
    let holds = |word: &[u8]| holds(facts.before, word);
    holds(b"curl") || holds(b"wget") || holds(b"http")
}

/// Tells whether the key is of a value that is open by design: a WebSocket handshake (RFC 6455, section 1.3), the
/// scope of a signed AWS request, the keys that gpg and apt fetch from a server.
fn is_handshake(key: &[u8]) -> bool {
    let ends = |with: &[u8]| {
        key.len() >= with.len() && key[key.len() - with.len()..].eq_ignore_ascii_case(with)
    };
    if ends(b"amz-credential") || ends(b"recv-keys") || ends(b"recv-key") {
        return true;
    }
    let name = |part: &[u8]| part.eq_ignore_ascii_case(b"websocket");
    let mut words = key.rsplit(|&byte| byte == b'-' || byte == b'_');
    words
        .next()
        .is_some_and(|last| last.eq_ignore_ascii_case(b"key"))
        && words.next().is_some_and(name)
}

/// Tells whether the value has the form of a digest: sixteen hex digits or more and nothing else.
pub(super) fn is_digest(value: &[u8]) -> bool {
    value.len() >= 16 && value.iter().all(u8::is_ascii_hexdigit)
}

/// Tells whether the words at hand say that a digest is one of a file, a chart or the weights of a model.
fn is_of_content(facts: &Facts<'_>) -> bool {
    let tail = &facts.before[facts.before.len().saturating_sub(16)..];
    let says = |word: &[u8]| holds(tail, word);
    facts.words.any(key::MODEL) || says(b"checksum") || says(b"sha256") || says(b"digest")
}

/// The senses of keys that are those of a secret and of nothing else.
pub(super) const CERTAIN: u64 =
    key::PASSWORD | key::SECRET | key::TOKEN | key::API | key::PRIVATE | key::CRYPT | key::ACCESS;

/// Tells whether the assignment is a shell's, as texts over several lines hold them: `export KEY=value \\`.
fn is_command(facts: &Facts<'_>) -> bool {
    let line = facts
        .before
        .rsplit(|&byte| byte == b'\n')
        .next()
        .unwrap_or_default();
    let starts = matches!(line.trim_ascii(), b"" | b"export" | b"set" | b"ENV" | b"-e");
    let ends = matches!(
        facts.after,
        [] | [b'\n' | b'\r' | b'`', ..] | [b' ', b'\\' | b'&', ..]
    );
    facts.between == b"=" && starts && ends && !facts.key.iter().any(u8::is_ascii_lowercase)
}

/// Tells whether a value is long and mixed as no name of code is: letters and digits in turn.
fn is_token(value: &[u8]) -> bool {
    let plain = value.iter().all(|byte| {
        byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'+' | b'/' | b'=')
    });
    let digits = value.iter().filter(|byte| byte.is_ascii_digit()).count();
    let turns = value
        .windows(2)
        .filter(|pair| pair[0].is_ascii_digit() != pair[1].is_ascii_digit())
        .count();
    plain && value.len() >= 16 && digits >= 4 && turns >= 6 && !value.starts_with(b"0x")
}

/// Tells whether the value names what holds the secret: a variable, a template, a substitution.
pub(super) fn is_reference(value: &[u8]) -> bool {
    let first = value[0];
    let last = value[value.len() - 1];
    let holds = |mark: &[u8]| holds(value, mark);
    let names = |rest: &[u8]| {
        rest.iter().all(|&byte| {
            byte.is_ascii_alphanumeric()
                || matches!(
                    byte,
                    b'_' | b'.'
                        | b':'
                        | b'-'
                        | b'['
                        | b']'
                        | b'('
                        | b')'
                        | b'>'
                        | b'\''
                        | b'{'
                        | b'}'
                )
        })
    };
    match first {
        b'$' => {
            let variable = value.get(1).is_some_and(|&byte| {
                byte.is_ascii_alphabetic() || matches!(byte, b'{' | b'(' | b'_' | b'$' | b'[')
            });
            // Hashes of crypt start alike: `$2a$`, `$apr1$`.
            if variable && names(&value[1..]) && !value[1..].contains(&b'$') {
                return true;
            }
        }
        b'%' if value.len() > 2 && last == b'%' && names(&value[1..value.len() - 1]) => {
            return true;
        }
        b'%' if value.len() <= 3 => return true,
        b'<' if last == b'>' || holds(b"%") || holds(b"$") || holds(b"?") => return true,
        b'{' if last == b'}' => return true,
        b'[' if last == b']' => return true,
        b'(' if last == b')' => return true,
        b'&' | b'*' if bare_name(&value[1..]) => return true,
        b'@' if value.len() > 2 && (last == b'@' || matches!(value[1], b'{' | b'(')) => {
            return true;
        }
        b'#' if value.get(1) == Some(&b'{') => return true,
        b'_' if value.starts_with(b"__") && value.ends_with(b"__") => return true,
        _ => {}
    }
    holds(b"${")
        || holds(b"{$")
        || holds(b"{{")
        || holds(b"#{")
        || holds(b"<%")
        || holds(b"$(")
        || holds(b"%(")
        || holds(b"%{")
        || holds(b"process.env")
        || holds(b"...")
        || value.starts_with(b"vault:")
        || value.starts_with(b"env:")
        || value.starts_with(b"ENV[")
        || value.starts_with(b"op://")
        || value.starts_with(b"arn:")
        || value.starts_with(b"secretKeyRef")
        || value.starts_with(b"!Ref")
        || value.starts_with(b"ref+")
        || value.starts_with(b"!")
            && value.get(1).is_some_and(u8::is_ascii_alphabetic)
            && value.contains(&b' ')
        || is_format(value)
}

/// Tells whether the value is made of directives of a format: `%s`, `{}`, `{0}`, `:name`, `\1`.
fn is_format(value: &[u8]) -> bool {
    let rest: Vec<u8> = value.to_vec();
    let mut at = 0;
    let mut left = 0;
    let mut seen = false;
    while at < rest.len() {
        match rest[at] {
            b'%' if rest.get(at + 1).is_some_and(|&byte| {
                matches!(byte, b's' | b'd' | b'v' | b'q' | b'x' | b'@' | b'w')
            }) =>
            {
                seen = true;
                at += 2;
            }
            b'{' if rest[at..]
                .iter()
                .take(32)
                .position(|&byte| byte == b'}')
                .is_some_and(|close| close < 24) =>
            {
                seen = true;
                at += rest[at..]
                    .iter()
                    .position(|&byte| byte == b'}')
                    .unwrap_or(0)
                    + 1;
            }
            _ => {
                left += 1;
                at += 1;
            }
        }
    }
    seen && left < 8 || value.len() > 1 && value[0] == b':' && bare_name(&value[1..])
}

fn bare_name(name: &[u8]) -> bool {
    !name.is_empty()
        && name
            .iter()
            .all(|&byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-')
}

/// Tells whether the value is a word of a language, not of a person.
fn is_word_of_language(value: &[u8]) -> bool {
    const WORDS: [&str; 38] = [
        "enable",
        "enabled",
        "disable",
        "disabled",
        "prompt",
        "always",
        "never",
        "on_create",
        "true",
        "false",
        "null",
        "none",
        "nil",
        "undefined",
        "yes",
        "optional",
        "required",
        "string",
        "str",
        "text",
        "bytes",
        "boolean",
        "bool",
        "integer",
        "number",
        "object",
        "array",
        "varchar",
        "char",
        "self",
        "this",
        "void",
        "function",
        "nullptr",
        "import",
        "return",
        "not",
        "any",
    ];
    value.len() <= 10
        && WORDS
            .iter()
            .any(|word| word.as_bytes().eq_ignore_ascii_case(value))
}

/// Tells whether a bare value is code: a call, a member, an index.
fn is_expression(text: &[u8], found: &Assignment, syntax: Syntax) -> bool {
    let value = found.value.of(text);
    let after = text.get(found.value.end).copied().unwrap_or(b'\n');
    let name_like = value
        .iter()
        .all(|&byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'$'));
    let call = value.iter().position(|&byte| byte == b'(');
    let member = value.contains(&b'.')
        && value.split(|&byte| byte == b'.').all(|part| {
            part.first()
                .is_some_and(|byte| byte.is_ascii_alphabetic() || *byte == b'_')
                && part
                    .iter()
                    .all(|&byte| byte.is_ascii_alphanumeric() || byte == b'_')
        });
    let arrow = holds(value, b"->") || holds(value, b"=>") || holds(value, b"::");
    (name_like && matches!(after, b'(' | b'['))
        || (call.is_some_and(|at| {
            at > 1
                && value[..at]
                    .iter()
                    .all(|&byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.'))
        }))
        || (member
            && value.len() < 60
            && !syntax.whole_line()
            && value.iter().filter(|byte| byte.is_ascii_digit()).count() < 4)
        || arrow
}

/// Tells whether a word of a text is unlike a word: it has digits among letters, or cases mixed.
fn is_rare(value: &[u8]) -> bool {
    let value = value.strip_suffix(b".").unwrap_or(value);
    let digit = value.iter().any(u8::is_ascii_digit);
    let letter = value.iter().any(u8::is_ascii_alphabetic);
    let mixed = value.iter().skip(1).any(u8::is_ascii_uppercase)
        && value.iter().any(u8::is_ascii_lowercase);
    value.len() >= 5 && (digit && letter || mixed && value.len() >= 12)
}
