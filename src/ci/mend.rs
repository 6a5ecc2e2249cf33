//! The exact lines that mend a job: a deeper clone, a base.

use super::System;

/// Returns the line that makes this system clone enough.
pub(super) fn depth(system: Option<System>) -> &'static str {
    match system {
        None => "git fetch --unshallow    then run guard ci again",
        Some(System::GitHub | System::Gitea) => "actions/checkout:  with: { fetch-depth: 0 }",
        Some(System::GitLab) => ".gitlab-ci.yml, in the job:  variables: { GIT_DEPTH: \"0\" }",
        Some(System::Bitbucket) => "bitbucket-pipelines.yml, in the step:  clone: { depth: full }",
        Some(System::Azure) => {
            "azure-pipelines.yml, first step:  - { checkout: self, fetchDepth: 0 }"
        }
        Some(System::Jenkins) => {
            "Jenkins, checkout:  extensions: [cloneOption(shallow: false, noTags: false)]"
        }
        Some(System::CircleCi) => ".circleci/config.yml:  - checkout: { method: full }",
        Some(System::Buildkite) => "BUILDKITE_GIT_CLONE_FLAGS=\"-v\"    without --depth",
        Some(System::Woodpecker) => {
            ".woodpecker.yml:  clone: { git: { image: woodpeckerci/plugin-git, settings: { partial: false, depth: 0 } } }"
        }
        Some(System::Drone) => ".drone.yml:  clone: { depth: 0 }",
        Some(System::Travis) => ".travis.yml:  git: { depth: false }",
        Some(System::AppVeyor) => "appveyor.yml:  remove clone_depth",
        Some(System::CodeBuild) => "CodeBuild, source:  \"Git clone depth\": Full",
        Some(System::Semaphore) => {
            "checkout --use-cache    or git fetch --unshallow before guard ci"
        }
        Some(System::Cirrus) => ".cirrus.yml:  env: { CIRRUS_CLONE_DEPTH: \"0\" }",
        Some(System::TeamCity) => "TeamCity, build parameter:  teamcity.git.shallowClone=false",
    }
}

/// Returns the line that tells this system's job where the range begins.
pub(super) fn base(system: System) -> &'static str {
    match system {
        System::CircleCi => {
            ".circleci/config.yml:  run: guard ci --base << pipeline.git.base_revision >>"
        }
        System::Bitbucket => {
            "run it under `pull-requests:` in bitbucket-pipelines.yml, or: guard ci --base REV"
        }
        System::Azure => "run it on pull requests (branch policy), or: guard ci --base REV",
        _ => "guard ci --base REV    or, for all of the history: guard history",
    }
}

/// Returns the line that fetches the branch that a range begins at.
pub(super) fn branch(system: Option<System>, branch: &str) -> String {
    // A name of a branch may hold what a shell would read.
    let quoted = branch.replace('\'', "'\\''");
    let fetch = format!("git fetch origin '+refs/heads/{quoted}:refs/remotes/origin/{quoted}'");
    match system {
        Some(System::GitHub | System::Gitea | System::Azure | System::GitLab) => {
            format!("{}    or first: {fetch}", depth(system))
        }
        _ => format!("before guard ci:  {fetch}"),
    }
}
