//! Base64 and hex of text: a run of their characters that decodes to something a person can read.

use crate::span::Span;

/// The shortest run that is decoded: eighteen bytes of text.
pub(crate) const SHORTEST: usize = 24;
/// The longest: what is longer is a picture or a program.
const LONGEST: usize = 1 << 20;
/// How many characters are tried before the rest is decoded.
const SAMPLE: usize = 64;

/// A text that stands encoded in another.
pub(crate) struct Encoded {
    /// Where the encoded run stands.
    pub(crate) run: Span,
    /// What it says.
    pub(crate) text: Vec<u8>,
    base: Base,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Base {
    Hex,
    Base64,
}

impl Encoded {
    /// Decodes a run if that gives text. Costs a look at its first characters where it does not.
    pub(crate) fn read(bytes: &[u8], run: Span) -> Option<Self> {
        let mut value = run.of(bytes);
        while let Some(rest) = value.strip_suffix(b"=") {
            value = rest;
        }
        if !(SHORTEST..=LONGEST).contains(&value.len()) {
            return None;
        }
        let is_hex =
            value.len().is_multiple_of(2) && value.iter().take(SAMPLE).all(u8::is_ascii_hexdigit);
        let base = if is_hex { Base::Hex } else { Base::Base64 };
        let sample = &value[..value.len().min(SAMPLE)];
        if !is_readable(&decode(sample, base)?) {
            return None;
        }
        let text = decode(value, base)?;
        is_readable(&text).then_some(Encoded { run, text, base })
    }

    /// Returns where a place in the text stands in the encoded run.
    pub(crate) fn place(&self, span: Span) -> Span {
        let (start, end) = match self.base {
            Base::Hex => (span.start * 2, span.end * 2),
            Base::Base64 => (span.start * 4 / 3, (span.end * 4).div_ceil(3)),
        };
        Span::new(
            self.run.start + start,
            (self.run.start + end).min(self.run.end),
        )
    }

    /// Returns what the encoding is called.
    pub(crate) fn name(&self) -> &'static str {
        match self.base {
            Base::Hex => "hex",
            Base::Base64 => "base64",
        }
    }
}

fn decode(value: &[u8], base: Base) -> Option<Vec<u8>> {
    match base {
        Base::Hex => data_encoding::HEXLOWER_PERMISSIVE.decode(value).ok(),
        Base::Base64 => super::super::validate::base64(
            &value[..value.len() - usize::from(value.len() % 4 == 1)],
        ),
    }
}

/// Tells whether bytes are plain text: nearly all of ASCII's visible characters, blanks and line ends.
fn is_readable(bytes: &[u8]) -> bool {
    let visible = bytes
        .iter()
        .filter(|byte| byte.is_ascii_graphic() || byte.is_ascii_whitespace())
        .count();
    visible * 20 >= bytes.len() * 19
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::{Random, alphabet};

    #[test]
    fn text_is_decoded_and_its_places_are_those_of_the_run() {
        let text = "user = robot, key = something to find";
        for encoded in [
            data_encoding::BASE64.encode(text.as_bytes()),
            data_encoding::HEXLOWER.encode(text.as_bytes()),
        ] {
            let whole = format!("x: {encoded}\n");
            let found =
                Encoded::read(whole.as_bytes(), Span::new(3, whole.len() - 1)).expect("text");
            assert_eq!(found.text, text.as_bytes());
            assert_eq!(
                found.place(Span::new(0, text.len())),
                Span::new(3, whole.trim_end_matches(['\n', '=']).len())
            );
        }
    }

    #[test]
    fn random_values_decode_to_nothing() {
        let mut random = Random::new("decode");
        for _ in 0..1000 {
            let value = random.string(alphabet("alnum").expect("known"), 40);
            assert!(Encoded::read(value.as_bytes(), Span::new(0, 40)).is_none());
        }
    }
}
