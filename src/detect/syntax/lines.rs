//! The line scan: what can be read of a file that does not follow its syntax, or is a template of it.

use super::gather::{Gather, lines, trimmed, unquoted};
use super::yaml::is_script;
use super::{Document, Form, shell};
use crate::span::Span;

/// Returns what the indented lines of a YAML file or template say.
pub(crate) fn yaml(text: &[u8]) -> Document {
    let mut gather = Gather::new(text);
    let mut levels: Vec<Level> = Vec::new();
    let mut all = lines(text, 0, text.len()).peekable();
    while let Some(line) = all.next() {
        let mut rest = trimmed(text, line.start, line.end);
        if skipped(rest.of(text)) {
            continue;
        }
        let mut indent = rest.start - line.start;
        while rest.of(text).starts_with(b"- ") || rest.of(text) == b"-" {
            item(&mut levels, indent);
            let inner = trimmed(text, rest.start + 1, rest.end);
            indent += inner.start - rest.start;
            rest = inner;
        }
        let Some((key, value)) = pair(text, rest) else {
            if !rest.is_empty() && levels.last().is_some_and(|level| level.next > 0) {
                let (value, form) = unquoted(text, rest);
                let path = path(&levels);
                gather.put(&path, value, &gather.str(value), (value, form));
                if is_script(&path) {
                    shell::commands(&mut gather, value);
                }
            }
            continue;
        };
        while levels.last().is_some_and(|level| level.indent >= indent) {
            levels.pop();
        }
        if levels.len() >= DEEPEST {
            continue;
        }
        levels.push(Level {
            indent,
            name: gather.str(key.0).chars().take(200).collect(),
            next: 0,
        });
        let full = path(&levels);
        let (value, form) = value_of(text, value);
        if matches!(value.of(text).first(), Some(b'|' | b'>')) && form == Form::Bare {
            let mut body = Span::new(value.end, value.end);
            while let Some(next) = all.next_if(|next| deeper(text, *next, indent)) {
                body.end = next.end;
            }
            if is_script(&full) {
                shell::commands(&mut gather, body);
            }
        } else if !value.is_empty() {
            gather.put(&full, key.0, &gather.str(value), (value, form));
            if is_script(&full) {
                shell::commands(&mut gather, value);
            }
        }
    }
    gather.done(true)
}

const DEEPEST: usize = 40;

/// A key on the way to the present line, or a list with the number of its next item.
struct Level {
    indent: usize,
    name: String,
    next: usize,
}

/// Opens the next item of the list at this indent.
fn item(levels: &mut Vec<Level>, indent: usize) {
    while levels.last().is_some_and(|level| level.indent > indent) {
        levels.pop();
    }
    match levels.last_mut() {
        Some(level) if level.next > 0 && level.indent == indent => {
            level.name = level.next.to_string();
            level.next += 1;
        }
        _ => levels.push(Level {
            indent,
            name: "0".to_owned(),
            next: 1,
        }),
    }
    levels.truncate(DEEPEST);
}

fn path(levels: &[Level]) -> String {
    levels
        .iter()
        .map(|level| level.name.as_str())
        .collect::<Vec<_>>()
        .join(".")
}

fn deeper(text: &[u8], line: Span, indent: usize) -> bool {
    let inner = trimmed(text, line.start, line.end);
    inner.is_empty() || inner.start - line.start > indent
}

fn skipped(line: &[u8]) -> bool {
    line.is_empty()
        || line.starts_with(b"#")
        || line.starts_with(b"{{")
        || line.starts_with(b"{%")
        || line.starts_with(b"{#")
        || line.starts_with(b"---")
}

/// Returns the key and the rest of a line `key: value`.
fn pair(text: &[u8], line: Span) -> Option<((Span, Form), Span)> {
    let bytes = line.of(text);
    let colon = bytes
        .iter()
        .enumerate()
        .take(300)
        .find(|&(at, &byte)| {
            byte == b':' && matches!(bytes.get(at + 1), None | Some(b' ' | b'\t'))
        })?
        .0;
    let key = trimmed(text, line.start, line.start + colon);
    let rest = trimmed(text, line.start + colon + 1, line.end);
    (!key.is_empty()).then(|| (unquoted(text, key), rest))
}

/// Returns the value without a comment and quotes.
fn value_of(text: &[u8], rest: Span) -> (Span, Form) {
    let bytes = rest.of(text);
    if let Some(quote @ (b'"' | b'\'')) = bytes.first()
        && let Some(close) = memchr::memchr(*quote, &bytes[1..])
    {
        return (
            Span::new(rest.start + 1, rest.start + 1 + close),
            Form::Text,
        );
    }
    let end = memchr::memmem::find(bytes, b" #").map_or(rest.end, |at| rest.start + at);
    (trimmed(text, rest.start, end), Form::Bare)
}

/// Returns what lines like `key = value`, `"key": value` and `key => value` say, in any syntax.
pub(crate) fn pairs(text: &[u8]) -> Document {
    let mut gather = Gather::new(text);
    for line in lines(text, 0, text.len()) {
        let line = trimmed(text, line.start, line.end);
        let bytes = line.of(text);
        if matches!(bytes.first(), None | Some(b'#' | b';')) || bytes.starts_with(b"//") {
            continue;
        }
        let Some(at) = bytes
            .iter()
            .take(300)
            .position(|b| matches!(b, b'=' | b':'))
        else {
            continue;
        };
        let skip = 1 + usize::from(bytes.get(at + 1) == Some(&b'>'));
        let key = unquoted(text, trimmed(text, line.start, line.start + at)).0;
        let mut rest = trimmed(text, line.start + at + skip, line.end);
        if let [.., b',' | b';'] = rest.of(text) {
            rest = trimmed(text, rest.start, rest.end - 1);
        }
        let (value, form) = value_of(text, rest);
        if !key.is_empty() {
            gather.put(&gather.str(key), key, &gather.str(value), (value, form));
        }
    }
    gather.done(true)
}
