//! Tells a value that a program drew at random from one that a person made up.
//!
//! A person writes words, also with signs for letters, runs over the keyboard, and repeats; a generator does none of
//! that for long. What it gives is a token of a generated form even where no provider of it is known, so policy keeps
//! its level in tests, documents and samples.

use super::Candidate;
use super::doubt::is_doubtful;
use super::measure::{number, runs, unleet};
use super::words;
use crate::detect::Maker;

/// How a value came to be, as far as its level depends on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Make {
    /// A second person might well call it none.
    Doubtful,
    /// A person may have chosen it.
    Chosen,
    /// A program made it, though it is short: a password from a generator.
    Drawn,
    /// A program made it, and it is long enough to be a key or a token.
    Generated,
}

impl Make {
    /// Returns who made the value, as policy asks.
    pub fn maker(self) -> Maker {
        match self {
            Make::Doubtful | Make::Chosen => Maker::Person,
            Make::Drawn | Make::Generated => Maker::Program,
        }
    }
}

impl Candidate {
    /// Returns how the value came to be.
    pub fn make(&self, text: &[u8]) -> Make {
        let facts = self.facts(text);
        if is_doubtful(&facts) {
            return Make::Doubtful;
        }
        match of(self.assignment.value.of(text)) {
            // What a person wrote into a comment shows how a setting is made.
            Make::Chosen if facts.in_comment => Make::Doubtful,
            _ if facts.in_comment && is_mashed(facts.value) => Make::Doubtful,
            // A mere `key` is more often that of a table than one of a lock.
            Make::Generated if !self.is_certain() => Make::Drawn,
            make => make,
        }
    }
}

/// The least surprise of a value that a program made, in bits under the letter runs of words and names: that of seven
/// random letters and digits. A word of sixteen letters has as much, but words cover it.
const DRAWN: f32 = 60.0;
/// The least surprise of a key or token: some 13 random letters and digits, or 16 hex digits.
const GENERATED: f32 = 110.0;
/// The most of it that words may make up by chance: base64 and hex hold short ones.
const COVERED: f32 = 0.5;
/// The least surprise a letter of a value that has but one kind of characters.
const RARE: f32 = 7.0;
/// The longest run of one byte, or of bytes that follow each other, that is left to chance: one more for every 64 bytes.
const RUN: usize = 4;

/// Tells how the value came to be, by its bytes alone. A program made it when all of these hold:
///
/// - it is printable ASCII without blanks, but for a sign or two, and has two of digits, small letters and capitals, or one and is long and
///   very rare;
/// - words make up less than half of it, as it stands and with signs read as letters (`p@ssw0rd`);
/// - no byte repeats, and no sequence goes on, more than four times, nor one of every second byte (`a1b2c3d4`);
/// - it holds no escape (`\u00e9`); of a text in base64 the text counts, of a pair the password;
/// - its letter runs surprise by 60 bits or more, and by 110 those of a key or token.
fn of(value: &[u8]) -> Make {
    let text = decoded_text(value);
    let (inner, is_pair) = match &text {
        // A password that is itself base64 is not decoded again.
        Some(text) => match memchr::memchr(b':', text) {
            Some(colon) => (&text[colon + 1..], true),
            None => (text.as_slice(), false),
        },
        None => (value, false),
    };
    let mut plain = unescaped(inner);
    // A sign of another script or two, as some generators of passwords mix in, says nothing about the rest.
    let ascii = plain.iter().filter(|byte| byte.is_ascii()).count();
    if ascii < plain.len() && ascii * 8 >= plain.len() * 7 {
        plain.retain(u8::is_ascii);
    }
    if !is_random(&plain) {
        Make::Chosen
    } else if !is_pair && words::surprise(&plain) >= GENERATED {
        Make::Generated
    } else {
        Make::Drawn
    }
}

