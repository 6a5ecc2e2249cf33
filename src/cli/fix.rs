//! `guard fix`: writes the safe fix of a finding into the file it was found in, shows the diff, and stages nothing.

use std::path::PathBuf;

use anyhow::{Context as _, bail};
use bstr::BStr;

use super::allow::{all_remembered, remembered};
use super::output::{self, Remembered, write_atomically};
use super::setup::{Place, Setup};
use super::{Exit, Global, screen};
use crate::blob::{Blob, Provenance, Regions};
use crate::detect::{Edit, Engine, Fault, What, apply};
use crate::finding::{Finding, printable};
use crate::report::{Side, diff};
use crate::rule::Rules;
use crate::scan;
use crate::span::Span;

/// Write the fix of a finding of the last run into the file, where that is safe; nothing is staged
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Exit codes: 0 all is mended, 1 something was not and is told how to mend by hand, 2 an error."
)]
pub(super) struct FixArgs {
    /// The ids that the findings show: the first digits are enough
    #[arg(required_unless_present = "all", value_name = "ID")]
    ids: Vec<String>,
    /// Every finding of the last run that is not accepted
    #[arg(long, conflicts_with = "ids")]
    all: bool,
    /// Show what would change, and write nothing
    #[arg(long)]
    dry_run: bool,
}

pub(super) fn run(global: &Global, args: &FixArgs) -> anyhow::Result<Exit> {
    let place = Place::find()?;
    let setup = Setup::new(global, Some(&place.root))?;
    let wanted = wanted(&place, args)?;
    let mut files: Vec<File> = Vec::new();
    let mut by_hand = Vec::new();
    for row in wanted {
        match mend(&setup.engine, &place, &mut files, &row) {
            Ok(()) => {}
            Err(why) => by_hand.push((row, why)),
        }
    }
    let mut out = screen::stdout();
    for file in files.iter().filter(|file| !file.mended.is_empty()) {
        file.show(&setup.engine, output::look(global), &mut out)?;
        if !args.dry_run {
            file.write()?;
        }
    }
    for file in &files {
        file.tell(args.dry_run, setup.engine.rules(), &mut out)?;
    }
    for (row, why) in &by_hand {
        tell_by_hand(row, why, setup.engine.rules(), &mut out)?;
    }
    Ok(if by_hand.is_empty() {
        Exit::Clean
    } else {
        Exit::Blocked
    })
}

/// Returns the findings that are to be mended, in the order they were asked for.
fn wanted(place: &Place, args: &FixArgs) -> anyhow::Result<Vec<Remembered>> {
    if args.all {
        let mut rows = all_remembered(place);
        rows.retain(|row| !row.allowed);
        if rows.is_empty() {
            bail!("the last run here found nothing: run `guard staged` or `guard scan .`");
        }
        return Ok(rows);
    }
    args.ids.iter().map(|id| remembered(place, id)).collect()
}

/// Mends a finding in the text of its file, which is read when it is first named.
fn mend(
    engine: &Engine,
    place: &Place,
    files: &mut Vec<File>,
    row: &Remembered,
) -> Result<(), String> {
    let rules = engine.rules();
    let rule = rules.find(&row.rule).map(|index| rules.get(index));
    if rule.is_none_or(|rule| rule.mend.is_none()) {
        return Err("there is no fix that a program could safely write".to_owned());
    }
    let path = row
        .path
        .as_deref()
        .ok_or("it stands in no file, or the name of the file is not UTF-8")?;
    let disk = row.file.clone().unwrap_or_else(|| place.root.join(path));
    let file = match files.iter().position(|file| file.disk == disk) {
        Some(at) => &mut files[at],
        None => {
            files.push(File::read(path, disk)?);
            files.last_mut().expect("just pushed")
        }
    };
    file.mend(engine, row)
}

/// A file on disk, and what becomes of it.
struct File {
    path: String,
    disk: PathBuf,
    before: Vec<u8>,
    now: Vec<u8>,
    edits: Vec<Vec<Edit>>,
    mended: Vec<Remembered>,
}

impl File {
    fn read(path: &str, disk: PathBuf) -> Result<Self, String> {
        let metadata = disk.symlink_metadata().map_err(|error| error.to_string())?;
        if !metadata.is_file() {
            return Err("it is not a plain file on disk: a link is not followed".to_owned());
        }
        let before = std::fs::read(&disk).map_err(|error| error.to_string())?;
        Ok(File {
            path: path.to_owned(),
            disk,
            now: before.clone(),
            before,
            edits: Vec::new(),
            mended: Vec::new(),
        })
    }

    fn mend(&mut self, engine: &Engine, row: &Remembered) -> Result<(), String> {
        let is_it = |finding: &Finding| {
            finding.rule_id == row.rule && finding.fingerprint.to_string() == row.id
        };
        let mut found = findings(engine, &self.path, &self.now);
        // What a fix before this one has mended as well is mended.
        let stood = || findings(engine, &self.path, &self.before).iter().any(is_it);
        let stands = found.iter().any(is_it);
        if !stands && (self.edits.is_empty() || !stood()) {
            return Err(
                "the file on disk does not hold it as it was found: run guard again".to_owned(),
            );
        }
        while let Some(finding) = found.iter().find(|finding| is_it(finding)) {
            let fault = Fault {
                rule: finding.rule,
                span: finding.span,
                key: finding.key.as_deref(),
            };
            let edits = engine.mend(&self.now, BStr::new(&self.path), &fault)?;
            self.now = apply(&self.now, &edits);
            self.edits.push(edits);
            found = findings(engine, &self.path, &self.now);
        }
        self.mended.push(row.clone());
        Ok(())
    }

