//! Install, uninstall and status: in, out again without a trace, and told as it is.

use std::collections::BTreeMap;
use std::path::Path;

use crate::repo::{Repo, skipped};

const SECRET: &str = "TOKEN={{github:ghp_}}\n";
const RULE: &str = "github-pat";

/// Returns every file below a folder with its content.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs_err::read_dir(folder).expect("a readable folder") {
            let path = entry.expect("a readable folder").path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let bytes = fs_err::read(&path).unwrap_or_default();
                found.insert(path.to_string_lossy().into_owned(), bytes);
            }
        }
    }
    found
}

#[test]
fn install_says_what_it_did_and_a_second_time_changes_nothing() {
    let repo = Repo::new();
    insta::assert_snapshot!(repo.guard(["install"]), @r"
    exit 0
    --- stdout
    guard: commits, messages and pushes are checked here from now on
           hooks in .git/hooks
           check: guard status     undo: guard uninstall
    ");
    let hooks = files(&repo.top().join(".git/hooks"));
    repo.guard(["install"]).ok().says("nothing to change");
    assert_eq!(files(&repo.top().join(".git/hooks")), hooks);
}

#[test]
fn uninstall_brings_back_exactly_what_was_there() {
    let repo = Repo::new();
    repo.script(".git/hooks/pre-commit", "echo mine\n");
    repo.script("scripts/push", "echo linked\n");
    #[cfg(unix)]
    std::os::unix::fs::symlink("../../scripts/push", repo.top().join(".git/hooks/pre-push"))
        .unwrap();
    let before = files(&repo.top().join(".git"));
    repo.guard(["install"]).ok();
    repo.guard(["install", "--if-missing", "warn"]).ok();
    assert_ne!(files(&repo.top().join(".git")), before);
    insta::assert_snapshot!(repo.guard(["uninstall"]), @r"
    exit 0
    --- stdout
    guard: taken out, commits are no longer checked here
           back as before: pre-commit, pre-push
    ");
    assert_eq!(files(&repo.top().join(".git")), before);
    assert!(repo.top().join(".git/hooks/pre-push").is_symlink() || cfg!(not(unix)));
    repo.guard(["uninstall"]).ok().says("nothing to take out");
}

#[test]
fn status_tells_hook_by_hook() {
    let repo = Repo::new();
    repo.guard(["status"]).ends(1).says("off  guard install");
    repo.script(".git/hooks/pre-commit", "exit 0\n");
    repo.guard(["status"])
        .ends(1)
        .says("another hook stands there");
    repo.guard(["install"]).ok();
    let said = repo.guard(["status"]).ok();
    let hooks: Vec<&str> = said.stdout.lines().skip(1).collect();
    insta::assert_snapshot!(hooks.join("\n"), @r"
    pre-commit        on   .git/hooks/pre-commit  (runs .git/hooks/pre-commit.guard-before first)
    pre-merge-commit  on   .git/hooks/pre-merge-commit
    commit-msg        on   .git/hooks/commit-msg
    pre-push          on   .git/hooks/pre-push
    post-commit       on   .git/hooks/post-commit
    config            none, the defaults hold
    ");
    repo.write("guard.toml", "[ruls]\n");
    repo.guard(["status"]).ends(1).says("ruls");
}

#[test]
#[cfg(unix)]
fn a_hook_that_git_passes_over_is_told() {
    use std::os::unix::fs::PermissionsExt as _;
    let repo = Repo::new();
    repo.guard(["install"]).ok();
    let hook = repo.top().join(".git/hooks/pre-push");
    fs_err::set_permissions(&hook, std::fs::Permissions::from_mode(0o644)).unwrap();
    repo.guard(["status"]).ends(1).says("not executable");
    repo.guard(["install"]).ok();
    repo.guard(["status"]).ok();
}

#[test]
fn two_hooks_that_are_not_ours_are_never_overwritten() {
    let repo = Repo::new();
    repo.script(".git/hooks/pre-commit", "echo one\n");
    repo.guard(["install"]).ok();
    repo.script(".git/hooks/pre-commit", "echo two\n");
    repo.guard(["install"]).ends(2).says("neither is guard's");
    assert!(repo.read(".git/hooks/pre-commit").contains("two"));
    assert!(
        repo.read(".git/hooks/pre-commit.guard-before")
            .contains("one")
    );
}

#[test]
fn outside_of_a_repository_the_way_in_is_said() {
    let room = Repo::bare_room(Path::new("plain"));
    for command in ["install", "uninstall", "status"] {
        room.guard([command])
            .ends(2)
            .says("is not inside a git repository")
            .says("git init");
    }
}

#[test]
fn hooks_go_where_git_looks_for_them_not_where_it_usually_does() {
    let repo = Repo::named("my repo");
    fs_err::write(repo.top().join(".git/info/exclude"), "/own hooks/\n").unwrap();
    repo.git(["config", "core.hooksPath", "own hooks"]).ok();
    repo.write("sub/a.txt", "a\n").stage();
    repo.at("sub").guard(["install"]).ok().says("own hooks");
    assert!(repo.top().join("own hooks/pre-commit").is_file());
    assert!(!repo.top().join(".git/hooks/pre-commit").exists());
    repo.write("app.env", SECRET).stage();
    repo.at("sub").git(["commit", "-m", "x"]).stopped_by(RULE);
}

#[test]
fn a_folder_of_hooks_that_everybody_gets_is_changed_only_when_asked() {
    let repo = Repo::new();
    repo.script(".githooks/pre-commit", "echo team\n");
    repo.git(["config", "core.hooksPath", ".githooks"]).ok();
    let before = files(repo.top());
    repo.guard(["install"])
        .ends(1)
        .says("belong to this repository's folder .githooks")
        .says("guard hook pre-commit || exit 1");
    repo.guard(["status"]).ends(1).says("guard install");
    assert_eq!(files(repo.top()), before);
    repo.guard(["install", "--write"]).ok();
    repo.guard(["status"]).ok().says("through this repository");
    let path = format!(
        "{}:/usr/bin:/bin",
        Path::new(env!("CARGO_BIN_EXE_guard"))
            .parent()
            .unwrap()
            .display()
    );
    let mut repo = repo;
    repo.set("PATH", path);
    repo.write("app.env", SECRET).stage();
    repo.git(["commit", "-m", "x"]).stopped_by(RULE);
    repo.write("app.env", "TOKEN=\n").stage();
    repo.git(["commit", "-m", "x"]).ok().says("team");
    repo.guard(["uninstall"]).ok();
    let after: Vec<_> = files(&repo.top().join(".githooks")).into_iter().collect();
    assert_eq!(after.len(), 1);
    assert!(!String::from_utf8_lossy(&after[0].1).contains("guard"));
}

#[test]
fn a_script_of_everybodys_still_reads_what_git_says_of_a_push() {
    let mut repo = Repo::new();
    repo.commit("first");
    let script = "cat >seen\n";
    repo.script(".githooks/pre-push", script);
    repo.git(["config", "core.hooksPath", ".githooks"]).ok();
    repo.guard(["install", "--write"]).ok();
    let guard = Path::new(env!("CARGO_BIN_EXE_guard")).parent().unwrap();
    repo.set("PATH", format!("{}:/usr/bin:/bin", guard.display()));
    repo.git(["init", "-q", "--bare", "../origin.git"]).ok();
    repo.git(["remote", "add", "origin", "../origin.git"]).ok();
    repo.git(["push", "-q", "origin", "main"]).ok();
    assert!(repo.read("seen").starts_with("refs/heads/main "));
    // Only what git says tells that it is not HEAD which is pushed.
    repo.git(["checkout", "-q", "-b", "topic"]).ok();
    repo.write("app.env", SECRET).stage();
    repo.commit("topic");
    repo.git(["checkout", "-q", "main"]).ok();
    repo.git(["push", "origin", "topic"]).stopped_by(RULE);
    repo.guard(["uninstall"]).ok();
    assert_eq!(
        repo.read(".githooks/pre-push"),
        format!("#!/bin/sh\n{script}")
    );
}

#[test]
fn hooks_that_are_switched_off_are_an_error_that_says_where() {
    let repo = Repo::new();
    repo.git(["config", "core.hooksPath", "/dev/null"]).ok();
    repo.guard(["install"])
        .ends(2)
        .says("switched off")
        .says("core.hooksPath");
}

#[test]
fn a_folder_for_all_repositories_is_changed_only_with_global() {
    let repo = Repo::new();
    let hooks = repo.home().join("hooks");
    fs_err::create_dir_all(&hooks).unwrap();
    repo.git(["config", "--global", "core.hooksPath", "~/hooks"])
        .ok();
    repo.guard(["install"])
        .ends(1)
        .says("guard install --global");
    repo.guard(["status"])
        .ends(1)
        .says("guard install --global");
    assert_eq!(files(&hooks).len(), 0);
    repo.guard(["install", "--global"]).ok();
    repo.guard(["status"]).ok();
    repo.write("app.env", SECRET).stage();
    repo.git(["commit", "-m", "x"]).stopped_by(RULE);
    repo.guard(["uninstall", "--global"]).ok();
    assert_eq!(files(&hooks).len(), 0);
}

#[test]
fn a_template_guards_what_is_made_or_cloned_later() {
    let repo = Repo::new();
    if !is_older_than_2_54(&repo) {
        return;
    }
    let settings = fs_err::read(repo.home().join(".gitconfig")).unwrap();
    repo.guard(["install", "--global"])
        .ok()
        .says("every new repository")
        .says("one `guard install` each");
    let unset = repo.git(["config", "--global", "--get", "core.hooksPath"]);
    assert_eq!(
        unset.code, 1,
        "a global core.hooksPath would switch other hooks off"
    );
    repo.git(["init", "-q", "../new"]).ok();
    repo.write("../new/app.env", SECRET);
    repo.at("../new").git(["add", "."]).ok();
    repo.at("../new")
        .git(["commit", "-m", "x"])
        .stopped_by(RULE);
    repo.guard(["uninstall", "--global"]).ok();
    let left = String::from_utf8(fs_err::read(repo.home().join(".gitconfig")).unwrap()).unwrap();
    assert_eq!(
        left.trim_end(),
        String::from_utf8(settings).unwrap().trim_end()
    );
    assert_eq!(files(&repo.home()).len(), 1, "nothing is left behind");
}

/// Hooks in git's own configuration, for a git that runs them.
#[test]
fn hooks_in_gits_configuration_run_beside_a_repositorys_own() {
    let repo = Repo::new();
    if is_older_than_2_54(&repo) {
        skipped("this git is older than 2.54 and knows no hooks in its configuration");
        return;
    }
    repo.script(".git/hooks/pre-commit", "echo own hook\n");
    repo.guard(["install", "--global"]).ok();
    repo.guard(["status"]).ok().says("git's configuration");
    repo.write("app.env", SECRET).stage();
    repo.git(["commit", "-m", "x"])
        .stopped_by(RULE)
        .says("own hook");
    repo.guard(["install"]).ok();
    let said = repo.git(["commit", "-m", "x"]).stopped_by(RULE);
    assert_eq!(said.all().matches("commit stopped").count(), 1, "{}", *said);
    repo.guard(["uninstall", "--global"]).ok();
    repo.guard(["status"]).ends(1);
}

fn is_older_than_2_54(repo: &Repo) -> bool {
    let version = repo.git(["version"]).ok().stdout.clone();
    let mut numbers = version
        .trim_start_matches("git version ")
        .split('.')
        .map_while(|part| part.parse::<u32>().ok());
    (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0)) < (2, 54)
}
