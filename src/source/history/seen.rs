//! What was scanned before, kept in one file, so that the next scan looks at what is new.
//!
//! The file holds names of objects and what the scan makes of them, in sections with a checksum each. It is a
//! memory and no more: one that is missing, damaged, foreign, of another version or made with other rules is passed
//! over, and one that cannot be written is not missed. It is replaced as a whole, so that of two runs at once the
//! later one leaves its own, and a full disk leaves the old one.

use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::Path;

use bstr::BStr;
use rayon::slice::ParallelSliceMut as _;

use crate::blob::ObjectId;

use super::names::extension;

/// What the file starts with; the number is that of the form.
const MAGIC: &[u8; 16] = b"guard history 1\n";
/// How many sections there are.
const SECTIONS: usize = 3;
const HEAD: usize = 16 + 32 + SECTIONS * 12;

/// What a memory must agree with: the program, the rules and the configuration, as a hash.
pub type Key = [u8; 32];

/// What is written as a section, piece by piece.
pub trait Section {
    /// Hands over all pieces.
    ///
    /// # Errors
    /// Returns the error of whoever takes them.
    fn pieces(&self, each: &mut dyn FnMut(&[u8]) -> io::Result<()>) -> io::Result<()>;
}

impl Section for Vec<u8> {
    fn pieces(&self, each: &mut dyn FnMut(&[u8]) -> io::Result<()>) -> io::Result<()> {
        each(self)
    }
}

/// A memory that was opened; sections are read when they are asked for.
#[derive(Debug)]
pub struct Memory {
    file: File,
    sections: [(u64, u32); SECTIONS],
}

impl Memory {
    /// Opens the memory at `path`, or returns `None` where there is none that counts.
    pub fn open(path: &Path, key: &Key) -> Option<Self> {
        let mut file = File::open(path).ok()?;
        let mut head = [0; HEAD];
        file.read_exact(&mut head).ok()?;
        if head[..16] != *MAGIC || head[16..48] != *key {
            return None;
        }
        let mut sections = [(0, 0); SECTIONS];
        for (section, row) in sections.iter_mut().zip(head[48..].chunks_exact(12)) {
            let (len, sum) = row.split_at(8);
            *section = (
                u64::from_le_bytes(len.try_into().ok()?),
                u32::from_le_bytes(sum.try_into().ok()?),
            );
        }
        let whole = sections
            .iter()
            .try_fold(HEAD as u64, |sum, (len, _)| sum.checked_add(*len));
        (whole? == file.metadata().ok()?.len()).then_some(Memory { file, sections })
    }

    /// Returns a section, or `None` where it is damaged.
    pub fn section(&mut self, number: usize) -> Option<Vec<u8>> {
        let start = self.sections[..number]
            .iter()
            .fold(HEAD as u64, |sum, (len, _)| sum + len);
        let (len, sum) = self.sections[number];
        self.file.seek(SeekFrom::Start(start)).ok()?;
        let mut bytes = vec![0; usize::try_from(len).ok()?];
        self.file.read_exact(&mut bytes).ok()?;
        (crc32fast::hash(&bytes) == sum).then_some(bytes)
    }

    /// Writes a memory in place of the one at `path`.
    ///
    /// # Errors
    /// Returns an error when it cannot be written; then the old one stands.
    pub fn write(path: &Path, key: &Key, sections: [&dyn Section; SECTIONS]) -> io::Result<()> {
        let folder = path.parent().unwrap_or(Path::new("."));
        std::fs::create_dir_all(folder)?;
        let mut file = tempfile::Builder::new()
            .prefix("history-")
            .tempfile_in(folder)?;
        // What comes first is known last.
        file.write_all(&[0; HEAD])?;
        let mut head = Vec::with_capacity(HEAD);
        head.extend_from_slice(MAGIC);
        head.extend_from_slice(key);
        for section in sections {
            let (mut len, mut sum) = (0_u64, crc32fast::Hasher::new());
            section.pieces(&mut |piece| {
                len += piece.len() as u64;
                sum.update(piece);
                file.write_all(piece)
            })?;
            head.extend_from_slice(&len.to_le_bytes());
            head.extend_from_slice(&sum.finalize().to_le_bytes());
        }
        file.rewind()?;
        file.write_all(&head)?;
        file.persist(path)?;
        Ok(())
    }
}

/// The names of objects that were looked at, each blob with the kind of name it went by.
///
/// Of a name the first twelve bytes are kept: to make an object that agrees in them with a given one takes 2^96 tries.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Names {
    /// In order: the twelve bytes, and four of what the name of a file tells the scan.
    entries: Vec<u128>,
}

/// One entry of [`Names`].
pub type Entry = u128;

impl Names {
    /// Returns the entry of an object that is there, whether it was scanned or not.
    pub fn there(id: &ObjectId) -> Entry {
        let mut bytes = [0; 16];
        bytes[..12].copy_from_slice(&id.as_raw()[..12]);
        u128::from_be_bytes(bytes)
    }

    /// Returns the entry of a blob that was scanned under the name of a file, or under none.
    pub fn scanned(id: &ObjectId, name: Option<&BStr>) -> Entry {
        // What a scan makes of a name depends on its extension: see `names::by_extension`.
        let group = match name {
            Some(name) => crc32fast::hash(&extension(name).to_ascii_lowercase()).max(2),
            None => 1,
        };
        Self::there(id) | u128::from(group)
    }

