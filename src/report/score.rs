//! A score says of each of the ten practices whether it holds, which rules look after it and what they found.

use std::io::{self, Write};

use anstyle::AnsiColor;
use serde::Serialize;

use super::Report;
use super::json::{self, Error, Row, Summary};
use super::text::{Detail, Look, paint, plural};
use crate::finding::Finding;
use crate::policy::{Judged, Verdict};
use crate::rule::{Kind, Level, PRACTICES, Practice, Rule, Rules};

/// How many findings of a practice are shown where all ten are.
const SHOWN: usize = 3;

/// What a run says of the ten practices.
pub struct Score<'r> {
    report: &'r Report,
    /// What was looked at, as a person calls it: `HEAD 8a34e1577b`.
    of: String,
    commit: Option<String>,
    parts: Vec<Part<'r>>,
    others: usize,
}

/// One practice.
struct Part<'r> {
    practice: &'static Practice,
    /// Its rules with the levels that hold, in order of id.
    rules: Vec<(&'r Rule, Level)>,
    /// The findings with their short ids, the worst first.
    found: Vec<(&'r Judged, String)>,
}

/// How it stands with a practice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum State {
    /// Nothing was found, or all of it is allowed.
    Holds,
    /// Warnings only.
    Warns,
    /// Something would stop a commit.
    Fails,
    /// Every rule of it is off.
    Off,
}

impl<'r> Score<'r> {
    /// Returns the score that a report makes; `of` is what was looked at, and `commit` the commit where it was one.
    pub fn new(report: &'r Report, rules: &'r Rules, of: String, commit: Option<String>) -> Self {
        let mut parts: Vec<Part<'r>> = PRACTICES
            .iter()
            .map(|practice| Part {
                practice,
                rules: Vec::new(),
                found: Vec::new(),
            })
            .collect();
        let part = |rule: &Rule| Practice::of(rule).map(|one| usize::from(one.number) - 1);
        for index in rules.indexes() {
            let rule = rules.get(index);
            if let Some(part) = part(rule) {
                parts[part].rules.push((rule, rules.level(index)));
            }
        }
        let mut others = 0;
        for (judged, id) in report.judged.iter().zip(report.short_ids()) {
            match part(rules.get(judged.finding.rule)) {
                Some(part) => parts[part].found.push((judged, id)),
                None => others += usize::from(!matches!(judged.verdict, Verdict::Allowed(_))),
            }
        }
        for part in &mut parts {
            part.found.sort_by_key(|(judged, _)| rank(judged));
        }
        Score {
            report,
            of,
            commit,
            parts,
            others,
        }
    }

    /// Tells whether something that was found would stop a commit, under one of the practices.
    pub fn fails(&self) -> bool {
        self.parts.iter().any(|part| part.state() == State::Fails)
    }

    /// Writes the practice of that number whole: its rules and all that they found.
    pub fn write_one(&self, number: u8, look: Look, out: &mut dyn Write) -> io::Result<()> {
        for part in self
            .parts
            .iter()
            .filter(|part| part.practice.number == number)
        {
            self.head(look, out)?;
            part.line(look, out)?;
            writeln!(out, "           {}", part.practice.why)?;
            part.findings(usize::MAX, look, out)?;
            writeln!(out)?;
            part.checks(out)?;
        }
        self.unread(look, out)
    }

    /// Writes all ten for a person.
    pub fn write_text(&self, look: Look, out: &mut dyn Write) -> io::Result<()> {
        if look.detail != Detail::Quiet {
            self.head(look, out)?;
            for part in &self.parts {
                part.line(look, out)?;
                part.findings(SHOWN, look, out)?;
                if look.detail == Detail::Verbose {
                    part.checks(out)?;
                }
            }
            writeln!(out)?;
        }
        self.unread(look, out)?;
        let count = |state| {
            self.parts
                .iter()
                .filter(|part| part.state() == state)
                .count()
        };
        let mut counts = vec![format!("{} of 10 practices hold", count(State::Holds))];
        for (state, verb) in [
            (State::Fails, "fail"),
            (State::Warns, "warn"),
            (State::Off, "off"),
        ] {
            match count(state) {
                0 => {}
                1 if state != State::Off => counts.push(format!("1 {verb}s")),
                many => counts.push(format!("{many} {verb}")),
            }
        }
        writeln!(out, "guard: {}", counts.join(", "))?;
        if look.detail != Detail::Quiet {
            if self.others > 0 {
                let others = plural(self.others as u64, "finding");
                writeln!(out, "       {others} beside the ten: guard scan .")?;
            }
            writeln!(out, "       guard practices 3: one of them whole")?;
        }
        Ok(())
    }

    /// Writes it as one JSON object and a line feed: docs/JSON.md.
    pub fn write_json(&self, out: &mut dyn Write) -> io::Result<()> {
        let root = Root {
            version: 1,
            of: &self.of,
            commit: self.commit.as_deref(),
            practices: self.parts.iter().map(Part::row).collect(),
            others: self.others,
            errors: json::errors(self.report),
            summary: json::summary(self.report),
        };
        serde_json::to_writer(&mut *out, &root)?;
        out.write_all(b"\n")
    }

