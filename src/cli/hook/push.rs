//! pre-push and pre-receive: what the other side does not have yet.

use std::env;
use std::ffi::OsString;
use std::io::Write as _;

use anyhow::bail;

use super::input;
use crate::blob::ObjectId;
use crate::cli::setup::{Place, Setup, committed, config_path};
use crate::cli::{Exit, Global, output, screen};
use crate::finding::printable;
use crate::hook::{Side, Update, updates};
use crate::report::{Report, What};
use crate::scan;
use crate::scan::tips::Tips;
use crate::source::SourceError;
use crate::source::git::Git;
use crate::source::range::{Missing, Range};

/// How a person gets out of it.
const REWRITE: &str = "       \
    a commit on top does not take it out of the commit that holds it: rewrite that\n       \
    one (git commit --amend, or git rebase -i), then push\n";

/// Looks at what a push would send: what no remote has.
pub(super) fn send(
    global: &Global,
    place: &Place,
    remote: Option<&OsString>,
) -> anyhow::Result<Exit> {
    let git = Git::new(".");
    let Some(mut revisions) = sent(&git)? else {
        return Ok(Exit::Clean);
    };
    revisions.extend(["--not".to_owned(), "--remotes".to_owned()]);
    let setup = Setup::new(global, Some(&place.root))?;
    let report = check(&setup, git.clone(), revisions)?;
    let exit = output::finish(global, Some(place), report, setup.engine.rules())?;
    if exit == Exit::Blocked {
        write!(screen::stderr(), "{REWRITE}")?;
    } else if let Some(remote) = remote.filter(|remote| is_new(&git, remote)) {
        writeln!(
            screen::stderr(),
            "guard: {} is new here: what your other remotes have was not checked again (guard history)",
            remote.display()
        )?;
    }
    Ok(exit)
}

/// Looks at what arrived in a server's repository, before it is taken in.
pub(super) fn receive(global: &Global, place: &Place) -> anyhow::Result<Exit> {
    let git = Git::new(".");
    let updates = read(Side::Receiver)?;
    let mut revisions = heads(&git, &updates);
    if revisions.is_empty() {
        return Ok(Exit::Clean);
    }
    revisions.extend(["--not".to_owned(), "--all".to_owned()]);
    let setup = server_setup(global, place, &git)?;
    let report = check(&setup, git, revisions)?;
    // Nothing is remembered: `guard allow` is for a clone.
    let exit = output::finish(global, None, report, setup.engine.rules())?;
    if exit == Exit::Blocked {
        writeln!(
            screen::stderr(),
            "{REWRITE}       the same in your clone: guard ci --base origin/BRANCH"
        )?;
    }
    Ok(exit)
}

/// Returns what holds on a server: its own file beside the repository, or else that of the commit which the
/// repository's HEAD names before the push.
fn server_setup(global: &Global, place: &Place, git: &Git) -> anyhow::Result<Setup> {
    let has_own = config_path(global, Some(&place.root))?.is_some();
    if has_own || global.isolated || git.commit("HEAD").is_none() {
        return Setup::new(global, Some(&place.root));
    }
    Setup::from_configs(global, &committed(git, "HEAD")?)
}

/// Returns the revisions that are pushed, or `None` when the push only deletes.
fn sent(git: &Git) -> anyhow::Result<Option<Vec<String>>> {
    let updates = read(Side::Sender)?;
    if !updates.is_empty() {
        let revisions = heads(git, &updates);
        return Ok((!revisions.is_empty()).then_some(revisions));
    }
    // pre-commit reads standard input itself and says the range in variables.
    if let Some(to) = env::var("PRE_COMMIT_TO_REF")
        .ok()
        .and_then(|to| git.commit(&to))
    {
        let from = env::var("PRE_COMMIT_FROM_REF")
            .ok()
            .and_then(|from| git.commit(&from));
        let mut revisions = vec![to.to_string()];
        revisions.extend(from.map(|from| format!("^{from}")));
        return Ok(Some(revisions));
    }
    // git names nothing when the other side has all; another hook may also have read it before us. Of the
    // commits here, those of HEAD are what is most likely meant.
    Ok(git.commit("HEAD").map(|head| vec![head.to_string()]))
}

/// Returns the new objects, and the old ones that are here, as revisions of `git rev-list`.
fn heads(git: &Git, updates: &[Update]) -> Vec<String> {
    let new: Vec<String> = updates
        .iter()
        .filter_map(|update| update.new)
        .map(|id| id.to_string())
        .collect();
    if new.is_empty() {
        return new;
    }
    let is_here = |id: &ObjectId| git.commit(&id.to_string()).is_some();
    let old = updates
        .iter()
        .filter_map(|update| update.old)
        .filter(is_here);
    let old = old.map(|id| format!("^{id}"));
    new.into_iter().chain(old).collect()
}

fn read(side: Side) -> anyhow::Result<Vec<Update>> {
    match updates(&input()?, side) {
        Ok(updates) => Ok(updates),
        Err(line) => bail!(
            "a line on standard input is not what git says of a push: {}",
            printable(&line)
        ),
    }
}

fn check(setup: &Setup, git: Git, revisions: Vec<String>) -> Result<Report, SourceError> {
    let is_tip = |revision: &&String| !revision.starts_with(['^', '-']);
    let tips = revisions.iter().filter(is_tip).cloned().collect();
    let before = Tips::new(git.clone(), tips, revisions.clone());
    let source = Range {
        git,
        revisions,
        missing: Missing::Error,
    };
    scan::run(&source, &setup.engine, &setup.policy, &before, What::Push)
}

/// Tells whether nothing of this remote was fetched yet, while other remotes are known.
fn is_new(git: &Git, remote: &OsString) -> bool {
    let has = |pattern: &str| {
        git.output("listing remotes", ["for-each-ref", "--count=1", pattern])
            .is_ok_and(|refs| !refs.is_empty())
    };
    has("refs/remotes/") && !has(&format!("refs/remotes/{}/", remote.to_string_lossy()))
}
