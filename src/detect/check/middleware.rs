//! A list of middleware that is whole and lacks the one that a rule is about.

use super::Context;
use crate::detect::{Match, What};

/// Reports lists under the rule's keys that hold Django's own middleware but none of the rule's values, and
/// `X_FRAME_OPTIONS` that lets every site frame.
pub(super) fn check(context: &Context<'_>, matches: &mut Vec<Match>) {
    let named = || {
        let entries = context.document.entries.iter();
        entries.filter(|entry| context.named.names(&entry.key))
    };
    // A file has one such list or two.
    for entry in named().take(16) {
        if entry.key == "X_FRAME_OPTIONS" {
            if entry.value.to_ascii_uppercase().starts_with("ALLOW") {
                matches.push(context.report(entry));
            }
            continue;
        }
        let is_whole = |text: &str| text.starts_with(['[', '(']);
        let whole = named().filter(|other| other.key == entry.key);
        if !whole.clone().all(|other| is_whole(&other.value)) {
            continue;
        }
        let items =
            context.document.entries.iter().filter(|item| {
                item.key.len() > entry.key.len() && item.key.starts_with(&entry.key)
            });
        let has_own = items.clone().any(|item| item.value.starts_with("django."));
        let has_it = items.clone().any(|item| context.named.means(&item.value));
        if has_own && !has_it {
            let mut found = context.report(entry);
            if let What::Setting { value, .. } = &mut found.what {
                value.clear();
                value.push('…');
            }
            matches.push(found);
        }
    }
}
