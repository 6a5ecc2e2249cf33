//! The reader of directive files: nginx and Apache with their blocks, and those of one directive a line (sshd,
//! redis, `pg_hba.conf`, sudoers).
//!
//! A directive is an entry of its name; inside blocks the names of the blocks stand in front. A block is an
//! entry too, with its arguments: `server.location` = `/files`, then `server.location.alias`.

use super::gather::{DEEPEST, Gather, lines, trimmed, unquoted};
use super::{Document, Form};
use crate::span::Span;

/// Returns the directives of a file with `;` and `{ }`, as nginx has it.
pub(crate) fn braces(text: &[u8]) -> Document {
    let mut gather = Gather::new(text);
    let mut path: Vec<String> = Vec::new();
    let mut words: Vec<Span> = Vec::new();
    let mut deeper = 0usize;
    let mut at = 0;
    while at < text.len() {
        match text[at] {
            b'#' => at = crate::span::line_end(text, at),
            b';' | b'{' | b'}' => {
                let byte = text[at];
                at += 1;
                let name = directive(&mut gather, &path, &std::mem::take(&mut words));
                match byte {
                    b'{' if path.len() >= DEEPEST => deeper += 1,
                    b'{' => path.push(name),
                    b'}' if deeper > 0 => deeper -= 1,
                    b'}' => {
                        path.pop();
                    }
                    _ => {}
                }
            }
            byte if byte.is_ascii_whitespace() => at += 1,
            _ => {
                let end = word_end(text, at);
                words.push(Span::new(at, end));
                at = end;
            }
        }
    }
    let broken = !path.is_empty() || !words.is_empty();
    gather.done(broken)
}

/// How far the closing bracket of `${name}` is looked for.
const NAME: usize = 200;

/// Returns where a word of nginx ends; `${name}` and quotes are part of it.
fn word_end(text: &[u8], start: usize) -> usize {
    let mut at = start;
    if let quote @ (b'"' | b'\'') = text[start] {
        at += 1;
        while at < text.len() && text[at] != quote {
            at += 1 + usize::from(text[at] == b'\\');
        }
        return (at + 1).min(text.len());
    }
    while at < text.len() {
        match text[at] {
            b'$' if text.get(at + 1) == Some(&b'{') => {
                let name = &text[at..text.len().min(at + NAME)];
                at += memchr::memchr2(b'}', b'\n', name).unwrap_or(1);
            }
            b'\\' => at += 1,
            b';' | b'{' | b'}' => break,
            byte if byte.is_ascii_whitespace() => break,
            _ => {}
        }
        at += 1;
    }
    at.min(text.len()).max(start + 1)
}

/// Adds a directive of these words and returns its name.
fn directive(gather: &mut Gather<'_>, path: &[String], words: &[Span]) -> String {
    let Some(&first) = words.first() else {
        return String::new();
    };
    let name: String = gather.str(first).chars().take(100).collect();
    let key = joined(path, &name);
    let (span, value) = match words {
        [_, only] => {
            let (span, _) = unquoted(gather.text, *only);
            (span, gather.str(span).into_owned())
        }
        [_, second, .., last] => {
            let text: Vec<_> = words[1..]
                .iter()
                .map(|word| gather.str(unquoted(gather.text, *word).0))
                .collect();
            (Span::new(second.start, last.end), text.join(" "))
        }
        _ => (Span::new(first.end, first.end), String::new()),
    };
    gather.put(&key, first, &value, (span, Form::Bare));
    name
}

fn joined(path: &[String], name: &str) -> String {
    if path.is_empty() {
        name.to_owned()
    } else {
        format!("{}.{name}", path.join("."))
    }
}

