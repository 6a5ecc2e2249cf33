//! An owner is whoever looks after a repository's hooks: git alone, a hook manager, or a shared folder.

mod lefthook;
mod pre_commit;
mod shell;

use std::path::{Path, PathBuf};

use super::files::{self, Found};
use super::place::Reach;
use super::{Event, HookError, Place};

/// Whoever looks after a repository's hooks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Owner {
    /// Nobody: hooks are files in a folder of this repository alone.
    Git,
    /// husky: scripts in `.husky`.
    Husky {
        /// The folder with the scripts, from the top of the working tree.
        folder: PathBuf,
    },
    /// lefthook, with its configuration file.
    Lefthook {
        /// The file, from the top of the working tree.
        file: PathBuf,
    },
    /// pre-commit or prek, which read the same file.
    PreCommit {
        /// Which of the two wrote the hooks: its name as a command.
        command: &'static str,
        /// The file, from the top of the working tree.
        file: PathBuf,
    },
    /// A folder of hooks that is kept in the working tree, and so with everybody.
    Tree {
        /// The folder, from the top of the working tree.
        folder: PathBuf,
    },
    /// A folder of hooks for all repositories of this person.
    Everywhere {
        /// The file that says so.
        origin: String,
    },
}

/// Lines that make another program's file run `guard`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Addition {
    /// The file, from the top of the working tree.
    pub file: PathBuf,
    /// The lines, as they stand when the file holds nothing else.
    pub lines: String,
    form: Form,
}

/// In which form a file takes our lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    /// A line in a shell script for this event.
    Shell(Event, shell::Shell),
    /// Jobs in a `lefthook.yml`.
    Lefthook,
    /// A local repository in a `.pre-commit-config.yaml`.
    PreCommitYaml,
    /// A local repository in a `prek.toml`.
    PrekToml,
}

impl Owner {
    /// Returns who looks after the hooks here.
    pub fn of(place: &Place) -> Result<Self, HookError> {
        if let Some(setting) = &place.setting
            && place.hooks.exists()
            && !place.hooks.is_dir()
        {
            return Err(HookError::SwitchedOff {
                path: setting.value.clone(),
                origin: setting.origin.clone(),
            });
        }
        let Some(top) = &place.top else {
            return Ok(Owner::Git);
        };
        if let Some(folder) = husky(place) {
            return Ok(Owner::Husky { folder });
        }
        if let Some(owner) = by_script(place, top)? {
            return Ok(owner);
        }
        match &place.setting {
            Some(setting) if setting.reach == Reach::Everywhere => Ok(Owner::Everywhere {
                origin: setting.origin.clone(),
            }),
            Some(_) if in_tree(place, top) => Ok(Owner::Tree {
                folder: place.short(&place.hooks).to_owned(),
            }),
            _ => Ok(Owner::Git),
        }
    }

