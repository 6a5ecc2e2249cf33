//! What is counted about a value and its surroundings, once, for the features to use.

use super::assignment::Operator;
use super::credential::decoded_pair;
use super::feature::Facts;
use super::few::Few;
use super::scan::holds;
use super::words::{self, Coverage};
use crate::detect::entropy::shannon;

/// How much of a long value is measured.
const MEASURED: usize = 200;

/// What is counted once and used by several features.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a feature of its own"
)]
pub(super) struct Measured {
    pub(super) entropy: f32,
    pub(super) relative_entropy: f32,
    pub(super) length: usize,
    pub(super) digits: usize,
    pub(super) upper: usize,
    pub(super) lower: usize,
    pub(super) signs: usize,
    pub(super) blanks: usize,
    pub(super) foreign: usize,
    pub(super) transitions: usize,
    pub(super) different: usize,
    pub(super) repeat: usize,
    pub(super) sequence: usize,
    pub(super) cover: Coverage,
    pub(super) leet: Coverage,
    pub(super) uncovered: f32,
    pub(super) rarity: (f32, f32),
    pub(super) hex: bool,
    pub(super) base64: bool,
    pub(super) base32: bool,
    pub(super) uuid: bool,
    pub(super) sid: bool,
    pub(super) form: f32,
    pub(super) dots: usize,
    pub(super) slashes: usize,
    pub(super) dashes: usize,
    pub(super) underscores: usize,
    pub(super) colons: usize,
    pub(super) ats: usize,
    pub(super) equals: usize,
    pub(super) percents: usize,
    pub(super) placeholder: usize,
    pub(super) weak: bool,
    pub(super) mock: usize,
    pub(super) keyish: usize,
    pub(super) key_in_value: f32,
    pub(super) repeated_before: bool,
    pub(super) decoded: f32,
    pub(super) user_before: bool,
    pub(super) user_after: bool,
    pub(super) host_near: bool,
    pub(super) assertion: bool,
    pub(super) quotes_before: usize,
    pub(super) line_before: usize,
}

impl Measured {
    /// Counts what the features need.
    pub(super) fn of(facts: &Facts<'_>) -> Self {
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
            leet: if value
                .iter()
                .any(|&byte| unleet(byte) != byte.to_ascii_lowercase())
            {
                words::coverage(value, unleet)
            } else {
                cover
            },
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
            placeholder: PLACEHOLDER.held(lower) + usize::from(lower.contains(&b'<')),
            weak: WEAK.iter().any(|weak| weak.as_bytes() == lower),
            mock: MOCK.held(lower),
            keyish: KEYISH.held(lower),
            key_in_value: key_in_value(facts.key, lower),
            repeated_before: repeated(facts, value),
            decoded: decoded(value, hex),
            user_before: USERS.any(facts.before),
            user_after: USERS.any(facts.after),
            host_near: HOSTS.any(facts.before) || HOSTS.any(facts.after),
            assertion: ASSERTIONS.any(line),
            quotes_before: count(line, b'"') + count(line, b'\''),
            line_before: line.len(),
        }
    }

    /// Returns the part as a share of the value's length.
    pub(super) fn share(&self, part: usize) -> f32 {
        number(part) / number(self.length.max(1))
    }
}

/// With `<`, which is a byte and no word.
static PLACEHOLDER: Few = Few::new(&[
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
    "***",
    "some",
    "fill",
    "update",
    "goes",
    "abc123",
    "deadbeef",
    "not_",
]);
static MOCK: Few = Few::new(&[
    "test", "fake", "mock", "dummy", "foo", "bar", "demo", "wrong", "invalid", "bad", "new", "old",
    "expired", "random", "valid", "other", "hello", "world", "user", "default", "custom", "none",
]);
static KEYISH: Few = Few::new(&[
    "pass", "pwd", "secret", "token", "key", "auth", "cred", "client", "access", "private",
    "public", "api",
]);
static USERS: Few = Few::new(&["user", "User", "USER", "login", "email", "account"]);
static HOSTS: Few = Few::new(&["host", "Host", "HOST", "://", "port", "jdbc"]);
static ASSERTIONS: Few = Few::new(&[
    "assert", "expect", "equal", "Equal", "should", "refute", "raise",
]);
/// Passwords that lists of the most used ones of the last twenty years agree on.
pub(super) const WEAK: [&str; 48] = [
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
    value.len() >= 4 && holds(line, value) || user
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
    } else if holds(&value, &name) {
        number(name.len()) / number(value.len())
    } else if holds(&name, &value) {
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
pub(super) fn unleet(byte: u8) -> u8 {
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

pub(super) fn is_uuid(value: &[u8]) -> bool {
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
pub(super) fn runs(value: &[u8], follows: impl Fn(u8, u8) -> bool) -> usize {
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
    for &byte in value {
        seen[usize::from(byte)] = true;
    }
    seen.iter().filter(|&&seen| seen).count()
}

pub(super) fn count(text: &[u8], byte: u8) -> usize {
    memchr::memchr_iter(byte, text).count()
}

pub(super) fn class(byte: u8) -> f32 {
    match byte {
        b'a'..=b'z' => 1.0,
        b'A'..=b'Z' => 2.0,
        b'0'..=b'9' => 3.0,
        b' ' => 4.0,
        0x80.. => 5.0,
        _ => 6.0,
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "counts of bytes near one value, far below 2^24"
)]
pub(super) fn number(count: usize) -> f32 {
    count as f32
}
