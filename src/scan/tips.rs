//! The last commits of a push: a setting that a later commit mended is no fault of what arrives.

use std::collections::HashSet;

use bstr::{BStr, BString};

use super::before::Before;
use super::boundary::Boundary;
use super::siblings;
use crate::blob::ObjectId;
use crate::detect::Engine;
use crate::finding::Finding;
use crate::policy::Facts;
use crate::rule::Kind;
use crate::source::git::Git;

/// What stands before and at the end of a push.
pub struct Tips {
    git: Git,
    tips: Vec<String>,
    boundary: Boundary,
}

impl Tips {
    /// Returns what stands around the range of these revisions; `tips` are those of them that are pushed.
    pub fn new(git: Git, tips: Vec<String>, revisions: Vec<String>) -> Self {
        let boundary = Boundary::new(git.clone(), revisions);
        Tips {
            git,
            tips,
            boundary,
        }
    }

    /// Returns the files of the last trees. A tip that is no commit has none.
    fn files(&self) -> HashSet<(BString, ObjectId)> {
        let list = |tip: &String| self.git.files(tip).unwrap_or_default();
        self.tips.iter().flat_map(list).collect()
    }
}

impl Before for Tips {
    fn look(&self, engine: &Engine, found: &mut Vec<(Finding, Facts)>) {
        let is_setting = |finding: &Finding| finding.kind == Kind::Config;
        if found.iter().any(|(finding, _)| is_setting(finding)) {
            let last = self.files();
            let is_last = |finding: &Finding| {
                let provenance = &finding.provenance;
                let place = provenance.path.clone().zip(provenance.blob_id);
                place.is_some_and(|place| last.contains(&place))
            };
            found.retain(|(finding, _)| !is_setting(finding) || is_last(finding));
        }
        self.boundary.look(engine, found);
    }

    fn siblings(&self, path: &BStr) -> Vec<(BString, Vec<u8>)> {
        let mut beside = self
            .tips
            .iter()
            .map(|tip| siblings::in_tree(&self.git, tip, path));
        beside.find(|found| !found.is_empty()).unwrap_or_default()
    }
}
