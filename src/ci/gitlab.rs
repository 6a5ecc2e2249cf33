//! GitLab CI: predefined variables.
//!
//! <https://docs.gitlab.com/ci/variables/predefined_variables/>

use super::{Empty, Job, Refusal, Start, Surroundings, System, Word};

pub(super) fn job(around: Surroundings<'_>) -> Result<Job, Refusal> {
    let system = System::GitLab;
    let commit = around
        .id("CI_COMMIT_SHA")
        .ok_or_else(|| system.no_base("CI_COMMIT_SHA is not set"))?;
    if let Some(number) = around.get("CI_MERGE_REQUEST_IID") {
        return merge_request(around, number, commit);
    }
    let source = around.get("CI_PIPELINE_SOURCE").unwrap_or("push");
    if source != "push" {
        return Err(system.no_base(format!("a pipeline of source {source} has no base")));
    }
    let branch = around.get("CI_COMMIT_BRANCH");
    let default = around.get("CI_DEFAULT_BRANCH");
    let before = around.id("CI_COMMIT_BEFORE_SHA");
    let mut bases: Vec<Start> = before
        .map(|id| Start::Commit(id.to_owned()))
        .into_iter()
        .collect();
    // A commit that a forced push left behind is gone from a fresh clone.
    match default {
        Some(default) if branch != Some(default) => bases.push(Start::Branch(default.to_owned())),
        _ if before.is_none() => bases.push(Start::Nothing),
        _ => {}
    }
    let name = branch.or(around.get("CI_COMMIT_TAG")).unwrap_or(commit);
    Ok(Job {
        system: Some(system),
        subject: format!("push to {name}"),
        bases,
        head: commit.to_owned(),
        // The variable is zeros for the first pipeline of a branch and for tags.
        empty: if before.is_none() {
            Empty::Expected
        } else {
            Empty::Wrong
        },
        word: if default.is_some() && branch == default {
            Word::Head
        } else {
            Word::Base
        },
    })
}

/// In a pipeline for merged results HEAD is a merge that GitLab made: then the source branch's tip is in a variable
/// of its own.
fn merge_request(around: Surroundings<'_>, number: &str, commit: &str) -> Result<Job, Refusal> {
    let base = around
        .id("CI_MERGE_REQUEST_DIFF_BASE_SHA")
        .ok_or_else(|| System::GitLab.no_base("CI_MERGE_REQUEST_DIFF_BASE_SHA is not set"))?;
    let head = around
        .id("CI_MERGE_REQUEST_SOURCE_BRANCH_SHA")
        .unwrap_or(commit);
    Ok(Job {
        system: Some(System::GitLab),
        subject: format!("merge request {number}"),
        bases: vec![Start::Commit(base.to_owned())],
        head: head.to_owned(),
        empty: Empty::Wrong,
        word: Word::Base,
    })
}
