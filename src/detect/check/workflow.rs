//! GitHub workflows: what a stranger's pull request, title or branch name can reach.

use std::sync::OnceLock;

use regex::bytes::Regex;

use super::Context;
use crate::detect::Match;
use crate::detect::syntax::Entry;
use crate::rule::Level;
use crate::span::Span;

/// Reports checkouts of a pull request's own code in a workflow that runs with secrets. Behind a label, which
/// only members set, it is a warning.
pub(crate) fn checkout(context: &Context<'_>, matches: &mut Vec<Match>) {
    let entries = &context.document.entries;
    let has = |name: &str| {
        entries.iter().any(|entry| {
            entry.key == format!("on.{name}")
                || entry.key.starts_with(&format!("on.{name}."))
                || ((entry.key == "on" || is_item(&entry.key)) && entry.value == name)
        })
    };
    if !has("pull_request_target") && !has("workflow_run") {
        return;
    }
    let labelled = entries.iter().any(|entry| {
        (entry.key.starts_with("on.pull_request_target.types") && entry.value == "labeled")
            || (entry.key.ends_with(".if") && entry.value.contains("label"))
    });
    for entry in context.named() {
        let step = entry.key.split(".with.").next().unwrap_or_default();
        let uses = entries
            .iter()
            .find(|other| other.key.strip_prefix(step) == Some(".uses"));
        if uses.is_some_and(|uses| {
            uses.value
                .to_ascii_lowercase()
                .starts_with("actions/checkout")
        }) {
            let mut found = context.report(entry);
            if labelled {
                found.level = found.level.min(Level::Warn);
            }
            matches.push(found);
        }
    }
}

fn is_item(key: &str) -> bool {
    key.strip_prefix("on.")
        .is_some_and(|rest| rest.bytes().all(|b| b.is_ascii_digit()))
}

/// Reports expressions inside scripts whose value a stranger chooses: titles, texts, names of branches.
pub(crate) fn injection(context: &Context<'_>, matches: &mut Vec<Match>) {
    for entry in context.named() {
        for (span, text) in expressions(entry, context.text.bytes) {
            if is_strangers(text) {
                let mut found = context.report(&Entry {
                    value: String::from_utf8_lossy(text).trim().to_owned(),
                    value_span: span,
                    key_span: span,
                    ..entry.clone()
                });
                found.extent = span;
                matches.push(found);
            }
        }
    }
}

/// Returns the expressions `${{ … }}` that stand in a value.
fn expressions<'t>(entry: &Entry, text: &'t [u8]) -> Vec<(Span, &'t [u8])> {
    let raw = entry.value_span.of(text);
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(open) = memchr::memmem::find(&raw[at..], b"${{") {
        let start = at + open;
        let Some(len) = memchr::memmem::find(&raw[start..], b"}}") else {
            break;
        };
        let place = entry.value_span.start + start;
        found.push((
            Span::new(place, place + len + 2),
            &raw[start + 3..start + len],
        ));
        at = start + len + 2;
    }
    found
}

/// Tells whether a stranger chooses the expression's value. A comparison or a test of it is a truth value.
fn is_strangers(expression: &[u8]) -> bool {
    static STRANGERS: OnceLock<Regex> = OnceLock::new();
    let pattern = STRANGERS.get_or_init(|| {
        let roots = "issue|pull_request|comment|review|review_comment|discussion|discussion_comment|pages|commits|head_commit|workflow_run|check_run|check_suite";
        let fields = "title|body|name|email|label|message|page_name|ref|default_branch|description|display_title|head_branch|homepage";
        Regex::new(&format!(
            r"(?-u)github\.head_ref\b|github\.event\.(?:{roots})\b(?:[\w.*-]|\[[^\]]*\])*\.(?:{fields})\b"
        ))
        .expect("a fixed pattern")
    });
    let safe = [
        &b"=="[..],
        b"!=",
        b"contains(",
        b"startsWith(",
        b"endsWith(",
        b"hashFiles(",
        b"base.ref",
        b".base.",
        b"labels.",
        b"milestone.",
        b"repo.name",
        b"owner.name",
    ];
    pattern.is_match(expression)
        && !safe
            .iter()
            .any(|mark| memchr::memmem::find(expression, mark).is_some())
}
