//! A rescan looks only at what a version of a blob changes, and finds what a scan of all of it would find new there.
//!
//! Where keywords and runs of token characters stand in what was copied is known from the version before, as marks
//! that the caller carries along. So only the changed bytes are searched, and then all that stands near enough to
//! them to be judged otherwise than before: within [`REACH`] bytes, or as far as its rule reaches.

use bstr::BStr;

use super::decode::Reading;
use super::nearby::{Runs, is_core};
use super::prefilter::{Hit, Prefilter};
use super::{Engine, Match, REACH, Text, chunk, decode, windows};
use crate::blob::{Mark, Regions};
use crate::rule::{Files, Keyword, Kind, RuleIndex};
use crate::span::Span;

/// Marks of this number and above are the engine's own places; what is below names whatever the caller likes.
pub const PLACES: u32 = 0xff00_0000;
/// A run of token characters. Below it, down to [`PLACES`], stand the keywords, by rule.
const RUN: u32 = PLACES + 0x1_0000;
/// The blob was read as text, so that its marks are those of a text.
const TEXT: u32 = RUN + 1;
/// The blob was read as a binary.
const BINARY: u32 = RUN + 2;

/// What a rescan found.
#[derive(Debug, Default)]
pub struct Fresh {
    /// The matches of which some byte that decided is changed.
    pub matches: Vec<Match>,
    /// The marks to carry to the next version: those that were known, less those that no longer hold, and the engine's
    /// own places. The caller adds the matches.
    pub marks: Vec<Mark>,
}

/// Places of a blob that may be secrets, in order.
#[derive(Default)]
struct Places {
    hits: Vec<Hit>,
    runs: Vec<Span>,
}

impl Engine {
    /// Returns what is new in a version of a blob in which `regions` are changed; `known` are the marks of the version
    /// before that hold in it, in order of place. Only secret rules are run; with [`Regions::Whole`] all of the blob is
    /// looked at and nothing counts as known.
    pub fn rescan(
        &self,
        bytes: &[u8],
        regions: &Regions,
        known: &[Mark],
        path: Option<&BStr>,
    ) -> Fresh {
        if bytes.len() > chunk::LARGE {
            let matches = self.scan_large(bytes, &Regions::Whole, path);
            let marks = Vec::new();
            return Fresh { matches, marks };
        }
        let reading = Reading::of(bytes);
        let id = match reading {
            Reading::Text => TEXT,
            Reading::Binary => BINARY,
            Reading::Wide(_) => {
                // What is under it has other offsets: such a blob is looked at as a whole each time.
                let matches = self.scan_secrets(reading, bytes, &Regions::Whole, path);
                let marks = Vec::new();
                return Fresh { matches, marks };
            }
        };
        let read_as = Mark::new(Span::new(0, 0), id);
        let text = Text {
            bytes,
            regions,
            path,
        };
        match regions {
            Regions::Ranges(changed) if known.first() == Some(&read_as) => {
                let mut marks = known.to_vec();
                let mut matches = Vec::new();
                if !changed.is_empty() {
                    let new = Places::of_changed(self.secret_keywords(), bytes, changed);
                    new.mark(bytes, &mut marks);
                    marks.sort();
                    marks.dedup();
                    let near = self.near(bytes, &marks, changed);
                    matches = self.judge_places(reading, text, &near);
                    matches.retain(|found| regions.touch(found.extent));
                }
                Fresh { matches, marks }
            }
            // Nothing is known, or it is known of a blob that was read otherwise.
            _ => {
                let places = Places::of_all(self.secret_keywords(), bytes);
                let mut marks = vec![read_as];
                places.mark(bytes, &mut marks);
                marks.sort();
                let matches = self.judge_places(reading, text, &places);
                Fresh { matches, marks }
            }
        }
    }

    /// Returns the search for the keywords of the secret rules, whatever stands around them: a hit is carried to versions
    /// in which the bytes around it are others, and a place that was no hit is not searched again.
    fn secret_keywords(&self) -> &Prefilter {
        self.secrets.get_or_init(|| {
            let rules = &self.rules;
            let keywords = rules
                .keywords()
                .filter(|keyword| rules.kind(keyword.rule) == Kind::Secret)
                .map(|keyword| Keyword {
                    shapes: &[],
                    ..keyword
                });
            Prefilter::new(keywords, None)
        })
    }

