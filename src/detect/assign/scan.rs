//! Small looks at text that the readers of assignments share: blanks, quotes, calls around a value.

use super::assignment::{Quote, Wrap};
use crate::span::Span;

/// A quote that opens a value.
#[derive(Debug, Clone, Copy)]
pub(super) struct Delimiter {
    /// Where the value starts.
    pub(super) open: usize,
    /// Which quote it is.
    pub(super) quote: Quote,
}

/// Tells whether the text holds the word. For texts of some hundred bytes this is quicker than a prepared search.
pub(super) fn holds(text: &[u8], word: &[u8]) -> bool {
    let Some(last) = text.len().checked_sub(word.len()) else {
        return false;
    };
    memchr::memchr_iter(word[0], &text[..=last]).any(|at| text[at..].starts_with(word))
}

/// Returns how many blanks and tabs stand at `at`, at most `most`.
pub(super) fn blanks(text: &[u8], at: usize, most: usize) -> usize {
    text[at.min(text.len())..]
        .iter()
        .take(most)
        .take_while(|&&byte| byte == b' ' || byte == b'\t')
        .count()
}

/// Returns the quote that opens at `at`, after at most two letters that tell the kind of text: `b"`, `rb'`, `@"`.
pub(super) fn quote(text: &[u8], at: usize) -> Option<Delimiter> {
    let prefix = text[at.min(text.len())..]
        .iter()
        .take(3)
        .take_while(|&&byte| {
            matches!(
                byte,
                b'b' | b'B'
                    | b'r'
                    | b'R'
                    | b'u'
                    | b'U'
                    | b'f'
                    | b'F'
                    | b'L'
                    | b'N'
                    | b'@'
                    | b'$'
                    | b'#'
                    | b'8'
                    | b's'
            )
        })
        .count();
    let open = at + prefix;
    let (length, quote) = match text.get(open..)? {
        [b'"', b'"', b'"', ..] => (3, Quote::Double),
        [b'\'', b'\'', b'\'', ..] => (3, Quote::Single),
        [b'"', ..] => (1, Quote::Double),
        [b'\'', ..] => (1, Quote::Single),
        [b'`', b'`', ..] => (2, Quote::Back),
        [b'`', ..] => (1, Quote::Back),
        [b'\\', b'\\', b'\\', b'"', ..] => (4, Quote::Escaped),
        [b'\\', b'"', ..] => (2, Quote::Escaped),
        rest if rest.starts_with(b"&quot;") => (6, Quote::Escaped),
        _ => return None,
    };
    Some(Delimiter {
        open: open + length,
        quote,
    })
}

/// Returns the value that a quote opened at `open`, up to the quote that closes it, and whether the text ended first.
pub(super) fn quoted(text: &[u8], open: usize, quote: Quote) -> Option<(Span, bool)> {
    let mut at = open;
    while let Some(&byte) = text.get(at) {
        match (byte, quote) {
            (b'\n', Quote::Single | Quote::Double | Quote::Escaped) => {
                // A text over several lines is no password; a key in one is read from its first line.
                return (at >= open + 40 || at == open)
                    .then(|| (Span::new(open + usize::from(at == open), at), true))
                    .filter(|found| !found.0.is_empty());
            }
            (b'\\', Quote::Escaped) if matches!(text.get(at + 1), Some(b'"' | b'\\')) => {
                return Some((Span::new(open, at), false));
            }
            (b'&', Quote::Escaped) if text[at..].starts_with(b"&quot;") => {
                return Some((Span::new(open, at), false));
            }
            (b'\\', _) => at += 1,
            (b'"', Quote::Double | Quote::Escaped)
            | (b'\'', Quote::Single)
            | (b'`', Quote::Back) => {
                return Some((Span::new(open, at), false));
            }
            _ => {}
        }
        at += 1;
    }
    Some((Span::new(open, text.len()), true))
}

