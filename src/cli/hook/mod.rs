//! `guard hook EVENT`: what git's hooks run.

mod after;
mod message;
mod push;

use std::env;
use std::ffi::OsString;
use std::io::{IsTerminal as _, Read as _, Write as _};

use anyhow::Context as _;

use super::setup::Place;
use super::{Exit, Global, scan, screen, staged};
use crate::blob::ObjectId;
use crate::hook::Seen;
use crate::source::git::Git;

/// Answer one of git's hooks; `guard install` puts the calls in
#[derive(Debug, clap::Args)]
pub(super) struct HookArgs {
    /// The hook
    #[arg(value_enum)]
    event: EventArg,
    /// What git hands to the hook
    #[arg(
        trailing_var_arg = true,
        allow_hyphen_values = true,
        value_name = "ARGUMENT"
    )]
    arguments: Vec<OsString>,
}

/// The hook.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum EventArg {
    /// Before a commit
    PreCommit,
    /// Before a merge without conflict
    PreMergeCommit,
    /// Before a commit, with its message
    CommitMsg,
    /// Before a push
    PrePush,
    /// After a commit
    PostCommit,
    /// On a server, before what was pushed is taken in
    PreReceive,
}

pub(super) fn run(global: &Global, args: &HookArgs) -> anyhow::Result<Exit> {
    let place = Place::find()?;
    // Who pushes does not decide what a server takes in.
    if args.event != EventArg::PreReceive && is_skip_wanted() {
        return skip(&place, args.event);
    }
    match args.event {
        EventArg::PreCommit | EventArg::PreMergeCommit => before(global, &place),
        EventArg::CommitMsg => message::run(global, &place, args.arguments.first()),
        EventArg::PrePush => push::send(global, &place, args.arguments.first()),
        EventArg::PreReceive => push::receive(global, &place),
        EventArg::PostCommit => after::run(&place),
    }
}

/// Looks at what is staged, and remembers it for `post-commit` when it may pass.
fn before(global: &Global, place: &Place) -> anyhow::Result<Exit> {
    if is_run_by_hand_under_pre_commit() && staged::is_nothing_staged()? {
        writeln!(
            screen::stderr(),
            "guard: nothing is staged, so all files here are checked"
        )?;
        return scan::run(global, &scan::ScanArgs::folder("."));
    }
    let exit = staged::merged(global, &merged(place))?;
    if exit == Exit::Clean {
        Seen::of(&place.git_dir).remember_index();
    }
    Ok(exit)
}

/// Returns the commits that are being merged in and that a remote has: what they hold is out already, and comes in
/// from others. A merge that conflicted leaves a file; one that did not names them in variables (`git merge`).
fn merged(place: &Place) -> Vec<ObjectId> {
    let file = fs_err::read_to_string(place.git_dir.join("MERGE_HEAD")).unwrap_or_default();
    let names = env::vars_os().filter_map(|(name, _)| name.into_string().ok());
    let mut commits: Vec<ObjectId> = names
        .filter_map(|name| ObjectId::from_hex(name.strip_prefix("GITHEAD_")?.as_bytes()))
        .chain(
            file.lines()
                .filter_map(|line| ObjectId::from_hex(line.as_bytes())),
        )
        .collect();
    commits.sort_unstable();
    commits.dedup();
    let git = Git::new(".");
    commits.retain(|id| {
        let arguments =
            ["rev-list", "-n", "1", &id.to_string(), "--not", "--remotes"].map(str::to_owned);
        let beyond = git.output("looking for a merged commit on the remotes", arguments);
        beyond.is_ok_and(|beyond| beyond.is_empty())
    });
    commits
}

/// Tells whether `pre-commit run --all-files` or its like was typed: a commit would have named its index.
fn is_run_by_hand_under_pre_commit() -> bool {
    env::var_os("PRE_COMMIT").is_some() && env::var_os("GIT_INDEX_FILE").is_none()
}

fn is_skip_wanted() -> bool {
    env::var_os("GUARD_SKIP").is_some_and(|value| !value.is_empty() && value != "0")
}

/// Lets pass what a person wants to pass, and leaves a trace of it.
fn skip(place: &Place, event: EventArg) -> anyhow::Result<Exit> {
    if event == EventArg::PostCommit {
        return Ok(Exit::Clean);
    }
    let name = clap::ValueEnum::to_possible_value(&event)
        .map_or_else(String::new, |value| value.get_name().to_owned());
    let folder = place.memory();
    let file = folder.join("log");
    let time = jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ");
    let noted = fs_err::create_dir_all(&folder).and_then(|()| {
        let mut log = fs_err::OpenOptions::new()
            .create(true)
            .append(true)
            .open(&file)?;
        writeln!(log, "{time} {name}")
    });
    noted.context("a skip has to be noted")?;
    writeln!(
        screen::stderr(),
        "guard: {name} skipped (GUARD_SKIP), noted in {}",
        file.display()
    )?;
    Ok(Exit::Clean)
}

/// Returns what git tells on standard input; nothing where a person types.
fn input() -> anyhow::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut stdin = std::io::stdin().lock();
    if !stdin.is_terminal() {
        stdin
            .read_to_end(&mut bytes)
            .context("reading what git says is pushed")?;
    }
    Ok(bytes)
}
