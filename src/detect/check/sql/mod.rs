//! SQL that is put together from texts and values, and then run.

mod known;
mod pieces;

use ruff_python_ast::visitor::source_order::{SourceOrderVisitor, walk_expr, walk_stmt};
use ruff_python_ast::{Expr, ExprCall, Operator, Stmt};

use super::Context;
use crate::detect::Match;
use crate::detect::syntax::python::{Chance, Module, Names, span};
use known::Known;
use pieces::Pieces;

/// Methods whose first argument is run as SQL.
const RUNS: [&str; 17] = [
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
    "SQL",
];
/// Names of the argument that is the statement, where it is named.
const STATEMENT: [&str; 6] = ["sql", "query", "statement", "operation", "text", "stmt"];
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
        known: Known::default(),
        in_class: false,
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
    known: Known<'a>,
    /// The statements that are read are those of a class, and of no function in it.
    in_class: bool,
    /// Statements that were put together and given to a name, and have not been seen to be run.
    waiting: Vec<(&'a Expr, Match)>,
    matches: &'s mut Vec<Match>,
    /// How many pieces may still be looked at: one long text that is run over and over is looked at a few times.
    left: usize,
}

impl<'a> Search<'_, '_, 'a> {
    /// Returns the pieces of a text that has values in it.
    fn pieces(&mut self, expr: &'a Expr) -> Option<Pieces<'a>> {
        if self.left == 0 {
            return None;
        }
        let (pieces, steps) = pieces::of(expr, &self.known);
        let bytes = pieces.as_ref().map_or(0, |pieces| pieces.front.len());
        self.left = self.left.saturating_sub(steps + bytes / 64);
        pieces
    }

    /// Looks at what is run.
    fn look(&mut self, argument: &'a Expr, call: &'a ExprCall) {
        let Some(pieces) = self.pieces(argument) else {
            return;
        };
        let built = self.known.value(argument).unwrap_or(argument);
        self.waiting.retain(|(waiting, _)| {
            !std::ptr::eq(*waiting, built)
                && !pieces
                    .touched
                    .iter()
                    .any(|touched| std::ptr::eq(*touched, *waiting))
        });
        let front = pieces
            .front
            .trim_start_matches(|c: char| c == '(' || c.is_whitespace());
        let front = front.to_ascii_lowercase().replace(['\n', '\t'], " ");
        if VERBS.iter().any(|verb| front.starts_with(verb)) && self.matters(&pieces.values) {
            let path = self.names.path(&call.func);
            let path = path.unwrap_or_else(|| "execute".to_owned());
            let text = self.text(built);
            self.matches
                .push(self.context.report_node(&path, text, span(call)));
        }
    }

    /// Tells whether one of the values is of the kind that is looked for.
    fn matters(&self, values: &[&'a Expr]) -> bool {
        let mut open = values.iter().filter(|value| !self.is_harmless(value, 4));
        match self.wanted {
            Wanted::Any => open.next().is_some(),
            Wanted::Request => open.any(|value| self.is_from_request(value, 4)),
        }
    }

    /// Looks at a value that a name is given: a whole statement with values in it is going to be run somewhere.
    fn given(&mut self, name: &str, value: &'a Expr) {
        if self.wanted != Wanted::Any || self.waiting.len() > 256 {
            return;
        }
        let Some(pieces) = self.pieces(value) else {
            return;
        };
        let goes_on = self.waiting.iter().any(|(waiting, _)| {
            let mut touched = pieces.touched.iter();
            touched.any(|touched| std::ptr::eq(*touched, *waiting))
        });
        if !goes_on
            && is_statement(name, &pieces.front, &pieces.back)
            && self.matters(&pieces.values)
        {
            let text = self.text(value);
            let found = self.context.report_node("sql", text, span(value));
            self.waiting.push((value, found));
        }
    }

    /// Looks at the clauses that Django's `extra()` adds to a query as they are.
    fn extra(&mut self, call: &'a ExprCall) {
        for keyword in &*call.arguments.keywords {
            let value = self.known.value(&keyword.value).unwrap_or(&keyword.value);
            let clauses: Vec<&'a Expr> = match (keyword.arg.as_deref(), value) {
                (Some("where" | "tables" | "order_by"), Expr::List(items)) => {
                    items.elts.iter().collect()
                }
                (Some("where" | "tables" | "order_by"), Expr::Tuple(items)) => {
                    items.elts.iter().collect()
                }
                (Some("select"), Expr::Dict(items)) => {
                    items.iter().map(|item| &item.value).collect()
                }
                _ => continue,
            };
            let mut is_open = false;
            for clause in clauses {
                let Some(pieces) = self.pieces(clause) else {
                    continue;
                };
                is_open |= self.matters(&pieces.values);
            }
            if is_open {
                let path = self.names.path(&call.func);
                let path = path.unwrap_or_else(|| "extra".to_owned());
                let text = self.text(&keyword.value);
                self.matches
                    .push(self.context.report_node(&path, text, span(call)));
                return;
            }
        }
    }

    /// Tells whether a value is plainly no visitor's: a constant, the name of a table, a list of placeholders.
    fn is_harmless(&self, value: &'a Expr, depth: usize) -> bool {
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
        if is_constant
            || HARMLESS.iter().any(|word| lower.contains(word))
            || lower.starts_with("int(")
            || lower.starts_with("len(")
        {
            return true;
        }
        let Some(depth) = depth.checked_sub(1) else {
            return false;
        };
        let all = |parts: &'a [Expr]| {
            let mut parts = parts.iter().take(64);
            parts.all(|part| self.is_harmless(part, depth))
        };
        match value {
            Expr::List(list) => all(&list.elts),
            Expr::Tuple(list) => all(&list.elts),
            // What a constant list is joined to, or made a text of, is constant.
            Expr::Call(call) => {
                let is_join = matches!(&*call.func, Expr::Attribute(method)
                    if method.attr.as_str() == "join" && method.value.is_string_literal_expr());
                is_join && call.arguments.args.len() == 1 && all(&call.arguments.args)
            }
            Expr::Name(_) | Expr::Attribute(_) => self.known.of(value, None).is_some_and(|index| {
                let given = self.known.at(index);
                given
                    .value
                    .is_some_and(|inner| self.is_harmless(inner, depth))
                    && given
                        .grown
                        .iter()
                        .take(64)
                        .all(|part| self.is_harmless(part, depth))
            }),
            _ => false,
        }
    }

