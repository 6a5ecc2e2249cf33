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

/// Returns the calls that the rule names.
fn calls<'c>(context: &Context<'c>) -> impl Iterator<Item = &'c Entry> {
    let entries = context.document.entries.iter();
    entries.filter(|entry| entry.key.ends_with("()") && context.named.names(&entry.key))
}

/// Returns the value of the argument of that name that the call itself is given.
pub(super) fn given<'c>(context: &Context<'c>, call: &Entry, name: &str) -> Option<&'c str> {
    let callee = call.key.trim_end_matches("()");
    let is_it = |key: &str| {
        key.strip_prefix(callee)
            .and_then(|rest| rest.strip_prefix('(')?.strip_suffix(')'))
            .is_some_and(|argument| argument == name)
    };
    let entries = &context.document.entries;
    let first = entries.partition_point(|entry| entry.value_span.start < call.value_span.start);
    entries[first..]
        .iter()
        .take(500)
        .take_while(|entry| entry.value_span.start < call.value_span.end)
        .find(|entry| is_it(&entry.key))
        .map(|entry| entry.value.as_str())
}

/// Reports imports of what the rule's value names, and calls of the functions that it names.
pub(super) fn import_or_call(context: &Context<'_>, matches: &mut Vec<Match>) {
    let is_it = |entry: &&Entry| entry.key.ends_with("()") || context.named.means(&entry.value);
    let entries = context.document.entries.iter();
    let named = entries.filter(|entry| context.named.names(&entry.key));
    matches.extend(named.filter(is_it).map(|entry| context.report(entry)));
}

/// Reports commands with a `*` that a shell fills in; without a shell it stays a star.
pub(super) fn wildcard(context: &Context<'_>, matches: &mut Vec<Match>) {
    let has_shell = |entry: &&Entry| {
        !entry.key.starts_with("subprocess.")
            || entry.key.contains(".getoutput")
            || entry.key.contains(".getstatusoutput")
            || call_around(context, entry)
                .and_then(|call| given(context, call, "shell"))
                .is_some_and(|shell| shell == "True" || shell == "1")
    };
    let named = context.named().filter(has_shell);
    matches.extend(named.map(|entry| context.report(entry)));
}

/// Reports calls without an argument whose name is one of the rule's values; `None` and `False` are as good as none.
/// An argument that the rule names is reported where it says `None`.
pub(super) fn missing(context: &Context<'_>, matches: &mut Vec<Match>) {
    let entries = context.document.entries.iter();
    let none = entries.filter(|entry| {
        entry.value == "None" && !entry.key.ends_with("()") && context.named.names(&entry.key)
    });
    matches.extend(none.map(|entry| context.report(entry)));
    for call in calls(context) {
        let mut names = call.value.split(',');
        let is_set = |name: &str| {
            context.named.means(name)
                && !matches!(given(context, call, name), Some("None" | "False"))
        };
        if !names.any(|name| name == "**" || is_set(name)) {
            matches.push(context.report(call));
        }
    }
}

/// Reports archives that are unpacked whole: `fully_trusted` filters nothing, and `getmembers()` is all there is.
pub(super) fn tar(context: &Context<'_>, matches: &mut Vec<Match>) {
    for call in calls(context) {
        let is_safe = call.value.split(',').any(|name| match name {
            "filter" => given(context, call, name) != Some("fully_trusted"),
            "members" => given(context, call, name)
                .is_none_or(|value| value != "None" && !value.ends_with("getmembers()")),
            other => other == "**",
        });
        if !is_safe {
            matches.push(context.report(call));
        }
    }
}

/// Reports models and data that are fetched without naming a commit, and code that comes with them.
pub(super) fn hub(context: &Context<'_>, matches: &mut Vec<Match>) {
    let is_hub = context.document.entries.iter().any(|entry| {
        let package = entry.value.split('.').next().unwrap_or_default();
        let hubs = ["transformers", "datasets", "huggingface_hub", "diffusers"];
        entry.key == "import" && hubs.contains(&package)
    });
    for entry in &context.document.entries {
        if !context.named.names(&entry.key) {
            continue;
        }
        let is_unpinned = if entry.key.ends_with("()") {
            is_hub && fetches_the_newest(context, entry)
        } else {
            context.named.means(&entry.value)
        };
        if is_unpinned {
            matches.push(context.report(entry));
        }
    }
}

/// Tells whether a call fetches `owner/name` as it is today, or a model of the hub's own like `bert-base-uncased`.
fn fetches_the_newest(context: &Context<'_>, call: &Entry) -> bool {
    let is_name = |value: &str| {
        let bytes = value.as_bytes();
        let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_./".contains(byte);
        let parts = value.split('/').count();
        (parts == 2 || parts == 1 && value.matches('-').count() > 1)
            && bytes[0].is_ascii_alphanumeric()
            && bytes.iter().all(plain)
    };
    let is_commit = |value: &str| {
        value.len() >= 7 && value.bytes().all(|byte| byte.is_ascii_hexdigit())
            || !value
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"-_./".contains(&byte))
    };
    let first = ["0", "repo_id", "pretrained_model_name_or_path", "path"];
    let named = first.iter().find_map(|name| given(context, call, name));
    let mut names = call.value.split(',');
    named.is_some_and(|value| !value.is_empty() && is_name(value))
        && !names
            .any(|name| name == "**" || name == "trust_remote_code" || name == "local_files_only")
        && !given(context, call, "revision").is_some_and(is_commit)
}

/// Reports `shell=True` where the command is put together at run time.
pub(super) fn shell(context: &Context<'_>, matches: &mut Vec<Match>) {
    let always = context.document.entries.iter().filter(|entry| {
        (entry.key == "asyncio.create_subprocess_shell(0)"
            || entry.key.ends_with(".subprocess_shell(1)"))
            && entry.form == Form::Expression
    });
    matches.extend(always.map(|entry| context.report(entry)));
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
