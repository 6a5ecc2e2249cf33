//! Which trees lead to which of the wanted blobs.
//!
//! Every tree that leads to a wanted blob gets a number made of all the wanted blobs below it and their
//! names; it follows from its base's number and the edges that differ. So two trees hold the same wanted
//! blobs at the same paths when their numbers are equal, and a commit whose number is that of its parent is
//! done with. The numbers are keyed by a random word: two that are equal by chance are not met in practice.

use std::collections::HashSet;
use std::hash::{BuildHasher as _, Hasher as _};

use super::edges::Edge;
use super::fold::FoldState;
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
            if marks.wanted.has(edge.object) {
                reached.insert(edge.object);
            } else {
                left.push(edge.object);
            }
        }
    }
    reached
}

/// What of the wanted blobs lies below every tree.
pub(super) struct Marks<'g> {
    pub(super) graph: &'g Graph,
    wanted: Bits,
    /// What is wanted or leads to it: so little of millions of objects that it is looked at first.
    leads: Bits,
    /// For every tree, by its place, the place of the nearest of itself, its base, and the bases below of which an edge
    /// that leads to something is not one of its own base; [`NONE`] where none is.
    differing: Vec<u32>,
    /// For each of those the sum of the values of its edges.
    sums: Vec<u64>,
    hasher: FoldState,
}

/// What stands in [`Marks::differing`] for a tree that was not looked at yet.
const UNKNOWN: u32 = NONE - 1;
/// And for one that is being looked at. It is met again only where a damaged index has a tree lead to itself.
const OPEN: u32 = NONE - 2;

/// A tree that is looked at once all are that it depends on.
struct Frame {
    slot: usize,
    /// How many of its changes were looked at.
    done: usize,
    sum: u64,
    differs: bool,
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
        let word = self.0.get(number as usize / 64);
        word.is_some_and(|word| word >> (number % 64) & 1 != 0)
    }
}

impl<'g> Marks<'g> {
    pub(super) fn new(graph: &'g Graph, wanted: &[Number]) -> Self {
        let mut is_wanted = Bits::new(graph.edges.objects());
        let mut leads = Bits::new(graph.edges.objects());
        for &object in wanted {
            is_wanted.set(object);
            leads.set(object);
        }
        let count = graph.trees.len();
        let mut marks = Marks {
            graph,
            wanted: is_wanted,
            leads,
            differing: vec![UNKNOWN; count],
            sums: vec![0; count],
            hasher: FoldState::default(),
        };
        if wanted.is_empty() {
            marks.differing.fill(NONE);
            return marks;
        }
        let mut frames = Vec::new();
        for slot in 0..count {
            marks.open(slot, &mut frames);
            while let Some(frame) = frames.pop() {
                marks.look(frame, &mut frames);
            }
        }
        marks
    }

    /// Begins with a tree that was not looked at yet.
    fn open(&mut self, slot: usize, frames: &mut Vec<Frame>) {
        if self.differing[slot] == UNKNOWN {
            self.differing[slot] = OPEN;
            frames.push(Frame {
                slot,
                done: 0,
                sum: 0,
                differs: false,
            });
        }
    }

    /// Sums the edges of a tree: those of its base, without what is dropped, with what is added. It is put back where
    /// another one has to be looked at first.
    fn look(&mut self, mut frame: Frame, frames: &mut Vec<Frame>) {
        let trees = &self.graph.trees;
        let base = trees.base_slot(frame.slot);
        if let Some(base) = base.filter(|&base| self.differing[base] == UNKNOWN) {
            frames.push(frame);
            self.open(base, frames);
            return;
        }
        let (changes, dropped) = trees.changes(frame.slot);
        for &edge in &changes[frame.done..] {
            if !self.wanted.has(edge.object)
                && let Some(below) = trees.slot(edge.object)
                && self.differing[below] == UNKNOWN
            {
                frames.push(frame);
                self.open(below, frames);
                return;
            }
            let value = self.value_of(edge);
            if value != 0 {
                self.leads.set(edge.object);
                frame.differs = true;
                frame.sum = if frame.done < dropped {
                    frame.sum.wrapping_sub(value)
                } else {
                    frame.sum.wrapping_add(value)
                };
            }
            frame.done += 1;
        }
        let slot = frame.slot;
        let of_base = base.map_or(NONE, |base| self.differing[base]);
        self.differing[slot] = if frame.differs {
            let before = self.sums.get(of_base as usize).copied().unwrap_or(0);
            self.sums[slot] = before.wrapping_add(frame.sum);
            u32::try_from(slot).unwrap_or(NONE)
        } else {
            of_base
        };
    }

    /// Returns what an edge adds to its tree's value; nothing for most.
    pub(super) fn value(&self, edge: Edge) -> u64 {
        if self.leads.has(edge.object) {
            self.value_of(edge)
        } else {
            0
        }
    }

    fn value_of(&self, edge: Edge) -> u64 {
        let (object, below) = if self.wanted.has(edge.object) {
            (edge.object, 0)
        } else {
            match self.of_tree(edge.object) {
                0 => return 0,
                below => (NONE, below),
            }
        };
        let mut hasher = self.hasher.build_hasher();
        hasher.write_u64(u64::from(edge.name) << 32 | u64::from(object));
        hasher.write_u64(below);
        hasher.finish() | 1
    }

    fn of_slot(&self, slot: usize) -> u64 {
        let differing = self.differing[slot] as usize;
        self.sums.get(differing).copied().unwrap_or(0)
    }

    pub(super) fn of_tree(&self, tree: Number) -> u64 {
        let slot = self.graph.trees.slot(tree);
        slot.map_or(0, |slot| self.of_slot(slot))
    }

    /// Returns the marked edges of a tree, in order of name.
    pub(super) fn marked(&self, tree: Number) -> Vec<Edge> {
        let trees = &self.graph.trees;
        let mut chain = Vec::new();
        let mut at = trees.slot(tree);
        while let Some(slot) = at {
            let Some(differing) = Some(self.differing[slot]).filter(|&slot| slot != NONE) else {
                break;
            };
            let differing = differing as usize;
            chain.push(differing);
            at = trees.base_slot(differing);
        }
        let is_marked = |edge: &Edge| self.value(*edge) != 0;
        let mut marked: Vec<Edge> = Vec::new();
        for slot in chain.into_iter().rev() {
            for edge in trees.dropped(slot).iter().filter(|edge| is_marked(edge)) {
                if let Some(at) = marked.iter().position(|other| other == edge) {
                    marked.swap_remove(at);
                }
            }
            marked.extend(trees.added(slot).iter().copied().filter(is_marked));
        }
        marked.sort_unstable();
        marked.dedup();
        marked
    }
}
