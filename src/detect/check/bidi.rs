//! Characters that turn the order of text around, in code.

use super::Context;
use crate::detect::Match;
use crate::rule::Level;
use crate::span::{line_end, line_start};

/// A line longer than this was put together by a program.
const MINIFIED: usize = 1000;

/// Reports each such character; in a line that no person wrote it is a warning.
pub(super) fn check(context: &Context<'_>, matches: &mut Vec<Match>) {
    let Some(marks) = context.named.regex() else {
        return;
    };
    let bytes = context.text.bytes;
    // Where the line around the last mark ends: a long line is measured once.
    let mut line = (0, 0);
    for mark in marks.find_iter(bytes) {
        if mark.start() >= line.1 {
            line = (
                line_start(bytes, mark.start()),
                line_end(bytes, mark.start()),
            );
        }
        let mut found = context.report_text(mark.start(), mark.end());
        if line.1 - line.0 > MINIFIED {
            found.level = found.level.min(Level::Warn);
        }
        matches.push(found);
    }
}
