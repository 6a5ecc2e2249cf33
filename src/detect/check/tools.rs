//! Settings of Streamlit, Airflow and Ansible, whose unsafe value depends on the key.

use super::Context;
use crate::detect::Match;
use crate::detect::syntax::Entry;

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

/// Reports tasks that check no certificate: `validate_certs: no`, or the same in the line of a module.
pub(super) fn ansible_certs(context: &Context<'_>, matches: &mut Vec<Match>) {
    let is_no = |value: &str| {
        let value = value.trim_matches(['"', '\'']);
        ["no", "false", "off"]
            .iter()
            .any(|no| value.eq_ignore_ascii_case(no))
    };
    let is_off = |entry: &&Entry| {
        let of_packages = [".yum.sslverify", ".dnf.sslverify", "_repository.sslverify"]
            .iter()
            .any(|key| entry.key.ends_with(key));
        if entry.key.ends_with("validate_certs") || of_packages {
            return is_no(&entry.value);
        }
        let mut words = entry.value.split_whitespace();
        words.any(|word| word.strip_prefix("validate_certs=").is_some_and(is_no))
    };
    let off = context.document.entries.iter().filter(is_off);
    matches.extend(off.map(|entry| context.report(entry)));
}
