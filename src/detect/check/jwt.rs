//! Keys of tokens that stand in the code.

use super::Context;
use super::secret_key::is_placeholder;
use crate::detect::Match;

/// Reports keys that are written out where a token is signed or checked.
pub(super) fn key(context: &Context<'_>, matches: &mut Vec<Match>) {
    let is_written = |value: &str| {
        value.len() > 3 && !is_placeholder(value) && !value.starts_with("-----BEGIN PUBLIC")
    };
    let written = context.named().filter(|entry| is_written(&entry.value));
    matches.extend(written.map(|entry| context.report(entry)));
}
