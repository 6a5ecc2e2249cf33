//! The features of an assignment: what can be counted about key, value and surroundings, as numbers.

use super::credential::decoded_pair;
use super::key::{self, Words};
use super::lex::{Assignment, Operator, Quote, Wrap};
use super::syntax::Syntax;
use super::words::{self, Coverage};
use crate::detect::entropy::shannon;

/// How much of a long value is measured.
const MEASURED: usize = 200;

/// What the features are made of.
pub(super) struct Facts<'t> {
    /// The assignment.
    pub(super) found: &'t Assignment,
    /// What the key says.
    pub(super) words: Words,
    /// The key's bytes.
    pub(super) key: &'t [u8],
    /// The value's bytes.
    pub(super) value: &'t [u8],
    /// The bytes before the key, on its line and the lines before, at most 200.
    pub(super) before: &'t [u8],
    /// The bytes between key and value.
    pub(super) between: &'t [u8],
    /// The bytes after the value, at most 120.
    pub(super) after: &'t [u8],
    /// The file's syntax.
    pub(super) syntax: Syntax,
    /// The file is a translation.
    pub(super) translation: bool,
    /// The key stands in a quoted text.
    pub(super) in_text: bool,
    /// The key stands in a comment.
    pub(super) in_comment: bool,
}

