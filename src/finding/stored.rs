//! A finding as it may be written down: no line of the file it stands in, no hash of what may be guessed, no byte of a
//! secret beyond what a report shows.

use bstr::BString;
use serde::{Deserialize, Serialize};

use super::{Finding, Fingerprint, Frame, Trace};
use crate::blob::{ObjectId, Origin, Provenance};
use crate::detect::Scope;
use crate::rule::{Level, Rules};
use crate::span::{Position, Span};

/// A finding as it may be written down.
///
/// What is left out is what could help to find the secret: the lines around it, and the SHA-256 of its value. The
/// fingerprint may be kept, as `guard.toml` keeps it in the open: of a value that a person may have chosen it holds 16
/// bits, so that one guess in 65,536 fits, whatever the value is.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Stored {
    rule: String,
    id: String,
    level: Level,
    chosen: bool,
    scope: u8,
    message: bool,
    key: Option<String>,
    path: Option<Bytes>,
    commit: Option<String>,
    blob: Option<String>,
    /// Where the bytes start and end; lines and columns of both.
    place: [usize; 6],
    mask: String,
    related: Vec<(usize, usize, String)>,
    notes: Vec<String>,
    author: Option<String>,
    date: Option<String>,
}

/// Bytes as text, where they are.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Bytes {
    /// They are UTF-8.
    Text(String),
    /// They are not.
    Base64 {
        /// In base64.
        base64: String,
    },
}

impl From<&BString> for Bytes {
    fn from(bytes: &BString) -> Self {
        match std::str::from_utf8(bytes) {
            Ok(text) => Bytes::Text(text.to_owned()),
            Err(_) => Bytes::Base64 {
                base64: data_encoding::BASE64.encode(bytes),
            },
        }
    }
}

impl Bytes {
    /// Returns the bytes, or `None` where they are not base64.
    pub fn read(&self) -> Option<BString> {
        match self {
            Bytes::Text(text) => Some(text.as_str().into()),
            Bytes::Base64 { base64 } => {
                let bytes = data_encoding::BASE64.decode(base64.as_bytes()).ok()?;
                Some(bytes.into())
            }
        }
    }
}

const SCOPES: [Scope; 4] = [
    Scope::Unmarked,
    Scope::Production,
    Scope::Development,
    Scope::Test,
];

impl From<&Finding> for Stored {
    fn from(finding: &Finding) -> Self {
        let provenance = &finding.provenance;
        let scope = SCOPES.iter().position(|scope| *scope == finding.scope);
        Stored {
            rule: finding.rule_id.clone(),
            id: finding.fingerprint.to_string(),
            level: finding.level,
            chosen: finding.chosen,
            scope: scope.and_then(|at| u8::try_from(at).ok()).unwrap_or(0),
            message: provenance.origin == Origin::Message,
            key: finding.key.clone(),
            path: provenance.path.as_ref().map(Bytes::from),
            commit: provenance.commit_id.map(|id| id.to_string()),
            blob: provenance.blob_id.map(|id| id.to_string()),
            place: [
                finding.span.start,
                finding.span.end,
                finding.start.line,
                finding.start.column,
                finding.end.line,
                finding.end.column,
            ],
            mask: finding.mask.clone(),
            related: finding
                .related
                .iter()
                .map(|(place, title)| (place.line, place.column, title.clone()))
                .collect(),
            notes: finding.notes.clone(),
            author: finding.trace.author.clone(),
            date: finding.trace.date.clone(),
        }
    }
}

impl Stored {
    /// Returns the finding, without its frame, or `None` where it is not one of these rules or not sound.
    pub fn read(self, rules: &Rules) -> Option<Finding> {
        let index = rules.find(&self.rule)?;
        let rule = rules.get(index);
        let [from, to, line, column, end_line, end_column] = self.place;
        let id = |hex: &Option<String>| match hex {
            Some(hex) => ObjectId::from_hex(hex.as_bytes()).map(Some),
            None => Some(None),
        };
        let path = match &self.path {
            Some(path) => Some(path.read()?),
            None => None,
        };
        Some(Finding {
            rule: index,
            rule_id: self.rule,
            title: rule.title.clone(),
            kind: rule.kind,
            severity: rule.severity,
            level: self.level,
            chosen: self.chosen,
            place_rule: rule.place,
            scope: *SCOPES.get(usize::from(self.scope))?,
            key: self.key,
            fixable: false,
            provenance: Provenance {
                path,
                commit_id: id(&self.commit)?,
                blob_id: id(&self.blob)?,
                origin: if self.message {
                    Origin::Message
                } else {
                    Origin::File
                },
            },
            span: (from <= to).then(|| Span::new(from, to))?,
            start: Position { line, column },
            end: Position {
                line: end_line,
                column: end_column,
            },
            mask: self.mask,
            frame: Frame::default(),
            related: self
                .related
                .into_iter()
                .map(|(line, column, title)| (Position { line, column }, title))
                .collect(),
            notes: self.notes,
            fingerprint: Fingerprint::from_hex(&self.id)?,
            line_hash: None,
            trace: Trace {
                author: self.author,
                date: self.date,
                ..Trace::default()
            },
            digest: None,
        })
    }
}