    /// Writes the diff with every secret masked: those that either text holds, by the rules of this run or as built in.
    fn show(
        &self,
        engine: &Engine,
        look: crate::report::Look,
        out: &mut dyn std::io::Write,
    ) -> anyhow::Result<()> {
        let builtin = Engine::new(Rules::builtin());
        let secrets = |bytes: &[u8]| {
            let mut secrets = secrets(engine, &self.path, bytes);
            secrets.extend(self::secrets(&builtin, &self.path, bytes));
            secrets
        };
        let old = secrets(&self.before);
        let mut new = secrets(&self.now);
        new.extend(moved(&old, &self.edits));
        let side = |bytes, secrets| Side { bytes, secrets };
        let name = printable(self.path.as_bytes());
        diff(
            &name,
            &side(&self.before, old),
            &side(&self.now, new),
            look,
            out,
        )?;
        Ok(())
    }

    /// Writes the file, unless it is not what it was when it was read.
    fn write(&self) -> anyhow::Result<()> {
        let name = self.disk.display();
        let now = fs_err::read(&self.disk)?;
        if now != self.before || self.disk.symlink_metadata()?.is_symlink() {
            bail!("{name} was changed while it was mended: run it again");
        }
        write_atomically(&self.disk, &self.now).with_context(|| format!("writing {name}"))
    }

    /// Says what was mended, what has to be done now, and how it is staged.
    fn tell(
        &self,
        dry_run: bool,
        rules: &Rules,
        out: &mut dyn std::io::Write,
    ) -> anyhow::Result<()> {
        if self.mended.is_empty() {
            return Ok(());
        }
        let path = printable(self.path.as_bytes());
        let word = if dry_run { "would mend" } else { "mended" };
        let mut then: Vec<&str> = Vec::new();
        for row in &self.mended {
            writeln!(
                out,
                "guard: {word} {} in {path} ({})",
                row.rule,
                &row.id[..4]
            )?;
            let rule = rules.find(&row.rule).map(|index| rules.get(index));
            let lines = rule
                .and_then(|rule| rule.mend.as_ref())
                .map_or(&[][..], |mend| &mend.then);
            then.extend(lines.iter().map(String::as_str));
        }
        let mut said: Vec<&str> = Vec::new();
        for line in then {
            if !said.contains(&line) {
                writeln!(out, "       {line}")?;
                said.push(line);
            }
        }
        if !dry_run {
            writeln!(
                out,
                "       nothing is staged: look at it, then git add {path}"
            )?;
        }
        Ok(())
    }
}

fn tell_by_hand(
    row: &Remembered,
    why: &str,
    rules: &Rules,
    out: &mut dyn std::io::Write,
) -> anyhow::Result<()> {
    let place = row.path.as_deref().map_or_else(String::new, |path| {
        format!(" in {}", printable(path.as_bytes()))
    });
    writeln!(
        out,
        "guard: not mended: {}{place} ({}): {why}",
        row.rule,
        &row.id[..4]
    )?;
    if let Some(index) = rules.find(&row.rule) {
        writeln!(out, "       by hand:")?;
        for line in rules.get(index).fix.trim_end().lines() {
            writeln!(out, "         {line}")?;
        }
    }
    Ok(())
}

fn blob<'b>(path: &str, bytes: &'b [u8]) -> Blob<'b> {
    Blob {
        bytes,
        provenance: Provenance {
            path: Some(path.into()),
            ..Provenance::default()
        },
        regions: Regions::Whole,
        inherited: Vec::new(),
    }
}

fn findings(engine: &Engine, path: &str, bytes: &[u8]) -> Vec<Finding> {
    let found = scan::findings(engine, &blob(path, bytes));
    found.into_iter().map(|(finding, _)| finding).collect()
}

/// Returns the secrets of a text with their masks.
fn secrets(engine: &Engine, path: &str, bytes: &[u8]) -> Vec<(Span, String)> {
    let mut secrets = Vec::new();
    for found in engine.scan(bytes, &Regions::Whole, Some(BStr::new(path))) {
        if let What::Secret { mask, .. } = found.what {
            secrets.push((found.span, mask));
            secrets.extend(
                found
                    .related
                    .into_iter()
                    .map(|related| (related.span, related.mask)),
            );
        }
    }
    secrets
}

/// Returns where secrets stand after edits, without those that an edit took away.
fn moved(secrets: &[(Span, String)], edits: &[Vec<Edit>]) -> Vec<(Span, String)> {
    let mut moved = secrets.to_vec();
    for edits in edits {
        moved.retain(|(span, _)| !edits.iter().any(|edit| edit.span.overlaps(*span)));
        for (span, _) in &mut moved {
            let before = edits.iter().filter(|edit| edit.span.end <= span.start);
            let (gone, come) = before.fold((0, 0), |(gone, come), edit| {
                (gone + edit.span.len(), come + edit.text.len())
            });
            *span = Span::new(span.start + come - gone, span.end + come - gone);
        }
    }
    moved
}
