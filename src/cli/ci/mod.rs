//! `guard ci`: what a pull request or a push brings in.

mod range;
mod word;

use std::collections::BTreeMap;
use std::env;
use std::io::Write as _;

use anyhow::bail;

use super::setup::Place;
use super::{Exit, Global, output, screen};
use crate::ci::{Empty, Job, Start, Surroundings, Word};
use crate::report::What;
use crate::scan;
use crate::scan::base::{Base, Trust};
use crate::source::Skip;
use crate::source::git::Git;
use crate::source::pull::Pull;
use crate::source::range::Missing;
use range::Resolved;
use word::Words;

/// Check what a pull request or a push brings in
#[derive(Debug, clap::Args)]
#[command(after_help = "\
The CI system, base and head are told by the environment; nothing is fetched. The guard.toml of the base commit holds: \
what the pull request itself would accept beyond it is listed, and blocks.")]
pub(super) struct CiArgs {
    /// The commit that the branch is compared with [default: as the CI system says]
    #[arg(long, value_name = "REV")]
    base: Option<String>,
    /// The commit that is checked [default: as the CI system says, or HEAD]
    #[arg(long, value_name = "REV")]
    head: Option<String>,
    /// Accept what the configuration and the comments of the head accept: a maintainer's choice
    #[arg(long)]
    accept_head_config: bool,
    /// Check what is there of a history that is cut off, and say so
    #[arg(long)]
    allow_shallow: bool,
    /// Objects that a partial clone has not fetched are said, not an error
    #[arg(long)]
    allow_missing: bool,
}

pub(super) fn run(global: &Global, args: &CiArgs) -> anyhow::Result<Exit> {
    let place = Place::find()?;
    let git = Git::new(".");
    let job = job(args)?;
    let mut resolved = Resolved::new(&git, &job)?;
    resolved.check_depth(&git, &job, args.allow_shallow)?;
    if resolved.commits.is_empty() && job.empty == Empty::Wrong {
        bail!(
            "{job}: no commit is reachable from {:.10} and not from {:.10}: nothing was scanned\n       \
             name other commits with --base and --head",
            resolved.head,
            resolved.base.expect("a range from nothing holds its head"),
        );
    }
    say(global, &job, &resolved)?;
    let accepts = args.accept_head_config || job.word == Word::Head || resolved.base.is_none();
    let word = if accepts { Word::Head } else { Word::Base };
    let words = Words::read(global, &place, &git, &resolved, word)?;
    let missing = if args.allow_missing {
        Missing::Skip
    } else {
        Missing::Error
    };
    let pull = Pull::new(git.clone(), resolved.base.as_ref(), &resolved.head, missing)?;
    let loosened = words.loosened();
    let (engine, policy, head) = words.setup(accepts);
    let trust = match &head {
        None => Trust::Head,
        Some((head_rules, head_policy)) => Trust::Base {
            policy: &policy,
            head_rules,
            head_policy,
        },
    };
    let ends = (resolved.base, resolved.head);
    let before = Base::new(git, &pull, ends, &resolved.commits, trust);
    let mut report = scan::run(&pull, &engine, &policy, &before, What::Range)?;
    if let Some(graft) = resolved.cut_off.take() {
        report.coverage.skipped.push(Skip {
            path: None,
            reason: format!(
                "the history is cut off at {graft}: what came before was not looked at"
            ),
        });
    }
    if accepts {
        for what in &loosened {
            writeln!(screen::stderr(), "guard: accepted from the head: {what}")?;
        }
    } else {
        report.loosened = loosened;
    }
    output::finish(global, Some(&place), report, engine.rules())
}

/// Returns what the job is about: as it was typed, or as the environment says.
fn job(args: &CiArgs) -> anyhow::Result<Job> {
    let variables: BTreeMap<String, String> = env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .collect();
    let event = variables
        .get("GITHUB_EVENT_PATH")
        .and_then(|path| fs_err::read_to_string(path).ok());
    let around = Surroundings {
        variables: &variables,
        event: event.as_deref(),
    };
    let mut job = match &args.base {
        Some(base) => Job {
            system: crate::ci::system(around),
            subject: format!("{base}..{}", args.head.as_deref().unwrap_or("HEAD")),
            bases: vec![Start::Commit(base.clone())],
            head: "HEAD".to_owned(),
            empty: Empty::Wrong,
            word: Word::Base,
        },
        None => crate::ci::job(around).map_err(|refusal| range::refused(&refusal))?,
    };
    if let Some(head) = &args.head {
        job.head.clone_from(head);
    }
    Ok(job)
}

/// Says on standard error what is looked at.
fn say(global: &Global, job: &Job, resolved: &Resolved) -> anyhow::Result<()> {
    if global.quiet > 0 {
        return Ok(());
    }
    let count = resolved.commits.len();
    let noun = if count == 1 { "commit" } else { "commits" };
    let base = resolved
        .base
        .map_or_else(|| "the beginning".to_owned(), |id| format!("{id:.7}"));
    let subject = crate::finding::printable(job.to_string().as_bytes());
    writeln!(
        screen::stderr(),
        "guard: {subject}: {count} {noun}, {base} … {:.7}",
        resolved.head
    )?;
    Ok(())
}