    fn is_from_request(&self, value: &'a Expr, depth: usize) -> bool {
        let text = self.text(value);
        if REQUEST.iter().any(|word| text.contains(word)) {
            return true;
        }
        let Some(depth) = depth.checked_sub(1) else {
            return false;
        };
        match value {
            Expr::Name(_) | Expr::Attribute(_) => self.known.value(value).is_some_and(|given| {
                !std::ptr::eq(given, value) && self.is_from_request(given, depth)
            }),
            // `name.strip()`, `str(name)`.
            Expr::Call(call) => match (&*call.func, call.arguments.args.first()) {
                (Expr::Attribute(method), _) => self.is_from_request(&method.value, depth),
                (_, Some(first)) => self.is_from_request(first, depth),
                _ => false,
            },
            _ => false,
        }
    }

    /// Returns the front of an expression's text.
    fn text(&self, expr: &Expr) -> &'a str {
        let text = &self.module.source()[span(expr).start..span(expr).end];
        &text[..text.floor_char_boundary(300)]
    }

    /// Learns what a target is given.
    fn bind(&mut self, target: &'a Expr, value: &'a Expr) {
        // `query = query + x` is as good as `query += x`.
        if let Some(added) = added_to(target, value) {
            for part in added {
                self.known.grow(target, part);
            }
            return;
        }
        let name = match target {
            Expr::Name(name) => name.id.as_str(),
            Expr::Attribute(attribute) => attribute.attr.as_str(),
            _ => "",
        };
        self.given(name, value);
        if let (Some(name), true) = (self.known.bind(target, Some(value)), self.in_class) {
            self.known.bind_of_class(name);
        }
    }

    /// Learns from a statement that has been read.
    fn learn(&mut self, statement: &'a Stmt) {
        match statement {
            Stmt::Assign(assign) => {
                for target in &assign.targets {
                    self.bind(target, &assign.value);
                }
            }
            Stmt::AnnAssign(assign) => {
                if let Some(value) = &assign.value {
                    self.bind(&assign.target, value);
                }
            }
            Stmt::AugAssign(grown) if grown.op == Operator::Add => {
                self.known.grow(&grown.target, &grown.value);
            }
            _ => {}
        }
    }

    /// Returns the statement that a call runs.
    fn run_by(&self, call: &'a ExprCall) -> Option<&'a Expr> {
        let arguments = &call.arguments;
        let named = || {
            let mut named = STATEMENT.iter();
            named.find_map(|name| Some(&arguments.find_keyword(name)?.value))
        };
        let argument = arguments.args.first().or_else(named)?;
        let path = self.names.path(&call.func);
        let last = match &*call.func {
            Expr::Attribute(method) => method.attr.as_str(),
            Expr::Name(name) => {
                let path = path.as_deref().unwrap_or(&name.id);
                path.rsplit('.').next().unwrap_or_default()
            }
            _ => "",
        };
        let is_of = |package: &str| {
            path.as_deref()
                .is_some_and(|path| path.starts_with(package))
        };
        let is_it = match last {
            "text" => is_of("sqlalchemy"),
            "SQL" => is_of("psycopg"),
            last => RUNS.contains(&last),
        };
        is_it.then_some(argument)
    }
}

