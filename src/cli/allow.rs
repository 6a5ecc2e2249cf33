//! `guard allow`: accept a finding of the last run, with a reason; list what is accepted.

use std::io::{BufRead as _, IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, anyhow, bail};
use toml_edit::{ArrayOfTables, DocumentMut, Item, Table, value};

use super::output::{Remembered, write_atomically};
use super::setup::{Place, Setup, config_path};
use super::{Exit, Global, screen};
use crate::finding::Fingerprint;
use crate::policy::date;
use crate::source::git::Git;

/// Accept a finding of the last run, for a reason; without an id: list what is accepted
#[derive(Debug, clap::Args)]
pub(super) struct AllowArgs {
    /// The id that the finding shows: the first digits are enough
    id: Option<String>,
    /// Why it is accepted
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
    /// The last day on which it is accepted, as 2027-03-01
    #[arg(long, value_name = "DATE")]
    until: Option<String>,
    /// Accept the value under every path
    #[arg(long)]
    everywhere: bool,
    /// Do not stage the configuration file
    #[arg(long)]
    no_stage: bool,
    /// Take an allowance back
    #[arg(long, conflicts_with_all = ["reason", "until", "everywhere"])]
    remove: bool,
    /// Exit with 1 if an allowance has lapsed
    #[arg(long, conflicts_with_all = ["id", "reason", "until", "everywhere", "remove"])]
    check: bool,
}

pub(super) fn run(global: &Global, args: &AllowArgs) -> anyhow::Result<Exit> {
    let place = Place::find()?;
    match &args.id {
        None => list(global, &place, args.check),
        Some(id) if args.remove => remove(global, &place, id, args),
        Some(id) => allow(global, &place, id, args),
    }
}

fn list(global: &Global, place: &Place, check: bool) -> anyhow::Result<Exit> {
    let policy = Setup::new(global, Some(&place.root))?.policy;
    let mut out = screen::stdout();
    let mut lapsed = 0;
    if policy.allow.is_empty() {
        writeln!(out, "guard: nothing is allowed here")?;
        return Ok(Exit::Clean);
    }
    writeln!(
        out,
        "{:12}  {:28}  {:28}  {:10}  reason",
        "id", "rule", "path", "until"
    )?;
    for allow in &policy.allow {
        let path = allow
            .path
            .as_ref()
            .map_or_else(|| "any".to_owned(), ToString::to_string);
        let until = allow
            .until
            .map_or_else(|| "-".to_owned(), |until| until.to_string());
        let mark = if allow.has_lapsed(policy.today) {
            "  (lapsed)"
        } else {
            ""
        };
        lapsed += usize::from(!mark.is_empty());
        let (id, rule, reason) = (allow.fingerprint, &allow.rule_id, &allow.reason);
        writeln!(
            out,
            "{id:12}  {rule:28}  {path:28}  {until:10}  {reason}{mark}"
        )?;
    }
    Ok(if check && lapsed > 0 {
        Exit::Blocked
    } else {
        Exit::Clean
    })
}

fn allow(global: &Global, place: &Place, id: &str, args: &AllowArgs) -> anyhow::Result<Exit> {
    let found = remembered(place, id)?;
    let reason = match &args.reason {
        Some(reason) if !reason.trim().is_empty() => reason.trim().to_owned(),
        _ => ask_reason()?,
    };
    let until = args
        .until
        .as_deref()
        .map(|until| date(until).context("--until: write a date as 2027-03-01"))
        .transpose()?;
    let path = if args.everywhere {
        None
    } else {
        found.path.clone()
    };
    let file =
        config_path(global, Some(&place.root))?.unwrap_or_else(|| place.root.join("guard.toml"));
    let mut document = open(&file)?;
    let entries = document
        .entry("allow")
        .or_insert(Item::ArrayOfTables(ArrayOfTables::new()));
    let entries = entries.as_array_of_tables_mut().with_context(|| {
        format!(
            "{}: `allow` is not a list of tables: write [[allow]]",
            file.display()
        )
    })?;
    let same = |table: &Table| {
        table.get("id").and_then(Item::as_str) == Some(&found.id)
            && table.get("path").and_then(Item::as_str) == path.as_deref()
    };
    entries.retain(|table| !same(table));
    let mut entry = Table::new();
    entry["id"] = value(&found.id);
    entry["rule"] = value(&found.rule);
    if let Some(path) = &path {
        entry["path"] = value(path);
    }
    entry["reason"] = value(&reason);
    if let Some(until) = until {
        let until: toml_edit::Datetime =
            until.to_string().parse().context("a date is a TOML date")?;
        entry["until"] = value(until);
    }
    entries.push(entry);
    write_atomically(&file, document.to_string().as_bytes())
        .with_context(|| format!("writing {}", file.display()))?;
    let staged = stage(place, &file, args.no_stage);
    let name = file.file_name().map_or_else(
        || file.display().to_string(),
        |name| name.to_string_lossy().into_owned(),
    );
    let mut out = screen::stdout();
    let place = path.map_or_else(|| "everywhere".to_owned(), |path| format!("in {path}"));
    let until = until
        .map(|until| format!(" until {until}"))
        .unwrap_or_default();
    writeln!(
        out,
        "guard: allowed {} {place} ({}){until}",
        found.rule,
        &found.id[..4]
    )?;
    let tail = if staged {
        "and staged: it goes in with your commit"
    } else {
        "commit it with your change"
    };
    writeln!(out, "       written to {name} {tail}")?;
    Ok(Exit::Clean)
}

