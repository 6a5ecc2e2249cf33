//! What came before: the old versions of what a commit changes, and the tree it follows.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use bstr::{BStr, BString};

use super::{beside, siblings};

use crate::blob::Regions;
use crate::detect::{Engine, What};
use crate::finding::Finding;
use crate::policy::Facts;
use crate::rule::{Kind, Level};
use crate::secret::Digest;
use crate::source::git::Git;
use crate::source::index::Index;

/// Looks into what the source alone cannot tell: what the commit before holds, what siblings override.
pub trait Before {
    /// Adds to the facts of each finding what the outside knows of it, and takes out findings that the outside says
    /// are none. An error of reading leaves the facts as they are: then a finding counts as new.
    fn look(&self, engine: &Engine, found: &mut Vec<(Finding, Facts)>);

    /// Returns the Python files that stand beside `path` in the tree that is scanned.
    fn siblings(&self, _path: &BStr) -> Vec<(BString, Vec<u8>)> {
        Vec::new()
    }

    /// Returns the files of what is scanned; None where they are not those of one tree.
    fn tree(&self) -> Option<beside::Tree> {
        None
    }

    /// Returns the files that the change touches; None where no change is scanned.
    fn changed(&self) -> Option<HashSet<BString>> {
        None
    }

    /// Returns the repository whose folder on disk is scanned, or about to be committed.
    fn worktree(&self) -> Option<Git> {
        None
    }
}

/// Nothing came before: every finding stands for itself.
pub struct Nothing;

impl Before for Nothing {
    fn look(&self, _engine: &Engine, _found: &mut Vec<(Finding, Facts)>) {}
}

/// The commit that HEAD names: a value that it holds anywhere does not block again.
pub struct Head<'i> {
    index: &'i Index,
}

impl<'i> Head<'i> {
    /// Returns what stands before the commit that this index would make.
    pub fn new(index: &'i Index) -> Self {
        Head { index }
    }
}

/// Two that know what came before: the word of either counts.
pub struct Both<A, B>(pub A, pub B);

impl<A: Before, B: Before> Before for Both<A, B> {
    fn look(&self, engine: &Engine, found: &mut Vec<(Finding, Facts)>) {
        self.0.look(engine, found);
        self.1.look(engine, found);
    }

    fn siblings(&self, path: &BStr) -> Vec<(BString, Vec<u8>)> {
        let first = self.0.siblings(path);
        if first.is_empty() {
            self.1.siblings(path)
        } else {
            first
        }
    }

    fn tree(&self) -> Option<beside::Tree> {
        self.0.tree().or_else(|| self.1.tree())
    }

    fn changed(&self) -> Option<HashSet<BString>> {
        self.0.changed().or_else(|| self.1.changed())
    }

    fn worktree(&self) -> Option<Git> {
        self.0.worktree().or_else(|| self.1.worktree())
    }
}

/// Files on disk: siblings lie beside them.
pub struct Disk {
    /// The folders that are scanned.
    pub roots: Vec<PathBuf>,
}

impl Before for Disk {
    fn look(&self, _engine: &Engine, _found: &mut Vec<(Finding, Facts)>) {}

    fn siblings(&self, path: &BStr) -> Vec<(BString, Vec<u8>)> {
        let Ok(path) = std::str::from_utf8(path) else {
            return Vec::new();
        };
        let places = self.roots.iter().map(|root| {
            if root.is_dir() {
                root.join(path)
            } else {
                root.clone()
            }
        });
        let Some(place) = places.into_iter().find(|place| place.is_file()) else {
            return Vec::new();
        };
        let folder = place.parent().map(Path::to_owned).unwrap_or_default();
        let folder_name = path.rfind('/').map_or("", |slash| &path[..=slash]);
        let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
        entries
            .filter_map(|entry| {
                let name = format!("{folder_name}{}", entry.file_name().to_str()?);
                let is_plain = entry
                    .metadata()
                    .is_ok_and(|data| data.is_file() && data.len() <= LARGEST_SIBLING);
                let is_sibling = is_plain && siblings::is_sibling(path.as_bytes(), name.as_bytes());
                is_sibling.then(|| Some((name.into(), std::fs::read(entry.path()).ok()?)))?
            })
            .collect()
    }

    fn tree(&self) -> Option<beside::Tree> {
        Some(beside::Tree::Disk(self.roots.clone()))
    }

    fn worktree(&self) -> Option<Git> {
        // Paths are those below the folder: only of the repository's own does git know them by the same names.
        let root = self
            .roots
            .first()
            .filter(|root| root.join(".git").exists())?;
        Some(Git::new(root))
    }
}

/// The tree of a commit: siblings lie beside a file in it.
pub struct Tree {
    /// The repository.
    pub git: Git,
    /// The commit.
    pub commit: String,
}

impl Before for Tree {
    fn look(&self, _engine: &Engine, _found: &mut Vec<(Finding, Facts)>) {}

    fn siblings(&self, path: &BStr) -> Vec<(BString, Vec<u8>)> {
        siblings::in_tree(&self.git, &self.commit, path)
    }

    fn tree(&self) -> Option<beside::Tree> {
        let files = self.git.files(&self.commit).ok()?;
        Some(beside::Tree::of(files.into_iter().map(|(path, _)| path)))
    }
}

/// The largest sibling that is looked into; settings are small.
const LARGEST_SIBLING: u64 = 1 << 20;

impl Before for Head<'_> {
    fn look(&self, engine: &Engine, found: &mut Vec<(Finding, Facts)>) {
        let wanted = |(finding, facts): &(Finding, Facts)| {
            finding.kind == Kind::Secret && finding.level == Level::Block && !facts.held_before
        };
        if !found.iter().any(wanted) {
            return;
        }
        let mut held = HashSet::new();
        self.index
            .before(&mut |path, bytes| held.extend(digests(engine, bytes, path)));
        for (finding, facts) in found.iter_mut() {
            facts.held_before |= finding
                .digest()
                .is_some_and(|digest| held.contains(&digest));
        }
    }

    fn siblings(&self, path: &BStr) -> Vec<(BString, Vec<u8>)> {
        self.index.files(&|other| siblings::is_sibling(path, other))
    }

    fn tree(&self) -> Option<beside::Tree> {
        Some(beside::Tree::of(self.index.names().into_iter()))
    }

    fn changed(&self) -> Option<HashSet<BString>> {
        let changes = self.index.changes().ok()?;
        Some(changes.into_iter().map(|change| change.path).collect())
    }

    fn worktree(&self) -> Option<Git> {
        Some(Git::new("."))
    }
}

/// Returns the digests of all secrets in a text.
fn digests(engine: &Engine, bytes: &[u8], path: &BStr) -> Vec<Digest> {
    let secret = |found: crate::detect::Match| match found.what {
        What::Secret { digest, .. } => Some(digest),
        What::Setting { .. } | What::File => None,
    };
    engine
        .scan(bytes, &Regions::Whole, Some(path))
        .into_iter()
        .filter_map(secret)
        .collect()
}
