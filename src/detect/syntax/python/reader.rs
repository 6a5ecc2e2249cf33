//! The reader walks the tree once and writes down what settings are made of.
//!
//! | in the file | key | value |
//! |---|---|---|
//! | `DEBUG = True` | `DEBUG` | `True` |
//! | `class Config: DEBUG = not False` | `Config.DEBUG` | `True` |
//! | `T = [{"OPTIONS": {"debug": True}}]` | `T.0.OPTIONS.debug` | `True` |
//! | `app.config["DEBUG"] = True` | `flask.Flask().config.DEBUG` | `True` |
//! | `requests.get(url, verify=False)` | `requests.get(0)`, `requests.get(verify)` | `url`, `False` |
//! | the same call | `requests.get()` | `_,verify` |
//! | `DEBUG = os.getenv("DEBUG", "1")` | `DEBUG(default)` | `1` |
//! | `DEBUG = os.getenv("DEBUG")` | `DEBUG(unparsed)` | the expression |
//! | `from Crypto.Cipher import DES` | `import` | `Crypto.Cipher.DES` |
//! | `assert x`, `except: pass` | `assert`, `except` | , `pass` |
//! | `@csrf_exempt` | `@django.views.decorators.csrf.csrf_exempt` | |

use std::collections::HashMap;

use ruff_python_ast::visitor::source_order::{SourceOrderVisitor, walk_expr, walk_stmt};
use ruff_python_ast::{
    Arguments, Decorator, ExceptHandler, Expr, ExprCall, Operator, Stmt, StmtClassDef, StmtIf,
};
use ruff_text_size::{Ranged, TextRange};

use super::super::{Entry, Form};
use super::fold::{Value, fold};
use super::names::{Chance, Names, module};
use super::scope::{of_class, of_condition, of_function};
use super::span;
use crate::detect::Scope;
use crate::span::Span;

/// The most bytes kept of a value that is an expression.
const VALUE: usize = 512;
/// The most bytes kept of a text.
const TEXT: usize = 4096;
/// The longest key path, in bytes.
const KEY: usize = 200;
/// How deep containers are followed.
const NESTED: usize = 16;

/// Returns the entries of a file's statements, in order of place.
pub(super) fn entries(source: &str, body: &[Stmt]) -> Vec<Entry> {
    let mut reader = Reader {
        source,
        names: Names::default(),
        entries: Vec::new(),
        scope: Scope::Unmarked,
        class: String::new(),
        in_function: false,
        conditions: 0,
        certain: HashMap::new(),
        overwritten: Vec::new(),
    };
    reader.visit_body(body);
    reader.settle()
}

struct Reader<'s> {
    source: &'s str,
    names: Names,
    entries: Vec<Entry>,
    scope: Scope,
    /// The path of the class around, with a dot behind it.
    class: String,
    in_function: bool,
    /// How many conditions stand around.
    conditions: usize,
    /// Which entries an assignment made that no condition guards.
    certain: HashMap<String, (usize, usize)>,
    /// Entries that a later assignment makes void.
    overwritten: Vec<(usize, usize)>,
}

