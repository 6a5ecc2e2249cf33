//! From judged candidates to matches: the rule by the kind of credential, the level by the score.

use std::sync::OnceLock;

use super::{
    Assignment, Candidate, Kind, Make, NAMES, Operator, Thresholds, because, candidates, judge,
};
use crate::detect::{Maker, Match, Text, What, known};
use crate::rule::{Level, RuleIndex, Rules};
use crate::secret::Secret;
use crate::span::Span;

/// The rules that the judge decides, by the kind of credential.
#[derive(Default)]
pub(crate) struct Judged(OnceLock<[Option<RuleIndex>; 5]>);

impl Judged {
    fn of(&self, rules: &Rules, kind: Kind) -> Option<RuleIndex> {
        let by_kind = self.0.get_or_init(|| {
            [
                "generic-password",
                "generic-secret",
                "url-password",
                "basic-auth",
                "bearer-token",
            ]
            .map(|id| rules.find(id))
        });
        by_kind[kind as usize]
    }
}

/// Adds what the judge finds at these key words, which are sorted by place.
pub(crate) fn scan(
    text: Text<'_>,
    hits: &[Span],
    rules: &Rules,
    judged: &Judged,
    matches: &mut Vec<Match>,
) {
    candidates(
        text.bytes,
        text.regions,
        text.path,
        hits,
        &mut |candidate| {
            let likely = judge(&candidate.features);
            let thresholds = Thresholds::trained();
            // Most are none: what made the value is asked of the others only.
            if likely < thresholds.least() {
                return;
            }
            let make = candidate.make(text.bytes);
            if let Some(level) = thresholds.level(likely, make)
                && let Some(rule) = judged.of(rules, candidate.kind)
            {
                let value = Secret::new(candidate.assignment.value.of(text.bytes));
                if known::printed_in(&value.digest()).is_some() {
                    return;
                }
                let level = level.min(rules.level(rule));
                let verdict = Verdict {
                    rule,
                    level,
                    likely,
                    make,
                };
                matches.push(made(text.bytes, &candidate, &verdict));
            }
        },
    );
}

/// What the judge says of a candidate.
struct Verdict {
    rule: RuleIndex,
    level: Level,
    likely: f32,
    make: Make,
}

fn made(bytes: &[u8], candidate: &Candidate, verdict: &Verdict) -> Match {
    let span = candidate.assignment.value;
    let secret = Secret::new(span.of(bytes));
    Match {
        rule: verdict.rule,
        level: verdict.level,
        span,
        extent: candidate.extent,
        what: What::Secret {
            digest: secret.digest(),
            mask: secret.mask(0),
            key: Some(name(bytes, &candidate.assignment)),
            scope: crate::detect::Scope::Unmarked,
            maker: verdict.make.maker(),
        },
        related: Vec::new(),
        notes: notes(candidate, verdict),
    }
}

/// Returns the name a value was assigned to. Of a URL it is the scheme, of a pair the user.
fn name(bytes: &[u8], assignment: &Assignment) -> String {
    let key = assignment.key.of(bytes);
    let key = match assignment.operator {
        Operator::Url => key.split(|&byte| byte == b':').next().unwrap_or_default(),
        _ => key,
    };
    String::from_utf8_lossy(key)
        .trim()
        .trim_start_matches('-')
        .to_owned()
}

/// Says what decided, in words for a person and on one line: a screen has little room.
fn notes(candidate: &Candidate, verdict: &Verdict) -> Vec<String> {
    let because = because(&candidate.features);
    let side = |is_for: bool| {
        let names = because
            .iter()
            .filter(|(_, part)| part.abs() > 0.05 && (*part > 0.0) == is_for)
            .map(|&(feature, _)| NAMES[feature]);
        names.collect::<Vec<&str>>().join(", ")
    };
    let mut note = format!("judged {:.0} % likely", verdict.likely * 100.0);
    if verdict.make.maker() == Maker::Program {
        note += ", drawn at random by its looks";
    }
    for (title, names) in [("for it", side(true)), ("against it", side(false))] {
        if !names.is_empty() {
            note.extend(["; ", title, ": ", &names]);
        }
    }
    vec![note]
}
