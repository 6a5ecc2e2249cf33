//! The tree of one commit: every file that it holds.

use bstr::BString;
use rayon::prelude::*;

use super::content::Content;
use super::git::{Git, Objects};
use super::{Coverage, Source, SourceError, Unread, Visit};
use crate::blob::{Blob, ObjectId, Provenance, Regions};

/// How many files one `git cat-file` reads.
const BATCH: usize = 512;

/// The files of a commit.
pub struct Tree {
    /// The repository.
    pub git: Git,
    /// The commit, or another name of a tree.
    pub commit: String,
}

impl Source for Tree {
    fn scan(&self, visit: &Visit<'_>) -> Result<Coverage, SourceError> {
        let files = self.git.files(&self.commit)?;
        let parts: Result<Vec<Coverage>, SourceError> = files
            .par_chunks(BATCH)
            .map(|files| self.read(files, visit))
            .collect();
        let mut coverage = Coverage::default();
        for part in parts? {
            coverage.add(part);
        }
        coverage.unread.sort();
        Ok(coverage)
    }
}

impl Tree {
    fn read(
        &self,
        files: &[(BString, ObjectId)],
        visit: &Visit<'_>,
    ) -> Result<Coverage, SourceError> {
        let mut objects = self.git.objects()?;
        let mut coverage = Coverage::default();
        for (path, id) in files {
            match bytes(&mut objects, id) {
                Ok(bytes) => {
                    visit(&Blob {
                        bytes: &bytes,
                        provenance: Provenance {
                            path: Some(path.clone()),
                            blob_id: Some(*id),
                            ..Provenance::default()
                        },
                        regions: Regions::Whole,
                        inherited: Vec::new(),
                    });
                    coverage.files += 1;
                    coverage.blobs += 1;
                    coverage.bytes += bytes.len() as u64;
                }
                Err(message) => {
                    coverage.unread.push(Unread {
                        path: path.clone(),
                        message,
                    });
                    // git ends over a damaged object.
                    objects = self.git.objects()?;
                }
            }
        }
        Ok(coverage)
    }
}

fn bytes(objects: &mut Objects, id: &ObjectId) -> Result<Content, String> {
    match objects.content(id) {
        Ok(Some(bytes)) => Ok(bytes),
        Ok(None) => Err(format!(
            "blob {id} is not in this clone: git fetch --refetch"
        )),
        Err(error) => Err(format!("blob {id}: {error}")),
    }
}
