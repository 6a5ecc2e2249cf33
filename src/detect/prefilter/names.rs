//! Keywords in a path: a text so short that a table by the first byte does.

use super::{Hit, Literals};
use crate::rule::{Files, Keyword, PAIRS};

/// Finds keywords in paths. Costs microseconds to make, where a [`Prefilter`](super::Prefilter) costs some tens.
pub(crate) struct Names {
    /// The keywords by the two bytes that they begin with, folded.
    by_pair: Vec<(u16, u16)>,
    /// A bit for each pair that a keyword begins with: most places of a path begin none.
    begins: Vec<u64>,
    literals: Literals,
}

impl Names {
    /// Returns the table of these keywords.
    pub(crate) fn new<'r>(keywords: impl Iterator<Item = Keyword<'r>>) -> Self {
        let mut by_pair = Vec::new();
        let mut begins = vec![0; PAIRS / 64];
        let mut literals = Literals::default();
        for keyword in keywords {
            let pair = pair(keyword.literal);
            begins[usize::from(pair / 64)] |= 1 << (pair % 64);
            let keyword = Keyword {
                files: Files::EVERY,
                ..keyword
            };
            by_pair.push((pair, literals.push(&keyword)));
        }
        by_pair.sort_unstable();
        Names {
            by_pair,
            begins,
            literals,
        }
    }

    /// Returns every keyword of the path, sorted by place.
    pub(crate) fn find(&self, path: &[u8]) -> Vec<Hit> {
        let mut hits = Vec::new();
        for offset in 0..path.len() {
            let pair = pair(&path[offset..]);
            if self.begins[usize::from(pair / 64)] >> (pair % 64) & 1 == 0 {
                continue;
            }
            let first = self.by_pair.partition_point(|(known, _)| *known < pair);
            let begun = self.by_pair[first..].iter().take_while(|row| row.0 == pair);
            hits.extend(begun.filter_map(|&(_, literal)| {
                self.literals.stands(literal, path, offset, Files::EVERY)
            }));
        }
        hits.sort_unstable();
        hits
    }
}

/// Returns the first two bytes as a number, in small letters; 0 where there is no second.
fn pair(text: &[u8]) -> u16 {
    let folded = |at: usize| text.get(at).map_or(0, u8::to_ascii_lowercase);
    u16::from_le_bytes([folded(0), folded(1)])
}
