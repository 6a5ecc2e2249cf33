//! The pieces of a text that a program puts together: what is constant, and the values between.

use std::cell::Cell;

use ruff_python_ast::{Expr, ExprCall, InterpolatedStringElement, Operator};

use super::known::Known;

/// How deep names and sums are followed.
const DEPTH: usize = 14;
/// How many pieces one text may have: what goes on is not looked at.
const STEPS: usize = 2000;
/// The most bytes of a text behind its first value that are kept.
const BACK: usize = 4096;

/// The pieces of a text that is put together.
#[derive(Default)]
pub(super) struct Pieces<'a> {
    /// The constant text up to the first value.
    pub(super) front: String,
    pub(super) values: Vec<&'a Expr>,
    /// The constant text behind it.
    pub(super) back: String,
    /// The values of names that it is made of.
    pub(super) touched: Vec<&'a Expr>,
}

impl<'a> Pieces<'a> {
    /// Adds a constant text at the end.
    fn push(&mut self, text: &str) {
        if self.values.is_empty() {
            self.front.push_str(text);
        } else if self.back.len() < BACK {
            self.back.push(' ');
            self.back.push_str(text);
        }
    }

    fn join(&mut self, other: Pieces<'a>) {
        self.push(&other.front);
        self.values.extend(other.values);
        self.push(&other.back);
        self.touched.extend(other.touched);
    }
}

/// Returns the pieces of an expression that is a text, and how many steps it took to find them.
pub(super) fn of<'a>(expr: &'a Expr, known: &Known<'a>) -> (Option<Pieces<'a>>, usize) {
    let gatherer = Gatherer {
        known,
        left: Cell::new(STEPS),
    };
    let pieces = gatherer.gather(expr, None, DEPTH);
    (pieces, STEPS - gatherer.left.get())
}

struct Gatherer<'k, 'a> {
    known: &'k Known<'a>,
    left: Cell<usize>,
}

impl<'a> Gatherer<'_, 'a> {
    /// Returns the pieces of an expression; None where it is no text, or nothing is known of it.
    fn gather(&self, expr: &'a Expr, inside: Option<usize>, depth: usize) -> Option<Pieces<'a>> {
        let depth = depth.checked_sub(1)?;
        self.left.set(self.left.get().checked_sub(1)?);
        let mut pieces = Pieces::default();
        match expr {
            Expr::StringLiteral(text) => pieces.push(text.value.to_str()),
            Expr::FString(text) => {
                for element in text.value.elements() {
                    match element {
                        InterpolatedStringElement::Literal(literal) => pieces.push(&literal.value),
                        InterpolatedStringElement::Interpolation(field) => {
                            self.add(&mut pieces, &field.expression, inside, depth);
                        }
                    }
                }
            }
            Expr::BinOp(sum) if sum.op == Operator::Mod => {
                pieces = self.gather(&sum.left, inside, depth)?;
                match &*sum.right {
                    Expr::Tuple(values) => {
                        self.add_all(&mut pieces, values.elts.iter(), inside, depth);
                    }
                    Expr::Dict(values) => {
                        let values = values.items.iter().map(|item| &item.value);
                        self.add_all(&mut pieces, values, inside, depth);
                    }
                    value => self.add(&mut pieces, value, inside, depth),
                }
            }
            Expr::BinOp(sum) if sum.op == Operator::Add => {
                return self.sum(expr, inside, depth);
            }
            Expr::Call(call) => return self.call(call, inside, depth),
            Expr::If(choice) => {
                let (body, other) = (&*choice.body, &*choice.orelse);
                pieces = self.gather(body, inside, depth).unwrap_or_default();
                if pieces.front.is_empty() {
                    return self.gather(other, inside, depth);
                }
                self.add(&mut pieces, other, inside, depth);
            }
            Expr::Named(named) => return self.gather(&named.value, inside, depth),
            Expr::Name(_) | Expr::Attribute(_) => {
                let index = self.known.of(expr, inside)?;
                let given = self.known.at(index);
                let value = given.value?;
                pieces = self.gather(value, Some(index), depth)?;
                pieces.touched.push(value);
                self.add_all(&mut pieces, given.grown.iter().copied(), inside, depth);
            }
            _ => return None,
        }
        Some(pieces)
    }

    /// Adds what an expression is made of, or the expression itself as a value.
    fn add(&self, to: &mut Pieces<'a>, expr: &'a Expr, inside: Option<usize>, depth: usize) {
        match self.gather(expr, inside, depth) {
            Some(pieces) => to.join(pieces),
            None => to.values.push(expr),
        }
    }

    fn add_all(
        &self,
        to: &mut Pieces<'a>,
        exprs: impl Iterator<Item = &'a Expr>,
        inside: Option<usize>,
        depth: usize,
    ) {
        for expr in exprs.take(STEPS) {
            self.add(to, expr, inside, depth);
        }
    }

    /// Gathers the operands of a chain of `+`, from left to right; one of them has to be a text.
    fn sum(&self, expr: &'a Expr, inside: Option<usize>, depth: usize) -> Option<Pieces<'a>> {
        let mut operands = Vec::new();
        let mut rest = expr;
        while let Expr::BinOp(sum) = rest
            && sum.op == Operator::Add
        {
            operands.push(&*sum.right);
            rest = &sum.left;
        }
        operands.push(rest);
        let mut pieces = Pieces::default();
        let mut is_text = false;
        for operand in operands.into_iter().rev().take(STEPS) {
            match self.gather(operand, inside, depth) {
                Some(inner) => {
                    pieces.join(inner);
                    is_text = true;
                }
                None => pieces.values.push(operand),
            }
        }
        is_text.then_some(pieces)
    }

    /// Gathers what `format`, `join` and their kind make.
    fn call(&self, call: &'a ExprCall, inside: Option<usize>, depth: usize) -> Option<Pieces<'a>> {
        let arguments = &call.arguments;
        let (name, receiver) = match &*call.func {
            Expr::Attribute(method) => (method.attr.as_str(), Some(&*method.value)),
            Expr::Name(name) => (name.id.as_str(), None),
            _ => return None,
        };
        match (name, receiver) {
            ("format" | "replace", Some(receiver)) => {
                let mut pieces = self.gather(receiver, inside, depth)?;
                let from = usize::from(name == "replace");
                let values = arguments.args.iter().skip(from);
                let named = arguments.keywords.iter().map(|keyword| &keyword.value);
                self.add_all(&mut pieces, values.chain(named), inside, depth);
                Some(pieces)
            }
            ("join", Some(receiver)) => {
                let between = self.gather(receiver, inside, depth)?;
                let list = arguments.args.first()?;
                let list = self.known.value(list).unwrap_or(list);
                let parts = match list {
                    Expr::List(list) => &list.elts,
                    Expr::Tuple(list) => &list.elts,
                    _ => return None,
                };
                let mut pieces = Pieces::default();
                for (at, part) in parts.iter().enumerate().take(STEPS) {
                    if at > 0 {
                        pieces.push(&between.front);
                    }
                    self.add(&mut pieces, part, inside, depth);
                }
                pieces.touched.push(list);
                Some(pieces)
            }
            ("strip" | "lstrip" | "rstrip" | "encode" | "lower" | "upper", Some(receiver)) => {
                self.gather(receiver, inside, depth)
            }
            ("dedent" | "cleandoc" | "str", _) => {
                self.gather(arguments.args.first()?, inside, depth)
            }
            _ => None,
        }
    }
}
