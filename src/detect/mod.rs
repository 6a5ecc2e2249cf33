//! The engine finds secrets and unsafe settings in bytes: no I/O, no git, no clock.
//!
//! A keyword seen by the `prefilter` makes a candidate; the rule's own detector confirms it or drops it.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

pub mod assign;
mod check;
mod chunk;
mod content;
mod decode;
mod entropy;
mod escaped;
mod examples;
mod found;
mod glob;
mod kinds;
mod known;
mod mend;
mod nearby;
mod odd;
mod path;
mod placeholder;
mod prefilter;
#[doc(hidden)]
pub mod probe;
mod redact;
mod rescan;
mod setting;
mod syntax;
mod token;
mod validate;

use std::sync::OnceLock;

use bstr::BStr;

pub use examples::failures;
pub use found::{Maker, Match, Related, Scope, What};
pub use mend::{Edit, Fault, apply};
pub use path::TellingNames;
pub use rescan::{Fresh, PLACES};
pub use validate::make;

use crate::blob::Regions;
use crate::rule::{Files, Keyword, Kind, Level, Rule, RuleIndex, Rules, Slots};
use crate::span::Span;
use kinds::Kinds;
use prefilter::{Hit, Names, Prefilter};

/// How far before and after the bytes that decide a match may reach: the context that a scan of
/// regions looks at. What a verdict depends on beyond it is not seen.
pub const REACH: usize = 512;

/// Finds what the rules describe.
pub struct Engine {
    rules: Rules,
    /// The keywords that are looked for in every file.
    common: OnceLock<Prefilter>,
    /// The same with all setting rules, and the kinds of files they are about.
    full: OnceLock<Prefilter>,
    /// The keywords of the secret rules as they stand, for the versions of a history.
    secrets: OnceLock<Prefilter>,
    /// How far behind a keyword the rules look, by rule.
    reaches: OnceLock<Vec<u32>>,
    kinds: OnceLock<Kinds>,
    paths: Names,
    nearby: nearby::Nearby,
    tokens: Slots<token::Compiled>,
    named: Slots<setting::Named>,
    judged: assign::Judged,
    odd: odd::Odd,
    /// The setting rules without a keyword: a dependency of any name. Their files are few.
    keyless: Vec<RuleIndex>,
}

/// The text of one scan, as every detector sees it.
#[derive(Clone, Copy)]
pub(crate) struct Text<'b> {
    /// All bytes, context included.
    pub(crate) bytes: &'b [u8],
    /// Which of them decide.
    pub(crate) regions: &'b Regions,
    /// The path, or only the name of the file, where one is known.
    pub(crate) path: Option<&'b BStr>,
}

impl Engine {
    /// Returns an engine over the rules. Costs microseconds: rules are compiled when first needed.
    pub fn new(rules: Rules) -> Self {
        let is_path = |keyword: &Keyword<'_>| rules.kind(keyword.rule) == Kind::Path;
        let paths = Names::new(rules.keywords().filter(is_path));
        let nearby = nearby::Nearby::new(&rules);
        let tokens = Slots::new(rules.len());
        let named = Slots::new(rules.len());
        let keyless = keyless(&rules);
        Engine {
            rules,
            common: OnceLock::new(),
            full: OnceLock::new(),
            secrets: OnceLock::new(),
            reaches: OnceLock::new(),
            kinds: OnceLock::new(),
            paths,
            nearby,
            tokens,
            named,
            judged: assign::Judged::default(),
            odd: odd::Odd::default(),
            keyless,
        }
    }

    /// Returns the rules the engine works with.
    pub fn rules(&self) -> &Rules {
        &self.rules
    }

    /// Returns what the rules find in `bytes`, in order of place, then rule.
    ///
    /// A match counts when it touches `regions`. `path` is the path of the file or only its name;
    /// without one, rules that need it are silent. The same input gives the same answer.
    pub fn scan(&self, bytes: &[u8], regions: &Regions, path: Option<&BStr>) -> Vec<Match> {
        if bytes.len() > chunk::LARGE {
            return self.scan_large(bytes, regions, path);
        }
        let reading = decode::Reading::of(bytes);
        let decode::Reading::Wide(order) = reading else {
            return self.scan_text(reading, bytes, regions, path);
        };
        let wide = decode::Wide::read(bytes, order);
        let text = decode::Reading::Text;
        let mut matches = self.scan_text(text, &wide.text, &wide.regions(regions), path);
        wide.restore(&mut matches);
        matches
    }

