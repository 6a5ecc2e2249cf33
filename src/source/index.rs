//! The index: what a commit would add, against the commit it would follow.
//!
//! Two readers tell the same: libgit2 in this process, and git itself where libgit2 cannot read a repository (split
//! or sparse index, SHA-256, reftable, a partial clone, an owner it distrusts).

mod library;
mod plumbing;

use std::path::PathBuf;

use bstr::{BStr, BString};

use library::Library;
use plumbing::Plumbing;
pub(super) use plumbing::{parse_raw, parse_tree};

use super::{Coverage, Skip, Source, SourceError, Unread, Visit, diff};
use crate::blob::{Blob, ObjectId, Origin, Provenance, Regions};

/// One path that a commit would change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The new path.
    pub path: BString,
    /// The blob that the path held before, here or where it was renamed from.
    pub old_id: Option<ObjectId>,
    /// The blob that the path holds now.
    pub new_id: ObjectId,
    /// What is at the path now.
    pub mode: Mode,
}

/// What is at a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// A file.
    File,
    /// A symbolic link: its text is the target.
    Link,
    /// Another repository's commit.
    Submodule,
}

/// The most files of a commit that are read to see whether it holds a value already.
const FILES_BEFORE: usize = 20_000;

/// A way to read the index.
pub trait Reader {
    /// Returns what a commit would change, without deletions and without paths that are only intended.
    fn changes(&self) -> Result<Vec<Change>, SourceError>;
    /// Hands over the content of a blob, or returns in words why it cannot be read.
    fn blob(&self, id: &ObjectId, hand: &mut dyn FnMut(&[u8])) -> Result<(), String>;
    /// Returns the files of the commit before, with the blobs that hold them.
    fn head_files(&self) -> Result<Vec<(BString, ObjectId)>, SourceError>;
    /// Returns the files of the index whose path `wanted` accepts, with the blobs that hold them.
    fn index_files(
        &self,
        wanted: &dyn Fn(&[u8]) -> bool,
    ) -> Result<Vec<(BString, ObjectId)>, SourceError>;
}

/// The staged changes of the repository that the environment, or the current folder, names.
pub struct Index {
    reader: Box<dyn Reader>,
}

impl Index {
    /// Opens the index of the repository around `folder`, by libgit2 if that can read it and by git otherwise.
    ///
    /// # Errors
    /// Returns an error when there is no repository.
    pub fn open(folder: impl Into<PathBuf>) -> Result<Self, SourceError> {
        let folder = folder.into();
        match Library::open(&folder) {
            Ok(library) => Ok(Index {
                reader: Box::new(library),
            }),
            Err(_) => Self::through_git(folder),
        }
    }

    /// Opens the index through git itself.
    ///
    /// # Errors
    /// Returns an error when there is no repository, or git refuses it.
    pub fn through_git(folder: impl Into<PathBuf>) -> Result<Self, SourceError> {
        Ok(Index {
            reader: Box::new(Plumbing::open(folder)?),
        })
    }

    /// Returns what a commit would change.
    ///
    /// # Errors
    /// Returns an error when the index or the commit before it cannot be read.
    pub fn changes(&self) -> Result<Vec<Change>, SourceError> {
        self.reader.changes()
    }

    /// Returns which bytes of a new version count. An old version that cannot be read leaves the whole file as
    /// new: nothing added is missed.
    fn regions(&self, old_id: Option<ObjectId>, new: &[u8]) -> Regions {
        let mut regions = Regions::Whole;
        if let Some(old_id) = old_id.filter(|_| new.len() <= diff::LARGEST) {
            let _ = self
                .reader
                .blob(&old_id, &mut |old| regions = diff::added(old, new));
        }
        regions
    }

    /// Returns the files of the index whose path `wanted` accepts, with their content; what cannot be read is left
    /// out.
    pub fn files(&self, wanted: &dyn Fn(&[u8]) -> bool) -> Vec<(BString, Vec<u8>)> {
        let mut files = Vec::new();
        for (path, id) in self.reader.index_files(wanted).unwrap_or_default() {
            let _ = self
                .reader
                .blob(&id, &mut |bytes| files.push((path.clone(), bytes.to_vec())));
        }
        files
    }

    /// Hands over every file of the commit before, with its path. In a tree of more than [`FILES_BEFORE`] files, only
    /// the old versions of what changes. What cannot be read is left out.
    pub fn before(&self, hand: &mut dyn FnMut(&BStr, &[u8])) {
        let files = match self.reader.head_files() {
            Ok(files) if files.len() <= FILES_BEFORE => files,
            _ => {
                let changes = self.reader.changes().unwrap_or_default();
                changes
                    .into_iter()
                    .filter_map(|change| Some((change.path, change.old_id?)))
                    .collect()
            }
        };
        for (path, id) in files {
            let _ = self
                .reader
                .blob(&id, &mut |bytes| hand(path.as_ref(), bytes));
        }
    }
}

impl Source for Index {
    fn scan(&self, visit: &Visit<'_>) -> Result<Coverage, SourceError> {
        let mut coverage = Coverage::default();
        for change in self.reader.changes()? {
            if change.mode == Mode::Submodule {
                coverage.skipped.push(Skip {
                    path: Some(change.path),
                    reason: "submodule".to_owned(),
                });
                continue;
            }
            if change.old_id == Some(change.new_id) {
                continue;
            }
            coverage.files += 1;
            let read = self.reader.blob(&change.new_id, &mut |new| {
                let provenance = Provenance {
                    path: Some(change.path.clone()),
                    commit_id: None,
                    blob_id: Some(change.new_id),
                    origin: Origin::File,
                };
                let regions = self.regions(change.old_id, new);
                visit(&Blob {
                    bytes: new,
                    provenance,
                    regions,
                    inherited: Vec::new(),
                });
                coverage.blobs += 1;
                coverage.bytes += new.len() as u64;
            });
            if let Err(message) = read {
                coverage.unread.push(Unread {
                    path: change.path,
                    message,
                });
            }
        }
        Ok(coverage)
    }
}
