//! `guard history`: every commit.

use super::setup::{Place, Setup};
use super::{Exit, Global, output};
use crate::report::What;
use crate::scan;
use crate::source::git::Git;
use crate::source::history::{History, Unreachable};
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
    /// Objects that no ref and no reflog leads to count, too
    #[arg(long, conflicts_with = "range")]
    unreachable: bool,
}

pub(super) fn run(global: &Global, args: &HistoryArgs) -> anyhow::Result<Exit> {
    let place = Place::find()?;
    let setup = Setup::new(global, Some(&place.root))?;
    let missing = if args.allow_missing {
        Missing::Skip
    } else {
        Missing::Error
    };
    let (engine, policy) = (&setup.engine, &setup.policy);
    let git = Git::new(".");
    let report = match &args.range {
        Some(range) => {
            let source = Range {
                git,
                revisions: vec![range.clone()],
                missing,
            };
            scan::run(
                &source,
                engine,
                policy,
                &scan::before::Nothing,
                What::History,
            )?
        }
        None => {
            let unreachable = if args.unreachable {
                Unreachable::Scan
            } else {
                Unreachable::Skip
            };
            scan::history::run(
                &History::new(".", missing, unreachable),
                &git,
                engine,
                policy,
            )?
        }
    };
    output::finish(global, Some(&place), &report, setup.engine.rules())
}
