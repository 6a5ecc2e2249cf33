//! The shell reader: each command of a script is an entry `$name`, each pipeline an entry `$|`.
//!
//! The value of a command is its words without quotes, one blank between them; a blank inside a quoted word is
//! an underscore, so that `-k` in a value is a word of its own. `NAME=value` is an entry `NAME`. Scripts stand
//! in files, in Makefiles, in `RUN` of a Dockerfile and in `run:` of a workflow: all of them come here.

use super::gather::{Gather, lines, trimmed};
use super::{Document, Form};
use crate::span::Span;

/// Returns the commands of a script.
pub(crate) fn read(text: &[u8]) -> Document {
    let mut gather = Gather::new(text);
    commands(&mut gather, Span::new(0, text.len()));
    gather.done(false)
}

/// Returns the variables and the recipes' commands of a Makefile.
pub(crate) fn makefile(text: &[u8]) -> Document {
    let mut gather = Gather::new(text);
    let mut after = 0;
    for line in lines(text, 0, text.len()) {
        if line.start < after {
            continue;
        }
        let whole = Span::new(line.start, joined_end(text, line));
        after = whole.end;
        if text.get(line.start) == Some(&b'\t') {
            let recipe = line.start
                + whole
                    .of(text)
                    .iter()
                    .take_while(|b| b"\t @-+".contains(b))
                    .count();
            commands(&mut gather, Span::new(recipe, whole.end));
        } else if let Some(equals) = memchr::memchr(b'=', line.of(text)) {
            let mut end = line.start + equals;
            while end > line.start && b":?+!".contains(&text[end - 1]) {
                end -= 1;
            }
            let key = trimmed(text, line.start, end);
            let name = gather.str(key);
            let name = name.strip_prefix("export ").unwrap_or(&name).trim();
            let value = trimmed(text, line.start + equals + 1, whole.end);
            if !name.contains([' ', '#', ':']) {
                gather.put(name, key, &gather.str(value), (value, Form::Bare));
            }
        }
    }
    gather.done(false)
}

/// Returns the end of a line with the lines that `\` joins to it.
fn joined_end(text: &[u8], line: Span) -> usize {
    let mut end = line.end;
    while end > line.start && text[end - 1] == b'\\' {
        let next = (end + 1 + usize::from(text.get(end) == Some(&b'\r'))).min(text.len());
        let stop = crate::span::line_end(text, next);
        if stop <= end {
            break;
        }
        end = stop;
    }
    end
}

/// Returns the commands of a Procfile: `web: gunicorn …`.
pub(crate) fn procfile(text: &[u8]) -> Document {
    let mut gather = Gather::new(text);
    for line in lines(text, 0, text.len()) {
        if let Some(colon) = memchr::memchr(b':', line.of(text))
            && text[line.start] != b'#'
        {
            let key = trimmed(text, line.start, line.start + colon);
            let value = trimmed(text, line.start + colon + 1, line.end);
            let name = gather.str(key).into_owned();
            gather.put(&name, key, &gather.str(value), (value, Form::Bare));
            commands(&mut gather, value);
        }
    }
    gather.done(false)
}

/// How many scripts may stand one inside the other: `$(…)`, `sh -c '…'`.
const DEEPEST: usize = 8;

/// Adds an entry for each command, pipeline and assignment of a script that stands at `span`.
pub(crate) fn commands(gather: &mut Gather<'_>, span: Span) {
    script(gather, span, 0);
}

/// Adds one command whose words are given, as an exec-form list gives them.
pub(crate) fn command_of_words(gather: &mut Gather<'_>, words: &[String], span: Span) {
    let mut command = Command::default();
    for word in words {
        command.words.push(Word {
            text: shown(word),
            span,
            inner: Vec::new(),
            quoted: false,
        });
    }
    if let Some(text) = finish(gather, &command)
        && let [.., script] = words
        && is_shell(&text)
        && words.iter().any(|word| word == "-c" || word == "-lc")
    {
        let name = first_word(script);
        let pipe = script.split('|').map(str::trim).collect::<Vec<_>>();
        if pipe.len() > 1 {
            gather.put("$|", span, &pipe.join(" | "), (span, Form::Expression));
        }
        gather.put(&format!("${name}"), span, script, (span, Form::Expression));
    }
}

