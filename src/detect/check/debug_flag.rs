//! A switch that is on, unless the same file turns it off further down.

use std::collections::HashMap;

use super::Context;
use crate::detect::Match;
use crate::rule::Level;

/// Reports each entry that the rule names; one that a condition further down sets to another value is a warning.
pub(super) fn check(context: &Context<'_>, matches: &mut Vec<Match>) {
    let mut last_other: HashMap<&str, usize> = HashMap::new();
    for entry in &context.document.entries {
        let key = entry.key.strip_suffix("(default)").unwrap_or(&entry.key);
        if context.named.names(key) && !context.named.means(&entry.value) {
            last_other.insert(key, entry.value_span.start);
        }
    }
    for entry in context.named() {
        let mut found = context.report(entry);
        let other = last_other.get(entry.key.as_str());
        if other.is_some_and(|&other| other > entry.value_span.end) {
            found.level = found.level.min(Level::Warn);
            found
                .notes
                .push("the same file sets it again further down".to_owned());
        }
        matches.push(found);
    }
}
