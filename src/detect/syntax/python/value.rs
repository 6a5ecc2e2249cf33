//! Values become entries: texts and numbers as they are, containers by their items, calls by their arguments.

use ruff_python_ast::{Arguments, CmpOp, Expr, ExprCall, ExprCompare, Operator, Parameters};
use ruff_text_size::Ranged;

use super::super::Form;
use super::fold::{Value, fold};
use super::names::Names;
use super::reader::{KEY, NESTED, Reader, TEXT, VALUE, cut};
use super::span;
use crate::span::Span;

impl Reader<'_> {
    /// Writes down a value and, of a container, its items.
    pub(super) fn value(&mut self, key: &str, key_span: Span, value: &Expr, depth: usize) {
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
                // Of `(a + b).encode()` the whole text says more.
                .filter(|path| !path.starts_with('?') && !path.starts_with("str."))
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

    pub(super) fn call(&mut self, call: &ExprCall) {
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
            match &keyword.arg {
                Some(name) => {
                    self.argument(&format!("{callee}({name})"), span(name), &keyword.value);
                }
                None => self.spread(&callee, &keyword.value),
            }
        }
    }

    /// Writes down the arguments that `**` takes from a dictionary.
    fn spread(&mut self, callee: &str, value: &Expr) {
        if let Expr::Dict(dict) = value {
            for item in &dict.items {
                if let Some(Expr::StringLiteral(name)) = &item.key {
                    let key = format!("{callee}({})", name.value.to_str());
                    self.argument(&key, span(name), &item.value);
                }
            }
        }
        self.remembered(value, |name| format!("{callee}({name})"));
    }

    /// Writes down the items of the dictionary that a name was given.
    fn remembered(&mut self, value: &Expr, key: impl Fn(&str) -> String) {
        let at = span(value);
        let items: Vec<(String, String, Form)> = self
            .names
            .items(value)
            .iter()
            .map(|(name, literal)| (key(name), literal.text(), form_of(literal)))
            .collect();
        for (key, text, form) in items {
            self.add(key, at, text, at, form);
        }
    }

    /// Writes down an argument; a name that was given a literal counts as that literal.
    pub(super) fn argument(&mut self, key: &str, key_span: Span, value: &Expr) {
        let chosen = constant_choice(value, &self.names);
        match self.names.constant(value).or(chosen.as_ref()) {
            Some(literal) => {
                let form = form_of(literal);
                let text = literal.text();
                self.add(key.to_owned(), key_span, text, span(value), form);
            }
            None => {
                self.remembered(value, |name| format!("{key}.{name}"));
                self.value(key, key_span, value, NESTED);
                // `bind((HOST, 80))`: what the names in it were given.
                if let Expr::Tuple(tuple) = value {
                    for (position, item) in tuple.elts.iter().enumerate().take(20) {
                        if let Some(literal) = self.names.constant(item) {
                            let (text, form) = (literal.text(), form_of(literal));
                            let path = format!("{key}.{position}");
                            self.add(path, key_span, text, span(item), form);
                        }
                    }
                }
            }
        }
    }

    /// Writes down what parameters are when a caller does not name them.
    pub(super) fn defaults(&mut self, function: &str, parameters: &Parameters) {
        for parameter in parameters.iter_non_variadic_params() {
            if let Some(default) = parameter.default() {
                let key = format!("def {function}({})", parameter.name());
                self.value(&key, span(parameter.name()), default, NESTED);
            }
        }
    }

    /// Writes down that a name is compared with a text.
    pub(super) fn comparison(&mut self, compare: &ExprCompare) {
        if let ([CmpOp::Eq | CmpOp::NotEq], [Expr::StringLiteral(_)]) =
            (&*compare.ops, &*compare.comparators)
            && let Some(path) = self.names.path(&compare.left)
        {
            let key_span = span(&*compare.left);
            self.value(
                &format!("{path} =="),
                key_span,
                &compare.comparators[0],
                NESTED,
            );
        }
    }
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

/// Returns one of two constant texts that a condition chooses between: `"cls" if windows else "clear"`.
fn constant_choice(value: &Expr, names: &Names) -> Option<Value> {
    let Expr::If(choice) = value else { return None };
    let constant = |expr: &Expr| {
        let folded = fold(expr, names);
        let is_text = matches!(folded.value, Some(Value::Text(_))) && !folded.environment;
        folded.value.filter(|_| is_text)
    };
    constant(&choice.orelse).and(constant(&choice.body))
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
