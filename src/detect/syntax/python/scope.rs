//! What class names, function names and conditions say of where the code inside them holds.

use ruff_python_ast::{BoolOp, CmpOp, Expr, UnaryOp};

use crate::detect::Scope;

/// What a condition says of its two branches.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Branches {
    /// Of the code that runs when it holds.
    pub(crate) holds: Scope,
    /// Of the code that runs when it does not.
    pub(crate) fails: Scope,
}

impl Branches {
    fn swapped(self) -> Self {
        Branches {
            holds: self.fails,
            fails: self.holds,
        }
    }
}

/// Returns what the name of a class says: `DevConfig`, `TestSettings`, `ProductionConfig`.
pub(crate) fn of_class(name: &str) -> Scope {
    of_words(name)
}

/// Returns what the name of a function says: tests, and helpers that start a server for development.
pub(crate) fn of_function(name: &str) -> Scope {
    if name.starts_with("test_") {
        return Scope::Test;
    }
    let is_development = words(name)
        .any(|word| ["dev", "develop", "development", "devserver"].contains(&word.as_str()));
    if is_development {
        Scope::Development
    } else {
        Scope::Unmarked
    }
}

/// Returns what a condition says of its branches.
pub(crate) fn of_condition(test: &Expr) -> Branches {
    within(test, 8)
}

fn within(test: &Expr, depth: usize) -> Branches {
    let Some(depth) = depth.checked_sub(1) else {
        return Branches::default();
    };
    match test {
        Expr::UnaryOp(unary) if unary.op == UnaryOp::Not => {
            if let Some(name) = last_name(&unary.operand)
                && words(&name).any(|word| word == "verify")
            {
                return Branches {
                    holds: Scope::Development,
                    fails: Scope::Unmarked,
                };
            }
            within(&unary.operand, depth).swapped()
        }
        Expr::BoolOp(both) => {
            let all: Vec<Branches> = both
                .values
                .iter()
                .take(8)
                .map(|value| within(value, depth))
                .collect();
            let holds = all
                .iter()
                .map(|branches| branches.holds)
                .find(|&scope| scope != Scope::Unmarked);
            let fails = all
                .iter()
                .map(|branches| branches.fails)
                .find(|&scope| scope != Scope::Unmarked);
            match both.op {
                BoolOp::And => Branches {
                    holds: holds.unwrap_or_default(),
                    fails: Scope::Unmarked,
                },
                BoolOp::Or => Branches {
                    holds: if all.iter().all(|branches| branches.holds != Scope::Unmarked) {
                        holds.unwrap_or_default()
                    } else {
                        Scope::Unmarked
                    },
                    fails: fails.unwrap_or_default(),
                },
            }
        }
        Expr::Compare(compare) if compare.ops.len() == 1 => {
            let left = literal(&compare.left);
            let right = literal(&compare.comparators[0]);
            let said = match (left, right) {
                (Some(text), None) | (None, Some(text)) => of_text(&text),
                _ if last_name(&compare.left).is_some() => of_truth(&compare.left),
                _ => Scope::Unmarked,
            };
            let branches = match said {
                Scope::Production => Branches {
                    holds: Scope::Production,
                    fails: Scope::Development,
                },
                scope => Branches {
                    holds: scope,
                    fails: Scope::Unmarked,
                },
            };
            match compare.ops[0] {
                CmpOp::Eq | CmpOp::Is if is_false(&compare.comparators[0]) => branches.swapped(),
                CmpOp::Eq | CmpOp::Is | CmpOp::In => branches,
                CmpOp::NotEq | CmpOp::IsNot | CmpOp::NotIn => branches.swapped(),
                _ => Branches::default(),
            }
        }
        _ => Branches {
            holds: of_truth(test),
            fails: Scope::Unmarked,
        },
    }
}

/// Returns what it says when a name, or a read of a variable, is true.
fn of_truth(expr: &Expr) -> Scope {
    let name = match expr {
        Expr::Call(call) => match call.arguments.args.first() {
            Some(Expr::StringLiteral(text)) => Some(text.value.to_str().to_owned()),
            _ => last_name(&call.func),
        },
        Expr::Subscript(subscript) => literal(&subscript.slice),
        _ => last_name(expr),
    };
    let Some(name) = name else {
        return Scope::Unmarked;
    };
    if words(&name).any(|word| ["insecure", "ci", "workflow"].contains(&word.as_str())) {
        return Scope::Development;
    }
    match of_words(&name) {
        Scope::Production => Scope::Unmarked,
        scope => scope,
    }
}

fn is_false(expr: &Expr) -> bool {
    matches!(expr, Expr::BooleanLiteral(literal) if !literal.value)
}

fn of_text(text: &str) -> Scope {
    if text.len() > 40 {
        return Scope::Unmarked;
    }
    of_words(text)
}

fn last_name(expr: &Expr) -> Option<String> {
    match expr {
        Expr::Name(name) => Some(name.id.to_string()),
        Expr::Attribute(attribute) => Some(attribute.attr.to_string()),
        _ => None,
    }
}

fn literal(expr: &Expr) -> Option<String> {
    match expr {
        Expr::StringLiteral(text) => Some(text.value.to_str().to_owned()),
        Expr::Tuple(items) => items.elts.first().and_then(literal),
        Expr::List(items) => items.elts.first().and_then(literal),
        Expr::Set(items) => items.elts.first().and_then(literal),
        _ => None,
    }
}

fn of_words(name: &str) -> Scope {
    let mut scope = Scope::Unmarked;
    for word in words(name) {
        scope = match word.as_str() {
            "test" | "tests" | "testing" | "unittest" | "ci" | "mock" | "pytest" => {
                return Scope::Test;
            }
            "dev" | "develop" | "development" | "developer" | "debug" | "local" | "localhost" => {
                Scope::Development
            }
            "prod" | "production" | "staging" | "live" if scope == Scope::Unmarked => {
                Scope::Production
            }
            _ => scope,
        };
    }
    scope
}

/// Returns the words of a name in lower case: `DevConfig` and `dev_config` are `dev` and `config`.
fn words(name: &str) -> impl Iterator<Item = String> + '_ {
    name.split(|c: char| !c.is_ascii_alphanumeric())
        .flat_map(|part| {
            let bytes = part.as_bytes();
            let mut words = Vec::new();
            let mut start = 0;
            for at in 1..bytes.len() {
                let climbs = bytes[at].is_ascii_uppercase() && !bytes[at - 1].is_ascii_uppercase();
                let falls = bytes[at].is_ascii_uppercase()
                    && bytes.get(at + 1).is_some_and(u8::is_ascii_lowercase);
                if climbs || falls {
                    words.push(part[start..at].to_ascii_lowercase());
                    start = at;
                }
            }
            words.push(part[start..].to_ascii_lowercase());
            words
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_tell_where_a_class_holds() {
        assert_eq!(of_class("DevConfig"), Scope::Development);
        assert_eq!(of_class("TestingConfig"), Scope::Test);
        assert_eq!(of_class("CIConfig"), Scope::Test);
        assert_eq!(of_class("ProductionConfig"), Scope::Production);
        assert_eq!(of_class("Config"), Scope::Unmarked);
        assert_eq!(of_class("LatestDeviceConfig"), Scope::Unmarked);
    }
}
