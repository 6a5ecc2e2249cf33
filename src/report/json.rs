//! The JSON format, version 1: fields may be added, never renamed or removed. No times: the same input gives the
//! same bytes. docs/JSON.md describes it.

use std::borrow::Cow;
use std::io::{self, Write};

use bstr::{BStr, BString};
use serde::{Deserialize, Serialize};

use super::{Report, Repository, What};
use crate::blob::Origin;
use crate::finding::Finding;
use crate::policy::{Allowance, Judged, Verdict};
use crate::rule::{Kind, Severity};
use crate::source::Unread;

/// The version of the format.
pub(super) const VERSION: u32 = 1;

#[derive(Serialize, Deserialize)]
pub(super) struct Root<'r> {
    pub(super) version: u32,
    #[serde(default)]
    pub(super) what: What,
    pub(super) findings: Vec<Row<'r>>,
    pub(super) errors: Vec<Error>,
    pub(super) summary: Summary,
    pub(super) unused_allowances: Vec<Unused<'r>>,
    pub(super) loosened: Cow<'r, [String]>,
    #[serde(default)]
    pub(super) repositories: Vec<Looked>,
}

#[derive(Serialize, Deserialize)]
pub(super) struct Row<'r> {
    pub(super) id: String,
    pub(super) rule: Cow<'r, str>,
    pub(super) kind: Kind,
    pub(super) level: Cow<'r, str>,
    pub(super) severity: Severity,
    pub(super) title: Cow<'r, str>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) repository: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) repository_base64: Option<String>,
    pub(super) path: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) path_base64: Option<String>,
    pub(super) line: usize,
    pub(super) column: usize,
    pub(super) end_line: usize,
    pub(super) end_column: usize,
    pub(super) mask: Cow<'r, str>,
    #[serde(default)]
    pub(super) source: Source,
    pub(super) commit: Option<String>,
    pub(super) blob: Option<String>,
    pub(super) author: Option<Cow<'r, str>>,
    pub(super) date: Option<Cow<'r, str>>,
    pub(super) last_commit: Option<String>,
    pub(super) in_head: Option<bool>,
    #[serde(default)]
    pub(super) commits: Option<u64>,
    #[serde(default)]
    pub(super) order: Option<i64>,
    #[serde(default)]
    pub(super) last_order: Option<i64>,
    pub(super) places: Vec<Place<'r>>,
    pub(super) notes: Vec<Cow<'r, str>>,
    #[serde(default)]
    pub(super) fixable: bool,
    pub(super) allowed: Option<Allowed<'r>>,
}

/// What kind of text a finding stands in.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Source {
    #[default]
    Blob,
    Message,
    Path,
}

#[derive(Serialize, Deserialize)]
pub(super) struct Place<'r> {
    pub(super) line: usize,
    pub(super) column: usize,
    pub(super) title: Cow<'r, str>,
}

#[derive(Serialize, Deserialize)]
pub(super) struct Allowed<'r> {
    pub(super) by: Cow<'r, str>,
    pub(super) reason: Cow<'r, str>,
    pub(super) until: Option<String>,
}

#[derive(Serialize, Deserialize)]
pub(super) struct Error {
    pub(super) path: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) path_base64: Option<String>,
    pub(super) message: String,
}

#[derive(Default, Serialize, Deserialize)]
pub(super) struct Summary {
    pub(super) files: u64,
    pub(super) bytes: u64,
    pub(super) commits: u64,
    pub(super) blobs: u64,
    pub(super) skipped: Vec<Skipped>,
}

#[derive(Serialize, Deserialize)]
pub(super) struct Skipped {
    pub(super) path: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) path_base64: Option<String>,
    pub(super) reason: String,
}

#[derive(Serialize, Deserialize)]
pub(super) struct Unused<'r> {
    pub(super) id: String,
    pub(super) rule: Cow<'r, str>,
    pub(super) path: Option<String>,
    pub(super) reason: Cow<'r, str>,
}

/// A history that was looked at, or a part of it.
#[derive(Serialize, Deserialize)]
pub(super) struct Looked {
    pub(super) path: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) path_base64: Option<String>,
    pub(super) state: String,
    pub(super) shard: Option<Shard>,
    pub(super) files: u64,
    pub(super) bytes: u64,
    pub(super) commits: u64,
    pub(super) blobs: u64,
}