/// Returns the directives of a file that has one a line; `<Section x>` of Apache and `Match` of sshd are blocks.
pub(crate) fn by_line(text: &[u8]) -> Document {
    let mut gather = Gather::new(text);
    let mut path: Vec<String> = Vec::new();
    for line in lines(text, 0, text.len()) {
        let line = trimmed(text, line.start, line.end);
        let bytes = line.of(text);
        if matches!(bytes.first(), None | Some(b'#' | b';')) {
            continue;
        }
        if bytes.starts_with(b"</") {
            path.pop();
            continue;
        }
        let opens = bytes[0] == b'<';
        let start = line.start + usize::from(opens);
        let end = line.end - usize::from(opens && bytes.len() > 1 && bytes.ends_with(b">"));
        let rest = &text[start..end.max(start)];
        let len = rest
            .iter()
            .position(|b| b.is_ascii_whitespace() || *b == b'=')
            .unwrap_or(rest.len());
        let key = Span::new(start, start + len);
        let mut value = trimmed(text, (key.end + 1).min(end), end);
        if value.of(text).starts_with(b"= ") {
            value = trimmed(text, value.start + 1, value.end);
        }
        if let Some(at) = memchr::memmem::find(value.of(text), b" #") {
            value = trimmed(text, value.start, value.start + at);
        }
        let (value, form) = unquoted(text, value);
        let name: String = gather.str(key).chars().take(100).collect();
        gather.put(
            &joined(&path, &name),
            key,
            &gather.str(value),
            (value, form),
        );
        if opens && path.len() < DEEPEST {
            path.push(name);
        } else if name == "Match" {
            path = vec![name];
        }
    }
    gather.done(false)
}

/// What a file named `.conf` is, by its text: nobody else says it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// `[section]` and `key = value`.
    Ini,
    /// `name value;` and blocks.
    Braces,
    /// `key: value`.
    Yaml,
    /// One directive a line.
    Lines,
}

/// Returns what a text is, by its first hundred lines.
pub(crate) fn kind(text: &[u8]) -> Kind {
    let (mut ini, mut braces, mut yaml, mut plain) = (0, 0, 0, 0);
    for line in lines(text, 0, text.len()).take(400) {
        let line = trimmed(text, line.start, line.end).of(text);
        match line {
            [] | [b'#', ..] => {}
            [b'[', .., b']'] => ini += 5,
            [.., b';' | b'{' | b'}'] => braces += 1,
            _ if line.ends_with(b":") || memchr::memmem::find(line, b": ").is_some() => yaml += 1,
            _ if memchr::memmem::find(line, b" = ").is_some() => ini += 1,
            _ => plain += 1,
        }
    }
    let most = ini.max(braces).max(yaml).max(plain);
    if most == braces && braces > 0 {
        Kind::Braces
    } else if most == ini && ini > 0 {
        Kind::Ini
    } else if most == yaml && yaml > 0 {
        Kind::Yaml
    } else {
        Kind::Lines
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{pairs, spans_hold};
    use super::*;

    #[test]
    fn blocks_of_nginx_are_key_paths() {
        let text =
            b"server { # x\n  location /a { alias /b/; }\n  add_header A \"b; c\" always;\n}\n";
        let document = braces(text);
        assert!(!document.broken);
        assert_eq!(
            pairs(&document),
            [
                "server=",
                "server.location=/a",
                "server.location.alias=/b/",
                "server.add_header=A b; c always"
            ]
        );
    }

    #[test]
    fn lines_have_a_name_and_a_value() {
        let text = b"# x\nPermitRootLogin yes # y\nbind 0.0.0.0\n<Directory /a>\n  Options +Indexes\n</Directory>\nMatch User x\n  PermitRootLogin no\n";
        let document = by_line(text);
        assert_eq!(
            pairs(&document),
            [
                "PermitRootLogin=yes",
                "bind=0.0.0.0",
                "Directory=/a",
                "Directory.Options=+Indexes",
                "Match=User x",
                "Match.PermitRootLogin=no"
            ]
        );
        spans_hold(text, &document);
    }

    #[test]
    fn the_text_says_what_a_conf_file_is() {
        assert_eq!(kind(b"user www;\nhttp {\n}\n"), Kind::Braces);
        assert_eq!(kind(b"[mysqld]\nskip-grant-tables\n"), Kind::Ini);
        assert_eq!(kind(b"net:\n  port: 1\n"), Kind::Yaml);
        assert_eq!(kind(b"bind 1.1.1.1\nprotected-mode no\n"), Kind::Lines);
    }
}
