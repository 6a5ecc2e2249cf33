//! The reader of programming languages: assignments, properties and calls, in nine languages alike.
//!
//! - `a.b = c`, `a.b: c` and `'b' => c` are entries of the name; in an object or array the names around it stand
//!   in front: `ssl.rejectUnauthorized`. `->` and `::` are written `.`.
//! - `f(x, y)` is an entry `f()` with all arguments, and `f(0)`, `f(1)` with each; `f({a: {b: c}})` is `f(a.b)`.
//! - A function without a body is an entry `name{}`, an import of Go `import` or `import._`.
//!
//! A value that is one text is that text; all others are the source between their first and last token.

pub(crate) mod lex;
mod scope;
mod value;

use lex::{Kind, Language, Token, tokens};
use value::Ends;

use super::gather::{DEEPEST, Gather};
use super::{Document, Form, lines, shell};
use crate::detect::found::Scope;
use crate::span::Span;

/// Larger files are bundles that a tool wrote.
const LARGEST: usize = 1 << 20;

/// How many tokens of a value are kept.
const LONGEST: usize = 60;

/// Returns the entries of a source file.
pub(crate) fn read(language: Language, text: &[u8]) -> Document {
    if text.len() > LARGEST {
        return lines::pairs(text);
    }
    let tokens = tokens(language, text);
    let mut reader = Reader {
        language,
        tokens: &tokens,
        gather: Gather::with_budget(text, text.len().saturating_mul(64)),
        frames: Vec::new(),
        pending: None,
        deeper: 0,
        statement: 0,
    };
    let mut at = 0;
    while at < tokens.len() {
        at = reader.step(at);
    }
    reader.gather.done(false)
}

/// An open bracket or block.
struct Frame {
    /// What closes it: `)`, `]`, `}`, or `e` for `end`.
    close: u8,
    /// The call whose arguments it holds, if it is one.
    call: Option<String>,
    /// The path of names inside the call or the file.
    path: String,
    /// The scope to go back to.
    outer: Scope,
    /// The scope of the other branch.
    other: Scope,
}

/// What the next opening bracket belongs to.
struct Pending {
    call: Option<String>,
    path: String,
}

struct Reader<'t> {
    language: Language,
    tokens: &'t [Token],
    gather: Gather<'t>,
    frames: Vec<Frame>,
    pending: Option<Pending>,
    deeper: usize,
    /// The first entry of the present statement.
    statement: usize,
}