    /// Returns the places that the changed ranges lie within reach of.
    fn near(&self, bytes: &[u8], marks: &[Mark], changed: &[Span]) -> Places {
        let reaches = self.reaches();
        let mut near = Places::default();
        let joined = with_lines_before(bytes, changed);
        // Marks are in order of their start: what ends before one ends before all that follow.
        let (mut changed, mut joined) = (changed, joined.as_deref().unwrap_or(changed));
        for mark in marks {
            let start = mark.extent().start.saturating_sub(REACH);
            for ranges in [&mut changed, &mut joined] {
                while ranges.first().is_some_and(|range| range.end < start) {
                    *ranges = &ranges[1..];
                }
            }
            let ranges = if mark.id == RUN { joined } else { changed };
            let Some(first) = ranges.first() else { break };
            let (extent, rule) = match mark.id {
                RUN => (run_in(bytes, mark.extent()), None),
                TEXT | BINARY => continue,
                id if id >= PLACES => {
                    let rule = u16::try_from(id - PLACES).expect("below the runs");
                    (mark.extent(), Some(RuleIndex(rule)))
                }
                _ => continue,
            };
            let reach = rule.map_or(REACH, |rule| reaches[usize::from(rule.0)] as usize);
            if first.start > extent.end + reach {
                continue;
            }
            match rule {
                Some(rule) => near.hits.push(Hit {
                    offset: extent.start,
                    len: extent.len(),
                    rule,
                    odd: false,
                }),
                None => near.runs.push(extent),
            }
        }
        near
    }

    /// Returns how far behind its keyword each rule may look.
    fn reaches(&self) -> &[u32] {
        self.reaches.get_or_init(|| {
            let reach = |rule| self.rules.get(rule).reach.unwrap_or(REACH).max(REACH);
            let all = self
                .rules
                .indexes()
                .map(|rule| match self.rules.kind(rule) {
                    Kind::Secret => u32::try_from(reach(rule)).unwrap_or(u32::MAX),
                    _ => 0,
                });
            all.collect()
        })
    }

    fn judge_places(&self, reading: Reading, text: Text<'_>, places: &Places) -> Vec<Match> {
        let mut matches = Vec::new();
        let hits = places.hits.iter();
        let hits: Vec<Hit> = hits
            .filter_map(|hit| self.common().settle(text.bytes, hit))
            .collect();
        if reading == Reading::Binary {
            self.tokens(text, &hits, &mut matches);
        } else {
            self.confirm(text, &hits, &mut Vec::new(), &mut matches);
            self.values(text, 0, places.runs.iter().copied(), &mut matches);
        }
        self.settle(text, &Regions::Whole, &mut matches);
        matches
    }
}

impl Places {
    /// Searches all of a blob.
    fn of_all(keywords: &Prefilter, bytes: &[u8]) -> Self {
        let mut places = Places::default();
        for window in windows(bytes, &Regions::Whole) {
            let hits = keywords.find(bytes, window, Files::OTHER);
            places.hits.extend(hits);
        }
        places.runs = Runs::new(bytes, Span::new(0, bytes.len())).collect();
        places
    }

    /// Searches what stands in the changed ranges or across their ends.
    fn of_changed(keywords: &Prefilter, bytes: &[u8], changed: &[Span]) -> Self {
        let mut places = Places::default();
        // An anchor may begin a byte before its keyword.
        let most = keywords.longest() + 2;
        let mut ranges = changed.iter().peekable();
        while let Some(&first) = ranges.next() {
            let mut window = Span::new(
                first.start.saturating_sub(most),
                (first.end + most).min(bytes.len()),
            );
            while let Some(next) = ranges.next_if(|next| next.start <= window.end + most) {
                window.end = (next.end + most).min(bytes.len());
            }
            let hits = keywords.find(bytes, window, Files::OTHER);
            places.hits.extend(hits);
        }
        // Up to where runs have been looked at.
        let mut done = 0;
        for range in changed {
            // A run that ends or starts beside a change is another than before.
            let end = (range.end + 1).min(bytes.len());
            if end <= done {
                continue;
            }
            let mut start = range.start.max(done);
            while start > done && is_core(bytes[start - 1]) {
                start -= 1;
            }
            let runs = Runs::new(bytes, Span::new(start, end));
            places.runs.extend(runs);
            let rest = bytes[end..].iter();
            done = end + rest.take_while(|&&byte| is_core(byte)).count();
        }
        places
    }

