//! The lexer for programming languages: words, texts and marks, with comments left out.
//!
//! One lexer serves nine languages, so it knows no grammar: it must only never take a text for code or a comment
//! for either, and never stop.

use crate::span::Span;

/// The languages, by what a lexer must know of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Language {
    /// JavaScript and TypeScript.
    Script,
    Php,
    Ruby,
    Go,
    /// Java, Kotlin, Scala, Groovy.
    Java,
    CSharp,
    Rust,
    Elixir,
}

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A name, a keyword, a number; with `$` and `@` in front where names have them.
    Word,
    /// A quoted text; the token's span is that of what stands between the quotes.
    Text,
    /// A text with something filled in: a template, `"#{x}"`, `$"{x}"`.
    Template,
    /// A name written `:name` (Ruby, Elixir).
    Symbol,
    /// Any other byte, or two that belong together: `=>`, `->`, `::`.
    Mark,
}

/// A token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Token {
    pub(crate) kind: Kind,
    /// What it says: for a text without its quotes.
    pub(crate) span: Span,
    /// All of it.
    pub(crate) whole: Span,
    /// A line ends between the token before and this one.
    pub(crate) starts_line: bool,
}

/// Returns the tokens of a text.
pub(crate) fn tokens(language: Language, text: &[u8]) -> Vec<Token> {
    let mut lexer = Lexer {
        language,
        text,
        at: 0,
        starts_line: true,
        tokens: Vec::new(),
    };
    if language == Language::Php {
        lexer.skip_html();
    }
    while lexer.at < text.len() {
        lexer.step();
    }
    lexer.tokens
}

/// Marks of two bytes that are one.
const PAIRS: [&[u8; 2]; 14] = [
    b"=>", b"->", b"::", b"==", b"!=", b":=", b"+=", b"?.", b"&&", b"||", b"<=", b">=", b"??",
    b"|>",
];

struct Lexer<'t> {
    language: Language,
    text: &'t [u8],
    at: usize,
    starts_line: bool,
    tokens: Vec<Token>,
}

