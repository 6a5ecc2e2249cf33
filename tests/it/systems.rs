//! Each CI system, by what it sets for a pull request, a push, a new branch, a forced push, a merge queue, a fork and a
//! shallow clone: the right two commits, or a refusal with the line that mends the job.
//!
//! The variables and events are written after each vendor's documentation, cut down to what is read and what could
//! mislead.

use std::collections::BTreeMap;

use guard::ci::{Empty, Job, Refusal, Start, Surroundings, Word, job};

use crate::repo::Repo;

const A: &str = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
const B: &str = "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb";
const C: &str = "cccccccccccccccccccccccccccccccccccccccc";
const ZEROS: &str = "0000000000000000000000000000000000000000";

fn told(variables: &[(&str, &str)], event: Option<&str>) -> Result<Job, Refusal> {
    let variables: BTreeMap<String, String> = variables
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect();
    job(Surroundings {
        variables: &variables,
        event,
    })
}

/// Writes a job as one line.
fn line(job: &Job) -> String {
    let bases: Vec<String> = job
        .bases
        .iter()
        .map(|base| match base {
            Start::Commit(id) => id.clone(),
            Start::Branch(name) => format!("branch {name}"),
            Start::FirstParent => "HEAD^1".to_owned(),
            Start::Nothing => "nothing".to_owned(),
        })
        .collect();
    let empty = if job.empty == Empty::Expected {
        ", may be empty"
    } else {
        ""
    };
    let word = if job.word == Word::Head {
        ", trusted"
    } else {
        ""
    };
    format!("{job}: {} .. {}{empty}{word}", bases.join(" or "), job.head)
}

#[track_caller]
fn is(variables: &[(&str, &str)], expected: &str) {
    let job = told(variables, None).unwrap_or_else(|refusal| panic!("refused: {refusal}"));
    assert_eq!(line(&job), expected);
}

#[track_caller]
fn refuses(variables: &[(&str, &str)], mend: &str) {
    let refusal = told(variables, None)
        .map(|job| line(&job))
        .expect_err("no base");
    assert!(refusal.mend.contains(mend), "{refusal}");
}

#[track_caller]
fn github(name: &str, event: &str, expected: &str) {
    let variables = [
        ("CI", "true"),
        ("GITHUB_ACTIONS", "true"),
        ("GITHUB_EVENT_NAME", name),
    ];
    let job = told(&variables, Some(event)).unwrap_or_else(|refusal| panic!("refused: {refusal}"));
    assert_eq!(line(&job), expected);
}

