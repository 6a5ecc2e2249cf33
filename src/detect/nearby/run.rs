//! Runs of token characters: found by looking at eight bytes at once, so that most of a text is skipped quickly.

use crate::span::Span;

/// The length of the runs that are looked for.
const LEAST: usize = 16;

/// Letters, digits and `-`: what every long form has a run of sixteen of, nearly always.
static IS_CORE: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0u8;
    while byte < 128 {
        table[byte as usize] = byte.is_ascii_alphanumeric() || byte == b'-';
        byte += 1;
    }
    table
};

/// Walks the runs that start in a window.
pub(crate) struct Runs<'b> {
    text: &'b [u8],
    from: usize,
    end: usize,
}

impl<'b> Runs<'b> {
    /// Returns the runs of at least sixteen core characters, a digit among them, that start in the window.
    pub(crate) fn new(text: &'b [u8], window: Span) -> Self {
        let mut from = window.start;
        // A run that starts before the window belongs to the window before.
        if from > 0 && IS_CORE[usize::from(text[from - 1])] {
            while from < text.len() && IS_CORE[usize::from(text[from])] {
                from += 1;
            }
        }
        Runs {
            text,
            from,
            end: window.end.min(text.len()),
        }
    }
}

/// Tells whether the byte may be part of a run.
pub(crate) fn is_core(byte: u8) -> bool {
    IS_CORE[usize::from(byte)]
}

/// Returns what of a run lies behind `offset`, if it is a run still.
pub(super) fn behind(text: &[u8], run: Span, offset: usize) -> Option<Span> {
    if run.start >= offset {
        return Some(run);
    }
    let rest = Span::new(offset, run.end);
    is_run(text, rest).then_some(rest)
}

fn is_run(text: &[u8], run: Span) -> bool {
    run.len() >= LEAST && run.of(text).iter().any(u8::is_ascii_digit)
}

impl Iterator for Runs<'_> {
    type Item = Span;

    fn next(&mut self) -> Option<Span> {
        let is_core = |byte: &u8| IS_CORE[usize::from(*byte)];
        while self.from < self.end {
            let Some(at) = self.eight() else { break };
            let back = self.text[self.from..at]
                .iter()
                .rev()
                .take_while(|byte| is_core(byte))
                .count();
            let ahead = self.text[at..]
                .iter()
                .take_while(|byte| is_core(byte))
                .count();
            let run = Span::new(at - back, at + ahead);
            self.from = at + ahead.max(1);
            if run.start >= self.end {
                break;
            }
            if is_run(self.text, run) {
                return Some(run);
            }
        }
        self.from = self.end;
        None
    }
}

impl Runs<'_> {
    /// Returns where the next eight bytes stand that may be the first whole block of a run.
    fn eight(&self) -> Option<usize> {
        // The first block of a run that starts in the window starts less than eight bytes behind its end.
        let last = self.text.len().min(self.end + 16);
        let blocks = self.text[self.from..last].as_chunks::<8>().0;
        let mut number = 0;
        while number < blocks.len() {
            // Four blocks at once: one jump for all, and their work is done side by side.
            let may = match blocks[number..].first_chunk::<4>() {
                Some(four) => four.map(may_be_core),
                None => [may_be_core(blocks[number]), false, false, false],
            };
            let Some(first) = may.iter().position(|&may| may) else {
                number += if blocks.len() - number < 4 { 1 } else { 4 };
                continue;
            };
            let at = self.from + (number + first) * 8;
            // Of a run of sixteen, eight bytes lie in one block and four more on one side of it.
            if self.four(at.checked_sub(4)) || self.four(Some(at + 8)) {
                return Some(at);
            }
            number += first + 1;
        }
        None
    }

    /// Tells whether the four bytes at `at` may be core characters.
    fn four(&self, at: Option<usize>) -> bool {
        let side = at.and_then(|at| self.text.get(at..)?.first_chunk::<4>());
        side.is_some_and(|&[a, b, c, d]| may_be_core([a, b, c, d, a, b, c, d]))
    }
}

/// Tells whether eight bytes may all be core characters; `.`, `/` and some control characters pass too.
fn may_be_core(block: [u8; 8]) -> bool {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const HIGH: u64 = 0x80 * ONES;
    let bytes = u64::from_le_bytes(block);
    // With the high bits cleared, no addition carries from one byte into the next.
    let folded = (bytes | (0x20 * ONES)) & !HIGH;
    let at_least = |byte: u8| folded + u64::from(0x80 - byte) * ONES;
    let is_letter_or_less = !at_least(b'9' + 1) | at_least(b'a');
    at_least(b'-') & is_letter_or_less & !at_least(b'z' + 1) & !bytes & HIGH == HIGH
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The plain way: every byte.
    fn plain(text: &[u8]) -> Vec<Span> {
        let mut runs = Vec::new();
        let mut start = 0;
        for at in 0..=text.len() {
            if at == text.len() || !IS_CORE[usize::from(text[at])] {
                let run = Span::new(start, at);
                if run.len() >= LEAST && run.of(text).iter().any(u8::is_ascii_digit) {
                    runs.push(run);
                }
                start = at + 1;
            }
        }
        runs
    }

    proptest! {
        #[test]
        fn every_run_is_found_whatever_the_windows(text in "[ab1 ]{0,40}([ab1]{10,30}[ =]{0,2}){0,6}", cut in 0usize..200) {
            let text = text.as_bytes();
            let cut = cut.min(text.len());
            let mut runs: Vec<Span> = Runs::new(text, Span::new(0, cut)).collect();
            runs.extend(Runs::new(text, Span::new(cut, text.len())));
            prop_assert_eq!(runs, plain(text));
        }
    }
}
