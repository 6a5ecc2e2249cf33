//! SQL that is put together from texts and values, and then run.

use std::collections::HashMap;

use ruff_python_ast::visitor::source_order::{SourceOrderVisitor, walk_expr, walk_stmt};
use ruff_python_ast::{Expr, ExprCall, InterpolatedStringElement, Operator, Stmt};

use super::Context;
use crate::detect::Match;
use crate::detect::syntax::python::{Chance, Module, Names, span};

/// Methods whose first argument is run as SQL.
const RUNS: [&str; 16] = [
    "execute",
    "executemany",
    "executescript",
    "raw",
    "RawSQL",
    "text",
    "read_sql",
    "read_sql_query",
    "exec_driver_sql",
    "execute_sql",
    "fetch",
    "fetchrow",
    "fetchval",
    "fetch_all",
    "sql",
    "query",
];
/// Words that a statement begins with.
const VERBS: [&str; 12] = [
    "select ",
    "insert into",
    "update ",
    "delete from",
    "create ",
    "drop ",
    "alter ",
    "with ",
    "union ",
    "replace into",
    "truncate ",
    "merge into",
];
/// Where a visitor's words come in.
const REQUEST: [&str; 14] = [
    "request.args",
    "request.form",
    "request.GET",
    "request.POST",
    "request.json",
    "request.values",
    "request.data",
    "request.cookies",
    "request.headers",
    "request.query_params",
    "request.get_json",
    "request.params",
    "input(",
    "sys.argv",
];

/// Reports SQL that is built from anything but constants.
pub(super) fn built(context: &Context<'_>, matches: &mut Vec<Match>) {
    search(context, Wanted::Any, matches);
}

/// Reports SQL that is built from what a visitor sent.
pub(super) fn from_request(context: &Context<'_>, matches: &mut Vec<Match>) {
    search(context, Wanted::Request, matches);
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Wanted {
    Any,
    Request,
}

fn search(context: &Context<'_>, wanted: Wanted, matches: &mut Vec<Match>) {
    let Some(module) = context.python else { return };
    let mut search = Search {
        context,
        module,
        wanted,
        names: Names::default(),
        given: HashMap::new(),
        grown: HashMap::new(),
        waiting: Vec::new(),
        matches,
        left: 1 << 20,
    };
    module.walk(|| search.visit_body(module.body()));
    let waiting = std::mem::take(&mut search.waiting);
    matches.extend(waiting.into_iter().map(|(_, found)| found));
}

struct Search<'s, 'c, 'a> {
    context: &'s Context<'c>,
    module: &'a Module<'c>,
    wanted: Wanted,
    names: Names,
    /// What the names of the function around were last given.
    given: HashMap<&'a str, &'a Expr>,
    /// What was added to them since by `+=`.
    grown: HashMap<&'a str, Vec<&'a Expr>>,
    /// Statements that were put together and given to a name, and have not been seen to be run.
    waiting: Vec<(&'a Expr, Match)>,
    matches: &'s mut Vec<Match>,
    /// How many pieces may still be looked at: one long text that is run over and over is looked at a few times.
    left: usize,
}

/// The pieces of a text that is put together.
#[derive(Default)]
struct Pieces<'a> {
    /// The constant text up to the first value.
    front: String,
    values: Vec<&'a Expr>,
    /// The constant text behind it.
    back: String,
}

impl Pieces<'_> {
    /// Adds a constant text at the end.
    fn push(&mut self, text: &str) {
        if self.values.is_empty() {
            self.front.push_str(text);
        } else if self.back.len() < 4096 {
            self.back.push(' ');
            self.back.push_str(text);
        }
    }
}

