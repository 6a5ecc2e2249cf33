//! Commits: every blob that some commits reach and others do not, read through git itself.
//!
//! This is the plain way. It serves `guard ci` and a push, and the fast way over packs is held against it.

use std::collections::{HashMap, HashSet};

use bstr::{BString, ByteSlice};

use super::git::{Git, lines};
use super::{Coverage, Skip, Source, SourceError, Unread, Visit, changes, index};
use crate::blob::{Blob, ObjectId, Origin, Provenance, Regions};

/// Blobs and messages that a list of revisions selects.
pub struct Range {
    /// The repository.
    pub git: Git,
    /// Revisions as `git rev-list` takes them: `HEAD`, `^main`, `--all`, `--reflog`.
    pub revisions: Vec<String>,
    /// What a promised object that is not here means.
    pub missing: Missing,
}

/// What a promised object that is not here means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Missing {
    /// An error.
    Error,
    /// A skip that is said.
    Skip,
}

/// What a range of commits holds.
struct Contents {
    /// Each blob with every path under which a commit of the range brought it in, and the first such commit.
    blobs: Vec<(ObjectId, BString, Option<ObjectId>)>,
    /// The tags with a message, in order of id.
    tags: Vec<ObjectId>,
}

/// What an object is, of those that are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Blob,
    Tag,
}

impl Source for Range {
    fn scan(&self, visit: &Visit<'_>) -> Result<Coverage, SourceError> {
        let mut coverage = Coverage::default();
        let commits = self.list(&["--topo-order", "--reverse"])?;
        let commits: Vec<ObjectId> = commits.lines().filter_map(ObjectId::from_hex).collect();
        coverage.commits = commits.len() as u64;
        let Contents { blobs, tags } = self.contents(&commits)?;
        let mut objects = self.git.objects()?;
        // A tag has no commit of its own to name, so its own id stands there.
        for id in commits.iter().chain(&tags) {
            self.read(&mut objects, id, &mut coverage, &mut |bytes, coverage| {
                let message = bytes.find("\n\n").map_or(&[][..], |end| &bytes[end + 2..]);
                let provenance = Provenance {
                    path: None,
                    commit_id: Some(*id),
                    blob_id: None,
                    origin: Origin::Message,
                };
                visit(&Blob {
                    bytes: message,
                    provenance,
                    regions: Regions::Whole,
                    inherited: Vec::new(),
                });
                coverage.bytes += message.len() as u64;
            })?;
        }
        for (id, path, commit_id) in blobs {
            self.read(&mut objects, &id, &mut coverage, &mut |bytes, coverage| {
                let provenance = Provenance {
                    path: Some(path.clone()),
                    commit_id,
                    blob_id: Some(id),
                    origin: Origin::File,
                };
                visit(&Blob {
                    bytes,
                    provenance,
                    regions: Regions::Whole,
                    inherited: Vec::new(),
                });
                coverage.blobs += 1;
                coverage.files += 1;
                coverage.bytes += bytes.len() as u64;
            })?;
        }
        Ok(coverage)
    }
}

impl Range {
    fn list(&self, options: &[&str]) -> Result<Vec<u8>, SourceError> {
        let arguments = ["rev-list"]
            .iter()
            .chain(options)
            .copied()
            .map(str::to_owned);
        let arguments = arguments
            .chain(self.revisions.iter().cloned())
            .chain(["--".to_owned()]);
        self.git.output("walking the commits", arguments)
    }

    /// Returns every blob and tag that the range reaches and its boundary does not.
    fn contents(&self, commits: &[ObjectId]) -> Result<Contents, SourceError> {
        let listed = self.list(&["--objects"])?;
        let commit_ids: HashSet<&ObjectId> = commits.iter().collect();
        let mut paths: Vec<(ObjectId, BString)> = Vec::new();
        for line in listed.lines() {
            let (id, path) = line.split_once_str(" ").unwrap_or((line, b""));
            let Some(id) = ObjectId::from_hex(id).filter(|id| !commit_ids.contains(id)) else {
                continue;
            };
            paths.push((id, path.into()));
        }
        let kinds = self.kinds(&paths)?;
        let introduced = self.introduced(commits)?;
        let mut blobs = Vec::new();
        let is_blob = |id: &ObjectId| kinds.get(id) == Some(&Kind::Blob);
        for (id, path) in paths.into_iter().filter(|(id, _)| is_blob(id)) {
            match introduced.get(&id) {
                Some(places) => blobs.extend(
                    places
                        .iter()
                        .map(|(path, commit)| (id, path.clone(), Some(*commit))),
                ),
                None => blobs.push((id, path, None)),
            }
        }
        let mut tags: Vec<ObjectId> = kinds
            .into_iter()
            .filter_map(|(id, kind)| (kind == Kind::Tag).then_some(id))
            .collect();
        tags.sort_unstable();
        Ok(Contents { blobs, tags })
    }

