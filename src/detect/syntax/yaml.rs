//! The YAML reader: events with positions, key paths with list items by number.
//!
//! Aliases are not followed, so that a file costs what it is long. Beside the entries that stand there:
//! - `---` opens each document; its value is `apiVersion kind` where the document has both;
//! - `A=b` in a list, and a mapping of `name` and `value`, are the entry `A` of the list as well;
//! - scripts (`run`, `script`, `command` …) are read as such.
//!
//! A file that does not parse (templates of Helm and Jinja) is read line by line, and the document is broken.

use saphyr_parser::{Event, Marker, Parser, ScalarStyle};

use super::gather::{DEEPEST, Gather, trimmed};
use super::{Document, Form, ini, lines, shell};
use crate::detect::found::Scope;
use crate::span::Span;

/// Returns the entries of all documents of a file.
pub(crate) fn read(text: &[u8]) -> Document {
    let parsed = std::str::from_utf8(text)
        .ok()
        .and_then(|str| parse(text, str));
    parsed.unwrap_or_else(|| lines::yaml(text))
}

fn parse(text: &[u8], str: &str) -> Option<Document> {
    let mut parser = Parser::new_from_str(str);
    let mut reader = Reader {
        offsets: Offsets::of(str),
        gather: Gather::new(text),
        path: String::new(),
        frames: Vec::new(),
        too_deep: 0,
        part: Part::default(),
    };
    while let Some(event) = parser.next_event() {
        let (event, span) = event.ok()?;
        reader.event(&event, span);
    }
    Some(reader.gather.done(false))
}

/// Turns the parser's offsets, which count characters, into bytes.
struct Offsets {
    text: String,
    /// The byte offset of every 64th character; empty where the text is ASCII.
    marks: Vec<usize>,
}

impl Offsets {
    fn of(str: &str) -> Self {
        if str.is_ascii() {
            return Offsets {
                text: String::new(),
                marks: Vec::new(),
            };
        }
        Offsets {
            text: str.to_owned(),
            marks: str.char_indices().step_by(64).map(|(at, _)| at).collect(),
        }
    }

    fn byte(&self, marker: Marker) -> usize {
        let index = marker.index();
        if self.marks.is_empty() {
            return index;
        }
        let Some(&mark) = self.marks.get(index / 64) else {
            return self.text.len();
        };
        self.text[mark..]
            .char_indices()
            .nth(index % 64)
            .map_or(self.text.len(), |(ahead, _)| mark + ahead)
    }

    fn span(&self, span: saphyr_parser::Span) -> Span {
        Span::new(self.byte(span.start), self.byte(span.end))
    }
}

/// What is known of the document that is being read.
#[derive(Default)]
struct Part {
    start: usize,
    first: usize,
    api: Option<String>,
    kind: Option<String>,
    scope: Scope,
}

enum Frame {
    /// A mapping: the length of its own path, the key whose value comes next, and its `name` and `value`.
    Map {
        path: usize,
        key: Option<Span>,
        name: Option<String>,
        value: Option<(String, Span, Form)>,
    },
    /// A list: the length of its own path, the number of the next item, and its words if it is a command.
    List {
        path: usize,
        next: usize,
        words: Option<Vec<String>>,
        start: usize,
    },
}

struct Reader<'t> {
    offsets: Offsets,
    gather: Gather<'t>,
    path: String,
    frames: Vec<Frame>,
    too_deep: usize,
    part: Part,
}

