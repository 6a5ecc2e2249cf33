//! The concise format: one line a finding, as compilers write them.

use std::io::{self, Write};

use super::Report;
use crate::finding::printable;
use crate::policy::Verdict;

/// Writes `path:line:column: level[rule] title [id]` for each finding that is not allowed.
pub(super) fn write(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    for (judged, id) in report.judged.iter().zip(report.short_ids()) {
        let level = match judged.verdict {
            Verdict::Block => "error",
            Verdict::Warn => "warning",
            Verdict::Allowed(_) => continue,
        };
        let finding = &judged.finding;
        let (line, column) = (finding.start.line, finding.start.column);
        let (path, rule, title) = (finding.path(), &finding.rule_id, &finding.title);
        writeln!(
            out,
            "{path}:{line}:{column}: {level}[{rule}] {title} [{id}]"
        )?;
    }
    for unread in &report.coverage.unread {
        writeln!(
            out,
            "{}: error: {}",
            printable(&unread.path),
            unread.message
        )?;
    }
    Ok(())
}
