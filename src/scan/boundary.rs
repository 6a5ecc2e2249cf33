//! What the other side of a range of commits holds already: it does not block again.

use std::collections::HashSet;

use bstr::{BString, ByteSlice as _};

use super::before::Before;
use crate::blob::{Blob, ObjectId, Origin, Provenance, Regions};
use crate::detect::Engine;
use crate::finding::{Finding, Fingerprint};
use crate::policy::Facts;
use crate::rule::Level;
use crate::secret::Digest;
use crate::source::git::{Git, Object};

/// The most files of the other side that are read; of a larger tree, only the paths of the findings and those that
/// the range touches.
const FILES: usize = 20_000;
/// The most commits at the boundary whose trees are looked at, the newest first.
const COMMITS: usize = 64;

/// The commits at which a range begins: those that are not in it, and are parents of one that is.
pub struct Boundary {
    git: Git,
    revisions: Vec<String>,
    also: Vec<ObjectId>,
    touched: HashSet<BString>,
}

/// What is known of the other side.
#[derive(Default)]
struct Held {
    secrets: HashSet<Digest>,
    others: HashSet<(Fingerprint, Option<BString>)>,
}

impl Boundary {
    /// Returns the boundary of these revisions, as `git rev-list` takes them.
    pub fn new(git: Git, revisions: Vec<String>) -> Self {
        Boundary {
            git,
            revisions,
            also: Vec::new(),
            touched: HashSet::new(),
        }
    }

    /// Returns the boundary of no range: what is known is only what is added.
    pub fn nowhere(git: Git) -> Self {
        Self::new(git, Vec::new())
    }

    /// Adds a commit of the other side that is no parent of one in the range: a base that has moved on.
    #[must_use]
    pub fn also(mut self, commit: ObjectId) -> Self {
        self.also.push(commit);
        self
    }

    /// Adds paths that are read however large the tree is: those that the range deletes or changes, from which a value
    /// may have moved.
    #[must_use]
    pub fn touching(mut self, paths: impl IntoIterator<Item = BString>) -> Self {
        self.touched.extend(paths);
        self
    }

    /// Returns the files of the trees at the boundary, each version once.
    fn files(&self, found: &[(Finding, Facts)]) -> HashSet<(BString, ObjectId)> {
        let mut files = HashSet::new();
        for commit in self.commits() {
            files.extend(self.git.files(&commit).unwrap_or_default());
        }
        if files.len() > FILES {
            let paths: HashSet<&BString> = found
                .iter()
                .filter_map(|(finding, _)| finding.provenance.path.as_ref())
                .collect();
            files.retain(|(path, _)| paths.contains(path) || self.touched.contains(path));
        }
        files
    }

    fn commits(&self) -> Vec<String> {
        if self.revisions.is_empty() {
            return self.also.iter().map(ToString::to_string).collect();
        }
        let arguments = ["rev-list", "--boundary"]
            .iter()
            .map(|&word| word.to_owned());
        let arguments = arguments
            .chain(self.revisions.iter().cloned())
            .chain(["--".to_owned()]);
        let listed = self.git.output("finding where the range begins", arguments);
        listed
            .unwrap_or_default()
            .lines()
            .filter_map(|line| line.strip_prefix(b"-"))
            .map(|id| id.to_str_lossy().into_owned())
            .take(COMMITS)
            .chain(self.also.iter().map(ToString::to_string))
            .collect()
    }

    fn held(&self, engine: &Engine, found: &[(Finding, Facts)]) -> Held {
        let mut held = Held::default();
        let Ok(mut objects) = self.git.objects() else {
            return held;
        };
        for (path, id) in self.files(found) {
            match objects.read(&id) {
                Ok(Object::Found { bytes, .. }) => held.add(engine, &bytes, path),
                Ok(Object::Missing) => {}
                Err(_) => match self.git.objects() {
                    Ok(again) => objects = again,
                    Err(_) => break,
                },
            }
        }
        held
    }
}

impl Held {
    fn add(&mut self, engine: &Engine, bytes: &[u8], path: BString) {
        let blob = Blob {
            bytes,
            provenance: Provenance {
                path: Some(path),
                commit_id: None,
                blob_id: None,
                origin: Origin::File,
            },
            regions: Regions::Whole,
            inherited: Vec::new(),
        };
        for (finding, _) in super::findings(engine, &blob) {
            match finding.digest() {
                Some(digest) => drop(self.secrets.insert(digest)),
                None => drop(
                    self.others
                        .insert((finding.fingerprint, finding.provenance.path)),
                ),
            }
        }
    }

    fn has(&self, finding: &Finding) -> bool {
        match finding.digest() {
            Some(digest) => self.secrets.contains(&digest),
            None => self
                .others
                .contains(&(finding.fingerprint, finding.provenance.path.clone())),
        }
    }
}

impl Before for Boundary {
    fn look(&self, engine: &Engine, found: &mut Vec<(Finding, Facts)>) {
        // Reading a whole tree is worth it only where something would block.
        if found
            .iter()
            .all(|(finding, _)| finding.level != Level::Block)
        {
            return;
        }
        let held = self.held(engine, found);
        for (finding, facts) in found.iter_mut() {
            // What stands in a message was not in a file before: a message is new each time.
            facts.held_before |= finding.provenance.origin != Origin::Message && held.has(finding);
        }
    }
}
