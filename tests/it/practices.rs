//! `guard practices`: the ten practices, what serves each, and how a repository stands with them.

use crate::repo::{Output, Repo};

/// Returns the line of the card that begins with this number.
fn line(output: &Output, number: usize) -> String {
    let starts = |line: &&str| line.trim_start().starts_with(&format!("{number}  "));
    let line = output.stdout.lines().find(starts);
    line.unwrap_or_else(|| panic!("no line {number}\n{output}"))
        .to_owned()
}

fn shop() -> Repo {
    let repo = Repo::new();
    repo.write("shop/settings.py", "import os\n\nDEBUG = True\n")
        .stage();
    repo.write("requirements.txt", "pycrypto==2.6.1\nrequests==2.32.0\n")
        .stage();
    repo.write("app.env", "TOKEN={{github:ghp_}}\n").stage();
    repo.write(
        "Dockerfile",
        "FROM python:3.7\nRUN pip install -r requirements.txt\n",
    )
    .stage();
    repo.commit("first");
    repo
}

#[test]
fn the_card_names_all_ten_and_fails_those_that_are_broken() {
    let repo = shop();
    let output = repo.guard(["practices"]);
    assert_eq!(output.code, 0, "a list informs\n{output}");
    for (number, title, word) in [
        (1, "Use a current Python", "FAIL"),
        (2, "Use virtual environments", "ok"),
        (3, "Turn debug off in production", "FAIL"),
        (4, "Commit no passwords or keys", "FAIL"),
        (5, "Look out for poisoned packages", "ok"),
        (6, "Import from where you mean to", "ok"),
        (7, "Build no SQL from strings", "ok"),
        (8, "Use pycryptodome, not pycrypto", "FAIL"),
        (9, "Check the code as Bandit does", "ok"),
        (10, "Keep servers and images up to date", "ok"),
    ] {
        let line = line(&output, number);
        assert!(
            line.contains(title) && line.contains(word),
            "{line}\n{output}"
        );
    }
    let head = &repo.id("HEAD")[..10];
    let output = output.ok().says(&format!("HEAD {head} (4 files)"));
    output
        .says("shop/settings.py:3  django-debug-true")
        .says("requirements.txt:1  dep-pycrypto")
        .says("guard: 6 of 10 practices hold, 4 fail");
}

#[test]
fn with_check_a_broken_practice_is_exit_code_one() {
    let repo = shop();
    let _ = repo.guard(["practices", "--check"]).ends(1);
    let _ = repo.guard(["practices", "--check", "--exit-zero"]).ok();
    repo.write("shop/settings.py", "DEBUG = False\n").stage();
    repo.git(["rm", "-q", "requirements.txt", "app.env", "Dockerfile"])
        .ok();
    repo.commit("mended");
    repo.guard(["practices", "--check"])
        .ok()
        .says("guard: 10 of 10 practices hold");
}

#[test]
fn head_is_looked_at_and_not_the_disk_unless_that_is_asked_for() {
    let repo = shop();
    let _ = repo.write("shop/settings.py", "DEBUG = False\n");
    let output = repo.guard(["practices"]).ok().says("shop/settings.py:3");
    assert!(line(&output, 3).contains("FAIL"), "{}", *output);
    let output = repo
        .guard(["practices", "--disk"])
        .ok()
        .says("the files on disk");
    assert!(line(&output, 3).contains("ok"), "{}", *output);
}

#[test]
fn outside_of_git_and_before_the_first_commit_the_files_on_disk_are_looked_at() {
    let repo = Repo::bare_room("plain".as_ref());
    let _ = repo.write("settings.py", "DEBUG = True\n");
    repo.guard(["practices"])
        .ok()
        .says("no git repository")
        .says("settings.py:1  django-debug-true");
    let repo = Repo::new();
    let _ = repo.write("settings.py", "DEBUG = True\n");
    repo.guard(["practices"])
        .ok()
        .says("no commit yet")
        .says("settings.py:1  django-debug-true");
}

#[test]
fn one_practice_is_told_with_its_checks_and_every_finding() {
    let repo = Repo::new();
    for name in ["a", "b", "c", "d", "e"] {
        repo.write(format!("{name}/settings.py"), "DEBUG = True\n")
            .stage();
    }
    repo.commit("five");
    repo.guard(["practices"])
        .ok()
        .says("c/settings.py:1")
        .says("… and 2 more: guard practices 3")
        .never_says("d/settings.py");
    repo.guard(["practices", "3"])
        .ok()
        .says("e/settings.py:1")
        .says("block flask-run-debug-true")
        .never_says("Use a current Python");
    let _ = repo.guard(["practices", "11"]).ends(2);
}

#[test]
fn a_base_setting_is_judged_by_the_siblings_in_head() {
    let repo = Repo::new();
    repo.write("s/settings/base.py", "DEBUG = True\n").stage();
    repo.write(
        "s/settings/production.py",
        "from .base import *\nDEBUG = False\n",
    )
    .stage();
    repo.commit("both");
    let output = repo.guard(["practices"]).ok();
    assert!(line(&output, 3).contains("warn"), "{}", *output);
}

#[test]
fn the_card_is_json_for_programs_and_never_holds_a_secret() {
    let repo = shop();
    let secret = crate::repo::filled("{{github:ghp_}}");
    let output = repo
        .guard(["practices", "--format", "json", "--output", "text:card.txt"])
        .ok();
    let card: serde_json::Value = serde_json::from_str(&output.stdout).expect("JSON");
    assert_eq!(card["version"], 1);
    assert_eq!(card["commit"], repo.id("HEAD"));
    let practices = card["practices"].as_array().expect("a list");
    assert_eq!(practices.len(), 10);
    assert_eq!(practices[2]["state"], "fails");
    assert_eq!(practices[2]["findings"][0]["rule"], "django-debug-true");
    assert_eq!(practices[1]["state"], "holds");
    assert!(
        practices
            .iter()
            .all(|one| one["checks"].as_array().is_some_and(|all| !all.is_empty()))
    );
    assert!(!output.stdout.contains(&secret));
    let text = repo.read("card.txt");
    assert!(
        text.contains("guard: 6 of 10 practices hold") && !text.contains(&secret),
        "{text}"
    );
    repo.guard(["practices", "--format", "sarif"])
        .ends(2)
        .says("text or json");
}

#[test]
fn a_practice_whose_checks_are_all_off_is_not_said_to_hold() {
    let repo = Repo::new();
    let rules = guard::rule::Rules::builtin();
    let of_one: Vec<String> = rules
        .indexes()
        .map(|index| rules.get(index))
        .filter(|rule| guard::rule::Practice::of(rule).is_some_and(|one| one.number == 1))
        .map(|rule| format!("{:?}", rule.id))
        .collect();
    repo.write(
        "guard.toml",
        &format!("[rules]\noff = [{}]\n", of_one.join(", ")),
    )
    .stage();
    repo.commit("off");
    let output = repo
        .guard(["practices"])
        .ok()
        .says("9 of 10 practices hold, 1 off");
    assert!(line(&output, 1).contains("off"), "{}", *output);
}
