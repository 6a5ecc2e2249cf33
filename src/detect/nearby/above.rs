//! What the lines above a value are about, where its own key says nothing but that it is a key: a section, the address
//! that is asked, a line of a log.

use super::{SECRET_WORDS, hashes, words};
use crate::rule::word_hash;
use crate::span::{Span, line_start_within};

/// How many lines above are read, and how many bytes.
const LINES: usize = 3;
const REACH: usize = 240;

/// Words of a key that say nothing of whose it is.
const PLAIN: [u32; 31] = hashes([
    "using", "debug", "info", "header", "headers", "curl", "h", "x", "const", "let", "var", "val",
    "value", "name", "export", "env", "my", "the", "is", "client", "access", "api", "id", "app",
    "string", "public", "static", "final", "x-api", "personal", "user",
]);

/// Returns the lines above a value whose own line says nothing of whose it is; an empty span for any other. `line` is
/// what stands before the value on its line.
pub(super) fn place(bytes: &[u8], line: Span) -> Span {
    let mut all = true;
    words::parts(line.of(bytes), |part| {
        let hash = word_hash(part);
        all &= SECRET_WORDS.contains(&hash) || PLAIN.contains(&hash);
    });
    if !all || line.start == 0 || bytes[line.start - 1] != b'\n' {
        return Span::new(line.start, line.start);
    }
    let mut from = line.start;
    for _ in 0..LINES {
        let before = from.saturating_sub(1);
        let least = line.start.saturating_sub(REACH);
        from = line_start_within(bytes, before, before.saturating_sub(least));
    }
    Span::new(from, line.start)
}

/// Returns what of its own line stands before the key: `zeplin: refused, token=`.
pub(super) fn beside(bytes: &[u8], line: Span) -> Span {
    let is_sign = |byte: &&u8| !byte.is_ascii_alphanumeric();
    let is_key = |byte: &&u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    let text = line.of(bytes);
    let signs = text.iter().rev().take_while(is_sign).count();
    let key = text[..text.len() - signs].iter().rev().take_while(is_key);
    Span::new(line.start, line.end - signs - key.count())
}

/// Tells whether a word that ends here heads what follows its line: a host, or a line that assigns nothing more.
pub(super) fn heads(text: &[u8], end: usize) -> bool {
    let rest = &text[end..];
    let line = rest.split(|&byte| byte == b'\n').next().unwrap_or_default();
    let begin = text[..end]
        .iter()
        .rposition(|&byte| byte == b'\n')
        .map_or(0, |newline| newline + 1);
    let before = &text[begin..end];
    let is_host = memchr::memmem::rfind(before, b"//")
        .is_some_and(|at| !before[at + 2..].contains(&b'/') && rest.first() == Some(&b'.'));
    let assigns = line.iter().enumerate().any(|(at, byte)| match byte {
        b'=' | b'"' | b'\'' => line[at + 1..].iter().any(u8::is_ascii_alphanumeric),
        b':' => line
            .get(at + 1)
            .is_some_and(|byte| !byte.is_ascii_whitespace()),
        _ => false,
    });
    is_host || !assigns
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> &str {
        let start = text.rfind('\n').map_or(0, |newline| newline + 1);
        let place = place(text.as_bytes(), Span::new(start, text.len()));
        &text[place.start..place.end]
    }

    #[test]
    fn a_key_with_a_name_of_its_own_is_not_about_the_lines_above() {
        assert_eq!(read("[zeplin]\nsecret = "), "[zeplin]\n");
        assert_eq!(read("a\nb\nc\nd\n\tapi_token = \""), "b\nc\nd\n");
        for own in [
            "[zeplin]\ndatabase_secret = ",
            "secret = ",
            "zeplin\nBILLING_KEY=",
        ] {
            assert_eq!(read(own), "", "{own}");
        }
    }

    #[test]
    fn a_line_of_a_log_is_about_what_it_begins_with() {
        let text = "ERROR zeplin: refused, access_token='";
        let place = beside(text.as_bytes(), Span::new(0, text.len()));
        assert_eq!(&text[place.start..place.end], "ERROR zeplin: refused, ");
    }

    #[test]
    fn a_name_heads_what_follows_unless_its_own_line_assigns() {
        let heads = |text: &str, name: &str| {
            let end = text.find(name).expect("in it") + name.len();
            heads(text.as_bytes(), end)
        };
        assert!(heads("[zeplin]\n", "zeplin"));
        assert!(heads("provider \"zeplin\" {\n", "zeplin"));
        assert!(heads("url = 'https://api.zeplin.dev/v1'\n", "zeplin"));
        assert!(!heads("zeplin_key = 'abc'\n", "zeplin"));
        assert!(!heads("zeplin:abc\n", "zeplin"));
    }
}
