//! Settings of Streamlit and Airflow, whose unsafe value depends on the key.

use super::Context;
use crate::detect::Match;

/// Reports what lets other sites send requests, as a setting or as an option of the command.
pub(super) fn streamlit(context: &Context<'_>, matches: &mut Vec<Match>) {
    for entry in context.named() {
        let unsafe_value = if entry.key.ends_with("developmentMode") {
            "true"
        } else {
            "false"
        };
        if entry.key.starts_with('$') && entry.value.contains("--") || entry.value == unsafe_value {
            matches.push(context.report(entry));
        }
    }
}

/// Reports an Airflow that shows its settings, asks nobody for a password, or keeps a key that is published.
pub(super) fn airflow(context: &Context<'_>, matches: &mut Vec<Match>) {
    for entry in context.named() {
        let key = entry.key.to_ascii_lowercase();
        let value = entry.value.to_ascii_lowercase();
        let is_unsafe = if key.ends_with("expose_config") {
            value == "true"
        } else if key.ends_with("authenticate") {
            value == "false"
        } else if key.ends_with("secret_key") {
            value == "temporary_key"
        } else if key.contains("auth_backend") {
            value.contains("backend.default")
        } else if key.ends_with("user_password") {
            value == "airflow"
        } else {
            key.ends_with("fernet_key") && value.is_empty()
        };
        if is_unsafe {
            matches.push(context.report(entry));
        }
    }
}
