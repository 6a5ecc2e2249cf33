//! Runs of token characters: found by a bit for each of 64 bytes, so that most of a text is passed over without a branch.

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
        while self.from < self.end {
            let starts = rows(core_bits(block(self.text, self.from)));
            if starts == 0 {
                self.from += BLOCK - LEAST + 1;
                continue;
            }
            // Of a run that starts before this block a whole row stood in the block before.
            let start = self.from + starts.trailing_zeros() as usize;
            let behind = &self.text[start + LEAST..];
            let more = behind.iter().take_while(|&&byte| is_core(byte)).count();
            let run = Span::new(start, start + LEAST + more);
            self.from = run.end;
            if run.start < self.end && is_run(self.text, run) {
                return Some(run);
            }
        }
        None
    }
}

/// How many bytes are looked at together: a bit for each is one number.
const BLOCK: usize = 64;

/// Returns the bytes at `from`, with zeros beyond the end.
fn block(text: &[u8], from: usize) -> [u8; BLOCK] {
    let rest = &text[from..];
    rest.first_chunk().copied().unwrap_or_else(|| {
        let mut block = [0; BLOCK];
        block[..rest.len()].copy_from_slice(rest);
        block
    })
}

/// Returns a bit for each core character, the first byte's lowest. Compilers make of the loop a few instructions for
/// sixteen bytes.
fn core_bits(block: [u8; BLOCK]) -> u64 {
    /// Moves the lowest bits of eight bytes side by side into the highest byte.
    const GATHER: u64 = 0x0102_0408_1020_4080;
    let mut flags = [0; BLOCK];
    for (flag, byte) in flags.iter_mut().zip(block) {
        let is_letter = u8::from((byte | b' ').wrapping_sub(b'a') < 26);
        let is_digit = u8::from(byte.wrapping_sub(b'0') < 10);
        *flag = is_letter | is_digit | u8::from(byte == b'-');
    }
    let eights = flags.as_chunks::<8>().0.iter().rev();
    eights.fold(0, |bits, eight| {
        bits << 8 | u64::from_le_bytes(*eight).wrapping_mul(GATHER) >> 56
    })
}

/// Returns a bit for each place from which sixteen bits in a row are set.
fn rows(bits: u64) -> u64 {
    let two = bits & bits >> 1;
    let four = two & two >> 2;
    let eight = four & four >> 4;
    eight & eight >> 8
}

const _: () = assert!(LEAST == 16, "rows are of sixteen");

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
