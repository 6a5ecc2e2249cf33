//! The configuration of pre-commit and prek: a local repository with our hooks.

use std::path::{Path, PathBuf};

use super::{Addition, Form};
use crate::hook::Event;

const YAML: &str = ".pre-commit-config.yaml";

/// Returns the file of this repository that `command` reads.
pub(super) fn file(top: &Path, command: &str) -> PathBuf {
    let names: &[&str] = if command == "prek" {
        &["prek.toml", YAML, ".pre-commit-config.yml"]
    } else {
        &[YAML]
    };
    names
        .iter()
        .find(|name| top.join(name).is_file())
        .map_or_else(|| PathBuf::from(YAML), PathBuf::from)
}

/// Returns our lines for this file.
pub(super) fn addition(file: &Path) -> Addition {
    let toml = file
        .extension()
        .is_some_and(|extension| extension == "toml");
    let (lines, form) = if toml {
        (toml_lines(), Form::PrekToml)
    } else {
        (yaml_lines(), Form::PreCommitYaml)
    };
    Addition {
        file: file.to_owned(),
        lines,
        form,
    }
}

/// Our hooks: id, event, stages, and whether the file with the message is handed on.
const HOOKS: [(&str, Event, &[Event], bool); 3] = [
    (
        "guard",
        Event::PreCommit,
        &[Event::PreCommit, Event::PreMergeCommit],
        false,
    ),
    ("guard-message", Event::CommitMsg, &[Event::CommitMsg], true),
    ("guard-push", Event::PrePush, &[Event::PrePush], false),
];

fn yaml_lines() -> String {
    let hook = |(id, event, stages, pass): (&str, Event, &[Event], bool)| {
        let stages = stages.iter().map(ToString::to_string).collect::<Vec<_>>();
        [
            format!("      - id: {id}"),
            format!("        name: {id}"),
            format!("        entry: guard hook {event}"),
            "        language: system".to_owned(),
            format!("        pass_filenames: {pass}"),
            "        always_run: true".to_owned(),
            format!("        stages: [{}]", stages.join(", ")),
            String::new(),
        ]
        .join("\n")
    };
    let hooks: String = HOOKS.into_iter().map(hook).collect();
    format!("  - repo: local\n    hooks:\n{hooks}")
}

fn toml_lines() -> String {
    let hook = |(id, event, stages, pass): (&str, Event, &[Event], bool)| {
        let stages: Vec<String> = stages.iter().map(|stage| format!("\"{stage}\"")).collect();
        [
            format!("  {{ id = \"{id}\", name = \"{id}\", entry = \"guard hook {event}\""),
            format!("language = \"system\", pass_filenames = {pass}, always_run = true"),
            format!("stages = [{}] }},\n", stages.join(", ")),
        ]
        .join(", ")
    };
    let hooks: String = HOOKS.into_iter().map(hook).collect();
    format!("\n[[repos]]\nrepo = \"local\"\nhooks = [\n{hooks}]\n")
}

/// Returns the YAML file with our repository as the first.
pub(super) fn add_yaml(text: &str, lines: &str) -> Result<String, &'static str> {
    let head = "repos:";
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        at += line.len();
        if line.trim_end() != head {
            continue;
        }
        let after = &text[at..];
        let item = after
            .lines()
            .find(|line| {
                let line = line.trim_start();
                !line.is_empty() && !line.starts_with('#')
            })
            .unwrap_or_default();
        let gap = if line.ends_with('\n') { "" } else { "\n" };
        let ours = match item.find("- ") {
            Some(0) => outdented(lines),
            Some(2) => lines.to_owned(),
            None if item.is_empty() => lines.to_owned(),
            _ => return Err("its `repos:` are not in the usual form"),
        };
        return Ok(format!("{}{gap}{ours}{after}", &text[..at]));
    }
    Err("it has no line `repos:`")
}

/// Returns the TOML file with our repository at its end.
pub(super) fn add_toml(text: &str, lines: &str) -> String {
    let gap = if text.is_empty() || text.ends_with('\n') {
        ""
    } else {
        "\n"
    };
    format!("{text}{gap}{lines}")
}

/// Returns the file without our lines, or `None` when they are not there just as we write them.
pub(super) fn take_out(text: &str, lines: &str) -> Option<String> {
    [lines.to_owned(), outdented(lines)]
        .iter()
        .find_map(|ours| text.split_once(ours.as_str()))
        .map(|(before, after)| format!("{before}{after}"))
}

fn outdented(lines: &str) -> String {
    lines
        .split_inclusive('\n')
        .map(|line| line.strip_prefix("  ").unwrap_or(line))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_repository_goes_first_and_comes_out_again() {
        let lines = yaml_lines();
        for text in [
            "repos:\n  - repo: meta\n    hooks: []\n",
            "default_stages: [pre-commit]\nrepos:\n- repo: meta\n  hooks: []\nexclude: x\n",
            "repos:\n\n# first\n  - repo: meta\n",
            "repos:\n",
        ] {
            let added = add_yaml(text, &lines).unwrap();
            assert!(added.contains("entry: guard hook pre-push"), "{added}");
            assert_eq!(take_out(&added, &lines).as_deref(), Some(text));
        }
        assert!(add_yaml("repos: []\n", &lines).is_err());
        let lines = toml_lines();
        let added = add_toml("fail_fast = true\n", &lines);
        let parsed: toml::Table = added.parse().unwrap();
        assert!(parsed.contains_key("repos"));
        assert_eq!(
            take_out(&added, &lines).as_deref(),
            Some("fail_fast = true\n")
        );
    }
}
