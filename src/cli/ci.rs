//! `guard ci`: what a range of commits brings in.

use anyhow::Context as _;

use super::setup::{Place, Setup};
use super::{Exit, Global, output};
use crate::report::What;
use crate::scan;
use crate::source::git::Git;
use crate::source::range::{Missing, Range};

/// Check what a pull request or a push brings in
#[derive(Debug, clap::Args)]
pub(super) struct CiArgs {
    /// The commit that the branch is compared with
    #[arg(long, value_name = "REV")]
    base: Option<String>,
    /// The commit that is checked
    #[arg(long, value_name = "REV", default_value = "HEAD")]
    head: String,
}

pub(super) fn run(global: &Global, args: &CiArgs) -> anyhow::Result<Exit> {
    let place = Place::find()?;
    let setup = Setup::new(global, Some(&place.root))?;
    let git = Git::new(".");
    let base = args
        .base
        .as_deref()
        .context("no base: give --base REV, the commit that the branch is compared with")?;
    let commit = |name: &str| {
        git.commit(name).with_context(|| {
            format!("{name} is not a commit in this clone: fetch it first, nothing was scanned")
        })
    };
    let (base, head) = (commit(base)?, commit(&args.head)?);
    let source = Range {
        git,
        revisions: vec![head.to_string(), format!("^{base}")],
        missing: Missing::Error,
    };
    let report = scan::run(
        &source,
        &setup.engine,
        &setup.policy,
        &scan::before::Nothing,
        What::Range,
    )?;
    output::finish(global, Some(&place), &report, setup.engine.rules())
}
