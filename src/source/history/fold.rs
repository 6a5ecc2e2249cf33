//! A fold is a hash that is quick and keyed: for tables that nobody may fill with names that collide.

use std::hash::{BuildHasher, Hasher, RandomState};

/// Makes hashers that fold words into one by multiplying; keyed, so that nobody can choose collisions.
pub(super) struct FoldState([u64; 2]);

impl Default for FoldState {
    fn default() -> Self {
        let state = RandomState::new();
        FoldState([state.hash_one(0_u8), state.hash_one(1_u8)])
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

    fn write_usize(&mut self, value: usize) {
        self.write_u64(value as u64);
    }

    fn finish(&self) -> u64 {
        self.state
    }
}