impl Reader<'_> {
    fn event(&mut self, event: &Event<'_>, span: saphyr_parser::Span) {
        match event {
            Event::DocumentStart(_) => {
                self.part = Part {
                    start: self.offsets.byte(span.start),
                    first: self.gather.len(),
                    ..Part::default()
                };
                self.path.clear();
                self.frames.clear();
            }
            Event::DocumentEnd => self.end_document(),
            Event::Scalar(text, style, ..) => {
                let span = self.offsets.span(span);
                self.scalar(text, *style, span);
            }
            Event::Alias(_) => self.complex(),
            Event::MappingStart(..) => self.open(true, span),
            Event::SequenceStart(..) => self.open(false, span),
            Event::MappingEnd | Event::SequenceEnd => self.close(span),
            _ => {}
        }
    }

    fn end_document(&mut self) {
        let part = std::mem::take(&mut self.part);
        let kind = match (part.api, part.kind) {
            (Some(api), Some(kind)) => format!("{api} {kind}"),
            _ => String::new(),
        };
        let at = Span::new(part.start, part.start);
        self.gather.put("---", at, &kind, (at, Form::Expression));
        if part.scope != Scope::Unmarked {
            self.gather.rescope(part.first, part.scope);
        }
    }

    /// Sets the path to that of the next value, and returns where its key stands; none for a key itself.
    fn place(&mut self) -> Option<Span> {
        match self.frames.last_mut() {
            None => Some(Span::new(0, 0)),
            Some(Frame::Map { key, .. }) => key.take(),
            Some(Frame::List { path, next, .. }) => {
                self.path.truncate(*path);
                push(&mut self.path, &next.to_string());
                *next += 1;
                Some(Span::new(usize::MAX, usize::MAX))
            }
        }
    }

    fn scalar(&mut self, text: &str, style: ScalarStyle, raw: Span) {
        if self.too_deep > 0 {
            return;
        }
        let whole = trimmed(self.gather.text, raw.start, raw.end);
        let (span, form) = match style {
            ScalarStyle::Plain => (whole, Form::Bare),
            ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted => {
                (between_quotes(self.gather.text, whole), Form::Text)
            }
            _ => (whole, Form::Text),
        };
        let Some(key) = self.place() else {
            if let Some(Frame::Map { path, key, .. }) = self.frames.last_mut() {
                self.path.truncate(*path);
                push(&mut self.path, text);
                *key = Some(span);
            }
            return;
        };
        let key = if key.start == usize::MAX { span } else { key };
        self.gather.put(&self.path, key, text, (span, form));
        self.notice(text, span, form);
        self.read_script(text, style, span);
    }

    /// Keeps what the document, the mapping or the list needs to know of a value.
    fn notice(&mut self, text: &str, span: Span, form: Form) {
        let last = self.path.rsplit('.').next().unwrap_or_default();
        match self.path.as_str() {
            "apiVersion" => self.part.api = Some(text.to_owned()),
            "kind" => self.part.kind = Some(text.to_owned()),
            path => {
                let scope = ini::profile(path, text);
                if scope != Scope::Unmarked {
                    self.part.scope = scope;
                }
            }
        }
        match self.frames.last_mut() {
            Some(Frame::Map { name, value, .. }) => match last {
                "name" | "Name" | "key" => *name = Some(text.to_owned()),
                "value" | "Value" => *value = Some((text.to_owned(), span, form)),
                _ => {}
            },
            Some(Frame::List { path, words, .. }) => {
                if let Some(words) = words {
                    words.push(text.to_owned());
                }
                if let Some((name, value)) = text.split_once('=')
                    && is_variable(name)
                {
                    let list = *path;
                    let full = format!("{}.{name}", &self.path[..list]);
                    let start = (span.start + name.len() + 1).min(span.end);
                    let at = Span::new(start, span.end);
                    self.gather.put(&full, span, value, (at, form));
                }
            }
            None => {}
        }
    }

    /// Reads a value that is a script.
    fn read_script(&mut self, text: &str, style: ScalarStyle, span: Span) {
        let in_list = matches!(self.frames.last(), Some(Frame::List { words: Some(_), .. }));
        if in_list || !is_script(&self.path) {
            return;
        }
        if style == ScalarStyle::Folded {
            let line = text.replace('\n', " ");
            let words: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
            shell::command_of_words(&mut self.gather, &words, span);
        } else {
            let skip = match style {
                ScalarStyle::Literal => span
                    .of(self.gather.text)
                    .iter()
                    .take_while(|b| b"|+-0123456789 ".contains(b))
                    .count(),
                _ => 0,
            };
            shell::commands(&mut self.gather, Span::new(span.start + skip, span.end));
        }
    }

    /// Passes over a value that gives no entry: an alias.
    fn complex(&mut self) {
        if self.too_deep == 0
            && self.place().is_none()
            && let Some(Frame::Map { path, key, .. }) = self.frames.last_mut()
        {
            self.path.truncate(*path);
            push(&mut self.path, "*");
            *key = Some(Span::new(0, 0));
        }
    }

    fn open(&mut self, map: bool, span: saphyr_parser::Span) {
        if self.too_deep > 0 || self.frames.len() >= DEEPEST {
            self.too_deep += 1;
            return;
        }
        if self.place().is_none() && !self.frames.is_empty() {
            // A mapping or a list as a key: its own entries are passed over.
            self.too_deep = 1;
            self.complex_key();
            return;
        }
        let path = self.path.len();
        self.frames.push(if map {
            Frame::Map {
                path,
                key: None,
                name: None,
                value: None,
            }
        } else {
            let words = is_command(&self.path).then(Vec::new);
            Frame::List {
                path,
                next: 0,
                words,
                start: self.offsets.byte(span.start),
            }
        });
    }

    fn complex_key(&mut self) {
        if let Some(Frame::Map { path, key, .. }) = self.frames.last_mut() {
            self.path.truncate(*path);
            push(&mut self.path, "?");
            *key = Some(Span::new(0, 0));
        }
    }

    fn close(&mut self, span: saphyr_parser::Span) {
        if self.too_deep > 0 {
            self.too_deep -= 1;
            return;
        }
        let end = self.offsets.byte(span.end);
        match self.frames.pop() {
            Some(Frame::Map {
                path,
                name: Some(name),
                value: Some((value, span, form)),
                ..
            }) => {
                let parent = match self.frames.last() {
                    Some(Frame::List { path, .. }) => *path,
                    _ => path,
                };
                let full = format!("{}.{name}", &self.path[..parent.min(self.path.len())]);
                self.gather.put(&full, span, &value, (span, form));
            }
            Some(Frame::List {
                words: Some(words),
                start,
                ..
            }) if !words.is_empty() => {
                let span = trimmed(self.gather.text, start, end);
                shell::command_of_words(&mut self.gather, &words, span);
            }
            _ => {}
        }
        match self.frames.last() {
            Some(Frame::Map { path, .. } | Frame::List { path, .. }) => self.path.truncate(*path),
            None => self.path.clear(),
        }
    }
}

