//! A text as the program that reads it sees it: escapes undone, string literals joined; places are mapped back.
//!
//! Escapes: `\n`, `\"`, `\/`, `\_`, `\u003d`, `\x3d` (RFC 8259, C, Markdown), `%3D` (RFC 3986), and a backslash at the
//! end of a line. Joints: `"a" + "b"`, `'a' . 'b'`, and two literals on neighbouring lines.

use crate::span::Span;

/// The bytes between two literals that are one value: blanks, an operator, a line end.
const LONGEST_JOINT: usize = 120;
/// What joins two literals, from the longest to the shortest. Nothing between them joins them over a line end only.
const OPERATORS: [&[u8]; 9] = [b"& _", b"..", b"||", b"<>", b"+", b".", b"&", b"~", b"\\"];
/// Letters that may stand before a literal: Python's `f""`, `b""`, `r""`, `u""`.
const LITERAL_PREFIXES: &[u8] = b"fbruFBRU";

/// A stretch of text with its escapes and joints undone.
pub(crate) struct Spelled {
    /// What it says.
    pub(crate) text: Vec<u8>,
    /// Where each byte of the text comes from, and the end of the stretch.
    from: Vec<usize>,
}

impl Spelled {
    /// Undoes what stands in the window.
    pub(crate) fn read(bytes: &[u8], window: Span) -> Self {
        let mut text = Vec::with_capacity(window.len());
        let mut from = Vec::with_capacity(window.len() + 1);
        let bytes = &bytes[..window.end];
        let mut at = window.start;
        while at < window.end {
            let (byte, len) = match bytes[at] {
                b'\\' => escape(&bytes[at..]),
                b'%' => percent(&bytes[at..]),
                quote @ (b'"' | b'\'' | b'`') => match joint(&bytes[at..], quote) {
                    Some(len) => (None, len),
                    None => (Some(quote), 1),
                },
                byte => (Some(byte), 1),
            };
            if let Some(byte) = byte {
                text.push(byte);
                from.push(at);
            }
            at += len;
        }
        from.push(window.end);
        Spelled { text, from }
    }

    /// Returns where a place in the text comes from.
    pub(crate) fn place(&self, span: Span) -> Span {
        let start = self.from[span.start];
        let end = span
            .end
            .checked_sub(1)
            .filter(|_| !span.is_empty())
            .map_or(start, |last| self.end_of(last));
        Span::new(start, end)
    }

    /// Returns where a place of the bytes stands in the text.
    pub(crate) fn find(&self, place: Span) -> Span {
        let at = |offset: usize| self.from.partition_point(|&from| from < offset);
        let end = at(place.end).min(self.text.len());
        Span::new(at(place.start).min(end), end)
    }

    /// Returns where the byte of the text ends: an escape has more than one, a joint behind it is none of it.
    fn end_of(&self, index: usize) -> usize {
        let from = self.from[index];
        let next = self.from[index + 1];
        if next - from <= "\\u0000".len() {
            next
        } else {
            from + 1
        }
    }
}

/// Tells whether an escape or a joint stands right before, in or right behind the word that holds `place`.
///
/// The nearest mark is looked for before anything is asked of the bytes up to it: words of base64 are long, and most
/// texts hold no mark within reach.
pub(crate) fn is_near(bytes: &[u8], place: Span) -> bool {
    const FAR: usize = 256;
    /// Most words end within so many bytes.
    const CLOSE: usize = 24;
    let is_word = |text: &[u8]| text.iter().all(|&byte| IS_WORD[usize::from(byte)]);
    let before = &bytes[place.start.saturating_sub(FAR + 1)..place.start];
    let is_inner = |byte: &&u8| IS_WORD[usize::from(**byte)];
    let is_mark = |byte: &u8| matches!(byte, b'\\' | b'%');
    let is_before = match before.iter().rev().take(CLOSE).find(|byte| !is_inner(byte)) {
        Some(border) => is_mark(border),
        None if before.len() <= CLOSE => false,
        None => memchr::memrchr2(b'\\', b'%', before).is_some_and(|at| is_word(&before[at + 1..])),
    };
    if is_before {
        return true;
    }
    let after = &bytes[place.end..bytes.len().min(place.end + FAR + 1)];
    let is_joint = |at: usize| joint(&bytes[place.end + at..], after[at]).is_some();
    let is_quote = |byte: u8| matches!(byte, b'"' | b'\'' | b'`');
    match after.iter().take(CLOSE).position(|byte| !is_inner(&byte)) {
        Some(at) => is_mark(&after[at]) || is_quote(after[at]) && is_joint(at),
        None if after.len() <= CLOSE => false,
        None => {
            memchr::memchr2(b'\\', b'%', after).is_some_and(|at| is_word(&after[..at]))
                || memchr::memchr3(b'"', b'\'', b'`', after)
                    .is_some_and(|at| is_word(&after[..at]) && is_joint(at))
        }
    }
}

