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
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    for &byte in word {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
    }
    hash ^= hash >> 29;
    hash = hash.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let fingerprint = u16::try_from(hash >> 48).expect("sixteen bits").max(1);
    let place = usize::try_from((hash >> 20) & (SLOTS as u64 - 1)).expect("sixteen bits");
    (place, fingerprint)
}

/// Tells whether the table holds the word, in small letters. Wrong once in some twenty thousand.
fn is_known(word: &[u8]) -> bool {
    let (mut at, fingerprint) = slot(word);
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

/// Returns the best cover of a run of letters: most letters, then fewest words.
fn cover(run: &[u8]) -> Cover {
    // best[end] is (score, length of the last word or 0); a word of n letters scores 3n - 2.
    let mut best = [(0usize, 0usize); MOST + 1];
    for end in 1..=run.len() {
        best[end] = (best[end - 1].0, 0);
        for length in 3..=end.min(LONGEST) {
            let start = end - length;
            // Three letters say little in the middle of a run.
            if length == 3 && start > 0 && end < run.len() {
                continue;
            }
            let score = best[start].0 + 3 * length - 2;
            if score > best[end].0 && is_known(&run[start..end]) {
                best[end] = (score, length);
            }
        }
    }
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
