//! The prefilter finds every place where a keyword stands: what it does not find, no rule sees.
//!
//! It must never miss. A text is read two bytes at a time; each pair of bytes is looked up in a table that says which
//! groups of keywords have an anchor of four bytes that starts so, and which have one that ends so. Only where a pair
//! starts and the next one ends an anchor of one group is anything compared. Every keyword has an anchor for places of
//! even offset and one for odd ones, chosen at build time to be rare in source text. A property test holds all of it
//! against aho-corasick.

mod names;
mod shape;

use std::sync::OnceLock;

use super::decode::spelled;
use crate::rule::{Files, Keyword, PAIRS, RuleIndex, mark};
use crate::span::Span;

pub(crate) use names::Names;
use shape::Fit;

/// A place where a keyword stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Hit {
    /// Offset of the keyword's first byte.
    pub(crate) offset: usize,
    /// Its length in bytes.
    pub(crate) len: usize,
    /// The rule that named it.
    pub(crate) rule: RuleIndex,
    /// What stands around it is not of a match of the rule, but perhaps of a token of an odd form.
    pub(crate) odd: bool,
}

/// Finds keywords.
pub(crate) struct Prefilter {
    table: Table,
    /// The anchors, sorted by bucket.
    places: Vec<Place>,
    /// Where each bucket starts in `places`.
    heads: Vec<u16>,
    /// The groups that hold an anchor of which these bytes are the keyword's.
    groups_of: [(u32, u32); 3],
    literals: Literals,
}

/// For each pair of bytes, in the low half the groups with an anchor that starts so, in the high half those with one
/// that ends so.
enum Table {
    /// Made at build time: nothing is paid for at the start.
    Fixed(&'static [u64; PAIRS]),
    /// With anchors of a person's own keywords.
    Own(Box<[u64; PAIRS]>),
}

impl Table {
    fn get(&self) -> &[u64; PAIRS] {
        match self {
            Table::Fixed(table) => table,
            Table::Own(table) => table,
        }
    }
}

/// An anchor of a keyword, its four bytes folded.
#[derive(Clone, Copy)]
struct Place {
    quad: u32,
    mask: u32,
    shift: i8,
    literal: u16,
}

const BUCKETS: usize = 1 << 13;
/// The bytes of an anchor that are the keyword's: all, or all but the last or the first where it reaches a byte beyond
/// the keyword's end, or its start.
const ALL: u32 = u32::MAX;
const FIRST: u32 = 0x00ff_ffff;
const LAST: u32 = 0xffff_ff00;
/// Makes small letters of capital ones, and something of everything else.
const FOLD: u32 = 0x2020_2020;

impl Prefilter {
    /// Returns a prefilter for these keywords, each of three bytes or more. `fixed` holds the anchors of those that
    /// are planned; without others it is used as it is. Costs some tens of microseconds.
    pub(crate) fn new<'r>(
        keywords: impl Iterator<Item = Keyword<'r>>,
        fixed: Option<&'static [u64; PAIRS]>,
    ) -> Self {
        let mut literals = Literals::default();
        let mut places = Vec::new();
        let mut groups_of = [(ALL, 0), (FIRST, 0), (LAST, 0)];
        let mut own: Option<Box<[u64; PAIRS]>> = None;
        for keyword in keywords {
            let literal = literals.push(&keyword);
            if fixed.is_none() || !keyword.planned {
                let table = own.get_or_insert_with(|| copy_of(fixed));
                mark(table, keyword.literal, keyword.ignore_case, keyword.anchors);
            }
            for anchor in keyword.anchors {
                let place = Place::new(keyword.literal, anchor.shift, literal);
                debug_assert!([ALL, FIRST, LAST].contains(&place.mask));
                for (mask, groups) in &mut groups_of {
                    *groups |= u32::from(place.mask == *mask) << anchor.group;
                }
                places.push(place);
            }
        }
        let table = match (own, fixed) {
            (Some(own), _) => Table::Own(own),
            (None, Some(fixed)) => Table::Fixed(fixed),
            (None, None) => Table::Own(copy_of(None)),
        };
        let mut heads = vec![0; BUCKETS + 1];
        for place in &places {
            heads[bucket(place.quad) + 1] += 1;
        }
        for bucket in 0..BUCKETS {
            heads[bucket + 1] += heads[bucket];
        }
        let mut next = heads.clone();
        let mut sorted = places.clone();
        for place in places {
            let slot = &mut next[bucket(place.quad)];
            sorted[usize::from(*slot)] = place;
            *slot += 1;
        }
        Prefilter {
            table,
            places: sorted,
            heads,
            groups_of,
            literals,
        }
    }

