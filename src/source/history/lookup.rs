//! A lookup tells where in a list the object of a name stands, at the cost of one or two looks into memory.
//!
//! Searching the sorted names of a pack index touches six to nine places far apart, and a history asks for every
//! entry of every tree that is new.

use std::hash::{BuildHasher, Hasher, RandomState};

use super::objects::{NONE, Number};

/// Numbers of objects by name, in a table with open addresses that is at most two thirds full.
pub(super) struct Lookup {
    slots: Vec<Slot>,
    /// How far the hash is shifted to give a slot.
    shift: u32,
    hasher: FoldState,
}

/// A part of the hash that does not tell the slot, and the object; most other names are passed over by it.
#[derive(Clone, Copy)]
struct Slot {
    tag: u32,
    number: Number,
}

impl Lookup {
    /// Returns an empty table with room for so many.
    pub(super) fn new(count: usize) -> Self {
        let len = (count + count / 2 + 2).next_power_of_two();
        let empty = Slot {
            tag: 0,
            number: NONE,
        };
        Lookup {
            slots: vec![empty; len],
            shift: u64::BITS - len.trailing_zeros(),
            hasher: FoldState::default(),
        }
    }

    /// Returns the number of the name; `name_of` gives the name of a number.
    pub(super) fn find<'n>(
        &self,
        name: &[u8],
        name_of: impl Fn(Number) -> &'n [u8],
    ) -> Option<Number> {
        let (mut at, tag) = self.place(name);
        loop {
            let slot = self.slots[at];
            if slot.number == NONE {
                return None;
            }
            if slot.tag == tag && name_of(slot.number) == name {
                return Some(slot.number);
            }
            at = (at + 1) & (self.slots.len() - 1);
        }
    }

    /// Adds a name that is not in the table; there must be room for it.
    pub(super) fn insert(&mut self, name: &[u8], number: Number) {
        let (mut at, tag) = self.place(name);
        while self.slots[at].number != NONE {
            at = (at + 1) & (self.slots.len() - 1);
        }
        self.slots[at] = Slot { tag, number };
    }

    fn place(&self, name: &[u8]) -> (usize, u32) {
        let hash = self.hasher.of(name);
        let tag = u32::try_from(hash & u64::from(u32::MAX)).expect("a half");
        // At least two slots: the shift is less than all bits.
        (usize::try_from(hash >> self.shift).unwrap_or(0), tag)
    }
}

/// Makes hashers that fold words into one by multiplying; keyed, so that nobody can choose collisions.
pub(super) struct FoldState([u64; 2]);

impl Default for FoldState {
    fn default() -> Self {
        let state = RandomState::new();
        FoldState([state.hash_one(0_u8), state.hash_one(1_u8)])
    }
}

impl FoldState {
    /// Returns the hash of some bytes.
    pub(super) fn of(&self, bytes: &[u8]) -> u64 {
        let mut hasher = self.build_hasher();
        hasher.write(bytes);
        hasher.finish()
    }
}

impl BuildHasher for FoldState {
    type Hasher = Fold;

    fn build_hasher(&self) -> Fold {
        Fold {
            state: self.0[0],
            key: self.0[1] | 1,
        }
    }
}

/// Folds words, eight bytes at a time.
pub(super) struct Fold {
    state: u64,
    key: u64,
}

impl Hasher for Fold {
    fn write(&mut self, bytes: &[u8]) {
        let (words, rest) = bytes.as_chunks::<8>();
        for word in words {
            self.write_u64(u64::from_le_bytes(*word));
        }
        let mut last = [0; 8];
        last[..rest.len()].copy_from_slice(rest);
        // The length keeps what ends in zeros apart.
        self.write_u64(u64::from_le_bytes(last));
        self.write_u64(bytes.len() as u64);
    }

    fn write_u64(&mut self, value: u64) {
        let product = u128::from(self.state ^ value) * u128::from(self.key);
        let [low, high] = [product, product >> 64].map(|half| half & u128::from(u64::MAX));
        self.state = u64::try_from(low ^ high).expect("both are halves");
    }

    fn write_u32(&mut self, value: u32) {
        self.write_u64(u64::from(value));
    }

    fn finish(&self) -> u64 {
        self.state
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn every_name_is_found_and_no_other(names in prop::collection::hash_set("[ab]{0,20}", 0..200)) {
            let names: Vec<String> = names.into_iter().collect();
            let (known, unknown) = names.split_at(names.len() / 2);
            let mut lookup = Lookup::new(known.len());
            for (number, name) in (0..).zip(known) {
                lookup.insert(name.as_bytes(), number);
            }
            let find = |name: &String| lookup.find(name.as_bytes(), |number| known[number as usize].as_bytes());
            for (number, name) in (0..).zip(known) {
                prop_assert_eq!(find(name), Some(number));
            }
            for name in unknown {
                prop_assert_eq!(find(name), None);
            }
        }
    }
}
