//! YAML that may make any object of Python, and so run code.

use super::Context;
use crate::detect::Match;
use crate::detect::syntax::Entry;
use crate::rule::Level;

/// Reports `yaml.load` without a safe loader and the loaders that are named for being unsafe. `FullLoader` is a
/// warning: it makes no objects since `PyYAML` 5.4.
pub(super) fn check(context: &Context<'_>, matches: &mut Vec<Match>) {
    let entries = &context.document.entries;
    let imported = entries.iter().any(|entry| {
        entry.key == "import" && (entry.value == "yaml" || entry.value.starts_with("yaml."))
    });
    if !imported {
        return;
    }
    for (position, call) in entries.iter().enumerate() {
        if !call.key.ends_with("()") || !context.named.names(&call.key) {
            continue;
        }
        let callee = call.key.trim_end_matches("()");
        if callee.contains("full_load") {
            let mut found = context.report(call);
            found.level = found.level.min(Level::Warn);
            matches.push(found);
            continue;
        }
        if callee.contains("unsafe_") {
            matches.push(context.report(call));
            continue;
        }
        let is_loader = |entry: &&Entry| {
            let argument = entry.key.strip_prefix(callee);
            argument == Some("(Loader)") || argument == Some("(1)")
        };
        let mut inside = entries[position..]
            .iter()
            .take(2000)
            .take_while(|entry| entry.value_span.start < call.value_span.end);
        let level = match inside.find(is_loader) {
            None if call.value.contains("**") => continue,
            None => context.level,
            Some(loader) => match loader.value.rsplit('.').next() {
                Some("Loader" | "UnsafeLoader" | "CLoader") => context.level,
                Some("FullLoader" | "CFullLoader") => context.level.min(Level::Warn),
                _ => continue,
            },
        };
        let mut found = context.report(call);
        found.level = level;
        matches.push(found);
    }
}
