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
        if entry.key.ends_with(".run") {
            let fetches = FETCHES.iter().any(|word| entry.value.contains(word));
            let all = expressions(entry, context.text.bytes);
            let first = all.into_iter().find(|(_, text)| is_of_pull_request(text));
            if let (true, Some((span, _))) = (fetches, first) {
                let mut found = context.report(entry);
                (found.span, found.extent) = (span, span);
                found.level = found.level.min(Level::Warn);
                matches.push(found);
            }
            continue;
        }
        let step = entry.key.split(".with.").next().unwrap_or_default();
        let uses = context
            .beside(entry)
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

/// Commands that fetch the code of a pull request.
const FETCHES: [&str; 4] = ["gh pr checkout", "git checkout", "git fetch", "git pull"];

/// Tells whether an expression names the code that a pull request brings.
fn is_of_pull_request(text: &[u8]) -> bool {
    [
        &b"pull_request.head"[..],
        b"pull_request.number",
        b"event.number",
        b"github.head_ref",
        b"workflow_run.head",
    ]
    .iter()
    .any(|name| memchr::memmem::find(text, name).is_some())
}

fn is_item(key: &str) -> bool {
    key.strip_prefix("on.")
        .is_some_and(|rest| rest.bytes().all(|b| b.is_ascii_digit()))
}

/// Reports expressions inside scripts whose value a stranger chooses: titles, texts, names of branches.
pub(crate) fn injection(context: &Context<'_>, matches: &mut Vec<Match>) {
    let inputs = &inputs(context);
    for entry in context.named() {
        for (span, text) in expressions(entry, context.text.bytes) {
            let of_caller = !is_strangers(text) && is_callers(inputs, text);
            if of_caller || is_strangers(text) {
                let mut found = context.report(&Entry {
                    value: String::from_utf8_lossy(text).trim().to_owned(),
                    value_span: span,
                    key_span: span,
                    ..entry.clone()
                });
                found.extent = span;
                if of_caller {
                    found.level = found.level.min(Level::Warn);
                    found
                        .notes
                        .push("whoever starts it chooses the text".to_owned());
                }
                matches.push(found);
            }
        }
    }
}

/// Tells whether an expression is a text that the caller of a workflow or an action gives, and no number or choice.
fn is_callers(inputs: &[(&str, &str)], expression: &[u8]) -> bool {
    let text = String::from_utf8_lossy(expression);
    let text = text.trim();
    let name = text
        .strip_prefix("github.event.inputs.")
        .or_else(|| text.strip_prefix("inputs."));
    let is_name = |name: &&str| {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
        !name.is_empty() && name.bytes().all(plain)
    };
    let Some(name) = name.filter(is_name) else {
        return false;
    };
    let kind = inputs.iter().find(|(key, _)| {
        key.strip_suffix(name)
            .is_some_and(|key| key.ends_with("inputs."))
    });
    kind.is_none_or(|(_, kind)| *kind == "string")
}

/// Returns the inputs that a workflow says the type of: the key and the type. There are a few.
fn inputs<'c>(context: &Context<'c>) -> Vec<(&'c str, &'c str)> {
    let typed = context.document.entries.iter().filter_map(|entry| {
        let key = entry.key.strip_suffix(".type")?;
        key.contains("inputs.")
            .then_some((key, entry.value.as_str()))
    });
    typed.take(256).collect()
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
        let roots = r"issue|pull_request|comment|review|review_comment|discussion|discussion_comment|pages|commits|head_commit|check_run\.check_suite|check_suite";
        // The name of a workflow, and of the repository it runs in, are their owner's.
        let runs = r"workflow_run\.(?:head_branch|display_title)";
        let fields = "title|body|name|email|label|message|page_name|ref|default_branch|description|display_title|head_branch|homepage";
        Regex::new(&format!(
            r"(?-u)github\.head_ref\b|github\.event\.{runs}\b|github\.event\.(?:workflow_run\.)?(?:{roots})\b(?:[\w.*-]|\[[^\]]*\])*\.(?:{fields})\b"
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