#[test]
fn github_says_it_in_the_event_file() {
    let pull = format!(
        r#"{{"action":"synchronize","number":61,"before":"{C}","after":"{C}","pull_request":{{"number":61,
        "base":{{"ref":"main","sha":"{A}"}},"head":{{"ref":"topic","sha":"{B}","repo":{{"fork":true}}}},
        "merge_commit_sha":"{C}"}}}}"#
    );
    github(
        "pull_request",
        &pull,
        &format!("GitHub pull request 61: {A} .. {B}"),
    );
    github(
        "pull_request_target",
        &pull,
        &format!("GitHub pull request 61 (target): {A} .. {B}"),
    );
    let queue = format!(
        r#"{{"merge_group":{{"base_sha":"{A}","head_sha":"{B}","base_ref":"refs/heads/main"}}}}"#
    );
    github(
        "merge_group",
        &queue,
        &format!("GitHub merge queue: {A} .. {B}"),
    );
    let push = |reference: &str, before: &str, after: &str, forced: bool| {
        format!(
            r#"{{"ref":"{reference}","before":"{before}","after":"{after}","forced":{forced},"created":false,
            "repository":{{"default_branch":"main"}}}}"#
        )
    };
    github(
        "push",
        &push("refs/heads/main", A, B, false),
        &format!("GitHub push to main: {A} .. {B}, trusted"),
    );
    github(
        "push",
        &push("refs/heads/topic", A, B, false),
        &format!("GitHub push to topic: {A} .. {B}"),
    );
    // A new branch has no before; what a forced push left behind may be gone.
    github(
        "push",
        &push("refs/heads/topic", ZEROS, B, false),
        &format!("GitHub push to topic: branch main .. {B}, may be empty"),
    );
    github(
        "push",
        &push("refs/heads/topic", A, B, true),
        &format!("GitHub push to topic: {A} or branch main .. {B}, may be empty"),
    );
    github(
        "push",
        &push("refs/heads/main", A, B, true),
        &format!("GitHub push to main: {A} .. {B}, may be empty, trusted"),
    );
    github(
        "push",
        &push("refs/heads/main", ZEROS, B, false),
        &format!("GitHub push to main: nothing .. {B}, may be empty, trusted"),
    );
    github(
        "push",
        &push("refs/tags/v1", ZEROS, B, false),
        &format!("GitHub push to v1: branch main .. {B}, may be empty"),
    );
    github(
        "push",
        &push("refs/heads/topic", A, ZEROS, false),
        "GitHub push to topic: HEAD .. HEAD, may be empty",
    );
    // Gitea and Forgejo speak the same, and say so beside it.
    let gitea = [
        ("GITHUB_ACTIONS", "true"),
        ("GITEA_ACTIONS", "true"),
        ("GITHUB_EVENT_NAME", "pull_request"),
    ];
    let job = told(&gitea, Some(&pull)).expect("a job");
    assert_eq!(line(&job), format!("Gitea pull request 61: {A} .. {B}"));
}

#[test]
fn github_events_without_a_base_are_refused() {
    for (name, event) in [
        ("schedule", Some("{}")),
        ("workflow_dispatch", Some("{}")),
        ("pull_request", Some("{}")),
        ("pull_request", Some("not JSON")),
        ("pull_request", None),
        ("push", Some("{\"before\": 1}")),
    ] {
        let variables = [("GITHUB_ACTIONS", "true"), ("GITHUB_EVENT_NAME", name)];
        let refusal = told(&variables, event).expect_err("no base");
        assert!(refusal.mend.contains("guard ci --base REV"), "{refusal}");
    }
}

#[test]
fn gitlab_says_it_in_variables() {
    let pull = [
        ("GITLAB_CI", "true"),
        ("CI_PIPELINE_SOURCE", "merge_request_event"),
        ("CI_MERGE_REQUEST_IID", "7"),
        ("CI_MERGE_REQUEST_DIFF_BASE_SHA", A),
        ("CI_COMMIT_SHA", B),
        ("CI_COMMIT_BEFORE_SHA", ZEROS),
    ];
    is(&pull, &format!("GitLab merge request 7: {A} .. {B}"));
    // Merged results: HEAD is a merge that GitLab made.
    let merged = [&pull[..], &[("CI_MERGE_REQUEST_SOURCE_BRANCH_SHA", C)]].concat();
    is(&merged, &format!("GitLab merge request 7: {A} .. {C}"));
    let empty = [&pull[..], &[("CI_MERGE_REQUEST_SOURCE_BRANCH_SHA", "")]].concat();
    is(&empty, &format!("GitLab merge request 7: {A} .. {B}"));
    let push = |branch, before| {
        [
            ("GITLAB_CI", "true"),
            ("CI_PIPELINE_SOURCE", "push"),
            ("CI_COMMIT_BRANCH", branch),
            ("CI_DEFAULT_BRANCH", "main"),
            ("CI_COMMIT_BEFORE_SHA", before),
            ("CI_COMMIT_SHA", B),
        ]
    };
    is(
        &push("main", A),
        &format!("GitLab push to main: {A} .. {B}, trusted"),
    );
    is(
        &push("topic", A),
        &format!("GitLab push to topic: {A} or branch main .. {B}"),
    );
    is(
        &push("topic", ZEROS),
        &format!("GitLab push to topic: branch main .. {B}, may be empty"),
    );
    is(
        &push("main", ZEROS),
        &format!("GitLab push to main: nothing .. {B}, may be empty, trusted"),
    );
    refuses(
        &[
            ("GITLAB_CI", "true"),
            ("CI_PIPELINE_SOURCE", "schedule"),
            ("CI_COMMIT_SHA", B),
        ],
        "guard history",
    );
}

