//! The HCL reader: blocks with their labels and arguments as key paths.
//!
//! `resource "aws_s3_bucket" "b" { acl = "private" }` is `resource.aws_s3_bucket.b.acl`; a block inside a block
//! is numbered: `…ingress.0.from_port`. What `jsonencode` and here-documents of JSON hold are paths below.

use hcl_edit::Span as _;
use hcl_edit::expr::{Expression, ObjectKey};
use hcl_edit::structure::{Block, Body, Structure};

use super::gather::{self, DEEPEST, Gather, unquoted};
use super::{Document, Form, json, lines};
use crate::span::Span;

/// Returns the entries of an HCL text.
pub(crate) fn read(text: &[u8]) -> Document {
    let parsed = std::str::from_utf8(text)
        .ok()
        .and_then(|str| hcl_edit::parser::parse_body(str).ok());
    let Some(body) = parsed else {
        return lines::pairs(text);
    };
    let mut walk = Walk {
        gather: Gather::new(text),
        path: String::new(),
        depth: 0,
    };
    walk.body(&body, Nesting::Top);
    walk.gather.done(false)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Nesting {
    Top,
    Inner,
}

struct Walk<'t> {
    gather: Gather<'t>,
    path: String,
    depth: usize,
}

impl Walk<'_> {
    fn body(&mut self, body: &Body, nesting: Nesting) {
        if self.depth >= DEEPEST {
            return;
        }
        self.depth += 1;
        let length = self.path.len();
        let mut counts: std::collections::HashMap<String, usize> = std::collections::HashMap::new();
        for structure in body {
            match structure {
                Structure::Attribute(attribute) => {
                    let key = attribute.key.span().map_or(Span::new(0, 0), Span::from);
                    gather::push(&mut self.path, attribute.key.as_str());
                    self.expression(&attribute.value, key);
                }
                Structure::Block(block) => {
                    let count = counts.entry(block.ident.as_str().to_owned()).or_default();
                    self.block(block, *count, nesting);
                    *count += 1;
                }
            }
            self.path.truncate(length);
        }
        self.depth -= 1;
    }

    fn block(&mut self, block: &Block, count: usize, nesting: Nesting) {
        gather::push(&mut self.path, block.ident.as_str());
        for label in &block.labels {
            gather::push(&mut self.path, label.as_str());
        }
        if nesting == Nesting::Inner {
            gather::push(&mut self.path, &count.to_string());
        }
        self.body(&block.body, Nesting::Inner);
    }

    fn expression(&mut self, expression: &Expression, key: Span) {
        let span = expression.span().map_or(key, Span::from);
        match expression {
            Expression::Array(array) if self.depth < DEEPEST => {
                self.depth += 1;
                let length = self.path.len();
                for (at, item) in array.iter().enumerate() {
                    gather::push(&mut self.path, &at.to_string());
                    let own = item.span().map_or(key, Span::from);
                    self.expression(item, own);
                    self.path.truncate(length);
                }
                self.depth -= 1;
            }
            Expression::Object(object) if self.depth < DEEPEST => {
                self.depth += 1;
                let length = self.path.len();
                for (name, value) in object {
                    let own = name.span().map_or(key, Span::from);
                    let text = match name {
                        ObjectKey::Ident(ident) => ident.as_str().to_owned(),
                        ObjectKey::Expression(inner) => inner
                            .as_str()
                            .map_or_else(|| self.gather.str(own).into_owned(), str::to_owned),
                    };
                    gather::push(&mut self.path, &text);
                    self.expression(value.expr(), own);
                    self.path.truncate(length);
                }
                self.depth -= 1;
            }
            Expression::Parenthesis(inner) if self.depth < DEEPEST => {
                self.depth += 1;
                self.expression(inner.inner(), key);
                self.depth -= 1;
            }
            Expression::FuncCall(call)
                if call.name.name.as_str() == "jsonencode" && self.depth < DEEPEST =>
            {
                self.depth += 1;
                for argument in &call.args {
                    self.expression(argument, key);
                }
                self.depth -= 1;
            }
            Expression::HeredocTemplate(_) => self.heredoc(key, span),
            Expression::String(text) => {
                let (inner, form) = unquoted(self.gather.text, span);
                self.gather
                    .put(&self.path, key, text.as_str(), (inner, form));
            }
            Expression::StringTemplate(_) => {
                let (inner, _) = unquoted(self.gather.text, span);
                let text = self.gather.str(inner).into_owned();
                self.gather
                    .put(&self.path, key, &text, (inner, Form::Expression));
            }
            Expression::Bool(_) | Expression::Number(_) | Expression::Null(_) => {
                let text = self.gather.str(span).into_owned();
                self.gather
                    .put(&self.path, key, text.trim(), (span, Form::Bare));
            }
            _ => {
                let text = self.gather.str(span).into_owned();
                self.gather
                    .put(&self.path, key, text.trim(), (span, Form::Expression));
            }
        }
    }

    /// Adds a here-document: what JSON it holds, or its text.
    fn heredoc(&mut self, key: Span, span: Span) {
        let bytes = span.of(self.gather.text);
        let first = memchr::memchr(b'\n', bytes).map_or(span.end, |at| span.start + at + 1);
        let end = bytes.iter().rposition(|b| *b == b'}' || *b == b']');
        let body = Span::new(
            first,
            end.map_or(span.end, |at| span.start + at + 1).max(first),
        );
        let path = self.path.clone();
        if !json::walk_text(&mut self.gather, &path, body) {
            let text = self.gather.str(span).into_owned();
            self.gather.put(&path, key, &text, (span, Form::Text));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{found, pairs, spans_hold};
    use super::*;

    #[test]
    fn blocks_labels_and_lists_are_key_paths() {
        let text = b"resource \"a\" \"b\" {\n  c = \"d\" # x\n  e {\n    f = [1, \"g\"]\n  }\n  e {\n    f = var.x\n  }\n  t = { N = true }\n}\n";
        let document = read(text);
        assert_eq!(
            pairs(&document),
            [
                "resource.a.b.c=d",
                "resource.a.b.e.0.f.0=1",
                "resource.a.b.e.0.f.1=g",
                "resource.a.b.e.1.f=var.x",
                "resource.a.b.t.N=true"
            ]
        );
        spans_hold(text, &document);
    }

    #[test]
    fn policies_inside_are_read_in_both_forms() {
        let text =
            b"a = jsonencode({ S = [{ P = \"*\" }] })\nb = <<EOF\n{\"S\": [{\"P\": \"*\"}]}\nEOF\n";
        let document = read(text);
        assert!(found(&document, "a.S.0.P=*"), "{:?}", pairs(&document));
        assert!(found(&document, "b.S.0.P=*"), "{:?}", pairs(&document));
    }
}
