//! MD5 and SHA-1, unless the call says that nothing depends on them.

use super::Context;
use super::argument::{call_around, given};
use crate::detect::Match;
use crate::detect::syntax::Entry;

/// Reports calls that the rule names without `usedforsecurity`, and `hashlib.new("md5")`.
pub(super) fn check(context: &Context<'_>, matches: &mut Vec<Match>) {
    let is_excused = |call: &Entry| {
        call.value.split(',').any(|name| match name {
            "usedforsecurity" => given(context, call, name) != Some("True"),
            other => other == "**",
        })
    };
    let entries = context
        .document
        .entries
        .iter()
        .filter(|entry| context.named.names(&entry.key));
    for entry in entries {
        let is_weak = if entry.key.ends_with("()") {
            !is_excused(entry)
        } else {
            context.named.means(&entry.value)
                && call_around(context, entry).is_none_or(|call| !is_excused(call))
        };
        if is_weak {
            matches.push(context.report(entry));
        }
    }
}
