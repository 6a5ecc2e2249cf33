//! A token rule knows a secret by its own form: a regex near a keyword, then entropy, checksum and placeholder.

use std::borrow::Cow;
use std::collections::HashMap;

use regex::bytes::{Captures, Regex, RegexBuilder};

use super::decode::spelled::{self, Spelled};
use super::prefilter::Hit;
use super::validate::{self, Sample, Validity};
use super::{Maker, Match, Related, Text, What, entropy, known, nearby, placeholder};
use crate::blob::Regions;
use crate::rule::{Level, Pair, Rule, RuleIndex};
use crate::secret::Secret;
use crate::span::{Span, line_start_within};

/// How far before its keyword a match may start.
const BEFORE: usize = 128;
/// How far after its keyword a match may reach where the rule does not say.
const AFTER: usize = super::REACH;

/// A rule ready to run.
pub(crate) struct Compiled {
    regex: Regex,
    pair: Option<Regex>,
    pair_validate: Option<validate::Validator>,
    validate: Option<validate::Validator>,
}

impl Compiled {
    /// Returns the rule's regexes and validator. Costs some tens of microseconds.
    pub(crate) fn new(rule: &Rule) -> Self {
        let compile = |pattern: &str| {
            RegexBuilder::new(pattern)
                .unicode(false)
                .case_insensitive(rule.ignore_case)
                .build()
                .expect("checked when the rule was loaded, and for built-in rules by a test")
        };
        Compiled {
            regex: compile(rule.regex.as_deref().unwrap_or_default()),
            pair: rule.pair.as_ref().map(|pair| compile(&pair.regex)),
            pair_validate: rule
                .pair
                .as_ref()
                .and_then(|pair| pair.validate.as_deref())
                .and_then(validate::find),
            validate: rule.validate.as_deref().and_then(validate::find),
        }
    }
}

/// Up to where each rule has looked already: two keywords of one match are one candidate.
pub(crate) type Done = HashMap<RuleIndex, usize>;

/// What a rule says of a candidate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Said {
    /// It is of the rule's form, whatever came of it.
    Alike,
    /// It is not.
    Unlike,
}

/// Confirms or drops the candidate at `hit`. The rule is compiled only where it may match.
pub(crate) fn scan<'c>(
    text: Text<'_>,
    hit: &Hit,
    level: Level,
    (rule, compiled): (&Rule, &dyn Fn() -> &'c Compiled),
    done: &mut Done,
    matches: &mut Vec<Match>,
) -> Said {
    let done = done.entry(hit.rule).or_default();
    let keyword = Span::new(hit.offset, hit.offset + hit.len);
    if keyword.end <= *done {
        return Said::Alike;
    }
    if hit.odd {
        return Said::Unlike;
    }
    let compiled = compiled();
    // The line end before belongs to it: many a rule asks that something else than its alphabet stands there.
    let start = line_start_within(text.bytes, hit.offset, BEFORE)
        .saturating_sub(1)
        .max(*done);
    let end = (keyword.end + rule.reach.unwrap_or(AFTER)).min(text.bytes.len());
    let window = Span::new(start, end);
    if let Some(place) = find(&compiled.regex, text.bytes, window, keyword) {
        *done = place.whole.end;
        matches.extend(judge(text, hit.rule, level, (rule, compiled), place));
        return Said::Alike;
    }
    if !spelled::is_near(text.bytes, keyword) {
        return Said::Unlike;
    }
    let spelled = Spelled::read(text.bytes, window);
    let under = Text {
        bytes: &spelled.text,
        regions: &Regions::Whole,
        path: text.path,
    };
    let all = Span::new(0, spelled.text.len());
    let Some(place) = find(&compiled.regex, under.bytes, all, spelled.find(keyword)) else {
        return Said::Unlike;
    };
    *done = spelled.place(place.whole).end;
    let found = judge(under, hit.rule, level, (rule, compiled), place);
    matches.extend(found.map(|mut found| {
        found.put_back(|span| spelled.place(span));
        found
    }));
    Said::Alike
}

/// Returns the first match in the window that holds the keyword.
fn find(regex: &Regex, bytes: &[u8], window: Span, keyword: Span) -> Option<Place> {
    let haystack = &bytes[..window.end];
    let mut from = window.start;
    while let Some(captures) = regex.captures_at(haystack, from) {
        let whole = captures.get(0).expect("group 0 is the match");
        if whole.start() > keyword.start {
            break;
        }
        if whole.end() >= keyword.end {
            return Some(Place::of(&captures));
        }
        from = whole.end().max(from + 1);
    }
    None
}

