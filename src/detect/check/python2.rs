//! Files that only Python 2 reads.

use regex::bytes::Regex;

use super::Context;
use crate::detect::Match;

/// What Python 2 allows and Python 3 does not, each at the start of a line or so that nothing else looks like it.
const MARKS: &str = r#"(?m-u)^[ \t]*(?:print[ \t]+["'%\w]|exec[ \t]+["'\w]|raise[ \t]+\w+,[ \t]|except[ \t]+[\w.]+,[ \t]*\w+:)|\b0[0-7]{3}\b|<>"#;

/// Reports the first such mark in a file that Python 3 does not read.
pub(super) fn check(context: &Context<'_>, matches: &mut Vec<Match>) {
    if !context.document.broken {
        return;
    }
    let marks = Regex::new(MARKS).expect("a fixed pattern");
    if let Some(mark) = marks.find(context.text.bytes) {
        matches.push(context.report_text(mark.start(), mark.end()));
    }
}
