//! Files and folders on disk, and standard input.

use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use bstr::{BString, ByteVec};
use ignore::{WalkBuilder, WalkState};

use super::content::{Content, IN_MEMORY};
use super::{Coverage, Skip, Source, SourceError, Unread, Visit};
use crate::blob::{Blob, Origin, Provenance, Regions};

/// The largest file that is read into a buffer which other files are read into after it, in bytes.
const FEW: u64 = 1 << 20;

/// Files and folders.
pub struct Files {
    /// What was asked for.
    pub paths: Vec<PathBuf>,
    /// Which files of a folder are read.
    pub ignored: Ignored,
    /// The largest file that is read, if a person set one.
    pub largest: Option<u64>,
}

/// Which files of a folder are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ignored {
    /// Those that `.gitignore` and its like leave out are left out.
    Skip,
    /// All of them.
    Read,
}

impl Source for Files {
    fn scan(&self, visit: &Visit<'_>) -> Result<Coverage, SourceError> {
        let mut coverage = Coverage::default();
        for path in &self.paths {
            // A link that a person names stands for what it leads to.
            let metadata = std::fs::metadata(path).map_err(|cause| SourceError::Io {
                path: path.clone(),
                cause,
            })?;
            let name = path.strip_prefix("./").unwrap_or(path);
            coverage.add(if metadata.is_dir() {
                self.folder(path, visit)
            } else if metadata.is_file() {
                let target = std::fs::canonicalize(path);
                self.file(target.as_deref().unwrap_or(path), name, visit)
            } else {
                stream(path, name, visit)
            });
        }
        coverage.skipped.sort();
        coverage.unread.sort();
        Ok(coverage)
    }
}

impl Files {
    /// Reads every file below a folder, on all cores.
    fn folder(&self, folder: &Path, visit: &Visit<'_>) -> Coverage {
        let total = Mutex::new(Coverage::default());
        let respect = self.ignored == Ignored::Skip;
        let walk = WalkBuilder::new(folder)
            .standard_filters(respect)
            .hidden(false)
            .parents(respect)
            .require_git(false)
            .follow_links(false)
            .filter_entry(|entry| entry.file_name() != ".git")
            .build_parallel();
        walk.run(|| {
            // Each worker reads its files into one place.
            let mut buffer = Vec::new();
            let total = &total;
            Box::new(move |entry| {
                let covered = match entry {
                    Ok(entry) if entry.file_type().is_some_and(|kind| kind.is_dir()) => {
                        return WalkState::Continue;
                    }
                    Ok(entry) => {
                        let name = entry.path().strip_prefix(folder).unwrap_or(entry.path());
                        let is_file = entry.file_type().is_some_and(|kind| kind.is_file());
                        match is_file.then(|| self.few(entry.path(), &mut buffer)) {
                            Some(Ok(Some(bytes))) => blob(bytes, bytes_of(name), visit),
                            // Whatever else it is, or whatever went wrong, is looked at the long way.
                            _ => self.file(entry.path(), name, visit),
                        }
                    }
                    Err(error) => Coverage {
                        unread: vec![Unread {
                            path: bytes_of(folder),
                            message: error.to_string(),
                        }],
                        ..Coverage::default()
                    },
                };
                total
                    .lock()
                    .expect("no reader panics while it counts")
                    .add(covered);
                WalkState::Continue
            })
        });
        total
            .into_inner()
            .expect("no reader panics while it counts")
    }