impl Reader<'_> {
    /// Returns the entries without those that a later assignment of the same name makes void.
    fn settle(mut self) -> Vec<Entry> {
        let mut void = vec![false; self.entries.len()];
        for (start, end) in self.overwritten {
            void[start..end].fill(true);
        }
        let mut index = 0;
        self.entries.retain(|_| {
            index += 1;
            !void[index - 1]
        });
        self.entries.sort_by_key(|entry| entry.value_span.start);
        self.entries
    }

    fn add(&mut self, key: String, key_span: Span, value: String, value_span: Span, form: Form) {
        if key.len() <= KEY {
            self.entries.push(Entry {
                key,
                key_span,
                value,
                value_span,
                form,
                scope: self.scope,
            });
        }
    }

    fn text_of(&self, range: TextRange) -> String {
        let text = &self.source[range.start().to_usize()..range.end().to_usize()];
        cut(text, VALUE).to_owned()
    }

    /// Writes down a value and, of a container, its items.
    fn value(&mut self, key: &str, key_span: Span, value: &Expr, depth: usize) {
        let Some(depth) = depth.checked_sub(1) else {
            return;
        };
        let at = span(value);
        match value {
            Expr::StringLiteral(text) => {
                let text = cut(text.value.to_str(), TEXT).to_owned();
                self.add(key.to_owned(), key_span, text, at, Form::Text);
            }
            Expr::BytesLiteral(bytes) => {
                let bytes: Vec<u8> = bytes.value.bytes().take(TEXT).collect();
                let text = String::from_utf8_lossy(&bytes).into_owned();
                self.add(key.to_owned(), key_span, text, at, Form::Text);
            }
            Expr::Dict(dict) => {
                self.container(key, key_span, value, dict.items.is_empty(), depth);
                for item in &dict.items {
                    let Some(name) = &item.key else { continue };
                    let child = match name {
                        Expr::StringLiteral(text) => text.value.to_str(),
                        _ => "?",
                    };
                    let path = format!("{key}.{child}");
                    if path.len() <= KEY {
                        self.value(&path, span(name), &item.value, depth);
                    }
                }
            }
            Expr::List(list) => self.items(key, key_span, value, &list.elts, depth),
            Expr::Tuple(tuple) => self.items(key, key_span, value, &tuple.elts, depth),
            Expr::Set(set) => self.items(key, key_span, value, &set.elts, depth),
            Expr::BinOp(sum)
                if sum.op == Operator::Add && (is_list(&sum.left) || is_list(&sum.right)) =>
            {
                self.value(key, key_span, &sum.left, depth);
                self.value(key, key_span, &sum.right, depth);
            }
            Expr::Call(call) if matches!(&*call.func, Expr::Name(name) if name.id == "dict") => {
                for keyword in &*call.arguments.keywords {
                    let Some(name) = &keyword.arg else { continue };
                    self.value(&format!("{key}.{name}"), span(name), &keyword.value, depth);
                }
            }
            _ => {
                if let Some(default) = self.scalar(key, key_span, value) {
                    self.value(&format!("{key}(default)"), key_span, default, depth);
                }
            }
        }
    }

    fn items(&mut self, key: &str, key_span: Span, value: &Expr, items: &[Expr], depth: usize) {
        self.container(key, key_span, value, items.is_empty(), depth);
        for (position, item) in items.iter().enumerate() {
            let path = format!("{key}.{position}");
            if path.len() <= KEY {
                self.value(&path, key_span, item, depth);
            }
        }
    }

    /// Writes down a container as a whole: the outermost, and empty ones.
    fn container(&mut self, key: &str, key_span: Span, value: &Expr, is_empty: bool, depth: usize) {
        if is_empty || depth == NESTED - 1 {
            let text = self.text_of(value.range());
            self.add(
                key.to_owned(),
                key_span,
                text,
                span(value),
                Form::Expression,
            );
        }
    }

    /// Writes down a value that is no container. Returns the default of a read of the environment that is one.
    fn scalar<'a>(&mut self, key: &str, key_span: Span, value: &'a Expr) -> Option<&'a Expr> {
        let mut container = None;
        let at = span(value);
        let is_name = matches!(value, Expr::Name(_) | Expr::Attribute(_));
        let folded = if is_name {
            None
        } else {
            Some(fold(value, &self.names))
        };
        if let Expr::NumberLiteral(_) = value {
            // As it is written: `0o777` says more than 511.
            let text = self.text_of(value.range());
            self.add(key.to_owned(), key_span, text, at, Form::Bare);
            return None;
        }
        if let Some(folded) = folded {
            if let (Some(literal), false) = (&folded.value, folded.environment) {
                self.add(key.to_owned(), key_span, literal.text(), at, Form::Bare);
                return None;
            }
            if folded.environment {
                container = default_of(value)
                    .filter(|default| default.is_list_expr() || default.is_tuple_expr());
                if folded.unparsed {
                    let text = self.text_of(value.range());
                    self.add(
                        format!("{key}(unparsed)"),
                        key_span,
                        text,
                        at,
                        Form::Expression,
                    );
                }
                if let Some(default) = &folded.value {
                    let form = form_of(default);
                    self.add(
                        format!("{key}(default)"),
                        key_span,
                        default.text(),
                        at,
                        form,
                    );
                }
            }
        }
        let path = if is_name {
            self.names.path(value)
        } else {
            None
        };
        let text = path.unwrap_or_else(|| self.resolved(value));
        let form = match value {
            Expr::NumberLiteral(_) | Expr::BooleanLiteral(_) | Expr::NoneLiteral(_) => Form::Bare,
            _ => Form::Expression,
        };
        self.add(key.to_owned(), key_span, text, at, form);
        container
    }

    /// Returns the text of an expression; of a call with the whole path of what it calls.
    fn resolved(&self, value: &Expr) -> String {
        let path = match value {
            Expr::Call(call) => self
                .names
                .path(&call.func)
                .map(|path| (path, span(&*call.func).end)),
            _ => None,
        };
        match path {
            Some((path, end)) => {
                let rest = &self.source[end..span(value).end];
                path + cut(rest, VALUE)
            }
            None => self.text_of(value.range()),
        }
    }

    fn assign(&mut self, target: &Expr, value: &Expr) {
        if let (Expr::Tuple(targets), Expr::Tuple(values)) = (target, value)
            && targets.elts.len() == values.elts.len()
        {
            for (target, value) in targets.elts.iter().zip(&values.elts) {
                self.assign(target, value);
            }
            return;
        }
        let Some((key, is_plain)) = self.key_of(target) else {
            return;
        };
        let start = self.entries.len();
        self.value(&key, span(target), value, NESTED);
        if is_plain && self.conditions == 0 {
            let made = (start, self.entries.len());
            if let Some(before) = self.certain.insert(key, made) {
                self.overwritten.push(before);
            }
        }
    }

    /// Returns the key of a target, and whether it is a plain name of the module or the class around.
    fn key_of(&self, target: &Expr) -> Option<(String, bool)> {
        match target {
            Expr::Name(_) if self.in_function => None,
            Expr::Name(name) => Some((format!("{}{}", self.class, name.id), true)),
            Expr::Attribute(attribute) => {
                let base = self.names.path(&attribute.value)?;
                Some((format!("{base}.{}", attribute.attr), false))
            }
            Expr::Subscript(_) => Some((self.names.path(target)?, false)),
            _ => None,
        }
    }

    fn call(&mut self, call: &ExprCall) {
        let Some(callee) = self.names.path(&call.func).or_else(|| match &*call.func {
            Expr::Attribute(attribute) => Some(format!("?.{}", attribute.attr)),
            _ => None,
        }) else {
            return;
        };
        let callee_span = span(&*call.func);
        let called = span(call);
        self.add(
            format!("{callee}()"),
            callee_span,
            argument_names(&call.arguments),
            called,
            Form::Expression,
        );
        for (position, argument) in call.arguments.args.iter().enumerate().take(20) {
            self.argument(&format!("{callee}({position})"), callee_span, argument);
        }
        for keyword in &*call.arguments.keywords {
            let Some(name) = &keyword.arg else { continue };
            self.argument(&format!("{callee}({name})"), span(name), &keyword.value);
        }
    }

    /// Writes down an argument; a name that was given a literal counts as that literal.
    fn argument(&mut self, key: &str, key_span: Span, value: &Expr) {
        match self.names.constant(value) {
            Some(literal) => {
                let form = form_of(literal);
                let text = literal.text();
                self.add(key.to_owned(), key_span, text, span(value), form);
            }
            None => self.value(key, key_span, value, NESTED),
        }
    }

    fn decorators(&mut self, decorators: &[Decorator]) {
        for decorator in decorators {
            let named = match &decorator.expression {
                Expr::Call(call) => &call.func,
                other => other,
            };
            if let Some(path) = self.names.path(named) {
                let at = span(decorator);
                self.add(format!("@{path}"), at, String::new(), at, Form::Bare);
            }
        }
    }

    fn imports(&mut self, statement: &Stmt) {
        match statement {
            Stmt::Import(import) => {
                for alias in &import.names {
                    let at = span(alias);
                    self.add(
                        "import".to_owned(),
                        at,
                        cut(&alias.name, VALUE).to_owned(),
                        at,
                        Form::Bare,
                    );
                }
            }
            Stmt::ImportFrom(import) => {
                for alias in &import.names {
                    let at = span(alias);
                    let path = format!("{}.{}", module(import), alias.name);
                    self.add(
                        "import".to_owned(),
                        at,
                        cut(&path, VALUE).to_owned(),
                        at,
                        Form::Bare,
                    );
                }
            }
            _ => {}
        }
    }

    /// Writes down handlers that do nothing.
    fn handlers(&mut self, handlers: &[ExceptHandler]) {
        for ExceptHandler::ExceptHandler(handler) in handlers {
            if let [Stmt::Pass(_) | Stmt::Continue(_)] = &*handler.body {
                let at = span(handler);
                self.add("except".to_owned(), at, "pass".to_owned(), at, Form::Bare);
            }
        }
    }

    /// Runs in a scope that names around it do not change back.
    fn scoped(&mut self, scope: Scope, run: impl FnOnce(&mut Self)) {
        let before = self.scope;
        if scope != Scope::Unmarked {
            self.scope = scope;
        }
        run(self);
        self.scope = before;
    }

    fn class(&mut self, class: &StmtClassDef) {
        self.decorators(&class.decorator_list);
        for decorator in &class.decorator_list {
            self.visit_expr(&decorator.expression);
        }
        if let Some(arguments) = &class.arguments {
            self.visit_arguments(arguments);
        }
        let path = format!("{}{}.", self.class, class.name);
        let before = std::mem::replace(&mut self.class, cut(&path, KEY).to_owned());
        let in_function = std::mem::replace(&mut self.in_function, false);
        self.scoped(of_class(&class.name), |reader| {
            reader.visit_body(&class.body)
        });
        self.class = before;
        self.in_function = in_function;
    }

    fn branch(&mut self, branch: &StmtIf) {
        self.conditions += 1;
        let mut said = of_condition(&branch.test);
        self.visit_expr(&branch.test);
        self.scoped(said.holds, |reader| reader.visit_body(&branch.body));
        for clause in &branch.elif_else_clauses {
            let fails = said.fails;
            if let Some(test) = &clause.test {
                self.visit_expr(test);
                said = of_condition(test);
                if said.fails == Scope::Unmarked {
                    said.fails = fails;
                }
            } else {
                said.holds = Scope::Unmarked;
            }
            let scope = if said.holds == Scope::Unmarked {
                fails
            } else {
                said.holds
            };
            self.scoped(scope, |reader| reader.visit_body(&clause.body));
        }
        self.conditions -= 1;
    }
}

