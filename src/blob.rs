//! A blob is a run of bytes to scan, with where it came from and which of its bytes count.

use std::fmt;

use bstr::BString;

use crate::span::Span;

/// Bytes to scan.
#[derive(Debug)]
pub struct Blob<'b> {
    /// The content.
    pub bytes: &'b [u8],
    /// Where the content came from.
    pub provenance: Provenance,
    /// Which of the bytes decide; the rest is context.
    pub regions: Regions,
    /// Marks that lie outside the regions and are known from an earlier version of the same bytes.
    pub inherited: Vec<Mark>,
}

/// Where bytes came from.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Provenance {
    /// The path from the root of the repository, or of the scanned folder, with `/`.
    /// `None` while it is not known: history is read by object, and paths come later.
    pub path: Option<BString>,
    /// The commit that brought the bytes in.
    pub commit_id: Option<ObjectId>,
    /// The git blob that holds them.
    pub blob_id: Option<ObjectId>,
    /// What kind of text it is.
    pub origin: Origin,
}

/// What kind of text a blob is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Origin {
    /// The content of a file.
    #[default]
    File,
    /// The message of a commit or tag.
    Message,
    /// A path: the name itself is the text.
    Path,
}

/// Which bytes of a blob decide: a match counts when it touches one of them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Regions {
    /// All of the blob.
    #[default]
    Whole,
    /// These ranges, sorted and apart: the added lines of a staged file, or the bytes a pack's
    /// delta inserts. A seam between two copied ranges is an empty range.
    Ranges(Vec<Span>),
}

impl Regions {
    /// Returns the regions made of these ranges, sorted, and joined where they touch.
    pub fn from_ranges(mut ranges: Vec<Span>) -> Self {
        ranges.sort_unstable();
        let mut joined: Vec<Span> = Vec::with_capacity(ranges.len());
        for range in ranges {
            match joined.last_mut() {
                Some(last) if range.start <= last.end => last.end = last.end.max(range.end),
                _ => joined.push(range),
            }
        }
        Regions::Ranges(joined)
    }

    /// Tells whether the span touches a byte that decides, or a seam.
    pub fn touch(&self, span: Span) -> bool {
        match self {
            Regions::Whole => true,
            Regions::Ranges(ranges) => {
                let first = ranges.partition_point(|range| range.end < span.start);
                ranges[first..]
                    .iter()
                    .take_while(|range| range.start <= span.end)
                    .any(|range| {
                        if range.is_empty() {
                            span.start < range.start && range.start < span.end
                        } else {
                            range.overlaps(span)
                        }
                    })
            }
        }
    }
}

/// A place in a blob that a scan wants to hear of again when a later version copies it unchanged.
///
/// A history carries hundreds of them through every version, so they are small. They are in order of place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Mark {
    start: u32,
    end: u32,
    /// What the scan calls it.
    pub id: u32,
}

impl Mark {
    /// Returns the mark of this name for a place in a blob of less than 4 GiB. `extent` is all bytes that it depends on;
    /// none, `0..0`, for what holds of all of the blob.
    pub fn new(extent: Span, id: u32) -> Self {
        let offset =
            |offset| u32::try_from(offset).expect("no larger blob is carried to a later version");
        Mark {
            start: offset(extent.start),
            end: offset(extent.end),
            id,
        }
    }

    /// Returns all bytes that it depends on.
    pub fn extent(self) -> Span {
        Span::new(self.start as usize, self.end as usize)
    }
}

/// The name of a git object, of either hash length.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ObjectId {
    len: u8,
    bytes: [u8; 32],
}

impl ObjectId {
    /// Returns the id made of 20 (SHA-1) or 32 (SHA-256) raw bytes, or `None` for another length.
    pub fn from_raw(raw: &[u8]) -> Option<Self> {
        let len = match raw.len() {
            20 => 20,
            32 => 32,
            _ => return None,
        };
        let mut bytes = [0; 32];
        bytes[..raw.len()].copy_from_slice(raw);
        Some(ObjectId { len, bytes })
    }

    /// Returns the id written as 40 or 64 hex digits, or `None` for anything else.
    pub fn from_hex(hex: &[u8]) -> Option<Self> {
        let raw = data_encoding::HEXLOWER_PERMISSIVE.decode(hex).ok()?;
        Self::from_raw(&raw)
    }

    /// Returns the raw bytes, 20 or 32 of them.
    pub fn as_raw(&self) -> &[u8] {
        &self.bytes[..usize::from(self.len)]
    }

    /// Tells whether every byte is zero: git's word for "no object".
    pub fn is_zero(&self) -> bool {
        self.as_raw().iter().all(|&b| b == 0)
    }
}

impl fmt::Display for ObjectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let hex = data_encoding::HEXLOWER.encode(self.as_raw());
        f.pad(&hex)
    }
}

impl fmt::Debug for ObjectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regions_touch_what_overlaps_and_what_crosses_a_seam() {
        let regions = Regions::from_ranges(vec![Span::new(10, 20), Span::new(30, 30)]);
        assert!(regions.touch(Span::new(19, 25)));
        assert!(regions.touch(Span::new(25, 35)), "crosses the seam");
        assert!(!regions.touch(Span::new(20, 30)), "ends at the seam");
        assert!(!regions.touch(Span::new(30, 40)), "starts at the seam");
    }

    #[test]
    fn object_ids_are_of_either_length() {
        let sha1 = "0123456789abcdef0123456789abcdef01234567";
        assert_eq!(
            ObjectId::from_hex(sha1.as_bytes())
                .map(|id| id.to_string())
                .as_deref(),
            Some(sha1)
        );
        let sha256 = sha1.repeat(2)[..64].to_owned();
        assert_eq!(
            ObjectId::from_hex(sha256.as_bytes()).map(|id| id.to_string()),
            Some(sha256)
        );
        assert_eq!(ObjectId::from_hex(b"0123"), None);
    }
}
