//! `guard history`: every commit.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, bail};
use bstr::ByteSlice as _;
use sha2::{Digest as _, Sha256};

use super::progress::Line;
use super::repositories::Target;
use super::setup::{Place, Setup};
use super::{Exit, Global, output, repositories};
use crate::report::What;
use crate::scan::history::{Job, Lines, Reading, Shelf};
use crate::source::git::Git;
use crate::source::history::select::{Selection, Wanted};
use crate::source::history::{History, Progress, Shard, Unreachable};
use crate::source::range::Missing;

/// Check every commit of the history
#[derive(Debug, clap::Args)]
pub(super) struct HistoryArgs {
    /// Only what these commits bring in (`A..B`, or a revision), or the repositories in these folders
    /// [default: all refs, stashes and reflogs of this one]
    #[arg(value_name = "RANGE|REPO")]
    what: Vec<String>,
    /// Only what commits after this time bring in: 2026-01-31, 2.weeks.ago
    #[arg(long, value_name = "TIME")]
    since: Option<String>,
    /// Only what commits before this time bring in
    #[arg(long, value_name = "TIME")]
    until: Option<String>,
    /// Only what is brought to these paths, or to paths of these patterns
    #[arg(last = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Objects that a partial clone has not fetched are said, not an error
    #[arg(long)]
    allow_missing: bool,
    /// Objects that no ref and no reflog leads to count, too
    #[arg(long, conflicts_with_all = ["since", "until", "paths"])]
    unreachable: bool,
    /// Scan one of so many parts of each history; `guard merge` joins their reports
    #[arg(long, value_name = "I/N", conflicts_with_all = ["since", "until", "paths"])]
    shard: Option<Shard>,
    /// Scan all again, whatever is remembered of earlier scans
    #[arg(long)]
    fresh: bool,
}

pub(super) fn run(global: &Global, args: &HistoryArgs) -> anyhow::Result<Exit> {
    match repositories::target(&args.what)? {
        Target::Here(ranges) => here(global, args, ranges),
        Target::Repositories(folders) => repositories::run(global, &folders, &|folder, setup| {
            let git = Git::new(folder);
            let selection = select(global, args, &git, &[])?;
            let history = history(args, folder, selection.as_ref());
            let shared = shared(&git).filter(|_| is_usual(args, &history));
            Ok(crate::scan::history::run(&Job {
                history: &history,
                git: &git,
                engine: &setup.engine,
                policy: &setup.policy,
                shelf: shared.map(|shared| shelf(&shared, setup, args)),
                selection,
                lines: lines(global),
            })?)
        }),
    }
}

fn here(global: &Global, args: &HistoryArgs, ranges: &[String]) -> anyhow::Result<Exit> {
    if !ranges.is_empty() && (args.unreachable || args.shard.is_some()) {
        bail!(
            "--unreachable and --shard are for a whole history, not for {}",
            ranges.join(" ")
        );
    }
    let place = Place::find()?;
    let setup = Setup::new(global, Some(&place.root))?;
    let git = Git::new(".");
    let selection = select(global, args, &git, ranges)?;
    let history = history(args, Path::new("."), selection.as_ref());
    let progress = history.progress();
    stop_on_interrupt(&progress)?;
    let line = Line::show(global, Arc::clone(&progress));
    let report = crate::scan::history::run(&Job {
        history: &history,
        git: &git,
        engine: &setup.engine,
        policy: &setup.policy,
        shelf: is_usual(args, &history).then(|| shelf(&place.shared, &setup, args)),
        selection,
        lines: lines(global),
    });
    drop(line);
    let exit = output::finish(global, Some(&place), report?, setup.engine.rules())?;
    Ok(if progress.is_stopped() {
        Exit::Interrupted
    } else {
        exit
    })
}

fn history(args: &HistoryArgs, folder: &Path, selection: Option<&Selection>) -> History {
    let missing = if args.allow_missing {
        Missing::Skip
    } else {
        Missing::Error
    };
    let unreachable = if args.unreachable {
        Unreachable::Scan
    } else {
        Unreachable::Skip
    };
    let beyond = selection.map_or(&[][..], |chosen| &chosen.beyond);
    History::new(folder, missing, unreachable)
        .with(beyond)
        .part(args.shard.unwrap_or(Shard::WHOLE))
}

fn select(
    global: &Global,
    args: &HistoryArgs,
    git: &Git,
    ranges: &[String],
) -> anyhow::Result<Option<Selection>> {
    let wanted = args.wanted(ranges)?;
    if wanted.is_all() {
        return Ok(None);
    }
    Ok(Some(wanted.select(git, global.began.as_second())?))
}

fn lines(global: &Global) -> Lines {
    if output::shows_lines(global, What::History) {
        Lines::Shown
    } else {
        Lines::Hidden
    }
}

/// Lets Ctrl-C end the scan, which then tells what it found so far; a second one ends the program.
fn stop_on_interrupt(progress: &Progress) -> anyhow::Result<()> {
    use signal_hook::consts::SIGINT;
    let code = i32::from(Exit::Interrupted as u8);
    signal_hook::flag::register_conditional_shutdown(SIGINT, code, progress.stop())
        .and_then(|_| signal_hook::flag::register(SIGINT, progress.stop()))
        .context("listening for Ctrl-C")?;
    Ok(())
}

impl HistoryArgs {
    fn wanted(&self, ranges: &[String]) -> anyhow::Result<Wanted> {
        let path = |path: &PathBuf| {
            let text = path.to_str().map(str::to_owned);
            text.with_context(|| format!("{}: write a pattern that is UTF-8", path.display()))
        };
        Ok(Wanted {
            revisions: ranges.to_vec(),
            since: self.since.clone(),
            until: self.until.clone(),
            paths: self.paths.iter().map(path).collect::<anyhow::Result<_>>()?,
        })
    }
}

/// Tells whether a scan is remembered: what is remembered is about all that refs and reflogs lead to.
fn is_usual(args: &HistoryArgs, history: &History) -> bool {
    !args.unreachable && args.shard.is_none() && !history.goes_beyond()
}

/// Returns the folder that all working trees of a repository share; where git does not tell, nothing is remembered.
fn shared(git: &Git) -> Option<PathBuf> {
    let arguments = ["rev-parse", "--path-format=absolute", "--git-common-dir"];
    let said = git.output("finding the repository", arguments).ok()?;
    let path = said.strip_suffix(b"\n").unwrap_or(&said);
    Some(path.to_path_lossy().into_owned())
}

/// Returns where the scan is remembered. All working trees of a repository share its history.
fn shelf(shared: &Path, setup: &Setup, args: &HistoryArgs) -> Shelf {
    Shelf {
        path: shared.join("guard").join("history"),
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
