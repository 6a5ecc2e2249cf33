//! An anchor is the four bytes of a keyword by which the prefilter finds it; where they are is settled at build time
//! from how often two bytes stand together in source text.
//!
//! `build.rs` includes this file too.

/// The number of groups that anchors are spread over.
pub const GROUPS: u8 = 32;

/// The number of pairs of bytes.
pub const PAIRS: usize = 1 << 16;

/// Where the four bytes start in the keyword, and their group. They may reach one byte beyond it on either side.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Anchor {
    /// Offset of the four bytes from the keyword's first.
    pub shift: i8,
    /// The group.
    pub group: u8,
}

/// Returns the anchors of a keyword that nobody planned for: the first four bytes, or those around the first three.
pub fn unplanned(literal: &[u8]) -> [Anchor; 2] {
    let group = literal
        .iter()
        .fold(7u8, |sum, byte| sum.wrapping_mul(31).wrapping_add(*byte))
        % GROUPS;
    let odd = if literal.len() > 4 { 1 } else { -1 };
    [Anchor { shift: 0, group }, Anchor { shift: odd, group }]
}

/// Calls `visit` with the pairs of bytes that may stand at an offset from the keyword's first, as little-endian
/// numbers: of one byte, of both cases of a letter, of any byte where the keyword has none.
fn pairs(literal: &[u8], ignore_case: bool, offset: i8, mut visit: impl FnMut(u16)) {
    let choices = |offset: i8| -> (u8, u8, u8) {
        match usize::try_from(offset)
            .ok()
            .and_then(|offset| literal.get(offset))
        {
            None => (0, u8::MAX, 1),
            Some(byte) if ignore_case && byte.is_ascii_alphabetic() => {
                (byte.to_ascii_uppercase(), byte.to_ascii_lowercase(), 32)
            }
            Some(&byte) => (byte, byte, 1),
        }
    };
    let (low, high, step) = choices(offset);
    let (next_low, next_high, next_step) = choices(offset + 1);
    for first in (low..=high).step_by(usize::from(step)) {
        for second in (next_low..=next_high).step_by(usize::from(next_step)) {
            visit(u16::from_le_bytes([first, second]));
        }
    }
}

/// Returns the groups that an anchor may be put into: one that reaches beyond its keyword is compared by fewer bytes,
/// so its group is looked up once more.
fn groups(literal: &[u8], shift: i8) -> std::ops::Range<usize> {
    let end = usize::try_from(shift + 4).expect("an anchor ends within or behind its keyword");
    match (shift < 0, end > literal.len()) {
        (true, _) => 26..32,
        (false, true) => 20..26,
        (false, false) => 0..20,
    }
}

fn listed(literal: &[u8], ignore_case: bool, offset: i8) -> Vec<u16> {
    let mut listed = Vec::new();
    pairs(literal, ignore_case, offset, |pair| listed.push(pair));
    listed
}

/// Adds a keyword's anchors to a table: for each pair, in the low half the groups with an anchor that starts so, in
/// the high half those with one that ends so.
pub fn mark(table: &mut [u64; PAIRS], literal: &[u8], ignore_case: bool, anchors: [Anchor; 2]) {
    for anchor in anchors {
        for (half, offset) in [(0, anchor.shift), (32, anchor.shift + 2)] {
            pairs(literal, ignore_case, offset, |pair| {
                table[usize::from(pair)] |= 1 << (anchor.group + half);
            });
        }
    }
}

/// Returns the anchors of each keyword: for places of even offset in a text, and of odd offset. `cost` holds for each
/// pair eight times the negative binary logarithm of its share among the pairs of source text.
///
/// Of all windows of four bytes that a keyword has, the one whose two pairs are rarest is taken; then keywords are put
/// into groups so that the pairs of a group are as rare as can be, the most frequent keywords first.
pub fn plan(keywords: &[(&[u8], bool)], cost: &[u8]) -> Vec<[Anchor; 2]> {
    let share = |pair: u16| (-f64::from(cost[usize::from(pair)]) / 8.0).exp2();
    let sum = |pairs: &[u16]| pairs.iter().map(|&pair| share(pair)).sum::<f64>();
    let mut plan = vec![[Anchor { shift: 0, group: 0 }; 2]; keywords.len()];
    let mut items = Vec::new();
    for (index, (literal, ignore_case)) in keywords.iter().enumerate() {
        let last = i8::try_from(literal.len().min(100)).expect("at most 100") - 3;
        for parity in 0..2i8 {
            let windows = (-parity..=last).step_by(2).map(|shift| {
                let first = listed(literal, *ignore_case, shift);
                let second = listed(literal, *ignore_case, shift + 2);
                (sum(&first) * sum(&second), shift, first, second)
            });
            let rarest = windows
                .min_by(|a, b| a.0.total_cmp(&b.0))
                .expect("a keyword has three bytes");
            plan[index][usize::from(parity != 0)].shift = rarest.1;
            items.push((
                rarest.0,
                index,
                usize::from(parity != 0),
                rarest.2,
                rarest.3,
            ));
        }
    }
    items.sort_by(|a, b| b.0.total_cmp(&a.0));
    let mut held = vec![[(); 2].map(|()| vec![false; 1 << 16]); usize::from(GROUPS)];
    let mut weight = vec![[0.0f64; 2]; usize::from(GROUPS)];
    for (_, index, parity, first, second) in items {
        let added = |group: usize, half: usize, pairs: &[u16]| -> f64 {
            let new = pairs
                .iter()
                .filter(|&&pair| !held[group][half][usize::from(pair)]);
            new.map(|&pair| share(pair)).sum()
        };
        let grown = |group: usize| {
            let now = weight[group];
            (now[0] + added(group, 0, &first)) * (now[1] + added(group, 1, &second))
                - now[0] * now[1]
        };
        let group = groups(keywords[index].0, plan[index][parity].shift)
            .min_by(|&a, &b| grown(a).total_cmp(&grown(b)))
            .expect("there are groups");
        let more = [added(group, 0, &first), added(group, 1, &second)];
        for (half, pairs) in [first, second].into_iter().enumerate() {
            weight[group][half] += more[half];
            for pair in pairs {
                held[group][half][usize::from(pair)] = true;
            }
        }
        plan[index][parity].group = u8::try_from(group).expect("below 32");
    }
    plan
}
