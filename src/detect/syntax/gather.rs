//! A gatherer collects the entries of one file and stops when they outgrow the file they come from.

use std::borrow::Cow;

use super::{Document, Entry, Form};
use crate::detect::found::Scope;
use crate::span::Span;

/// Collects entries in order of place.
pub(crate) struct Gather<'t> {
    /// The text that spans point into.
    pub(crate) text: &'t [u8],
    /// The scope that the next entries stand in.
    pub(crate) scope: Scope,
    entries: Vec<Entry>,
    /// How many bytes of keys and values may still be kept: key paths repeat their parents, so that deep
    /// nesting or a huge key would otherwise cost the square of the file.
    budget: usize,
}

/// How many levels of nesting a key path follows.
pub(crate) const DEEPEST: usize = 100;

/// Adds a part to a key path.
pub(crate) fn push(path: &mut String, part: &str) {
    if !path.is_empty() {
        path.push('.');
    }
    path.push_str(part);
}

impl<'t> Gather<'t> {
    /// Returns a gatherer for the entries of `text`.
    pub(crate) fn new(text: &'t [u8]) -> Self {
        Self::with_budget(text, text.len().saturating_mul(16))
    }

    /// Returns a gatherer that keeps so many bytes, and a million more.
    pub(crate) fn with_budget(text: &'t [u8], budget: usize) -> Self {
        Gather {
            text,
            scope: Scope::Unmarked,
            entries: Vec::new(),
            budget: budget.saturating_add(1 << 20),
        }
    }

    /// Adds an entry in the present scope, unless the budget is spent.
    pub(crate) fn put(&mut self, key: &str, key_span: Span, value: &str, at: (Span, Form)) {
        self.put_made(key.to_owned(), key_span, value.to_owned(), at);
    }

    /// The same for a key and a value that are made already.
    pub(crate) fn put_made(
        &mut self,
        key: String,
        key_span: Span,
        value: String,
        (value_span, form): (Span, Form),
    ) {
        let cost = key.len() + value.len() + size_of::<Entry>();
        let Some(left) = self.budget.checked_sub(cost) else {
            self.budget = 0;
            return;
        };
        self.budget = left;
        self.entries.push(Entry {
            key,
            key_span,
            value,
            value_span,
            form,
            scope: self.scope,
        });
    }

    /// Returns what lies at the span, as text.
    pub(crate) fn str(&self, span: Span) -> Cow<'t, str> {
        let bytes = span.of(self.text);
        // Nearly always it is text: this asks quicker.
        match std::str::from_utf8(bytes) {
            Ok(text) => Cow::Borrowed(text),
            Err(_) => String::from_utf8_lossy(bytes),
        }
    }

    /// Gives the entries from `first` on this scope: what a document or stage is shows at its end.
    pub(crate) fn rescope(&mut self, first: usize, scope: Scope) {
        for entry in self.entries.iter_mut().skip(first) {
            entry.scope = scope;
        }
    }

    /// Returns how many entries there are.
    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    /// Returns the entries so far.
    pub(crate) fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// Returns the document. Where the budget ran out it counts as broken, since entries are missing.
    pub(crate) fn done(mut self, broken: bool) -> Document {
        self.entries.sort_by_key(|entry| entry.value_span.start);
        Document {
            entries: self.entries,
            broken: broken || self.budget == 0,
        }
    }
}

/// Returns the scope that a name says: of a profile, a class, a stage, a section.
pub(crate) fn scope_of_name(name: &str) -> Scope {
    let lower = name.to_ascii_lowercase();
    let mut words = lower.split(|c: char| !c.is_ascii_alphanumeric());
    words
        .find_map(|word| match word {
            "dev" | "develop" | "development" | "local" | "debug" => Some(Scope::Development),
            "test" | "tests" | "testing" | "ci" => Some(Scope::Test),
            "prod" | "production" | "live" | "release" => Some(Scope::Production),
            _ => None,
        })
        .unwrap_or_default()
}

/// Returns the span of `text[start..end]` without blanks at its ends.
pub(crate) fn trimmed(text: &[u8], start: usize, end: usize) -> Span {
    let end = end.min(text.len());
    let slice = &text[start.min(end)..end];
    let front = slice.iter().take_while(|b| b.is_ascii_whitespace()).count();
    let back = slice[front..]
        .iter()
        .rev()
        .take_while(|b| b.is_ascii_whitespace())
        .count();
    Span::new(start + front, end.saturating_sub(back).max(start + front))
}

/// Returns the span without a pair of quotes around it, and whether there was one.
pub(crate) fn unquoted(text: &[u8], span: Span) -> (Span, Form) {
    match span.of(text) {
        [open @ (b'"' | b'\'' | b'`'), .., close] if open == close => {
            (Span::new(span.start + 1, span.end - 1), Form::Text)
        }
        _ => (span, Form::Bare),
    }
}

/// Returns the spans of the lines of `text[start..end]`, without their ends.
pub(crate) fn lines(text: &[u8], start: usize, end: usize) -> impl Iterator<Item = Span> + '_ {
    let end = end.min(text.len());
    let mut at = start.min(end);
    let mut over = false;
    std::iter::from_fn(move || {
        if over {
            return None;
        }
        let stop = memchr::memchr(b'\n', &text[at..end]).map_or(end, |ahead| at + ahead);
        let cut = usize::from(stop > at && text[stop - 1] == b'\r');
        let line = Span::new(at, stop - cut);
        over = stop == end;
        at = stop + 1;
        Some(line)
    })
}