#[test]
fn bitbucket_and_azure_say_it_in_variables() {
    let bitbucket = [
        ("BITBUCKET_COMMIT", B),
        ("BITBUCKET_PR_ID", "3"),
        ("BITBUCKET_PR_DESTINATION_COMMIT", "aaaaaaaaaaaa"),
        ("BITBUCKET_BRANCH", "topic"),
    ];
    is(
        &bitbucket,
        &format!("Bitbucket pull request 3: aaaaaaaaaaaa .. {B}"),
    );
    refuses(
        &[("BITBUCKET_COMMIT", B), ("BITBUCKET_BRANCH", "topic")],
        "pull-requests:",
    );

    let azure = [
        ("TF_BUILD", "True"),
        ("BUILD_REASON", "PullRequest"),
        ("SYSTEM_PULLREQUEST_PULLREQUESTNUMBER", "5"),
        ("SYSTEM_PULLREQUEST_TARGETBRANCH", "refs/heads/main"),
        ("SYSTEM_PULLREQUEST_SOURCECOMMITID", B),
        ("BUILD_SOURCEVERSION", C),
    ];
    is(
        &azure,
        &format!("Azure Pipelines pull request 5: HEAD^1 or branch main .. {B}"),
    );
    refuses(
        &[("TF_BUILD", "True"), ("BUILD_REASON", "IndividualCI")],
        "branch policy",
    );
}

#[test]
fn build_servers_say_it_in_variables() {
    let jenkins = [
        ("JENKINS_URL", "https://ci.example.com/"),
        ("CHANGE_ID", "9"),
        ("CHANGE_TARGET", "main"),
        ("GIT_COMMIT", B),
    ];
    is(
        &jenkins,
        &format!("Jenkins pull request 9: branch main .. {B}"),
    );
    let jenkins = [
        ("JENKINS_URL", "https://ci.example.com/"),
        ("GIT_PREVIOUS_SUCCESSFUL_COMMIT", A),
        ("GIT_PREVIOUS_COMMIT", C),
        ("GIT_COMMIT", B),
        ("BRANCH_NAME", "main"),
    ];
    is(
        &jenkins,
        &format!("Jenkins push to main: {A} or {C} .. {B}, may be empty"),
    );

    refuses(
        &[
            ("CIRCLECI", "true"),
            ("CIRCLE_SHA1", B),
            ("CIRCLE_BRANCH", "topic"),
        ],
        "<< pipeline.git.base_revision >>",
    );

    let buildkite = [
        ("BUILDKITE", "true"),
        ("BUILDKITE_PULL_REQUEST", "2"),
        ("BUILDKITE_PULL_REQUEST_BASE_BRANCH", "main"),
        ("BUILDKITE_COMMIT", B),
    ];
    is(
        &buildkite,
        &format!("Buildkite pull request 2: branch main .. {B}"),
    );
    let buildkite = [
        ("BUILDKITE", "true"),
        ("BUILDKITE_PULL_REQUEST", "false"),
        ("BUILDKITE_PULL_REQUEST_BASE_BRANCH", ""),
        ("BUILDKITE_PIPELINE_DEFAULT_BRANCH", "main"),
        ("BUILDKITE_BRANCH", "topic"),
        ("BUILDKITE_COMMIT", B),
    ];
    is(
        &buildkite,
        &format!("Buildkite push to topic: branch main .. {B}"),
    );

    let drone = [
        ("DRONE", "true"),
        ("DRONE_BUILD_EVENT", "pull_request"),
        ("DRONE_PULL_REQUEST", "4"),
        ("DRONE_TARGET_BRANCH", "main"),
        ("DRONE_COMMIT_AFTER", B),
    ];
    is(&drone, &format!("Drone pull request 4: branch main .. {B}"));
    let drone = [
        ("DRONE", "true"),
        ("DRONE_BUILD_EVENT", "push"),
        ("DRONE_BRANCH", "main"),
        ("DRONE_COMMIT_BEFORE", A),
        ("DRONE_COMMIT_AFTER", B),
    ];
    is(&drone, &format!("Drone push to main: {A} .. {B}"));

    let woodpecker = [
        ("CI", "woodpecker"),
        ("CI_PIPELINE_EVENT", "pull_request"),
        ("CI_COMMIT_PULL_REQUEST", "8"),
        ("CI_COMMIT_TARGET_BRANCH", "main"),
        ("CI_COMMIT_SHA", B),
    ];
    is(
        &woodpecker,
        &format!("Woodpecker pull request 8: branch main .. {B}"),
    );
}

