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
