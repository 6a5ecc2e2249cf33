//! Reads the index by libgit2, in this process.

use std::cell::RefCell;
use std::collections::HashSet;
use std::path::{Path, PathBuf};

use bstr::BString;
use git2::{Delta, DiffFindOptions, DiffOptions, FileMode, Oid, Repository, RepositoryOpenFlags};

use super::loose::Loose;
use super::{Change, FILES_BEFORE, Mode, Reader};
use crate::blob::ObjectId;
use crate::source::SourceError;
use crate::source::content::IN_MEMORY;
use crate::source::git::Git;

/// Reads by libgit2.
pub(super) struct Library {
    repository: Repository,
    folder: PathBuf,
    /// Readers that are not in use: while one hands over a blob, another reads the version before it.
    loose: RefCell<Vec<Loose>>,
    /// Blobs too large to be held in memory, of those that a commit would change.
    large: RefCell<HashSet<ObjectId>>,
}

impl Library {
    /// Opens by the environment first, as git does in a hook: `git commit -a` and `git commit PATH` point
    /// `GIT_INDEX_FILE` at an index of their own, and a search by folder would read the wrong one.
    pub(super) fn open(folder: &Path) -> Result<Self, git2::Error> {
        // As git does, nothing that is read is hashed to see whether its name is right: that would take longer than to
        // scan it. What zlib finds broken is an error all the same.
        git2::opts::strict_hash_verification(false);
        let ceilings: [&str; 0] = [];
        let repository = Repository::open_ext(folder, RepositoryOpenFlags::FROM_ENV, ceilings)?;
        let library = Library {
            repository,
            loose: RefCell::default(),
            folder: folder.to_owned(),
            large: RefCell::default(),
        };
        // Errors of the index are errors of opening, so that the other reader takes over.
        let index = library.repository.index()?;
        if library.repository.is_bare() && !index.path().is_some_and(Path::exists) {
            return Err(git2::Error::from_str("a bare repository has no index"));
        }
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
            let new_id = ObjectId::from_raw(new.id().as_bytes())
                .expect("the library's ids are as long as an id is");
            let mode = match new.mode() {
                _ if new_id.is_zero() => Mode::Unmerged,
                FileMode::Link => Mode::Link,
                FileMode::Commit => Mode::Submodule,
                _ => Mode::File,
            };
            let entry = std::str::from_utf8(path)
                .ok()
                .and_then(|path| index.get_path(Path::new(path), 0));
            if entry.is_some_and(|entry| u64::from(entry.file_size) > IN_MEMORY) {
                self.large.borrow_mut().extend(of_oid(new.id()));
            }
            changes.push(Change {
                path: path.into(),
                old_id: of_oid(delta.old_file().id()),
                new_id,
                mode,
            });
        }
        Ok(changes)
    }

    fn blob(&self, id: &ObjectId, hand: &mut dyn FnMut(&[u8])) -> Result<(), String> {
        if self.large.borrow().contains(id) {
            // git hands it over piece by piece; the library would hold all of it.
            let read = Git::new(&self.folder).objects().and_then(|mut objects| {
                objects.content(id).map_err(|error| SourceError::Git {
                    doing: "reading a large blob",
                    message: error.to_string(),
                })
            });
            return match read {
                Ok(Some(bytes)) => {
                    hand(&bytes);
                    Ok(())
                }
                Ok(None) => Err(format!("object {id} is not in this clone")),
                Err(error) => Err(error.to_string()),
            };
        }
        let idle = self.loose.borrow_mut().pop();
        let objects = || self.repository.commondir().join("objects");
        let mut loose = idle.unwrap_or_else(|| Loose::new(objects()));
        let is_loose = loose.read(id).map(&mut *hand).is_some();
        self.loose.borrow_mut().push(loose);
        if is_loose {
            return Ok(());
        }
        let oid = Oid::from_bytes(id.as_raw()).map_err(|error| error.message().to_owned())?;
        let blob = self
            .repository
            .find_blob(oid)
            .map_err(|error| error.message().to_owned())?;
        hand(blob.content());
        Ok(())
    }

    fn index_files(
        &self,
        wanted: &dyn Fn(&[u8]) -> bool,
    ) -> Result<Vec<(BString, ObjectId)>, SourceError> {
        let index = self
            .repository
            .index()
            .map_err(failed("reading the index"))?;
        let files = index.iter().filter(|entry| wanted(&entry.path));
        Ok(files
            .filter_map(|entry| Some((entry.path.into(), of_oid(entry.id)?)))
            .collect())
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
