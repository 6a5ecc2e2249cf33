//! The ini reader: `[section]`, `key = value`, and lines that continue a value; also Java properties.

use super::gather::{Gather, lines, scope_of_name, trimmed, unquoted};
use super::{Document, Form};
use crate::detect::found::Scope;
use crate::span::Span;

/// Returns the entries of an ini file as `section.key`; a line that continues a value is `section.key.0`.
pub(crate) fn read(text: &[u8]) -> Document {
    let mut gather = Gather::new(text);
    let mut section = String::new();
    let mut last: Option<(String, Span, usize)> = None;
    for line in lines(text, 0, text.len()) {
        let inner = trimmed(text, line.start, line.end);
        let Some(&first) = inner.of(text).first() else {
            continue;
        };
        if matches!(first, b'#' | b';') {
            continue;
        }
        let indented = inner.start > line.start;
        if first == b'[' && !indented {
            section = name(&gather.str(inner));
            last = None;
            continue;
        }
        if let (true, Some((key, key_span, count))) = (indented, last.as_mut())
            && !assigns_deeper(text, inner)
        {
            let value = bare(text, inner);
            gather.put(
                &format!("{key}.{count}"),
                *key_span,
                &gather.str(value.0),
                value,
            );
            *count += 1;
            continue;
        }
        let (key, value) = split(text, inner);
        let full = join(&section, &gather.str(key));
        gather.put(&full, key, &gather.str(value.0), value);
        last = Some((full, key, 0));
    }
    gather.done(false)
}

/// Tells whether an indented line is a setting of its own, as git and npm write them, and no continuation:
/// a lone word before a lone equals sign, and no requirement like `name==1.0`.
fn assigns_deeper(text: &[u8], line: Span) -> bool {
    let bytes = line.of(text);
    let Some(at) = memchr::memchr(b'=', bytes) else {
        return false;
    };
    let before = &bytes[..at];
    bytes.get(at + 1) != Some(&b'=')
        && !before.is_empty()
        && before
            .iter()
            .all(|b| b.is_ascii_alphanumeric() || b" _.-".contains(b))
}

/// Returns a section's name: `http "https://host"` is `http.https://host`.
fn name(header: &str) -> String {
    let inner = header.trim_start_matches('[');
    let inner = inner.split(']').next().unwrap_or_default().trim();
    match inner.split_once(" \"") {
        Some((section, rest)) => format!("{}.{}", section.trim(), rest.trim_end_matches('"')),
        None => inner.to_owned(),
    }
}

/// Returns the key and value of a line; a key alone has an empty value.
fn split(text: &[u8], line: Span) -> (Span, (Span, Form)) {
    let bytes = line.of(text);
    let at = memchr::memchr(b'=', bytes).or_else(|| memchr::memchr(b':', bytes));
    match at {
        Some(at) => (
            trimmed(text, line.start, line.start + at),
            bare(text, trimmed(text, line.start + at + 1, line.end)),
        ),
        None => (line, (Span::new(line.end, line.end), Form::Bare)),
    }
}

/// Returns the value without quotes and without a comment behind it.
fn bare(text: &[u8], span: Span) -> (Span, Form) {
    let bytes = span.of(text);
    if let Some(quote @ (b'"' | b'\'')) = bytes.first()
        && let Some(end) = memchr::memchr(*quote, &bytes[1..])
    {
        return (Span::new(span.start + 1, span.start + 1 + end), Form::Text);
    }
    let comment = [b" ;", b" #", b"\t;", b"\t#"]
        .iter()
        .filter_map(|mark| memchr::memmem::find(bytes, *mark))
        .min();
    let end = comment.map_or(span.end, |at| span.start + at);
    unquoted(text, trimmed(text, span.start, end))
}

fn join(section: &str, key: &str) -> String {
    if section.is_empty() {
        key.to_owned()
    } else {
        format!("{section}.{key}")
    }
}