    /// Returns what the secret rules find in and around the regions: no rule that needs the whole file is run.
    fn scan_secrets(
        &self,
        reading: decode::Reading,
        bytes: &[u8],
        regions: &Regions,
        path: Option<&BStr>,
    ) -> Vec<Match> {
        let decode::Reading::Wide(order) = reading else {
            return self.secrets_of(
                reading,
                Text {
                    bytes,
                    regions,
                    path,
                },
            );
        };
        let wide = decode::Wide::read(bytes, order);
        let text = Text {
            bytes: &wide.text,
            regions: &wide.regions(regions),
            path,
        };
        let mut matches = self.secrets_of(decode::Reading::Text, text);
        wide.restore(&mut matches);
        matches
    }

    fn secrets_of(&self, reading: decode::Reading, text: Text<'_>) -> Vec<Match> {
        let mut matches = Vec::new();
        self.walk(reading, text, Files::OTHER, &mut matches);
        self.settle(text, text.regions, &mut matches);
        matches
    }

    fn scan_text(
        &self,
        reading: decode::Reading,
        bytes: &[u8],
        regions: &Regions,
        path: Option<&BStr>,
    ) -> Vec<Match> {
        let text = Text {
            bytes,
            regions,
            path,
        };
        let mut matches = Vec::new();
        let is_text = reading == decode::Reading::Text;
        let files = path.filter(|_| is_text).map_or(Files::OTHER, |path| {
            let kinds = self.kinds.get_or_init(|| Kinds::new(&self.rules));
            kinds.of(path)
        });
        let mut settings = self.walk(reading, text, files, &mut matches);
        if path.is_some_and(|path| syntax::of(path).names_versions()) {
            settings.extend(&self.keyless);
        }
        settings.sort_unstable();
        settings.dedup();
        setting::scan(&self.rules, &self.named, text, &settings, &mut matches);
        content::scan(&self.rules, &self.named, &self.paths, text, &mut matches);
        self.settle(text, regions, &mut matches);
        matches
    }

    /// Doubts what was found, and keeps of it what counts in the regions.
    fn settle(&self, text: Text<'_>, regions: &Regions, matches: &mut Vec<Match>) {
        self.doubt(text, matches);
        settle(&self.rules, regions, matches);
    }

    /// Drops of what its name alone betrays what is encrypted, and lowers what is named after a provider whose values
    /// have another form.
    fn doubt(&self, text: Text<'_>, matches: &mut [Match]) {
        for found in matches {
            let rule = self.rules.get(found.rule);
            if rule.check.as_deref() != Some("assign") {
                continue;
            }
            if placeholder::is_encrypted(text.bytes, found.span) {
                found.level = Level::Off;
            }
            if found.level != Level::Block {
                continue;
            }
            let kind = match rule.id.as_str() {
                "generic-secret" => assign::Kind::Secret,
                "bearer-token" => assign::Kind::Bearer,
                "basic-auth" => assign::Kind::Basic,
                _ => continue,
            };
            let Some(note) = self.misnamed(text.bytes, kind, found.span) else {
                continue;
            };
            found.level = Level::Warn;
            found.notes.push(note.to_owned());
        }
    }