impl Lexer<'_> {
    fn peek(&self, ahead: usize) -> u8 {
        self.text.get(self.at + ahead).copied().unwrap_or(0)
    }

    fn starts(&self, with: &[u8]) -> bool {
        self.text[self.at..].starts_with(with)
    }

    fn has_hash_comments(&self) -> bool {
        matches!(
            self.language,
            Language::Php | Language::Ruby | Language::Elixir
        )
    }

    fn has_slash_comments(&self) -> bool {
        !matches!(self.language, Language::Ruby | Language::Elixir)
    }

    fn step(&mut self) {
        match self.peek(0) {
            b'\n' => {
                self.starts_line = true;
                self.at += 1;
            }
            byte if byte.is_ascii_whitespace() => self.at += 1,
            b'/' if self.has_slash_comments() && self.peek(1) == b'/' => self.skip_line(),
            b'/' if self.has_slash_comments() && self.peek(1) == b'*' => self.past(b"*/", 2),
            // `#[` opens an attribute in PHP.
            b'#' if self.has_hash_comments() && self.peek(1) != b'[' => self.skip_line(),
            b'=' if self.language == Language::Ruby
                && self.starts_line
                && self.starts(b"=begin") =>
            {
                self.past(b"=end", 6);
            }
            b'?' if self.language == Language::Php && self.peek(1) == b'>' => {
                self.push(Kind::Mark, self.at, self.at + 1);
                self.at += 2;
                self.skip_html();
            }
            b'/' if self.is_pattern() => self.pattern(),
            b'"' | b'`' => self.text(),
            b'\'' => self.quote(),
            b'@' | b'$' if self.language == Language::CSharp && self.is_verbatim() => {
                self.verbatim();
            }
            b':' if self.is_symbol() => {
                let start = self.at;
                self.at += 1;
                let end = self.word_end();
                self.push_text(Kind::Symbol, start + 1, end, start, end);
                self.at = end;
            }
            byte if is_word(byte) => {
                let end = self.word_end();
                self.push(Kind::Word, self.at, end);
                self.at = end;
            }
            _ => {
                let pair = PAIRS.iter().any(|pair| self.starts(&pair[..]));
                let end = self.at + 1 + usize::from(pair);
                self.push(Kind::Mark, self.at, end);
                self.at = end;
            }
        }
    }

    fn push(&mut self, kind: Kind, start: usize, end: usize) {
        self.push_text(kind, start, end, start, end);
    }

    fn push_text(&mut self, kind: Kind, start: usize, end: usize, from: usize, to: usize) {
        let length = self.text.len();
        self.tokens.push(Token {
            kind,
            span: Span::new(start.min(length), end.min(length)),
            whole: Span::new(from.min(length), to.min(length)),
            starts_line: std::mem::take(&mut self.starts_line),
        });
    }

    fn skip_line(&mut self) {
        self.at = crate::span::line_end(self.text, self.at);
    }

    fn past(&mut self, end: &[u8], skip: usize) {
        let from = (self.at + skip).min(self.text.len());
        let found = memchr::memmem::find(&self.text[from..], end);
        let to = found.map_or(self.text.len(), |ahead| from + ahead + end.len());
        self.starts_line |= memchr::memchr(b'\n', &self.text[self.at..to]).is_some();
        self.at = to;
    }

    fn skip_html(&mut self) {
        let found = memchr::memmem::find(&self.text[self.at..], b"<?");
        self.at = found.map_or(self.text.len(), |ahead| self.at + ahead + 2);
        for word in [&b"php"[..], b"="] {
            if self.starts(word) {
                self.at += word.len();
            }
        }
        self.starts_line = true;
    }

    fn word_end(&self) -> usize {
        let mut end = self.at;
        while end < self.text.len() && is_word(self.text[end]) {
            end += 1;
        }
        let marks = matches!(self.language, Language::Ruby | Language::Elixir);
        let question = marks
            && matches!(self.text.get(end), Some(b'?' | b'!'))
            && self.text.get(end + 1) != Some(&b'=');
        end + usize::from(question && end > self.at)
    }

    fn is_symbol(&self) -> bool {
        let language = matches!(self.language, Language::Ruby | Language::Elixir);
        let next = self.peek(1);
        let before = self.at.checked_sub(1).map_or(b' ', |at| self.text[at]);
        language
            && (next.is_ascii_alphabetic() || next == b'_')
            && !is_word(before)
            && before != b':'
    }

    /// Tells whether a slash opens a pattern: after a value it divides.
    fn is_pattern(&self) -> bool {
        if !matches!(self.language, Language::Script | Language::Ruby) {
            return false;
        }
        match self.tokens.last() {
            None => true,
            Some(last) => match last.kind {
                Kind::Mark => !matches!(last.span.of(self.text), b")" | b"]" | b"}"),
                Kind::Word => matches!(
                    last.span.of(self.text),
                    b"return" | b"typeof" | b"case" | b"in" | b"if" | b"unless" | b"when"
                ),
                _ => false,
            },
        }
    }

    fn pattern(&mut self) {
        let mut at = self.at + 1;
        let mut in_class = false;
        while at < self.text.len() {
            match self.text[at] {
                b'\\' => at += 1,
                b'[' => in_class = true,
                b']' => in_class = false,
                b'\n' => break,
                b'/' if !in_class => break,
                _ => {}
            }
            at += 1;
        }
        if self.text.get(at) == Some(&b'/') {
            self.push_text(Kind::Template, self.at, at + 1, self.at, at + 1);
            self.at = at + 1;
        } else {
            self.push(Kind::Mark, self.at, self.at + 1);
            self.at += 1;
        }
    }

    /// Reads a text in `"` or in backticks.
    fn text(&mut self) {
        let quote = self.peek(0);
        if self.starts(b"\"\"\"") {
            let start = self.at + 3;
            let found = memchr::memmem::find(&self.text[start..], b"\"\"\"");
            let end = found.map_or(self.text.len(), |ahead| start + ahead);
            self.push_text(Kind::Text, start, end, self.at, end + 3);
            self.at = (end + 3).min(self.text.len());
            return;
        }
        let raw = quote == b'`' && self.language == Language::Go;
        let over_lines = quote == b'`'
            || matches!(
                self.language,
                Language::Php | Language::Ruby | Language::Rust | Language::Elixir
            );
        let start = self.at + 1;
        let (mut at, mut filled) = (start, false);
        while at < self.text.len() {
            match self.text[at] {
                byte if byte == quote => break,
                b'\\' if !raw => at += 1,
                b'\n' if !over_lines => break,
                b'$' if self.text.get(at + 1) == Some(&b'{') || self.language == Language::Php => {
                    filled = true;
                }
                b'#' if self.text.get(at + 1) == Some(&b'{') => filled = true,
                b'{' if self.language == Language::Php && self.text.get(at + 1) == Some(&b'$') => {
                    filled = true;
                }
                b'$' if self.language == Language::Java
                    && self.text.get(at + 1).is_some_and(u8::is_ascii_alphabetic) =>
                {
                    filled = true;
                }
                _ => {}
            }
            at += 1;
        }
        let kind = if filled { Kind::Template } else { Kind::Text };
        self.push_text(kind, start, at, self.at, at + 1);
        self.at = (at + 1).min(self.text.len());
    }

    /// Reads a text in `'`, a letter, or a lifetime.
    fn quote(&mut self) {
        if self.language == Language::Rust {
            let is_letter = self.peek(1) == b'\\' || self.peek(2) == b'\'';
            self.at += if is_letter {
                2 + usize::from(self.peek(1) == b'\\')
            } else {
                1
            };
            if is_letter {
                let rest = &self.text[self.at.min(self.text.len())..];
                self.at +=
                    memchr::memchr(b'\'', &rest[..rest.len().min(12)]).map_or(0, |at| at + 1);
            }
            return;
        }
        let over_lines = matches!(self.language, Language::Php | Language::Ruby);
        let start = self.at + 1;
        let mut at = start;
        while at < self.text.len() {
            match self.text[at] {
                b'\'' => break,
                b'\\' => at += 1,
                b'\n' if !over_lines => break,
                _ => {}
            }
            at += 1;
        }
        self.push_text(Kind::Text, start, at, self.at, at + 1);
        self.at = (at + 1).min(self.text.len());
    }

    fn is_verbatim(&self) -> bool {
        let rest = &self.text[self.at..];
        rest.starts_with(b"@\"")
            || rest.starts_with(b"$\"")
            || rest.starts_with(b"$@\"")
            || rest.starts_with(b"@$\"")
    }

    /// Reads `@"…"` and `$"…"` of C#: in the first a quote is doubled.
    fn verbatim(&mut self) {
        let from = self.at;
        let filled = self.text[from..(from + 2).min(self.text.len())].contains(&b'$');
        let doubled = self.text[from..(from + 2).min(self.text.len())].contains(&b'@');
        while self.peek(0) != b'"' {
            self.at += 1;
        }
        let start = self.at + 1;
        let mut at = start;
        while at < self.text.len() {
            match self.text[at] {
                b'"' if doubled && self.text.get(at + 1) == Some(&b'"') => at += 1,
                b'"' => break,
                b'\\' if !doubled => at += 1,
                b'\n' if !doubled => break,
                _ => {}
            }
            at += 1;
        }
        let kind = if filled { Kind::Template } else { Kind::Text };
        self.push_text(kind, start, at, from, at + 1);
        self.at = (at + 1).min(self.text.len());
    }
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$' | b'@') || byte >= 0x80
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn words(language: Language, text: &str) -> Vec<String> {
        let shown =
            |token: &Token| String::from_utf8_lossy(token.span.of(text.as_bytes())).into_owned();
        tokens(language, text.as_bytes())
            .iter()
            .map(shown)
            .collect()
    }

    #[test]
    fn comments_are_left_out_and_texts_are_whole() {
        assert_eq!(
            words(Language::Script, "a /* b */ = 'c // d' // e\nf"),
            ["a", "=", "c // d", "f"]
        );
        assert_eq!(
            words(Language::Ruby, "a = \"b # c\" # d\n:e"),
            ["a", "=", "b # c", "e"]
        );
        assert_eq!(
            words(Language::Php, "<b>'<?php $a = 'b'; ?> it's"),
            ["$a", "=", "b", ";", "?"]
        );
        assert_eq!(
            words(Language::Script, "x = /[\"'/]/; y"),
            ["x", "=", "/[\"'/]/", ";", "y"]
        );
        assert_eq!(
            words(Language::Rust, "fn f<'a>(b: &'a str) { '\"' }"),
            [
                "fn", "f", "<", "a", ">", "(", "b", ":", "&", "a", "str", ")", "{", "}"
            ]
        );
        assert_eq!(
            words(Language::CSharp, "a = @\"b\"\"c\\\"; d"),
            ["a", "=", "b\"\"c\\", ";", "d"]
        );
    }

    proptest! {
        #[test]
        fn it_stops_and_moves_on_over_any_bytes(text in prop::collection::vec(prop::sample::select(b"a'\"`/*#$@:{}(\n\\ ?<>=%".to_vec()), 0..80)) {
            for language in [Language::Script, Language::Php, Language::Ruby, Language::Go, Language::Java, Language::CSharp, Language::Rust, Language::Elixir] {
                let tokens = tokens(language, &text);
                for pair in tokens.windows(2) {
                    prop_assert!(pair[0].whole.end <= pair[1].whole.start);
                }
            }
        }
    }
}
