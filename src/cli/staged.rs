//! `guard staged`: what a commit would add.

use super::setup::{Place, Setup};
use super::{Exit, Global, output};
use crate::blob::ObjectId;
use crate::report::What;
use crate::scan;
use crate::scan::before::{Both, Head};
use crate::scan::boundary::Boundary;
use crate::source::git::Git;
use crate::source::index::Index;

/// Check what is staged: what the pre-commit hook runs
#[derive(Debug, clap::Args)]
pub(super) struct StagedArgs {}

/// Tells whether a commit would change nothing that can be looked at.
pub(super) fn is_nothing_staged() -> anyhow::Result<bool> {
    Ok(Index::open(".")?.changes()?.is_empty())
}

pub(super) fn run(global: &Global, _args: &StagedArgs) -> anyhow::Result<Exit> {
    merged(global, &[])
}

/// Checks what is staged where these commits are about to be merged in, which others have already.
pub(super) fn merged(global: &Global, commits: &[ObjectId]) -> anyhow::Result<Exit> {
    let place = Place::find()?;
    let setup = Setup::new(global, Some(&place.root))?;
    let index = Index::open(".")?;
    let merged = Boundary::nowhere(Git::new("."));
    let merged = commits.iter().fold(merged, |all, &id| all.also(id));
    let before = Both(Head::new(&index), merged);
    let report = scan::run(&index, &setup.engine, &setup.policy, &before, What::Commit)?;
    output::finish(global, Some(&place), report, setup.engine.rules())
}
