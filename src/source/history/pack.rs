//! A pack is the file in which git keeps many objects, most of them as the difference to another one.
//!
//! Checked of every object that is read: the CRC-32 of its packed bytes, where the index has one, the
//! Adler-32 of its inflated bytes, its length and that of its base. Its name is not computed again: that
//! would cost more than all the rest.

use std::path::Path;

use rayon::slice::ParallelSliceMut as _;

use super::index::{Index, PackError};
use super::map::Mapped;

/// What kind of object it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    /// Not known: its chain of bases leads nowhere.
    Unknown,
    /// A commit.
    Commit,
    /// A tree.
    Tree,
    /// A blob.
    Blob,
    /// An annotated tag.
    Tag,
}

impl Kind {
    /// Returns the kind that git calls by this word.
    pub(super) fn from_word(word: &[u8]) -> Self {
        match word {
            b"commit" => Kind::Commit,
            b"tree" => Kind::Tree,
            b"blob" => Kind::Blob,
            b"tag" => Kind::Tag,
            _ => Kind::Unknown,
        }
    }

    /// Returns git's word for the kind.
    pub(super) fn word(self) -> &'static str {
        match self {
            Kind::Unknown => "unknown",
            Kind::Commit => "commit",
            Kind::Tree => "tree",
            Kind::Blob => "blob",
            Kind::Tag => "tag",
        }
    }
}

/// What the head of an object in a pack says.
#[derive(Debug, Clone, Copy)]
pub(super) struct Header {
    pub(super) stored: Stored,
    /// The length of what is inflated: the object, or the delta.
    pub(super) size: u64,
    /// Where in the pack the deflated bytes start.
    pub(super) data: usize,
}

/// How an object is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stored {
    /// In full.
    Full(Kind),
    /// As the difference to the object that starts at this offset.
    DeltaAt(u64),
    /// As the difference to the object whose name starts at this offset.
    DeltaOf(usize),
}

/// A pack and the order of its objects.
pub(super) struct Pack {
    data: Mapped,
    index: Index,
    /// Where each object starts, in order.
    starts: Starts,
    /// The position of each in the index.
    positions: Vec<u32>,
    /// For each position in the index, its place in that order.
    places: Vec<u32>,
    hash_len: usize,
}

/// Where the objects of a pack start; most packs are of less than 4 GiB.
enum Starts {
    Near(Vec<u32>),
    Far(Vec<u64>),
}

impl Starts {
    fn get(&self, place: usize) -> Option<u64> {
        match self {
            Starts::Near(starts) => starts.get(place).map(|&start| u64::from(start)),
            Starts::Far(starts) => starts.get(place).copied(),
        }
    }
}

/// Returns where the objects of an index start, in order, and the position of each in the index.
fn in_order(index: &Index) -> Result<(Starts, Vec<u32>), PackError> {
    let count = u32::try_from(index.count()).map_err(|_| PackError::Damaged("too many objects"))?;
    let offset = |position: u32| {
        index
            .offset(position as usize)
            .ok_or(PackError::Damaged("an offset beyond its table"))
    };
    let mut is_near = true;
    for position in 0..count {
        is_near &= u32::try_from(offset(position)?).is_ok();
    }
    if is_near {
        let mut rows: Vec<u64> = (0..count)
            .map(|position| Ok(offset(position)? << 32 | u64::from(position)))
            .collect::<Result<_, PackError>>()?;
        rows.par_sort_unstable();
        let half = |row: u64| u32::try_from(row & u64::from(u32::MAX)).expect("a half");
        let starts = rows.iter().map(|row| half(row >> 32)).collect();
        let positions = rows.iter().map(|&row| half(row)).collect();
        return Ok((Starts::Near(starts), positions));
    }
    let mut rows: Vec<(u64, u32)> = (0..count)
        .map(|position| Ok((offset(position)?, position)))
        .collect::<Result<_, PackError>>()?;
    rows.par_sort_unstable();
    let (starts, positions) = rows.into_iter().unzip();
    Ok((Starts::Far(starts), positions))
}

impl Pack {
    /// Opens a pack with its own index, or with its part of a multi-pack-index.
    pub(super) fn open(path: &Path, hash_len: usize) -> Result<Self, PackError> {
        let own = path.with_extension("idx");
        let shared = path.with_file_name("multi-pack-index");
        let index = if own.exists() || !shared.exists() {
            Index::open(&own, hash_len)?
        } else {
            let name = path.file_name().unwrap_or_default();
            Index::open_shared(&shared, name.as_encoded_bytes(), hash_len)?
        };
        let data = Mapped::open(path)?;
        if data.len() < 12 + hash_len || data[..4] != *b"PACK" {
            return Err(PackError::Damaged("not a pack"));
        }
        if !matches!(data[4..8], [0, 0, 0, 2 | 3]) {
            return Err(PackError::Unsupported("a pack of an unknown version"));
        }
        let (starts, positions) = in_order(&index)?;
        let mut places = vec![0; positions.len()];
        for (place, &position) in (0_u32..).zip(&positions) {
            places[position as usize] = place;
        }
        data.read_ahead();
        Ok(Pack {
            data,
            index,
            starts,
            positions,
            places,
            hash_len,
        })
    }

    /// Returns the number of objects.
    pub(super) fn count(&self) -> usize {
        self.positions.len()
    }

    /// Returns the name of the object at this place.
    pub(super) fn name(&self, place: usize) -> &[u8] {
        self.index.name(self.positions[place] as usize)
    }

    /// Returns the name at this position of the index, which is in order of name.
    pub(super) fn name_in_index(&self, position: usize) -> &[u8] {
        self.index.name(position)
    }

