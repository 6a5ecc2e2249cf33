//! What policy leaves out of a run, counted from as many threads as read.

use std::sync::Mutex;

use bstr::BString;

use crate::blob::Blob;
use crate::policy::Policy;
use crate::source::{Coverage, Skip};

/// Why a path that a person lists is left out.
const LISTED: &str = "left out by [paths] skip";

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
        self.note(blob.provenance.path.clone(), reason);
        true
    }

    /// Tells whether the blob is larger than a person wants it to be, and notes it. Its path is not looked at.
    pub(super) fn takes_large(&self, blob: &Blob<'_>) -> bool {
        let Some(reason) = self.too_large(blob) else {
            return false;
        };
        self.note(blob.provenance.path.clone(), reason);
        true
    }

    /// Notes a path that `[paths] skip` leaves out.
    pub(super) fn path(&self, path: &BString) {
        self.note(Some(path.clone()), LISTED.to_owned());
    }

    fn reason(&self, blob: &Blob<'_>) -> Option<String> {
        let path = blob.provenance.path.as_deref()?;
        if self.policy.skip.skips(path) {
            return Some(LISTED.to_owned());
        }
        self.too_large(blob)
    }

    fn too_large(&self, blob: &Blob<'_>) -> Option<String> {
        let is_larger = |&largest: &u64| blob.bytes.len() as u64 > largest;
        let largest = self.policy.largest.filter(is_larger)?;
        Some(format!("larger than {largest} bytes"))
    }

    fn note(&self, path: Option<BString>, reason: String) {
        self.skips
            .lock()
            .expect("no scan panics while it holds the list")
            .push(Skip { path, reason });
    }

    /// Adds what was left out to the coverage.
    pub(super) fn say(self, coverage: &mut Coverage) {
        let skips = self
            .skips
            .into_inner()
            .expect("no scan panics while it holds the list");
        coverage.skipped.extend(skips);
        coverage.skipped.sort();
        coverage.skipped.dedup();
    }
}
