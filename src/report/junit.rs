//! The JUnit format: one suite a file, one failed case a finding; a clean run is one case that passes, for there are
//! readers that refuse an empty report.

use std::collections::BTreeMap;
use std::io::{self, Write};

use super::told::{Told, path, told};
use super::{Page, Report};
use crate::finding::printable;

/// Writes the suites.
pub(super) fn write(report: &Report, page: &Page<'_>, out: &mut dyn Write) -> io::Result<()> {
    let mut files: BTreeMap<String, Vec<Told<'_>>> = BTreeMap::new();
    for told in told(report, page.rules) {
        let file = path(told.finding).unwrap_or_else(|| "commit message".to_owned());
        files.entry(file).or_default().push(told);
    }
    let failures = report.blocking() + report.warnings() + report.loosened.len();
    let errors = report.coverage.unread.len();
    let passes = usize::from(failures + errors == 0);
    writeln!(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>")?;
    writeln!(
        out,
        "<testsuites name=\"guard\" tests=\"{}\" failures=\"{failures}\" errors=\"{errors}\">",
        failures + errors + passes
    )?;
    for (file, told) in &files {
        suite(file, (told.len(), told.len(), 0), out)?;
        for told in told {
            failure(file, told, out)?;
        }
        writeln!(out, "  </testsuite>")?;
    }
    if !report.loosened.is_empty() {
        let count = report.loosened.len();
        suite("guard.toml", (count, count, 0), out)?;
        for what in &report.loosened {
            case("guard.toml", "guard.loosened", out)?;
            let message = format!("allowed by this pull request: {what}");
            writeln!(
                out,
                "<failure message=\"{}\"/></testcase>",
                escaped(&message)
            )?;
        }
        writeln!(out, "  </testsuite>")?;
    }
    if errors > 0 {
        suite("not read", (errors, 0, errors), out)?;
        for unread in &report.coverage.unread {
            case(&printable(&unread.path), "guard.read", out)?;
            writeln!(
                out,
                "<error message=\"{}\"/></testcase>",
                escaped(&unread.message)
            )?;
        }
        writeln!(out, "  </testsuite>")?;
    }
    if passes > 0 {
        suite("guard", (1, 0, 0), out)?;
        case("guard", "guard.clean", out)?;
        writeln!(out, "</testcase>\n  </testsuite>")?;
    }
    writeln!(out, "</testsuites>")
}

fn suite(
    name: &str,
    (tests, failures, errors): (usize, usize, usize),
    out: &mut dyn Write,
) -> io::Result<()> {
    writeln!(
        out,
        "  <testsuite name=\"{}\" tests=\"{tests}\" failures=\"{failures}\" errors=\"{errors}\">",
        escaped(name)
    )
}

fn case(class: &str, name: &str, out: &mut dyn Write) -> io::Result<()> {
    write!(
        out,
        "    <testcase classname=\"{}\" name=\"{}\">",
        escaped(class),
        escaped(name)
    )
}

fn failure(file: &str, told: &Told<'_>, out: &mut dyn Write) -> io::Result<()> {
    let finding = told.finding;
    let (line, column) = (told.ends().0.line, told.ends().0.column);
    write!(
        out,
        "    <testcase classname=\"{}\" name=\"guard.{}\" file=\"{}\" line=\"{line}\">",
        escaped(file),
        escaped(&finding.rule_id),
        escaped(file)
    )?;
    let level = if told.blocks() { "blocks" } else { "warning" };
    writeln!(
        out,
        "<failure type=\"{level}\" message=\"{}\">line {line}, column {column}\n{}</failure></testcase>",
        escaped(&finding.title),
        escaped(&told.message())
    )
}

/// Escapes text for an attribute or an element, and drops what XML 1.0 cannot hold.
fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\n' => safe.push_str("&#10;"),
            '\t' => safe.push('\t'),
            '\0'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => {}
            other => safe.push(other),
        }
    }
    safe
}
