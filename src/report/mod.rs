//! A report is what a run found, covered and could not read; a format writes it for a person or a program.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

mod concise;
mod json;
mod text;

use std::io;

use crate::policy::{Allow, Judged, Verdict};
use crate::rule::Rules;
use crate::source::Coverage;

pub use text::{Color, Detail, Look};

/// What a run found, covered and could not read.
#[derive(Debug, Default)]
pub struct Report {
    /// The findings with their verdicts, in order of path, commit, place and rule.
    pub judged: Vec<Judged>,
    /// What was read, left out and could not be read.
    pub coverage: Coverage,
    /// Allowances that no finding needed, where the run saw everything they could be about.
    pub unused: Vec<Allow>,
    /// What was scanned, as a person calls it: "commit", "history".
    pub what: What,
    /// What the change that is looked at would accept beyond what held before it, each in a few words. They block
    /// as findings do.
    pub loosened: Vec<String>,
}

/// What was scanned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum What {
    /// The staged changes of a commit.
    #[default]
    Commit,
    /// The message of a commit.
    Message,
    /// Commits about to be pushed.
    Push,
    /// Files.
    Files,
    /// The history.
    History,
    /// A pull request, or another range of commits.
    Range,
}

/// How a report is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Format {
    /// For a person: what, where, why, fix, how to allow.
    Text,
    /// One line a finding.
    Concise,
    /// For programs: docs/JSON.md.
    Json,
}

impl Report {
    /// Returns how many findings have the verdict "block".
    pub fn blocking(&self) -> usize {
        self.judged
            .iter()
            .filter(|judged| judged.verdict == Verdict::Block)
            .count()
    }

    /// Tells whether something blocks: a finding, or a configuration that the change loosens by itself.
    pub fn blocks(&self) -> bool {
        self.blocking() > 0 || !self.loosened.is_empty()
    }

    /// Returns how many findings are warnings.
    pub fn warnings(&self) -> usize {
        self.judged
            .iter()
            .filter(|judged| judged.verdict == Verdict::Warn)
            .count()
    }

    /// Returns how many findings are allowed.
    pub fn allowed(&self) -> usize {
        self.judged.len() - self.blocking() - self.warnings()
    }

    /// Tells whether something that should have been read was not.
    pub fn has_errors(&self) -> bool {
        !self.coverage.unread.is_empty()
    }

    /// Returns the shortest prefix of each finding's fingerprint that names it alone in this run, four digits
    /// or more.
    pub fn short_ids(&self) -> Vec<String> {
        let mut prints: Vec<String> = self
            .judged
            .iter()
            .map(|judged| judged.finding.fingerprint.to_string())
            .collect();
        let all = {
            let mut sorted = prints.clone();
            sorted.sort();
            sorted.dedup();
            sorted
        };
        let mut length = 4;
        while length < 12
            && all
                .windows(2)
                .any(|pair| pair[0][..length] == pair[1][..length])
        {
            length += 1;
        }
        for print in &mut prints {
            print.truncate(length);
        }
        prints
    }

    /// Writes the report.
    pub fn write(
        &self,
        format: Format,
        look: Look,
        rules: &Rules,
        out: &mut dyn io::Write,
    ) -> io::Result<()> {
        match format {
            Format::Text => text::write(self, look, rules, out),
            Format::Concise => concise::write(self, out),
            Format::Json => json::write(self, out),
        }
    }
}
