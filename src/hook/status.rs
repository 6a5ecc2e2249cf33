//! Whether `guard` runs in a repository, hook by hook, and what stands in the way where it does not.

use std::path::{Path, PathBuf};

use super::files::{self, Found};
use super::owner::Addition;
use super::{Event, HookError, Owner, Place, global};

/// Whether `guard` runs in a repository.
#[derive(Debug)]
pub struct Status {
    /// Where the hooks lie.
    pub place: Place,
    /// Who looks after them.
    pub owner: Owner,
    /// Every event of this repository.
    pub events: Vec<(Event, Standing)>,
}

/// How it stands with one event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// git runs our script.
    On {
        /// The script.
        file: PathBuf,
        /// The hook that runs before it.
        before: Option<PathBuf>,
    },
    /// git runs a manager's hook, and the manager's file names `guard`.
    Through {
        /// The manager's file, from the top of the working tree.
        file: PathBuf,
    },
    /// git's own configuration names `guard`.
    Configured,
    /// `guard` does not run.
    Off {
        /// Why, and what to do, in a few words.
        why: String,
    },
}

impl Status {
    /// Tells whether `guard` runs at every event.
    pub fn is_on(&self) -> bool {
        !self
            .events
            .iter()
            .any(|(_, standing)| matches!(standing, Standing::Off { .. }))
    }
}

/// Looks at the hooks of the repository around `folder`.
pub fn status(folder: &Path) -> Result<Status, HookError> {
    let place = Place::find(folder)?;
    let owner = Owner::of(&place)?;
    let configured = global::running(folder)?;
    let additions = owner.additions();
    let events = place
        .events()
        .iter()
        .map(|&event| {
            let standing = if configured.contains(&event) {
                Standing::Configured
            } else {
                standing(&place, &owner, &additions, event)?
            };
            Ok((event, standing))
        })
        .collect::<Result<_, HookError>>()?;
    Ok(Status {
        place,
        owner,
        events,
    })
}

fn standing(
    place: &Place,
    owner: &Owner,
    additions: &[Addition],
    event: Event,
) -> Result<Standing, HookError> {
    let file = place.file(event);
    let off = |why: String| Ok(Standing::Off { why });
    match files::look(&file)? {
        Found::Ours(_) if files::is_executable(&file) => {
            let before = Some(files::before(&file)).filter(|before| files::exists(before));
            return Ok(Standing::On { file, before });
        }
        Found::Ours(_) => {
            return off("git passes it over, it is not executable: guard install".into());
        }
        Found::Nothing if !owner.owns(place, event)? => return off("guard install".into()),
        Found::Other(_) if *owner == Owner::Git => {
            return off("another hook stands there: guard install keeps it".into());
        }
        Found::Nothing | Found::Other(_) => {}
    }
    let legacy = files::legacy(&file);
    if matches!(owner, Owner::PreCommit { .. })
        && matches!(files::look(&legacy)?, Found::Ours(_))
        && files::is_executable(&legacy)
    {
        return Ok(Standing::On {
            file: legacy,
            before: None,
        });
    }
    for addition in additions {
        if addition.is_there_for(place, event)? {
            if !files::exists(&file) && !matches!(owner, Owner::Tree { .. }) {
                return off(format!("{} install puts it in", owner.name()));
            }
            return Ok(Standing::Through {
                file: addition.file.clone(),
            });
        }
    }
    off(match owner {
        Owner::Everywhere { .. } => "guard install --global".to_owned(),
        _ => format!("the hooks here belong to {}: guard install", owner.name()),
    })
}
