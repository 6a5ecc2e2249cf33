//! A form says what a value without a prefix looks like: an alphabet and a length, as in `hex:32`, or `uuid`.
//!
//! `build.rs` includes this file too: forms and words are read once at build time.

/// What a value looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Form {
    /// Which characters it is made of.
    pub alphabet: Alphabet,
    /// The least number of characters.
    pub min: u16,
    /// The greatest number of characters.
    pub max: u16,
}

/// The characters of a form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Alphabet {
    /// Hex digits, small or capital.
    Hex,
    /// Hex digits with capital letters.
    UpperHex,
    /// Digits.
    Digits,
    /// Small letters.
    Lower,
    /// Capital letters.
    Upper,
    /// Letters.
    Alpha,
    /// Small letters and digits.
    LowerNum,
    /// Capital letters and digits.
    UpperNum,
    /// Letters and digits.
    Alnum,
    /// Capital letters and the digits 2 to 7.
    Base32,
    /// Letters, digits, `+`, `/` and `=` at the end.
    Base64,
    /// Letters, digits, `-` and `_`.
    Base64Url,
    /// Five groups of hex digits.
    Uuid,
}

const NAMES: [(&str, Alphabet); 16] = [
    ("hex", Alphabet::Hex),
    ("HEX", Alphabet::UpperHex),
    ("digits", Alphabet::Digits),
    ("lower", Alphabet::Lower),
    ("upper", Alphabet::Upper),
    ("alpha", Alphabet::Alpha),
    ("lowernum", Alphabet::LowerNum),
    ("uppernum", Alphabet::UpperNum),
    ("alnum", Alphabet::Alnum),
    ("base62", Alphabet::Alnum),
    ("base58", Alphabet::Alnum),
    ("base32", Alphabet::Base32),
    ("base64", Alphabet::Base64),
    ("base64url", Alphabet::Base64Url),
    ("word", Alphabet::Base64Url),
    ("uuid", Alphabet::Uuid),
];

/// The shortest value that is told by its form: a shorter one is as easily a word.
pub const SHORTEST: u16 = 16;
/// The longest.
pub const LONGEST: u16 = 1200;

impl Form {
    /// Reads forms parted by `|`: `hex:32|uuid`, `alnum:20-40`.
    ///
    /// # Errors
    /// Says what is wrong with the first that cannot be read.
    pub fn parse(text: &str) -> Result<Vec<Form>, String> {
        text.split('|')
            .map(|one| Form::parse_one(one.trim()))
            .collect()
    }

    fn parse_one(text: &str) -> Result<Form, String> {
        let (name, length) = text.split_once(':').unwrap_or((text, ""));
        let alphabet = NAMES
            .iter()
            .find(|(known, _)| *known == name)
            .map(|(_, alphabet)| *alphabet)
            .ok_or_else(|| format!("`form` names no alphabet: {name}"))?;
        if alphabet == Alphabet::Uuid {
            return Ok(Form {
                alphabet,
                min: 36,
                max: 36,
            });
        }
        let (min, max) = length.split_once('-').unwrap_or((length, length));
        let number = |text: &str| {
            text.parse::<u16>()
                .map_err(|_| format!("`form` has no length: {text:?}"))
        };
        let (min, max) = (number(min)?, number(max)?);
        if min < SHORTEST || max < min || max > LONGEST {
            return Err(format!(
                "`form` must be of {SHORTEST} to {LONGEST} characters; write a `regex` for {length}"
            ));
        }
        Ok(Form { alphabet, min, max })
    }

    /// Returns the form as five bytes.
    pub fn pack(self) -> [u8; 5] {
        let ([min_low, min_high], [max_low, max_high]) =
            (self.min.to_le_bytes(), self.max.to_le_bytes());
        [self.alphabet as u8, min_low, min_high, max_low, max_high]
    }

    /// Reads what `pack` wrote.
    pub fn unpack(packed: [u8; 5]) -> Option<Form> {
        let [alphabet, min_low, min_high, max_low, max_high] = packed;
        Some(Form {
            alphabet: NAMES.iter().find(|(_, known)| *known as u8 == alphabet)?.1,
            min: u16::from_le_bytes([min_low, min_high]),
            max: u16::from_le_bytes([max_low, max_high]),
        })
    }
}

/// The start of a word's hash.
pub const EMPTY_WORD: u32 = 0x811c_9dc5;

/// Adds a letter or digit to a word's hash (FNV-1a), without regard to case.
pub const fn hash_on(hash: u32, byte: u8) -> u32 {
    (hash ^ byte.to_ascii_lowercase() as u32).wrapping_mul(0x0100_0193)
}

/// Returns the hash of a word's letters and digits: `New Relic`, `new_relic` and `newrelic` are one word.
pub const fn word_hash(word: &[u8]) -> u32 {
    let mut hash = EMPTY_WORD;
    let mut at = 0;
    while at < word.len() {
        if word[at].is_ascii_alphanumeric() {
            hash = hash_on(hash, word[at]);
        }
        at += 1;
    }
    hash
}
