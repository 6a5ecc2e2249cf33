//! The hooks over real git: each way a change gets into a commit, and what stops it.

use std::ffi::OsStr;

use crate::repo::{Repo, filled, skipped};

/// A file that may not be committed.
const SECRET: &str = "TOKEN={{github:ghp_}}\n";
const RULE: &str = "github-pat";
/// What is said of a commit that no hook looked at.
const UNSEEN: &str = "this commit was not checked";

/// Makes a guarded repository with one commit.
fn guarded() -> Repo {
    let repo = Repo::new();
    repo.write("a.txt", "one\ntwo\nthree\n").stage();
    repo.commit("first");
    repo.guard(["install"]).ok();
    repo
}

#[test]
fn the_helper_knows_no_settings_of_the_person_or_the_machine() {
    let repo = Repo::new();
    let seen = repo.git(["config", "--list", "--show-scope"]).ok();
    assert!(
        seen.stdout.lines().all(|line| !line.starts_with("system")),
        "{}",
        *seen
    );
    repo.write("a.env", "A={{alnum:8}}\n").stage();
    assert!(!repo.read("a.env").contains("{{"), "the hole is filled");
}

#[test]
fn a_plain_commit_is_stopped_and_a_clean_one_passes_in_silence() {
    let repo = guarded();
    repo.write("app.env", SECRET).stage();
    let head = repo.id("HEAD");
    repo.git(["commit", "-m", "x"])
        .stopped_by(RULE)
        .says("app.env:1:")
        .says("commit stopped");
    assert_eq!(repo.id("HEAD"), head);
    repo.write("app.env", "TOKEN=\n").stage();
    let clean = repo.git(["commit", "-q", "-m", "x"]).ok();
    assert_eq!(clean.all(), "");
}

#[test]
fn the_first_commit_is_stopped() {
    let repo = Repo::new();
    repo.guard(["install"]).ok();
    repo.write("app.env", SECRET).stage();
    repo.git(["commit", "-m", "x"]).stopped_by(RULE);
}

#[test]
fn commit_all_is_stopped() {
    let repo = guarded();
    repo.write("a.txt", SECRET);
    repo.git(["commit", "-a", "-m", "x"]).stopped_by(RULE);
    repo.git(["commit", "-a", "-q", "--no-verify", "-m", "x"])
        .ok()
        .says(UNSEEN);
}

#[test]
fn commit_path_looks_at_that_path_and_at_nothing_else() {
    for only in [
        &["commit", "-m", "x", "--"][..],
        &["commit", "-m", "x", "--only", "--"],
    ] {
        let repo = guarded();
        repo.write("b.txt", "clean\n").stage();
        repo.write("a.txt", SECRET);
        repo.git([only, &["a.txt"]].concat()).stopped_by(RULE);

        let repo = guarded();
        repo.write("app.env", SECRET).stage();
        repo.write("a.txt", "changed\n");
        repo.git([only, &["a.txt"]].concat())
            .ok()
            .never_says(UNSEEN);
    }
}

#[test]
fn commit_patch_is_stopped_by_the_chosen_hunk_alone() {
    let repo = guarded();
    let lines = "line\n".repeat(30);
    repo.write("a.txt", &format!("top\n{lines}end\n")).stage();
    repo.commit("long");
    repo.write("a.txt", &format!("top, changed\n{lines}end\n{SECRET}"));
    let at = repo.at("");
    at.run("git", ["commit", "-p", "-m", "x"], b"n\ny\n")
        .stopped_by(RULE);
    at.run("git", ["commit", "-p", "-m", "x"], b"y\nn\n")
        .ok()
        .never_says(UNSEEN);
}

#[test]
fn an_amended_commit_is_stopped() {
    let repo = guarded();
    repo.write("app.env", SECRET).stage();
    repo.git(["commit", "--amend", "--no-edit"])
        .stopped_by(RULE);
}

#[test]
fn only_added_lines_decide() {
    let repo = guarded();
    repo.write("app.env", SECRET).stage();
    repo.commit("old sin");
    let more = format!("{}PORT=80\n", repo.read("app.env"));
    repo.write("app.env", &more).stage();
    repo.git(["commit", "-m", "x"]).ok();
    repo.git(["mv", "app.env", "b.env"]).ok();
    repo.git(["commit", "-m", "moved"]).ok();
}

#[test]
fn a_merge_without_conflict_is_stopped() {
    let repo = guarded();
    branch_with(&repo, "app.env", SECRET);
    repo.write("c.txt", "c\n").stage();
    repo.commit("main goes on");
    repo.git(["merge", "--no-edit", "side"]).stopped_by(RULE);
}