    /// Returns the names read from a section, or `None` where they are not in order.
    pub fn read(bytes: &[u8]) -> Option<Self> {
        let (rows, []) = bytes.as_chunks::<16>() else {
            return None;
        };
        let entries: Vec<Entry> = rows.iter().map(|row| u128::from_be_bytes(*row)).collect();
        entries.is_sorted().then_some(Names { entries })
    }

    /// Adds entries.
    pub fn add(&mut self, mut more: Vec<Entry>) {
        more.par_sort_unstable();
        if self.entries.is_empty() {
            self.entries = more;
        } else {
            self.entries.reserve_exact(more.len());
            self.entries.append(&mut more);
            #[expect(
                clippy::stable_sort_primitive,
                reason = "quick where two lists are in order"
            )]
            self.entries.sort();
        }
        self.entries.dedup();
    }

    /// Tells whether this entry is in it.
    pub fn has(&self, entry: Entry) -> bool {
        self.entries.binary_search(&entry).is_ok()
    }

    /// Tells whether the object is known, scanned or not.
    pub fn knows(&self, id: &ObjectId) -> bool {
        self.knows_entry(Self::there(id))
    }

    /// Tells whether the object of this entry is known.
    pub(super) fn knows_entry(&self, start: Entry) -> bool {
        let at = self.entries.partition_point(|&entry| entry < start);
        let entry = self.entries.get(at);
        entry.is_some_and(|&entry| entry >> 32 == start >> 32)
    }

    /// Tells whether the blob was scanned under some name.
    pub fn was_scanned(&self, id: &ObjectId) -> bool {
        let start = Self::there(id);
        let at = self.entries.partition_point(|&entry| entry <= start);
        self.entries
            .get(at)
            .is_some_and(|&entry| entry >> 32 == start >> 32)
    }

    /// Returns how many objects are known.
    pub fn objects(&self) -> usize {
        self.entries.chunk_by(|a, b| a >> 32 == b >> 32).count()
    }

    /// Forgets what is not in this list of objects that are there, in order.
    pub fn keep(&mut self, there: &[Entry]) {
        let mut there = there.iter().copied().peekable();
        self.entries.retain(|entry| {
            let start = entry >> 32 << 32;
            while there.next_if(|&other| other < start).is_some() {}
            there.peek() == Some(&start)
        });
    }
}

impl Section for Names {
    fn pieces(&self, each: &mut dyn FnMut(&[u8]) -> io::Result<()>) -> io::Result<()> {
        let mut piece = Vec::new();
        for entries in self.entries.chunks(4096) {
            piece.clear();
            piece.extend(entries.iter().flat_map(|entry| entry.to_be_bytes()));
            each(&piece)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(hex: &str) -> ObjectId {
        ObjectId::from_hex(hex.repeat(20).as_bytes()).expect("forty digits")
    }

    #[test]
    fn a_blob_is_known_by_the_kind_of_name_it_was_scanned_under() {
        let mut names = Names::default();
        let (one, other, third) = (id("1f"), id("2f"), id("3f"));
        names.add(vec![
            Names::there(&one),
            Names::scanned(&one, Some("a/b.PY".into())),
            Names::there(&other),
        ]);
        assert!(names.has(Names::scanned(&one, Some("c.py".into()))));
        assert!(!names.has(Names::scanned(&one, Some("c.pem".into()))));
        assert!(!names.has(Names::scanned(&one, None)));
        assert!(names.knows(&one) && names.knows(&other) && !names.knows(&third));
        assert!(names.was_scanned(&one) && !names.was_scanned(&other));
        let mut bytes = Vec::new();
        names
            .pieces(&mut |piece| {
                bytes.extend_from_slice(piece);
                Ok(())
            })
            .expect("memory is written without errors");
        assert_eq!(Names::read(&bytes).as_ref(), Some(&names));
        assert_eq!(Names::read(&bytes[..17]), None);
    }

    #[test]
    fn a_memory_that_is_damaged_or_foreign_is_passed_over() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("guard/history");
        let key = [7; 32];
        let sections = [b"head".to_vec(), Vec::new(), b"names".to_vec()];
        let [head, holds, names] = &sections;
        Memory::write(&path, &key, [head, holds, names]).expect("writable");
        let mut memory = Memory::open(&path, &key).expect("sound");
        assert_eq!(memory.section(0).as_deref(), Some(&b"head"[..]));
        assert_eq!(memory.section(2).as_deref(), Some(&b"names"[..]));
        assert!(
            Memory::open(&path, &[8; 32]).is_none(),
            "made with other rules"
        );
        let whole = std::fs::read(&path).expect("readable");
        for cut in 0..whole.len() {
            std::fs::write(&path, &whole[..cut]).expect("writable");
            assert!(Memory::open(&path, &key).is_none(), "cut at {cut}");
        }
        for at in HEAD..whole.len() {
            let mut bytes = whole.clone();
            bytes[at] ^= 1;
            std::fs::write(&path, &bytes).expect("writable");
            let mut memory = Memory::open(&path, &key).expect("the head is sound");
            let sound = [0, 1, 2].map(|number| memory.section(number).is_some());
            assert!(sound.contains(&false), "damaged at {at}");
        }
        std::fs::write(&path, "another program's file").expect("writable");
        assert!(Memory::open(&path, &key).is_none());
        Memory::write(&path, &key, [holds, holds, holds]).expect("it is rewritten");
        assert!(Memory::open(&path, &key).is_some());
    }
}
