//! The base of a pull request: what it holds does not block again, and what the pull request accepts by itself does.

use std::collections::{HashMap, HashSet};

use bstr::{BStr, BString, ByteSlice as _};

use super::before::Before;
use super::boundary::Boundary;
use super::{beside, siblings};
use crate::blob::ObjectId;
use crate::detect::Engine;
use crate::finding::{Finding, Fingerprint};
use crate::policy::inline::Comment;
use crate::policy::{Facts, Policy};
use crate::rule::{Kind, Level, Rules};
use crate::source::git::{Git, Object};
use crate::source::pull::{Place, Pull};

/// What stands before a pull request.
pub struct Base<'b> {
    git: Git,
    head: ObjectId,
    boundary: Boundary,
    /// The files of the last tree that the range adds or changes.
    places: HashSet<Place>,
    /// The commits of the range, parents before children.
    order: HashMap<ObjectId, usize>,
    trust: Trust<'b>,
}

/// Whose word counts for what is accepted.
#[derive(Clone, Copy)]
pub enum Trust<'b> {
    /// The pull request's own too.
    Head,
    /// The base's only: what the pull request says is noted.
    Base {
        /// What holds.
        policy: &'b Policy,
        /// The rules as the pull request would have them.
        head_rules: &'b Rules,
        /// The policy as the pull request would have it.
        head_policy: &'b Policy,
    },
}

impl<'b> Base<'b> {
    /// Returns what stands before the range; `commits` are those of the range, parents before children.
    pub fn new(
        git: Git,
        pull: &Pull,
        (base, head): (Option<ObjectId>, ObjectId),
        commits: &[ObjectId],
        trust: Trust<'b>,
    ) -> Self {
        let mut boundary = Boundary::new(git.clone(), pull.revisions().to_vec())
            .touching(pull.touched().iter().cloned());
        if let Some(base) = base {
            boundary = boundary.also(base);
        }
        Base {
            git,
            head,
            boundary,
            places: pull.places(),
            order: commits.iter().copied().zip(0..).collect(),
            trust,
        }
    }

    fn is_last(&self, finding: &Finding) -> bool {
        let provenance = &finding.provenance;
        match (&provenance.path, provenance.blob_id) {
            (Some(path), Some(blob_id)) => self.places.contains(&(path.clone(), blob_id)),
            _ => false,
        }
    }

    /// Names in each finding the first commit with its value, and keeps one of several versions of a file: the last
    /// tree's, or else the first.
    fn join_versions(&self, found: &mut Vec<(Finding, Facts)>) {
        let mut first: HashMap<Fingerprint, (usize, ObjectId)> = HashMap::new();
        let order = |finding: &Finding| {
            let commit_id = finding.provenance.commit_id?;
            Some((*self.order.get(&commit_id)?, commit_id))
        };
        for (finding, _) in found.iter() {
            if let Some(here) = order(finding) {
                let known = first.entry(finding.fingerprint).or_insert(here);
                *known = (*known).min(here);
            }
        }
        let rank = |finding: &Finding| {
            let order = order(finding).map_or(usize::MAX, |(order, _)| order);
            (!self.is_last(finding), order)
        };
        let mut best: HashMap<Version, ((bool, usize), Option<ObjectId>)> = HashMap::new();
        for (finding, _) in found.iter() {
            let this = (rank(finding), finding.provenance.blob_id);
            let known = best.entry(version(finding)).or_insert(this);
            *known = (*known).min(this);
        }
        found.retain(|(finding, _)| {
            let (_, blob_id) = best[&version(finding)];
            finding.provenance.blob_id == blob_id
        });
        for (finding, _) in found.iter_mut() {
            // A message has no versions, and is where it is.
            if finding.provenance.blob_id.is_none() {
                continue;
            }
            finding.trace.in_head = Some(self.is_last(finding));
            if let Some((_, commit_id)) = first.get(&finding.fingerprint) {
                finding.provenance.commit_id = Some(*commit_id);
            }
        }
    }