    /// Returns why a value that the judge takes for a secret of that kind warns at most: its name or its beginning is a
    /// provider's, and it has none of the forms of that one.
    pub fn misnamed(&self, bytes: &[u8], kind: assign::Kind, value: Span) -> Option<&'static str> {
        if kind == assign::Kind::Basic && bytes.get(value.end) == Some(&b':') {
            return Some("a key in the place of a user");
        }
        let contradicts = match kind {
            assign::Kind::Secret => self.nearby.contradicts(&self.rules, bytes, value),
            assign::Kind::Bearer | assign::Kind::Basic => {
                self.nearby.contradicts_line(&self.rules, bytes, value)
            }
            assign::Kind::Password | assign::Kind::Url => return None,
        };
        if contradicts {
            Some("has none of the forms of the provider it is named after")
        } else if self.begins_as_token(bytes, value) {
            Some("begins as tokens of a known form do, and is none")
        } else if placeholder::has_stray(value.of(bytes)) {
            Some("a sign stands in it that is not of its alphabet")
        } else {
            None
        }
    }

    /// Tells whether a value begins with what hardly anything but one rule's tokens begins with. Had that rule found it,
    /// nothing else would be said of it.
    fn begins_as_token(&self, bytes: &[u8], value: Span) -> bool {
        let hits = self.common().find(bytes, value, Files::OTHER);
        hits.iter().any(|hit| {
            let keyword = Span::new(hit.offset, hit.offset + hit.len);
            hit.offset == value.start && self.rules.get(hit.rule).is_told_by(keyword.of(bytes))
        })
    }

    /// Goes over the text once, gathers what the secret rules find, and returns the setting rules whose keywords stand
    /// in it.
    fn walk(
        &self,
        reading: decode::Reading,
        text: Text<'_>,
        files: Files,
        matches: &mut Vec<Match>,
    ) -> Vec<RuleIndex> {
        let prefilter = self.prefilter_for(files);
        let mut settings = Vec::new();
        for window in windows(text.bytes, text.regions) {
            let hits = prefilter.find(text.bytes, window, files);
            if reading == decode::Reading::Binary {
                self.tokens(text, &hits, matches);
            } else {
                self.confirm(text, &hits, &mut settings, matches);
                let runs = nearby::Runs::new(text.bytes, window);
                self.values(text, window.start, runs, matches);
                self.escaped(text, window, matches);
            }
        }
        settings
    }

    /// Looks at runs from `start` on for values that stand beside a rule's word, and for tokens under base64 and hex.
    fn values(
        &self,
        text: Text<'_>,
        start: usize,
        runs: impl Iterator<Item = Span>,
        matches: &mut Vec<Match>,
    ) {
        let mut encoded = Vec::new();
        let found = self.nearby.find(text, start, runs, &mut encoded);
        matches.extend(
            found
                .iter()
                .filter_map(|found| self.judge_nearby(text, found)),
        );
        let mut done = 0;
        for run in encoded {
            if run.start < done {
                continue;
            }
            let Some(encoded) = decode::Encoded::read(text.bytes, run) else {
                continue;
            };
            done = encoded.run.end;
            let inner = Text {
                bytes: &encoded.text,
                regions: &Regions::Whole,
                path: None,
            };
            let hits =
                self.common()
                    .find(inner.bytes, Span::new(0, inner.bytes.len()), Files::OTHER);
            let mut under = Vec::new();
            self.tokens(inner, &hits, &mut under);
            for mut found in under {
                found.put_back(|span| encoded.place(span));
                found.extent = Span::new(
                    encoded.run.start.saturating_sub(1),
                    (encoded.run.end + 1).min(text.bytes.len()),
                );
                found
                    .notes
                    .push(format!("stands there as {}", encoded.name()));
                matches.push(found);
            }
        }
    }

    /// Hands the hits of rules with a regex to it, and passes over all others.
    fn tokens(&self, text: Text<'_>, hits: &[Hit], matches: &mut Vec<Match>) {
        let mut done = token::Done::default();
        for hit in hits
            .iter()
            .filter(|hit| self.rules.kind(hit.rule) == Kind::Secret)
        {
            let rule = self.rules.get(hit.rule);
            if rule.regex.is_some() {
                self.token(text, hit, rule, &mut done, matches);
            }
        }
    }

    /// Confirms or drops a hit of a rule with a regex; what only begins like its tokens is said under another rule.
    fn token(
        &self,
        text: Text<'_>,
        hit: &Hit,
        rule: &Rule,
        done: &mut token::Done,
        matches: &mut Vec<Match>,
    ) {
        let compiled = || self.compiled(hit.rule, rule);
        let level = self.rules.level(hit.rule);
        let said = token::scan(text, hit, level, (rule, &compiled), done, matches);
        if said == token::Said::Unlike {
            matches.extend(self.odd.look(text, hit, rule, &self.rules));
        }
    }

    /// Tells whether the file sets `key` for production, whatever the value.
    pub fn assigns(&self, bytes: &[u8], path: &BStr, key: &str) -> bool {
        let document = syntax::read(syntax::of(path), bytes);
        let holds = |scope: Scope| matches!(scope, Scope::Unmarked | Scope::Production);
        document
            .entries
            .iter()
            .any(|entry| entry.key == key && holds(entry.scope))
    }

    /// Returns what the rules say of a path alone: files that should not be committed whatever they hold, and tokens
    /// in a name. Rules that look into the file too are part of [`Engine::scan`].
    pub fn scan_path(&self, path: &BStr) -> Vec<Match> {
        let whole = Span::new(0, path.len());
        let mut rules: Vec<RuleIndex> = self.paths.find(path).iter().map(|hit| hit.rule).collect();
        rules.sort_unstable();
        rules.dedup();
        rules.retain(|&index| {
            !content::looks_inside(self.rules.get(index))
                && setting::named(&self.rules, &self.named, index).is_about(path)
        });
        let by_name = rules
            .into_iter()
            .map(|rule| Match::of_file(rule, self.rules.level(rule), whole));
        let mut matches: Vec<Match> = by_name.collect();
        matches.extend(self.formed(path));
        matches
    }

    /// Returns the prefilter with the keywords of all rules that may be about files of these kinds.
    fn prefilter_for(&self, files: Files) -> &Prefilter {
        if files == Files::OTHER {
            return self.common();
        }
        self.full.get_or_init(|| {
            let rules = &self.rules;
            let keywords = rules
                .keywords()
                .filter(|keyword| rules.kind(keyword.rule) != Kind::Path);
            Prefilter::new(keywords, rules.fixed_table(Files::EVERY))
        })
    }

    /// Returns the prefilter with the keywords that are looked for in every file.
    fn common(&self) -> &Prefilter {
        self.common.get_or_init(|| {
            let rules = &self.rules;
            let is_path = |keyword: &Keyword<'_>| rules.kind(keyword.rule) == Kind::Path;
            let keywords = rules
                .keywords()
                .filter(|keyword| keyword.files == Files::EVERY && !is_path(keyword));
            Prefilter::new(keywords, rules.fixed_table(Files::OTHER))
        })
    }

    /// Returns a rule ready to run.
    fn compiled(&self, index: RuleIndex, rule: &Rule) -> &token::Compiled {
        let compiled = self.tokens.get(index, || token::Compiled::new(rule));
        compiled.expect("there is a place for every rule")
    }

    /// Confirms or drops a value that stands beside a rule's word.
    fn judge_nearby(&self, text: Text<'_>, found: &nearby::Found) -> Option<Match> {
        let rule = self.rules.get(found.rule);
        let compiled = self.compiled(found.rule, rule);
        let level = self.rules.level(found.rule);
        let place = token::Place {
            whole: found.whole,
            value: found.value,
            extent: found.extent,
            is_assigned: found.is_assigned,
        };
        token::judge(text, found.rule, level, (rule, compiled), place)
    }

    /// Hands each hit to the detector of its rule; setting rules are gathered, since they share one reading.
    fn confirm(
        &self,
        text: Text<'_>,
        hits: &[Hit],
        settings: &mut Vec<RuleIndex>,
        matches: &mut Vec<Match>,
    ) {
        let mut done = token::Done::default();
        let mut assigned = Vec::new();
        for hit in hits {
            if self.rules.kind(hit.rule) == Kind::Config {
                if settings.last() != Some(&hit.rule) {
                    settings.push(hit.rule);
                }
                continue;
            }
            let rule = self.rules.get(hit.rule);
            if rule.regex.is_some() {
                self.token(text, hit, rule, &mut done, matches);
            } else if rule.check.as_deref() == Some("assign") {
                assigned.push(Span::new(hit.offset, hit.offset + hit.len));
            }
        }
        assign::scan(text, &assigned, &self.rules, &self.judged, matches);
    }
}

