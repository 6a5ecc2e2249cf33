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
//! | `def f(verify=False)` | `def f(verify)` | `False` |
//! | `if password == "x"` | `password ==` | `x` |
//! | `DEBUG = os.getenv("DEBUG", "1")` | `DEBUG(default)` | `1` |
//! | `DEBUG = os.getenv("DEBUG")` | `DEBUG(unparsed)` | the expression |
//! | `from Crypto.Cipher import DES` | `import` | `Crypto.Cipher.DES` |
//! | `assert x`, `except: pass` | `assert`, `except` | , `pass` |
//! | `@csrf_exempt` | `@django.views.decorators.csrf.csrf_exempt` | |

use std::collections::HashMap;

use ruff_python_ast::visitor::source_order::{SourceOrderVisitor, walk_expr, walk_stmt};
use ruff_python_ast::{Decorator, ExceptHandler, Expr, Stmt, StmtClassDef, StmtIf};
use ruff_text_size::TextRange;

use super::super::{Entry, Form};
use super::names::{Chance, Names, module};
use super::scope::{of_class, of_condition, of_function};
use super::span;
use crate::detect::Scope;
use crate::span::Span;

/// The most bytes kept of a value that is an expression.
pub(super) const VALUE: usize = 512;
/// The most bytes kept of a text.
pub(super) const TEXT: usize = 4096;
/// The longest key path, in bytes.
pub(super) const KEY: usize = 200;
/// How deep containers are followed.
pub(super) const NESTED: usize = 16;

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

pub(super) struct Reader<'s> {
    pub(super) source: &'s str,
    pub(super) names: Names,
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

    pub(super) fn add(
        &mut self,
        key: String,
        key_span: Span,
        value: String,
        value_span: Span,
        form: Form,
    ) {
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

    pub(super) fn text_of(&self, range: TextRange) -> String {
        let text = &self.source[range.start().to_usize()..range.end().to_usize()];
        cut(text, VALUE).to_owned()
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

    /// Writes down handlers that do nothing, of any error: one that is named is expected.
    fn handlers(&mut self, handlers: &[ExceptHandler]) {
        for ExceptHandler::ExceptHandler(handler) in handlers {
            let is_any = handler.type_.as_deref().is_none_or(catches_all);
            if let ([Stmt::Pass(_) | Stmt::Continue(_)], true) = (&*handler.body, is_any) {
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
            reader.visit_body(&class.body);
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
            Stmt::ClassDef(class) => {
                self.class(class);
                return self.names.learn(statement, Chance::Sometimes);
            }
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
                self.defaults(&function.name, &function.parameters);
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
        match expr {
            Expr::Call(call) => self.call(call),
            Expr::Compare(compare) => self.comparison(compare),
            _ => {}
        }
        walk_expr(self, expr);
    }

    fn visit_annotation(&mut self, _: &'a Expr) {}
}

/// Tells whether what an `except` names is every error there is.
fn catches_all(named: &Expr) -> bool {
    match named {
        Expr::Name(name) => matches!(name.id.as_str(), "Exception" | "BaseException"),
        Expr::Tuple(names) => names.elts.iter().any(catches_all),
        _ => false,
    }
}

/// Returns the front of a text, of `most` bytes or fewer, at a character's end.
pub(super) fn cut(text: &str, most: usize) -> &str {
    &text[..text.floor_char_boundary(most)]
}
