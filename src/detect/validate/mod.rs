//! A validator checks offline what a token's format promises: a checksum, a structure, a base64 that decodes.

mod azure;
mod bech32;
mod crc;
mod der;
mod encoded;
mod gitlab;
mod jwt;
mod macaroon;
mod openssh;
mod pem;
mod pgp;
mod url;
mod vendor;

use std::borrow::Cow;

use crate::rule::Random;

/// What a validator says of a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Validity {
    /// The value holds what its format promises; the note says so to a person.
    Good(Option<Cow<'static, str>>),
    /// The value has the form but not the promise: it is reported as a warning with this note.
    Weak(Cow<'static, str>),
    /// The value is certainly not a secret of this kind.
    No,
}

impl Validity {
    fn good(note: &'static str) -> Self {
        Validity::Good(Some(Cow::Borrowed(note)))
    }

    fn weak(note: &'static str) -> Self {
        Validity::Weak(Cow::Borrowed(note))
    }

    /// Returns what a checksum that matches or does not match says.
    fn of_checksum(matches: bool) -> Self {
        if matches {
            Validity::good("checksum matches")
        } else {
            Validity::weak("checksum does not match")
        }
    }
}

/// A function that checks a value; it also sees all that the rule matched, for a host or a user beside the value.
pub(crate) type Validator = fn(Sample<'_>) -> Validity;

/// What a validator is shown.
#[derive(Clone, Copy)]
pub(crate) struct Sample<'b> {
    /// The value.
    pub(crate) value: &'b [u8],
    /// All that the rule's regex matched; the value is part of it.
    pub(crate) whole: &'b [u8],
}

/// A validator under its name, with the function that makes values for it.
struct Shape {
    name: &'static str,
    check: Validator,
    /// Makes a value that the check accepts; the argument is mostly the prefix.
    make: fn(&str, &mut Random) -> String,
}

/// Every validator. A rule names one under `validate`, an example under `{{name:argument}}`.
static SHAPES: &[&[Shape]] = &[
    crc::SHAPES,
    gitlab::SHAPES,
    bech32::SHAPES,
    jwt::SHAPES,
    macaroon::SHAPES,
    encoded::SHAPES,
    pem::SHAPES,
    openssh::SHAPES,
    pgp::SHAPES,
    azure::SHAPES,
    url::SHAPES,
    vendor::SHAPES,
];

fn shape(name: &str) -> Option<&'static Shape> {
    SHAPES
        .iter()
        .copied()
        .flatten()
        .find(|shape| shape.name == name)
}

/// Returns the validator of that name.
pub(crate) fn find(name: &str) -> Option<Validator> {
    shape(name).map(|shape| shape.check)
}

/// Makes a value that a validator accepts, to fill the hole `{{name:argument}}` of an example.
pub fn make(name: &str, argument: &str, random: &mut Random) -> Option<String> {
    shape(name).map(|shape| (shape.make)(argument, random))
}

/// Returns `length` characters of the named alphabet.
fn draw(random: &mut Random, alphabet: &str, length: usize) -> String {
    random.string(
        crate::rule::alphabet(alphabet).expect("a name of the table"),
        length,
    )
}

/// Returns `length` random bytes.
fn bytes(random: &mut Random, length: usize) -> Vec<u8> {
    (0..length)
        .map(|_| u8::try_from(random.below(256)).expect("below 256"))
        .collect()
}

/// Decodes base64 of either alphabet, with or without padding; `None` for what is not base64.
pub(crate) fn base64(text: &[u8]) -> Option<Vec<u8>> {
    use data_encoding::{BASE64_NOPAD, BASE64URL_NOPAD};
    let end = text
        .iter()
        .rposition(|&byte| byte != b'=')
        .map_or(0, |last| last + 1);
    let text = &text[..end];
    let lenient = |encoding: &data_encoding::Encoding| {
        let mut specification = encoding.specification();
        specification.check_trailing_bits = false;
        specification
            .encoding()
            .expect("a standard alphabet")
            .decode(text)
            .ok()
    };
    if text.iter().any(|byte| matches!(byte, b'-' | b'_')) {
        lenient(&BASE64URL_NOPAD)
    } else {
        lenient(&BASE64_NOPAD)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns what the validator of that name says of a value on its own.
    pub(super) fn check(name: &str, value: &[u8]) -> Validity {
        find(name).expect("known")(Sample {
            value,
            whole: value,
        })
    }

    #[test]
    fn every_validator_accepts_what_is_made_for_it() {
        for shape in SHAPES.iter().copied().flatten() {
            for seed in ["one", "two", "three"] {
                let value = (shape.make)("", &mut Random::new(seed));
                let said = check(shape.name, value.as_bytes());
                assert!(
                    matches!(said, Validity::Good(_)),
                    "{}: {said:?}",
                    shape.name
                );
            }
        }
    }

    #[test]
    fn no_two_validators_share_a_name() {
        let mut names: Vec<_> = SHAPES
            .iter()
            .copied()
            .flatten()
            .map(|shape| shape.name)
            .collect();
        let count = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), count);
    }

    #[test]
    fn no_validator_panics_on_any_short_or_odd_value() {
        let odd: [&[u8]; 12] = [
            b"",
            b"_",
            b".",
            b"..",
            b"=",
            b"a_b",
            b"eyJ.eyJ.",
            b"\xff\xfe\0\0",
            b"-----BEGIN",
            b":@",
            b"1",
            b"pypi-AgE",
        ];
        for shape in SHAPES.iter().copied().flatten() {
            for value in odd {
                let _ = check(shape.name, value);
            }
            let value = (shape.make)("", &mut Random::new("cut"));
            for end in 0..value.len() {
                if value.is_char_boundary(end) {
                    let _ = check(shape.name, &value.as_bytes()[..end]);
                    let _ = check(shape.name, &value.as_bytes()[end..]);
                }
            }
        }
    }
}
