//! Laravel: debug mode is judged beside the environment that the same file names.

use super::Context;
use crate::detect::Match;
use crate::rule::Level;

/// Reports debug mode. Where `APP_ENV` beside it says local, a compose file or an image is a developer's own, and
/// in a dotenv file, which may be the one that is deployed, it is a warning.
pub(crate) fn debug(context: &Context<'_>, matches: &mut Vec<Match>) {
    let dotenv = context.text.path.is_some_and(|path| {
        path.rsplit(|&b| b == b'/')
            .next()
            .is_some_and(|name| name.starts_with(b".env"))
    });
    for entry in context.named() {
        let section = entry.key.strip_suffix("APP_DEBUG").unwrap_or_default();
        let local = context.document.entries.iter().any(|other| {
            other.key.strip_prefix(section) == Some("APP_ENV")
                && matches!(
                    other.value.as_str(),
                    "local" | "dev" | "development" | "testing" | "test"
                )
        });
        let mut found = context.report(entry);
        match (local, dotenv) {
            (true, false) => continue,
            (true, true) => found.level = found.level.min(Level::Warn),
            (false, _) => {}
        }
        matches.push(found);
    }
}