/// Returns the setting rules that are on and have no keyword.
fn keyless(rules: &Rules) -> Vec<RuleIndex> {
    let mut seen = vec![false; rules.len()];
    for keyword in rules.keywords() {
        seen[usize::from(keyword.rule.0)] = true;
    }
    let is_keyless = |index: &RuleIndex| {
        !seen[usize::from(index.0)]
            && rules.kind(*index) == Kind::Config
            && rules.level(*index) != Level::Off
    };
    rules.indexes().filter(is_keyless).collect()
}

/// Returns the stretches of the text to search for keywords: the regions, widened to whole lines and by the
/// engine's reach, in pieces small enough that their hits fit in the cache.
fn windows(bytes: &[u8], regions: &Regions) -> Vec<Span> {
    const PIECE: usize = 1 << 20;
    let wide: Vec<Span> = match regions {
        Regions::Whole => vec![Span::new(0, bytes.len())],
        Regions::Ranges(ranges) => {
            let widened = ranges.iter().map(|range| {
                Span::new(
                    range.start.saturating_sub(REACH),
                    (range.end + REACH).min(bytes.len()),
                )
            });
            match Regions::from_ranges(widened.collect()) {
                Regions::Ranges(joined) => joined,
                Regions::Whole => Vec::new(),
            }
        }
    };
    wide.into_iter()
        .flat_map(|span| {
            (span.start..span.end)
                .step_by(PIECE)
                .map(move |start| Span::new(start, (start + PIECE).min(span.end)))
        })
        .collect()
}