#[test]
fn what_a_merge_brings_from_a_remote_is_out_already_and_what_it_adds_is_stopped() {
    for conflict in [false, true] {
        let repo = guarded();
        with_remote(&repo);
        branch_with(&repo, "app.env", SECRET);
        if conflict {
            repo.git(["checkout", "-q", "side"]).ok();
            repo.write("a.txt", "theirs\n").stage();
            repo.commit("theirs");
            repo.git(["checkout", "-q", "main"]).ok();
            repo.write("a.txt", "ours\n").stage();
            repo.commit("ours");
        } else {
            repo.write("c.txt", "c\n").stage();
            repo.commit("main goes on");
        }
        repo.git(["push", "-q", "--no-verify", "origin", "side"])
            .ok();
        if !conflict {
            repo.git(["merge", "--no-edit", "origin/side"]).ok();
            continue;
        }
        repo.git(["merge", "--no-edit", "origin/side"])
            .ends(1)
            .says("CONFLICT");
        repo.write("a.txt", &format!("both\n{SECRET}")).stage();
        repo.git(["commit", "--no-edit"]).stopped_by("a.txt:2");
        repo.write("a.txt", "both\n").stage();
        repo.git(["commit", "--no-edit"]).ok();
    }
}

#[test]
fn the_end_of_a_merge_with_conflict_is_stopped() {
    let repo = guarded();
    branch_with(&repo, "a.txt", "theirs\n");
    repo.write("a.txt", "ours\n").stage();
    repo.commit("main goes on");
    repo.git(["merge", "side"]).ends(1).says("CONFLICT");
    repo.write("a.txt", SECRET).stage();
    repo.git(["commit", "--no-edit"]).stopped_by(RULE);
    repo.write("a.txt", "both\n").stage();
    repo.git(["commit", "--no-edit"]).ok().never_says(UNSEEN);
}

#[test]
fn what_git_shows_to_no_hook_is_said_and_stopped_at_the_push() {
    for way in ["cherry-pick", "rebase", "revert", "no-verify"] {
        let repo = guarded();
        with_remote(&repo);
        let said = match way {
            "cherry-pick" => {
                branch_with(&repo, "app.env", SECRET);
                repo.git(["cherry-pick", "side"]).ok()
            }
            "rebase" => {
                branch_with(&repo, "app.env", SECRET);
                repo.write("c.txt", "c\n").stage();
                repo.commit("main goes on");
                repo.git(["push", "-q", "origin", "main"]).ok();
                repo.git(["checkout", "-q", "side"]).ok();
                repo.git(["rebase", "main"]).ok()
            }
            "revert" => {
                // What brings the secret in is the revert of the commit that took it out.
                repo.write("app.env", SECRET).stage();
                repo.commit("in");
                repo.write("app.env", "TOKEN=\n").stage();
                repo.commit("out");
                repo.git(["revert", "--no-edit", "HEAD"]).ok()
            }
            _ => {
                repo.write("app.env", SECRET).stage();
                repo.git(["commit", "--no-verify", "-m", "x"]).ok()
            }
        };
        let words = if way == "rebase" {
            "of a rebase"
        } else {
            UNSEEN
        };
        assert_eq!(said.all().matches(words).count(), 1, "{way}: {}", *said);
        repo.git(["push", "origin", "HEAD"])
            .stopped_by(RULE)
            .says("push stopped");
    }
}

#[test]
fn a_linked_worktree_is_guarded_by_the_same_hooks() {
    let repo = guarded();
    repo.git(["worktree", "add", "-q", "../tree"]).ok();
    let tree = repo.at("../tree");
    fs_err::write(repo.room().join("tree/app.env"), filled(SECRET)).unwrap();
    tree.git(["add", "app.env"]).ok();
    tree.git(["commit", "-m", "x"]).stopped_by(RULE);
    tree.git(["commit", "-a", "-m", "x"]).stopped_by(RULE);
    // What is staged here is not what is staged there.
    repo.write("b.txt", "clean\n").stage();
    repo.git(["commit", "-m", "x"]).ok().never_says(UNSEEN);
}

#[test]
fn hooks_are_installed_from_a_worktree_where_git_runs_them() {
    let repo = Repo::new();
    repo.commit("first");
    repo.git(["worktree", "add", "-q", "../tree"]).ok();
    repo.at("../tree").guard(["install"]).ok();
    repo.write("app.env", SECRET).stage();
    repo.git(["commit", "-m", "x"]).stopped_by(RULE);
}

