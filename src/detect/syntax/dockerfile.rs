//! The Dockerfile reader: each instruction is an entry, and what its command runs is read as a script.
//!
//! `FROM` has the image with the defaults of `ARG` filled in, `ENV.NAME` and `ARG.NAME` the value; `EXPOSE`,
//! `USER`, `ADD`, `COPY` and `CMD` their words. A stage that ends up in no final image has the scope
//! development, since what it holds is not shipped.

use std::collections::HashMap;

use super::gather::{Gather, lines, scope_of_name, trimmed, unquoted};
use super::{Document, Form, shell};
use crate::detect::found::Scope;
use crate::span::{Span, line_end};

/// Returns the entries of a Dockerfile.
pub(crate) fn read(text: &[u8]) -> Document {
    let mut reader = Reader {
        gather: Gather::new(text),
        args: HashMap::new(),
        stages: Vec::new(),
    };
    let mut endless = HashMap::new();
    let mut after = 0;
    for line in lines(text, 0, text.len()) {
        if line.start < after {
            continue;
        }
        let start = trimmed(text, line.start, line.end);
        if start.is_empty() || text[start.start] == b'#' {
            continue;
        }
        let end = instruction_end(text, line, &mut endless);
        after = end;
        reader.instruction(trimmed(text, start.start, end));
    }
    reader.give_scopes();
    reader.gather.done(false)
}

/// Returns where an instruction ends: `\` joins lines, comments among them are passed over, and a
/// here-document belongs to it. `endless` keeps how far was looked in vain for the end of one.
fn instruction_end<'t>(
    text: &'t [u8],
    first: Span,
    endless: &mut HashMap<&'t [u8], usize>,
) -> usize {
    let mut line = first;
    loop {
        let inner = trimmed(text, line.start, line.end);
        let comment = text.get(inner.start) == Some(&b'#') && line != first;
        let joins =
            inner.of(text).ends_with(b"\\") || ((comment || inner.is_empty()) && line != first);
        let next = line_end(text, line.start) + 1;
        if !joins || next >= text.len() {
            break;
        }
        line = Span::new(next, line_end(text, next));
    }
    let end = line.end;
    let Some(word) = heredoc_word(first.of(text)) else {
        return end;
    };
    if endless.get(word).is_some_and(|&known| end < known) {
        return end;
    }
    let mut looked = end;
    for line in lines(text, end + 1, text.len()).take(LONGEST_HEREDOC) {
        if trimmed(text, line.start, line.end).of(text) == word {
            return line.end;
        }
        looked = line.end;
    }
    endless.insert(word, looked);
    end
}

/// How many lines a here-document may have.
const LONGEST_HEREDOC: usize = 2_000;

/// How many stages are told apart.
const MOST_STAGES: usize = 500;

/// Returns the word that ends the here-document that a line opens, if it opens one.
fn heredoc_word(line: &[u8]) -> Option<&[u8]> {
    let at = memchr::memmem::find(line, b"<<")?;
    let rest = line[at + 2..].strip_prefix(b"-").unwrap_or(&line[at + 2..]);
    let rest = rest
        .strip_prefix(b"\"")
        .or(rest.strip_prefix(b"'"))
        .unwrap_or(rest);
    let len = rest
        .iter()
        .take_while(|b| b.is_ascii_alphanumeric() || **b == b'_')
        .count();
    (len > 0).then(|| &rest[..len])
}

struct Stage {
    /// Its first entry.
    first: usize,
    /// Its name, or nothing.
    name: String,
    /// The image or the stage it is built from.
    base: String,
}

struct Reader<'t> {
    gather: Gather<'t>,
    args: HashMap<String, String>,
    stages: Vec<Stage>,
}

