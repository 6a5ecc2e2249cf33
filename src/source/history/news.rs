//! What came into a history since it was last scanned, read through git at the cost of what is new.
//!
//! It serves the usual case: commits were added, and what was reachable still is. In every other case it gives up, and
//! the caller reads the graph of all commits again.

use std::collections::{BTreeMap, HashSet};

use bstr::{BString, ByteSlice as _};

use crate::blob::{Blob, ObjectId, Origin, Provenance, Regions};
use crate::source::git::Git;
use crate::source::{Coverage, SourceError, Visit};

use super::ask::{self, Answer, Ask};
use super::commits::{field, split};
use super::graph::age;
use super::heads;
use super::pack::{Kind, Pack};
use super::seen::{Entry, Names};
use super::state::State;
use super::{History, Moment, Unreachable};

/// Beyond so many new objects, reading all of the packs is quicker than asking git for each.
const MOST: usize = 20_000;

/// What was known of a history when it was last scanned.
pub struct Before<'b> {
    /// The checksums of the packs.
    pub packs: &'b [ObjectId],
    /// What refs, HEADs and reflogs pointed at.
    pub tips: &'b [ObjectId],
    /// The loose objects.
    pub loose: &'b [ObjectId],
    /// All objects.
    pub names: &'b Names,
    /// The commits that count as later than their own time says, in order.
    pub late: &'b [Moment],
}

/// What came in.
#[derive(Debug, Default)]
pub struct News {
    /// What was looked at.
    pub coverage: Coverage,
    /// The commits that refs and reflogs lead to now and did not before, parents first, each with its tree.
    pub commits: Vec<(Moment, ObjectId)>,
    /// The tags that refs lead to now and perhaps did not before.
    pub named: Vec<ObjectId>,
    /// What is known from now on.
    pub entries: Vec<Entry>,
    /// The new commits that count as later than their own time says.
    pub late: Vec<Moment>,
}

impl History {
    /// Hands over what came in since `before`, or returns `None` where that cannot be told cheaply.
    ///
    /// # Errors
    /// Returns an error when git cannot be run.
    pub fn news(
        &self,
        before: &Before<'_>,
        now: &State,
        visit: &Visit<'_>,
    ) -> Result<Option<News>, SourceError> {
        if self.unreachable == Unreachable::Scan || !now.coverage.unread.is_empty() {
            return Ok(None);
        }
        let reader = Reader {
            git: Git::new(&self.folder),
            before,
            now,
        };
        reader.read(visit)
    }
}

struct Reader<'r> {
    git: Git,
    before: &'r Before<'r>,
    now: &'r State,
}

