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

mod ask;
mod blobs;
mod commits;
mod delta;
mod edges;
mod fold;
mod forest;
mod graph;
mod heads;
mod index;
mod leaves;
mod lookup;
mod map;
mod marks;
mod names;
mod news;
mod objects;
mod pack;
mod progress;
mod refs;
pub mod seen;
pub mod select;
mod shard;
mod state;
mod traces;
mod trees;
mod unread;
mod walk;

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use bstr::{BStr, BString, ByteSlice as _};

use super::git::Git;
use super::range::Missing;
use super::{Coverage, Skip, Source, SourceError, Unread, Visit};
use crate::blob::{ObjectId, Regions};
use ask::{Answer, Ask};
use forest::Forest;
use graph::Graph;
pub use heads::ages;
pub use leaves::{Forest as TreeReader, Leaves};
pub use map::Mapped;
pub use news::{Before, News};
use objects::{Number, Objects};
use pack::Kind;
pub use progress::Progress;
pub use shard::Shard;
pub use state::State;
use unread::{Failures, Subtree};
use walk::{Visitor, walk};

/// Returns what a delta makes of its base, and which bytes of it are new: for fuzzing.
#[doc(hidden)]
pub fn apply_delta(base: &[u8], delta: &[u8]) -> Option<(Vec<u8>, Regions)> {
    let (base_len, len, ops) = delta::head(delta).ok()?;
    let len = usize::try_from(len)
        .ok()
        .filter(|&len| len <= walk::LARGE)?;
    let (mut made, mut stretches) = (Vec::new(), Vec::new());
    delta::apply(base, ops, len, &mut made, &mut stretches).ok()?;
    let regions = delta::regions(&stretches, base.len(), made.len());
    (base_len == base.len() as u64).then_some((made, regions))
}

/// The whole history of a repository.
pub struct History {
    folder: PathBuf,
    missing: Missing,
    unreachable: Unreachable,
    /// Commits that count as if a ref led to them.
    beyond: Vec<ObjectId>,
    shard: Shard,
    progress: Arc<Progress>,
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

/// A commit, and where it stands in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment {
    /// When it was committed, in seconds since 1970, or a second after the latest of its parents where that is later.
    pub age: i64,
    /// The commit.
    pub commit_id: ObjectId,
}

/// A commit that holds a value at a path where none of its parents does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spot {
    /// The path.
    pub path: BString,
    /// The commit.
    pub first: Moment,
    /// The blob that holds the value there.
    pub blob_id: ObjectId,
}

/// Where a value stood and in which commits.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Trace {
    /// The paths it stood at, each with the first commit that held it there, the oldest first.
    pub spots: Vec<Spot>,
    /// How many commits hold it.
    pub commits: u64,
    /// The newest of them.
    pub last: Option<Moment>,
    /// Whether HEAD holds it.
    pub in_head: bool,
}

/// What is read of a history.
#[derive(Clone, Copy)]
enum Parts<'k> {
    /// Commits, trees, and the blobs that are not known.
    All(&'k Known<'k>),
    /// Commits and trees.
    Graph,
}

/// Tells of a blob and a name it goes by whether it need not be scanned again.
pub type Known<'k> = dyn Fn(&ObjectId, Option<&BStr>) -> bool + Sync + 'k;

impl History {
    /// Returns the history of the repository at or above `folder`.
    pub fn new(folder: impl Into<PathBuf>, missing: Missing, unreachable: Unreachable) -> Self {
        History {
            folder: folder.into(),
            missing,
            unreachable,
            beyond: Vec::new(),
            shard: Shard::WHOLE,
            progress: Arc::default(),
            read: Mutex::new(None),
        }
    }

    /// Counts these commits, and all that they lead to, as if a ref led to them.
    #[must_use]
    pub fn with(mut self, commits: &[ObjectId]) -> Self {
        self.beyond.extend_from_slice(commits);
        self
    }

    /// Tells whether commits count that no ref and no reflog leads to.
    pub fn goes_beyond(&self) -> bool {
        !self.beyond.is_empty()
    }