    /// Returns the length of the longest keyword.
    pub(crate) fn longest(&self) -> usize {
        let lengths = self.literals.rows.iter().map(|row| usize::from(row.len));
        lengths.max().unwrap_or(0)
    }

    /// Returns the hit if a keyword of its rule stands there with all that is asked of the bytes around it. That a keyword
    /// stands there is known.
    pub(crate) fn settle(&self, text: &[u8], hit: &Hit) -> Option<Hit> {
        let rows = &self.literals.rows;
        let OfRule { first, is_plain } = self.literals.of_rule(hit.rule);
        if is_plain {
            return Some(*hit);
        }
        let of_rule = rows[first..].iter().take_while(|row| row.rule == hit.rule);
        let hits = (first..).zip(of_rule).filter_map(|(index, row)| {
            let index = u16::try_from(index).expect("fewer than 65,536 keywords");
            let stands = || self.literals.stands(index, text, hit.offset, Files::OTHER);
            (usize::from(row.len) == hit.len).then(stands).flatten()
        });
        // What may be a match comes first.
        hits.min()
    }

    /// Returns every keyword for files of these kinds whose anchor starts in `window`, sorted by place; of those with
    /// a shape only where it fits.
    pub(crate) fn find(&self, text: &[u8], window: Span, files: Files) -> Vec<Hit> {
        let mut hits = Hits {
            files,
            found: Vec::new(),
        };
        let end = window.end.min(text.len());
        let start = window.start.next_multiple_of(2).min(end);
        let table = self.table.get();
        let look = |pair: [u8; 2]| table[usize::from(u16::from_le_bytes(pair))];
        // The pair before the next eight bytes: an anchor may lie across.
        let mut before = 0;
        let eights = text[start..end].as_chunks::<2>().0.as_chunks::<4>().0;
        for (number, eight) in eights.iter().enumerate() {
            let [a, b, c, d] = eight.map(look);
            let groups = low(before & a >> 32 | a & b >> 32 | b & c >> 32 | c & d >> 32);
            if groups != 0 {
                self.compare(text, start + number * 8, [before, a, b, c, d], &mut hits);
            }
            before = d;
        }
        let rest = start + eights.len() * 8;
        let from = if eights.is_empty() { start } else { rest - 2 };
        for at in (from..end).step_by(2) {
            let [a, b, c, d] = quad(text, at).to_le_bytes();
            self.confirm(text, at, low(look([a, b]) & look([c, d]) >> 32), &mut hits);
        }
        hits.found.sort_unstable();
        hits.found
    }

    /// Compares the four places whose last pair is among the eight bytes at `at`.
    #[inline(never)]
    fn compare(&self, text: &[u8], at: usize, pairs: [u64; 5], hits: &mut Hits) {
        for (number, pair) in pairs.windows(2).enumerate() {
            let groups = low(pair[0] & pair[1] >> 32);
            if groups != 0 {
                self.confirm(text, at + 2 * number - 2, groups, hits);
            }
        }
    }

    /// Adds the keywords of the groups that really have an anchor at `at`.
    fn confirm(&self, text: &[u8], at: usize, groups: u32, hits: &mut Hits) {
        if groups == 0 {
            return;
        }
        let folded = quad(text, at) | FOLD;
        for (mask, of_mask) in self.groups_of {
            if groups & of_mask != 0 {
                self.check(text, at, folded & mask, hits);
            }
        }
    }

    /// Adds the keywords whose anchor is these folded bytes.
    fn check(&self, text: &[u8], at: usize, folded: u32, hits: &mut Hits) {
        let bucket = bucket(folded);
        let range = usize::from(self.heads[bucket])..usize::from(self.heads[bucket + 1]);
        for place in &self.places[range] {
            if place.quad == folded
                && let Some(offset) = at.checked_add_signed(-isize::from(place.shift))
            {
                let hit = self
                    .literals
                    .stands(place.literal, text, offset, hits.files);
                hits.found.extend(hit);
            }
        }
    }
}