impl<'t> Reader<'t> {
    fn text(&self, at: usize) -> &'t [u8] {
        self.tokens
            .get(at)
            .map_or(&b""[..], |token| token.span.of(self.gather.text))
    }

    fn kind(&self, at: usize) -> Option<Kind> {
        self.tokens.get(at).map(|token| token.kind)
    }

    fn is_mark(&self, at: usize, mark: &[u8]) -> bool {
        self.kind(at) == Some(Kind::Mark) && self.text(at) == mark
    }

    fn has_end(&self) -> bool {
        matches!(self.language, Language::Ruby | Language::Elixir)
    }

    /// Reads what stands at a token and returns where to go on.
    fn step(&mut self, at: usize) -> usize {
        if self.tokens[at].starts_line || self.is_mark(at.wrapping_sub(1), b";") {
            self.statement = self.gather.len();
        }
        match self.tokens[at].kind {
            Kind::Mark => self.mark(at),
            Kind::Word => self.word(at),
            Kind::Text | Kind::Symbol | Kind::Template => {
                let end = at + 1;
                if self.kind(at) != Some(Kind::Template) && self.separates(end) {
                    let name = String::from_utf8_lossy(self.text(at)).into_owned();
                    return self.property(&name, self.tokens[at].span, end);
                }
                let imports =
                    self.frames.last().and_then(|frame| frame.call.as_deref()) == Some("import");
                if self.language == Language::Go && imports {
                    self.put_value("import", self.tokens[at].span, at, end);
                }
                end
            }
        }
    }

    /// Tells whether a mark between a name and its value stands here.
    fn separates(&self, at: usize) -> bool {
        self.is_mark(at, b"=>") || (self.is_mark(at, b":") && !self.is_mark(at + 1, b":"))
    }

    fn mark(&mut self, at: usize) -> usize {
        match self.text(at) {
            b"(" | b"[" | b"{" => self.open(at),
            b")" | b"]" | b"}" => self.close(self.text(at)[0]),
            b"," | b";" => self.pending = None,
            _ => {}
        }
        at + 1
    }

    fn open(&mut self, at: usize) {
        if self.frames.len() >= DEEPEST {
            self.deeper += 1;
            return;
        }
        let close = match self.text(at) {
            b"(" => b')',
            b"[" => b']',
            _ => b'}',
        };
        let pending = self.pending.take();
        let (call, path) = match pending {
            Some(pending) => (pending.call, pending.path),
            // A list or an object as an argument belongs to the call around it, a block to nothing.
            None => match self.frames.last() {
                Some(frame) if close != b')' && !self.is_block(at) => {
                    (frame.call.clone(), frame.path.clone())
                }
                _ => (None, String::new()),
            },
        };
        let (yes, other) = self
            .guard(at)
            .unwrap_or((self.gather.scope, Scope::Unmarked));
        self.frames.push(Frame {
            close,
            call,
            path,
            outer: self.gather.scope,
            other,
        });
        if yes != Scope::Unmarked {
            self.gather.scope = yes;
        }
    }

    /// Tells whether a brace opens statements: it stands after `)`, `=>`, `->` or a keyword.
    fn is_block(&self, at: usize) -> bool {
        self.text(at) == b"{"
            && at.checked_sub(1).is_some_and(|before| {
                matches!(
                    self.text(before),
                    b")" | b"=>"
                        | b"->"
                        | b"else"
                        | b"do"
                        | b"try"
                        | b"finally"
                        | b"throws"
                        | b";"
                        | b"{"
                        | b"}"
                )
            })
    }

    /// Returns the scope that the condition before a block gives it: `if (…) {` or `else {`.
    fn guard(&self, at: usize) -> Option<(Scope, Scope)> {
        if self.text(at) != b"{" || at == 0 {
            return None;
        }
        let end = at;
        let mut start = at;
        for _ in 0..LONGEST {
            start = start.checked_sub(1)?;
            match self.text(start) {
                b"if" if self.kind(start) == Some(Kind::Word) => {
                    return Some(scope::of_condition(&self.source(start + 1, end)));
                }
                b";" | b"{" | b"}" => return None,
                _ => {}
            }
        }
        None
    }

    fn close(&mut self, close: u8) {
        if self.deeper > 0 && close != b'e' {
            self.deeper -= 1;
            return;
        }
        // A bracket that was never opened closes nothing; one that was closes what is open inside it.
        let Some(position) = self.frames.iter().rposition(|frame| frame.close == close) else {
            return;
        };
        if self.frames.len() - position > 8 {
            return;
        }
        let frame = self.frames.drain(position..).next();
        if let Some(frame) = frame {
            self.gather.scope = frame.outer;
        }
        self.pending = None;
    }

    /// Reads a name with all that hangs on it: `a.b['c']->d`.
    fn word(&mut self, start: usize) -> usize {
        if self.has_end() && self.keyword(start) {
            return start + 1;
        }
        let end = self.chain_end(start);
        if !self.leads_on(start, end) {
            return end;
        }
        let name = self.chain(start, end);
        let key = Span::new(
            self.tokens[start].whole.start,
            self.tokens[end - 1].whole.end,
        );
        let last = Span::new(
            self.tokens[end - 1].span.start,
            self.tokens[end - 1].span.end,
        );
        if self.is_mark(end, b"(") {
            if name == "require"
                && self.kind(end + 1) == Some(Kind::Text)
                && self.is_mark(end + 2, b")")
                && self.is_mark(end + 3, b"(")
            {
                // `require('express-session')({…})` calls what the module is.
                let module = String::from_utf8_lossy(self.text(end + 1)).into_owned();
                self.call(&module, key, end + 3);
                return end + 3;
            }
            self.call(&name, key, end);
            return end;
        }
        if name == "return" && self.language == Language::Go {
            let stop = self.argument_end(end, Ends::Item);
            self.put_value("return", key, end, stop);
        }
        if self.is_mark(end, b"=") || self.is_mark(end, b":=") || self.is_mark(end, b"+=") {
            let skip = 1 + usize::from(self.is_mark(end, b"=") && self.is_mark(end + 1, b"=>"));
            return self.assign(&name, last, end + skip);
        }
        if self.separates(end)
            && !matches!(
                name.as_str(),
                "case" | "default" | "else" | "public" | "private"
            )
        {
            return self.property(&name, last, end);
        }
        if self.language == Language::Go
            && matches!(self.kind(end), Some(Kind::Text))
            && matches!(name.as_str(), "import" | "_")
        {
            let key_name = if name == "_" { "import._" } else { "import" };
            self.put_value(key_name, key, end, end + 1);
        }
        if self.language == Language::Java && matches!(name.as_str(), "sh" | "bat" | "powershell") {
            let text = end + usize::from(self.is_mark(end, b"("));
            if matches!(self.kind(text), Some(Kind::Text | Kind::Template)) {
                shell::commands(&mut self.gather, self.tokens[text].span);
            }
        }
        let stands_alone = self.tokens[start].starts_line || name.starts_with("JWT.");
        if self.has_end() && stands_alone && self.begins_arguments(end) {
            self.bare_call(&name, key, end);
        } else if name.starts_with("skip_") && stands_alone {
            self.put_source(format!("{name}()"), key, start, end);
        }
        end
    }

    /// Returns where a name with all that hangs on it ends.
    fn chain_end(&self, start: usize) -> usize {
        let mut length = self.text(start).len();
        let mut at = start + 1;
        while length < 200 && self.kind(at) == Some(Kind::Mark) {
            let next = match self.text(at) {
                b"." | b"->" | b"::" | b"?." if self.kind(at + 1) == Some(Kind::Word) => at + 2,
                b"[" if self.is_mark(at + 2, b"]")
                    && !self.tokens[at].starts_line
                    && matches!(
                        self.kind(at + 1),
                        Some(Kind::Text | Kind::Word | Kind::Symbol)
                    ) =>
                {
                    at + 3
                }
                _ => break,
            };
            length += 1 + self.text(at + 1).len();
            at = next;
        }
        at
    }

    /// Returns the name that ends there, its parts joined by dots.
    fn chain(&self, start: usize, end: usize) -> String {
        let mut name = self.gather.str(self.tokens[start].span).into_owned();
        let mut at = start + 1;
        while at < end {
            name.push('.');
            name.push_str(&self.gather.str(self.tokens[at + 1].span));
            at += if self.text(at) == b"[" { 3 } else { 2 };
        }
        name
    }

    /// Tells whether anything may come of a name by what stands behind it: most names of a program are only used.
    fn leads_on(&self, start: usize, end: usize) -> bool {
        let first = self.text(start);
        let by_mark = match self.kind(end) {
            Some(Kind::Mark) => {
                matches!(self.text(end), b"(" | b"=" | b":=" | b"+=" | b":" | b"=>")
            }
            Some(Kind::Text | Kind::Template | Kind::Symbol) => true,
            Some(Kind::Word) | None => false,
        };
        by_mark || self.has_end() || first == b"return" || first.starts_with(b"skip_")
    }

    /// Adds a call whose bracket opens at `open`, and each of its arguments.
    fn call(&mut self, name: &str, key: Span, open: usize) {
        let end = self.argument_end(open + 1, Ends::Call);
        let closes = self.is_mark(end, b")");
        self.put_source(format!("{name}()"), key, open + 1, end);
        let mut number = 0;
        let mut at = open + 1;
        while at < end && number < 8 {
            let stop = self.argument_end(at, Ends::Item).min(end);
            self.put_value(format!("{name}({number})"), key, at, stop);
            number += 1;
            at = stop + 1;
        }
        let body = self.body_after(end + 1);
        if closes && self.is_mark(body, b"{") && self.is_mark(body + 1, b"}") {
            let last = name.rsplit('.').next().unwrap_or(name);
            let span = Span::new(key.start, self.tokens[body + 1].whole.end);
            self.gather
                .put(&format!("{last}{{}}"), key, "", (span, Form::Expression));
        }
        self.pending = Some(Pending {
            call: Some(name.to_owned()),
            path: String::new(),
        });
    }

    /// Returns where the body of a function begins whose arguments have ended: behind what it `throws`.
    fn body_after(&self, at: usize) -> usize {
        if self.text(at) != b"throws" {
            return at;
        }
        let names = (at + 1..at + 16).take_while(|&next| {
            self.kind(next) == Some(Kind::Word)
                || self.is_mark(next, b",")
                || self.is_mark(next, b".")
        });
        names.last().map_or(at, |last| last + 1)
    }

    /// Tells whether arguments of a call without brackets begin here: `gem 'x'`, `skip_before_action :y`.
    fn begins_arguments(&self, at: usize) -> bool {
        self.tokens.get(at).is_some_and(|token| !token.starts_line)
            && (matches!(
                self.kind(at),
                Some(Kind::Text | Kind::Symbol | Kind::Template)
            ) || self.begins_with_a_name(at))
            && !self.separates(at + 1)
    }

    /// Tells whether a name, and no word of the language, follows a method: `JWT.encode payload, nil`.
    fn begins_with_a_name(&self, at: usize) -> bool {
        self.kind(at) == Some(Kind::Word)
            && self.is_mark(at + 1, b",")
            && ![
                "if", "unless", "and", "or", "do", "while", "until", "rescue", "in", "then",
            ]
            .iter()
            .any(|word| word.as_bytes() == self.text(at))
    }

    fn bare_call(&mut self, name: &str, key: Span, start: usize) {
        let end = self.argument_end(start, Ends::Line);
        self.put_source(format!("{name}()"), key, start, end);
        let stop = self.argument_end(start, Ends::Item).min(end);
        self.put_value(format!("{name}(0)"), key, start, stop);
    }

    fn assign(&mut self, name: &str, key: Span, start: usize) -> usize {
        let end = self.argument_end(start, Ends::Statement);
        let full = self.full(name);
        self.put_value(&full, key, start, end);
        self.guard_behind(end);
        self.expect_object(start, full, None);
        start
    }

    fn property(&mut self, name: &str, key: Span, separator: usize) -> usize {
        let start = separator + 1;
        let end = self.argument_end(start, Ends::Item);
        let full = self.full(name);
        self.put_value(&full, key, start, end);
        let call = self.frames.last().and_then(|frame| frame.call.clone());
        let inner = match self.frames.last() {
            Some(frame) if !frame.path.is_empty() => format!("{}.{name}", frame.path),
            _ => name.to_owned(),
        };
        self.expect_object(start, inner, call);
        start
    }

    /// Notes whose object or list opens at `start`, if one does.
    fn expect_object(&mut self, start: usize, path: String, call: Option<String>) {
        self.pending = (self.is_mark(start, b"{") || self.is_mark(start, b"["))
            .then_some(Pending { call, path });
    }

    /// Gives the present statement the scope of a condition behind it: `x = y if Rails.env.development?`.
    fn guard_behind(&mut self, end: usize) {
        if self.has_end() && matches!(self.text(end), b"if" | b"unless") {
            let stop = self.argument_end(end + 1, Ends::Line);
            let (yes, no) = scope::of_condition(&self.source(end + 1, stop));
            let scope = if self.text(end) == b"if" { yes } else { no };
            if scope != Scope::Unmarked {
                self.gather.rescope(self.statement, scope);
            }
        }
    }

    /// Returns a name with the names and the call around it.
    fn full(&self, name: &str) -> String {
        match self.frames.last() {
            Some(Frame {
                call: Some(call),
                path,
                ..
            }) if path.is_empty() => format!("{call}({name})"),
            Some(Frame {
                call: Some(call),
                path,
                ..
            }) => format!("{call}({path}.{name})"),
            Some(Frame { path, .. }) if !path.is_empty() => format!("{path}.{name}"),
            _ => name.to_owned(),
        }
    }

    /// Follows `if`, `do` and `end` of Ruby and Elixir, and tells whether the word is one of them.
    fn keyword(&mut self, at: usize) -> bool {
        let first = self.tokens[at].starts_line;
        match self.text(at) {
            b"if" | b"unless" if first => {
                let stop = self.argument_end(at + 1, Ends::Line);
                let (yes, no) = scope::of_condition(&self.source(at + 1, stop));
                let swap = self.text(at) == b"unless";
                self.block(if swap { no } else { yes }, if swap { yes } else { no });
                true
            }
            b"case" | b"def" | b"class" | b"module" | b"begin" | b"while" | b"until" | b"for"
                if first && self.language == Language::Ruby =>
            {
                self.block(Scope::Unmarked, Scope::Unmarked);
                true
            }
            // `if x do` of Elixir has opened its block already.
            b"do" if !self.line_opened(at) => {
                let scope = self.group(at);
                self.block(scope, Scope::Unmarked);
                true
            }
            b"else" if first => {
                if let Some(frame) = self.frames.last()
                    && frame.close == b'e'
                {
                    self.gather.scope = match frame.other {
                        Scope::Unmarked => frame.outer,
                        other => other,
                    };
                }
                true
            }
            b"end" => {
                self.close(b'e');
                true
            }
            _ => false,
        }
    }

    fn line_opened(&self, at: usize) -> bool {
        let mut start = at;
        for _ in 0..LONGEST {
            if self.tokens[start].starts_line || start == 0 {
                break;
            }
            start -= 1;
        }
        let loops = self.language == Language::Ruby
            && matches!(self.text(start), b"while" | b"until" | b"for");
        loops || matches!(self.text(start), b"if" | b"unless")
    }

    /// Returns the scope of `group :development do`.
    fn group(&self, at: usize) -> Scope {
        let mut start = at;
        for _ in 0..12 {
            if start == 0 || self.tokens[start].starts_line {
                break;
            }
            start -= 1;
        }
        if self.text(start) != b"group" {
            return Scope::Unmarked;
        }
        let text = self.source(start, at);
        if text.contains("production") {
            Scope::Unmarked
        } else if text.contains("development") {
            Scope::Development
        } else if text.contains("test") {
            Scope::Test
        } else {
            Scope::Unmarked
        }
    }

    fn block(&mut self, scope: Scope, other: Scope) {
        if self.frames.len() >= DEEPEST {
            return;
        }
        self.frames.push(Frame {
            close: b'e',
            call: None,
            path: String::new(),
            outer: self.gather.scope,
            other,
        });
        if scope != Scope::Unmarked {
            self.gather.scope = scope;
        }
    }
}

#[cfg(test)]
mod tests;