    /// Reads a file that the walk found, if it is one of few bytes, into the buffer. Most files of a tree are: what
    /// the system is asked for each counts.
    fn few<'b>(&self, path: &Path, buffer: &'b mut Vec<u8>) -> io::Result<Option<&'b [u8]>> {
        let mut file = std::fs::File::open(path)?;
        let metadata = file.metadata()?;
        let length = metadata.len();
        if !metadata.is_file() || length > FEW || self.largest.is_some_and(|most| length > most) {
            return Ok(None);
        }
        let length = usize::try_from(length).expect("few bytes");
        if buffer.len() <= length {
            buffer.resize((length + 1).next_power_of_two(), 0);
        }
        // One byte more than there are: where it stays free, the end was seen.
        let mut read = 0;
        while read <= length {
            match file.read(&mut buffer[read..=length]) {
                Ok(0) => break,
                Ok(more) => read += more,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
            if read == length {
                break;
            }
        }
        // A file that grows or shrinks meanwhile is read the long way.
        Ok((read == length).then(|| &buffer[..length]))
    }

    /// Reads one file, or the target of a link.
    fn file(&self, path: &Path, name: &Path, visit: &Visit<'_>) -> Coverage {
        let name = bytes_of(name);
        let read = std::fs::symlink_metadata(path).and_then(|metadata| {
            if metadata.is_symlink() {
                return std::fs::read_link(path).map(|target| {
                    let target: Vec<u8> = bytes_of(&target).into();
                    Some(Content::from(target))
                });
            }
            if !metadata.is_file() || self.largest.is_some_and(|largest| metadata.len() > largest) {
                return Ok(None);
            }
            if metadata.len() <= IN_MEMORY {
                return std::fs::read(path).map(|bytes| Some(bytes.into()));
            }
            Content::read(&mut std::fs::File::open(path)?).map(Some)
        });
        match read {
            Ok(Some(bytes)) => blob(&bytes, name, visit),
            Ok(None) => {
                let reason = match self.largest {
                    Some(largest) if path.is_file() => format!("larger than {largest} bytes"),
                    _ => "not a file".to_owned(),
                };
                Coverage {
                    skipped: vec![Skip {
                        path: Some(name),
                        reason,
                    }],
                    ..Coverage::default()
                }
            }
            Err(error) => unread(name, &error),
        }
    }
}

/// Reads what is named and is no file: a pipe, as the shell makes one of `<(command)`, to its end.
fn stream(path: &Path, name: &Path, visit: &Visit<'_>) -> Coverage {
    let read = std::fs::File::open(path).and_then(|mut stream| {
        if is_device(&stream.metadata()?) {
            return Err(std::io::Error::other("a device has no end to read to"));
        }
        Content::read(&mut stream)
    });
    match read {
        Ok(bytes) => blob(&bytes, bytes_of(name), visit),
        Err(error) => unread(bytes_of(name), &error),
    }
}

#[cfg(unix)]
fn is_device(metadata: &std::fs::Metadata) -> bool {
    use std::os::unix::fs::FileTypeExt as _;
    let kind = metadata.file_type();
    kind.is_char_device() || kind.is_block_device()
}

#[cfg(not(unix))]
fn is_device(_: &std::fs::Metadata) -> bool {
    false
}

fn unread(path: BString, error: &std::io::Error) -> Coverage {
    Coverage {
        unread: vec![Unread {
            path,
            message: error.to_string(),
        }],
        ..Coverage::default()
    }
}

/// Bytes that are at hand: standard input, a commit message.
pub struct Bytes {
    /// The bytes.
    pub bytes: Content,
    /// The path that rules see, where they have one.
    pub path: Option<BString>,
    /// What they are.
    pub origin: Origin,
}

impl Source for Bytes {
    fn scan(&self, visit: &Visit<'_>) -> Result<Coverage, SourceError> {
        let provenance = Provenance {
            path: self.path.clone(),
            origin: self.origin,
            ..Provenance::default()
        };
        Ok(hand(&self.bytes, provenance, visit))
    }
}

fn blob(bytes: &[u8], path: BString, visit: &Visit<'_>) -> Coverage {
    hand(
        bytes,
        Provenance {
            path: Some(path),
            ..Provenance::default()
        },
        visit,
    )
}

fn hand(bytes: &[u8], provenance: Provenance, visit: &Visit<'_>) -> Coverage {
    visit(&Blob {
        bytes,
        provenance,
        regions: Regions::Whole,
        inherited: Vec::new(),
    });
    Coverage {
        files: 1,
        blobs: 1,
        bytes: bytes.len() as u64,
        ..Coverage::default()
    }
}

/// Returns a path as bytes with `/` between its parts.
fn bytes_of(path: &Path) -> BString {
    let bytes = Vec::from_path_lossy(path).into_owned();
    if std::path::MAIN_SEPARATOR == '\\' {
        return bytes
            .into_iter()
            .map(|byte| if byte == b'\\' { b'/' } else { byte })
            .collect::<Vec<u8>>()
            .into();
    }
    bytes.into()
}
