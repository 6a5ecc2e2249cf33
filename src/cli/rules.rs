//! `guard rules`: the list of rules, and the test of a file of rules.

use std::io::{self, Write};
use std::path::PathBuf;

use anyhow::{Context as _, bail};
use clap::{Subcommand, ValueEnum};

use super::setup::{Place, Setup};
use super::{Exit, Format, Global, output, screen};
use crate::detect::{Engine, failures};
use crate::report::{write_rule_lines, write_rules};
use crate::rule::{Kind, Level, Rule, Rules, parse};

/// List the rules, or check a file of them
#[derive(Debug, clap::Args)]
pub(super) struct RulesArgs {
    #[command(subcommand)]
    command: Option<RulesCommand>,
    /// Only rules of this provider or subject
    #[arg(long)]
    provider: Option<String>,
    /// Only rules of this level
    #[arg(long, value_enum)]
    level: Option<LevelArg>,
    /// Only rules of this kind
    #[arg(long, value_enum)]
    kind: Option<KindArg>,
}

#[derive(Debug, Subcommand)]
enum RulesCommand {
    /// Run the examples of a file of rules through the whole engine
    Check {
        /// A TOML file with [[rule]] tables
        file: PathBuf,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum LevelArg {
    Off,
    Warn,
    Block,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum KindArg {
    Secret,
    Config,
    Path,
}

pub(super) fn run(global: &Global, args: &RulesArgs) -> anyhow::Result<Exit> {
    if let Some(RulesCommand::Check { file }) = &args.command {
        return check(file);
    }
    let formats = global.output.iter().map(output::Target::format);
    for format in global.format.into_iter().chain(formats) {
        if !matches!(format, Format::Text | Format::Json | Format::Jsonl) {
            bail!("guard rules is written as text, json or jsonl: --format json");
        }
    }
    let place = Place::find().ok();
    let setup = Setup::new(global, place.as_ref().map(|place| place.root.as_path()))?;
    let rules = setup.engine.rules();
    let mut listed = Vec::new();
    for index in rules.indexes() {
        let (level, kind) = (rules.level(index), rules.kind(index));
        let rule = rules.get(index);
        let wanted = args.level.is_none_or(|wanted| level_of(wanted) == level)
            && args.kind.is_none_or(|wanted| kind_of(wanted) == kind)
            && args
                .provider
                .as_ref()
                .is_none_or(|wanted| rule.provider.as_ref() == Some(wanted));
        if wanted {
            listed.push((rule, level));
        }
    }
    output::deliver(
        global,
        output::look(global),
        |format, _, out| match format {
            Format::Json => write_rules(&listed, out),
            Format::Jsonl => write_rule_lines(&listed, out),
            _ => write_text(&listed, out),
        },
    )?;
    Ok(Exit::Clean)
}

fn write_text(rules: &[(&Rule, Level)], out: &mut dyn Write) -> io::Result<()> {
    for (rule, level) in rules {
        let level = match level {
            Level::Off => "off",
            Level::Warn => "warn",
            Level::Block => "block",
        };
        writeln!(out, "{level:5}  {:40}  {}", rule.id, rule.title)?;
    }
    Ok(())
}

fn level_of(level: LevelArg) -> Level {
    match level {
        LevelArg::Off => Level::Off,
        LevelArg::Warn => Level::Warn,
        LevelArg::Block => Level::Block,
    }
}

fn kind_of(kind: KindArg) -> Kind {
    match kind {
        KindArg::Secret => Kind::Secret,
        KindArg::Config => Kind::Config,
        KindArg::Path => Kind::Path,
    }
}

fn check(file: &PathBuf) -> anyhow::Result<Exit> {
    let text = fs_err::read_to_string(file)?;
    let rules = parse(&text, &file.display().to_string()).context("nothing was checked")?;
    let engine = Engine::new(Rules::only(rules));
    let mut out = screen::stdout();
    let mut failed = 0;
    for index in engine.rules().indexes() {
        let id = &engine.rules().get(index).id;
        for failure in failures(&engine, index) {
            failed += 1;
            writeln!(out, "{}: rule {id}: {failure}", file.display())?;
        }
    }
    if failed > 0 {
        return Ok(Exit::Blocked);
    }
    writeln!(
        out,
        "guard: {} rules hold all their examples",
        engine.rules().len()
    )?;
    Ok(Exit::Clean)
}
