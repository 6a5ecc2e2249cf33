//! Tells what was gathered: each value at the first place that counts, with who brought it in and what became of it.

use std::collections::{BTreeMap, HashMap};

use bstr::BString;

use super::super::skipped::Skipped;
use super::gather::Value;
use crate::blob::{Blob, ObjectId, Origin, Provenance, Regions};
use crate::detect::Engine;
use crate::finding::{Finding, Matches, Trace};
use crate::policy::{Facts, Policy, inline};
use crate::rule::Kind;
use crate::source::git::{Git, lines};
use crate::source::history::{self, History};
use crate::span::Lines;

/// What telling needs.
pub(super) struct Teller<'t> {
    pub(super) history: &'t History,
    pub(super) git: &'t Git,
    pub(super) engine: &'t Engine,
    pub(super) policy: &'t Policy,
    /// Whether what no ref leads to is told, too.
    pub(super) unreachable: bool,
}

impl Teller<'_> {
    /// Returns each value that counts once, in order; `values` keep the place that was found for them.
    pub(super) fn tell(
        &self,
        values: &mut [Value],
        skipped: &Skipped<'_>,
    ) -> Vec<(Finding, Facts)> {
        let mut wanted: BTreeMap<Place, Vec<usize>> = BTreeMap::new();
        let mut told = Vec::new();
        for (number, value) in values.iter().enumerate() {
            let Some(place) = self.place(value, skipped) else {
                continue;
            };
            told.push(number);
            if !place.is_of(&value.finding) {
                wanted.entry(place).or_default().push(number);
            }
        }
        self.move_to(values, wanted);
        self.name_people(values, &told);
        let mut told: Vec<(Finding, Facts)> = told
            .into_iter()
            .map(|number| {
                let value = &values[number];
                let facts = Facts {
                    comment: value.comment.clone(),
                    ..Facts::default()
                };
                (traced(value), facts)
            })
            .collect();
        told.sort_by(|(a, _), (b, _)| a.order().cmp(&b.order()));
        told
    }

    /// Returns where a value is told, or `None` where it does not count.
    fn place(&self, value: &Value, skipped: &Skipped<'_>) -> Option<Place> {
        let here = &value.finding.provenance;
        if here.origin == Origin::Message {
            let said = value.said.map(|said| said.commit_id);
            let holder = here.commit_id.or(here.blob_id);
            return said
                .or(holder.filter(|_| self.unreachable))
                .map(|holder| Place {
                    holder,
                    path: None,
                    commit_id: None,
                });
        }
        let counts = |path: &BString| !self.policy.skip.skips(path);
        if let Some(spot) = value.trace.spots.iter().find(|spot| counts(&spot.path)) {
            return Some(Place {
                holder: spot.blob_id,
                path: Some(spot.path.clone()),
                commit_id: Some(spot.first.commit_id),
            });
        }
        if let Some(spot) = value.trace.spots.first() {
            skipped.path(&spot.path);
            return None;
        }
        // A blob that no tree leads to.
        (value.said.is_some() || self.unreachable).then(|| Place {
            holder: here.blob_id.expect("a blob of the history has an id"),
            path: here.path.clone(),
            commit_id: None,
        })
    }

    /// Draws the lines of a finding that was remembered: they are not written down.
    pub(super) fn draw(&self, finding: &mut Finding) {
        let provenance = &finding.provenance;
        let message = (provenance.origin == Origin::Message).then_some(provenance.commit_id);
        let Some(holder) = message.flatten().or(provenance.blob_id) else {
            return;
        };
        let place = Place {
            holder,
            path: provenance.path.clone(),
            commit_id: provenance.commit_id,
        };
        let mut values = [Value {
            finding: finding.clone(),
            comment: None,
            trace: history::Trace::default(),
            said: None,
        }];
        self.move_to(&mut values, BTreeMap::from([(place, vec![0])]));
        let [value] = values;
        finding.frame = value.finding.frame;
    }

    /// Gives findings the place that they have in the version in which they are told.
    fn move_to(&self, values: &mut [Value], wanted: BTreeMap<Place, Vec<usize>>) {
        let places: Vec<(Place, Vec<usize>)> = wanted.into_iter().collect();
        let ids: Vec<ObjectId> = places.iter().map(|(place, _)| place.holder).collect();
        // What git cannot read keeps the place it has in another version.
        let _ = self.history.objects(&ids, &mut |at, kind, bytes| {
            let (place, numbers) = &places[at];
            self.move_in(place, kind, bytes, values, numbers);
        });
        for (place, numbers) in places.iter().filter(|(place, _)| place.path.is_some()) {
            for &number in numbers {
                let finding = &mut values[number].finding;
                if !place.is_of(finding) {
                    finding.trace = Trace::default();
                    finding.provenance.path.clone_from(&place.path);
                    finding.provenance.blob_id = Some(place.holder);
                    finding.provenance.commit_id = place.commit_id;
                }
            }
        }
    }

    fn move_in(
        &self,
        place: &Place,
        kind: &str,
        bytes: &[u8],
        values: &mut [Value],
        numbers: &[usize],
    ) {
        let origin = match kind {
            "blob" => Origin::File,
            _ => Origin::Message,
        };
        let bytes = match origin {
            Origin::Message => memchr::memmem::find(bytes, b"\n\n")
                .map_or(&[][..], |head_end| &bytes[head_end + 2..]),
            _ => bytes,
        };
        let blob = Blob {
            bytes,
            provenance: Provenance {
                path: place.path.clone(),
                commit_id: match kind {
                    "commit" => Some(place.holder),
                    _ => place.commit_id,
                },
                blob_id: (kind != "commit").then_some(place.holder),
                origin,
            },
            regions: Regions::Whole,
            inherited: Vec::new(),
        };
        let path = blob.provenance.path.as_ref().map(AsRef::as_ref);
        // Looked at as they were found: only files that should not be there are told by rules that read all of one.
        let is_file = |&number: &usize| values[number].finding.kind == Kind::Path;
        let matches = if numbers.iter().any(is_file) {
            self.engine.scan(bytes, &Regions::Whole, path)
        } else {
            let fresh = self.engine.rescan(bytes, &Regions::Whole, &[], path);
            fresh.matches
        };
        let lines = Lines::new(bytes);
        let around = Matches::new(&matches);
        let mut left: Vec<usize> = numbers.to_vec();
        for found in &matches {
            if left.is_empty() {
                return;
            }
            if left
                .iter()
                .all(|&number| values[number].finding.rule != found.rule)
            {
                continue;
            }
            let rule = self.engine.rules().get(found.rule);
            let here = Finding::new(&blob, &lines, rule, found, &around);
            let is_here = |&number: &usize| values[number].finding.fingerprint == here.fingerprint;
            if let Some(at) = left.iter().position(is_here) {
                let value = &mut values[left.swap_remove(at)];
                value.comment = inline::comment(bytes, found.span, &rule.id);
                value.finding = here;
            }
        }
    }

    /// Adds who wrote the first commit, and when.
    fn name_people(&self, values: &mut [Value], told: &[usize]) {
        let unnamed = |number: &&usize| {
            let finding = &values[**number].finding;
            finding.trace.author.is_none()
        };
        let commit = |number: &usize| values[*number].finding.provenance.commit_id;
        let mut ids: Vec<ObjectId> = told.iter().filter(unnamed).filter_map(commit).collect();
        ids.sort_unstable();
        ids.dedup();
        let people = people(self.git, &ids);
        for &number in told {
            let finding = &mut values[number].finding;
            if let Some(commit) = finding.provenance.commit_id
                && let Some((author, date)) = people.get(&commit)
            {
                finding.trace.author = Some(author.clone());
                finding.trace.date.clone_from(date);
            }
        }
    }
}

