//! Secrets that a generator made whose next numbers can be worked out from the last ones.

use ruff_python_ast::visitor::source_order::{SourceOrderVisitor, walk_expr, walk_stmt};
use ruff_python_ast::{Expr, Keyword, Stmt};

use super::Context;
use crate::detect::Match;
use crate::detect::syntax::python::{Chance, Names, span};

/// Functions of `random` that pick something.
const PICKS: [&str; 8] = [
    "choice",
    "choices",
    "randint",
    "random",
    "sample",
    "randrange",
    "getrandbits",
    "randbytes",
];

/// Reports picks of `random` that go into something called like a secret.
pub(super) fn check(context: &Context<'_>, matches: &mut Vec<Match>) {
    let Some(module) = context.python else { return };
    let mut search = Search {
        context,
        names: Names::default(),
        is_secret: false,
        matches,
    };
    module.walk(|| search.visit_body(module.body()));
}

struct Search<'s, 'c> {
    context: &'s Context<'c>,
    names: Names,
    is_secret: bool,
    matches: &'s mut Vec<Match>,
}

impl Search<'_, '_> {
    fn within(&mut self, is_secret: bool, run: impl FnOnce(&mut Self)) {
        let before = self.is_secret;
        self.is_secret |= is_secret;
        run(self);
        self.is_secret = before;
    }
}

impl<'a> SourceOrderVisitor<'a> for Search<'_, '_> {
    fn visit_stmt(&mut self, statement: &'a Stmt) {
        let is_secret = match statement {
            Stmt::Assign(assign) => assign.targets.iter().any(is_named_secret),
            Stmt::AnnAssign(assign) => is_named_secret(&assign.target),
            Stmt::FunctionDef(function) => is_secret_name(&function.name),
            _ => false,
        };
        self.names.learn(statement, Chance::Sometimes);
        self.within(is_secret, |search| walk_stmt(search, statement));
    }

    fn visit_keyword(&mut self, keyword: &'a Keyword) {
        let is_secret = keyword
            .arg
            .as_ref()
            .is_some_and(|name| is_secret_name(name));
        self.within(is_secret, |search| search.visit_expr(&keyword.value));
    }

    fn visit_expr(&mut self, expr: &'a Expr) {
        if let (true, Expr::Call(call)) = (self.is_secret, expr)
            && let Some(path) = self.names.path(&call.func)
            && path
                .strip_prefix("random.")
                .is_some_and(|pick| PICKS.contains(&pick))
        {
            self.matches
                .push(self.context.report_node(&path, "", span(call)));
        }
        if let Expr::Dict(dict) = expr {
            for item in &dict.items {
                let is_secret = match &item.key {
                    Some(Expr::StringLiteral(key)) => is_secret_name(key.value.to_str()),
                    _ => false,
                };
                self.within(is_secret, |search| search.visit_expr(&item.value));
            }
            return;
        }
        walk_expr(self, expr);
    }
}

fn is_named_secret(target: &Expr) -> bool {
    match target {
        Expr::Name(name) => is_secret_name(&name.id),
        Expr::Attribute(attribute) => is_secret_name(&attribute.attr),
        Expr::Subscript(subscript) => match &*subscript.slice {
            Expr::StringLiteral(key) => is_secret_name(key.value.to_str()),
            _ => false,
        },
        _ => false,
    }
}

/// Tells whether a name speaks of a secret.
fn is_secret_name(name: &str) -> bool {
    const PARTS: [&str; 11] = [
        "password",
        "passwd",
        "secret",
        "api_key",
        "apikey",
        "session_id",
        "csrf",
        "private_key",
        "access_key",
        "verification_code",
        "reset_code",
    ];
    const WORDS: [&str; 8] = [
        "token",
        "otp",
        "nonce",
        "salt",
        "pwd",
        "pin",
        "passphrase",
        "passcode",
    ];
    let lower = name.to_ascii_lowercase();
    PARTS.iter().any(|part| lower.contains(part))
        || lower.split('_').any(|word| WORDS.contains(&word))
}
