//! A prefix that is itself escaped, as Markdown and LaTeX write it: `ghp\_…`. No keyword stands there as it is.

use super::decode::spelled::Spelled;
use super::{Engine, Files, Match, Regions, Text};
use crate::span::Span;

/// How much of a token may stand before the escape, and behind it.
const BEFORE: usize = 24;
const AFTER: usize = 300;
/// The shortest token worth reading.
const LEAST: usize = 20;

impl Engine {
    /// Looks for tokens in words of the window that hold `\_`, with the escapes undone.
    pub(super) fn escaped(&self, text: Text<'_>, window: Span, matches: &mut Vec<Match>) {
        let end = window.end.min(text.bytes.len());
        let mut done = window.start;
        for at in memchr::memmem::find_iter(&text.bytes[window.start..end], b"\\_") {
            let at = window.start + at;
            if at < done {
                continue;
            }
            let word = word_around(text.bytes, at);
            done = word.end;
            let is_long = word.len() >= LEAST && word.of(text.bytes).iter().any(u8::is_ascii_digit);
            if !is_long {
                continue;
            }
            let spelled = Spelled::read(text.bytes, word);
            let inner = Text {
                bytes: &spelled.text,
                regions: &Regions::Whole,
                path: None,
            };
            let all = Span::new(0, spelled.text.len());
            let hits = self.common().find(inner.bytes, all, Files::OTHER);
            let mut under = Vec::new();
            self.tokens(inner, &hits, &mut under);
            matches.extend(under.into_iter().map(|mut found| {
                found.put_back(|span| spelled.place(Span::new(span.start, span.end.min(all.end))));
                found
            }));
        }
    }
}

/// Returns the word that holds the escape at `at`, its other escapes included.
fn word_around(bytes: &[u8], at: usize) -> Span {
    let is_inner =
        |byte: &&u8| byte.is_ascii_alphanumeric() || matches!(byte, b'\\' | b'_' | b'-' | b'.');
    let before = bytes[..at].iter().rev().take(BEFORE).take_while(is_inner);
    let after = bytes[at..].iter().take(AFTER).take_while(is_inner);
    let (before, after) = (before.count(), after.count());
    Span::new(at - before, at + after)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::{Rules, fill};

    fn found(text: &str) -> Vec<String> {
        let engine = Engine::new(Rules::builtin());
        let text = fill(text, &super::super::make);
        engine
            .scan(text.as_bytes(), &Regions::Whole, None)
            .iter()
            .map(|found| text[found.span.start..found.span.end].to_owned())
            .collect()
    }

    #[test]
    fn a_token_is_found_behind_an_escaped_prefix() {
        let said = found("Use `{{github:ghp\\_}}` or so.");
        assert_eq!(said.len(), 1, "{said:?}");
        assert!(said[0].starts_with("ghp\\_"), "{said:?}");
    }

    #[test]
    fn names_with_escapes_are_none() {
        for text in [
            "a\\_long\\_name\\_of\\_a\\_variable\\_2",
            "ghp\\_is\\_the\\_prefix\\_of\\_2\\_tokens",
            "\\_",
        ] {
            assert_eq!(found(text), [""; 0], "{text}");
        }
    }
}
