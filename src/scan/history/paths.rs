//! Files that should never have been committed, whatever commit did: told by their path, and by what is in them.

use std::collections::{BTreeMap, HashSet};

use bstr::BString;

use super::gather::{Gathered, Value};
use super::{Job, Moment};
use crate::blob::{Blob, ObjectId, Provenance, Regions};
use crate::detect::Match;
use crate::finding::{Finding, Matches};
use crate::rule::Kind;
use crate::source::SourceError;
use crate::source::history::{Spot, Trace, TreeReader};
use crate::span::Lines;

impl Job<'_> {
    /// Looks at blobs at paths, and takes in what the rules say of them.
    pub(super) fn look_at_paths(
        &self,
        gathered: &mut Gathered,
        places: &[(ObjectId, BString)],
    ) -> Result<(), SourceError> {
        let mut by_blob: BTreeMap<ObjectId, Vec<&BString>> = BTreeMap::new();
        for (blob, path) in places {
            by_blob.entry(*blob).or_default().push(path);
        }
        let ids: Vec<ObjectId> = by_blob.keys().copied().collect();
        self.history.objects(&ids, &mut |at, _, bytes| {
            for &path in &by_blob[&ids[at]] {
                let (inside, by_path) = self.engine.scan_telling(bytes, path.as_ref());
                for (bytes, matches) in [(bytes, inside), (&path[..], by_path)] {
                    self.take_paths(gathered, bytes, (ids[at], path), &matches);
                }
            }
        })
    }

    fn take_paths(
        &self,
        gathered: &mut Gathered,
        bytes: &[u8],
        (blob_id, path): (ObjectId, &BString),
        matches: &[Match],
    ) {
        if matches.is_empty() {
            return;
        }
        let blob = Blob {
            bytes,
            provenance: Provenance {
                path: Some(path.clone()),
                blob_id: Some(blob_id),
                ..Provenance::default()
            },
            regions: Regions::Whole,
            inherited: Vec::new(),
        };
        let lines = Lines::new(bytes);
        let around = Matches::new(matches);
        for found in matches {
            let rule = self.engine.rules().get(found.rule);
            let finding = Finding::new(&blob, &lines, rule, found, &around);
            let number = gathered.take(finding, None);
            gathered.holds.push((blob_id, number));
        }
    }

    /// Finds out whether HEAD has such files where they were found.
    pub(super) fn look_at_head(
        &self,
        gathered: &mut Gathered,
        head: Option<ObjectId>,
    ) -> std::io::Result<()> {
        let Gathered { values, holds, .. } = gathered;
        let wanted: HashSet<ObjectId> = holds
            .iter()
            .filter(|&&(_, value)| is_path(&values[value as usize]))
            .map(|&(blob, _)| blob)
            .collect();
        let Some(head) = head.filter(|_| !wanted.is_empty()) else {
            return Ok(());
        };
        let objects = self.git.objects().map_err(std::io::Error::other)?;
        let mut trees = TreeReader::new(objects, &wanted, &|_| false);
        let tree = trees.tree_of(head)?;
        let there: HashSet<(ObjectId, BString)> = trees
            .below(tree)?
            .iter()
            .map(|(path, blob)| (*blob, path.clone()))
            .collect();
        for &(blob, value) in &*holds {
            let value = &mut values[value as usize];
            if is_path(value)
                && let Some(path) = &value.finding.provenance.path
                && there.contains(&(blob, path.clone()))
            {
                value.trace.in_head = true;
            }
        }
        Ok(())
    }
}

/// Tells whether the value is a file at its path, and not what is in a file.
pub(super) fn is_path(value: &Value) -> bool {
    value.finding.kind == Kind::Path
}

/// Tells whether a value stands where a blob does that holds it: a file that should not be there does at its path only.
pub(super) fn stands_at(value: &Value, path: &BString) -> bool {
    !is_path(value) || value.finding.provenance.path.as_ref() == Some(path)
}

/// Returns what a trace says of the value: of a file at its path only where it stood first.
pub(super) fn trace_of(value: &Value, mut trace: Trace) -> Trace {
    if is_path(value) {
        trace
            .spots
            .retain(|spot: &Spot| stands_at(value, &spot.path));
        trace.commits = 0;
        trace.last = None::<Moment>;
        trace.in_head = false;
    }
    trace
}
