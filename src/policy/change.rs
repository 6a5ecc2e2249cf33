//! A change of the configuration: what of it loosens, and the policy that takes only what tightens.

use super::{Allow, Policy};
use crate::rule::{Level, Rules};

/// Rules with the policy that goes with them, as one configuration means them.
type Meant<'m> = (&'m Rules, &'m Policy);

/// Returns in words, each for itself, what `head` accepts beyond `base`: rules that are off or weaker, paths that are
/// left out, a limit, allowances.
pub fn loosened(base: Meant<'_>, head: Meant<'_>) -> Vec<String> {
    let mut words = Vec::new();
    rules(base.0, head.0, &mut words);
    skips(base.1, head.1, &mut words);
    if let Some(largest) = head.1.largest
        && base.1.largest.is_none_or(|before| largest < before)
    {
        words.push(format!(
            "limits.blob: leaves out what is larger than {largest} bytes"
        ));
    }
    if base.1.archives && !head.1.archives {
        words.push("paths.archives: no longer looks into archives".to_owned());
    }
    for allow in &head.1.allow {
        if !base.1.allow.iter().any(|before| covers(before, allow)) {
            let place = allow
                .path
                .as_ref()
                .map_or_else(|| "everywhere".to_owned(), |path| format!("in {path}"));
            words.push(format!(
                "allow: {} {place} ({}): {}",
                allow.rule_id, allow.fingerprint, allow.reason
            ));
        }
    }
    words
}

fn rules(base: &Rules, head: &Rules, words: &mut Vec<String>) {
    for index in base.indexes() {
        let before = base.level(index);
        // Most of the built-in rules are as they were; a level is known without reading the rule.
        let same_place = base.is_builtin(index).then(|| head.level(index));
        if same_place.is_some_and(|after| after >= before) {
            continue;
        }
        let rule = base.get(index);
        match head.find(&rule.id) {
            None => words.push(format!("rule: takes `{}` away", rule.id)),
            Some(after) if head.level(after) < before => {
                let key = match head.level(after) {
                    Level::Off => "off",
                    _ => "warn",
                };
                words.push(format!("rules.{key}: `{}`", rule.id));
            }
            Some(after) if !base.is_builtin(index) && !same_record(rule, head.get(after)) => {
                words.push(format!("rule: changes `{}`", rule.id));
            }
            Some(_) => {}
        }
    }
}

fn skips(base: &Policy, head: &Policy, words: &mut Vec<String>) {
    let (before, after) = (base.skip.patterns(), head.skip.patterns());
    let is_new = |pattern: &&String| !before.contains(pattern) && !pattern.starts_with('!');
    let mut found = false;
    for pattern in after.iter().filter(is_new) {
        found = true;
        words.push(format!("paths.skip: {pattern}"));
    }
    // With exceptions in play, order decides: whether another order is weaker is not worked out.
    let has_exception = |patterns: &[String]| patterns.iter().any(|text| text.starts_with('!'));
    if !found && before != after && has_exception(before) {
        words.push("paths.skip: changes a list with exceptions".to_owned());
    }
}

/// Tells whether an allowance held as far and as long before.
fn covers(before: &Allow, after: &Allow) -> bool {
    let as_long = match (before.until, after.until) {
        (None, _) => true,
        (Some(before), Some(after)) => after <= before,
        (Some(_), None) => false,
    };
    before.fingerprint == after.fingerprint
        && before.rule_id == after.rule_id
        && (before.path.is_none() || before.path == after.path)
        && as_long
}

fn same_record(one: &crate::rule::Rule, other: &crate::rule::Rule) -> bool {
    serde_json::to_string(one).ok() == serde_json::to_string(other).ok()
}

/// Returns what holds for a change: `base`, and of `head` what is stricter. An allowance holds where both allow; of
/// two rules with one id both are looked for.
pub fn strictest(base: (Rules, Policy), head: Meant<'_>) -> (Rules, Policy) {
    let (mut rules, mut policy) = base;
    for index in head.0.indexes() {
        let level = head.0.level(index);
        if head.0.is_builtin(index) {
            rules.set_level(index, rules.level(index).max(level));
            continue;
        }
        let rule = head.0.get(index);
        match rules.find(&rule.id) {
            Some(known) if same_record(rules.get(known), rule) => {
                rules.set_level(known, rules.level(known).max(level));
            }
            _ => {
                rules.push(rule.clone());
                let last = rules.indexes().last().expect("one was just added");
                rules.set_level(last, level);
            }
        }
    }
    policy.allow = policy
        .allow
        .iter()
        .flat_map(|before| {
            let narrower = |after: &Allow| match (covers(before, after), covers(after, before)) {
                (true, _) => Some(after.clone()),
                (false, true) => Some(before.clone()),
                (false, false) => None,
            };
            head.1.allow.iter().filter_map(narrower)
        })
        .collect();
    policy.skip = policy.skip.and(head.1.skip.clone());
    policy.largest = match (policy.largest, head.1.largest) {
        (Some(before), Some(after)) => Some(before.max(after)),
        _ => None,
    };
    policy.archives |= head.1.archives;
    (rules, policy)
}
