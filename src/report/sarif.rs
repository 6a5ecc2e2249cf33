//! The SARIF format, 2.1.0, within the limits of GitHub's code scanning.
//!
//! It holds no line of a file: a snippet would hold the secret. An allowed finding is counted, not listed: code
//! scanning would open an alert for it, whatever its `suppressions` say.
//! <https://docs.github.com/code-security/code-scanning/integrating-with-code-scanning/sarif-support-for-code-scanning>

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{self, Write};

use serde_json::{Value, json};

use super::told::{Told, cut, worst_first};
use super::{Page, Report, What};
use crate::finding::{Finding, printable};
use crate::rule::{Kind, Level, Rule, Rules, Severity};

/// The most results of a run.
const RESULTS: usize = 25_000;
/// The longest description of a rule, in characters.
const DESCRIPTION: usize = 1024;

/// Writes one run.
pub(super) fn write(report: &Report, page: &Page<'_>, out: &mut dyn Write) -> io::Result<()> {
    let told = worst_first(report, page.rules);
    let mut ids: BTreeMap<&str, usize> = BTreeMap::new();
    for told in told.iter().take(RESULTS) {
        ids.insert(&told.rule.id, 0);
    }
    for (at, index) in ids.values_mut().enumerate() {
        *index = at;
    }
    let rules: Vec<Value> = ids.keys().filter_map(|id| rule(page.rules, id)).collect();
    let results: Vec<Value> = told
        .iter()
        .take(RESULTS)
        .map(|told| result(told, ids[told.rule.id.as_str()]))
        .collect();
    let mut notifications: Vec<Value> = report
        .coverage
        .unread
        .iter()
        .map(|unread| {
            let text = format!("{}: {}", printable(&unread.path), unread.message);
            json!({"level": "error", "message": {"text": text}})
        })
        .collect();
    if let Some(more) = told.len().checked_sub(RESULTS).filter(|&more| more > 0) {
        let text = format!("{more} more findings are not in this file");
        notifications.push(json!({"level": "warning", "message": {"text": text}}));
    }
    for what in &report.loosened {
        let text = format!("allowed by this pull request: {what}");
        notifications.push(json!({"level": "warning", "message": {"text": text}}));
    }
    let category = match report.what {
        What::History | What::Selection => "guard/history/",
        _ => "guard/",
    };
    let log = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": "guard",
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": rules,
            }},
            "automationDetails": {"id": category},
            "columnKind": "unicodeCodePoints",
            "invocations": [{
                "executionSuccessful": !report.has_errors(),
                "toolExecutionNotifications": notifications,
            }],
            "results": results,
            "properties": {"allowed": report.allowed()},
        }],
    });
    serde_json::to_writer_pretty(&mut *out, &log)?;
    out.write_all(b"\n")
}

fn rule(rules: &Rules, id: &str) -> Option<Value> {
    let index = rules.find(id)?;
    let Rule {
        title,
        why,
        fix,
        references,
        cwe,
        kind,
        severity,
        ..
    } = rules.get(index);
    let (why, fix) = (why.trim_end(), fix.trim_end());
    let kind = match kind {
        Kind::Secret => "secret",
        Kind::Config => "configuration",
        Kind::Path => "file",
    };
    let mut tags = vec!["security", kind];
    let cwe = cwe
        .as_deref()
        .map(|cwe| format!("external/cwe/{}", cwe.to_ascii_lowercase()));
    tags.extend(cwe.as_deref());
    let links = references
        .iter()
        .fold(String::new(), |text, link| text + "\n\n<" + link + ">");
    let mut record = json!({
        "id": id,
        "name": cut(title, 255),
        "shortDescription": {"text": cut(title, DESCRIPTION)},
        "fullDescription": {"text": cut(why, DESCRIPTION)},
        "help": {
            "text": format!("{why}\n\n{fix}"),
            "markdown": format!("{why}\n\n```\n{}\n```{links}", fix.replace("```", "'''")),
        },
        "defaultConfiguration": {"level": level(rules.level(index) == Level::Block)},
        "properties": {
            "tags": tags,
            "precision": "high",
            // GitHub's bands: critical above 9, high from 7, medium from 4.
            "security-severity": match severity {
                Severity::Critical => "9.5",
                Severity::High => "8.0",
                Severity::Medium => "5.5",
                Severity::Low => "2.0",
            },
        },
    });
    if let Some(link) = references.first() {
        record["helpUri"] = json!(link);
    }
    Some(record)
}

fn level(blocks: bool) -> &'static str {
    if blocks { "error" } else { "warning" }
}

fn result(told: &Told<'_>, index: usize) -> Value {
    let finding = told.finding;
    let mut prints = json!({"guardFingerprint/v1": finding.fingerprint.to_string()});
    // The hash is of the file at the commit that the report is for.
    if let Some(hash) = finding
        .line_hash
        .as_ref()
        .filter(|_| finding.trace.in_head != Some(false))
    {
        prints["primaryLocationLineHash"] = json!(hash);
    }
    json!({
        "ruleId": finding.rule_id,
        "ruleIndex": index,
        "level": level(told.blocks()),
        "message": {"text": told.message()},
        "locations": [{"physicalLocation": {
            "artifactLocation": {"uri": uri(finding)},
            "region": region(told),
        }}],
        "partialFingerprints": prints,
        "properties": {"commit": finding.provenance.commit_id.map(|id| id.to_string())},
    })
}

fn region(told: &Told<'_>) -> Value {
    let (start, end) = told.ends();
    json!({
        "startLine": start.line,
        "startColumn": start.column,
        "endLine": end.line,
        "endColumn": end.column,
    })
}

/// Returns the path as a relative reference, byte for byte. A message has no file: it gets the name under which git
/// writes one.
fn uri(finding: &Finding) -> String {
    let path = finding.full_path();
    let path = path.as_ref().map_or(&b"COMMIT_EDITMSG"[..], |path| path);
    let mut uri = String::with_capacity(path.len());
    for &byte in path {
        // RFC 3986: unreserved characters, and what divides a path.
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            uri.push(char::from(byte));
        } else {
            let _ = write!(uri, "%{byte:02X}");
        }
    }
    uri
}
