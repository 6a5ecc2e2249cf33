//! Reads the assignment that a key word stands in, in any language: the key, the operator, the value.
//!
//! Nothing is parsed but the few bytes around the key: every look is bounded, so a long line costs no more
//! than a short one.

use super::assignment::{Assignment, Operator, REACH};
use super::syntax::Syntax;
use super::{operand, scan};
use crate::span::Span;

/// The longest key.
const KEY: usize = 80;
/// The longest run of blanks between the parts of an assignment.
const BLANKS: usize = 64;

/// What follows a key before the operator.
struct Closers {
    /// A quote was closed: the key is itself a text.
    quoted: bool,
    /// A blank was passed.
    blank: bool,
    at: usize,
}

/// Returns the assignment whose key holds the key word at `hit`.
pub(super) fn read(text: &[u8], syntax: Syntax, hit: Span) -> Option<Assignment> {
    let key = key(text, hit)?;
    let text = &text[..text.len().min(key.end + REACH)];
    let closers = closers(text, key.end);
    let (operator, after) = operator(text, syntax, key, &closers)?;
    operand::read(text, syntax, key, operator, after)
}

/// Returns the key around a key word: letters, digits, `_`, `-`, `.` and `$`.
fn key(text: &[u8], hit: Span) -> Option<Span> {
    let is_key = |byte: u8| {
        byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b'$') || byte >= 0x80
    };
    let before = text[..hit.start]
        .iter()
        .rev()
        .take(KEY)
        .take_while(|&&byte| is_key(byte))
        .count();
    let after = text[hit.start..]
        .iter()
        .take(KEY)
        .take_while(|&&byte| is_key(byte))
        .count();
    if before + after > KEY {
        return None;
    }
    let mut key = Span::new(hit.start - before, hit.start + after);
    // A colon of Chinese or Japanese text is an operator, not a letter.
    if memchr::memchr(0xef, key.of(text)).is_some()
        && let Some(colon) = memchr::memmem::find(key.of(text), "：".as_bytes())
    {
        if key.start + colon < hit.start {
            key.start += colon + 3;
        } else {
            key.end = key.start + colon;
        }
    }
    while key.end > key.start && matches!(text[key.end - 1], b'.' | b'-') {
        key.end -= 1;
    }
    (key.end > key.start).then_some(key)
}

/// Passes what closes a key: quotes, brackets, `?`, `!`, emphasis, blanks.
fn closers(text: &[u8], start: usize) -> Closers {
    let mut closers = Closers {
        quoted: false,
        blank: false,
        at: start,
    };
    let end = text.len().min(start + BLANKS);
    while closers.at < end {
        match text[closers.at] {
            b'"' | b'\'' | b'`' if !closers.blank => closers.quoted = true,
            b'\\' if text.get(closers.at + 1) == Some(&b'"') => {}
            b']' | b')' | b'?' if !closers.blank => {}
            b'!' if !closers.blank && text.get(closers.at + 1) != Some(&b'=') => {}
            b'*' if text.get(closers.at + 1) == Some(&b'*')
                || closers.at > start && text[closers.at - 1] == b'*' => {}
            b' ' | b'\t' => closers.blank = true,
            b'[' if matches!(text.get(closers.at + 1), Some(b']' | b'0'..=b'9')) => {
                match text[closers.at..]
                    .iter()
                    .take(12)
                    .position(|&byte| byte == b']')
                {
                    Some(close) => closers.at += close,
                    None => break,
                }
            }
            _ => break,
        }
        closers.at += 1;
    }
    closers
}

