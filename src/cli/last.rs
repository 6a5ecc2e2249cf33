//! What the last check of a commit, a message or a push came to, for `guard status`.

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::Global;
use super::setup::Place;
use crate::report::{Report, What};

/// A run, without anything of what it found but how many.
#[derive(Debug, Serialize, Deserialize)]
struct Run {
    time: String,
    what: String,
    blocking: usize,
    warnings: usize,
    unread: usize,
    files: u64,
    ms: i64,
}

const FILE: &str = "run";

/// Notes a check; what is not about a commit, a message or a push is no check.
pub(super) fn note(global: &Global, place: &Place, report: &Report) {
    let what = match report.what {
        What::Commit => "commit",
        What::Message => "message",
        What::Push => "push",
        What::Files | What::History | What::Selection | What::Range => return,
    };
    let run = Run {
        time: global.began.strftime("%Y-%m-%d %H:%M UTC").to_string(),
        what: what.to_owned(),
        blocking: report.blocking(),
        warnings: report.warnings(),
        unread: report.coverage.unread.len(),
        files: match report.what {
            What::Push => report.coverage.blobs,
            _ => report.coverage.files,
        },
        ms: jiff::Timestamp::now()
            .duration_since(global.began)
            .as_millis()
            .try_into()
            .unwrap_or(i64::MAX),
    };
    let Ok(text) = serde_json::to_vec(&run) else {
        return;
    };
    let folder = place.memory();
    // A hook has no time to spare: the folder is there after the first run. What is not noted is not missed.
    let _ = std::fs::write(folder.join(FILE), &text).or_else(|_| {
        std::fs::create_dir_all(&folder)?;
        std::fs::write(folder.join(FILE), &text)
    });
}

/// Returns the last check in words, where there was one.
pub(super) fn told(git_dir: &Path) -> Option<String> {
    let text = std::fs::read(git_dir.join("guard").join(FILE)).ok()?;
    let run: Run = serde_json::from_slice(&text).ok()?;
    let mut counts = Vec::new();
    for (count, word) in [
        (run.blocking, "blocking"),
        (run.warnings, "warned of"),
        (run.unread, "not read"),
    ] {
        if count > 0 {
            counts.push(format!("{count} {word}"));
        }
    }
    if counts.is_empty() {
        counts.push("clean".to_owned());
    }
    let covered = match (run.what.as_str(), run.files) {
        ("message", _) => String::new(),
        ("push", 1) => ", 1 blob".to_owned(),
        ("push", blobs) => format!(", {blobs} blobs"),
        (_, 1) => ", 1 file".to_owned(),
        (_, files) => format!(", {files} files"),
    };
    Some(format!(
        "{}  {}: {}{covered}, {} ms",
        run.time,
        run.what,
        counts.join(", "),
        run.ms
    ))
}
