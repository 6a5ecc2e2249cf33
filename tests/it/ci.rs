//! `guard ci` over real git: what a branch brings in, and what its base holds already.

use crate::repo::{Output, Repo, filled};

const SECRET: &str = "TOKEN={{github:ghp_}}\n";
const RULE: &str = "github-pat";
const OFF: &str = "[rules]\noff = [\"github-pat\", \"generic-secret\"]\n";

/// Makes a repository with a base commit, on a branch of its own.
fn branched() -> Repo {
    let repo = Repo::new();
    repo.write("a.txt", "a\n").stage();
    repo.commit("first");
    repo.git(["checkout", "-q", "-b", "topic"]).ok();
    repo
}

fn commit(repo: &Repo, path: &str, text: &str) {
    repo.write(path, text).stage();
    repo.commit(path);
}

fn ci(repo: &Repo) -> Output {
    repo.guard(["ci", "--base", "main"])
}

fn json(output: &str) -> serde_json::Value {
    serde_json::from_str(output).expect("JSON")
}

#[test]
fn a_clean_branch_passes_and_says_what_was_looked_at() {
    let repo = branched();
    commit(&repo, "b.txt", "b\n");
    ci(&repo)
        .ok()
        .says("1 commit")
        .says("clean in 1 blob, 1 commit");
}

#[test]
fn a_secret_that_a_later_commit_took_out_blocks_and_its_first_commit_is_named() {
    let repo = branched();
    commit(&repo, "app.env", SECRET);
    let secret = repo.id("HEAD");
    let text = repo.read("app.env");
    commit(&repo, "app.env", &format!("PORT=80\n{text}"));
    commit(&repo, "app.env", "PORT=80\n");
    let output = repo
        .guard(["ci", "--base", "main", "--format", "json"])
        .ends(1);
    let report = json(&output.stdout);
    let findings = report["findings"].as_array().expect("a list");
    assert_eq!(findings.len(), 1, "{}", *output);
    assert_eq!(findings[0]["commit"], secret.as_str());
    assert_eq!(findings[0]["in_head"], false);
    assert_eq!(findings[0]["author"], "Ada <ada@example.com>");
    assert_eq!(findings[0]["date"], "2026-03-01T12:00:00Z");
}

#[test]
fn of_several_versions_of_a_file_the_last_is_shown_with_the_commit_that_began_it() {
    let repo = branched();
    commit(&repo, "app.env", SECRET);
    let secret = repo.id("HEAD");
    let text = repo.read("app.env");
    commit(&repo, "app.env", &format!("PORT=80\n{text}"));
    let output = repo
        .guard(["ci", "--base", "main", "--format", "json"])
        .ends(1);
    let report = json(&output.stdout);
    assert_eq!(
        report["findings"].as_array().map(Vec::len),
        Some(1),
        "{}",
        *output
    );
    assert_eq!(report["findings"][0]["line"], 2);
    assert_eq!(report["findings"][0]["commit"], secret.as_str());
    assert_eq!(report["findings"][0]["in_head"], true);
}

#[test]
fn secrets_in_a_merge_resolution_and_in_a_message_block() {
    let repo = branched();
    commit(&repo, "b.txt", "b\n");
    repo.git(["checkout", "-q", "-b", "side", "main"]).ok();
    commit(&repo, "b.txt", "c\n");
    repo.git(["checkout", "-q", "topic"]).ok();
    assert_ne!(repo.git(["merge", "-q", "side"]).code, 0);
    repo.write("b.txt", SECRET).stage();
    repo.commit("merged");
    commit(&repo, "b.txt", "d\n");
    ci(&repo).ends(1).says(RULE).says("b.txt:1");

    let repo = branched();
    repo.commit(&filled(SECRET));
    ci(&repo).ends(1).says(RULE).says("message");
}

#[test]
fn gitattributes_hide_nothing() {
    let repo = branched();
    repo.write(".gitattributes", "*.env -diff binary\n").stage();
    commit(&repo, "app.env", SECRET);
    ci(&repo).ends(1).says(RULE);
}

#[test]
fn what_the_base_holds_does_not_block_wherever_it_is_moved_or_touched() {
    let repo = Repo::new();
    repo.write("old.env", SECRET).stage();
    repo.write("keep.txt", "a\nb\nc\n").stage();
    repo.commit("first");
    repo.git(["checkout", "-q", "-b", "topic"]).ok();
    let old = repo.read("old.env");
    commit(&repo, "old.env", &format!("{old}PORT=80\n"));
    commit(&repo, "new/place.txt", &format!("other\n{old}"));
    repo.git(["rm", "-q", "old.env"]).ok();
    repo.commit("moved");
    // In a file that is like no other.
    commit(
        &repo,
        "docs/long.txt",
        &format!("{}{old}", "some other line\n".repeat(90)),
    );
    ci(&repo).ok().never_says("blocking");
    // Another value still does.
    commit(&repo, "new/other.txt", &filled("OTHER={{github:ghp_}}\n"));
    let _ = ci(&repo).ends(1);
}

