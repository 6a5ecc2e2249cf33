//! The CSV format, as RFC 4180 has it, with a head line.

use std::io::{self, Write};

use super::Report;
use crate::finding::printable;
use crate::policy::Verdict;
use crate::rule::Severity;

/// Writes one row a finding, allowed ones too.
pub(super) fn write(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let head = "id,rule,level,severity,path,line,column,commit,author,date,title,mask\r\n";
    out.write_all(head.as_bytes())?;
    for judged in &report.judged {
        let finding = &judged.finding;
        let level = match judged.verdict {
            Verdict::Block => "block",
            Verdict::Warn => "warn",
            Verdict::Allowed(_) => "allowed",
        };
        let severity = match finding.severity {
            Severity::Critical => "critical",
            Severity::High => "high",
            Severity::Medium => "medium",
            Severity::Low => "low",
        };
        let path = finding.full_path().map(|path| printable(&path));
        let commit = finding.provenance.commit_id.map(|id| id.to_string());
        let fields = [
            finding.fingerprint.to_string(),
            finding.rule_id.clone(),
            level.to_owned(),
            severity.to_owned(),
            path.unwrap_or_default(),
            finding.start.line.to_string(),
            finding.start.column.to_string(),
            commit.unwrap_or_default(),
            finding.trace.author.clone().unwrap_or_default(),
            finding.trace.date.clone().unwrap_or_default(),
            finding.title.clone(),
            finding.mask.clone(),
        ];
        let row: Vec<String> = fields.iter().map(|text| field(text)).collect();
        write!(out, "{}\r\n", row.join(","))?;
    }
    Ok(())
}

/// Quotes where a field needs it. What a spreadsheet would take for a formula gets an apostrophe in front.
fn field(text: &str) -> String {
    let is_formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let text = if is_formula {
        format!("'{text}")
    } else {
        text.to_owned()
    };
    if text.contains([',', '"', '\r', '\n']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text
    }
}
