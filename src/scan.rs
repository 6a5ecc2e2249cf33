//! A run from start to end: a source yields blobs, the engine finds matches, findings are judged, a report is made.

use std::sync::Mutex;

use bstr::BStr;

use crate::blob::{Blob, Mark, Origin};
use crate::detect::{Engine, Match};
use crate::finding::Finding;
use crate::policy::{Facts, Judged, Policy, inline};
use crate::report::{Report, What};
use crate::source::{Source, SourceError};
use crate::span::Lines;

/// Looks into what the source alone cannot tell: what the commit before holds, what siblings override.
pub trait Before {
    /// Adds to the facts of each finding what the outside knows of it.
    fn look(&self, engine: &Engine, found: &mut [(Finding, Facts)]);
}

/// Nothing came before: every finding stands for itself.
pub struct Nothing;

impl Before for Nothing {
    fn look(&self, _engine: &Engine, _found: &mut [(Finding, Facts)]) {}
}

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
    let found = Mutex::new(Vec::new());
    let coverage = source.scan(&|blob| {
        let here = findings(engine, blob);
        if !here.is_empty() {
            found.lock().expect("no scan panics while it holds the list").extend(here);
        }
        Vec::<Mark>::new()
    })?;
    let mut found = found.into_inner().expect("no scan panics while it holds the list");
    found.sort_by(|(a, _): &(Finding, Facts), (b, _)| a.order().cmp(&b.order()));
    before.look(engine, &mut found);
    let judged: Vec<Judged> =
        found.into_iter().filter_map(|(finding, facts)| policy.judge(finding, &facts)).collect();
    Ok(Report { judged, coverage, unused: Vec::new(), what })
}

/// Returns the findings of one blob, with what the comments beside them say.
pub fn findings(engine: &Engine, blob: &Blob<'_>) -> Vec<(Finding, Facts)> {
    let path = blob.provenance.path.as_ref().map(|path| BStr::new(path));
    let mut found = finish(engine, blob, &engine.scan(blob.bytes, &blob.regions, path));
    if let (Some(path), Origin::File) = (path, blob.provenance.origin) {
        let name = Blob {
            bytes: path,
            provenance: blob.provenance.clone(),
            regions: crate::blob::Regions::Whole,
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
    matches
        .iter()
        .map(|found| {
            let rule = engine.rules().get(found.rule);
            let comment = inline::comment(blob.bytes, found.span, &rule.id);
            (Finding::new(blob, &lines, rule, found, matches), Facts { comment, ..Facts::default() })
        })
        .collect()
}
