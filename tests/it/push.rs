//! pre-push and pre-receive over real git on both ends.

use crate::repo::{Repo, filled};

const SECRET: &str = "TOKEN={{github:ghp_}}\n";
const RULE: &str = "github-pat";
/// A configuration that lets the secret pass.
const OFF: &str = "[rules]\noff = [\"github-pat\", \"generic-secret\"]\n";

/// Makes a repository with one pushed commit on `main`, guarded, and its remote `origin`.
fn pushed() -> Repo {
    let repo = Repo::new();
    repo.write("a.txt", "a\n").stage();
    repo.commit("first");
    repo.git(["init", "-q", "--bare", "../origin.git"]).ok();
    repo.git(["remote", "add", "origin", "../origin.git"]).ok();
    repo.git(["push", "-q", "-u", "origin", "main"]).ok();
    repo.guard(["install"]).ok();
    repo
}

/// Commits a file past the hooks.
fn commit(repo: &Repo, path: &str, text: &str) {
    repo.write(path, text).stage();
    repo.commit(path);
}

#[test]
fn a_clean_push_passes_in_silence_and_so_does_one_that_has_nothing_to_send() {
    let repo = pushed();
    commit(&repo, "b.txt", "b\n");
    assert_eq!(repo.git(["push", "-q"]).ok().all(), "");
    assert_eq!(repo.git(["push", "-q"]).ok().all(), "");
}

#[test]
fn a_secret_that_a_later_commit_took_out_is_stopped_and_the_way_out_is_said() {
    let repo = pushed();
    commit(&repo, "app.env", SECRET);
    commit(&repo, "app.env", "TOKEN=\n");
    let secret = repo.id("HEAD~1");
    repo.git(["push"])
        .stopped_by(RULE)
        .says(&format!("commit {}", &secret[..10]))
        .says("git rebase -i");
}

#[test]
fn what_a_remote_has_is_not_looked_at_again() {
    let repo = pushed();
    commit(&repo, "app.env", SECRET);
    repo.git(["push", "-q", "--no-verify"]).ok();
    // A new branch, a change beside the old value, a move of it, a forced push: nothing new in any of them.
    repo.git(["checkout", "-q", "-b", "topic"]).ok();
    let old = repo.read("app.env");
    commit(&repo, "app.env", &format!("{old}PORT=80\n"));
    repo.git(["mv", "app.env", "moved.env"]).ok();
    repo.commit("moved");
    repo.git(["push", "-q", "origin", "topic"])
        .ok()
        .never_says("push stopped");
    repo.git(["commit", "-q", "--no-verify", "--amend", "-m", "again"])
        .ok();
    repo.git(["push", "-q", "--force", "origin", "topic"])
        .ok()
        .never_says("push stopped");
}

#[test]
fn another_value_beside_an_old_one_is_stopped() {
    let repo = pushed();
    commit(&repo, "app.env", SECRET);
    repo.git(["push", "-q", "--no-verify"]).ok();
    let old = repo.read("app.env");
    commit(
        &repo,
        "app.env",
        &format!("{old}{}", filled("OTHER={{github:ghp_}}\n")),
    );
    let said = repo.git(["push"]).stopped_by(RULE);
    assert!(said.all().contains("1 blocking"), "{}", *said);
}

#[test]
fn new_branches_forced_pushes_and_several_refs_are_stopped() {
    let repo = pushed();
    repo.git(["checkout", "-q", "-b", "topic"]).ok();
    commit(&repo, "b.txt", "b\n");
    repo.git(["push", "-q", "origin", "topic"]).ok();
    commit(&repo, "app.env", SECRET);
    repo.git(["push", "origin", "topic:other"]).stopped_by(RULE);
    repo.git(["push", "--all", "origin"]).stopped_by(RULE);
    repo.git(["push", "origin", "HEAD^{/app.env}:refs/heads/x"])
        .stopped_by(RULE);
    repo.git(["reset", "-q", "--hard", "main"]).ok();
    commit(&repo, "app.env", SECRET);
    repo.git(["push", "--force", "origin", "topic"])
        .stopped_by(RULE);
    // The remote may know commits that this clone does not.
    repo.git(["clone", "-q", "../origin.git", "../else"]).ok();
    let other = repo.at("../else");
    other.git(["checkout", "-q", "topic"]).ok();
    other
        .git(["commit", "-q", "--allow-empty", "-m", "unknown here"])
        .ok();
    other.git(["push", "-q", "origin", "topic"]).ok();
    repo.git(["push", "--force", "origin", "topic"])
        .stopped_by(RULE);
}

