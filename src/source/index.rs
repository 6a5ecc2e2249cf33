//! The index: what a commit would add, against the commit it would follow.
//!
//! Two readers tell the same: libgit2 in this process, and git itself where libgit2 cannot read a repository (split
//! or sparse index, SHA-256, reftable, a partial clone, an owner it distrusts).

use std::cell::RefCell;
use std::path::PathBuf;

use bstr::{BStr, BString};
use git2::{Delta, DiffFindOptions, DiffOptions, FileMode, Oid, Repository, RepositoryOpenFlags};

use super::git::{Git, Object};
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
    /// Returns the content of a blob.
    fn blob(&self, id: &ObjectId) -> Result<Vec<u8>, String>;
    /// Returns the files of the commit before, with the blobs that hold them.
    fn head_files(&self) -> Result<Vec<(BString, ObjectId)>, SourceError>;
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
        let git = Git::new(folder);
        git.output("opening the repository", ["rev-parse", "--git-dir"])?;
        Ok(Index {
            reader: Box::new(Plumbing {
                git,
                objects: RefCell::new(None),
            }),
        })
    }

    /// Returns what a commit would change.
    ///
    /// # Errors
    /// Returns an error when the index or the commit before it cannot be read.
    pub fn changes(&self) -> Result<Vec<Change>, SourceError> {
        self.reader.changes()
    }

    /// Returns the content of a blob.
    ///
    /// # Errors
    /// Returns in words why it cannot be read.
    pub fn blob(&self, id: &ObjectId) -> Result<Vec<u8>, String> {
        self.reader.blob(id)
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
            if let Ok(bytes) = self.reader.blob(&id) {
                hand(path.as_ref(), &bytes);
            }
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
            let new = match self.reader.blob(&change.new_id) {
                Ok(new) => new,
                Err(message) => {
                    coverage.unread.push(Unread {
                        path: change.path,
                        message,
                    });
                    continue;
                }
            };
            // An old version that cannot be read leaves the whole file as new: nothing added is missed.
            let old = change.old_id.and_then(|id| self.reader.blob(&id).ok());
            let regions = old.map_or(Regions::Whole, |old| diff::added(&old, &new));
            coverage.blobs += 1;
            coverage.bytes += new.len() as u64;
            let provenance = Provenance {
                path: Some(change.path),
                commit_id: None,
                blob_id: Some(change.new_id),
                origin: Origin::File,
            };
            visit(&Blob {
                bytes: &new,
                provenance,
                regions,
                inherited: Vec::new(),
            });
        }
        Ok(coverage)
    }
}

/// Reads by libgit2.
struct Library {
    repository: Repository,
}

impl Library {
    /// Opens by the environment first, as git does in a hook: `git commit -a` and `git commit PATH` point
    /// `GIT_INDEX_FILE` at an index of their own, and a search by folder would read the wrong one.
    fn open(folder: &std::path::Path) -> Result<Self, git2::Error> {
        let ceilings: [&str; 0] = [];
        let repository = Repository::open_ext(folder, RepositoryOpenFlags::FROM_ENV, ceilings)?;
        let library = Library { repository };
        // Errors of the index are errors of opening, so that the other reader takes over.
        library.repository.index()?;
        library.head_tree()?;
        Ok(library)
    }

    fn head_tree(&self) -> Result<Option<git2::Tree<'_>>, git2::Error> {
        match self.repository.head() {
            Ok(head) => Ok(Some(head.peel_to_tree()?)),
            Err(error) if error.code() == git2::ErrorCode::UnbornBranch => Ok(None),
            Err(error) => Err(error),
        }
    }
}

impl Reader for Library {
    fn changes(&self) -> Result<Vec<Change>, SourceError> {
        let failed = failed("reading the index");
        let index = self.repository.index().map_err(&failed)?;
        let head = self.head_tree().map_err(&failed)?;
        let mut options = DiffOptions::new();
        options.include_typechange(true).ignore_submodules(false);
        let mut diff = self
            .repository
            .diff_tree_to_index(head.as_ref(), Some(&index), Some(&mut options))
            .map_err(&failed)?;
        diff.find_similar(Some(DiffFindOptions::new().renames(true)))
            .map_err(&failed)?;
        let is_intended = |path: &[u8]| {
            // In the extended flags of an entry: the path is intended to be added, its content is not.
            const INTENT_TO_ADD: u16 = 1 << 13;
            index
                .iter()
                .any(|entry| entry.path == path && entry.flags_extended & INTENT_TO_ADD != 0)
        };
        let mut changes = Vec::new();
        for delta in diff.deltas() {
            let new = delta.new_file();
            let Some(path) = new
                .path_bytes()
                .filter(|_| delta.status() != Delta::Deleted)
            else {
                continue;
            };
            // Such a path shows as an empty file.
            if new.size() == 0 && delta.status() == Delta::Added && is_intended(path) {
                continue;
            }
            let mode = match new.mode() {
                FileMode::Link => Mode::Link,
                FileMode::Commit => Mode::Submodule,
                _ => Mode::File,
            };
            changes.push(Change {
                path: path.into(),
                old_id: of_oid(delta.old_file().id()),
                new_id: of_oid(new.id()).expect("a path that is not deleted holds an object"),
                mode,
            });
        }
        Ok(changes)
    }

