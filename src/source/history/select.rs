//! Commits that a person selects by range, time and path; what they mean is what git says.

use std::collections::{HashMap, HashSet};

use bstr::{BString, ByteSlice as _};

use crate::blob::ObjectId;
use crate::source::git::{Git, lines};
use crate::source::{SourceError, changes};

use super::{Moment, Spot, heads};

/// How a person selects commits.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Revisions and ranges, as `git rev-list` takes them; all refs and reflogs where there are none.
    pub revisions: Vec<String>,
    /// Commits after this time, as git reads it.
    pub since: Option<String>,
    /// Commits before this time.
    pub until: Option<String>,
    /// Paths and patterns of paths, as git takes them behind `--`.
    pub paths: Vec<String>,
}

/// The commits that a person selected.
#[derive(Debug, Clone)]
pub struct Selection {
    commits: HashSet<ObjectId>,
    paths: Vec<String>,
    /// Those that no ref and no reflog leads to.
    pub beyond: Vec<ObjectId>,
}

impl Wanted {
    /// Tells whether everything is wanted.
    pub fn is_all(&self) -> bool {
        *self == Wanted::default()
    }

    /// Asks git which commits are selected.
    ///
    /// # Errors
    /// Returns an error when git does not know a revision, reads no time in what was given, or selects no commit.
    pub fn select(&self, git: &Git, now: i64) -> Result<Selection, SourceError> {
        let mut arguments = vec!["rev-list".to_owned()];
        for (option, time) in [("--since", &self.since), ("--until", &self.until)] {
            if let Some(time) = time {
                arguments.push(dated(git, option, time, now)?);
            }
        }
        if self.revisions.is_empty() {
            arguments.extend(["--all", "--reflog"].map(str::to_owned));
        } else {
            arguments.push("--end-of-options".to_owned());
            arguments.extend(self.revisions.iter().cloned());
        }
        arguments.push("--".to_owned());
        let listed = git
            .output("selecting commits", arguments)
            .map_err(|error| match error {
                SourceError::Git { message, .. } if !self.revisions.is_empty() => {
                    SourceError::Revision {
                        revision: self.revisions.join(" "),
                        message,
                    }
                }
                error => error,
            })?;
        let commits: HashSet<ObjectId> = listed.lines().filter_map(ObjectId::from_hex).collect();
        if commits.is_empty() {
            return Err(SourceError::Git {
                doing: "selecting commits",
                message: "no commit is selected, so nothing was looked at".to_owned(),
            });
        }
        let beyond = git.feed(
            "looking for commits that no ref leads to",
            ["rev-list", "--stdin", "--not", "--all", "--reflog"],
            lines(&commits).as_bytes(),
        )?;
        Ok(Selection {
            commits,
            paths: self.paths.clone(),
            beyond: beyond.lines().filter_map(ObjectId::from_hex).collect(),
        })
    }
}

/// Returns the option for a time, after git has read it. git reads what it does not know as now.
fn dated(git: &Git, option: &str, time: &str, now: i64) -> Result<String, SourceError> {
    let argument = format!("{option}={time}");
    let read = git.output("reading a time", ["rev-parse", &argument])?;
    let seconds = read
        .trim_ascii()
        .rsplit(|&byte| byte == b'=')
        .next()
        .and_then(|digits| std::str::from_utf8(digits).ok())
        .and_then(|digits| digits.parse::<i64>().ok());
    let says_now = time.trim() == "now" || time.bytes().any(|byte| byte.is_ascii_digit());
    match seconds {
        Some(seconds) if says_now || seconds.abs_diff(now) > 5 => Ok(argument),
        _ => Err(SourceError::Git {
            doing: "reading a time",
            message: format!(
                "{option}: git knows no time `{time}`: write 2026-01-31 or 2.weeks.ago"
            ),
        }),
    }
}

impl Selection {
    /// Returns how many commits are selected.
    pub fn len(&self) -> usize {
        self.commits.len()
    }

    /// Tells whether no commit is selected; such a selection is not made.
    pub fn is_empty(&self) -> bool {
        self.commits.is_empty()
    }

    /// Tells whether the commit is selected.
    pub fn has(&self, commit: &ObjectId) -> bool {
        self.commits.contains(commit)
    }

    /// Tells whether it is about some paths only: then a message, which has none, does not count.
    pub fn is_about_paths(&self) -> bool {
        !self.paths.is_empty()
    }

    /// Keeps of what commits bring to paths that which git selects by the path.
    ///
    /// # Errors
    /// Returns an error when git does not understand a pattern.
    pub fn keep(&self, git: &Git, brought: &mut Vec<(u32, Spot)>) -> Result<(), SourceError> {
        if self.paths.is_empty() {
            return Ok(());
        }
        let commits: HashSet<ObjectId> = brought
            .iter()
            .map(|(_, spot)| spot.first.commit_id)
            .collect();
        let commits: Vec<ObjectId> = commits.into_iter().collect();
        let mut touched: HashSet<(ObjectId, BString)> = HashSet::new();
        changes::each(git, &commits, &self.paths, &mut |change| {
            touched.insert((change.commit_id, change.path));
        })?;
        brought.retain(|(_, spot)| touched.contains(&(spot.first.commit_id, spot.path.clone())));
        Ok(())
    }

    /// Returns what the selected commits bring to paths, asked of git commit by commit: which of the values that
    /// `holds` says a blob holds, where no parent has them at the path. `late` are the commits that count as later than
    /// their own time says, in order. `None` where the commits are so many that reading all trees is quicker, or where
    /// git cannot compare them.
    ///
    /// # Errors
    /// Returns an error when git cannot be run.
    pub fn brought(
        &self,
        git: &Git,
        holds: &[(ObjectId, u32)],
        late: &[Moment],
    ) -> Result<Option<Vec<(u32, Spot)>>, SourceError> {
        /// git takes a tenth of a millisecond for a commit, and more in a large tree.
        const MOST: usize = 5_000;
        if self.commits.len() > MOST {
            return Ok(None);
        }
        let mut held: HashMap<ObjectId, Vec<u32>> = HashMap::new();
        for &(blob, value) in holds {
            held.entry(blob).or_default().push(value);
        }
        let commits: Vec<ObjectId> = self.commits.iter().copied().collect();
        let mut brought = Vec::new();
        let compared = changes::each(git, &commits, &self.paths, &mut |change| {
            let before: Vec<&Vec<u32>> = change
                .old_ids
                .iter()
                .filter_map(|old| held.get(old))
                .collect();
            let new = held.get(&change.new_id).into_iter().flatten();
            brought.extend(
                new.filter(|value| !before.iter().any(|held| held.contains(value)))
                    .map(|&value| {
                        let first = Moment {
                            age: 0,
                            commit_id: change.commit_id,
                        };
                        let spot = Spot {
                            path: change.path.clone(),
                            first,
                            blob_id: change.new_id,
                        };
                        (value, spot)
                    }),
            );
        });
        if compared.is_err() {
            return Ok(None);
        }
        let mut commits: Vec<ObjectId> = brought
            .iter()
            .map(|(_, spot)| spot.first.commit_id)
            .collect();
        commits.sort_unstable();
        commits.dedup();
        let ages = heads::ages(git, &commits, late)?;
        for (_, spot) in &mut brought {
            let age = ages.get(&spot.first.commit_id);
            spot.first.age = age.copied().unwrap_or(i64::MAX);
        }
        brought.sort_by(|(_, a), (_, b)| (a.first, &a.path).cmp(&(b.first, &b.path)));
        Ok(Some(brought))
    }
}