fn is_random(value: &[u8]) -> bool {
    let classes = [
        u8::is_ascii_digit,
        u8::is_ascii_lowercase,
        u8::is_ascii_uppercase,
    ];
    let run = RUN + value.len() / 64;
    value.iter().all(u8::is_ascii_graphic)
        && classes
            .iter()
            .filter(|class| value.iter().any(class))
            .count()
            >= least_classes(value)
        && words::surprise(value) >= DRAWN
        && runs(value, |a, b| a == b) <= run
        && runs(value, follows) <= run
        && runs(value, is_beside) <= run
        && strides(value) <= run
        && !value.windows(2).any(|pair| matches!(pair, b"\\x" | b"\\u"))
        && !is_name(value)
        && covered(value, |byte| byte.to_ascii_lowercase()) < COVERED
        && covered(value, unleet) < COVERED
}

/// Returns how many kinds of characters a random value has at the least: one is enough where it is long and of letters
/// that no word puts side by side, as in base32.
fn least_classes(value: &[u8]) -> usize {
    let length = number(value.len().min(words::MOST));
    let is_rare = words::surprise(value) >= GENERATED.max(RARE * length);
    if is_rare && covered(value, |byte| byte.to_ascii_lowercase()) < COVERED / 2.0 {
        1
    } else {
        2
    }
}

/// Tells whether most of the value is one byte, one sequence or one run over the keyboard, as in `a1b2c3d4e5`.
pub(super) fn is_made_up(value: &[u8]) -> bool {
    const LONG: usize = 5;
    let run = runs(value, |a, b| a == b)
        .max(runs(value, follows))
        .max(runs(value, is_beside))
        .max(strides(value) * 2);
    run > LONG && run * 2 >= value.len()
}

/// Tells whether fingers that lay on the middle row of a keyboard typed most of the letters: `alskdjfl3kj5lk`.
fn is_mashed(value: &[u8]) -> bool {
    let count = |letters: &[u8]| {
        let folded = value.iter().map(u8::to_ascii_lowercase);
        folded.filter(|byte| letters.contains(byte)).count()
    };
    let letters = value
        .iter()
        .filter(|byte| byte.is_ascii_alphabetic())
        .count();
    // Of hex digits half stand on that row.
    letters >= 8 && count(b"asdfghjkl") * 5 >= letters * 4 && count(b"ghjkls") >= 4
}

/// Tells whether two bytes are neighbours on a keyboard.
fn is_beside(a: u8, b: u8) -> bool {
    let (a, b) = (KEYBOARD[usize::from(a)], KEYBOARD[usize::from(b)]);
    a != 0 && b != 0 && a.abs_diff(b) == 1
}

/// Where each byte stands on a keyboard, rows apart; 0 for what is on none.
static KEYBOARD: [u8; 256] = {
    const ROWS: [&[u8]; 5] = [
        b"!@#$%^&*()",
        b"1234567890",
        b"qwertyuiop",
        b"asdfghjkl",
        b"zxcvbnm",
    ];
    let mut places = [0; 256];
    let mut row = 0;
    let mut place = 1;
    while row < ROWS.len() {
        let mut at = 0;
        while at < ROWS[row].len() {
            let byte = ROWS[row][at];
            places[byte as usize] = place;
            places[byte.to_ascii_uppercase() as usize] = place;
            place += 1;
            at += 1;
        }
        place += 1;
        row += 1;
    }
    places
};

/// Tells whether the value is a name of several words in small letters: `regression_of_the_ghsa_wffq`.
fn is_name(value: &[u8]) -> bool {
    let parts = value.split(|byte| matches!(byte, b'_' | b'-' | b'.'));
    let words = parts
        .clone()
        .filter(|part| part.len() >= 2 && part.iter().all(u8::is_ascii_lowercase));
    words.clone().count() >= 3 && words.map(<[u8]>::len).sum::<usize>() * 2 > value.len()
}

fn follows(a: u8, b: u8) -> bool {
    b.wrapping_sub(a) == 1 || a.wrapping_sub(b) == 1
}

