//! What a scan of the history leaves for the next one, under `.git/guard`: names of objects, and findings as they may be
//! written down.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::gather::{Gathered, Value};
use crate::blob::ObjectId;
use crate::finding::{Bytes, Stored};
use crate::policy::inline::Comment;
use crate::rule::Rules;
use crate::source::history::seen::{Key, Memory, Names};
use crate::source::history::{Moment, Spot, State, Trace};
use crate::source::{Coverage, Skip};

/// Where the memory is kept, and how it is used.
#[derive(Debug, Clone)]
pub struct Shelf {
    /// The file.
    pub path: PathBuf,
    /// What it must agree with.
    pub key: Key,
    /// Whether what it holds is used.
    pub reading: Reading,
}

/// Whether what an earlier scan left is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reading {
    /// It is.
    Remembered,
    /// It is not, and is replaced.
    Fresh,
}

/// What is read first: enough to tell the findings again where nothing has changed.
#[derive(Serialize, Deserialize)]
struct Head {
    /// [`State::digest`] of the repository, where all of it was scanned.
    state: Option<String>,
    packs: Vec<String>,
    tips: Vec<String>,
    /// Where history was cut off.
    shallow: String,
    files: u64,
    bytes: u64,
    commits: u64,
    blobs: u64,
    skipped: Vec<(Option<Bytes>, String)>,
    values: Vec<Row>,
}

#[derive(Serialize, Deserialize)]
struct Row {
    #[serde(flatten)]
    finding: Stored,
    comment: Option<(u8, String)>,
    spots: Vec<(Bytes, i64, String, String)>,
    in_commits: u64,
    last: Option<(i64, String)>,
    in_head: bool,
    said: Option<(i64, String)>,
}

/// What an earlier scan left.
pub(super) struct Remembered {
    file: Memory,
    /// The state in which all was scanned.
    pub(super) state: Option<String>,
    pub(super) packs: Vec<ObjectId>,
    pub(super) tips: Vec<ObjectId>,
    /// Where history was cut off, as git's file said it.
    pub(super) shallow: String,
    pub(super) coverage: Coverage,
    pub(super) values: Vec<Value>,
}

/// What of it is read only when something is new.
#[derive(Default)]
pub(super) struct Rest {
    pub(super) holds: Vec<(ObjectId, u32)>,
    pub(super) loose: Vec<ObjectId>,
    pub(super) late: Vec<Moment>,
    pub(super) names: Names,
}

impl Remembered {
    /// Opens what an earlier scan left; `None` where there is nothing that counts.
    pub(super) fn open(shelf: &Shelf, rules: &Rules) -> Option<Self> {
        if shelf.reading == Reading::Fresh {
            return None;
        }
        let mut file = Memory::open(&shelf.path, &shelf.key)?;
        let head: Head = serde_json::from_slice(&file.section(0)?).ok()?;
        let coverage = Coverage {
            files: head.files,
            bytes: head.bytes,
            commits: head.commits,
            blobs: head.blobs,
            skipped: head
                .skipped
                .into_iter()
                .map(|(path, reason)| {
                    let path = path.map(|path| path.read());
                    Some(Skip {
                        path: path.map_or(Some(None), |path| path.map(Some))?,
                        reason,
                    })
                })
                .collect::<Option<_>>()?,
            unread: Vec::new(),
        };
        let values = head.values.into_iter().map(|row| value(row, rules));
        Some(Remembered {
            file,
            state: head.state,
            packs: ids(&head.packs)?,
            tips: ids(&head.tips)?,
            shallow: head.shallow,
            coverage,
            values: values.collect::<Option<_>>()?,
        })
    }

    /// Reads what is needed to go on from it.
    pub(super) fn rest(&mut self) -> Option<Rest> {
        let (holds, loose, late) = rows(&self.file.section(1)?)?;
        let count = self.values.len();
        if holds.iter().any(|&(_, value)| value as usize >= count) {
            return None;
        }
        Some(Rest {
            holds,
            loose,
            late,
            names: Names::read(&self.file.section(2)?)?,
        })
    }
}

/// What is written down.
pub(super) struct Leaving<'l> {
    /// The state of the repository, where all of it was scanned.
    pub(super) state: Option<&'l State>,
    pub(super) coverage: &'l Coverage,
    pub(super) gathered: &'l Gathered,
    pub(super) late: &'l [Moment],
    pub(super) names: &'l Names,
}

impl Leaving<'_> {
    /// Writes it. A repository that cannot be written to is scanned anew the next time, so no error is one here.
    pub(super) fn write(&self, shelf: &Shelf) {
        let hex = |ids: &[ObjectId]| ids.iter().map(ObjectId::to_string).collect();
        let head = Head {
            state: self.state.map(State::digest),
            packs: self.state.map_or_else(Vec::new, |state| hex(&state.packs)),
            tips: self.state.map_or_else(Vec::new, |state| hex(&state.tips)),
            shallow: self.state.map(shallow).unwrap_or_default(),
            files: self.coverage.files,
            bytes: self.coverage.bytes,
            commits: self.coverage.commits,
            blobs: self.coverage.blobs,
            skipped: self
                .coverage
                .skipped
                .iter()
                // What the repository leaves out by itself is asked anew each time.
                .filter(|skip| {
                    self.state
                        .is_none_or(|state| !state.coverage.skipped.contains(skip))
                })
                .map(|skip| (skip.path.as_ref().map(Bytes::from), skip.reason.clone()))
                .collect(),
            values: self.gathered.values.iter().map(row).collect(),
        };
        let Ok(head) = serde_json::to_vec(&head) else {
            return;
        };
        let loose = self.state.map_or(&[][..], |state| &state.loose);
        let holds = section(&self.gathered.holds, loose, self.late);
        let _ = Memory::write(&shelf.path, &shelf.key, [&head, &holds, self.names]);
    }
}

