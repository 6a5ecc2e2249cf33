//! Where a history starts: refs, HEADs, stashes, notes and what the reflogs remember.

use std::path::{Path, PathBuf};

use bstr::ByteSlice;

use crate::blob::ObjectId;
use crate::source::git::Git;
use crate::source::{Coverage, Skip, SourceError, Unread};

/// What git says about where things are.
pub(super) struct Place {
    /// The object folders: the repository's own, then its alternates.
    pub(super) folders: Vec<PathBuf>,
    /// The length of an object's name.
    pub(super) hash_len: usize,
    /// The file that says where a shallow clone ends.
    pub(super) shallow: PathBuf,
}

impl Place {
    /// Asks git where the objects of a repository are.
    pub(super) fn find(
        git: &Git,
        folder: &Path,
        coverage: &mut Coverage,
    ) -> Result<Self, SourceError> {
        let said = git
            .output(
                "finding the repository",
                [
                    "rev-parse",
                    "--path-format=absolute",
                    "--git-path",
                    "objects",
                    "--git-path",
                    "shallow",
                    "--show-object-format",
                    "--is-shallow-repository",
                ],
            )
            .map_err(|error| match error {
                SourceError::Git { message, .. } if message.contains("not a git repository") => {
                    SourceError::NoRepository {
                        path: folder.to_owned(),
                    }
                }
                error => error,
            })?;
        let mut lines = said.lines();
        let mut next = || lines.next().unwrap_or_default();
        let objects = next().to_path_lossy().into_owned();
        let shallow = next().to_path_lossy().into_owned();
        let hash_len = if next() == b"sha256" { 32 } else { 20 };
        if next() == b"true" {
            coverage.skipped.push(Skip {
                path: None,
                reason: "commits before those of this shallow clone: `git fetch --unshallow` brings them"
                    .to_owned(),
            });
        }
        Ok(Place {
            folders: with_alternates(objects, coverage),
            hash_len,
            shallow,
        })
    }
}

/// Adds the object folders that others point at.
fn with_alternates(own: PathBuf, coverage: &mut Coverage) -> Vec<PathBuf> {
    let mut folders = vec![own];
    if let Some(more) = std::env::var_os("GIT_ALTERNATE_OBJECT_DIRECTORIES") {
        folders.extend(std::env::split_paths(&more));
    }
    let mut at = 0;
    while at < folders.len() {
        let list = folders[at].join("info/alternates");
        match std::fs::read(&list) {
            Ok(text) => {
                for line in text
                    .lines()
                    .filter(|line| !line.is_empty() && line[0] != b'#')
                {
                    let folder = folders[at].join(line.to_path_lossy());
                    if !folders.contains(&folder) {
                        folders.push(folder);
                    }
                }
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => coverage.unread.push(Unread {
                path: list.as_os_str().as_encoded_bytes().into(),
                message: error.to_string(),
            }),
        }
        at += 1;
    }
    folders
}

/// Returns the names of the objects that refs, HEADs and reflogs point at.
pub(super) fn tips(git: &Git, coverage: &mut Coverage) -> Result<Vec<ObjectId>, SourceError> {
    let mut tips = ids(&git.output(
        "reading the refs",
        ["for-each-ref", "--format=%(objectname)"],
    )?);
    // What refs name is listed above: git would read each of their commits for nothing. HEADs and reflogs are left.
    let recent = git.output(
        "reading the reflogs",
        [
            "rev-list",
            "--no-walk=unsorted",
            "--exclude=refs/*",
            "--all",
            "--reflog",
        ],
    );
    match recent {
        Ok(said) => tips.extend(ids(&said)),
        Err(error) => coverage.unread.push(Unread {
            path: "reflogs".into(),
            message: error.to_string(),
        }),
    }
    tips.sort_unstable();
    tips.dedup();
    Ok(tips)
}

/// Returns the commit that HEAD names, if there is one.
pub(super) fn head(git: &Git) -> Option<ObjectId> {
    let said = git
        .output(
            "reading HEAD",
            ["rev-parse", "--verify", "--quiet", "HEAD^{commit}"],
        )
        .ok()?;
    ids(&said).pop()
}

fn ids(lines: &[u8]) -> Vec<ObjectId> {
    lines.lines().filter_map(ObjectId::from_hex).collect()
}
