//! A report is what a run found, covered and could not read; a format writes it for a person or a program.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

mod azure;
mod bitbucket;
mod concise;
mod csv;
mod diff;
mod github;
mod gitlab;
mod join;
mod json;
mod junit;
mod list;
mod markdown;
mod read;
mod sarif;
mod score;
mod text;
mod told;

use std::borrow::Cow;
use std::io;

use bstr::BString;
use serde::{Deserialize, Serialize};

use crate::policy::{Allow, Judged, Verdict};
use crate::rule::Rules;
use crate::source::Coverage;

pub use diff::{Side, diff};
pub use join::{JoinError, Wanted};
pub use list::{write_rule_lines, write_rules};
pub use read::{ReadError, read};
pub use score::Score;
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
    /// The histories that were looked at, so that their reports can be joined.
    pub repositories: Vec<Repository>,
}

/// A history that was looked at, or a part of it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Repository {
    /// The repository, as it was named, where it was.
    pub path: Option<BString>,
    /// A word for what refs, HEADs and reflogs named: another one is another history.
    pub state: String,
    /// Which part it was; `None` for all of it.
    pub shard: Option<Shard>,
    /// As in [`Coverage`].
    pub files: u64,
    /// As in [`Coverage`].
    pub bytes: u64,
    /// As in [`Coverage`].
    pub commits: u64,
    /// As in [`Coverage`].
    pub blobs: u64,
}

/// A part of a history that was scanned by a run of its own.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Shard {
    /// Which part, from 1.
    pub index: u32,
    /// Of how many.
    pub count: u32,
    /// A word for how the objects were dealt out to the parts: parts with another one do not fit together.
    pub split: String,
}

/// What was scanned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
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
    /// Commits of the history that a person selects.
    Selection,
    /// A pull request, or another range of commits.
    Range,
}

/// How a report is written; what stands at each is also what `--help` says of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, clap::ValueEnum)]
pub enum Format {
    /// For a person: what, where, why, how to mend and how to allow it
    Text,
    /// One line a finding
    Concise,
    /// For programs (docs/JSON.md)
    Json,
    /// The same, one object a line
    Jsonl,
    /// For code scanning: SARIF 2.1.0
    Sarif,
    /// Text and annotations of GitHub Actions
    Github,
    /// GitLab's secret detection report
    Gitlab,
    /// GitLab's code quality report
    Codequality,
    /// Logging commands of Azure Pipelines
    Azure,
    /// Bitbucket's Code Insights: the report
    Bitbucket,
    /// Bitbucket's Code Insights: the annotations
    BitbucketAnnotations,
    /// JUnit's XML
    Junit,
    /// A Markdown table
    Markdown,
    /// CSV, allowed findings too
    Csv,
}

/// What a format needs beside the report.
#[derive(Clone, Copy)]
pub struct Page<'p> {
    /// How text looks.
    pub look: Look,
    /// The rules of the run.
    pub rules: &'p Rules,
    /// When and on what the run was.
    pub stamp: &'p Stamp,
}

/// When and on what a run was; only the formats that must have it say it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Stamp {
    /// When it began, in UTC: `2026-11-23T20:38:00`.
    pub start: String,
    /// When it ended.
    pub end: String,
    /// The commit that is checked out.
    pub commit: Option<String>,
}

impl Report {
    /// Takes tokens out of every name that the report tells: a format may write one so that nobody knows it again.
    pub fn redact(&mut self, redacted: &dyn Fn(&[u8]) -> Cow<'_, [u8]>) {
        let hide = |text: &mut BString| {
            if let Cow::Owned(shown) = redacted(text) {
                *text = shown.into();
            }
        };
        let hide_text = |text: &mut String| {
            if let Cow::Owned(shown) = redacted(text.as_bytes()) {
                *text = String::from_utf8_lossy(&shown).into_owned();
            }
        };
        for judged in &mut self.judged {
            let finding = &mut judged.finding;
            let trace = &mut finding.trace;
            let names = finding.provenance.path.iter_mut();
            names.chain(&mut trace.repository).for_each(hide);
            trace.author.iter_mut().for_each(hide_text);
        }
        for skip in &mut self.coverage.skipped {
            skip.path.iter_mut().for_each(hide);
            hide_text(&mut skip.reason);
        }
        for unread in &mut self.coverage.unread {
            hide(&mut unread.path);
            hide_text(&mut unread.message);
        }
        for repository in &mut self.repositories {
            repository.path.iter_mut().for_each(hide);
        }
        self.loosened.iter_mut().for_each(hide_text);
    }

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

    /// Returns the findings that are shown whole on a screen, by their places in the list: the worst in front.
    pub fn worst(&self) -> Vec<usize> {
        let mut worst: Vec<usize> = (0..self.judged.len()).collect();
        worst.sort_by_key(|&at| text::urgency(&self.judged[at]));
        worst.truncate(text::WHOLE);
        worst
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
        page: &Page<'_>,
        out: &mut dyn io::Write,
    ) -> io::Result<()> {
        match format {
            Format::Text => text::write(self, page.look, page.rules, out),
            Format::Concise => concise::write(self, out),
            Format::Json => json::write(self, out),
            Format::Jsonl => json::write_lines(self, out),
            Format::Sarif => sarif::write(self, page, out),
            Format::Github => github::write(self, page, out),
            Format::Gitlab => gitlab::secret_detection(self, page, out),
            Format::Codequality => gitlab::code_quality(self, page, out),
            Format::Azure => azure::write(self, page, out),
            Format::Bitbucket => bitbucket::report(self, out),
            Format::BitbucketAnnotations => bitbucket::annotations(self, page, out),
            Format::Junit => junit::write(self, page, out),
            Format::Markdown => markdown::write(self, page, out),
            Format::Csv => csv::write(self, out),
        }
    }
}