fn remove(global: &Global, place: &Place, id: &str, args: &AllowArgs) -> anyhow::Result<Exit> {
    let file = config_path(global, Some(&place.root))?
        .context("there is no guard.toml here: nothing is allowed")?;
    let mut document = open(&file)?;
    let entries = document
        .get_mut("allow")
        .and_then(Item::as_array_of_tables_mut);
    let entries = entries.with_context(|| format!("{} allows nothing", file.display()))?;
    let before = entries.len();
    entries.retain(|table| {
        !table
            .get("id")
            .and_then(Item::as_str)
            .is_some_and(|known| known.starts_with(id))
    });
    if entries.len() == before {
        bail!(
            "{} has no allowance whose id begins with {id}: `guard allow` lists them",
            file.display()
        );
    }
    let removed = before - entries.len();
    write_atomically(&file, document.to_string().as_bytes())
        .with_context(|| format!("writing {}", file.display()))?;
    stage(place, &file, args.no_stage);
    writeln!(
        screen::stdout(),
        "guard: took back {removed} of {before} allowances"
    )?;
    Ok(Exit::Clean)
}

/// Returns the findings of the last run.
pub(super) fn all_remembered(place: &Place) -> Vec<Remembered> {
    let file = place.memory().join("last");
    let text = fs_err::read_to_string(&file).unwrap_or_default();
    text.lines()
        .filter_map(|line| serde_json::from_str(line).ok())
        .collect()
}

/// Returns the finding of the last run that the digits name.
pub(super) fn remembered(place: &Place, id: &str) -> anyhow::Result<Remembered> {
    let mut named: Vec<Remembered> = all_remembered(place)
        .into_iter()
        .filter(|row| row.id.starts_with(&id.to_ascii_lowercase()))
        .collect();
    named.dedup_by(|a, b| a.id == b.id && a.path == b.path);
    let mut ids: Vec<&str> = named.iter().map(|row| row.id.as_str()).collect();
    ids.sort_unstable();
    ids.dedup();
    match ids.len() {
        0 => bail!(
            "the last run here found nothing whose id begins with {id}: run `guard staged` and take the id it shows"
        ),
        1 => {}
        _ => bail!("{id} names {} findings: give more digits", ids.len()),
    }
    let first = named.swap_remove(0);
    Fingerprint::from_hex(&first.id)
        .context("the note of the last run is damaged: run `guard staged` again")?;
    Ok(first)
}

fn ask_reason() -> anyhow::Result<String> {
    if !std::io::stdin().is_terminal() {
        bail!("a reason is required: --reason \"…\"");
    }
    write!(anstream::stderr(), "Why is it all right? ")?;
    let mut reason = String::new();
    std::io::stdin().lock().read_line(&mut reason)?;
    if reason.trim().is_empty() {
        bail!("a reason is required: nothing was written");
    }
    Ok(reason.trim().to_owned())
}

fn open(file: &PathBuf) -> anyhow::Result<DocumentMut> {
    let text = match fs_err::read_to_string(file) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
        Err(error) => return Err(error.into()),
    };
    // The whole message would repeat the text of the file.
    text.parse()
        .map_err(|error: toml_edit::TomlError| anyhow!("{}: {}", file.display(), error.message()))
}

/// Stages the configuration, so that it travels with the commit. Tells whether it did.
fn stage(place: &Place, file: &Path, no_stage: bool) -> bool {
    let inside = file.strip_prefix(&place.root).is_ok() || file.is_relative();
    if no_stage || !inside {
        return false;
    }
    let git = Git::new(&place.root);
    let added = git.command(["add", "--"]).arg(file).output();
    added.is_ok_and(|output| output.status.success())
}
