//! What a run ends with: the report on standard output, and a note of the findings for `guard allow`.

use std::env;
use std::fmt::Write as _;
use std::io::{BufWriter, ErrorKind, Write as _};

use anyhow::Context as _;
use serde::{Deserialize, Serialize};

use super::setup::Place;
use super::{Exit, Format, Global};
use crate::report::{self, Color, Detail, Look, Report};
use crate::rule::Rules;

/// A finding of the last run, as `guard allow` needs it: no byte of a secret.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Remembered {
    /// The fingerprint.
    pub(super) id: String,
    /// The rule.
    pub(super) rule: String,
    /// The path.
    pub(super) path: Option<String>,
}

/// Writes the report, remembers its findings, and returns how the run ends.
pub(super) fn finish(
    global: &Global,
    place: Option<&Place>,
    report: &Report,
    rules: &Rules,
) -> anyhow::Result<Exit> {
    if let Some(place) = place {
        remember(place, report)?;
    }
    if global.quiet < 2 {
        let mut out = BufWriter::new(anstream::stdout().lock());
        let written = report
            .write(format(global), look(global), rules, &mut out)
            .and_then(|()| out.flush());
        match written {
            // Who stopped reading has seen enough; the exit code still tells.
            Err(error) if error.kind() == ErrorKind::BrokenPipe => {}
            written => written.context("writing the report")?,
        }
    }
    Ok(Exit::of(report, global.exit_zero))
}

fn format(global: &Global) -> report::Format {
    match global.format {
        Format::Text => report::Format::Text,
        Format::Concise => report::Format::Concise,
        Format::Json => report::Format::Json,
    }
}

/// Returns how text looks on this terminal. Colour is always written: the stream takes it out where it does not
/// belong.
pub(super) fn look(global: &Global) -> Look {
    let detail = match (global.quiet, global.verbose) {
        (0, 0) => Detail::Usual,
        (0, _) => Detail::Verbose,
        _ => Detail::Quiet,
    };
    Look {
        color: Color::Ansi,
        unicode: !global.ascii && is_utf8_locale(),
        detail,
    }
}

fn is_utf8_locale() -> bool {
    let set = ["LC_ALL", "LC_CTYPE", "LANG"]
        .into_iter()
        .find_map(|name| env::var(name).ok().filter(|v| !v.is_empty()));
    match set {
        Some(locale) => {
            let locale = locale.to_ascii_lowercase();
            locale.contains("utf-8") || locale.contains("utf8")
        }
        // A hook run by a graphical client has no locale; such clients show UTF-8.
        None => true,
    }
}

/// Notes the findings under `.git/guard/last`, one JSON object a line.
fn remember(place: &Place, report: &Report) -> anyhow::Result<()> {
    if report.judged.is_empty() {
        return Ok(());
    }
    let mut text = String::new();
    for judged in &report.judged {
        let finding = &judged.finding;
        let row = Remembered {
            id: finding.fingerprint.to_string(),
            rule: finding.rule_id.clone(),
            path: finding
                .provenance
                .path
                .as_ref()
                .and_then(|path| String::from_utf8(path.to_vec()).ok()),
        };
        let _ = writeln!(text, "{}", serde_json::to_string(&row)?);
    }
    let folder = place.memory();
    let written = fs_err::create_dir_all(&folder)
        .and_then(|()| write_atomically(&folder.join("last"), text.as_bytes()));
    // A repository that cannot be written to is scanned all the same; `guard allow` then takes the whole id.
    let _ = written;
    Ok(())
}

/// Writes a file so that a reader sees the old or the new content, never a part.
pub(super) fn write_atomically(path: &std::path::Path, content: &[u8]) -> std::io::Result<()> {
    let folder = path.parent().unwrap_or(std::path::Path::new("."));
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(content)?;
    if let Ok(metadata) = path.metadata() {
        file.as_file().set_permissions(metadata.permissions())?;
    }
    file.persist(path)?;
    Ok(())
}
