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

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use flate2::Compression;
    use flate2::write::ZlibEncoder;

    use super::*;

    /// Writes an object as git does, under a name of its own, and returns the name.
    fn written(folder: &std::path::Path, name: char, object: &[u8]) -> ObjectId {
        let name = String::from(name).repeat(40);
        let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(object).expect("memory takes all");
        let place = folder.join(&name[..2]);
        std::fs::create_dir_all(&place).expect("a writable folder");
        let deflated = encoder.finish().expect("memory takes all");
        std::fs::write(place.join(&name[2..]), deflated).expect("a writable folder");
        ObjectId::from_hex(name.as_bytes()).expect("forty hexadecimal digits")
    }

    #[test]
    fn blobs_of_any_size_are_read_and_all_else_is_left_to_others() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let mut loose = Loose::new(folder.path().to_owned());
        for (name, len) in [('a', 5), ('b', 100_000), ('c', 0), ('d', 70)] {
            let content = vec![b'x'; len];
            let object = [format!("blob {len}\0").into_bytes(), content.clone()].concat();
            let id = written(folder.path(), name, &object);
            assert_eq!(loose.read(&id), Some(&content[..]), "{len}");
        }
        for (name, object) in [
            ('1', &b"tree 3\0abc"[..]),
            ('2', b"blob 4\0abc"),
            ('3', b"blob 3"),
        ] {
            let id = written(folder.path(), name, object);
            assert_eq!(loose.read(&id), None, "{name}");
        }
        let id = written(folder.path(), '4', b"blob 3\0abc");
        let hex = id.to_string();
        let place = folder.path().join(&hex[..2]).join(&hex[2..]);
        std::fs::write(place, b"no zlib").expect("a writable folder");
        assert_eq!(loose.read(&id), None);
        let missing = ObjectId::from_hex(&[b'f'; 40]).expect("forty hexadecimal digits");
        assert_eq!(loose.read(&missing), None);
    }
}
