//! Runs of token characters: found by looking at one byte in sixteen, so that most of a text is skipped.

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
pub(super) struct Runs<'b> {
    text: &'b [u8],
    from: usize,
    end: usize,
}

impl<'b> Runs<'b> {
    /// Returns the runs of at least sixteen core characters, a digit among them, that start in the window.
    pub(super) fn new(text: &'b [u8], window: Span) -> Self {
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

    /// Goes on behind `offset`.
    pub(super) fn skip_to(&mut self, offset: usize) {
        self.from = self.from.max(offset);
    }
}

impl Iterator for Runs<'_> {
    type Item = Span;

    fn next(&mut self) -> Option<Span> {
        let is_core = |byte: &u8| IS_CORE[usize::from(*byte)];
        let mut from = self.from;
        // No run lies across `from`. A run of sixteen that starts at or behind it holds the byte fifteen further on.
        while from < self.end {
            let Some(piece) = self.text.get(from..from + LEAST) else {
                break;
            };
            if let Some(last) = piece.iter().rposition(|byte| !is_core(byte)) {
                from += last + 1;
                continue;
            }
            let end = self.text[from..]
                .iter()
                .position(|byte| !is_core(byte))
                .map_or(self.text.len(), |ahead| from + ahead);
            let run = Span::new(from, end);
            from = end + 1;
            if run.of(self.text).iter().any(u8::is_ascii_digit) {
                self.from = from;
                return Some(run);
            }
        }
        self.from = self.end;
        None
    }
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