#[test]
fn hosted_systems_say_it_in_variables() {
    let travis = [
        ("TRAVIS", "true"),
        ("TRAVIS_PULL_REQUEST", "6"),
        ("TRAVIS_BRANCH", "main"),
        ("TRAVIS_COMMIT_RANGE", &format!("{A}...{B}")),
        ("TRAVIS_PULL_REQUEST_SHA", B),
        ("TRAVIS_COMMIT", C),
    ];
    is(
        &travis,
        &format!("Travis CI pull request 6: {A} or branch main .. {B}"),
    );
    refuses(
        &[
            ("TRAVIS", "true"),
            ("TRAVIS_PULL_REQUEST", "false"),
            ("TRAVIS_COMMIT_RANGE", ""),
        ],
        "guard ci --base REV",
    );

    is(
        &[
            ("APPVEYOR", "True"),
            ("APPVEYOR_PULL_REQUEST_NUMBER", "1"),
            ("APPVEYOR_REPO_BRANCH", "main"),
            ("APPVEYOR_PULL_REQUEST_HEAD_COMMIT", B),
        ],
        &format!("AppVeyor pull request 1: branch main .. {B}"),
    );
    is(
        &[
            ("CODEBUILD_BUILD_ARN", "arn"),
            ("CODEBUILD_WEBHOOK_TRIGGER", "pr/12"),
            ("CODEBUILD_WEBHOOK_BASE_REF", "refs/heads/main"),
            ("CODEBUILD_RESOLVED_SOURCE_VERSION", B),
        ],
        &format!("CodeBuild pull request 12: branch main .. {B}"),
    );
    is(
        &[
            ("SEMAPHORE", "true"),
            ("SEMAPHORE_GIT_COMMIT_RANGE", &format!("{A}...{B}")),
            ("SEMAPHORE_GIT_SHA", B),
        ],
        &format!("Semaphore push to a branch: {A} .. {B}"),
    );
    is(
        &[
            ("CIRRUS_CI", "true"),
            ("CIRRUS_PR", "3"),
            ("CIRRUS_BASE_SHA", A),
            ("CIRRUS_CHANGE_IN_REPO", B),
        ],
        &format!("Cirrus CI pull request 3: {A} .. {B}"),
    );
    refuses(&[("TEAMCITY_VERSION", "2025.1")], "guard ci --base REV");
}

#[test]
fn no_system_and_detection_switched_off_ask_for_a_base() {
    refuses(&[], "guard ci --base REV");
    refuses(
        &[("CI", "false"), ("GITHUB_ACTIONS", "true")],
        "guard ci --base REV",
    );
}

