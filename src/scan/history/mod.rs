//! A history from start to end: each version is looked at only where it differs from the one before, and each value
//! is told once, with the commits that hold it.
//!
//! What was scanned is remembered. When nothing has changed the findings are told from memory; when commits were added
//! only what they bring is read; in every other case the commits and trees are read again, and of the blobs those that
//! are new.

mod gather;
mod memory;
mod refresh;
mod tell;

use std::sync::Mutex;

use super::skipped::Skipped;
use crate::blob::{Blob, ObjectId, Origin};
use crate::detect::Engine;
use crate::policy::{Judged, Policy};
use crate::report::{Report, What};
use crate::source::git::Git;
use crate::source::history::seen::{Entry, Names};
use crate::source::history::{History, Moment, State};
use crate::source::{Coverage, Skip, SourceError};
use gather::{Gather, Gathered};
use memory::{Leaving, Remembered};
pub use memory::{Reading, Shelf};
use tell::Teller;

/// A scan of a history.
pub struct Job<'j> {
    /// The history.
    pub history: &'j History,
    /// git, in the same repository.
    pub git: &'j Git,
    /// The rules.
    pub engine: &'j Engine,
    /// What holds for the run.
    pub policy: &'j Policy,
    /// Where the scan is remembered; nowhere for one that is not of the usual kind.
    pub shelf: Option<Shelf>,
}

/// What a scan has found, whether it was read or remembered.
struct Found {
    gathered: Gathered,
    coverage: Coverage,
    late: Vec<Moment>,
    names: Names,
    /// The state of the repository, where all of it was scanned.
    state: Option<State>,
}

/// Scans a history and judges what is found.
///
/// # Errors
/// Returns an error when the repository as a whole cannot be read.
pub fn run(job: &Job<'_>) -> Result<Report, SourceError> {
    let Some(shelf) = &job.shelf else {
        let mut found = job.read(Gathered::default(), Names::default(), None)?;
        return Ok(job.report(&mut found));
    };
    let state = State::read(job.history.folder())?;
    let mut old = Remembered::open(shelf, job.engine.rules());
    if let Some(old) = &mut old
        && old.state.as_ref() == Some(&state.digest())
        && state.coverage.unread.is_empty()
    {
        let mut found = Found {
            gathered: Gathered::of(std::mem::take(&mut old.values), Vec::new()),
            coverage: with_skips(&old.coverage, &state),
            late: Vec::new(),
            names: Names::default(),
            state: None,
        };
        return Ok(job.report(&mut found));
    }
    let mut found = job.go_on(old, state)?;
    let coverage = found.coverage.clone();
    let report = job.report(&mut found);
    Leaving {
        state: found.state.as_ref(),
        coverage: &coverage,
        gathered: &found.gathered,
        late: &found.late,
        names: &found.names,
    }
    .write(shelf);
    Ok(report)
}

