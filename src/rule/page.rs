//! A page shows rules as Markdown: `docs/RULES.md` and `guard explain` are made of it.

use std::fmt::Write as _;

use super::{Kind, Level, Rule, Rules, Severity};

/// Returns the page of all rules, by kind, then by who issues the token or whose setting it is.
pub fn page(rules: &Rules) -> String {
    let mut text = String::from(
        "# Rules\n\nMade from `patterns/`; `UPDATE=1 cargo test --test it rules` writes it anew. `guard explain <rule>` shows all of one.\n",
    );
    for (kind, heading) in [
        (Kind::Secret, "Secrets"),
        (Kind::Config, "Settings"),
        (Kind::Path, "Files that should not be committed"),
    ] {
        let mut of_kind: Vec<&Rule> = rules
            .indexes()
            .filter(|&index| rules.kind(index) == kind)
            .map(|index| rules.get(index))
            .collect();
        of_kind.sort_by_key(|rule| (provider(rule), &rule.id));
        let _ = write!(text, "\n## {heading} ({})\n", of_kind.len());
        for group in of_kind.chunk_by(|one, next| provider(one) == provider(next)) {
            let _ = write!(
                text,
                "\n### {}\n\n| rule | what | level | severity | why | fix |\n|---|---|---|---|---|---|\n",
                provider(group[0])
            );
            for rule in group {
                text.push_str(&table_row(rule));
            }
        }
    }
    text
}

fn provider(rule: &Rule) -> &str {
    rule.provider.as_deref().unwrap_or("general")
}

/// Returns the line of a rule in the table of its provider; the id leads to the page that the facts come from.
fn table_row(rule: &Rule) -> String {
    let cell = |text: &str| text.replace('|', "\\|").replace('\n', " ");
    let id = match rule.references.first() {
        Some(reference) => format!("[`{}`]({reference})", rule.id),
        None => format!("`{}`", rule.id),
    };
    format!(
        "| {id} | {} | {} | {} | {} | {} |\n",
        cell(&rule.title),
        level(rule.level),
        severity(rule.severity),
        cell(&rule.why),
        cell(&rule.fix)
    )
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
    if rule.mend.is_some() {
        text.push_str("Mend: `guard fix ID` writes it into the file.\n");
    }
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
