//! A history from start to end: each version is looked at only where it differs from the one before, and each finding
//! is told once, with the commits that hold it.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Mutex;

use bstr::BStr;

use super::skipped::Skipped;
use crate::blob::{Blob, Mark, ObjectId, Origin, Provenance, Regions};
use crate::detect::{Engine, Far};
use crate::finding::{Finding, Fingerprint};
use crate::policy::{Facts, Judged, Policy, inline};
use crate::report::{Report, What};
use crate::source::git::{Git, Object};
use crate::source::history::{History, Stay};
use crate::source::{Source, SourceError};
use crate::span::{Lines, Span};

/// The mark of a keyword whose rule reaches further than the engine does.
const ANCHOR: u32 = u32::MAX;

/// Scans a history and judges what is found.
///
/// # Errors
/// Returns an error when the repository as a whole cannot be read.
pub fn run(
    history: &History,
    git: &Git,
    engine: &Engine,
    policy: &Policy,
) -> Result<Report, SourceError> {
    let seen = Seen::default();
    let far = Far::new(engine.rules());
    let skipped = Skipped::new(policy);
    let mut coverage = history.scan(&|blob| {
        if skipped.takes(blob) {
            return Vec::new();
        }
        seen.visit(engine, &far, blob)
    })?;
    skipped.say(&mut coverage);
    let found = seen.told(history, git, engine);
    let judged: Vec<Judged> = found
        .into_iter()
        .filter_map(|(finding, facts)| policy.judge(finding, &facts))
        .collect();
    Ok(Report {
        judged,
        coverage,
        what: What::History,
        ..Report::default()
    })
}

/// What the visits have found so far.
#[derive(Default)]
struct Seen {
    found: Mutex<Vec<(Finding, Facts)>>,
    /// Which blob, or which commit or tag, holds which finding.
    holds: Mutex<Vec<(ObjectId, u32)>>,
}

impl Seen {
    /// Looks at what is new in a blob, and returns the marks of all that it holds.
    fn visit(&self, engine: &Engine, far: &Far, blob: &Blob<'_>) -> Vec<Mark> {
        let known: Vec<Span> = blob
            .inherited
            .iter()
            .filter(|mark| mark.id == ANCHOR)
            .map(|mark| mark.extent)
            .collect();
        let path = blob.provenance.path.as_ref().map(AsRef::as_ref);
        let fresh = engine.rescan(far, blob.bytes, &blob.regions, &known, path);
        let mut marks = blob.inherited.clone();
        let new = fresh
            .anchors
            .iter()
            .filter(|anchor| !known.contains(anchor));
        marks.extend(new.map(|&extent| Mark { extent, id: ANCHOR }));
        if !fresh.matches.is_empty() {
            let lines = Lines::new(blob.bytes);
            let mut found = self
                .found
                .lock()
                .expect("no scan panics while it holds the list");
            for new in &fresh.matches {
                let id =
                    u32::try_from(found.len()).expect("fewer than four thousand million findings");
                let rule = engine.rules().get(new.rule);
                let comment = inline::comment(blob.bytes, new.span, &rule.id);
                let finding = Finding::new(blob, &lines, rule, new, &fresh.matches);
                found.push((
                    finding,
                    Facts {
                        comment,
                        ..Facts::default()
                    },
                ));
                marks.push(Mark {
                    extent: new.extent,
                    id,
                });
            }
        }
        let holder = blob.provenance.blob_id.or(blob.provenance.commit_id);
        if let Some(holder) = holder.filter(|_| marks.iter().any(|mark| mark.id != ANCHOR)) {
            let mut holds = self
                .holds
                .lock()
                .expect("no scan panics while it holds the list");
            holds.extend(
                marks
                    .iter()
                    .filter(|mark| mark.id != ANCHOR)
                    .map(|mark| (holder, mark.id)),
            );
        }
        marks
    }

    /// Returns each finding once, with the commits that hold it; what no ref leads to is left out.
    fn told(self, history: &History, git: &Git, engine: &Engine) -> Vec<(Finding, Facts)> {
        let found = self.found.into_inner().expect("the scan has ended");
        let holds = self.holds.into_inner().expect("the scan has ended");
        if found.is_empty() {
            return found;
        }
        let mut holders: Vec<ObjectId> = holds.iter().map(|&(holder, _)| holder).collect();
        holders.sort_unstable();
        holders.dedup();
        let mut stays: HashMap<ObjectId, Vec<Stay>> = HashMap::new();
        for stay in history.stays(&holders) {
            stays.entry(stay.blob_id).or_default().push(stay);
        }
        let reachable = history.reachable(&holders);
        let mut by_identity: BTreeMap<Fingerprint, Vec<(ObjectId, u32)>> = BTreeMap::new();
        for (holder, id) in holds {
            by_identity
                .entry(found[id as usize].0.fingerprint)
                .or_default()
                .push((holder, id));
        }
        let mut told = Vec::new();
        for places in by_identity.into_values() {
            let is_message = |id: u32| found[id as usize].0.provenance.origin == Origin::Message;
            if let Some(&(_, id)) = places
                .iter()
                .find(|(holder, id)| is_message(*id) && reachable.contains(holder))
            {
                told.push(found[id as usize].clone());
            }
            let files: Vec<&(ObjectId, u32)> =
                places.iter().filter(|(_, id)| !is_message(*id)).collect();
            let stays: Vec<&Stay> = files
                .iter()
                .filter_map(|(holder, _)| stays.get(holder))
                .flatten()
                .collect();
            match (stays.is_empty(), files.first()) {
                (false, Some((_, id))) => {
                    told.push(with_stays(found[*id as usize].clone(), &stays));
                }
                (true, Some((_, id))) if history.counts_unreachable() => {
                    told.push(found[*id as usize].clone());
                }
                _ => {}
            }
        }
        place_in_first(git, engine, &mut told);
        trace(git, &mut told);
        told.sort_by(|(a, _), (b, _)| a.order().cmp(&b.order()));
        told
    }
}

