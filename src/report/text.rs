//! The text format, for the person whose commit was just stopped: what, where, the line, why, how to mend it, how
//! to allow it.

use std::fmt::Write as _;
use std::io::{self, Write};

use anstyle::{AnsiColor, Style};

use super::{Report, What};
use crate::finding::{Line, printable};
use crate::policy::{Judged, Verdict};
use crate::rule::{Kind, Mend, Rule, Rules};

/// How many findings are shown whole.
pub(super) const WHOLE: usize = 10;
/// How wide text is wrapped.
const WIDTH: usize = 80;

/// How text looks where it is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Look {
    /// Whether there is colour.
    pub color: Color,
    /// Whether frames may use characters beyond ASCII.
    pub unicode: bool,
    /// How much is said.
    pub detail: Detail,
}

/// Whether there is colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Color {
    /// There is.
    Ansi,
    /// There is none.
    Plain,
}

/// How much is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Detail {
    /// The last line only.
    Quiet,
    /// The findings; nothing where there are none.
    Usual,
    /// What was covered, too, and what was allowed.
    Verbose,
}

/// Writes the report for a person.
pub(super) fn write(
    report: &Report,
    look: Look,
    rules: &Rules,
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut shown: Vec<(&Judged, String)> = report
        .judged
        .iter()
        .zip(report.short_ids())
        .filter(|(judged, _)| {
            look.detail == Detail::Verbose || !matches!(judged.verdict, Verdict::Allowed(_))
        })
        .collect();
    shown.sort_by_key(|(judged, _)| urgency(judged));
    if look.detail != Detail::Quiet {
        for (judged, id) in shown.iter().take(WHOLE) {
            let is_on_disk = matches!(report.what, What::Commit | What::Files);
            let mut screen = Screen {
                look,
                is_on_disk,
                out,
            };
            screen.finding(judged, id, rules.get(judged.finding.rule))?;
        }
        if shown.len() > WHOLE {
            writeln!(
                out,
                "… and {} more: run it again with `--format concise`\n",
                shown.len() - WHOLE
            )?;
        }
    }
    for unread in &report.coverage.unread {
        let error = paint(look, "error", AnsiColor::Red);
        writeln!(
            out,
            "{error}: {}: {}",
            printable(&unread.path),
            unread.message
        )?;
    }
    loosened(report, out)?;
    closing(report, look, out)
}

/// Returns what findings are shown by: what blocks in front, then the worst.
pub(super) fn urgency(judged: &Judged) -> impl Ord + use<> {
    let rank = match judged.verdict {
        Verdict::Block => 0,
        Verdict::Warn => 1,
        Verdict::Allowed(_) => 2,
    };
    (rank, std::cmp::Reverse(judged.finding.severity))
}

/// Writes what the change would accept by itself.
fn loosened(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    if report.loosened.is_empty() {
        return Ok(());
    }
    writeln!(out, "guard: allowed by this pull request:")?;
    for what in &report.loosened {
        writeln!(out, "       {what}")?;
    }
    writeln!(
        out,
        "       a maintainer agrees by: guard ci --accept-head-config"
    )
}

/// Where and how a finding is drawn.
struct Screen<'o> {
    look: Look,
    /// Whether what was found can be mended where it stands.
    is_on_disk: bool,
    out: &'o mut dyn Write,
}