/// The bytes that a word with an escape or a joint in it is made of.
static IS_WORD: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0u8;
    while byte < 128 {
        table[byte as usize] = byte.is_ascii_alphanumeric()
            || matches!(byte, b'_' | b'-' | b'.' | b'/' | b'+' | b'=' | b':' | b'@');
        byte += 1;
    }
    table
};

/// Reads the escape at the start of `bytes`, which is a backslash: its byte, and its length.
fn escape(bytes: &[u8]) -> (Option<u8>, usize) {
    let digits = |from: usize, count: usize| {
        let digits = bytes.get(from..from + count)?;
        let value = u32::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()?;
        u8::try_from(value).ok().filter(u8::is_ascii)
    };
    let other = (Some(b'\\'), 1);
    match bytes.get(1) {
        Some(b'n' | b'r') => (Some(b'\n'), 2),
        Some(b't') => (Some(b'\t'), 2),
        Some(b'u') => digits(2, 4).map_or(other, |byte| (Some(byte), 6)),
        Some(b'x') => digits(2, 2).map_or(other, |byte| (Some(byte), 4)),
        Some(b'\n') => (None, 2),
        Some(b'\r') if bytes.get(2) == Some(&b'\n') => (None, 3),
        Some(&mark) if mark.is_ascii_punctuation() => (Some(mark), 2),
        _ => other,
    }
}

/// Reads the percent sign at the start of `bytes`, and two digits behind it.
fn percent(bytes: &[u8]) -> (Option<u8>, usize) {
    let digit = |at: usize| {
        bytes
            .get(at)
            .and_then(|&byte| char::from(byte).to_digit(16))
    };
    let byte = digit(1)
        .zip(digit(2))
        .and_then(|(high, low)| u8::try_from(high * 16 + low).ok());
    match byte.filter(u8::is_ascii) {
        Some(byte) => (Some(byte), 3),
        None => (Some(b'%'), 1),
    }
}