/// A value and all that was matched with it.
#[derive(Clone, Copy)]
pub(crate) struct Place {
    pub(crate) whole: Span,
    pub(crate) value: Span,
    /// All that was read to find it.
    pub(crate) extent: Span,
    /// It stands under a key that names its rule's word, and nothing else.
    pub(crate) is_assigned: bool,
}

impl Place {
    fn of(captures: &Captures<'_>) -> Self {
        let whole = captures.get(0).expect("group 0 is the match");
        let value = captures.name("secret").unwrap_or(whole);
        Place {
            whole: Span::from(whole.range()),
            value: Span::from(value.range()),
            // A word's end is told by the byte behind it.
            extent: Span::new(whole.start().saturating_sub(1), whole.end() + 1),
            is_assigned: false,
        }
    }
}

/// Why a value of the right form may yet be made up.
enum Doubt {
    None,
    /// It surprises less than the rule asks.
    Poor,
    /// It runs along the alphabet.
    Runs,
}

impl Doubt {
    fn of(variable: &[u8], rule: &Rule) -> Self {
        let is_poor = |least| entropy::shannon(variable) < least;
        let is_flat = variable.len() >= 16 && !is_varied(variable, 5);
        if placeholder::runs(variable) {
            Doubt::Runs
        } else if rule.entropy.is_some_and(is_poor) || is_flat {
            Doubt::Poor
        } else {
            Doubt::None
        }
    }
}

/// Tells whether a value has so many different characters.
fn is_varied(value: &[u8], least: usize) -> bool {
    let mut seen = [false; 256];
    for &byte in value {
        seen[usize::from(byte)] = true;
    }
    seen.iter().filter(|&&seen| seen).count() >= least
}

/// Tells whether a value has digits and letters and more than a few characters, and is no digest where the rule asks
/// for more than hex.
fn is_mixed(value: &[u8], rule: &Rule) -> bool {
    /// More than this hex hardly ever has.
    const HEX: f32 = 3.8;
    let is_rich = rule.entropy.is_some_and(|least| least >= HEX);
    entropy::shannon(value) >= 1.8
        && value.iter().any(u8::is_ascii_digit)
        && value.iter().any(u8::is_ascii_alphabetic)
        && !(is_rich && value.iter().all(u8::is_ascii_hexdigit))
}

/// Tells whether a text goes on behind a sign that is no end: `abc?def`. What follows a token in an address is a query.
fn goes_on(bytes: &[u8], end: usize) -> bool {
    let rest = &bytes[end.min(bytes.len())..];
    let [b'?' | b'!' | b'*' | b'^', next, ..] = rest else {
        return false;
    };
    let name = rest[1..]
        .iter()
        .take(40)
        .take_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'))
        .count();
    next.is_ascii_alphanumeric() && rest.get(name + 1) != Some(&b'=')
}

