//! A frame is the lines of a finding as they may be shown: every secret masked, nothing that moves a cursor.

use std::fmt::Write as _;

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use crate::detect::{Match, What};
use crate::span::{Lines, Span, line_end_within, line_start_within};

/// The most columns of a line that are shown.
const WIDTH: usize = 100;
/// How many bytes before and after a match are looked at, however long the line is.
const AROUND: usize = 400;

/// The lines of a finding.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Frame {
    /// The line of the match, then those of its other places, by number.
    pub lines: Vec<Line>,
}

/// A line as it may be shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// The line's number, from 1.
    pub number: usize,
    /// The text, masked.
    pub text: String,
    /// What in it is marked.
    pub mark: Mark,
}

/// A marked place in a shown line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark {
    /// The column where the mark starts, from 0, in terminal cells.
    pub column: usize,
    /// How many cells it covers: of a secret always the same, whatever its length.
    pub width: usize,
    /// What the place is, where it is not the finding itself.
    pub label: Option<String>,
}

impl Frame {
    /// Returns the frame of a match. `matches` are all of the blob: their secrets are masked too.
    pub fn new(bytes: &[u8], lines: &Lines<'_>, found: &Match, matches: &Matches<'_>) -> Self {
        if matches!(found.what, What::File) {
            return Frame::default();
        }
        let mut shown = vec![line(bytes, lines, found.span, None, matches)];
        for related in &found.related {
            shown.push(line(
                bytes,
                lines,
                related.span,
                Some(related.title.clone()),
                matches,
            ));
        }
        shown.sort_by_key(|line| line.number);
        shown.dedup_by_key(|line| line.number);
        Frame { lines: shown }
    }
}

/// All matches of a blob, in order of place, and how far from its start the secrets of one reach at most.
pub struct Matches<'m> {
    all: &'m [Match],
    reach: usize,
}

impl<'m> Matches<'m> {
    /// Takes matches in order of place.
    pub fn new(all: &'m [Match]) -> Self {
        let secrets = all.iter().filter(|found| found.is_secret());
        let reach = secrets.flat_map(|found| {
            let related = found.related.iter().map(|related| related.span);
            let spans = std::iter::once(found.span).chain(related);
            spans.map(|span| {
                let before = found.span.start.saturating_sub(span.start);
                before.max(span.end.saturating_sub(found.span.start))
            })
        });
        Matches {
            all,
            reach: reach.max().unwrap_or(0),
        }
    }
}

/// What must not be shown of a blob.
struct Hidden<'m> {
    spans: Vec<(Span, &'m str)>,
}

impl<'m> Hidden<'m> {
    /// Returns the secrets that may touch `window`: a secret of more than 64 KiB is hidden by its own finding only.
    fn near(matches: &Matches<'m>, window: Span) -> Self {
        const LONGEST: usize = 1 << 16;
        let reach = (matches.reach + AROUND).min(LONGEST);
        let all = matches.all;
        let first = all.partition_point(|found| found.span.start + reach < window.start);
        let past = all.partition_point(|found| found.span.start < window.end + reach);
        let touches =
            |span: &Span| span.start < window.end + AROUND && window.start < span.end + AROUND;
        let mut spans = Vec::new();
        for found in &all[first..past.max(first)] {
            if let What::Secret { mask, .. } = &found.what {
                let own = std::iter::once((found.span, mask.as_str()));
                let related = found
                    .related
                    .iter()
                    .map(|related| (related.span, related.mask.as_str()));
                spans.extend(own.chain(related).filter(|(span, _)| touches(span)));
            }
        }
        spans.sort_unstable();
        Hidden { spans }
    }

    /// Returns the first hidden span that ends after `at`.
    fn next(&self, at: usize) -> Option<(Span, &'m str)> {
        self.spans.iter().find(|(span, _)| span.end > at).copied()
    }
}

/// Returns a line of a text as it may be shown: these secrets masked, and what looks like one hidden too.
pub fn shown(bytes: &[u8], line: Span, secrets: &[(Span, String)]) -> String {
    let spans = secrets.iter().map(|(span, mask)| (*span, mask.as_str()));
    let mut spans: Vec<(Span, &str)> = spans.collect();
    spans.sort_unstable();
    masked(bytes, line, &Hidden { spans })
}

fn line(
    bytes: &[u8],
    lines: &Lines<'_>,
    place: Span,
    label: Option<String>,
    matches: &Matches<'_>,
) -> Line {
    let start = line_start_within(bytes, place.start, AROUND);
    let first_end = line_end_within(bytes, place.start, place.len() + AROUND);
    let end = first_end.min(place.start.max(place.end.min(first_end)) + AROUND);
    let hidden = &Hidden::near(matches, Span::new(start, end));
    let before = masked(bytes, Span::new(start, place.start), hidden);
    let over = |(span, _): &&(Span, &str)| span.start == place.start || span.overlaps(place);
    let secret = hidden.spans.iter().find(over);
    // Two rules may hide the same value with other borders.
    let hidden_to = hidden
        .spans
        .iter()
        .filter(over)
        .map(|(span, _)| span.end)
        .max();
    let (shown, width) = match secret {
        Some((_, mask)) => ((*mask).to_owned(), 5),
        None => {
            let shown = printable(Span::new(place.start, place.end.min(end)).of(bytes));
            let width = shown.width().clamp(1, WIDTH / 2);
            (shown, width)
        }
    };
    let after_from = hidden_to.unwrap_or(place.end).min(end);
    let after = masked(bytes, Span::new(after_from, end), hidden);
    let before = keep_end(&before, WIDTH / 2);
    let text = keep_start(&format!("{before}{shown}{after}"), WIDTH);
    Line {
        number: lines.position(place.start).line,
        text,
        mark: Mark {
            column: before.width(),
            width,
            label,
        },
    }
}

