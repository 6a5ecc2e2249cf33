//! Base64 and hex of text: a run of their characters that decodes to something a person can read.

use crate::span::{Span, line_start_within};

/// The shortest run that is decoded: eighteen bytes of text.
pub(crate) const SHORTEST: usize = 24;
/// The longest: what is longer is a picture or a program.
const LONGEST: usize = 1 << 20;
/// How many characters are tried before the rest is decoded.
const SAMPLE: usize = 64;
/// The shortest line of a text wrapped over lines: MIME has 76 characters, PEM 64 (RFC 2045, RFC 7468).
const SHORTEST_LINE: usize = 48;

/// A text that stands encoded in another.
pub(crate) struct Encoded {
    /// Where the encoded runs stand: one, or one in each line.
    pub(crate) run: Span,
    /// What it says.
    pub(crate) text: Vec<u8>,
    /// Where each line starts, in the encoded characters and in the bytes.
    lines: Vec<(usize, usize)>,
    base: Base,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Base {
    Hex,
    Base64,
}

impl Encoded {
    /// Decodes a run, and the lines of the same length that go on with it, if that gives text. Costs a look at its
    /// first characters where it does not.
    pub(crate) fn read(bytes: &[u8], run: Span) -> Option<Self> {
        let first = run.of(bytes);
        if !(SHORTEST..=LONGEST).contains(&unpadded(first).len()) {
            return None;
        }
        let sample = &unpadded(first)[..unpadded(first).len().min(SAMPLE)];
        let is_hex = first.len().is_multiple_of(2) && sample.iter().all(u8::is_ascii_hexdigit);
        let base = if is_hex { Base::Hex } else { Base::Base64 };
        if !is_readable(&decode(sample, base)?) {
            return None;
        }
        let mut joined = Vec::new();
        let mut lines = Vec::new();
        let mut end = run.start;
        for line in std::iter::once(run).chain(following(bytes, run)) {
            if joined.len() + line.len() > LONGEST {
                break;
            }
            lines.push((joined.len(), line.start));
            joined.extend_from_slice(line.of(bytes));
            end = line.end;
        }
        let text = decode(unpadded(&joined), base)?;
        is_readable(&text).then_some(Encoded {
            run: Span::new(run.start, end),
            text,
            lines,
            base,
        })
    }

    /// Returns where a place in the text stands in the encoded run.
    pub(crate) fn place(&self, span: Span) -> Span {
        let (start, end) = match self.base {
            Base::Hex => (span.start * 2, span.end * 2),
            Base::Base64 => (span.start * 4 / 3, (span.end * 4).div_ceil(3)),
        };
        let at = |offset: usize| {
            let line = self.lines.partition_point(|&(from, _)| from <= offset);
            let (from, start) = self.lines[line.saturating_sub(1)];
            start + offset - from
        };
        let last = end.saturating_sub(1).max(start);
        Span::new(at(start), (at(last) + 1).min(self.run.end))
    }

    /// Returns what the encoding is called.
    pub(crate) fn name(&self) -> &'static str {
        match self.base {
            Base::Hex => "hex",
            Base::Base64 => "base64",
        }
    }
}

fn unpadded(value: &[u8]) -> &[u8] {
    let padding = value.iter().rev().take_while(|&&byte| byte == b'=').count();
    &value[..value.len() - padding]
}

/// Returns the runs of the lines after `run` that go on with it: of the same indentation and the same length, but for
/// the last, which may be shorter.
fn following(bytes: &[u8], run: Span) -> impl Iterator<Item = Span> + '_ {
    let indent = run.start - line_start_within(bytes, run.start, SHORTEST);
    let mut end = (run.len() >= SHORTEST_LINE).then_some(run.end);
    std::iter::from_fn(move || {
        let rest = &bytes[end.take()?..];
        let line_end = if rest.starts_with(b"\r\n") { 2 } else { 1 };
        if rest.get(line_end - 1).is_none_or(|&byte| byte != b'\n') {
            return None;
        }
        let line = &rest[line_end..];
        let blanks = line
            .iter()
            .take_while(|byte| matches!(byte, b' ' | b'\t'))
            .count();
        let is_encoded = |byte: &&u8| {
            byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'-' | b'_' | b'=')
        };
        let len = line[blanks..]
            .iter()
            .take(run.len() + 1)
            .take_while(is_encoded)
            .count();
        let ends = matches!(line.get(blanks + len), None | Some(b'\r' | b'\n'));
        if blanks != indent || len == 0 || len > run.len() || !ends {
            return None;
        }
        let start = bytes.len() - line.len() + blanks;
        end = (len == run.len()).then_some(start + len);
        Some(Span::new(start, start + len))
    })
}

/// Returns where the lines before `at` start that may be one encoded text with the line in which `at` stands: `at` where
/// there are none. What stands before `floor` is not looked at.
pub(crate) fn lines_before(bytes: &[u8], at: usize, floor: usize) -> usize {
    /// Longer lines are not wrapped ones.
    const LONGEST_LINE: usize = 4096;
    let is_encoded = |byte: &u8| {
        byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'-' | b'_' | b'=')
    };
    let mut first = at;
    let mut start = line_start_within(bytes, at, LONGEST_LINE);
    while start > floor && bytes[start - 1] == b'\n' {
        let line_start = line_start_within(bytes, start - 1, LONGEST_LINE);
        let line = bytes[line_start..start].trim_ascii();
        // The last byte tells of most lines that they are none.
        let is_one = line.len() >= SHORTEST_LINE
            && line.last().is_some_and(is_encoded)
            && line.iter().all(is_encoded);
        if !is_one {
            break;
        }
        first = line_start;
        start = line_start;
    }
    first
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
    fn a_text_wrapped_over_lines_is_one() {
        let text = "user = robot, key = something to find; ".repeat(5);
        let encoded = data_encoding::BASE64.encode(text.as_bytes());
        let lines: Vec<&str> = encoded
            .as_bytes()
            .chunks(76)
            .map(|line| std::str::from_utf8(line).expect("ASCII"))
            .collect();
        let whole = format!("conf: |\n    {}\nnext: 1\n", lines.join("\n    "));
        let start = whole.find(lines[0]).expect("there");
        let run = Span::new(start, start + 76);
        let found = Encoded::read(whole.as_bytes(), run).expect("text");
        assert_eq!(found.text, text.as_bytes());
        assert!(whole[..found.run.end].ends_with(lines[lines.len() - 1]));
        let word = text.rfind("something").expect("there");
        let place = found.place(Span::new(word, word + "something".len()));
        let at = |offset: usize| offset * 4 / 3 / 76;
        let line = whole[..place.start].matches('\n').count() - 1;
        assert_eq!(line, at(word));
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
