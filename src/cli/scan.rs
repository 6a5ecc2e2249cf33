//! `guard scan`: files, folders, standard input.

use std::path::PathBuf;

use anyhow::Context as _;

use super::setup::{Place, Setup};
use super::{Exit, Global, output};
use crate::blob::Origin;
use crate::policy::size;
use crate::report::What;
use crate::scan;
use crate::source::Source;
use crate::source::content::Content;
use crate::source::files::{Bytes, Files, Ignored};

/// Check files, folders, or standard input (`-`)
#[derive(Debug, clap::Args)]
pub(super) struct ScanArgs {
    /// What to check; `-` is standard input
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Check files that ignore files leave out, too
    #[arg(long)]
    no_ignore: bool,
    /// The path that rules see for standard input
    #[arg(long, value_name = "NAME", default_value = "-")]
    stdin_filename: String,
    /// Leave out larger files, and say so
    #[arg(long, value_name = "SIZE", value_parser = parse_size)]
    max_blob_size: Option<u64>,
}

impl ScanArgs {
    /// Returns what `guard scan FOLDER` means.
    pub(super) fn folder(folder: &str) -> Self {
        ScanArgs {
            paths: vec![folder.into()],
            no_ignore: false,
            stdin_filename: "-".to_owned(),
            max_blob_size: None,
        }
    }
}

fn parse_size(text: &str) -> Result<u64, String> {
    size(text).ok_or_else(|| "write a size such as 64M".to_owned())
}

pub(super) fn run(global: &Global, args: &ScanArgs) -> anyhow::Result<Exit> {
    let place = Place::find().ok();
    let setup = Setup::new(global, place.as_ref().map(|place| place.root.as_path()))?;
    let source: Box<dyn Source> = if args.paths == [PathBuf::from("-")] {
        let bytes = Content::read(&mut std::io::stdin().lock()).context("standard input")?;
        Box::new(Bytes {
            bytes,
            path: Some(args.stdin_filename.as_str().into()),
            origin: Origin::File,
        })
    } else {
        Box::new(Files {
            paths: args.paths.clone(),
            ignored: if args.no_ignore {
                Ignored::Read
            } else {
                Ignored::Skip
            },
            largest: args.max_blob_size.or(setup.policy.largest),
        })
    };
    let report = scan::run(
        source.as_ref(),
        &setup.engine,
        &setup.policy,
        &scan::before::Disk {
            roots: args.paths.clone(),
        },
        What::Files,
    )?;
    let place = place.map(|place| Place {
        scanned: args.paths.clone(),
        ..place
    });
    output::finish(global, place.as_ref(), report, setup.engine.rules())
}
