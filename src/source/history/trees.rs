//! Trees, each kept as its difference to another: the edges it adds and those it drops.
//!
//! A history holds a tree for nearly every commit, and they differ in an entry or two. Only the entries
//! that a delta inserts or cuts are read; where the others start is known from the base.

use super::delta::Stretch;
use super::edges::{EdgeBook, EdgeNumber};
use super::objects::{NONE, Number, Objects};
use super::walk::{Difference, Failure, Visitor};

/// A tree as the difference to its base.
#[derive(Debug, Clone, Copy)]
pub(super) struct Tree {
    /// The tree.
    pub(super) number: Number,
    /// The tree it is a difference to; [`NONE`] when it stands alone.
    pub(super) base: Number,
    /// How many bases lie below it.
    depth: u32,
    start: u32,
    dropped: u32,
    added: u32,
}

/// All trees, each after its base.
pub(super) struct Trees {
    trees: Vec<Tree>,
    /// The place of each tree's base, or [`NONE`].
    bases: Vec<u32>,
    changes: Vec<EdgeNumber>,
    /// The place of each tree in `trees`, by the tree's number.
    slots: Vec<u32>,
}

impl Trees {
    /// Puts together what the threads have gathered.
    pub(super) fn new(objects: &Objects, gathered: Vec<Gathered>) -> Self {
        let mut trees = Vec::with_capacity(gathered.iter().map(|part| part.trees.len()).sum());
        let mut changes = Vec::with_capacity(gathered.iter().map(|part| part.changes.len()).sum());
        for part in gathered {
            let shift = u32::try_from(changes.len()).unwrap_or(NONE);
            trees.extend(part.trees.into_iter().map(|tree| Tree {
                start: tree.start + shift,
                ..tree
            }));
            changes.extend(part.changes);
        }
        trees.sort_by_key(|tree| (tree.depth, tree.number));
        let mut slots = vec![NONE; objects.len()];
        for (slot, tree) in (0..).zip(&trees) {
            slots[tree.number as usize] = slot;
        }
        let base = |tree: &Tree| slots.get(tree.base as usize).copied().unwrap_or(NONE);
        let bases = trees.iter().map(base).collect();
        Trees {
            trees,
            bases,
            changes,
            slots,
        }
    }

    /// Returns the place of the base of the tree at this place.
    pub(super) fn base_slot(&self, slot: usize) -> Option<usize> {
        let base = self.bases[slot];
        (base != NONE).then_some(base as usize)
    }

    /// Returns all trees, each after its base.
    pub(super) fn all(&self) -> &[Tree] {
        &self.trees
    }

    /// Returns the place of a tree in [`Trees::all`].
    pub(super) fn slot(&self, number: Number) -> Option<usize> {
        let slot = *self.slots.get(number as usize)?;
        (slot != NONE).then_some(slot as usize)
    }

    /// Returns the edges that the tree's base has and it has not.
    pub(super) fn dropped(&self, tree: &Tree) -> &[EdgeNumber] {
        let start = tree.start as usize;
        &self.changes[start..start + tree.dropped as usize]
    }

    /// Returns the edges that the tree has and its base has not.
    pub(super) fn added(&self, tree: &Tree) -> &[EdgeNumber] {
        let start = (tree.start + tree.dropped) as usize;
        &self.changes[start..start + tree.added as usize]
    }
}

/// What a thread has gathered.
#[derive(Default)]
pub(super) struct Gathered {
    trees: Vec<Tree>,
    changes: Vec<EdgeNumber>,
    /// Trees that could not be read, and why.
    pub(super) failed: Vec<(Number, Failure)>,
    runs: Vec<(u32, u32)>,
    dropped: Vec<EdgeNumber>,
    added: Vec<EdgeNumber>,
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
    edge: EdgeNumber,
}

/// What a tree leaves for those that are stored as a difference to it.
pub(super) struct Entries {
    entries: Vec<Entry>,
    depth: u32,
}

