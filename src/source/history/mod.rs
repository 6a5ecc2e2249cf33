//! The history: every blob of every commit, read from the packs in the order in which git stores them as deltas.
//!
//! ```text
//! packs ──► objects ──► forest ──► walk ──► blobs ──visit──► marks ──► the same place in the next version
//!                         │
//!                         ├──► commits ──► graph ──┐
//!                         └──► trees ──► edges ────┴──► names of a blob, and the commits that hold it
//! ```
//!
//! What is not read from packs (refs, loose objects, what is large or damaged) is asked of git itself.

mod blobs;
mod commits;
mod delta;
mod edges;
mod forest;
mod git;
mod graph;
mod index;
mod introduce;
mod map;
mod names;
mod objects;
mod pack;
mod refs;
mod trees;
mod unread;
mod walk;

use std::collections::HashSet;
use std::path::PathBuf;
use std::sync::atomic::AtomicBool;
use std::sync::{Mutex, PoisonError};

use bstr::BString;

use super::range::Missing;
use super::{Coverage, Skip, Source, SourceError, Unread, Visit};
use crate::blob::ObjectId;
use forest::Forest;
use git::{Answer, Ask, Git};
use graph::Graph;
use objects::{Number, Objects};
use pack::Kind;
use unread::{Failures, Subtree};
use walk::{Visitor, walk};

/// The whole history of a repository.
pub struct History {
    folder: PathBuf,
    missing: Missing,
    unreachable: Unreachable,
    stop: AtomicBool,
    read: Mutex<Option<Read>>,
}

/// What is done with objects that no ref and no reflog leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unreachable {
    /// They do not count.
    Skip,
    /// They are scanned like all others.
    Scan,
}

/// What was read of a history, kept to tell which commits hold a blob.
struct Read {
    objects: Objects,
    graph: Graph,
    head: Option<Number>,
}

/// A blob at a path, and the commits that hold it there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stay {
    /// The blob.
    pub blob_id: ObjectId,
    /// The path.
    pub path: BString,
    /// The first commit that brought it in.
    pub first: ObjectId,
    /// The place of that commit in the order of history, the oldest first.
    pub age: usize,
    /// The newest commit that holds it.
    pub last: ObjectId,
    /// How many commits hold it.
    pub commits: u64,
    /// Whether HEAD holds it.
    pub in_head: bool,
}

impl History {
    /// Returns the history of the repository at or above `folder`.
    pub fn new(folder: impl Into<PathBuf>, missing: Missing, unreachable: Unreachable) -> Self {
        History {
            folder: folder.into(),
            missing,
            unreachable,
            stop: AtomicBool::new(false),
            read: Mutex::new(None),
        }
    }

    /// Returns where these blobs stand in the commits that are reachable, once the history was scanned.
    pub fn stays(&self, blobs: &[ObjectId]) -> Vec<Stay> {
        let read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(Read {
            objects,
            graph,
            head,
        }) = &*read
        else {
            return Vec::new();
        };
        let wanted: Vec<Number> = blobs
            .iter()
            .filter_map(|id| objects.find(id.as_raw()))
            .collect();
        let ages: std::collections::HashMap<Number, usize> = graph
            .reachable()
            .enumerate()
            .map(|(age, commit)| (commit.number, age))
            .collect();
        introduce::stays(graph, &wanted, *head)
            .into_iter()
            .map(|stay| Stay {
                blob_id: objects.name(stay.blob),
                path: stay.path,
                first: objects.name(stay.first),
                age: ages.get(&stay.first).copied().unwrap_or(usize::MAX),
                last: objects.name(stay.last),
                commits: stay.commits,
                in_head: stay.in_head,
            })
            .collect()
    }

    /// Returns which of these commits and tags a ref or a reflog leads to.
    pub fn reachable(&self, ids: &[ObjectId]) -> HashSet<ObjectId> {
        let read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(Read { objects, graph, .. }) = &*read else {
            return HashSet::new();
        };
        let reached: HashSet<Number> = graph.reachable().map(|commit| commit.number).collect();
        let leads_to = |number: &Number| reached.contains(number) || graph.named.contains(number);
        ids.iter()
            .copied()
            .filter(|id| objects.find(id.as_raw()).as_ref().is_some_and(leads_to))
            .collect()
    }

    /// Tells whether objects that nothing leads to count.
    pub fn counts_unreachable(&self) -> bool {
        self.unreachable == Unreachable::Scan
    }
}

