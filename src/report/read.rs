//! Reads reports back that were written as JSON or JSON lines, so that they can be joined.

use serde::Deserialize;
use serde_json::Value;

use super::json::{self, Allowed, Error, Looked, Root, Row, Source, Summary, Unused, VERSION};
use super::{Report, Repository, Shard, What};
use crate::blob::{ObjectId, Origin, Provenance};
use crate::finding::{Finding, Fingerprint, Trace};
use crate::policy::{Allow, Allowance, Judged, Verdict, date};
use crate::rule::{Level, RuleIndex, Rules};
use crate::source::{Coverage, Skip, Unread};
use crate::span::Position;

/// Why a text is not a report that can be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// It is no JSON, or ends in the middle.
    #[error("this is no report in JSON: {0}")]
    Json(#[from] serde_json::Error),
    /// It is JSON of another kind.
    #[error("this is no report of guard: write it with --format json or jsonl")]
    Other,
    /// It is of a version that is not known here.
    #[error(
        "a report of version {0}, and this guard reads version {VERSION}: use the guard that wrote it"
    )]
    Version(u64),
    /// The lines end before the summary.
    #[error("the report is cut off: its last line is no summary")]
    CutOff,
    /// A field says what it cannot.
    #[error("the report is damaged: {field} is {value}")]
    Value {
        /// The field.
        field: &'static str,
        /// What it says.
        value: String,
    },
}

/// Reads all reports of a text, one or several, as JSON or as JSON lines. Rules that are not known here are added to
/// `rules` with what the report says of them.
///
/// # Errors
/// Returns an error where anything in it cannot be understood: nothing of such a text may be called clean.
pub fn read(text: &[u8], rules: &mut Rules) -> Result<Vec<Report>, ReadError> {
    let mut reports = Vec::new();
    let mut lines: Option<Lines> = None;
    for value in serde_json::Deserializer::from_slice(text).into_iter::<Value>() {
        let value = value?;
        let version = value.get("version");
        if let Some(version) = version.filter(|version| **version != u64::from(VERSION)) {
            return Err(ReadError::Version(
                version.as_u64().ok_or(ReadError::Other)?,
            ));
        }
        if let Some(kind) = value.get("type") {
            let kind = kind.as_str().ok_or(ReadError::Other)?.to_owned();
            if lines.get_or_insert_default().take(&kind, value)? {
                reports.extend(lines.take().map(|lines| lines.root));
            }
        } else if version.is_some() && value.get("findings").is_some() {
            reports.push(Root::deserialize(value)?);
        } else {
            return Err(ReadError::Other);
        }
    }
    if lines.is_some() {
        return Err(ReadError::CutOff);
    }
    if reports.is_empty() {
        return Err(ReadError::Other);
    }
    reports
        .into_iter()
        .map(|root| report(root, rules))
        .collect()
}

/// What the lines said so far.
struct Lines {
    root: Root<'static>,
}

impl Default for Lines {
    fn default() -> Self {
        Lines {
            root: Root {
                version: VERSION,
                what: What::default(),
                findings: Vec::new(),
                errors: Vec::new(),
                summary: Summary::default(),
                unused_allowances: Vec::new(),
                loosened: Vec::new().into(),
                repositories: Vec::new(),
            },
        }
    }
}

/// What the last line says beside the summary.
#[derive(Deserialize)]
struct Last {
    version: u32,
    #[serde(default)]
    what: What,
    #[serde(flatten)]
    summary: Summary,
    #[serde(default)]
    repositories: Vec<Looked>,
}

impl Lines {
    /// Takes a line; `true` when it is the last.
    fn take(&mut self, kind: &str, line: Value) -> Result<bool, ReadError> {
        match kind {
            "finding" => self.root.findings.push(Row::deserialize(line)?),
            "error" => self.root.errors.push(Error::deserialize(line)?),
            "unused_allowance" => self.root.unused_allowances.push(Unused::deserialize(line)?),
            "loosened" => {
                let what = line.get("what").and_then(Value::as_str);
                let what = what.ok_or(ReadError::Other)?.to_owned();
                self.root.loosened.to_mut().push(what);
            }
            "summary" => {
                let last = Last::deserialize(line)?;
                self.root.version = last.version;
                self.root.what = last.what;
                self.root.summary = last.summary;
                self.root.repositories = last.repositories;
                return Ok(true);
            }
            _ => return Err(ReadError::Other),
        }
        Ok(false)
    }
}

fn report(root: Root<'_>, rules: &mut Rules) -> Result<Report, ReadError> {
    let Summary {
        files,
        bytes,
        commits,
        blobs,
        skipped,
    } = root.summary;
    let skipped = skipped.into_iter().map(|skip| {
        Ok(Skip {
            path: path(skip.path.as_deref(), skip.path_base64.as_deref())?,
            reason: skip.reason,
        })
    });
    let unread = root.errors.into_iter().map(|error| {
        Ok(Unread {
            path: path(Some(&error.path), error.path_base64.as_deref())?.unwrap_or_default(),
            message: error.message,
        })
    });
    let coverage = Coverage {
        files,
        bytes,
        commits,
        blobs,
        skipped: skipped.collect::<Result<_, ReadError>>()?,
        unread: unread.collect::<Result<_, ReadError>>()?,
    };
    let judged = root.findings.into_iter().map(|row| judged(row, rules));
    Ok(Report {
        judged: judged.collect::<Result<_, _>>()?,
        coverage,
        unused: root
            .unused_allowances
            .into_iter()
            .map(unused)
            .collect::<Result<_, _>>()?,
        what: root.what,
        loosened: root.loosened.into_owned(),
        repositories: root
            .repositories
            .into_iter()
            .map(looked)
            .collect::<Result<_, _>>()?,
    })
}

