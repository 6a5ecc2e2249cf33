//! What a job's words name in this clone: two commits, and those between them.

use anyhow::anyhow;

use crate::blob::ObjectId;
use crate::ci::{Job, Refusal, Start};
use crate::source::git::Git;
use crate::source::range::{commits, grafts};

/// A range of commits that are all in this clone.
pub(super) struct Resolved {
    /// The commit the range begins after; `None` where it has no beginning.
    pub(super) base: Option<ObjectId>,
    /// Its last commit.
    pub(super) head: ObjectId,
    /// Its commits, parents before children.
    pub(super) commits: Vec<ObjectId>,
    /// A commit in it whose parents are cut off, where that was accepted.
    pub(super) cut_off: Option<ObjectId>,
}

/// Returns a refusal as the error that ends the run.
pub(super) fn refused(refusal: &Refusal) -> anyhow::Error {
    let mend = refusal.mend.replace('\n', "\n       ");
    anyhow!(
        "{}\n       {mend}\n       exit 2, nothing was scanned",
        refusal.problem
    )
}

impl Resolved {
    pub(super) fn new(git: &Git, job: &Job) -> anyhow::Result<Self> {
        let depth = depth(git);
        let head = git.commit(&job.head).ok_or_else(|| {
            refused(&job.not_deep_enough(format!(
                "head commit {} is not in this clone{depth}",
                shown(&job.head)
            )))
        })?;
        let mut first_refusal = None;
        for start in &job.bases {
            match base(git, start, &head, job) {
                Ok(base) => {
                    let mut revisions = vec![head.to_string()];
                    revisions.extend(base.map(|base| format!("^{base}")));
                    return Ok(Resolved {
                        base,
                        head,
                        commits: commits(git, &revisions)?,
                        cut_off: None,
                    });
                }
                Err(mut refusal) => {
                    refusal.problem.push_str(&depth);
                    first_refusal.get_or_insert(refusal);
                }
            }
        }
        let none = || job.not_deep_enough(format!("{job}: there is nothing to compare with"));
        Err(refused(&first_refusal.unwrap_or_else(none)))
    }

    /// Refuses a range in which the clone ends, unless that is accepted: then what is there is looked at.
    pub(super) fn check_depth(&mut self, git: &Git, job: &Job, allow: bool) -> anyhow::Result<()> {
        let grafts = grafts(git)?;
        let Some(graft) = self.commits.iter().find(|id| grafts.contains(id)) else {
            return Ok(());
        };
        if allow {
            self.cut_off = Some(*graft);
            return Ok(());
        }
        Err(refused(&job.not_deep_enough(format!(
            "the history of this clone is cut off inside the range, at {graft:.10}{}",
            depth(git)
        ))))
    }
}

fn base(git: &Git, start: &Start, head: &ObjectId, job: &Job) -> Result<Option<ObjectId>, Refusal> {
    match start {
        Start::Nothing => Ok(None),
        Start::Commit(name) => git.commit(name).map(Some).ok_or_else(|| {
            job.not_deep_enough(format!("base commit {} is not in this clone", shown(name)))
        }),
        Start::Branch(name) => {
            let places = ["refs/remotes/origin", "refs/remotes/upstream", "refs/heads"];
            let mut tips = places
                .iter()
                .filter_map(|place| git.commit(&format!("{place}/{name}")));
            tips.next().map(Some).ok_or_else(|| job.not_fetched(name))
        }
        Start::FirstParent => {
            let is_merge = git.commit("HEAD^2").is_some_and(|second| second == *head);
            let parent = git.commit("HEAD^1").filter(|_| is_merge);
            parent.map(Some).ok_or_else(|| {
                job.not_deep_enough("HEAD is not the merge of this pull request".to_owned())
            })
        }
    }
}

/// Returns a revision as it may be shown: an id is cut short.
fn shown(revision: &str) -> String {
    let text = crate::finding::printable(revision.as_bytes());
    match ObjectId::from_hex(revision.as_bytes()) {
        Some(id) => format!("{id:.10}"),
        None => text,
    }
}

/// Returns how a shallow clone is called in a message.
fn depth(git: &Git) -> String {
    match grafts(git) {
        Ok(grafts) if !grafts.is_empty() => " (shallow)".to_owned(),
        _ => String::new(),
    }
}
