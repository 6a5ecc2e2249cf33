//! A rule that is broken on purpose fails its own examples: they prove what the record says.

use guard::detect::{Engine, failures};
use guard::rule::{Kind, Level, Rule, RuleIndex, Rules};

/// What parses the whole value: the lengths in the regex are only where it starts to look.
const PARSED: [&str; 9] = [
    "pem",
    "pem-base64",
    "pkcs8-base64",
    "gcp-service-account",
    "pgp",
    "putty",
    "jwt",
    "supabase-service-role",
    "kubernetes-service-account",
];

/// Returns the rule with one thing wrong in each copy, and what that is.
fn mutants(rule: &Rule) -> Vec<(String, Rule)> {
    let mut mutants = Vec::new();
    for (at, keyword) in rule.keywords.iter().enumerate() {
        let mut mutant = rule.clone();
        "\u{1}\u{2}\u{3}".clone_into(&mut mutant.keywords[at]);
        mutants.push((format!("without the keyword {keyword}"), mutant));
    }
    // A checksum that fails lowers a finding to a warning, which changes nothing where the rule only warns.
    if rule.validate.is_some() && rule.level == Level::Block {
        let mut mutant = rule.clone();
        mutant.validate = None;
        mutants.push(("without its validator".to_owned(), mutant));
    }
    let is_parsed = |name: &str| PARSED.contains(&name);
    if rule.validate.as_deref().is_some_and(is_parsed) {
        return mutants;
    }
    for (from, to) in shorter(rule.regex.as_deref().unwrap_or_default()) {
        let mut mutant = rule.clone();
        mutant.regex = Some(to);
        mutants.push((format!("one shorter at {from}"), mutant));
    }
    mutants
}

/// Returns the regex with the least of one repetition lowered by one, for each that asks for ten or more.
fn shorter(regex: &str) -> Vec<(String, String)> {
    let lowered = |(start, _): (usize, &str)| {
        let rest = &regex[start + 1..];
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let least: usize = rest[..digits].parse().ok().filter(|&least| least >= 10)?;
        let to = format!("{}{{{}{}", &regex[..start], least - 1, &rest[digits..]);
        Some((regex[start..].chars().take(8).collect(), to))
    };
    regex.match_indices('{').filter_map(lowered).collect()
}

#[test]
fn a_rule_that_is_broken_fails_its_examples() {
    let rules = Rules::builtin();
    let secrets = rules.indexes().map(|index| rules.get(index));
    let with_regex = secrets
        .filter(|rule| rule.kind == Kind::Secret && rule.regex.is_some())
        // Its dozen schemes are one rule, and not each of them has an example.
        .filter(|rule| rule.id != "password-hash");
    let mut tried = 0;
    let mut survivors = Vec::new();
    for rule in with_regex {
        for (what, mutant) in mutants(rule) {
            tried += 1;
            let engine = Engine::new(Rules::only(vec![mutant]));
            if failures(&engine, RuleIndex(0)).is_empty() {
                survivors.push(format!("{} {what}", rule.id));
            }
        }
    }
    assert!(tried > 900, "{tried} tried");
    assert!(
        survivors.is_empty(),
        "{} of {tried} are not noticed:\n{}",
        survivors.len(),
        survivors.join("\n")
    );
}
