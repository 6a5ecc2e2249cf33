//! A value of no known form that a provider's name stands right before: a new form, or that of a provider that
//! publishes none.

use super::class::{is_uuid, looks_random, looks_typed};
use super::words;
use super::{Context, SECRET_WORDS};
use crate::span::Span;

/// The rule under which it is said.
pub(crate) const RULE: &str = "provider-credential";
/// Names of providers, and words beside their values, that mean something else in most places.
pub(super) const COMMON: [u32; 44] = super::hashes([
    "customer",
    "consumer",
    "verifier",
    "application",
    "abstract",
    "line",
    "template",
    "first",
    "graph",
    "tenant",
    "client",
    "personal",
    "workspace",
    "data",
    "meta",
    "new",
    "org",
    "teams",
    "user",
    "domain",
    "login",
    "gems",
    "bundle",
    "enterprise",
    "sec",
    "box",
    "flow",
    "guardian",
    "phrase",
    "field",
    "segment",
    "hive",
    "wit",
    "otp",
    "totp",
    "2fa",
    "mfa",
    "authenticator",
    "flat",
    "meta api",
    "paradigm",
    "kafka",
    "tru",
    "waka",
]);
/// How much may stand between the name and the value: the rest of the key, an operator and a quote.
const CLOSE: usize = 32;
/// How much of a token may stand before its random part.
pub(super) const BEFORE: usize = 24;
/// The longest value.
const LONGEST: usize = 1200;

/// Returns where the name ends and where the value lies, which may reach beyond the run: `part.part.part` is one value.
pub(super) fn beside(
    bytes: &[u8],
    ends: impl Iterator<Item = usize>,
    run: Span,
    context: Context,
) -> Option<(usize, Span)> {
    let value = widened(bytes, run)?;
    let end = ends.filter(|&end| end <= value.start).max()?;
    let text = value.of(bytes);
    let is_drawn = text.iter().any(u8::is_ascii_alphabetic)
        && !is_worded(text)
        && (!is_uuid(text) && !is_digest(text) || context.names_secret);
    let run = run.of(bytes);
    let may_be_key = looks_random(run) || run.len() >= 24 && looks_typed(run);
    (is_drawn && may_be_key && is_key(&bytes[end..value.start])).then_some((end, value))
}

/// Tells whether a name with this behind it is what the value is a key for: it stands in the key, or above it.
pub(super) fn is_key(between: &[u8]) -> bool {
    names(between) || heads(between) || continues(between)
}

/// Tells whether the key is assigned to what stands alone on the next line: `key = \\`, `key:`, and then the value.
fn continues(between: &[u8]) -> bool {
    let Some(newline) = memchr::memchr(b'\n', between) else {
        return false;
    };
    let (key, below) = between.split_at(newline);
    let key = key.trim_ascii_end();
    let is_open = matches!(key.last(), Some(b'=' | b':' | b'\\' | b'(' | b'>' | b'|'));
    let is_bare = below
        .iter()
        .all(|byte| byte.is_ascii_whitespace() || matches!(byte, b'"' | b'\'' | b'`'));
    is_open && is_bare && between.len() <= ABOVE && are_secret_words(key)
}

/// Tells whether a value is made of words and numbers with marks between them: the name of a model and its date.
fn is_worded(value: &[u8]) -> bool {
    let is_part = |part: &[u8]| {
        let rest = part.get(1..).unwrap_or_default();
        part.len() <= 3
            || rest.iter().all(u8::is_ascii_lowercase)
            || part.iter().all(u8::is_ascii_digit)
    };
    let parts = || value.split(|byte| matches!(byte, b'-' | b'_' | b'.' | b'/'));
    parts().count() >= 3 && parts().all(is_part)
}

/// Tells whether a name with this behind it is the key that the value is assigned to.
fn names(between: &[u8]) -> bool {
    between.len() <= CLOSE
        && between.iter().any(|byte| {
            matches!(
                byte,
                b'=' | b':' | b' ' | b'\t' | b'"' | b'\'' | b'>' | b',' | b'`' | b'*'
            )
        })
        && !between.contains(&b'\n')
        && are_secret_words(between)
}