impl Source for History {
    fn scan(&self, visit: &Visit<'_>) -> Result<Coverage, SourceError> {
        let mut coverage = Coverage::default();
        let git = Git::new(&self.folder);
        let place = refs::Place::find(&git, &self.folder, &mut coverage)?;
        let mut objects = Objects::open(&place.folders, place.hash_len, &mut coverage.unread);
        loose_kinds(&git, &mut objects, &mut coverage)?;
        let tips = refs::tips(&git, &mut coverage)?;
        let graph = Graph::read(&git, &objects, &tips, visit, &self.stop, &mut coverage)?;
        self.say_missing(&graph, &mut coverage);
        self.read_blobs(&git, &objects, &graph, visit, &mut coverage)?;
        let head = refs::head(&git).and_then(|id| objects.find(id.as_raw()));
        coverage.unread.sort();
        coverage.unread.dedup();
        *self.read.lock().unwrap_or_else(PoisonError::into_inner) = Some(Read {
            objects,
            graph,
            head,
        });
        Ok(coverage)
    }
}

impl History {
    fn read_blobs(
        &self,
        git: &Git,
        objects: &Objects,
        graph: &Graph,
        visit: &Visit<'_>,
        coverage: &mut Coverage,
    ) -> Result<(), SourceError> {
        let group_of = names::by_extension();
        let names = names::Names::new(objects, &graph.edges, &group_of);
        let mut nameless: Vec<Number> = graph.named.iter().copied().collect();
        nameless.sort_unstable();
        let reader = blobs::Reader {
            objects,
            names: &names,
            edges: &graph.edges,
            visit,
            nameless: (self.unreachable == Unreachable::Skip).then_some(&nameless[..]),
        };
        let forest = Forest::new(objects, &[Kind::Blob]);
        let mut parts = walk(objects, &forest, &reader, &self.stop);
        let mut rest = reader.worker();
        let mut failures = Failures::default();
        let failed = parts.iter_mut().flat_map(|part| part.failed.drain(..));
        let left = Subtree::of(&forest, failed, &mut failures);
        graph::read_left(
            git,
            objects,
            &[Kind::Blob],
            left,
            &mut failures,
            |number, bytes| {
                reader.take(&mut rest, number, bytes);
            },
        )?;
        parts.push(rest);
        for part in parts {
            coverage.blobs += part.blobs;
            coverage.bytes += part.bytes;
        }
        coverage.files = coverage.blobs;
        failures.say(objects, coverage);
        Ok(())
    }

    /// Says which objects the reachable trees name and the repository lacks.
    fn say_missing(&self, graph: &Graph, coverage: &mut Coverage) {
        let missing: Vec<(Number, ObjectId)> = graph.edges.missing().collect();
        if missing.is_empty() {
            return;
        }
        let numbers: Vec<Number> = missing.iter().map(|&(number, _)| number).collect();
        let lacking: HashSet<Number> = introduce::stays(graph, &numbers, None)
            .into_iter()
            .map(|stay| stay.blob)
            .collect();
        let Some((_, first)) = missing.iter().find(|(number, _)| lacking.contains(number)) else {
            return;
        };
        let more = match lacking.len() {
            1 => String::new(),
            count => format!(" and {} more", count - 1),
        };
        if self.missing == Missing::Skip {
            let reason = format!("object {first}{more}: not in this clone");
            coverage.skipped.push(Skip { path: None, reason });
        } else {
            coverage.unread.push(Unread {
                path: first.to_string().into(),
                message: format!("this object{more} is not in this clone: `git fetch` it, or give --allow-missing"),
            });
        }
    }
}

/// Asks git what the loose objects are, and those whose base is not in their pack.
fn loose_kinds(
    git: &Git,
    objects: &mut Objects,
    coverage: &mut Coverage,
) -> Result<(), SourceError> {
    let numbers: Vec<Number> = objects
        .loose()
        .chain(objects.strays().iter().copied())
        .collect();
    let ids: Vec<ObjectId> = numbers.iter().map(|&number| objects.name(number)).collect();
    git.objects(&ids, Ask::Head, &mut |at, answer| {
        let why = match answer {
            Answer::Head(kind) | Answer::Object(kind, _) => {
                objects.set_kind(numbers[at], kind);
                return;
            }
            Answer::Missing => "missing or damaged".to_owned(),
            Answer::Damaged(why) => why,
        };
        coverage.unread.push(Unread {
            path: ids[at].to_string().into(),
            message: format!("{why}; `git fsck` says more"),
        });
    })
}
