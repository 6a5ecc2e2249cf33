//! Which characters a value is made of, as bits, and whether it fits a form.

use crate::rule::{Alphabet, Form};
use crate::span::Span;

/// Bits of a character: each alphabet is a union of them.
pub(super) const LOW_DIGIT: u16 = 1; // 0 and 1
const MID_DIGIT: u16 = 1 << 1; // 2 to 7
const HIGH_DIGIT: u16 = 1 << 2; // 8 and 9
const LOWER_HEX: u16 = 1 << 3;
const LOWER: u16 = 1 << 4;
const UPPER_HEX: u16 = 1 << 5;
const UPPER: u16 = 1 << 6;
const DASH: u16 = 1 << 7; // - and _
const PLUS: u16 = 1 << 8; // + and /
const OTHER: u16 = 1 << 15;

const DIGITS: u16 = LOW_DIGIT | MID_DIGIT | HIGH_DIGIT;
const LETTERS: u16 = LOWER_HEX | LOWER | UPPER_HEX | UPPER;
/// What a value without `+` and `/` may hold.
pub(super) const NARROW: u16 = DIGITS | LETTERS | DASH;
/// What any value may hold.
pub(super) const WIDE: u16 = NARROW | PLUS;

/// The bit of each byte.
pub(super) static CLASS: [u16; 256] = {
    let mut table = [OTHER; 256];
    let mut byte = 0u8;
    loop {
        table[byte as usize] = match byte {
            b'0' | b'1' => LOW_DIGIT,
            b'2'..=b'7' => MID_DIGIT,
            b'8' | b'9' => HIGH_DIGIT,
            b'a'..=b'f' => LOWER_HEX,
            b'g'..=b'z' => LOWER,
            b'A'..=b'F' => UPPER_HEX,
            b'G'..=b'Z' => UPPER,
            b'-' | b'_' => DASH,
            b'+' | b'/' => PLUS,
            _ => OTHER,
        };
        if byte == u8::MAX {
            break;
        }
        byte += 1;
    }
    table
};

fn allowed(alphabet: Alphabet) -> u16 {
    match alphabet {
        Alphabet::Hex | Alphabet::Uuid => DIGITS | LOWER_HEX | UPPER_HEX,
        Alphabet::UpperHex => DIGITS | UPPER_HEX,
        Alphabet::Digits => DIGITS,
        Alphabet::Lower => LOWER_HEX | LOWER,
        Alphabet::Upper => UPPER_HEX | UPPER,
        Alphabet::Alpha => LETTERS,
        Alphabet::LowerNum => DIGITS | LOWER_HEX | LOWER,
        Alphabet::UpperNum => DIGITS | UPPER_HEX | UPPER,
        Alphabet::Alnum => DIGITS | LETTERS,
        Alphabet::Base32 => MID_DIGIT | UPPER_HEX | UPPER,
        Alphabet::Base64 => DIGITS | LETTERS | PLUS,
        Alphabet::Base64Url => DIGITS | LETTERS | DASH,
    }
}

/// A value that may fit a form: the run with and without `+` and `/`, and what each is made of.
#[derive(Debug, Clone, Copy)]
pub(super) struct Value {
    narrow: Side,
    wide: Side,
    padding: usize,
}

/// A run and the union of its characters' bits.
#[derive(Debug, Clone, Copy)]
struct Side {
    span: Span,
    mask: u16,
}

impl Value {
    /// Widens a run on both sides; `None` where it is longer than any form.
    pub(super) fn around(text: &[u8], run: Span, longest: usize) -> Option<Self> {
        let narrow = Side::around(text, run, NARROW, longest)?;
        let wide = Side::around(text, narrow.span, WIDE, longest)?;
        let padding = text[narrow.span.end.max(wide.span.end)..]
            .iter()
            .take(2)
            .take_while(|&&byte| byte == b'=')
            .count();
        Some(Value {
            narrow,
            wide,
            padding,
        })
    }

    /// Returns the run without `+` and `/`.
    pub(super) fn span(&self) -> Span {
        self.narrow.span
    }

    /// Returns the run with `+`, `/` and the padding behind it.
    pub(super) fn encoded(&self) -> Span {
        Span::new(self.wide.span.start, self.wide.span.end + self.padding)
    }

    /// Returns where the value lies if it fits the form.
    pub(super) fn fit(&self, text: &[u8], form: Form) -> Option<Span> {
        let fits =
            |length: usize| usize::from(form.min) <= length && length <= usize::from(form.max);
        let span = self.narrow.span;
        if form.alphabet == Alphabet::Uuid {
            return is_like_uuid(span.of(text)).then_some(span);
        }
        if form.alphabet == Alphabet::Base64 {
            let span = self.wide.span;
            let padded = Span::new(span.start, span.end + self.padding);
            return (self.wide.mask & !allowed(form.alphabet) == 0
                && (fits(span.len()) || fits(padded.len())))
            .then_some(padded);
        }
        // A piece of base64 is no value of its own; a piece of a path may be one.
        let in_base64 = text.get(span.end) == Some(&b'+')
            || span
                .start
                .checked_sub(1)
                .is_some_and(|before| text[before] == b'+');
        (self.narrow.mask & !allowed(form.alphabet) == 0 && fits(span.len()) && !in_base64)
            .then_some(span)
    }
}

