//! Servers: settings that let everyone in, judged beside what else the file says.

use super::{Check, Context};
use crate::detect::Match;
use crate::detect::syntax::Entry;

/// Returns the check of servers of that name.
pub(super) fn find(name: &str) -> Option<Check> {
    Some(match name {
        "apache-options" => apache_options,
        "azure-blob" => azure_blob,
        "elastic" => elastic,
        "grafana-anonymous" => grafana_anonymous,
        "mongo-bind" => mongo_bind,
        "nginx-cors" => nginx_cors,
        "not-in-ci" => not_in_ci,
        "php-ini" => php_ini,
        "postgres-trust" => postgres_trust,
        "rails-hosts" => rails_hosts,
        "redis-bind" => redis_bind,
        "spring-actuator" => spring_actuator,
        "symfony-env" => symfony_env,
        "traefik" => traefik,
        "vault-dev" => vault_dev,
        _ => return None,
    })
}

fn report(context: &Context<'_>, matches: &mut Vec<Match>, holds: impl Fn(&Entry) -> bool) {
    matches.extend(
        context
            .named()
            .filter(|entry| holds(entry))
            .map(|entry| context.report(entry)),
    );
}

/// Tells whether the file belongs to a CI job, where databases without a password live for minutes.
fn is_ci(context: &Context<'_>) -> bool {
    context.text.path.is_some_and(|path| {
        [
            &b".github/"[..],
            b".gitlab-ci",
            b".circleci/",
            b".travis",
            b"azure-pipelines",
            b".drone",
        ]
        .iter()
        .any(|mark| memchr::memmem::find(path, mark).is_some())
    })
}

fn apache_options(context: &Context<'_>, matches: &mut Vec<Match>) {
    report(context, matches, |entry| {
        let signature = entry.key.ends_with("ServerSignature");
        signature == entry.value.eq_ignore_ascii_case("on")
    });
}

fn azure_blob(context: &Context<'_>, matches: &mut Vec<Match>) {
    report(context, matches, |entry| {
        let wanted: &[&str] = if entry.key.ends_with("container_access_type") {
            &["blob", "container"]
        } else if entry.key.contains("traffic_only") {
            &["false"]
        } else {
            &["true"]
        };
        wanted.contains(&entry.value.as_str())
    });
}

fn elastic(context: &Context<'_>, matches: &mut Vec<Match>) {
    report(context, matches, |entry| {
        let wanted = if entry.key.ends_with("enabled") {
            "false"
        } else {
            "true"
        };
        entry.value.eq_ignore_ascii_case(wanted)
    });
}

/// Reports the role that visitors without a name get, unless the file lets none in.
fn grafana_anonymous(context: &Context<'_>, matches: &mut Vec<Match>) {
    let off = context.document.entries.iter().any(|entry| {
        (entry.key.ends_with("auth.anonymous.enabled")
            || entry.key.ends_with("GF_AUTH_ANONYMOUS_ENABLED"))
            && entry.value.eq_ignore_ascii_case("false")
    });
    report(context, matches, |_| !off);
}

fn mongo_bind(context: &Context<'_>, matches: &mut Vec<Match>) {
    let guarded = context
        .document
        .entries
        .iter()
        .any(|entry| entry.key == "security.authorization" && entry.value == "enabled");
    report(context, matches, |entry| {
        !guarded || !entry.key.starts_with("net.")
    });
}

/// Reports a header that answers every origin where the same file lets cookies through.
fn nginx_cors(context: &Context<'_>, matches: &mut Vec<Match>) {
    let with_cookies = context.document.entries.iter().any(|entry| {
        let value = entry.value.to_ascii_lowercase();
        value.contains("access-control-allow-credentials") && value.contains("true")
    });
    report(context, matches, |_| with_cookies);
}

fn not_in_ci(context: &Context<'_>, matches: &mut Vec<Match>) {
    if is_ci(context) {
        return;
    }
    report(context, matches, |entry| {
        let off = matches!(entry.value.as_str(), "0" | "false" | "off");
        if entry.key.contains("skip") {
            !off
        } else {
            !entry.value.is_empty()
        }
    });
}

/// Reports settings of PHP: in an ini file by key, in a script by the call, in Apache's file by the directive.
fn php_ini(context: &Context<'_>, matches: &mut Vec<Match>) {
    report(context, matches, |entry| {
        let is_key = entry.key.ends_with("display_errors");
        let bare = matches!(
            entry.value.to_ascii_lowercase().as_str(),
            "on" | "1" | "true" | "yes" | "stdout"
        );
        is_key == bare
    });
}

fn postgres_trust(context: &Context<'_>, matches: &mut Vec<Match>) {
    let is_ci = is_ci(context);
    report(context, matches, |entry| {
        if !entry.key.starts_with("host") {
            return !is_ci && entry.value == "trust";
        }
        let local = ["127.0.0.1/", "::1/", " localhost ", " samehost "];
        let value = format!(
            " {} ",
            entry.value.split_whitespace().collect::<Vec<_>>().join(" ")
        );
        value.contains(" trust ") && !local.iter().any(|mark| value.contains(mark))
    });
}

/// Reports hosts of Rails that are emptied; a list is a list.
fn rails_hosts(context: &Context<'_>, matches: &mut Vec<Match>) {
    report(context, matches, |_| true);
    let text = context.text.bytes;
    for at in memchr::memmem::find_iter(text, b"config.hosts.clear").take(64) {
        let line = &text[crate::span::line_start(text, at)..at];
        if !line.contains(&b'#') {
            matches.push(context.report_text(at, at + b"config.hosts.clear".len()));
        }
    }
}

fn redis_bind(context: &Context<'_>, matches: &mut Vec<Match>) {
    let guarded = context
        .document
        .entries
        .iter()
        .any(|entry| matches!(entry.key.as_str(), "requirepass" | "aclfile" | "user"));
    report(context, matches, |_| !guarded);
}

/// Reports endpoints open to everyone, unless they listen on this machine only.
fn spring_actuator(context: &Context<'_>, matches: &mut Vec<Match>) {
    let here = context.document.entries.iter().any(|entry| {
        entry.key == "management.server.address"
            && matches!(entry.value.as_str(), "127.0.0.1" | "localhost")
    });
    report(context, matches, |entry| {
        let wide = entry.key.contains("exposure.include");
        wide == entry.value.contains('*') && !(wide && here)
    });
}

/// Reports Symfony's development environment in files named for production, and in images and manifests. A plain
/// `.env` says `dev` by design: what is deployed overrides it.
fn symfony_env(context: &Context<'_>, matches: &mut Vec<Match>) {
    let name = super::dependency::file_name(context);
    let dotenv = name.starts_with(".env") || name.ends_with(".env");
    let live = name.contains("prod") || name.contains("staging");
    report(context, matches, |_| !dotenv || live);
}

fn traefik(context: &Context<'_>, matches: &mut Vec<Match>) {
    report(context, matches, |entry| {
        entry.key.ends_with("api.insecure") == entry.value.eq_ignore_ascii_case("true")
    });
}

/// Reports Vault without TLS or in development mode.
fn vault_dev(context: &Context<'_>, matches: &mut Vec<Match>) {
    let is_vault = context
        .document
        .entries
        .iter()
        .any(|entry| entry.value.contains("vault") || entry.value.contains("consul"));
    report(context, matches, |entry| {
        let value = entry.value.as_str();
        if entry.key.ends_with("tls_disable") {
            matches!(value, "1" | "true")
        } else if entry.key.ends_with("TOKEN_ID") {
            true
        } else {
            is_vault && value.split(' ').any(|word| word == "-dev")
        }
    });
}
