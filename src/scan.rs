//! A run from start to end: a source yields blobs, the engine finds matches, findings are judged, a report is made.

pub mod base;
pub mod before;
pub mod beside;
pub mod boundary;
pub mod history;
mod siblings;
mod skipped;
pub mod tips;

use std::collections::HashMap;
use std::sync::Mutex;

use bstr::BString;

use crate::blob::{Blob, Origin, Provenance, Regions};
use crate::detect::{Engine, Match};
use crate::finding::{Finding, Matches, line_hashes, window};
use crate::policy::{Facts, Judged, Policy, Verdict, inline};
use crate::report::{Report, What};
use crate::rule::{Kind, RuleIndex};
use crate::source::archive::Unpacked;
use crate::source::{Source, SourceError};
use crate::span::{Lines, line_start};
use before::Before;
use skipped::Skipped;

/// Scans all that the source yields and judges what is found.
///
/// # Errors
/// Returns an error when the source as a whole cannot be read. What could not be read in it is in the report, and
/// makes the run an error too.
pub fn run(
    source: &dyn Source,
    engine: &Engine,
    policy: &Policy,
    before: &dyn Before,
    what: What,
) -> Result<Report, SourceError> {
    let unpacked = Unpacked { source };
    let source = if policy.archives { &unpacked } else { source };
    let found = Mutex::new(Vec::new());
    let skipped = Skipped::new(policy);
    let mut coverage = source.scan(&|blob| {
        if skipped.takes(blob) {
            return Vec::new();
        }
        let here = findings(engine, blob);
        if !here.is_empty() {
            found
                .lock()
                .expect("no scan panics while it holds the list")
                .extend(here);
        }
        Vec::new()
    })?;
    let mut found = found
        .into_inner()
        .expect("no scan panics while it holds the list");
    skipped.say(&mut coverage);
    found.sort_by(|(a, _): &(Finding, Facts), (b, _)| a.order().cmp(&b.order()));
    before.look(engine, &mut found);
    siblings::look(engine, before, &mut found);
    beside::look(before, &mut found);
    let judged = found
        .into_iter()
        .filter_map(|(finding, facts)| policy.judge(finding, &facts))
        .collect();
    let judged = fold(engine, merge(engine, judged));
    Ok(Report {
        judged,
        coverage,
        unused: Vec::new(),
        what,
        loosened: Vec::new(),
        repositories: Vec::new(),
    })
}

/// Keeps one of two findings that a setting rule and a secret rule make of the same value: the allowed one, then the
/// one that blocks, then the one that knows more.
fn merge(engine: &Engine, judged: Vec<Judged>) -> Vec<Judged> {
    let weight = |judged: &Judged| {
        let rule = engine.rules().get(judged.finding.rule);
        let verdict = match judged.verdict {
            Verdict::Allowed(_) => 2,
            Verdict::Block => 1,
            Verdict::Warn => 0,
        };
        let knows = match judged.finding.kind {
            Kind::Secret if rule.regex.is_some() || rule.form.is_some() => 2,
            Kind::Config | Kind::Path => 1,
            Kind::Secret => 0,
        };
        (verdict, knows)
    };
    let same = |one: &Judged, other: &Judged| {
        one.finding.kind != other.finding.kind
            && one.finding.digest().is_some()
            && other.finding.digest().is_some()
            && one.finding.provenance == other.finding.provenance
            && one.finding.span.overlaps(other.finding.span)
    };
    let mut kept: Vec<Judged> = Vec::with_capacity(judged.len());
    for judged in judged {
        match kept.last_mut().filter(|last| same(last, &judged)) {
            Some(last) if weight(&judged) > weight(last) => *last = judged,
            Some(_) => {}
            None => kept.push(judged),
        }
    }
    kept
}

