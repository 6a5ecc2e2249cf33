//! A setting rule knows an unsafe value by its file, its key and the value itself.

use bstr::BStr;
use regex::bytes::RegexBuilder;

use super::syntax::{self, Document, Entry};
use super::{Match, Text, What, check};
use crate::rule::{Level, Rule, RuleIndex, Rules};
use crate::secret::Secret;
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
    let named = Named::of(rule);
    document
        .entries
        .iter()
        .filter(|entry| named.holds(entry))
        .map(|entry| of_entry(entry, rule, index, level))
        .collect()
}

/// The keys and the values that a rule names.
pub(crate) struct Named<'r> {
    rule: &'r Rule,
    keys: Vec<String>,
    value: regex::bytes::Regex,
}

impl<'r> Named<'r> {
    /// Returns what the rule names, its regex compiled.
    pub(crate) fn of(rule: &'r Rule) -> Self {
        let pattern = format!("^(?:{})$", rule.value.as_deref().unwrap_or(".*"));
        let value = RegexBuilder::new(&pattern)
            .unicode(false)
            .dot_matches_new_line(true)
            .case_insensitive(rule.ignore_case)
            .build()
            .expect("checked when the rule was loaded, and for built-in rules by a test");
        Named {
            rule,
            keys: rule.key.iter().map(|key| flat(key, rule)).collect(),
            value,
        }
    }

    /// Tells whether the rule names the entry's key and its value.
    pub(crate) fn holds(&self, entry: &Entry) -> bool {
        let key = flat(&entry.key, self.rule);
        self.keys
            .iter()
            .any(|glob| fast_glob::glob_match(glob, &key))
            && self.value.is_match(entry.value.as_bytes())
    }
}

/// Returns a key in the form that is compared: `/` is no border for `*` in it, and case may not count.
fn flat(key: &str, rule: &Rule) -> String {
    let key = key.replace('/', "\u{2215}");
    if rule.ignore_case {
        key.to_ascii_lowercase()
    } else {
        key
    }
}

/// Returns the match that an entry makes.
pub(crate) fn of_entry(entry: &Entry, rule: &Rule, index: RuleIndex, level: Level) -> Match {
    let extent = Span::new(
        entry.key_span.start.min(entry.value_span.start),
        entry.value_span.end,
    );
    let what = What::Setting {
        key: entry.key.clone(),
        value: shown(entry, rule),
        scope: entry.scope,
    };
    Match {
        rule: index,
        level,
        span: entry.value_span,
        extent,
        what,
        related: Vec::new(),
        notes: Vec::new(),
    }
}

/// Returns what may be shown of a value: of one that is a secret nothing, of a command its name and its flags.
/// Sixteen bits of a digest tell two of them apart, which is too little to guess a password by.
fn shown(entry: &Entry, rule: &Rule) -> String {
    let masked = if rule.chosen {
        String::new()
    } else if entry.key.starts_with('$') {
        let is_public = |word: &&str| {
            *word == "|" || (word.starts_with('-') && !word.contains('=') && word.len() < 30)
        };
        let mut words = entry.value.split(' ');
        let name = words.next().unwrap_or_default();
        words
            .filter(is_public)
            .fold(name.to_owned(), |text, word| text + " " + word)
            + " "
    } else {
        return entry.value.clone();
    };
    let digest = Secret::new(entry.value.as_bytes()).digest().0;
    format!("{masked}… #{:02x}{:02x}", digest[0], digest[1])
}
