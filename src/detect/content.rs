//! A path rule with a regex or a check looks into the file too: a `.pem` is a fault when it holds a private key.

use std::cell::LazyCell;

use super::prefilter::Names;
use super::setting::{self, Named};
use super::{Match, Text, check, syntax};
use crate::rule::{Rule, RuleIndex, Rules, Slots};
use crate::span::Span;

/// How much of a file is looked at, in bytes: marks of its kind stand near its start.
const FRONT: usize = 1 << 20;

/// Tells whether a path rule depends on what is in the file.
pub(crate) fn looks_inside(rule: &Rule) -> bool {
    rule.regex.is_some() || rule.check.is_some()
}

/// Runs the path rules that look inside, of those whose keywords stand in the path.
pub(crate) fn scan(
    rules: &Rules,
    named: &Slots<Named>,
    paths: &Names,
    text: Text<'_>,
    matches: &mut Vec<Match>,
) {
    let Some(path) = text.path else { return };
    let mut seen: Vec<RuleIndex> = paths.find(path).iter().map(|hit| hit.rule).collect();
    seen.sort_unstable();
    seen.dedup();
    let document = LazyCell::new(|| syntax::read(syntax::of(path), text.bytes));
    let front = &text.bytes[..text.bytes.len().min(FRONT)];
    let lower = LazyCell::new(|| front.to_ascii_lowercase());
    for index in seen {
        let rule = rules.get(index);
        let named = setting::named(rules, named, index);
        if !looks_inside(rule) || !named.is_about(path) {
            continue;
        }
        let level = rules.level(index);
        if let Some(check) = named.check {
            let context = check::Context {
                text,
                document: &document,
                python: None,
                rule,
                named,
                index,
                level,
            };
            check(&context, matches);
        } else if named.may_be_in(syntax::Syntax::Unknown, || lower.as_slice())
            && let Some(regex) = named.regex()
        {
            let found = regex
                .find_iter(front)
                .map(|found| Span::new(found.start(), found.end()))
                .find(|&span| text.regions.touch(span));
            matches.extend(found.map(|span| Match::in_file(index, level, span)));
        }
    }
}
