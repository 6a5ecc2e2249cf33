//! Folding works out what an expression is when no variable of the environment is set.
//!
//! `os.environ.get("DEBUG", "True") == "True"` is true then: the default decides what an installation does whose
//! owner sets nothing. What cannot be worked out is unknown, never guessed.

use ruff_python_ast::{
    Arguments, BoolOp, CmpOp, Expr, ExprCall, ExprFString, InterpolatedStringElement, Number,
    Operator, UnaryOp,
};

use super::names::Names;

/// The longest text that is put together here, in bytes.
const LONG: usize = 4096;

/// A value that is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Value {
    /// A text.
    Text(String),
    /// True or false.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// `None`.
    None,
}

impl Value {
    /// Returns what `bool()` says of it.
    pub(crate) fn truth(&self) -> bool {
        match self {
            Value::Text(text) => !text.is_empty(),
            Value::Bool(value) => *value,
            Value::Int(value) => *value != 0,
            Value::None => false,
        }
    }

    /// Returns what a parser of truth values says of it: the text `False` is false.
    fn parsed_truth(&self) -> Option<bool> {
        match self {
            Value::Text(text) => match text.trim().to_ascii_lowercase().as_str() {
                "true" | "yes" | "on" | "1" | "t" | "y" => Some(true),
                "false" | "no" | "off" | "0" | "f" | "n" | "" | "none" => Some(false),
                _ => None,
            },
            other => Some(other.truth()),
        }
    }

    /// Returns it as Python writes it; a text without its quotes.
    pub(crate) fn text(&self) -> String {
        match self {
            Value::Text(text) => text.clone(),
            Value::Bool(true) => "True".to_owned(),
            Value::Bool(false) => "False".to_owned(),
            Value::Int(value) => value.to_string(),
            Value::None => "None".to_owned(),
        }
    }
}

/// What is known of an expression.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Folded {
    /// Its value when nothing is set in the environment, where that is known.
    pub(crate) value: Option<Value>,
    /// Whether it reads the environment.
    pub(crate) environment: bool,
    /// Whether its truth is that of a text as it stands in the environment, so that `False` is true.
    pub(crate) unparsed: bool,
}

impl Folded {
    fn known(value: Value) -> Self {
        Folded {
            value: Some(value),
            ..Folded::default()
        }
    }

    fn with(self, value: Option<Value>) -> Self {
        Folded {
            value,
            environment: self.environment,
            unparsed: false,
        }
    }

    fn join(self, other: &Folded, value: Option<Value>) -> Self {
        Folded {
            value,
            environment: self.environment || other.environment,
            unparsed: false,
        }
    }

    fn truth(&self) -> Option<bool> {
        self.value.as_ref().map(Value::truth)
    }
}

/// Returns what is known of the expression.
pub(crate) fn fold(expr: &Expr, names: &Names) -> Folded {
    within(expr, names, 10)
}

fn within(expr: &Expr, names: &Names, depth: usize) -> Folded {
    let Some(depth) = depth.checked_sub(1) else {
        return Folded::default();
    };
    let of = |expr: &Expr| within(expr, names, depth);
    match expr {
        Expr::StringLiteral(text) => Folded::known(Value::Text(text.value.to_str().to_owned())),
        Expr::FString(text) => written_out(text).map_or_else(Folded::default, Folded::known),
        Expr::BinOp(sum) if sum.op == Operator::Add => {
            let (left, right) = (of(&sum.left), of(&sum.right));
            match (&left.value, &right.value) {
                (Some(Value::Text(a)), Some(Value::Text(b)))
                    if !left.environment && !right.environment && a.len() + b.len() < LONG =>
                {
                    Folded::known(Value::Text(a.clone() + b))
                }
                _ => Folded {
                    environment: left.environment || right.environment,
                    ..Folded::default()
                },
            }
        }
        Expr::BooleanLiteral(literal) => Folded::known(Value::Bool(literal.value)),
        Expr::NoneLiteral(_) => Folded::known(Value::None),
        Expr::NumberLiteral(number) => match &number.value {
            Number::Int(int) => int
                .as_i64()
                .map(Value::Int)
                .map_or_else(Folded::default, Folded::known),
            _ => Folded::default(),
        },
        Expr::Name(_) | Expr::Attribute(_) => names
            .constant(expr)
            .cloned()
            .map_or_else(Folded::default, Folded::known),
        Expr::UnaryOp(unary) if unary.op == UnaryOp::Not => {
            let operand = of(&unary.operand);
            let value = operand.truth().map(|truth| Value::Bool(!truth));
            operand.with(value)
        }
        Expr::BoolOp(both) if both.values.len() <= 8 => {
            let values: Vec<Folded> = both.values.iter().map(of).collect();
            any_or_all(both.op, &values)
        }
        Expr::Compare(compare) if compare.ops.len() == 1 => compared(
            &of(&compare.left),
            compare.ops[0],
            &compare.comparators[0],
            &of,
        ),
        Expr::If(choice) => {
            let test = of(&choice.test);
            let Some(truth) = test.truth() else {
                return Folded::default();
            };
            let chosen = of(if truth { &choice.body } else { &choice.orelse });
            let value = chosen.value.clone();
            test.join(&chosen, value)
        }
        Expr::Subscript(subscript) => {
            let is_environment = names
                .path(&subscript.value)
                .is_some_and(|path| path == "os.environ" || path == "environ");
            Folded {
                value: None,
                environment: is_environment,
                unparsed: is_environment,
            }
        }
        Expr::Call(call) => called(call, names, &of),
        _ => Folded::default(),
    }
}

