//! What a change adds: the byte ranges of a new text that an old one does not have, line by line.

use git2::{DiffOptions, Patch};

use crate::blob::Regions;
use crate::span::Span;

/// The largest text that is compared line by line; a larger one counts as a whole, in bounded memory.
pub(super) const LARGEST: usize = 8 << 20;

/// Returns the lines of `new` that `old` does not have, as git finds them.
///
/// A text that is too large, or that the comparison gives up on, counts as a whole: nothing added is missed.
pub fn added(old: &[u8], new: &[u8]) -> Regions {
    if old.is_empty() || old.len() > LARGEST || new.len() > LARGEST {
        return Regions::Whole;
    }
    let mut options = DiffOptions::new();
    options.context_lines(0).force_text(true);
    let Ok(patch) = Patch::from_buffers(old, None, new, None, Some(&mut options)) else {
        return Regions::Whole;
    };
    ranges(&patch, new.len()).unwrap_or(Regions::Whole)
}

fn ranges(patch: &Patch<'_>, len: usize) -> Option<Regions> {
    let mut ranges = Vec::new();
    for hunk in 0..patch.num_hunks() {
        for line in 0..patch.num_lines_in_hunk(hunk).ok()? {
            let line = patch.line_in_hunk(hunk, line).ok()?;
            if line.origin() == '+' {
                let start = usize::try_from(line.content_offset()).ok()?;
                ranges.push(Span::new(
                    start.min(len),
                    (start + line.content().len()).min(len),
                ));
            }
        }
    }
    Some(Regions::from_ranges(ranges))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_added_and_changed_lines_count() {
        let regions = added(b"a\nb\nc\n", b"a\nx\nc\nnew\n");
        assert_eq!(
            regions,
            Regions::Ranges(vec![Span::new(2, 4), Span::new(6, 10)])
        );
        assert_eq!(added(b"a\nb\n", b"a\n"), Regions::Ranges(Vec::new()));
        assert_eq!(added(b"", b"a\n"), Regions::Whole);
        assert_eq!(added(b"a", b"a\nb"), Regions::Ranges(vec![Span::new(0, 3)]));
    }
}
