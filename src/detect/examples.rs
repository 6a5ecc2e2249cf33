//! A rule's examples are run through the whole engine: a wrong keyword, bound or validator fails as well as
//! a wrong regex.

use std::borrow::Cow;

use bstr::BStr;

use super::{Engine, Match, make, validate};
use crate::blob::Regions;
use crate::rule::{Example, Kind, Level, Rule, RuleIndex, check, fill};

/// Returns what is wrong with a rule's examples, one sentence each; nothing when all hold.
pub fn failures(engine: &Engine, index: RuleIndex) -> Vec<String> {
    let rule = engine.rules().get(index);
    let mut failures: Vec<String> = check(rule).err().into_iter().collect();
    if let Some(name) = rule.validate.as_deref()
        && validate::find(name).is_none()
    {
        failures.push(format!("`validate` names no validator: {name}"));
    }
    if let Some(name) = rule.pair.as_ref().and_then(|pair| pair.validate.as_deref())
        && validate::find(name).is_none()
    {
        failures.push(format!("`validate` of the pair names no validator: {name}"));
    }
    if engine.rules().level(index) == Level::Off {
        return failures;
    }
    for (number, example) in rule.matches.iter().enumerate() {
        let own = engine.rules().level(index);
        let expected = match example {
            Example::File {
                level: Some(level), ..
            } => own.min(*level),
            _ => own,
        };
        match found(engine, rule, example)
            .iter()
            .find(|found| found.rule == index)
        {
            None => failures.push(format!("`match` {} is not found", number + 1)),
            // What is judged by its surroundings has the level that they give it.
            Some(found) if rule.regex.is_some() && found.level != expected => {
                failures.push(format!(
                    "`match` {} is found at level {:?}, not {expected:?}",
                    number + 1,
                    found.level
                ));
            }
            Some(_) => {}
        }
    }
    for (number, example) in rule.no_matches.iter().enumerate() {
        if found(engine, rule, example)
            .iter()
            .any(|found| found.rule == index)
        {
            failures.push(format!("`no-match` {} is found", number + 1));
        }
    }
    failures
}

/// Returns what the engine finds in an example once its holes are filled.
fn found(engine: &Engine, rule: &Rule, example: &Example) -> Vec<Match> {
    let (path, text) = match example {
        Example::Text(text) if rule.kind == Kind::Path => {
            return engine.scan_path(BStr::new(&fill(text, &make)));
        }
        Example::Text(text)
        | Example::File {
            text, path: None, ..
        } => (Cow::Owned(usual_path(rule)), text),
        Example::File {
            path: Some(path),
            text,
            ..
        } => (Cow::Borrowed(path.as_str()), text),
    };
    engine.scan(
        fill(text, &make).as_bytes(),
        &Regions::Whole,
        Some(BStr::new(path.as_bytes())),
    )
}

/// Returns a path that the rule's first glob matches, or a plain text file where it has none.
fn usual_path(rule: &Rule) -> String {
    rule.files.first().map_or_else(
        || "example.txt".to_owned(),
        |glob| glob.replace("**/", "").replace('*', "x"),
    )
}
