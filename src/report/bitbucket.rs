//! Bitbucket's Code Insights: a report, and its annotations, for two calls of its API (docs/ci/bitbucket.yml).
//!
//! <https://developer.atlassian.com/cloud/bitbucket/rest/api-group-reports/>

use std::collections::HashMap;
use std::fmt::Write as _;
use std::io::{self, Write};

use serde_json::json;

use super::told::{cut, path, worst_first};
use super::{Page, Report};
use crate::rule::Severity;

/// The most annotations of one call.
const ANNOTATIONS: usize = 100;
/// The longest summary, in characters.
const SUMMARY: usize = 450;

/// Writes the report.
pub(super) fn report(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let passed = !report.blocks() && !report.has_errors();
    let mut details = format!(
        "{} blocking, {} warnings, {} allowed in {} blobs of {} commits",
        report.blocking(),
        report.warnings(),
        report.allowed(),
        report.coverage.blobs,
        report.coverage.commits
    );
    if report.has_errors() {
        let _ = write!(details, "; {} not read", report.coverage.unread.len());
    }
    for what in &report.loosened {
        let _ = write!(details, "; allowed by this pull request: {what}");
    }
    let document = json!({
        "title": "guard",
        "report_type": "SECURITY",
        "reporter": "guard",
        "result": if passed { "PASSED" } else { "FAILED" },
        "details": cut(&details, 2000),
        "data": [
            {"title": "Blocking", "type": "NUMBER", "value": report.blocking()},
            {"title": "Warnings", "type": "NUMBER", "value": report.warnings()},
            {"title": "Allowed", "type": "NUMBER", "value": report.allowed()},
        ],
    });
    serde_json::to_writer_pretty(&mut *out, &document)?;
    out.write_all(b"\n")
}

/// Writes the annotations of the worst findings, as many as one call takes.
pub(super) fn annotations(report: &Report, page: &Page<'_>, out: &mut dyn Write) -> io::Result<()> {
    let mut seen: HashMap<String, u32> = HashMap::new();
    let told = worst_first(report, page.rules);
    let rows = told.iter().take(ANNOTATIONS).map(|told| {
        let finding = told.finding;
        let print = finding.fingerprint.to_string();
        let count = seen.entry(print.clone()).or_default();
        *count += 1;
        let severity = match finding.severity {
            Severity::Critical => "CRITICAL",
            Severity::High => "HIGH",
            Severity::Medium => "MEDIUM",
            Severity::Low => "LOW",
        };
        let mut row = json!({
            "external_id": format!("guard-{print}-{count}"),
            "annotation_type": "VULNERABILITY",
            "severity": severity,
            "result": if told.blocks() { "FAILED" } else { "PASSED" },
            "summary": cut(&format!("{}: {}", finding.rule_id, finding.title), SUMMARY),
            "details": cut(&told.message(), 2000),
        });
        if let Some(path) = path(finding) {
            row["path"] = json!(path);
            row["line"] = json!(told.ends().0.line);
        }
        row
    });
    serde_json::to_writer_pretty(&mut *out, &rows.collect::<Vec<_>>())?;
    out.write_all(b"\n")
}
