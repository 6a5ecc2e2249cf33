//! A source is a place that yields blobs: the index, a range of commits, the history, folders, standard input.

pub mod archive;
mod changes;
pub mod content;
pub mod diff;
pub mod files;
pub mod git;
pub mod history;
pub mod index;
pub mod pull;
pub mod range;
pub mod tree;

use std::path::PathBuf;

use bstr::BString;

use crate::blob::{Blob, Mark};

/// What a scan does with each blob: it returns the marks it wants to hear of again when a later version of
/// the same bytes comes by.
pub type Visit<'v> = dyn Fn(&Blob<'_>) -> Vec<Mark> + Sync + 'v;

/// A place that yields blobs.
pub trait Source {
    /// Hands every blob to `visit`, from as many threads as it likes, and returns what was covered.
    ///
    /// What cannot be read is said in [`Coverage::unread`] and does not stop the rest.
    ///
    /// # Errors
    /// Returns an error when the source as a whole cannot be read: then nothing may be called clean.
    fn scan(&self, visit: &Visit<'_>) -> Result<Coverage, SourceError>;
}

/// What a source has read, left out and could not read.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Coverage {
    /// Files, or paths of an index.
    pub files: u64,
    /// Bytes handed to the scan.
    pub bytes: u64,
    /// Commits walked.
    pub commits: u64,
    /// Blobs handed to the scan.
    pub blobs: u64,
    /// What was left out, and why: a submodule, a limit a person set, a shallow history.
    pub skipped: Vec<Skip>,
    /// What should have been read and could not be: makes the run an error.
    pub unread: Vec<Unread>,
}

/// Something left out on purpose.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Skip {
    /// The path, where it has one.
    pub path: Option<BString>,
    /// Why, in a few words: "submodule".
    pub reason: String,
}

/// Something that could not be read.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Unread {
    /// The path or the name of the object.
    pub path: BString,
    /// What went wrong and what mends it.
    pub message: String,
}

impl Coverage {
    /// Adds what another part of the same source has covered.
    pub fn add(&mut self, other: Coverage) {
        self.files += other.files;
        self.bytes += other.bytes;
        self.commits += other.commits;
        self.blobs += other.blobs;
        self.skipped.extend(other.skipped);
        self.unread.extend(other.unread);
    }
}

/// Why a source as a whole could not be read.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// There is no repository here.
    #[error("{} is not inside a git repository", path.display())]
    NoRepository {
        /// Where it was looked for.
        path: PathBuf,
    },
    /// A revision is unknown, or its object is not in this clone.
    #[error("{revision} is not a commit in this clone: {message}")]
    Revision {
        /// As it was given.
        revision: String,
        /// What git says.
        message: String,
    },
    /// git, or the library that reads repositories, gave up.
    #[error("{doing}: {message}")]
    Git {
        /// What was being done: "reading the index".
        doing: &'static str,
        /// What it says.
        message: String,
    },
    /// A file or folder that was asked for cannot be read.
    #[error("{}: {cause}", path.display())]
    Io {
        /// The path as it was given.
        path: PathBuf,
        /// What the system says; a part of this error's own words.
        cause: std::io::Error,
    },
}
