//! A commit message as git will keep it: without comments, and without the diff that `commit -v` shows.

use bstr::ByteSlice as _;

/// Which lines of a message file git takes for its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommentMark {
    /// What such a line begins with (`core.commentString`); `None` is git's `auto`: it chooses a character
    /// that no line of the message begins with.
    pub text: Option<Vec<u8>>,
    /// Which of git's own lines it drops before it makes the commit.
    pub drops: Drops,
}

/// Which of its own lines git drops from a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Drops {
    /// None: no editor was opened, so every line is a person's.
    Nothing,
    /// All that follows the scissors line (`commit.cleanup` is `whitespace`, `verbatim` or `scissors`).
    BehindScissors,
    /// Comments, and all that follows the scissors line.
    Comments,
}

const SCISSORS: &[u8] = b" ------------------------ >8 ------------------------";
/// The characters git tries for `auto`, in its order.
const AUTO: &[u8] = b"#;@!$%^&|:";

/// Returns the message with every line that git drops made empty, so that lines keep their numbers.
pub fn own_words(message: &[u8], mark: &CommentMark) -> Vec<u8> {
    if mark.drops == Drops::Nothing {
        return message.to_vec();
    }
    let comment = mark.text.clone().unwrap_or_else(|| chosen(message));
    let mut kept = Vec::with_capacity(message.len());
    for line in message.split_inclusive(|&byte| byte == b'\n') {
        let is_comment = !comment.is_empty() && line.starts_with(&comment);
        if is_comment && line[comment.len()..].trim_end() == SCISSORS {
            break;
        }
        if is_comment && mark.drops == Drops::Comments {
            kept.push(b'\n');
        } else {
            kept.extend_from_slice(line);
        }
    }
    kept
}

/// Returns the character that git chose by itself: the one its scissors or its last line begins with.
fn chosen(message: &[u8]) -> Vec<u8> {
    let auto = |line: &&[u8]| line.first().is_some_and(|byte| AUTO.contains(byte));
    let scissors = message
        .lines()
        .find(|line| auto(line) && line[1..].trim_end() == SCISSORS);
    let last = || {
        message
            .lines()
            .rfind(|line| !line.trim().is_empty())
            .filter(auto)
    };
    match scissors.or_else(last) {
        Some(line) => vec![line[0]],
        None => vec![b'#'],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mark(text: &str, drops: Drops) -> CommentMark {
        CommentMark {
            text: Some(text.into()),
            drops,
        }
    }

    #[test]
    fn comments_and_the_diff_are_dropped_and_lines_keep_their_numbers() {
        let message = b"subject\n# note\nbody\n# ------------------------ >8 ------------------------\n+DIFF\n";
        assert_eq!(
            own_words(message, &mark("#", Drops::Comments)),
            b"subject\n\nbody\n"
        );
        assert_eq!(
            own_words(message, &mark("#", Drops::BehindScissors)),
            b"subject\n# note\nbody\n"
        );
        assert_eq!(own_words(message, &mark("#", Drops::Nothing)), message);
    }

    #[test]
    fn another_comment_string_is_known() {
        let message =
            b"# kept\n// dropped\n// ------------------------ >8 ------------------------\nx";
        assert_eq!(
            own_words(message, &mark("//", Drops::Comments)),
            b"# kept\n\n"
        );
    }

    #[test]
    fn a_mark_that_git_chose_itself_is_read_off_its_own_lines() {
        let auto = CommentMark {
            text: None,
            drops: Drops::Comments,
        };
        assert_eq!(
            own_words(b"#12 fixed\n; Please enter\n", &auto),
            b"#12 fixed\n\n"
        );
        assert_eq!(
            own_words(b"subject\n# Please enter\n", &auto),
            b"subject\n\n"
        );
        assert_eq!(own_words(b"", &auto), b"");
    }
}
