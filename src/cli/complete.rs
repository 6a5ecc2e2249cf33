//! `guard completions` and `guard man`: made from the command line itself.

use std::io::Write as _;
use std::path::PathBuf;

use anyhow::Context as _;
use clap::CommandFactory as _;

use super::{Args, Exit};

/// Print the completions of a shell
#[derive(Debug, clap::Args)]
pub(super) struct CompletionsArgs {
    /// The shell
    shell: clap_complete::Shell,
}

/// Write the manual pages into a folder
#[derive(Debug, clap::Args)]
pub(super) struct ManArgs {
    /// The folder; it is made if it is not there
    #[arg(value_name = "DIR")]
    folder: PathBuf,
}

pub(super) fn completions(args: &CompletionsArgs) -> anyhow::Result<Exit> {
    let mut text = Vec::new();
    clap_complete::generate(args.shell, &mut Args::command(), "guard", &mut text);
    std::io::stdout().lock().write_all(&text)?;
    Ok(Exit::Clean)
}

pub(super) fn man(args: &ManArgs) -> anyhow::Result<Exit> {
    fs_err::create_dir_all(&args.folder)?;
    clap_mangen::generate_to(Args::command(), &args.folder)
        .with_context(|| format!("writing into {}", args.folder.display()))?;
    Ok(Exit::Clean)
}
