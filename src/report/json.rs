//! The JSON format, version 1: fields may be added, never renamed or removed. No times: the same input gives the
//! same bytes. docs/JSON.md describes it.

use std::io::{self, Write};

use bstr::BStr;
use serde::Serialize;

use super::Report;
use crate::policy::{Allowance, Judged, Verdict};
use crate::rule::{Kind, Severity};
use crate::source::Unread;

#[derive(Serialize)]
struct Root<'r> {
    version: u32,
    findings: Vec<Row<'r>>,
    errors: Vec<Error>,
    summary: Summary,
    unused_allowances: Vec<Unused<'r>>,
    loosened: &'r [String],
}

/// A finding as it is written.
#[derive(Serialize)]
pub(super) struct Row<'r> {
    id: String,
    rule: &'r str,
    kind: Kind,
    level: &'static str,
    severity: Severity,
    title: &'r str,
    path: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    path_base64: Option<String>,
    line: usize,
    column: usize,
    end_line: usize,
    end_column: usize,
    mask: &'r str,
    commit: Option<String>,
    blob: Option<String>,
    author: Option<&'r str>,
    date: Option<&'r str>,
    last_commit: Option<String>,
    in_head: Option<bool>,
    commits: Option<u64>,
    places: Vec<Place<'r>>,
    notes: Vec<&'r str>,
    allowed: Option<Allowed<'r>>,
}

#[derive(Serialize)]
struct Place<'r> {
    line: usize,
    column: usize,
    title: &'r str,
}

#[derive(Serialize)]
struct Allowed<'r> {
    by: &'static str,
    reason: &'r str,
    until: Option<String>,
}

/// What could not be read.
#[derive(Serialize)]
pub(super) struct Error {
    path: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    path_base64: Option<String>,
    message: String,
}

/// What was covered and left out.
#[derive(Serialize)]
pub(super) struct Summary {
    files: u64,
    bytes: u64,
    commits: u64,
    blobs: u64,
    skipped: Vec<Skipped>,
}

#[derive(Serialize)]
struct Skipped {
    path: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    path_base64: Option<String>,
    reason: String,
}

#[derive(Serialize)]
struct Unused<'r> {
    id: String,
    rule: &'r str,
    path: Option<String>,
    reason: &'r str,
}

/// Writes the report as one JSON object and a line feed.
pub(super) fn write(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    serde_json::to_writer(&mut *out, &root(report))?;
    out.write_all(b"\n")
}

/// Writes the parts of the same object, one a line, each with its `type`; the summary is the last.
pub(super) fn write_lines(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let root = root(report);
    let mut line = |line: &Line<'_>| {
        serde_json::to_writer(&mut *out, line)?;
        out.write_all(b"\n")
    };
    for finding in &root.findings {
        line(&Line::Finding(finding))?;
    }
    for error in &root.errors {
        line(&Line::Error(error))?;
    }
    for allowance in &root.unused_allowances {
        line(&Line::UnusedAllowance(allowance))?;
    }
    for what in root.loosened {
        line(&Line::Loosened { what })?;
    }
    line(&Line::Summary {
        version: root.version,
        summary: &root.summary,
    })
}

/// A line of JSON lines.
#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Line<'r> {
    Finding(&'r Row<'r>),
    Error(&'r Error),
    UnusedAllowance(&'r Unused<'r>),
    Loosened {
        what: &'r str,
    },
    Summary {
        version: u32,
        #[serde(flatten)]
        summary: &'r Summary,
    },
}

fn root(report: &Report) -> Root<'_> {
    let unused = report.unused.iter().map(|allow| Unused {
        id: allow.fingerprint.to_string(),
        rule: &allow.rule_id,
        path: allow.path.as_ref().map(|path| shown(path.as_ref())),
        reason: &allow.reason,
    });
    Root {
        version: 1,
        findings: report.judged.iter().map(row).collect(),
        errors: errors(report),
        summary: summary(report),
        unused_allowances: unused.collect(),
        loosened: &report.loosened,
    }
}

