//! Keys of tokens that stand in the code.

use super::Context;
use super::argument::call_around;
use super::secret_key::is_placeholder;
use crate::detect::Match;
use crate::detect::syntax::Entry;
use crate::rule::Level;

/// Reports keys that are written out where a token is signed or checked.
pub(super) fn key(context: &Context<'_>, matches: &mut Vec<Match>) {
    let is_written = |value: &str| {
        value.len() > 3 && !is_placeholder(value) && !value.starts_with("-----BEGIN PUBLIC")
    };
    let written = context.named().filter(|entry| is_written(&entry.value));
    matches.extend(written.map(|entry| context.report(entry)));
}

/// Words of names of functions that look at a token to see whose it is, and trust nothing in it.
const LOOKS: [&str; 14] = [
    "is_",
    "has_",
    "peek",
    "inspect",
    "introspect",
    "extract",
    "unverified",
    "insecure",
    "unsafe",
    "header",
    "log",
    "debug",
    "expir",
    "issuer",
];

/// Reports tokens that are read without checking them; where the same file also checks them, or a function by its name
/// only looks at one for which there is no key, it is a warning.
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
        } else if has_no_key(context, entry) && only_looks(context, entry) {
            found.level = found.level.min(Level::Warn);
            found
                .notes
                .push("by its name the function only looks at the token".to_owned());
        }
        matches.push(found);
    }
}

/// Tells whether the call is given a token and options, and no key to check it with.
fn has_no_key(context: &Context<'_>, argument: &Entry) -> bool {
    call_around(context, argument)
        .is_some_and(|call| !call.value.starts_with("_,_") && !call.value.contains("key"))
}

/// Tells whether the function around speaks of looking at a token.
fn only_looks(context: &Context<'_>, entry: &Entry) -> bool {
    let before = &context.text.bytes[..entry.value_span.start];
    // The last `def` of the few kilobytes before: a function that is longer than that does more than look.
    let near = &before[before.len().saturating_sub(4096)..];
    let Some(at) = memchr::memmem::rfind(near, b"def ") else {
        return false;
    };
    let name = near[at + 4..].iter().take(80);
    let name: String = name
        .take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'_')
        .map(|byte| char::from(byte.to_ascii_lowercase()))
        .collect();
    let name = name.trim_start_matches('_');
    LOOKS.iter().any(|word| {
        if word.ends_with('_') {
            name.starts_with(word)
        } else {
            name.split('_')
                .any(|part| part.starts_with(word) && !part.starts_with("login"))
        }
    })
}
