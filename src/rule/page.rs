//! A page shows rules as Markdown: `docs/RULES.md` and `guard explain` are made of it.

use std::fmt::Write as _;

use super::{Kind, Level, Rule, Rules, Severity};

/// Returns the page of all rules, by kind.
pub fn page(rules: &Rules) -> String {
    let mut text = String::from("# Rules\n\nMade from `patterns/` by `cargo test`; do not edit.\n");
    for (kind, heading) in [
        (Kind::Secret, "Secrets"),
        (Kind::Config, "Settings"),
        (Kind::Path, "Files that should not be committed"),
    ] {
        let of_kind: Vec<&Rule> = rules
            .indexes()
            .filter(|&index| rules.kind(index) == kind)
            .map(|index| rules.get(index))
            .collect();
        let _ = write!(text, "\n## {heading} ({})\n", of_kind.len());
        for rule in of_kind {
            let _ = write!(text, "\n{}", section(rule));
        }
    }
    text
}

/// Returns what is known of one rule.
pub fn section(rule: &Rule) -> String {
    let mut text = format!(
        "### {}\n\n{} · {} · {}",
        rule.id,
        rule.title,
        level(rule.level),
        severity(rule.severity)
    );
    if let Some(cwe) = &rule.cwe {
        let _ = write!(text, " · {cwe}");
    }
    let _ = write!(text, "\n\nWhy: {}\n\nFix: {}\n", rule.why, rule.fix);
    for reference in &rule.references {
        let _ = write!(text, "\n<{reference}>");
    }
    if !rule.references.is_empty() {
        text.push('\n');
    }
    text
}

fn level(level: Level) -> &'static str {
    match level {
        Level::Off => "off",
        Level::Warn => "warn",
        Level::Block => "block",
    }
}

fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Low => "low",
        Severity::Medium => "medium",
        Severity::High => "high",
        Severity::Critical => "critical",
    }
}
