//! Gathers what the versions of a history hold: each value once, and which blob, commit or tag holds it.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::blob::{Blob, Mark, ObjectId, Origin};
use crate::detect::{Engine, PLACES};
use crate::finding::{Finding, Fingerprint, Matches};
use crate::policy::inline::{self, Comment};
use crate::source::history::{Moment, Trace};
use crate::span::Lines;

/// A value that was found, however many versions hold it.
#[derive(Debug, Clone)]
pub(super) struct Value {
    /// One place of it; [`super::tell`] moves it to the first.
    pub(super) finding: Finding,
    /// What the comments beside it say there.
    pub(super) comment: Option<Comment>,
    /// Where it stood in files.
    pub(super) trace: Trace,
    /// The first commit whose message says it, or the tag or blob that a ref names by itself.
    pub(super) said: Option<Moment>,
}

impl Value {
    /// Notes that this commit, tag or blob says it.
    pub(super) fn say(&mut self, moment: Moment) {
        self.said = Some(self.said.map_or(moment, |said| said.min(moment)));
    }
}

/// What was found so far.
#[derive(Debug, Default)]
pub(super) struct Gathered {
    /// The values, each known by its place in the list.
    pub(super) values: Vec<Value>,
    /// Which blob, commit or tag holds which value; sorted when the scan has ended.
    pub(super) holds: Vec<(ObjectId, u32)>,
    numbers: HashMap<(Origin, Fingerprint), u32>,
}

impl Gathered {
    /// Returns what an earlier run has gathered.
    pub(super) fn of(values: Vec<Value>, holds: Vec<(ObjectId, u32)>) -> Self {
        let numbers = (0..)
            .zip(&values)
            .map(|(number, value)| (key(&value.finding), number))
            .collect();
        Gathered {
            values,
            holds,
            numbers,
        }
    }

    /// Takes a finding in and returns the number of its value.
    pub(super) fn take(&mut self, finding: Finding, comment: Option<Comment>) -> u32 {
        let next = u32::try_from(self.values.len()).expect("fewer than four thousand million");
        let number = *self.numbers.entry(key(&finding)).or_insert(next);
        match self.values.get_mut(number as usize) {
            None => self.values.push(Value {
                finding,
                comment,
                trace: Trace::default(),
                said: None,
            }),
            // Threads take blobs in any order; which of them stands for the value may not depend on it.
            Some(value) if place(&finding) < place(&value.finding) => {
                value.finding = finding;
                value.comment = comment;
            }
            Some(_) => {}
        }
        number
    }
}

fn key(finding: &Finding) -> (Origin, Fingerprint) {
    (finding.provenance.origin, finding.fingerprint)
}

fn place(finding: &Finding) -> impl Ord + use<'_> {
    let provenance = &finding.provenance;
    (provenance.blob_id, provenance.commit_id, finding.span)
}

/// Looks at versions, from as many threads as read them.
pub(super) struct Gather<'e> {
    engine: &'e Engine,
    gathered: Mutex<Gathered>,
}

impl<'e> Gather<'e> {
    /// Returns a gathering that goes on from what is known.
    pub(super) fn new(engine: &'e Engine, known: Gathered) -> Self {
        Gather {
            engine,
            gathered: Mutex::new(known),
        }
    }

    /// Returns what was found.
    pub(super) fn end(self) -> Gathered {
        let mut gathered = self
            .gathered
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner);
        gathered.holds.sort_unstable();
        gathered.holds.dedup();
        gathered
    }

    fn lock(&self) -> MutexGuard<'_, Gathered> {
        self.gathered.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Looks at what is new in a blob, and returns the marks of all that it holds.
    pub(super) fn visit(&self, blob: &Blob<'_>) -> Vec<Mark> {
        let path = blob.provenance.path.as_ref().map(AsRef::as_ref);
        let fresh = self
            .engine
            .rescan(blob.bytes, &blob.regions, &blob.inherited, path);
        let mut marks = fresh.marks;
        if !fresh.matches.is_empty() {
            let lines = Lines::new(blob.bytes);
            let around = Matches::new(&fresh.matches);
            for new in &fresh.matches {
                let rule = self.engine.rules().get(new.rule);
                let comment = inline::comment(blob.bytes, new.span, &rule.id);
                let finding = Finding::new(blob, &lines, rule, new, &around);
                let id = self.lock().take(finding, comment);
                marks.push(Mark::new(new.extent, id));
            }
        }
        let holder = blob.provenance.blob_id.or(blob.provenance.commit_id);
        let values = || marks.iter().filter(|mark| mark.id < PLACES);
        if let Some(holder) = holder.filter(|_| values().next().is_some()) {
            self.lock()
                .holds
                .extend(values().map(|mark| (holder, mark.id)));
        }
        marks
    }
}