    /// Adds the marks of the places.
    fn mark(&self, bytes: &[u8], marks: &mut Vec<Mark>) {
        marks.reserve(self.hits.len() + self.runs.len());
        marks.extend(self.hits.iter().map(|hit| {
            let extent = Span::new(hit.offset, hit.offset + hit.len);
            Mark::new(extent, PLACES + u32::from(hit.rule.0))
        }));
        // What stands beside a run ends it.
        marks.extend(self.runs.iter().map(|run| {
            let extent = Span::new(run.start.saturating_sub(1), (run.end + 1).min(bytes.len()));
            Mark::new(extent, RUN)
        }));
    }
}

/// Returns the changed ranges, each with the lines before it that may be one base64 or hex text with it, however long
/// that is; `None` where there are no such lines.
fn with_lines_before(bytes: &[u8], changed: &[Span]) -> Option<Vec<Span>> {
    let mut wider = Vec::new();
    let mut before = 0;
    for (at, &range) in changed.iter().enumerate() {
        // What stands before the last range was looked at with it.
        let start = decode::lines_before(bytes, range.start.min(bytes.len()), before);
        before = range.end;
        if start < range.start && wider.is_empty() {
            wider.extend_from_slice(&changed[..at]);
        }
        if start < range.start || !wider.is_empty() {
            wider.push(Span::new(start, range.end));
        }
    }
    if wider.is_empty() {
        return None;
    }
    match Regions::from_ranges(wider) {
        Regions::Ranges(wider) => Some(wider),
        Regions::Whole => None,
    }
}