/// The keywords found so far, and the kinds of files they are looked for in.
struct Hits {
    files: Files,
    found: Vec<Hit>,
}

/// Returns the low half.
#[expect(clippy::cast_possible_truncation, reason = "the low half is meant")]
fn low(number: u64) -> u32 {
    number as u32
}

/// Returns a table to add anchors to.
fn copy_of(fixed: Option<&'static [u64; PAIRS]>) -> Box<[u64; PAIRS]> {
    fixed
        .map_or_else(|| vec![0; PAIRS], |fixed| fixed.to_vec())
        .into_boxed_slice()
        .try_into()
        .expect("of that length")
}

impl Place {
    fn new(literal: &[u8], shift: i8, index: u16) -> Self {
        let (mut quad, mut mask) = ([0; 4], [0; 4]);
        for (ahead, offset) in (shift..shift + 4).enumerate() {
            if let Some(&byte) = usize::try_from(offset)
                .ok()
                .and_then(|offset| literal.get(offset))
            {
                quad[ahead] = byte | 0x20;
                mask[ahead] = 0xff;
            }
        }
        let (quad, mask) = (u32::from_le_bytes(quad), u32::from_le_bytes(mask));
        Place {
            quad,
            mask,
            shift,
            literal: index,
        }
    }
}

/// Returns the eight bytes at `at`, with zeros beyond the end.
fn eight(text: &[u8], at: usize) -> u64 {
    let rest = &text[at..];
    rest.first_chunk().map_or_else(
        || {
            let last = rest.iter().rev();
            last.fold(0, |eight, &byte| eight << 8 | u64::from(byte))
        },
        |eight| u64::from_le_bytes(*eight),
    )
}

/// Returns the first four of them.
fn quad(text: &[u8], at: usize) -> u32 {
    low(eight(text, at))
}

/// Hashes four folded bytes.
fn bucket(quad: u32) -> usize {
    // Fibonacci hashing: the high bits depend on all four bytes.
    (quad.wrapping_mul(0x9e37_79b1) >> 19) as usize
}

/// The keywords themselves.
#[derive(Default)]
struct Literals {
    /// Each keyword, then its shapes.
    bytes: Vec<u8>,
    rows: Vec<Row>,
    /// What each rule has of the rows.
    of_rules: OnceLock<Vec<OfRule>>,
}

/// What a rule has of the rows.
#[derive(Clone, Copy)]
struct OfRule {
    /// Where its rows begin, or those of the next rule that has any.
    first: usize,
    /// Nothing is asked of the bytes around its keywords, in files of any kind.
    is_plain: bool,
}

struct Row {
    /// The first eight bytes: with one comparison of numbers most keywords are told.
    head: u64,
    /// The bits of them that count: none beyond the keyword's end, nor what tells a capital letter from a small one
    /// where case does not count.
    counts: u64,
    start: u32,
    shapes: u16,
    rule: RuleIndex,
    len: u8,
    ignore_case: bool,
    files: Files,
}

impl Literals {
    fn push(&mut self, keyword: &Keyword<'_>) -> u16 {
        let start = u32::try_from(self.bytes.len()).expect("keywords are a few kilobytes");
        let counts = keyword.literal.iter().take(8).rev();
        let counts = counts.fold(0, |counts, byte| {
            let any_case = keyword.ignore_case && byte.is_ascii_alphabetic();
            counts << 8 | if any_case { 0xdf } else { 0xff }
        });
        self.bytes.extend_from_slice(keyword.literal);
        self.bytes.extend_from_slice(keyword.shapes);
        self.rows.push(Row {
            head: eight(keyword.literal, 0),
            counts,
            start,
            shapes: u16::try_from(keyword.shapes.len()).expect("a few hundred bytes"),
            files: keyword.files,
            len: u8::try_from(keyword.literal.len()).expect("shorter than 256"),
            ignore_case: keyword.ignore_case,
            rule: keyword.rule,
        });
        u16::try_from(self.rows.len() - 1).expect("fewer than 65,536 keywords")
    }

