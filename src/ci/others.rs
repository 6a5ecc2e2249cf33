//! The systems that say what a job is about in a handful of variables each.

use super::{Empty, Job, Refusal, Start, Surroundings, System, Word, short};

/// What the variables of one system say.
#[derive(Default)]
struct Said<'e> {
    /// The number of the pull request.
    pull: Option<&'e str>,
    /// Where a pull request's range begins.
    pull_bases: Vec<Start>,
    /// Its last commit.
    pull_head: Option<&'e str>,
    /// Where a push's range begins.
    push_bases: Vec<Start>,
    /// The last commit of a push, and of a pull request that names no other.
    head: Option<&'e str>,
    /// The branch that was pushed.
    branch: Option<&'e str>,
}

pub(super) fn job(system: System, around: Surroundings<'_>) -> Result<Job, Refusal> {
    let said = said(system, around);
    let head = |first: Option<&str>| first.or(said.head).unwrap_or("HEAD").to_owned();
    let (subject, bases, head) = match said.pull {
        Some(number) => (
            format!("pull request {number}"),
            said.pull_bases,
            head(said.pull_head),
        ),
        None => (
            format!("push to {}", said.branch.map_or("a branch", short)),
            said.push_bases,
            head(None),
        ),
    };
    if bases.is_empty() {
        return Err(system.no_base(format!(
            "{} does not say what a {} is compared with",
            system.name(),
            if said.pull.is_some() {
                "pull request"
            } else {
                "push"
            },
        )));
    }
    Ok(Job {
        system: Some(system),
        subject,
        bases,
        head,
        // A job that is run again has the commit of its last run as the one before.
        empty: if said.pull.is_none() && system == System::Jenkins {
            Empty::Expected
        } else {
            Empty::Wrong
        },
        word: Word::Base,
    })
}