    fn blob(&self, id: &ObjectId) -> Result<Vec<u8>, String> {
        let oid = Oid::from_bytes(id.as_raw()).map_err(|error| error.message().to_owned())?;
        let blob = self
            .repository
            .find_blob(oid)
            .map_err(|error| error.message().to_owned())?;
        Ok(blob.content().to_vec())
    }

    fn head_files(&self) -> Result<Vec<(BString, ObjectId)>, SourceError> {
        let failed = failed("reading HEAD");
        let mut files = Vec::new();
        let Some(tree) = self.head_tree().map_err(&failed)? else {
            return Ok(files);
        };
        tree.walk(git2::TreeWalkMode::PreOrder, |folder, entry| {
            if entry.kind() == Some(git2::ObjectType::Blob)
                && let Some(id) = of_oid(entry.id())
            {
                files.push((
                    BString::from([folder.as_bytes(), entry.name_bytes()].concat()),
                    id,
                ));
            }
            if files.len() > FILES_BEFORE {
                git2::TreeWalkResult::Abort
            } else {
                git2::TreeWalkResult::Ok
            }
        })
        .map_err(&failed)?;
        Ok(files)
    }
}

/// Returns the error of the library while it did something.
fn failed(doing: &'static str) -> impl Fn(git2::Error) -> SourceError {
    move |error| SourceError::Git {
        doing,
        message: error.message().to_owned(),
    }
}

fn of_oid(oid: Oid) -> Option<ObjectId> {
    ObjectId::from_raw(oid.as_bytes()).filter(|id| !id.is_zero())
}

/// Reads through git itself.
struct Plumbing {
    git: Git,
    objects: RefCell<Option<super::git::Objects>>,
}

impl Reader for Plumbing {
    fn changes(&self) -> Result<Vec<Change>, SourceError> {
        let base = match self.git.commit("HEAD") {
            Some(id) => id.to_string(),
            None => {
                let empty = self
                    .git
                    .output("reading HEAD", ["hash-object", "-t", "tree", "--stdin"])?;
                String::from_utf8_lossy(&empty).trim().to_owned()
            }
        };
        let raw = self.git.output(
            "reading the index",
            [
                "diff-index",
                "--cached",
                "--raw",
                "-z",
                "-M",
                "--no-abbrev",
                "--no-ext-diff",
                "--no-relative",
                "--ita-invisible-in-index",
                &base,
                "--",
            ],
        )?;
        Ok(parse_raw(&raw))
    }

    fn blob(&self, id: &ObjectId) -> Result<Vec<u8>, String> {
        let mut slot = self.objects.borrow_mut();
        if slot.is_none() {
            *slot = Some(self.git.objects().map_err(|error| error.to_string())?);
        }
        match slot.as_mut().expect("made above").read(id) {
            Ok(Object::Found { bytes, .. }) => Ok(bytes),
            Ok(Object::Missing) => Err(format!("object {id} is not in this clone: `git fetch` it")),
            Err(error) => {
                *slot = None;
                Err(format!("object {id}: {error}"))
            }
        }
    }

    fn head_files(&self) -> Result<Vec<(BString, ObjectId)>, SourceError> {
        if self.git.commit("HEAD").is_none() {
            return Ok(Vec::new());
        }
        let listed = self.git.output(
            "reading HEAD",
            ["ls-tree", "-r", "-z", "--full-tree", "HEAD"],
        )?;
        Ok(parse_tree(&listed))
    }
}

/// Reads the output of `git ls-tree -r -z`: `mode kind id`, a tab, the path, ended by NUL.
fn parse_tree(listed: &[u8]) -> Vec<(BString, ObjectId)> {
    listed
        .split(|&byte| byte == 0)
        .filter_map(|row| {
            let tab = row.iter().position(|&byte| byte == b'\t')?;
            let mut words = row[..tab].split(|&byte| byte == b' ').skip(1);
            let (kind, id) = (words.next()?, words.next()?);
            (kind == b"blob").then_some((BString::from(&row[tab + 1..]), ObjectId::from_hex(id)?))
        })
        .collect()
}

/// Reads the output of `git diff-index --raw -z`: `:mode mode id id status`, then one path or two, each ended by NUL.
pub(super) fn parse_raw(raw: &[u8]) -> Vec<Change> {
    let mut fields = raw.split(|&byte| byte == 0);
    let mut changes = Vec::new();
    while let Some(header) = fields.next() {
        let Some(header) = header.strip_prefix(b":") else {
            continue;
        };
        let words: Vec<&[u8]> = header.split(|&byte| byte == b' ').collect();
        let [_, new_mode, old_id, new_id, status] = words[..] else {
            continue;
        };
        let mut path = fields.next().unwrap_or_default();
        if matches!(status.first(), Some(b'R' | b'C')) {
            path = fields.next().unwrap_or_default();
        }
        let Some(new_id) = ObjectId::from_hex(new_id).filter(|id| !id.is_zero()) else {
            continue;
        };
        let mode = match new_mode {
            b"120000" => Mode::Link,
            b"160000" => Mode::Submodule,
            _ => Mode::File,
        };
        let old_id = ObjectId::from_hex(old_id).filter(|id| !id.is_zero());
        changes.push(Change {
            path: path.into(),
            old_id,
            new_id,
            mode,
        });
    }
    changes
}