/// Returns the entries of a `.properties` file. A line `#---` begins a new document; one that holds for a
/// development or test profile has that scope.
pub(crate) fn properties(text: &[u8]) -> Document {
    let mut gather = Gather::new(text);
    let mut first = 0;
    let mut after = 0;
    for line in lines(text, 0, text.len()) {
        if line.start < after {
            continue;
        }
        let inner = trimmed(text, line.start, line.end);
        match inner.of(text) {
            b"#---" | b"!---" => first = gather.len(),
            [] | [b'#' | b'!', ..] => {}
            bytes => {
                let at = separator(bytes);
                let key = trimmed(text, inner.start, inner.start + at);
                let mut value = trimmed(text, (key.end + 1).min(inner.end), inner.end);
                if let [b'=' | b':', ..] = value.of(text) {
                    value = trimmed(text, value.start + 1, value.end);
                }
                value.end = continued(text, value, inner.end);
                after = value.end;
                let shown = gather.str(value).replace("\\\n", "");
                gather.put(&gather.str(key), key, &shown, (value, Form::Bare));
                let scope = profile(&gather.str(key), &shown);
                if scope != Scope::Unmarked {
                    gather.scope = scope;
                    gather.rescope(first, scope);
                }
            }
        }
        if matches!(inner.of(text), b"#---" | b"!---") {
            gather.scope = Scope::Unmarked;
        }
    }
    gather.done(false)
}

/// Returns the scope that a Spring document's condition gives it.
pub(crate) fn profile(key: &str, value: &str) -> Scope {
    match key {
        "spring.config.activate.on-profile" | "spring.profiles" if !value.contains('!') => {
            scope_of_name(value)
        }
        _ => Scope::Unmarked,
    }
}

/// Returns where the key ends: at the first `=`, `:` or blank that is not escaped.
fn separator(bytes: &[u8]) -> usize {
    let mut escaped = false;
    bytes
        .iter()
        .position(|&byte| {
            let ends = matches!(byte, b'=' | b':' | b' ' | b'\t') && !escaped;
            escaped = byte == b'\\' && !escaped;
            ends
        })
        .unwrap_or(bytes.len())
}

/// Returns the end of a value that `\` at the ends of lines continues.
fn continued(text: &[u8], value: Span, line_end: usize) -> usize {
    let mut end = line_end;
    let mut last = value.end;
    while last > value.start && text[last - 1] == b'\\' && end < text.len() {
        let line = Span::new(end + 1, crate::span::line_end(text, end + 1));
        if line.start >= text.len() {
            break;
        }
        last = trimmed(text, line.start, line.end).end.max(line.start);
        end = line.end;
        if last == line.start {
            break;
        }
    }
    last
}

#[cfg(test)]
mod tests {
    use super::super::tests::{pairs, scopes};
    use super::*;

    #[test]
    fn sections_and_continuations_are_key_paths() {
        let text = b"a=1\n[pip]\ntrusted-host =\n    one\n    two==1 ; x\nb: \"q ; r\" ; c\nskip\n";
        assert_eq!(
            pairs(&read(text)),
            [
                "a=1",
                "pip.trusted-host=",
                "pip.trusted-host.0=one",
                "pip.trusted-host.1=two==1",
                "pip.b=q ; r",
                "pip.skip="
            ]
        );
    }

    #[test]
    fn a_git_section_with_a_name_is_a_path_too() {
        let text = b"[http \"https://h\"]\n\tsslVerify = false\n\tproxy = x\n";
        assert_eq!(
            pairs(&read(text)),
            ["http.https://h.sslVerify=false", "http.https://h.proxy=x"]
        );
    }

    #[test]
    fn properties_know_documents_and_profiles() {
        let text = b"a.b=1\n#---\nspring.config.activate.on-profile=dev\nc : d\\\n  e\n#---\nf g\n";
        let document = properties(text);
        assert_eq!(
            pairs(&document),
            [
                "a.b=1",
                "spring.config.activate.on-profile=dev",
                "c=d  e",
                "f=g"
            ]
        );
        assert_eq!(
            scopes(&document),
            [
                Scope::Unmarked,
                Scope::Development,
                Scope::Development,
                Scope::Unmarked
            ]
        );
    }
}
