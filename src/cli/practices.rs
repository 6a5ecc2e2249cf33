//! `guard practices`: the ten practices, the checks that serve each, and what this repository says about them.

use anyhow::bail;

use super::setup::{Place, Setup};
use super::{Exit, Format, Global, output};
use crate::report::{Report, Score, What};
use crate::scan;
use crate::scan::before::{Before, Disk};
use crate::source::Source;
use crate::source::files::{Files, Ignored};
use crate::source::git::Git;

/// Tell how this repository stands with the ten practices of Python security, and which checks serve each
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Looks at the commit that HEAD names; outside of git, or before the first commit, at the files on disk.\n\
    Exit codes: 0 it was told, 2 an error; with --check also 1: something would stop a commit."
)]
pub(super) struct PracticesArgs {
    /// Only this practice, 1 to 10, with its checks and all that they found
    #[arg(value_parser = clap::value_parser!(u8).range(1..=10))]
    number: Option<u8>,
    /// Look at the files on disk in place of HEAD
    #[arg(long)]
    disk: bool,
    /// Exit with 1 if something was found that would stop a commit
    #[arg(long)]
    check: bool,
}

/// What is looked at.
struct Subject {
    source: Box<dyn Source>,
    before: Box<dyn Before>,
    /// What a person calls it.
    name: String,
    commit: Option<String>,
}

pub(super) fn run(global: &Global, args: &PracticesArgs) -> anyhow::Result<Exit> {
    let formats = global.output.iter().map(output::Target::format);
    for format in global.format.into_iter().chain(formats) {
        if !matches!(format, Format::Text | Format::Json) {
            bail!("guard practices is written as text or json: --format json");
        }
    }
    let place = Place::find().ok();
    let setup = Setup::new(global, place.as_ref().map(|place| place.root.as_path()))?;
    let subject = Subject::find(place.as_ref(), args.disk);
    let report = scan::run(
        subject.source.as_ref(),
        &setup.engine,
        &setup.policy,
        subject.before.as_ref(),
        What::Files,
    )?;
    if let Some(place) = &place {
        output::remember(place, &report)?;
    }
    let rules = setup.engine.rules();
    let score = Score::new(&report, rules, subject.name, subject.commit);
    let look = output::look(global);
    output::deliver(global, look, |format, look, out| {
        match (format, args.number) {
            (Format::Json, _) => score.write_json(out),
            (_, Some(number)) => score.write_one(number, look, out),
            (_, None) => score.write_text(look, out),
        }
    })?;
    Ok(exit(
        &report,
        args.check && score.fails() && !global.exit_zero,
    ))
}

fn exit(report: &Report, fails: bool) -> Exit {
    match fails {
        _ if report.has_errors() => Exit::Error,
        true => Exit::Blocked,
        false => Exit::Clean,
    }
}

impl Subject {
    /// Returns what HEAD holds, or the files on disk where there is no commit or they were asked for.
    fn find(place: Option<&Place>, disk: bool) -> Self {
        let git = Git::new(".");
        let head = place.and_then(|_| git.commit("HEAD"));
        match (place, head.filter(|_| !disk)) {
            (Some(_), Some(head)) => {
                let commit = head.to_string();
                Subject {
                    source: Box::new(crate::source::tree::Tree {
                        git: git.clone(),
                        commit: commit.clone(),
                    }),
                    before: Box::new(scan::before::Tree {
                        git,
                        commit: commit.clone(),
                    }),
                    name: format!("HEAD {}", &commit[..10]),
                    commit: Some(commit),
                }
            }
            (Some(place), None) => {
                let why = if head.is_none() {
                    "the files on disk: no commit yet"
                } else {
                    "the files on disk"
                };
                Self::on_disk(place.root.clone(), why)
            }
            (None, _) => Self::on_disk(".".into(), "the files of this folder: no git repository"),
        }
    }

    fn on_disk(root: std::path::PathBuf, name: &str) -> Self {
        Subject {
            source: Box::new(Files {
                paths: vec![root.clone()],
                ignored: Ignored::Skip,
                largest: None,
            }),
            before: Box::new(Disk { roots: vec![root] }),
            name: name.to_owned(),
            commit: None,
        }
    }
}