/// A word: its text without quotes, where it stands, and the scripts inside it.
#[derive(Debug, Clone)]
struct Word {
    text: String,
    span: Span,
    inner: Vec<Inner>,
    quoted: bool,
}

/// A script inside a word.
#[derive(Debug, Clone, Copy)]
struct Inner(Span);

/// The words of one command.
#[derive(Debug, Default)]
struct Command {
    words: Vec<Word>,
}

fn script(gather: &mut Gather<'_>, span: Span, depth: usize) {
    let mut lexer = Lexer {
        text: gather.text,
        at: span.start,
        end: span.end.min(gather.text.len()),
        heredocs: Vec::new(),
    };
    let mut command = Command::default();
    let mut pipeline: Vec<(String, Span)> = Vec::new();
    loop {
        match lexer.next() {
            Token::Word(word) => command.words.push(word),
            Token::Pipe => end_command(gather, &mut command, &mut pipeline, depth),
            Token::End => {
                end_command(gather, &mut command, &mut pipeline, depth);
                end_pipeline(gather, &mut pipeline);
            }
            Token::Over => {
                end_command(gather, &mut command, &mut pipeline, depth);
                end_pipeline(gather, &mut pipeline);
                return;
            }
        }
    }
}

fn end_command(
    gather: &mut Gather<'_>,
    command: &mut Command,
    pipeline: &mut Vec<(String, Span)>,
    depth: usize,
) {
    let done = std::mem::take(command);
    let (Some(first), Some(last)) = (done.words.first(), done.words.last()) else {
        return;
    };
    let span = Span::new(first.span.start, last.span.end);
    let Some(text) = finish(gather, &done) else {
        inner_scripts(gather, &done, None, depth);
        return;
    };
    inner_scripts(gather, &done, Some((&text, span)), depth);
    pipeline.push((text, span));
}

fn end_pipeline(gather: &mut Gather<'_>, pipeline: &mut Vec<(String, Span)>) {
    let done = std::mem::take(pipeline);
    if let ([(_, first), .., (_, last)], 2..=16) = (done.as_slice(), done.len()) {
        let span = Span::new(first.start, last.end);
        let text = done
            .iter()
            .map(|(text, _)| text.as_str())
            .collect::<Vec<_>>()
            .join(" | ");
        gather.put("$|", span, &text, (span, Form::Expression));
    }
}

/// Reads the scripts inside a command's words; `sh -c '…'` and `bash <(…)` count as pipelines too.
fn inner_scripts(
    gather: &mut Gather<'_>,
    command: &Command,
    outer: Option<(&str, Span)>,
    depth: usize,
) {
    if depth >= DEEPEST {
        return;
    }
    let runs = outer.is_some_and(|(text, _)| {
        is_shell(text) || matches!(first_word(text), "eval" | "source" | ".")
    });
    for word in &command.words {
        for Inner(span) in &word.inner {
            let first = gather.len();
            script(gather, *span, depth + 1);
            let made = gather.entries()[first..]
                .iter()
                .find(|entry| matches!(entry.key.as_str(), "$curl" | "$wget" | "$fetch"))
                .map(|entry| entry.value.clone());
            if let (true, Some(made), Some((text, whole))) = (runs, made, outer) {
                let text = format!("{made} | {}", first_word(text));
                gather.put("$|", whole, &text, (whole, Form::Expression));
            }
        }
    }
    let Some((text, _)) = outer else { return };
    let is_script = |pair: &[Word]| {
        matches!(
            pair[0].text.as_str(),
            "-c" | "-lc" | "-ec" | "-xc" | "-euxc" | "-exc"
        ) && pair[1].quoted
    };
    if is_shell(text)
        && let Some(pair) = command.words.windows(2).find(|pair| is_script(pair))
    {
        let span = pair[1].span;
        script(
            gather,
            Span::new(span.start + 1, span.end.max(span.start + 2) - 1),
            depth + 1,
        );
    }
}

/// Words that stand before a command and are none themselves.
const BEFORE: [&str; 20] = [
    "if", "then", "else", "elif", "while", "until", "do", "!", "{", "}", "(", "time", "env",
    "exec", "nohup", "command", "builtin", "fi;", "done;", "&&",
];

