//! Words and letter runs of public source code and English text, to tell how unlike words a value is.
//!
//! `patterns/data/words.bin` is made by `examples/train.rs words`; it is read in place.

static DATA: &[u8] = include_bytes!("../../../patterns/data/words.bin");

/// Slots of the word table, two bytes each: a fingerprint of a word, or 0.
pub const SLOTS: usize = 1 << 16;
/// Letters, digits, signs and an edge: what a letter run is made of.
pub const SYMBOLS: usize = 29;
/// The longest word looked up.
const LONGEST: usize = 14;
/// How much of a value is looked at.
pub(super) const MOST: usize = 64;

/// How the letters of a value are covered by words.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Coverage {
    /// Share of the letters that words of three or more letters cover.
    pub(super) share: f32,
    /// Share of the letters that words of five or more letters cover.
    pub(super) long: f32,
    /// Number of words in the best cover.
    pub(super) words: usize,
    /// Length of the longest word in it.
    pub(super) longest: usize,
    /// Number of letters.
    pub(super) letters: usize,
}

/// Returns the slot where the search for a word starts, and its fingerprint.
pub fn slot(word: &[u8]) -> (usize, u16) {
    place(word.iter().fold(SEED, |hash, &byte| step(hash, byte)))
}

const SEED: u64 = 0xcbf2_9ce4_8422_2325;

