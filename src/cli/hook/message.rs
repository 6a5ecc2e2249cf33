//! commit-msg: what a person wrote about the commit.

use std::env;
use std::ffi::OsString;
use std::io::Write as _;
use std::path::Path;

use anyhow::Context as _;
use bstr::ByteSlice as _;

use crate::blob::Origin;
use crate::cli::setup::{Place, Setup};
use crate::cli::{Exit, Global, output, screen};
use crate::hook::{CommentMark, Drops, own_words};
use crate::report::{Report, What};
use crate::scan;
use crate::source::SourceError;
use crate::source::files::Bytes;
use crate::source::git::Git;

/// Looks at the message in the file that git names.
pub(super) fn run(global: &Global, place: &Place, file: Option<&OsString>) -> anyhow::Result<Exit> {
    let file =
        Path::new(file.context("git names the file of the message: `guard hook commit-msg FILE`")?);
    let text = fs_err::read(file)?;
    let setup = Setup::new(global, Some(&place.root))?;
    // What of the file is a comment asks git, and most messages hold nothing to ask it about.
    let mut report = look(&setup, text.clone())?;
    if !report.judged.is_empty() {
        report = look(&setup, own_words(&text, &mark()))?;
    }
    let exit = output::finish(global, Some(place), report, setup.engine.rules())?;
    if exit == Exit::Blocked {
        writeln!(
            screen::stderr(),
            "       your words are kept: git commit -e -F {}",
            file.display()
        )?;
    }
    Ok(exit)
}

fn look(setup: &Setup, bytes: Vec<u8>) -> Result<Report, SourceError> {
    let source = Bytes {
        bytes: bytes.into(),
        path: None,
        origin: Origin::Message,
    };
    scan::run(
        &source,
        &setup.engine,
        &setup.policy,
        &scan::before::Nothing,
        What::Message,
    )
}

/// Asks git which lines of the file are its own.
fn mark() -> CommentMark {
    let settings = Git::new(".").output(
        "reading the settings of messages",
        [
            "config",
            "-z",
            "--get-regexp",
            r"^(core\.comment(char|string)|commit\.cleanup)$",
        ],
    );
    // git fails where none of them is set.
    let settings = settings.unwrap_or_default();
    let mut text = Some(b"#".to_vec());
    let mut cleanup = Vec::new();
    for setting in settings.split(|&byte| byte == 0) {
        let Some((name, value)) = setting.split_once_str("\n") else {
            continue;
        };
        match name {
            b"commit.cleanup" => cleanup = value.to_vec(),
            _ if value == b"auto" => text = None,
            _ => text = Some(value.to_vec()),
        }
    }
    // git sets the editor to `:` for its hooks when none is opened; then lines that look like comments stay.
    let no_editor = env::var_os("GIT_EDITOR").is_some_and(|editor| editor == ":");
    let drops = match cleanup.as_slice() {
        b"strip" => Drops::Comments,
        b"scissors" => Drops::BehindScissors,
        _ if no_editor => Drops::Nothing,
        b"whitespace" | b"verbatim" => Drops::BehindScissors,
        _ => Drops::Comments,
    };
    CommentMark { text, drops }
}
