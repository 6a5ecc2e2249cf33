//! `guard install` and `guard uninstall`: into a repository's hooks, and out again.

use std::env;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::Context as _;

use super::{Exit, screen};
use crate::hook::{self, Addition, Global, IfMissing, Managers, Options, Outcome, Owner, Step};

/// Put guard into the hooks of a repository
#[derive(Debug, clap::Args)]
#[command(
    after_help = "An existing hook is kept and runs first. Exit code 1: something is left to do."
)]
pub(super) struct InstallArgs {
    /// The repository
    #[arg(default_value = ".", value_name = "FOLDER")]
    folder: PathBuf,
    /// Add the lines to the files of husky, lefthook, pre-commit or prek
    #[arg(long)]
    write: bool,
    /// Guard all your repositories; their own hooks stay on
    #[arg(long, conflicts_with = "write")]
    global: bool,
    /// What a hook does where guard is not found
    #[arg(long, value_enum, default_value_t = Missing::Stop, value_name = "WHAT")]
    if_missing: Missing,
}

/// What a hook does where guard is not found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Missing {
    /// Stop the commit, and say how to go on
    Stop,
    /// Say that nothing was checked, and let the commit pass
    Warn,
}

/// Take guard out of the hooks of a repository, and put back what was there
#[derive(Debug, clap::Args)]
pub(super) struct UninstallArgs {
    /// The repository
    #[arg(default_value = ".", value_name = "FOLDER")]
    folder: PathBuf,
    /// Take back what `guard install --global` did
    #[arg(long)]
    global: bool,
}

pub(super) fn install(args: &InstallArgs) -> anyhow::Result<Exit> {
    let options = Options {
        binary: binary()?,
        if_missing: match args.if_missing {
            Missing::Stop => IfMissing::Stop,
            Missing::Warn => IfMissing::Warn,
        },
        managers: if args.write {
            Managers::Write
        } else {
            Managers::Tell
        },
    };
    if args.global {
        return install_global(&options);
    }
    let outcome = hook::install(&args.folder, &options)?;
    let (text, exit) = installed(&outcome);
    write!(screen::stdout(), "{text}")?;
    Ok(exit)
}

pub(super) fn uninstall(args: &UninstallArgs) -> anyhow::Result<Exit> {
    let mut out = screen::stdout();
    if args.global {
        let steps = hook::uninstall_global(&config_home()?)?;
        let said = if steps.is_empty() {
            "guard was not installed for all repositories: nothing to take out"
        } else {
            "guard is no longer put into all repositories\n       \
             clones that have it keep it: guard uninstall in each"
        };
        writeln!(out, "guard: {said}")?;
        return Ok(Exit::Clean);
    }
    let outcome = hook::uninstall(&args.folder)?;
    let (text, exit) = uninstalled(&outcome);
    write!(out, "{text}")?;
    Ok(exit)
}

/// Returns the path of this program, as hooks should hold it.
pub(super) fn binary() -> anyhow::Result<PathBuf> {
    let current = env::current_exe().context("finding out where guard itself is")?;
    Ok(hook::own_binary(&current, env::var_os("PATH").as_deref()))
}

fn config_home() -> anyhow::Result<PathBuf> {
    let folder = |name| {
        env::var_os(name)
            .filter(|value| !value.is_empty())
            .map(PathBuf::from)
    };
    folder("XDG_CONFIG_HOME")
        .or_else(|| folder("HOME").map(|home| home.join(".config")))
        .or_else(|| folder("APPDATA"))
        .context(
            "neither HOME nor XDG_CONFIG_HOME is set: set one, so that guard knows where to write",
        )
}

fn install_global(options: &Options) -> anyhow::Result<Exit> {
    let (global, _) = hook::install_global(options, &config_home()?)?;
    let how = match &global {
        Global::Configuration => {
            "       hooks in git's configuration; a repository's own hooks run as well\n\
             \x20      check: git hook list pre-commit"
                .to_owned()
        }
        Global::Folder(folder) => {
            format!("       hooks in {} (core.hooksPath)", folder.display())
        }
        Global::Template(template) => format!(
            "       git copies the hooks from {}\n       \
             repositories that are here already need one `guard install` each",
            template.display()
        ),
    };
    let when = match global {
        Global::Template(_) => "every new repository and clone of yours is guarded",
        _ => "all your repositories are guarded",
    };
    writeln!(
        screen::stdout(),
        "guard: {when}\n{how}\n       undo: guard uninstall --global"
    )?;
    Ok(Exit::Clean)
}

/// Returns what to say of an installation, and how it ends.
fn installed(outcome: &Outcome) -> (String, Exit) {
    if let Owner::Everywhere { origin } = &outcome.owner
        && outcome.steps.is_empty()
    {
        return (everywhere(outcome, origin), Exit::Blocked);
    }
    let mut text = String::new();
    let to_add: Vec<(&Addition, Option<&str>)> =
        outcome.steps.iter().filter_map(left_to_add).collect();
    let waits = to_add.is_empty() && outcome.owner.waits(&outcome.place);
    if to_add.is_empty() {
        text += if waits {
            "guard: one step is left before everything here is checked: lefthook install\n"
        } else if outcome.steps.iter().all(is_unchanged) {
            "guard: already installed here, nothing to change\n"
        } else if outcome.place.top.is_none() {
            "guard: what is pushed to this repository is checked from now on\n"
        } else {
            "guard: commits, messages and pushes are checked here from now on\n"
        };
        let kept = kept(&outcome.steps);
        if outcome.owner == Owner::Git {
            let hooks = outcome.place.short(&outcome.place.hooks).display();
            let _ = writeln!(text, "       hooks in {hooks}{kept}");
        }
        text += &added(outcome);
        text += "       check: guard status     undo: guard uninstall\n";
        text += &sleeping(outcome);
        let exit = if waits { Exit::Blocked } else { Exit::Clean };
        return (text, exit);
    }
    let _ = writeln!(
        text,
        "guard: the hooks here belong to {}, so guard is not in yet",
        whose(outcome)
    );
    let tried = outcome
        .steps
        .iter()
        .any(|step| matches!(step, Step::Added(_)));
    text += match to_add[0].1 {
        Some(_) if tried => "       what could be added is; these lines are left to you:\n\n",
        Some(_) => "       these lines are left to you:\n\n",
        None => "       add these lines, or let `guard install --write` do it:\n\n",
    };
    for (addition, why) in to_add {
        text += &lines(addition);
        if let Some(why) = why {
            let _ = writeln!(text, "  (not added, because {why})");
        }
    }
    (text, Exit::Blocked)
}

