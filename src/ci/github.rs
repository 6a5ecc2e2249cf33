//! GitHub Actions, and Gitea and Forgejo, which speak as it does: the event file says what happened.
//!
//! <https://docs.github.com/actions/reference/workflows-and-actions/events-that-trigger-workflows>

use serde_json::Value;

use super::{Empty, Job, Refusal, Start, Surroundings, System, Word, is_zeros, short};

pub(super) fn job(system: System, around: Surroundings<'_>) -> Result<Job, Refusal> {
    let name = around.get("GITHUB_EVENT_NAME").unwrap_or_default();
    let event: Value = around
        .event
        .and_then(|text| serde_json::from_str(text).ok())
        .ok_or_else(|| {
            system.no_base("the event file that GITHUB_EVENT_PATH names cannot be read")
        })?;
    match name {
        "pull_request"
        | "pull_request_target"
        | "pull_request_review"
        | "pull_request_review_comment" => pull_request(system, name, &event),
        "merge_group" => merge_group(system, &event),
        "push" => push(system, &event),
        "" => Err(system.no_base("GITHUB_EVENT_NAME is not set")),
        other => Err(system.no_base(format!(
            "the event {} has no base",
            crate::finding::printable(other.as_bytes())
        ))),
    }
}

fn text<'v>(event: &'v Value, pointer: &str) -> Option<&'v str> {
    event
        .pointer(pointer)
        .and_then(Value::as_str)
        .filter(|text| !text.is_empty())
}

fn needed<'v>(system: System, event: &'v Value, pointer: &str) -> Result<&'v str, Refusal> {
    text(event, pointer).ok_or_else(|| {
        system.no_base(format!(
            "the event file has no {}",
            pointer.replace('/', ".")
        ))
    })
}

fn pull_request(system: System, name: &str, event: &Value) -> Result<Job, Refusal> {
    let base = needed(system, event, "/pull_request/base/sha")?;
    let head = needed(system, event, "/pull_request/head/sha")?;
    let number = event
        .pointer("/pull_request/number")
        .and_then(Value::as_u64);
    let number = number.map_or_else(String::new, |number| format!(" {number}"));
    let target = if name == "pull_request_target" {
        " (target)"
    } else {
        ""
    };
    Ok(Job {
        system: Some(system),
        subject: format!("pull request{number}{target}"),
        bases: vec![Start::Commit(base.to_owned())],
        head: head.to_owned(),
        empty: Empty::Wrong,
        word: Word::Base,
    })
}

fn merge_group(system: System, event: &Value) -> Result<Job, Refusal> {
    let base = needed(system, event, "/merge_group/base_sha")?;
    let head = needed(system, event, "/merge_group/head_sha")?;
    Ok(Job {
        system: Some(system),
        subject: "merge queue".to_owned(),
        bases: vec![Start::Commit(base.to_owned())],
        head: head.to_owned(),
        empty: Empty::Wrong,
        word: Word::Base,
    })
}

fn push(system: System, event: &Value) -> Result<Job, Refusal> {
    let before = needed(system, event, "/before")?;
    let after = needed(system, event, "/after")?;
    let reference = text(event, "/ref").unwrap_or_default();
    let default = text(event, "/repository/default_branch");
    let is_forced = event.pointer("/forced").and_then(Value::as_bool) == Some(true);
    let is_default = default.is_some_and(|default| short(reference) == default);
    let mut bases = Vec::new();
    if !is_zeros(before) {
        bases.push(Start::Commit(before.to_owned()));
    }
    // A new branch has no before, and a forced push may leave it behind.
    if is_zeros(before) || is_forced {
        match default {
            Some(default) if !is_default => bases.push(Start::Branch(default.to_owned())),
            _ if is_zeros(before) => bases.push(Start::Nothing),
            _ => {}
        }
    }
    // With zeros after it, the branch was deleted: nothing came in.
    let is_deleted = is_zeros(after);
    if is_deleted {
        bases = vec![Start::Commit("HEAD".to_owned())];
    }
    Ok(Job {
        system: Some(system),
        subject: format!(
            "push to {}",
            short(reference).trim_start_matches("refs/tags/")
        ),
        bases,
        head: if is_deleted { "HEAD" } else { after }.to_owned(),
        empty: if is_zeros(before) || is_forced || is_deleted {
            Empty::Expected
        } else {
            Empty::Wrong
        },
        word: if is_default { Word::Head } else { Word::Base },
    })
}
