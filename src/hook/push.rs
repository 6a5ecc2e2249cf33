//! What git says is about to be pushed: one line for each ref, on a hook's standard input.

use bstr::{BString, ByteSlice as _};

use crate::blob::ObjectId;

/// A ref that changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Update {
    /// The ref that changes, by the name it has where it changes.
    pub name: BString,
    /// The object it will point to; `None` when it goes away.
    pub new: Option<ObjectId>,
    /// The object it points to now; `None` when it is new.
    pub old: Option<ObjectId>,
}

/// Which program's words are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// pre-push: `<local ref> <local id> <remote ref> <remote id>`.
    Sender,
    /// pre-receive: `<old id> <new id> <ref>`.
    Receiver,
}

/// Reads the lines; returns the first that is not understood as an error.
///
/// Empty lines are passed over: a shell that hands the input on may add one.
pub fn updates(input: &[u8], side: Side) -> Result<Vec<Update>, BString> {
    input
        .lines()
        .filter(|line| !line.is_empty())
        .map(|line| update(line, side).ok_or_else(|| line.into()))
        .collect()
}

fn update(line: &[u8], side: Side) -> Option<Update> {
    let (new, old, name) = match side {
        // The local ref may be an expression with spaces (`HEAD^{/fix it}`), so the line is read from its end.
        Side::Sender => {
            let mut fields = line.rsplitn(4, |&byte| byte == b' ');
            let (old, name) = (fields.next()?, fields.next()?);
            (fields.next()?, old, name)
        }
        Side::Receiver => {
            let mut fields = line.splitn(3, |&byte| byte == b' ');
            let (old, new) = (fields.next()?, fields.next()?);
            (new, old, fields.next()?)
        }
    };
    let some = |id: &[u8]| ObjectId::from_hex(id).map(|id| (!id.is_zero()).then_some(id));
    Some(Update {
        name: name.into(),
        new: some(new)?,
        old: some(old)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn new_moved_and_deleted_refs_are_told_apart() {
        let (a, b, zero) = ("a".repeat(40), "b".repeat(64), "0".repeat(40));
        let input = format!(
            "refs/heads/m {a} refs/heads/m {zero}\nHEAD^{{/fix it}} {b} refs/heads/n {a}\n\n(delete) {zero} refs/heads/o {a}\n"
        );
        let read = updates(input.as_bytes(), Side::Sender).unwrap();
        let seen: Vec<_> = read
            .iter()
            .map(|update| {
                (
                    update.name.as_slice(),
                    update.new.is_some(),
                    update.old.is_some(),
                )
            })
            .collect();
        assert_eq!(
            seen,
            [
                (b"refs/heads/m".as_slice(), true, false),
                (b"refs/heads/n", true, true),
                (b"refs/heads/o", false, true)
            ]
        );
        let input = format!("{zero} {a} refs/heads/m\n");
        let read = updates(input.as_bytes(), Side::Receiver).unwrap();
        assert_eq!(read[0].old, None);
        assert_eq!(read[0].name, "refs/heads/m");
    }

    #[test]
    fn what_is_not_understood_is_an_error_never_an_empty_push() {
        for line in ["hello", "a b c d", "refs/heads/m 12 refs/heads/m 34"] {
            assert!(updates(line.as_bytes(), Side::Sender).is_err());
            assert!(updates(line.as_bytes(), Side::Receiver).is_err());
        }
        assert_eq!(updates(b"", Side::Sender), Ok(Vec::new()));
    }
}