/// Returns where history is cut off, as text.
pub(super) fn shallow(state: &State) -> String {
    String::from_utf8_lossy(&state.shallow).into_owned()
}

fn row(value: &Value) -> Row {
    let moment = |moment: Moment| (moment.age, moment.commit_id.to_string());
    Row {
        finding: Stored::from(&value.finding),
        comment: value.comment.as_ref().map(|comment| match comment {
            Comment::Allow { reason } => (0, reason.clone()),
            Comment::OtherSecret(words) => (1, (*words).to_owned()),
            Comment::OtherSetting(words) => (2, (*words).to_owned()),
        }),
        spots: value
            .trace
            .spots
            .iter()
            .map(|spot| {
                let (age, commit) = moment(spot.first);
                (
                    Bytes::from(&spot.path),
                    age,
                    commit,
                    spot.blob_id.to_string(),
                )
            })
            .collect(),
        in_commits: value.trace.commits,
        last: value.trace.last.map(moment),
        in_head: value.trace.in_head,
        said: value.said.map(moment),
    }
}

fn value(row: Row, rules: &Rules) -> Option<Value> {
    let id = |hex: &str| ObjectId::from_hex(hex.as_bytes());
    let moment = |row: Option<(i64, String)>| match row {
        Some((age, commit)) => Some(Some(Moment {
            age,
            commit_id: id(&commit)?,
        })),
        None => Some(None),
    };
    let spot = |(path, age, commit, blob): (Bytes, i64, String, String)| {
        Some(Spot {
            path: path.read()?,
            first: Moment {
                age,
                commit_id: id(&commit)?,
            },
            blob_id: id(&blob)?,
        })
    };
    let comment = match row.comment {
        Some((0, reason)) => Some(Comment::Allow { reason }),
        Some((_, words)) => Some(Comment::of_words(&words)?),
        None => None,
    };
    Some(Value {
        finding: row.finding.read(rules)?,
        comment,
        trace: Trace {
            spots: row.spots.into_iter().map(spot).collect::<Option<_>>()?,
            commits: row.in_commits,
            last: moment(row.last)?,
            in_head: row.in_head,
        },
        said: moment(row.said)?,
    })
}

fn ids(hex: &[String]) -> Option<Vec<ObjectId>> {
    hex.iter()
        .map(|hex| ObjectId::from_hex(hex.as_bytes()))
        .collect()
}

/// Writes who holds what, the loose objects, and which commits count as late, in rows of one length each.
fn section(holds: &[(ObjectId, u32)], loose: &[ObjectId], late: &[Moment]) -> Vec<u8> {
    let mut ids = holds.iter().map(|(id, _)| id).chain(loose);
    let hash_len = ids
        .next()
        .or(late.first().map(|moment| &moment.commit_id))
        .map_or(20, |id| id.as_raw().len());
    let mut bytes = vec![u8::try_from(hash_len).unwrap_or(20)];
    bytes.extend_from_slice(&(holds.len() as u64).to_le_bytes());
    bytes.extend_from_slice(&(loose.len() as u64).to_le_bytes());
    for (id, value) in holds {
        bytes.extend_from_slice(id.as_raw());
        bytes.extend_from_slice(&value.to_le_bytes());
    }
    for id in loose {
        bytes.extend_from_slice(id.as_raw());
    }
    for moment in late {
        bytes.extend_from_slice(moment.commit_id.as_raw());
        bytes.extend_from_slice(&moment.age.to_le_bytes());
    }
    bytes
}

/// Who holds which value, the loose objects, and which commits count as late.
type Rows = (Vec<(ObjectId, u32)>, Vec<ObjectId>, Vec<Moment>);

fn rows(bytes: &[u8]) -> Option<Rows> {
    let (&hash_len, rest) = bytes.split_first()?;
    let hash_len = usize::from(hash_len);
    let (held, rest) = rest.split_first_chunk::<8>()?;
    let (loose, rest) = rest.split_first_chunk::<8>()?;
    let len = |count: [u8; 8], row: usize| {
        let count = usize::try_from(u64::from_le_bytes(count)).ok()?;
        count.checked_mul(row)
    };
    let (held, rest) = rest.split_at_checked(len(*held, hash_len + 4)?)?;
    let (loose, late) = rest.split_at_checked(len(*loose, hash_len)?)?;
    let hold = |row: &[u8]| {
        let (id, value) = row.split_at_checked(hash_len)?;
        Some((
            ObjectId::from_raw(id)?,
            u32::from_le_bytes(value.try_into().ok()?),
        ))
    };
    let moment = |row: &[u8]| {
        let (id, age) = row.split_at_checked(hash_len)?;
        Some(Moment {
            age: i64::from_le_bytes(age.try_into().ok()?),
            commit_id: ObjectId::from_raw(id)?,
        })
    };
    let held = held.chunks(hash_len + 4).map(hold);
    let late = late.chunks(hash_len + 8).map(moment);
    Some((
        held.collect::<Option<_>>()?,
        // A length of none is not met: no id is that short.
        loose
            .chunks(hash_len.max(1))
            .map(ObjectId::from_raw)
            .collect::<Option<_>>()?,
        late.collect::<Option<_>>()?,
    ))
}