impl Reader<'_> {
    fn read(&self, visit: &Visit<'_>) -> Result<Option<News>, SourceError> {
        let Some(new) = self.new_objects() else {
            return Ok(None);
        };
        let Some(kinds) = self.kinds(&new)? else {
            return Ok(None);
        };
        let mut news = News::default();
        news.entries.extend(new.iter().map(Names::there));
        // The tips come first: when something was lost there is no use in the rest.
        let new_tips = difference(&self.now.tips, self.before.tips);
        if !self.leads_to_all(&new_tips)? {
            return Ok(None);
        }
        let Some(names) = self.read_heads(&kinds, visit, &mut news)? else {
            return Ok(None);
        };
        if !self.read_blobs(names, visit, &mut news)? {
            return Ok(None);
        }
        let Some(named) = self.tags(&new_tips)? else {
            return Ok(None);
        };
        news.named = named;
        Ok(self.add_commits(&new_tips, &mut news)?.then_some(news))
    }

    /// Returns the objects that were not there before; `None` when they are many, or some of those before are gone.
    fn new_objects(&self) -> Option<Vec<ObjectId>> {
        let gone = !difference(self.before.packs, &self.now.packs).is_empty()
            || !difference(self.before.loose, &self.now.loose).is_empty();
        if gone && !self.holds_all()? {
            return None;
        }
        let mut new = Vec::new();
        let is_new = |id: &ObjectId| !self.before.names.knows(id);
        for (sum, path) in &self.now.pack_files {
            if self.before.packs.binary_search(sum).is_ok() {
                continue;
            }
            let pack = Pack::open(path, self.now.hash_len).ok()?;
            let names = (0..pack.count()).filter_map(|place| ObjectId::from_raw(pack.name(place)));
            new.extend(names.filter(is_new));
            if new.len() > MOST {
                return None;
            }
        }
        new.extend(self.now.loose.iter().copied().filter(is_new));
        new.sort_unstable();
        new.dedup();
        (new.len() <= MOST).then_some(new)
    }

    /// Tells whether every object that was there still is, wherever it is kept now.
    fn holds_all(&self) -> Option<bool> {
        let names = self.before.names;
        let mut there = Vec::new();
        for (_, path) in &self.now.pack_files {
            let pack = Pack::open(path, self.now.hash_len).ok()?;
            let ids = (0..pack.count()).filter_map(|place| ObjectId::from_raw(pack.name(place)));
            there.extend(ids.map(|id| Names::there(&id)));
        }
        there.extend(self.now.loose.iter().map(Names::there));
        there.sort_unstable();
        there.dedup();
        let known = there.iter().filter(|&&entry| names.knows_entry(entry));
        Some(known.count() == names.objects())
    }

    fn kinds(&self, ids: &[ObjectId]) -> Result<Option<Vec<(ObjectId, Kind)>>, SourceError> {
        let mut kinds = Vec::with_capacity(ids.len());
        ask::objects(&self.git, ids, Ask::Head, &mut |at, answer| {
            if let Answer::Head(kind) | Answer::Object(kind, _) = answer {
                kinds.push((ids[at], kind));
            }
        })?;
        let sound =
            kinds.len() == ids.len() && kinds.iter().all(|&(_, kind)| kind != Kind::Unknown);
        Ok(sound.then_some(kinds))
    }

    /// Tells whether all that was reachable still is.
    fn leads_to_all(&self, new_tips: &[ObjectId]) -> Result<bool, SourceError> {
        let gone = difference(self.before.tips, &self.now.tips);
        if gone.is_empty() {
            return Ok(true);
        }
        let Some(kinds) = self.kinds(&gone)? else {
            return Ok(false);
        };
        // The message of a tag that nothing names any more is no longer told.
        if kinds.iter().any(|&(_, kind)| kind != Kind::Commit) {
            return Ok(false);
        }
        let kept = intersection(&self.now.tips, self.before.tips);
        let positive = gone.iter().map(|id| format!("{id}\n"));
        let negative = kept.iter().chain(new_tips).map(|id| format!("^{id}\n"));
        let left = self.git.feed(
            "looking for commits that nothing leads to any more",
            ["rev-list", "--max-count=1", "--stdin"],
            positive.chain(negative).collect::<String>().as_bytes(),
        );
        Ok(left.is_ok_and(|left| left.is_empty()))
    }

    /// Reads new commits, tags and trees, hands over their messages, and returns the names that blobs go by and were
    /// not scanned under.
    fn read_heads(
        &self,
        kinds: &[(ObjectId, Kind)],
        visit: &Visit<'_>,
        news: &mut News,
    ) -> Result<Option<BTreeMap<Entry, Label>>, SourceError> {
        let heads: Vec<(ObjectId, Kind)> = kinds
            .iter()
            .copied()
            .filter(|&(_, kind)| kind != Kind::Blob)
            .collect();
        let ids: Vec<ObjectId> = heads.iter().map(|&(id, _)| id).collect();
        let mut labels: BTreeMap<Entry, Label> = BTreeMap::new();
        let mut sound = true;
        let mut bytes_read = 0;
        ask::objects(&self.git, &ids, Ask::Content, &mut |at, answer| {
            let (id, kind) = heads[at];
            let Answer::Object(_, bytes) = answer else {
                sound = false;
                return;
            };
            if kind == Kind::Tree {
                sound &= self.read_tree(bytes, &mut labels);
                return;
            }
            let (_, message) = split(bytes);
            bytes_read += message.len() as u64;
            let (commit_id, blob_id) = match kind {
                Kind::Commit => (Some(id), None),
                _ => (None, Some(id)),
            };
            visit(&Blob {
                bytes: message,
                provenance: Provenance {
                    path: None,
                    commit_id,
                    blob_id,
                    origin: Origin::Message,
                },
                regions: Regions::Whole,
                inherited: Vec::new(),
            });
        })?;
        news.coverage.bytes += bytes_read;
        Ok(sound.then_some(labels))
    }

    fn read_tree(&self, bytes: &[u8], labels: &mut BTreeMap<Entry, Label>) -> bool {
        let Some(entries) = entries(bytes, self.now.hash_len) else {
            return false;
        };
        for entry in entries.filter(|entry| !entry.is_tree) {
            let name = entry.name.as_bstr();
            let key = Names::scanned(&entry.id, Some(name));
            if self.before.names.has(key) {
                continue;
            }
            let label = labels.entry(key).or_insert_with(|| Label {
                id: entry.id,
                name: name.to_owned(),
            });
            if *name < *label.name {
                label.name = name.to_owned();
            }
        }
        true
    }

    /// Hands over the blobs under names that they were not scanned under; tells whether all could be read.
    fn read_blobs(
        &self,
        labels: BTreeMap<Entry, Label>,
        visit: &Visit<'_>,
        news: &mut News,
    ) -> Result<bool, SourceError> {
        let mut by_blob: BTreeMap<ObjectId, Vec<BString>> = BTreeMap::new();
        for (entry, label) in labels {
            news.entries.push(entry);
            by_blob.entry(label.id).or_default().push(label.name);
        }
        let ids: Vec<ObjectId> = by_blob.keys().copied().collect();
        let (mut sound, mut blobs, mut bytes_read) = (true, 0, 0);
        ask::objects(&self.git, &ids, Ask::Content, &mut |at, answer| {
            let id = ids[at];
            // What a tree calls a file and is none is told by reading all.
            let Answer::Object(Kind::Blob, bytes) = answer else {
                sound = false;
                return;
            };
            if !self.before.names.was_scanned(&id) {
                blobs += 1;
                bytes_read += bytes.len() as u64;
            }
            for name in &by_blob[&id] {
                visit(&Blob {
                    bytes,
                    provenance: Provenance {
                        path: Some(name.clone()),
                        commit_id: None,
                        blob_id: Some(id),
                        origin: Origin::File,
                    },
                    regions: Regions::Whole,
                    inherited: Vec::new(),
                });
            }
        })?;
        news.coverage.blobs += blobs;
        news.coverage.files += blobs;
        news.coverage.bytes += bytes_read;
        Ok(sound)
    }

    /// Returns the tags that the tips lead to; `None` when one leads to a tree or a blob.
    fn tags(&self, tips: &[ObjectId]) -> Result<Option<Vec<ObjectId>>, SourceError> {
        let mut named = Vec::new();
        let mut waiting = tips.to_vec();
        let mut seen: HashSet<ObjectId> = HashSet::new();
        while !waiting.is_empty() {
            waiting.retain(|&id| seen.insert(id));
            let (mut next, mut sound) = (Vec::new(), true);
            let Some(kinds) = self.kinds(&waiting)? else {
                return Ok(None);
            };
            let tags: Vec<ObjectId> = kinds
                .iter()
                .filter(|(_, kind)| *kind == Kind::Tag)
                .map(|&(id, _)| id)
                .collect();
            sound &= kinds
                .iter()
                .all(|(_, kind)| matches!(kind, Kind::Tag | Kind::Commit));
            ask::objects(&self.git, &tags, Ask::Content, &mut |_, answer| {
                let target = match answer {
                    Answer::Object(_, bytes) => field(split(bytes).0, b"object "),
                    _ => None,
                };
                match target.and_then(ObjectId::from_hex) {
                    Some(target) => next.push(target),
                    None => sound = false,
                }
            })?;
            if !sound {
                return Ok(None);
            }
            named.extend(tags);
            waiting = next;
        }
        Ok(Some(named))
    }

    /// Lists the commits that are reachable now and were not before; tells whether all could be read.
    fn add_commits(&self, new_tips: &[ObjectId], news: &mut News) -> Result<bool, SourceError> {
        if new_tips.is_empty() {
            return Ok(true);
        }
        let positive = new_tips.iter().map(|id| format!("{id}\n"));
        let negative = self.before.tips.iter().map(|id| format!("^{id}\n"));
        let listed = self.git.feed(
            "walking the new commits",
            ["rev-list", "--topo-order", "--reverse", "--stdin"],
            positive.chain(negative).collect::<String>().as_bytes(),
        );
        let Ok(listed) = listed else {
            return Ok(false);
        };
        let ids: Vec<ObjectId> = listed.lines().filter_map(ObjectId::from_hex).collect();
        let heads = heads::read(&self.git, &ids)?;
        if heads.len() != ids.len() {
            return Ok(false);
        }
        let known: HashSet<ObjectId> = ids.iter().copied().collect();
        let mut edge: Vec<ObjectId> = heads
            .values()
            .flat_map(|head| &head.parents)
            .copied()
            .filter(|parent| !known.contains(parent))
            .collect();
        edge.sort_unstable();
        edge.dedup();
        // A parent that a shallow clone lacks counts for nothing, as when all is read.
        let mut ages = heads::ages(&self.git, &edge, self.before.late)?;
        for id in ids {
            let head = &heads[&id];
            let parents = head
                .parents
                .iter()
                .filter_map(|parent| ages.get(parent).copied());
            let moment = Moment {
                age: age(head.time, parents),
                commit_id: id,
            };
            ages.insert(id, moment.age);
            if moment.age != age(head.time, std::iter::empty()) {
                news.late.push(moment);
            }
            let Some(tree) = head.tree else {
                return Ok(false);
            };
            news.commits.push((moment, tree));
        }
        news.coverage.commits = news.commits.len() as u64;
        Ok(true)
    }
}

