//! Characters that turn the order of text around, in code.

use regex::bytes::Regex;

use super::Context;
use crate::detect::Match;
use crate::rule::Level;
use crate::span::{line_end, line_start};

/// A line longer than this was put together by a program.
const MINIFIED: usize = 1000;

/// A line with as many different marks lists them: to turn a text around takes two or three.
const LISTED: usize = 6;

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
        let line = &bytes[line_start(bytes, mark.start())..past];
        if line.len() > MINIFIED || is_list(marks, line) {
            found.level = found.level.min(Level::Warn);
        }
        matches.push(found);
    }
}

/// Tells whether a line lists the marks.
fn is_list(marks: &Regex, line: &[u8]) -> bool {
    let mut seen: Vec<&[u8]> = Vec::new();
    for mark in marks.find_iter(line) {
        if !seen.contains(&mark.as_bytes()) {
            seen.push(mark.as_bytes());
        }
    }
    seen.len() >= LISTED
}
