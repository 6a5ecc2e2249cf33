//! What a repository holds right now, told without reading an object: its packs, loose objects, refs and HEAD.

use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

use crate::blob::ObjectId;
use crate::source::git::Git;
use crate::source::{Coverage, SourceError};

use super::objects;
use super::refs::{self, Place};

/// What a repository holds.
#[derive(Debug, Clone)]
pub struct State {
    /// The checksums of the packs, in order.
    pub packs: Vec<ObjectId>,
    /// What refs, HEADs and reflogs point at, in order.
    pub tips: Vec<ObjectId>,
    /// The commit that is checked out.
    pub head: Option<ObjectId>,
    /// Where history is cut off, as git's file says it.
    pub shallow: Vec<u8>,
    /// The loose objects, in order.
    pub loose: Vec<ObjectId>,
    /// The pack of each checksum.
    pub(super) pack_files: Vec<(ObjectId, PathBuf)>,
    pub(super) hash_len: usize,
    /// What could not be read, and what is left out.
    pub coverage: Coverage,
}

impl State {
    /// Looks at the repository at or above `folder`.
    ///
    /// # Errors
    /// Returns an error when there is none, or git cannot read its refs.
    pub fn read(folder: &Path) -> Result<Self, SourceError> {
        let mut coverage = Coverage::default();
        let git = &Git::new(folder);
        // git answers each in some milliseconds; side by side they are one wait.
        let (place, tips, head) = std::thread::scope(|scope| {
            let tips = scope.spawn(move || {
                let mut coverage = Coverage::default();
                refs::tips(git, &mut coverage).map(|tips| (tips, coverage))
            });
            let head = scope.spawn(move || refs::head(git));
            let place = Place::find(git, folder, &mut coverage);
            (place, tips.join(), head.join())
        });
        let place = place?;
        let (tips, beside) = tips.expect("it does not panic")?;
        coverage.add(beside);
        let mut pack_files = Vec::new();
        for path in objects::pack_paths(&place.folders, &mut coverage.unread) {
            // A pack without a checksum is damaged: whoever reads it says so.
            if let Ok(Some(sum)) = checksum(&path, place.hash_len) {
                pack_files.push((sum, path));
            }
        }
        pack_files.sort();
        let mut loose = objects::loose_names(&place.folders, place.hash_len, &mut coverage.unread);
        loose.sort_unstable();
        loose.dedup();
        Ok(State {
            packs: pack_files.iter().map(|&(sum, _)| sum).collect(),
            tips,
            head: head.expect("it does not panic"),
            shallow: std::fs::read(&place.shallow).unwrap_or_default(),
            loose,
            pack_files,
            hash_len: place.hash_len,
            coverage,
        })
    }

    /// Returns a hash of all of it: where it is the same, nothing has changed.
    pub fn digest(&self) -> String {
        let mut hash = Sha256::new();
        add(&mut hash, &self.packs);
        add(&mut hash, &self.loose);
        add(&mut hash, &self.tips);
        add(&mut hash, self.head.as_slice());
        hash.update(&self.shallow);
        data_encoding::HEXLOWER.encode(&hash.finalize())
    }

    /// Returns a word for what the history starts from: the same for clones whose refs, HEADs and reflogs name the same.
    pub fn start(&self) -> String {
        let mut hash = Sha256::new();
        add(&mut hash, &self.tips);
        add(&mut hash, self.head.as_slice());
        hash.update(&self.shallow);
        data_encoding::HEXLOWER.encode(&hash.finalize()[..8])
    }

    /// Returns a word for how the objects are stored, which is what they are dealt out to shards by: the same for copies
    /// of the same files, another for a clone that was packed anew.
    pub fn split(&self) -> String {
        let mut hash = Sha256::new();
        add(&mut hash, &self.packs);
        add(&mut hash, &self.loose);
        data_encoding::HEXLOWER.encode(&hash.finalize()[..8])
    }
}

fn add(hash: &mut Sha256, ids: &[ObjectId]) {
    for id in ids {
        hash.update(id.as_raw());
    }
    hash.update((ids.len() as u64).to_le_bytes());
}

/// Returns what a pack ends with: the hash of all of it.
fn checksum(path: &Path, hash_len: usize) -> std::io::Result<Option<ObjectId>> {
    let mut file = File::open(path)?;
    let len = i64::try_from(hash_len).unwrap_or(32);
    file.seek(SeekFrom::End(-len))?;
    let mut sum = vec![0; hash_len];
    file.read_exact(&mut sum)?;
    Ok(ObjectId::from_raw(&sum))
}
