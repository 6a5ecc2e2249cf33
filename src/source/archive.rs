//! Archives as folders: the members of zip, tar and gzip, and of what is one of them by another name (jar, whl, docx).
//!
//! A member is a file of the path `outer.zip!/inner/name`. What cannot be unpacked is unread, never clean: an
//! encrypted member, a damaged one, one that unpacks to more than an archive of its size should.

use std::io::{Cursor, Read};
use std::sync::Mutex;

use bstr::{BString, ByteVec as _};

use super::{Coverage, Source, SourceError, Unread, Visit};
use crate::blob::{Blob, Origin, Provenance, Regions};

/// Archives in archives that are opened.
const DEPTH: usize = 4;
/// Bytes that one archive may unpack to, all members and what is packed in them together.
const MOST: u64 = 1 << 30;
/// Times its own size that an archive may unpack to: deflate does at most 1032 for one.
const RATIO: u64 = 200;
/// What any archive may unpack to, however small it is.
const LEAST: u64 = 16 << 20;
/// Members that are looked at.
const MEMBERS: usize = 200_000;
/// What stands between the path of an archive and that of a member.
const INSIDE: &str = "!/";

/// A source whose archives are looked into.
pub struct Unpacked<'s> {
    /// The source of the archives.
    pub source: &'s dyn Source,
}

impl Source for Unpacked<'_> {
    fn scan(&self, visit: &Visit<'_>) -> Result<Coverage, SourceError> {
        let inside = Mutex::new(Coverage::default());
        let mut coverage = self.source.scan(&|blob| {
            let marks = visit(blob);
            if let Some(format) = Format::of(blob.bytes).filter(|_| is_looked_at(blob)) {
                let mut members = Members::of(blob, visit);
                members.open(format, blob.bytes, &name(blob), DEPTH);
                inside
                    .lock()
                    .expect("no reader panics while it counts")
                    .add(members.coverage);
            }
            marks
        })?;
        coverage.add(
            inside
                .into_inner()
                .expect("no reader panics while it counts"),
        );
        coverage.unread.sort();
        Ok(coverage)
    }
}

fn is_looked_at(blob: &Blob<'_>) -> bool {
    blob.provenance.origin == Origin::File && blob.regions != Regions::Ranges(Vec::new())
}

fn name(blob: &Blob<'_>) -> BString {
    blob.provenance
        .path
        .clone()
        .unwrap_or_else(|| BString::from("-"))
}

/// What an archive is, by its first bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Format {
    /// APPNOTE.TXT 4.3.7: a local file header comes first.
    Zip,
    /// RFC 1952: identification and the one method there is.
    Gzip,
    /// POSIX ustar: the magic of the first header.
    Tar,
}

impl Format {
    fn of(bytes: &[u8]) -> Option<Self> {
        match bytes {
            [b'P', b'K', 3, 4, ..] => Some(Format::Zip),
            [0x1f, 0x8b, 8, ..] => Some(Format::Gzip),
            _ if bytes.get(257..262) == Some(b"ustar") => Some(Format::Tar),
            _ => None,
        }
    }
}

/// The members of one outer archive, as they are unpacked.
struct Members<'m, 'v> {
    visit: &'m Visit<'v>,
    outer: &'m Provenance,
    /// How many bytes may still be unpacked.
    left: u64,
    coverage: Coverage,
}

impl<'m, 'v> Members<'m, 'v> {
    fn of(blob: &'m Blob<'_>, visit: &'m Visit<'v>) -> Self {
        let size = blob.bytes.len() as u64;
        Members {
            visit,
            outer: &blob.provenance,
            left: size.saturating_mul(RATIO).clamp(LEAST, MOST),
            coverage: Coverage::default(),
        }
    }

    /// Hands out the members of an archive, and those of archives among them.
    fn open(&mut self, format: Format, bytes: &[u8], path: &BString, depth: usize) {
        let Some(depth) = depth.checked_sub(1) else {
            self.unread(
                path,
                format!(
                    "archives more than {DEPTH} deep are not opened: unpack it and scan the folder"
                ),
            );
            return;
        };
        let opened = match format {
            Format::Zip => self.zip(bytes, path, depth),
            Format::Tar => self.tar(bytes, path, depth),
            Format::Gzip => {
                self.gzip(bytes, path, depth);
                Ok(())
            }
        };
        if let Err(error) = opened {
            self.unread(path, error.to_string());
        }
    }

