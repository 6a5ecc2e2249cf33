//! A place is where a repository's hooks lie: what git itself says, never a guess.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use super::{Event, HookError};

/// Where a repository's hooks lie.
#[derive(Debug, Clone)]
pub struct Place {
    /// The top of the working tree; a bare repository has none.
    pub top: Option<PathBuf>,
    /// The folder of this working tree's own state: `.git`, or `.git/worktrees/NAME`.
    pub git_dir: PathBuf,
    /// The folder git runs hooks from.
    pub hooks: PathBuf,
    /// The setting `core.hooksPath`, where there is one.
    pub setting: Option<Setting>,
}

/// The setting `core.hooksPath`.
#[derive(Debug, Clone)]
pub struct Setting {
    /// As it was written, with `~` replaced.
    pub value: PathBuf,
    /// Whether it holds for this repository alone.
    pub reach: Reach,
    /// The file it stands in, as git names it.
    pub origin: String,
}

/// How far a setting of git reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// This repository or this working tree.
    Repository,
    /// All repositories of a person or a machine.
    Everywhere,
}

impl Place {
    /// Asks git where the hooks of the repository around `folder` lie.
    pub fn find(folder: &Path) -> Result<Self, HookError> {
        let git_dir = match ask(folder, ["rev-parse", "--absolute-git-dir"]) {
            Ok(path) => PathBuf::from(path),
            Err(HookError::Git { message, .. }) if message.contains("not a git repository") => {
                return Err(HookError::NoRepository {
                    folder: folder.to_owned(),
                });
            }
            Err(error) => return Err(error),
        };
        let bare = ask(folder, ["rev-parse", "--is-bare-repository"])? == "true";
        let top = if bare {
            None
        } else {
            // Inside `.git` there is no working tree to stand in.
            ask(folder, ["rev-parse", "--show-toplevel"])
                .ok()
                .map(PathBuf::from)
        };
        // A relative core.hooksPath is relative to where hooks run: the top, or a bare repository itself.
        let stand = top.clone().unwrap_or_else(|| git_dir.clone());
        let hooks = ask(&stand, ["rev-parse", "--git-path", "hooks"])?;
        let hooks = without_dots(stand.join(hooks));
        let setting = setting(&stand)?;
        Ok(Place {
            top,
            git_dir,
            hooks,
            setting,
        })
    }

    /// Returns the events this repository sees.
    pub fn events(&self) -> &'static [Event] {
        if self.top.is_some() {
            &Event::CLIENT
        } else {
            &Event::SERVER
        }
    }

    /// Returns the file of that event's hook.
    pub fn file(&self, event: Event) -> PathBuf {
        self.hooks.join(event.name())
    }

    /// Returns the path as a person standing at the top of the repository would write it.
    pub fn short<'p>(&self, path: &'p Path) -> &'p Path {
        self.top
            .as_deref()
            .and_then(|top| path.strip_prefix(top).ok())
            .unwrap_or(path)
    }
}

/// Returns the path without `..`, as in a submodule, whose hooks lie in the repository around it.
fn without_dots(path: PathBuf) -> PathBuf {
    let goes_up = |part| part == std::path::Component::ParentDir;
    if !path.components().any(goes_up) {
        return path;
    }
    let folder = path.parent().and_then(|folder| folder.canonicalize().ok());
    match (folder, path.file_name()) {
        (Some(folder), Some(name)) => folder.join(name),
        _ => path,
    }
}

fn setting(folder: &Path) -> Result<Option<Setting>, HookError> {
    let arguments = [
        "config",
        "-z",
        "--show-scope",
        "--show-origin",
        "--type=path",
        "--get",
        "core.hooksPath",
    ];
    let output = run(folder, arguments)?;
    if output.status.code() == Some(1) {
        return Ok(None);
    }
    let text = said(output, "reading core.hooksPath")?;
    let bytes = text.into_encoded_bytes();
    let mut fields = bytes.split(|&byte| byte == 0);
    let mut next = || fields.next().unwrap_or_default();
    let reach = match next() {
        b"local" | b"worktree" => Reach::Repository,
        _ => Reach::Everywhere,
    };
    let origin = String::from_utf8_lossy(next()).into_owned();
    let origin = origin.strip_prefix("file:").unwrap_or(&origin).to_owned();
    Ok(Some(Setting {
        value: PathBuf::from(os(next().to_vec())),
        reach,
        origin,
    }))
}

/// Runs git in `folder` and returns the first thing it says, without the line end.
pub(super) fn ask<A: AsRef<OsStr>>(
    folder: &Path,
    arguments: impl IntoIterator<Item = A>,
) -> Result<OsString, HookError> {
    let output = run(folder, arguments)?;
    said(output, "asking git about this repository")
}

/// Runs git in `folder`.
pub(super) fn run<A: AsRef<OsStr>>(
    folder: &Path,
    arguments: impl IntoIterator<Item = A>,
) -> Result<Output, HookError> {
    Command::new("git")
        .arg("-C")
        .arg(folder)
        .args(arguments)
        // What git says is read here, so it has to be in one language.
        .env("LC_ALL", "C")
        .output()
        .map_err(|error| match error.kind() {
            std::io::ErrorKind::NotFound => HookError::NoGit,
            _ => HookError::Git {
                doing: "starting git".to_owned(),
                message: error.to_string(),
            },
        })
}

/// Returns what git wrote, without the line end, or its refusal.
pub(super) fn said(output: Output, doing: &str) -> Result<OsString, HookError> {
    if !output.status.success() {
        return Err(HookError::Git {
            doing: doing.to_owned(),
            message: String::from_utf8_lossy(&output.stderr).trim().to_owned(),
        });
    }
    let mut bytes = output.stdout;
    if bytes.last() == Some(&b'\n') {
        bytes.pop();
    }
    Ok(os(bytes))
}

/// Returns the bytes as a name of this system; elsewhere than on Unix git writes UTF-8.
fn os(bytes: Vec<u8>) -> OsString {
    #[cfg(unix)]
    {
        std::os::unix::ffi::OsStringExt::from_vec(bytes)
    }
    #[cfg(not(unix))]
    {
        String::from_utf8_lossy(&bytes).into_owned().into()
    }
}
