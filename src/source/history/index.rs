//! A pack index says where in a pack each object lies.
//!
//! Read are version 2 of git's index and, for packs that have none of their own, the multi-pack-index
//! (gitformat-pack(5)). The layout and every offset are checked before they are used; the checksum over
//! the whole file is not.

use std::path::Path;

use super::map::Mapped;

const FANOUT: usize = 256 * 4;
const LARGE: u32 = 1 << 31;

/// What is wrong with a pack or its index.
#[derive(Debug, thiserror::Error)]
pub(super) enum PackError {
    /// The system will not give it.
    #[error("{0}")]
    Io(#[from] std::io::Error),
    /// The file ends before its end.
    #[error("the file is cut off: {0}")]
    Truncated(&'static str),
    /// The file says something that cannot be.
    #[error("the file is damaged: {0}")]
    Damaged(&'static str),
    /// The file is of a form that is not read here.
    #[error("{0}; `git gc` writes one that can be read")]
    Unsupported(&'static str),
}

/// The names, offsets and checksums of the objects of one pack, in order of name.
pub(super) struct Index {
    map: Mapped,
    hash_len: usize,
    names: usize,
    layout: Layout,
}

enum Layout {
    /// An `.idx` of the pack alone.
    Own {
        count: usize,
        crcs: usize,
        offsets: usize,
        large: usize,
    },
    /// The rows of a multi-pack-index that belong to the pack.
    Shared { rows: Vec<(u32, u64)> },
}

impl Index {
    /// Reads a pack's own index.
    pub(super) fn open(path: &Path, hash_len: usize) -> Result<Self, PackError> {
        let map = Mapped::open(path)?;
        let names = 8 + FANOUT;
        if map.len() < names + 2 * hash_len {
            return Err(PackError::Truncated("no room for its table"));
        }
        if map[..4] != *b"\xfftOc" {
            return Err(PackError::Unsupported("an index of version 1"));
        }
        if be32(&map, 4) != 2 {
            return Err(PackError::Unsupported("an index of an unknown version"));
        }
        let count = fanout_total(&map, 8)?;
        let crcs = names + count * hash_len;
        let offsets = crcs + count * 4;
        let large = offsets + count * 4;
        if map.len() < large + 2 * hash_len {
            return Err(PackError::Truncated("fewer rows than it counts"));
        }
        Ok(Index {
            map,
            hash_len,
            names,
            layout: Layout::Own {
                count,
                crcs,
                offsets,
                large,
            },
        })
    }

    /// Reads the part of a multi-pack-index that is about the pack of this name.
    pub(super) fn open_shared(
        path: &Path,
        pack_name: &[u8],
        hash_len: usize,
    ) -> Result<Self, PackError> {
        let map = Mapped::open(path)?;
        let chunks = Chunks::read(&map)?;
        let pack = chunks
            .of(*b"PNAM")?
            .split(|&byte| byte == 0)
            .position(|name| stem(name) == stem(pack_name))
            .ok_or(PackError::Damaged("the pack is not in it"))?;
        let count = fanout_total(&map, chunks.range(*b"OIDF")?.start)?;
        let names = chunks.range(*b"OIDL")?.start;
        let rows_at = chunks.range(*b"OOFF")?.start;
        let large = chunks.of(*b"LOFF").unwrap_or(&[]);
        if map.len() < names + count * hash_len || map.len() < rows_at + count * 8 {
            return Err(PackError::Truncated("fewer rows than it counts"));
        }
        let mut rows = Vec::new();
        for row in 0..count {
            if be32(&map, rows_at + row * 8) as usize != pack {
                continue;
            }
            let offset = be32(&map, rows_at + row * 8 + 4);
            let offset = if offset & LARGE == 0 || large.is_empty() {
                u64::from(offset)
            } else {
                be64(large, (offset & !LARGE) as usize * 8)
                    .ok_or(PackError::Damaged("an offset beyond its table"))?
            };
            let row = u32::try_from(row).map_err(|_| PackError::Damaged("too many rows"))?;
            rows.push((row, offset));
        }
        Ok(Index {
            map,
            hash_len,
            names,
            layout: Layout::Shared { rows },
        })
    }

    /// Returns the number of objects.
    pub(super) fn count(&self) -> usize {
        match &self.layout {
            Layout::Own { count, .. } => *count,
            Layout::Shared { rows } => rows.len(),
        }
    }

    /// Returns the name of an object, as raw bytes.
    pub(super) fn name(&self, position: usize) -> &[u8] {
        let row = match &self.layout {
            Layout::Own { .. } => position,
            Layout::Shared { rows } => rows[position].0 as usize,
        };
        let start = self.names + row * self.hash_len;
        &self.map[start..start + self.hash_len]
    }

    /// Returns where in the pack the object starts; `None` where the index is damaged.
    pub(super) fn offset(&self, position: usize) -> Option<u64> {
        match &self.layout {
            Layout::Own { offsets, large, .. } => {
                let offset = be32(&self.map, offsets + position * 4);
                if offset & LARGE == 0 {
                    Some(u64::from(offset))
                } else {
                    be64(&self.map, large + (offset & !LARGE) as usize * 8)
                }
            }
            Layout::Shared { rows } => Some(rows[position].1),
        }
    }

    /// Returns the CRC-32 of the object as it lies in the pack, where the index has it.
    pub(super) fn crc(&self, position: usize) -> Option<u32> {
        match &self.layout {
            Layout::Own { crcs, .. } => Some(be32(&self.map, crcs + position * 4)),
            Layout::Shared { .. } => None,
        }
    }

    /// Returns the position of the object of this name.
    ///
    /// Names are spread evenly, so where one stands can be guessed well: a few guesses, then halving.
    pub(super) fn find(&self, name: &[u8]) -> Option<usize> {
        let wanted = leading(name);
        let (mut low, mut high) = (0, self.count());
        let (mut low_value, mut high_value) = (0_u64, u64::MAX);
        for _ in 0..4 {
            if high - low < 8 {
                break;
            }
            let share = u128::from(wanted.saturating_sub(low_value)) * (high - low) as u128
                / (u128::from(high_value - low_value) + 1);
            let guess = low + usize::try_from(share).unwrap_or(0).min(high - low - 1);
            let value = leading(self.name(guess));
            match value.cmp(&wanted) {
                std::cmp::Ordering::Less => (low, low_value) = (guess + 1, value),
                std::cmp::Ordering::Greater => (high, high_value) = (guess, value),
                std::cmp::Ordering::Equal => break,
            }
        }
        while low < high {
            let middle = low + (high - low) / 2;
            match self.name(middle).cmp(name) {
                std::cmp::Ordering::Less => low = middle + 1,
                std::cmp::Ordering::Greater => high = middle,
                std::cmp::Ordering::Equal => return Some(middle),
            }
        }
        None
    }
}

/// Returns the table of chunks of a multi-pack-index.
struct Chunks<'m> {
    map: &'m [u8],
    rows: Vec<([u8; 4], usize)>,
}

impl<'m> Chunks<'m> {
    fn read(map: &'m [u8]) -> Result<Self, PackError> {
        if map.len() < 12 || map[..4] != *b"MIDX" {
            return Err(PackError::Damaged("not a multi-pack-index"));
        }
        if map[4] != 1 {
            return Err(PackError::Unsupported(
                "a multi-pack-index of an unknown version",
            ));
        }
        let count = usize::from(map[6]);
        let mut rows = Vec::with_capacity(count + 1);
        for row in 0..=count {
            let at = 12 + row * 12;
            let id = map
                .get(at..at + 4)
                .ok_or(PackError::Truncated("no room for its table"))?;
            let offset = be64(map, at + 4).ok_or(PackError::Truncated("no room for its table"))?;
            let offset = usize::try_from(offset)
                .ok()
                .filter(|&offset| offset <= map.len())
                .ok_or(PackError::Truncated("a chunk beyond its end"))?;
            rows.push(([id[0], id[1], id[2], id[3]], offset));
        }
        Ok(Chunks { map, rows })
    }

    fn range(&self, id: [u8; 4]) -> Result<std::ops::Range<usize>, PackError> {
        self.rows
            .windows(2)
            .find(|pair| pair[0].0 == id && pair[0].1 <= pair[1].1)
            .map(|pair| pair[0].1..pair[1].1)
            .ok_or(PackError::Damaged("a chunk is missing"))
    }

    fn of(&self, id: [u8; 4]) -> Result<&'m [u8], PackError> {
        Ok(&self.map[self.range(id)?])
    }
}

/// Returns the number of rows, and checks that the table never falls.
fn fanout_total(map: &[u8], at: usize) -> Result<usize, PackError> {
    if map.len() < at + FANOUT {
        return Err(PackError::Truncated("no room for its table"));
    }
    let mut last = 0;
    for bucket in 0..256 {
        let total = be32(map, at + bucket * 4);
        if total < last {
            return Err(PackError::Damaged("its table falls"));
        }
        last = total;
    }
    Ok(last as usize)
}

/// Returns the name of a pack without `.pack` or `.idx`.
fn stem(name: &[u8]) -> &[u8] {
    name.strip_suffix(b".idx")
        .or_else(|| name.strip_suffix(b".pack"))
        .unwrap_or(name)
}

fn leading(name: &[u8]) -> u64 {
    name.first_chunk::<8>()
        .map_or(0, |bytes| u64::from_be_bytes(*bytes))
}

/// Reads four bytes that were checked to be there.
fn be32(bytes: &[u8], at: usize) -> u32 {
    u32::from_be_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]])
}

fn be64(bytes: &[u8], at: usize) -> Option<u64> {
    bytes
        .get(at..)?
        .first_chunk::<8>()
        .map(|bytes| u64::from_be_bytes(*bytes))
}
