//! What a run ends with: the report on standard output, and a note of the findings for `guard allow`.

use std::env;
use std::fmt::Write as _;
use std::io::{ErrorKind, Write as _};
use std::path::PathBuf;

use anyhow::Context as _;
use clap::ValueEnum as _;
use serde::{Deserialize, Serialize};

use super::setup::Place;
use super::{Exit, Format, Global, last, screen};
use crate::policy::Verdict;
use crate::report::{Color, Detail, Look, Page, Report, Stamp, What};
use crate::rule::Rules;
use crate::source::git::Git;

/// A finding of the last run, as `guard allow` needs it: no byte of a secret.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Remembered {
    /// The fingerprint.
    pub(super) id: String,
    /// The rule.
    pub(super) rule: String,
    /// The path.
    pub(super) path: Option<String>,
    /// The file on disk, where the path is not told from the top of the repository.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) file: Option<PathBuf>,
    /// It is accepted already.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) allowed: bool,
}

/// Writes the report, remembers its findings, and returns how the run ends.
pub(super) fn finish(
    global: &Global,
    place: Option<&Place>,
    mut report: Report,
    rules: &Rules,
) -> anyhow::Result<Exit> {
    if let Some(place) = place {
        remember(place, &report)?;
        last::note(global, place, &report);
    }
    report.redact(&screen::redacted);
    let report = &report;
    let stamp = stamp(global);
    let page = Page {
        look: look(global),
        rules,
        stamp: &stamp,
    };
    for target in &global.output {
        target.write(page.look, |format, look, out| {
            report.write(format, &Page { look, ..page }, out)
        })?;
    }
    let format = format(global, report.what);
    if global.quiet < 2 && !global.output.iter().any(Target::is_screen) {
        print(|out| report.write(format, &page, out))?;
    }
    if format == Format::Github {
        summarize(report, &page);
    }
    Ok(Exit::of(report, global.exit_zero))
}

/// A format and the file that it is written to.
#[derive(Debug, Clone)]
pub(super) struct Target {
    format: Format,
    path: PathBuf,
}

/// Reads `FORMAT:PATH`.
pub(super) fn target(text: &str) -> Result<Target, String> {
    let (format, path) = text
        .split_once(':')
        .filter(|(_, path)| !path.is_empty())
        .ok_or("write FORMAT:PATH, as sarif:guard.sarif")?;
    Ok(Target {
        format: Format::from_str(format, false)?,
        path: path.into(),
    })
}

impl Target {
    /// Returns the format.
    pub(super) fn format(&self) -> Format {
        self.format
    }

    fn is_screen(&self) -> bool {
        self.path.as_os_str() == "-"
    }

    fn write(
        &self,
        look: Look,
        write: impl Fn(Format, Look, &mut dyn std::io::Write) -> std::io::Result<()>,
    ) -> anyhow::Result<()> {
        if self.is_screen() {
            return print(|out| write(self.format, look, out));
        }
        let look = Look {
            color: Color::Plain,
            ..look
        };
        let mut content = Vec::new();
        write(self.format, look, &mut content)?;
        write_atomically(&self.path, &screen::redacted(&content))
            .with_context(|| format!("writing {}", self.path.display()))
    }
}

/// Writes something to the files that were asked for and, where none of them is it, to the screen: as JSON if that was
/// asked for, else as text.
pub(super) fn deliver(
    global: &Global,
    look: Look,
    write: impl Fn(Format, Look, &mut dyn std::io::Write) -> std::io::Result<()>,
) -> anyhow::Result<()> {
    for target in &global.output {
        target.write(look, &write)?;
    }
    if global.quiet < 2 && !global.output.iter().any(Target::is_screen) {
        let format = global.format.unwrap_or(Format::Text);
        print(|out| write(format, look, out))?;
    }
    Ok(())
}

fn print(write: impl FnOnce(&mut dyn std::io::Write) -> std::io::Result<()>) -> anyhow::Result<()> {
    let mut out = screen::stdout();
    let written = write(&mut out).and_then(|()| out.flush());
    match written {
        // Who stopped reading has seen enough; the exit code still tells.
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        written => written.context("writing the report"),
    }
}

/// Adds a table to the summary of a GitHub job. One that cannot be written is no reason to fail: the log has it all.
fn summarize(report: &Report, page: &Page<'_>) {
    let Some(path) = env::var_os("GITHUB_STEP_SUMMARY").filter(|path| !path.is_empty()) else {
        return;
    };
    let mut content = Vec::new();
    let written = report.write(Format::Markdown, page, &mut content);
    let _ = written
        .and_then(|()| {
            fs_err::OpenOptions::new()
                .append(true)
                .create(true)
                .open(path)
        })
        .and_then(|mut file| file.write_all(&content));
}

/// Returns when the run began and ends, and on which commit it stands.
fn stamp(global: &Global) -> Stamp {
    let time = |time: jiff::Timestamp| time.strftime("%Y-%m-%dT%H:%M:%S").to_string();
    let wants_commit = Some(Format::Gitlab);
    let mut formats = global.output.iter().map(|target| Some(target.format));
    let commit = (global.format == wants_commit || formats.any(|format| format == wants_commit))
        .then(|| Git::new(".").commit("HEAD"))
        .flatten();
    Stamp {
        start: time(global.began),
        end: time(jiff::Timestamp::now()),
        commit: commit.map(|id| id.to_string()),
    }
}

/// Tells whether the lines of findings are shown: on the screen, or in a file that is like one.
pub(super) fn shows_lines(global: &Global, what: What) -> bool {
    let is_text = |format| matches!(format, Format::Text | Format::Github);
    let mut files = global.output.iter().map(|target| target.format);
    files.any(is_text) || (global.quiet == 0 && is_text(format(global, what)))
}

/// Returns the format that was asked for, or the one of the CI system around. A hook always speaks to a person.
pub(super) fn format(global: &Global, what: What) -> Format {
    if let Some(format) = global.format {
        return format;
    }
    let is_job = matches!(
        what,
        What::Range | What::Files | What::History | What::Selection
    );
    let is_set = |name: &str| env::var_os(name).is_some_and(|value| !value.is_empty());
    match () {
        () if is_job && is_set("GITHUB_ACTIONS") => Format::Github,
        () if is_job && is_set("TF_BUILD") => Format::Azure,
        () => Format::Text,
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
pub(super) fn remember(place: &Place, report: &Report) -> anyhow::Result<()> {
    if report.judged.is_empty() {
        return Ok(());
    }
    let mut text = String::new();
    for judged in &report.judged {
        let finding = &judged.finding;
        let path = finding.provenance.path.as_ref();
        let path = path.and_then(|path| String::from_utf8(path.to_vec()).ok());
        // A name that is a token is not kept: the id is enough to allow the finding by.
        let path = path.filter(|path| *screen::redacted(path.as_bytes()) == *path.as_bytes());
        let row = Remembered {
            id: finding.fingerprint.to_string(),
            rule: finding.rule_id.clone(),
            file: path.as_deref().and_then(|path| on_disk(place, path)),
            path,
            allowed: matches!(judged.verdict, Verdict::Allowed(_)),
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

/// Returns where a path that is told from what was scanned lies.
fn on_disk(place: &Place, path: &str) -> Option<PathBuf> {
    let files = place.scanned.iter().map(|root| {
        if root.is_dir() {
            root.join(path)
        } else {
            root.clone()
        }
    });
    files
        .filter(|file| file.symlink_metadata().is_ok())
        .find_map(|file| std::path::absolute(file).ok())
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
