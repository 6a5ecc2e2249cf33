//! Reads the index through git's own plumbing, which reads every repository that git can.

use std::cell::RefCell;
use std::path::PathBuf;

use bstr::{BString, ByteSlice as _};

use super::{Change, Mode, Reader};
use crate::blob::ObjectId;
use crate::source::SourceError;
use crate::source::content::Content;
use crate::source::git::{Git, Objects};

/// Reads through git itself.
pub(super) struct Plumbing {
    git: Git,
    objects: RefCell<Option<Objects>>,
}

impl Plumbing {
    /// Opens the repository around `folder`, as git finds it.
    pub(super) fn open(folder: impl Into<PathBuf>) -> Result<Self, SourceError> {
        let folder = folder.into();
        let git = Git::new(&folder);
        let asked = ["rev-parse", "--is-bare-repository", "--git-path", "index"];
        let said = git.output("opening the repository", asked)?;
        if let Some(index) = said.strip_prefix(b"true\n")
            && let Ok(index) = index.trim_end().to_path()
            && !folder.join(index).exists()
        {
            return Err(SourceError::Git {
                doing: "reading the index",
                message: "a bare repository has none; `guard history` checks its commits"
                    .to_owned(),
            });
        }
        Ok(Plumbing {
            git,
            objects: RefCell::new(None),
        })
    }

    fn read(&self, id: &ObjectId) -> Result<Content, String> {
        let mut slot = self.objects.borrow_mut();
        if slot.is_none() {
            *slot = Some(self.git.objects().map_err(|error| error.to_string())?);
        }
        match slot.as_mut().expect("made above").content(id) {
            Ok(Some(bytes)) => Ok(bytes),
            Ok(None) => Err(format!("object {id} is not in this clone: `git fetch` it")),
            Err(error) => {
                *slot = None;
                Err(format!("object {id}: {error}"))
            }
        }
    }
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

    fn blob(&self, id: &ObjectId, hand: &mut dyn FnMut(&[u8])) -> Result<(), String> {
        hand(&self.read(id)?);
        Ok(())
    }

    fn index_files(
        &self,
        wanted: &dyn Fn(&[u8]) -> bool,
    ) -> Result<Vec<(BString, ObjectId)>, SourceError> {
        let listed = self.git.output(
            "reading the index",
            ["ls-files", "-s", "-z", "--full-name", ":/"],
        )?;
        // `mode id stage`, a tab, the path, ended by NUL.
        let row = |row: &[u8]| {
            let tab = row.iter().position(|&byte| byte == b'\t')?;
            let id = row[..tab].split(|&byte| byte == b' ').nth(1)?;
            Some((BString::from(&row[tab + 1..]), ObjectId::from_hex(id)?))
        };
        Ok(listed
            .split(|&byte| byte == 0)
            .filter_map(row)
            .filter(|(path, _)| wanted(path))
            .collect())
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
pub(in crate::source) fn parse_tree(listed: &[u8]) -> Vec<(BString, ObjectId)> {
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
pub(in crate::source) fn parse_raw(raw: &[u8]) -> Vec<Change> {
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
        let Some(new_id) = ObjectId::from_hex(new_id) else {
            continue;
        };
        if status.starts_with(b"D") {
            continue;
        }
        let mode = match new_mode {
            _ if new_id.is_zero() => Mode::Unmerged,
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
