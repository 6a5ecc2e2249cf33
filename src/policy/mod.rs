//! Policy says what a finding does to a commit: it blocks, it warns, or it is allowed and by whom.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

mod allow;
mod change;
mod config;
pub mod inline;
mod others;
pub mod place;
mod skip;

use std::borrow::Cow;

use jiff::ToSpan as _;
use jiff::civil::Date;

pub use allow::{Allow, date};
pub use change::{loosened, strictest};
pub use config::{AllowEntry, Config, ConfigError, nearest, size};
use inline::Comment;
use place::Place;
pub use skip::Skip;

use crate::detect::Scope;
use crate::finding::Finding;
use crate::rule::{Kind, Level, PlaceRule, Rules};

/// What holds for a run: allowances, and what was asked for.
#[derive(Debug, Clone)]
pub struct Policy {
    /// The allowances of `guard.toml`.
    pub allow: Vec<Allow>,
    /// The day on which allowances are judged.
    pub today: Date,
    /// Whether settings are told that are no fault where they stand.
    pub all_rules: AllRules,
    /// Paths that are not scanned.
    pub skip: Skip,
    /// The largest blob that is scanned, in bytes, if a person set one.
    pub largest: Option<u64>,
    /// Whether archives are looked into as folders.
    pub archives: bool,
}

/// Whether settings are told that are no fault where they stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum AllRules {
    /// They are not.
    #[default]
    Usual,
    /// They are warnings.
    Everywhere,
}

/// What was learnt of a finding from outside its own bytes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Facts {
    /// What the comments beside it say.
    pub comment: Option<Comment>,
    /// The commit it is compared with holds the same value already.
    pub held_before: bool,
    /// The sibling settings file that overrides the value for production.
    pub overridden_by: Option<String>,
    /// How the change that brings it in would accept it, where a change may not accept its own findings.
    pub proposed: Option<String>,
}

/// What a finding does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It stops the commit.
    Block,
    /// It is said.
    Warn,
    /// It is accepted.
    Allowed(Allowance),
}

/// Who accepted a finding, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Allowance {
    /// An entry of `guard.toml`, by its place in [`Policy::allow`].
    Config {
        /// Which entry.
        entry: usize,
        /// Why.
        reason: String,
        /// The last day on which it holds.
        until: Option<Date>,
    },
    /// A `guard:allow` comment.
    Inline {
        /// Why.
        reason: String,
    },
    /// A linter's comment, for a setting.
    Linter {
        /// The words of the comment.
        words: Cow<'static, str>,
    },
}

/// A finding with its verdict.
#[derive(Debug, Clone)]
pub struct Judged {
    /// The finding.
    pub finding: Finding,
    /// What it does.
    pub verdict: Verdict,
    /// What a person should know of how it was judged: "allowance lapsed on 2026-03-01".
    pub remarks: Vec<String>,
}

impl Policy {
    /// Returns what the finding does, or `None` where it is no fault: a setting for development in a file for
    /// development.
    pub fn judge(&self, finding: Finding, facts: &Facts) -> Option<Judged> {
        let mut remarks = Vec::new();
        let level = self.level(&finding, facts, &mut remarks)?;
        let verdict = self.allowed(&finding, facts, &mut remarks).map_or_else(
            || {
                if level == Level::Block {
                    Verdict::Block
                } else {
                    Verdict::Warn
                }
            },
            Verdict::Allowed,
        );
        Some(Judged {
            finding,
            verdict,
            remarks,
        })
    }

