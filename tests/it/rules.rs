//! Every built-in rule holds its own examples.

use guard::detect::{Engine, failures};
use guard::rule::{Level, Rules};

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