    /// Returns what to call the owner: "husky".
    pub fn name(&self) -> &'static str {
        match self {
            Owner::Git => "git",
            Owner::Husky { .. } => "husky",
            Owner::Lefthook { .. } => "lefthook",
            Owner::PreCommit { command, .. } => command,
            Owner::Tree { .. } => "this repository",
            Owner::Everywhere { .. } => "all your repositories",
        }
    }

    /// Returns a manager that this repository is set up for and that does not run in this clone, with the command
    /// that makes it run; one that would then replace our hooks.
    pub fn sleeping(&self, place: &Place) -> Option<(&'static str, &'static str)> {
        let top = place.top.as_deref().filter(|_| *self == Owner::Git)?;
        if top.join(".husky").is_dir() {
            return Some(("husky", "npx husky"));
        }
        let lefthook = top.join(lefthook::file(top)).is_file();
        lefthook.then_some(("lefthook", "lefthook install"))
    }

    /// Tells whether the manager has yet to put hooks in that its file names: `lefthook install`.
    pub fn waits(&self, place: &Place) -> bool {
        matches!(self, Owner::Lefthook { .. })
            && !lefthook::EVENTS
                .iter()
                .all(|&event| files::exists(&place.file(event)))
    }

    /// Tells whether the file of this hook is the owner's, so that ours must not stand there.
    pub(super) fn owns(&self, place: &Place, event: Event) -> Result<bool, HookError> {
        Ok(match self {
            Owner::Git => false,
            Owner::Husky { .. } | Owner::Tree { .. } | Owner::Everywhere { .. } => true,
            // lefthook takes away what it finds when a hook of that name comes into its file. It prints a
            // banner at each event, so the line after a commit is not its to say.
            Owner::Lefthook { .. } => event != Event::PostCommit,
            Owner::PreCommit { .. } => match files::look(&place.file(event))? {
                Found::Other(script) => generated_by(&script).is_some(),
                Found::Nothing | Found::Ours(_) => false,
            },
        })
    }

    /// Returns the lines that make the owner run `guard`.
    pub(super) fn additions(&self) -> Vec<Addition> {
        match self {
            Owner::Git | Owner::Everywhere { .. } => Vec::new(),
            Owner::Husky { folder } => shell::additions(folder, shell::Shell::StopsAtErrors),
            Owner::Tree { folder } => shell::additions(folder, shell::Shell::Plain),
            Owner::Lefthook { file } => vec![Addition {
                file: file.clone(),
                lines: lefthook::lines(),
                form: Form::Lefthook,
            }],
            Owner::PreCommit { file, .. } => vec![pre_commit::addition(file)],
        }
    }
}

impl Addition {
    /// Tells whether the file already runs `guard`, in whatever words.
    pub(super) fn is_there(&self, place: &Place) -> Result<bool, HookError> {
        let text = self.text(place)?.unwrap_or_default();
        Ok(match self.form {
            Form::Shell(event, _) => runs(&text, event),
            Form::Lefthook => lefthook::EVENTS.iter().all(|&event| runs(&text, event)),
            Form::PreCommitYaml | Form::PrekToml => runs(&text, Event::PreCommit),
        })
    }

    /// Tells whether the file runs `guard` at this event.
    pub(super) fn is_there_for(&self, place: &Place, event: Event) -> Result<bool, HookError> {
        let text = self.text(place)?.unwrap_or_default();
        let meant = match (self.form, event) {
            (Form::Shell(own, _), _) if own != event => return Ok(false),
            // One hook serves both: what is staged is looked at the same way.
            (Form::PreCommitYaml | Form::PrekToml, Event::PreMergeCommit) => Event::PreCommit,
            _ => event,
        };
        Ok(runs(&text, meant))
    }

    /// Tells whether a hook in git's configuration for that event makes these lines needless. A file for several
    /// events is left to people: teammates may not have that configuration.
    pub(super) fn is_only_for(&self, event: Event) -> bool {
        matches!(self.form, Form::Shell(own, _) if own == event)
    }

    /// Adds the lines to the file.
    pub(super) fn add(&self, place: &Place) -> Result<(), HookError> {
        let file = self.path(place);
        let text = self.text(place)?;
        let by_hand = |why| HookError::ByHand {
            file: self.file.clone(),
            why,
        };
        let new = match self.form {
            Form::Shell(event, shell) => shell::add(text.as_deref(), event, shell),
            Form::Lefthook => {
                let text = text.as_deref().unwrap_or_default();
                let missing = lefthook::EVENTS
                    .into_iter()
                    .filter(|&event| !runs(text, event));
                lefthook::add(text, missing)
            }
            Form::PreCommitYaml => {
                pre_commit::add_yaml(text.as_deref().unwrap_or_default(), &self.lines)
            }
            Form::PrekToml => Ok(pre_commit::add_toml(
                text.as_deref().unwrap_or_default(),
                &self.lines,
            )),
        }
        .map_err(by_hand)?;
        match self.form {
            Form::Shell(..) if text.is_none() => files::write_script(&file, new.as_bytes()),
            _ => files::write_text(&file, new.as_bytes()),
        }
    }

