//! Heads of commits read through git, for the few that are new or selected.

use std::collections::HashMap;

use bstr::ByteSlice as _;

use crate::blob::ObjectId;
use crate::source::SourceError;
use crate::source::git::Git;

use super::Moment;
use super::ask::{self, Answer, Ask};
use super::commits::{field, split, time};
use super::graph::age;
use super::pack::Kind;

/// What a commit says before its message.
pub(super) struct Head {
    pub(super) tree: Option<ObjectId>,
    pub(super) parents: Vec<ObjectId>,
    /// When it was committed, in seconds since 1970.
    pub(super) time: i64,
}

/// Reads commits; what the repository lacks, and what is no commit, is left out.
pub(super) fn read(git: &Git, ids: &[ObjectId]) -> Result<HashMap<ObjectId, Head>, SourceError> {
    let mut heads = HashMap::with_capacity(ids.len());
    ask::objects(git, ids, Ask::Content, &mut |at, answer| {
        let Answer::Object(Kind::Commit, bytes) = answer else {
            return;
        };
        let (head, _) = split(bytes);
        let parents = head
            .lines()
            .skip(1)
            .map_while(|line| line.strip_prefix(b"parent "))
            .filter_map(ObjectId::from_hex)
            .collect();
        let read = Head {
            tree: field(head, b"tree ").and_then(ObjectId::from_hex),
            parents,
            time: field(head, b"committer ").and_then(time).unwrap_or(0),
        };
        heads.insert(ids[at], read);
    })?;
    Ok(heads)
}

/// Returns the ages of commits that were reachable when the `late` ones were listed; these are in order.
///
/// # Errors
/// Returns an error when git cannot be run.
pub fn ages(
    git: &Git,
    ids: &[ObjectId],
    late: &[Moment],
) -> Result<HashMap<ObjectId, i64>, SourceError> {
    let age = |id: ObjectId, head: &Head| match late
        .binary_search_by_key(&id, |moment| moment.commit_id)
    {
        Ok(at) => late[at].age,
        Err(_) => age(head.time, std::iter::empty()),
    };
    let heads = read(git, ids)?;
    Ok(heads
        .iter()
        .map(|(&id, head)| (id, age(id, head)))
        .collect())
}