#[test]
fn a_deletion_passes() {
    let repo = pushed();
    repo.git(["push", "-q", "origin", "main:gone"]).ok();
    commit(&repo, "app.env", SECRET);
    repo.git(["push", "-q", "origin", ":gone"]).ok();
}

#[test]
fn messages_of_commits_and_tags_are_looked_at() {
    let repo = pushed();
    repo.git(["tag", "-a", "v1", "-m", &filled(SECRET)]).ok();
    repo.git(["push", "origin", "v1"])
        .stopped_by(RULE)
        .says("message:1:");
    let repo = pushed();
    commit(&repo, "b.txt", "b\n");
    repo.git([
        "commit",
        "-q",
        "--no-verify",
        "--amend",
        "-m",
        &filled(SECRET),
    ])
    .ok();
    repo.git(["push"]).stopped_by(RULE).says("message:1:");
}

#[test]
fn a_tag_leads_to_the_commits_under_it() {
    let repo = pushed();
    commit(&repo, "app.env", SECRET);
    for tag in [&["tag", "v1"][..], &["tag", "-a", "v2", "-m", "two"]] {
        repo.git(tag).ok();
        repo.git([
            "push",
            "origin",
            tag.iter().find(|word| word.starts_with('v')).unwrap(),
        ])
        .stopped_by(RULE)
        .says("app.env");
    }
}

#[test]
fn a_secret_in_the_middle_of_a_branch_in_a_merge_or_without_a_diff_is_stopped() {
    for way in ["merge", "no diff"] {
        let repo = pushed();
        if way == "merge" {
            repo.git(["checkout", "-q", "-b", "side"]).ok();
            commit(&repo, "a.txt", "theirs\n");
            repo.git(["checkout", "-q", "main"]).ok();
            commit(&repo, "a.txt", "ours\n");
            repo.git(["merge", "side"]).ends(1).says("CONFLICT");
            repo.write("a.txt", SECRET).stage();
            repo.git(["commit", "-q", "--no-verify", "--no-edit"]).ok();
        } else {
            repo.write(".gitattributes", "*.env -diff\n").stage();
            commit(&repo, "app.env", SECRET);
        }
        repo.git(["push"]).stopped_by(RULE);
    }
}

#[test]
fn a_setting_that_was_mended_or_is_overridden_passes_and_one_that_stays_does_not() {
    let repo = pushed();
    commit(&repo, "shop/settings/production.py", "DEBUG = True\n");
    repo.git(["push"]).stopped_by("django-debug");
    commit(&repo, "shop/settings/production.py", "DEBUG = False\n");
    repo.git(["push", "-q"]).ok();
    commit(
        &repo,
        "shop/settings/base.py",
        "DEBUG = True\nROOT_URLCONF = 'shop.urls'\n",
    );
    repo.git(["push", "-q"]).ok();
}

#[test]
fn the_first_push_to_another_remote_says_what_was_not_looked_at_again() {
    let repo = pushed();
    repo.git(["init", "-q", "--bare", "../fork.git"]).ok();
    repo.git(["remote", "add", "fork", "../fork.git"]).ok();
    commit(&repo, "b.txt", "b\n");
    repo.git(["push", "-q", "fork", "main"])
        .ok()
        .says("fork is new here");
    repo.git(["push", "-q", "fork", "main:x"])
        .ok()
        .never_says("is new here");
}

#[test]
fn a_chained_hook_reads_the_same_lines() {
    let repo = Repo::new();
    repo.git(["init", "-q", "--bare", "../origin.git"]).ok();
    repo.git(["remote", "add", "origin", "../origin.git"]).ok();
    repo.script(".git/hooks/pre-push", "cat >seen\necho \"$1\" >>seen\n");
    repo.guard(["install"]).ok();
    commit(&repo, "app.env", SECRET);
    repo.git(["push", "origin", "main"]).stopped_by(RULE);
    let seen = repo.read("seen");
    assert!(
        seen.starts_with("refs/heads/main ") && seen.ends_with("\norigin\n"),
        "{seen}"
    );
    // One that reads nothing does not take the lines away.
    repo.script(".git/hooks/pre-push.guard-before", "exit 0\n");
    repo.git(["push", "origin", "main"]).stopped_by(RULE);
}

