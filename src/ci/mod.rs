//! A CI system says in its environment which commits a job is about; this reads it, and knows the line that mends a
//! job that says too little.
//!
//! It is pure: variables and the text of the event file come in, a range or a refusal comes out. The names of the
//! variables are those of each vendor's documentation.

mod github;
mod gitlab;
mod mend;
mod others;

use std::collections::BTreeMap;
use std::fmt;

/// A CI system.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum System {
    /// GitHub Actions.
    GitHub,
    /// Gitea or Forgejo Actions, which speak as GitHub does.
    Gitea,
    /// GitLab CI.
    GitLab,
    /// Bitbucket Pipelines.
    Bitbucket,
    /// Azure Pipelines.
    Azure,
    /// Jenkins.
    Jenkins,
    /// CircleCI.
    CircleCi,
    /// Buildkite.
    Buildkite,
    /// Woodpecker.
    Woodpecker,
    /// Drone.
    Drone,
    /// Travis CI.
    Travis,
    /// AppVeyor.
    AppVeyor,
    /// AWS CodeBuild.
    CodeBuild,
    /// Semaphore.
    Semaphore,
    /// Cirrus CI.
    Cirrus,
    /// TeamCity.
    TeamCity,
}

/// What a job is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Job {
    /// The system, or `None` where a person gave base and head.
    pub system: Option<System>,
    /// What is looked at, as a person calls it: "pull request 61", "push to main".
    pub subject: String,
    /// Where the range may begin: the first of these that is in the clone does.
    pub bases: Vec<Start>,
    /// Where the range ends: a revision.
    pub head: String,
    /// Whether a range without commits is as it should be.
    pub empty: Empty,
    /// Whose configuration counts.
    pub word: Word,
}

/// Whose configuration counts for what is accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Word {
    /// The base's: a pull request cannot accept its own findings.
    Base,
    /// The head's: it is in the default branch already, so somebody let it in.
    Head,
}

/// Where a range may begin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Start {
    /// At this commit, given by its id or another revision.
    Commit(String),
    /// At the tip of this branch of the remote, or of this clone.
    Branch(String),
    /// At the first parent of HEAD, where HEAD is the merge that the system made to test it.
    FirstParent,
    /// Nowhere: everything that the head reaches is new.
    Nothing,
}

/// Whether a range without commits is as it should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Empty {
    /// It is: a tag on a commit that is known, a branch that was set back.
    Expected,
    /// It is not: somebody named the wrong commits.
    Wrong,
}

/// Why no range can be told, and the line that mends it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{problem}\n{mend}")]
pub struct Refusal {
    /// What is wrong.
    pub problem: String,
    /// What to write, where.
    pub mend: String,
}

/// The environment of a job.
#[derive(Debug, Clone, Copy)]
pub struct Surroundings<'e> {
    /// The variables.
    pub variables: &'e BTreeMap<String, String>,
    /// The text of the file that `GITHUB_EVENT_PATH` names, where there is one.
    pub event: Option<&'e str>,
}

impl<'e> Surroundings<'e> {
    /// Returns the value of a variable that is set to something.
    fn get(&self, name: &str) -> Option<&'e str> {
        self.variables
            .get(name)
            .map(|value| value.trim())
            .filter(|value| !value.is_empty())
    }

    /// Tells whether the variable is set to anything but a no.
    fn is_set(&self, name: &str) -> bool {
        self.get(name)
            .is_some_and(|value| !["false", "0"].contains(&value))
    }

    /// Returns the object id in a variable, unless it is all zeros: the word for "no commit".
    fn id(&self, name: &str) -> Option<&'e str> {
        self.get(name).filter(|id| !is_zeros(id))
    }
}

