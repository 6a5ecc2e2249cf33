//! Reads the value of an assignment: quoted, wrapped in a call, on the next line, or bare.

use super::assignment::{Assignment, BEFORE, Operator, Quote, Wrap};
use super::scan::{self, Delimiter};
use super::syntax::Syntax;
use crate::span::Span;

/// The longest run of blanks between operator and value.
const BLANKS: usize = 64;

/// Reads the value after an operator.
pub(super) fn read(
    text: &[u8],
    syntax: Syntax,
    key: Span,
    operator: Operator,
    after: usize,
) -> Option<Assignment> {
    let mut at = after + scan::blanks(text, after, BLANKS);
    if operator == Operator::Cell {
        at += text[at..].iter().take_while(|&&byte| byte == b'`').count();
    }
    let made = |value: Span, quote, wrap, cut| {
        (!value.is_empty()).then_some(Assignment {
            key,
            operator,
            value,
            quote,
            wrap,
            cut,
        })
    };
    if operator == Operator::Element {
        at += text[at..]
            .iter()
            .take(BLANKS)
            .take_while(|byte| byte.is_ascii_whitespace())
            .count();
        at += if text[at..].starts_with(b"<![CDATA[") {
            9
        } else {
            0
        };
        let length = text[at..]
            .iter()
            .position(|&byte| matches!(byte, b'<' | b'\n' | b']'))?;
        return made(Span::new(at, at + length), Quote::None, Wrap::None, false);
    }
    if matches!(text.get(at), Some(b'\n' | b'\r')) {
        at = next_line(text, syntax, operator, at)?;
    } else if matches!(text.get(at), Some(b'|' | b'>')) && syntax == Syntax::Yaml {
        at = block(text, at)?;
        return bare(text, syntax, key, at)
            .and_then(|(value, cut)| made(value, Quote::None, Wrap::None, cut));
    }
    if syntax == Syntax::Yaml {
        at = node(text, at);
    }
    at = joined(text, key, at)?;
    let (at, wrap) = scan::unwrap(text, at, key)?;
    if let Some(Delimiter { open, quote }) = scan::quote(text, at) {
        let (value, cut) = scan::quoted(text, open, quote)?;
        return made(value, quote, wrap, cut);
    }
    if wrap != Wrap::None {
        return None;
    }
    let (value, cut) = bare(text, syntax, key, at)?;
    made(value, Quote::None, wrap, cut)
}

/// Passes what names a YAML node or its type before the value: `&anchor V`, `!!str V`.
fn node(text: &[u8], at: usize) -> usize {
    let is_named = text.get(at) == Some(&b'&') || text[at..].starts_with(b"!!str");
    let name = text[at..]
        .iter()
        .take(BLANKS)
        .position(|&byte| byte == b' ')
        .filter(|_| is_named);
    name.map_or(at, |name| at + name + scan::blanks(text, at + name, BLANKS))
}

/// Passes the end of a text whose last word is the key, and the sign that joins it to the value: `'password=' + 'V'`.
/// `None` when what is joined is no text.
fn joined(text: &[u8], key: Span, at: usize) -> Option<usize> {
    let Some(&quote @ (b'"' | b'\'' | b'`')) = text.get(at) else {
        return Some(at);
    };
    let before = &text[key.start.saturating_sub(BEFORE)..key.start];
    let line = memchr::memrchr(b'\n', before).map_or(before, |newline| &before[newline + 1..]);
    let is_open = memchr::memchr_iter(quote, line).count() % 2 == 1 && line.last() != Some(&quote);
    let sign = at + 1 + scan::blanks(text, at + 1, 4);
    if !is_open || !matches!(text.get(sign), Some(b'+' | b'.' | b'&')) {
        return Some(at);
    }
    let next = sign + 1 + scan::blanks(text, sign + 1, 4);
    scan::quote(text, next).map(|_| next)
}

/// Goes on to the next line where a value may start there: after `=`, `(`, `:` of code, before a quote.
fn next_line(text: &[u8], syntax: Syntax, operator: Operator, at: usize) -> Option<usize> {
    let blanks = text[at..]
        .iter()
        .take(BLANKS)
        .take_while(|byte| byte.is_ascii_whitespace())
        .count();
    let next = at + blanks;
    let quoted = scan::quote(text, next).is_some();
    let goes_on = matches!(
        operator,
        Operator::Assign | Operator::Colon | Operator::Arrow | Operator::Call | Operator::Comma
    );
    (quoted && goes_on && !matches!(syntax, Syntax::Settings | Syntax::Document)).then_some(next)
}

/// Passes the head of a YAML block, `|` or `>-`, and returns where its text starts.
fn block(text: &[u8], at: usize) -> Option<usize> {
    let head = 1 + text[at + 1..]
        .iter()
        .take(3)
        .take_while(|&&byte| matches!(byte, b'-' | b'+' | b'0'..=b'9' | b'\r'))
        .count();
    if text.get(at + head) != Some(&b'\n') {
        return None;
    }
    let blanks = text[at + head..]
        .iter()
        .take(BLANKS)
        .take_while(|byte| byte.is_ascii_whitespace())
        .count();
    Some(at + head + blanks)
}

/// Returns a value without quotes, and whether it was cut.
fn bare(text: &[u8], syntax: Syntax, key: Span, at: usize) -> Option<(Span, bool)> {
    let before = &text[key.start.saturating_sub(BEFORE)..at];
    let before = memchr::memrchr(b'\n', before).map_or(before, |newline| &before[newline + 1..]);
    let flow = before
        .iter()
        .any(|&byte| matches!(byte, b'{' | b'[' | b'"' | b'\'' | b'?'));
    let whole_line = syntax.whole_line() && !flow;
    let rest = &text[at..];
    let length = if whole_line {
        let line = rest
            .iter()
            .position(|&byte| byte == b'\n')
            .unwrap_or(rest.len());
        let comment = rest[..line]
            .windows(2)
            .position(|pair| pair == b" #")
            .unwrap_or(line);
        rest[..comment].trim_ascii_end().len()
    } else {
        rest.iter()
            .position(|&byte| {
                byte.is_ascii_whitespace()
                    || matches!(
                        byte,
                        b'"' | b'\''
                            | b'`'
                            | b','
                            | b';'
                            | b')'
                            | b'}'
                            | b']'
                            | b'>'
                            | b'<'
                            | b'&'
                            | b'|'
                            | b'\\'
                    )
            })
            .unwrap_or(rest.len())
    };
    // A variable or a template keeps its brackets, so that it is known for one.
    let length = if length <= 2
        && rest
            .first()
            .is_some_and(|&byte| matches!(byte, b'$' | b'<' | b'{' | b'%' | b'#'))
    {
        rest.iter()
            .take(64)
            .position(|&byte| byte.is_ascii_whitespace())
            .unwrap_or(length)
    } else {
        length
    };
    let cut = length == rest.len() && length > 200;
    (length > 0).then(|| (Span::new(at, at + length), cut))
}