impl Screen<'_> {
    fn finding(&mut self, judged: &Judged, id: &str, rule: &Rule) -> io::Result<()> {
        let finding = &judged.finding;
        let (word, color) = match judged.verdict {
            Verdict::Block => ("error", AnsiColor::Red),
            Verdict::Warn => ("warning", AnsiColor::Yellow),
            Verdict::Allowed(_) => ("allowed", AnsiColor::Green),
        };
        let head = self.paint(&format!("{word}[{}]", finding.rule_id), color);
        writeln!(self.out, "{head}: {}", self.bold(&finding.title))?;
        let number_width = finding
            .frame
            .lines
            .last()
            .map_or(1, |line| line.number.to_string().len());
        let pad = " ".repeat(number_width);
        let (arrow, bar) = if self.look.unicode {
            ("┌─", "│")
        } else {
            ("-->", "|")
        };
        let place = if finding.kind == Kind::Path {
            finding.path()
        } else {
            format!(
                "{}:{}:{}",
                finding.path(),
                finding.start.line,
                finding.start.column
            )
        };
        let commit = finding
            .provenance
            .commit_id
            .map(|id| format!(" in commit {id:.10}"))
            .unwrap_or_default();
        writeln!(self.out, "{pad} {arrow} {place}{commit}")?;
        if !finding.frame.lines.is_empty() {
            writeln!(self.out, "{pad} {bar}")?;
            for line in &finding.frame.lines {
                self.line(line, number_width, bar, color)?;
            }
            writeln!(self.out, "{pad} {bar}")?;
        }
        if let Some(stay) = stay(judged) {
            self.note(&pad, "seen", &stay)?;
        }
        self.note(&pad, "why", &rule.why)?;
        for note in finding.notes.iter().chain(&judged.remarks) {
            self.note(&pad, "note", note)?;
        }
        self.note(&pad, "fix", &rule.fix)?;
        let is_for = |mend: &Mend| mend.is_for(finding.key.as_deref());
        let is_allowed = matches!(judged.verdict, Verdict::Allowed(_));
        if self.is_on_disk && !is_allowed && rule.mend.as_ref().is_some_and(is_for) {
            self.note(&pad, "mend", &format!("guard fix {id}"))?;
        }
        match &judged.verdict {
            Verdict::Allowed(_) => {}
            _ => self.note(
                &pad,
                "allow",
                &format!(
                    "guard allow {id} --reason \"…\"   (guard explain {})",
                    rule.id
                ),
            )?,
        }
        writeln!(self.out)
    }

    fn line(&mut self, line: &Line, width: usize, bar: &str, color: AnsiColor) -> io::Result<()> {
        writeln!(self.out, "{:>width$} {bar} {}", line.number, line.text)?;
        let carets = "^".repeat(line.mark.width);
        let label = line
            .mark
            .label
            .as_deref()
            .map(|label| format!(" {label}"))
            .unwrap_or_default();
        let mark = self.paint(&format!("{carets}{label}"), color);
        writeln!(
            self.out,
            "{:>width$} {bar} {}{mark}",
            "",
            " ".repeat(line.mark.column)
        )
    }

    /// Writes `= why: …`, wrapped to eighty columns; lines of their own stay lines.
    fn note(&mut self, pad: &str, name: &str, text: &str) -> io::Result<()> {
        let indent = pad.len() + 3 + name.len() + 2;
        let mut first = true;
        for line in text
            .trim_end()
            .lines()
            .flat_map(|line| wrap(line, WIDTH.saturating_sub(indent)))
        {
            if first {
                writeln!(self.out, "{pad} = {}: {line}", self.bold(name))?;
            } else {
                writeln!(self.out, "{:indent$}{line}", "")?;
            }
            first = false;
        }
        Ok(())
    }

    fn paint(&self, text: &str, color: AnsiColor) -> String {
        paint(self.look, text, color)
    }

    fn bold(&self, text: &str) -> String {
        styled(self.look, text, Style::new().bold())
    }
}

/// Returns a text, bold and of a colour where there is any.
pub(super) fn paint(look: Look, text: &str, color: AnsiColor) -> String {
    styled(look, text, Style::new().bold().fg_color(Some(color.into())))
}

fn styled(look: Look, text: &str, style: Style) -> String {
    match look.color {
        Color::Ansi => format!("{style}{text}{style:#}"),
        Color::Plain => text.to_owned(),
    }
}

