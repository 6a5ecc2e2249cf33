//! Putting `guard` into a repository's hooks, and taking it out so that everything is as it was.

use std::path::{Path, PathBuf};

use super::files::{self, Found};
use super::{Addition, Event, HookError, IfMissing, Owner, Place, global, script};

/// What to put in, and how.
#[derive(Debug, Clone)]
pub struct Options {
    /// The program the hooks run.
    pub binary: PathBuf,
    /// What a hook does where there is no `guard`.
    pub if_missing: IfMissing,
    /// Whether the files of a hook manager may be changed.
    pub managers: Managers,
}

/// What to do where a hook manager looks after the hooks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Managers {
    /// Say which lines to add.
    #[default]
    Tell,
    /// Add the lines.
    Write,
}

/// What was done, and what is left to do.
#[derive(Debug)]
pub struct Outcome {
    /// Where the hooks lie.
    pub place: Place,
    /// Who looks after them.
    pub owner: Owner,
    /// What was done, in order.
    pub steps: Vec<Step>,
}

/// One thing that was done, or is left to do.
#[derive(Debug, PartialEq, Eq)]
pub enum Step {
    /// A hook of ours was put in, or made anew.
    Wrote {
        /// The event.
        event: Event,
        /// Whether another hook was there, which is kept and runs first.
        kept: bool,
    },
    /// Our hook is there already, just as it would be written.
    Unchanged {
        /// The event.
        event: Event,
        /// Whether another hook runs before it.
        kept: bool,
    },
    /// git's own configuration runs `guard` at this event, so a hook would do it twice.
    Configured {
        /// The event.
        event: Event,
    },
    /// A hook of ours was taken out.
    Removed {
        /// The event.
        event: Event,
        /// Whether the hook that was there before is back.
        restored: bool,
    },
    /// Lines have to be added to a file for `guard` to run.
    ToAdd {
        /// The lines.
        addition: Addition,
        /// Why guard could not add them, if it was asked to.
        why: Option<&'static str>,
    },
    /// Lines were added to a file.
    Added(Addition),
    /// A file runs `guard` already.
    AlreadyThere(Addition),
    /// Lines were taken out of a file.
    TakenOut(Addition),
    /// Lines that are not just as guard writes them have to be taken out by hand.
    ToTakeOut(Addition),
}

/// Puts `guard` into the hooks of the repository around `folder`.
///
/// A hook that is there stays and runs first. Done twice, it changes nothing the second time.
pub fn install(folder: &Path, options: &Options) -> Result<Outcome, HookError> {
    let place = Place::find(folder)?;
    let owner = Owner::of(&place)?;
    let mut steps = Vec::new();
    let configured = global::running(folder)?;
    for &event in place.events() {
        if configured.contains(&event) {
            steps.push(Step::Configured { event });
        } else if !owner.owns(&place, event)? {
            steps.push(put_in(&place.file(event), event, options)?);
        }
    }
    for addition in owner.additions() {
        if configured.iter().any(|&event| addition.is_only_for(event)) {
            continue;
        }
        steps.push(match options.managers {
            _ if addition.is_there(&place)? => Step::AlreadyThere(addition),
            Managers::Tell => Step::ToAdd {
                addition,
                why: None,
            },
            Managers::Write => match addition.add(&place) {
                Ok(()) => Step::Added(addition),
                Err(HookError::ByHand { why, .. }) => Step::ToAdd {
                    addition,
                    why: Some(why),
                },
                Err(error) => return Err(error),
            },
        });
    }
    Ok(Outcome {
        place,
        owner,
        steps,
    })
}

/// Puts one hook in.
pub(super) fn put_in(file: &Path, event: Event, options: &Options) -> Result<Step, HookError> {
    let script = script::render(event, &options.binary, options.if_missing);
    let before = files::before(file);
    let kept = files::exists(&before);
    match files::look(file)? {
        Found::Ours(text) if text == script && files::is_executable(file) => {
            return Ok(Step::Unchanged { event, kept });
        }
        Found::Other(_) if kept => {
            return Err(HookError::Twice {
                hook: file.to_owned(),
                before,
            });
        }
        Found::Other(_) => {
            files::rename(file, &before)?;
            if let Err(error) = files::write_script(file, &script) {
                files::rename(&before, file)?;
                return Err(error);
            }
            return Ok(Step::Wrote { event, kept: true });
        }
        Found::Ours(_) | Found::Nothing => files::write_script(file, &script)?,
    }
    Ok(Step::Wrote { event, kept })
}

/// Takes `guard` out of the hooks of the repository around `folder`, and puts back what was there.
pub fn uninstall(folder: &Path) -> Result<Outcome, HookError> {
    let place = Place::find(folder)?;
    let owner = Owner::of(&place)?;
    let mut steps = Vec::new();
    for event in Event::CLIENT.into_iter().chain(Event::SERVER) {
        let file = place.file(event);
        steps.extend(take_out(&file, event)?);
        let legacy = files::legacy(&file);
        if matches!(files::look(&legacy)?, Found::Ours(_)) {
            files::remove(&legacy)?;
            steps.push(Step::Removed {
                event,
                restored: false,
            });
        }
    }
    for addition in owner.additions() {
        if addition.take_out(&place)? {
            steps.push(Step::TakenOut(addition));
        } else if addition.is_there(&place)? {
            steps.push(Step::ToTakeOut(addition));
        }
    }
    Ok(Outcome {
        place,
        owner,
        steps,
    })
}

/// Takes one hook out; `None` when it is not ours.
pub(super) fn take_out(file: &Path, event: Event) -> Result<Option<Step>, HookError> {
    if !matches!(files::look(file)?, Found::Ours(_)) {
        return Ok(None);
    }
    let before = files::before(file);
    let restored = files::exists(&before);
    if restored {
        files::rename(&before, file)?;
    } else {
        files::remove(file)?;
    }
    Ok(Some(Step::Removed { event, restored }))
}