impl<'a> Search<'_, '_, 'a> {
    /// Returns the pieces of an expression that puts a text together.
    fn pieces(&self, expr: &'a Expr) -> Option<Pieces<'a>> {
        let mut pieces = Pieces::default();
        match expr {
            Expr::FString(text) => {
                for element in text.value.elements() {
                    match element {
                        InterpolatedStringElement::Literal(literal) => pieces.push(&literal.value),
                        InterpolatedStringElement::Interpolation(field) => {
                            pieces.values.push(&field.expression);
                        }
                    }
                }
            }
            Expr::BinOp(sum) if sum.op == Operator::Mod => {
                pieces.front = text_of(&sum.left)?;
                match &*sum.right {
                    Expr::Tuple(values) => pieces.values.extend(&values.elts),
                    Expr::Dict(values) => {
                        pieces.values.extend(values.iter().map(|item| &item.value));
                    }
                    value => pieces.values.push(value),
                }
            }
            Expr::BinOp(sum) if sum.op == Operator::Add => self.sum(expr, &mut pieces),
            Expr::Call(call) => {
                let Expr::Attribute(method) = &*call.func else {
                    return None;
                };
                if method.attr.as_str() != "format" {
                    return None;
                }
                pieces.front = text_of(&method.value)?;
                pieces.values.extend(&call.arguments.args);
                pieces
                    .values
                    .extend(call.arguments.keywords.iter().map(|keyword| &keyword.value));
            }
            _ => return None,
        }
        Some(pieces)
    }

    /// Gathers the operands of a chain of `+`, from left to right.
    fn sum(&self, expr: &'a Expr, pieces: &mut Pieces<'a>) {
        let mut operands = Vec::new();
        let mut rest = expr;
        while let Expr::BinOp(sum) = rest
            && sum.op == Operator::Add
        {
            operands.push(&*sum.right);
            rest = &sum.left;
        }
        operands.push(rest);
        for operand in operands.into_iter().rev() {
            match (text_of(operand), self.pieces_of_operand(operand)) {
                (Some(text), _) => pieces.push(&text),
                (None, Some(inner)) => {
                    pieces.push(&inner.front);
                    pieces.values.extend(inner.values);
                    pieces.push(&inner.back);
                }
                (None, None) => pieces.values.push(operand),
            }
        }
    }

    fn pieces_of_operand(&self, operand: &'a Expr) -> Option<Pieces<'a>> {
        match operand {
            Expr::FString(_) => self.pieces(operand),
            Expr::BinOp(inner) if inner.op == Operator::Mod => self.pieces(operand),
            _ => None,
        }
    }

    fn look(&mut self, argument: &'a Expr, at: &'a Expr) {
        let name = match argument {
            Expr::Name(name) => name.id.as_str(),
            _ => "",
        };
        let built = self.given.get(name).copied().unwrap_or(argument);
        self.waiting
            .retain(|(waiting, _)| !std::ptr::eq(*waiting, built));
        if self.left == 0 {
            return;
        }
        let grown = self.grown.get(name).map(Vec::as_slice).unwrap_or_default();
        let whole = text_of(built).filter(|_| !grown.is_empty());
        let whole = whole.map(|front| Pieces {
            front,
            ..Pieces::default()
        });
        let Some(mut pieces) = self.pieces(built).or(whole) else {
            return;
        };
        for part in grown.iter().take(64) {
            match self.pieces(part) {
                Some(inner) => pieces.values.extend(inner.values),
                None if text_of(part).is_some() => {}
                None => pieces.values.push(part),
            }
        }
        let cost = pieces.values.len() + pieces.front.len() / 64 + 1;
        self.left = self.left.saturating_sub(cost);
        let front = pieces
            .front
            .trim_start()
            .to_ascii_lowercase()
            .replace(['\n', '\t'], " ");
        if !VERBS.iter().any(|verb| front.starts_with(verb)) {
            return;
        }
        let open: Vec<&Expr> = pieces
            .values
            .iter()
            .copied()
            .filter(|value| !self.is_harmless(value))
            .collect();
        let matters = match self.wanted {
            Wanted::Any => !open.is_empty(),
            Wanted::Request => open.iter().any(|value| self.is_from_request(value)),
        };
        if matters {
            let Expr::Call(call) = at else { return };
            let path = self
                .names
                .path(&call.func)
                .unwrap_or_else(|| "execute".to_owned());
            self.matches.push(
                self.context
                    .report_node(&path, self.text(built), span(call)),
            );
        }
    }

    /// Looks at a value that a name is given: a whole statement with values in it is going to be run somewhere.
    fn given(&mut self, name: &str, value: &'a Expr) {
        if self.wanted != Wanted::Any || self.left == 0 || self.waiting.len() > 256 {
            return;
        }
        let Some(pieces) = self.pieces(value) else {
            return;
        };
        self.left = self.left.saturating_sub(pieces.values.len() + 1);
        let is_open = pieces.values.iter().any(|value| !self.is_harmless(value));
        if is_open && is_statement(name, &pieces.front, &pieces.back) {
            let found = self
                .context
                .report_node("sql", self.text(value), span(value));
            self.waiting.push((value, found));
        }
    }

    /// Looks at the clauses that Django's `extra()` adds to a query as they are.
    fn extra(&mut self, call: &'a ExprCall, at: &'a Expr) {
        for keyword in &*call.arguments.keywords {
            let clauses: Vec<&Expr> = match (keyword.arg.as_deref(), &keyword.value) {
                (Some("where" | "tables" | "order_by"), Expr::List(items)) => {
                    items.elts.iter().collect()
                }
                (Some("select"), Expr::Dict(items)) => {
                    items.iter().map(|item| &item.value).collect()
                }
                _ => continue,
            };
            let mut pieces = clauses.into_iter().filter_map(|clause| self.pieces(clause));
            let is_open = pieces.any(|pieces| {
                pieces.values.iter().any(|value| match self.wanted {
                    Wanted::Any => !self.is_harmless(value),
                    Wanted::Request => self.is_from_request(value),
                })
            });
            if is_open {
                let path = self
                    .names
                    .path(&call.func)
                    .unwrap_or_else(|| "extra".to_owned());
                self.matches.push(self.context.report_node(
                    &path,
                    self.text(&keyword.value),
                    span(at),
                ));
                return;
            }
        }
    }

    /// Tells whether a value is plainly no visitor's: a constant, the name of a table, a list of placeholders.
    fn is_harmless(&self, value: &Expr) -> bool {
        if self.names.constant(value).is_some() || value.is_literal_expr() {
            return true;
        }
        let text = self.text(value);
        let last = text.rsplit('.').next().unwrap_or_default();
        let is_constant = last.len() > 1
            && last
                .bytes()
                .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_');
        let lower = text.to_ascii_lowercase();
        is_constant
            || [
                "placeholder",
                "__tablename__",
                "db_table",
                "quote_name",
                "quote_ident",
                "'%s'",
                "\"%s\"",
                "'?'",
                "\"?\"",
                ".c.",
            ]
            .iter()
            .any(|word| lower.contains(word))
            || lower.starts_with("int(")
            || lower.starts_with("len(")
    }

    fn is_from_request(&self, value: &Expr) -> bool {
        let text = self.text(value);
        let mentions = |text: &str| REQUEST.iter().any(|word| text.contains(word));
        mentions(text)
            || match value {
                Expr::Name(name) => self
                    .given
                    .get(name.id.as_str())
                    .is_some_and(|given| mentions(self.text(given))),
                _ => false,
            }
    }

    /// Returns the front of an expression's text.
    fn text(&self, expr: &Expr) -> &'a str {
        let text = &self.module.source()[span(expr).start..span(expr).end];
        &text[..text.floor_char_boundary(300)]
    }
}

impl<'a> SourceOrderVisitor<'a> for Search<'_, '_, 'a> {
    fn visit_stmt(&mut self, statement: &'a Stmt) {
        self.names.learn(statement, Chance::Sometimes);
        match statement {
            Stmt::FunctionDef(_) => {
                let outer = (
                    std::mem::take(&mut self.given),
                    std::mem::take(&mut self.grown),
                );
                walk_stmt(self, statement);
                (self.given, self.grown) = outer;
                return;
            }
            Stmt::Assign(assign) => {
                for target in &assign.targets {
                    if let Expr::Name(name) = target {
                        self.grown.remove(name.id.as_str());
                        self.given.insert(name.id.as_str(), &assign.value);
                        self.given(&name.id, &assign.value);
                    }
                }
            }
            Stmt::AugAssign(grown) if grown.op == Operator::Add => {
                if let Expr::Name(name) = &*grown.target {
                    self.grown
                        .entry(name.id.as_str())
                        .or_default()
                        .push(&grown.value);
                }
            }
            _ => {}
        }
        walk_stmt(self, statement);
    }