/// Returns who brought a finding of a history in, when, and whether it is still there.
fn stay(judged: &Judged) -> Option<String> {
    let trace = &judged.finding.trace;
    let author = printable(trace.author.as_deref()?.as_bytes());
    let date = trace.date.as_deref().unwrap_or("an unknown day");
    let mut text = format!(
        "brought in by {author} on {}",
        date.split('T').next().unwrap_or(date)
    );
    match trace.in_head {
        Some(true) => text += ", still in HEAD",
        Some(false) => text += ", not in HEAD",
        None => {}
    }
    if trace.commits > 1 {
        let _ = write!(text, ", in {} commits", trace.commits);
    }
    if let Some(last) = trace
        .last_commit_id
        .filter(|_| trace.in_head == Some(false))
    {
        let _ = write!(text, ", last in {last:.10}");
    }
    Some(text)
}

/// Breaks a line between words so that no piece is wider than `width` if a word does not force it; a line that is
/// indented is code and stays whole.
fn wrap(line: &str, width: usize) -> Vec<String> {
    if line.starts_with(' ') || line.chars().count() <= width {
        return vec![line.to_owned()];
    }
    let mut pieces = vec![String::new()];
    for word in line.split(' ') {
        let last = pieces.last_mut().expect("starts with one");
        if last.is_empty() {
            last.push_str(word);
        } else if last.chars().count() + 1 + word.chars().count() <= width {
            last.push(' ');
            last.push_str(word);
        } else {
            pieces.push(word.to_owned());
        }
    }
    pieces
}

/// Writes the last line: what was stopped, and what was covered.
fn closing(report: &Report, look: Look, out: &mut dyn Write) -> io::Result<()> {
    let (blocking, warnings, allowed) = (report.blocking(), report.warnings(), report.allowed());
    let silent =
        report.judged.len() == allowed && !report.has_errors() && report.loosened.is_empty();
    let is_long = matches!(report.what, What::History | What::Selection | What::Range);
    let tells_cover = look.detail == Detail::Verbose || is_long;
    if silent && !tells_cover {
        return Ok(());
    }
    let mut counts = Vec::new();
    if blocking > 0 {
        counts.push(format!("{blocking} blocking"));
    }
    if warnings > 0 {
        counts.push(plural(warnings as u64, "warning"));
    }
    if allowed > 0 {
        counts.push(format!("{allowed} allowed"));
    }
    if !report.loosened.is_empty() {
        counts.push(plural(report.loosened.len() as u64, "loosened check"));
    }
    if report.has_errors() {
        counts.push(format!("{} not read", report.coverage.unread.len()));
    }
    let outcome = match report.what {
        _ if counts.is_empty() => "clean".to_owned(),
        What::Commit if blocking > 0 => format!("commit stopped: {}", counts.join(", ")),
        What::Message if blocking > 0 => format!("commit message stopped: {}", counts.join(", ")),
        What::Push if blocking > 0 => format!("push stopped: {}", counts.join(", ")),
        _ => counts.join(", "),
    };
    writeln!(out, "guard: {outcome} in {}", cover(report))?;
    for skip in &report.coverage.skipped {
        let path = skip
            .path
            .as_ref()
            .map(|path| format!("{}: ", printable(path)))
            .unwrap_or_default();
        writeln!(out, "       skipped {path}{}", skip.reason)?;
    }
    Ok(())
}

fn cover(report: &Report) -> String {
    let coverage = &report.coverage;
    match report.what {
        What::History | What::Range | What::Push => {
            format!(
                "{}, {}",
                plural(coverage.blobs, "blob"),
                plural(coverage.commits, "commit")
            )
        }
        What::Selection => plural(coverage.commits, "commit"),
        What::Message => "the message".to_owned(),
        What::Commit | What::Files => plural(coverage.files, "file"),
    }
}

/// Returns a number with its noun.
pub(super) fn plural(count: u64, noun: &str) -> String {
    if count == 1 {
        format!("1 {noun}")
    } else {
        format!("{count} {noun}s")
    }
}
