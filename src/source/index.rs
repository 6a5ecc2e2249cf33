//! The index: what a commit would add, against the commit it would follow.
//!
//! Two readers tell the same: libgit2 in this process, and git itself where libgit2 cannot read a repository (split
//! or sparse index, SHA-256, reftable, a partial clone, an owner it distrusts).

mod library;
mod loose;
mod plumbing;

use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard};

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
    /// Nothing yet: a conflict that nobody has resolved, or an entry of a damaged index. Its id is zero.
    Unmerged,
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
    reader: Mutex<Box<dyn Reader + Send>>,
}

impl Index {
    /// Opens the index of the repository around `folder`, by libgit2 if that can read it and by git otherwise.
    ///
    /// # Errors
    /// Returns an error when there is no repository.
    pub fn open(folder: impl Into<PathBuf>) -> Result<Self, SourceError> {
        let folder = folder.into();
        match Library::open(&folder) {
            Ok(library) => Ok(Self::of(library)),
            // git takes what is left of an index that was cut off for all of it.
            Err(error) if error.message().starts_with("invalid data in index") => {
                Err(SourceError::Git {
                    doing: "reading the index",
                    message: format!(
                        "{}: `rm .git/index && git reset` makes it anew, and unstages all",
                        error.message()
                    ),
                })
            }
            Err(_) => Self::through_git(folder),
        }
    }

    /// Opens the index through git itself.
    ///
    /// # Errors
    /// Returns an error when there is no repository, or git refuses it.
    pub fn through_git(folder: impl Into<PathBuf>) -> Result<Self, SourceError> {
        Ok(Self::of(Plumbing::open(folder)?))
    }

    fn of(reader: impl Reader + Send + 'static) -> Self {
        let reader = Mutex::new(Box::new(reader) as Box<dyn Reader + Send>);
        Index { reader }
    }

    fn reader(&self) -> MutexGuard<'_, Box<dyn Reader + Send>> {
        self.reader.lock().expect("no thread panics while it reads")
    }

    /// Returns what a commit would change.
    ///
    /// # Errors
    /// Returns an error when the index or the commit before it cannot be read.
    pub fn changes(&self) -> Result<Vec<Change>, SourceError> {
        self.reader().changes()
    }

    /// Returns the files of the index whose path `wanted` accepts, with their content; what cannot be read is left
    /// out.
    pub fn files(&self, wanted: &dyn Fn(&[u8]) -> bool) -> Vec<(BString, Vec<u8>)> {
        let reader = self.reader();
        let mut files = Vec::new();
        for (path, id) in reader.index_files(wanted).unwrap_or_default() {
            let _ = reader.blob(&id, &mut |bytes| files.push((path.clone(), bytes.to_vec())));
        }
        files
    }

    /// Returns the names of all files of the index; none where it cannot be read.
    pub fn names(&self) -> Vec<BString> {
        let files = self.reader().index_files(&|_| true).unwrap_or_default();
        files.into_iter().map(|(path, _)| path).collect()
    }

    /// Hands over every file of the commit before, with its path. In a tree of more than 20,000 files, only
    /// the old versions of what changes. What cannot be read is left out.
    pub fn before(&self, hand: &mut dyn FnMut(&BStr, &[u8])) {
        let reader = self.reader();
        let files = match reader.head_files() {
            Ok(files) if files.len() <= FILES_BEFORE => files,
            _ => {
                let changes = reader.changes().unwrap_or_default();
                changes
                    .into_iter()
                    .filter_map(|change| Some((change.path, change.old_id?)))
                    .collect()
            }
        };
        for (path, id) in files {
            let _ = reader.blob(&id, &mut |bytes| hand(path.as_ref(), bytes));
        }
    }
}

/// From this many files on, other cores help: below it a thread costs more than it saves.
const MANY: usize = 8;
/// A larger blob is scanned where it was read, so that few of them are in memory at once.
const LARGE: usize = 1 << 20;

