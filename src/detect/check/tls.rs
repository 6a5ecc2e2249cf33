//! Certificates that are not checked, in calls of HTTP clients.

use super::Context;
use super::argument::call_around;
use crate::detect::Match;
use crate::detect::syntax::{Entry, Form};

/// Reports `verify=False` of a client that a file imports, but for addresses on the same machine.
pub(super) fn check(context: &Context<'_>, matches: &mut Vec<Match>) {
    let entries = &context.document.entries;
    let imports_client = entries.iter().any(|entry| {
        let package = entry.value.split('.').next().unwrap_or_default();
        entry.key == "import"
            && ["requests", "httpx", "urllib3", "boto3", "botocore"].contains(&package)
    });
    for entry in context.named() {
        let is_client = entry.key.starts_with("requests.") || entry.key.starts_with("httpx.");
        if !is_client && !imports_client || entry.key.contains("jwt") {
            continue;
        }
        if !is_local(context, entry) {
            matches.push(context.report(entry));
        }
    }
}

/// Reports what the rule names, and calls that make a context which checks nothing.
pub(super) fn context(context: &Context<'_>, matches: &mut Vec<Match>) {
    let makes_one = |entry: &Entry| {
        let argument = entry.key.rsplit('(').next().unwrap_or_default();
        let is_off = match argument {
            "tlsAllowInvalidCertificates)"
            | "tlsInsecure)"
            | "tlsAllowInvalidHostnames)"
            | "disable_ssl_certificate_validation)" => entry.value == "True",
            "verify_certs)" | "ssl_assert_hostname)" => entry.value == "False",
            _ => false,
        };
        is_off || entry.key == "ssl._create_unverified_context()"
    };
    let entries = context.document.entries.iter();
    let found = entries.filter(|entry| context.named.holds(entry) || makes_one(entry));
    matches.extend(found.map(|entry| context.report(entry)));
}

/// Reports versions that the rule names, and `ssl.wrap_socket` without one.
pub(super) fn version(context: &Context<'_>, matches: &mut Vec<Match>) {
    let names_none = |entry: &Entry| {
        entry.key == "ssl.wrap_socket()"
            && !entry.value.contains("ssl_version")
            && !entry.value.contains("**")
    };
    // The name of a version in quotes is no version.
    let is_it = |entry: &Entry| {
        entry.key != "import" && entry.form != Form::Text && context.named.holds(entry)
    };
    let entries = context.document.entries.iter();
    let found = entries.filter(|entry| is_it(entry) || names_none(entry));
    matches.extend(found.map(|entry| context.report(entry)));
}

/// Tells whether the call goes to an address that is written out and on the same machine.
fn is_local(context: &Context<'_>, argument: &Entry) -> bool {
    let Some(call) = call_around(context, argument) else {
        return false;
    };
    let text = call.value_span.of(context.text.bytes);
    let text = String::from_utf8_lossy(&text[..text.len().min(400)]);
    ["://localhost", "://127.0.0.1", "://[::1]", "://0.0.0.0"]
        .iter()
        .any(|host| text.contains(host))
}
