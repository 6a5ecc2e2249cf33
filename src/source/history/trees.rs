//! Trees, each kept as its difference to another: the edges it adds and those it drops.
//!
//! A history holds a tree for nearly every commit, and they differ in an entry or two. Only the entries
//! that a delta inserts or cuts are read; where the others start is known from the base.

use super::delta::Stretch;
use super::edges::{Edge, EdgeBook, NameNumber, NamesMet};
use super::objects::{NONE, Number, Objects};
use super::pack::Kind;
use super::walk::{Difference, Failure, Visitor};

/// A tree as the difference to its base.
#[derive(Debug, Clone, Copy)]
struct Tree {
    /// The tree it is a difference to; [`NONE`] when it stands alone.
    base: Number,
    start: u32,
    dropped: u32,
    added: u32,
}

/// All trees, in order of number.
pub(super) struct Trees {
    trees: Vec<Tree>,
    changes: Vec<Edge>,
    slots: Slots,
}

/// Where each tree stands among all trees.
struct Slots {
    /// A bit for every object, and for each word of them how many trees come before.
    words: Vec<(u64, u32)>,
    count: usize,
}

impl Slots {
    fn new(objects: &Objects) -> Self {
        let count = objects.len();
        let mut words = Vec::with_capacity(count.div_ceil(64));
        let mut before = 0_u32;
        for first in (0..count).step_by(64) {
            let mut bits = 0_u64;
            for number in first..count.min(first + 64) {
                let number = Number::try_from(number).unwrap_or(NONE);
                bits |= u64::from(objects.kind(number) == Kind::Tree) << (number % 64);
            }
            words.push((bits, before));
            before += bits.count_ones();
        }
        Slots {
            words,
            count: before as usize,
        }
    }

    fn get(&self, number: Number) -> Option<usize> {
        let &(bits, before) = self.words.get(number as usize / 64)?;
        let bit = number % 64;
        let is_tree = bits >> bit & 1 != 0;
        let among = (bits & ((1 << bit) - 1)).count_ones();
        is_tree.then_some((before + among) as usize)
    }
}

impl Trees {
    /// Puts together what the threads have gathered; `ranks` gives each name its number in order.
    pub(super) fn new(objects: &Objects, gathered: Vec<Gathered>, ranks: &[NameNumber]) -> Self {
        let slots = Slots::new(objects);
        let alone = Tree {
            base: NONE,
            start: 0,
            dropped: 0,
            added: 0,
        };
        let mut trees = vec![alone; slots.count];
        let mut changes: Vec<Edge> = Vec::new();
        for part in gathered {
            let shift = u32::try_from(changes.len()).unwrap_or(NONE);
            if changes.is_empty() {
                changes = part.changes;
            } else {
                changes.extend(part.changes);
            }
            for (number, tree) in part.trees {
                let Some(slot) = slots.get(number) else {
                    continue;
                };
                trees[slot] = Tree {
                    start: tree.start + shift,
                    ..tree
                };
            }
        }
        for edge in &mut changes {
            edge.name = ranks[edge.name as usize];
        }
        Trees {
            trees,
            changes,
            slots,
        }
    }

    /// Returns how many trees there are.
    pub(super) fn len(&self) -> usize {
        self.trees.len()
    }

    /// Returns the place of the base of the tree at this place.
    pub(super) fn base_slot(&self, slot: usize) -> Option<usize> {
        self.slots.get(self.trees[slot].base)
    }

    /// Returns the place of a tree.
    pub(super) fn slot(&self, number: Number) -> Option<usize> {
        self.slots.get(number)
    }

    /// Returns every edge, many of them more than once.
    pub(super) fn edges(&self) -> &[Edge] {
        &self.changes
    }

    /// Returns the edges in which the tree at this place differs from its base, and how many of them it drops: those
    /// come first.
    pub(super) fn changes(&self, slot: usize) -> (&[Edge], usize) {
        let tree = self.trees[slot];
        let start = tree.start as usize;
        let end = start + (tree.dropped + tree.added) as usize;
        (&self.changes[start..end], tree.dropped as usize)
    }

    /// Returns the edges that the base of the tree at this place has and it has not.
    pub(super) fn dropped(&self, slot: usize) -> &[Edge] {
        let tree = self.trees[slot];
        let start = tree.start as usize;
        &self.changes[start..start + tree.dropped as usize]
    }