fn looked(looked: Looked) -> Result<Repository, ReadError> {
    let shard = looked.shard.map(|shard| Shard {
        index: shard.index,
        count: shard.count,
        split: shard.split,
    });
    if let Some(shard) = &shard
        && !(1..=shard.count).contains(&shard.index)
    {
        return Err(wrong("shard", &format!("{}/{}", shard.index, shard.count)));
    }
    Ok(Repository {
        path: path(looked.path.as_deref(), looked.path_base64.as_deref())?,
        state: looked.state,
        shard,
        files: looked.files,
        bytes: looked.bytes,
        commits: looked.commits,
        blobs: looked.blobs,
    })
}

fn unused(unused: Unused<'_>) -> Result<Allow, ReadError> {
    Ok(Allow {
        fingerprint: fingerprint(&unused.id)?,
        rule_id: unused.rule.into_owned(),
        path: unused.path.map(Into::into),
        reason: unused.reason.into_owned(),
        until: None,
    })
}

fn judged(row: Row<'_>, rules: &mut Rules) -> Result<Judged, ReadError> {
    let level = match &*row.level {
        "block" => Level::Block,
        "warn" => Level::Warn,
        other => return Err(wrong("level", other)),
    };
    let verdict = match (row.allowed.as_ref(), level) {
        (Some(allowed), _) => Verdict::Allowed(allowance(allowed)?),
        (None, Level::Block) => Verdict::Block,
        (None, _) => Verdict::Warn,
    };
    let provenance = Provenance {
        path: path(row.path.as_deref(), row.path_base64.as_deref())?,
        commit_id: object("commit", row.commit.as_deref())?,
        blob_id: object("blob", row.blob.as_deref())?,
        origin: match row.source {
            Source::Blob => Origin::File,
            Source::Message => Origin::Message,
            Source::Path => Origin::Path,
        },
    };
    let rule = known(&row, level, rules);
    let mut finding = Finding::told(rules.get(rule), rule, fingerprint(&row.id)?, provenance);
    finding.level = level;
    finding.severity = row.severity;
    finding.kind = row.kind;
    finding.title = row.title.into_owned();
    finding.mask = row.mask.into_owned();
    finding.start = position(row.line, row.column);
    finding.end = position(row.end_line, row.end_column);
    let places = row.places.into_iter();
    finding.related = places
        .map(|place| (position(place.line, place.column), place.title.into_owned()))
        .collect();
    finding.fixable = row.fixable;
    finding.notes = row.notes.into_iter().map(Into::into).collect();
    finding.trace = Trace {
        repository: path(row.repository.as_deref(), row.repository_base64.as_deref())?,
        author: row.author.map(Into::into),
        date: row.date.map(Into::into),
        commits: row.commits.unwrap_or(0),
        order: row.order,
        last_commit_id: object("last_commit", row.last_commit.as_deref())?,
        last_order: row.last_order,
        in_head: row.in_head,
        ..Trace::default()
    };
    Ok(Judged {
        finding,
        verdict,
        remarks: Vec::new(),
    })
}

/// Returns the rule of a finding; one of a person's own is made of what the report says.
fn known(row: &Row<'_>, level: Level, rules: &mut Rules) -> RuleIndex {
    if let Some(index) = rules.find(&row.rule) {
        return index;
    }
    let record = serde_json::json!({
        "id": row.rule,
        "title": row.title,
        "kind": row.kind,
        "severity": row.severity,
        "level": level,
        "why": "This rule is not of guard itself but of the repository's own guard.toml: see there.",
        "fix": "See the rule in guard.toml.",
    });
    rules.push(serde_json::from_value(record).expect("has all that a record must have"));
    rules.find(&row.rule).expect("just added")
}

fn allowance(allowed: &Allowed<'_>) -> Result<Allowance, ReadError> {
    let reason = allowed.reason.clone().into_owned();
    let until = allowed
        .until
        .as_deref()
        .map(|until| date(until).ok_or_else(|| wrong("allowed.until", until)));
    Ok(match &*allowed.by {
        "config" => Allowance::Config {
            entry: 0,
            reason,
            until: until.transpose()?,
        },
        "comment" => Allowance::Inline { reason },
        "linter" => Allowance::Linter {
            words: reason.into(),
        },
        other => return Err(wrong("allowed.by", other)),
    })
}

fn position(line: usize, column: usize) -> Position {
    Position { line, column }
}

fn fingerprint(id: &str) -> Result<Fingerprint, ReadError> {
    Fingerprint::from_hex(id).ok_or_else(|| wrong("id", id))
}

fn object(field: &'static str, hex: Option<&str>) -> Result<Option<ObjectId>, ReadError> {
    hex.map(|hex| ObjectId::from_hex(hex.as_bytes()).ok_or_else(|| wrong(field, hex)))
        .transpose()
}

fn path(shown: Option<&str>, base64: Option<&str>) -> Result<Option<bstr::BString>, ReadError> {
    shown
        .map(|shown| json::path(shown, base64).ok_or_else(|| wrong("path_base64", shown)))
        .transpose()
}

fn wrong(field: &'static str, value: &str) -> ReadError {
    ReadError::Value {
        field,
        value: crate::finding::printable(value.chars().take(80).collect::<String>().as_bytes()),
    }
}
