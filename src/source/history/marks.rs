//! Which trees lead to which of the wanted blobs.
//!
//! Every tree that leads to a wanted blob gets a number made of all the wanted blobs below it and their
//! names; it follows from its base's number and the edges that differ. So two trees hold the same wanted
//! blobs at the same paths when their numbers are equal, and a commit whose number is that of its parent is
//! done with. The numbers are keyed by a random word: two that are equal by chance are not met in practice.

use std::collections::HashSet;
use std::hash::{BuildHasher, RandomState};

use super::edges::EdgeNumber;
use super::graph::Graph;
use super::objects::{NONE, Number};

/// Returns those of the wanted blobs that a reachable commit leads to.
pub(super) fn reached(graph: &Graph, wanted: &[Number]) -> HashSet<Number> {
    let marks = Marks::new(graph, wanted);
    let mut left: Vec<Number> = graph.reachable().map(|commit| commit.tree).collect();
    let mut seen = HashSet::new();
    let mut reached = HashSet::new();
    while let Some(tree) = left.pop() {
        if marks.of_tree(tree) == 0 || !seen.insert(tree) {
            continue;
        }
        for edge in marks.marked(tree) {
            let object = graph.edges.get(edge).object;
            if graph.trees.slot(object).is_some() {
                left.push(object);
            } else {
                reached.insert(object);
            }
        }
    }
    reached
}

/// What of the wanted blobs lies below every tree.
pub(super) struct Marks<'g> {
    pub(super) graph: &'g Graph,
    /// For every edge what it adds to its tree's value; nothing for most.
    pub(super) edges: Vec<u64>,
    /// A bit for every edge that adds something: so few of millions that these are looked at first.
    adds: Bits,
    /// For every tree, by its place, the sum of its edges.
    trees: Vec<u64>,
    /// For every tree the nearest of itself, its base, and the bases below whose marked edges differ from those of its
    /// own base; [`NONE`] where none does.
    differing: Vec<u32>,
}

/// A bit for each of many numbers.
struct Bits(Vec<u64>);

impl Bits {
    fn new(count: usize) -> Self {
        Bits(vec![0; count.div_ceil(64)])
    }

    fn set(&mut self, number: u32) {
        self.0[number as usize / 64] |= 1 << (number % 64);
    }

    fn has(&self, number: u32) -> bool {
        self.0[number as usize / 64] >> (number % 64) & 1 != 0
    }
}

impl<'g> Marks<'g> {
    pub(super) fn new(graph: &'g Graph, wanted: &[Number]) -> Self {
        let key = RandomState::new();
        let wanted: HashSet<Number> = wanted.iter().copied().collect();
        let count = graph.trees.all().len();
        let mut marks = Marks {
            graph,
            edges: vec![0; graph.edges.len()],
            adds: Bits::new(graph.edges.len()),
            trees: vec![0; count],
            differing: vec![NONE; count],
        };
        let mut is_wanted = Bits::new(graph.edges.objects());
        for &object in &wanted {
            is_wanted.set(object);
        }
        let mut inner: Vec<(EdgeNumber, u32)> = Vec::new();
        for (number, edge) in graph.edges.all() {
            if is_wanted.has(edge.object) {
                marks.edges[number as usize] = key.hash_one((edge.name, edge.object, 0_u64)) | 1;
                marks.adds.set(number);
            } else if let Some(slot) = graph.trees.slot(edge.object) {
                inner.push((number, u32::try_from(slot).unwrap_or(NONE)));
            }
        }
        loop {
            marks.sum();
            let mut changed = false;
            for &(number, slot) in &inner {
                let below = marks.trees[slot as usize];
                if below == 0 && !marks.adds.has(number) {
                    continue;
                }
                let value = match below {
                    0 => 0,
                    below => key.hash_one((graph.edges.get(number).name, NONE, below)) | 1,
                };
                marks.adds.set(number);
                changed |= marks.edges[number as usize] != value;
                marks.edges[number as usize] = value;
            }
            if !changed {
                return marks;
            }
        }
    }

    /// Sums the edges of every tree: those of its base, without what it drops, with what it adds.
    fn sum(&mut self) {
        let trees = &self.graph.trees;
        for (slot, tree) in trees.all().iter().enumerate() {
            let base = trees.base_slot(slot);
            let mut sum = base.map_or(0, |base| self.trees[base]);
            let mut differing = base.map_or(NONE, |base| self.differing[base]);
            for &edge in trees.dropped(tree) {
                if self.adds.has(edge) {
                    sum = sum.wrapping_sub(self.edges[edge as usize]);
                    differing = u32::try_from(slot).unwrap_or(NONE);
                }
            }
            for &edge in trees.added(tree) {
                if self.adds.has(edge) {
                    sum = sum.wrapping_add(self.edges[edge as usize]);
                    differing = u32::try_from(slot).unwrap_or(NONE);
                }
            }
            self.trees[slot] = sum;
            self.differing[slot] = differing;
        }
    }

    pub(super) fn of_tree(&self, tree: Number) -> u64 {
        self.graph
            .trees
            .slot(tree)
            .map_or(0, |slot| self.trees[slot])
    }

    /// Returns the marked edges of a tree, in order of name.
    pub(super) fn marked(&self, tree: Number) -> Vec<EdgeNumber> {
        let trees = &self.graph.trees;
        let mut chain = Vec::new();
        let mut at = trees.slot(tree);
        while let Some(slot) = at {
            let Some(differing) = Some(self.differing[slot]).filter(|&slot| slot != NONE) else {
                break;
            };
            let differing = differing as usize;
            chain.push(&trees.all()[differing]);
            at = trees.base_slot(differing);
        }
        let is_marked = |edge: &EdgeNumber| self.adds.has(*edge) && self.edges[*edge as usize] != 0;
        let mut marked: Vec<EdgeNumber> = Vec::new();
        for tree in chain.into_iter().rev() {
            for edge in trees.dropped(tree).iter().filter(|edge| is_marked(edge)) {
                if let Some(at) = marked.iter().position(|other| other == edge) {
                    marked.swap_remove(at);
                }
            }
            marked.extend(trees.added(tree).iter().copied().filter(is_marked));
        }
        marked.sort_by_key(|&edge| (self.graph.edges.get(edge).name, edge));
        marked.dedup();
        marked
    }
}
