//! The list of rules for programs, version 1 like the JSON report: docs/JSON.md describes it.

use std::io::{self, Write};

use serde::Serialize;

use super::json::VERSION;
use crate::rule::{Kind, Level, Rule, Severity};

#[derive(Serialize)]
struct Root<'r> {
    version: u32,
    rules: Vec<Row<'r>>,
}

/// A rule as it is written.
#[derive(Serialize)]
struct Row<'r> {
    rule: &'r str,
    title: &'r str,
    kind: Kind,
    level: Level,
    severity: Severity,
    provider: Option<&'r str>,
    cwe: Option<&'r str>,
    practice: Option<u8>,
    fixable: bool,
    why: &'r str,
    fix: &'r str,
    files: &'r [String],
    references: &'r [String],
}

/// A line of JSON lines.
#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Line<'r> {
    Rule(Row<'r>),
}

impl<'r> Row<'r> {
    fn of(&(rule, level): &(&'r Rule, Level)) -> Self {
        Row {
            rule: &rule.id,
            title: &rule.title,
            kind: rule.kind,
            level,
            severity: rule.severity,
            provider: rule.provider.as_deref(),
            cwe: rule.cwe.as_deref(),
            practice: rule.practice,
            fixable: rule.mend.is_some(),
            why: rule.why.trim(),
            fix: rule.fix.trim(),
            files: &rule.files,
            references: &rule.references,
        }
    }
}

/// Writes rules, each with the level that holds, as one JSON object and a line feed.
///
/// # Errors
/// Returns what `out` refuses.
pub fn write_rules(rules: &[(&Rule, Level)], out: &mut dyn Write) -> io::Result<()> {
    let root = Root {
        version: VERSION,
        rules: rules.iter().map(Row::of).collect(),
    };
    serde_json::to_writer(&mut *out, &root)?;
    out.write_all(b"\n")
}

/// Writes the same one rule a line, each with its `type`.
///
/// # Errors
/// Returns what `out` refuses.
pub fn write_rule_lines(rules: &[(&Rule, Level)], out: &mut dyn Write) -> io::Result<()> {
    for rule in rules {
        serde_json::to_writer(&mut *out, &Line::Rule(Row::of(rule)))?;
        out.write_all(b"\n")?;
    }
    Ok(())
}