/// Returns the file and its lines; one line stands beside its file.
fn lines(addition: &Addition) -> String {
    let file = addition.file.display().to_string();
    let mut lines = addition.lines.trim_start_matches('\n').lines();
    match (lines.next(), lines.next()) {
        (Some(only), None) => format!("  {file:26}  {only}\n"),
        _ => addition
            .lines
            .lines()
            .fold(format!("  {file}\n"), |text, line| {
                format!("{text}      {line}\n")
            }),
    }
}

fn left_to_add(step: &Step) -> Option<(&Addition, Option<&str>)> {
    match step {
        Step::ToAdd { addition, why } => Some((addition, *why)),
        _ => None,
    }
}

fn is_unchanged(step: &Step) -> bool {
    matches!(
        step,
        Step::Unchanged { .. } | Step::AlreadyThere(_) | Step::Configured { .. }
    )
}

fn kept(steps: &[Step]) -> String {
    let names: Vec<&str> = steps
        .iter()
        .filter_map(|step| match step {
            Step::Wrote { event, kept: true } | Step::Unchanged { event, kept: true } => {
                Some(event.name())
            }
            _ => None,
        })
        .collect();
    match names.len() {
        0 => String::new(),
        1 => format!(" (the {} that was there is kept and runs first)", names[0]),
        _ => format!(" (kept, and run first: {})", names.join(", ")),
    }
}

/// Says which files of a manager have our lines, and what is left to do with them.
fn added(outcome: &Outcome) -> String {
    let files: Vec<String> = outcome
        .steps
        .iter()
        .filter_map(|step| match step {
            Step::Added(addition) | Step::AlreadyThere(addition) => {
                Some(addition.file.display().to_string())
            }
            _ => None,
        })
        .collect();
    let names = match files.as_slice() {
        [one] => one.clone(),
        [first, ..] => format!(
            "{} scripts in {}",
            files.len(),
            Path::new(first)
                .parent()
                .unwrap_or(Path::new("."))
                .display()
        ),
        [] => return String::new(),
    };
    format!(
        "       through {}: {names}\n       commit that: then everybody is checked, and needs guard installed\n",
        whose(outcome),
    )
}

fn whose(outcome: &Outcome) -> String {
    match &outcome.owner {
        Owner::Tree { folder } => format!("this repository's folder {}", folder.display()),
        owner => owner.name().to_owned(),
    }
}

/// Says that a hook manager is in the repository and not yet in this clone.
fn sleeping(outcome: &Outcome) -> String {
    match outcome.owner.sleeping(&outcome.place) {
        Some((name, command)) => format!(
            "       note: {name} is set up here, but not in this clone. After `{command}`\n       \
             it replaces these hooks: run `guard install` again then\n"
        ),
        None => String::new(),
    }
}

fn everywhere(outcome: &Outcome, origin: &str) -> String {
    format!(
        "guard: git takes the hooks of all your repositories from one folder, so guard is not in yet\n       \
         {} (core.hooksPath in {origin})\n       \
         guard install --global puts it there, for all of them\n",
        outcome.place.hooks.display()
    )
}

fn uninstalled(outcome: &Outcome) -> (String, Exit) {
    let mut removed = Vec::new();
    let mut restored = Vec::new();
    let mut files: Vec<&Path> = Vec::new();
    let mut by_hand: Vec<&Path> = Vec::new();
    for step in &outcome.steps {
        match step {
            Step::Removed {
                event,
                restored: back,
            } => {
                removed.push(event);
                restored.extend(back.then_some(event.name()));
            }
            Step::TakenOut(addition) => files.push(&addition.file),
            Step::ToTakeOut(addition) => by_hand.push(&addition.file),
            _ => {}
        }
    }
    let list = |files: &[&Path]| {
        let names: Vec<String> = files
            .iter()
            .map(|file| file.display().to_string())
            .collect();
        names.join(", ")
    };
    if removed.is_empty() && files.is_empty() && by_hand.is_empty() {
        return (
            "guard: not installed here, nothing to take out\n".to_owned(),
            Exit::Clean,
        );
    }
    let mut text = "guard: taken out, commits are no longer checked here\n".to_owned();
    if !restored.is_empty() {
        let _ = writeln!(text, "       back as before: {}", restored.join(", "));
    }
    if !files.is_empty() {
        let _ = writeln!(text, "       lines taken out of {}", list(&files));
    }
    if by_hand.is_empty() {
        return (text, Exit::Clean);
    }
    let _ = writeln!(
        text,
        "       these still name guard, in words of your own: {}",
        list(&by_hand)
    );
    (text, Exit::Blocked)
}