impl Job<'_> {
    /// Scans what is new since the last scan, or all.
    fn go_on(&self, old: Option<Remembered>, state: State) -> Result<Found, SourceError> {
        let Some(mut old) = old else {
            return self.read(Gathered::default(), Names::default(), Some(state));
        };
        let Some(mut rest) = old.rest() else {
            return self.read(Gathered::default(), Names::default(), Some(state));
        };
        let holds = std::mem::take(&mut rest.holds);
        let known = Gathered::of(std::mem::take(&mut old.values), holds);
        if old.state.is_none() {
            return self.read(known, rest.names, Some(state));
        }
        match self.refresh(&old, known, rest, &state)? {
            refresh::Outcome::Done(mut found) => {
                found.coverage = with_skips(&found.coverage, &state);
                found.state = Some(state);
                Ok(*found)
            }
            refresh::Outcome::TooMuch(known, names) => self.read(known, names, Some(state)),
        }
    }

    /// Reads all commits and trees, and the blobs that are not known.
    fn read(
        &self,
        known: Gathered,
        mut names: Names,
        state: Option<State>,
    ) -> Result<Found, SourceError> {
        let gather = Gather::new(self.engine, known);
        let skipped = Skipped::new(self.policy);
        let scanned: Mutex<Vec<Entry>> = Mutex::default();
        let mut coverage =
            self.history
                .scan_new(&|id, name| names.has(Names::scanned(id, name)), &|blob| {
                    let Some(entry) = entry(blob) else {
                        return Vec::new();
                    };
                    let is_message = blob.provenance.origin == Origin::Message;
                    if is_message && names.has(entry) {
                        return Vec::new();
                    }
                    let is_large = skipped.takes_large(blob);
                    let marks = if is_large {
                        Vec::new()
                    } else {
                        gather.visit(blob)
                    };
                    if !is_large {
                        scanned
                            .lock()
                            .expect("no scan panics while it holds the list")
                            .push(entry);
                    }
                    marks
                })?;
        skipped.say(&mut coverage);
        let scanned = scanned
            .into_inner()
            .expect("no scan panics while it holds the list");
        // Only what was seen without a change beside it is all of a state.
        let state = state.filter(|before| {
            let now = || State::read(self.history.folder());
            coverage.unread.is_empty() && now().is_ok_and(|now| now.digest() == before.digest())
        });
        if state.is_some() {
            let there = self.history.entries();
            names.keep(&there);
            names.add(there);
        }
        names.add(scanned);
        let mut gathered = gather.end();
        attribute(self.history, &mut gathered);
        Ok(Found {
            gathered,
            coverage,
            late: self.history.late(),
            names,
            state,
        })
    }

    /// Judges what was found.
    fn report(&self, found: &mut Found) -> Report {
        let teller = Teller {
            git: self.git,
            engine: self.engine,
            policy: self.policy,
            unreachable: self.history.counts_unreachable(),
        };
        let skipped = Skipped::new(self.policy);
        let told = teller.tell(&mut found.gathered.values, &skipped);
        let mut coverage = found.coverage.clone();
        skipped.say(&mut coverage);
        if self.policy.archives {
            let reason = "archives are not opened in a history: `guard scan --archives` opens those of today";
            coverage.skipped.push(Skip {
                path: None,
                reason: reason.to_owned(),
            });
        }
        let judged: Vec<Judged> = told
            .into_iter()
            .filter_map(|(finding, facts)| self.policy.judge(finding, &facts))
            .collect();
        let mut report = Report {
            judged,
            coverage,
            what: What::History,
            ..Report::default()
        };
        let bare: Vec<usize> = report
            .worst()
            .into_iter()
            .filter(|&at| report.judged[at].finding.frame.lines.is_empty())
            .collect();
        for at in bare {
            teller.draw(&mut report.judged[at].finding);
        }
        report
    }
}

/// Returns the entry of a blob under its name, or of a message.
fn entry(blob: &Blob<'_>) -> Option<Entry> {
    let provenance = &blob.provenance;
    match provenance.origin {
        Origin::Message => {
            let id = provenance.commit_id.or(provenance.blob_id)?;
            Some(Names::there(&id))
        }
        _ => {
            let name = provenance.path.as_ref().map(AsRef::as_ref);
            Some(Names::scanned(&provenance.blob_id?, name))
        }
    }
}

/// Adds what the repository itself leaves out: a shallow clone says so each time.
fn with_skips(coverage: &Coverage, state: &State) -> Coverage {
    let mut coverage = coverage.clone();
    coverage
        .skipped
        .extend(state.coverage.skipped.iter().cloned());
    coverage.skipped.sort();
    coverage.skipped.dedup();
    coverage
}

/// Which blob, commit or tag holds which value.
type Holds = Vec<(ObjectId, u32)>;

/// Finds out which commits hold what was gathered.
fn attribute(history: &History, gathered: &mut Gathered) {
    let Gathered { values, holds, .. } = gathered;
    if values.is_empty() {
        return;
    }
    let is_file = |value: u32| values[value as usize].finding.provenance.origin == Origin::File;
    let (held, saying): (Holds, Holds) = holds.iter().partition(|&&(_, value)| is_file(value));
    let traces = history.traces(&held, values.len(), &mut |_, _| {});
    for (value, trace) in values.iter_mut().zip(traces) {
        value.trace = trace;
        value.said = None;
    }
    let holders: Vec<ObjectId> = saying.iter().chain(&held).map(|&(id, _)| id).collect();
    let ages = history.ages(&holders);
    for (commit_id, value) in saying.into_iter().chain(held) {
        if let Some(&age) = ages.get(&commit_id) {
            values[value as usize].say(Moment { age, commit_id });
        }
    }
}
