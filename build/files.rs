//! Kinds of files: setting rules are about files of some endings, and their keywords are looked for there alone.

use std::collections::BTreeMap;

use super::record::{Kind, Record};

/// All kinds: rules that are about any file.
pub const EVERY: u32 = u32::MAX;
/// Endings that few rules are about share a bit, and so do names whose ending may be any.
const RARE: u32 = 1 << 29;
const FRONT: u32 = 1 << 30;
/// How many endings have a bit of their own. The highest bit stands for every file.
const OWN: usize = 29;

/// What a name is known by.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Mark {
    /// What stands behind its last dot, or all of it.
    Ending(String),
    /// What stands before its first dot.
    Front(String),
}

/// The endings and names that setting rules are about, each with its bit.
pub struct Kinds(BTreeMap<Mark, u32>);

impl Kinds {
    pub fn of(records: &[Record]) -> Self {
        let mut rules: BTreeMap<Mark, usize> = BTreeMap::new();
        for record in records.iter().filter(|record| record.kind == Kind::Config) {
            for mark in marks(record).unwrap_or_default() {
                *rules.entry(mark).or_default() += 1;
            }
        }
        let mut sorted: Vec<(Mark, usize)> = rules.into_iter().collect();
        sorted.sort_by_key(|(_, rules)| std::cmp::Reverse(*rules));
        let mut own = 0;
        let bits = sorted.into_iter().map(|(mark, _)| {
            let bit = match mark {
                Mark::Front(_) => FRONT,
                Mark::Ending(_) if own < OWN => {
                    own += 1;
                    1 << (own - 1)
                }
                Mark::Ending(_) => RARE,
            };
            (mark, bit)
        });
        Kinds(bits.collect())
    }

    /// Returns the kinds of files that a rule is about.
    pub fn of_rule(&self, record: &Record) -> u32 {
        match record.kind {
            Kind::Secret => EVERY,
            Kind::Path => 0,
            Kind::Config => marks(record).map_or(EVERY, |marks| {
                marks.iter().fold(0, |bits, mark| bits | self.0[mark])
            }),
        }
    }

    /// Returns a line for each mark: `.` for an ending or `^` for a front, the mark, a blank, its bits.
    pub fn listed(&self) -> String {
        self.0.iter().fold(String::new(), |listed, (mark, bits)| {
            let line = match mark {
                Mark::Ending(text) => format!(".{text} {bits}\n"),
                Mark::Front(text) => format!("^{text} {bits}\n"),
            };
            listed + &line
        })
    }
}

/// Returns the marks of all files that a rule is about; `None` where one of its globs has none.
fn marks(record: &Record) -> Option<Vec<Mark>> {
    let globs = record.files.iter().filter(|glob| !glob.starts_with('!'));
    let names = globs.map(|glob| glob.rsplit('/').next().unwrap_or(glob));
    let mut marks: Vec<Mark> = names
        .flat_map(expand)
        .map(|name| mark(&name))
        .collect::<Option<_>>()?;
    marks.sort();
    marks.dedup();
    Some(marks)
}

/// Returns what every name that fits a glob without braces is known by.
fn mark(name: &str) -> Option<Mark> {
    let is_plain = |text: &str| !text.contains(['*', '?', '[', ']', '\\']);
    let ending = name.rsplit('.').next().unwrap_or(name);
    if is_plain(ending) && (name.contains('.') || is_plain(name)) {
        return Some(Mark::Ending(ending.to_owned()));
    }
    let front = name.split('.').next().filter(|front| !front.is_empty());
    let front = match front {
        Some(front) => front.to_owned(),
        None => format!(".{}", name.split('.').nth(1)?),
    };
    (is_plain(&front) && name.len() > front.len()).then_some(Mark::Front(front))
}

/// Returns the globs that one with braces stands for.
fn expand(glob: &str) -> Vec<String> {
    let Some((before, rest)) = glob.split_once('{') else {
        return vec![glob.to_owned()];
    };
    let (choices, after) = rest.split_once('}').expect("braces are closed");
    assert!(!choices.contains('{'), "{glob}: braces in braces");
    choices
        .split(',')
        .flat_map(|choice| expand(&format!("{before}{choice}{after}")))
        .collect()
}