/// Judges a value by entropy, placeholder, validator and pair.
pub(crate) fn judge(
    text: Text<'_>,
    index: RuleIndex,
    mut level: Level,
    (rule, compiled): (&Rule, &Compiled),
    place: Place,
) -> Option<Match> {
    let value = place.value.of(text.bytes);
    let public = rule.public.unwrap_or(0);
    let variable = value.get(public..).unwrap_or_default();
    if placeholder::stands_for_one(variable) {
        return None;
    }
    if rule.public.is_some() && is_inside_base64(text.bytes, place.value) {
        return None;
    }
    let mut notes = Vec::new();
    match Doubt::of(variable, rule) {
        Doubt::None => {}
        // Nothing but its words tells what it is.
        _ if rule.chosen => return None,
        Doubt::Poor if rule.regex.is_none() || !is_mixed(variable, rule) => return None,
        Doubt::Poor => {
            level = level.min(Level::Warn);
            notes.push("of few characters: made up, perhaps".to_owned());
        }
        Doubt::Runs if rule.regex.is_none() && !place.is_assigned => return None,
        Doubt::Runs => {
            level = level.min(Level::Warn);
            notes.push("runs along the alphabet: made up, perhaps".to_owned());
        }
    }
    if goes_on(text.bytes, place.value.end) {
        level = level.min(Level::Warn);
        notes.push("goes on behind a sign that no token holds".to_owned());
    }
    let mut extent = place.extent;
    if rule.regex.is_some() && !rule.near.is_empty() {
        if !nearby::is_beside(text.bytes, place.whole, &rule.near) {
            return None;
        }
        extent.start = extent.start.saturating_sub(nearby::BEFORE);
    }
    if let Some(validate) = compiled.validate {
        let sample = Sample {
            value,
            whole: place.whole.of(text.bytes),
        };
        match validate(sample) {
            Validity::Good(note) => notes.extend(note.map(Cow::into_owned)),
            Validity::Weak(note) => {
                level = level.min(Level::Warn);
                notes.push(note.into_owned());
            }
            Validity::No => return None,
        }
    }
    let mut related = Vec::new();
    if let (Some(pair), Some(regex)) = (&rule.pair, &compiled.pair) {
        let searched = Span::new(
            place.whole.start.saturating_sub(pair.within),
            place.whole.end + pair.within,
        );
        extent = extent.cover(searched);
        match other_half(text.bytes, place.whole, pair, regex, compiled.pair_validate) {
            Some(other) => related.push(other),
            // A value known by words is one half that stands for itself, with less certainty.
            None if rule.form.is_some() => level = level.min(Level::Warn),
            None => return None,
        }
    }
    let secret = Secret::new(value);
    let digest = secret.digest();
    if known::printed_in(&digest).is_some() {
        return None;
    }
    let key = rule.chosen.then(|| rule.id.clone());
    let what = What::Secret {
        digest,
        mask: secret.mask(public),
        key,
        scope: crate::detect::Scope::Unmarked,
        maker: Maker::of(rule),
    };
    extent.end = extent.end.min(text.bytes.len());
    Some(Match {
        rule: index,
        level,
        span: place.value,
        extent,
        what,
        related,
        notes,
    })
}

/// Tells whether the value is a stretch of longer base64, cut out at a `+` or a `/`, where any prefix stands by chance.
fn is_inside_base64(bytes: &[u8], value: Span) -> bool {
    const LEAST: usize = 40;
    let is_wide = |byte: &&u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/');
    let is_cut = |byte: Option<&u8>| matches!(byte, Some(b'+' | b'/'));
    let before = value.start.checked_sub(1).map(|at| &bytes[at]);
    let behind = || {
        bytes[..value.start]
            .iter()
            .rev()
            .take(LEAST)
            .take_while(is_wide)
            .count()
    };
    let ahead = || {
        bytes[value.end..]
            .iter()
            .take(LEAST)
            .take_while(is_wide)
            .count()
    };
    is_cut(before) && behind() == LEAST || is_cut(bytes.get(value.end)) && ahead() == LEAST
}

/// Returns the other half of a pair that stands nearest after or before the first.
fn other_half(
    bytes: &[u8],
    first: Span,
    pair: &Pair,
    regex: &Regex,
    validate: Option<validate::Validator>,
) -> Option<Related> {
    let is_half = |span: &Span| {
        let value = span.of(bytes);
        // `owner/name@commit`: what stands behind `@` is a version.
        let is_version = span
            .start
            .checked_sub(1)
            .is_some_and(|before| bytes[before] == b'@');
        let sample = Sample {
            value,
            whole: value,
        };
        !is_version && validate.is_none_or(|validate| matches!(validate(sample), Validity::Good(_)))
    };
    let found = |from: usize, to: usize| {
        let mut from = from;
        std::iter::from_fn(move || {
            let captures = regex.captures_at(&bytes[..to], from)?;
            let value = captures
                .name("secret")
                .unwrap_or_else(|| captures.get(0).expect("group 0 is the match"));
            from = value.end().max(from + 1);
            Some(Span::new(value.start(), value.end()))
        })
        .find(is_half)
    };
    let after = found(first.end, (first.end + pair.within).min(bytes.len()));
    let span = after.or_else(|| found(first.start.saturating_sub(pair.within), first.start))?;
    if placeholder::is_placeholder(span.of(bytes)) {
        return None;
    }
    Some(Related {
        span,
        title: pair.title.clone(),
        mask: Secret::new(span.of(bytes)).mask(0),
    })
}
