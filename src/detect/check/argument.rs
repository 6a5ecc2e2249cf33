//! Calls that are told by an argument beside the one that a rule names, or by one that is missing.

use super::Context;
use crate::detect::Match;
use crate::detect::syntax::{Entry, Form};

/// Returns the call that an argument belongs to: the last one of the same name that spans it.
pub(super) fn call_around<'c>(context: &Context<'c>, argument: &Entry) -> Option<&'c Entry> {
    let callee = argument.key.split('(').next().unwrap_or_default();
    let entries = &context.document.entries;
    // Entries are in order of place, and a call starts before its arguments.
    let before =
        entries.partition_point(|entry| entry.value_span.start <= argument.value_span.start);
    entries[before.saturating_sub(500)..before]
        .iter()
        .rev()
        .find(|call| {
            call.key.strip_suffix("()") == Some(callee)
                && call.value_span.end >= argument.value_span.end
        })
}

/// Reports calls without an argument whose name is one of the rule's values.
pub(super) fn missing(context: &Context<'_>, matches: &mut Vec<Match>) {
    let calls = context
        .document
        .entries
        .iter()
        .filter(|entry| entry.key.ends_with("()") && context.named.names(&entry.key));
    for call in calls {
        let mut names = call.value.split(',');
        if !names.any(|name| name == "**" || context.named.means(name)) {
            matches.push(context.report(call));
        }
    }
}

/// Reports `shell=True` where the command is put together at run time.
pub(super) fn shell(context: &Context<'_>, matches: &mut Vec<Match>) {
    for entry in context.named() {
        let Some(call) = call_around(context, entry) else {
            continue;
        };
        let callee = call.key.trim_end_matches("()");
        let command = context.document.entries.iter();
        let first = context
            .document
            .entries
            .partition_point(|entry| entry.value_span.start < call.value_span.start);
        let is_command = |key: &str| {
            key.strip_prefix(callee)
                .is_some_and(|rest| rest == "(0)" || rest == "(args)" || rest == "(cmd)")
        };
        let mut command = command
            .skip(first)
            .take(500)
            .take_while(|entry| entry.value_span.start < call.value_span.end)
            .filter(|entry| is_command(&entry.key));
        if command.any(|entry| entry.form == Form::Expression) {
            matches.push(context.report(entry));
        }
    }
}
