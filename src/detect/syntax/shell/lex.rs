//! Words of a shell: quotes, substitutions and here documents, and the commands that separate them.

use super::super::gather::trimmed;
use crate::span::Span;

/// A word: its text without quotes, where it stands, and the scripts inside it.
#[derive(Debug, Clone)]
pub(super) struct Word {
    pub(super) text: String,
    pub(super) span: Span,
    pub(super) inner: Vec<Inner>,
    pub(super) quoted: bool,
}

/// A script inside a word.
#[derive(Debug, Clone, Copy)]
pub(super) struct Inner(pub(super) Span);

/// What the lexer cuts.
pub(super) enum Token {
    Word(Word),
    Pipe,
    End,
    Over,
}

/// Cuts a script into words and operators.
pub(super) struct Lexer<'t> {
    pub(super) text: &'t [u8],
    pub(super) at: usize,
    pub(super) end: usize,
    pub(super) heredocs: Vec<Vec<u8>>,
}

impl<'t> Lexer<'t> {
    pub(super) fn peek(&self, ahead: usize) -> u8 {
        let at = self.at + ahead;
        if at < self.end { self.text[at] } else { b'\n' }
    }

    pub(super) fn next(&mut self) -> Token {
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
