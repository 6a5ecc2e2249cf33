//! Reads a blob that lies in a file of its own, as all do that were just staged: in half the time of libgit2.

use std::path::PathBuf;

use libdeflater::{DecompressionError, Decompressor};

use crate::blob::ObjectId;
use crate::source::content::IN_MEMORY;

/// A reader of loose blobs, with the memory it uses again for each.
pub(super) struct Loose {
    /// The folder of objects.
    folder: PathBuf,
    inflater: Decompressor,
    /// As long as the largest object so far.
    object: Vec<u8>,
}

impl Loose {
    /// Returns a reader over a folder of objects.
    pub(super) fn new(folder: PathBuf) -> Self {
        Loose {
            folder,
            inflater: Decompressor::new(),
            object: Vec::new(),
        }
    }

    /// Returns the content of a blob; `None` for one that lies elsewhere, is no whole blob, or is large: others read it
    /// then, and say what is wrong with it.
    pub(super) fn read(&mut self, id: &ObjectId) -> Option<&[u8]> {
        let name = id.to_string();
        let (fan, rest) = name.split_at(2);
        let deflated = std::fs::read(self.folder.join(fan).join(rest)).ok()?;
        let len = loop {
            match self.inflater.zlib_decompress(&deflated, &mut self.object) {
                Ok(len) => break len,
                Err(DecompressionError::InsufficientSpace) => {
                    let more = (2 * self.object.len()).max(4 * deflated.len());
                    if more as u64 > IN_MEMORY {
                        return None;
                    }
                    self.object.resize(more, 0);
                }
                Err(DecompressionError::BadData) => return None,
            }
        };
        // `blob`, its length in decimal digits, a NUL, its bytes.
        let object = self.object[..len].strip_prefix(b"blob ")?;
        let end = memchr::memchr(0, object)?;
        let said = std::str::from_utf8(&object[..end]).ok()?;
        let content = &object[end + 1..];
        (said.parse() == Ok(content.len())).then_some(content)
    }
}
