//! The hash by which GitHub's code scanning knows a line again: `primaryLocationLineHash`.
//!
//! The algorithm is that of github/codeql-action, `src/fingerprints.ts`: a rolling hash, base 37 modulo 2^64, over the
//! hundred characters (UTF-16 units, without spaces and tabs, every line end as LF) from the start of a line, and how
//! often the same hash came before in the file.
//!
//! It is a sum without a secret: whoever knows the rest of the window can compute a short unknown part of it. So a
//! window that holds a value which a person may have chosen gets no hash, nor does the window of anything else than a
//! secret when a secret stands in it; the action that uploads the report then makes the hash from the file.

use std::collections::{HashMap, HashSet, VecDeque};

use crate::span::Span;

const WINDOW: usize = 100;
const BASE: u64 = 37;
/// A larger file gets no hashes: each of its lines would be remembered.
const LARGEST: usize = 4 << 20;
/// What the end of the file counts as.
const END: u16 = u16::MAX;

/// Returns the hashes of the lines that are wanted, counted from 1; none where the file is very large.
pub fn line_hashes(text: &[u8], wanted: &[usize]) -> HashMap<usize, String> {
    if text.len() > LARGEST || wanted.is_empty() {
        return HashMap::new();
    }
    let all = Lines::read(text).done;
    let of_line = |line: &usize| all.get(line.checked_sub(1)?).copied();
    // Most lines of a file have a hash that nobody asks for.
    let mut asked: Vec<(u64, u32)> = wanted
        .iter()
        .filter_map(of_line)
        .map(|hash| (hash, 0))
        .collect();
    asked.sort_unstable();
    asked.dedup();
    let is_wanted: HashSet<usize> = wanted.iter().copied().collect();
    let mut hashes = HashMap::new();
    for (line, hash) in (1..).zip(all) {
        if let Ok(at) = asked.binary_search_by_key(&hash, |(hash, _)| *hash) {
            let count = &mut asked[at].1;
            *count += 1;
            if is_wanted.contains(&line) {
                hashes.insert(line, format!("{hash:x}:{count}"));
            }
        }
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

/// The hash over all units so far, from which that over the last hundred follows: what came before them counts
/// 37^100 times as much as it did.
#[derive(Default)]
struct Lines {
    sum: u64,
    /// How many units there were.
    units: usize,
    /// Where the lines start whose windows are not full yet, with the sums before them.
    open: VecDeque<(usize, u64)>,
    /// How many units fill the window of the first of them.
    full: usize,
    /// The hashes of the lines before them.
    done: Vec<u64>,
    is_inside: bool,
    after_return: bool,
}

impl Lines {
    fn read(text: &[u8]) -> Self {
        let mut lines = Lines::default();
        let mut buffer = [0; 2];
        let mut rest = text;
        while let Some((&byte, behind)) = rest.split_first() {
            if byte.is_ascii() {
                lines.take(u16::from(byte));
                rest = behind;
                continue;
            }
            let (character, len) = bstr::decode_utf8(rest);
            let character = character.unwrap_or(char::REPLACEMENT_CHARACTER);
            for &mut unit in character.encode_utf16(&mut buffer) {
                lines.take(unit);
            }
            rest = &rest[len..];
        }
        lines.take(END);
        for _ in 0..WINDOW {
            lines.push(0);
        }
        lines
    }

    fn take(&mut self, unit: u16) {
        let is_second = std::mem::take(&mut self.after_return) && unit == 10;
        if is_second || unit == u16::from(b' ') || unit == u16::from(b'\t') {
            return;
        }
        self.after_return = unit == 13;
        let unit = if self.after_return { 10 } else { unit };
        if !self.is_inside {
            if self.open.is_empty() {
                self.full = self.units + WINDOW;
            }
            self.open.push_back((self.units, self.sum));
        }
        self.is_inside = unit != 10;
        self.push(unit);
    }

    fn push(&mut self, unit: u16) {
        /// The weight of what came before a window.
        const BEFORE: u64 = {
            let (mut power, mut at) = (1u64, 0);
            while at < WINDOW {
                power = power.wrapping_mul(BASE);
                at += 1;
            }
            power
        };
        self.sum = self.sum.wrapping_mul(BASE).wrapping_add(u64::from(unit));
        self.units += 1;
        if self.units == self.full
            && let Some((_, before)) = self.open.pop_front()
        {
            self.done
                .push(self.sum.wrapping_sub(before.wrapping_mul(BEFORE)));
            self.full = self.open.front().map_or(0, |(start, _)| start + WINDOW);
        }
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