    /// Returns which of the objects are tags, and which are blobs or are missing: what is missing is found out
    /// when it is read.
    fn kinds(
        &self,
        objects: &[(ObjectId, BString)],
    ) -> Result<HashMap<ObjectId, Kind>, SourceError> {
        let checked = self.git.feed(
            "reading object types",
            [
                "cat-file",
                "--batch-check=%(objectname) %(objecttype)",
                "--buffer",
            ],
            lines(objects.iter().map(|(id, _)| id)).as_bytes(),
        )?;
        let kind = |line| {
            let (id, kind) = ByteSlice::split_once_str(line, " ")?;
            let kind = match kind {
                b"tree" | b"commit" => return None,
                b"tag" => Kind::Tag,
                _ => Kind::Blob,
            };
            Some((ObjectId::from_hex(id)?, kind))
        };
        Ok(checked.lines().filter_map(kind).collect())
    }

    /// Returns for each blob the paths under which a commit brought it in, each with the first such commit. A
    /// merge brings in what differs from all of its parents.
    fn introduced(
        &self,
        commits: &[ObjectId],
    ) -> Result<HashMap<ObjectId, Vec<(BString, ObjectId)>>, SourceError> {
        let mut introduced: HashMap<ObjectId, Vec<(BString, ObjectId)>> = HashMap::new();
        changes::each(&self.git, commits, &[], &mut |change| {
            let places = introduced.entry(change.new_id).or_default();
            if !places.iter().any(|(known, _)| *known == change.path) {
                places.push((change.path, change.commit_id));
            }
        })?;
        Ok(introduced)
    }

    fn read(
        &self,
        objects: &mut super::git::Objects,
        id: &ObjectId,
        coverage: &mut Coverage,
        hand: &mut dyn FnMut(&[u8], &mut Coverage),
    ) -> Result<(), SourceError> {
        match objects.content(id) {
            Ok(Some(bytes)) => hand(&bytes, coverage),
            Ok(None) if self.missing == Missing::Skip => {
                coverage.skipped.push(Skip {
                    path: None,
                    reason: format!("object {id} is not in this clone"),
                });
            }
            Ok(None) => coverage.unread.push(Unread {
                path: id.to_string().into(),
                message: "the object is not in this clone: `git fetch` it, or give --allow-missing"
                    .to_owned(),
            }),
            Err(error) => {
                coverage.unread.push(Unread {
                    path: id.to_string().into(),
                    message: error.to_string(),
                });
                *objects = self.git.objects()?;
            }
        }
        Ok(())
    }
}

/// Returns the changes that one commit makes against another, for what the base holds already.
///
/// # Errors
/// Returns an error when git cannot compare them.
pub fn changes(git: &Git, base: &str, head: &str) -> Result<Vec<index::Change>, SourceError> {
    let arguments = [
        "diff-tree",
        "-r",
        "--raw",
        "-z",
        "-M",
        "--no-abbrev",
        "--no-ext-diff",
        base,
        head,
        "--",
    ];
    Ok(index::parse_raw(
        &git.output("comparing the commits", arguments)?,
    ))
}

/// Returns the commits whose parents this clone has cut off.
///
/// # Errors
/// Returns an error when git does not say where it keeps the list, or the list cannot be read.
pub fn grafts(git: &Git) -> Result<HashSet<ObjectId>, SourceError> {
    let path = git.output(
        "looking for a shallow clone",
        ["rev-parse", "--git-path", "shallow"],
    )?;
    let path = git.folder().join(path.trim_ascii_end().to_path_lossy());
    match fs_err::read(&path) {
        Ok(listed) => Ok(listed.lines().filter_map(ObjectId::from_hex).collect()),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(HashSet::new()),
        Err(cause) => Err(SourceError::Io { path, cause }),
    }
}

/// Returns the commits that the revisions select, parents before children.
///
/// # Errors
/// Returns an error when git cannot walk them.
pub fn commits(git: &Git, revisions: &[String]) -> Result<Vec<ObjectId>, SourceError> {
    let arguments = ["rev-list", "--topo-order", "--reverse"].map(str::to_owned);
    let arguments = arguments
        .into_iter()
        .chain(revisions.iter().cloned())
        .chain(["--".to_owned()]);
    let listed = git.output("walking the commits", arguments)?;
    Ok(listed.lines().filter_map(ObjectId::from_hex).collect())
}
