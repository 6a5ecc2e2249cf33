//! What came before: the old versions of what a commit changes, and the tree it follows.

use std::collections::HashSet;

use bstr::BStr;

use crate::blob::{Blob, Regions};
use crate::detect::{Engine, What};
use crate::finding::Finding;
use crate::policy::Facts;
use crate::rule::{Kind, Level};
use crate::secret::Digest;
use crate::source::index::Index;

/// Looks into what the source alone cannot tell: what the commit before holds, what siblings override.
pub trait Before {
    /// Adds to the facts of each finding what the outside knows of it. An error of reading leaves the facts as
    /// they are: then a finding counts as new.
    fn look(&self, engine: &Engine, found: &mut [(Finding, Facts)]);
}

/// Nothing came before: every finding stands for itself.
pub struct Nothing;

impl Before for Nothing {
    fn look(&self, _engine: &Engine, _found: &mut [(Finding, Facts)]) {}
}

/// The commit that HEAD names: a value that it holds anywhere does not block again.
pub struct Head<'i> {
    index: &'i Index,
}

impl<'i> Head<'i> {
    /// Returns what stands before the commit that this index would make.
    pub fn new(index: &'i Index) -> Self {
        Head { index }
    }
}

impl Before for Head<'_> {
    fn look(&self, engine: &Engine, found: &mut [(Finding, Facts)]) {
        let wanted = |(finding, facts): &(Finding, Facts)| {
            finding.kind == Kind::Secret && finding.level == Level::Block && !facts.held_before
        };
        if !found.iter().any(wanted) {
            return;
        }
        let mut held = HashSet::new();
        self.index
            .before(&mut |path, bytes| held.extend(digests(engine, bytes, path)));
        for (finding, facts) in found.iter_mut() {
            facts.held_before |= finding
                .digest()
                .is_some_and(|digest| held.contains(&digest));
        }
    }
}

/// Returns the digests of all secrets in a text.
fn digests(engine: &Engine, bytes: &[u8], path: &BStr) -> Vec<Digest> {
    let secret = |found: crate::detect::Match| match found.what {
        What::Secret { digest, .. } => Some(digest),
        What::Setting { .. } | What::File => None,
    };
    engine
        .scan(bytes, &Regions::Whole, Some(path))
        .into_iter()
        .filter_map(secret)
        .collect()
}

/// Tells whether a blob is one that policy leaves out, and why.
pub(super) fn left_out(policy: &crate::policy::Policy, blob: &Blob<'_>) -> Option<String> {
    let path = blob.provenance.path.as_deref()?;
    if policy.skip.skips(path) {
        return Some("left out by [paths] skip".to_owned());
    }
    let largest = policy
        .largest
        .filter(|&largest| blob.bytes.len() as u64 > largest)?;
    Some(format!("larger than {largest} bytes"))
}
