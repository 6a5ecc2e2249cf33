//! Values: where an argument or a right side ends, and what is kept of it.

use super::lex::{Kind, Language, Token};
use super::{Form, LONGEST, Reader};
use crate::span::Span;

/// Where a value ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ends {
    /// At a comma: an item of a list, a property, one argument.
    Item,
    /// At the end of the statement.
    Statement,
    /// At the end of the line.
    Line,
    /// At the bracket that closes the call.
    Call,
}

impl Reader<'_> {
    /// Returns the token at which a value ends that begins at `start`.
    pub(super) fn argument_end(&self, start: usize, ends: Ends) -> usize {
        let mut depth = 0usize;
        let needs_semicolon = matches!(
            self.language,
            Language::Php | Language::Java | Language::CSharp | Language::Rust
        );
        let stop = (start + LONGEST).min(self.tokens.len());
        for at in start..stop {
            let token = &self.tokens[at];
            if token.starts_line && at > start && depth == 0 {
                let before = self.text(at - 1);
                let goes_on = matches!(
                    before,
                    b"," | b"="
                        | b"("
                        | b"+"
                        | b"&&"
                        | b"||"
                        | b"."
                        | b"=>"
                        | b"->"
                        | b"?"
                        | b":"
                        | b"|"
                        | b"{"
                        | b"["
                        | b"??"
                        | b"|>"
                ) || matches!(
                    self.text(at),
                    b"." | b"?." | b"?" | b":" | b"+" | b"&&" | b"||" | b"??" | b"->" | b"|>"
                );
                let by_line = match ends {
                    Ends::Line | Ends::Statement => !(needs_semicolon || goes_on),
                    Ends::Item => {
                        let in_block = self.frames.last().is_none_or(|frame| frame.close == b'e');
                        in_block && !(needs_semicolon || goes_on)
                    }
                    Ends::Call => false,
                };
                if by_line {
                    return at;
                }
            }
            match (token.kind, token.span.of(self.gather.text)) {
                (Kind::Mark, b"(" | b"[" | b"{") => depth += 1,
                (Kind::Mark, b")" | b"]" | b"}") => {
                    if depth == 0 {
                        return at;
                    }
                    depth -= 1;
                }
                (Kind::Mark, b";") if depth == 0 => return at,
                (Kind::Mark, b",")
                    if depth == 0 && matches!(ends, Ends::Item | Ends::Statement) =>
                {
                    return at;
                }
                (Kind::Word, b"end" | b"else" | b"elsif" | b"rescue" | b"ensure")
                    if depth == 0 && at > start && token.starts_line && self.has_end() =>
                {
                    return at;
                }
                (Kind::Word, b"if" | b"unless" | b"do")
                    if depth == 0 && at > start && self.has_end() =>
                {
                    return at;
                }
                _ => {}
            }
        }
        stop
    }

    /// Adds the value between two tokens: one text as what it says, all else as its source.
    pub(super) fn put_value(
        &mut self,
        key: impl Into<String>,
        key_span: Span,
        start: usize,
        end: usize,
    ) {
        if end == start + 1 {
            let token = self.tokens[start];
            let form = match token.kind {
                Kind::Text | Kind::Symbol => Form::Text,
                Kind::Word => Form::Bare,
                Kind::Template | Kind::Mark => Form::Expression,
            };
            let value = self.gather.str(token.span);
            let at = (token.span, form);
            self.gather
                .put_made(key.into(), key_span, value.into_owned(), at);
        } else if end > start {
            self.put_source(key, key_span, start, end);
        }
    }

    pub(super) fn put_source(
        &mut self,
        key: impl Into<String>,
        key_span: Span,
        start: usize,
        end: usize,
    ) {
        let (Some(first), Some(last)) =
            (self.tokens.get(start), self.tokens.get(end.wrapping_sub(1)))
        else {
            return;
        };
        let span = if end > start {
            Span::new(first.whole.start, last.whole.end)
        } else {
            Span::new(key_span.start, key_span.end)
        };
        let text = if end > start {
            self.source(start, end)
        } else {
            String::new()
        };
        self.gather
            .put_made(key.into(), key_span, text, (span, Form::Expression));
    }

    /// Returns the source of some tokens: comments left out, blanks where there are any.
    pub(super) fn source(&self, start: usize, end: usize) -> String {
        const LONGEST_SOURCE: usize = 600;
        let mut out = String::with_capacity(64);
        let mut before: Option<&Token> = None;
        for token in self
            .tokens
            .get(start..end.min(self.tokens.len()))
            .unwrap_or_default()
        {
            if before.is_some_and(|before| before.whole.end < token.whole.start) {
                out.push(' ');
            }
            out.push_str(&self.gather.str(token.whole));
            if out.len() > LONGEST_SOURCE {
                break;
            }
            before = Some(token);
        }
        out
    }
}
