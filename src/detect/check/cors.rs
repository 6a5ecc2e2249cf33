//! Cross-origin calls that any site may make in the name of a visitor.

use super::Context;
use super::argument::call_around;
use crate::detect::Match;
use crate::detect::syntax::Entry;
use crate::rule::Level;
use crate::span::line_start;

/// Reports the argument that the rule names where the same call allows every origin: by `*`, or by naming none.
pub(super) fn check(context: &Context<'_>, matches: &mut Vec<Match>) {
    for entry in context.named().take(64) {
        let callee = entry.key.split('(').next().unwrap_or_default();
        let Some(call) = call_around(context, entry) else {
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

/// Reports every origin allowed. With credentials, which is worse, the framework answers each origin by its name.
pub(super) fn fastapi(context: &Context<'_>, matches: &mut Vec<Match>) {
    let with_credentials: Vec<&Entry> = context
        .document
        .entries
        .iter()
        .filter(|entry| entry.key.ends_with("(allow_credentials)") && entry.value == "True")
        .collect();
    let star_lists: Vec<&str> = context
        .document
        .entries
        .iter()
        .filter(|entry| entry.value == "*")
        .filter_map(|entry| entry.key.strip_suffix(".0"))
        .collect();
    let by_name = context.document.entries.iter().filter(|entry| {
        entry.key.ends_with("(allow_origins)") && star_lists.contains(&entry.value.as_str())
    });
    for entry in context.named().chain(by_name).take(64) {
        let mut found = context.report(entry);
        let call = call_around(context, entry);
        let is_worse = call.is_some_and(|call| {
            with_credentials.iter().any(|other| {
                call.value_span.start <= other.value_span.start
                    && other.value_span.end <= call.value_span.end
            })
        });
        if is_worse {
            found
                .notes
                .push("with the credentials of the visitor".to_owned());
        }
        matches.push(found);
    }
}

/// Reports a flag that the rule names; behind `else:` it is what holds where nobody named an origin, and a warning.
pub(super) fn unless_named(context: &Context<'_>, matches: &mut Vec<Match>) {
    let first = matches.len();
    super::debug_flag::check(context, matches);
    for found in &mut matches[first..] {
        if is_otherwise(context.text.bytes, found.extent.start) {
            found.level = found.level.min(Level::Warn);
        }
    }
}

/// Tells whether the block that a line stands in is opened by `else:`.
fn is_otherwise(text: &[u8], at: usize) -> bool {
    let indent = |line: &[u8]| line.len() - line.trim_ascii_start().len();
    let mut start = line_start(text, at);
    let own = at - start;
    for _ in 0..40 {
        let Some(end) = start.checked_sub(1) else {
            return false;
        };
        start = line_start(text, end);
        let line = &text[start..end];
        if !line.trim_ascii().is_empty() && indent(line) < own {
            return line.trim_ascii().starts_with(b"else:");
        }
    }
    false
}