/// Makes what a pull request job sees: a bare origin, a branch with a secret, and its clone with the merge checked out.
fn pull_request() -> (Repo, [String; 3]) {
    let repo = Repo::new();
    repo.write("a.txt", "a\n").stage();
    repo.commit("first");
    repo.git(["checkout", "-q", "-b", "topic"]).ok();
    for name in ["one", "two"] {
        repo.write(name, name).stage();
        repo.commit(name);
    }
    repo.write("app.env", "TOKEN={{github:ghp_}}\n").stage();
    repo.commit("three");
    repo.git(["checkout", "-q", "main"]).ok();
    repo.write("b.txt", "b\n").stage();
    repo.commit("main moves on");
    repo.git(["checkout", "-q", "--detach"]).ok();
    repo.git(["merge", "-q", "--no-ff", "-m", "Merge", "topic"])
        .ok();
    repo.git(["branch", "-q", "pull/1/merge"]).ok();
    let ids = ["main", "topic", "HEAD"].map(|name| repo.id(name));
    (repo, ids)
}

#[test]
fn the_merge_that_a_system_checks_out_is_looked_at_as_the_pull_request() {
    let (mut repo, [main, topic, merge]) = pull_request();
    let event = format!(
        r#"{{"pull_request":{{"number":1,"base":{{"sha":"{main}"}},"head":{{"sha":"{topic}"}}}}}}"#
    );
    let file = repo.room().join("event.json");
    fs_err::write(&file, event).unwrap();
    repo.set("GITHUB_ACTIONS", "true")
        .set("GITHUB_EVENT_NAME", "pull_request")
        .set("GITHUB_EVENT_PATH", &file);
    repo.guard(["ci"]).ends(1).says(&format!(
        "GitHub pull request 1: 3 commits, {} … {}",
        &main[..7],
        &topic[..7]
    ));
    let url = format!("file://{}", repo.top().display());
    // The default of actions/checkout, and one commit more: the parents are there, and cut off.
    for (depth, says) in [
        ("1", "is not in this clone (shallow)"),
        ("2", "cut off inside the range"),
    ] {
        let folder = format!("../depth-{depth}");
        repo.git([
            "clone",
            "-q",
            "--depth",
            depth,
            "--branch",
            "pull/1/merge",
            &url,
            &folder,
        ])
        .ok();
        repo.at(&folder)
            .guard(["ci"])
            .ends(2)
            .says(says)
            .says("actions/checkout:  with: { fetch-depth: 0 }");
    }
    repo.unset("GITHUB_ACTIONS")
        .set("TF_BUILD", "True")
        .set("BUILD_REASON", "PullRequest")
        .set("SYSTEM_PULLREQUEST_PULLREQUESTID", "1")
        .set("SYSTEM_PULLREQUEST_SOURCECOMMITID", &topic)
        .set("BUILD_SOURCEVERSION", &merge);
    repo.guard(["ci"])
        .ends(1)
        .says("Azure Pipelines pull request 1: 3 commits");
    repo.git(["checkout", "-q", "topic"]).ok();
    repo.guard(["ci"]).ends(2).says("fetchDepth: 0");
}

#[test]
fn a_target_branch_that_was_not_fetched_is_named_with_the_command_that_fetches_it() {
    let (mut repo, [_, topic, _]) = pull_request();
    let url = format!("file://{}", repo.top().display());
    repo.git([
        "clone",
        "-q",
        "--single-branch",
        "--branch",
        "topic",
        &url,
        "../job",
    ])
    .ok();
    repo.set("JENKINS_URL", "https://ci.example.com/")
        .set("CHANGE_ID", "1")
        .set("CHANGE_TARGET", "main")
        .set("GIT_COMMIT", &topic);
    let fetch = "git fetch origin '+refs/heads/main:refs/remotes/origin/main'";
    repo.at("../job").guard(["ci"]).ends(2).says(fetch);
    repo.at("../job")
        .git([
            "fetch",
            "-q",
            "origin",
            "+refs/heads/main:refs/remotes/origin/main",
        ])
        .ok();
    repo.at("../job")
        .guard(["ci"])
        .ends(1)
        .says("Jenkins pull request 1: 3 commits");
}
