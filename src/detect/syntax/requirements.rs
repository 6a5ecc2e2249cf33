//! The requirements reader: each package is an entry with what follows its name, each option one with its value.
//!
//! `flask[async]==3.0 ; python_version > "3"` is the entry `flask` of value `[async]==3.0`, a bare address the
//! entry `@`. Also for `Gemfile.lock`, `go.mod` and `yarn.lock`, whose lines are as simple.

use super::gather::{Gather, lines, trimmed};
use super::{Document, Form};
use crate::span::Span;

/// Returns the packages and options of a requirements file.
pub(crate) fn read(text: &[u8]) -> Document {
    let mut gather = Gather::new(text);
    for line in lines(text, 0, text.len()) {
        let comment = comment(line.of(text)).map_or(line.end, |at| line.start + at);
        let mut line = trimmed(text, line.start, comment);
        if line.of(text).ends_with(b"\\") {
            line = trimmed(text, line.start, line.end - 1);
        }
        if line.is_empty() {
            continue;
        }
        if text[line.start] == b'-' {
            option(&mut gather, line);
        } else {
            requirement(&mut gather, line);
        }
    }
    gather.done(false)
}

/// Returns where a comment begins: at the line's start or after a blank.
fn comment(line: &[u8]) -> Option<usize> {
    memchr::memchr_iter(b'#', line).find(|&at| at == 0 || line[at - 1].is_ascii_whitespace())
}

/// Adds `--option value`, `--option=value` or `-i value`.
fn option(gather: &mut Gather<'_>, line: Span) {
    let text = gather.text;
    let end = line
        .of(text)
        .iter()
        .position(|b| b.is_ascii_whitespace() || *b == b'=')
        .map_or(line.end, |at| line.start + at);
    let key = Span::new(line.start, end);
    let value = trimmed(text, (end + 1).min(line.end), line.end);
    let name = gather.str(key).into_owned();
    gather.put(&name, key, &gather.str(value), (value, Form::Bare));
    if matches!(name.as_str(), "-e" | "--editable") && !value.is_empty() {
        requirement(gather, value);
    }
}

fn requirement(gather: &mut Gather<'_>, line: Span) {
    let text = gather.text;
    let bytes = line.of(text);
    let is_address = memchr::memmem::find(bytes, b"://").is_some_and(|at| {
        bytes[..at]
            .iter()
            .all(|b| b.is_ascii_alphanumeric() || b"+.-".contains(b))
    });
    if is_address || matches!(bytes.first(), Some(b'.' | b'/')) {
        gather.put("@", line, &gather.str(line), (line, Form::Bare));
        return;
    }
    let end = bytes
        .iter()
        .position(|b| b"=<>!~;@[ (\t,".contains(b))
        .unwrap_or(bytes.len());
    let key = Span::new(line.start, line.start + end);
    let marker = memchr::memchr(b';', bytes).map_or(line.end, |at| line.start + at);
    let hash = memchr::memmem::find(bytes, b" --").map_or(line.end, |at| line.start + at);
    let value = trimmed(text, key.end, marker.min(hash).max(key.end));
    if !key.is_empty() {
        gather.put(
            &gather.str(key),
            key,
            &gather.str(value),
            (value, Form::Bare),
        );
    }
}

/// Returns the lines `name (1.2.3)` of a Gemfile.lock and `path v1.2.3` of a go.mod: a name and a version.
pub(crate) fn lock(text: &[u8]) -> Document {
    let mut gather = Gather::new(text);
    for line in lines(text, 0, text.len()) {
        let line = trimmed(text, line.start, line.end);
        let bytes = line.of(text);
        if bytes.is_empty() || bytes.starts_with(b"//") || bytes[0] == b'#' {
            continue;
        }
        let skip = [&b"require "[..], b"replace ", b"toolchain "]
            .iter()
            .find(|word| bytes.starts_with(word))
            .map_or(0, |word| word.len());
        let start = line.start + skip;
        let Some(blank) = text[start..line.end].iter().position(|b| *b == b' ') else {
            continue;
        };
        let key = Span::new(start, start + blank);
        let mut value = trimmed(text, key.end, line.end);
        if let Some(at) = memchr::memmem::find(value.of(text), b" //") {
            value.end = value.start + at;
        }
        let inner = gather.str(value);
        let shown = inner.trim_matches(['(', ')', '"', ',']);
        let name = gather.str(key);
        let name = name.trim_matches(['"', ':', ',']);
        gather.put(name, key, shown, (value, Form::Bare));
    }
    gather.done(false)
}

#[cfg(test)]
mod tests {
    use super::super::tests::pairs;
    use super::*;

    #[test]
    fn packages_options_and_addresses_are_told_apart() {
        let text = b"# x\nFlask[async]==3.0 ; python_version > \"3\" # y\n--index-url http://h/s\n-i https://i\n-e git+https://h/r@main#egg=x\nname @ https://h/x.whl\nplain\na==1 \\\n    --hash=sha256:00\n";
        assert_eq!(
            pairs(&read(text)),
            [
                "Flask=[async]==3.0",
                "--index-url=http://h/s",
                "-i=https://i",
                "-e=git+https://h/r@main#egg=x",
                "@=git+https://h/r@main#egg=x",
                "name=@ https://h/x.whl",
                "plain=",
                "a===1",
                "--hash=sha256:00"
            ]
        );
    }

    #[test]
    fn lock_files_give_names_and_versions() {
        let text =
            b"GEM\n  specs:\n    rails (6.0.1)\nrequire golang.org/x/net v0.1.0 // indirect\n";
        assert_eq!(
            pairs(&lock(text)),
            ["rails=6.0.1", "golang.org/x/net=v0.1.0"]
        );
    }
}
