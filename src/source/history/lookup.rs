//! A lookup tells where in a list the object of a name stands, at the cost of two looks into memory.
//!
//! Names are hashes: their first bits tell well where they stand among all names in order. Searching the sorted names of
//! a pack index by halves touches six to nine places far apart, and a history asks for every entry of every tree.

use super::objects::Number;

/// The rows of a list of names, in order of name.
#[derive(Default)]
pub(super) struct Lookup {
    /// The rows in order of their names; nothing where they stand in order as they are.
    rows: Vec<Number>,
    /// For each number that the first bits of a name make, where the names that start so begin.
    starts: Vec<u32>,
    /// How far the first eight bytes of a name are shifted to give that number.
    shift: u32,
}

impl Lookup {
    /// Returns the lookup of so many rows; `name_of` gives the name of a row. Of rows of one name the first is found.
    pub(super) fn new<'n>(count: Number, name_of: impl Fn(Number) -> &'n [u8]) -> Self {
        let mut rows: Vec<Number> = Vec::new();
        if !(0..count).is_sorted_by_key(&name_of) {
            rows.extend(0..count);
            // Stable, and quick where the list is made of some that are in order.
            rows.sort_by(|&one, &other| name_of(one).cmp(name_of(other)));
        }
        let bits = count.next_power_of_two().trailing_zeros().max(1);
        let mut lookup = Lookup {
            rows,
            starts: vec![0; (1 << bits) + 1],
            shift: u64::BITS - bits,
        };
        let mut filled = 0;
        for at in 0..count {
            let slot = lookup.slot(name_of(lookup.row(at)));
            lookup.starts[filled..=slot].fill(at);
            filled = filled.max(slot + 1);
        }
        lookup.starts[filled..].fill(count);
        lookup
    }

    /// Returns the first row of the name; `name_of` gives the name of a row.
    pub(super) fn find<'n>(
        &self,
        name: &[u8],
        name_of: impl Fn(Number) -> &'n [u8],
    ) -> Option<Number> {
        let slot = self.slot(name);
        let (mut start, mut end) = (*self.starts.get(slot)?, *self.starts.get(slot + 1)?);
        // One or two, unless somebody has sought names that start alike.
        while end - start > 4 {
            let middle = start + (end - start) / 2;
            if name_of(self.row(middle)) < name {
                start = middle + 1;
            } else {
                end = middle + 1;
            }
        }
        (start..end)
            .map(|at| self.row(at))
            .find(|&row| name_of(row) == name)
    }

    /// Returns all rows, in order of their names and those of one name in their own.
    pub(super) fn in_order(&self) -> impl Iterator<Item = Number> {
        let count = self.starts.last().copied().unwrap_or(0);
        (0..count).map(|at| self.row(at))
    }

    fn row(&self, at: u32) -> Number {
        self.rows.get(at as usize).copied().unwrap_or(at)
    }

    fn slot(&self, name: &[u8]) -> usize {
        let first = name
            .first_chunk::<8>()
            .map_or(0, |bytes| u64::from_be_bytes(*bytes));
        usize::try_from(first >> self.shift).unwrap_or(usize::MAX)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Names of twenty bytes of which many start alike.
    fn name() -> impl Strategy<Value = Vec<u8>> {
        let byte = prop_oneof![3 => Just(7_u8), 1 => any::<u8>()];
        prop::collection::vec(byte, 20)
    }

    proptest! {
        #[test]
        fn every_name_is_found_at_its_first_row_and_no_other(
            known in prop::collection::vec(name(), 0..100),
            others in prop::collection::vec(name(), 0..100),
            is_sorted in any::<bool>(),
        ) {
            let mut known = known;
            if is_sorted {
                known.sort();
            }
            let name_of = |row: Number| &known[row as usize][..];
            let count = Number::try_from(known.len()).expect("few");
            let lookup = Lookup::new(count, name_of);
            for name in known.iter().chain(&others) {
                let row = known.iter().position(|other| other == name);
                let row = row.map(|row| Number::try_from(row).expect("few"));
                prop_assert_eq!(lookup.find(name, name_of), row);
            }
            let mut sorted = known.clone();
            sorted.sort();
            let names: Vec<&[u8]> = lookup.in_order().map(name_of).collect();
            prop_assert_eq!(names, sorted);
        }
    }
}
