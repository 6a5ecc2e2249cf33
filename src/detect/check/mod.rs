//! A check is a config rule that data cannot say: one small file each, and a line in the table.

use super::syntax::Document;
use super::{Match, Text};
use crate::rule::{Level, Rule, RuleIndex};

/// What a check is given.
pub(crate) struct Context<'c> {
    /// The text of the file.
    pub(crate) text: Text<'c>,
    /// Its entries.
    pub(crate) document: &'c Document,
    /// The rule that named the check.
    pub(crate) rule: &'c Rule,
    /// Its place among the rules.
    pub(crate) index: RuleIndex,
    /// The level that holds for it.
    pub(crate) level: Level,
}

/// A function that looks at a file and adds what it finds.
pub(crate) type Check = fn(&Context<'_>, &mut Vec<Match>);

/// Returns the check of that name.
pub(crate) fn find(_name: &str) -> Option<Check> {
    None
}
