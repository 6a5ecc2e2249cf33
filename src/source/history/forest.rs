//! The delta forest: every packed object hangs from the one it is stored as a difference to.

use super::objects::{NONE, Number, Objects};
use super::pack::Kind;

/// The children of every object of some kinds, the lightest first.
pub(super) struct Forest {
    /// Where the children of each object start in `children`.
    starts: Vec<u32>,
    children: Vec<Number>,
    roots: Vec<Number>,
    weights: Vec<u32>,
}

impl Forest {
    /// Returns the forest of the packed objects of the kinds given.
    pub(super) fn new(objects: &Objects, kinds: &[Kind]) -> Self {
        let count = objects.loose().start;
        let wanted = |number: Number| {
            kinds.contains(&objects.kind(number))
                && objects.strays().binary_search(&number).is_err()
        };
        let mut starts = vec![0_u32; count as usize + 1];
        let mut roots = Vec::new();
        let mut linked = 0_usize;
        for number in (0..count).filter(|&number| wanted(number)) {
            match objects.base(number) {
                NONE => roots.push(number),
                base => {
                    starts[base as usize + 1] += 1;
                    linked += 1;
                }
            }
        }
        for at in 1..starts.len() {
            starts[at] += starts[at - 1];
        }
        let mut next = starts.clone();
        let mut children = vec![0; linked];
        for number in (0..count).filter(|&number| wanted(number)) {
            let base = objects.base(number);
            if base != NONE {
                let slot = &mut next[base as usize];
                children[*slot as usize] = number;
                *slot += 1;
            }
        }
        drop(next);
        let mut forest = Forest {
            starts,
            children,
            roots,
            weights: Vec::new(),
        };
        forest.weigh(objects);
        forest
    }

    /// Returns the objects that are stored in full, in order of place.
    pub(super) fn roots(&self) -> &[Number] {
        &self.roots
    }

    /// Keeps these roots, in order of place, and what hangs from them.
    pub(super) fn keep(&mut self, roots: Vec<Number>) {
        self.roots = roots;
    }

    /// Returns for every root how many bytes of its pack it takes, with all that hangs from it.
    pub(super) fn sizes(&self, objects: &Objects) -> Vec<u64> {
        let mut waiting = Vec::new();
        let of = |&root: &Number| {
            let mut size = 0;
            waiting.push(root);
            while let Some(number) = waiting.pop() {
                size += objects.packed_size(number);
                waiting.extend_from_slice(self.children(number));
            }
            size
        };
        self.roots.iter().map(of).collect()
    }

    /// Returns the objects stored as a difference to this one.
    pub(super) fn children(&self, number: Number) -> &[Number] {
        let at = number as usize;
        &self.children[self.starts[at] as usize..self.starts[at + 1] as usize]
    }

    /// Returns how many objects hang from this one, itself included.
    pub(super) fn weight(&self, number: Number) -> u32 {
        self.weights[number as usize]
    }

    /// Counts what hangs from each object, and puts the heaviest child last: its base is let go before it
    /// is followed, so the bases that are held at once stay few, however long the chains are.
    fn weigh(&mut self, objects: &Objects) {
        let mut order: Vec<Number> = self.roots.clone();
        let mut at = 0;
        while at < order.len() {
            let number = order[at];
            at += 1;
            order.extend_from_slice(
                &self.children[self.starts[number as usize] as usize
                    ..self.starts[number as usize + 1] as usize],
            );
        }
        let mut weights = vec![1_u32; self.starts.len() - 1];
        for &number in order.iter().rev() {
            let base = objects.base(number);
            if base != NONE {
                weights[base as usize] =
                    weights[base as usize].saturating_add(weights[number as usize]);
            }
        }
        for pair in self.starts.windows(2) {
            self.children[pair[0] as usize..pair[1] as usize]
                .sort_by_key(|&child| weights[child as usize]);
        }
        self.weights = weights;
    }
}