/// Returns which system the job runs in.
pub fn system(around: Surroundings<'_>) -> Option<System> {
    // Who sets `CI=false` wants no detection (ci-info's convention).
    if around.get("CI").is_some_and(|value| value == "false") {
        return None;
    }
    if around.get("CI") == Some("woodpecker") {
        return Some(System::Woodpecker);
    }
    let table = [
        ("GITEA_ACTIONS", System::Gitea),
        ("FORGEJO_ACTIONS", System::Gitea),
        ("GITHUB_ACTIONS", System::GitHub),
        ("GITLAB_CI", System::GitLab),
        ("BITBUCKET_COMMIT", System::Bitbucket),
        ("TF_BUILD", System::Azure),
        ("CIRCLECI", System::CircleCi),
        ("BUILDKITE", System::Buildkite),
        ("DRONE", System::Drone),
        ("TRAVIS", System::Travis),
        ("APPVEYOR", System::AppVeyor),
        ("CODEBUILD_BUILD_ARN", System::CodeBuild),
        ("SEMAPHORE", System::Semaphore),
        ("CIRRUS_CI", System::Cirrus),
        ("TEAMCITY_VERSION", System::TeamCity),
        ("JENKINS_URL", System::Jenkins),
    ];
    let named = table.iter().find(|(name, _)| around.is_set(name));
    named.map(|(_, system)| *system)
}

/// Returns what the job is about.
///
/// # Errors
/// Returns a refusal with the line that mends the job where the environment does not say.
pub fn job(around: Surroundings<'_>) -> Result<Job, Refusal> {
    let Some(system) = system(around) else {
        return Err(Refusal {
            problem: "no CI system is known by this environment".to_owned(),
            mend: "guard ci --base REV    the commit that the branch is compared with".to_owned(),
        });
    };
    match system {
        System::GitHub | System::Gitea => github::job(system, around),
        System::GitLab => gitlab::job(around),
        other => others::job(other, around),
    }
}

impl System {
    /// Returns the name that its makers give it.
    pub fn name(self) -> &'static str {
        match self {
            System::GitHub => "GitHub",
            System::Gitea => "Gitea",
            System::GitLab => "GitLab",
            System::Bitbucket => "Bitbucket",
            System::Azure => "Azure Pipelines",
            System::Jenkins => "Jenkins",
            System::CircleCi => "CircleCI",
            System::Buildkite => "Buildkite",
            System::Woodpecker => "Woodpecker",
            System::Drone => "Drone",
            System::Travis => "Travis CI",
            System::AppVeyor => "AppVeyor",
            System::CodeBuild => "CodeBuild",
            System::Semaphore => "Semaphore",
            System::Cirrus => "Cirrus CI",
            System::TeamCity => "TeamCity",
        }
    }

    /// Returns the refusal of a job that does not say where its range begins.
    fn no_base(self, problem: impl Into<String>) -> Refusal {
        Refusal {
            problem: problem.into(),
            mend: mend::base(self).to_owned(),
        }
    }
}

impl Job {
    /// Returns the refusal for a commit that is not in the clone, or whose history is cut off.
    pub fn not_deep_enough(&self, problem: impl Into<String>) -> Refusal {
        Refusal {
            problem: problem.into(),
            mend: mend::depth(self.system).to_owned(),
        }
    }

    /// Returns the refusal for a branch that was not fetched.
    pub fn not_fetched(&self, branch: &str) -> Refusal {
        Refusal {
            problem: format!("the branch {branch} is not in this clone"),
            mend: mend::branch(self.system, branch),
        }
    }
}

impl fmt::Display for Job {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.system {
            Some(system) => write!(f, "{} {}", system.name(), self.subject),
            None => f.write_str(&self.subject),
        }
    }
}

/// Tells whether an object id is all zeros, of either length.
fn is_zeros(id: &str) -> bool {
    id.len() >= 40 && id.bytes().all(|byte| byte == b'0')
}

/// Returns the name of a branch without what git puts in front of it.
fn short(branch: &str) -> &str {
    branch.strip_prefix("refs/heads/").unwrap_or(branch)
}
