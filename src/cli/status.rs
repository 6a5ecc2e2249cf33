//! `guard status`: whether guard runs here, hook by hook.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use super::setup::{self, Setup};
use super::{Exit, Global, install, last, screen};
use crate::hook::{self, Place, Standing, Status};

/// Tell whether guard runs in a repository, and what stands in the way
#[derive(Debug, clap::Args)]
#[command(after_help = "Exit code 1: guard does not run at every hook.")]
pub(super) struct StatusArgs {
    /// The repository
    #[arg(default_value = ".", value_name = "FOLDER")]
    folder: PathBuf,
}

pub(super) fn run(global: &Global, args: &StatusArgs) -> anyhow::Result<Exit> {
    let status = hook::status(&args.folder)?;
    let mut out = screen::stdout();
    let version = env!("CARGO_PKG_VERSION");
    writeln!(out, "guard {version}  {}", install::binary()?.display())?;
    for (event, standing) in &status.events {
        let (word, text) = told(&status, standing);
        writeln!(out, "  {event:16}  {word:3}  {text}")?;
    }
    let (config, config_is_good) = configuration(global, &status.place);
    writeln!(out, "  {:16}  {config}", "config")?;
    if let Some(last) = last::told(&status.place.git_dir) {
        writeln!(out, "  {:16}  {last}", "last run")?;
    }
    if let Some(skips) = skips(&status.place.git_dir) {
        writeln!(out, "  {:16}  {skips}", "skipped")?;
    }
    Ok(if status.is_on() && config_is_good {
        Exit::Clean
    } else {
        Exit::Blocked
    })
}

fn told(status: &Status, standing: &Standing) -> (&'static str, String) {
    let short = |path: &Path| status.place.short(path).display().to_string();
    match standing {
        Standing::On { file, before: None } => ("on", short(file)),
        Standing::On {
            file,
            before: Some(before),
        } => (
            "on",
            format!("{}  (runs {} first)", short(file), short(before)),
        ),
        Standing::Through { file } => (
            "on",
            format!("{}  (through {})", file.display(), status.owner.name()),
        ),
        Standing::Configured => ("on", "git's configuration".to_owned()),
        Standing::Off { why } => ("off", why.clone()),
    }
}

/// Says which configuration holds; tells whether it can be read.
fn configuration(global: &Global, place: &Place) -> (String, bool) {
    let root = place.top.as_deref();
    let file = match setup::config_path(global, root) {
        Ok(Some(file)) => file,
        Ok(None) => return ("none, the defaults hold".to_owned(), true),
        Err(error) => return (format!("{error:#}"), false),
    };
    match Setup::new(global, root) {
        Ok(setup) => {
            let count = match setup.policy.allow.len() {
                1 => "1 allowance".to_owned(),
                count => format!("{count} allowances"),
            };
            (format!("{} ({count})", place.short(&file).display()), true)
        }
        Err(error) => (format!("{error:#}"), false),
    }
}

/// Says how often checks were skipped in this clone, and when last.
fn skips(git_dir: &Path) -> Option<String> {
    let log = fs_err::read_to_string(git_dir.join("guard").join("log")).ok()?;
    let last = log.lines().last()?;
    Some(match log.lines().count() {
        1 => last.to_owned(),
        count => format!("{last}  ({count} in all)"),
    })
}