/// Where a value is told.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    /// The blob, commit or tag that holds it.
    holder: ObjectId,
    path: Option<BString>,
    /// The commit that brought the blob to the path.
    commit_id: Option<ObjectId>,
}

impl Place {
    /// Tells whether the finding stands there already.
    fn is_of(&self, finding: &Finding) -> bool {
        let here = &finding.provenance;
        match here.origin {
            Origin::Message => here.commit_id.or(here.blob_id) == Some(self.holder),
            _ => {
                here.blob_id == Some(self.holder)
                    && here.path == self.path
                    && here.commit_id == self.commit_id
            }
        }
    }
}

/// Returns the finding with what the history tells of it.
fn traced(value: &Value) -> Finding {
    let mut finding = value.finding.clone();
    let known = &finding.trace;
    let trace = &value.trace;
    finding.trace = Trace {
        author: known.author.clone(),
        date: known.date.clone(),
        order: match trace.spots.first() {
            Some(spot) => Some(spot.first.age),
            None => value.said.map(|said| said.age),
        },
        last_commit_id: trace.last.map(|last| last.commit_id),
        last_order: trace.last.map(|last| last.age),
        in_head: (!trace.spots.is_empty()).then_some(trace.in_head),
        commits: trace.commits,
        paths: trace.spots.len() as u64,
        repository: None,
    };
    finding
}

/// Returns who wrote commits, and when; what git cannot tell is left out.
fn people(git: &Git, ids: &[ObjectId]) -> HashMap<ObjectId, (String, Option<String>)> {
    if ids.is_empty() {
        return HashMap::new();
    }
    let arguments = [
        "log",
        "--no-walk=unsorted",
        "--stdin",
        "-z",
        "--format=%H%n%an <%ae>%n%at",
    ];
    let Ok(said) = git.feed("reading the commits", arguments, lines(ids).as_bytes()) else {
        return HashMap::new();
    };
    let said = String::from_utf8_lossy(&said);
    let person = |entry: &str| {
        let mut lines = entry.trim_start().splitn(3, '\n');
        let id = ObjectId::from_hex(lines.next()?.as_bytes())?;
        let author = lines.next()?.to_owned();
        let seconds = lines.next()?.trim_end().parse().ok();
        let date = seconds.and_then(|seconds| jiff::Timestamp::from_second(seconds).ok());
        Some((id, (author, date.map(|date| date.to_string()))))
    };
    said.split('\0').filter_map(person).collect()
}
