//! Mending turns a fault into the edits that a rule's record says, or says why they would not be safe: bytes in, edits
//! out.

mod package;
mod python;

use bstr::BStr;

use super::decode::Reading;
use super::syntax::{self, Syntax};
use super::{Engine, Match};
use crate::blob::Regions;
use crate::rule::{Mend, RuleIndex};
use crate::span::Span;

/// What is to be mended.
#[derive(Debug, Clone, Copy)]
pub struct Fault<'f> {
    /// The rule that found it.
    pub rule: RuleIndex,
    /// Its value.
    pub span: Span,
    /// Its key.
    pub key: Option<&'f str>,
}

/// Bytes, and the text that takes their place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    /// What goes.
    pub span: Span,
    /// What comes.
    pub text: String,
}

/// Why a fault is not mended by a program.
type Unsafe = &'static str;

const NONE: Unsafe = "there is no fix that a program could safely write";
const NO_TEXT: Unsafe = "the file is not a text of 8-bit units";
const BROKEN: Unsafe = "the file does not follow its own syntax";
const STAYS: Unsafe = "written here, the fix would not mend it";

impl Engine {
    /// Returns the edits that mend a fault, in order of place. The text that they make is read again: it follows its
    /// syntax, and the rule finds one fault less in it.
    ///
    /// # Errors
    /// Returns why there is no safe fix.
    pub fn mend(
        &self,
        bytes: &[u8],
        path: &BStr,
        fault: &Fault<'_>,
    ) -> Result<Vec<Edit>, &'static str> {
        let rule = self.rules.get(fault.rule);
        let mend = rule
            .mend
            .as_ref()
            .filter(|mend| mend.is_for(fault.key))
            .ok_or(NONE)?;
        if Reading::of(bytes) != Reading::Text || fault.span.end > bytes.len() {
            return Err(NO_TEXT);
        }
        let edits = match syntax::of(path) {
            Syntax::Python => python::edits(bytes, fault.span, mend)?,
            _ => edits(bytes, path, fault.span, mend)?,
        };
        let mended = apply(bytes, &edits);
        if is_broken(path, bytes) || is_broken(path, &mended) {
            return Err(BROKEN);
        }
        let count = |bytes: &[u8]| {
            let of_rule = |found: &&Match| found.rule == fault.rule;
            self.scan(bytes, &Regions::Whole, Some(path))
                .iter()
                .filter(of_rule)
                .count()
        };
        if count(&mended) < count(bytes) {
            Ok(edits)
        } else {
            Err(STAYS)
        }
    }
}

/// Returns the text with the edits made; they are in order of place and do not overlap.
pub fn apply(bytes: &[u8], edits: &[Edit]) -> Vec<u8> {
    let mut mended = Vec::with_capacity(bytes.len() + 128);
    let mut at = 0;
    for edit in edits {
        mended.extend_from_slice(&bytes[at..edit.span.start]);
        mended.extend_from_slice(edit.text.as_bytes());
        at = edit.span.end;
    }
    mended.extend_from_slice(&bytes[at..]);
    mended
}

fn is_broken(path: &BStr, bytes: &[u8]) -> bool {
    syntax::read(syntax::of(path), bytes).broken
}

/// Returns the edits for a file that is not Python, or not for its tree.
fn edits(bytes: &[u8], path: &BStr, span: Span, mend: &Mend) -> Result<Vec<Edit>, Unsafe> {
    match (&mend.replace, &mend.package, &mend.instead_of) {
        (Some(text), _, _) => Ok(vec![replaced(bytes, span, text)]),
        (_, Some(package), Some(old)) => package::edits(bytes, path, span, (old, package)),
        _ => Err(NONE),
    }
}

/// Returns the edit that puts a text in the place of a value; a word keeps the quotes that the value had.
fn replaced(bytes: &[u8], span: Span, text: &str) -> Edit {
    let there = span.of(bytes);
    let quote = match there {
        [first @ (b'"' | b'\''), .., last] if first == last => Some(char::from(*first)),
        _ => None,
    };
    let is_word = text.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let text = match quote.filter(|_| is_word) {
        Some(quote) => format!("{quote}{text}{quote}"),
        None => text.to_owned(),
    };
    Edit { span, text }
}

/// Returns the line end that the text uses.
fn line_end(bytes: &[u8]) -> &'static str {
    match memchr::memchr(b'\n', bytes) {
        Some(at) if at > 0 && bytes[at - 1] == b'\r' => "\r\n",
        _ => "\n",
    }
}

#[cfg(test)]
mod tests;
