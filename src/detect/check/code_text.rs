//! Texts of a Python program that say something wherever they stand, and calls that are told by their arguments.

use ruff_python_ast::visitor::source_order::{SourceOrderVisitor, walk_expr, walk_stmt};
use ruff_python_ast::{Expr, InterpolatedStringElement, Stmt};

use super::Context;
use crate::detect::Match;
use crate::detect::syntax::Form;
use crate::detect::syntax::python::span;
use crate::span::Span;

/// Folders that every user may write.
const SHARED: [&str; 3] = ["/tmp", "/var/tmp", "/dev/shm"];

/// Reports texts that begin with a folder that every user may write, but for those that only describe something.
pub(super) fn shared_folder(context: &Context<'_>, matches: &mut Vec<Match>) {
    let Some(module) = context.python else { return };
    let mut search = Search { context, matches };
    module.walk(|| search.visit_body(module.body()));
}

struct Search<'s, 'c> {
    context: &'s Context<'c>,
    matches: &'s mut Vec<Match>,
}

impl Search<'_, '_> {
    fn look(&mut self, text: &str, at: Span) {
        let begins = SHARED.iter().any(|folder| {
            text.strip_prefix(folder)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', ':']))
        });
        if begins {
            let text = &text[..text.floor_char_boundary(300)];
            self.matches
                .push(self.context.report_node("text", text, at));
        }
    }
}

impl<'a> SourceOrderVisitor<'a> for Search<'_, '_> {
    fn visit_stmt(&mut self, statement: &'a Stmt) {
        let is_description =
            matches!(statement, Stmt::Expr(alone) if alone.value.is_string_literal_expr());
        if !is_description {
            walk_stmt(self, statement);
        }
    }

    fn visit_expr(&mut self, expr: &'a Expr) {
        match expr {
            Expr::StringLiteral(text) => self.look(text.value.to_str(), span(expr)),
            Expr::FString(text) => {
                if let Some(InterpolatedStringElement::Literal(front)) =
                    text.value.elements().next()
                {
                    self.look(&front.value, span(expr));
                }
            }
            _ => {}
        }
        walk_expr(self, expr);
    }

    fn visit_annotation(&mut self, _: &'a Expr) {}
}

/// Reports what listens on every address; a server that is given an empty name for its own does too.
pub(super) fn every_address(context: &Context<'_>, matches: &mut Vec<Match>) {
    let is_it = |key: &str, value: &str| {
        context.named.means(value)
            || value.is_empty() && (key.ends_with(".bind(0).0") || key.ends_with("Server(0).0"))
    };
    let entries = context.document.entries.iter();
    let found =
        entries.filter(|entry| context.named.names(&entry.key) && is_it(&entry.key, &entry.value));
    matches.extend(found.map(|entry| context.report(entry)));
}

/// Reports what takes a text for safe HTML: a call with anything but a constant, or a decorator.
pub(super) fn taken_for_safe(context: &Context<'_>, matches: &mut Vec<Match>) {
    let entries = context.document.entries.iter();
    let found = entries.filter(|entry| {
        context.named.names(&entry.key)
            && (entry.form == Form::Expression || entry.key.starts_with('@'))
    });
    matches.extend(found.map(|entry| context.report(entry)));
}

/// Reports blocks that are encrypted one by one: the mode by its name, or by its number where a cipher is made.
pub(super) fn block_by_block(context: &Context<'_>, matches: &mut Vec<Match>) {
    let is_cipher =
        |key: &str| key.starts_with("Crypto.Cipher.") || key.starts_with("Cryptodome.Cipher.");
    let found = context
        .named()
        .filter(|entry| entry.value != "1" || is_cipher(&entry.key));
    matches.extend(found.map(|entry| context.report(entry)));
}