/// Adds the entries of a command and returns its text from the command's name on; none for an assignment alone.
fn finish(gather: &mut Gather<'_>, command: &Command) -> Option<String> {
    let mut words = command.words.as_slice();
    let last = words.last()?.span.end;
    loop {
        let first = words.first()?;
        if assignment(gather, first) || BEFORE.contains(&first.text.as_str()) {
            words = &words[1..];
        } else {
            break;
        }
    }
    let first = words.first()?;
    let name = base_name(&first.text);
    if matches!(
        name,
        "export" | "declare" | "local" | "readonly" | "set" | "setx" | "typeset"
    ) {
        for word in &words[1..] {
            assignment(gather, word);
        }
    }
    let span = Span::new(first.span.start, last);
    let text = join(words, name);
    gather.put(
        &format!("${name}"),
        first.span,
        &text,
        (span, Form::Expression),
    );
    if matches!(
        name,
        "sudo" | "doas" | "xargs" | "timeout" | "gosu" | "su-exec" | "nice" | "watch"
    ) {
        let inner = words[1..].iter().position(|word| {
            !word.text.starts_with('-')
                && !word.text.contains('=')
                && !word.text.starts_with(|c: char| c.is_ascii_digit())
        })?;
        let skip = inner + 1 + usize::from(matches!(name, "gosu" | "su-exec"));
        let inner = words.get(skip..).filter(|rest| !rest.is_empty());
        if let Some(inner) = inner {
            let name = base_name(&inner[0].text);
            let text = join(inner, name);
            let span = Span::new(inner[0].span.start, last);
            gather.put(
                &format!("${name}"),
                inner[0].span,
                &text,
                (span, Form::Expression),
            );
        }
    }
    Some(text)
}

fn join(words: &[Word], name: &str) -> String {
    let mut text = name.to_owned();
    for word in &words[1..] {
        text.push(' ');
        text.push_str(&word.text);
    }
    text
}

/// Adds an entry for a word `NAME=value` and tells whether it is one.
fn assignment(gather: &mut Gather<'_>, word: &Word) -> bool {
    let Some((name, value)) = word.text.split_once('=') else {
        return false;
    };
    let is_name = !name.is_empty()
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
        && !name.starts_with(|c: char| c.is_ascii_digit());
    if is_name {
        let key = Span::new(word.span.start, word.span.start + name.len());
        let span = Span::new(key.end + 1, word.span.end);
        gather.put(name, key, value, (span, Form::Bare));
    }
    is_name
}

fn base_name(word: &str) -> &str {
    word.rsplit(['/', '\\']).next().unwrap_or(word)
}

fn first_word(text: &str) -> &str {
    base_name(text.trim_start().split(' ').next().unwrap_or_default())
}

/// Tells whether the command runs a script that it is given.
fn is_shell(text: &str) -> bool {
    matches!(
        first_word(text),
        "sh" | "bash" | "zsh" | "dash" | "ash" | "ksh" | "su" | "powershell" | "pwsh"
    ) || (text.starts_with("sudo ") && text.contains("sh"))
}

/// Returns a word as it stands in a command's text: a blank inside it is an underscore.
fn shown(word: &str) -> String {
    word.replace(|c: char| c.is_ascii_whitespace(), "_")
}

enum Token {
    Word(Word),
    Pipe,
    End,
    Over,
}

/// Cuts a script into words and operators.
struct Lexer<'t> {
    text: &'t [u8],
    at: usize,
    end: usize,
    heredocs: Vec<Vec<u8>>,
}

impl<'t> Lexer<'t> {
    fn peek(&self, ahead: usize) -> u8 {
        let at = self.at + ahead;
        if at < self.end { self.text[at] } else { b'\n' }
    }

    fn next(&mut self) -> Token {
        while self.at < self.end {
            match self.peek(0) {
                b' ' | b'\t' | b'\r' => self.at += 1,
                b'\\' if self.peek(1) == b'\n' => self.at += 2,
                b'\\' if self.peek(1) == b'\r' && self.peek(2) == b'\n' => self.at += 3,
                b'#' => self.at = self.line_end(),
                b'\n' => {
                    self.at += 1;
                    self.skip_heredocs();
                    return Token::End;
                }
                b'|' if self.peek(1) == b'|' => {
                    self.at += 2;
                    return Token::End;
                }
                b'|' => {
                    self.at += 1 + usize::from(self.peek(1) == b'&');
                    return Token::Pipe;
                }
                b'&' if self.peek(1) == b'>' => self.at += 2,
                b';' | b'&' | b'(' | b')' => {
                    self.at += 1;
                    return Token::End;
                }
                b'<' if self.peek(1) == b'<' && self.peek(2) != b'<' => self.heredoc(),
                _ => return Token::Word(self.word()),
            }
        }
        Token::Over
    }

