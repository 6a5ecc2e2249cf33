//! A blob too large for memory is read in overlapping pieces, with the same findings as if it were read whole.
//!
//! What a match depends on must lie within the overlap: longer base64 is not looked under, and setting rules, which
//! need the whole file, are silent.

use std::io::{self, Read};

use bstr::BStr;

use super::{Engine, Match, REACH, decode, settle};
use crate::blob::Regions;
use crate::span::Span;

/// How much of a blob decides at a time.
const PIECE: usize = 4 << 20;
/// How much is read before and behind it.
const OVERLAP: usize = 128 << 10;

/// A blob of more bytes is read in pieces: what a rule makes of all of it at once would fill memory.
pub(super) const LARGE: usize = 32 << 20;

impl Engine {
    /// Returns what the secret rules find in a large blob, in memory of a few pieces beside it.
    pub(super) fn scan_large(
        &self,
        bytes: &[u8],
        regions: &Regions,
        path: Option<&BStr>,
    ) -> Vec<Match> {
        let mut matches = self
            .scan_stream(&mut &*bytes, path)
            .expect("memory is read without errors");
        matches.retain(|found| found.touches(regions));
        matches
    }

    /// Returns what the secret rules find in a stream, in memory of a few pieces.
    ///
    /// # Errors
    /// Returns the error of the reader: what was not read was not looked at.
    pub fn scan_stream(
        &self,
        reader: &mut dyn Read,
        path: Option<&BStr>,
    ) -> io::Result<Vec<Match>> {
        self.scan_pieces(
            reader,
            path,
            Sizes {
                piece: PIECE,
                overlap: OVERLAP,
            },
        )
    }

    fn scan_pieces(
        &self,
        reader: &mut dyn Read,
        path: Option<&BStr>,
        sizes: Sizes,
    ) -> io::Result<Vec<Match>> {
        let mut buffer = Vec::new();
        // Where the buffer stands in the blob, and from where its bytes decide.
        let (mut base, mut from) = (0, 0);
        let mut matches = Vec::new();
        let mut reading = None;
        loop {
            let wanted = from + sizes.piece + sizes.overlap;
            let missing = u64::try_from(wanted - buffer.len()).unwrap_or(u64::MAX);
            reader.take(missing).read_to_end(&mut buffer)?;
            let is_last = buffer.len() < wanted;
            let to = if is_last {
                buffer.len()
            } else {
                from + sizes.piece
            };
            let reading = *reading.get_or_insert_with(|| decode::Reading::of(&buffer));
            let regions = Regions::Ranges(vec![Span::new(from, to)]);
            for mut found in self.scan_secrets(reading, &buffer, &regions, path) {
                shift(&mut found, base);
                matches.push(found);
            }
            if is_last {
                break;
            }
            let drop = to.saturating_sub(sizes.overlap) & !1;
            buffer.drain(..drop);
            base += drop;
            from = to - drop;
        }
        settle(self.rules(), &Regions::Whole, &mut matches);
        Ok(matches)
    }
}

/// How a blob is cut.
#[derive(Clone, Copy)]
struct Sizes {
    piece: usize,
    overlap: usize,
}

const _: () = assert!(OVERLAP > REACH && PIECE.is_multiple_of(2) && OVERLAP.is_multiple_of(2));

/// Moves a match from its piece to its place in the blob.
fn shift(found: &mut Match, base: usize) {
    let moved = |span: Span| Span::new(span.start + base, span.end + base);
    found.span = moved(found.span);
    found.extent = moved(found.extent);
    for related in &mut found.related {
        related.span = moved(related.span);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::rule::{RuleIndex, Rules, parse};

    fn engine() -> Engine {
        let rules = "[[rule]]\nid='t'\ntitle='t'\nwhy='w'\nfix='f'\nkeywords=['tok_']\nregex='\\btok_[a-z0-9]{20}\\b'\n\
                     match=['a','b']\nno-match=['c','d']\n\
                     [[rule]]\nid='b'\ntitle='b'\nwhy='w'\nfix='f'\nkeywords=['BEGIN']\nreach=400\nregex='(?s)BEGIN.{1,300}?END'\n\
                     match=['a','b']\nno-match=['c','d']\n\
                     [[rule]]\nid='n'\ntitle='n'\nwhy='w'\nfix='f'\nnear=['acme']\nform='hex:32'\n\
                     match=['a','b']\nno-match=['c','d']\n";
        Engine::new(Rules::only(parse(rules, "test").expect("sound")))
    }

    fn places(matches: &[Match]) -> Vec<(RuleIndex, Span)> {
        matches
            .iter()
            .map(|found| (found.rule, found.span))
            .collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]
        #[test]
        fn a_stream_and_the_whole_give_the_same(
            parts in prop::collection::vec(
                prop_oneof![
                    "[a-z =\n]{1,400}",
                    "tok_[a-z0-9]{20} ",
                    "BEGIN[a-z\n]{1,200}END",
                    "\nACME_KEY = [0-9a-f]{32}\n",
                ],
                1..40,
            ),
            wide in any::<bool>(),
        ) {
            let text = parts.concat();
            let bytes: Vec<u8> = if wide {
                format!("\u{feff}{text}").encode_utf16().flat_map(u16::to_le_bytes).collect()
            } else {
                text.into_bytes()
            };
            let engine = engine();
            let whole = engine.scan(&bytes, &Regions::Whole, None);
            let pieces = engine
                .scan_pieces(&mut &bytes[..], None, Sizes { piece: 1024, overlap: 4096 })
                .expect("memory is read without errors");
            prop_assert_eq!(places(&pieces), places(&whole));
        }
    }
}
