//! Names lead to what they stand for: `r.get` behind `import requests as r` is `requests.get`.

use std::collections::HashMap;

use ruff_python_ast::{AnyParameterRef, Expr, ExprCall, Number, Parameters, Stmt, StmtImportFrom};

use super::fold::{Value, fold};
use super::star;

/// The longest path that is followed, in bytes; longer ones are nobody's rule.
const LONGEST: usize = 160;
/// The most links of a chain that are followed.
const LINKS: usize = 12;
/// The most items of a dictionary that are remembered: options of a call are few.
const ITEMS: usize = 16;

/// What is known of a name. That nothing is known hides what a name around it says.
#[derive(Default)]
struct Known {
    path: Option<String>,
    constant: Option<Value>,
    /// The items of a dictionary whose keys are texts and whose values are known.
    items: Vec<(String, Value)>,
}

/// What the names of a file stand for, as far as it has been read.
pub(crate) struct Names {
    /// The names of the module, then those of each function around, the innermost last.
    levels: Vec<HashMap<String, Known>>,
}

impl Default for Names {
    fn default() -> Self {
        Names {
            levels: vec![HashMap::new()],
        }
    }
}

/// Whether an assignment is sure to be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Chance {
    /// It is.
    Always,
    /// A condition or a loop stands around it.
    Sometimes,
}

impl Names {
    /// Begins a function: its parameters hide names around it.
    pub(crate) fn enter(&mut self, parameters: &Parameters) {
        let hidden = parameters.iter().map(|parameter| {
            // `archive: tarfile.TarFile` is as good as what the class returns, where the class has a module.
            let class = match parameter {
                AnyParameterRef::NonVariadic(parameter) => parameter.annotation(),
                AnyParameterRef::Variadic(_) => None,
            };
            let path = class
                .and_then(|class| self.path(class))
                .filter(|path| path.contains('.'))
                .map(|path| path + "()");
            let known = Known {
                path,
                ..Known::default()
            };
            (parameter.name().to_string(), known)
        });
        let hidden = hidden.collect();
        self.levels.push(hidden);
    }

    /// Ends a function: what its names stood for is forgotten.
    pub(crate) fn leave(&mut self) {
        if self.levels.len() > 1 {
            self.levels.pop();
        }
    }

    /// Learns from an import or an assignment; of several the last one read holds.
    pub(crate) fn learn(&mut self, statement: &Stmt, chance: Chance) {
        match statement {
            Stmt::Import(import) => {
                for alias in &import.names {
                    match &alias.asname {
                        Some(name) => self.import(name, alias.name.to_string()),
                        None => self.import(
                            alias.name.split('.').next().unwrap_or_default(),
                            String::new(),
                        ),
                    }
                }
            }
            Stmt::ImportFrom(import) => {
                let module = module(import);
                for alias in &import.names {
                    if alias.name.as_str() == "*" {
                        for name in star::names(&module) {
                            self.import(name, format!("{module}.{name}"));
                        }
                        continue;
                    }
                    let name = alias.asname.as_ref().unwrap_or(&alias.name);
                    self.import(name, format!("{module}.{}", alias.name));
                }
            }
            Stmt::Assign(assign) => {
                for target in &assign.targets {
                    self.bind(target, Some(&assign.value), chance);
                }
            }
            Stmt::AnnAssign(assign) => self.bind(&assign.target, assign.value.as_deref(), chance),
            Stmt::AugAssign(assign) => self.bind(&assign.target, None, chance),
            Stmt::For(each) => self.bind(&each.target, None, chance),
            // A class is as good as the one from another module that it is made of.
            Stmt::ClassDef(class) => {
                let base = class.bases().first().and_then(|base| self.path(base));
                let base = base.filter(|base| base.contains('.'));
                self.import(&class.name, base.unwrap_or_else(|| class.name.to_string()));
            }
            Stmt::With(with) => {
                for item in &with.items {
                    if let Some(target) = &item.optional_vars {
                        self.bind(target, Some(&item.context_expr), chance);
                    }
                }
            }
            _ => {}
        }
    }

    /// Remembers what a name was imported as; nothing where it is the path itself.
    fn import(&mut self, name: &str, path: String) {
        let known = Known {
            path: (!path.is_empty()).then_some(path),
            ..Known::default()
        };
        self.innermost().insert(name.to_owned(), known);
    }

    /// Remembers that a target holds what a call returned, or a literal.
    fn bind(&mut self, target: &Expr, value: Option<&Expr>, chance: Chance) {
        if let Expr::Tuple(targets) = target {
            for target in &targets.elts {
                self.bind(target, None, chance);
            }
            return;
        }
        let Some(target) = dotted(target, LINKS) else {
            return;
        };
        let value = value.map(unwrapped);
        let path = match value {
            Some(Expr::Call(call)) => self.path_of_call(call),
            // `get = requests.get`, `MODE = AES.MODE_ECB`.
            Some(Expr::Attribute(_)) => value.and_then(|value| self.alias(value)),
            // What calls it calls what it calls.
            Some(Expr::Lambda(lambda)) => match &*lambda.body {
                Expr::Call(call) => self.path(&call.func),
                _ => None,
            },
            _ => None,
        };
        let constant = value
            .filter(|_| chance == Chance::Always)
            .map(|value| fold(value, self))
            .filter(|folded| !folded.environment)
            .and_then(|folded| folded.value);
        let items = value
            .filter(|_| chance == Chance::Always)
            .map(|value| self.items_of(value))
            .unwrap_or_default();
        // An attribute outlives the function that sets it, but what others set it to is not known.
        let is_attribute = target.contains('.');
        let level = if is_attribute {
            &mut self.levels[0]
        } else {
            self.innermost()
        };
        let constant = constant.filter(|_| !is_attribute);
        let known = Known {
            path,
            constant,
            items,
        };
        level.insert(target, known);
    }

