//! `guard explain`: one rule, whole.

use std::io::Write as _;

use anyhow::bail;

use super::setup::{Place, Setup};
use super::{Exit, Global};
use crate::policy::nearest;
use crate::rule::section;

/// Tell what a rule finds, why it matters and how to mend it
#[derive(Debug, clap::Args)]
pub(super) struct ExplainArgs {
    /// The id of the rule, as a finding shows it
    rule: String,
}

pub(super) fn run(global: &Global, args: &ExplainArgs) -> anyhow::Result<Exit> {
    let place = Place::find().ok();
    let setup = Setup::new(global, place.as_ref().map(|place| place.root.as_path()))?;
    let rules = setup.engine.rules();
    let Some(index) = rules.find(&args.rule) else {
        match nearest(&args.rule, rules.ids()) {
            Some(name) => bail!("there is no rule `{}`: did you mean `{name}`?", args.rule),
            None => bail!("there is no rule `{}`: `guard rules` lists them", args.rule),
        }
    };
    write!(anstream::stdout(), "{}", section(rules.get(index)))?;
    Ok(Exit::Clean)
}
