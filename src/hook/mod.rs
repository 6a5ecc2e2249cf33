//! Git's hooks: where they lie, who looks after them, and how `guard` gets in and out again.

mod error;
mod event;
mod files;
mod global;
mod install;
mod message;
mod owner;
mod place;
mod push;
mod script;
mod seen;
mod status;

pub use error::HookError;
pub use event::Event;
pub use global::{Global, install_global, uninstall_global};
pub use install::{Managers, Options, Outcome, Step, install, uninstall};
pub use message::{CommentMark, Drops, own_words};
pub use owner::{Addition, Owner};
pub use place::Place;
pub use push::{Side, Update, updates};
pub use script::{IfMissing, own_binary};
pub use seen::Seen;
pub use status::{Standing, Status, status};

/// Returns the folder from which git really runs the hooks of the repository around `folder`.
pub fn hooks_dir(folder: &std::path::Path) -> Result<std::path::PathBuf, HookError> {
    Place::find(folder).map(|place| place.hooks)
}
