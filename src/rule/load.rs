//! Loading turns a TOML text into rules, and says what is wrong with file, rule and line.

use super::form::Form;
use super::record::{Kind, RecordFile};
use super::{Level, Rule};

/// A mistake in a rule.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// The file is not TOML, or a field is unknown or of the wrong type.
    #[error("{file}:{line}: {message}")]
    Toml {
        /// The file.
        file: String,
        /// The line, from 1.
        line: usize,
        /// What the TOML reader says, without the text of the file.
        message: String,
    },
    /// The rule reads well but cannot work.
    #[error("{file}: rule {rule}: {message}")]
    Rule {
        /// The file.
        file: String,
        /// The id of the rule.
        rule: String,
        /// What is wrong and what to do.
        message: String,
    },
}

/// Returns the rules of a TOML text; `file` is what errors call it.
///
/// # Errors
/// Returns the first mistake: a rule that could never match is refused, not passed over.
pub fn parse(text: &str, file: &str) -> Result<Vec<Rule>, LoadError> {
    let parsed: RecordFile = toml::from_str(text).map_err(|error| {
        let (line, message) = toml_mistake(&error, text);
        LoadError::Toml {
            file: file.to_owned(),
            line,
            message,
        }
    })?;
    for rule in &parsed.rule {
        check(rule).map_err(|message| LoadError::Rule {
            file: file.to_owned(),
            rule: rule.id.clone(),
            message,
        })?;
    }
    Ok(parsed.rule)
}

/// Returns the line of a mistake in TOML and what is wrong there. What the file says is not repeated unless it is
/// plainly a name: a secret may stand in a wrong place.
pub fn toml_mistake(error: &toml::de::Error, text: &str) -> (usize, String) {
    let start = error.span().map_or(0, |span| span.start).min(text.len());
    let line = memchr::memchr_iter(b'\n', &text.as_bytes()[..start]).count() + 1;
    let message = error.message();
    let mut said = String::new();
    for (number, part) in message.split('"').enumerate() {
        said.push_str(if number % 2 == 0 { part } else { "…" });
    }
    if let Some(unknown) = said
        .split('`')
        .nth(1)
        .filter(|_| said.starts_with("unknown field"))
        && !is_plain_name(unknown)
    {
        said = said.replacen(unknown, "…", 1);
    }
    (line, said)
}

fn is_plain_name(name: &str) -> bool {
    name.len() <= 24
        && name
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || matches!(byte, b'-' | b'_'))
}

/// Tells what keeps a rule from working.
pub fn check(rule: &Rule) -> Result<(), String> {
    let kebab = |id: &str| {
        !id.is_empty()
            && id
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
    };
    if !kebab(&rule.id) {
        return Err("an id is lower-case letters, digits and `-`".to_owned());
    }
    let is_keyless_check = match rule.check.as_deref() {
        // It looks where the keywords of other rules stand.
        Some("odd") => true,
        check => rule.kind == Kind::Config && check.is_some(),
    };
    if rule.keywords.is_empty() && rule.near.is_empty() && !is_keyless_check {
        return Err("`keywords` is empty: name a literal that is in every match".to_owned());
    }
    if let Some(short) = rule.keywords.iter().find(|keyword| keyword.len() < 3) {
        return Err(format!("keyword `{short}` is shorter than three bytes"));
    }
    let looks = [
        rule.regex.is_some(),
        rule.form.is_some(),
        rule.check.is_some(),
        !rule.key.is_empty(),
    ];
    let looks = looks.iter().filter(|&&look| look).count();
    match rule.kind {
        Kind::Secret if looks != 1 => Err("give one of `regex` and `form`".to_owned()),
        Kind::Config if looks == 0 => Err("give `key`, `check` or `regex`".to_owned()),
        Kind::Path if rule.files.is_empty() => Err("`files` is empty".to_owned()),
        _ => regexes(rule),
    }?;
    if rule.kind == Kind::Secret && rule.regex.is_some() && rule.keywords.is_empty() {
        return Err(
            "a `regex` needs `keywords`: literals of which one is in every match".to_owned(),
        );
    }
    if let (Kind::Secret, Some(form)) = (rule.kind, &rule.form) {
        Form::parse(form)?;
        if rule.near.is_empty() {
            return Err("`form` needs `near`: the words that stand beside the value".to_owned());
        }
    }
    if let Some(mend) = &rule.mend {
        let writes = [mend.replace.is_some(), mend.package.is_some()];
        if rule.kind != Kind::Config || writes == [mend.package.is_some(); 2] {
            return Err(
                "`mend` is for settings, and has one of `replace` and `package`".to_owned(),
            );
        }
        if mend.package.is_some() != mend.instead_of.is_some() {
            return Err("`mend` has `package` and `instead-of`, or neither".to_owned());
        }
    }
    if rule.level != Level::Off && (rule.matches.len() < 2 || rule.no_matches.len() < 2) {
        return Err("give at least two examples under `match` and two under `no-match`".to_owned());
    }
    Ok(())
}

fn regexes(rule: &Rule) -> Result<(), String> {
    let pair = rule.pair.as_ref().map(|pair| &pair.regex);
    for pattern in [rule.regex.as_ref(), rule.value.as_ref(), pair]
        .into_iter()
        .flatten()
    {
        regex::bytes::RegexBuilder::new(pattern)
            .unicode(false)
            .build()
            .map_err(|error| format!("the regex does not compile: {error}"))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_that_could_never_match_is_refused() {
        let text = "[[rule]]\nid='a'\ntitle='A'\nwhy='w'\nfix='f'\nregex='a('\nkeywords=['abc']\n";
        let error = parse(text, "mine.toml")
            .expect_err("the regex is broken")
            .to_string();
        assert!(
            error.starts_with("mine.toml: rule a: the regex does not compile"),
            "{error}"
        );
    }

    #[test]
    fn an_unknown_field_is_refused_with_its_line() {
        let error = parse("[[rule]]\nid='a'\nregexp='x'\n", "mine.toml")
            .expect_err("regexp")
            .to_string();
        assert!(
            error.starts_with("mine.toml:3: unknown field `regexp`"),
            "{error}"
        );
    }
}
