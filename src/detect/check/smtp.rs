//! Mail that is handed to another machine without TLS.

use super::Context;
use crate::detect::Match;

/// Reports `EMAIL_USE_TLS = False` beside an `EMAIL_HOST` elsewhere and no `EMAIL_USE_SSL`.
pub(super) fn check(context: &Context<'_>, matches: &mut Vec<Match>) {
    let value = |key: &str| {
        let mut entries = context.document.entries.iter();
        entries
            .find(|entry| entry.key == key)
            .map(|entry| entry.value.as_str())
    };
    let is_remote = value("EMAIL_HOST").is_some_and(|host| {
        !["", "localhost", "127.0.0.1", "::1", "mailhog", "mailpit"].contains(&host)
    });
    if is_remote && value("EMAIL_USE_SSL") != Some("True") {
        matches.extend(context.named().map(|entry| context.report(entry)));
    }
}