impl Reader<'_> {
    /// Reads the entry that starts at `at`: returns its edge ([`NONE`] for a submodule) and where it ends.
    fn entry(&self, bytes: &[u8], at: usize) -> Option<(EdgeNumber, usize)> {
        let entry = &bytes[at..];
        let space = entry.iter().take(8).position(|&byte| byte == b' ')?;
        let mode = entry[..space].iter().try_fold(0_u32, |mode, &digit| {
            matches!(digit, b'0'..=b'7').then(|| mode * 8 + u32::from(digit - b'0'))
        })?;
        let name_end = space + 1 + memchr::memchr(0, &entry[space + 1..])?;
        let id = entry.get(name_end + 1..name_end + 1 + self.hash_len)?;
        let edge = if mode & 0o170_000 == 0o160_000 {
            NONE
        } else {
            self.book.number(&entry[space + 1..name_end], id)
        };
        Some((edge, at + name_end + 1 + self.hash_len))
    }

    /// Adds the entry at `at`, and its edge to those that are new; returns where the next one starts.
    fn take(
        &self,
        bytes: &[u8],
        at: usize,
        entries: &mut Vec<Entry>,
        added: &mut Vec<EdgeNumber>,
    ) -> Option<usize> {
        let (edge, end) = self.entry(bytes, at)?;
        entries.push(Entry {
            start: u32::try_from(at).ok()?,
            edge,
        });
        if edge != NONE {
            added.push(edge);
        }
        Some(end)
    }

    fn read(&self, bytes: &[u8], added: &mut Vec<EdgeNumber>) -> Option<Vec<Entry>> {
        let mut entries = Vec::with_capacity(bytes.len() / 32);
        let mut at = 0;
        while at < bytes.len() {
            at = self.take(bytes, at, &mut entries, added)?;
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
        added: &mut Vec<EdgeNumber>,
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
            at = self.take(bytes, at, &mut entries, added)?;
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

    fn push(&mut self, number: Number, base: Number, depth: u32) {
        let start = u32::try_from(self.changes.len()).unwrap_or(NONE);
        self.changes.extend_from_slice(&self.dropped);
        self.changes.extend_from_slice(&self.added);
        self.trees.push(Tree {
            number,
            base,
            depth,
            start,
            dropped: u32::try_from(self.dropped.len()).unwrap_or(NONE),
            added: u32::try_from(self.added.len()).unwrap_or(NONE),
        });
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
        Entries {
            entries: Vec::new(),
            depth: 0,
        }
    }
}

fn drop_into(edges: &mut Vec<EdgeNumber>, entries: &[Entry]) {
    edges.extend(
        entries
            .iter()
            .map(|entry| entry.edge)
            .filter(|&edge| edge != NONE),
    );
}

/// Takes out of both lists what stands in both: an entry that a delta cut and put together again.
fn cancel(dropped: &mut Vec<EdgeNumber>, added: &mut Vec<EdgeNumber>) {
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
        let Some(entries) = self.read(bytes, &mut worker.added) else {
            return worker.damaged(number);
        };
        worker.push(number, NONE, 0);
        Entries { entries, depth: 0 }
    }

    fn delta(
        &self,
        worker: &mut Gathered,
        number: Number,
        bytes: &[u8],
        difference: Difference<'_, Entries>,
    ) -> Entries {
        let base = &difference.state.entries;
        if base.is_empty() {
            return self.full(worker, number, bytes);
        }
        let read = self.read_difference(
            bytes,
            difference.base.len(),
            base,
            difference.stretches,
            &mut worker.runs,
            &mut worker.added,
        );
        let Some(entries) = read else {
            return worker.damaged(number);
        };
        worker.compare(base);
        let depth = difference.state.depth + 1;
        worker.push(number, difference.base_number, depth);
        Entries { entries, depth }
    }

    fn failed(&self, worker: &mut Gathered, number: Number, why: Failure) {
        worker.failed.push((number, why));
    }
}
