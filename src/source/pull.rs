//! What a pull request or a push brings in: every blob and message of its commits, and of its last tree the added
//! lines.

use std::collections::{HashMap, HashSet};
use std::sync::Mutex;

use bstr::BString;

use super::git::{Git, Object, Objects};
use super::index::{Change, Mode};
use super::range::{Missing, Range, changes};
use super::{Coverage, Skip, Source, SourceError, Unread, Visit, diff};
use crate::blob::{Blob, ObjectId, Origin, Provenance, Regions};

/// The commits that `head` reaches and `base` does not.
pub struct Pull {
    range: Range,
    /// What the last tree changes against the one where the branch began.
    changes: Vec<Change>,
    /// The files of the tree where the branch began.
    before: HashMap<BString, ObjectId>,
    /// The paths that differ between the two trees, deleted ones too.
    touched: Vec<BString>,
}

/// A file of the last tree: its path, and the blob at it.
pub type Place = (BString, ObjectId);

impl Pull {
    /// Returns the range from `base`, or from nothing, to `head`.
    ///
    /// # Errors
    /// Returns an error when git cannot compare the trees.
    pub fn new(
        git: Git,
        base: Option<&ObjectId>,
        head: &ObjectId,
        missing: Missing,
    ) -> Result<Self, SourceError> {
        let begin = match base {
            Some(base) => merge_base(&git, base, head).unwrap_or(*base).to_string(),
            None => empty_tree(&git)?,
        };
        let changes = changes(&git, &begin, &head.to_string())?;
        let touched = git.output(
            "comparing the commits",
            [
                "diff-tree",
                "-r",
                "-z",
                "--name-only",
                "--no-renames",
                &begin,
                &head.to_string(),
            ],
        )?;
        let touched = touched.split(|&byte| byte == 0).map(BString::from);
        let mut before: HashMap<BString, ObjectId> = git.files(&begin)?.into_iter().collect();
        // A file that was renamed is compared with what it was.
        before.extend(
            changes
                .iter()
                .filter_map(|change| Some((change.path.clone(), change.old_id?))),
        );
        let mut revisions = vec![head.to_string()];
        revisions.extend(base.map(|base| format!("^{base}")));
        Ok(Pull {
            range: Range {
                git,
                revisions,
                missing,
            },
            changes,
            before,
            touched: touched.collect(),
        })
    }

    /// Returns the revisions of the range, as `git rev-list` takes them.
    pub fn revisions(&self) -> &[String] {
        &self.range.revisions
    }

    /// Returns the paths that differ between the two trees, deleted ones too.
    pub fn touched(&self) -> &[BString] {
        &self.touched
    }

    /// Returns the files that the last tree adds or changes.
    pub fn places(&self) -> HashSet<Place> {
        let places = self.changes.iter().filter(|change| counts(change));
        places
            .map(|change| (change.path.clone(), change.new_id))
            .collect()
    }
}

/// Tells whether the change has a content to look at.
fn counts(change: &Change) -> bool {
    change.mode != Mode::Submodule && change.old_id != Some(change.new_id)
}

/// Returns the commit where the branch began, or `None` where the two have nothing in common.
fn merge_base(git: &Git, base: &ObjectId, head: &ObjectId) -> Option<ObjectId> {
    let names = [base.to_string(), head.to_string()];
    let found = git.output("", ["merge-base", &names[0], &names[1]]).ok()?;
    ObjectId::from_hex(found.trim_ascii())
}

fn empty_tree(git: &Git) -> Result<String, SourceError> {
    let doing = "naming the empty tree";
    let id = git.feed(doing, ["hash-object", "-t", "tree", "--stdin"], b"")?;
    Ok(String::from_utf8_lossy(&id).trim().to_owned())
}

impl Source for Pull {
    fn scan(&self, visit: &Visit<'_>) -> Result<Coverage, SourceError> {
        let objects = Mutex::new(self.range.git.objects()?);
        let seen: Mutex<HashSet<Place>> = Mutex::default();
        let mut coverage = self.range.scan(&|blob| {
            let Some(place) = place(blob) else {
                return visit(blob);
            };
            let old_id = self.before.get(&place.0);
            let old = old_id.and_then(|id| self.read(&objects, id).ok());
            seen.lock()
                .expect("no scan panics while it holds the list")
                .insert(place);
            visit(&Blob {
                bytes: blob.bytes,
                provenance: blob.provenance.clone(),
                regions: added(old.as_deref(), blob.bytes),
                inherited: Vec::new(),
            })
        })?;
        let seen = seen
            .into_inner()
            .expect("no scan panics while it holds the list");
        self.rest(&seen, &objects, &mut coverage, visit);
        Ok(coverage)
    }
}

impl Pull {
    /// Looks at files of the last tree that no commit of the range brought in as an object: copies of what the base
    /// holds elsewhere.
    fn rest(
        &self,
        seen: &HashSet<Place>,
        objects: &Mutex<Objects>,
        coverage: &mut Coverage,
        visit: &Visit<'_>,
    ) {
        for change in &self.changes {
            if change.mode == Mode::Submodule {
                coverage.skipped.push(Skip {
                    path: Some(change.path.clone()),
                    reason: "submodule".to_owned(),
                });
            } else if counts(change) && !seen.contains(&(change.path.clone(), change.new_id)) {
                match self.read(objects, &change.new_id) {
                    Ok(bytes) => {
                        let old = change.old_id.and_then(|id| self.read(objects, &id).ok());
                        coverage.blobs += 1;
                        coverage.files += 1;
                        coverage.bytes += bytes.len() as u64;
                        visit(&Blob {
                            bytes: &bytes,
                            provenance: Provenance {
                                path: Some(change.path.clone()),
                                commit_id: None,
                                blob_id: Some(change.new_id),
                                origin: Origin::File,
                            },
                            regions: added(old.as_deref(), &bytes),
                            inherited: Vec::new(),
                        });
                    }
                    // What the range could not read of its own it has said; the rest is said here.
                    Err(message) if self.range.missing == Missing::Error => {
                        let path = change.path.clone();
                        coverage.unread.push(Unread { path, message });
                    }
                    Err(reason) => coverage.skipped.push(Skip {
                        path: Some(change.path.clone()),
                        reason,
                    }),
                }
            }
        }
    }

    fn read(&self, objects: &Mutex<Objects>, id: &ObjectId) -> Result<Vec<u8>, String> {
        let mut objects = objects.lock().expect("no reader panics");
        match objects.read(id) {
            Ok(Object::Found { bytes, .. }) => Ok(bytes),
            Ok(Object::Missing) => Err(format!("object {id} is not in this clone")),
            Err(error) => {
                if let Ok(again) = self.range.git.objects() {
                    *objects = again;
                }
                Err(format!("object {id}: {error}"))
            }
        }
    }
}

fn place(blob: &Blob<'_>) -> Option<Place> {
    Some((blob.provenance.path.clone()?, blob.provenance.blob_id?))
}

/// Returns the bytes that count; an old version that cannot be read leaves the whole file as new.
fn added(old: Option<&[u8]>, new: &[u8]) -> Regions {
    old.map_or(Regions::Whole, |old| diff::added(old, new))
}