    /// Adds who wrote the commits that are named, and when.
    fn name_authors(&self, found: &mut [(Finding, Facts)]) {
        let ids: HashSet<ObjectId> = found
            .iter()
            .filter_map(|(finding, _)| finding.provenance.commit_id)
            .filter(|id| self.order.contains_key(id))
            .collect();
        if ids.is_empty() {
            return;
        }
        let Ok(mut objects) = self.git.objects() else {
            return;
        };
        let authors: HashMap<ObjectId, (String, String)> = ids
            .into_iter()
            .filter_map(|id| match objects.read(&id) {
                Ok(Object::Found { bytes, .. }) => Some((id, author(&bytes)?)),
                _ => None,
            })
            .collect();
        for (finding, _) in found.iter_mut() {
            let commit_id = finding.provenance.commit_id;
            if let Some((author, date)) = commit_id.and_then(|id| authors.get(&id)) {
                finding.trace.author = Some(author.clone());
                finding.trace.date = Some(date.clone());
            }
        }
    }

    /// Takes the pull request's own word out of the facts, and notes it.
    fn distrust(&self, engine: &Engine, finding: &Finding, facts: &mut Facts) {
        let Trust::Base {
            policy,
            head_rules,
            head_policy,
        } = self.trust
        else {
            return;
        };
        let holds = |policy: &Policy| {
            let mut about = policy.allow.iter().filter(|allow| allow.is_about(finding));
            about.find(|allow| !allow.has_lapsed(policy.today)).cloned()
        };
        if facts.held_before || holds(policy).is_some() {
            return;
        }
        let comment = match facts.comment.take() {
            Some(Comment::Allow { reason }) if !reason.is_empty() => {
                Some(format!("a comment beside it: {reason}"))
            }
            Some(Comment::OtherSecret(words)) if finding.kind == Kind::Secret => {
                Some(format!("`{words}` beside it"))
            }
            Some(Comment::OtherSetting(words)) if finding.kind == Kind::Config => {
                Some(format!("`{words}` beside it"))
            }
            other => {
                facts.comment = other;
                None
            }
        };
        let level = head_rules
            .find(&finding.rule_id)
            .map_or(Level::Off, |index| head_rules.level(index));
        let skips = |path: &BString| head_policy.skip.skips(path);
        facts.proposed = comment
            .or_else(|| holds(head_policy).map(|allow| format!("guard.toml: {}", allow.reason)))
            .or_else(|| {
                let is_lower = level < engine.rules().level(finding.rule);
                is_lower.then(|| "guard.toml: the rule".to_owned())
            })
            .or_else(|| {
                let path = finding.provenance.path.as_ref();
                path.is_some_and(skips)
                    .then(|| "guard.toml: paths.skip".to_owned())
            });
    }
}

/// Returns who wrote a commit, and when, from its text: `author Ada <ada@example.com> 1772366400 +0000`.
fn author(commit: &[u8]) -> Option<(String, String)> {
    let mut head = commit.lines().take_while(|line| !line.is_empty());
    let line = head.find_map(|line| line.strip_prefix(b"author "))?;
    let (rest, _zone) = line.rsplit_once_str(" ")?;
    let (name, seconds) = rest.rsplit_once_str(" ")?;
    let seconds: i64 = seconds.to_str().ok()?.parse().ok()?;
    let date = jiff::Timestamp::from_second(seconds).ok()?.to_string();
    Some((name.to_str_lossy().into_owned(), date))
}

/// What is the same in several versions of a file.
type Version = (usize, Fingerprint, Option<BString>);

fn version(finding: &Finding) -> Version {
    let provenance = &finding.provenance;
    (
        usize::from(finding.rule.0),
        finding.fingerprint,
        provenance.path.clone(),
    )
}

impl Before for Base<'_> {
    fn look(&self, engine: &Engine, found: &mut Vec<(Finding, Facts)>) {
        // A setting that a later commit of the range mended is no fault of what would be merged.
        found.retain(|(finding, _)| finding.kind != Kind::Config || self.is_last(finding));
        self.boundary.look(engine, found);
        self.join_versions(found);
        self.name_authors(found);
        for (finding, facts) in found.iter_mut() {
            self.distrust(engine, finding, facts);
        }
        found.sort_by(|(a, _), (b, _)| a.order().cmp(&b.order()));
    }

    fn siblings(&self, path: &BStr) -> Vec<(BString, Vec<u8>)> {
        siblings::in_tree(&self.git, &self.head.to_string(), path)
    }

    fn tree(&self) -> Option<beside::Tree> {
        let files = self.git.files(&self.head.to_string()).ok()?;
        Some(beside::Tree::of(files.into_iter().map(|(path, _)| path)))
    }

    fn changed(&self) -> Option<HashSet<BString>> {
        Some(self.places.iter().map(|(path, _)| path.clone()).collect())
    }
}