    /// Returns the level that the place and the facts leave.
    fn level(&self, finding: &Finding, facts: &Facts, remarks: &mut Vec<String>) -> Option<Level> {
        let place = finding
            .provenance
            .path
            .as_ref()
            .map_or(Place::Unmarked, |path| place::of(path.as_ref()));
        let mut level = finding.level;
        match finding.kind {
            Kind::Secret => level = secret_level(level, finding.chosen, place),
            Kind::Path if is_for_reading(place) => level = level.min(Level::Warn),
            Kind::Config if !is_fault(finding, place) => match self.all_rules {
                AllRules::Usual => return None,
                AllRules::Everywhere => level = Level::Warn,
            },
            _ => {}
        }
        if let Some(sibling) = &facts.overridden_by {
            level = level.min(Level::Warn);
            remarks.push(format!("overridden in {sibling}"));
        }
        if facts.held_before {
            level = level.min(Level::Warn);
            remarks.push("the commit before holds the same value: see `guard history`".to_owned());
        }
        if let Some(how) = &facts.proposed {
            remarks.push(format!(
                "this change would accept it itself ({how}): a maintainer agrees by `guard ci --accept-head-config`"
            ));
        }
        if let Some(Comment::OtherSecret(words)) = facts.comment
            && finding.kind == Kind::Secret
        {
            level = level.min(Level::Warn);
            remarks.push(format!(
                "`{words}` is another tool's comment: write `guard:allow {} -- reason`",
                finding.rule_id
            ));
        }
        Some(level)
    }

    /// Returns the allowance that accepts the finding.
    fn allowed(
        &self,
        finding: &Finding,
        facts: &Facts,
        remarks: &mut Vec<String>,
    ) -> Option<Allowance> {
        for (entry, allow) in self
            .allow
            .iter()
            .enumerate()
            .filter(|(_, allow)| allow.is_about(finding))
        {
            let until = allow.until;
            if let Some(until) = until.filter(|_| allow.has_lapsed(self.today)) {
                remarks.push(format!("the allowance for it lapsed on {until}"));
                continue;
            }
            if let Some(until) = until.filter(|&until| until < self.today.saturating_add(14.days()))
            {
                remarks.push(format!("the allowance for it lapses on {until}"));
            }
            return Some(Allowance::Config {
                entry,
                reason: allow.reason.clone(),
                until,
            });
        }
        match &facts.comment {
            Some(Comment::Allow { reason }) if reason.is_empty() => {
                remarks.push(format!(
                    "`guard:allow` needs a reason: `guard:allow {} -- reason`",
                    finding.rule_id
                ));
                None
            }
            Some(Comment::Allow { reason }) => Some(Allowance::Inline {
                reason: reason.clone(),
            }),
            Some(Comment::OtherSetting(words)) if finding.kind == Kind::Config => {
                Some(Allowance::Linter {
                    words: Cow::Borrowed(words),
                })
            }
            _ => None,
        }
    }
}

/// Returns the level of a secret at a place: in tests, documents and samples a value that a person may have chosen
/// never blocks, since passwords of words are put there to be read. What a program made is a token wherever it stands.
pub fn secret_level(level: Level, chosen: bool, place: Place) -> Level {
    if chosen && is_for_reading(place) {
        level.min(Level::Warn)
    } else {
        level
    }
}

fn is_for_reading(place: Place) -> bool {
    matches!(place, Place::Test | Place::Docs | Place::Sample)
}

/// Tells whether a setting is a fault in a file of that place, by the scope it stands in and what its rule says.
fn is_fault(finding: &Finding, place: Place) -> bool {
    match finding.place_rule {
        PlaceRule::Any => true,
        PlaceRule::Code => !is_for_reading(place) && finding.scope != Scope::Test,
        PlaceRule::Production => {
            place.is_live() && matches!(finding.scope, Scope::Unmarked | Scope::Production)
        }
    }
}

/// Sets the levels that a configuration asks for; `file` is what errors call it.
pub fn set_levels(rules: &mut Rules, config: &Config, file: &str) -> Result<(), ConfigError> {
    let tables = [
        ("rules.off", &config.rules.off, Level::Off),
        ("rules.warn", &config.rules.warn, Level::Warn),
        ("rules.block", &config.rules.block, Level::Block),
    ];
    for (key, ids, level) in tables {
        for id in ids {
            let index = rules.find(id).ok_or_else(|| ConfigError::Value {
                file: file.to_owned(),
                key: key.to_owned(),
                message: match nearest(id, rules.ids()) {
                    Some(name) => format!("there is no rule `{id}`: did you mean `{name}`?"),
                    None => format!("there is no rule `{id}`: `guard rules` lists them"),
                },
            })?;
            rules.set_level(index, level);
        }
    }
    Ok(())
}