impl Side {
    fn around(text: &[u8], run: Span, allowed: u16, longest: usize) -> Option<Self> {
        let is_allowed = |byte: &u8| CLASS[usize::from(*byte)] & allowed != 0;
        let before = text[..run.start]
            .iter()
            .rev()
            .take(longest + 1)
            .take_while(|byte| is_allowed(byte))
            .count();
        let after = text[run.end..]
            .iter()
            .take(longest + 1)
            .take_while(|byte| is_allowed(byte))
            .count();
        let span = Span::new(run.start - before, run.end + after);
        let mask = span
            .of(text)
            .iter()
            .take(longest + 1)
            .fold(0, |mask, &byte| mask | CLASS[usize::from(byte)]);
        (span.len() <= longest).then_some(Side { span, mask })
    }
}

/// Tells whether the text is five groups of hex digits: 8, 4, 4, 4 and 12 (RFC 9562).
pub(super) fn is_uuid(text: &[u8]) -> bool {
    text.len() == 36
        && text.iter().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => *byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

/// Tells the same of groups of any small letters or any capital ones: a UUID made up by a person.
fn is_like_uuid(text: &[u8]) -> bool {
    let is_dash = |at: usize| matches!(at, 8 | 13 | 18 | 23);
    let of = |is_letter: fn(&u8) -> bool| {
        text.iter().enumerate().all(|(at, byte)| {
            if is_dash(at) {
                *byte == b'-'
            } else {
                byte.is_ascii_digit() || is_letter(byte)
            }
        })
    };
    is_uuid(text) || text.len() == 36 && (of(u8::is_ascii_lowercase) || of(u8::is_ascii_uppercase))
}

/// Tells whether a value looks drawn at random, and not like a name, a number or a path.
pub(crate) fn looks_random(value: &[u8]) -> bool {
    if is_uuid(value) {
        return crate::detect::entropy::shannon(value) >= 2.8;
    }
    let count = |class: u16| {
        value
            .iter()
            .filter(|&&byte| CLASS[usize::from(byte)] & class != 0)
            .count()
    };
    let (digits, letters) = (count(DIGITS), count(LETTERS));
    let entropy = crate::detect::entropy::shannon(value);
    if letters == 0 {
        return entropy >= 2.6;
    }
    if count(LOWER | UPPER | DASH | PLUS) == 0 {
        // Sixteen random hex digits have 3.3 bits and more in 95 of 100 cases.
        return digits * 8 >= value.len() && letters * 12 >= value.len() && entropy >= 2.8;
    }
    // A name is made of words with a number here and there: few digits, and a vowel in every third letter.
    let vowels = value
        .iter()
        .filter(|byte| matches!(byte.to_ascii_lowercase(), b'a' | b'e' | b'i' | b'o' | b'u'))
        .count();
    let is_name = digits * 8 < value.len() && vowels * 10 > letters * 3
        || digits <= 1 && vowels * 4 > letters;
    let is_kebab = count(DASH) * 8 > value.len() && digits * 5 < value.len();
    !is_name && !is_kebab && entropy >= 3.0 && switches(value) * 6 >= value.len()
}

/// Tells whether a value may have been typed to look random: letters and digits in turn, and of no word.
pub(crate) fn looks_typed(value: &[u8]) -> bool {
    let digits = value.iter().filter(|byte| byte.is_ascii_digit()).count();
    let letters = value
        .iter()
        .filter(|byte| byte.is_ascii_alphabetic())
        .count();
    let is_plain = value.iter().all(u8::is_ascii_alphanumeric);
    // Words with dashes between them and a number are a name.
    let is_mixed = digits * 4 >= value.len() && letters * 4 >= value.len();
    value.len() >= 16
        && digits >= 2
        && letters >= 2
        && (is_plain && digits * 12 >= value.len() || is_mixed)
        && crate::detect::entropy::shannon(value) >= 2.0
}

/// Returns how often letters, capital letters and digits follow one another.
fn switches(value: &[u8]) -> usize {
    let kind = |byte: u8| match CLASS[usize::from(byte)] {
        class if class & DIGITS != 0 => 0,
        class if class & (LOWER | LOWER_HEX) != 0 => 1,
        class if class & (UPPER | UPPER_HEX) != 0 => 2,
        _ => 3,
    };
    value
        .windows(2)
        .filter(|pair| kind(pair[0]) != kind(pair[1]))
        .count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::{Random, alphabet};

    #[test]
    fn most_random_values_look_random_and_names_do_not() {
        for (name, length, least) in [
            ("hex", 32, 990),
            ("alnum", 20, 920),
            ("alnum", 40, 980),
            ("lowernum", 32, 980),
            ("base64url", 43, 970),
        ] {
            let mut random = Random::new(name);
            let looks = (0..1000)
                .filter(|_| {
                    looks_random(
                        random
                            .string(alphabet(name).expect("known"), length)
                            .as_bytes(),
                    )
                })
                .count();
            assert!(looks >= least, "{name}:{length}: {looks} of 1000");
        }
        for name in [
            "getElementById2Value",
            "x86-64-unknown-linux-gnu",
            "convertBase64ToUtf8String",
            "my-application-name-2",
            "0000000000000000000000000000000a",
            "aaaaaaaaaaaaaaaabbbbbbbbbbbbbbbb",
            "internationalization20",
        ] {
            assert!(!looks_random(name.as_bytes()), "{name}");
        }
    }
}
