//! A value of no known form that a provider's name stands right before: a new form, or that of a provider that
//! publishes none.

use super::class::{is_uuid, looks_random};
use super::words;
use super::{Context, SECRET_WORDS};
use crate::span::Span;

/// The rule under which it is said.
pub(super) const RULE: &str = "provider-credential";
/// How much may stand between the name and the value: the rest of the key, an operator and a quote.
const CLOSE: usize = 32;
/// The longest value.
const LONGEST: usize = 1200;

/// Returns where the name ends and where the value lies, which may reach beyond the run: `part.part.part` is one value.
pub(super) fn beside(
    bytes: &[u8],
    ends: impl Iterator<Item = usize>,
    run: Span,
    context: Context,
) -> Option<(usize, Span)> {
    let value = widened(bytes, run)?;
    let end = ends.filter(|&end| end <= value.start).max()?;
    let between = &bytes[end..value.start];
    let is_key = between.len() <= CLOSE
        && between
            .iter()
            .any(|byte| matches!(byte, b'=' | b':' | b' ' | b'\t' | b'"' | b'\'' | b'>'))
        && !between.contains(&b'\n')
        && are_secret_words(between);
    let text = value.of(bytes);
    let is_drawn = !is_uuid(text) && !is_digest(text) || context.names_secret;
    (is_key && is_drawn && looks_random(run.of(bytes))).then_some((end, value))
}

/// Returns the run with what belongs to it on both sides; `None` for a piece of a path or of an address.
fn widened(bytes: &[u8], run: Span) -> Option<Span> {
    let is_inner = |byte: &&u8| {
        byte.is_ascii_graphic()
            && !matches!(
                byte,
                b'"' | b'\'' | b'`' | b'=' | b':' | b'(' | b')' | b',' | b';' | b'<' | b'>' | b'{' | b'}' | b'[' | b']' | b'|' | b'&'
            )
    };
    let before = bytes[..run.start]
        .iter()
        .rev()
        .take(LONGEST)
        .take_while(is_inner)
        .count();
    let after = bytes[run.end..]
        .iter()
        .take(LONGEST)
        .take_while(|byte| is_inner(byte) || **byte == b'=')
        .count();
    let start = run.start - before;
    let is_path = bytes[start..run.start]
        .iter()
        .any(|byte| matches!(byte, b'/' | b'\\' | b'@' | b'#' | b'$' | b'%'));
    (!is_path && before + run.len() + after <= LONGEST)
        .then(|| Span::new(start, run.end + after))
}

/// Tells whether every word is one for a secret: `_api_key`, `token is`.
fn are_secret_words(between: &[u8]) -> bool {
    const JOINS: [&[u8]; 6] = [b"is", b"the", b"my", b"id", b"client", b"app"];
    let mut all = true;
    words::parts(between, |part| {
        let hash = crate::rule::word_hash(part);
        all &= SECRET_WORDS.contains(&hash)
            || JOINS.iter().any(|join| part.eq_ignore_ascii_case(join));
    });
    all
}

/// Tells whether the value has the form of a hash: hex of the length of an MD5, SHA-1 or SHA-2 digest.
fn is_digest(value: &[u8]) -> bool {
    matches!(value.len(), 32 | 40 | 64 | 96 | 128) && value.iter().all(u8::is_ascii_hexdigit)
}