    /// Returns the folder in which the repository is looked for.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Hands over objects with git's word for their kind, large ones without holding them in memory; what cannot be read
    /// is left out.
    ///
    /// # Errors
    /// Returns an error when git cannot be run.
    pub fn objects(
        &self,
        ids: &[ObjectId],
        each: &mut dyn FnMut(usize, &'static str, &[u8]),
    ) -> Result<(), SourceError> {
        let git = Git::new(&self.folder);
        ask::objects(&git, ids, Ask::Content, &mut |at, answer| {
            if let Answer::Object(kind, bytes) = answer {
                each(at, kind.word(), bytes);
            }
        })
    }

    /// Tells whether commits and trees were read.
    pub fn is_read(&self) -> bool {
        let read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        read.is_some()
    }

    /// Returns the same history, of which only this part is scanned.
    #[must_use]
    pub fn part(self, shard: Shard) -> Self {
        History { shard, ..self }
    }

    /// Returns which part is scanned.
    pub fn shard(&self) -> Shard {
        self.shard
    }

    /// Returns how far the scan is, to be shown or stopped from another thread.
    pub fn progress(&self) -> Arc<Progress> {
        Arc::clone(&self.progress)
    }

    /// Traces values through the commits that are reachable, once the history was scanned. `held` says which of the
    /// `count` values each blob holds; `brought` hears of every commit that brings a value to a path, the oldest first.
    pub fn traces(
        &self,
        held: &[(ObjectId, u32)],
        count: usize,
        brought: &mut dyn FnMut(u32, &Spot),
    ) -> Vec<Trace> {
        let read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(read) = &*read else {
            return vec![Trace::default(); count];
        };
        let mut by_blob: HashMap<Number, Vec<u32>> = HashMap::new();
        for &(id, value) in held {
            if let Some(number) = read.objects.find(id.as_raw())
                && read.objects.kind(number) == Kind::Blob
            {
                by_blob.entry(number).or_default().push(value);
            }
        }
        let spot = |spot: &traces::Spot| Spot {
            path: spot.path.clone(),
            first: read.moment(spot.commit),
            blob_id: read.objects.name(spot.blob),
        };
        traces::traces(
            &read.graph,
            &by_blob,
            count,
            read.head,
            &mut |value, found| brought(value, &spot(found)),
        )
        .iter()
        .map(|trace| Trace {
            spots: in_order(trace.spots.iter().map(spot).collect()),
            commits: trace.commits,
            last: trace.last.map(|last| read.moment(last)),
            in_head: trace.in_head,
        })
        .collect()
    }

    /// Returns the blobs whose file is of a name that is asked for, with every path of such a name that they stood at.
    pub fn named(&self, name: &dyn Fn(&[u8]) -> bool) -> Vec<(ObjectId, BString)> {
        let mut wanted: Vec<ObjectId> = Vec::new();
        if let Some(read) = &*self.read.lock().unwrap_or_else(PoisonError::into_inner) {
            let names: Vec<bool> = read
                .graph
                .edges
                .names()
                .iter()
                .map(|text| name(text))
                .collect();
            let count = read.objects.len();
            let is_it = |edge: &edges::Edge| {
                names[edge.name as usize]
                    && (edge.object as usize) < count
                    && read.objects.kind(edge.object) == Kind::Blob
            };
            let edges = read.graph.trees.edges();
            wanted.extend(
                edges
                    .iter()
                    .filter(|edge| is_it(edge))
                    .map(|edge| read.objects.name(edge.object)),
            );
        }
        wanted.sort_unstable();
        wanted.dedup();
        if wanted.is_empty() {
            return Vec::new();
        }
        let held: Vec<(ObjectId, u32)> = wanted.iter().copied().zip(0..).collect();
        let mut places = Vec::new();
        let traces = self.traces(&held, wanted.len(), &mut |_, _| {});
        for (blob, trace) in wanted.into_iter().zip(traces) {
            let paths = trace.spots.into_iter().map(|spot| spot.path);
            let of_name = paths.filter(|path| path.rsplit_str("/").next().is_some_and(name));
            places.extend(of_name.map(|path| (blob, path)));
        }
        places
    }

    /// Returns when each of these commits, tags and blobs was made, of those that a ref or a reflog leads to by itself.
    /// What is no commit counts as made after all commits.
    pub fn ages(&self, ids: &[ObjectId]) -> HashMap<ObjectId, i64> {
        let read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(Read { objects, graph, .. }) = &*read else {
            return HashMap::new();
        };
        let age = |number: Number| {
            let named = || graph.named.contains(&number).then_some(i64::MAX);
            graph.age(number).or_else(named)
        };
        ids.iter()
            .filter_map(|id| Some((*id, age(objects.find(id.as_raw())?)?)))
            .collect()
    }

    /// Returns the entries of all objects, scanned or not, in order, once the history was scanned, and lets go of what
    /// was read: values are no longer traced after it.
    pub fn close(&self) -> Vec<seen::Entry> {
        let mut read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(Read { objects, graph, .. }) = read.take() else {
            return Vec::new();
        };
        drop(graph);
        let mut entries = Vec::with_capacity(objects.len());
        entries.extend(
            objects
                .names_in_order()
                .map(|name| seen::Names::there(&name)),
        );
        entries
    }

    /// Returns the commits that count as later than their own time says, in order, once the history was scanned.
    pub fn late(&self) -> Vec<Moment> {
        let read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        let late = read.iter().flat_map(|read| {
            let reachable = read.graph.reachable();
            reachable
                .filter(|commit| {
                    let own = graph::age(commit.time, std::iter::empty());
                    read.graph.age(commit.number) != Some(own)
                })
                .map(|commit| read.moment(commit.number))
        });
        let mut late: Vec<Moment> = late.collect();
        late.sort_unstable_by_key(|moment| moment.commit_id);
        late
    }

    /// Tells whether objects that nothing leads to count.
    pub fn counts_unreachable(&self) -> bool {
        self.unreachable == Unreachable::Scan
    }
}

impl Read {
    fn moment(&self, commit: Number) -> Moment {
        Moment {
            age: self.graph.age(commit).unwrap_or(i64::MAX),
            commit_id: self.objects.name(commit),
        }
    }
}

impl Source for History {
    fn scan(&self, visit: &Visit<'_>) -> Result<Coverage, SourceError> {
        self.scan_new(&|_, _| false, visit)
    }
}

impl History {
    /// Scans all blobs but those that are known, as [`Source::scan`] does; what is known counts as covered.
    ///
    /// # Errors
    /// Returns an error when the history as a whole cannot be read.
    pub fn scan_new(&self, known: &Known<'_>, visit: &Visit<'_>) -> Result<Coverage, SourceError> {
        self.scan_parts(Parts::All(known), visit)
    }