macro_rules! features {
    ($($name:literal => $value:expr,)*) => {
        /// The names of the features, in words for a person.
        pub const NAMES: &[&str] = &[$($name),*];
        /// The number of features.
        pub const COUNT: usize = NAMES.len();
        /// Returns the features.
        pub(super) fn features(facts: &Facts<'_>) -> [f32; COUNT] {
            let measured = Measured::of(facts);
            [$({ let value: fn(&Facts<'_>, &Measured) -> f32 = $value; value(facts, &measured) }),*]
        }
    };
}

features! {
    "length of the value" => |f, _| number(f.value.len()),
    "entropy of the value" => |_, m| m.entropy,
    "entropy for its length" => |_, m| m.relative_entropy,
    "share of digits" => |_, m| m.share(m.digits),
    "share of capitals" => |_, m| m.share(m.upper),
    "share of small letters" => |_, m| m.share(m.lower),
    "share of signs" => |_, m| m.share(m.signs),
    "blanks in the value" => |_, m| number(m.blanks),
    "letters of other scripts" => |_, m| m.share(m.foreign),
    "changes of class" => |_, m| m.share(m.transitions),
    "different bytes" => |_, m| m.share(m.different),
    "longest repeat" => |_, m| number(m.repeat),
    "longest sequence" => |_, m| number(m.sequence),
    "dictionary words cover" => |_, m| m.cover.share,
    "long dictionary words cover" => |_, m| m.cover.long,
    "words in the value" => |_, m| number(m.cover.words),
    "longest word in the value" => |_, m| number(m.cover.longest),
    "letters in the value" => |_, m| number(m.cover.letters),
    "letters outside words" => |_, m| m.uncovered,
    "words once signs are read as letters" => |_, m| m.leet.share,
    "rarity of its letter runs" => |_, m| m.rarity.0,
    "rarity of its rarest half" => |_, m| m.rarity.1,
    "only hex digits" => |_, m| flag(m.hex),
    "only base64 letters" => |_, m| flag(m.base64),
    "only capitals and digits" => |_, m| flag(m.base32),
    "a UUID" => |_, m| flag(m.uuid),
    "form of a name" => |_, m| m.form,
    "dots" => |_, m| number(m.dots),
    "slashes" => |_, m| number(m.slashes),
    "dashes" => |_, m| number(m.dashes),
    "underscores" => |_, m| number(m.underscores),
    "colons" => |_, m| number(m.colons),
    "at signs" => |_, m| number(m.ats),
    "equals signs" => |_, m| number(m.equals),
    "percent signs" => |_, m| number(m.percents),
    "words of a placeholder" => |_, m| number(m.placeholder),
    "a well-known weak password" => |_, m| flag(m.weak),
    "words of a test" => |_, m| number(m.mock),
    "words of a key" => |_, m| number(m.keyish),
    "key in the value" => |_, m| m.key_in_value,
    "value is the user's name" => |_, m| flag(m.repeated_before),
    "decodes to a pair" => |_, m| m.decoded,
    "first byte class" => |f, _| class(f.value[0]),
    "last byte class" => |f, _| class(f.value[f.value.len() - 1]),
    "starts with two capitals and an id" => |_, m| flag(m.sid),
    "quoting" => |f, _| f32::from(f.found.quote as u8),
    "quoted" => |f, _| flag(f.found.quote != Quote::None),
    "operator" => |f, _| f32::from(f.found.operator as u8),
    "a comparison" => |f, _| flag(f.found.operator == Operator::Compare),
    "a URL's password" => |f, _| flag(f.found.operator == Operator::Url),
    "after an authentication scheme" => |f, _| flag(f.found.operator == Operator::Scheme),
    "an argument" => |f, _| flag(matches!(f.found.operator, Operator::Call | Operator::Comma)),
    "wrapped in a call" => |f, _| f32::from(f.found.wrap as u8),
    "a default of a look-up" => |f, _| flag(f.found.wrap == Wrap::Default),
    "syntax" => |f, _| f32::from(f.syntax as u8),
    "a program" => |f, _| flag(f.syntax == Syntax::Code),
    "a settings file" => |f, _| flag(matches!(f.syntax, Syntax::Yaml | Syntax::Settings | Syntax::Toml | Syntax::Shell)),
    "a document" => |f, _| flag(matches!(f.syntax, Syntax::Document | Syntax::Log | Syntax::Unknown)),
    "a translation" => |f, _| flag(f.translation),
    "within a text" => |f, _| flag(f.in_text),
    "within a comment" => |f, _| flag(f.in_comment),
    "next byte" => |f, _| next(f.after),
    "blanks before the value" => |f, _| number(f.between.len()),
    "length of the key" => |f, _| number(f.key.len()),
    "words in the key" => |f, _| number(f.words.count),
    "key in capitals" => |f, _| flag(!f.key.iter().any(u8::is_ascii_lowercase)),
    "dots in the key" => |f, _| number(count(f.key, b'.')),
    "key ends in a key word" => |f, _| flag(f.words.ends(key::STRONG)),
    "key ends in a turning word" => |f, _| flag(f.words.ends(key::TURNED)),
    "key has a turning word" => |f, _| flag(f.words.any(key::TURNED)),
    "key says password" => |f, _| flag(f.words.any(key::PASSWORD)),
    "key says pass" => |f, _| flag(f.words.any(key::PASS)),
    "key ends in password" => |f, _| flag(f.words.ends(key::PASSWORD | key::PASS)),
    "key says secret" => |f, _| flag(f.words.any(key::SECRET)),
    "key ends in secret" => |f, _| flag(f.words.ends(key::SECRET)),
    "key says token" => |f, _| flag(f.words.any(key::TOKEN)),
    "key ends in token" => |f, _| flag(f.words.ends(key::TOKEN)),
    "key says key" => |f, _| flag(f.words.any(key::KEY)),
    "key says API" => |f, _| flag(f.words.any(key::API)),
    "key says auth" => |f, _| flag(f.words.any(key::AUTH)),
    "key says credential" => |f, _| flag(f.words.any(key::CREDENTIAL)),
    "key says salt" => |f, _| flag(f.words.any(key::SALT)),
    "key says nonce" => |f, _| flag(f.words.any(key::NONCE)),
    "key says private" => |f, _| flag(f.words.any(key::PRIVATE)),
    "key says access or session" => |f, _| flag(f.words.any(key::ACCESS)),
    "key says client" => |f, _| flag(f.words.any(key::CLIENT)),
    "key says encryption" => |f, _| flag(f.words.any(key::CRYPT)),
    "key says seed or one-time password" => |f, _| flag(f.words.any(key::SEED)),
    "key says user" => |f, _| flag(f.words.any(key::USER)),
    "key says database or service" => |f, _| flag(f.words.any(key::STORE)),
    "key says admin or root" => |f, _| flag(f.words.any(key::MASTER)),
    "key names a vendor" => |f, _| flag(f.words.any(key::VENDOR)),
    "key says public" => |f, _| flag(f.words.any(key::PUBLIC)),
    "key says hash" => |f, _| flag(f.words.any(key::HASH)),
    "key says number" => |f, _| flag(f.words.any(key::NUMBER)),
    "key says name" => |f, _| flag(f.words.any(key::NAME)),
    "key says place" => |f, _| flag(f.words.any(key::PLACE)),
    "key says kind" => |f, _| flag(f.words.any(key::KIND)),
    "key says time" => |f, _| flag(f.words.any(key::TIME)),
    "key says id" => |f, _| flag(f.words.any(key::IDENTITY)),
    "key says state" => |f, _| flag(f.words.any(key::STATE)),
    "key says another kind of key" => |f, _| flag(f.words.any(key::OTHERKEY)),
    "key has a verb" => |f, _| flag(f.words.any(key::VERB)),
    "key says test" => |f, _| flag(f.words.any(key::MOCK)),
    "a user stands before" => |_, m| flag(m.user_before),
    "a user stands after" => |_, m| flag(m.user_after),
    "a host or URL stands near" => |_, m| flag(m.host_near),
    "an assertion stands before" => |_, m| flag(m.assertion),
    "quotes before on the line" => |_, m| number(m.quotes_before),
    "bytes before on the line" => |_, m| number(m.line_before),
    "a query's parameter" => |f, _| flag(f.before.last().is_some_and(|&byte| byte == b'?' || byte == b'&')),
    "an option of a command" => |f, _| flag(f.key[0] == b'-' || f.before.last() == Some(&b'-')),
    "a member" => |f, _| flag(f.before.ends_with(b".") || f.before.ends_with(b"->") || f.before.ends_with(b"@")),
    "an annotation of a type" => |f, _| flag(f.between.contains(&b'=') && f.between.contains(&b':')),
}

/// What is counted once and used by several features.
struct Measured {
    entropy: f32,
    relative_entropy: f32,
    length: usize,
    digits: usize,
    upper: usize,
    lower: usize,
    signs: usize,
    blanks: usize,
    foreign: usize,
    transitions: usize,
    different: usize,
    repeat: usize,
    sequence: usize,
    cover: Coverage,
    leet: Coverage,
    uncovered: f32,
    rarity: (f32, f32),
    hex: bool,
    base64: bool,
    base32: bool,
    uuid: bool,
    sid: bool,
    form: f32,
    dots: usize,
    slashes: usize,
    dashes: usize,
    underscores: usize,
    colons: usize,
    ats: usize,
    equals: usize,
    percents: usize,
    placeholder: usize,
    weak: bool,
    mock: usize,
    keyish: usize,
    key_in_value: f32,
    repeated_before: bool,
    decoded: f32,
    user_before: bool,
    user_after: bool,
    host_near: bool,
    assertion: bool,
    quotes_before: usize,
    line_before: usize,
}

impl Measured {
    fn of(facts: &Facts<'_>) -> Self {
        let value = &facts.value[..facts.value.len().min(MEASURED)];
        let is = |class: fn(&u8) -> bool| value.iter().filter(|&byte| class(byte)).count();
        let mut lower = [0u8; MEASURED];
        let lower = &mut lower[..value.len()];
        lower.copy_from_slice(value);
        lower.make_ascii_lowercase();
        let entropy = shannon(value);
        let cover = words::coverage(value, |byte| byte.to_ascii_lowercase());
        let line = facts
            .before
            .rsplit(|&byte| byte == b'\n')
            .next()
            .unwrap_or_default();
        let hex = value.iter().all(u8::is_ascii_hexdigit);
        Measured {
            entropy,
            relative_entropy: entropy / number(value.len().max(2)).log2(),
            length: value.len(),
            digits: is(u8::is_ascii_digit),
            upper: is(u8::is_ascii_uppercase),
            lower: is(u8::is_ascii_lowercase),
            signs: is(u8::is_ascii_punctuation),
            blanks: count(value, b' '),
            foreign: is(|&byte| byte >= 0x80),
            transitions: value
                .windows(2)
                .filter(|pair| (class(pair[0]) - class(pair[1])).abs() > 0.5)
                .count(),
            different: different(value),
            repeat: runs(value, |a, b| a == b),
            sequence: runs(value, |a, b| {
                b.wrapping_sub(a) == 1 || a.wrapping_sub(b) == 1
            }),
            leet: words::coverage(value, unleet),
            uncovered: number(cover.letters) * (1.0 - cover.share),
            cover,
            rarity: words::rarity(value),
            hex,
            base64: value
                .iter()
                .all(|&byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=')),
            base32: value
                .iter()
                .all(|&byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'='),
            uuid: is_uuid(value),
            sid: value.len() == 34
                && value[..2].iter().all(u8::is_ascii_uppercase)
                && value[2..].iter().all(u8::is_ascii_hexdigit),
            form: form(value),
            dots: count(value, b'.'),
            slashes: count(value, b'/'),
            dashes: count(value, b'-'),
            underscores: count(value, b'_'),
            colons: count(value, b':'),
            ats: count(value, b'@'),
            equals: count(value, b'='),
            percents: count(value, b'%'),
            placeholder: held(lower, &PLACEHOLDER),
            weak: WEAK.iter().any(|weak| weak.as_bytes() == lower),
            mock: held(lower, &MOCK),
            keyish: held(lower, &KEYISH),
            key_in_value: key_in_value(facts.key, lower),
            repeated_before: repeated(facts, value),
            decoded: decoded(value, hex),
            user_before: holds_any(facts.before, &USERS),
            user_after: holds_any(facts.after, &USERS),
            host_near: holds_any(facts.before, &HOSTS) || holds_any(facts.after, &HOSTS),
            assertion: holds_any(line, &ASSERTIONS),
            quotes_before: count(line, b'"') + count(line, b'\''),
            line_before: line.len(),
        }
    }

    fn share(&self, part: usize) -> f32 {
        number(part) / number(self.length.max(1))
    }
}

const PLACEHOLDER: [&str; 26] = [
    "example",
    "changeme",
    "change_me",
    "change-me",
    "change",
    "your",
    "xxx",
    "placeholder",
    "todo",
    "sample",
    "redact",
    "insert",
    "replace",
    "removed",
    "hidden",
    "enter",
    "here",
    "<",
    "***",
    "some",
    "fill",
    "update",
    "goes",
    "abc123",
    "deadbeef",
    "not_",
];
const MOCK: [&str; 22] = [
    "test", "fake", "mock", "dummy", "foo", "bar", "demo", "wrong", "invalid", "bad", "new", "old",
    "expired", "random", "valid", "other", "hello", "world", "user", "default", "custom", "none",
];
const KEYISH: [&str; 12] = [
    "pass", "pwd", "secret", "token", "key", "auth", "cred", "client", "access", "private",
    "public", "api",
];
const USERS: [&str; 6] = ["user", "User", "USER", "login", "email", "account"];
const HOSTS: [&str; 6] = ["host", "Host", "HOST", "://", "port", "jdbc"];
const ASSERTIONS: [&str; 7] = [
    "assert", "expect", "equal", "Equal", "should", "refute", "raise",
];
/// Passwords that lists of the most used ones of the last twenty years agree on.
const WEAK: [&str; 48] = [
    "password",
    "passw0rd",
    "p@ssw0rd",
    "p@ssword",
    "pa55word",
    "password1",
    "password123",
    "passwd",
    "pass",
    "pass123",
    "123456",
    "1234567",
    "12345678",
    "123456789",
    "1234567890",
    "12345",
    "1234",
    "123123",
    "111111",
    "000000",
    "654321",
    "666666",
    "888888",
    "121212",
    "qwerty",
    "qwerty123",
    "abc123",
    "admin",
    "admin123",
    "administrator",
    "root",
    "toor",
    "guest",
    "letmein",
    "welcome",
    "monkey",
    "dragon",
    "iloveyou",
    "hunter2",
    "trustno1",
    "changeit",
    "changeme",
    "secret",
    "s3cr3t",
    "sekret",
    "topsecret",
    "test123",
    "master",
];

fn decoded(value: &[u8], hex: bool) -> f32 {
    if hex || value.len() < 8 {
        return 0.0;
    }
    decoded_pair(value).map_or(0.0, |pair| if pair.contains(&b':') { 2.0 } else { 1.0 })
}

/// Tells whether the value, or its name, stands already before the key: `user: "v", password: "v"`.
fn repeated(facts: &Facts<'_>, value: &[u8]) -> bool {
    let line = facts
        .before
        .rsplit(|&byte| byte == b'\n')
        .next()
        .unwrap_or_default();
    let user = facts.found.operator == Operator::Url && facts.key.ends_with(value);
    value.len() >= 4 && memchr::memmem::find(line, value).is_some() || user
}

/// Returns how much of the value the key's name makes up.
fn key_in_value(key: &[u8], value: &[u8]) -> f32 {
    let name = key.rsplit(|&byte| byte == b'.').next().unwrap_or_default();
    let letters = |bytes: &[u8]| -> Vec<u8> {
        bytes
            .iter()
            .filter(|byte| byte.is_ascii_alphanumeric())
            .map(u8::to_ascii_lowercase)
            .collect()
    };
    let (name, value) = (letters(name), letters(value));
    if name.len() < 3 || value.len() < 3 {
        0.0
    } else if memchr::memmem::find(&value, &name).is_some() {
        number(name.len()) / number(value.len())
    } else if memchr::memmem::find(&name, &value).is_some() {
        2.0
    } else {
        0.0
    }
}

/// Returns which form of a name the value has: 0 none, 1 one word, 2 camel, 3 snake, 4 kebab, 5 capitals, 6 dotted, 7 path.
fn form(value: &[u8]) -> f32 {
    let all = |class: fn(&u8) -> bool| value.iter().all(class);
    let first = value[0].is_ascii_alphabetic();
    if value.contains(&b'/') && (value[0] == b'/' || value[0] == b'.' || value[0] == b'~') {
        7.0
    } else if !first {
        0.0
    } else if all(u8::is_ascii_lowercase) {
        1.0
    } else if all(u8::is_ascii_alphabetic) {
        2.0
    } else if all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || *byte == b'_') {
        5.0
    } else if all(|byte| byte.is_ascii_alphanumeric() || *byte == b'_') {
        if value.contains(&b'_') { 3.0 } else { 8.0 }
    } else if all(|byte| byte.is_ascii_alphanumeric() || *byte == b'-') {
        4.0
    } else if all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-')) {
        6.0
    } else {
        0.0
    }
}

/// Reads signs and digits as the letters they are drawn for: `p@ssw0rd`.
fn unleet(byte: u8) -> u8 {
    match byte {
        b'0' => b'o',
        b'1' | b'!' => b'i',
        b'3' => b'e',
        b'4' | b'@' => b'a',
        b'5' | b'$' => b's',
        b'7' => b't',
        _ => byte.to_ascii_lowercase(),
    }
}

fn is_uuid(value: &[u8]) -> bool {
    value.len() == 36
        && value.iter().enumerate().all(|(at, &byte)| {
            if matches!(at, 8 | 13 | 18 | 23) {
                byte == b'-'
            } else {
                byte.is_ascii_hexdigit()
            }
        })
}

/// Returns the length of the longest run in which each byte follows the one before.
fn runs(value: &[u8], follows: impl Fn(u8, u8) -> bool) -> usize {
    let (mut longest, mut run) = (1, 1);
    for pair in value.windows(2) {
        run = if follows(pair[0], pair[1]) {
            run + 1
        } else {
            1
        };
        longest = longest.max(run);
    }
    longest
}

fn different(value: &[u8]) -> usize {
    let mut seen = [false; 256];
    value
        .iter()
        .for_each(|&byte| seen[usize::from(byte)] = true);
    seen.iter().filter(|&&seen| seen).count()
}

fn holds_any(text: &[u8], words: &[&str]) -> bool {
    words
        .iter()
        .any(|word| memchr::memmem::find(text, word.as_bytes()).is_some())
}

fn held(text: &[u8], words: &[&str]) -> usize {
    words
        .iter()
        .filter(|word| memchr::memmem::find(text, word.as_bytes()).is_some())
        .count()
}

fn count(text: &[u8], byte: u8) -> usize {
    memchr::memchr_iter(byte, text).count()
}

fn class(byte: u8) -> f32 {
    match byte {
        b'a'..=b'z' => 1.0,
        b'A'..=b'Z' => 2.0,
        b'0'..=b'9' => 3.0,
        b' ' => 4.0,
        0x80.. => 5.0,
        _ => 6.0,
    }
}

/// Returns what follows the value and its quote: nothing, a comma, a bracket, a sum, a member.
fn next(after: &[u8]) -> f32 {
    let after = after.strip_prefix(b"\\").unwrap_or(after);
    let after = match after {
        [b'"' | b'\'' | b'`', rest @ ..] => rest,
        _ => after,
    };
    let blanks = after.iter().take_while(|&&byte| byte == b' ').count();
    match after.get(blanks) {
        None | Some(b'\n' | b'\r') => 0.0,
        Some(b',') => 1.0,
        Some(b';') => 2.0,
        Some(b')') => 3.0,
        Some(b'}' | b']') => 4.0,
        Some(b'+' | b'.' | b'%') => 5.0,
        Some(b'(' | b'[') => 6.0,
        Some(b'<') => 7.0,
        Some(b'&') => 8.0,
        Some(b':' | b'=') => 9.0,
        Some(b'"' | b'\'') => 10.0,
        Some(b'#' | b'/') => 11.0,
        Some(byte) if byte.is_ascii_alphanumeric() => 12.0,
        _ => 13.0,
    }
}

fn flag(holds: bool) -> f32 {
    f32::from(u8::from(holds))
}

#[expect(
    clippy::cast_precision_loss,
    reason = "counts of bytes near one value, far below 2^24"
)]
fn number(count: usize) -> f32 {
    count as f32
}