impl Source for Index {
    /// Each thread reads a blob while no other does, and scans it beside the others: reading is the small part, and no
    /// blob waits in memory for a thread.
    fn scan(&self, visit: &Visit<'_>) -> Result<Coverage, SourceError> {
        let mut coverage = Coverage::default();
        let changes = self.wanted(&mut coverage)?;
        let helpers = if changes.len() < MANY {
            0
        } else {
            std::thread::available_parallelism()
                .map_or(0, |cores| cores.get() - 1)
                .min(7)
        };
        let work = Mutex::new((changes.into_iter(), coverage));
        let next = || {
            let mut work = work.lock().expect("no thread panics while it reads");
            let (changes, coverage) = &mut *work;
            Some(self.load(changes.next()?, coverage, visit))
        };
        let scan_all = || {
            while let Some(loaded) = next() {
                if let Some(loaded) = loaded {
                    visit(&loaded.blob());
                }
            }
        };
        std::thread::scope(|scope| {
            for _ in 0..helpers {
                scope.spawn(scan_all);
            }
            scan_all();
        });
        let (_, coverage) = work.into_inner().expect("all threads have ended well");
        Ok(coverage)
    }
}

/// A blob that was read and is still to be scanned.
struct Loaded {
    bytes: Vec<u8>,
    provenance: Provenance,
    regions: Regions,
}

impl Loaded {
    fn of(blob: Blob<'_>) -> Self {
        Loaded {
            bytes: blob.bytes.to_vec(),
            provenance: blob.provenance,
            regions: blob.regions,
        }
    }

    fn blob(&self) -> Blob<'_> {
        Blob {
            bytes: &self.bytes,
            provenance: self.provenance.clone(),
            regions: self.regions.clone(),
            inherited: Vec::new(),
        }
    }
}

impl Index {
    /// Returns the changes that bring in content, and counts them and what is left out.
    fn wanted(&self, coverage: &mut Coverage) -> Result<Vec<Change>, SourceError> {
        let mut changes = self.reader().changes()?;
        changes.retain(|change| match change.mode {
            Mode::Submodule => {
                let path = Some(change.path.clone());
                coverage.skipped.push(Skip {
                    path,
                    reason: "submodule".to_owned(),
                });
                false
            }
            Mode::Unmerged => {
                coverage.unread.push(Unread {
                    path: change.path.clone(),
                    message: "unmerged: resolve the conflict, then `git add` it".to_owned(),
                });
                false
            }
            Mode::File | Mode::Link => change.old_id != Some(change.new_id),
        });
        coverage.files += changes.len() as u64;
        Ok(changes)
    }

    /// Reads what a change brings in, and scans it at once if it is large.
    fn load(&self, change: Change, coverage: &mut Coverage, visit: &Visit<'_>) -> Option<Loaded> {
        let reader = self.reader();
        let mut loaded = None;
        let read = reader.blob(&change.new_id, &mut |new| {
            let blob = Blob {
                bytes: new,
                provenance: Provenance {
                    path: Some(change.path.clone()),
                    commit_id: None,
                    blob_id: Some(change.new_id),
                    origin: Origin::File,
                },
                regions: regions(&**reader, change.old_id, new),
                inherited: Vec::new(),
            };
            coverage.blobs += 1;
            coverage.bytes += new.len() as u64;
            if new.len() > LARGE {
                visit(&blob);
            } else {
                loaded = Some(Loaded::of(blob));
            }
        });
        if let Err(message) = read {
            coverage.unread.push(Unread {
                path: change.path,
                message,
            });
        }
        loaded
    }
}

/// Returns which bytes of a new version count. An old version that cannot be read leaves the whole file as new: nothing
/// added is missed.
fn regions(reader: &dyn Reader, old_id: Option<ObjectId>, new: &[u8]) -> Regions {
    let mut regions = Regions::Whole;
    if let Some(old_id) = old_id.filter(|_| new.len() <= diff::LARGEST) {
        let _ = reader.blob(&old_id, &mut |old| regions = diff::added(old, new));
    }
    regions
}
