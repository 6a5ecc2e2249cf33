//! A condition says where the code behind it runs: `if (process.env.NODE_ENV !== "production")`.

use crate::detect::found::Scope;

/// Returns the scope of the code that a condition guards, and of its other branch.
pub(crate) fn of_condition(condition: &str) -> (Scope, Scope) {
    let text: String = condition
        .chars()
        .filter(|c| !c.is_whitespace())
        .map(|c| {
            if matches!(c, '\'' | '`') {
                '"'
            } else {
                c.to_ascii_lowercase()
            }
        })
        .collect();
    let has = |marks: &[&str]| marks.iter().any(|mark| text.contains(mark));
    // A negation before the whole: `!env.IsDevelopment()`.
    let negated = text.starts_with("!(")
        || text.starts_with('!') && !text.contains("&&") && !text.contains("||");
    let production = has(&[
        "==\"production\"",
        "===\"production\"",
        "==\"prod\"",
        "===\"prod\"",
        "isproduction",
        "production?",
        "is_production",
        "isprod",
        "config_env()==:prod",
        "mix.env()==:prod",
    ]);
    let not_production = has(&[
        "!=\"production\"",
        "!==\"production\"",
        "!=\"prod\"",
        "!==\"prod\"",
        "!=production",
    ]);
    let development = has(&[
        "isdevelopment",
        "development?",
        "==\"development\"",
        "==\"dev\"",
        "==\"local\"",
        "isdev",
        "is_dev",
        "islocal",
        "environment(\"local\")",
        "debug_assertions",
        "buildconfig.debug",
        "dev?",
        "local?",
        "mix.env()==:dev",
        "__dev__",
        "config_env()==:dev",
        "developmentmode",
        "devmode",
    ]) || is_debug(&text);
    let test = has(&[
        "test?",
        "==\"test\"",
        "istest",
        "mix.env()==:test",
        "config_env()==:test",
        "runningunittests",
    ]);
    let (yes, no) = if not_production || (production && negated) {
        (Scope::Development, Scope::Production)
    } else if development {
        if negated {
            (Scope::Production, Scope::Development)
        } else {
            (Scope::Development, Scope::Unmarked)
        }
    } else if test {
        (Scope::Test, Scope::Unmarked)
    } else if production {
        (Scope::Production, Scope::Development)
    } else {
        (Scope::Unmarked, Scope::Unmarked)
    };
    (yes, no)
}

/// Tells whether the condition is a debug flag: `debug`, `app.debug`, `config("app.debug")`.
fn is_debug(text: &str) -> bool {
    let text = text.trim_matches(['(', ')', '!', '{']);
    text == "debug"
        || text.ends_with(".debug")
        || text.ends_with("app.debug\"")
        || text.ends_with("_debug")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conditions_name_their_place() {
        for (condition, scope) in [
            ("process.env.NODE_ENV !== 'production'", Scope::Development),
            ("process.env.NODE_ENV === 'production'", Scope::Production),
            ("env.IsDevelopment()", Scope::Development),
            ("!env.IsDevelopment()", Scope::Production),
            ("Rails.env.development?", Scope::Development),
            ("config('app.debug')", Scope::Development),
            ("user.isAdmin", Scope::Unmarked),
            ("config_env() == :prod", Scope::Production),
        ] {
            assert_eq!(of_condition(condition).0, scope, "{condition}");
        }
    }
}