    /// Takes the lines out again; tells whether they were there just as guard writes them.
    pub(super) fn take_out(&self, place: &Place) -> Result<bool, HookError> {
        let Some(text) = self.text(place)? else {
            return Ok(false);
        };
        let left = match self.form {
            Form::Shell(event, shell) => shell::take_out(&text, event, shell),
            Form::Lefthook => lefthook::take_out(&text),
            Form::PreCommitYaml | Form::PrekToml => pre_commit::take_out(&text, &self.lines),
        };
        match left {
            None => Ok(false),
            Some(left) if left.is_empty() => files::remove(&self.path(place)).map(|()| true),
            Some(left) => files::write_text(&self.path(place), left.as_bytes()).map(|()| true),
        }
    }

    fn path(&self, place: &Place) -> PathBuf {
        place.top.clone().unwrap_or_default().join(&self.file)
    }

    /// Returns the text of the file; `None` when there is none.
    fn text(&self, place: &Place) -> Result<Option<String>, HookError> {
        let file = self.path(place);
        match fs_err::read_to_string(&file) {
            Ok(text) => Ok(Some(text)),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(HookError::at(&file)(error)),
        }
    }
}

/// Tells whether a file runs `guard` at this event, in words of ours or of a person.
fn runs(text: &str, event: Event) -> bool {
    let ids: &[&str] = match event {
        Event::PreCommit => &["id: guard", "id: guard-system"],
        Event::CommitMsg => &["id: guard-message"],
        Event::PrePush => &["id: guard-push"],
        _ => &[],
    };
    let own = format!("guard hook {event}");
    text.lines()
        .map(str::trim)
        .filter(|line| !line.starts_with('#'))
        .any(|line| {
            line.contains(&own)
                || line.contains("guard staged") && event == Event::PreCommit
                || ids.contains(&line.trim_start_matches("- "))
        })
}

/// Returns husky's folder of scripts when git runs husky's hooks.
fn husky(place: &Place) -> Option<PathBuf> {
    let value = &place.setting.as_ref()?.value;
    let hooks = place.short(&place.hooks);
    // husky 9 has its own hooks in a folder `_` beside a person's scripts; husky 5 to 8 ran those directly.
    if hooks.file_name()? == "_" && hooks.parent()?.file_name()? == ".husky" {
        return hooks.parent().map(Path::to_owned);
    }
    (value.file_name()? == ".husky").then(|| hooks.to_owned())
}

/// Returns the manager whose script stands in one of the hooks.
fn by_script(place: &Place, top: &Path) -> Result<Option<Owner>, HookError> {
    for &event in place.events() {
        let Found::Other(script) = files::look(&place.file(event))? else {
            continue;
        };
        if let Some(command) = generated_by(&script) {
            let file = pre_commit::file(top, command);
            return Ok(Some(Owner::PreCommit { command, file }));
        }
        if bstr::ByteSlice::contains_str(&script[..], "call_lefthook") {
            let file = lefthook::file(top);
            return Ok(Some(Owner::Lefthook { file }));
        }
    }
    Ok(None)
}

/// Returns which of pre-commit and prek wrote this hook.
fn generated_by(script: &[u8]) -> Option<&'static str> {
    let says = |words: &str| bstr::ByteSlice::contains_str(script, words);
    if says("File generated by pre-commit") {
        Some("pre-commit")
    } else if says("File generated by prek") {
        Some("prek")
    } else {
        None
    }
}

/// Tells whether the folder of hooks is a part of the working tree that everybody gets.
fn in_tree(place: &Place, top: &Path) -> bool {
    if !place.hooks.starts_with(top) || place.hooks.starts_with(&place.git_dir) {
        return false;
    }
    let ignored = super::place::run(
        top,
        [
            "check-ignore".as_ref(),
            "-q".as_ref(),
            "--".as_ref(),
            // The folder may not be there yet, and then a pattern for folders would not match it.
            place.file(Event::PreCommit).as_os_str(),
        ],
    );
    !ignored.is_ok_and(|output| output.status.success())
}
