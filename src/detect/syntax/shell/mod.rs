//! The shell reader: each command of a script is an entry `$name`, each pipeline an entry `$|`.
//!
//! The value of a command is its words without quotes, one blank between them; a blank inside a quoted word is
//! an underscore, so that `-k` in a value is a word of its own. `NAME=value` is an entry `NAME`. Scripts stand
//! in files, in Makefiles, in `RUN` of a Dockerfile and in `run:` of a workflow: all of them come here.

mod lex;

use lex::{Inner, Lexer, Token, Word};

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
    if name == "find"
        && let Some(at) = words
            .iter()
            .position(|word| matches!(word.text.as_str(), "-exec" | "-execdir" | "-ok"))
        && let Some(inner) = words.get(at + 1..).filter(|rest| !rest.is_empty())
    {
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
    fn what_find_runs_is_a_command() {
        let text = b"find . -type d -exec chmod 777 {} +\n";
        let found = pairs(&read(text));
        assert_eq!(found[1], "$chmod=chmod 777 {} +", "{found:?}");
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