/// A name that a blob goes by.
struct Label {
    id: ObjectId,
    name: BString,
}

/// An entry of a tree that is no submodule.
pub(super) struct TreeEntry<'t> {
    pub(super) name: &'t [u8],
    pub(super) id: ObjectId,
    pub(super) is_tree: bool,
}

/// Returns the entries of a tree without its submodules, or `None` where it is damaged.
pub(super) fn entries(tree: &[u8], hash_len: usize) -> Option<impl Iterator<Item = TreeEntry<'_>>> {
    let mut rest = tree;
    let mut entries = Vec::new();
    while !rest.is_empty() {
        let space = rest.iter().take(8).position(|&byte| byte == b' ')?;
        let end = space + 1 + memchr::memchr(0, &rest[space + 1..])?;
        let id = ObjectId::from_raw(rest.get(end + 1..end + 1 + hash_len)?)?;
        let mode = rest[..space].iter().try_fold(0_u32, |mode, &digit| {
            matches!(digit, b'0'..=b'7').then(|| mode * 8 + u32::from(digit - b'0'))
        })?;
        if mode & 0o170_000 != 0o160_000 {
            entries.push(TreeEntry {
                name: &rest[space + 1..end],
                id,
                is_tree: mode & 0o170_000 == 0o040_000,
            });
        }
        rest = &rest[end + 1 + hash_len..];
    }
    Some(entries.into_iter())
}

/// Returns what is in the first list and not in the second; both are in order.
fn difference(these: &[ObjectId], those: &[ObjectId]) -> Vec<ObjectId> {
    let is_new = |id: &&ObjectId| those.binary_search(id).is_err();
    these.iter().filter(is_new).copied().collect()
}

fn intersection(these: &[ObjectId], those: &[ObjectId]) -> Vec<ObjectId> {
    let is_in = |id: &&ObjectId| those.binary_search(id).is_ok();
    these.iter().filter(is_in).copied().collect()
}
