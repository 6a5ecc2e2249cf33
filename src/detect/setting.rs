//! A setting rule knows an unsafe value by its file, its key and the value itself.

use bstr::BStr;
use regex::bytes::RegexBuilder;

use super::syntax::{self, Document, Entry};
use super::{Match, Text, What, check};
use crate::rule::{Level, Rule, RuleIndex, Rules};
use crate::span::Span;

/// Runs the setting rules whose keywords were seen; the file is read once, and only if a rule is about it.
pub(crate) fn scan(rules: &Rules, text: Text<'_>, seen: &[RuleIndex], matches: &mut Vec<Match>) {
    let Some(path) = text.path else { return };
    let mut about = seen
        .iter()
        .map(|&index| (index, rules.get(index)))
        .filter(|(_, rule)| is_about(rule, path));
    let Some(first) = about.next() else { return };
    let document = syntax::read(syntax::of(path), text.bytes);
    for (index, rule) in std::iter::once(first).chain(about) {
        let level = if document.broken {
            rules.level(index).min(Level::Warn)
        } else {
            rules.level(index)
        };
        match rule.check.as_deref().and_then(check::find) {
            Some(check) => {
                check(
                    &check::Context {
                        text,
                        document: &document,
                        rule,
                        index,
                        level,
                    },
                    matches,
                );
            }
            None => matches.extend(by_data(&document, rule, index, level)),
        }
    }
}

/// Tells whether one of the rule's globs matches the path.
fn is_about(rule: &Rule, path: &BStr) -> bool {
    rule.files
        .iter()
        .any(|glob| fast_glob::glob_match(glob, path))
}

/// Returns a match for each entry whose key and value the rule names.
fn by_data(document: &Document, rule: &Rule, index: RuleIndex, level: Level) -> Vec<Match> {
    let pattern = format!("^(?:{})$", rule.value.as_deref().unwrap_or(".*"));
    let value = RegexBuilder::new(&pattern)
        .unicode(false)
        .dot_matches_new_line(true)
        .case_insensitive(rule.ignore_case)
        .build()
        .expect("checked when the rule was loaded, and for built-in rules by a test");
    let is_named = |entry: &&Entry| {
        rule.key.iter().any(|key| {
            if rule.ignore_case {
                fast_glob::glob_match(key.to_ascii_lowercase(), entry.key.to_ascii_lowercase())
            } else {
                fast_glob::glob_match(key, &entry.key)
            }
        }) && value.is_match(entry.value.as_bytes())
    };
    document
        .entries
        .iter()
        .filter(is_named)
        .map(|entry| of_entry(entry, index, level))
        .collect()
}

/// Returns the match that an entry makes.
pub(crate) fn of_entry(entry: &Entry, rule: RuleIndex, level: Level) -> Match {
    let extent = Span::new(
        entry.key_span.start.min(entry.value_span.start),
        entry.value_span.end,
    );
    let what = What::Setting {
        key: entry.key.clone(),
        value: entry.value.clone(),
        scope: entry.scope,
    };
    Match {
        rule,
        level,
        span: entry.value_span,
        extent,
        what,
        related: Vec::new(),
        notes: Vec::new(),
    }
}