impl<'a> SourceOrderVisitor<'a> for Reader<'_> {
    fn visit_stmt(&mut self, statement: &'a Stmt) {
        self.imports(statement);
        match statement {
            Stmt::Assign(assign) => {
                for target in &assign.targets {
                    self.assign(target, &assign.value);
                }
            }
            Stmt::AnnAssign(assign) => {
                if let Some(value) = &assign.value {
                    self.assign(&assign.target, value);
                }
            }
            Stmt::AugAssign(assign) => {
                if let Some((key, _)) = self.key_of(&assign.target) {
                    self.value(&key, span(&*assign.target), &assign.value, NESTED - 1);
                }
            }
            Stmt::ClassDef(class) => return self.class(class),
            Stmt::With(_) | Stmt::For(_) => self.names.learn(statement, Chance::Sometimes),
            Stmt::Assert(_) => {
                let at = span(statement);
                self.add("assert".to_owned(), at, String::new(), at, Form::Bare);
            }
            Stmt::Try(attempt) => self.handlers(&attempt.handlers),
            Stmt::If(branch) => return self.branch(branch),
            Stmt::FunctionDef(function) => {
                self.decorators(&function.decorator_list);
                let in_function = std::mem::replace(&mut self.in_function, true);
                let conditions = std::mem::replace(&mut self.conditions, 0);
                self.names.enter(&function.parameters);
                self.scoped(of_function(&function.name), |reader| {
                    walk_stmt(reader, statement);
                });
                self.names.leave();
                self.conditions = conditions;
                self.in_function = in_function;
                return;
            }
            _ => {}
        }
        let is_condition = matches!(
            statement,
            Stmt::Try(_) | Stmt::For(_) | Stmt::While(_) | Stmt::Match(_)
        );
        self.conditions += usize::from(is_condition);
        walk_stmt(self, statement);
        self.conditions -= usize::from(is_condition);
        if !matches!(statement, Stmt::With(_) | Stmt::For(_)) {
            let chance = if self.conditions == 0 {
                Chance::Always
            } else {
                Chance::Sometimes
            };
            self.names.learn(statement, chance);
        }
    }

    fn visit_expr(&mut self, expr: &'a Expr) {
        if let Expr::Call(call) = expr {
            self.call(call);
        }
        walk_expr(self, expr);
    }

    fn visit_annotation(&mut self, _: &'a Expr) {}
}

