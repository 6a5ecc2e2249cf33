//! The GitHub format: the findings as text, then as workflow commands that GitHub shows beside the lines.
//!
//! GitHub shows ten errors and ten warnings of a step; the text above has all of them. What comes from the repository
//! stands between `::stop-commands::` and its end, so that no line of it is taken for a command.
//! <https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands>

use std::io::{self, Write};

use sha2::{Digest as _, Sha256};

use super::told::{Told, path, worst_first};
use super::{Page, Report, text};
use crate::finding::printable;

/// How many errors, and how many warnings, GitHub shows of one step.
const SHOWN: usize = 10;

/// Writes the text, then the commands.
pub(super) fn write(report: &Report, page: &Page<'_>, out: &mut dyn Write) -> io::Result<()> {
    let mut shown = Vec::new();
    text::write(report, page.look, page.rules, &mut shown)?;
    if !shown.is_empty() {
        // A text that holds the end of its own hash cannot be made.
        let word = data_encoding::HEXLOWER.encode(&Sha256::digest(&shown)[..16]);
        writeln!(out, "::stop-commands::{word}")?;
        out.write_all(&shown)?;
        writeln!(out, "::{word}::")?;
    }
    let told = worst_first(report, page.rules);
    let (errors, warnings): (Vec<Told<'_>>, Vec<Told<'_>>) =
        told.into_iter().partition(Told::blocks);
    for unread in report.coverage.unread.iter().take(SHOWN) {
        let message = format!("{}: {}", printable(&unread.path), unread.message);
        writeln!(out, "::error title=guard::{}", escaped(&message))?;
    }
    for what in report.loosened.iter().take(SHOWN) {
        let message = format!("allowed by this pull request: {what}");
        writeln!(out, "::error title=guard::{}", escaped(&message))?;
    }
    for (level, told) in [("error", errors), ("warning", warnings)] {
        for told in told.iter().take(SHOWN) {
            command(level, told, out)?;
        }
    }
    Ok(())
}

fn command(level: &str, told: &Told<'_>, out: &mut dyn Write) -> io::Result<()> {
    let finding = told.finding;
    write!(out, "::{level} ")?;
    if let Some(path) = path(finding) {
        let (start, end) = told.ends();
        write!(
            out,
            "file={},line={},endLine={},",
            property(&path),
            start.line,
            end.line
        )?;
        // Columns beside two lines are refused.
        if start.line == end.line {
            write!(out, "col={},endColumn={},", start.column, end.column)?;
        }
    }
    let title = format!("guard {}", finding.rule_id);
    writeln!(
        out,
        "title={}::{}",
        property(&title),
        escaped(&told.message())
    )
}

fn escaped(message: &str) -> String {
    message
        .replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

fn property(value: &str) -> String {
    escaped(value).replace(':', "%3A").replace(',', "%2C")
}
