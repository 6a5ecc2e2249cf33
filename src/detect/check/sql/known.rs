//! What the names of a Python file were last given, as far as it has been read.

use std::collections::HashMap;

use ruff_python_ast::{Expr, Parameters};

/// Something that a name was given.
pub(super) struct Given<'a> {
    name: &'a str,
    /// None where nothing is known of it: a parameter, what a loop takes out.
    pub(super) value: Option<&'a Expr>,
    /// What was added to it since by `+=`.
    pub(super) grown: Vec<&'a Expr>,
    /// What the name held before.
    before: Option<usize>,
}

/// What names hold: those of the file, of each function around, and the attributes of the class around.
pub(super) struct Known<'a> {
    given: Vec<Given<'a>>,
    frames: Vec<HashMap<&'a str, usize>>,
    attributes: HashMap<&'a str, usize>,
}

impl Default for Known<'_> {
    fn default() -> Self {
        Known {
            given: Vec::new(),
            frames: vec![HashMap::new()],
            attributes: HashMap::new(),
        }
    }
}

impl<'a> Known<'a> {
    /// Begins a function: of its parameters nothing is known.
    pub(super) fn enter(&mut self, parameters: &'a Parameters) {
        self.frames.push(HashMap::new());
        for parameter in parameters {
            self.bind_name(parameter.name().as_str(), None);
        }
    }

    /// Ends a function.
    pub(super) fn leave(&mut self) {
        if self.frames.len() > 1 {
            self.frames.pop();
        }
    }

    /// Begins a class; returns the attributes of the one around.
    pub(super) fn enter_class(&mut self) -> HashMap<&'a str, usize> {
        std::mem::take(&mut self.attributes)
    }

    /// Ends a class.
    pub(super) fn leave_class(&mut self, around: HashMap<&'a str, usize>) {
        self.attributes = around;
    }

    /// Remembers what a target is given. Returns the name by which it is known.
    pub(super) fn bind(&mut self, target: &'a Expr, value: Option<&'a Expr>) -> Option<&'a str> {
        match target {
            Expr::Name(name) => {
                self.bind_name(name.id.as_str(), value);
                Some(name.id.as_str())
            }
            Expr::Attribute(_) => {
                let name = own_attribute(target)?;
                let before = self.attributes.get(name).copied();
                let index = self.add(name, value, before);
                self.attributes.insert(name, index);
                Some(name)
            }
            Expr::Tuple(targets) => {
                for target in &targets.elts {
                    self.bind(target, None);
                }
                None
            }
            _ => None,
        }
    }

    /// Remembers what a class gives one of its own names: methods call it `self.name`.
    pub(super) fn bind_of_class(&mut self, name: &'a str) {
        if let Some(index) = self.frames.last().and_then(|frame| frame.get(name)) {
            self.attributes.insert(name, *index);
        }
    }

    fn bind_name(&mut self, name: &'a str, value: Option<&'a Expr>) {
        let before = self.lookup(name);
        let index = self.add(name, value, before);
        if let Some(frame) = self.frames.last_mut() {
            frame.insert(name, index);
        }
    }

    fn add(&mut self, name: &'a str, value: Option<&'a Expr>, before: Option<usize>) -> usize {
        self.given.push(Given {
            name,
            value,
            grown: Vec::new(),
            before,
        });
        self.given.len() - 1
    }

    /// Remembers that something is added to the end of what a target holds.
    pub(super) fn grow(&mut self, target: &Expr, value: &'a Expr) {
        if let Some(index) = self.of(target, None) {
            self.given[index].grown.push(value);
        }
    }

    fn lookup(&self, name: &str) -> Option<usize> {
        let mut frames = self.frames.iter().rev();
        frames.find_map(|frame| frame.get(name).copied())
    }

    /// Returns what an expression that is a name holds. `inside` is the value that the expression is part of: what a
    /// name stands for in its own value is what it held before.
    pub(super) fn of(&self, expr: &Expr, inside: Option<usize>) -> Option<usize> {
        let (name, found) = match expr {
            Expr::Name(name) => (name.id.as_str(), self.lookup(&name.id)),
            _ => {
                let name = own_attribute(expr)?;
                (name, self.attributes.get(name).copied())
            }
        };
        match inside {
            Some(index) if self.given[index].name == name => self.given[index].before,
            _ => found,
        }
    }

    /// Returns what was given there.
    pub(super) fn at(&self, index: usize) -> &Given<'a> {
        &self.given[index]
    }

    /// Returns the value that a name was last given.
    pub(super) fn value(&self, expr: &Expr) -> Option<&'a Expr> {
        self.of(expr, None)
            .and_then(|index| self.given[index].value)
    }
}

/// Returns the name of an attribute of the object itself: `self.query` is `query`.
fn own_attribute(expr: &Expr) -> Option<&str> {
    let Expr::Attribute(attribute) = expr else {
        return None;
    };
    let is_own =
        matches!(&*attribute.value, Expr::Name(name) if matches!(name.id.as_str(), "self" | "cls"));
    is_own.then_some(attribute.attr.as_str())
}
