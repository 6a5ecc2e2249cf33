//! Keywords in a path: a text so short that a table by the first byte does.

use super::{Hit, Literals};
use crate::rule::{Files, Keyword, PAIRS};

/// Finds keywords in paths. Costs microseconds to make, where a [`Prefilter`](super::Prefilter) costs some tens.
pub(crate) struct Names {
    /// The keywords by their first byte, folded.
    by_first: Vec<Vec<u16>>,
    /// A bit for each pair of bytes, folded, that a keyword begins with: most places of a path begin none.
    begins: Vec<u64>,
    literals: Literals,
}

impl Names {
    /// Returns the table of these keywords.
    pub(crate) fn new<'r>(keywords: impl Iterator<Item = Keyword<'r>>) -> Self {
        let mut by_first = vec![Vec::new(); 256];
        let mut begins = vec![0; PAIRS / 64];
        let mut literals = Literals::default();
        for keyword in keywords {
            let pair = pair(keyword.literal);
            begins[pair / 64] |= 1 << (pair % 64);
            let first = keyword.literal.first().map_or(0, u8::to_ascii_lowercase);
            let keyword = Keyword {
                files: Files::EVERY,
                ..keyword
            };
            by_first[usize::from(first)].push(literals.push(&keyword));
        }
        Names {
            by_first,
            begins,
            literals,
        }
    }

    /// Returns every keyword of the path, sorted by place.
    pub(crate) fn find(&self, path: &[u8]) -> Vec<Hit> {
        let begins = |offset: &usize| {
            let pair = pair(&path[*offset..]);
            self.begins[pair / 64] >> (pair % 64) & 1 == 1
        };
        let mut hits: Vec<Hit> = (0..path.len())
            .filter(begins)
            .flat_map(|offset| {
                self.by_first[usize::from(path[offset].to_ascii_lowercase())]
                    .iter()
                    .filter_map(move |&literal| {
                        self.literals.stands(literal, path, offset, Files::EVERY)
                    })
            })
            .collect();
        hits.sort_unstable();
        hits
    }
}

/// Returns the first two bytes as a number, in small letters; 0 where there is no second.
fn pair(text: &[u8]) -> usize {
    let folded = |at: usize| text.get(at).map_or(0, u8::to_ascii_lowercase);
    usize::from(u16::from_le_bytes([folded(0), folded(1)]))
}