/// Returns the share of the value that words make up once its bytes are folded.
fn covered(value: &[u8], fold: fn(u8) -> u8) -> f32 {
    let cover = words::coverage(value, fold);
    cover.share * number(cover.letters) / number(value.len().min(words::MOST))
}

/// Returns the longest sequence that every second byte makes, whatever its case.
fn strides(value: &[u8]) -> usize {
    let every_second = |first: usize| -> Vec<u8> {
        let bytes = value.iter().skip(first).step_by(2);
        bytes.map(u8::to_ascii_lowercase).collect()
    };
    [0, 1]
        .map(|first| runs(&every_second(first), follows))
        .into_iter()
        .max()
        .unwrap_or(0)
}

/// Returns a password of a URL as it is meant: `%40` is `@`.
fn unescaped(value: &[u8]) -> Vec<u8> {
    let hex = |byte: &u8| char::from(*byte).to_digit(16);
    let mut plain = Vec::with_capacity(value.len());
    let mut at = 0;
    while at < value.len() {
        match &value[at..] {
            [b'%', high, low, ..] if hex(high).is_some() && hex(low).is_some() => {
                let byte = hex(high).unwrap_or(0) << 4 | hex(low).unwrap_or(0);
                plain.push(u8::try_from(byte).unwrap_or(b'%'));
                at += 3;
            }
            _ => {
                plain.push(value[at]);
                at += 1;
            }
        }
    }
    plain
}

/// Returns the text that base64 decodes to, where it is one: UTF-8 without control characters.
pub(super) fn decoded_text(value: &[u8]) -> Option<Vec<u8>> {
    let padding = value.iter().rev().take_while(|&&byte| byte == b'=').count();
    let value = &value[..value.len() - padding];
    let decoded = data_encoding::BASE64_NOPAD
        .decode(value)
        .or_else(|_| data_encoding::BASE64URL_NOPAD.decode(value))
        .ok()?;
    let is_text = str::from_utf8(&decoded).is_ok_and(|text| {
        text.chars()
            .all(|letter| !letter.is_control() || letter == '\n')
    });
    is_text.then_some(decoded)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::{Random, alphabet};

    #[test]
    fn what_a_generator_draws_is_generated() {
        for (class, length) in [
            ("hex", 32),
            ("alnum", 20),
            ("base64", 40),
            ("alnum", 24),
            ("hex", 64),
            ("base32", 32),
        ] {
            let mut random = Random::new(class);
            let value = (0..50).filter(|_| {
                let value = random.string(alphabet(class).expect("known"), length);
                of(value.as_bytes()) == Make::Generated
            });
            let share = value.count();
            assert!(share >= 48, "{class} of {length}: {share} of 50");
        }
    }

    #[test]
    fn what_a_person_makes_up_is_not() {
        for value in [
            "correcthorsebatterystaple",
            "MySuperSecretPassword123",
            "P@ssw0rd1!",
            "S3cr3tP@ssw0rdF0rTheD@t@base",
            "aaaaaaaaaaaaaaaaaaaaaaaa1A",
            "0123456789abcdef0123456789abcdef",
            "my secret key for tests 42",
            "hunter2",
            "test-client-secret-0001",
            "a1B2c3D4e5F6g7H8i9J0k1L2",
            "sk_\\u00e9\\u00e8\\u00ea\\u00eb",
            "p%40ssw0rd1",
            "p@ssw0rd!@#$%^&*()",
            "o2_regression_of_the_ghsa_wffq_g8qf",
            "1qaz2wsxQWERTYuiop",
            // A user and a password of words, and a note, in base64.
            "dXNlcjpwYXNzd29yZC1vZi13b3Jkcw==",
            "dGhpcyBpcyBvbmx5IGEgbm90ZQ==",
        ] {
            assert_eq!(of(value.as_bytes()), Make::Chosen, "{value}");
        }
    }
}
