//! `guard config`: which configuration holds here, and what one may say.

use std::io::Write as _;

use super::setup::{Place, Setup, config_path};
use super::{Exit, Global, screen};

/// What a `guard.toml` may say, as a JSON Schema.
const SCHEMA: &str = include_str!("../../docs/guard.schema.json");

/// Tell which configuration holds, or print what one may say
#[derive(Debug, clap::Args)]
pub(super) struct ConfigArgs {
    /// Print the JSON Schema of guard.toml
    #[arg(long)]
    schema: bool,
}

pub(super) fn run(global: &Global, args: &ConfigArgs) -> anyhow::Result<Exit> {
    let mut out = screen::stdout();
    if args.schema {
        out.write_all(SCHEMA.as_bytes())?;
        return Ok(Exit::Clean);
    }
    let place = Place::find().ok();
    let root = place.as_ref().map(|place| place.root.as_path());
    let Some(path) = config_path(global, root)? else {
        writeln!(out, "guard: no configuration: the built-in rules hold")?;
        return Ok(Exit::Clean);
    };
    let setup = Setup::new(global, root)?;
    let rules = setup.engine.rules();
    let own = rules
        .indexes()
        .filter(|&index| !rules.is_builtin(index))
        .count();
    writeln!(
        out,
        "guard: {} holds: {} allowances, {} paths left out, {own} rules of its own",
        path.display(),
        setup.policy.allow.len(),
        setup.policy.skip.patterns().len(),
    )?;
    Ok(Exit::Clean)
}
