//! Mending a list of dependencies: one package takes the place of another, in the files that people write.

use bstr::BStr;

use super::{Edit, Unsafe};
use crate::span::{Span, line_end};

const LOCKED: Unsafe =
    "the file is written by a tool: change what it is made from, and make it again";
const HASHED: Unsafe = "the version is pinned by its hash";
const THERE: Unsafe = "the other package is there already: delete the line";
const ODD: Unsafe = "the package is asked for in a way of its own";

/// Returns the edit that asks for `new` (a name with its versions) in the place of `old`, whose name stands at `span`.
pub(super) fn edits(
    bytes: &[u8],
    path: &BStr,
    span: Span,
    (old, new): (&str, &str),
) -> Result<Vec<Edit>, Unsafe> {
    let file = path.rsplit(|&byte| byte == b'/').next().unwrap_or_default();
    let is_written = file.ends_with(b".txt")
        || file.ends_with(b".in")
        || [
            &b"pyproject.toml"[..],
            b"Pipfile",
            b"setup.py",
            b"setup.cfg",
        ]
        .contains(&file);
    if !is_written {
        return Err(LOCKED);
    }
    let (name, versions) = new.split_at(new.find(['<', '>', '=', '~', '^']).unwrap_or(new.len()));
    if !span.of(bytes).eq_ignore_ascii_case(old.as_bytes()) {
        return Err(ODD);
    }
    if memchr::memmem::find(bytes, name.as_bytes()).is_some() {
        return Err(THERE);
    }
    let line = Span::new(span.end, line_end(bytes, span.end));
    let rest = line.of(bytes);
    let is_continued = rest.trim_ascii_end().ends_with(b"\\");
    if is_continued || memchr::memmem::find(rest, b"--hash").is_some() {
        return Err(HASHED);
    }
    if let Some(version) = table_version(rest) {
        let version = Span::new(span.end + version.start, span.end + version.end);
        return Ok(vec![
            Edit {
                span,
                text: name.to_owned(),
            },
            Edit {
                span: version,
                text: versions.to_owned(),
            },
        ]);
    }
    let end = rest
        .iter()
        .position(|byte| b";#\"'".contains(byte))
        .unwrap_or(rest.len());
    let asked = rest[..end].trim_ascii_end();
    if !asked
        .iter()
        .all(|byte| byte.is_ascii_alphanumeric() || b" <>=!~.,*+-".contains(byte))
    {
        return Err(ODD);
    }
    Ok(vec![Edit {
        span: Span::new(span.start, span.end + asked.len()),
        text: new.to_owned(),
    }])
}

/// Returns where the version stands in ` = "^2.6"`, what follows a name in a table of Poetry or Pipenv.
fn table_version(rest: &[u8]) -> Option<Span> {
    let inner = rest.trim_ascii_start().strip_prefix(b"=")?;
    let quoted = inner.trim_ascii_start();
    let quote = *quoted.first().filter(|byte| matches!(byte, b'"' | b'\''))?;
    let start = rest.len() - quoted.len() + 1;
    let end = start + memchr::memchr(quote, &rest[start..])?;
    Some(Span::new(start, end))
}
