//! The Azure format: logging commands of Azure Pipelines, one a finding.
//!
//! The agent looks for a command anywhere in a line and takes the first; so each line begins with ours, and no other
//! text of the repository is written.
//! <https://learn.microsoft.com/azure/devops/pipelines/scripts/logging-commands>

use std::io::{self, Write};

use super::told::{Told, path, worst_first};
use super::{Page, Report};
use crate::finding::printable;

/// Writes the commands, the worst first, and a last line with the counts.
pub(super) fn write(report: &Report, page: &Page<'_>, out: &mut dyn Write) -> io::Result<()> {
    for unread in &report.coverage.unread {
        let message = format!("{}: {}", printable(&unread.path), unread.message);
        writeln!(out, "##vso[task.logissue type=error;]{}", escaped(&message))?;
    }
    for what in &report.loosened {
        let message = format!("allowed by this pull request: {what}");
        writeln!(out, "##vso[task.logissue type=error;]{}", escaped(&message))?;
    }
    for told in worst_first(report, page.rules) {
        issue(&told, out)?;
    }
    writeln!(
        out,
        "guard: {} blocking, {} warnings, {} allowed in {} blobs",
        report.blocking(),
        report.warnings(),
        report.allowed(),
        report.coverage.blobs
    )
}

fn issue(told: &Told<'_>, out: &mut dyn Write) -> io::Result<()> {
    let finding = told.finding;
    let level = if told.blocks() { "error" } else { "warning" };
    write!(out, "##vso[task.logissue type={level};")?;
    if let Some(path) = path(finding) {
        let start = told.ends().0;
        let (line, column) = (start.line, start.column);
        write!(
            out,
            "sourcepath={};linenumber={line};columnnumber={column};",
            property(&path)
        )?;
    }
    writeln!(
        out,
        "code={};]{}",
        property(&finding.rule_id),
        escaped(&told.message())
    )
}

/// Escapes as azure-pipelines-task-lib does.
fn escaped(message: &str) -> String {
    message
        .replace('%', "%AZP25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

fn property(value: &str) -> String {
    escaped(value).replace(']', "%5D").replace(';', "%3B")
}