#[test]
fn a_base_that_moved_on_is_compared_where_the_branch_began() {
    let repo = Repo::new();
    repo.write("shop/settings.py", "DEBUG = True\nA = 1\n")
        .stage();
    repo.commit("first");
    repo.git(["checkout", "-q", "-b", "topic"]).ok();
    commit(&repo, "b.txt", "b\n");
    repo.git(["checkout", "-q", "main"]).ok();
    commit(&repo, "shop/settings.py", "DEBUG = False\nA = 1\n");
    repo.git(["checkout", "-q", "topic"]).ok();
    ci(&repo).ok().never_says("django-debug-true");
}

#[test]
fn settings_are_those_that_the_last_tree_adds() {
    let repo = Repo::new();
    repo.write("shop/settings.py", "DEBUG = True\nA = 1\n")
        .stage();
    repo.commit("first");
    repo.git(["checkout", "-q", "-b", "topic"]).ok();
    // Touched beside it, and renamed: not new.
    repo.git(["mv", "shop/settings.py", "shop/settings_all.py"])
        .ok();
    commit(
        &repo,
        "shop/settings_all.py",
        "DEBUG = True\nA = 1\nB = 2\n",
    );
    ci(&repo).ok();
    // Added, then mended: nothing would be merged.
    commit(
        &repo,
        "web/settings.py",
        "from os import environ\nDEBUG = True\n",
    );
    let _ = ci(&repo).ends(1).says("django-debug-true");
    commit(
        &repo,
        "web/settings.py",
        "from os import environ\nDEBUG = False\n",
    );
    ci(&repo).ok();
}

#[test]
fn a_pull_request_cannot_allow_its_own_secret() {
    let ways = [
        OFF,
        "[paths]\nskip = [\"*.env\"]\n",
        "[limits]\nblob = \"1\"\n",
        "[rules]\nwarn = [\"github-pat\"]\n",
    ];
    for way in ways {
        let repo = branched();
        commit(&repo, "app.env", SECRET);
        commit(&repo, "guard.toml", way);
        ci(&repo)
            .ends(1)
            .says(RULE)
            .says("allowed by this pull request:");
        repo.guard(["ci", "--base", "main", "--accept-head-config"])
            .ok()
            .says("accepted from the head");
        repo.git(["checkout", "-q", "main"]).ok();
        repo.git(["merge", "-q", "topic"]).ok();
        repo.git(["checkout", "-q", "-b", "next"]).ok();
        commit(&repo, "b.txt", "b\n");
        ci(&repo).ok().never_says("allowed by");
    }
}

#[test]
fn a_comment_of_the_pull_request_accepts_nothing_unseen() {
    for comment in ["guard:allow github-pat -- a sample", "gitleaks:allow"] {
        let repo = branched();
        commit(
            &repo,
            "app.env",
            &format!("{}  # {comment}\n", SECRET.trim_end()),
        );
        ci(&repo).ends(1).says("this change would accept it itself");
        repo.guard(["ci", "--base", "main", "--accept-head-config"])
            .ok();
    }
}

#[test]
fn loosening_alone_blocks_and_tightening_does_not() {
    let repo = branched();
    commit(&repo, "guard.toml", OFF);
    ci(&repo).ends(1).says("rules.off: `github-pat`");

    let repo = Repo::new();
    repo.write("guard.toml", OFF).stage();
    repo.commit("first");
    repo.git(["checkout", "-q", "-b", "topic"]).ok();
    commit(&repo, "guard.toml", "");
    ci(&repo).ok();
    // It takes effect at once.
    commit(&repo, "app.env", SECRET);
    let _ = ci(&repo).ends(1).says(RULE);
}

#[test]
fn a_path_that_the_pull_request_no_longer_leaves_out_is_looked_at() {
    let repo = Repo::new();
    repo.write("guard.toml", "[paths]\nskip = [\"*.env\"]\n")
        .stage();
    repo.commit("first");
    repo.git(["checkout", "-q", "-b", "topic"]).ok();
    commit(&repo, "app.env", SECRET);
    ci(&repo).ok().says("left out by [paths] skip");
    commit(&repo, "guard.toml", "");
    let _ = ci(&repo).ends(1).says(RULE);
}

#[test]
fn an_allowance_of_the_base_holds() {
    let repo = branched();
    commit(&repo, "app.env", SECRET);
    let output = repo
        .guard(["ci", "--base", "main", "--format", "json"])
        .ends(1);
    let id = json(&output.stdout)["findings"][0]["id"]
        .as_str()
        .expect("an id")
        .to_owned();
    repo.guard(["allow", &id, "--reason", "a sample"]).ok();
    repo.commit("allow");
    ci(&repo).ends(1).says("a sample");
    repo.git(["checkout", "-q", "main"]).ok();
    repo.git(["checkout", "-q", "topic", "--", "guard.toml"])
        .ok();
    repo.commit("the same allowance");
    repo.git(["checkout", "-q", "topic"]).ok();
    ci(&repo).ok();
}

