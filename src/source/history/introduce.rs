//! Which commit brought a blob in, under which path, and which commits still hold it.
//!
//! Every tree that leads to a wanted blob gets a number made of all the wanted blobs below it and their
//! names; it follows from its base's number and the edges that differ. So two trees hold the same wanted
//! blobs at the same paths when their numbers are equal, and a commit whose number is that of its parent is
//! done with. The numbers are keyed by a random word: two that are equal by chance are not met in practice.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::hash::{BuildHasher, RandomState};

use bstr::BString;

use super::commits::Commit;
use super::edges::EdgeNumber;
use super::graph::Graph;
use super::objects::{NONE, Number};

/// A blob at a path, and the commits that hold it there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Stay {
    pub(super) blob: Number,
    pub(super) path: BString,
    /// The first commit that brought it in: the oldest one that has it and none of whose parents has.
    pub(super) first: Number,
    /// The newest commit that has it.
    pub(super) last: Number,
    /// How many commits have it.
    pub(super) commits: u64,
    /// Every commit that brought it in, the oldest first.
    pub(super) introduced: Vec<Number>,
    /// Whether HEAD has it.
    pub(super) in_head: bool,
}

/// A blob and its path.
type Leaf = (Number, BString);

/// Finds where the wanted blobs are; those in no commit that is reachable are left out.
pub(super) fn stays(graph: &Graph, wanted: &[Number], head: Option<Number>) -> Vec<Stay> {
    let marks = Marks::new(graph, wanted);
    let mut found: BTreeMap<Leaf, Stay> = BTreeMap::new();
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
        introduce(graph, &marks, commit, &mut found);
    }
    let mut newest: HashMap<Leaf, usize> = HashMap::new();
    for state in states.values() {
        for leaf in marks.leaves(state.tree) {
            let Some(stay) = found.get_mut(&leaf) else {
                continue;
            };
            stay.commits += state.commits;
            let before = newest.entry(leaf).or_insert(0);
            if state.last.0 >= *before {
                *before = state.last.0;
                stay.last = state.last.1;
            }
        }
    }
    if let Some(commit) = head.and_then(|head| graph.commit(head)) {
        for leaf in marks.leaves(commit.tree) {
            if let Some(stay) = found.get_mut(&leaf) {
                stay.in_head = true;
            }
        }
    }
    found.into_values().collect()
}

/// All commits whose trees hold the same wanted blobs at the same paths.
struct State {
    tree: Number,
    commits: u64,
    last: (usize, Number),
}

fn introduce(graph: &Graph, marks: &Marks<'_>, commit: &Commit, found: &mut BTreeMap<Leaf, Stay>) {
    let parents: Vec<Number> = commit
        .parents
        .iter()
        .filter_map(|&parent| graph.commit(parent))
        .map(|parent| parent.tree)
        .collect();
    let value = marks.of_tree(commit.tree);
    if parents.iter().any(|&tree| marks.of_tree(tree) == value) {
        return;
    }
    let mut new = Vec::new();
    marks.difference(
        commit.tree,
        parents.first().copied().unwrap_or(NONE),
        &mut BString::default(),
        &mut new,
    );
    for tree in parents.iter().skip(1) {
        let held: HashSet<Leaf> = marks.leaves(*tree).into_iter().collect();
        new.retain(|leaf| !held.contains(leaf));
    }
    for leaf in new {
        found
            .entry(leaf)
            .or_insert_with_key(|(blob, path)| Stay {
                blob: *blob,
                path: path.clone(),
                first: commit.number,
                last: commit.number,
                commits: 0,
                introduced: Vec::new(),
                in_head: false,
            })
            .introduced
            .push(commit.number);
    }
}

/// What of the wanted blobs lies below every tree.
pub(super) struct Marks<'g> {
    pub(super) graph: &'g Graph,
    /// For every edge what it adds to its tree's value; nothing for most.
    pub(super) edges: Vec<u64>,
    /// For every tree, by its place, the sum of its edges.
    trees: Vec<u64>,
}

impl<'g> Marks<'g> {
    pub(super) fn new(graph: &'g Graph, wanted: &[Number]) -> Self {
        let key = RandomState::new();
        let wanted: HashSet<Number> = wanted.iter().copied().collect();
        let mut marks = Marks {
            graph,
            edges: vec![0; graph.edges.len()],
            trees: vec![0; graph.trees.all().len()],
        };
        let mut inner: Vec<(EdgeNumber, usize)> = Vec::new();
        for (number, edge) in graph.edges.all() {
            if wanted.contains(&edge.object) {
                marks.edges[number as usize] = key.hash_one((edge.name, edge.object, 0_u64)) | 1;
            } else if let Some(slot) = graph.trees.slot(edge.object) {
                inner.push((number, slot));
            }
        }
        loop {
            marks.sum();
            let mut changed = false;
            for &(number, slot) in &inner {
                let below = marks.trees[slot];
                let value = match below {
                    0 => 0,
                    below => key.hash_one((graph.edges.get(number).name, NONE, below)) | 1,
                };
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
        let of = |edges: &[EdgeNumber]| {
            edges.iter().fold(0_u64, |sum, &edge| {
                sum.wrapping_add(self.edges[edge as usize])
            })
        };
        for (slot, tree) in trees.all().iter().enumerate() {
            let base = match trees.slot(tree.base) {
                Some(base) => self.trees[base],
                None => 0,
            };
            self.trees[slot] = base
                .wrapping_sub(of(trees.dropped(tree)))
                .wrapping_add(of(trees.added(tree)));
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
            chain.push(&trees.all()[slot]);
            at = trees.slot(trees.all()[slot].base);
        }
        let is_marked = |edge: &EdgeNumber| self.edges[*edge as usize] != 0;
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

    /// Returns every wanted blob below a tree, with its path.
    fn leaves(&self, tree: Number) -> Vec<Leaf> {
        let mut leaves = Vec::new();
        self.difference(tree, NONE, &mut BString::default(), &mut leaves);
        leaves
    }

    /// Lists the wanted blobs below `tree` that are not below `other` at the same path.
    ///
    /// Trees that git would refuse to nest (a folder in itself cannot be made) end the descent: the depth
    /// is bounded by the paths that there are.
    fn difference(&self, tree: Number, other: Number, path: &mut BString, leaves: &mut Vec<Leaf>) {
        let ours = self.marked(tree);
        let theirs = match other {
            NONE => Vec::new(),
            other => self.marked(other),
        };
        let held: HashSet<EdgeNumber> = theirs.iter().copied().collect();
        for edge in ours.into_iter().filter(|edge| !held.contains(edge)) {
            let value = self.edges[edge as usize];
            let edge = self.graph.edges.get(edge);
            let len = path.len();
            if len > 0 {
                path.push(b'/');
            }
            path.extend_from_slice(&self.graph.edges.names()[edge.name as usize]);
            if self.graph.trees.slot(edge.object).is_none() {
                leaves.push((edge.object, path.clone()));
            } else {
                let below = theirs
                    .iter()
                    .find(|&&their| self.graph.edges.get(their).name == edge.name);
                let same = below.is_some_and(|&their| self.edges[their as usize] == value);
                if !same {
                    let below = below.map_or(NONE, |&their| self.graph.edges.get(their).object);
                    self.difference(edge.object, below, path, leaves);
                }
            }
            path.truncate(len);
        }
    }
}