    /// Returns what a rule has of the rows, which are in order of rule.
    fn of_rule(&self, rule: RuleIndex) -> OfRule {
        let of_rules = self.of_rules.get_or_init(|| {
            let mut of_rules: Vec<OfRule> = Vec::new();
            for (first, row) in self.rows.iter().enumerate() {
                let rule = usize::from(row.rule.0);
                if of_rules.len() <= rule {
                    let is_plain = false;
                    of_rules.resize(rule, OfRule { first, is_plain });
                    let is_plain = true;
                    of_rules.push(OfRule { first, is_plain });
                }
                of_rules[rule].is_plain &= row.shapes == 0 && row.files == Files::EVERY;
            }
            of_rules
        });
        let first = self.rows.len();
        let none = OfRule {
            first,
            is_plain: false,
        };
        *of_rules.get(usize::from(rule.0)).unwrap_or(&none)
    }

    /// Returns the hit if the keyword stands at `offset`, in a file of its kinds and with its shape around it.
    fn stands(&self, literal: u16, text: &[u8], offset: usize, files: Files) -> Option<Hit> {
        let row = &self.rows[usize::from(literal)];
        if !row.files.meet(files) {
            return None;
        }
        let len = usize::from(row.len);
        let here = text.get(offset..offset + len)?;
        if (eight(text, offset) ^ row.head) & row.counts != 0 {
            return None;
        }
        let bytes = &self.bytes[row.start as usize..][..len + usize::from(row.shapes)];
        let (literal, shapes) = bytes.split_at(len);
        let is_here = here.get(8..).is_none_or(|tail| {
            let literal = &literal[8..];
            tail == literal || row.ignore_case && tail.eq_ignore_ascii_case(literal)
        });
        if !is_here {
            return None;
        }
        let fit = if shapes.is_empty() {
            Some(Fit::Match)
        } else {
            shape::fit(shapes, text, offset, offset + len)
        };
        // Under an escape or over a joint of two literals a match has other bytes around its keyword.
        let is_spelled = || spelled::is_near(text, Span::new(offset, offset + len));
        let odd = match fit {
            Some(Fit::Match) => false,
            Some(Fit::Odd) => !is_spelled(),
            None if is_spelled() => false,
            None => return None,
        };
        Some(Hit {
            offset,
            len,
            rule: row.rule,
            odd,
        })
    }
}

#[cfg(test)]
mod tests {
    use aho_corasick::AhoCorasick;
    use proptest::prelude::*;

    use super::*;

    /// The plain way: every keyword at every place, by aho-corasick.
    fn plain(keywords: &[(String, bool)], text: &[u8]) -> Vec<Hit> {
        let mut hits = Vec::new();
        for (index, (literal, ignore_case)) in keywords.iter().enumerate() {
            let automaton = AhoCorasick::builder()
                .ascii_case_insensitive(*ignore_case)
                .build([literal])
                .expect("one short literal");
            hits.extend(automaton.find_overlapping_iter(text).map(|found| Hit {
                offset: found.start(),
                len: literal.len(),
                rule: RuleIndex(u16::try_from(index).expect("few")),
                odd: false,
            }));
        }
        hits.sort_unstable();
        hits
    }

    proptest! {
        #[test]
        fn it_finds_what_aho_corasick_finds(
            keywords in prop::collection::vec(("[abAB_]{3,11}", any::<bool>()), 1..8),
            planned in any::<bool>(),
            text in "[abAB_ ]{0,200}",
            cut in 0usize..200,
        ) {
            let list: Vec<(&[u8], bool)> =
                keywords.iter().map(|(literal, ignore_case)| (literal.as_bytes(), *ignore_case)).collect();
            let anchors = if planned {
                crate::rule::plan(&list, &vec![80; PAIRS])
            } else {
                list.iter().map(|(literal, _)| crate::rule::unplanned(literal)).collect()
            };
            let listed = || list.iter().zip(&anchors).enumerate().map(|(index, ((literal, ignore_case), &anchors))| Keyword {
                literal,
                ignore_case: *ignore_case,
                rule: RuleIndex(u16::try_from(index).expect("few")),
                anchors,
                planned: false,
                files: Files::EVERY,
                shapes: &[],
            });
            let prefilter = Prefilter::new(listed(), None);
            let text = text.as_bytes();
            let cut = cut.min(text.len());
            let mut hits = prefilter.find(text, Span::new(0, cut), Files::OTHER);
            hits.extend(prefilter.find(text, Span::new(cut, text.len()), Files::OTHER));
            hits.sort_unstable();
            prop_assert_eq!(hits, plain(&keywords, text));
            let names = Names::new(listed());
            prop_assert_eq!(names.find(text), plain(&keywords, text));
        }
    }
}