/// Returns a formatted text that has nothing to fill in.
fn written_out(text: &ExprFString) -> Option<Value> {
    let mut whole = String::new();
    for element in text.value.elements() {
        match element {
            InterpolatedStringElement::Literal(literal) if whole.len() < LONG => {
                whole.push_str(&literal.value);
            }
            _ => return None,
        }
    }
    Some(Value::Text(whole))
}

fn any_or_all(op: BoolOp, values: &[Folded]) -> Folded {
    let environment = values.iter().any(|value| value.environment);
    let unparsed = op == BoolOp::Or && values.iter().any(|value| value.unparsed);
    let stops = |value: &&Folded| value.truth() != Some(op == BoolOp::And);
    let decisive = values.iter().find(stops).or(values.last());
    Folded {
        value: decisive.and_then(|value| value.value.clone()),
        environment,
        unparsed,
    }
}

fn compared(left: &Folded, op: CmpOp, right: &Expr, of: &dyn Fn(&Expr) -> Folded) -> Folded {
    let among: Option<&[Expr]> = match right {
        Expr::Tuple(items) => Some(&items.elts),
        Expr::List(items) => Some(&items.elts),
        Expr::Set(items) => Some(&items.elts),
        _ => None,
    };
    if let (CmpOp::In | CmpOp::NotIn, Some(items)) = (op, among) {
        let items: Vec<Option<Value>> = items.iter().take(32).map(|item| of(item).value).collect();
        let known = left.value.is_some() && items.iter().all(Option::is_some);
        let holds = items.contains(&left.value) == (op == CmpOp::In);
        return left.clone().with(known.then_some(Value::Bool(holds)));
    }
    let right = of(right);
    let value = match (&left.value, &right.value) {
        (Some(a), Some(b)) => match op {
            CmpOp::Eq | CmpOp::Is => Some(Value::Bool(a == b)),
            CmpOp::NotEq | CmpOp::IsNot => Some(Value::Bool(a != b)),
            _ => None,
        },
        _ => None,
    };
    left.clone().join(&right, value)
}

fn called(call: &ExprCall, names: &Names, of: &dyn Fn(&Expr) -> Folded) -> Folded {
    let path = names.path(&call.func).unwrap_or_default();
    let last = path.rsplit('.').next().unwrap_or_default();
    let arguments = &call.arguments;
    if let Expr::Attribute(method) = &*call.func
        && ["lower", "upper", "strip", "split", "title", "casefold"].contains(&last)
    {
        let text = of(&method.value);
        let value = text.value.as_ref().and_then(|value| match value {
            Value::Text(text) => Some(Value::Text(match last {
                "lower" | "casefold" => text.to_lowercase(),
                "upper" => text.to_uppercase(),
                _ => text.clone(),
            })),
            _ => None,
        });
        return text.with(value);
    }
    let [first, ..] = &*arguments.args else {
        return Folded::default();
    };
    if reads_environment(&path) && first.is_string_literal_expr() {
        return read(&path, arguments, of);
    }
    let inner = of(first);
    let lower = last.to_ascii_lowercase();
    let value = match (lower.as_str(), &inner.value) {
        ("bool", value) => {
            let truth = value.as_ref().map(|value| Value::Bool(value.truth()));
            return Folded {
                value: truth,
                ..inner
            };
        }
        ("str", Some(value)) => Some(Value::Text(value.text())),
        ("int", Some(Value::Text(text))) => text.trim().parse().ok().map(Value::Int),
        ("int", Some(value)) => Some(Value::Int(i64::from(value.truth()))),
        ("csv", value) => value.clone(),
        (_, Some(value))
            if lower.contains("bool")
                || lower.contains("true")
                || lower == "loads"
                || lower == "literal_eval" =>
        {
            value.parsed_truth().map(Value::Bool)
        }
        _ => None,
    };
    inner.with(value)
}

/// Returns what a read of the environment gives when the variable is not set.
fn read(path: &str, arguments: &Arguments, of: &dyn Fn(&Expr) -> Folded) -> Folded {
    let default = arguments
        .find_keyword("default")
        .map(|keyword| &keyword.value)
        .or_else(|| arguments.args.get(1));
    let is_os = path.starts_with("os.") || path.starts_with("environ.get");
    let default = match default {
        Some(default) => of(default).value,
        None if is_os => Some(Value::None),
        None => None,
    };
    let casts = path.to_ascii_lowercase().contains("bool")
        || arguments.find_keyword("cast").is_some_and(|cast| {
            matches!(&cast.value, Expr::Name(name) if name.id.to_ascii_lowercase().contains("bool"))
        });
    let value = if casts {
        default
            .and_then(|default| default.parsed_truth())
            .map(Value::Bool)
    } else {
        default
    };
    Folded {
        value,
        environment: true,
        unparsed: is_os && !casts,
    }
}

/// Tells whether a function reads the environment, by its name: `os.getenv`, `environ.Env()`, `decouple.config`.
fn reads_environment(path: &str) -> bool {
    let lower = path.to_ascii_lowercase();
    lower.split('.').any(|part| {
        part.contains("env") && !part.contains("envelope") || part == "config" || part == "config()"
    })
}