    fn head(&self, look: Look, out: &mut dyn Write) -> io::Result<()> {
        let files = plural(self.report.coverage.files, "file");
        let title = paint(look, "The ten practices", AnsiColor::BrightWhite);
        writeln!(out, "{title} in {} ({files})\n", self.of)
    }

    fn unread(&self, look: Look, out: &mut dyn Write) -> io::Result<()> {
        for unread in &self.report.coverage.unread {
            let error = paint(look, "error", AnsiColor::Red);
            let path = crate::finding::printable(&unread.path);
            writeln!(out, "{error}: {path}: {}", unread.message)?;
        }
        Ok(())
    }
}

impl Part<'_> {
    fn state(&self) -> State {
        let has = |verdict: Verdict| {
            self.found
                .iter()
                .any(|(judged, _)| judged.verdict == verdict)
        };
        if has(Verdict::Block) {
            State::Fails
        } else if has(Verdict::Warn) {
            State::Warns
        } else if self.rules.iter().all(|(_, level)| *level == Level::Off) {
            State::Off
        } else {
            State::Holds
        }
    }

    /// Writes the line that is understood at a glance.
    fn line(&self, look: Look, out: &mut dyn Write) -> io::Result<()> {
        let (word, color) = match self.state() {
            State::Holds => ("ok  ", AnsiColor::Green),
            State::Warns => ("warn", AnsiColor::Yellow),
            State::Fails => ("FAIL", AnsiColor::Red),
            State::Off => ("off ", AnsiColor::BrightBlack),
        };
        let on = self.rules.iter().filter(|(_, level)| *level != Level::Off);
        let checks = plural(on.count() as u64, "check");
        let (number, title) = (self.practice.number, self.practice.title);
        writeln!(
            out,
            "  {number:>2}  {}  {title:36} {checks:>12}",
            paint(look, word, color)
        )
    }

    fn findings(&self, most: usize, look: Look, out: &mut dyn Write) -> io::Result<()> {
        let told: Vec<_> = self
            .found
            .iter()
            .filter(|(judged, _)| rank(judged).0 < 2)
            .collect();
        for (judged, id) in told.iter().take(most) {
            let (word, color) = match judged.verdict {
                Verdict::Block => ("error  ", AnsiColor::Red),
                _ => ("warning", AnsiColor::Yellow),
            };
            let finding = &judged.finding;
            let rule = &finding.rule_id;
            writeln!(
                out,
                "           {} {}  {rule}  {id}",
                paint(look, word, color),
                place(finding)
            )?;
        }
        if told.len() > most {
            let (more, number) = (told.len() - most, self.practice.number);
            writeln!(
                out,
                "           … and {more} more: guard practices {number}"
            )?;
        }
        let allowed = self.found.len() - told.len();
        if allowed > 0 {
            writeln!(out, "           {allowed} allowed")?;
        }
        Ok(())
    }

    /// Writes the rules that look after it; those about secrets, more than a thousand, as their number.
    fn checks(&self, out: &mut dyn Write) -> io::Result<()> {
        let mut secrets = 0;
        for (rule, level) in &self.rules {
            if rule.kind == Kind::Secret {
                secrets += 1;
                continue;
            }
            writeln!(
                out,
                "           {:5} {:34} {}",
                word(*level),
                rule.id,
                rule.title
            )?;
        }
        if secrets > 0 {
            writeln!(
                out,
                "           and {secrets} rules for secrets: guard rules --kind secret"
            )?;
        }
        Ok(())
    }

    fn row(&self) -> PartRow<'_> {
        PartRow {
            number: self.practice.number,
            title: self.practice.title,
            state: self.state(),
            checks: self
                .rules
                .iter()
                .map(|(rule, level)| Check {
                    rule: &rule.id,
                    level: word(*level),
                    title: &rule.title,
                })
                .collect(),
            findings: self
                .found
                .iter()
                .map(|(judged, _)| json::row(judged))
                .collect(),
        }
    }
}

/// What a practice's findings are sorted by: what blocks first, then by severity.
fn rank(judged: &Judged) -> (u8, std::cmp::Reverse<crate::rule::Severity>) {
    let rank = match judged.verdict {
        Verdict::Block => 0,
        Verdict::Warn => 1,
        Verdict::Allowed(_) => 2,
    };
    (rank, std::cmp::Reverse(judged.finding.severity))
}

fn place(finding: &Finding) -> String {
    match finding.kind {
        Kind::Path => finding.path(),
        Kind::Secret | Kind::Config => format!("{}:{}", finding.path(), finding.start.line),
    }
}

fn word(level: Level) -> &'static str {
    match level {
        Level::Off => "off",
        Level::Warn => "warn",
        Level::Block => "block",
    }
}

#[derive(Serialize)]
struct Root<'s> {
    version: u32,
    of: &'s str,
    commit: Option<&'s str>,
    practices: Vec<PartRow<'s>>,
    others: usize,
    errors: Vec<Error>,
    summary: Summary,
}

#[derive(Serialize)]
struct PartRow<'s> {
    number: u8,
    title: &'s str,
    state: State,
    checks: Vec<Check<'s>>,
    findings: Vec<Row<'s>>,
}

#[derive(Serialize)]
struct Check<'s> {
    rule: &'s str,
    level: &'static str,
    title: &'s str,
}
