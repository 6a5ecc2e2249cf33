//! Tells a value that a program drew at random from one that a person made up.
//!
//! A person writes words, also with signs for letters, runs over the keyboard, and repeats; a generator does none of
//! that for long. What it gives is a token of a generated form even where no provider of it is known, so policy keeps
//! its level in tests, documents and samples.

use super::Candidate;
use super::measure::{number, runs, unleet};
use super::words;

/// How a value came to be, as far as its level depends on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Make {
    /// A second person might well call it none.
    Doubtful,
    /// A person may have chosen it.
    Chosen,
    /// A program made it.
    Generated,
}

impl Candidate {
    /// Returns how the value came to be.
    pub fn make(&self, text: &[u8]) -> Make {
        if self.doubtful {
            Make::Doubtful
        } else if is_generated(self.assignment.value.of(text)) {
            Make::Generated
        } else {
            Make::Chosen
        }
    }
}

/// The least surprise of a generated value, in bits under the letter runs of words and names. Sixteen hex digits have
/// some 120, a word of sixteen letters 60.
const SURPRISE: f32 = 110.0;
/// The most of it that words may make up by chance: base64 and hex hold short ones.
const COVERED: f32 = 0.5;
/// The longest run of one byte, or of bytes that follow each other, that is left to chance.
const RUN: usize = 4;

/// Tells whether a program made the value, by its bytes alone. All of these hold:
///
/// - it is printable ASCII without blanks, and has two of digits, small letters and capitals;
/// - words make up less than half of it, as it stands and with signs read as letters (`p@ssw0rd`);
/// - no byte repeats, and no sequence goes on, more than four times;
/// - its letter runs surprise by 110 bits or more: some 13 random letters and digits, or 16 hex digits.
fn is_generated(value: &[u8]) -> bool {
    let classes = [
        u8::is_ascii_digit,
        u8::is_ascii_lowercase,
        u8::is_ascii_uppercase,
    ];
    value.iter().all(u8::is_ascii_graphic)
        && classes
            .iter()
            .filter(|class| value.iter().any(class))
            .count()
            >= 2
        && words::surprise(value) >= SURPRISE
        && runs(value, |a, b| a == b) <= RUN
        && runs(value, |a, b| {
            b.wrapping_sub(a) == 1 || a.wrapping_sub(b) == 1
        }) <= RUN
        && covered(value, |byte| byte.to_ascii_lowercase()) < COVERED
        && covered(value, unleet) < COVERED
}

/// Returns the share of the value that words make up once its bytes are folded.
fn covered(value: &[u8], fold: fn(u8) -> u8) -> f32 {
    let cover = words::coverage(value, fold);
    cover.share * number(cover.letters) / number(value.len().min(words::MOST))
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
        ] {
            let mut random = Random::new(class);
            let value = (0..50).filter(|_| {
                is_generated(
                    random
                        .string(alphabet(class).expect("known"), length)
                        .as_bytes(),
                )
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
        ] {
            assert!(!is_generated(value.as_bytes()), "{value}");
        }
    }
}
