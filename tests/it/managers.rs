//! Other hook managers, the real programs: guard runs through each, and comes out again.
//!
//! A program that is not on the PATH is skipped with a word; the places its files take are tested in `src/hook`.
#![cfg(unix)]

use std::path::{Path, PathBuf};

use crate::repo::{Repo, skipped};

const SECRET: &str = "TOKEN={{github:ghp_}}\n";
const RULE: &str = "github-pat";

/// Makes a repository in which `manager` and `guard` are on the PATH, or says that it is skipped.
fn with(manager: &str) -> Option<Repo> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    if !std::env::split_paths(&path).any(|folder| folder.join(manager).is_file()) {
        skipped(&format!("{manager} is not on the PATH"));
        return None;
    }
    let mut repo = Repo::new();
    let guard = Path::new(env!("CARGO_BIN_EXE_guard"))
        .parent()
        .map(PathBuf::from);
    let folders = guard.into_iter().chain(std::env::split_paths(&path));
    repo.set(
        "PATH",
        std::env::join_paths(folders).expect("they were one PATH"),
    );
    repo.set("PRE_COMMIT_HOME", repo.home().join("pre-commit"));
    repo.set("PREK_HOME", repo.home().join("prek"));
    repo.set("NO_COLOR", "1");
    // lefthook cannot run before the first commit.
    repo.commit("first");
    repo.git(["init", "-q", "--bare", "../origin.git"]).ok();
    repo.git(["remote", "add", "origin", "../origin.git"]).ok();
    Some(repo)
}

/// Commits and pushes, with and without a secret: what every manager has to let through to guard.
fn is_guarded(repo: &Repo) {
    repo.guard(["status"]).ok();
    repo.write("app.env", SECRET).stage();
    repo.git(["commit", "-m", "x"]).stopped_by(RULE);
    repo.git(["commit", "-a", "-m", "x"]).stopped_by(RULE);
    repo.write("app.env", "TOKEN=\n").stage();
    repo.git(["commit", "-m", "x", "-m", &crate::repo::filled(SECRET)])
        .stopped_by(RULE)
        .says("message:3:");
    repo.git(["commit", "-q", "-m", "x"])
        .ok()
        .never_says("was not checked");
    repo.git(["push", "-q", "origin", "main"]).ok();
    repo.write("other.env", SECRET).stage();
    repo.commit("past the hooks");
    repo.git(["push", "origin", "main"]).stopped_by(RULE);
}

/// Lets guard tell first, which changes nothing, and then write; `code` is 1 where a step is left to the manager.
fn written(repo: &Repo, file: &str, code: i32) -> Option<String> {
    let before = fs_err::read_to_string(repo.top().join(file)).ok();
    repo.guard(["install"])
        .ends(1)
        .says("guard hook pre-commit")
        .says(file);
    assert_eq!(fs_err::read_to_string(repo.top().join(file)).ok(), before);
    repo.guard(["status"]).ends(1);
    repo.guard(["install", "--write"]).ends(code);
    let text = repo.read(file);
    repo.guard(["install", "--write"]).ends(code);
    assert_eq!(repo.read(file), text, "a second time changes nothing");
    before
}

/// Takes guard out, and holds the file against what it was.
fn taken_out(repo: &Repo, file: &str, before: Option<&str>) {
    repo.guard(["uninstall"]).ok();
    let after = fs_err::read_to_string(repo.top().join(file)).ok();
    assert_eq!(after.as_deref(), before);
    repo.guard(["status"]).ends(1);
}

#[test]
fn husky_lets_guard_stop_a_commit() {
    let Some(repo) = with("husky") else { return };
    repo.at("").run("husky", [""; 0], b"").ok();
    repo.write(".husky/pre-commit", "echo tests run\n").stage();
    let before = written(&repo, ".husky/pre-commit", 0);
    is_guarded(&repo);
    taken_out(&repo, ".husky/pre-commit", before.as_deref());
    assert!(!repo.top().join(".husky/pre-push").exists());
}

