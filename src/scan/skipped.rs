//! What policy leaves out of a run, counted from as many threads as read.

use std::sync::Mutex;

use crate::blob::Blob;
use crate::policy::Policy;
use crate::source::{Coverage, Skip};

/// What was left out so far.
pub(super) struct Skipped<'p> {
    policy: &'p Policy,
    skips: Mutex<Vec<Skip>>,
}

impl<'p> Skipped<'p> {
    /// Returns an empty list for this policy.
    pub(super) fn new(policy: &'p Policy) -> Self {
        Skipped {
            policy,
            skips: Mutex::default(),
        }
    }

    /// Tells whether policy leaves the blob out, and notes it.
    pub(super) fn takes(&self, blob: &Blob<'_>) -> bool {
        let Some(reason) = self.reason(blob) else {
            return false;
        };
        let path = blob.provenance.path.clone();
        self.skips
            .lock()
            .expect("no scan panics while it holds the list")
            .push(Skip { path, reason });
        true
    }

    fn reason(&self, blob: &Blob<'_>) -> Option<String> {
        let path = blob.provenance.path.as_deref()?;
        if self.policy.skip.skips(path) {
            return Some("left out by [paths] skip".to_owned());
        }
        let is_larger = |&largest: &u64| blob.bytes.len() as u64 > largest;
        let largest = self.policy.largest.filter(is_larger)?;
        Some(format!("larger than {largest} bytes"))
    }

    /// Adds what was left out to the coverage.
    pub(super) fn say(self, coverage: &mut Coverage) {
        let skips = self
            .skips
            .into_inner()
            .expect("no scan panics while it holds the list");
        coverage.skipped.extend(skips);
        coverage.skipped.sort();
    }
}