    fn line_end(&self) -> usize {
        crate::span::line_end(self.text, self.at).min(self.end)
    }

    /// Returns what stands ahead, no more than `reach` bytes: to look at a whole line at each place of it would
    /// cost the square of its length.
    fn near(&self, reach: usize) -> &'t [u8] {
        let start = self.at.min(self.end);
        &self.text[start..(start + reach).min(self.end)]
    }

    /// Notes the word that ends a here-document; its body begins on the next line.
    fn heredoc(&mut self) {
        self.at += 2 + usize::from(self.peek(2) == b'-');
        while self.peek(0) == b' ' {
            self.at += 1;
        }
        let rest = self.near(200);
        let quote = rest.first().copied().filter(|b| matches!(b, b'"' | b'\''));
        let word: Vec<u8> = rest
            .iter()
            .copied()
            .skip(usize::from(quote.is_some()))
            .take_while(|b| b.is_ascii_alphanumeric() || *b == b'_' || *b == b'-')
            .collect();
        let quotes = 2 * usize::from(quote.is_some());
        self.at += word.len() + quotes;
        self.at = self.at.min(self.end);
        if !word.is_empty() && self.heredocs.len() < 8 {
            self.heredocs.push(word);
        }
    }

    fn skip_heredocs(&mut self) {
        for word in std::mem::take(&mut self.heredocs) {
            while self.at < self.end {
                let line = Span::new(self.at, self.line_end());
                self.at = (line.end + 1).min(self.end);
                if trimmed(self.text, line.start, line.end).of(self.text) == word {
                    break;
                }
            }
        }
    }

    /// Reads a word up to a blank or an operator.
    fn word(&mut self) -> Word {
        let start = self.at;
        let mut bytes = Vec::new();
        let mut inner = Vec::new();
        let quoted = matches!(self.peek(0), b'"' | b'\'');
        while self.at < self.end {
            match self.peek(0) {
                b' ' | b'\t' | b'\r' | b'\n' | b'|' | b';' | b')' => break,
                b'&' if !matches!(bytes.last(), Some(b'>' | b'<')) => break,
                b'(' if !matches!(bytes.last(), Some(b'<' | b'>' | b'=')) => break,
                b'\\' => {
                    if self.peek(1) == b'\n' {
                        self.at += 2;
                        break;
                    }
                    bytes.push(self.peek(1));
                    self.at += 2;
                }
                b'\'' => self.single(&mut bytes),
                b'"' => self.double(&mut bytes, &mut inner),
                b'`' => self.backtick(&mut bytes, &mut inner),
                b'$' | b'<' | b'>' | b'=' if self.peek(1) == b'(' => {
                    bytes.push(self.peek(0));
                    self.at += 1;
                    self.substitution(&mut bytes, &mut inner);
                }
                b'$' if self.peek(1) == b'{' => self.braces(&mut bytes),
                byte => {
                    bytes.push(byte);
                    self.at += 1;
                }
            }
        }
        self.at = self.at.min(self.end).max((start + 1).min(self.end));
        Word {
            text: String::from_utf8_lossy(&bytes).into_owned(),
            span: Span::new(start, self.at),
            inner,
            quoted,
        }
    }

    fn push(bytes: &mut Vec<u8>, byte: u8) {
        bytes.push(if byte.is_ascii_whitespace() {
            b'_'
        } else {
            byte
        });
    }

    fn single(&mut self, bytes: &mut Vec<u8>) {
        let body = &self.text[self.at + 1..self.end];
        let len = memchr::memchr(b'\'', body).unwrap_or(body.len());
        for &byte in &body[..len] {
            Self::push(bytes, byte);
        }
        self.at += len + 2;
    }

    fn double(&mut self, bytes: &mut Vec<u8>, inner: &mut Vec<Inner>) {
        self.at += 1;
        while self.at < self.end {
            match self.peek(0) {
                b'"' => {
                    self.at += 1;
                    return;
                }
                b'\\' => {
                    if self.peek(1) != b'\n' {
                        Self::push(bytes, self.peek(1));
                    }
                    self.at += 2;
                }
                b'$' if self.peek(1) == b'(' => {
                    bytes.push(b'$');
                    self.at += 1;
                    self.substitution(bytes, inner);
                }
                b'`' => self.backtick(bytes, inner),
                byte => {
                    Self::push(bytes, byte);
                    self.at += 1;
                }
            }
        }
    }

    /// Reads `(…)` up to its closing bracket and notes the script in it. Quotes inside are passed over whole.
    fn substitution(&mut self, bytes: &mut Vec<u8>, inner: &mut Vec<Inner>) {
        let start = self.at + 1;
        let mut depth = 0usize;
        while self.at < self.end {
            let byte = self.peek(0);
            match byte {
                b'(' => depth += 1,
                b')' => depth -= 1,
                b'\\' => self.at += 1,
                b'\'' | b'"' => {
                    let rest = &self.text[self.at + 1..self.end];
                    self.at += memchr::memchr(byte, rest).map_or(rest.len(), |len| len + 1);
                }
                _ => {}
            }
            self.at += 1;
            if depth == 0 {
                break;
            }
        }
        self.at = self.at.min(self.end);
        let end = self.at.saturating_sub(1).max(start).min(self.end);
        let body = Span::new(start.min(end), end);
        bytes.extend_from_slice(b"(");
        for &byte in body.of(self.text) {
            Self::push(bytes, byte);
        }
        bytes.extend_from_slice(b")");
        inner.push(Inner(body));
    }

    fn backtick(&mut self, bytes: &mut Vec<u8>, inner: &mut Vec<Inner>) {
        let body = &self.text[self.at + 1..self.end];
        let len = memchr::memchr(b'`', body).unwrap_or(body.len());
        let span = Span::new(self.at + 1, self.at + 1 + len);
        for &byte in span.of(self.text) {
            Self::push(bytes, byte);
        }
        inner.push(Inner(span));
        self.at += len + 2;
    }

    fn braces(&mut self, bytes: &mut Vec<u8>) {
        let near = self.near(4096);
        let len = match memchr::memchr2(b'}', b'\n', near) {
            Some(at) if near[at] == b'}' => at + 1,
            _ => 1,
        };
        for &byte in &near[..len] {
            Self::push(bytes, byte);
        }
        self.at += len;
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::pairs;
    use super::*;

    #[test]
    fn commands_pipelines_and_assignments_are_entries() {
        let text =
            b"A=1 curl -d 'a -k b' \\\n  -sSL https://x | sudo bash -s # c\nexport B=\"c d\"\n";
        assert_eq!(
            pairs(&read(text)),
            [
                "$|=curl -d a_-k_b -sSL https://x | sudo bash -s",
                "A=1",
                "$curl=curl -d a_-k_b -sSL https://x",
                "$sudo=sudo bash -s",
                "$bash=bash -s",
                "$export=export B=c_d",
                "B=c_d",
            ]
        );
    }

    #[test]
    fn scripts_inside_words_are_read() {
        let text = b"bash -c \"curl -k x | sh\"\neval \"$(wget -qO- u)\"\nbash <(curl y)\n";
        let found = pairs(&read(text));
        for wanted in [
            "$curl=curl -k x",
            "$|=curl -k x | sh",
            "$|=wget -qO- u | eval",
            "$|=curl y | bash",
        ] {
            assert!(
                found.iter().any(|pair| pair == wanted),
                "{wanted} in {found:?}"
            );
        }
    }

    #[test]
    fn a_here_document_is_no_script() {
        let text = b"cat <<'EOF' > x\ncurl -k y\nEOF\nls\n";
        assert_eq!(pairs(&read(text)), ["$cat=cat > x", "$ls=ls"]);
    }

    #[test]
    fn a_makefile_has_variables_and_recipes() {
        let text = b"export A := b\nall: x\n\t@curl -k \\\n\t  y\n";
        assert_eq!(pairs(&makefile(text)), ["A=b", "$curl=curl -k y"]);
    }
}