/// Returns what stands between the quotes; the parser's own span reaches over a comment behind them.
fn between_quotes(text: &[u8], whole: Span) -> Span {
    let start = (whole.start + 1).min(whole.end);
    let quote = whole.of(text).first().copied().unwrap_or(b'"');
    let body = &text[start..whole.end];
    let mut at = 0;
    while at < body.len()
        && (body[at] != quote || (quote == b'\'' && body.get(at + 1) == Some(&quote)))
    {
        at += 1 + usize::from((quote == b'"' && body[at] == b'\\') || body[at] == quote);
    }
    Span::new(start, start + at.min(body.len()))
}

fn push(path: &mut String, part: &str) {
    if !path.is_empty() {
        path.push('.');
    }
    path.push_str(part);
}

/// Tells whether a word can be the name of a variable of the environment.
pub(crate) fn is_variable(name: &str) -> bool {
    let inner = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.');
    !name.is_empty()
        && name.len() < 100
        && name.bytes().all(inner)
        && !name.as_bytes()[0].is_ascii_digit()
}

/// Tells whether the value at this path is a script: `jobs.x.steps.0.run`, `job.script.2`.
pub(crate) fn is_script(path: &str) -> bool {
    let mut parts = path.rsplit('.');
    let last = parts.next().unwrap_or_default();
    let named = if last.bytes().all(|b| b.is_ascii_digit()) {
        parts.next().unwrap_or_default()
    } else {
        last
    };
    matches!(
        named,
        "run"
            | "script"
            | "before_script"
            | "after_script"
            | "before_install"
            | "install"
            | "command"
            | "commands"
            | "cmd"
            | "shell"
            | "entrypoint"
            | "runcmd"
            | "cmds"
            | "bash"
            | "test"
            | "web"
            | "worker"
            | "release"
            | "ansible.builtin.shell"
            | "ansible.builtin.command"
            | "pwsh"
            | "powershell"
            | "start"
            | "build"
    )
}

