//! `guard history`: every commit.

use super::setup::{Place, Setup};
use super::{Exit, Global, output};
use crate::report::What;
use crate::scan;
use crate::source::git::Git;
use crate::source::range::{Missing, Range};

/// Check every commit of the history
#[derive(Debug, clap::Args)]
pub(super) struct HistoryArgs {
    /// Only what this range reaches: `A..B`, or a revision [default: all refs, stashes and reflogs]
    #[arg(value_name = "RANGE")]
    range: Option<String>,
    /// Objects that a partial clone has not fetched are said, not an error
    #[arg(long)]
    allow_missing: bool,
}

pub(super) fn run(global: &Global, args: &HistoryArgs) -> anyhow::Result<Exit> {
    let place = Place::find()?;
    let setup = Setup::new(global, Some(&place.root))?;
    let revisions = match &args.range {
        Some(range) => vec![range.clone()],
        None => ["--all", "--reflog", "HEAD"].map(str::to_owned).to_vec(),
    };
    let missing = if args.allow_missing {
        Missing::Skip
    } else {
        Missing::Error
    };
    let source = Range {
        git: Git::new("."),
        revisions,
        missing,
    };
    let report = scan::run(
        &source,
        &setup.engine,
        &setup.policy,
        &scan::before::Nothing,
        What::History,
    )?;
    output::finish(global, Some(&place), &report, setup.engine.rules())
}
