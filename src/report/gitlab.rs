//! GitLab's secret detection report, schema 15.2.1, and its code quality report.
//!
//! <https://docs.gitlab.com/development/integrations/secure/>, <https://docs.gitlab.com/ci/testing/code_quality/>

use std::collections::HashMap;
use std::io::{self, Write};

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::told::{Told, cut, path, told};
use super::{Page, Report};
use crate::finding::printable;
use crate::rule::Severity;

/// What GitLab's own analyzer says where a finding is of no commit yet.
const NO_COMMIT: &str = "0000000000000000000000000000000000000000";

/// Writes the secret detection report.
pub(super) fn secret_detection(
    report: &Report,
    page: &Page<'_>,
    out: &mut dyn Write,
) -> io::Result<()> {
    let program = json!({
        "id": "guard",
        "name": "guard",
        "version": env!("CARGO_PKG_VERSION"),
        "vendor": {"name": "guard"},
    });
    let unread = report.coverage.unread.iter().map(|unread| {
        let value = format!("{}: {}", printable(&unread.path), unread.message);
        json!({"level": "warn", "value": value})
    });
    let loosened = report.loosened.iter().map(
        |what| json!({"level": "warn", "value": format!("allowed by this merge request: {what}")}),
    );
    let messages: Vec<Value> = unread.chain(loosened).collect();
    let told = told(report, page.rules);
    let head = page.stamp.commit.as_deref().unwrap_or(NO_COMMIT);
    let document = json!({
        "version": "15.2.1",
        "scan": {
            "type": "secret_detection",
            "status": if report.has_errors() { "failure" } else { "success" },
            "start_time": page.stamp.start,
            "end_time": page.stamp.end,
            "analyzer": program,
            "scanner": program,
            "messages": messages,
        },
        "vulnerabilities": told.iter().map(|told| vulnerability(told, head)).collect::<Vec<_>>(),
    });
    serde_json::to_writer_pretty(&mut *out, &document)?;
    out.write_all(b"\n")
}

fn vulnerability(told: &Told<'_>, head: &str) -> Value {
    let finding = told.finding;
    let severity = match finding.severity {
        Severity::Critical => "Critical",
        Severity::High => "High",
        Severity::Medium => "Medium",
        Severity::Low => "Low",
    };
    let file = path(finding).unwrap_or_else(|| "commit message".to_owned());
    let mut commit = json!({
        "sha": finding.provenance.commit_id.map_or_else(|| head.to_owned(), |id| id.to_string()),
    });
    if let Some(author) = &finding.trace.author {
        commit["author"] = json!(author);
    }
    if let Some(date) = &finding.trace.date {
        commit["date"] = json!(date);
    }
    json!({
        "id": uuid(&format!("{} {file} {}", finding.fingerprint, told.ends().0.line)),
        "name": cut(&finding.title, 255),
        "description": told.rule.why.trim_end(),
        "severity": severity,
        "identifiers": [{
            "type": "guard_rule_id",
            "name": format!("guard {}", finding.rule_id),
            "value": finding.rule_id,
        }],
        "location": {
            "file": file,
            "start_line": told.ends().0.line,
            "end_line": told.ends().1.line,
            "commit": commit,
        },
        "solution": cut(told.rule.fix.trim_end(), 7000),
    })
}

/// Returns a UUID, version 8 of RFC 9562, made of a name.
fn uuid(name: &str) -> String {
    let mut bytes: [u8; 16] = Sha256::digest(name)[..16]
        .try_into()
        .expect("a SHA-256 is longer");
    bytes[6] = bytes[6] & 0x0f | 0x80;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let hex = data_encoding::HEXLOWER.encode(&bytes);
    let parts = [
        &hex[..8],
        &hex[8..12],
        &hex[12..16],
        &hex[16..20],
        &hex[20..],
    ];
    parts.join("-")
}

/// Writes the code quality report: a list.
pub(super) fn code_quality(
    report: &Report,
    page: &Page<'_>,
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut seen: HashMap<String, u32> = HashMap::new();
    let rows = told(report, page.rules);
    let rows = rows.iter().map(|told| {
        let finding = told.finding;
        let path = path(finding).unwrap_or_else(|| "commit message".to_owned());
        // One for each finding of the report.
        let name = format!("{} {path}", finding.fingerprint);
        let count = seen.entry(name.clone()).or_default();
        *count += 1;
        let severity = match (told.blocks(), finding.severity) {
            (_, Severity::Critical) => "blocker",
            (true, Severity::High | Severity::Medium) => "critical",
            (false, Severity::High) => "major",
            (true, Severity::Low) | (false, Severity::Medium) => "minor",
            (false, Severity::Low) => "info",
        };
        json!({
            "description": format!("{}: {}", finding.rule_id, finding.title),
            "check_name": finding.rule_id,
            "fingerprint": uuid(&format!("{name} {count}")),
            "severity": severity,
            "location": {"path": path, "lines": {"begin": told.ends().0.line}},
        })
    });
    serde_json::to_writer_pretty(&mut *out, &rows.collect::<Vec<_>>())?;
    out.write_all(b"\n")
}