#[test]
fn a_submodule_is_a_repository_of_its_own() {
    let repo = guarded();
    repo.git(["init", "-q", "-b", "main", "../part"]).ok();
    let part = repo.at("../part");
    part.git(["commit", "-q", "--allow-empty", "-m", "first"])
        .ok();
    repo.git(["submodule", "add", "-q", "../part", "part"]).ok();
    repo.git(["commit", "-q", "-m", "part"]).ok();
    let inside = repo.at("part");
    inside.guard(["install"]).ok();
    repo.write("part/app.env", SECRET);
    inside.git(["add", "app.env"]).ok();
    inside.git(["commit", "-m", "x"]).stopped_by(RULE);
}

#[test]
fn repositories_that_the_library_cannot_read_are_guarded_all_the_same() {
    for form in [
        "--object-format=sha256",
        "--ref-format=reftable",
        "split index",
    ] {
        let repo = Repo::bare_room("repo".as_ref());
        let is_option = form.starts_with("--");
        let made = repo.git(
            ["init", "-q", "-b", "main"]
                .into_iter()
                .chain(is_option.then_some(form)),
        );
        if made.code != 0 {
            skipped(&format!("this git has no {form}"));
            continue;
        }
        if !is_option {
            repo.git(["update-index", "--split-index"]).ok();
        }
        repo.guard(["install"]).ok();
        repo.write("app.env", SECRET).stage();
        repo.git(["commit", "-m", "x"]).stopped_by(RULE);
        repo.write("app.env", "TOKEN=\n").stage();
        let clean = repo.git(["commit", "-q", "-m", "x"]).ok();
        assert_eq!(clean.all(), "", "{form}");
        with_remote_of(&repo, is_option.then_some(form));
        repo.write("app.env", SECRET).stage();
        repo.git(["commit", "-q", "--no-verify", "-m", "x"])
            .ok()
            .says(UNSEEN);
        repo.git(["push", "origin", "main"]).stopped_by(RULE);
    }
}

#[test]
fn a_commit_from_a_subdirectory_is_stopped() {
    let repo = guarded();
    repo.write("sub/dir/app.env", SECRET).stage();
    repo.write("sub/dir/b.env", SECRET);
    let sub = repo.at("sub/dir");
    sub.git(["commit", "-m", "x"])
        .stopped_by(RULE)
        .says("sub/dir/app.env");
    sub.git(["commit", "-m", "x", "app.env"]).stopped_by(RULE);
}

#[test]
#[cfg(unix)]
fn names_of_any_bytes_are_looked_at_and_shown_on_one_line() {
    use std::os::unix::ffi::OsStrExt as _;
    let names: [&[u8]; 4] = [
        b"my file.env",
        b"line\nbreak.env",
        b"caf\xe9.env",
        b"-x.env",
    ];
    for name in names {
        let repo = guarded();
        repo.write(OsStr::from_bytes(name), SECRET).stage();
        let said = repo.git(["commit", "-m", "x"]).stopped_by(RULE);
        assert!(!said.all().contains("line\nbreak"), "{}", *said);
    }
}

#[test]
fn a_finding_is_allowed_and_the_same_commit_passes() {
    for path in [false, true] {
        let repo = guarded();
        repo.write("a.txt", SECRET);
        let commit = |repo: &Repo| {
            if path {
                repo.git(["commit", "-m", "x", "a.txt"])
            } else {
                repo.git(["commit", "-a", "-m", "x"])
            }
        };
        let stopped = commit(&repo).stopped_by(RULE);
        let said = stopped.all();
        let id = said
            .split("guard allow ")
            .nth(1)
            .and_then(|rest| rest.split(' ').next())
            .expect("the screen says how to allow it");
        repo.guard(["allow", id, "--reason", "key of the public demo account"])
            .ok();
        commit(&repo).ok();
    }
}

#[test]
fn a_hook_that_was_there_runs_first_and_still_decides() {
    let repo = Repo::new();
    repo.script(".git/hooks/pre-commit", "echo first here\ntest ! -e stop\n");
    repo.guard(["install"])
        .ok()
        .says("pre-commit that was there");
    repo.write("stop", "").stage();
    repo.write("app.env", SECRET).stage();
    repo.git(["commit", "-m", "x"])
        .stopped_by("first here")
        .never_says(RULE);
    fs_err::remove_file(repo.top().join("stop")).unwrap();
    repo.git(["commit", "-m", "x"])
        .stopped_by(RULE)
        .says("first here");
}