fn said(system: System, around: Surroundings<'_>) -> Said<'_> {
    let yes = |name: &str| around.get(name).filter(|value| *value != "false");
    let commit = |name: &str| start(around.id(name), Start::Commit);
    let branch = |name: &str| start(around.get(name).map(short), Start::Branch);
    let range = |name: &str| start(around.get(name).and_then(first_of_range), Start::Commit);
    match system {
        System::Bitbucket => Said {
            pull: yes("BITBUCKET_PR_ID"),
            // The tip of the destination, at times cut to twelve digits.
            pull_bases: commit("BITBUCKET_PR_DESTINATION_COMMIT"),
            head: around.id("BITBUCKET_COMMIT"),
            branch: around.get("BITBUCKET_BRANCH"),
            ..Said::default()
        },
        System::Azure => Said {
            pull: (around.get("BUILD_REASON") == Some("PullRequest")).then(|| {
                yes("SYSTEM_PULLREQUEST_PULLREQUESTNUMBER")
                    .or(yes("SYSTEM_PULLREQUEST_PULLREQUESTID"))
                    .unwrap_or("?")
            }),
            pull_bases: [
                vec![Start::FirstParent],
                branch("SYSTEM_PULLREQUEST_TARGETBRANCH"),
            ]
            .concat(),
            pull_head: around.id("SYSTEM_PULLREQUEST_SOURCECOMMITID"),
            head: around.id("BUILD_SOURCEVERSION"),
            branch: around.get("BUILD_SOURCEBRANCH"),
            ..Said::default()
        },
        System::Jenkins => Said {
            pull: yes("CHANGE_ID"),
            pull_bases: branch("CHANGE_TARGET"),
            push_bases: [
                commit("GIT_PREVIOUS_SUCCESSFUL_COMMIT"),
                commit("GIT_PREVIOUS_COMMIT"),
            ]
            .concat(),
            head: around.id("GIT_COMMIT"),
            branch: around.get("BRANCH_NAME").or(around.get("GIT_BRANCH")),
            ..Said::default()
        },
        System::CircleCi => Said {
            pull: yes("CIRCLE_PULL_REQUEST").map(|url| url.rsplit('/').next().unwrap_or(url)),
            head: around.id("CIRCLE_SHA1"),
            branch: around.get("CIRCLE_BRANCH"),
            ..Said::default()
        },
        System::Buildkite => {
            let default = around.get("BUILDKITE_PIPELINE_DEFAULT_BRANCH");
            let here = around.get("BUILDKITE_BRANCH");
            Said {
                pull: yes("BUILDKITE_PULL_REQUEST"),
                pull_bases: branch("BUILDKITE_PULL_REQUEST_BASE_BRANCH"),
                push_bases: start(
                    default.filter(|default| here != Some(default)),
                    Start::Branch,
                ),
                head: around.id("BUILDKITE_COMMIT"),
                branch: here,
                ..Said::default()
            }
        }
        System::Woodpecker => Said {
            pull: (around.get("CI_PIPELINE_EVENT") == Some("pull_request"))
                .then(|| around.get("CI_COMMIT_PULL_REQUEST").unwrap_or("?")),
            pull_bases: branch("CI_COMMIT_TARGET_BRANCH"),
            push_bases: commit("CI_PREV_COMMIT_SHA"),
            head: around.id("CI_COMMIT_SHA"),
            branch: around.get("CI_COMMIT_BRANCH"),
            ..Said::default()
        },
        System::Drone => Said {
            pull: (around.get("DRONE_BUILD_EVENT") == Some("pull_request"))
                .then(|| around.get("DRONE_PULL_REQUEST").unwrap_or("?")),
            pull_bases: branch("DRONE_TARGET_BRANCH"),
            push_bases: commit("DRONE_COMMIT_BEFORE"),
            head: around
                .id("DRONE_COMMIT_AFTER")
                .or(around.id("DRONE_COMMIT_SHA")),
            branch: around.get("DRONE_BRANCH"),
            ..Said::default()
        },
        System::Travis => Said {
            pull: yes("TRAVIS_PULL_REQUEST"),
            pull_bases: [range("TRAVIS_COMMIT_RANGE"), branch("TRAVIS_BRANCH")].concat(),
            pull_head: around.id("TRAVIS_PULL_REQUEST_SHA"),
            push_bases: range("TRAVIS_COMMIT_RANGE"),
            head: around.id("TRAVIS_COMMIT"),
            branch: around.get("TRAVIS_BRANCH"),
        },
        _ => said_rarely(system, around),
    }
}

fn said_rarely(system: System, around: Surroundings<'_>) -> Said<'_> {
    let commit = |name: &str| start(around.id(name), Start::Commit);
    let branch = |name: &str| start(around.get(name).map(short), Start::Branch);
    match system {
        System::AppVeyor => Said {
            pull: around.get("APPVEYOR_PULL_REQUEST_NUMBER"),
            pull_bases: branch("APPVEYOR_REPO_BRANCH"),
            pull_head: around.id("APPVEYOR_PULL_REQUEST_HEAD_COMMIT"),
            head: around.id("APPVEYOR_REPO_COMMIT"),
            branch: around.get("APPVEYOR_REPO_BRANCH"),
            ..Said::default()
        },
        System::CodeBuild => {
            let trigger = around.get("CODEBUILD_WEBHOOK_TRIGGER").unwrap_or_default();
            Said {
                pull: trigger.strip_prefix("pr/"),
                pull_bases: branch("CODEBUILD_WEBHOOK_BASE_REF"),
                push_bases: commit("CODEBUILD_WEBHOOK_PREV_COMMIT"),
                head: around.id("CODEBUILD_RESOLVED_SOURCE_VERSION"),
                branch: trigger.strip_prefix("branch/"),
                ..Said::default()
            }
        }
        System::Semaphore => {
            let range = start(
                around
                    .get("SEMAPHORE_GIT_COMMIT_RANGE")
                    .and_then(first_of_range),
                Start::Commit,
            );
            Said {
                pull: around.get("SEMAPHORE_GIT_PR_NUMBER"),
                pull_bases: range.clone(),
                push_bases: range,
                pull_head: around.id("SEMAPHORE_GIT_PR_SHA"),
                head: around.id("SEMAPHORE_GIT_SHA"),
                branch: around.get("SEMAPHORE_GIT_BRANCH"),
            }
        }
        System::Cirrus => Said {
            pull: around.get("CIRRUS_PR"),
            pull_bases: commit("CIRRUS_BASE_SHA"),
            push_bases: commit("CIRRUS_LAST_GREEN_CHANGE"),
            head: around.id("CIRRUS_CHANGE_IN_REPO"),
            branch: around.get("CIRRUS_BRANCH"),
            ..Said::default()
        },
        // Such a job says its base by hand.
        _ => Said::default(),
    }
}

fn start(name: Option<&str>, make: fn(String) -> Start) -> Vec<Start> {
    name.map(|name| make(name.to_owned())).into_iter().collect()
}

/// Returns the first commit of `a...b` or `a..b`.
fn first_of_range(range: &str) -> Option<&str> {
    let (first, _) = range.split_once("..")?;
    Some(first).filter(|first| !first.is_empty() && !super::is_zeros(first))
}
