//! A literal is a password that stands in the file itself, not a name of the place to read it from.

use super::Context;
use crate::detect::Match;
use crate::detect::placeholder::is_placeholder;
use crate::rule::Level;

/// Reports what the rule names where the value is a literal. One that is only a default (`${PASSWORD:abc}`), or
/// that opens a database on the same machine, is a warning.
pub(crate) fn password(context: &Context<'_>, matches: &mut Vec<Match>) {
    for entry in context.named() {
        let mut found = context.report(entry);
        match kind(&entry.value) {
            Kind::Reference => continue,
            Kind::Default => found.level = found.level.min(Level::Warn),
            Kind::Literal => {
                if beside_local_url(context, &entry.key) {
                    found.level = found.level.min(Level::Warn);
                }
            }
        }
        matches.push(found);
    }
}

/// What a value is.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Nothing, a placeholder, or the name of a variable, a secret store or an encrypted text.
    Reference,
    /// A variable with a literal behind it for the case that it is not set.
    Default,
    /// The password itself.
    Literal,
}

/// Beginnings of values that name where the secret is, or hold it encrypted.
const REFERENCES: [&str; 22] = [
    "$",
    "ENC(",
    "ENC[",
    "{cipher}",
    "@",
    "#{",
    "%",
    "vault:",
    "ref+",
    "arn:",
    "secret:",
    "secret/",
    "projects/",
    "ssm:",
    "{{",
    "<",
    "!",
    "env:",
    "env(",
    "file:",
    "op://",
    "process.env",
];

/// Returns what the value is.
pub(crate) fn kind(value: &str) -> Kind {
    let value = value.trim();
    if let Some(inner) = value
        .strip_prefix("${")
        .and_then(|rest| rest.strip_suffix('}'))
        && let Some((_, default)) = inner.split_once(':')
    {
        let default = default.trim_start_matches('-');
        return if default.is_empty() || default.starts_with(['?', '$']) {
            Kind::Reference
        } else {
            Kind::Default
        };
    }
    let is_reference = value.is_empty()
        || REFERENCES.iter().any(|front| value.starts_with(front))
        || value.contains("${")
        || value.contains("{{")
        || value.contains("<%")
        || matches!(
            value,
            "null" | "~" | "None" | "none" | "true" | "false" | "empty"
        )
        || value
            .bytes()
            .all(|b| matches!(b, b'x' | b'X' | b'*' | b'.' | b'-'))
        || is_placeholder(value.as_bytes());
    if is_reference {
        Kind::Reference
    } else {
        Kind::Literal
    }
}

/// Tells whether the same section opens a database on this machine or in memory.
fn beside_local_url(context: &Context<'_>, key: &str) -> bool {
    let section = key.rsplit_once('.').map_or("", |(section, _)| section);
    // The pool's own section may hold the password, and the one around it the address.
    let around = section
        .rsplit_once('.')
        .map_or(section, |(around, _)| around);
    context.document.entries.iter().any(|entry| {
        let beside = [section, around].iter().any(|section| {
            entry.key.strip_prefix(section).is_some_and(|rest| {
                matches!(rest, ".url" | ".jdbc-url" | ".jdbcUrl" | ".host" | ".uri")
            })
        });
        let local = ["localhost", "127.0.0.1", ":mem:", ":h2:", "[::1]", "hsqldb"];
        beside && local.iter().any(|mark| entry.value.contains(mark))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_defaults_and_literals_are_told_apart() {
        for value in [
            "", "${DB}", "${DB:}", "$DB", "ENC(abc)", "@db@", "<%= x %>", "changeme", "{{ x }}",
            "${A:?b}",
        ] {
            assert_eq!(kind(value), Kind::Reference, "{value}");
        }
        assert_eq!(kind("${DB_PWD:123456}"), Kind::Default);
        assert_eq!(kind("s3cr3t-Pa55"), Kind::Literal);
        assert_eq!(kind("root"), Kind::Literal);
        assert_eq!(kind("xxx"), Kind::Reference);
    }
}
