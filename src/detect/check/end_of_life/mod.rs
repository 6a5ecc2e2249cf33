//! End of life: versions whose makers mend them no more, by the day that the data was gathered.
//!
//! Dates are compared with that day and never with the clock, so that the same commit gives the same answer
//! next year.

pub(crate) mod image;
pub(crate) mod pin;
pub(crate) mod range;

use super::{Check, Context};
use crate::detect::Match;
use crate::detect::syntax::Entry;
use crate::rule::Level;
use crate::span::Span;
use range::Range;

/// Returns the check of ends of life of that name.
pub(super) fn find(name: &str) -> Option<Check> {
    Some(match name {
        "eol-datastore-image" => image::datastore,
        "eol-engine" => pin::engine,
        "eol-framework" => pin::framework,
        "eol-language-image" => image::language,
        "eol-python-image" => image::python,
        "eol-requires-python" => pin::requires_python,
        "eol-runtime" => pin::runtime,
        "eol-system-image" => image::system,
        "eol-version-file" => pin::version_file,
        "latest-image" => image::latest,
        "eol-classifier" => pin::classifier,
        _ => return None,
    })
}

/// See the head of the file for its form.
static DATA: &str = include_str!("../../../../patterns/data/end-of-life.txt");

/// For how many days after its end a version is still only a warning.
const GRACE: i64 = 365;

/// A release cycle.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Cycle {
    /// `3.8`.
    pub(crate) name: &'static str,
    /// The day its support ends; none where no day is set.
    pub(crate) end: Option<&'static str>,
    code_name: &'static str,
}

/// A version that has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Ended {
    cycle: Cycle,
    /// How many days before the data was gathered.
    days: i64,
}

/// Returns the cycles of a product, newest first.
pub(crate) fn cycles(product: &str) -> impl Iterator<Item = Cycle> + use<> {
    let head = format!("\n[{product}]\n");
    let rest = DATA.find(&head).map_or("", |at| &DATA[at + head.len()..]);
    rest.lines()
        .take_while(|line| !line.starts_with('['))
        .filter_map(|line| {
            let mut parts = line.split(' ');
            Some(Cycle {
                name: parts.next()?,
                end: parts.next().filter(|end| *end != "-"),
                code_name: parts.next().unwrap_or_default(),
            })
        })
}

/// Returns the cycle that a version, or a code name, belongs to: `3.8.1` to `3.8`, `5` to the newest `5.x`.
pub(crate) fn cycle_of(product: &str, version: &str) -> Option<Cycle> {
    let version = version.trim_start_matches('v');
    let is_exact = |cycle: &Cycle| {
        version
            .strip_prefix(cycle.name)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '-', '+']))
    };
    let lower = version.to_ascii_lowercase();
    cycles(product)
        .filter(is_exact)
        .max_by_key(|cycle| cycle.name.len())
        .or_else(|| {
            let starts = |cycle: &Cycle| {
                cycle
                    .name
                    .strip_prefix(version)
                    .is_some_and(|rest| rest.starts_with('.'))
            };
            cycles(product).find(starts)
        })
        .or_else(|| {
            cycles(product).find(|cycle| !cycle.code_name.is_empty() && cycle.code_name == lower)
        })
}

/// Tells whether a version of a product had ended when the data was gathered.
pub(crate) fn ended(product: &str, version: &str) -> Option<Ended> {
    cycle_of(product, version).and_then(Cycle::ended)
}

impl Cycle {
    /// Tells whether it had ended when the data was gathered.
    pub(crate) fn ended(self) -> Option<Ended> {
        let days = match self.end? {
            "past" => GRACE,
            end => day(snapshot())? - day(end)?,
        };
        (days > 0).then_some(Ended { cycle: self, days })
    }
}

impl Ended {
    /// What was given up whole, in all its versions.
    const ALWAYS: Ended = Ended {
        cycle: Cycle {
            name: "",
            end: Some("past"),
            code_name: "",
        },
        days: GRACE,
    };

    /// Returns the level that holds: a warning in the first year.
    pub(crate) fn level(self, level: Level) -> Level {
        if self.days >= GRACE {
            level
        } else {
            level.min(Level::Warn)
        }
    }

    /// Counts the end as later by some days.
    pub(crate) fn later(self, days: i64) -> Option<Self> {
        let days = self.days - days;
        (days > 0).then_some(Ended { days, ..self })
    }

    /// Returns what decided, for a person.
    pub(crate) fn note(self, product: &str) -> String {
        let end = match self.cycle.end {
            Some("past") | None => "ended".to_owned(),
            Some(end) => format!("ended on {end}"),
        };
        format!(
            "{product} {} {end} (as known on {})",
            self.cycle.name,
            snapshot()
        )
    }
}

/// Returns the day the data was gathered.
pub(crate) fn snapshot() -> &'static str {
    DATA.lines()
        .find_map(|line| line.strip_prefix("snapshot "))
        .unwrap_or("1970-01-01")
}

/// Returns the number of a day, counted on from some day in the past.
fn day(date: &str) -> Option<i64> {
    let mut parts = date.split('-').map(|part| part.parse::<i64>().ok());
    let (year, month, day) = (parts.next()??, parts.next()??, parts.next()??);
    // March is the first month, so that the leap day is the last of its year.
    let (year, month) = if month > 2 {
        (year, month - 3)
    } else {
        (year - 1, month + 9)
    };
    Some(year * 365 + year / 4 - year / 100 + year / 400 + (month * 153 + 2) / 5 + day)
}

/// Reports an entry whose version has ended, at the span of the version.
fn report(context: &Context<'_>, entry: &Entry, product: &str, ended: Ended) -> Match {
    let mut found = context.report(entry);
    found.level = ended.level(found.level);
    found.notes.push(ended.note(product));
    found
}

/// Reports an entry whose requirement allows nothing newer than an ended cycle.
fn report_range(context: &Context<'_>, entry: &Entry, product: &str) -> Option<Match> {
    let range = Range::parse(&entry.value)?;
    let newest = range.newest(product)?;
    Some(report(context, entry, product, newest.ended()?))
}

/// Returns where a text stands inside an entry's value, or all of the value.
pub(crate) fn part_of(context: &Context<'_>, entry: &Entry, text: &str) -> Span {
    memchr::memmem::find(entry.value_span.of(context.text.bytes), text.as_bytes()).map_or(
        entry.value_span,
        |at| {
            let start = entry.value_span.start + at;
            Span::new(start, start + text.len())
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_belongs_to_its_cycle() {
        let name = |product, version| cycle_of(product, version).map(|cycle| cycle.name);
        assert_eq!(name("python", "3.8.12"), Some("3.8"));
        assert_eq!(name("python", "2"), Some("2.7"));
        assert_eq!(name("python", "3.99"), None);
        assert_eq!(name("debian", "buster"), Some("10"));
        assert_eq!(name("ubuntu", "18.04"), Some("18.04"));
        assert_eq!(name("python", "three"), None);
    }

    #[test]
    fn the_first_year_after_the_end_only_warns() {
        let level = |version| ended("python", version).map(|ended| ended.level(Level::Block));
        assert_eq!(level("3.7"), Some(Level::Block));
        assert_eq!(level("3.9"), Some(Level::Warn));
        assert_eq!(level("3.12"), None);
    }

    #[test]
    fn days_are_counted_over_leap_years() {
        assert_eq!(
            day("2024-03-01").zip(day("2024-02-28")).map(|(a, b)| a - b),
            Some(2)
        );
        assert_eq!(
            day("2026-01-01").zip(day("2025-01-01")).map(|(a, b)| a - b),
            Some(365)
        );
    }
}
