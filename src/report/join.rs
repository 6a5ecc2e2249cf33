//! Joins reports: what several runs found and covered, as if one run had looked at all of it.
//!
//! A finding of a history is the same in every part that tells it: the part that has the first commit tells the place,
//! and the last commit is the last of all. Any other finding is the same where rule, identity and place are.

use std::collections::{BTreeMap, BTreeSet};

use bstr::BString;

use super::{Report, Repository, What};
use crate::blob::{Origin, Provenance};
use crate::finding::{Finding, Fingerprint, Trace, printable};
use crate::policy::Judged;
use crate::rule::Rules;
use crate::source::{Coverage, Unread};
use crate::span::Position;

/// Why reports do not fit together.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum JoinError {
    /// Two histories of which no name tells which is which.
    #[error(
        "{one} and {other} are of different repositories, or of two states of one, and at least one does not say which: run `guard history REPO` so that the report names it"
    )]
    Nameless {
        /// Where the first comes from.
        one: String,
        /// Where the other comes from.
        other: String,
    },
    /// The same repository, changed between the runs.
    #[error("{one} and {other} are of two states of {repository}: run both again on the same one")]
    State {
        /// Where the first comes from.
        one: String,
        /// Where the other comes from.
        other: String,
        /// The repository.
        repository: String,
    },
    /// Parts that were dealt out in different ways.
    #[error(
        "{one} and {other} are parts of different splits{of}: all parts need the same count, and clones with the same pack files"
    )]
    Split {
        /// Where the first comes from.
        one: String,
        /// Where the other comes from.
        other: String,
        /// ` of REPOSITORY`, or nothing.
        of: String,
    },
    /// The whole and a part.
    #[error("{one} is all of a history of which {other} is a part: leave one of them out")]
    Whole {
        /// The whole.
        one: String,
        /// The part.
        other: String,
    },
}

/// What the joined report is to be of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wanted {
    /// All of each history: a part that is missing is told as what could not be read is.
    Whole,
    /// What there is.
    Parts,
}

impl Report {
    /// Names the repository that a report is of, so that it can be joined with those of others.
    pub fn name(&mut self, repository: &BString) {
        for judged in &mut self.judged {
            judged.finding.trace.repository = Some(repository.clone());
        }
        for entry in &mut self.repositories {
            entry.path = Some(repository.clone());
        }
        let inside = |path: &BString| bstr::join("/", [repository, path]).into();
        for skip in &mut self.coverage.skipped {
            skip.path = Some(
                skip.path
                    .as_ref()
                    .map_or_else(|| repository.clone(), inside),
            );
        }
        for unread in &mut self.coverage.unread {
            unread.path = inside(&unread.path);
        }
    }

    /// Makes the findings be of rules in `into`; a person's own rules are added to it.
    pub fn adopt(&mut self, own: &Rules, into: &mut Rules) {
        for judged in &mut self.judged {
            let finding = &mut judged.finding;
            if own.is_builtin(finding.rule) {
                continue;
            }
            finding.rule = into.find(&finding.rule_id).unwrap_or_else(|| {
                into.push(own.get(finding.rule).clone());
                into.find(&finding.rule_id).expect("just added")
            });
        }
    }

    /// Joins reports; with each comes what errors call it.
    ///
    /// # Errors
    /// Returns an error where two reports do not fit together.
    pub fn join(reports: Vec<(String, Report)>, wanted: Wanted) -> Result<Report, JoinError> {
        let mut repositories = Repositories::default();
        let mut findings: BTreeMap<Key, Judged> = BTreeMap::new();
        let mut joined = Report {
            what: reports
                .first()
                .map(|(_, report)| report.what)
                .unwrap_or_default(),
            ..Report::default()
        };
        for (name, report) in reports {
            if report.what != joined.what {
                joined.what = What::Files;
            }
            let is_history = !report.repositories.is_empty();
            let counts = if is_history {
                Coverage::default()
            } else {
                counts(&report.coverage)
            };
            joined.coverage.add(Coverage {
                skipped: report.coverage.skipped,
                unread: report.coverage.unread,
                ..counts
            });
            for entry in report.repositories {
                repositories.add(&name, entry)?;
            }
            for judged in report.judged {
                let key = Key::of(&judged.finding, is_history);
                match findings.get_mut(&key) {
                    Some(known) => meet(known, judged),
                    None => {
                        findings.insert(key, judged);
                    }
                }
            }
            joined.unused.extend(report.unused);
            joined.loosened.extend(report.loosened);
        }
        repositories.close(&mut joined, wanted);
        joined.judged = findings.into_values().collect();
        joined
            .judged
            .sort_by(|a, b| order(&a.finding).cmp(&order(&b.finding)));
        joined.tidy();
        Ok(joined)
    }

    fn tidy(&mut self) {
        self.coverage.skipped.sort();
        self.coverage.skipped.dedup();
        self.coverage.unread.sort();
        self.coverage.unread.dedup();
        let mut seen = BTreeSet::new();
        self.loosened.retain(|what| seen.insert(what.clone()));
        let mut seen = BTreeSet::new();
        self.unused
            .retain(|allow| seen.insert((allow.fingerprint, allow.path.clone())));
    }
}

fn counts(coverage: &Coverage) -> Coverage {
    Coverage {
        skipped: Vec::new(),
        unread: Vec::new(),
        ..*coverage
    }
}

/// What two reports of the same finding have in common.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    repository: Option<BString>,
    rule_id: String,
    fingerprint: Fingerprint,
    origin: Origin,
    place: Option<(Provenance, Position)>,
}

