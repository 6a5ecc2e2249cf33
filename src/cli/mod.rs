//! The command line: what was typed, and one file for each command.

mod allow;
mod ci;
mod complete;
mod config;
mod exit;
mod explain;
mod fix;
mod history;
mod hook;
mod install;
mod last;
mod merge;
mod output;
mod practices;
mod progress;
mod repositories;
mod rules;
mod scan;
mod screen;
mod setup;
mod staged;
mod status;

use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand, ValueEnum};

pub use exit::Exit;

use crate::report::Format;

/// Stops a commit that carries a secret or an unsafe setting.
#[derive(Debug, Parser)]
#[command(name = "guard", version, about, long_about = None, propagate_version = true)]
#[command(
    after_help = "Exit codes: 0 clean or warnings only, 1 something blocks, 2 an error, 130 stopped by Ctrl-C."
)]
pub struct Args {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    command: Option<Command>,
}

/// What holds for every command.
#[derive(Debug, clap::Args)]
struct Global {
    /// Read the configuration from this file [default: guard.toml or .guard.toml at the top of the repository]
    #[arg(long, global = true, env = "GUARD_CONFIG", value_name = "PATH")]
    config: Option<PathBuf>,
    /// Ignore every configuration file
    #[arg(long, global = true, conflicts_with = "config")]
    isolated: bool,
    /// How the report is written [default: text; in GitHub Actions and Azure Pipelines theirs]
    #[arg(long, global = true, env = "GUARD_FORMAT", value_enum)]
    format: Option<Format>,
    /// Write the report to a file as well, in this format; `-` is standard output. May be given again
    #[arg(long, global = true, value_name = "FORMAT:PATH", value_parser = output::target)]
    output: Vec<output::Target>,
    /// When the program began.
    #[arg(skip = jiff::Timestamp::now())]
    began: jiff::Timestamp,
    /// Exit with 0 where findings would make it 1; an error stays 2
    #[arg(long, global = true)]
    exit_zero: bool,
    /// Warn of settings that are no fault where they stand, and of rules that are off
    #[arg(long, global = true)]
    all_rules: bool,
    /// Look into zip, tar and gzip archives, and what is one of them by another name (jar, docx, whl)
    #[arg(long, global = true)]
    archives: bool,
    /// Say less: the last line only; twice: nothing but the exit code
    #[arg(short, long, global = true, action = clap::ArgAction::Count, conflicts_with = "verbose")]
    quiet: u8,
    /// Say what was covered and what was allowed; never a byte of a secret
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    verbose: u8,
    /// When to use colour
    #[arg(long, global = true, value_enum, default_value_t = When::Auto, value_name = "WHEN")]
    color: When,
    /// Draw with ASCII characters only
    #[arg(long, global = true)]
    ascii: bool,
}

/// When to use colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum When {
    /// On a terminal, unless NO_COLOR is set
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Check what is staged: what the pre-commit hook runs
    Staged(staged::StagedArgs),
    /// Check files, folders, or standard input (`-`)
    Scan(scan::ScanArgs),
    /// Check every commit of the history
    History(history::HistoryArgs),
    /// Join reports that were written as JSON or JSON lines, without counting a finding twice
    Merge(merge::MergeArgs),
    /// Check what a pull request or a push brings in
    Ci(ci::CiArgs),
    /// Accept a finding of the last run, for a reason; without an id: list what is accepted
    Allow(allow::AllowArgs),
    /// Write the fix of a finding of the last run into the file, where that is safe; nothing is staged
    Fix(fix::FixArgs),
    /// Tell what a rule finds, why it matters and how to mend it
    Explain(explain::ExplainArgs),
    /// Tell how this repository stands with the ten practices of Python security
    Practices(practices::PracticesArgs),
    /// List the rules, or check a file of them
    Rules(rules::RulesArgs),
    /// Put guard into the hooks of a repository
    Install(install::InstallArgs),
    /// Take guard out of the hooks of a repository, and put back what was there
    Uninstall(install::UninstallArgs),
    /// Tell which configuration holds, or print what one may say
    Config(config::ConfigArgs),
    /// Print the completions of a shell
    Completions(complete::CompletionsArgs),
    /// Write the manual pages into a folder
    Man(complete::ManArgs),
    /// Tell whether guard runs in a repository, and what stands in the way
    Status(status::StatusArgs),
    /// Answer one of git's hooks; `guard install` puts the calls in
    #[command(hide = true)]
    Hook(hook::HookArgs),
}

/// Runs the program and returns its exit code.
pub fn main() -> ExitCode {
    // The question of a hook that looks for guard: other programs of that name do not know it.
    if std::env::args_os()
        .nth(1)
        .is_some_and(|first| first == "--is-guard")
    {
        return Exit::Clean.into();
    }
    let args = match Args::try_parse() {
        Ok(args) => args,
        Err(error) => {
            // To a closed pipe nothing can be said.
            let _ = if error.use_stderr() {
                write!(screen::stderr(), "{}", error.render().ansi())
            } else {
                error.print()
            };
            return if error.use_stderr() {
                Exit::Error
            } else {
                Exit::Clean
            }
            .into();
        }
    };
    choose_color(args.global.color);
    match run(&args) {
        Ok(exit) => exit.into(),
        Err(error) => {
            let _ = writeln!(screen::stderr(), "guard: \x1b[1;31merror\x1b[0m: {error:#}");
            Exit::Error.into()
        }
    }
}

fn run(args: &Args) -> anyhow::Result<Exit> {
    let global = &args.global;
    match &args.command {
        Some(Command::Staged(args)) => staged::run(global, args),
        Some(Command::Scan(args)) => scan::run(global, args),
        Some(Command::History(args)) => history::run(global, args),
        Some(Command::Merge(args)) => merge::run(global, args),
        Some(Command::Ci(args)) => ci::run(global, args),
        Some(Command::Allow(args)) => allow::run(global, args),
        Some(Command::Fix(args)) => fix::run(global, args),
        Some(Command::Explain(args)) => explain::run(global, args),
        Some(Command::Practices(args)) => practices::run(global, args),
        Some(Command::Rules(args)) => rules::run(global, args),
        Some(Command::Install(args)) => install::install(args),
        Some(Command::Uninstall(args)) => install::uninstall(args),
        Some(Command::Config(args)) => config::run(global, args),
        Some(Command::Completions(args)) => complete::completions(args),
        Some(Command::Man(args)) => complete::man(args),
        Some(Command::Status(args)) => status::run(global, args),
        Some(Command::Hook(args)) => hook::run(global, args),
        None => {
            let mut command = <Args as clap::CommandFactory>::command();
            writeln!(anstream::stdout(), "{}", command.render_help().ansi())?;
            Ok(Exit::Clean)
        }
    }
}

fn choose_color(when: When) {
    match when {
        When::Auto => {}
        When::Always => anstream::ColorChoice::Always.write_global(),
        When::Never => anstream::ColorChoice::Never.write_global(),
    }
}
