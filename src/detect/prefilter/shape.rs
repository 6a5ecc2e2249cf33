//! A shape says what stands around and behind a keyword in every match of its rule; where it does not, there is none.

use crate::rule::shape_sets;

/// The high bit of a place: the text may begin or end there.
const EDGE: u8 = 0x80;
/// The high bit of a shape's first byte: it is that of a token of an odd form.
const ODD: u8 = 0x80;

/// What the bytes around a keyword are like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fit {
    /// Those of a match of its rule.
    Match,
    /// Of no match, but perhaps of a token of an odd form.
    Odd,
}

/// Returns what the keyword that starts and ends there may be by its shapes; that of an odd form is the last of them.
/// Nearly always the first byte before or after it says no.
pub(super) fn fit(mut shapes: &[u8], text: &[u8], start: usize, end: usize) -> Option<Fit> {
    while let [before, after, set, row, low, high, rest @ ..] = shapes {
        let is_odd = before & ODD != 0;
        let (before, rest) = rest.split_at(usize::from(before & !ODD));
        let (after, rest) = rest.split_at(usize::from(*after));
        let within = usize::from(u16::from_le_bytes([*low, *high]));
        let behind = || &text[end..text.len().min(end + within)];
        if follows(after, text[end..].iter())
            && follows(before, text[..start].iter().rev())
            && holds_row(behind(), *set, usize::from(*row))
        {
            return Some(if is_odd { Fit::Odd } else { Fit::Match });
        }
        shapes = rest;
    }
    None
}

/// Tells whether so many bytes of a set stand in a row: most bytes of a text are never looked at.
fn holds_row(text: &[u8], set: u8, row: usize) -> bool {
    let mut from = 0;
    while let Some(next) = text.get(from..from + row) {
        // Only behind the last byte that breaks the row another may start.
        match next.iter().rposition(|&byte| !holds(set, byte)) {
            None => return true,
            Some(breaks) => from += breaks + 1,
        }
    }
    false
}

/// Tells whether a byte is in the set of that number.
fn holds(set: u8, byte: u8) -> bool {
    shape_sets()[usize::from(set)][usize::from(byte >> 3)] >> (byte & 7) & 1 == 1
}

/// Tells whether the bytes are of these sets, one after the other.
fn follows<'b>(places: &[u8], mut bytes: impl Iterator<Item = &'b u8>) -> bool {
    places.iter().all(|place| match bytes.next() {
        Some(&byte) => holds(place & !EDGE, byte),
        None => place & EDGE != 0,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use proptest::strategy::ValueTree;
    use proptest::test_runner::TestRunner;
    use regex::bytes::{Regex, RegexBuilder};

    use super::*;
    use crate::detect::validate::make;
    use crate::rule::{Example, Keyword, Kind, Rules, fill};

    /// Returns a match of a rule's regex that holds one of its keywords, but none with its shape around it.
    fn missed<'t>(regex: &Regex, keywords: &[Keyword<'_>], text: &'t [u8]) -> Option<&'t [u8]> {
        let stands = |keyword: &Keyword<'_>, at: usize| {
            let here = &text[at..at + keyword.literal.len()];
            here == keyword.literal
                || keyword.ignore_case && here.eq_ignore_ascii_case(keyword.literal)
        };
        let fits = |keyword: &Keyword<'_>, at: usize| {
            let end = at + keyword.literal.len();
            keyword.shapes.is_empty() || fit(keyword.shapes, text, at, end) == Some(Fit::Match)
        };
        let mut found = regex.find_iter(text);
        let missed = found.find(|found| {
            let mut places = keywords
                .iter()
                .flat_map(|keyword| {
                    let last = (found.end() + 1).saturating_sub(keyword.literal.len());
                    let places = (found.start()..last).filter(|&at| stands(keyword, at));
                    places.map(move |at| (keyword, at))
                })
                .peekable();
            places.peek().is_some() && !places.any(|(keyword, at)| fits(keyword, at))
        });
        missed.map(|missed| missed.as_bytes())
    }

    #[test]
    fn no_match_of_any_rule_lacks_the_shape_of_its_keyword() {
        let rules = Rules::builtin();
        let mut random = TestRunner::deterministic();
        for index in rules
            .indexes()
            .filter(|&index| rules.kind(index) == Kind::Secret)
        {
            let rule = rules.get(index);
            let Some(pattern) = &rule.regex else { continue };
            let regex = RegexBuilder::new(pattern)
                .unicode(false)
                .case_insensitive(rule.ignore_case)
                .build()
                .expect("sound");
            let keywords = rules.keywords().filter(|keyword| keyword.rule == index);
            let keywords: Vec<_> = keywords.collect();
            for example in rule.matches.iter().chain(&rule.no_matches) {
                let (Example::Text(text) | Example::File { text, .. }) = example;
                let text = fill(text, &make).into_bytes();
                assert_eq!(missed(&regex, &keywords, &text), None, "{}", rule.id);
                // The same with a byte changed, left out or doubled: what still matches must still be seen.
                for _ in 0..64 {
                    let change = (0..text.len(), any::<u8>(), 0..4u8).new_tree(&mut random);
                    let (at, byte, how) = change.expect("a change").current();
                    let mut changed = text.clone();
                    match how {
                        0 => changed[at] = byte,
                        1 => drop(changed.remove(at)),
                        2 => changed.insert(at, text[at]),
                        _ => changed.truncate(at),
                    }
                    assert_eq!(missed(&regex, &keywords, &changed), None, "{}", rule.id);
                }
            }
        }
    }

    #[test]
    fn most_short_keywords_have_a_shape() {
        let rules = Rules::builtin();
        let short = rules.keywords().filter(|keyword| {
            keyword.literal.len() <= 5
                && rules.kind(keyword.rule) == Kind::Secret
                && rules.get(keyword.rule).regex.is_some()
        });
        let (with, without): (Vec<_>, Vec<_>) = short
            .map(|keyword| (&rules.get(keyword.rule).id, keyword.shapes))
            .partition(|(_, shapes)| !shapes.is_empty());
        assert!(with.len() > 15 * without.len(), "{without:?}");
    }
}
