//! What most formats tell of a report: the findings that are not allowed, each in a few words.

use super::Report;
use crate::finding::{Finding, printable};
use crate::policy::{Judged, Verdict};
use crate::rule::{Kind, Rule, Rules};
use crate::span::Position;

/// A finding that is told.
pub(super) struct Told<'r> {
    pub(super) judged: &'r Judged,
    pub(super) finding: &'r Finding,
    pub(super) rule: &'r Rule,
    /// The short id.
    pub(super) id: String,
}

/// Returns the findings that are not allowed, in the order of the report.
pub(super) fn told<'r>(report: &'r Report, rules: &'r Rules) -> Vec<Told<'r>> {
    let rows = report.judged.iter().zip(report.short_ids());
    rows.filter(|(judged, _)| !matches!(judged.verdict, Verdict::Allowed(_)))
        .map(|(judged, id)| Told {
            judged,
            finding: &judged.finding,
            rule: rules.get(judged.finding.rule),
            id,
        })
        .collect()
}

/// Returns the same with the worst in front: what blocks, then by severity.
pub(super) fn worst_first<'r>(report: &'r Report, rules: &'r Rules) -> Vec<Told<'r>> {
    let mut told = told(report, rules);
    told.sort_by_key(|told| (!told.blocks(), std::cmp::Reverse(told.finding.severity)));
    told
}

impl Told<'_> {
    /// Tells whether it blocks.
    pub(super) fn blocks(&self) -> bool {
        self.judged.verdict == Verdict::Block
    }

    /// Returns where it starts and ends. A file that should not be there is found by its name: then the start of the
    /// file stands for it.
    pub(super) fn ends(&self) -> (Position, Position) {
        if self.finding.kind == Kind::Path {
            let first = Position { line: 1, column: 1 };
            return (first, first);
        }
        (self.finding.start, self.finding.end)
    }

    /// Returns what it is, why it matters, how to mend and how to allow it, in lines.
    pub(super) fn message(&self) -> String {
        let mut lines = vec![format!("{}.", self.finding.title.trim_end_matches('.'))];
        if let Some(commit_id) = self.finding.provenance.commit_id {
            lines.push(format!("In commit {commit_id:.10}."));
        }
        lines.push(format!("Why: {}", self.rule.why.trim_end()));
        let notes = self.finding.notes.iter().chain(&self.judged.remarks);
        lines.extend(notes.map(|note| format!("Note: {note}")));
        lines.push(format!("Fix: {}", self.rule.fix.trim_end()));
        lines.push(format!("Allow: guard allow {} --reason \"…\"", self.id));
        lines.join("\n")
    }
}

/// Returns a text cut to so many characters, with an ellipsis where something is gone.
pub(super) fn cut(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    let mut short: String = text.chars().take(most - 1).collect();
    short.push('…');
    short
}

/// Returns the path of a finding as text, or `None` for a message.
pub(super) fn path(finding: &Finding) -> Option<String> {
    finding.full_path().map(|path| printable(&path))
}
