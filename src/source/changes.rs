//! What commits change, file by file, as `git diff-tree` tells it.

use bstr::BString;

use super::SourceError;
use super::git::{Git, lines};
use crate::blob::ObjectId;

/// A file of a commit that none of its parents has as it is.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Change {
    /// The commit.
    pub(super) commit_id: ObjectId,
    /// Where the file stands.
    pub(super) path: BString,
    /// What it is now.
    pub(super) new_id: ObjectId,
    /// What each parent that has a file there has.
    pub(super) old_ids: Vec<ObjectId>,
}

/// Hands over what each of these commits brings to paths, or to those of its paths that the patterns name, commit by
/// commit. A merge brings in what differs from all of its parents. What is removed is not told.
pub(super) fn each(
    git: &Git,
    commits: &[ObjectId],
    patterns: &[String],
    take: &mut dyn FnMut(Change),
) -> Result<(), SourceError> {
    let options = [
        "diff-tree",
        "--stdin",
        "-c",
        "--root",
        "-r",
        "--raw",
        "-z",
        "--no-renames",
        "--no-abbrev",
        "--no-ext-diff",
        "--",
    ];
    let arguments = options
        .into_iter()
        .chain(patterns.iter().map(String::as_str));
    let raw = git.feed(
        "reading the changes of the commits",
        arguments,
        lines(commits).as_bytes(),
    )?;
    let mut commit = None;
    let mut fields = raw.split(|&byte| byte == 0);
    while let Some(field) = fields.next() {
        if let Some(id) = ObjectId::from_hex(field.trim_ascii()) {
            commit = Some(id);
            continue;
        }
        let path = fields.next().unwrap_or_default();
        if let (Some((new_id, old_ids)), Some(commit_id)) = (ids(field), commit) {
            take(Change {
                commit_id,
                path: path.into(),
                new_id,
                old_ids,
            });
        }
    }
    Ok(())
}

/// Returns the id that a raw line of one or several parents names last, and those of the parents.
fn ids(header: &[u8]) -> Option<(ObjectId, Vec<ObjectId>)> {
    let parents = header.iter().take_while(|&&byte| byte == b':').count();
    // As many modes as parents and one more, then as many ids.
    let words = header[parents..].split(|&byte| byte == b' ');
    let mut ids: Vec<ObjectId> = words
        .skip(parents + 1)
        .take(parents + 1)
        .filter_map(ObjectId::from_hex)
        .collect();
    let new_id = ids.pop().filter(|id| parents > 0 && !id.is_zero())?;
    ids.retain(|id| !id.is_zero());
    Some((new_id, ids))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_names_what_each_parent_had_and_what_is_there_now() {
        let [one, two, new, none] = ["1", "2", "3", "0"].map(|digit| digit.repeat(40));
        let id = |hex: &str| ObjectId::from_hex(hex.as_bytes()).expect("forty digits");
        let read = |line: String| ids(line.as_bytes());
        assert_eq!(
            read(format!(":100644 100644 {one} {new} M")),
            Some((id(&new), vec![id(&one)]))
        );
        assert_eq!(
            read(format!("::100644 000000 100644 {two} {none} {new} MA")),
            Some((id(&new), vec![id(&two)]))
        );
        assert_eq!(read(format!(":100644 000000 {one} {none} D")), None);
        assert_eq!(read("something else".to_owned()), None);
    }
}