    /// Returns the place of the object at this position of the index.
    pub(super) fn place_of(&self, position: usize) -> u32 {
        self.places[position]
    }

    /// Returns the place of the object of this name.
    pub(super) fn find(&self, name: &[u8]) -> Option<u32> {
        self.index.find(name).map(|position| self.places[position])
    }

    /// Returns the place of the object that starts at this offset.
    pub(super) fn place_at(&self, offset: u64) -> Option<u32> {
        let place = match &self.starts {
            Starts::Near(starts) => starts.binary_search(&u32::try_from(offset).ok()?),
            Starts::Far(starts) => starts.binary_search(&offset),
        };
        let place = place.ok()?;
        u32::try_from(place).ok()
    }

    /// Returns the name of the base that `Stored::DeltaOf` points at.
    pub(super) fn base_name(&self, at: usize) -> &[u8] {
        &self.data[at..at + self.hash_len]
    }

    /// Returns how many bytes of the pack the object at this place takes.
    pub(super) fn size(&self, place: usize) -> usize {
        self.bytes(place).map_or(0, <[u8]>::len)
    }

    /// Returns the bytes of the object at this place as they lie in the pack, head included.
    fn bytes(&self, place: usize) -> Option<&[u8]> {
        let end = self.data.len() - self.hash_len;
        let start = usize::try_from(self.starts.get(place)?).ok()?;
        let end = match self.starts.get(place + 1) {
            Some(next) => usize::try_from(next).ok()?.min(end),
            None => end,
        };
        (start >= 12 && start < end).then(|| &self.data[start..end])
    }

    /// Reads the head of the object at this place.
    pub(super) fn header(&self, place: usize) -> Result<Header, PackError> {
        let cut = || PackError::Damaged("an object's head is cut off");
        let Some(bytes) = self.bytes(place) else {
            return Err(PackError::Damaged("an object outside the pack"));
        };
        let start = self.starts.get(place).ok_or(cut())?;
        let Some((kind, size, mut used)) = kind_and_size(bytes) else {
            return Err(cut());
        };
        let stored = match kind {
            1 => Stored::Full(Kind::Commit),
            2 => Stored::Full(Kind::Tree),
            3 => Stored::Full(Kind::Blob),
            4 => Stored::Full(Kind::Tag),
            6 => {
                let Some((distance, len)) = distance(&bytes[used..]) else {
                    return Err(cut());
                };
                used += len;
                let base = start
                    .checked_sub(distance)
                    .filter(|_| distance > 0)
                    .ok_or(PackError::Damaged("a base before the pack"))?;
                Stored::DeltaAt(base)
            }
            7 => {
                if bytes.len() < used + self.hash_len {
                    return Err(cut());
                }
                used += self.hash_len;
                Stored::DeltaOf(offset_in(&self.data, bytes) + used - self.hash_len)
            }
            _ => return Err(PackError::Damaged("an object of no known kind")),
        };
        Ok(Header {
            stored,
            size,
            data: offset_in(&self.data, bytes) + used,
        })
    }

    /// Inflates what the head describes into `out`, which is made long enough; its first bytes count.
    ///
    /// The caller has looked at `header.size` and is ready to hold that many bytes.
    pub(super) fn inflate(
        &self,
        place: usize,
        header: &Header,
        inflater: &mut libdeflater::Decompressor,
        out: &mut Vec<u8>,
    ) -> Result<usize, PackError> {
        let bytes = self
            .bytes(place)
            .ok_or(PackError::Damaged("an object outside the pack"))?;
        if let Some(crc) = self.index.crc(self.positions[place] as usize)
            && crc32fast::hash(bytes) != crc
        {
            return Err(PackError::Damaged("its checksum does not match the index"));
        }
        let size = usize::try_from(header.size)
            .map_err(|_| PackError::Damaged("an object larger than memory"))?;
        if out.len() < size {
            out.resize(size, 0);
        }
        let deflated = &bytes[header.data - offset_in(&self.data, bytes)..];
        match inflater.zlib_decompress(deflated, &mut out[..size]) {
            Ok(written) if written == size => Ok(size),
            Ok(_) => Err(PackError::Damaged("shorter than its head says")),
            Err(_) => Err(PackError::Damaged("it does not inflate")),
        }
    }
}

/// Returns where in `whole` the slice `part`, taken from it, starts.
fn offset_in(whole: &[u8], part: &[u8]) -> usize {
    part.as_ptr().addr() - whole.as_ptr().addr()
}

/// Reads the first bytes of an object: its type in three bits, its size in the rest.
fn kind_and_size(bytes: &[u8]) -> Option<(u8, u64, usize)> {
    let first = *bytes.first()?;
    let mut size = u64::from(first & 15);
    let mut shift = 4;
    let mut used = 1;
    let mut byte = first;
    while byte & 128 != 0 {
        byte = *bytes.get(used)?;
        if shift > 57 {
            return None;
        }
        size |= u64::from(byte & 127) << shift;
        shift += 7;
        used += 1;
    }
    Some((first >> 4 & 7, size, used))
}

/// Reads how far before the object its base starts.
fn distance(bytes: &[u8]) -> Option<(u64, usize)> {
    let mut byte = *bytes.first()?;
    let mut distance = u64::from(byte & 127);
    let mut used = 1;
    while byte & 128 != 0 {
        byte = *bytes.get(used)?;
        distance = distance.checked_add(1)?.checked_mul(128)? | u64::from(byte & 127);
        used += 1;
    }
    Some((distance, used))
}
