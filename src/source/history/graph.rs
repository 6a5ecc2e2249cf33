//! The graph of a history: commits, the trees they name, and the names under which trees hold blobs.

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicBool, Ordering};

use crate::blob::ObjectId;
use crate::source::git::Git;
use crate::source::{Coverage, SourceError};

use super::ask::{self, Answer, Ask};
use super::commits::{self, Commit, Tag};
use super::edges::{EdgeBook, Edges};
use super::forest::Forest;
use super::objects::{NONE, Number, Objects};
use super::pack::Kind;
use super::trees::{self, Trees};
use super::unread::{Failures, Subtree};
use super::walk::{Visitor, walk};

/// Commits, trees and edges of a repository, and which commits are reachable.
pub(super) struct Graph {
    /// All commits, in order of number.
    commits: Vec<Commit>,
    /// The places in `commits` of those that are reachable, parents before children, older before newer.
    order: Vec<u32>,
    /// The age of every commit that is reachable, by its place in `commits`.
    ages: Vec<i64>,
    tags: HashMap<Number, Number>,
    /// Trees and blobs that a ref or tag names itself, what such trees hold, and the tags that are reachable.
    pub(super) named: HashSet<Number>,
    pub(super) trees: Trees,
    pub(super) edges: Edges,
}

impl Graph {
    /// Reads all commits, tags and trees, and hands the messages to the scan.
    pub(super) fn read(
        git: &Git,
        tips: &[ObjectId],
        reader: &commits::Reader<'_>,
        stop: &AtomicBool,
        coverage: &mut Coverage,
    ) -> Result<Self, SourceError> {
        let objects = reader.objects;
        let mut failures = Failures::default();
        let (commits, tags) = read_commits(git, reader, stop, coverage, &mut failures)?;
        let book = EdgeBook::new(objects);
        let gathered = read_trees(git, objects, &book, stop, coverage, &mut failures)?;
        let (edges, ranks) = book.close();
        let trees = Trees::new(objects, gathered, &ranks);
        let mut graph = Graph {
            commits,
            order: Vec::new(),
            ages: Vec::new(),
            tags: tags.iter().map(|tag| (tag.number, tag.target)).collect(),
            named: HashSet::new(),
            trees,
            edges,
        };
        failures.say(objects, coverage);
        graph.reach(objects, tips, coverage);
        graph.name_contents(git, objects)?;
        coverage.commits = graph
            .reachable()
            .filter(|commit| reader.has(commit.number))
            .count() as u64;
        Ok(graph)
    }

    /// Returns the commit of this number.
    pub(super) fn commit(&self, number: Number) -> Option<&Commit> {
        self.place(number).map(|place| &self.commits[place])
    }

    /// Returns the commits that are reachable, parents before children and otherwise the older first.
    pub(super) fn reachable(&self) -> impl Iterator<Item = &Commit> {
        self.order
            .iter()
            .map(|&place| &self.commits[place as usize])
    }

    /// Returns where a commit that is reachable stands in time: its own time, or a second after its latest parent where
    /// that is later. It depends on what the commit follows and on nothing else, so it stays when commits are added.
    pub(super) fn age(&self, number: Number) -> Option<i64> {
        self.ages
            .get(self.place(number)?)
            .copied()
            .filter(|&age| age != UNREACHED)
    }

    fn place(&self, number: Number) -> Option<usize> {
        self.commits
            .binary_search_by_key(&number, |commit| commit.number)
            .ok()
    }

    /// Follows tags and parents from the tips.
    fn reach(&mut self, objects: &Objects, tips: &[ObjectId], coverage: &mut Coverage) {
        let mut waiting: Vec<Number> = Vec::new();
        for tip in tips {
            match objects.find(tip.as_raw()) {
                Some(number) => waiting.push(number),
                None => coverage.unread.push(crate::source::Unread {
                    path: tip.to_string().into(),
                    message: "a ref names it and the repository lacks it".to_owned(),
                }),
            }
        }
        let mut reached = vec![false; self.commits.len()];
        while let Some(number) = waiting.pop() {
            if let Some(place) = self.place(number) {
                if !reached[place] {
                    reached[place] = true;
                    waiting.extend_from_slice(&self.commits[place].parents);
                }
                continue;
            }
            if self.named.insert(number)
                && let Some(&target) = self.tags.get(&number)
                && target != NONE
            {
                waiting.push(target);
            }
        }
        self.ages = self.aged(&reached);
        let mut order: Vec<u32> = (0..)
            .zip(&reached)
            .filter_map(|(place, reached)| reached.then_some(place))
            .collect();
        order.sort_by_cached_key(|&place| {
            let place = place as usize;
            (self.ages[place], objects.name(self.commits[place].number))
        });
        self.order = order;
    }

    /// Adds what the trees hold that are named themselves. They are few where there are any: git is asked for each.
    fn name_contents(&mut self, git: &Git, objects: &Objects) -> Result<(), SourceError> {
        let is_tree = |number: &Number| objects.kind(*number) == Kind::Tree;
        let trees: Vec<Number> = self.named.iter().copied().filter(is_tree).collect();
        for tree in trees {
            let files = git.files(&objects.name(tree).to_string())?;
            let held = files.iter().filter_map(|(_, id)| objects.find(id.as_raw()));
            self.named.extend(held);
        }
        Ok(())
    }

