//! A history from start to end: each version is looked at only where it differs from the one before, and each value
//! is told once, with the commits that hold it.
//!
//! What was scanned is remembered. When nothing has changed the findings are told from memory; when commits were added
//! only what they bring is read; in every other case the commits and trees are read again, and of the blobs those that
//! are new.

mod gather;
mod memory;
mod paths;
mod refresh;
mod selected;
mod tell;

use std::sync::Mutex;

use super::beside::is_unsettled;
use super::skipped::Skipped;
use crate::blob::{Blob, ObjectId, Origin};
use crate::detect::Engine;
use crate::policy::{Judged, Policy};
use crate::report::{self, Report, Repository, What};
use crate::rule::Kind;
use crate::source::git::Git;
use crate::source::history::seen::{Entry, Names};
use crate::source::history::select::Selection;
use crate::source::history::{History, Moment, State};
use crate::source::{Coverage, Skip, SourceError};
use gather::{Gather, Gathered};
use memory::{Leaving, Remembered, Rest};
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
    /// The commits whose findings are told; all where there is none.
    pub selection: Option<Selection>,
    /// Whether the lines of the findings are shown.
    pub lines: Lines,
}

/// Whether the lines of the findings are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lines {
    /// They are: those of the worst findings are read again where they are not at hand.
    Shown,
    /// They are not.
    Hidden,
}

/// What a scan has found, whether it was read or remembered.
struct Found {
    gathered: Gathered,
    coverage: Coverage,
    late: Vec<Moment>,
    /// What was known of objects before it.
    names: Names,
    /// What was looked at.
    scanned: Vec<Entry>,
    /// The state of the repository, where all of it was scanned.
    state: Option<State>,
}

/// Scans a history and judges what is found.
///
/// # Errors
/// Returns an error when the repository as a whole cannot be read.
pub fn run(job: &Job<'_>) -> Result<Report, SourceError> {
    let state = State::read(job.history.folder())?;
    let looked = |report: Report| Report {
        repositories: job.looked(&state, &report.coverage).into_iter().collect(),
        ..report
    };
    let Some(shelf) = &job.shelf else {
        let mut found = job.read(Gathered::default(), Names::default(), None)?;
        return job.report(&mut found).map(looked);
    };
    let mut old = Remembered::open(shelf, job.engine.rules());
    let unchanged = |old: &&mut Remembered| {
        old.state.as_ref() == Some(&state.digest()) && state.coverage.unread.is_empty()
    };
    if let Some(old) = old.as_mut().filter(unchanged)
        && let Some(mut found) = job.remembered(old, &state)
    {
        return job.report(&mut found).map(looked);
    }
    let mut found = job.go_on(old, state.clone())?;
    let coverage = found.coverage.clone();
    let report = job.report(&mut found)?;
    job.settle(&mut found);
    job.learn(&mut found);
    Leaving {
        state: found.state.as_ref(),
        coverage: &coverage,
        gathered: &found.gathered,
        late: &found.late,
        names: &found.names,
    }
    .write(shelf);
    Ok(looked(report))
}

