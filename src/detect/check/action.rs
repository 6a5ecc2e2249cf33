//! Actions and jobs: whose code a CI job runs, and which secrets it gets.

use super::container::{is_secret_name, is_secret_value};
use super::{Check, Context, script};
use crate::detect::Match;
use crate::detect::syntax::Entry;

/// Returns the check of CI jobs of that name.
pub(super) fn find(name: &str) -> Option<Check> {
    Some(match name {
        "action-typosquat" => typosquat,
        "action-unpinned" => unpinned,
        "ci-secret" => secret,
        "download-pipe-secrets" => pipe_with_secrets,
        "secrets-inherit" => secrets_inherit,
        _ => return None,
    })
}

/// Reports actions of others at a tag: only a commit cannot be moved. Branches are another rule's.
fn unpinned(context: &Context<'_>, matches: &mut Vec<Match>) {
    let movable = |entry: &&Entry| {
        let value = entry.value.as_str();
        if let Some(image) = value.strip_prefix("docker://") {
            return !image.contains("@sha256:");
        }
        let Some((name, version)) = value.split_once('@') else {
            return false;
        };
        let owner = name
            .split('/')
            .next()
            .unwrap_or_default()
            .to_ascii_lowercase();
        let commit = version.len() == 40 && version.bytes().all(|b| b.is_ascii_hexdigit());
        let branch = matches!(
            version,
            "main" | "master" | "develop" | "dev" | "HEAD" | "trunk" | "latest"
        );
        !matches!(owner.as_str(), "actions" | "github" | "." | "")
            && !commit
            && !branch
            && !version.contains("${{")
    };
    matches.extend(
        context
            .named()
            .filter(movable)
            .map(|entry| context.report(entry)),
    );
}

/// Well-known actions.
const KNOWN: [&str; 24] = [
    "actions/checkout",
    "actions/setup-node",
    "actions/setup-python",
    "actions/setup-java",
    "actions/setup-go",
    "actions/cache",
    "actions/upload-artifact",
    "actions/download-artifact",
    "actions/github-script",
    "actions/setup-dotnet",
    "actions/labeler",
    "actions/stale",
    "docker/build-push-action",
    "docker/login-action",
    "docker/setup-buildx-action",
    "docker/setup-qemu-action",
    "docker/metadata-action",
    "codecov/codecov-action",
    "ruby/setup-ruby",
    "softprops/action-gh-release",
    "peaceiris/actions-gh-pages",
    "aws-actions/configure-aws-credentials",
    "github/codeql-action",
    "pypa/gh-action-pypi-publish",
];

/// Reports names one letter from a well-known action.
fn typosquat(context: &Context<'_>, matches: &mut Vec<Match>) {
    for entry in context.named() {
        let name = entry
            .value
            .split('@')
            .next()
            .unwrap_or_default()
            .to_ascii_lowercase();
        let short: String = name.splitn(3, '/').take(2).collect::<Vec<_>>().join("/");
        if !entry.value.contains('@') || KNOWN.contains(&short.as_str()) {
            continue;
        }
        if let Some(meant) = KNOWN
            .iter()
            .find(|known| is_one_edit(known.as_bytes(), short.as_bytes()))
        {
            let mut found = context.report(entry);
            found.notes.push(format!("one letter from `{meant}`"));
            matches.push(found);
        }
    }
}

/// Tells whether two names differ by one letter more, less or other, or by two letters swapped.
fn is_one_edit(a: &[u8], b: &[u8]) -> bool {
    let same = a.iter().zip(b).take_while(|(a, b)| a == b).count();
    let (a, b) = (&a[same..], &b[same..]);
    match (a, b) {
        ([], [_]) | ([_], []) => true,
        ([first, second, a @ ..], [other, last, b @ ..])
            if first == last && second == other && a == b =>
        {
            true
        }
        ([_, a @ ..], [_, b @ ..]) if a == b => true,
        ([_, a @ ..], b) if a == b => true,
        (a, [_, b @ ..]) if a == b => true,
        _ => false,
    }
}

/// Reports secrets that are handed on whole to a workflow of somebody else.
fn secrets_inherit(context: &Context<'_>, matches: &mut Vec<Match>) {
    for entry in context.named() {
        let job = entry.key.strip_suffix(".secrets").unwrap_or_default();
        let uses = context
            .beside(entry)
            .iter()
            .find(|other| other.key.strip_prefix(job) == Some(".uses"));
        if uses.is_some_and(|uses| !uses.value.starts_with("./")) {
            matches.push(context.report(entry));
        }
    }
}

/// Reports downloads that run at once where the step, the job or the workflow has secrets in its environment.
fn pipe_with_secrets(context: &Context<'_>, matches: &mut Vec<Match>) {
    for entry in context.named().filter(|entry| script::runs_download(entry)) {
        let entries = context.beside(entry);
        let step = entries
            .iter()
            .rev()
            .find(|other| {
                other.key.ends_with(".run") && other.value_span.start <= entry.value_span.start
            })
            .and_then(|run| run.key.strip_suffix("run"));
        let Some(step) = step else { continue };
        let job = step.split(".steps.").next().unwrap_or_default();
        let of_step = format!("{step}env.");
        let of_job = format!("{job}.env.");
        let has_secret = entries.iter().any(|other| {
            let around = ["env.", of_step.as_str(), of_job.as_str()]
                .iter()
                .any(|front| other.key.starts_with(front));
            around && other.value.contains("secrets.")
        });
        if has_secret {
            matches.push(context.report(entry));
        }
    }
}

/// Reports variables that hold a secret by their name and a literal by their value.
fn secret(context: &Context<'_>, matches: &mut Vec<Match>) {
    let is_secret = |entry: &&Entry| {
        let name = entry.key.rsplit('.').next().unwrap_or_default();
        let name = if name == "value" {
            entry.key.rsplit('.').nth(1).unwrap_or_default()
        } else {
            name
        };
        is_secret_name(name) && is_secret_value(&entry.value)
    };
    matches.extend(
        context
            .named()
            .filter(is_secret)
            .map(|entry| context.report(entry)),
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_edit_is_one_edit() {
        for (a, b) in [
            ("abc", "abd"),
            ("abc", "ab"),
            ("abc", "abcd"),
            ("abc", "acb"),
            ("abc", "xabc"),
        ] {
            assert!(is_one_edit(a.as_bytes(), b.as_bytes()), "{a} {b}");
        }
        for (a, b) in [("abc", "abc"), ("abc", "axy"), ("abc", "abcde")] {
            assert!(!is_one_edit(a.as_bytes(), b.as_bytes()), "{a} {b}");
        }
    }
}