/// Notes the first commit of all, the last, and how long the value stayed.
fn with_stays((mut finding, facts): (Finding, Facts), stays: &[&Stay]) -> (Finding, Facts) {
    let first = stays
        .iter()
        .min_by_key(|stay| (stay.age, &stay.path))
        .expect("not empty");
    let last = stays
        .iter()
        .max_by_key(|stay| (stay.in_head, stay.age))
        .expect("not empty");
    let paths: HashSet<&BStr> = stays.iter().map(|stay| stay.path.as_ref()).collect();
    finding.provenance.path = Some(first.path.clone());
    finding.provenance.commit_id = Some(first.first);
    finding.provenance.blob_id = Some(first.blob_id);
    finding.trace.last_commit_id = Some(last.last);
    finding.trace.in_head = Some(stays.iter().any(|stay| stay.in_head));
    finding.trace.commits = stays.iter().map(|stay| stay.commits).max().unwrap_or(0);
    finding.trace.paths = paths.len() as u64;
    (finding, facts)
}

/// Gives each finding the place it has in the first version that holds it.
fn place_in_first(git: &Git, engine: &Engine, told: &mut [(Finding, Facts)]) {
    let Ok(mut objects) = git.objects() else {
        return;
    };
    for (finding, facts) in told {
        let Some(blob_id) = finding
            .provenance
            .blob_id
            .filter(|_| finding.provenance.origin == Origin::File)
        else {
            continue;
        };
        match objects.read(&blob_id) {
            Ok(Object::Found { bytes, .. }) => place_in(engine, &bytes, finding, facts),
            Ok(Object::Missing) => {}
            // The place in another version is as good as none at all is bad; git ended over this object.
            Err(_) => match git.objects() {
                Ok(again) => objects = again,
                Err(_) => return,
            },
        }
    }
}

fn place_in(engine: &Engine, bytes: &[u8], finding: &mut Finding, facts: &mut Facts) {
    let blob = Blob {
        bytes,
        provenance: Provenance {
            ..finding.provenance.clone()
        },
        regions: Regions::Whole,
        inherited: Vec::new(),
    };
    let path = blob.provenance.path.as_ref().map(AsRef::as_ref);
    let matches = engine.scan(bytes, &Regions::Whole, path);
    let lines = Lines::new(bytes);
    for found in matches.iter().filter(|found| found.rule == finding.rule) {
        let rule = engine.rules().get(found.rule);
        let here = Finding::new(&blob, &lines, rule, found, &matches);
        if here.fingerprint == finding.fingerprint {
            let comment = inline::comment(bytes, found.span, &rule.id);
            *facts = Facts {
                comment,
                ..Facts::default()
            };
            let trace = std::mem::take(&mut finding.trace);
            *finding = here;
            finding.trace = trace;
            return;
        }
    }
}

/// Adds who wrote the first commit, and when.
fn trace(git: &Git, told: &mut [(Finding, Facts)]) {
    let mut ids: Vec<String> = told
        .iter()
        .filter_map(|(finding, _)| Some(finding.provenance.commit_id?.to_string()))
        .collect();
    ids.sort_unstable();
    ids.dedup();
    if ids.is_empty() {
        return;
    }
    let arguments = [
        "log",
        "--no-walk=unsorted",
        "--stdin",
        "-z",
        "--format=%H%n%an <%ae>%n%at",
    ];
    let Ok(said) = git.feed(
        "reading the commits",
        arguments,
        (ids.join("\n") + "\n").as_bytes(),
    ) else {
        return;
    };
    let said = String::from_utf8_lossy(&said);
    let people: HashMap<&str, (&str, &str)> = said
        .split('\0')
        .filter_map(|entry| {
            let mut lines = entry.trim_start().splitn(3, '\n');
            Some((lines.next()?, (lines.next()?, lines.next()?.trim_end())))
        })
        .collect();
    for (finding, _) in told {
        let commit = finding.provenance.commit_id.map(|id| id.to_string());
        if let Some((author, date)) = commit.and_then(|id| people.get(id.as_str()).copied()) {
            finding.trace.author = Some(author.to_owned());
            let time = date
                .parse()
                .ok()
                .and_then(|seconds| jiff::Timestamp::from_second(seconds).ok());
            finding.trace.date = time.map(|time| time.to_string());
        }
    }
}