    fn visit_expr(&mut self, expr: &'a Expr) {
        if let Expr::Call(call) = expr
            && let Some(argument) = call.arguments.args.first().or_else(|| {
                call.arguments
                    .find_keyword("sql")
                    .map(|keyword| &keyword.value)
            })
        {
            let last = match &*call.func {
                Expr::Attribute(method) => method.attr.as_str(),
                Expr::Name(name) => name.id.as_str(),
                _ => "",
            };
            let is_text = last != "text"
                || self
                    .names
                    .path(&call.func)
                    .is_some_and(|path| path.starts_with("sqlalchemy"));
            if RUNS.contains(&last) && is_text {
                self.look(argument, expr);
            }
        }
        if let Expr::Call(call) = expr
            && let Expr::Attribute(method) = &*call.func
            && method.attr.as_str() == "extra"
        {
            self.extra(call, expr);
        }
        walk_expr(self, expr);
    }
}

/// Tells whether a text is plainly SQL and no sentence: its verb in capitals, or a name that speaks of queries, and the
/// word that goes with the verb.
fn is_statement(name: &str, front: &str, back: &str) -> bool {
    let whole = format!("{front} {back}");
    let whole = whole.trim_start();
    let verb = whole.split_whitespace().next().unwrap_or_default();
    let name = name.to_ascii_lowercase();
    let is_named = ["sql", "query", "stmt", "statement", "qry", "cmd"]
        .iter()
        .any(|word| name.contains(word))
        || name == "q";
    let is_shouted = verb.len() > 3 && verb.bytes().all(|byte| byte.is_ascii_uppercase());
    let lower = whole.to_ascii_lowercase().replace(['\n', '\t'], " ");
    let goes_on = match verb.to_ascii_lowercase().as_str() {
        "select" | "delete" => lower.contains(" from "),
        "insert" | "replace" | "merge" => lower.contains(" into "),
        "update" => lower.contains(" set "),
        "with" => lower.contains(" as ") && lower.contains("select "),
        "drop" | "alter" | "create" | "truncate" => lower.contains(" table "),
        _ => false,
    };
    goes_on && (is_named || is_shouted)
}

fn text_of(expr: &Expr) -> Option<String> {
    match expr {
        Expr::StringLiteral(text) => Some(text.value.to_str().to_owned()),
        _ => None,
    }
}
