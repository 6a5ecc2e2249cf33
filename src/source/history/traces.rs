//! Where a value stood and in which commits, when the blobs that hold it are known.
//!
//! A value may stand in many blobs: every version of a file is one. What is told is of the value, not of a version: the
//! first commit that held it at a path, the last commit that held it anywhere, and how many did.

use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use bstr::{BString, ByteSlice as _};

use super::edges::Edge;
use super::graph::Graph;
use super::marks::Marks;
use super::objects::{NONE, Number};

/// The number of a value.
pub(super) type Value = u32;

/// Where a value stood and in which commits.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Trace {
    /// The paths it stood at, in the order in which they first held it.
    pub(super) spots: Vec<Spot>,
    /// How many commits hold it.
    pub(super) commits: u64,
    /// The newest of them.
    pub(super) last: Option<Number>,
    /// Whether HEAD holds it.
    pub(super) in_head: bool,
}

/// A commit that holds a value at a path where none of its parents does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Spot {
    pub(super) path: BString,
    pub(super) commit: Number,
    /// The blob that holds it there.
    pub(super) blob: Number,
}

/// The most paths of one value that are told apart, and the most that are followed in one commit: trees can be nested so
/// that a small one leads to more paths than there is time for.
pub(super) const MOST: usize = 100_000;

/// Traces values through the commits that are reachable. `held` says which values each blob holds; `brought` hears of
/// every commit that brings a value to a path, the oldest first.
pub(super) fn traces(
    graph: &Graph,
    held: &HashMap<Number, Vec<Value>>,
    count: usize,
    head: Option<Number>,
    brought: &mut dyn FnMut(Value, &Spot),
) -> Vec<Trace> {
    let wanted: Vec<Number> = held.keys().copied().collect();
    let marks = Marks::new(graph, &wanted);
    let mut walk = Walk {
        marks: &marks,
        held,
        sets: HashMap::new(),
        weight: 0,
    };
    let mut traces = vec![Trace::default(); count];
    let mut known: HashSet<(Value, BString)> = HashSet::new();
    let mut states: HashMap<u64, State> = HashMap::new();
    for (order, commit) in graph.reachable().enumerate() {
        let value = marks.of_tree(commit.tree);
        if value == 0 {
            continue;
        }
        let state = states.entry(value).or_insert(State {
            tree: commit.tree,
            commits: 0,
            last: (order, commit.number),
        });
        state.commits += 1;
        state.last = (order, commit.number);
        let parents: Vec<Number> = commit
            .parents
            .iter()
            .filter_map(|&parent| graph.commit(parent))
            .map(|parent| parent.tree)
            .collect();
        for (value, spot) in walk.brought(commit.number, commit.tree, &parents) {
            brought(value, &spot);
            let trace = &mut traces[value as usize];
            if trace.spots.len() < MOST && known.insert((value, spot.path.clone())) {
                trace.spots.push(spot);
            }
        }
    }
    let mut newest = vec![0; count];
    for state in states.values() {
        for &value in &*walk.set(state.tree) {
            let trace = &mut traces[value as usize];
            trace.commits += state.commits;
            if trace.last.is_none() || state.last.0 >= newest[value as usize] {
                newest[value as usize] = state.last.0;
                trace.last = Some(state.last.1);
            }
        }
    }
    if let Some(commit) = head.and_then(|head| graph.commit(head)) {
        for &value in &*walk.set(commit.tree) {
            traces[value as usize].in_head = true;
        }
    }
    traces
}

/// All commits whose trees hold the same wanted blobs at the same paths.
struct State {
    tree: Number,
    commits: u64,
    last: (usize, Number),
}

struct Walk<'w> {
    marks: &'w Marks<'w>,
    held: &'w HashMap<Number, Vec<Value>>,
    /// The values below a tree, by what the marks make of the tree.
    sets: HashMap<u64, Rc<[Value]>>,
    weight: usize,
}

