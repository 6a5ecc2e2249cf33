//! `guard merge`: joins reports of several runs into one.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use anyhow::Context as _;

use super::{Exit, Global, output};
use crate::report::{Report, Wanted, read};
use crate::rule::Rules;

/// Join reports that were written as JSON or JSON lines, without counting a finding twice
#[derive(Debug, clap::Args)]
pub(super) struct MergeArgs {
    /// The reports; `-` is standard input
    #[arg(required = true, value_name = "REPORT")]
    reports: Vec<PathBuf>,
}

pub(super) fn run(global: &Global, args: &MergeArgs) -> anyhow::Result<Exit> {
    let mut rules = Rules::builtin();
    let mut reports = Vec::new();
    for path in &args.reports {
        let name = path.display().to_string();
        let text = content(path).with_context(|| name.clone())?;
        let of_file = read(&text, &mut rules).with_context(|| name.clone())?;
        reports.extend(of_file.into_iter().map(|report| (name.clone(), report)));
    }
    let report = Report::join(reports, Wanted::Whole)?;
    output::finish(global, None, report, &rules)
}

fn content(path: &Path) -> std::io::Result<Vec<u8>> {
    if path.as_os_str() == "-" {
        let mut bytes = Vec::new();
        std::io::stdin().lock().read_to_end(&mut bytes)?;
        return Ok(bytes);
    }
    fs_err::read(path)
}
