//! Names lead to what they stand for: `r.get` behind `import requests as r` is `requests.get`.

use std::collections::HashMap;

use ruff_python_ast::{Expr, Number, Stmt, StmtImportFrom};

use super::fold::{Value, fold};

/// The longest path that is followed, in bytes; longer ones are nobody's rule.
const LONGEST: usize = 160;
/// The most links of a chain that are followed.
const LINKS: usize = 12;

/// What the names of a file stand for, as far as it has been read.
#[derive(Default)]
pub(crate) struct Names {
    paths: HashMap<String, String>,
    constants: HashMap<String, Value>,
}

impl Names {
    /// Learns from an import or an assignment; of several the last one read holds.
    pub(crate) fn learn(&mut self, statement: &Stmt) {
        match statement {
            Stmt::Import(import) => {
                for alias in &import.names {
                    if let Some(name) = &alias.asname {
                        self.paths.insert(name.to_string(), alias.name.to_string());
                    }
                }
            }
            Stmt::ImportFrom(import) => {
                for alias in &import.names {
                    let name = alias.asname.as_ref().unwrap_or(&alias.name);
                    let path = format!("{}.{}", module(import), alias.name);
                    self.paths.insert(name.to_string(), path);
                }
            }
            Stmt::Assign(assign) => {
                for target in &assign.targets {
                    self.bind(target, Some(&assign.value));
                }
            }
            Stmt::AnnAssign(assign) => self.bind(&assign.target, assign.value.as_deref()),
            Stmt::With(with) => {
                for item in &with.items {
                    if let Some(target) = &item.optional_vars {
                        self.bind(target, Some(&item.context_expr));
                    }
                }
            }
            _ => {}
        }
    }

    /// Remembers that a target holds what a call returned, or a literal.
    fn bind(&mut self, target: &Expr, value: Option<&Expr>) {
        let Some(target) = dotted(target, LINKS) else {
            return;
        };
        let value = value.map(unwrapped);
        let made = match value {
            Some(Expr::Call(call)) => self.path(&call.func).map(|path| path + "()"),
            _ => None,
        };
        if let Some(value) = value
            && self.constants.len() < 10_000
        {
            let folded = fold(value, self);
            match folded.value {
                Some(literal) if !folded.environment => {
                    self.constants.insert(target.clone(), literal)
                }
                _ => self.constants.remove(&target),
            };
        }
        match made {
            Some(path) => self.paths.insert(target, path),
            None => self.paths.remove(&target),
        };
    }

    /// Returns the literal that a name was last given.
    pub(crate) fn constant(&self, name: &Expr) -> Option<&Value> {
        self.constants.get(&dotted(name, LINKS)?)
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
                self.paths
                    .get(name.id.as_str())
                    .cloned()
                    .unwrap_or_else(|| name.id.to_string()),
            ),
            Expr::Attribute(attribute) => {
                let known = dotted(expr, LINKS).and_then(|dotted| self.paths.get(&dotted));
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
