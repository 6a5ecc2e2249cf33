//! A rescan looks only at what a version of a blob changes, and finds what a scan of all of it would find new there.
//!
//! A verdict depends on at most [`REACH`](super::REACH) bytes around what it is about, so the changed ranges are looked
//! at with that much on both sides. Some rules reach further, such as a private key over many lines: their keywords are
//! anchors, which the caller carries from version to version, so that a change far behind an anchor is judged too.

use aho_corasick::{AhoCorasick, MatchKind};
use bstr::BStr;

use super::{Engine, Keep, Match, REACH, chunk, decode, windows};
use crate::blob::Regions;
use crate::rule::{Kind, Level, Rules};
use crate::span::Span;

/// The keywords of the rules that reach further than the engine does.
pub struct Far {
    keywords: Option<AhoCorasick>,
    reach: usize,
}

/// What a rescan found.
#[derive(Debug, Default)]
pub struct Fresh {
    /// The matches of which some byte that decided is changed.
    pub matches: Vec<Match>,
    /// The anchors in what was looked at.
    pub anchors: Vec<Span>,
}

impl Far {
    /// Returns the keywords of these rules. Reads every secret rule: some milliseconds.
    pub fn new(rules: &Rules) -> Self {
        let is_far = |rule: &&crate::rule::Rule| rule.reach.is_some_and(|reach| reach > REACH);
        let far: Vec<_> = rules
            .indexes()
            .filter(|&index| rules.kind(index) == Kind::Secret && rules.level(index) != Level::Off)
            .map(|index| rules.get(index))
            .filter(is_far)
            .collect();
        let reach = far.iter().filter_map(|rule| rule.reach).max().unwrap_or(0);
        debug_assert!(
            far.iter().all(|rule| !rule.ignore_case),
            "their anchors are looked for as they are"
        );
        let keywords: Vec<&String> = far.iter().flat_map(|rule| &rule.keywords).collect();
        let build = || {
            AhoCorasick::builder()
                .match_kind(MatchKind::LeftmostFirst)
                .build(keywords.iter())
        };
        let keywords = (!keywords.is_empty()).then(|| build().expect("a few dozen short literals"));
        Far { keywords, reach }
    }

    /// Returns the anchors behind which a changed range lies within their rules' reach.
    fn before(&self, anchors: &[Span], regions: &Regions) -> Vec<Span> {
        let touches =
            |anchor: &&Span| regions.touch(Span::new(anchor.start, anchor.end + self.reach));
        anchors.iter().filter(touches).copied().collect()
    }
}

impl Engine {
    /// Returns what is new in a version of a blob in which `regions` are changed, and of which `anchors` are known from
    /// the version before. Only secret rules are run; with [`Regions::Whole`] all of the blob is looked at.
    pub fn rescan(
        &self,
        far: &Far,
        bytes: &[u8],
        regions: &Regions,
        anchors: &[Span],
        path: Option<&BStr>,
    ) -> Fresh {
        let wide = match regions {
            Regions::Whole => Regions::Whole,
            Regions::Ranges(ranges) => Regions::from_ranges(
                ranges
                    .iter()
                    .copied()
                    .chain(far.before(anchors, regions))
                    .collect(),
            ),
        };
        if wide == Regions::Ranges(Vec::new()) {
            return Fresh::default();
        }
        let reading = decode::Reading::of(bytes);
        let looked_at = if matches!(reading, decode::Reading::Wide(_)) {
            &Regions::Whole
        } else {
            &wide
        };
        let mut matches = if bytes.len() > chunk::LARGE {
            self.scan_large(bytes, &Regions::Whole, path)
        } else {
            self.scan_secrets(reading, bytes, looked_at, path, Keep::All)
        };
        matches.retain(|found| regions.touch(found.extent));
        let mut new = Vec::new();
        if let Some(keywords) = &far.keywords {
            for window in windows(bytes, looked_at) {
                // An anchor may begin before the window that its end lies in.
                let start = window.start.saturating_sub(64);
                let found = keywords.find_iter(&bytes[start..window.end]);
                new.extend(
                    found.map(|found| Span::new(start + found.start(), start + found.end())),
                );
            }
        }
        new.sort_unstable();
        new.dedup();
        Fresh {
            matches,
            anchors: new,
        }
    }
}