impl Reader<'_> {
    fn instruction(&mut self, span: Span) {
        let text = self.gather.text;
        let blank = span.of(text).iter().position(u8::is_ascii_whitespace);
        let Some(blank) = blank else { return };
        let word = Span::new(span.start, span.start + blank);
        let rest = trimmed(text, word.end, span.end);
        let name = self.gather.str(word).to_ascii_uppercase();
        match name.as_str() {
            "FROM" => self.from(word, rest),
            "ENV" | "ARG" | "LABEL" => self.pairs(&name, rest),
            "RUN" => {
                self.plain("RUN", word, rest);
                self.run(rest);
            }
            "CMD" | "ENTRYPOINT" | "HEALTHCHECK" => self.command(&name, word, rest),
            "EXPOSE" => {
                for port in words(text, rest) {
                    self.plain("EXPOSE", word, port);
                }
            }
            "USER" | "ADD" | "COPY" | "WORKDIR" | "SHELL" | "VOLUME" => {
                self.plain(&name, word, rest);
            }
            "ONBUILD" => self.instruction(rest),
            _ => {}
        }
    }

    fn plain(&mut self, key: &str, word: Span, rest: Span) {
        let value = self.gather.str(rest).into_owned();
        self.gather.put(key, word, &value, (rest, Form::Bare));
    }

    fn from(&mut self, word: Span, rest: Span) {
        let text = self.gather.text;
        let all: Vec<Span> = words(text, rest)
            .filter(|word| !word.of(text).starts_with(b"--"))
            .collect();
        let Some(&image) = all.first() else { return };
        if self.stages.len() >= MOST_STAGES {
            return;
        }
        let name = match all.get(1..3) {
            Some([as_word, name]) if as_word.of(text).eq_ignore_ascii_case(b"as") => {
                self.gather.str(*name).to_ascii_lowercase()
            }
            _ => String::new(),
        };
        let base = self.filled(&self.gather.str(image));
        self.stages.push(Stage {
            first: self.gather.len(),
            name,
            base: base.to_ascii_lowercase(),
        });
        let known = self.stages.len() - 1;
        let lower = base.to_ascii_lowercase();
        let is_stage = self.stages[..known].iter().any(|stage| stage.name == lower);
        let key = if is_stage || lower == "scratch" {
            "FROM.stage"
        } else {
            "FROM"
        };
        self.gather.put(key, word, &base, (image, Form::Bare));
    }

    /// Fills `$NAME`, `${NAME}` and `${NAME:-default}`; what has no default stays as it is.
    fn filled(&self, image: &str) -> String {
        let mut out = String::new();
        let mut rest = image;
        while let Some((before, after)) = rest.split_once('$') {
            out.push_str(before);
            let (name, behind) = match after
                .strip_prefix('{')
                .and_then(|inner| inner.split_once('}'))
            {
                Some(split) => split,
                None => {
                    let end = after
                        .find(|c: char| !c.is_ascii_alphanumeric() && c != '_')
                        .unwrap_or(after.len());
                    after.split_at(end)
                }
            };
            let (plain, default) = name.split_once(":-").unwrap_or((name, ""));
            match self.args.get(plain) {
                Some(value) => out.push_str(value),
                None if !default.is_empty() => out.push_str(default),
                None => {
                    out.push_str("${");
                    out.push_str(plain);
                    out.push('}');
                }
            }
            rest = behind;
        }
        out + rest
    }

    /// Adds `NAME=value …` or `NAME value`.
    fn pairs(&mut self, kind: &str, rest: Span) {
        let text = self.gather.text;
        let all: Vec<Span> = words(text, rest).collect();
        let old_form = kind == "ENV"
            && all
                .first()
                .is_some_and(|first| !first.of(text).contains(&b'='));
        if old_form {
            let key = all[0];
            let value = trimmed(text, key.end, rest.end);
            self.pair(kind, key, value);
            return;
        }
        for word in all {
            match memchr::memchr(b'=', word.of(text)) {
                Some(at) => {
                    let key = Span::new(word.start, word.start + at);
                    self.pair(kind, key, Span::new(key.end + 1, word.end));
                }
                None if kind == "ARG" => self.pair(kind, word, Span::new(word.end, word.end)),
                None => {}
            }
        }
    }

    fn pair(&mut self, kind: &str, key: Span, value: Span) {
        let (value, form) = unquoted(self.gather.text, value);
        let name = self.gather.str(key).into_owned();
        let shown = self.gather.str(value).into_owned();
        if !shown.is_empty() && shown.len() < 200 && !shown.contains('$') && kind != "LABEL" {
            self.args.insert(name.clone(), shown.clone());
        }
        self.gather
            .put(&format!("{kind}.{name}"), key, &shown, (value, form));
    }

    fn run(&mut self, rest: Span) {
        let text = self.gather.text;
        let mut body = rest;
        while body.of(text).starts_with(b"--") {
            let end = body.of(text).iter().position(u8::is_ascii_whitespace);
            body = trimmed(text, body.start + end.unwrap_or(body.len()), body.end);
        }
        let first_line = Span::new(body.start, line_end(text, body.start).min(body.end));
        if body.of(text).starts_with(b"[") && self.exec(body) {
            return;
        }
        if body.of(text).starts_with(b"<<") && heredoc_word(first_line.of(text)).is_some() {
            body = Span::new((first_line.end + 1).min(body.end), body.end);
        }
        shell::commands(&mut self.gather, body);
    }

    fn command(&mut self, name: &str, word: Span, rest: Span) {
        let text = self.gather.text;
        let mut body = rest;
        if name == "HEALTHCHECK" {
            match memchr::memmem::find(rest.of(text), b"CMD") {
                Some(at) => body = trimmed(text, rest.start + at + 3, rest.end),
                None => return,
            }
        }
        let shown = exec_words(&self.gather.str(body)).map_or_else(
            || self.gather.str(body).into_owned(),
            |words| words.join(" "),
        );
        self.gather.put(name, word, &shown, (body, Form::Bare));
        if !self.exec(body) {
            shell::commands(&mut self.gather, body);
        }
    }

    /// Adds a command in exec form and tells whether it is one.
    fn exec(&mut self, body: Span) -> bool {
        let Some(words) = exec_words(&self.gather.str(body)) else {
            return false;
        };
        shell::command_of_words(&mut self.gather, &words, body);
        true
    }

    /// Gives each stage its scope: the last one is shipped, or those that a name says are, with all that they
    /// are built from.
    fn give_scopes(&mut self) {
        let scopes: Vec<Scope> = self
            .stages
            .iter()
            .map(|stage| scope_of_name(&stage.name))
            .collect();
        let unnamed = |scope: &Scope| !matches!(scope, Scope::Development | Scope::Test);
        let mut shipped: Vec<usize> = (0..scopes.len())
            .filter(|&at| scopes[at] == Scope::Production)
            .collect();
        if shipped.is_empty() {
            shipped.extend(scopes.iter().rposition(unnamed));
        }
        let mut kept = vec![false; self.stages.len()];
        while let Some(at) = shipped.pop() {
            if !std::mem::replace(&mut kept[at], true) {
                let base = &self.stages[at].base;
                shipped.extend(
                    self.stages[..at]
                        .iter()
                        .rposition(|stage| &stage.name == base),
                );
            }
        }
        for (at, stage) in self.stages.iter().enumerate() {
            let scope = match (kept[at], scopes[at]) {
                (true, _) => Scope::Unmarked,
                (false, Scope::Test) => Scope::Test,
                (false, _) => Scope::Development,
            };
            self.gather.rescope(stage.first, scope);
        }
    }
}

