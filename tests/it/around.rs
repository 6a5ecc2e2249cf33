//! What stands around the program: the schema of its configuration, completions, manual pages, templates.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::repo::Repo;

fn schema() -> Value {
    let text = include_str!("../../docs/guard.schema.json");
    serde_json::from_str(text).expect("JSON")
}

fn keys(schema: &Value) -> BTreeSet<String> {
    let properties = schema["properties"].as_object().expect("an object");
    properties.keys().cloned().collect()
}

/// The parser names the keys it knows when it meets one that it does not.
fn known(text: &str) -> BTreeSet<String> {
    let error = toml::from_str::<guard::policy::Config>(text)
        .expect_err("an unknown key")
        .message()
        .to_owned();
    let mut names = error.split('`').skip(1).step_by(2);
    assert_eq!(names.next(), Some("zzzzzzzzzzzzzzzz"), "{error}");
    names.map(str::to_owned).collect()
}

#[test]
fn the_schema_and_the_parser_know_the_same_keys() {
    let schema = schema();
    let at = |pointer: &str| keys(schema.pointer(pointer).expect(pointer));
    assert_eq!(keys(&schema), known("zzzzzzzzzzzzzzzz = 1"));
    for table in ["rules", "paths", "limits"] {
        assert_eq!(
            at(&format!("/properties/{table}")),
            known(&format!("[{table}]\nzzzzzzzzzzzzzzzz = 1"))
        );
    }
    for list in ["allow", "rule"] {
        assert_eq!(
            at(&format!("/properties/{list}/items")),
            known(&format!("[[{list}]]\nzzzzzzzzzzzzzzzz = 1")),
            "docs/guard.schema.json is behind src/rule/record.rs or src/policy/config.rs"
        );
    }
    assert_eq!(
        at("/properties/rule/items/properties/pair"),
        known("[[rule]]\n[rule.pair]\nzzzzzzzzzzzzzzzz = 1")
    );
}

#[test]
fn the_program_prints_its_schema_and_says_which_configuration_holds() {
    let repo = Repo::new();
    let output = repo.guard(["config", "--schema"]).ok();
    assert_eq!(
        serde_json::from_str::<Value>(&output.stdout).expect("JSON"),
        schema()
    );
    repo.guard(["config"]).ok().says("the built-in rules hold");
    let _ = repo.write("guard.toml", "[paths]\nskip = [\"a\", \"b\"]\n");
    repo.guard(["config"])
        .ok()
        .says("guard.toml holds: 0 allowances, 2 paths left out");
}

#[test]
fn completions_are_made_for_each_shell() {
    let repo = Repo::new();
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        repo.guard(["completions", shell]).ok().says("history");
    }
}

#[test]
fn a_manual_page_is_made_for_each_command() {
    let repo = Repo::new();
    repo.guard(["man", "pages/man1"]).ok();
    assert!(repo.read("pages/man1/guard.1").contains(".TH"));
    assert!(repo.read("pages/man1/guard-ci.1").contains("accept"));
}

/// Returns the first block of that language in a page.
fn block<'p>(page: &'p str, language: &str) -> &'p str {
    let (_, rest) = page
        .split_once(&format!("```{language}\n"))
        .expect("a block");
    rest.split_once("```").expect("it ends").0
}

#[test]
fn the_configuration_that_the_page_shows_is_read_and_its_rule_finds_its_examples() {
    let repo = Repo::new();
    let text = block(include_str!("../../docs/CONFIG.md"), "toml");
    let text = text.replace("extends = \"guard.base.toml\"", "");
    let _ = repo.write_bytes("guard.toml", text.as_bytes());
    repo.guard(["config"])
        .ok()
        .says("1 allowances, 2 paths left out, 1 rules of its own");
    let rules = &text[text.find("[[rule]]").expect("a rule")..];
    let _ = repo.write_bytes("rules.toml", rules.as_bytes());
    repo.guard(["rules", "check", "rules.toml"]).ok();
    repo.write("a.txt", "T = acme_{{alnum:32}}\n").stage();
    let _ = repo.guard(["staged"]);
}

#[test]
fn the_page_of_the_json_names_every_field() {
    let repo = Repo::new();
    repo.write("a.env", "TOKEN={{github:ghp_}}\n").stage();
    let output = repo.guard(["staged", "--format", "json"]).ends(1);
    let report: Value = serde_json::from_str(&output.stdout).expect("JSON");
    let page = include_str!("../../docs/JSON.md");
    for object in [&report, &report["findings"][0], &report["summary"]] {
        for key in object.as_object().expect("an object").keys() {
            let is_named =
                page.contains(&format!("`{key}`")) || page.contains(&format!("\"{key}\""));
            assert!(is_named, "docs/JSON.md does not name {key}");
        }
    }
}

#[test]
fn the_templates_are_yaml_and_call_the_program_as_it_is() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let help = Repo::new().guard(["ci", "--help"]).ok().stdout.clone();
    for name in [
        "docs/ci/github.yml",
        "docs/ci/gitlab.yml",
        "docs/ci/azure.yml",
        "docs/ci/bitbucket.yml",
        "action.yml",
    ] {
        let text = fs_err::read_to_string(folder.join(name)).expect("a template");
        let mut parser = saphyr_parser::Parser::new_from_str(&text);
        assert!(parser.all(|event| event.is_ok()), "{name}");
        for line in text.lines().filter(|line| line.contains("guard ci")) {
            for option in line
                .split_ascii_whitespace()
                .filter(|word| word.starts_with("--"))
            {
                let is_curl = line.contains("curl");
                assert!(is_curl || help.contains(option), "{name}: {option}");
            }
        }
    }
}