/// Words of values that are no visitor's.
const HARMLESS: [&str; 10] = [
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
];

impl<'a> SourceOrderVisitor<'a> for Search<'_, '_, 'a> {
    fn visit_stmt(&mut self, statement: &'a Stmt) {
        self.names.learn(statement, Chance::Sometimes);
        match statement {
            Stmt::FunctionDef(function) => {
                self.known.enter(&function.parameters);
                let in_class = std::mem::replace(&mut self.in_class, false);
                walk_stmt(self, statement);
                self.in_class = in_class;
                self.known.leave();
                return;
            }
            Stmt::ClassDef(_) => {
                let around = self.known.enter_class();
                let in_class = std::mem::replace(&mut self.in_class, true);
                walk_stmt(self, statement);
                self.in_class = in_class;
                self.known.leave_class(around);
                return;
            }
            Stmt::For(each) => {
                self.known.bind(&each.target, constant_item(&each.iter));
            }
            _ => {}
        }
        walk_stmt(self, statement);
        self.learn(statement);
    }

    fn visit_expr(&mut self, expr: &'a Expr) {
        match expr {
            Expr::Call(call) => {
                if let Some(argument) = self.run_by(call) {
                    self.look(argument, call);
                }
                if matches!(&*call.func, Expr::Attribute(method) if method.attr.as_str() == "extra")
                {
                    self.extra(call);
                }
            }
            Expr::Named(named) => {
                walk_expr(self, expr);
                self.bind(&named.target, &named.value);
                return;
            }
            _ => {}
        }
        walk_expr(self, expr);
    }
}

/// Returns what `name = name + a + b` adds to the name.
fn added_to<'a>(target: &Expr, value: &'a Expr) -> Option<Vec<&'a Expr>> {
    let Expr::Name(name) = target else {
        return None;
    };
    let mut added = Vec::new();
    let mut rest = value;
    while let Expr::BinOp(sum) = rest
        && sum.op == Operator::Add
    {
        added.push(&*sum.right);
        rest = &sum.left;
    }
    let is_own = matches!(rest, Expr::Name(first) if first.id == name.id);
    added.reverse();
    (is_own && !added.is_empty()).then_some(added)
}

/// Returns the first item of a list of constants: all are as good.
fn constant_item(list: &Expr) -> Option<&Expr> {
    let items = match list {
        Expr::List(list) => &list.elts,
        Expr::Tuple(list) => &list.elts,
        _ => return None,
    };
    let is_constant = items.iter().all(Expr::is_string_literal_expr);
    items.first().filter(|_| is_constant)
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