fn step(hash: u64, byte: u8) -> u64 {
    (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
}

/// Returns the slot and the fingerprint of the word with this hash.
fn place(mut hash: u64) -> (usize, u16) {
    hash ^= hash >> 29;
    hash = hash.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let fingerprint = u16::try_from(hash >> 48).expect("sixteen bits").max(1);
    let place = usize::try_from((hash >> 20) & (SLOTS as u64 - 1)).expect("sixteen bits");
    (place, fingerprint)
}

/// Tells whether the table holds the word, in small letters, with this hash. Wrong once in some twenty thousand.
fn is_known(hash: u64) -> bool {
    let (mut at, fingerprint) = place(hash);
    loop {
        let here = u16::from_le_bytes([DATA[at * 2], DATA[at * 2 + 1]]);
        if here == 0 {
            return false;
        }
        if here == fingerprint {
            return true;
        }
        at = (at + 1) % SLOTS;
    }
}

/// Returns how words cover the letters of a value. At most its first 64 bytes are looked at.
pub(super) fn coverage(value: &[u8], fold: impl Fn(u8) -> u8) -> Coverage {
    let mut coverage = Coverage::default();
    let (mut covered, mut long) = (0, 0);
    let mut lower = [0u8; MOST];
    let lower = &mut lower[..value.len().min(MOST)];
    for (to, &from) in lower.iter_mut().zip(value) {
        *to = fold(from);
    }
    for run in lower
        .split(|byte| !byte.is_ascii_lowercase())
        .filter(|run| !run.is_empty())
    {
        coverage.letters += run.len();
        let cover = cover(run);
        covered += cover.share;
        long += cover.long;
        coverage.words += cover.words;
        coverage.longest = coverage.longest.max(cover.longest);
    }
    if coverage.letters > 0 {
        coverage.share = ratio(covered, coverage.letters);
        coverage.long = ratio(long, coverage.letters);
    }
    coverage
}

struct Cover {
    share: usize,
    long: usize,
    words: usize,
    longest: usize,
}

/// Keeps the best word that ends at `end` if it is better than a letter outside of words, and returns the score.
fn settle(best: &mut [(usize, usize)], end: usize) -> usize {
    let without = end.checked_sub(1).map_or(0, |before| best[before].0);
    if best[end].0 <= without {
        best[end] = (without, 0);
    }
    best[end].0
}

/// Returns the best cover of a run of letters: most letters, then fewest words.
fn cover(run: &[u8]) -> Cover {
    // best[end] is (score, length of the last word or 0); a word of n letters scores 3n - 2.
    let mut best = [(0usize, 0usize); MOST + 1];
    for start in 0..run.len() {
        let score = settle(&mut best, start);
        let mut hash = SEED;
        for (length, &byte) in (1..=LONGEST).zip(&run[start..]) {
            hash = step(hash, byte);
            let end = start + length;
            // Three letters say little in the middle of a run.
            if length < 3 || length == 3 && start > 0 && end < run.len() {
                continue;
            }
            let score = score + 3 * length - 2;
            if score >= best[end].0 && is_known(hash) {
                best[end] = (score, length);
            }
        }
    }
    settle(&mut best, run.len());
    let mut cover = Cover {
        share: 0,
        long: 0,
        words: 0,
        longest: 0,
    };
    let mut end = run.len();
    while end > 0 {
        let length = best[end].1;
        if length > 0 {
            cover.share += length;
            cover.long += if length >= 5 { length } else { 0 };
            cover.words += 1;
            cover.longest = cover.longest.max(length);
        }
        end -= length.max(1);
    }
    cover
}

/// Returns the class of a byte in a letter run.
pub fn symbol(byte: u8) -> usize {
    match byte {
        b'a'..=b'z' => usize::from(byte - b'a') + 1,
        b'A'..=b'Z' => usize::from(byte - b'A') + 1,
        b'0'..=b'9' => 27,
        b' ' | b'_' | b'-' | b'.' | b'/' | b':' => 0,
        _ => 28,
    }
}

/// Returns how unlike words and names the value's letter runs are: the mean number of bits, and the mean over
/// its worst half.
pub(super) fn rarity(value: &[u8]) -> (f32, f32) {
    let value = &value[..value.len().min(MOST)];
    let mut costs = [0u8; MOST + 1];
    let (mut before, mut last) = (0, 0);
    let mut count = 0;
    for &byte in value {
        let here = symbol(byte);
        costs[count] = cost(before, last, here);
        count += 1;
        (before, last) = (last, here);
    }
    costs[count] = cost(before, last, 0);
    count += 1;
    let costs = &mut costs[..count];
    costs.sort_unstable();
    let sum = |costs: &[u8]| costs.iter().map(|&cost| usize::from(cost)).sum::<usize>();
    let worst = &costs[count / 2..];
    (
        ratio(sum(costs), count * 16),
        ratio(sum(worst), worst.len() * 16),
    )
}

/// Returns how much the value's letter runs surprise, in bits. At most its first 64 bytes are looked at.
pub(super) fn surprise(value: &[u8]) -> f32 {
    let (mut before, mut last, mut sum) = (0, 0, 0);
    for here in value.iter().take(MOST).map(|&byte| symbol(byte)).chain([0]) {
        sum += usize::from(cost(before, last, here));
        (before, last) = (last, here);
    }
    ratio(sum, 16)
}

/// Returns the cost of a symbol after two others, in sixteenths of a bit.
fn cost(before: usize, last: usize, here: usize) -> u8 {
    DATA[SLOTS * 2 + (before * SYMBOLS + last) * SYMBOLS + here]
}

#[expect(
    clippy::cast_precision_loss,
    reason = "counts of bytes in one value, far below 2^24"
)]
fn ratio(part: usize, whole: usize) -> f32 {
    part as f32 / whole as f32
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The plain way: every word that ends at each place, the shortest first.
    fn plain(run: &[u8]) -> usize {
        let mut best = vec![0; run.len() + 1];
        let mut total = vec![(0, 0); run.len() + 1];
        for end in 1..=run.len() {
            best[end] = best[end - 1];
            total[end] = total[end - 1];
            for length in 3..=end.min(LONGEST) {
                let start = end - length;
                let in_the_middle = length == 3 && start > 0 && end < run.len();
                let score = best[start] + 3 * length - 2;
                let known = || {
                    is_known(
                        run[start..end]
                            .iter()
                            .fold(SEED, |hash, &byte| step(hash, byte)),
                    )
                };
                if !in_the_middle && score > best[end] && known() {
                    best[end] = score;
                    total[end] = (total[start].0 + length, total[start].1 + 1);
                }
            }
        }
        total[run.len()].0 * 100 + total[run.len()].1
    }

    proptest! {
        #[test]
        fn the_cover_is_the_one_that_trying_every_word_gives(
            words in prop::collection::vec("(pass|word|user|name|the|key|[a-z]{1,4}|secret|token)", 0..12),
        ) {
            let run = words.concat();
            let run = &run.as_bytes()[..run.len().min(MOST)];
            let cover = cover(run);
            prop_assert_eq!(cover.share * 100 + cover.words, plain(run));
        }
    }
}
