//! The dotenv reader: `NAME=value` lines, also those of version files and key files.

use super::gather::{Gather, lines, trimmed, unquoted};
use super::{Document, Form};
use crate::span::Span;

/// Returns an entry for each `NAME=value` line; `export` in front is passed over.
pub(crate) fn read(text: &[u8]) -> Document {
    let mut gather = Gather::new(text);
    let mut after = 0;
    for line in lines(text, 0, text.len()) {
        if line.start < after {
            continue;
        }
        let line = trimmed(text, line.start, line.end);
        let line = strip(text, line, b"export ");
        if line.is_empty() || text[line.start] == b'#' {
            continue;
        }
        let Some(equals) = memchr::memchr2(b'=', b':', line.of(text)) else {
            continue;
        };
        let key = trimmed(text, line.start, line.start + equals);
        let rest = trimmed(text, line.start + equals + 1, line.end);
        let value = value(text, rest);
        after = value.0.end;
        let shown = unescaped(&gather.str(value.0), value.1);
        gather.put(&gather.str(key), key, &shown, value);
    }
    gather.done(false)
}

/// Returns the span without a word in front of it.
fn strip(text: &[u8], span: Span, word: &[u8]) -> Span {
    if span.of(text).starts_with(word) {
        trimmed(text, span.start + word.len(), span.end)
    } else {
        span
    }
}

/// Returns where the value stands: a quoted one may span lines, a bare one ends before ` #`.
fn value(text: &[u8], rest: Span) -> (Span, Form) {
    /// How far a quoted value may reach over line ends; keys in PEM form are the longest.
    const LONGEST: usize = 16 << 10;
    match rest.of(text).first() {
        Some(quote @ (b'"' | b'\'' | b'`')) => {
            let reach = (rest.start + 1 + LONGEST).min(text.len()).max(rest.end);
            let body = &text[rest.start + 1..reach];
            match closing(body, *quote) {
                Some(end) => (Span::new(rest.start + 1, rest.start + 1 + end), Form::Text),
                None => (rest, Form::Bare),
            }
        }
        _ => {
            let comment = memchr::memmem::find(rest.of(text), b" #");
            let end = comment.map_or(rest.end, |at| rest.start + at);
            unquoted(text, trimmed(text, rest.start, end))
        }
    }
}

/// Returns where the quote closes that is not escaped.
fn closing(body: &[u8], quote: u8) -> Option<usize> {
    let mut escaped = false;
    body.iter().position(|&byte| {
        let closes = byte == quote && !escaped;
        escaped = byte == b'\\' && !escaped && quote == b'"';
        closes
    })
}

/// Returns the value with `\n` and `\"` undone in a quoted text.
fn unescaped(raw: &str, form: Form) -> String {
    if form == Form::Text && raw.contains('\\') {
        raw.replace("\\n", "\n").replace("\\\"", "\"")
    } else {
        raw.to_owned()
    }
}

/// Returns the words of a version file: `python 3.8.1` is an entry `python`, a lone `3.8.1` an entry `version`.
pub(crate) fn versions(text: &[u8]) -> Document {
    let mut gather = Gather::new(text);
    for line in lines(text, 0, text.len()) {
        let end = memchr::memchr(b'#', line.of(text)).map_or(line.end, |at| line.start + at);
        let line = trimmed(text, line.start, end);
        if line.is_empty() {
            continue;
        }
        let blank = line.of(text).iter().position(u8::is_ascii_whitespace);
        let (name, key, value) = match blank {
            Some(at) => {
                let key = Span::new(line.start, line.start + at);
                let rest = trimmed(text, key.end, line.end);
                let first = rest.of(text).iter().position(u8::is_ascii_whitespace);
                let end = first.map_or(rest.end, |at| rest.start + at);
                (
                    gather.str(key).into_owned(),
                    key,
                    Span::new(rest.start, end),
                )
            }
            None => ("version".to_owned(), line, line),
        };
        gather.put(&name, key, &gather.str(value), (value, Form::Bare));
    }
    gather.done(false)
}

#[cfg(test)]
mod tests {
    use super::super::tests::pairs;
    use super::*;

    #[test]
    fn names_values_quotes_and_comments_are_told_apart() {
        let text = b"# A=1\nexport A=\"x # y\" # z\nB = c # d\nC='a\nb'\nD=\nE: f\n";
        assert_eq!(
            pairs(&read(text)),
            ["A=x # y", "B=c", "C=a\nb", "D=", "E=f"]
        );
    }

    #[test]
    fn a_version_file_gives_its_versions() {
        assert_eq!(
            pairs(&versions(b"python 3.8.1 3.9\n3.7 # x\n\n")),
            ["python=3.8.1", "version=3.7"]
        );
    }
}