/// Returns what should have been read and was not.
pub(super) fn errors(report: &Report) -> Vec<Error> {
    let error = |unread: &Unread| Error {
        path: shown(unread.path.as_ref()),
        path_base64: base64(unread.path.as_ref()),
        message: unread.message.clone(),
    };
    report.coverage.unread.iter().map(error).collect()
}

/// Returns what was covered and left out.
pub(super) fn summary(report: &Report) -> Summary {
    let coverage = &report.coverage;
    let skipped = coverage.skipped.iter().map(|skip| Skipped {
        path: skip.path.as_ref().map(|path| shown(path.as_ref())),
        path_base64: skip.path.as_ref().and_then(|path| base64(path.as_ref())),
        reason: skip.reason.clone(),
    });
    Summary {
        files: coverage.files,
        bytes: coverage.bytes,
        commits: coverage.commits,
        blobs: coverage.blobs,
        skipped: skipped.collect(),
    }
}

/// Returns a finding as it is written.
pub(super) fn row(judged: &Judged) -> Row<'_> {
    let finding = &judged.finding;
    let allowed = match &judged.verdict {
        Verdict::Allowed(allowance) => Some(allowed(allowance)),
        Verdict::Block | Verdict::Warn => None,
    };
    let level = match judged.verdict {
        Verdict::Block => "block",
        Verdict::Warn => "warn",
        Verdict::Allowed(_) => match finding.level {
            crate::rule::Level::Block => "block",
            _ => "warn",
        },
    };
    Row {
        id: finding.fingerprint.to_string(),
        rule: &finding.rule_id,
        kind: finding.kind,
        level,
        severity: finding.severity,
        title: &finding.title,
        path: finding
            .provenance
            .path
            .as_ref()
            .map(|path| shown(path.as_ref())),
        path_base64: finding
            .provenance
            .path
            .as_ref()
            .and_then(|path| base64(path.as_ref())),
        line: finding.start.line,
        column: finding.start.column,
        end_line: finding.end.line,
        end_column: finding.end.column,
        mask: &finding.mask,
        commit: finding.provenance.commit_id.map(|id| id.to_string()),
        blob: finding.provenance.blob_id.map(|id| id.to_string()),
        author: finding.trace.author.as_deref(),
        date: finding.trace.date.as_deref(),
        last_commit: finding.trace.last_commit_id.map(|id| id.to_string()),
        in_head: finding.trace.in_head,
        commits: Some(finding.trace.commits).filter(|&commits| commits > 0),
        places: finding
            .related
            .iter()
            .map(|(position, title)| Place {
                line: position.line,
                column: position.column,
                title,
            })
            .collect(),
        notes: finding
            .notes
            .iter()
            .chain(&judged.remarks)
            .map(String::as_str)
            .collect(),
        allowed,
    }
}

fn allowed(allowance: &Allowance) -> Allowed<'_> {
    match allowance {
        Allowance::Config { reason, until, .. } => Allowed {
            by: "config",
            reason,
            until: until.map(|until| until.to_string()),
        },
        Allowance::Inline { reason } => Allowed {
            by: "comment",
            reason,
            until: None,
        },
        Allowance::Linter { words } => Allowed {
            by: "linter",
            reason: words,
            until: None,
        },
    }
}

/// Returns a path as text; what is not UTF-8 in it is `\xNN`, and then [`base64`] has its bytes.
fn shown(path: &BStr) -> String {
    match std::str::from_utf8(path) {
        Ok(text) => text.to_owned(),
        Err(_) => path
            .utf8_chunks()
            .map(|chunk| {
                let valid = chunk.valid().to_owned();
                chunk
                    .invalid()
                    .iter()
                    .fold(valid, |text, byte| text + &format!("\\x{byte:02x}"))
            })
            .collect(),
    }
}

/// Returns the bytes of a path that is not UTF-8, in base64.
fn base64(path: &BStr) -> Option<String> {
    std::str::from_utf8(path)
        .is_err()
        .then(|| data_encoding::BASE64.encode(path))
}