#[test]
fn the_range_is_taken_from_pre_commit_which_reads_the_lines_itself() {
    let mut repo = pushed();
    commit(&repo, "app.env", SECRET);
    commit(&repo, "b.txt", "b\n");
    let [from, secret, to] = ["HEAD~2", "HEAD~1", "HEAD"].map(|revision| repo.id(revision));
    repo.git(["checkout", "-q", &from]).ok();
    repo.set("PRE_COMMIT_FROM_REF", &from)
        .set("PRE_COMMIT_TO_REF", &to);
    repo.guard(["hook", "pre-push", "origin", "url"])
        .stopped_by(RULE);
    repo.set("PRE_COMMIT_FROM_REF", &secret);
    repo.guard(["hook", "pre-push", "origin", "url"]).ok();
    repo.unset("PRE_COMMIT_FROM_REF").unset("PRE_COMMIT_TO_REF");
    repo.guard(["hook", "pre-push", "origin", "url"]).ok();
    // Nothing at all is said: then the commits of HEAD are looked at.
    repo.git(["checkout", "-q", &secret]).ok();
    repo.guard(["hook", "pre-push", "origin", "url"])
        .stopped_by(RULE);
}

#[test]
fn words_that_are_not_gits_are_an_error() {
    let repo = pushed();
    repo.at("")
        .run(
            env!("CARGO_BIN_EXE_guard"),
            ["hook", "pre-push"],
            b"what is this\n",
        )
        .ends(2);
}

/// Makes a bare server that refuses secrets, and a clone whose own hooks are off.
fn server() -> Repo {
    let repo = Repo::new();
    repo.git(["init", "-q", "--bare", "-b", "main", "../server.git"])
        .ok();
    repo.guard(["install", "../server.git"]).ok();
    repo.git(["remote", "add", "origin", "../server.git"]).ok();
    commit(&repo, "a.txt", "a\n");
    repo.git(["push", "-q", "-u", "origin", "main"]).ok();
    repo
}

#[test]
fn a_server_refuses_a_push_before_it_is_taken_in() {
    let repo = server();
    commit(&repo, "b.txt", "b\n");
    repo.git(["push", "-q"]).ok();
    commit(&repo, "app.env", SECRET);
    commit(&repo, "app.env", "TOKEN=\n");
    repo.git(["push"])
        .stopped_by(RULE)
        .says("remote: error[github-pat]")
        .says("remote: guard: push stopped")
        .says("pre-receive hook declined");
    repo.git(["push", "origin", "HEAD:refs/heads/new"])
        .stopped_by(RULE);
    let secret = repo.id("HEAD~1:app.env");
    assert_ne!(
        repo.at("../server.git")
            .git(["cat-file", "-e", &secret])
            .code,
        0
    );
}

#[test]
fn a_server_looks_at_messages_tags_and_merges_and_not_again_at_what_it_has() {
    let repo = server();
    repo.git(["tag", "-a", "v1", "-m", &filled(SECRET)]).ok();
    repo.git(["push", "origin", "v1"]).stopped_by(RULE);
    repo.git(["tag", "-d", "v1"]).ok();

    // What was there before the hook is not reported again.
    let hook = repo.room().join("server.git/hooks/pre-receive");
    fs_err::rename(&hook, hook.with_extension("off")).unwrap();
    commit(&repo, "old.env", SECRET);
    repo.git(["push", "-q"]).ok();
    fs_err::rename(hook.with_extension("off"), &hook).unwrap();
    repo.git(["checkout", "-q", "-b", "topic"]).ok();
    let old = repo.read("old.env");
    commit(&repo, "old.env", &format!("{old}PORT=80\n"));
    repo.git(["push", "-q", "origin", "topic"])
        .ok()
        .never_says("push stopped");
    repo.git(["push", "-q", "origin", ":topic"]).ok();

    repo.git(["commit", "-q", "--allow-empty", "-m", &filled(SECRET)])
        .ok();
    repo.git(["push", "origin", "topic"]).stopped_by(RULE);
}

#[test]
fn who_pushes_cannot_switch_the_servers_check_off() {
    let mut repo = server();
    repo.write("guard.toml", OFF).stage();
    commit(&repo, "app.env", SECRET);
    repo.set("GUARD_SKIP", "1");
    repo.git(["push"]).stopped_by(RULE);
}

#[test]
fn a_server_keeps_to_the_configuration_of_its_own_branch() {
    let repo = server();
    commit(&repo, "guard.toml", OFF);
    repo.git(["push", "-q"]).ok();
    commit(&repo, "app.env", SECRET);
    repo.git(["push", "-q"]).ok();
}