/// Tells whether a rule knows its values by a prefix, a mark or a structure.
fn has_own_form(rule: &Rule) -> bool {
    rule.regex.is_some() && !rule.chosen
}

/// Tells whether a rule is for values that are like known ones but have none of their forms.
fn has_odd_form(rule: &Rule) -> bool {
    rule.check.as_deref() == Some("odd") || rule.id == nearby::ODD
}

/// Drops what does not count, sorts, and keeps of several rules over the same bytes the most certain.
fn settle(rules: &Rules, regions: &Regions, matches: &mut Vec<Match>) {
    matches.retain(|found| found.level != Level::Off && found.touches(regions));
    matches.sort_by_key(|found| (found.span, found.rule));
    matches.dedup_by(|later, first| later.span == first.span && later.rule == first.rule);
    let certain = |found: &Match| {
        let rule = rules.get(found.rule);
        // The form of a token says more than the name it is assigned to: that it is a test key, or no real one.
        (
            has_own_form(rule),
            !rule.near.is_empty() || has_odd_form(rule),
            found.level,
            rule.public.is_some(),
            found.span.len(),
        )
    };
    let is_odd = |found: &Match| has_odd_form(rules.get(found.rule));
    // A setting rule and a secret rule may both speak of a value: which of them is said, place and policy decide.
    let same = |one: &Match, other: &Match| {
        one.is_secret()
            && other.is_secret()
            && one.span.overlaps(other.span)
            && rules.kind(one.rule) == rules.kind(other.rule)
    };
    let mut kept: Vec<Match> = Vec::with_capacity(matches.len());
    for found in matches.drain(..) {
        let rival = kept
            .iter_mut()
            .rev()
            .take(4)
            .find(|kept| same(kept, &found));
        match rival {
            Some(rival) => {
                // What begins like a token and is none was not issued, whatever it is assigned to.
                let level = if is_odd(&found) || is_odd(rival) {
                    rival.level.max(found.level).min(Level::Warn)
                } else {
                    rival.level.max(found.level)
                };
                if certain(&found) > certain(rival) {
                    *rival = found;
                }
                // Who issued a value says nothing against what its name and its randomness say.
                if !has_own_form(rules.get(rival.rule)) {
                    rival.level = level;
                }
            }
            None => kept.push(found),
        }
    }
    *matches = kept;
}
