//! Why a hook could not be put in, taken out or looked at, and what mends it.

use std::path::{Path, PathBuf};

/// Why a hook could not be put in, taken out or looked at.
#[derive(Debug, thiserror::Error)]
pub enum HookError {
    /// There is no git to ask.
    #[error("git is not on the PATH: install git, then run this again")]
    NoGit,
    /// There is no repository to guard.
    #[error(
        "{} is not inside a git repository: change into one, or make one with `git init`",
        folder.display()
    )]
    NoRepository {
        /// Where it was looked for.
        folder: PathBuf,
    },
    /// git refuses.
    #[error("{doing}: git says: {message}")]
    Git {
        /// What was being done.
        doing: String,
        /// What git says.
        message: String,
    },
    /// Hooks are switched off for this repository.
    #[error(
        "hooks are switched off here: core.hooksPath is {} ({origin}); \
         take that setting out, then run `guard install` again",
        path.display()
    )]
    SwitchedOff {
        /// Where git is told to look for hooks.
        path: PathBuf,
        /// The file that says so.
        origin: String,
    },
    /// Two hooks are there, and neither is ours.
    #[error(
        "{} and {} are both there and neither is guard's: \
         remove the one you do not need, then run `guard install` again",
        hook.display(), before.display()
    )]
    Twice {
        /// The hook git runs.
        hook: PathBuf,
        /// The one guard once kept.
        before: PathBuf,
    },
    /// A file of a hook manager is not in a form that can be added to safely.
    #[error("{} is left as it is, because {why}: add the lines above by hand", file.display())]
    ByHand {
        /// The file.
        file: PathBuf,
        /// What stands in the way.
        why: &'static str,
    },
    /// The system refuses.
    #[error("{}: {source}: guard has to read and write there", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
}

impl HookError {
    /// Returns a function that names the path in an error of the system.
    pub(super) fn at(path: &Path) -> impl FnOnce(std::io::Error) -> HookError + use<> {
        let path = path.to_owned();
        move |source| HookError::Io { path, source }
    }
}