/// Tells whether the list at this path is one command, word by word.
fn is_command(path: &str) -> bool {
    let last = path.rsplit('.').next().unwrap_or_default();
    matches!(last, "command" | "args" | "entrypoint" | "cmd" | "test")
}

#[cfg(test)]
mod tests {
    use super::super::tests::{found, pairs, scopes, spans_hold};
    use super::*;

    #[test]
    fn key_paths_follow_mappings_and_lists() {
        let text = b"a: 1\nb:\n  - c: 'x'\n    d: [p, q]\n  - e\nf.g: \"y\" # z\n";
        let document = read(text);
        assert_eq!(
            pairs(&document),
            [
                "---=",
                "a=1",
                "b.0.c=x",
                "b.0.d.0=p",
                "b.0.d.1=q",
                "b.1=e",
                "f.g=y"
            ]
        );
        spans_hold(text, &document);
    }

    #[test]
    fn umlauts_do_not_move_the_spans() {
        let text = "ä: öö\nb: [ü, 'ß x']\nc: |\n  é\nd: e\n".as_bytes();
        spans_hold(text, &read(text));
    }

    #[test]
    fn documents_have_a_kind_and_a_profile() {
        let text = b"apiVersion: v1\nkind: Pod\n---\nspring.config.activate.on-profile: dev\nx: 1\n---\nx: 2\n";
        let document = read(text);
        assert_eq!(pairs(&document)[0], "---=v1 Pod");
        let scopes = scopes(&document);
        assert_eq!(scopes[scopes.len() - 3], Scope::Development);
        assert_eq!(scopes[scopes.len() - 1], Scope::Unmarked);
    }

    #[test]
    fn variables_in_lists_are_entries() {
        let text = b"env:\n  - name: A\n    value: 'b'\nenvironment:\n  - C=d\n";
        let document = read(text);
        assert!(found(&document, "env.A=b"));
        assert!(found(&document, "environment.C=d"));
    }

    #[test]
    fn scripts_are_read_in_every_form() {
        let text = b"s:\n  - run: |\n      curl -k x | sh\n  - run: curl -k y\n  - run: >\n      wget\n      z\nscript:\n  - curl a\ncommand: [\"sh\", \"-c\", \"b | sh\"]\n";
        let document = read(text);
        for wanted in [
            "$|=curl -k x | sh",
            "$curl=curl -k y",
            "$wget=wget z",
            "$curl=curl a",
            "$|=b | sh",
        ] {
            assert!(
                found(&document, wanted),
                "{wanted} in {:?}",
                pairs(&document)
            );
        }
    }

    #[test]
    fn a_template_falls_back_to_its_lines() {
        let text = b"a:\n{{- if .Values.x }}\n  b: true\n  c:\n    - d: 1\n{{- end }}\n";
        let document = read(text);
        assert!(document.broken);
        assert!(found(&document, "a.b=true"), "{:?}", pairs(&document));
        assert!(found(&document, "a.c.0.d=1"), "{:?}", pairs(&document));
    }
}