    fn zip(&mut self, bytes: &[u8], path: &BString, depth: usize) -> std::io::Result<()> {
        let mut archive = zip::ZipArchive::new(Cursor::new(bytes))?;
        let members = archive.len();
        for index in 0..members.min(MEMBERS) {
            let name = archive
                .name_for_index(index)
                .transpose()?
                .unwrap_or_default();
            let inner = inside(path, name.as_bytes());
            match archive.by_index(index) {
                Ok(member) if member.is_file() => self.member(member, &inner, depth),
                Ok(_) => {}
                Err(zip::result::ZipError::UnsupportedArchive(
                    zip::result::ZipError::PASSWORD_REQUIRED,
                )) => {
                    self.unread(
                        &inner,
                        "is encrypted: unpack it and scan the folder".to_owned(),
                    );
                }
                Err(error) => self.unread(&inner, error.to_string()),
            }
        }
        self.count(members, path);
        Ok(())
    }

    fn tar(&mut self, bytes: &[u8], path: &BString, depth: usize) -> std::io::Result<()> {
        let mut members = 0;
        for entry in tar::Archive::new(bytes).entries()? {
            let entry = entry?;
            members += 1;
            if members > MEMBERS {
                break;
            }
            if entry.header().entry_type().is_file() {
                let inner = inside(path, &entry.path_bytes());
                self.member(entry, &inner, depth);
            }
        }
        self.count(members, path);
        Ok(())
    }

    fn gzip(&mut self, bytes: &[u8], path: &BString, depth: usize) {
        let reader = flate2::read::MultiGzDecoder::new(bytes);
        let inner = match path
            .strip_suffix(b".gz")
            .or_else(|| path.strip_suffix(b".tgz"))
        {
            Some(name) => inside(
                path,
                name.rsplit(|&byte| byte == b'/').next().unwrap_or(name),
            ),
            None => inside(path, b"content"),
        };
        self.member(reader, &inner, depth);
    }

    /// Unpacks a member, hands it out, and opens it if it is an archive.
    fn member(&mut self, reader: impl Read, path: &BString, depth: usize) {
        let mut bytes = Vec::new();
        if let Err(error) = reader.take(self.left + 1).read_to_end(&mut bytes) {
            self.unread(path, format!("cannot be unpacked: {error}"));
        }
        let size = bytes.len() as u64;
        if size > self.left {
            let message = "unpacks to far more than an archive of its size should: the rest of it was not looked at";
            self.unread(path, message.to_owned());
            bytes.truncate(usize::try_from(self.left).unwrap_or(usize::MAX));
        }
        self.left = self.left.saturating_sub(size);
        (self.visit)(&Blob {
            bytes: &bytes,
            provenance: Provenance {
                path: Some(path.clone()),
                ..self.outer.clone()
            },
            regions: Regions::Whole,
            inherited: Vec::new(),
        });
        self.coverage.files += 1;
        self.coverage.bytes += size;
        if let Some(format) = Format::of(&bytes) {
            self.open(format, &bytes, path, depth);
        }
    }

    /// Says so when an archive has more members than are looked at.
    fn count(&mut self, members: usize, path: &BString) {
        if members > MEMBERS {
            self.unread(
                path,
                format!("has more than {MEMBERS} members: unpack it and scan the folder"),
            );
        }
    }

    fn unread(&mut self, path: &BString, message: String) {
        self.coverage.unread.push(Unread {
            path: path.clone(),
            message,
        });
    }
}

/// Returns the path of a member, as a path and not as a way out of the archive.
fn inside(archive: &BString, member: &[u8]) -> BString {
    let mut path = archive.clone();
    path.push_str(INSIDE);
    let parts = member
        .split(|&byte| byte == b'/' || byte == b'\\')
        .filter(|part| !matches!(*part, b"" | b"." | b".."));
    for (index, part) in parts.enumerate() {
        if index > 0 {
            path.push(b'/');
        }
        path.push_str(part);
    }
    path
}