/// Returns the run that a mark with the bytes beside it stands for.
fn run_in(bytes: &[u8], extent: Span) -> Span {
    let inner = |at: usize| usize::from(!is_core(bytes[at]));
    Span::new(
        extent.start + inner(extent.start),
        extent.end - inner(extent.end - 1),
    )
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::rule::{Rules, parse};

    /// A token that may stand anywhere, one with an end far behind its keyword, and a value beside a word.
    fn engine() -> Engine {
        let rule = |id: &str, rest: &str| {
            format!(
                "[[rule]]\nid='{id}'\ntitle='t'\nwhy='w'\nfix='f'\n{rest}\nmatch=['a','b']\nno-match=['c','d']\n"
            )
        };
        let rules = [
            rule("token", "keywords=['tok_']\nregex='\\btok_[a-d0-9]{6}\\b'"),
            rule(
                "far",
                "keywords=['BEGIN']\nregex='BEGIN[a-d0-9 \\n]{600,900}END'\nreach=1000",
            ),
            rule("near", "near=['acme']\nform='hex:16'\nlevel='warn'"),
        ];
        Engine::new(Rules::only(parse(&rules.concat(), "test").expect("sound")))
    }

    /// What a version is made of: enough of everything that matters for matches to come, go and stay.
    fn piece() -> impl Strategy<Value = String> {
        prop_oneof![
            4 => "[a-d0-9 \n]{0,40}",
            3 => "[a-d0-9]{1,3}",
            2 => "tok_[a-d0-9]{6}( |\n)?",
            1 => "(tok_|tok|_|acme|acme_key = )",
            1 => "acme_key = [a-f0-9]{16}\n",
            1 => "(BEGIN|END)",
            1 => "[a-d0-9 ]{300,400}",
            1 => Just("\0".to_owned()),
        ]
    }

    /// A version that keeps a head and a tail of the one before, and what stands between them.
    fn edit() -> impl Strategy<Value = (f64, f64, String)> {
        (0.0..1.0, 0.0..1.0, piece())
    }

    fn cut(text: &str, share: f64) -> usize {
        #[expect(
            clippy::cast_precision_loss,
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "any place will do"
        )]
        let at = (text.len() as f64 * share) as usize;
        at
    }

    fn spans(matches: &[Match]) -> Vec<(Span, RuleIndex)> {
        let mut spans: Vec<_> = matches
            .iter()
            .map(|found| (found.span, found.rule))
            .collect();
        spans.sort_unstable();
        spans
    }

    /// Follows the marks through an edit, as the reader of a history does.
    fn carried(marks: &[Mark], head: usize, tail: usize, before: usize, after: usize) -> Vec<Mark> {
        let keep = |mark: &Mark| {
            let extent = mark.extent();
            if extent.end == 0 {
                return Some(*mark);
            }
            let moved = if extent.end <= head && extent.end < before {
                extent
            } else if extent.start >= tail {
                let shift = |at: usize| at + after - before;
                Span::new(shift(extent.start), shift(extent.end))
            } else {
                return None;
            };
            let same = (extent.start == 0) == (moved.start == 0);
            same.then_some(Mark::new(moved, mark.id))
        };
        let mut marks: Vec<Mark> = marks.iter().filter_map(keep).collect();
        marks.sort();
        marks
    }

    #[test]
    fn a_token_that_is_completed_far_behind_its_keyword_is_found() {
        let engine = Engine::new(Rules::builtin());
        let token = crate::rule::fill("{{github:ghp_}}", &crate::detect::make);
        let (head, last) = token.split_at(token.len() - 1);
        let before = format!("a = 1\nb = '{head}'\n");
        let after = format!("a = 1\nb = '{head}{last}'\n");
        let at = before.len() - 2;
        let known = engine
            .rescan(before.as_bytes(), &Regions::Whole, &[], None)
            .marks;
        let known = carried(&known, at, at, before.len(), after.len());
        let regions = Regions::Ranges(vec![Span::new(at, at + 1)]);
        let fresh = engine.rescan(after.as_bytes(), &regions, &known, None);
        let ids = fresh
            .matches
            .iter()
            .map(|found| &engine.rules().get(found.rule).id);
        assert_eq!(ids.collect::<Vec<_>>(), ["github-pat"]);
    }

    #[test]
    fn a_key_in_base64_over_many_lines_is_found_when_one_of_the_last_is_mended() {
        let engine = Engine::new(Rules::builtin());
        let key = crate::rule::fill("{{pem:rsa}}", &crate::detect::make);
        let key = data_encoding::BASE64.encode(key.as_bytes());
        let lines: Vec<&str> = key
            .as_bytes()
            .chunks(76)
            .map(|line| std::str::from_utf8(line).expect("ASCII"))
            .collect();
        let after = format!("name: a\n\n{}\n\n--end\n", lines.join("\n"));
        let at = after.len() - 90;
        let before = format!("{}*{}", &after[..at], &after[at + 1..]);
        assert!(at > 9 + 2 * REACH, "the key begins far before it");
        let known = engine
            .rescan(before.as_bytes(), &Regions::Whole, &[], None)
            .marks;
        let known = carried(&known, at, at + 1, before.len(), after.len());
        let regions = Regions::Ranges(vec![Span::new(at, at + 1)]);
        let fresh = engine.rescan(after.as_bytes(), &regions, &known, None);
        let whole = engine.scan(after.as_bytes(), &Regions::Whole, None);
        assert!(!whole.is_empty());
        assert_eq!(spans(&fresh.matches), spans(&whole));
    }

    proptest! {
        #[test]
        fn what_is_carried_and_what_is_new_is_what_a_scan_of_the_whole_finds(
            first in prop::collection::vec(piece(), 0..12),
            edits in prop::collection::vec(edit(), 1..8),
        ) {
            let engine = engine();
            let mut text = first.concat();
            let mut fresh = engine.rescan(text.as_bytes(), &Regions::Whole, &[], None);
            let mut found: Vec<(Span, RuleIndex)> = Vec::new();
            let mut marks = Vec::new();
            for (one, other, new) in edits {
                marks.clear();
                marks.append(&mut fresh.marks);
                for new in &fresh.matches {
                    marks.push(Mark::new(new.extent, u32::try_from(found.len()).expect("few")));
                    found.push((Span::new(new.span.start - new.extent.start, new.span.end - new.extent.start), new.rule));
                }
                let (head, tail) = (cut(&text, one.min(other)), cut(&text, one.max(other)));
                let next = [&text[..head], &new, &text[tail..]].concat();
                let known = carried(&marks, head, tail, text.len(), next.len());
                // Where a version starts or ends where the other did not, the byte there counts as new.
                let mut changed = vec![Span::new(head, head + new.len())];
                if head == 0 || next.len() == head + new.len() {
                    changed = vec![Span::new(head.saturating_sub(1), (head + new.len() + 1).min(next.len()))];
                }
                let regions = Regions::from_ranges(changed);
                text = next;
                fresh = engine.rescan(text.as_bytes(), &regions, &known, None);
                let place = |mark: &Mark| {
                    let (span, rule) = found[mark.id as usize];
                    let start = mark.extent().start;
                    let moved = Span::new(span.start + start, span.end + start);
                    (moved, rule)
                };
                let mut all: Vec<_> = fresh.marks.iter().filter(|mark| mark.id < PLACES).map(place).collect();
                all.extend(spans(&fresh.matches));
                all.sort_unstable();
                all.dedup();
                prop_assert_eq!(all, spans(&engine.scan(text.as_bytes(), &Regions::Whole, None)), "{:?}", text);
            }
        }
    }
}