#[derive(Serialize, Deserialize)]
pub(super) struct Shard {
    pub(super) index: u32,
    pub(super) count: u32,
    pub(super) split: String,
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
    for what in root.loosened.iter() {
        line(&Line::Loosened { what })?;
    }
    line(&Line::Summary {
        version: root.version,
        what: root.what,
        summary: &root.summary,
        repositories: &root.repositories,
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
        what: What,
        #[serde(flatten)]
        summary: &'r Summary,
        repositories: &'r [Looked],
    },
}

fn root(report: &Report) -> Root<'_> {
    let unused = report.unused.iter().map(|allow| Unused {
        id: allow.fingerprint.to_string(),
        rule: Cow::Borrowed(&allow.rule_id),
        path: shown_of(allow.path.as_ref()),
        reason: Cow::Borrowed(&allow.reason),
    });
    Root {
        version: VERSION,
        what: report.what,
        findings: report.judged.iter().map(row).collect(),
        errors: errors(report),
        summary: summary(report),
        unused_allowances: unused.collect(),
        loosened: Cow::Borrowed(&report.loosened),
        repositories: report.repositories.iter().map(looked).collect(),
    }
}

fn looked(repository: &Repository) -> Looked {
    Looked {
        path: shown_of(repository.path.as_ref()),
        path_base64: base64_of(repository.path.as_ref()),
        state: repository.state.clone(),
        shard: repository.shard.as_ref().map(|shard| Shard {
            index: shard.index,
            count: shard.count,
            split: shard.split.clone(),
        }),
        files: repository.files,
        bytes: repository.bytes,
        commits: repository.commits,
        blobs: repository.blobs,
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
        path: shown_of(skip.path.as_ref()),
        path_base64: base64_of(skip.path.as_ref()),
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
    let (provenance, trace) = (&finding.provenance, &finding.trace);
    Row {
        id: finding.fingerprint.to_string(),
        rule: Cow::Borrowed(&finding.rule_id),
        kind: finding.kind,
        level: Cow::Borrowed(level),
        severity: finding.severity,
        title: Cow::Borrowed(&finding.title),
        repository: shown_of(trace.repository.as_ref()),
        repository_base64: base64_of(trace.repository.as_ref()),
        path: shown_of(provenance.path.as_ref()),
        path_base64: base64_of(provenance.path.as_ref()),
        line: finding.start.line,
        column: finding.start.column,
        end_line: finding.end.line,
        end_column: finding.end.column,
        mask: Cow::Borrowed(&finding.mask),
        source: match provenance.origin {
            Origin::File => Source::Blob,
            Origin::Message => Source::Message,
            Origin::Path => Source::Path,
        },
        commit: provenance.commit_id.map(|id| id.to_string()),
        blob: provenance.blob_id.map(|id| id.to_string()),
        author: trace.author.as_deref().map(Cow::Borrowed),
        date: trace.date.as_deref().map(Cow::Borrowed),
        last_commit: trace.last_commit_id.map(|id| id.to_string()),
        in_head: trace.in_head,
        commits: Some(trace.commits).filter(|&commits| commits > 0),
        order: trace.order,
        last_order: trace.last_order,
        places: places(finding),
        notes: notes(judged),
        // What is written is a file on disk: not what a commit of the past holds, nor what is accepted.
        fixable: finding.fixable && allowed.is_none() && provenance.commit_id.is_none(),
        allowed,
    }
}

fn places(finding: &Finding) -> Vec<Place<'_>> {
    let related = finding.related.iter();
    related
        .map(|(position, title)| Place {
            line: position.line,
            column: position.column,
            title: Cow::Borrowed(title),
        })
        .collect()
}

fn notes(judged: &Judged) -> Vec<Cow<'_, str>> {
    let notes = judged.finding.notes.iter().chain(&judged.remarks);
    notes.map(|note| Cow::Borrowed(note.as_str())).collect()
}

fn allowed(allowance: &Allowance) -> Allowed<'_> {
    let (by, reason, until) = match allowance {
        Allowance::Config { reason, until, .. } => ("config", reason.as_str(), *until),
        Allowance::Inline { reason } => ("comment", reason.as_str(), None),
        Allowance::Linter { words } => ("linter", &**words, None),
    };
    Allowed {
        by: Cow::Borrowed(by),
        reason: Cow::Borrowed(reason),
        until: until.map(|until| until.to_string()),
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

fn shown_of(path: Option<&BString>) -> Option<String> {
    path.map(|path| shown(path.as_ref()))
}

fn base64_of(path: Option<&BString>) -> Option<String> {
    path.and_then(|path| base64(path.as_ref()))
}

/// Returns the path that [`shown`] and [`base64`] wrote, or `None` where they did not.
pub(super) fn path(shown: &str, base64: Option<&str>) -> Option<BString> {
    match base64 {
        Some(base64) => Some(data_encoding::BASE64.decode(base64.as_bytes()).ok()?.into()),
        None => Some(shown.into()),
    }
}
