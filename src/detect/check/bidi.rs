//! Characters that turn the order of text around, in code.

use super::Context;
use crate::detect::Match;
use crate::rule::Level;
use crate::span::{line_end, line_start};

/// A line longer than this was put together by a program.
const MINIFIED: usize = 1000;

/// Reports the first such character of each line; in a line that no person wrote it is a warning.
pub(super) fn check(context: &Context<'_>, matches: &mut Vec<Match>) {
    let Some(marks) = context.named.regex() else {
        return;
    };
    let bytes = context.text.bytes;
    let mut past = 0;
    for mark in marks.find_iter(bytes) {
        if mark.start() < past {
            continue;
        }
        past = line_end(bytes, mark.start());
        let mut found = context.report_text(mark.start(), mark.end());
        if past - line_start(bytes, mark.start()) > MINIFIED {
            found.level = found.level.min(Level::Warn);
        }
        matches.push(found);
    }
}