#[cfg(unix)]
#[test]
fn a_link_in_place_of_the_configuration_is_refused() {
    let repo = branched();
    std::os::unix::fs::symlink("a.txt", repo.top().join("guard.toml")).unwrap();
    repo.git(["add", "guard.toml"]).ok();
    repo.commit("link");
    ci(&repo).ends(2).says("a link is not followed");
}

#[test]
fn what_cannot_be_compared_is_an_error_with_the_line_that_mends_it() {
    let repo = branched();
    repo.guard(["ci", "--base", "nowhere"])
        .ends(2)
        .says("base commit nowhere is not in this clone")
        .says("nothing was scanned");
    repo.guard(["ci", "--base", "main"])
        .ends(2)
        .says("no commit is reachable");
    repo.guard(["ci"]).ends(2).says("guard ci --base REV");
    repo.guard(["ci", "--base=--all"])
        .ends(2)
        .says("not in this clone");
}

#[test]
fn a_clone_that_is_cut_off_inside_the_range_is_refused_and_nothing_is_fetched() {
    let mut repo = branched();
    for name in ["one", "two", "three"] {
        commit(&repo, name, name);
    }
    let url = format!("file://{}", repo.top().display());
    repo.git([
        "clone",
        "-q",
        "--depth",
        "2",
        "--branch",
        "topic",
        &url,
        "../shallow",
    ])
    .ok();
    let base = repo.id("main");
    repo.set("GITHUB_ACTIONS", "true");
    let shallow = repo.at("../shallow");
    shallow
        .guard(["ci", "--base", &base])
        .ends(2)
        .says("is not in this clone (shallow)")
        .says("fetch-depth: 0");
    repo.git([
        "clone",
        "-q",
        "--depth",
        "2",
        "--no-single-branch",
        &url,
        "../both",
    ])
    .ok();
    let both = repo.at("../both");
    both.guard(["ci", "--base", "origin/main"])
        .ends(2)
        .says("cut off inside the range");
    both.guard(["ci", "--base", "origin/main", "--allow-shallow"])
        .ok()
        .says("the history is cut off");
}

#[test]
fn a_base_whose_configuration_is_broken_is_mended_by_a_maintainers_word() {
    let repo = Repo::new();
    repo.write("guard.toml", "[rulez]\n").stage();
    repo.commit("first");
    repo.git(["checkout", "-q", "-b", "topic"]).ok();
    commit(&repo, "guard.toml", "");
    ci(&repo).ends(2).says("the configuration of the base");
    repo.guard(["ci", "--base", "main", "--accept-head-config"])
        .ok();
}

#[test]
fn a_configuration_that_is_named_is_read_from_the_base_where_it_lies_in_the_repository() {
    let repo = branched();
    commit(&repo, "app.env", SECRET);
    commit(&repo, "ci/guard.toml", OFF);
    let arguments = ["ci", "--base", "main", "--config", "ci/guard.toml"];
    repo.guard(arguments)
        .ends(1)
        .says("rules.off: `github-pat`");
    let outside = repo.room().join("guard.toml");
    fs_err::write(&outside, OFF).unwrap();
    let outside = outside.to_str().expect("a plain path");
    repo.guard(["ci", "--base", "main", "--config", outside])
        .ok();
}

#[test]
fn rules_that_the_pull_request_adds_hold_and_those_it_takes_away_hold_too() {
    let rule = |level: &str| {
        format!(
            "[[rule]]\nid = \"acme\"\ntitle = \"ACME token\"\nlevel = \"{level}\"\nkeywords = [\"acme_\"]\n\
             regex = 'acme_[0-9a-f]{{32}}'\nwhy = \"w\"\nfix = \"f\"\n\
             match = [\"acme_{{{{hex:32}}}}\", \"x acme_{{{{hex:32}}}}\"]\nno-match = [\"acme_\", \"acme\"]\n"
        )
    };
    let text = "T = acme_{{hex:32}}\n";
    let repo = branched();
    repo.write_bytes("guard.toml", rule("block").as_bytes())
        .stage();
    repo.commit("rule");
    commit(&repo, "a.cfg", text);
    ci(&repo).ends(1).says("error[acme]");
    let repo = Repo::new();
    repo.write_bytes("guard.toml", rule("block").as_bytes())
        .stage();
    repo.commit("rule");
    repo.git(["checkout", "-q", "-b", "topic"]).ok();
    repo.git(["rm", "-q", "guard.toml"]).ok();
    commit(&repo, "a.cfg", text);
    ci(&repo)
        .ends(1)
        .says("error[acme]")
        .says("rule: takes `acme` away");
    repo.write_bytes("guard.toml", rule("warn").as_bytes())
        .stage();
    repo.commit("weaker");
    ci(&repo)
        .ends(1)
        .says("error[acme]")
        .says("rules.warn: `acme`");
}
