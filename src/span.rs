//! A span is a byte range in a blob; a position is the line and column a person calls it.

use std::cell::Cell;

/// A half-open byte range `start..end` in a blob.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// Offset of the first byte.
    pub start: usize,
    /// Offset after the last byte.
    pub end: usize,
}

impl Span {
    /// Returns the span `start..end`; an end before the start is moved to the start.
    pub fn new(start: usize, end: usize) -> Self {
        Self {
            start,
            end: end.max(start),
        }
    }

    /// Returns the number of bytes in the span.
    pub fn len(self) -> usize {
        self.end - self.start
    }

    /// Tells whether the span holds no byte.
    pub fn is_empty(self) -> bool {
        self.start == self.end
    }

    /// Tells whether the two spans share at least one byte.
    pub fn overlaps(self, other: Span) -> bool {
        self.start < other.end && other.start < self.end
    }

    /// Tells whether `other` lies wholly inside this span.
    pub fn contains(self, other: Span) -> bool {
        self.start <= other.start && other.end <= self.end
    }

    /// Returns the smallest span that holds both.
    #[must_use]
    pub fn cover(self, other: Span) -> Span {
        Span {
            start: self.start.min(other.start),
            end: self.end.max(other.end),
        }
    }

    /// Returns the bytes of `text` that the span names; what lies beyond the text is cut off.
    pub fn of(self, text: &[u8]) -> &[u8] {
        let end = self.end.min(text.len());
        &text[self.start.min(end)..end]
    }
}

impl From<std::ops::Range<usize>> for Span {
    fn from(range: std::ops::Range<usize>) -> Self {
        Span::new(range.start, range.end)
    }
}

/// A line and a column, both counted from 1.
///
/// Columns count Unicode code points; a byte that is not UTF-8 counts as one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position {
    /// The line, from 1.
    pub line: usize,
    /// The column, from 1, in code points.
    pub column: usize,
}

/// How many bytes of a text are counted together.
const BLOCK: usize = 4096;

/// How many lines come before each part of a text: made once for a text with findings, then each position is a look at
/// one part. Takes a five-hundredth of the text's memory, however short the lines are.
#[derive(Debug)]
pub struct Lines<'t> {
    text: &'t [u8],
    /// How many line feeds stand before each block, and before the end.
    before: Vec<usize>,
    /// The last position told and where its line starts, so that a thousand places on one endless line are not each
    /// counted from its start.
    last: Cell<(usize, Position, usize)>,
}

impl<'t> Lines<'t> {
    /// Returns the lines of a text. Costs one pass over it.
    pub fn new(text: &'t [u8]) -> Self {
        let mut before = Vec::with_capacity(text.len() / BLOCK + 2);
        let mut count = 0;
        for block in text.chunks(BLOCK) {
            before.push(count);
            count += memchr::memchr_iter(b'\n', block).count();
        }
        before.push(count);
        let last = Cell::new((0, Position { line: 1, column: 1 }, 0));
        Lines { text, before, last }
    }

    /// Returns the position of the byte at `offset`, or of the end of the text.
    pub fn position(&self, offset: usize) -> Position {
        let offset = offset.min(self.text.len());
        let block = (offset / BLOCK).min(self.before.len() - 1);
        let feeds = memchr::memchr_iter(b'\n', &self.text[block * BLOCK..offset]).count();
        let line = self.before[block] + feeds + 1;
        let chars = |from: usize, to: usize| bstr::ByteSlice::chars(&self.text[from..to]).count();
        let starts_char = |at: usize| self.text.get(at).is_none_or(|byte| byte & 0xc0 != 0x80);
        let (known, told, known_start) = self.last.get();
        let start = if told.line == line {
            known_start
        } else {
            line_start(self.text, offset)
        };
        let column = if told.line != line || !starts_char(known) || !starts_char(offset) {
            chars(start, offset) + 1
        } else if known <= offset {
            told.column + chars(known, offset)
        } else {
            told.column - chars(offset, known)
        };
        let position = Position { line, column };
        self.last.set((offset, position, start));
        position
    }
}

/// Returns the offset of the line feed that ends the line of `offset`, or `bound` after it where it ends further away.
pub fn line_end_within(text: &[u8], offset: usize, bound: usize) -> usize {
    line_end(
        &text[..text.len().min(offset.saturating_add(bound))],
        offset,
    )
}

/// Returns the offset of the first byte of the line that holds `offset`.
pub fn line_start(text: &[u8], offset: usize) -> usize {
    memchr::memrchr(b'\n', &text[..offset.min(text.len())]).map_or(0, |newline| newline + 1)
}

/// Returns the start of the line that holds `offset`, or the offset `most` bytes before where that is further away:
/// a line of a whole file costs no more than others.
pub fn line_start_within(text: &[u8], offset: usize, most: usize) -> usize {
    let offset = offset.min(text.len());
    let from = offset.saturating_sub(most);
    from + line_start(&text[from..offset], offset - from)
}

/// Returns the offset of the line feed that ends the line of `offset`, or the length of the text.
pub fn line_end(text: &[u8], offset: usize) -> usize {
    let offset = offset.min(text.len());
    memchr::memchr(b'\n', &text[offset..]).map_or(text.len(), |ahead| offset + ahead)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_the_same_in_any_order() {
        let text = "aé\u{1f600}b\nxyé\n".as_bytes();
        let lines = Lines::new(text);
        let orders = [
            [3, 1, 7, 12, 8, 0],
            [0, 7, 8, 3, 12, 1],
            [12, 8, 7, 3, 1, 0],
        ];
        for offset in orders.concat() {
            let fresh = Lines::new(text).position(offset);
            assert_eq!(lines.position(offset), fresh, "{offset}");
        }
    }

    #[test]
    fn a_bound_holds_on_a_long_line_and_changes_nothing_on_a_short_one() {
        let text = b"ab\ncdefgh\nij";
        assert_eq!(
            (line_start_within(text, 6, 50), line_end_within(text, 6, 50)),
            (3, 9)
        );
        assert_eq!(
            (line_start_within(text, 6, 2), line_end_within(text, 6, 2)),
            (4, 8)
        );
        assert_eq!(
            (
                line_start_within(text, 99, 50),
                line_end_within(text, 99, 50)
            ),
            (10, 12)
        );
    }

    #[test]
    fn lines_are_counted_over_many_blocks() {
        let text: Vec<u8> = (0..9000)
            .flat_map(|line| format!("{line}\n").into_bytes())
            .collect();
        let lines = Lines::new(&text);
        let mut line = 1;
        for (offset, &byte) in text.iter().enumerate() {
            if offset % 97 == 0 || offset % BLOCK < 2 {
                assert_eq!(lines.position(offset).line, line, "{offset}");
            }
            line += usize::from(byte == b'\n');
        }
        assert_eq!(lines.position(text.len()), Position { line, column: 1 });
        assert_eq!(Lines::new(b"").position(0), Position { line: 1, column: 1 });
    }

    #[test]
    fn columns_count_code_points() {
        let text = "a\nß = x".as_bytes();
        assert_eq!(
            Lines::new(text).position(2),
            Position { line: 2, column: 1 }
        );
        assert_eq!(
            Lines::new(text).position(text.len() - 1),
            Position { line: 2, column: 5 }
        );
    }

    #[test]
    fn an_offset_past_the_end_is_the_end() {
        assert_eq!(
            Lines::new(b"a\nb").position(99),
            Position { line: 2, column: 2 }
        );
        assert_eq!(Span::new(2, 99).of(b"abc"), b"c");
    }
}
