//! The hash by which GitHub's code scanning knows a line again: `primaryLocationLineHash`.
//!
//! The algorithm is that of github/codeql-action, `src/fingerprints.ts`: a rolling hash, base 37 modulo 2^64, over the
//! hundred characters (UTF-16 units, without spaces and tabs, every line end as LF) from the start of a line, and how
//! often the same hash came before in the file.
//!
//! It is a sum without a secret: whoever knows the rest of the window can compute a short unknown part of it. So a
//! window that holds a value which a person may have chosen gets no hash, nor does the window of anything else than a
//! secret when a secret stands in it; the action that uploads the report then makes the hash from the file.

use std::collections::{HashMap, HashSet};

use crate::span::Span;

const WINDOW: usize = 100;
const BASE: u64 = 37;
/// A larger file gets no hashes: each of its lines would be remembered.
const LARGEST: usize = 4 << 20;
/// What the end of the file counts as.
const END: u16 = u16::MAX;

/// Returns the hashes of the lines that are wanted, counted from 1; none where the file is very large.
pub fn line_hashes(text: &[u8], wanted: &[usize]) -> HashMap<usize, String> {
    let mut hashes = HashMap::new();
    if text.len() > LARGEST || wanted.is_empty() {
        return hashes;
    }
    let wanted: HashSet<&usize> = wanted.iter().collect();
    let mut rolling = Rolling::default();
    let mut seen: HashMap<u64, u32> = HashMap::new();
    let mut hand = |done: Option<(usize, u64)>| {
        if let Some((line, hash)) = done {
            let count = seen.entry(hash).or_default();
            *count += 1;
            if wanted.contains(&line) {
                hashes.insert(line, format!("{hash:x}:{count}"));
            }
        }
    };
    let (mut line, mut is_start, mut after_return) = (0, true, false);
    for unit in units(text).chain([END]) {
        if unit == u16::from(b' ') || unit == u16::from(b'\t') || (after_return && unit == 10) {
            after_return = false;
            continue;
        }
        after_return = unit == 13;
        let unit = if after_return { 10 } else { unit };
        hand(rolling.leaving());
        if is_start {
            line += 1;
            rolling.begin(line);
        }
        is_start = unit == 10;
        rolling.push(unit);
    }
    for _ in 0..WINDOW {
        hand(rolling.leaving());
        rolling.push(0);
    }
    hashes
}

/// Returns the bytes that the hash of the line at `start` is made of.
pub fn window(text: &[u8], start: usize) -> Span {
    let mut left = WINDOW;
    let mut end = start;
    let rest = text.get(start..).unwrap_or_default();
    for (at, _, character) in bstr::ByteSlice::char_indices(rest) {
        if left == 0 {
            return Span::new(start, start + at);
        }
        // Of a CR and LF only one counts: at worst the window is held to be longer than it is.
        if !matches!(character, ' ' | '\t' | '\r') {
            left = left.saturating_sub(character.len_utf16());
        }
        end = text.len();
    }
    Span::new(start, end)
}

fn units(text: &[u8]) -> impl Iterator<Item = u16> + '_ {
    let mut buffer = [0; 2];
    bstr::ByteSlice::chars(text).flat_map(move |character| {
        let units = character.encode_utf16(&mut buffer);
        let (first, second) = (units[0], units.get(1).copied());
        std::iter::once(first).chain(second)
    })
}

/// The last hundred units, their hash, and which line began at each.
struct Rolling {
    units: [u16; WINDOW],
    lines: [usize; WINDOW],
    at: usize,
    hash: u64,
    /// The weight of the unit that leaves.
    first: u64,
}

impl Default for Rolling {
    fn default() -> Self {
        Rolling {
            units: [0; WINDOW],
            lines: [0; WINDOW],
            at: 0,
            hash: 0,
            first: (0..WINDOW).fold(1, |power: u64, _| power.wrapping_mul(BASE)),
        }
    }
}

impl Rolling {
    /// Returns the line whose window is full, with its hash.
    fn leaving(&mut self) -> Option<(usize, u64)> {
        let line = std::mem::take(&mut self.lines[self.at]);
        (line > 0).then_some((line, self.hash))
    }

    fn begin(&mut self, line: usize) {
        self.lines[self.at] = line;
    }

    fn push(&mut self, unit: u16) {
        let leaves = std::mem::replace(&mut self.units[self.at], unit);
        let gone = self.first.wrapping_mul(u64::from(leaves));
        self.hash = self
            .hash
            .wrapping_mul(BASE)
            .wrapping_add(u64::from(unit))
            .wrapping_sub(gone);
        self.at = (self.at + 1) % WINDOW;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hashes(text: &str) -> Vec<String> {
        let lines: Vec<usize> = (1..=40).collect();
        let found = line_hashes(text.as_bytes(), &lines);
        lines
            .iter()
            .filter_map(|line| found.get(line).cloned())
            .collect()
    }

    /// The values are those of codeql-action's own tests and of a second program written after it.
    #[test]
    fn the_hashes_are_those_of_github() {
        assert_eq!(hashes(""), ["c129715d7a2bc9a3:1"]);
        let text = " a\nb\n  \t\tc\n d";
        let expected = [
            "271789c17abda88f:1",
            "54703d4cd895b18:1",
            "180aee12dab6264:1",
            "a23a3dc5e078b07b:1",
        ];
        assert_eq!(hashes(text), expected);
        assert_eq!(hashes(&text.replace('\n', "\r\n")), expected);
        assert_eq!(hashes(&text.replace('\n', "\r")), expected);
    }

    #[test]
    fn a_line_that_comes_again_is_counted() {
        let line = "x".repeat(120);
        let found = hashes(&format!("{line}\n{line}\nlast"));
        assert!(
            found[0].ends_with(":1") && found[1].ends_with(":2"),
            "{found:?}"
        );
        assert_eq!(found[0].split(':').next(), found[1].split(':').next());
    }

    #[test]
    fn the_window_holds_a_hundred_characters_that_count() {
        let text = format!("{}tail", "a b\t".repeat(50));
        assert_eq!(window(text.as_bytes(), 0), Span::new(0, 199));
        assert_eq!(window(b"short\nline", 6), Span::new(6, 10));
        assert_eq!(window(b"", 0), Span::new(0, 0));
    }
}
