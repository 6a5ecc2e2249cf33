//! A comment beside a finding may accept it: `guard:allow rule -- reason`. Comments of other tools are known too.

use super::others;
use crate::span::{Span, line_end_within, line_start_within};

/// What a comment beside a finding says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Comment {
    /// `guard:allow rule -- reason`.
    Allow {
        /// The reason; empty where it is missing, and then the comment accepts nothing.
        reason: String,
    },
    /// A comment by which another secret scanner passes over the line.
    OtherSecret(&'static str),
    /// A comment by which a linter passes over a setting on the line.
    OtherSetting(&'static str),
}

/// The words of other secret scanners.
const SECRET_WORDS: [&str; 7] = [
    "gitleaks:allow",
    "pragma: allowlist secret",
    "trufflehog:ignore",
    "kingfisher:ignore",
    "betterleaks:allow",
    "ggignore",
    "secretlint-disable",
];

impl Comment {
    /// Returns the comment of another tool that consists of these words, one of those that are known.
    pub fn of_words(words: &str) -> Option<Self> {
        let mut secret = SECRET_WORDS.iter().filter(|known| **known == words);
        let secret = secret.next().map(|known| Comment::OtherSecret(known));
        secret.or_else(|| others::known(words).map(Comment::OtherSetting))
    }
}

/// No comment is longer than this; a minified line is.
const BOUND: usize = 500;

/// Returns what the comments on the line of `span`, or alone on the line above, say of a finding of that rule.
pub fn comment(bytes: &[u8], span: Span, rule_id: &str) -> Option<Comment> {
    let start = line_start_within(bytes, span.start, BOUND);
    let end = line_end_within(bytes, span.start, span.len() + BOUND);
    // Only what stands around the value counts: a value cannot accept itself.
    let before = &bytes[start..span.start];
    let before = &before[before.len().saturating_sub(BOUND)..];
    let after = bounded(&bytes[span.end.clamp(start, end)..end]);
    let above = start
        .checked_sub(1)
        .filter(|&newline| bytes[newline] == b'\n')
        .map(|newline| (line_start_within(bytes, newline, BOUND), newline))
        .filter(|&(start, _)| start == 0 || bytes[start - 1] == b'\n')
        .map(|(start, newline)| &bytes[start..newline])
        .filter(|line| is_comment_alone(line));
    let lines = [Some(after), above, Some(before)];
    let lines = || lines.iter().flatten();
    lines()
        .find_map(|line| guard_allow(line, rule_id))
        .or_else(|| lines().find_map(|line| secret_word(line)))
        .or_else(|| others::comment(bytes, span, rule_id).map(Comment::OtherSetting))
}

fn bounded(text: &[u8]) -> &[u8] {
    &text[..text.len().min(BOUND)]
}

/// Tells whether a line is a comment and nothing else.
pub(super) fn is_comment_alone(line: &[u8]) -> bool {
    let line = line.trim_ascii();
    [
        &b"#"[..],
        b"//",
        b"--",
        b";",
        b"/*",
        b"*",
        b"<!--",
        b"%",
        b"REM",
        b"{/*",
        b"{#",
    ]
    .iter()
    .any(|mark| line.starts_with(mark))
}

fn guard_allow(line: &[u8], rule_id: &str) -> Option<Comment> {
    let at = memchr::memmem::find(line, b"guard:allow")?;
    let text = String::from_utf8_lossy(&line[at + "guard:allow".len()..]);
    let (rules, reason) = text.split_once("--").unwrap_or((&text, ""));
    let named = rules
        .split([' ', ',', '\t'])
        .any(|word| word.trim() == rule_id);
    let reason = reason
        .trim()
        .trim_end_matches("*/")
        .trim_end_matches("-->")
        .trim();
    named.then(|| Comment::Allow {
        reason: reason.to_owned(),
    })
}

fn secret_word(line: &[u8]) -> Option<Comment> {
    let holds = |word: &&&str| memchr::memmem::find(line, word.as_bytes()).is_some();
    SECRET_WORDS
        .iter()
        .find(holds)
        .map(|word| Comment::OtherSecret(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(text: &str, value: &str) -> Option<Comment> {
        let start = text.find(value).expect("the value is in the text");
        comment(
            text.as_bytes(),
            Span::new(start, start + value.len()),
            "rule-a",
        )
    }

    #[test]
    fn a_comment_on_the_line_or_alone_above_accepts_with_its_reason() {
        let allowed = Some(Comment::Allow {
            reason: "a sample".to_owned(),
        });
        assert_eq!(
            said("k = VALUE  # guard:allow rule-a -- a sample\n", "VALUE"),
            allowed
        );
        assert_eq!(
            said(
                "/* guard:allow rule-b, rule-a -- a sample */\nk = VALUE\n",
                "VALUE"
            ),
            allowed
        );
    }

    #[test]
    fn another_rule_another_line_and_the_value_itself_accept_nothing() {
        assert_eq!(
            said("k = VALUE  # guard:allow rule-b -- why\n", "VALUE"),
            None
        );
        assert_eq!(
            said("x = 1  # guard:allow rule-a -- why\nk = VALUE\n", "VALUE"),
            None
        );
        assert_eq!(
            said("k = guard:allow rule-a -- x\n", "guard:allow rule-a -- x"),
            None
        );
    }

    #[test]
    fn comments_of_other_tools_are_told_by_kind() {
        assert_eq!(
            said("k = VALUE # gitleaks:allow", "VALUE"),
            Some(Comment::OtherSecret("gitleaks:allow"))
        );
        assert_eq!(
            said("k = VALUE # nosec", "VALUE"),
            Some(Comment::OtherSetting("nosec"))
        );
    }
}