/// Returns the text of a span with every secret replaced by its mask, and with what looks like one hidden too.
fn masked(bytes: &[u8], span: Span, hidden: &Hidden<'_>) -> String {
    let mut text = String::new();
    let mut at = span.start;
    while at < span.end {
        match hidden
            .next(at)
            .filter(|(secret, _)| secret.start < span.end)
        {
            Some((secret, mask)) => {
                text.push_str(&scrubbed(Span::new(at, secret.start.max(at)).of(bytes)));
                text.push_str(mask);
                at = secret.end;
            }
            None => {
                text.push_str(&scrubbed(&bytes[at..span.end]));
                at = span.end;
            }
        }
    }
    for (secret, _) in &hidden.spans {
        let value = printable(secret.of(bytes));
        if value.len() >= 4 && text.contains(&value) {
            text = text.replace(&value, "…");
        }
    }
    text
}

/// Returns printable text in which long random-looking runs are hidden, though no rule knew them, and so is the
/// password of a URL.
fn scrubbed(bytes: &[u8]) -> String {
    let text = printable(bytes);
    let is_token = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '=' | '_' | '-');
    let mut out = String::with_capacity(text.len());
    let mut rest = text.as_str();
    while !rest.is_empty() {
        let run = rest.find(|c| !is_token(c)).unwrap_or(rest.len());
        let digits = rest[..run].bytes().filter(u8::is_ascii_digit).count();
        if run >= 20 && digits >= 3 {
            out.push('…');
        } else {
            out.push_str(&rest[..run]);
        }
        rest = &rest[run..];
        let gap = rest.find(is_token).unwrap_or(rest.len());
        out.push_str(&rest[..gap]);
        rest = &rest[gap..];
    }
    hide_userinfo(out)
}

fn hide_userinfo(text: String) -> String {
    let hide = || {
        let (scheme, rest) = text.split_once("://")?;
        let authority = rest
            .find(['/', ' ', '"', '\''])
            .map_or(rest, |end| &rest[..end]);
        let (userinfo, _) = authority.rsplit_once('@')?;
        let (user, password) = userinfo.split_once(':')?;
        let after = &rest[userinfo.len()..];
        (!password.is_empty()).then(|| format!("{scheme}://{user}:…{after}"))
    };
    hide().unwrap_or(text)
}

/// Returns bytes as text that is safe on a terminal: tabs as four spaces, control, format and bidirectional
/// characters and what is not UTF-8 escaped.
pub fn printable(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        for c in chunk.valid().chars() {
            match c {
                '\t' => text.push_str("    "),
                '\r' => {}
                c if c.is_control() || is_format(c) || c.width().is_none() => {
                    let _ = write!(text, "\\u{{{:x}}}", u32::from(c));
                }
                c => text.push(c),
            }
        }
        for byte in chunk.invalid() {
            let _ = write!(text, "\\x{byte:02x}");
        }
    }
    text
}

/// Tells whether a character changes how others are shown: bidirectional controls, zero-width and tag characters
/// (Unicode general category Cf, the ranges that occur).
fn is_format(c: char) -> bool {
    matches!(u32::from(c), 0xad | 0x61c | 0x180e | 0x200b..=0x200f | 0x202a..=0x202e | 0x2060..=0x206f
        | 0xfeff | 0xfff9..=0xfffb | 0xe0000..=0xe007f)
}

fn keep_end(text: &str, width: usize) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    let mut kept = 1;
    let from = text
        .char_indices()
        .rev()
        .take_while(|(_, c)| {
            kept += c.width().unwrap_or(0);
            kept <= width
        })
        .last();
    format!("…{}", from.map_or("", |(at, _)| &text[at..]))
}

fn keep_start(text: &str, width: usize) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    let mut kept = 1;
    let shown: String = text
        .chars()
        .take_while(|c| {
            kept += c.width().unwrap_or(0);
            kept <= width
        })
        .collect();
    shown + "…"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_moves_a_cursor_is_shown() {
        assert_eq!(printable(b"a\x1b[31mb\tc\xff"), "a\\u{1b}[31mb    c\\xff");
        assert_eq!(printable("a\u{202e}b".as_bytes()), "a\\u{202e}b");
    }

    #[test]
    fn a_token_that_no_rule_knows_is_hidden_too() {
        let run = "Zx81".repeat(6);
        assert_eq!(scrubbed(format!("k = {run};").as_bytes()), "k = …;");
        assert_eq!(scrubbed(b"postgres://app:pw@db/x"), "postgres://app:…@db/x");
    }
}