    /// Returns the path of what a call returns; some return what they are given.
    fn path_of_call(&self, call: &ExprCall) -> Option<String> {
        let path = self.path(&call.func)?;
        let first = call.arguments.args.first();
        match (path.as_str(), first) {
            (
                "pytest.importorskip" | "importlib.import_module" | "__import__",
                Some(Expr::StringLiteral(module)),
            ) => Some(module.value.to_str().to_owned()),
            _ => {
                let last = path.rsplit('.').next().unwrap_or_default();
                let hands_on = ["closing", "enter_context", "enter_async_context"];
                match first {
                    Some(first) if hands_on.contains(&last) => self.path(first),
                    _ => Some(path + "()"),
                }
            }
        }
    }

    /// Returns the path of an attribute of something that is known.
    fn alias(&self, value: &Expr) -> Option<String> {
        let mut root = value;
        while let Expr::Attribute(attribute) = root {
            root = &attribute.value;
        }
        let Expr::Name(root) = root else { return None };
        self.known(&root.id)?;
        self.path(value)
    }

    /// Returns the items of a short dictionary that is written out, as far as they are known.
    fn items_of(&self, value: &Expr) -> Vec<(String, Value)> {
        let mut items = Vec::new();
        let mut add = |name: &str, value: &Expr| {
            if let Some(value) = fold(value, self).value {
                items.push((name.to_owned(), value));
            }
        };
        match value {
            Expr::Dict(dict) if dict.len() <= ITEMS => {
                for item in &dict.items {
                    if let Some(Expr::StringLiteral(name)) = &item.key {
                        add(name.value.to_str(), &item.value);
                    }
                }
            }
            Expr::Call(call)
                if matches!(&*call.func, Expr::Name(name) if name.id == "dict")
                    && call.arguments.keywords.len() <= ITEMS =>
            {
                for keyword in &*call.arguments.keywords {
                    if let Some(name) = &keyword.arg {
                        add(name, &keyword.value);
                    }
                }
            }
            _ => {}
        }
        items
    }

    /// Returns the items of the dictionary that a name was last given, as far as they are known.
    pub(crate) fn items(&self, name: &Expr) -> &[(String, Value)] {
        dotted(name, LINKS)
            .and_then(|name| self.known(&name))
            .map(|known| known.items.as_slice())
            .unwrap_or_default()
    }

    fn innermost(&mut self) -> &mut HashMap<String, Known> {
        self.levels.last_mut().expect("the module's level stays")
    }

    fn known(&self, name: &str) -> Option<&Known> {
        self.levels.iter().rev().find_map(|level| level.get(name))
    }

    /// Returns the literal that a name was last given.
    pub(crate) fn constant(&self, name: &Expr) -> Option<&Value> {
        self.known(&dotted(name, LINKS)?)?.constant.as_ref()
    }

    /// Returns the dotted path of what an expression names: `flask.Flask().run`, `self.session.get`.
    pub(crate) fn path(&self, expr: &Expr) -> Option<String> {
        self.path_within(expr, LINKS)
            .filter(|path| path.len() <= LONGEST)
    }

    fn path_within(&self, expr: &Expr, links: usize) -> Option<String> {
        let links = links.checked_sub(1)?;
        match expr {
            Expr::Name(name) => Some(
                self.known(&name.id)
                    .and_then(|known| known.path.clone())
                    .unwrap_or_else(|| name.id.to_string()),
            ),
            Expr::Attribute(attribute) => {
                let known = dotted(expr, LINKS)
                    .and_then(|dotted| self.known(&dotted))
                    .and_then(|known| known.path.as_ref());
                if let Some(known) = known {
                    return Some(known.clone());
                }
                let base = self
                    .path_within(&attribute.value, links)
                    .unwrap_or_else(|| "?".to_owned());
                Some(base + "." + &attribute.attr)
            }
            Expr::Call(call) => Some(self.path_within(&call.func, links)? + "()"),
            Expr::Subscript(subscript) => {
                let base = self.path_within(&subscript.value, links)?;
                let item = match &*subscript.slice {
                    Expr::StringLiteral(key) => key.value.to_str().to_owned(),
                    Expr::NumberLiteral(number) => match &number.value {
                        Number::Int(int) => int.to_string(),
                        _ => return None,
                    },
                    _ => "[]".to_owned(),
                };
                Some(base + "." + &item)
            }
            Expr::Await(awaited) => self.path_within(&awaited.value, links),
            Expr::Named(named) => self.path_within(&named.value, links),
            Expr::StringLiteral(_) | Expr::FString(_) => Some("str".to_owned()),
            _ => None,
        }
    }
}

/// Returns the module that names are imported from, with its dots where it is relative.
pub(crate) fn module(import: &StmtImportFrom) -> String {
    let dots = ".".repeat(usize::try_from(import.level).unwrap_or(0).min(16));
    dots + import.module.as_deref().unwrap_or_default()
}

/// Returns names joined by dots, as they are written: `self.session`.
fn dotted(expr: &Expr, links: usize) -> Option<String> {
    let links = links.checked_sub(1)?;
    match expr {
        Expr::Name(name) => Some(name.id.to_string()),
        Expr::Attribute(attribute) => {
            Some(dotted(&attribute.value, links)? + "." + &attribute.attr)
        }
        _ => None,
    }
    .filter(|path| path.len() <= LONGEST)
}

fn unwrapped(expr: &Expr) -> &Expr {
    match expr {
        Expr::Await(awaited) => &awaited.value,
        _ => expr,
    }
}