    /// Returns the edges that the tree at this place has and its base has not.
    pub(super) fn added(&self, slot: usize) -> &[Edge] {
        let tree = self.trees[slot];
        let start = (tree.start + tree.dropped) as usize;
        &self.changes[start..start + tree.added as usize]
    }
}

/// What a thread has gathered.
#[derive(Default)]
pub(super) struct Gathered {
    trees: Vec<(Number, Tree)>,
    changes: Vec<Edge>,
    /// Trees that could not be read, and why.
    pub(super) failed: Vec<(Number, Failure)>,
    met: NamesMet,
    runs: Vec<(u32, u32)>,
    dropped: Vec<Edge>,
    added: Vec<Edge>,
}

/// Reads trees in the order of the delta forest.
pub(super) struct Reader<'r> {
    pub(super) book: &'r EdgeBook<'r>,
    pub(super) hash_len: usize,
}

/// Where an entry starts in its tree, and the edge it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Entry {
    start: u32,
    edge: Edge,
}

/// What stands for a submodule: no object of the repository.
const SUBMODULE: Edge = Edge {
    name: NONE,
    object: NONE,
};

/// What a tree leaves for those that are stored as a difference to it: its entries.
pub(super) type Entries = Vec<Entry>;

/// What is found out of a tree as it is read.
struct Finds<'f> {
    met: &'f mut NamesMet,
    added: &'f mut Vec<Edge>,
}

impl Reader<'_> {
    /// Reads the entry that starts at `at`: returns its edge and where it ends.
    fn entry(&self, bytes: &[u8], at: usize, met: &mut NamesMet) -> Option<(Edge, usize)> {
        let entry = &bytes[at..];
        let space = entry.iter().take(8).position(|&byte| byte == b' ')?;
        let mode = entry[..space].iter().try_fold(0_u32, |mode, &digit| {
            matches!(digit, b'0'..=b'7').then(|| mode * 8 + u32::from(digit - b'0'))
        })?;
        let name_end = space + 1 + memchr::memchr(0, &entry[space + 1..])?;
        let id = entry.get(name_end + 1..name_end + 1 + self.hash_len)?;
        let edge = if mode & 0o170_000 == 0o160_000 {
            SUBMODULE
        } else {
            self.book.edge(met, &entry[space + 1..name_end], id)
        };
        Some((edge, at + name_end + 1 + self.hash_len))
    }

    /// Adds the entry at `at`, and its edge to those that are new; returns where the next one starts.
    fn take(
        &self,
        bytes: &[u8],
        at: usize,
        entries: &mut Vec<Entry>,
        finds: &mut Finds<'_>,
    ) -> Option<usize> {
        let (edge, end) = self.entry(bytes, at, finds.met)?;
        entries.push(Entry {
            start: u32::try_from(at).ok()?,
            edge,
        });
        if edge != SUBMODULE {
            finds.added.push(edge);
        }
        Some(end)
    }

    fn read(&self, bytes: &[u8], finds: &mut Finds<'_>) -> Option<Vec<Entry>> {
        let mut entries = Vec::with_capacity(bytes.len() / 32);
        let mut at = 0;
        while at < bytes.len() {
            at = self.take(bytes, at, &mut entries, finds)?;
        }
        Some(entries)
    }

    /// Reads what differs from the base: `runs` are the entries of the base that come along unread.
    fn read_difference(
        &self,
        bytes: &[u8],
        base_len: usize,
        base: &[Entry],
        stretches: &[Stretch],
        runs: &mut Vec<(u32, u32)>,
        finds: &mut Finds<'_>,
    ) -> Option<Vec<Entry>> {
        let mut entries = Vec::with_capacity(base.len() + 8);
        let mut at = 0;
        let mut stretch = 0;
        while at < bytes.len() {
            while stretches[stretch].start + stretches[stretch].len <= at {
                stretch += 1;
            }
            let here = stretches[stretch];
            if let Some(from) = here.from
                && let Some((first, last)) =
                    whole_entries(base, base_len, from + (at - here.start), from + here.len)
            {
                let old_start = base[first].start;
                let new_start = u32::try_from(at).ok()?;
                entries.extend(base[first..last].iter().map(|entry| Entry {
                    start: entry.start - old_start + new_start,
                    edge: entry.edge,
                }));
                runs.push((u32::try_from(first).ok()?, u32::try_from(last).ok()?));
                at += entry_end(base, base_len, last - 1) - old_start as usize;
                continue;
            }
            at = self.take(bytes, at, &mut entries, finds)?;
        }
        Some(entries)
    }
}

