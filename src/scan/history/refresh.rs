//! Brings what is remembered up to date with the commits that were added since.

use std::collections::{HashMap, HashSet};
use std::io;

use bstr::BString;

use super::gather::{Gather, Gathered, Value};
use super::memory::{Remembered, Rest};
use super::{Found, Job, Skipped, paths};
use crate::blob::{ObjectId, Origin};
use crate::source::SourceError;
use crate::source::history::seen::Names;
use crate::source::history::{Before, Moment, News, Spot, State, TreeReader};

/// What became of it.
pub(super) enum Outcome {
    /// It is up to date.
    Done(Box<Found>),
    /// More has changed than commits that were added: all has to be read, with this known.
    TooMuch(Gathered, Names),
}

impl Job<'_> {
    /// Brings what is remembered up to date, at the cost of what is new.
    pub(super) fn refresh(
        &self,
        old: &Remembered,
        known: Gathered,
        rest: Rest,
        now: &State,
    ) -> Result<Outcome, SourceError> {
        let Rest {
            loose,
            mut late,
            mut names,
            ..
        } = rest;
        let before = Before {
            packs: &old.packs,
            tips: &old.tips,
            loose: &loose,
            names: &names,
            late: &late,
        };
        let gather = Gather::new(self.engine, known);
        let skipped = Skipped::new(self.policy);
        let news = self.history.news(&before, now, &|blob| {
            if skipped.takes_large(blob) {
                return Vec::new();
            }
            gather.visit(blob)
        })?;
        let mut gathered = gather.end();
        let Some(news) = news else {
            return Ok(Outcome::TooMuch(gathered, names));
        };
        if self.add(&mut gathered, &news, now).is_err() {
            return Ok(Outcome::TooMuch(gathered, names));
        }
        let mut coverage = old.coverage.clone();
        coverage.add(news.coverage);
        skipped.say(&mut coverage);
        names.add(news.entries);
        late.extend(news.late);
        late.sort_unstable_by_key(|moment| moment.commit_id);
        Ok(Outcome::Done(Box::new(Found {
            gathered,
            coverage,
            late,
            names,
            scanned: Vec::new(),
            state: None,
        })))
    }

    /// Adds what the new commits hold to what is known of each value.
    fn add(&self, gathered: &mut Gathered, news: &News, now: &State) -> io::Result<()> {
        self.add_paths(gathered, news)?;
        let Gathered { values, holds, .. } = gathered;
        let said: HashMap<ObjectId, i64> = news
            .commits
            .iter()
            .map(|&(moment, _)| (moment.commit_id, moment.age))
            .chain(news.named.iter().map(|&tag| (tag, i64::MAX)))
            .collect();
        let mut by_blob: HashMap<ObjectId, Vec<u32>> = HashMap::new();
        for &(holder, value) in &*holds {
            if values[value as usize].finding.provenance.origin == Origin::File {
                by_blob.entry(holder).or_default().push(value);
            } else if let Some(&age) = said.get(&holder) {
                values[value as usize].say(Moment {
                    age,
                    commit_id: holder,
                });
            }
        }
        if by_blob.is_empty() {
            return Ok(());
        }
        let wanted: HashSet<ObjectId> = by_blob.keys().copied().collect();
        let objects = self.git.objects().map_err(io::Error::other)?;
        let mut trees = TreeReader::new(objects, &wanted, &|_| false);
        let mut spots: HashMap<(u32, BString), usize> = HashMap::new();
        for (number, value) in (0..).zip(&*values) {
            for (at, spot) in value.trace.spots.iter().enumerate() {
                spots.insert((number, spot.path.clone()), at);
            }
        }
        for &(moment, tree) in &news.commits {
            let mut held: Vec<u32> = Vec::new();
            for (path, blob) in &*trees.below(tree)? {
                for &value in &by_blob[blob] {
                    if !paths::stands_at(&values[value as usize], path) {
                        continue;
                    }
                    held.push(value);
                    let spot = Spot {
                        path: path.clone(),
                        first: moment,
                        blob_id: *blob,
                    };
                    stand(&mut values[value as usize], value, spot, &mut spots);
                }
            }
            held.sort_unstable();
            held.dedup();
            for value in held {
                if paths::is_path(&values[value as usize]) {
                    continue;
                }
                let trace = &mut values[value as usize].trace;
                trace.commits += 1;
                trace.last = trace.last.max(Some(moment));
            }
        }
        for value in &mut *values {
            value.trace.in_head = false;
            let order = |a: &Spot, b: &Spot| (a.first, &a.path).cmp(&(b.first, &b.path));
            value.trace.spots.sort_by(order);
        }
        if let Some(head) = now.head {
            let tree = trees.tree_of(head)?;
            for (path, blob) in &*trees.below(tree)? {
                for &value in &by_blob[blob] {
                    let value = &mut values[value as usize];
                    value.trace.in_head |= paths::stands_at(value, path);
                }
            }
        }
        Ok(())
    }
}

impl Job<'_> {
    /// Looks at the files of the new commits whose names tell something.
    fn add_paths(&self, gathered: &mut Gathered, news: &News) -> io::Result<()> {
        let names = self.engine.telling_names();
        let is_named = |name: &[u8]| names.has(name);
        let nothing = HashSet::new();
        let objects = self.git.objects().map_err(io::Error::other)?;
        let mut trees = TreeReader::new(objects, &nothing, &is_named);
        let mut places: HashSet<(ObjectId, BString)> = HashSet::new();
        for &(_, tree) in &news.commits {
            let below = trees.below(tree)?;
            places.extend(below.iter().map(|(path, blob)| (*blob, path.clone())));
        }
        let mut places: Vec<(ObjectId, BString)> = places.into_iter().collect();
        places.sort_unstable();
        self.look_at_paths(gathered, &places)
            .map_err(io::Error::other)?;
        gathered.holds.sort_unstable();
        gathered.holds.dedup();
        Ok(())
    }
}

/// Notes that a value stands at a path in a commit, where that is earlier than what is known.
fn stand(value: &mut Value, number: u32, spot: Spot, known: &mut HashMap<(u32, BString), usize>) {
    let spots = &mut value.trace.spots;
    let at = *known
        .entry((number, spot.path.clone()))
        .or_insert(spots.len());
    match spots.get_mut(at) {
        Some(before) if spot.first < before.first => *before = spot,
        Some(_) => {}
        None => spots.push(spot),
    }
}
