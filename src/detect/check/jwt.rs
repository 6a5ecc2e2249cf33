//! Keys of tokens that stand in the code.

use super::Context;
use super::secret_key::is_placeholder;
use crate::detect::Match;
use crate::rule::Level;

/// Reports keys that are written out where a token is signed or checked.
pub(super) fn key(context: &Context<'_>, matches: &mut Vec<Match>) {
    let is_written = |value: &str| {
        value.len() > 3 && !is_placeholder(value) && !value.starts_with("-----BEGIN PUBLIC")
    };
    let written = context.named().filter(|entry| is_written(&entry.value));
    matches.extend(written.map(|entry| context.report(entry)));
}

/// Reports tokens that are read without checking them; where the same file also checks them, it is a warning.
pub(super) fn unverified(context: &Context<'_>, matches: &mut Vec<Match>) {
    // A file has a few; more are not compared with each other.
    let unverified: Vec<_> = context.named().take(64).collect();
    let decodes = context
        .document
        .entries
        .iter()
        .filter(|entry| entry.key.ends_with("jwt.decode()"));
    let checks_too = decodes.clone().any(|call| {
        let is_checked = call.value.starts_with("_,_") || call.value.contains("key");
        is_checked
            && !unverified.iter().any(|entry| {
                call.value_span.start <= entry.value_span.start
                    && entry.value_span.end <= call.value_span.end
            })
    });
    for entry in unverified {
        let mut found = context.report(entry);
        if checks_too {
            found.level = found.level.min(Level::Warn);
            found
                .notes
                .push("the same file checks tokens elsewhere".to_owned());
        }
        matches.push(found);
    }
}
