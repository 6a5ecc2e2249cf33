//! Python, read by ruff's parser: assignments, dictionary items and the arguments of calls become entries.
//!
//! Only this folder and the checks that need the tree know the parser, which has no stable interface: its version
//! is pinned. The parser recovers from errors, so a file that does not parse still gives entries; what they say is
//! a warning at most.

mod depth;
mod fold;
mod names;
mod reader;
mod scope;
mod star;
mod value;

pub(crate) use names::{Chance, Names};

use std::borrow::Cow;

use ruff_python_ast::{ModModule, PySourceType, Stmt};
use ruff_python_parser::{Parsed, parse_unchecked_source};
use ruff_text_size::{Ranged, TextRange};

use super::{Document, Entry, Form};
use crate::detect::Scope;
use crate::span::Span;

/// A Python file of more bytes than this is generated data: its lines are scanned instead.
const MOST: usize = 16 << 20;
/// How deep a text may nest before it is read on a stack of its own.
const SHALLOW: usize = 150;
/// That stack, in bytes: mapped, not touched until used.
const STACK: usize = 64 << 20;

/// A Python file, parsed.
pub(crate) struct Module<'b> {
    source: Cow<'b, str>,
    /// None when the text nests too deep, or is too large, to be parsed.
    parsed: Option<Parsed<ModModule>>,
    depth: usize,
}

impl<'b> Module<'b> {
    /// Parses the text. Time and memory are linear in its length, whatever it holds.
    pub(crate) fn parse(bytes: &'b [u8]) -> Self {
        let source = text(bytes);
        let depth = if bytes.len() > MOST {
            None
        } else {
            depth::of(source.as_bytes())
        };
        let parsed = depth.map(|depth| {
            on_stack(depth, || {
                parse_unchecked_source(&source, PySourceType::Python)
            })
        });
        Module {
            depth: depth.unwrap_or_default(),
            source,
            parsed,
        }
    }

    /// Returns the entries of the file.
    pub(crate) fn document(&self) -> Document {
        let entries = match &self.parsed {
            Some(parsed) => self.walk(|| reader::entries(&self.source, parsed.suite())),
            None => lines(&self.source),
        };
        Document {
            entries,
            broken: self.is_broken(),
        }
    }

    /// Tells whether the text does not follow the syntax, or could not be parsed.
    pub(crate) fn is_broken(&self) -> bool {
        let parsed = self.parsed.as_ref();
        parsed.is_none_or(|parsed| !parsed.errors().is_empty())
    }

    /// Returns the statements of the file; none where it could not be parsed.
    pub(crate) fn body(&self) -> &[Stmt] {
        self.parsed.as_ref().map_or(&[], |parsed| parsed.suite())
    }

    /// Returns the text, byte for byte as long as the file.
    pub(crate) fn source(&self) -> &str {
        &self.source
    }

    /// Runs a function that walks the tree where there is room enough to do so.
    pub(crate) fn walk<T>(&self, walk: impl FnOnce() -> T) -> T {
        on_stack(self.depth, walk)
    }
}

impl Drop for Module<'_> {
    fn drop(&mut self) {
        let parsed = self.parsed.take();
        on_stack(self.depth, || drop(parsed));
    }
}

fn on_stack<T>(depth: usize, run: impl FnOnce() -> T) -> T {
    if depth > SHALLOW {
        stacker::grow(STACK, run)
    } else {
        run()
    }
}

/// Returns the bytes as text of the same length: what is not UTF-8 becomes question marks.
fn text(bytes: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => {
            let mut text = String::with_capacity(bytes.len());
            for chunk in bytes.utf8_chunks() {
                text.push_str(chunk.valid());
                text.extend(chunk.invalid().iter().map(|_| '?'));
            }
            Cow::Owned(text)
        }
    }
}

/// Returns the span of a node.
pub(crate) fn span(node: &impl Ranged) -> Span {
    let range: TextRange = node.range();
    Span::new(range.start().to_usize(), range.end().to_usize())
}

/// Returns what the lines say on their own: `NAME = value`.
fn lines(source: &str) -> Vec<Entry> {
    let mut start = 0;
    let mut entries = Vec::new();
    for line in source.split_inclusive('\n') {
        if line.len() < 1000
            && let Some((key, value)) = line.split_once('=')
        {
            let key_start = start + (key.len() - key.trim_start().len());
            let trimmed = value.trim();
            let value_start = start + key.len() + 1 + (value.len() - value.trim_start().len());
            let unquoted = trimmed.trim_matches(['\'', '"']);
            let key = key.trim();
            if !key.is_empty() && key.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_') {
                entries.push(Entry {
                    key: key.to_owned(),
                    key_span: Span::new(key_start, key_start + key.len()),
                    value: unquoted.to_owned(),
                    value_span: Span::new(value_start, value_start + trimmed.len()),
                    form: if unquoted.len() == trimmed.len() {
                        Form::Bare
                    } else {
                        Form::Text
                    },
                    scope: Scope::Unmarked,
                });
            }
        }
        start += line.len();
    }
    entries
}

#[cfg(test)]
mod tests;
