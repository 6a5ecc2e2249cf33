//! Keywords in a path: a text so short that a table by the first byte does.

use super::{Hit, Literals};
use crate::rule::{Files, Keyword};

/// Finds keywords in paths. Costs microseconds to make, where a [`Prefilter`](super::Prefilter) costs some tens.
pub(crate) struct Names {
    /// The keywords by their first byte, folded.
    by_first: Vec<Vec<u16>>,
    literals: Literals,
}

impl Names {
    /// Returns the table of these keywords.
    pub(crate) fn new<'r>(keywords: impl Iterator<Item = Keyword<'r>>) -> Self {
        let mut by_first = vec![Vec::new(); 256];
        let mut literals = Literals::default();
        for keyword in keywords {
            let first = keyword.literal.first().map_or(0, u8::to_ascii_lowercase);
            let keyword = Keyword {
                files: Files::EVERY,
                ..keyword
            };
            by_first[usize::from(first)].push(literals.push(&keyword));
        }
        Names { by_first, literals }
    }

    /// Returns every keyword of the path, sorted by place.
    pub(crate) fn find(&self, path: &[u8]) -> Vec<Hit> {
        let mut hits: Vec<Hit> = path
            .iter()
            .enumerate()
            .flat_map(|(offset, byte)| {
                self.by_first[usize::from(byte.to_ascii_lowercase())]
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