    /// Returns the ages of the reached commits.
    fn aged(&self, reached: &[bool]) -> Vec<i64> {
        let mut open = vec![0_u32; self.commits.len()];
        let mut children: Vec<(u32, u32)> = Vec::new();
        let mut ages = vec![UNREACHED; self.commits.len()];
        let mut ready = Vec::new();
        for (place, commit) in self.commits.iter().enumerate() {
            if !reached[place] {
                continue;
            }
            ages[place] = age(commit.time, [].into_iter());
            let own = u32::try_from(place).unwrap_or(NONE);
            for parent in commit
                .parents
                .iter()
                .filter_map(|&parent| self.place(parent))
            {
                children.push((u32::try_from(parent).unwrap_or(NONE), own));
                open[place] += 1;
            }
            if open[place] == 0 {
                ready.push(own);
            }
        }
        children.sort_unstable();
        while let Some(place) = ready.pop() {
            let start = children.partition_point(|&(parent, _)| parent < place);
            for &(_, child) in children[start..]
                .iter()
                .take_while(|&&(parent, _)| parent == place)
            {
                let own = ages[place as usize];
                let at = child as usize;
                ages[at] = ages[at].max(own.saturating_add(1));
                open[at] -= 1;
                if open[at] == 0 {
                    ready.push(child);
                }
            }
        }
        ages
    }
}

/// The age of a commit that is not reachable.
const UNREACHED: i64 = i64::MIN;

/// Returns the age of a commit of that time whose parents are of those ages.
pub(super) fn age(time: i64, parents: impl Iterator<Item = i64>) -> i64 {
    /// No clock says so, and a second may still be added to it for each commit.
    const LATEST: i64 = 1 << 60;
    let after = parents.map(|age| age.saturating_add(1)).max();
    time.clamp(0, LATEST).max(after.unwrap_or(0))
}

fn read_commits(
    git: &Git,
    reader: &commits::Reader<'_>,
    stop: &AtomicBool,
    coverage: &mut Coverage,
    failures: &mut Failures,
) -> Result<(Vec<Commit>, Vec<Tag>), SourceError> {
    let objects = reader.objects;
    let kinds = [Kind::Commit, Kind::Tag];
    let forest = Forest::new(objects, &kinds);
    let mut parts = walk(objects, &forest, reader, stop);
    let mut rest = commits::Gathered::default();
    let failed = parts.iter_mut().flat_map(|part| part.failed.drain(..));
    let mut left = Subtree::of(&forest, failed, failures);
    left.extend(apart(objects, &kinds));
    read_left(git, objects, &left, failures, stop, |number, bytes| {
        reader.take(&mut rest, number, bytes);
    })?;
    parts.push(rest);
    let mut all = Vec::with_capacity(parts.iter().map(|part| part.commits.len()).sum());
    let mut tags = Vec::new();
    for part in parts {
        coverage.bytes += part.bytes;
        all.extend(part.commits);
        tags.extend(part.tags);
    }
    all.sort_unstable_by_key(|commit| commit.number);
    Ok((all, tags))
}

fn read_trees(
    git: &Git,
    objects: &Objects,
    book: &EdgeBook<'_>,
    stop: &AtomicBool,
    coverage: &mut Coverage,
    failures: &mut Failures,
) -> Result<Vec<trees::Gathered>, SourceError> {
    let reader = trees::Reader {
        book,
        hash_len: objects.hash_len(),
    };
    let forest = Forest::new(objects, &[Kind::Tree]);
    let mut parts = walk(objects, &forest, &reader, stop);
    let mut rest = reader.worker();
    let failed = parts.iter_mut().flat_map(|part| part.failed.drain(..));
    let mut left = Subtree::of(&forest, failed, failures);
    left.extend(apart(objects, &[Kind::Tree]));
    read_left(git, objects, &left, failures, stop, |number, bytes| {
        reader.full(&mut rest, number, bytes);
    })?;
    for (number, _) in rest.failed.drain(..) {
        coverage.unread.push(crate::source::Unread {
            path: objects.name(number).to_string().into(),
            message: "a tree that cannot be read; `git fsck` says more".to_owned(),
        });
    }
    parts.push(rest);
    Ok(parts)
}

/// Returns the objects of some kinds that no walk over the packs meets.
pub(super) fn apart(objects: &Objects, kinds: &[Kind]) -> impl Iterator<Item = Number> {
    objects
        .loose()
        .chain(objects.strays().iter().copied())
        .filter(move |&number| kinds.contains(&objects.kind(number)))
}

/// Has git read what the walk has left.
pub(super) fn read_left(
    git: &Git,
    objects: &Objects,
    left: &[Number],
    failures: &mut Failures,
    stop: &AtomicBool,
    mut take: impl FnMut(Number, &[u8]),
) -> Result<(), SourceError> {
    let ids: Vec<ObjectId> = left.iter().map(|&number| objects.name(number)).collect();
    ask::objects(git, &ids, Ask::Content, &mut |at, answer| match answer {
        // Whoever stopped the run may have ended git too: nothing is said of what it answers.
        _ if stop.load(Ordering::Relaxed) => {}
        Answer::Object(_, bytes) => take(left[at], bytes),
        Answer::Head(_) => {}
        Answer::Missing => failures.lost(left[at], "missing or damaged".to_owned()),
        Answer::Damaged(why) => failures.lost(left[at], why),
    })
}
