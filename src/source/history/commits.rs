//! Commits and tags: what they say, and which tree and parents they name.

use crate::blob::{Blob, Origin, Provenance, Regions};
use crate::source::Visit;

use super::objects::{NONE, Number, Objects};
use super::pack::Kind;
use super::shard::Shard;
use super::walk::{Difference, Failure, Visitor};

/// A commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Commit {
    pub(super) number: Number,
    /// Its tree; [`NONE`] when the repository lacks it.
    pub(super) tree: Number,
    /// Its parents that the repository has.
    pub(super) parents: Vec<Number>,
    /// When it was committed, in seconds since 1970.
    pub(super) time: i64,
}

/// An annotated tag and what it names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Tag {
    pub(super) number: Number,
    pub(super) target: Number,
}

/// What a thread has gathered.
#[derive(Default)]
pub(super) struct Gathered {
    pub(super) commits: Vec<Commit>,
    pub(super) tags: Vec<Tag>,
    pub(super) failed: Vec<(Number, Failure)>,
    /// Bytes of messages.
    pub(super) bytes: u64,
}

/// Reads commits and tags and hands their messages to the scan.
pub(super) struct Reader<'r> {
    pub(super) objects: &'r Objects,
    pub(super) visit: &'r Visit<'r>,
    /// Whose messages are scanned; all commits are read.
    pub(super) shard: Shard,
}

impl Reader<'_> {
    /// Tells whether the message of this commit or tag is scanned.
    pub(super) fn has(&self, number: Number) -> bool {
        self.shard.has(self.objects.raw_name(number))
    }

    /// Takes a commit or tag.
    pub(super) fn take(&self, worker: &mut Gathered, number: Number, bytes: &[u8]) {
        if self.objects.is_copy(number) {
            return;
        }
        let (head, message) = split(bytes);
        let mut provenance = Provenance {
            origin: Origin::Message,
            ..Provenance::default()
        };
        if self.objects.kind(number) == Kind::Tag {
            let target = field(head, b"object ").and_then(|hex| self.named(hex));
            worker.tags.push(Tag {
                number,
                target: target.unwrap_or(NONE),
            });
            provenance.blob_id = Some(self.objects.name(number));
        } else {
            worker.commits.push(self.commit(number, head));
            provenance.commit_id = Some(self.objects.name(number));
        }
        if !self.has(number) {
            return;
        }
        worker.bytes += message.len() as u64;
        (self.visit)(&Blob {
            bytes: message,
            provenance,
            regions: Regions::Whole,
            inherited: Vec::new(),
        });
    }

    fn commit(&self, number: Number, head: &[u8]) -> Commit {
        let parents = head
            .split(|&byte| byte == b'\n')
            .skip(1)
            .map_while(|line| line.strip_prefix(b"parent "))
            .filter_map(|hex| self.named(hex))
            .collect();
        Commit {
            number,
            tree: field(head, b"tree ")
                .and_then(|hex| self.named(hex))
                .unwrap_or(NONE),
            parents,
            time: field(head, b"committer ").and_then(time).unwrap_or(0),
        }
    }

    fn named(&self, hex: &[u8]) -> Option<Number> {
        let mut raw = [0_u8; 32];
        let raw = raw.get_mut(..self.objects.hash_len())?;
        if hex.len() != raw.len() * 2 {
            return None;
        }
        for (byte, pair) in raw.iter_mut().zip(hex.chunks_exact(2)) {
            *byte = digit(pair[0])? << 4 | digit(pair[1])?;
        }
        self.objects.find(raw)
    }
}

fn digit(byte: u8) -> Option<u8> {
    match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        _ => None,
    }
}

/// Cuts a commit or tag into its head and its message.
pub(super) fn split(bytes: &[u8]) -> (&[u8], &[u8]) {
    match memchr::memmem::find(bytes, b"\n\n") {
        Some(at) => (&bytes[..=at], &bytes[at + 2..]),
        None => (bytes, &[]),
    }
}

/// Returns the rest of the first line of the head that starts with `name`.
pub(super) fn field<'h>(head: &'h [u8], name: &[u8]) -> Option<&'h [u8]> {
    head.split(|&byte| byte == b'\n')
        .find_map(|line| line.strip_prefix(name))
}

/// Reads the seconds out of `Name <address> seconds zone`.
pub(super) fn time(person: &[u8]) -> Option<i64> {
    let after = &person[memchr::memrchr(b'>', person)? + 1..];
    let seconds = after
        .split(|&byte| byte == b' ')
        .find(|part| !part.is_empty())?;
    std::str::from_utf8(seconds).ok()?.parse().ok()
}

impl Visitor for Reader<'_> {
    type State = ();
    type Worker = Gathered;

    fn worker(&self) -> Gathered {
        Gathered::default()
    }

    fn full(&self, worker: &mut Gathered, number: Number, bytes: &[u8]) {
        self.take(worker, number, bytes);
    }

    fn delta(&self, worker: &mut Gathered, number: Number, bytes: &[u8], _: Difference<'_, ()>) {
        self.take(worker, number, bytes);
    }

    fn failed(&self, worker: &mut Gathered, number: Number, why: Failure) {
        worker.failed.push((number, why));
    }
}