impl Job<'_> {
    /// Returns what a report must say of a history so that it can be joined with others: nothing where only a
    /// selection of its commits or paths counts, or where it was not read to its end.
    fn looked(&self, state: &State, coverage: &Coverage) -> Option<Repository> {
        if self.selection.is_some() || self.history.progress().is_stopped() {
            return None;
        }
        let shard = self.history.shard();
        Some(Repository {
            path: None,
            state: state.start(),
            shard: (!shard.is_whole()).then(|| report::Shard {
                index: shard.index(),
                count: shard.count(),
                split: state.split(),
            }),
            files: coverage.files,
            bytes: coverage.bytes,
            commits: coverage.commits,
            blobs: coverage.blobs,
        })
    }

    /// Returns what was found before, where nothing has changed since.
    fn remembered(&self, old: &mut Remembered, state: &State) -> Option<Found> {
        // Who holds what is needed to follow values through some commits only.
        let Rest { holds, late, .. } = match self.selection {
            Some(_) => old.rest()?,
            None => Rest::default(),
        };
        Some(Found {
            gathered: Gathered::of(std::mem::take(&mut old.values), holds),
            coverage: with_skips(&old.coverage, state),
            late,
            names: Names::default(),
            scanned: Vec::new(),
            state: None,
        })
    }

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
        // More of a shallow clone brings commits, and no ref moves.
        if old.state.is_none() || old.shallow != memory::shallow(&state) {
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
        names: Names,
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
        let mut gathered = gather.end();
        let (state, traced) = std::thread::scope(|scope| {
            // Only what was seen without a change beside it is all of a state. git takes its time to tell.
            let state = scope.spawn(|| {
                state.filter(|before| {
                    let now = || State::read(self.history.folder());
                    coverage.unread.is_empty()
                        && now().is_ok_and(|now| now.digest() == before.digest())
                })
            });
            let traced = self.trace(&mut gathered);
            (state.join().expect("it does not panic"), traced)
        });
        traced?;
        Ok(Found {
            gathered,
            coverage,
            late: self.history.late(),
            names,
            scanned,
            state,
        })
    }

    /// Looks at the files whose names tell something, and finds out which commits hold what was gathered.
    fn trace(&self, gathered: &mut Gathered) -> Result<(), SourceError> {
        if self.history.is_read() {
            let names = self.engine.telling_names();
            let places = self.history.named(&|name| names.has(name));
            self.look_at_paths(gathered, &places)?;
        }
        gathered.holds.sort_unstable();
        gathered.holds.dedup();
        attribute(self.history, gathered);
        let head = self.git.commit("HEAD");
        // A tree that cannot be read was said to be so.
        let _ = self.look_at_head(gathered, head);
        Ok(())
    }

    /// Puts all values where they are told when nothing is selected, so that the next scan need not.
    fn settle(&self, found: &mut Found) {
        if self.selection.is_some() {
            let skipped = Skipped::new(self.policy);
            self.teller().tell(&mut found.gathered.values, &skipped);
        }
    }

    fn teller(&self) -> Teller<'_> {
        Teller {
            history: self.history,
            git: self.git,
            engine: self.engine,
            policy: self.policy,
            unreachable: self.history.counts_unreachable(),
        }
    }

    /// Adds to what is known of objects what was found out. Nothing is traced after it.
    fn learn(&self, found: &mut Found) {
        let is_read = self.history.is_read();
        let there = self.history.close();
        if is_read && found.state.is_some() {
            found.names.keep(&there);
            found.names.add(there);
        }
        found.names.add(std::mem::take(&mut found.scanned));
    }

    /// Judges what was found.
    fn report(&self, found: &mut Found) -> Result<Report, SourceError> {
        let teller = self.teller();
        let skipped = Skipped::new(self.policy);
        let mut coverage = found.coverage.clone();
        let mut what = What::History;
        let told = match &self.selection {
            None => teller.tell(&mut found.gathered.values, &skipped),
            Some(selection) => {
                what = What::Selection;
                coverage.commits = selection.len() as u64;
                let mut values = self.selected(found, selection, &mut coverage)?;
                teller.tell(&mut values, &skipped)
            }
        };
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
            .filter(|(finding, _)| !is_unsettled(finding))
            .filter_map(|(finding, facts)| self.policy.judge(finding, &facts))
            .collect();
        let mut report = Report {
            judged,
            coverage,
            what,
            ..Report::default()
        };
        let bare: Vec<usize> = report
            .worst()
            .into_iter()
            .filter(|_| self.lines == Lines::Shown)
            .filter(|&at| {
                let finding = &report.judged[at].finding;
                finding.frame.lines.is_empty() && finding.kind != Kind::Path
            })
            .collect();
        for at in bare {
            teller.draw(&mut report.judged[at].finding);
        }
        Ok(report)
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
        value.trace = paths::trace_of(value, trace);
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