/// Returns which entries of the base start at `start` and end by `end`, if an entry starts there.
fn whole_entries(
    base: &[Entry],
    base_len: usize,
    start: usize,
    end: usize,
) -> Option<(usize, usize)> {
    let first = base
        .binary_search_by_key(&start, |entry| entry.start as usize)
        .ok()?;
    let last = if end >= base_len {
        base.len()
    } else {
        base.partition_point(|entry| entry.start as usize <= end) - 1
    };
    (first < last).then_some((first, last))
}

fn entry_end(base: &[Entry], base_len: usize, position: usize) -> usize {
    base.get(position + 1)
        .map_or(base_len, |next| next.start as usize)
}

impl Gathered {
    /// Lists what of the base is not in the runs, and counts what is in two of them as added.
    fn compare(&mut self, base: &[Entry]) {
        self.runs.sort_unstable();
        let mut at = 0;
        for &(first, last) in &self.runs {
            if first > at {
                drop_into(&mut self.dropped, &base[at as usize..first as usize]);
            }
            if first < at {
                let twice = &base[first as usize..last.min(at) as usize];
                drop_into(&mut self.added, twice);
            }
            at = at.max(last);
        }
        drop_into(&mut self.dropped, &base[at as usize..]);
        cancel(&mut self.dropped, &mut self.added);
    }

    fn push(&mut self, number: Number, base: Number) {
        let start = u32::try_from(self.changes.len()).unwrap_or(NONE);
        self.changes.extend_from_slice(&self.dropped);
        self.changes.extend_from_slice(&self.added);
        let tree = Tree {
            base,
            start,
            dropped: u32::try_from(self.dropped.len()).unwrap_or(NONE),
            added: u32::try_from(self.added.len()).unwrap_or(NONE),
        };
        self.trees.push((number, tree));
        self.runs.clear();
        self.dropped.clear();
        self.added.clear();
    }

    fn damaged(&mut self, number: Number) -> Entries {
        self.runs.clear();
        self.dropped.clear();
        self.added.clear();
        self.failed.push((
            number,
            Failure::Damaged(super::index::PackError::Damaged("not a tree")),
        ));
        Vec::new()
    }
}

fn drop_into(edges: &mut Vec<Edge>, entries: &[Entry]) {
    edges.extend(
        entries
            .iter()
            .map(|entry| entry.edge)
            .filter(|&edge| edge != SUBMODULE),
    );
}

/// Takes out of both lists what stands in both: an entry that a delta cut and put together again.
fn cancel(dropped: &mut Vec<Edge>, added: &mut Vec<Edge>) {
    if dropped.is_empty() || added.is_empty() {
        return;
    }
    dropped.sort_unstable();
    added.sort_unstable();
    let mut rest = dropped.iter().copied().peekable();
    let mut both = Vec::new();
    for &edge in added.iter() {
        while rest.next_if(|&other| other < edge).is_some() {}
        if rest.next_if_eq(&edge).is_some() {
            both.push(edge);
        }
    }
    for edges in [dropped, added] {
        let mut gone = both.iter().copied().peekable();
        edges.retain(|edge| {
            while gone.next_if(|other| other < edge).is_some() {}
            gone.next_if_eq(edge).is_none()
        });
    }
}

impl Visitor for Reader<'_> {
    type State = Entries;
    type Worker = Gathered;

    fn worker(&self) -> Gathered {
        Gathered::default()
    }

    fn full(&self, worker: &mut Gathered, number: Number, bytes: &[u8]) -> Entries {
        let mut finds = Finds {
            met: &mut worker.met,
            added: &mut worker.added,
        };
        let Some(entries) = self.read(bytes, &mut finds) else {
            return worker.damaged(number);
        };
        worker.push(number, NONE);
        entries
    }

    fn delta(
        &self,
        worker: &mut Gathered,
        number: Number,
        bytes: &[u8],
        difference: Difference<'_, Entries>,
    ) -> Entries {
        let base = difference.state;
        if base.is_empty() {
            return self.full(worker, number, bytes);
        }
        let mut finds = Finds {
            met: &mut worker.met,
            added: &mut worker.added,
        };
        let read = self.read_difference(
            bytes,
            difference.base.len(),
            base,
            difference.stretches,
            &mut worker.runs,
            &mut finds,
        );
        let Some(entries) = read else {
            return worker.damaged(number);
        };
        worker.compare(base);
        worker.push(number, difference.base_number);
        entries
    }

    fn failed(&self, worker: &mut Gathered, number: Number, why: Failure) {
        worker.failed.push((number, why));
    }
}
