//! Guarding every repository of a person, without switching off the hooks that a repository has itself.

use std::path::{Path, PathBuf};

use super::files;
use super::install::{put_in, take_out};
use super::place::{ask, run, said};
use super::{Event, HookError, Options, Step, script};

/// How all repositories are guarded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Global {
    /// By hooks in git's own configuration: in every repository at once, beside its own hooks (git 2.54).
    Configuration,
    /// By the folder of hooks that the person's `core.hooksPath` names.
    Folder(PathBuf),
    /// By the template that git copies into every new repository and clone.
    Template(PathBuf),
}

/// Guards all repositories of this person; `config_home` is where a template may be made.
pub fn install_global(
    options: &Options,
    config_home: &Path,
) -> Result<(Global, Vec<Step>), HookError> {
    let global = way(config_home)?;
    let mut steps = Vec::new();
    match &global {
        Global::Configuration => {
            for event in Event::CLIENT {
                let command = [
                    &script::quoted(&options.binary)[..],
                    format!(" hook {event}").as_bytes(),
                ]
                .concat();
                let command = String::from_utf8_lossy(&command).into_owned();
                set(&format!("hook.guard-{event}.event"), event.name())?;
                set(&format!("hook.guard-{event}.command"), &command)?;
                steps.push(Step::Wrote { event, kept: false });
            }
        }
        Global::Folder(hooks) => {
            for event in Event::CLIENT {
                steps.push(put_in(&hooks.join(event.name()), event, options)?);
            }
        }
        Global::Template(template) => {
            let hooks = template.join("hooks");
            for event in Event::CLIENT {
                steps.push(put_in(&hooks.join(event.name()), event, options)?);
            }
            // git's own template has this file, and programs rely on its folder.
            let exclude = template.join("info").join("exclude");
            if !files::exists(&exclude) {
                files::write_text(
                    &exclude,
                    b"# What git leaves out of this repository alone.\n",
                )?;
            }
            if global_setting("init.templateDir")?.is_none() {
                set("init.templateDir", &template.to_string_lossy())?;
            }
        }
    }
    Ok((global, steps))
}

/// Takes back what `install_global` did, in each way it may have been done.
pub fn uninstall_global(config_home: &Path) -> Result<Vec<Step>, HookError> {
    let mut steps = Vec::new();
    for event in configured(Path::new("."))? {
        let section = format!("hook.guard-{event}");
        let output = run(
            Path::new("."),
            ["config", "--global", "--remove-section", &section],
        )?;
        said(output, "taking guard out of git's configuration")?;
        steps.push(Step::Removed {
            event,
            restored: false,
        });
    }
    let template = own_template(config_home);
    let set_template = global_setting("init.templateDir")?;
    let folders = [
        global_setting("core.hooksPath")?,
        set_template.as_ref().map(|template| template.join("hooks")),
        Some(template.join("hooks")),
    ];
    for hooks in folders.into_iter().flatten() {
        for event in Event::CLIENT {
            steps.extend(take_out(&hooks.join(event.name()), event)?);
        }
    }
    if set_template.as_ref() == Some(&template) {
        let output = run(
            Path::new("."),
            ["config", "--global", "--unset", "init.templateDir"],
        )?;
        said(output, "taking guard's template out of git's configuration")?;
        let _ = fs_err::remove_dir_all(&template);
    }
    Ok(steps)
}

/// Returns the events at which this git runs `guard` by its own configuration, in the repository around `folder`.
pub(super) fn running(folder: &Path) -> Result<Vec<Event>, HookError> {
    let configured = configured(folder)?;
    Ok(if configured.is_empty() || !runs_configured_hooks()? {
        Vec::new()
    } else {
        configured
    })
}

/// Returns the events that git's configuration hands to `guard` in the repository around `folder`.
fn configured(folder: &Path) -> Result<Vec<Event>, HookError> {
    let pattern = r"^hook\.guard-.*\.command$";
    let output = run(folder, ["config", "--name-only", "--get-regexp", pattern])?;
    if !output.status.success() {
        return Ok(Vec::new());
    }
    let names = said(output, "reading hooks from git's configuration")?;
    let names = names.to_string_lossy();
    Ok(Event::CLIENT
        .into_iter()
        .filter(|event| {
            names
                .lines()
                .any(|name| name == format!("hook.guard-{event}.command"))
        })
        .collect())
}

/// Tells whether this git runs hooks that stand in its configuration (since 2.54; older ones pass them over
/// in silence).
fn runs_configured_hooks() -> Result<bool, HookError> {
    let version = ask(Path::new("."), ["version"])?;
    Ok(at_least(&version.to_string_lossy(), (2, 54)))
}

fn at_least(version: &str, wanted: (u32, u32)) -> bool {
    let mut numbers = version
        .trim_start_matches(|c: char| !c.is_ascii_digit())
        .split('.')
        .map_while(|part| part.parse::<u32>().ok());
    (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0)) >= wanted
}

fn way(config_home: &Path) -> Result<Global, HookError> {
    if runs_configured_hooks()? {
        return Ok(Global::Configuration);
    }
    if let Some(hooks) = global_setting("core.hooksPath")? {
        return Ok(Global::Folder(hooks));
    }
    let template = global_setting("init.templateDir")?;
    Ok(Global::Template(
        template.unwrap_or_else(|| own_template(config_home)),
    ))
}

fn own_template(config_home: &Path) -> PathBuf {
    config_home.join("guard").join("git-template")
}

fn global_setting(name: &str) -> Result<Option<PathBuf>, HookError> {
    let output = run(
        Path::new("."),
        ["config", "--global", "--type=path", "--get", name],
    )?;
    if output.status.code() == Some(1) {
        return Ok(None);
    }
    said(output, "reading git's configuration").map(|path| Some(PathBuf::from(path)))
}

fn set(name: &str, value: &str) -> Result<(), HookError> {
    let output = run(Path::new("."), ["config", "--global", name, value])?;
    said(output, "writing git's configuration").map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_compared_as_numbers() {
        assert!(at_least("git version 2.54.0", (2, 54)));
        assert!(at_least("git version 3.0.1.windows.1", (2, 54)));
        assert!(!at_least("git version 2.9.1", (2, 54)));
        assert!(!at_least("git version 2.47.3", (2, 54)));
    }
}
