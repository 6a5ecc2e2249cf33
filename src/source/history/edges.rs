//! An edge is an entry of a tree: a name, and the blob or tree that bears it.
//!
//! The same entry stands in thousands of versions of a tree; it is kept once, and known by a number.

use std::collections::HashMap;
use std::hash::Hasher;
use std::sync::{Mutex, PoisonError};

use crate::blob::ObjectId;

use super::lookup::FoldState;
use super::objects::{NONE, Number, Objects};

/// The number of an edge.
pub(super) type EdgeNumber = u32;

/// A name and what bears it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Edge {
    /// The number of the name; in [`Edges`], names are numbered in their order.
    pub(super) name: u32,
    /// The object; at [`Edges::missing_from`] and above, one that the repository lacks.
    pub(super) object: Number,
}

/// All edges, when all trees are read.
pub(super) struct Edges {
    edges: Vec<Edge>,
    names: Vec<Box<[u8]>>,
    missing: Vec<ObjectId>,
    missing_from: Number,
}

impl Edges {
    /// Returns the number of edge numbers; some stand for nothing.
    pub(super) fn len(&self) -> usize {
        self.edges.len()
    }

    /// Returns the number of objects that an edge may lead to, those that are missing included.
    pub(super) fn objects(&self) -> usize {
        self.missing_from as usize + self.missing.len()
    }

    /// Returns all edges with their numbers.
    pub(super) fn all(&self) -> impl Iterator<Item = (EdgeNumber, Edge)> {
        (0..)
            .zip(self.edges.iter().copied())
            .filter(|(_, edge)| edge.object != NONE)
    }

    /// Returns an edge.
    pub(super) fn get(&self, number: EdgeNumber) -> Edge {
        self.edges[number as usize]
    }

    /// Returns all names, in order.
    pub(super) fn names(&self) -> &[Box<[u8]>] {
        &self.names
    }

    /// Returns the objects that trees name and the repository lacks.
    pub(super) fn missing(&self) -> impl Iterator<Item = (Number, ObjectId)> {
        (self.missing_from..).zip(self.missing.iter().copied())
    }
}

const SHARDS: usize = 64;

/// Edges while trees are read, by several threads at once.
pub(super) struct EdgeBook<'o> {
    objects: &'o Objects,
    shards: Vec<Mutex<Shard>>,
    names: Vec<Mutex<HashMap<Box<[u8]>, u32>>>,
    missing: Mutex<HashMap<ObjectId, Number>>,
    hasher: FoldState,
}

#[derive(Default)]
struct Shard {
    numbers: HashMap<Key, u32, FoldState>,
    edges: Vec<Edge>,
}

/// The first 16 bytes of an object's name, and a keyed hash of the entry's name.
///
/// Two objects that agree in 16 bytes are as hard to make as two that agree in 20 are for SHA-1 today.
#[derive(PartialEq, Eq)]
struct Key([u64; 2], u64);

impl<'o> EdgeBook<'o> {
    /// Returns a book with no edge in it.
    pub(super) fn new(objects: &'o Objects) -> Self {
        EdgeBook {
            objects,
            shards: (0..SHARDS).map(|_| Mutex::default()).collect(),
            names: (0..SHARDS).map(|_| Mutex::default()).collect(),
            missing: Mutex::default(),
            hasher: FoldState::default(),
        }
    }

    /// Returns the number of the edge of this name to the object of this id.
    pub(super) fn number(&self, name: &[u8], id: &[u8]) -> EdgeNumber {
        let hash = self.hasher.of(name);
        let key = Key([word(&id[..8]), word(&id[8..16])], hash);
        let at = usize::from(id[id.len() - 1]) % SHARDS;
        let mut shard = lock(&self.shards[at]);
        let index = if let Some(&index) = shard.numbers.get(&key) {
            index
        } else {
            let index = u32::try_from(shard.edges.len()).unwrap_or(NONE);
            let object = self.objects.find(id).unwrap_or_else(|| self.missing(id));
            let name = self.name(name, hash);
            shard.edges.push(Edge { name, object });
            shard.numbers.insert(key, index);
            index
        };
        index * u32::try_from(SHARDS).unwrap_or(1) + u32::try_from(at).unwrap_or(0)
    }

    fn name(&self, name: &[u8], hash: u64) -> u32 {
        let at = usize::try_from(hash).unwrap_or(0) % SHARDS;
        let mut names = lock(&self.names[at]);
        if let Some(&number) = names.get(name) {
            return number;
        }
        let number = u32::try_from(names.len() * SHARDS + at).unwrap_or(NONE);
        names.insert(name.into(), number);
        number
    }

    fn missing(&self, id: &[u8]) -> Number {
        let id = ObjectId::from_raw(id).expect("a tree is cut into ids of the right length");
        let mut missing = lock(&self.missing);
        let next = self.objects.len() + missing.len();
        *missing
            .entry(id)
            .or_insert_with(|| Number::try_from(next).unwrap_or(NONE))
    }

    /// Closes the book: names are numbered in their order.
    pub(super) fn close(self) -> Edges {
        let mut named: Vec<(Box<[u8]>, u32)> = self
            .names
            .into_iter()
            .flat_map(|names| names.into_inner().unwrap_or_else(PoisonError::into_inner))
            .collect();
        named.sort_unstable();
        let highest = named.iter().map(|&(_, number)| number).max();
        let mut ranks = vec![0_u32; highest.map_or(0, |highest| highest as usize + 1)];
        for (rank, &(_, number)) in (0..).zip(&named) {
            ranks[number as usize] = rank;
        }
        let shards: Vec<Vec<Edge>> = self
            .shards
            .into_iter()
            .map(|shard| {
                shard
                    .into_inner()
                    .unwrap_or_else(PoisonError::into_inner)
                    .edges
            })
            .collect();
        let longest = shards.iter().map(Vec::len).max().unwrap_or(0);
        let nothing = Edge {
            name: NONE,
            object: NONE,
        };
        let mut edges = vec![nothing; longest * SHARDS];
        for (at, shard) in shards.into_iter().enumerate() {
            for (index, edge) in shard.into_iter().enumerate() {
                edges[index * SHARDS + at] = Edge {
                    name: ranks[edge.name as usize],
                    object: edge.object,
                };
            }
        }
        let missing_from = Number::try_from(self.objects.len()).unwrap_or(NONE);
        let mut missing: Vec<(Number, ObjectId)> = self
            .missing
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner)
            .into_iter()
            .map(|(id, number)| (number, id))
            .collect();
        missing.sort_unstable();
        Edges {
            edges,
            names: named.into_iter().map(|(name, _)| name).collect(),
            missing: missing.into_iter().map(|(_, id)| id).collect(),
            missing_from,
        }
    }
}

fn word(bytes: &[u8]) -> u64 {
    bytes
        .first_chunk::<8>()
        .map_or(0, |bytes| u64::from_le_bytes(*bytes))
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl std::hash::Hash for Key {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u64(self.0[0]);
        state.write_u64(self.0[1]);
        state.write_u64(self.1);
    }
}