#[test]
fn lefthook_lets_guard_stop_a_commit() {
    let Some(repo) = with("lefthook") else { return };
    repo.write(
        "lefthook.yml",
        "pre-commit:\n  jobs:\n    - run: echo tests run\n",
    )
    .stage();
    repo.at("").run("lefthook", ["install"], b"").ok();
    let before = written(&repo, "lefthook.yml", 1);
    repo.at("").run("lefthook", ["install"], b"").ok();
    is_guarded(&repo);
    taken_out(&repo, "lefthook.yml", before.as_deref());
}

#[test]
fn pre_commit_and_prek_let_guard_stop_a_commit() {
    for command in ["pre-commit", "prek"] {
        let Some(repo) = with(command) else { continue };
        let config = "repos:\n  - repo: local\n    hooks:\n      - id: own\n        name: own\n        entry: echo own\n        language: system\n";
        repo.write(".pre-commit-config.yaml", config).stage();
        repo.at("").run(command, ["install"], b"").ok();
        let before = written(&repo, ".pre-commit-config.yaml", 0);
        repo.git(["add", "."]).ok();
        is_guarded(&repo);
        // Every stage through the manager, with the hooks that guard put in before kept by it.
        let all = [
            "install",
            "-t",
            "commit-msg",
            "-t",
            "pre-push",
            "-t",
            "pre-merge-commit",
        ];
        repo.at("").run(command, all, b"").ok();
        repo.guard(["status"]).ok();
        repo.git(["push", "origin", "main"]).stopped_by(RULE);
        // All files, by hand: nothing is staged, and it is not called clean.
        let said = repo
            .at("")
            .run(command, ["run", "--all-files"], b"")
            .stopped_by(RULE);
        assert!(said.all().contains("other.env"), "{}", *said);
        taken_out(&repo, ".pre-commit-config.yaml", before.as_deref());
    }
}

#[test]
fn prek_lets_guard_stop_a_commit_by_its_own_file() {
    let Some(repo) = with("prek") else { return };
    repo.write(
        "prek.toml",
        "[[repos]]\nrepo = \"builtin\"\nhooks = [{ id = \"check-json\" }]\n",
    )
    .stage();
    repo.at("").run("prek", ["install"], b"").ok();
    let before = written(&repo, "prek.toml", 0);
    repo.git(["add", "."]).ok();
    is_guarded(&repo);
    taken_out(&repo, "prek.toml", before.as_deref());
}

#[test]
fn the_hooks_that_guard_offers_to_pre_commit_and_prek_stop_a_commit() {
    for command in ["pre-commit", "prek"] {
        let Some(repo) = with(command) else { continue };
        let manifest = Path::new(env!("CARGO_MANIFEST_DIR")).join(".pre-commit-hooks.yaml");
        // The hooks that are built on first use are built of the same entries.
        let text = fs_err::read_to_string(manifest)
            .unwrap()
            .replace("language: rust", "language: system");
        repo.git(["init", "-q", "-b", "main", "../guard"]).ok();
        let _ = repo.write_bytes("../guard/.pre-commit-hooks.yaml", text.as_bytes());
        let sources = repo.at("../guard");
        sources.git(["add", "."]).ok();
        sources.git(["commit", "-q", "-m", "x"]).ok();
        let head = sources
            .git(["rev-parse", "HEAD"])
            .ok()
            .stdout
            .trim()
            .to_owned();
        let url = repo.room().join("guard");
        let config = format!(
            "repos:\n  - repo: {}\n    rev: {head}\n    hooks:\n      - id: guard\n      - id: guard-message\n      - id: guard-push\n",
            url.display()
        );
        let _ = repo.write_bytes(".pre-commit-config.yaml", config.as_bytes());
        repo.git(["add", "."]).ok();
        let types = [
            "install",
            "-t",
            "pre-commit",
            "-t",
            "commit-msg",
            "-t",
            "pre-push",
        ];
        repo.at("").run(command, types, b"").ok();
        repo.guard(["install"]).ok();
        is_guarded(&repo);
    }
}