/// How much may stand between a name that heads the line above and the value.
const ABOVE: usize = 56;

/// Tells whether a name with this behind it heads the line above the value's, and the value's own key says nothing of
/// another service: `// Algolia`, and under it `const value = `.
fn heads(between: &[u8]) -> bool {
    const PLAIN: [&[u8]; 20] = [
        b"const", b"let", b"var", b"val", b"value", b"static", b"final", b"public", b"str",
        b"string", b"export", b"def", b"auto", b"char", b"set", b"default", b"name", b"input",
        b"data", b"text",
    ];
    let mut lines = between.split(|&byte| byte == b'\n');
    let (Some(head), Some(key), None) = (lines.next(), lines.next(), lines.next()) else {
        return false;
    };
    let is_plain =
        |part: &[u8]| part.len() == 1 || PLAIN.iter().any(|plain| part.eq_ignore_ascii_case(plain));
    let mut all = true;
    words::parts(key, |part| {
        all &= is_plain(part) || is_secret_word(part);
    });
    let assigns = |byte: &u8| matches!(byte, b'=' | b':' | b'"' | b'\'');
    between.len() <= ABOVE && all && key.iter().any(assigns) && are_secret_words(head)
}

/// Beginnings that many services share: too short to be looked for, but telling before a random run. `pk_` is none:
/// it marks what is meant to be public.
const MARKS: [&[u8]; 11] = [
    b"sk_", b"rk_", b"lk_", b"ak_", b"sk-", b"SK-", b"pa-", b"al-", b"sk.", b"tk.", b"pk.",
];

/// Returns the token that the run is the random part of, if it begins as those of many services do: `sk_`, `12|`.
pub(super) fn marked(bytes: &[u8], run: Span) -> Option<Span> {
    let is_inner = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
    let before = bytes[..run.start]
        .iter()
        .rev()
        .take(BEFORE + 1)
        .take_while(|byte| is_inner(byte))
        .count();
    let after = bytes[run.end..]
        .iter()
        .take(LONGEST)
        .take_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'))
        .count();
    let token = Span::new(run.start - before, run.end + after);
    let first = token.start.checked_sub(1).map(|first| bytes[first]);
    let text = token.of(bytes);
    if first == Some(b'|') && before == 0 {
        return numbered(bytes, token);
    }
    let stands_alone = !first.is_some_and(|first| {
        matches!(
            first,
            b'/' | b'\\' | b'@' | b'#' | b'$' | b'%' | b'+' | b'~'
        )
    });
    if let Some(token) = shaped(bytes, token).filter(|_| stands_alone) {
        return Some(token);
    }
    let mark = MARKS.iter().find(|mark| text.starts_with(mark))?;
    let rest = &text[mark.len()..];
    let is_token = stands_alone
        && before <= BEFORE
        && (20..=200).contains(&text.len())
        && rest.len() >= 18
        && !rest.contains(&b'.') | mark.ends_with(b".")
        && !is_uuid(rest);
    is_token.then_some(token)
}

/// Returns the token if it has the whole form of one that only its shape marks: Twilio's API keys, Mailgun's keys,
/// MySQL's and Oracle's password hashes, and keys of an id and a secret with a dot between them (Zhipu, Ollama).
fn shaped(bytes: &[u8], token: Span) -> Option<Span> {
    const ID: usize = 32;
    let text = token.of(bytes);
    let is_hex = |part: &[u8]| {
        part.iter()
            .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
    };
    let is_twilio = || text.len() == 34 && text.starts_with(b"SK") && is_hex(&text[2..]);
    let is_mailgun = || {
        let lengths = text.split(|&byte| byte == b'-').map(<[u8]>::len);
        text.len() == 50 && lengths.eq([32, 8, 8]) && text.split(|&byte| byte == b'-').all(is_hex)
    };
    if is_twilio() || is_mailgun() {
        return Some(token);
    }
    let is_upper_hex = || {
        text.iter()
            .all(|byte| matches!(byte, b'0'..=b'9' | b'A'..=b'F'))
    };
    let before = &bytes[..token.start];
    let mark = match text.len() {
        40 if before.ends_with(b"*") => 1,
        60 if before.ends_with(b"S:") => 2,
        _ => 0,
    };
    if mark > 0 && is_upper_hex() {
        return Some(Span::new(token.start - mark, token.end));
    }
    if text.len() != ID || !is_hex(text) {
        return None;
    }
    let secret = bytes[token.end..].strip_prefix(b".")?;
    let length = secret
        .iter()
        .take(ID)
        .take_while(|byte| byte.is_ascii_alphanumeric())
        .count();
    let secret = &secret[..length];
    let is_secret = matches!(length, 16 | 24)
        && secret.iter().any(u8::is_ascii_uppercase)
        && secret.iter().any(u8::is_ascii_digit);
    is_secret.then(|| Span::new(token.start, token.end + 1 + length))
}

