//! Cross-origin calls that any site may make in the name of a visitor.

use super::Context;
use crate::detect::Match;
use crate::detect::syntax::Entry;

/// Reports the argument that the rule names where the same call allows every origin: by `*`, or by naming none.
pub(super) fn check(context: &Context<'_>, matches: &mut Vec<Match>) {
    for entry in context.named().take(64) {
        let callee = entry.key.split('(').next().unwrap_or_default();
        let around = |call: &&Entry| {
            call.key.strip_suffix("()") == Some(callee)
                && call.value_span.start <= entry.value_span.start
                && call.value_span.end >= entry.value_span.end
        };
        let Some(call) = context.document.entries.iter().rfind(around) else {
            continue;
        };
        let inside = context.document.entries.iter().filter(|other| {
            call.value_span.start <= other.value_span.start
                && other.value_span.end <= call.value_span.end
        });
        let of_origins = |other: &&Entry| {
            let key = other.key.to_ascii_lowercase();
            key.starts_with(&callee.to_ascii_lowercase()) && key.contains("origin")
        };
        let origins: Vec<&Entry> = inside.clone().filter(of_origins).collect();
        let names_resources = inside
            .clone()
            .any(|other| other.key.contains("(resources)"));
        let is_open = if origins.is_empty() {
            !names_resources && !call.value.contains("**")
        } else {
            origins
                .iter()
                .any(|origin| matches!(origin.value.as_str(), "*" | ".*"))
        };
        if is_open {
            matches.push(context.report(entry));
        }
    }
}
