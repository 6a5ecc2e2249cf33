//! UTF-16, with a byte order mark or without, as Windows tools write it: read as UTF-8, and places mapped back.

use crate::blob::Regions;
use crate::detect::Match;
use crate::span::Span;

/// A text of 16-bit units, read as UTF-8.
pub(crate) struct Wide<'b> {
    bytes: &'b [u8],
    order: Order,
    /// The text in UTF-8.
    pub(crate) text: Vec<u8>,
}

/// Which byte of a unit comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Order {
    Little,
    Big,
}

impl Order {
    /// Tells the order of bytes that are UTF-16: by their mark, or because every second byte of the start is NUL.
    pub(crate) fn of(bytes: &[u8]) -> Option<Self> {
        match bytes {
            // The mark of UTF-32 begins like that of UTF-16.
            [0xff, 0xfe, 0, 0, ..] => None,
            [0xff, 0xfe, ..] => Some(Order::Little),
            [0xfe, 0xff, ..] => Some(Order::Big),
            _ => unmarked(bytes),
        }
    }
}

/// How many bytes are looked at where there is no mark.
const SAMPLE: usize = 1024;

impl<'b> Wide<'b> {
    /// Reads the bytes as UTF-16.
    pub(crate) fn read(bytes: &'b [u8], order: Order) -> Self {
        let mut text = Vec::with_capacity(bytes.len() / 2 + 16);
        for (_, character) in characters(bytes, order) {
            text.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
        }
        Wide { bytes, order, text }
    }

    /// Returns the regions of the bytes as regions of the text.
    pub(crate) fn regions(&self, regions: &Regions) -> Regions {
        let Regions::Ranges(ranges) = regions else {
            return Regions::Whole;
        };
        let offsets: Vec<usize> = ranges
            .iter()
            .flat_map(|range| [range.start, range.end])
            .collect();
        let mapped = self.map(&offsets, |wide, _| wide, |_, narrow| narrow);
        Regions::from_ranges(
            mapped
                .chunks_exact(2)
                .map(|pair| Span::new(pair[0], pair[1]))
                .collect(),
        )
    }

    /// Puts matches in the text back to where they stand in the bytes.
    pub(crate) fn restore(&self, matches: &mut [Match]) {
        let mut offsets: Vec<usize> = matches
            .iter()
            .flat_map(|found| {
                let related = found.related.iter().map(|related| related.span);
                [found.span, found.extent].into_iter().chain(related)
            })
            .flat_map(|span| [span.start, span.end])
            .collect();
        offsets.sort_unstable();
        offsets.dedup();
        let mapped = self.map(&offsets, |_, narrow| narrow, |wide, _| wide);
        let back = |span: Span| {
            let at = |offset: usize| {
                offsets
                    .binary_search(&offset)
                    .map_or(self.bytes.len(), |at| mapped[at])
            };
            Span::new(at(span.start), at(span.end))
        };
        for found in matches {
            found.put_back(back);
        }
    }

    /// Maps sorted offsets in one walk: `from` says which of a character's two offsets they are, `to` which is wanted.
    fn map(
        &self,
        offsets: &[usize],
        from: impl Fn(usize, usize) -> usize,
        to: impl Fn(usize, usize) -> usize,
    ) -> Vec<usize> {
        let mut mapped = Vec::with_capacity(offsets.len());
        let mut narrow = 0;
        let mut next = offsets.iter();
        let mut wanted = next.next();
        for (wide, character) in characters(self.bytes, self.order) {
            while wanted.is_some_and(|&offset| offset <= from(wide, narrow)) {
                mapped.push(to(wide, narrow));
                wanted = next.next();
            }
            narrow += character.len_utf8();
        }
        while wanted.is_some() {
            mapped.push(to(self.bytes.len(), narrow));
            wanted = next.next();
        }
        mapped
    }
}

/// Returns each character with its offset in the bytes; the mark is left out, a half pair is U+FFFD.
fn characters(bytes: &[u8], order: Order) -> impl Iterator<Item = (usize, char)> + '_ {
    let units = bytes
        .as_chunks::<2>()
        .0
        .iter()
        .map(move |&pair| match order {
            Order::Little => u16::from_le_bytes(pair),
            Order::Big => u16::from_be_bytes(pair),
        });
    let mut offset = 0;
    char::decode_utf16(units)
        .map(move |character| {
            let at = offset;
            let character = character.unwrap_or(char::REPLACEMENT_CHARACTER);
            offset += 2 * character.len_utf16();
            (at, character)
        })
        .filter(|&(at, character)| at > 0 || character != '\u{feff}')
}

/// Tells the order by where the NULs of the start are: ASCII text has one in every unit.
fn unmarked(bytes: &[u8]) -> Option<Order> {
    let (units, _) = bytes[..bytes.len().min(SAMPLE)].as_chunks::<2>();
    if units.len() < 8 {
        return None;
    }
    let first = units.iter().filter(|unit| unit[0] == 0).count();
    let second = units.iter().filter(|unit| unit[1] == 0).count();
    let (most, none) = (units.len() * 4 / 5, units.len() / 50);
    match (first, second) {
        (first, second) if second >= most && first <= none => Some(Order::Little),
        (first, second) if first >= most && second <= none => Some(Order::Big),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn encode(text: &str, order: Order, mark: bool) -> Vec<u8> {
        let mark = if mark { "\u{feff}" } else { "" };
        let units = mark.encode_utf16().chain(text.encode_utf16());
        units
            .flat_map(|unit| match order {
                Order::Little => unit.to_le_bytes(),
                Order::Big => unit.to_be_bytes(),
            })
            .collect()
    }

    #[test]
    fn both_orders_are_read_with_and_without_a_mark() {
        let text = "password = \"a value\"\r\n";
        for order in [Order::Little, Order::Big] {
            for mark in [true, false] {
                let bytes = encode(text, order, mark);
                let wide = Wide::read(&bytes, Order::of(&bytes).expect("UTF-16"));
                assert_eq!(wide.text, text.as_bytes());
            }
        }
        assert!(Order::of(b"plain text that has no NUL at all").is_none());
        assert!(Order::of(&[0; 64]).is_none());
    }

    proptest! {
        #[test]
        fn places_are_mapped_to_the_character_and_back(text in "[a-zß€😀]{1,40}") {
            let bytes = encode(&format!("ascii start of it all {text}"), Order::Little, true);
            let wide = Wide::read(&bytes, Order::Little);
            for (narrow, character) in std::str::from_utf8(&wide.text).expect("UTF-8").char_indices() {
                let back = wide.map(&[narrow], |_, narrow| narrow, |wide, _| wide)[0];
                let mut units = [0; 2];
                let expected: Vec<u8> = character.encode_utf16(&mut units).iter().flat_map(|unit| unit.to_le_bytes()).collect();
                prop_assert!(bytes[back..].starts_with(&expected));
                let regions = wide.regions(&Regions::Ranges(vec![Span::new(back, back + expected.len())]));
                prop_assert_eq!(regions, Regions::Ranges(vec![Span::new(narrow, narrow + character.len_utf8())]));
            }
        }
    }
}