impl Walk<'_> {
    /// Returns what a commit holds at paths where none of its parents holds it.
    fn brought(&self, commit: Number, tree: Number, parents: &[Number]) -> Vec<(Value, Spot)> {
        let value = self.marks.of_tree(tree);
        if parents
            .iter()
            .any(|&parent| self.marks.of_tree(parent) == value)
        {
            return Vec::new();
        }
        let mut changes = Vec::new();
        let first = parents.first().copied().unwrap_or(NONE);
        self.changes(tree, first, &mut BString::default(), &mut changes);
        let mut brought = Vec::new();
        for change in changes {
            let mut before: Vec<Number> = change.old.into_iter().collect();
            before.extend(
                parents
                    .iter()
                    .skip(1)
                    .filter_map(|&parent| self.blob_at(parent, &change.path)),
            );
            for &value in &self.held[&change.new] {
                if !before.iter().any(|blob| self.held[blob].contains(&value)) {
                    let spot = Spot {
                        path: change.path.clone(),
                        commit,
                        blob: change.new,
                    };
                    brought.push((value, spot));
                }
            }
        }
        brought
    }

    /// Lists the wanted blobs below `tree` that are not below `other` at the same path.
    fn changes(&self, tree: Number, other: Number, path: &mut BString, changes: &mut Vec<Change>) {
        let ours = self.marks.marked(tree);
        let theirs = match other {
            NONE => Vec::new(),
            other => self.marks.marked(other),
        };
        let names = self.marks.graph.edges.names();
        let held: HashSet<Edge> = theirs.iter().copied().collect();
        let by_name: HashMap<u32, Edge> = theirs.iter().map(|&edge| (edge.name, edge)).collect();
        for edge in ours.into_iter().filter(|edge| !held.contains(edge)) {
            if changes.len() >= MOST {
                return;
            }
            let len = path.len();
            if len > 0 {
                path.push(b'/');
            }
            path.extend_from_slice(&names[edge.name as usize]);
            let before = by_name.get(&edge.name).copied();
            let object_before = before.map(|before| before.object);
            if self.held.contains_key(&edge.object) {
                changes.push(Change {
                    path: path.clone(),
                    new: edge.object,
                    old: object_before.filter(|blob| self.held.contains_key(blob)),
                });
            } else {
                let same =
                    before.is_some_and(|before| self.marks.value(before) == self.marks.value(edge));
                if !same {
                    let below = object_before.filter(|tree| !self.held.contains_key(tree));
                    stacker::maybe_grow(64 << 10, 1 << 20, || {
                        self.changes(edge.object, below.unwrap_or(NONE), path, changes);
                    });
                }
            }
            path.truncate(len);
        }
    }

    /// Returns the wanted blob at a path of a tree.
    fn blob_at(&self, tree: Number, path: &BString) -> Option<Number> {
        let names = self.marks.graph.edges.names();
        let mut at = tree;
        for name in path.split_str("/") {
            let marked = self.marks.marked(at);
            let found = marked
                .into_iter()
                .find(|edge| *names[edge.name as usize] == *name)?;
            at = found.object;
        }
        self.held.contains_key(&at).then_some(at)
    }

    /// Returns the values below a tree, in order.
    fn set(&mut self, tree: Number) -> Rc<[Value]> {
        /// What is kept at most, in values: more is made anew when it is asked for.
        const KEPT: usize = 16 << 20;
        let key = self.marks.of_tree(tree);
        if let Some(set) = self.sets.get(&key) {
            return Rc::clone(set);
        }
        let mut values = Vec::new();
        for edge in self.marks.marked(tree) {
            let object = edge.object;
            match self.held.get(&object) {
                Some(held) => values.extend_from_slice(held),
                None => {
                    let below = stacker::maybe_grow(64 << 10, 1 << 20, || self.set(object));
                    values.extend_from_slice(&below);
                }
            }
        }
        values.sort_unstable();
        values.dedup();
        let set: Rc<[Value]> = values.into();
        self.weight += set.len();
        if self.weight > KEPT {
            self.sets.clear();
            self.weight = set.len();
        }
        self.sets.insert(key, Rc::clone(&set));
        set
    }
}

/// A wanted blob at a path where another stood before, or none.
struct Change {
    path: BString,
    new: Number,
    /// The wanted blob that stood there.
    old: Option<Number>,
}