/// Keeps one finding of each folder that should not be there at all: `node_modules` is one fault, not a thousand.
/// An allowance for any file of it is one for the folder.
fn fold(engine: &Engine, judged: Vec<Judged>) -> Vec<Judged> {
    let mut kept: Vec<Judged> = Vec::with_capacity(judged.len());
    let mut folders: HashMap<(RuleIndex, BString), (usize, u64)> = HashMap::new();
    for judged in judged {
        let Some(folder) = folder(engine, &judged.finding) else {
            kept.push(judged);
            continue;
        };
        let next = kept.len();
        let (at, more) = folders
            .entry((judged.finding.rule, folder))
            .or_insert((next, 0));
        if *at == next {
            kept.push(judged);
            continue;
        }
        *more += 1;
        if matches!(judged.verdict, Verdict::Allowed(_)) {
            kept[*at] = judged;
        }
    }
    for (at, more) in folders.into_values().filter(|&(_, more)| more > 0) {
        kept[at]
            .remarks
            .push(format!("and {more} more files in that folder"));
    }
    kept
}

/// Returns the folder that a path rule is about: the part of the path that its keyword stands in, where that is one.
fn folder(engine: &Engine, finding: &Finding) -> Option<BString> {
    if finding.kind != Kind::Path {
        return None;
    }
    let path = finding.provenance.path.as_ref()?;
    let keywords = &engine.rules().get(finding.rule).keywords;
    let start = keywords
        .iter()
        .filter_map(|keyword| memchr::memmem::find(path, keyword.as_bytes()))
        .min()?;
    let end = start + memchr::memchr(b'/', &path[start + 1..])? + 1;
    Some(BString::from(&path[..end]))
}

/// Returns the findings of one blob, with what the comments beside them say.
pub fn findings(engine: &Engine, blob: &Blob<'_>) -> Vec<(Finding, Facts)> {
    let path = blob.provenance.path.as_ref().map(AsRef::as_ref);
    let mut found = finish(engine, blob, &engine.scan(blob.bytes, &blob.regions, path));
    if let (Some(path), Origin::File) = (path, blob.provenance.origin) {
        let name = Blob {
            bytes: path,
            provenance: Provenance {
                origin: Origin::Path,
                ..blob.provenance.clone()
            },
            regions: Regions::Whole,
            inherited: Vec::new(),
        };
        found.extend(finish(engine, &name, &engine.scan_path(path)));
    }
    found
}

fn finish(engine: &Engine, blob: &Blob<'_>, matches: &[Match]) -> Vec<(Finding, Facts)> {
    if matches.is_empty() {
        return Vec::new();
    }
    let lines = Lines::new(blob.bytes);
    let around = Matches::new(matches);
    let mut found: Vec<(Finding, Facts)> = matches
        .iter()
        .map(|found| {
            let rule = engine.rules().get(found.rule);
            let comment = inline::comment(blob.bytes, found.span, &rule.id);
            (
                Finding::new(blob, &lines, rule, found, &around),
                Facts {
                    comment,
                    ..Facts::default()
                },
            )
        })
        .collect();
    hash_lines(engine, blob, matches, &mut found);
    found
}

/// Adds the hashes of the lines, but of none whose window holds what the hash could help to guess.
fn hash_lines(engine: &Engine, blob: &Blob<'_>, matches: &[Match], found: &mut [(Finding, Facts)]) {
    // Each finding is held against each match: a file with more is not worth it.
    if matches.len() > 256 {
        return;
    }
    let may = |finding: &Finding| {
        let window = window(blob.bytes, line_start(blob.bytes, finding.span.start));
        let in_window = |other: &&Match| {
            let mut spans = other.related.iter().map(|related| related.span);
            other.is_secret()
                && (other.span.overlaps(window) || spans.any(|span| span.overlaps(window)))
        };
        finding.kind != Kind::Path
            && matches
                .iter()
                .filter(in_window)
                .all(|other| finding.kind == Kind::Secret && !engine.rules().get(other.rule).chosen)
    };
    let may: Vec<bool> = found.iter().map(|(finding, _)| may(finding)).collect();
    let lines: Vec<usize> = found
        .iter()
        .zip(&may)
        .filter_map(|((finding, _), &may)| may.then_some(finding.start.line))
        .collect();
    let hashes = line_hashes(blob.bytes, &lines);
    for ((finding, _), may) in found.iter_mut().zip(may) {
        finding.line_hash = hashes.get(&finding.start.line).filter(|_| may).cloned();
    }
}