/// Returns the operator after a key, and where the value may start.
fn operator(
    text: &[u8],
    syntax: Syntax,
    key: Span,
    closers: &Closers,
) -> Option<(Operator, usize)> {
    let at = closers.at;
    let rest = &text[at..];
    let element = key.start > 0 && matches!(text[key.start - 1], b'<' | b':') && !closers.blank;
    let found = match rest {
        [b'=' | b'!', b'=', b'=', ..] => (Operator::Compare, at + 3),
        [b'=' | b'!', b'=', ..] => (Operator::Compare, at + 2),
        [b'=' | b'-', b'>', ..] => (Operator::Arrow, at + 2),
        [b'=', b'~', ..] | [b':', b':', ..] => return None,
        [b'=', ..] => (Operator::Assign, at + 1),
        [b':' | b'+' | b'?', b'=', ..] | [b'<', b'-', ..] => (Operator::Assign, at + 2),
        [b'|', b'|', b'=', ..] => (Operator::Assign, at + 3),
        [b':', ..] => return Some(colon(text, syntax, at + 1)),
        [0xef, 0xbc, 0x9a, ..] => (Operator::Colon, at + 3),
        [b'(', ..] if !closers.blank && at == key.end => (Operator::Call, at + 1),
        [b'>', ..] if element || closers.quoted => (Operator::Element, at + 1),
        [b'|', ..] if closers.blank && syntax == Syntax::Document => (Operator::Cell, at + 1),
        _ => return labelled(text, key, closers).or_else(|| blank(text, syntax, key, closers)),
    };
    Some(found)
}

/// Reads on after `:`, where a type may stand before the value: `password: &str = "v"`.
fn colon(text: &[u8], syntax: Syntax, after: usize) -> (Operator, usize) {
    if syntax == Syntax::Code {
        let start = after + scan::blanks(text, after, BLANKS);
        let typed = text[start..].iter().take(48).take_while(|&&byte| {
            byte.is_ascii_alphanumeric()
                || matches!(
                    byte,
                    b'_' | b'<' | b'>' | b'[' | b']' | b' ' | b'.' | b'|' | b'&' | b'?' | b'\''
                )
        });
        let end = start + typed.count();
        let quoted = text.get(start).is_none_or(|&byte| byte == b'\'');
        if !quoted
            && end > start
            && text.get(end) == Some(&b'=')
            && !matches!(text.get(end + 1), Some(b'=' | b'>'))
        {
            return (Operator::Assign, end + 1);
        }
    }
    (Operator::Colon, after)
}

/// Reads a value that has a label of its own: `name="k" value="v"`, `"key": "k", "value": "v"`.
fn labelled(text: &[u8], key: Span, closers: &Closers) -> Option<(Operator, usize)> {
    let mut at = closers.at;
    match text.get(at) {
        Some(b',' | b'\n' | b'\r') => {}
        Some(b'<') => return plist(text, at),
        Some(b';') if closers.quoted => return serialized(text, at),
        _ if closers.blank && closers.quoted => {}
        _ => return None,
    }
    let comma = text.get(at) == Some(&b',');
    at += usize::from(comma);
    let blanks = text[at..]
        .iter()
        .take(BLANKS)
        .take_while(|byte| byte.is_ascii_whitespace())
        .count();
    at += blanks;
    if comma
        && (closers.quoted || key.start > 0 && text[key.start - 1] == b':')
        && blanks < 3
        && matches!(text.get(at), Some(b'"' | b'\'' | b'@' | b'b' | b'`'))
        && !is_label(text, at)
    {
        return Some((Operator::Comma, at));
    }
    if !is_label(text, at) {
        return None;
    }
    let word = at
        + text[at..]
            .iter()
            .take_while(|&&byte| !byte.is_ascii_alphabetic())
            .count();
    let end = word
        + text[word..]
            .iter()
            .take_while(|byte| byte.is_ascii_alphabetic())
            .count();
    let end = end
        + text[end..]
            .iter()
            .take(4)
            .take_while(|&&byte| matches!(byte, b'"' | b'\'' | b'\\' | b' '))
            .count();
    matches!(text.get(end), Some(b':' | b'=')).then(|| {
        let arrow = usize::from(text.get(end + 1) == Some(&b'>'));
        (Operator::Label, end + 1 + arrow)
    })
}

/// Tells whether one of the words that label a value starts at `at`, in quotes or not.
fn is_label(text: &[u8], at: usize) -> bool {
    let mut at = at;
    at += text[at..]
        .iter()
        .take(4)
        .take_while(|&&byte| matches!(byte, b'"' | b'\'' | b'\\' | b'-' | b':'))
        .count();
    ["value", "Value", "val", "default", "defaultValue"]
        .iter()
        .any(|label| {
            text[at..].starts_with(label.as_bytes())
                && text
                    .get(at + label.len())
                    .is_some_and(|&byte| !byte.is_ascii_alphanumeric())
        })
}

