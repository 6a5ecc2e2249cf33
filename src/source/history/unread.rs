//! What could not be read at first, and what could not be read at all.

use std::collections::BTreeMap;

use crate::source::{Coverage, Unread};

use super::forest::Forest;
use super::objects::{Number, Objects};
use super::walk::Failure;

/// Objects that stay unread, and why.
#[derive(Default)]
pub(super) struct Failures {
    /// What the pack said of an object, until git has read it after all.
    suspects: BTreeMap<Number, String>,
    lost: BTreeMap<Number, String>,
}

impl Failures {
    /// Notes an object that git cannot read either.
    pub(super) fn lost(&mut self, number: Number, why: String) {
        self.lost.insert(number, why);
    }

    /// Says what stayed unread.
    pub(super) fn say(self, objects: &Objects, coverage: &mut Coverage) {
        for (number, why) in self.lost {
            let why = self.suspects.get(&number).unwrap_or(&why);
            coverage.unread.push(Unread {
                path: objects.name(number).to_string().into(),
                message: format!("{why}; `git fsck` says more"),
            });
        }
    }
}

/// Lists objects with all that hang from them.
pub(super) struct Subtree;

impl Subtree {
    /// Returns the failed objects and all that the walk could not reach because of them.
    pub(super) fn of(
        forest: &Forest,
        failed: impl Iterator<Item = (Number, Failure)>,
        failures: &mut Failures,
    ) -> Vec<Number> {
        let mut all = Vec::new();
        for (number, why) in failed {
            if let Failure::Damaged(error) = why {
                failures.suspects.insert(number, error.to_string());
            }
            let mut waiting = vec![number];
            while let Some(next) = waiting.pop() {
                all.push(next);
                waiting.extend_from_slice(forest.children(next));
            }
        }
        all.sort_unstable();
        all.dedup();
        all
    }
}