impl Key {
    fn of(finding: &Finding, is_history: bool) -> Self {
        let provenance = &finding.provenance;
        Key {
            repository: finding.trace.repository.clone(),
            rule_id: finding.rule_id.clone(),
            fingerprint: finding.fingerprint,
            origin: provenance.origin,
            place: (!is_history).then(|| (provenance.clone(), finding.start)),
        }
    }
}

/// Puts two reports of a finding of a history together: the one that has the first commit tells the rest.
fn meet(known: &mut Judged, mut other: Judged) {
    let age = |judged: &Judged| {
        let finding = &judged.finding;
        let provenance = &finding.provenance;
        (
            // What no commit holds comes behind what some commit does.
            finding.trace.order.is_none(),
            finding.trace.order,
            provenance.commit_id.or(provenance.blob_id),
            provenance.path.clone(),
            provenance.blob_id,
            finding.start,
        )
    };
    if age(&other) < age(known) {
        std::mem::swap(known, &mut other);
    }
    let (trace, more) = (&mut known.finding.trace, &other.finding.trace);
    if trace == more {
        return;
    }
    let last = |trace: &Trace| (trace.last_order, trace.last_commit_id);
    if last(more) > last(trace) {
        trace.last_order = more.last_order;
        trace.last_commit_id = more.last_commit_id;
    }
    trace.in_head = trace.in_head.max(more.in_head);
    // Two parts may count the same commit: the sum says nothing.
    trace.commits = 0;
    trace.paths = 0;
}

fn order(finding: &Finding) -> impl Ord + use<'_> {
    let provenance = &finding.provenance;
    (
        &finding.trace.repository,
        &provenance.path,
        provenance.commit_id,
        provenance.blob_id,
        (finding.start, finding.end),
        &finding.rule_id,
        finding.fingerprint,
    )
}

/// The histories that were looked at, by name, each with where its report comes from.
#[derive(Default)]
struct Repositories {
    by_path: BTreeMap<Option<BString>, Vec<(String, Repository)>>,
}

impl Repositories {
    fn add(&mut self, name: &str, entry: Repository) -> Result<(), JoinError> {
        let nameless = |path: &Option<BString>| path.is_none() != entry.path.is_none();
        if let Some((_, entries)) = self.by_path.iter().find(|(path, _)| nameless(path)) {
            return Err(JoinError::Nameless {
                one: entries[0].0.clone(),
                other: name.to_owned(),
            });
        }
        let entries = self.by_path.entry(entry.path.clone()).or_default();
        if let Some((first, known)) = entries.first() {
            fit((first, known), (name, &entry))?;
        }
        if !entries.iter().any(|(_, known)| known.shard == entry.shard) {
            entries.push((name.to_owned(), entry));
        }
        Ok(())
    }

    /// Adds up what was covered, and says which parts are missing.
    fn close(self, joined: &mut Report, wanted: Wanted) {
        for (path, entries) in self.by_path {
            let mut entries: Vec<Repository> =
                entries.into_iter().map(|(_, entry)| entry).collect();
            entries.sort();
            let count = entries[0].shard.as_ref().map_or(1, |shard| shard.count);
            let covered = &mut joined.coverage;
            for entry in &entries {
                covered.files += entry.files;
                covered.bytes += entry.bytes;
                covered.commits += entry.commits;
                covered.blobs += entry.blobs;
            }
            if entries.len() == count as usize {
                joined.repositories.extend(
                    entries
                        .into_iter()
                        .reduce(|one, other| sum(one, &other))
                        .map(|whole| Repository {
                            shard: None,
                            ..whole
                        }),
                );
                continue;
            }
            if wanted == Wanted::Parts {
                joined.repositories.extend(entries);
                continue;
            }
            let has: BTreeSet<u32> = entries
                .iter()
                .filter_map(|entry| Some(entry.shard.as_ref()?.index))
                .collect();
            let first = (1..=count).find(|index| !has.contains(index)).unwrap_or(1);
            let missing = count as usize - has.len();
            covered.unread.push(Unread {
                path: path.unwrap_or_else(|| "history".into()),
                message: format!(
                    "{missing} of {count} parts are missing: `guard history --shard {first}/{count}` makes the first"
                ),
            });
            joined.repositories.extend(entries);
        }
    }
}

fn sum(one: Repository, other: &Repository) -> Repository {
    Repository {
        files: one.files + other.files,
        bytes: one.bytes + other.bytes,
        commits: one.commits + other.commits,
        blobs: one.blobs + other.blobs,
        ..one
    }
}

/// Holds two reports of the same name against each other.
fn fit(first: (&str, &Repository), next: (&str, &Repository)) -> Result<(), JoinError> {
    let ((one, known), (other, entry)) = (first, next);
    let (one, other) = (one.to_owned(), other.to_owned());
    if known.state != entry.state {
        return Err(match &entry.path {
            None => JoinError::Nameless { one, other },
            Some(path) => JoinError::State {
                one,
                other,
                repository: printable(path),
            },
        });
    }
    match (&known.shard, &entry.shard) {
        (None, None) => Ok(()),
        (Some(a), Some(b)) if a.count == b.count && a.split == b.split => Ok(()),
        (Some(_), Some(_)) => Err(JoinError::Split {
            one,
            other,
            of: entry
                .path
                .as_ref()
                .map_or_else(String::new, |path| format!(" of {}", printable(path))),
        }),
        (None, Some(_)) => Err(JoinError::Whole { one, other }),
        (Some(_), None) => Err(JoinError::Whole {
            one: other,
            other: one,
        }),
    }
}
