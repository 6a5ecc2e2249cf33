//! A diff shows what a fix changes in a file: three lines around it, every secret masked.

use std::io::{self, Write};

use anstyle::AnsiColor;
use similar::{Algorithm, ChangeTag, DiffOp, capture_diff_slices, group_diff_ops};

use super::text::{Look, paint};
use crate::finding::shown;
use crate::span::Span;

/// How many lines are shown around a change.
const AROUND: usize = 3;

/// A text, before or after.
pub struct Side<'s> {
    /// All of it.
    pub bytes: &'s [u8],
    /// The secrets in it with their masks.
    pub secrets: Vec<(Span, String)>,
}

impl Side<'_> {
    /// Returns its lines, their ends included.
    fn lines(&self) -> Vec<Span> {
        let mut lines = Vec::new();
        let mut start = 0;
        for line in self.bytes.split_inclusive(|&byte| byte == b'\n') {
            lines.push(Span::new(start, start + line.len()));
            start += line.len();
        }
        lines
    }

    /// Returns a line as it may be shown, without its end.
    fn shown(&self, line: Span) -> String {
        let bytes = line.of(self.bytes);
        let end = bytes.len()
            - bytes
                .iter()
                .rev()
                .take_while(|byte| b"\r\n".contains(byte))
                .count();
        shown(
            self.bytes,
            Span::new(line.start, line.start + end),
            &self.secrets,
        )
    }
}

/// Writes how `old` becomes `new`, as `diff -u` does; `path` is what the file is called.
pub fn diff(
    path: &str,
    old: &Side<'_>,
    new: &Side<'_>,
    look: Look,
    out: &mut dyn Write,
) -> io::Result<()> {
    let (old_lines, new_lines) = (old.lines(), new.lines());
    let texts = |side: &Side<'_>, lines: &[Span]| -> Vec<Vec<u8>> {
        lines
            .iter()
            .map(|line| line.of(side.bytes).to_vec())
            .collect()
    };
    let (a, b) = (texts(old, &old_lines), texts(new, &new_lines));
    let operations = capture_diff_slices(Algorithm::Myers, &a, &b);
    writeln!(out, "--- a/{path}\n+++ b/{path}")?;
    for group in group_diff_ops(operations, AROUND) {
        writeln!(out, "{}", paint(look, &header(&group), AnsiColor::Cyan))?;
        for change in group
            .iter()
            .flat_map(|operation| operation.iter_changes(&a, &b))
        {
            let line = match (change.tag(), change.old_index(), change.new_index()) {
                (ChangeTag::Equal, Some(at), _) => format!(" {}", old.shown(old_lines[at])),
                (ChangeTag::Delete, Some(at), _) => paint(
                    look,
                    &format!("-{}", old.shown(old_lines[at])),
                    AnsiColor::Red,
                ),
                (ChangeTag::Insert, _, Some(at)) => paint(
                    look,
                    &format!("+{}", new.shown(new_lines[at])),
                    AnsiColor::Green,
                ),
                _ => continue,
            };
            writeln!(out, "{line}")?;
        }
    }
    Ok(())
}

/// Returns `@@ -1,3 +1,4 @@`.
fn header(group: &[DiffOp]) -> String {
    let range = |of: fn(&DiffOp) -> std::ops::Range<usize>| {
        let start = group.first().map_or(0, |operation| of(operation).start);
        let end = group.last().map_or(0, |operation| of(operation).end);
        match end - start {
            0 => format!("{start},0"),
            1 => format!("{}", start + 1),
            lines => format!("{},{lines}", start + 1),
        }
    };
    format!(
        "@@ -{} +{} @@",
        range(DiffOp::old_range),
        range(DiffOp::new_range)
    )
}