    /// Reads commits and trees only, for [`History::traces`] and its like; the messages are not looked at.
    ///
    /// # Errors
    /// Returns an error when the history as a whole cannot be read.
    pub fn read_graph(&self) -> Result<Coverage, SourceError> {
        self.scan_parts(Parts::Graph, &|_| Vec::new())
    }

    fn scan_parts(&self, parts: Parts<'_>, visit: &Visit<'_>) -> Result<Coverage, SourceError> {
        let mut coverage = Coverage::default();
        let git = Git::new(&self.folder);
        let place = refs::Place::find(&git, &self.folder, &mut coverage)?;
        let mut objects = Objects::open(&place.folders, place.hash_len, &mut coverage.unread);
        loose_kinds(&git, &mut objects, &mut coverage)?;
        let mut tips = refs::tips(&git, &mut coverage)?;
        tips.extend_from_slice(&self.beyond);
        let stop = self.progress.flag();
        let messages = commits::Reader {
            objects: &objects,
            visit,
            shard: self.shard,
        };
        let graph = Graph::read(&git, &tips, &messages, stop, &mut coverage)?;
        if self.progress.is_stopped() {
            coverage.blobs = 0;
            self.say_stopped(&mut coverage);
            return Ok(coverage);
        }
        self.say_missing(&graph, &mut coverage);
        if let Parts::All(known) = parts {
            self.read_blobs(&git, &objects, &graph, (known, visit), &mut coverage)?;
        }
        let head = refs::head(&git).and_then(|id| objects.find(id.as_raw()));
        coverage.unread.sort();
        coverage.unread.dedup();
        if self.progress.is_stopped() {
            self.say_stopped(&mut coverage);
        }
        *self.read.lock().unwrap_or_else(PoisonError::into_inner) = Some(Read {
            objects,
            graph,
            head,
        });
        Ok(coverage)
    }

    /// Says how far a scan came that was stopped. The signal ends git too, so what it could not read is no fault of the
    /// repository.
    fn say_stopped(&self, coverage: &mut Coverage) {
        let message = match self.progress.blobs() {
            Some((done, total)) => format!(
                "interrupted: {done} of {total} blobs were looked at; run it again to go on from there"
            ),
            None => "interrupted before the first blob was looked at".to_owned(),
        };
        coverage.unread = vec![Unread {
            path: "history".into(),
            message,
        }];
    }

    fn read_blobs(
        &self,
        git: &Git,
        objects: &Objects,
        graph: &Graph,
        (known, visit): (&Known<'_>, &Visit<'_>),
        coverage: &mut Coverage,
    ) -> Result<(), SourceError> {
        let count = u64::from(self.shard.count());
        self.progress
            .expect(objects.count(Kind::Blob).div_ceil(count));
        let group_of = names::by_extension();
        let names = names::Names::new(objects, graph, &group_of);
        let mut nameless: Vec<Number> = graph.named.iter().copied().collect();
        nameless.sort_unstable();
        let reader = blobs::Reader {
            objects,
            names: &names,
            edges: &graph.edges,
            visit,
            known,
            progress: &self.progress,
            nameless: (self.unreachable == Unreachable::Skip).then_some(&nameless[..]),
        };
        let mut forest = Forest::new(objects, &[Kind::Blob]);
        self.shard.pick(&mut forest, objects);
        let mut parts = walk(objects, &forest, &reader, self.progress.flag());
        let mut rest = reader.worker();
        let mut failures = Failures::default();
        let failed = parts.iter_mut().flat_map(|part| part.failed.drain(..));
        let mut left = Subtree::of(&forest, failed, &mut failures);
        let apart = graph::apart(objects, &[Kind::Blob]);
        left.extend(apart.filter(|&number| self.shard.has(objects.raw_name(number))));
        let stop = self.progress.flag();
        graph::read_left(git, objects, &left, &mut failures, stop, |number, bytes| {
            reader.take(&mut rest, number, bytes);
        })?;
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
        let lacking = marks::reached(graph, &numbers);
        // Threads find them in any order: the same one is named each time.
        let named = missing
            .iter()
            .filter(|(number, _)| lacking.contains(number));
        let Some(first) = named.map(|&(_, id)| id).min() else {
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

/// Sorts spots by the commit, then by path.
fn in_order(mut spots: Vec<Spot>) -> Vec<Spot> {
    spots.sort_by(|a, b| (a.first, &a.path).cmp(&(b.first, &b.path)));
    spots
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
    ask::objects(git, &ids, Ask::Head, &mut |at, answer| {
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
