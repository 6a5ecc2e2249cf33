//! `guard history`: every commit.

use sha2::{Digest as _, Sha256};

use super::setup::{Place, Setup};
use super::{Exit, Global, output};
use crate::report::What;
use crate::scan;
use crate::scan::history::{Job, Reading, Shelf};
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
    /// Scan all again, whatever is remembered of earlier scans
    #[arg(long)]
    fresh: bool,
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
            scan::history::run(&Job {
                history: &History::new(".", missing, unreachable),
                git: &git,
                engine,
                policy,
                shelf: (!args.unreachable).then(|| shelf(&place, &setup, args)),
            })?
        }
    };
    output::finish(global, Some(&place), &report, setup.engine.rules())
}

/// Returns where the scan is remembered. All working trees of a repository share its history.
fn shelf(place: &Place, setup: &Setup, args: &HistoryArgs) -> Shelf {
    Shelf {
        path: place.shared.join("guard").join("history"),
        key: key(setup, args),
        reading: if args.fresh {
            Reading::Fresh
        } else {
            Reading::Remembered
        },
    }
}

/// Returns a hash of what decides which findings a blob has: the program, its rules, and of the configuration the
/// levels, the person's own rules and the limit. Allowances and skipped paths are judged each time.
fn key(setup: &Setup, args: &HistoryArgs) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update(env!("CARGO_PKG_VERSION"));
    // A program that was built anew may find other things under the same version.
    let built = std::env::current_exe().and_then(|path| path.metadata());
    if let Ok(built) = built {
        hash.update(built.len().to_le_bytes());
        let changed = built.modified().ok();
        let since = changed.and_then(|time| time.duration_since(std::time::UNIX_EPOCH).ok());
        hash.update(since.unwrap_or_default().as_nanos().to_le_bytes());
    }
    setup.engine.rules().digest(&mut |bytes| hash.update(bytes));
    hash.update([u8::from(args.allow_missing)]);
    hash.update(setup.policy.largest.unwrap_or(u64::MAX).to_le_bytes());
    hash.finalize().into()
}
