//! Keys that sign sessions and stand in the code: written out, left as a generator made them, or weak.

use super::Context;
use crate::detect::syntax::Entry;
use crate::detect::{Match, placeholder};
use crate::rule::Level;

/// The prefix that Django's `startproject` gives a key to say that it is not for production.
const STARTPROJECT: &str = "django-insecure-";
/// The length from which a text looks like a key and not like a word.
const KEY: usize = 20;

/// Reports keys that were made to be secret.
pub(super) fn written(context: &Context<'_>, matches: &mut Vec<Match>) {
    let is_key = |entry: &&Entry| {
        entry.value.len() >= KEY
            && !entry.value.starts_with(STARTPROJECT)
            && !is_placeholder(&entry.value)
    };
    matches.extend(
        context
            .named()
            .filter(is_key)
            .map(|entry| context.report(entry)),
    );
}

/// Reports keys that `startproject` wrote, and words in the place of a key, which are a warning.
pub(super) fn weak(context: &Context<'_>, matches: &mut Vec<Match>) {
    for entry in context.named() {
        let mut found = context.report(entry);
        if entry.value.starts_with(STARTPROJECT) {
            matches.push(found);
        } else if (1..KEY).contains(&entry.value.len()) && !is_placeholder(&entry.value) {
            found.level = found.level.min(Level::Warn);
            found.notes.push("shorter than a key should be".to_owned());
            matches.push(found);
        }
    }
}

/// Reports keys of Flask: a short word, and one that only stands in for a missing variable, is a warning.
pub(super) fn flask(context: &Context<'_>, matches: &mut Vec<Match>) {
    let is_flask =
        context.document.entries.iter().any(|entry| {
            entry.key == "import" && entry.value.to_ascii_lowercase().contains("flask")
        });
    for entry in context.named() {
        let of_app = entry.key.contains("SECRET_KEY") || is_flask;
        if !of_app || entry.value == "dev" || is_placeholder(&entry.value) {
            continue;
        }
        let mut found = context.report(entry);
        if entry.value.len() < 8 || entry.key.ends_with("(default)") {
            found.level = found.level.min(Level::Warn);
        }
        matches.push(found);
    }
}

/// Reports passwords that are written out.
pub(super) fn password(context: &Context<'_>, matches: &mut Vec<Match>) {
    let is_password = |entry: &&Entry| {
        !is_placeholder(&entry.value)
            && !["postgres", "password", "test", "root"].contains(&entry.value.as_str())
    };
    matches.extend(
        context
            .named()
            .filter(is_password)
            .map(|entry| context.report(entry)),
    );
}

/// Tells whether a text plainly stands where a key will be.
pub(super) fn is_placeholder(value: &str) -> bool {
    const WORDS: [&str; 14] = [
        "changeme",
        "change me",
        "change-me",
        "change_me",
        "change this",
        "change-this",
        "change_this",
        "replace",
        "your ",
        "your_",
        "your-",
        "example",
        "todo",
        "not-a-secret",
    ];
    let lower = value.to_ascii_lowercase();
    value.is_empty()
        || value == "test"
        || placeholder::is_placeholder(value.as_bytes())
        || WORDS.iter().any(|word| lower.contains(word))
}
