//! A shard is one of several parts of a history that together are all of it, each scanned by a run of its own.
//!
//! Blobs are dealt out by delta family: what is stored as a difference to another lies in the shard of that other, so
//! no version is made or scanned twice. The heaviest family goes first, each to the shard that has least so far; what
//! has no family (loose objects, messages) goes by its name. Commits and trees are read by every shard: only the
//! whole graph tells which commit brought a blob in.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::str::FromStr;

use super::forest::Forest;
use super::objects::{Number, Objects};

/// One of so many parts, counted from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Shard {
    index: u32,
    count: u32,
}

impl Shard {
    /// Everything: the only part of one.
    pub const WHOLE: Shard = Shard { index: 1, count: 1 };

    /// Returns part `index` of `count`, or `None` where there is no such part.
    pub fn new(index: u32, count: u32) -> Option<Self> {
        (1..=count)
            .contains(&index)
            .then_some(Shard { index, count })
    }

    /// Returns which part it is, from 1.
    pub fn index(self) -> u32 {
        self.index
    }

    /// Returns of how many parts it is one.
    pub fn count(self) -> u32 {
        self.count
    }

    /// Tells whether it is everything.
    pub fn is_whole(self) -> bool {
        self.count == 1
    }

    /// Tells whether an object that belongs to no family is in this part.
    pub(super) fn has(self, name: &[u8]) -> bool {
        let leading = name
            .first_chunk::<8>()
            .map_or(0, |bytes| u64::from_be_bytes(*bytes));
        leading % u64::from(self.count) == u64::from(self.index - 1)
    }

    /// Leaves the families of this part in the forest.
    pub(super) fn pick(self, forest: &mut Forest, objects: &Objects) {
        if self.is_whole() {
            return;
        }
        let sizes = forest.sizes(objects);
        let mut families: Vec<(u64, Number)> = sizes
            .into_iter()
            .zip(forest.roots().iter().copied())
            .collect();
        families.sort_unstable_by_key(|&(size, root)| (Reverse(size), objects.raw_name(root)));
        let mut shards: BinaryHeap<Reverse<(u64, u32)>> =
            (1..=self.count).map(|index| Reverse((0, index))).collect();
        let mut own = Vec::new();
        for (size, root) in families {
            let Reverse((load, index)) = shards.pop().expect("as many as there are parts");
            if index == self.index {
                own.push(root);
            }
            shards.push(Reverse((load + size, index)));
        }
        own.sort_unstable();
        forest.keep(own);
    }
}

impl FromStr for Shard {
    type Err = String;

    /// Reads `2/8`.
    fn from_str(text: &str) -> Result<Self, String> {
        let numbers = text
            .split_once('/')
            .and_then(|(index, count)| Some((index.parse().ok()?, count.parse().ok()?)));
        let Some((index, count)) = numbers else {
            return Err("write which part of how many, as 1/8".to_owned());
        };
        Shard::new(index, count).ok_or_else(|| match count {
            0 => "there are no parts of 0: write 1/8 for the first of eight".to_owned(),
            count => format!("parts are counted from 1: write 1/{count} to {count}/{count}"),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_is_written_as_one_of_so_many() {
        assert_eq!("2/8".parse(), Ok(Shard { index: 2, count: 8 }));
        for wrong in ["", "1", "/", "1/", "a/b", "-1/2", "1/2/3", "99999999999/2"] {
            assert!(
                wrong.parse::<Shard>().unwrap_err().contains("as 1/8"),
                "{wrong}"
            );
        }
        assert!(
            "1/0"
                .parse::<Shard>()
                .unwrap_err()
                .contains("no parts of 0")
        );
        for wrong in ["0/8", "9/8"] {
            assert!(
                wrong.parse::<Shard>().unwrap_err().contains("1/8 to 8/8"),
                "{wrong}"
            );
        }
    }

    #[test]
    fn every_name_is_in_one_part() {
        for name in 0..200_u64 {
            let raw = name.wrapping_mul(0x9E37_79B9_7F4A_7C15).to_be_bytes();
            let parts = (1..=7).filter(|&index| Shard { index, count: 7 }.has(&raw));
            assert_eq!(parts.count(), 1);
        }
    }
}
