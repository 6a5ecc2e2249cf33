//! Containers: what an image is made of, and what a container may reach.

use super::host::is_local;
use super::literal::{Kind, kind};
use super::{Check, Context};
use crate::detect::Match;
use crate::detect::found::Scope;
use crate::detect::syntax::Entry;

/// Returns the check of containers of that name.
pub(super) fn find(name: &str) -> Option<Check> {
    Some(match name {
        "add-url" => add_url,
        "docker-secret" => secret,
        "docker-socket" => socket,
        "docker-tcp" => tcp,
        "docker-user" => user,
        "insecure-registry" => insecure_registry,
        _ => return None,
    })
}

/// Reports `ADD` of an address; a repository of git with its version is fixed well enough.
fn add_url(context: &Context<'_>, matches: &mut Vec<Match>) {
    let moving = |entry: &&Entry| !entry.value.contains(".git#");
    matches.extend(
        context
            .named()
            .filter(moving)
            .map(|entry| context.report(entry)),
    );
}

/// Words of which one is in the name of a secret, as a word of its own.
const SECRETS: [&str; 11] = [
    "PASSWORD",
    "PASSWD",
    "PASS",
    "TOKEN",
    "SECRET",
    "APIKEY",
    "CREDENTIALS",
    "PWD",
    "PASSPHRASE",
    "SECRETKEY",
    "PRIVATEKEY",
];

/// Words that make a name one about a secret, which is none.
const ABOUT: [&str; 20] = [
    "FILE",
    "PATH",
    "URL",
    "URI",
    "NAME",
    "LENGTH",
    "MIN",
    "MAX",
    "EXPIRY",
    "EXPIRATION",
    "TTL",
    "ENABLED",
    "ISSUER",
    "TYPE",
    "HEADER",
    "FIELD",
    "ALLOW",
    "DETECTION",
    "ID",
    "ARN",
];

/// Tells whether a variable of that name holds a secret.
pub(super) fn is_secret_name(name: &str) -> bool {
    let upper = name.to_ascii_uppercase();
    let words: Vec<&str> = upper.split(['_', '-', '.']).collect();
    let key = words.windows(2).any(|pair| {
        pair[1] == "KEY"
            && matches!(
                pair[0],
                "API" | "SECRET" | "ACCESS" | "PRIVATE" | "ENCRYPTION" | "SIGNING"
            )
    });
    (key || words.iter().any(|word| SECRETS.contains(word)))
        && !words.iter().any(|word| ABOUT.contains(word))
}

/// Tells whether a value is a secret and not a word that stands in for one while an image is built.
pub(super) fn is_secret_value(value: &str) -> bool {
    let lower = value.to_ascii_lowercase();
    let stand_in = [
        "dummy",
        "fake",
        "test",
        "example",
        "placeholder",
        "build",
        "unused",
        "notused",
        "none",
        "ignore",
        "changeme",
        "true",
        "false",
        "yes",
        "no",
        "secret",
        "password",
        "token",
        "http",
        "/",
    ]
    .iter()
    .any(|word| lower.starts_with(word));
    value.len() >= 3
        && kind(value) == Kind::Literal
        && !stand_in
        && !value.bytes().all(|b| b.is_ascii_digit())
}

/// Reports variables of an image that hold a secret.
fn secret(context: &Context<'_>, matches: &mut Vec<Match>) {
    let is_secret = |entry: &&Entry| {
        let name = entry.key.split_once('.').map_or("", |(_, name)| name);
        is_secret_name(name) && is_secret_value(&entry.value)
    };
    matches.extend(
        context
            .named()
            .filter(is_secret)
            .map(|entry| context.report(entry)),
    );
}

/// Reports the daemon's socket where a container gets it.
fn socket(context: &Context<'_>, matches: &mut Vec<Match>) {
    let given = |entry: &&Entry| {
        if entry.key.ends_with(".target") {
            return false;
        }
        entry.key != "$docker"
            || entry.value.contains("docker.sock:")
            || entry.value.contains("source=/var/run/docker.sock")
    };
    matches.extend(
        context
            .named()
            .filter(given)
            .map(|entry| context.report(entry)),
    );
}

/// Reports a daemon that listens without TLS.
fn tcp(context: &Context<'_>, matches: &mut Vec<Match>) {
    let entries = &context.document.entries;
    let verified = entries.iter().any(|entry| {
        (entry.key == "tlsverify" && entry.value == "true")
            || (entry.key.ends_with("DOCKER_TLS_VERIFY") && entry.value == "1")
            || entry.value.contains("--tlsverify")
    });
    if verified {
        return;
    }
    for entry in context.named() {
        let address = entry
            .value
            .find("tcp://")
            .map_or("", |at| &entry.value[at + 6..]);
        let host = address.split([':', ' ', '/']).next().unwrap_or_default();
        let here = matches!(host, "localhost" | "127.0.0.1") || host.starts_with('$');
        if !here {
            matches.push(context.report(entry));
        }
    }
}

/// Reports root as the user that a shipped image runs as: the last `USER` of a stage that is shipped.
fn user(context: &Context<'_>, matches: &mut Vec<Match>) {
    let entries = &context.document.entries;
    let begin = entries
        .iter()
        .rposition(|entry| entry.key.starts_with("FROM") && entry.scope == Scope::Unmarked)
        .unwrap_or(0);
    let stage = entries[begin..]
        .iter()
        .skip(1)
        .take_while(|entry| !entry.key.starts_with("FROM"));
    let last = stage.filter(|entry| entry.key == "USER").last();
    matches.extend(
        last.filter(|entry| context.named.holds(entry))
            .map(|entry| context.report(entry)),
    );
}

/// Reports registries that the daemon takes images from without a certificate.
fn insecure_registry(context: &Context<'_>, matches: &mut Vec<Match>) {
    let remote = |entry: &&Entry| {
        let host = entry.value.split(':').next().unwrap_or_default();
        !entry.value.is_empty() && !is_local(host)
    };
    matches.extend(
        context
            .named()
            .filter(remote)
            .map(|entry| context.report(entry)),
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_secrets_are_told_from_names_about_them() {
        for name in [
            "DB_PASSWORD",
            "API_KEY",
            "GITHUB_TOKEN",
            "AWS_SECRET_ACCESS_KEY",
            "POSTGRES_PASS",
        ] {
            assert!(is_secret_name(name), "{name}");
        }
        for name in [
            "PASSWORD_FILE",
            "TOKEN_URL",
            "KEY_PATH",
            "PUBLIC_KEY",
            "BYPASS",
            "SECRET_NAME",
        ] {
            assert!(!is_secret_name(name), "{name}");
        }
    }
}