/// Returns the length of a joint that starts with the closing quote at the start of `bytes`, up to behind the opening
/// quote of the next literal.
fn joint(bytes: &[u8], quote: u8) -> Option<usize> {
    let bytes = &bytes[..bytes.len().min(LONGEST_JOINT)];
    let blanks = |from: usize| {
        let rest = bytes.get(from..).unwrap_or_default();
        from + rest
            .iter()
            .take_while(|byte| byte.is_ascii_whitespace())
            .count()
    };
    let mut at = blanks(1);
    let rest = bytes.get(at..)?;
    let operator = OPERATORS.iter().find(|operator| rest.starts_with(operator));
    at = blanks(at + operator.map_or(0, |operator| operator.len()));
    if operator.is_none() && !bytes[..at].contains(&b'\n') {
        return None;
    }
    at += usize::from(
        bytes
            .get(at)
            .is_some_and(|byte| LITERAL_PREFIXES.contains(byte)),
    );
    (bytes.get(at) == Some(&quote)).then_some(at + 1)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(text: &str) -> String {
        let spelled = Spelled::read(text.as_bytes(), Span::new(0, text.len()));
        String::from_utf8(spelled.text).expect("ASCII stays ASCII")
    }

    /// The plain way to tell whether an escape or a joint is near: the word is walked to both its ends.
    fn is_near_plain(bytes: &[u8], place: Span) -> bool {
        let border = |byte: &&u8| !IS_WORD[usize::from(**byte)];
        let is_mark = |byte: &u8| matches!(byte, b'\\' | b'%');
        let mut before = bytes[..place.start].iter().rev().take(257);
        let after = &bytes[place.end..];
        let end = after.iter().take(257).position(|byte| border(&byte));
        before.find(border).is_some_and(is_mark)
            || end.is_some_and(|at| {
                let is_quote = matches!(after[at], b'"' | b'\'' | b'`');
                is_mark(&after[at]) || is_quote && joint(&after[at..], after[at]).is_some()
            })
    }

    proptest! {
        #[test]
        fn a_mark_near_a_word_is_seen_however_long_the_word(
            front in r#"[ab"\\% ]{0,3}[ab_]{0,40}"#,
            back in r#"[ab_]{0,40}["'\\% +a]{0,6}"#,
        ) {
            let text = format!("{front}key{back}");
            let place = Span::new(front.len(), front.len() + 3);
            prop_assert_eq!(is_near(text.as_bytes(), place), is_near_plain(text.as_bytes(), place));
        }
    }

    #[test]
    fn escapes_are_undone() {
        assert_eq!(read(r#"a\nb\tc\"d\/e\_f"#), "a\nb\tc\"d/e_f");
        assert_eq!(read(r"a\u003db\x3dc%3Dd"), "a=b=c=d");
        assert_eq!(read("a\\\nb\\\r\nc"), "abc");
        assert_eq!(
            read(r"\u00e9 \u12 \xzz \q %zz % 100%"),
            r"\u00e9 \u12 \xzz \q %zz % 100%"
        );
    }

    #[test]
    fn literals_are_joined_by_an_operator_or_a_line_end() {
        for joined in [
            "'a' + 'b'",
            "'a'.'b'",
            "'a' .. 'b'",
            "'a' || 'b'",
            "'a' & _\n  'b'",
            "'a' \\\n 'b'",
            "'a'\n    'b'",
            "'a'\n  f'b'",
            "'a' +\r\n  'b'",
        ] {
            assert_eq!(read(joined), "'ab'", "{joined}");
        }
        for apart in ["'a' 'b'", "'a', 'b'", "'a' + \"b\"", "'a' + b", "'a'\n+ c"] {
            assert_eq!(read(apart), apart);
        }
    }

    #[test]
    fn a_place_covers_its_escapes_and_joints() {
        let text = r#"x = "ab%2Fcd" + "ef";"#;
        let spelled = Spelled::read(text.as_bytes(), Span::new(0, text.len()));
        let start = spelled
            .text
            .iter()
            .position(|&byte| byte == b'a')
            .expect("there");
        let place = spelled.place(Span::new(start, start + "ab/cdef".len()));
        assert_eq!(&text[place.start..place.end], r#"ab%2Fcd" + "ef"#);
        assert_eq!(
            spelled.find(place),
            Span::new(start, start + "ab/cdef".len())
        );
    }

    proptest! {
        #[test]
        fn what_has_no_escape_stays_as_it_is(text in "[ -!#$&(-\\[\\]-_a-~\n]{0,60}") {
            prop_assert_eq!(read(&text), text);
        }

        #[test]
        fn every_place_is_mapped_into_the_window(text in "[ab\\\\%\"'+ nu0x3D\n]{0,40}", start in 0usize..5) {
            let window = Span::new(start.min(text.len()), text.len());
            let spelled = Spelled::read(text.as_bytes(), window);
            for index in 0..spelled.text.len() {
                let place = spelled.place(Span::new(index, index + 1));
                prop_assert!(window.contains(place) && !place.is_empty());
            }
        }
    }
}
