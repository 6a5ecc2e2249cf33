//! Every built-in rule holds its own examples.

use guard::detect::{Engine, failures};
use guard::rule::{Level, Rules};

use crate::repo::Repo;

#[test]
fn every_rule_finds_its_matches_and_nothing_else() {
    let mut rules = Rules::builtin();
    for index in rules.indexes() {
        if rules.level(index) == Level::Off {
            rules.set_level(index, Level::Warn);
        }
    }
    let engine = Engine::new(rules);
    let wrong: Vec<String> = engine
        .rules()
        .indexes()
        .flat_map(|index| {
            let id = engine.rules().get(index).id.clone();
            failures(&engine, index)
                .into_iter()
                .map(move |failure| format!("{id}: {failure}"))
        })
        .collect();
    assert!(
        wrong.is_empty(),
        "{} wrong:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

#[test]
fn the_page_of_rules_says_what_the_records_say() {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/RULES.md");
    let page = guard::rule::page(&Rules::builtin());
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, &page).expect("a writable page");
    }
    let written = std::fs::read_to_string(&path).expect("the page is there");
    assert!(
        written == page,
        "docs/RULES.md is behind: UPDATE=1 cargo test --test it rules"
    );
}

#[test]
fn rules_are_listed_for_programs_too() {
    let repo = Repo::new();
    let output = repo.guard(["rules", "--kind", "config", "--format", "json"]);
    assert_eq!(output.code, 0, "{output}");
    let root: serde_json::Value = serde_json::from_str(&output.stdout).expect("one object");
    assert_eq!(root["version"], 1);
    let rules = root["rules"].as_array().expect("a list");
    let rule = |id: &str| rules.iter().find(|rule| rule["rule"] == id);
    let debug = rule("django-debug-true").expect("it is a setting");
    assert_eq!(
        (&debug["level"], &debug["cwe"], &debug["fixable"]),
        (&"block".into(), &"CWE-489".into(), &true.into())
    );
    assert!(rule("github-pat").is_none(), "it is a secret");

    let output = repo.guard(["rules", "--level", "off", "--format", "jsonl"]);
    let lines: Vec<serde_json::Value> = output
        .stdout
        .lines()
        .map(|line| serde_json::from_str(line).expect("an object a line"))
        .collect();
    assert!(lines.len() > 50, "{output}");
    assert!(
        lines
            .iter()
            .all(|line| line["type"] == "rule" && line["level"] == "off")
    );

    assert_eq!(repo.guard(["rules", "--format", "sarif"]).code, 2);
}

#[test]
fn a_finding_says_whether_a_fix_can_be_written() {
    let repo = Repo::new();
    repo.write("settings.py", "DEBUG = True\nALLOWED_HOSTS = [\"*\"]\n")
        .stage();
    let output = repo.guard(["staged", "--format", "json"]);
    let root: serde_json::Value = serde_json::from_str(&output.stdout).expect("one object");
    let fixable = |id: &str| {
        let findings = root["findings"].as_array().expect("a list");
        let found = findings.iter().find(|finding| finding["rule"] == id);
        found.unwrap_or_else(|| panic!("{id}\n{output}"))["fixable"].clone()
    };
    assert_eq!(fixable("django-debug-true"), true);
    assert_eq!(fixable("django-allowed-hosts-wildcard"), false);
}