/// Reads a pair as PHP's `serialize` writes it: `s:8:"password";s:14:"v";`.
fn serialized(text: &[u8], at: usize) -> Option<(Operator, usize)> {
    let rest = text[at..].strip_prefix(b";s:")?;
    let digits = rest
        .iter()
        .take(6)
        .take_while(|byte| byte.is_ascii_digit())
        .count();
    (rest.get(digits) == Some(&b':')).then_some((Operator::Comma, at + 3 + digits + 1))
}

/// Reads a property list's `<key>k</key> <string>v</string>`.
fn plist(text: &[u8], at: usize) -> Option<(Operator, usize)> {
    if !text[at..].starts_with(b"</key>") && !text[at..].starts_with(b"</name>") {
        return None;
    }
    let close = at + text[at..].iter().position(|&byte| byte == b'>')? + 1;
    let open = close
        + text[close..]
            .iter()
            .take(BLANKS)
            .take_while(|byte| byte.is_ascii_whitespace())
            .count();
    let known = text[open..].starts_with(b"<string>") || text[open..].starts_with(b"<value>");
    let end = open + text[open..].iter().position(|&byte| byte == b'>')? + 1;
    known.then_some((Operator::Element, end))
}

/// Passes the switches of a PowerShell command: `-AsPlainText -Force -String V`.
fn past_switches(text: &[u8], mut at: usize) -> usize {
    for _ in 0..3 {
        if text.get(at) != Some(&b'-') {
            break;
        }
        at += text[at..]
            .iter()
            .take_while(|byte| !byte.is_ascii_whitespace())
            .count();
        at += scan::blanks(text, at, 8);
    }
    at
}

/// Reads what follows a blank: a quoted text, the value of an option, a type before `=`, or `is`.
fn blank(text: &[u8], syntax: Syntax, key: Span, closers: &Closers) -> Option<(Operator, usize)> {
    let at = closers.at;
    let &next = text.get(at)?;
    if !closers.blank || closers.quoted && syntax != Syntax::Document {
        return None;
    }
    if matches!(next, b'"' | b'\'') {
        return Some((Operator::Blank, at));
    }
    if key.of(text).eq_ignore_ascii_case(b"ConvertTo-SecureString") {
        return Some((Operator::Blank, past_switches(text, at)));
    }
    let option = text[key.start] == b'-';
    for word in [
        "is ", "is: ", "was ", "to ", "IS ", "BY ", "by ", "set to ", "of ",
    ] {
        if text[at..].starts_with(word.as_bytes()) {
            let prose = if word.eq_ignore_ascii_case("by ") {
                Operator::Blank
            } else {
                Operator::Prose
            };
            return Some((prose, at + word.len()));
        }
    }
    if option && !matches!(next, b'-' | b'|' | b'\\') {
        return Some((Operator::Blank, at));
    }
    if syntax == Syntax::Code || syntax == Syntax::Sql {
        let word = text[at..].iter().take(24).take_while(|&&byte| {
            byte.is_ascii_alphanumeric() || matches!(byte, b'[' | b']' | b'*' | b'(' | b')')
        });
        let end = at + word.count();
        let equals = end + scan::blanks(text, end, 8);
        if text.get(equals) == Some(&b'=') && text.get(equals + 1) != Some(&b'=') {
            return Some((Operator::Assign, equals + 1));
        }
        let default = text[equals..]
            .get(..8)
            .is_some_and(|word| word.eq_ignore_ascii_case(b"default "));
        return default.then_some((Operator::Assign, equals + 8));
    }
    let setting = matches!(syntax, Syntax::Settings | Syntax::Unknown | Syntax::Shell);
    let first = key.start == 0 || matches!(text[key.start - 1], b'\n' | b' ' | b'\t');
    (setting && first && next.is_ascii_graphic()).then_some((Operator::Blank, at))
}