/// Returns the words of `["a", "b"]`.
fn exec_words(text: &str) -> Option<Vec<String>> {
    if !text.starts_with('[') {
        return None;
    }
    serde_json::from_str(&text.replace("\\\n", "\n")).ok()
}

/// Returns the spans of the words of a line; quotes keep blanks, `\` joins lines.
fn words(text: &[u8], span: Span) -> impl Iterator<Item = Span> + '_ {
    let mut at = span.start;
    std::iter::from_fn(move || {
        while at < span.end && (text[at].is_ascii_whitespace() || text[at] == b'\\') {
            at += 1;
        }
        if at >= span.end {
            return None;
        }
        let start = at;
        let mut quote = 0;
        while at < span.end {
            let byte = text[at];
            match byte {
                b'\\' => at += 1,
                b'"' | b'\'' if quote == 0 => quote = byte,
                _ if byte == quote => quote = 0,
                _ if quote == 0 && byte.is_ascii_whitespace() => break,
                _ => {}
            }
            at += 1;
        }
        at = at.min(span.end);
        Some(Span::new(start, at))
    })
}

#[cfg(test)]
mod tests {
    use super::super::tests::{pairs, scopes};
    use super::*;

    #[test]
    fn instructions_are_entries_and_arguments_are_filled_in() {
        let text = b"ARG V=3.7\nFROM --platform=x python:${V}-slim AS b\nENV A=1 B=\"x y\" \\\n  C=3\nENV D e f\nUSER root\nEXPOSE 22 80\nCMD [\"a\", \"b\"]\n";
        assert_eq!(
            pairs(&read(text)),
            [
                "ARG.V=3.7",
                "FROM=python:3.7-slim",
                "ENV.A=1",
                "ENV.B=x y",
                "ENV.C=3",
                "ENV.D=e f",
                "USER=root",
                "EXPOSE=22",
                "EXPOSE=80",
                "CMD=a b",
                "$a=a b"
            ]
        );
    }

    #[test]
    fn what_runs_is_read_as_a_script_over_joined_lines_and_here_documents() {
        let text =
            b"FROM a\nRUN x && \\\n  # note\n  curl -k y | sh\nRUN <<EOF\nwget z\nEOF\nUSER u\n";
        let found = pairs(&read(text));
        for wanted in [
            "$curl=curl -k y",
            "$|=curl -k y | sh",
            "$wget=wget z",
            "USER=u",
        ] {
            assert!(
                found.iter().any(|pair| pair == wanted),
                "{wanted} in {found:?}"
            );
        }
    }

    #[test]
    fn a_stage_that_is_not_shipped_is_development() {
        let text =
            b"FROM a AS base\nUSER x\nFROM b AS build\nFROM base AS final\nFROM base AS dev\n";
        assert_eq!(
            scopes(&read(text)),
            [
                Scope::Unmarked,
                Scope::Unmarked,
                Scope::Development,
                Scope::Unmarked,
                Scope::Development
            ]
        );
    }
}
