//! An edge is an entry of a tree: a name, and the blob or tree that bears it, each known by a number.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use crate::blob::ObjectId;

use super::fold::FoldState;
use super::objects::{NONE, Number, Objects};

/// The number of a name, in order of names once all trees are read.
pub(super) type NameNumber = u32;

/// A name and what bears it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Edge {
    /// The number of the name.
    pub(super) name: NameNumber,
    /// The object; at [`Edges::missing_from`] and above, one that the repository lacks.
    pub(super) object: Number,
}

/// What the numbers of edges stand for, when all trees are read.
pub(super) struct Edges {
    names: Vec<Box<[u8]>>,
    missing: Vec<ObjectId>,
    missing_from: Number,
}

impl Edges {
    /// Returns the number of objects that an edge may lead to, those that are missing included.
    pub(super) fn objects(&self) -> usize {
        self.missing_from as usize + self.missing.len()
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

/// Names and missing objects while trees are read, by several threads at once.
pub(super) struct EdgeBook<'o> {
    objects: &'o Objects,
    names: Mutex<HashMap<Box<[u8]>, NameNumber>>,
    missing: Mutex<HashMap<ObjectId, Number>>,
}

/// The numbers of names that a thread has met: it asks the others only for those it has not.
#[derive(Default)]
pub(super) struct NamesMet(HashMap<Box<[u8]>, NameNumber, FoldState>);

impl<'o> EdgeBook<'o> {
    /// Returns a book in which nothing is numbered.
    pub(super) fn new(objects: &'o Objects) -> Self {
        EdgeBook {
            objects,
            names: Mutex::default(),
            missing: Mutex::default(),
        }
    }

    /// Returns the edge of this name to the object of this id.
    pub(super) fn edge(&self, met: &mut NamesMet, name: &[u8], id: &[u8]) -> Edge {
        let name = match met.0.get(name) {
            Some(&number) => number,
            None => {
                let number = self.name(name);
                met.0.insert(name.into(), number);
                number
            }
        };
        let object = self.objects.find(id).unwrap_or_else(|| self.missing(id));
        Edge { name, object }
    }

    fn name(&self, name: &[u8]) -> NameNumber {
        let mut names = lock(&self.names);
        if let Some(&number) = names.get(name) {
            return number;
        }
        let number = NameNumber::try_from(names.len()).unwrap_or(NONE);
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

    /// Closes the book: names are numbered in their order. Returns the new number of each old one, too.
    pub(super) fn close(self) -> (Edges, Vec<NameNumber>) {
        let names = self
            .names
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner);
        let mut named: Vec<(Box<[u8]>, NameNumber)> = names.into_iter().collect();
        named.sort_unstable();
        let mut ranks = vec![0; named.len()];
        for (rank, &(_, number)) in (0..).zip(&named) {
            ranks[number as usize] = rank;
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
        let edges = Edges {
            names: named.into_iter().map(|(name, _)| name).collect(),
            missing: missing.into_iter().map(|(_, id)| id).collect(),
            missing_from,
        };
        (edges, ranks)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
