//! What a value certainly is not: a reference to a secret kept elsewhere, an expression, a placeholder's frame.

use super::assignment::{Assignment, Operator, Quote};
use super::credential::decoded_pair;
use super::feature::Facts;
use super::few::Few;
use super::generated::{decoded_text, is_made_up};
use super::key::{self, Words, is_word_for_password};
use super::measure::{WEAK, is_uuid};
use super::scan::holds;
use super::syntax::Syntax;
use crate::detect::placeholder::is_placeholder;

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
        || is_handshake(facts.key)
        || is_digest(value) && is_of_content(facts)
        || facts.words.ends(key::SEED) && (value.starts_with(b"0x") || value.starts_with(b"0:0x"))
        || value.len() >= 16
            && decoded_pair(value).is_some_and(|pair| pair.contains(&b'<') && pair.contains(&b'>'))
        || is_elsewhere(facts)
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
        || facts.key.to_ascii_lowercase().ends_with(b"-by")
        // `$password V` uses a variable, it sets none.
        || operator == Operator::Blank && facts.key[0] == b'$'
        || operator == Operator::User && !is_rare(value) && !is_request(facts)
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
fn is_digest(value: &[u8]) -> bool {
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

/// Tells whether a second person might well call the value none: an example by its own words or by its key's, a value
/// that is open by design, an id, a token that is used once.
pub(super) fn is_doubtful(facts: &Facts<'_>) -> bool {
    let value = &facts.value[..facts.value.len().min(200)];
    let words = facts.words;
    let nonce = words.ends(key::NONCE | key::SALT) && !words.any(key::PASSWORD | key::SECRET);
    let says_public = facts.before.ends_with(b"ublic ") || facts.before.ends_with(b"UBLIC ");
    let public = (words.any(key::PUBLIC) || says_public)
        && !words.any(key::SECRET | key::PRIVATE | key::PASSWORD);
    // A translation speaks of passwords and holds none that counts.
    facts.translation
        || nonce
        || public
        || words.any(key::HASH | key::HARMLESS)
        // `secretName`, `token_type`, `password_policy`.
        || words.ends(key::TURNED & !key::IDENTITY)
        || is_id(facts, value)
        || is_open(facts, value)
        || is_question(facts)
        // The rule of these tokens reads them, and knows the ones that pages print.
        || value.starts_with(b"eyJ") && (value.contains(&b'.') || decoded_text(value).is_some())
        || is_weak_pair(value)
        || memchr::memchr_iter(b',', value).count() >= 2
        || is_unlike_token(facts, value)
        || is_example(facts, value)
        || is_weak(value)
}

/// Tells whether the value is an example or encrypted by its own words or by its key's, or is printed for all to read.
fn is_example(facts: &Facts<'_>, value: &[u8]) -> bool {
    static WORDS: Few = Few::new(&[
        "example",
        "sample",
        "changeme",
        "change-me",
        "change_me",
        "changethis",
        "change-this",
        "change_this",
        "be-changed",
        "placeholder",
        "your",
        "dummy",
        "fake",
        "wrong",
        "invalid",
        "incorrect",
        "badpass",
        "not-a-real",
        "notreal",
        "redacted",
        "replace",
        "sandbox",
        "xxxx",
        "....",
        "abcdef",
        "012345",
        "123456",
        "fedcba",
        "zyxwvu",
        "987654",
    ]);
    static OF_KEYS: Few = Few::new(&[
        "wrong",
        "invalid",
        "incorrect",
        "fake",
        "dummy",
        "example",
        "sample",
        "placeholder",
        "mock",
        "expected",
        "encrypted",
        "sealed",
        "ciphertext",
        "wrapped",
    ]);
    // Azurite and the emulator of Cosmos DB, from their documentation; the secret that pages about one-time passwords
    // print; the token of RFC 7628, section 4.1.
    const KNOWN: [&[u8]; 9] = [
        b"Eby8vdM02xNO",
        b"C2y6yDjf5/R+",
        b"JBSWY3DPEHPK3PXP",
        b"vF9dft4qmTc2",
        // The UUID of Wikipedia's page, of which many were made.
        b"123e4567-e89b",
        // The keys of a handshake in RFC 6455, and the token of OpenID Connect Core.
        b"x3JJHMbDL1Ez",
        b"dGhlIHNhbXBsZSBub25jZQ",
        b"SlAV32hk",
        // A message of NTLM: a rule of its own reads those that hold an answer.
        b"TlRMTVNTUA",
    ];
    let lower = value.to_ascii_lowercase();
    let text = || decoded_text(value).map(|text| text.to_ascii_lowercase());
    is_made_up(value)
        || text().is_some_and(|text| WORDS.any(&text))
        || is_word_for_password(value)
        || is_placeholder(value)
        || WORDS.any(&lower)
        || OF_KEYS.any(&facts.key.to_ascii_lowercase())
        || KNOWN.iter().any(|known| value.starts_with(known))
}

/// Tells whether the value is open though its key says nothing of it: the key of a search that a page carries
/// (the one of Algolia stands beside the name of its index), a hash in the form of crypt or of a directory, what a
/// key calls a ciphertext.
fn is_open(facts: &Facts<'_>, value: &[u8]) -> bool {
    let near = |word: &[u8]| holds(facts.after, word) || holds(facts.before, word);
    let key = facts.key.to_ascii_lowercase();
    let says = |word: &[u8]| holds(&key, word);
    let is_hash = match value {
        [b'$', rest @ ..] => rest.iter().take(16).any(|&byte| byte == b'$'),
        [b'{', rest @ ..] => rest.iter().take(16).any(|&byte| byte == b'}'),
        _ => {
            let heads = [&b"pbkdf2"[..], b"SCRAM-SHA", b"scrypt:", b"argon2"];
            // Behind a user's name, as in a file of htpasswd; the sign may be doubled for Compose.
            let within = [&b":$apr1$"[..], b":$$apr1$$", b":$2y$", b":$$2y$$"];
            heads.iter().any(|head| value.starts_with(head))
                || within.iter().any(|sign| holds(value, sign))
        }
    };
    // What a password is kept as: a table of users holds its digest.
    let is_kept = facts.words.any(key::PASSWORD)
        && (is_digest(value) && (value.len() >= 96 || facts.syntax == Syntax::Sql)
            || says(b"salted")
            || says(b"hashed")
            || says(b"encoded"));
    is_hash
        || is_kept
        || near(b"indexName")
        || says(b"cipher") && !facts.words.ends(key::KEY | key::SECRET | key::PASSWORD)
}

/// Tells whether the value is an id, which a key that says no more than `key` may well hold: a UUID, alone or within,
/// or the id of a PGP key.
fn is_id(facts: &Facts<'_>, value: &[u8]) -> bool {
    let words = facts.words;
    let is_pgp = || {
        let is_capital = || value.iter().all(|byte| !byte.is_ascii_lowercase());
        let is_long = matches!(value.len(), 16 | 40) || value.len() == 8 && is_capital();
        is_long && value.iter().all(u8::is_ascii_hexdigit)
    };
    // The id of a pair of keys is no secret without the other.
    if words.ends(key::IDENTITY) && words.any(key::ACCESS) && words.any(key::KEY) {
        return true;
    }
    if is_uuid(value) && facts.found.operator == Operator::Call {
        return true;
    }
    if is_uuid(value) {
        words.any(key::IDENTITY)
            || !words.ends(CERTAIN | key::CREDENTIAL | key::AUTH | key::KEY)
            || !words.any(CERTAIN | key::CREDENTIAL | key::AUTH)
    } else {
        !words.any(CERTAIN | key::CREDENTIAL | key::AUTH)
            && (is_pgp() || value.windows(36).any(is_uuid))
    }
}

/// Tells whether the value has a sign that tokens and API keys have none of: they are letters, digits and what stands
/// unescaped in a header (RFC 6750, section 2.1), or parts of it joined.
fn is_unlike_token(facts: &Facts<'_>, value: &[u8]) -> bool {
    let is_plain = |byte: &u8| {
        byte.is_ascii_alphanumeric()
            || matches!(
                byte,
                b'-' | b'_' | b'.' | b'~' | b'+' | b'/' | b'=' | b':' | b'|' | b'%'
            )
    };
    facts.words.any(key::TOKEN | key::API)
        && !facts
            .words
            .any(key::SECRET | key::PASSWORD | key::PASS | key::CRYPT)
        && !value.iter().all(is_plain)
}

/// Tells whether the value is one of the passwords that every list of weak ones holds.
fn is_weak(value: &[u8]) -> bool {
    WEAK.iter()
        .any(|weak| weak.as_bytes().eq_ignore_ascii_case(value))
}

/// Tells whether base64 decodes to one of them, or to a user and one of them.
fn is_weak_pair(value: &[u8]) -> bool {
    decoded_text(value).is_some_and(|text| {
        let password = text.rsplit(|&byte| byte == b':').next();
        password.is_some_and(is_weak)
    })
}

/// Tells whether the value is handed to a function that asks something of it: `parseToken("v")`, `scorePassword("v")`.
fn is_question(facts: &Facts<'_>) -> bool {
    const TELLING: [&[u8]; 8] = [
        b"set", b"with", b"add", b"put", b"use", b"login", b"auth", b"pass",
    ];
    let name = facts
        .key
        .rsplit(|&byte| byte == b'.')
        .next()
        .unwrap_or_default();
    let starts = |word: &[u8]| {
        name.get(..word.len())
            .is_some_and(|head| head.eq_ignore_ascii_case(word))
    };
    // A class or a decorator begins with a capital or `@`.
    facts.found.operator == Operator::Call
        && facts.words.count > 1
        && name.first().is_some_and(u8::is_ascii_lowercase)
        && facts.before.last() != Some(&b'@')
        && !TELLING.iter().any(|word| starts(word))
}

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
    const WORDS: [&str; 33] = [
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