#[test]
fn a_skip_is_said_and_noted() {
    let mut repo = guarded();
    repo.write("app.env", SECRET).stage();
    repo.set("GUARD_SKIP", "1");
    repo.git(["commit", "-q", "-m", "x"])
        .ok()
        .says("pre-commit skipped")
        .never_says(UNSEEN);
    let log = repo.read(".git/guard/log");
    assert!(
        log.lines().next().unwrap().ends_with("Z pre-commit"),
        "{log}"
    );
    repo.unset("GUARD_SKIP");
    repo.guard(["status"]).ok().says("skipped").says("2 in all");
}

#[test]
fn a_message_is_stopped_where_git_would_keep_the_words() {
    let repo = guarded();
    repo.write("b.txt", "b\n").stage();
    repo.git(["commit", "-m", "subject", "-m", &filled(SECRET)])
        .stopped_by(RULE)
        .says("message:3:")
        .says("git commit -e -F .git/COMMIT_EDITMSG");
    // Without an editor git keeps lines that look like comments.
    repo.git(["commit", "-m", &filled(&format!("subject\n\n# {SECRET}"))])
        .stopped_by(RULE);
}

#[test]
fn comments_and_the_diff_under_the_message_are_not_the_message() {
    for (setting, comment) in [("#", "#"), ("//", "//"), ("auto", "#")] {
        let mut repo = guarded();
        repo.git(["config", "core.commentString", setting]).ok();
        repo.write(
            "app.env",
            &SECRET.replace('\n', " # guard:allow github-pat -- a sample\n"),
        )
        .stage();
        let note = filled(SECRET);
        repo.script(
            "../editor",
            &format!("{{ echo subject; cat \"$1\"; }} >new && cat new >\"$1\"; rm new\nsed 's|^{comment} On branch.*|{comment} {}|' \"$1\" >new\ncat new >\"$1\"; rm new\n", note.trim()),
        );
        repo.set("GIT_EDITOR", repo.room().join("editor"));
        repo.git(["commit", "-v"]).ok();
        let message = repo.git(["log", "-1", "--format=%B"]).ok();
        assert_eq!(message.stdout.trim(), "subject", "{setting}");
    }
}

#[test]
fn the_hook_finds_guard_without_a_path_and_without_a_home() {
    let mut repo = guarded();
    repo.write("app.env", SECRET).stage();
    repo.set("PATH", "/usr/bin:/bin").unset("HOME");
    repo.git(["commit", "-m", "x"]).stopped_by(RULE);
}

#[test]
fn a_hook_without_guard_stops_with_one_line_unless_it_was_asked_to_warn() {
    for (missing, code) in [("stop", 1), ("warn", 0)] {
        let mut repo = Repo::new();
        // Ruby has a program of the same name; it must not be taken for ours.
        repo.script("../bin/guard", "echo other guard; exit 1\n");
        repo.guard(["install", "--if-missing", missing]).ok();
        let hook = repo.read(".git/hooks/pre-commit");
        let lost = hook.replace(env!("CARGO_BIN_EXE_guard"), "/nowhere/guard");
        assert_ne!(lost, hook);
        for event in ["pre-commit", "commit-msg", "post-commit"] {
            let text = lost.replace("hook=pre-commit", &format!("hook={event}"));
            fs_err::write(repo.top().join(".git/hooks").join(event), text).unwrap();
        }
        let path = format!("{}:/usr/bin:/bin", repo.room().join("bin").display());
        repo.set("PATH", path);
        repo.write("app.env", SECRET).stage();
        let said = repo
            .git(["commit", "-q", "-m", "x"])
            .ends(code)
            .says("guard: not found")
            .never_says("other guard");
        assert_eq!(
            said.all().lines().count(),
            if code == 1 { 1 } else { 2 },
            "{}",
            *said
        );
        repo.set("GUARD_SKIP", "1");
        repo.git(["commit", "-q", "--allow-empty", "-m", "x"]).ok();
    }
}

/// Commits a file on the branch `side`, past the hooks.
fn branch_with(repo: &Repo, path: &str, text: &str) {
    repo.git(["checkout", "-q", "-b", "side"]).ok();
    repo.write(path, text).stage();
    repo.commit("side");
    repo.git(["checkout", "-q", "main"]).ok();
}

/// Gives the repository a remote that has all of main.
fn with_remote(repo: &Repo) {
    with_remote_of(repo, None);
}

/// Gives the repository a remote of this form that has all of main.
fn with_remote_of(repo: &Repo, form: Option<&str>) {
    repo.git(
        ["init", "-q", "--bare", "../origin.git"]
            .into_iter()
            .chain(form),
    )
    .ok();
    repo.git(["remote", "add", "origin", "../origin.git"]).ok();
    repo.git(["push", "-q", "-u", "origin", "main"]).ok();
}
