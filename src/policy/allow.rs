//! An allowance accepts a finding for a reason, and may lapse.

use bstr::BString;
use jiff::civil::Date;

use super::config::{AllowEntry, ConfigError};
use crate::finding::{Finding, Fingerprint};

/// An allowance of `guard.toml`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Allow {
    /// The finding it accepts.
    pub fingerprint: Fingerprint,
    /// The rule it is of.
    pub rule_id: String,
    /// The only path where it holds.
    pub path: Option<BString>,
    /// Why.
    pub reason: String,
    /// The last day on which it holds.
    pub until: Option<Date>,
}

impl Allow {
    /// Returns what an entry means; `file` is what errors call the file it stands in.
    pub fn new(entry: &AllowEntry, file: &str) -> Result<Self, ConfigError> {
        let wrong = |key: &str, message: &str| ConfigError::Value {
            file: file.to_owned(),
            key: format!("allow {}: {key}", entry.id),
            message: message.to_owned(),
        };
        let fingerprint = Fingerprint::from_hex(&entry.id)
            .ok_or_else(|| wrong("id", "an id is the 12 hex digits that `guard allow` writes"))?;
        if entry.reason.trim().is_empty() {
            return Err(wrong("reason", "a reason is required"));
        }
        let until = entry
            .until
            .map(|until| {
                date(&until.to_string()).ok_or_else(|| wrong("until", "write a date: 2027-03-01"))
            })
            .transpose()?;
        Ok(Allow {
            fingerprint,
            rule_id: entry.rule.clone(),
            path: entry.path.as_deref().map(BString::from),
            reason: entry.reason.clone(),
            until,
        })
    }

    /// Tells whether this is about the finding, lapsed or not.
    pub fn is_about(&self, finding: &Finding) -> bool {
        self.fingerprint == finding.fingerprint
            && self.rule_id == finding.rule_id
            && self
                .path
                .as_ref()
                .is_none_or(|path| finding.provenance.path.as_ref() == Some(path))
    }

    /// Tells whether it has lapsed by `today`.
    pub fn has_lapsed(&self, today: Date) -> bool {
        self.until.is_some_and(|until| until < today)
    }
}

/// Returns the date written as `2027-03-01`.
pub fn date(text: &str) -> Option<Date> {
    text.parse().ok()
}