/// Passes what a value is wrapped in and returns where the value starts: a call, an array, the look-up of a
/// variable with a default. `None` when it is a look-up without one.
pub(super) fn unwrap(text: &[u8], at: usize, key: Span) -> Option<(usize, Wrap)> {
    let mut at = at;
    let mut wrap = Wrap::None;
    let mut look_up = false;
    for _ in 0..3 {
        if quote(text, at).is_some() {
            break;
        }
        let rest = &text[at..];
        let name = rest
            .iter()
            .take(48)
            .take_while(|&&byte| {
                byte.is_ascii_alphanumeric()
                    || matches!(
                        byte,
                        b'_' | b'.' | b':' | b'$' | b'&' | b'*' | b'@' | b'!' | b' ' | b'?' | b'<'
                    )
            })
            .count();
        let bracket = match rest.get(name..) {
            Some([b'[', b']', ..]) => 2,
            Some([b'>', ..]) => 1,
            _ => 0,
        };
        let next = at + name + bracket;
        if !matches!(text.get(next), Some(b'(' | b'[' | b'{'))
            || bracket == 0 && name == 0 && !matches!(text.get(next), Some(b'(' | b'['))
        {
            break;
        }
        let inside = next + 1;
        let inside = inside
            + text[inside..]
                .iter()
                .take(64)
                .take_while(|byte| byte.is_ascii_whitespace())
                .count();
        look_up |= is_look_up(&rest[..name]);
        if quote(text, inside).is_none()
            && !rest[..name].iter().any(u8::is_ascii_alphabetic)
            && name + bracket > 0
        {
            break;
        }
        wrap = Wrap::Call;
        at = inside;
    }
    if quote(text, at).is_none() && wrap != Wrap::None {
        return None;
    }
    if look_up {
        return default(text, at).map(|at| (at, Wrap::Default));
    }
    if wrap == Wrap::Call
        && let Some(second) = second(text, at, key)
    {
        return Some((second, Wrap::Second));
    }
    if wrap == Wrap::None
        && quote(text, at).is_none()
        && let Some(at) = alternative(text, at)
    {
        return Some((at, Wrap::Default));
    }
    Some((at, wrap))
}

/// Tells whether a call looks a value up elsewhere: in the environment, the settings, a vault.
fn is_look_up(name: &[u8]) -> bool {
    const NAMES: [&[u8]; 14] = [
        b"env", b"config", b"setting", b"vault", b"option", b"param", b"request", b"get", b"fetch",
        b"find", b"read", b"load", b"lookup", b"prompt",
    ];
    let mut lower = [0u8; 48];
    let lower = &mut lower[..name.len().min(48)];
    lower.copy_from_slice(&name[..lower.len()]);
    lower.make_ascii_lowercase();
    let found = NAMES.iter().any(|known| holds(lower, known));
    // `getBytes("v")` and `target("v")` look nothing up.
    found && !holds(lower, b"bytes")
}

/// Returns where the default of a look-up starts: the second text of the call, or what follows `||`.
fn default(text: &[u8], at: usize) -> Option<usize> {
    let first = quote(text, at)?;
    let (value, cut) = quoted(text, first.open, first.quote)?;
    if cut {
        return None;
    }
    let after = value.end + 1;
    let rest = &text[after..text.len().min(after + 40)];
    let between = rest
        .iter()
        .take_while(|&&byte| {
            matches!(
                byte,
                b' ' | b',' | b')' | b']' | b'|' | b'?' | b':' | b'o' | b'r'
            )
        })
        .count();
    let gap = &rest[..between];
    let joined = gap.contains(&b',')
        || holds(gap, b"||")
        || holds(gap, b"??")
        || holds(gap, b" or ")
        || holds(gap, b"?:");
    (joined && quote(text, after + between).is_some()).then_some(after + between)
}

/// Returns where the text after `a.b.c || ` starts.
fn alternative(text: &[u8], at: usize) -> Option<usize> {
    let rest = &text[at..text.len().min(at + 80)];
    let name = rest
        .iter()
        .take_while(|&&byte| {
            byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'$' | b'@' | b'?')
        })
        .count();
    if name == 0 {
        return None;
    }
    let after = &rest[name..];
    for mark in [&b" || "[..], b" or ", b" ?? ", b"||", b" ?: "] {
        if after.starts_with(mark) {
            let at = at + name + mark.len();
            return quote(text, at).map(|_| at);
        }
    }
    None
}

/// Returns where the second text of a pair starts where the key asks for a pair: `auth = ("user", "v")`.
fn second(text: &[u8], at: usize, key: Span) -> Option<usize> {
    let key = key.of(text);
    let tail = &key[key.len().saturating_sub(4)..];
    if !tail.eq_ignore_ascii_case(b"auth") && !key.to_ascii_lowercase().ends_with(b"credentials") {
        return None;
    }
    let first = quote(text, at)?;
    let (value, _) = quoted(text, first.open, first.quote)?;
    let after = value.end + 1;
    let comma = after + blanks(text, after, 4);
    if text.get(comma) != Some(&b',') {
        return None;
    }
    let next = comma + 1 + blanks(text, comma + 1, 16);
    quote(text, next).map(|_| next)
}
