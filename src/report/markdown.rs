//! The Markdown format: a table, for the summary of a job or a comment.

use std::fmt::Write as _;
use std::io::{self, Write};

use super::told::{Told, path, worst_first};
use super::{Page, Report};
use crate::finding::printable;

/// How many findings the table holds: GitHub takes a mebibyte of summary a step.
const ROWS: usize = 500;

/// Writes the counts and the table, the worst first.
pub(super) fn write(report: &Report, page: &Page<'_>, out: &mut dyn Write) -> io::Result<()> {
    let coverage = &report.coverage;
    writeln!(
        out,
        "**guard**: {} blocking, {} warnings, {} allowed in {} blobs, {} commits\n",
        report.blocking(),
        report.warnings(),
        report.allowed(),
        coverage.blobs,
        coverage.commits
    )?;
    for unread in &coverage.unread {
        let path = escaped(&printable(&unread.path));
        writeln!(out, "- not read: {path}: {}", escaped(&unread.message))?;
    }
    for what in &report.loosened {
        writeln!(out, "- allowed by this pull request: {}", escaped(what))?;
    }
    for skip in &coverage.skipped {
        let path = skip
            .path
            .as_ref()
            .map(|path| format!("{}: ", printable(path)));
        let text = format!("{}{}", path.unwrap_or_default(), skip.reason);
        writeln!(out, "- skipped {}", escaped(&text))?;
    }
    let told = worst_first(report, page.rules);
    if told.is_empty() {
        return Ok(());
    }
    writeln!(
        out,
        "\n| | rule | where | what | fix | id |\n|---|---|---|---|---|---|"
    )?;
    for told in told.iter().take(ROWS) {
        row(told, out)?;
    }
    match told.len().checked_sub(ROWS) {
        Some(more) if more > 0 => writeln!(out, "\n… and {more} more"),
        _ => Ok(()),
    }
}

fn row(told: &Told<'_>, out: &mut dyn Write) -> io::Result<()> {
    let finding = told.finding;
    let place = match path(finding) {
        Some(path) => format!("{path}:{}:{}", told.ends().0.line, told.ends().0.column),
        None => "commit message".to_owned(),
    };
    let commit = finding
        .provenance
        .commit_id
        .map_or_else(String::new, |id| format!(" in {id:.10}"));
    let fix = told.rule.fix.lines().next().unwrap_or_default();
    writeln!(
        out,
        "| {} | {} | {} | {} | {} | {} |",
        if told.blocks() { "error" } else { "warning" },
        escaped(&finding.rule_id),
        escaped(&(place + &commit)),
        escaped(&finding.title),
        escaped(fix),
        told.id
    )
}

/// Writes all that Markdown or HTML could read as markup, a link or a mention as a character reference.
fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for character in text.chars() {
        let is_plain = character.is_alphanumeric() || " ./-,;()'\"…".contains(character);
        if is_plain {
            safe.push(character);
        } else if !character.is_control() {
            let _ = write!(safe, "&#{};", u32::from(character));
        } else {
            safe.push(' ');
        }
    }
    safe
}