/// Returns the token with the number before it: `12|…`, as Laravel's Sanctum and Facebook's apps write theirs.
fn numbered(bytes: &[u8], token: Span) -> Option<Span> {
    let digits = bytes[..token.start - 1]
        .iter()
        .rev()
        .take(20)
        .take_while(|byte| byte.is_ascii_digit())
        .count();
    let start = token.start - 1 - digits;
    let stands_alone = !start
        .checked_sub(1)
        .is_some_and(|before| bytes[before].is_ascii_alphanumeric() || bytes[before] == b'|');
    let is_token = match digits {
        1..=8 => matches!(token.len(), 40 | 48),
        12..=18 => (24..=28).contains(&token.len()),
        _ => false,
    };
    (is_token && stands_alone && bytes.get(token.end) != Some(&b'|'))
        .then(|| Span::new(start, token.end))
}

/// Returns the run with what belongs to it on both sides; `None` for a piece of a path or of an address.
fn widened(bytes: &[u8], run: Span) -> Option<Span> {
    let is_inner = |byte: &&u8| {
        byte.is_ascii_graphic()
            && !matches!(
                byte,
                b'"' | b'\''
                    | b'`'
                    | b'='
                    | b':'
                    | b'('
                    | b')'
                    | b','
                    | b';'
                    | b'<'
                    | b'>'
                    | b'{'
                    | b'}'
                    | b'['
                    | b']'
                    | b'|'
                    | b'&'
            )
    };
    let before = bytes[..run.start]
        .iter()
        .rev()
        .take(LONGEST)
        .take_while(is_inner)
        .count();
    let after = bytes[run.end..]
        .iter()
        .take(LONGEST)
        .take_while(|byte| is_inner(byte) || **byte == b'=')
        .count();
    let start = run.start - before;
    let is_path = bytes[start..run.start]
        .iter()
        .any(|byte| matches!(byte, b'/' | b'\\' | b'@' | b'#' | b'$' | b'%'));
    // An id and a secret as one value: `uuid:secret`.
    let is_tail = |byte: &&u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    let second = bytes[run.end + after..]
        .strip_prefix(b":")
        .filter(|_| is_uuid(&bytes[start..run.end + after]))
        .map_or(0, |rest| {
            rest.iter().take(LONGEST).take_while(is_tail).count()
        });
    let after = after + if second >= 16 { second + 1 } else { 0 };
    (!is_path && before + run.len() + after <= LONGEST).then(|| Span::new(start, run.end + after))
}

/// Tells whether every word is one for a secret: `_api_key`, `token is`.
fn are_secret_words(between: &[u8]) -> bool {
    let mut all = true;
    words::parts(between, |part| all &= is_secret_word(part));
    all
}

/// Tells whether a word is one for a secret, or one that joins such words.
fn is_secret_word(part: &[u8]) -> bool {
    const JOINS: [&[u8]; 10] = [
        b"is", b"the", b"my", b"id", b"client", b"app", b"new", b"value", b"content", b"login",
    ];
    SECRET_WORDS.contains(&crate::rule::word_hash(part))
        || JOINS.iter().any(|join| part.eq_ignore_ascii_case(join))
}

/// Tells whether the value has the form of a hash: hex of the length of an MD5, SHA-1 or SHA-2 digest.
fn is_digest(value: &[u8]) -> bool {
    matches!(value.len(), 16 | 32 | 40 | 64 | 96 | 128) && value.iter().all(u8::is_ascii_hexdigit)
}