/// Returns the names of the arguments in order, `_` for one without a name.
fn argument_names(arguments: &Arguments) -> String {
    let mut names = String::new();
    let positional = arguments.args.iter().take(20).map(|_| "_");
    let keywords = arguments
        .keywords
        .iter()
        .map(|keyword| keyword.arg.as_ref().map_or("**", |name| name.as_str()));
    for name in positional.chain(keywords) {
        if names.len() > VALUE {
            break;
        }
        if !names.is_empty() {
            names.push(',');
        }
        names.push_str(name);
    }
    names
}

fn form_of(value: &Value) -> Form {
    match value {
        Value::Text(_) => Form::Text,
        Value::Bool(_) | Value::Int(_) | Value::None => Form::Bare,
    }
}

/// Returns the default that a read of the environment names.
fn default_of(read: &Expr) -> Option<&Expr> {
    let Expr::Call(call) = read else { return None };
    let named = call
        .arguments
        .find_keyword("default")
        .map(|keyword| &keyword.value);
    named.or_else(|| call.arguments.args.get(1))
}

fn is_list(expr: &Expr) -> bool {
    match expr {
        Expr::List(_) | Expr::Tuple(_) => true,
        Expr::BinOp(sum) => is_list(&sum.right),
        _ => false,
    }
}

/// Returns the front of a text, of `most` bytes or fewer, at a character's end.
fn cut(text: &str, most: usize) -> &str {
    &text[..text.floor_char_boundary(most)]
}
