//! What a scan of the history remembers: the next scan tells the same as one that knows nothing, and costs less.

use serde_json::Value;

use crate::repo::{Repo, filled};

/// Returns what a run tells that goes on from what is remembered, after it was held against one that knows nothing.
#[track_caller]
fn told(repo: &Repo, after: &str) -> Value {
    let memory = repo.top().join(".git/guard/history");
    let remembered = repo.guard(["history", "--format", "json"]);
    let kept = fs_err::read(&memory).ok();
    let again = repo.guard(["history", "--format", "json"]);
    let fresh = repo.guard(["history", "--fresh", "--format", "json"]);
    if let Some(kept) = kept {
        fs_err::write(&memory, kept).expect("a writable file");
    }
    let read = |text: &str| -> Value { serde_json::from_str(text).expect("JSON") };
    let (remembered_json, fresh_json) = (read(&remembered.stdout), read(&fresh.stdout));
    assert_eq!(remembered_json, fresh_json, "after {after}");
    assert_eq!(remembered.stdout, fresh.stdout, "after {after}");
    assert_eq!(again.stdout, fresh.stdout, "again, after {after}");
    assert_eq!(remembered.code, fresh.code, "after {after}");
    fresh_json
}

fn count(report: &Value) -> usize {
    report["findings"].as_array().expect("a list").len()
}

fn dated(repo: &mut Repo, date: &str) {
    repo.set("GIT_COMMITTER_DATE", date)
        .set("GIT_AUTHOR_DATE", date);
}

#[test]
fn whatever_comes_in_the_next_scan_tells_what_a_fresh_one_tells() {
    let mut repo = Repo::new();
    let one = filled("TOKEN={{github:ghp_}}\n");
    let two = filled("OTHER={{github:gho_}}\n");
    assert_eq!(count(&told(&repo, "nothing at all")), 0);
    repo.write("a.txt", "a\n").stage();
    repo.commit("first");
    assert_eq!(count(&told(&repo, "a first commit")), 0);
    repo.write_bytes("conf/app.env", one.as_bytes()).stage();
    repo.commit("a secret");
    assert_eq!(count(&told(&repo, "a secret")), 1);
    repo.write_bytes("conf/app.env", format!("# more\n{one}").as_bytes())
        .stage();
    repo.write_bytes("copy.env", one.as_bytes()).stage();
    repo.commit("changed and copied");
    told(&repo, "a change and a copy");
    repo.git(["mv", "copy.env", "moved.yml"]).ok();
    repo.commit("moved");
    told(&repo, "a move to another kind of name");
    repo.git(["rm", "-q", "moved.yml", "conf/app.env"]).ok();
    repo.commit("gone");
    told(&repo, "both are gone");

    repo.git(["checkout", "-q", "-b", "side", "HEAD~3"]).ok();
    told(&repo, "another commit is checked out");
    dated(&mut repo, "2020-01-01T00:00:00Z");
    repo.write_bytes("side.env", format!("{two}{one}").as_bytes())
        .stage();
    repo.commit("by an older clock");
    told(&repo, "an older commit on a branch");
    dated(&mut repo, "2026-03-02T12:00:00Z");
    repo.git(["checkout", "-q", "main"]).ok();
    repo.git(["merge", "-q", "--no-edit", "side"]).ok();
    assert_eq!(count(&told(&repo, "a merge")), 2);
    repo.git(["tag", "-a", "v1", "-m", &filled("with {{github:ghs_}}")])
        .ok();
    assert_eq!(count(&told(&repo, "a tag that says a secret")), 3);
    repo.commit(&filled("says {{github:ghu_}}"));
    assert_eq!(count(&told(&repo, "a message")), 4);

    repo.write("home/.bash_history", "ls\n").stage();
    repo.commit("a file that should not be there");
    assert_eq!(count(&told(&repo, "a file of a telling name")), 5);
    repo.git(["mv", "home/.bash_history", "home/notes.txt"])
        .ok();
    repo.write("home/.bash_history", "cd\n").stage();
    repo.commit("another at its path");
    told(&repo, "another file of that name");
    repo.git(["rm", "-q", "home/.bash_history"]).ok();
    repo.commit("gone from there");
    told(&repo, "it is gone");

    // A value that looks drawn at random keeps its level where a chosen one would lose it.
    repo.write("tests/test_a.py", "password = \"{{alnum:32}}\"\n")
        .stage();
    repo.commit("in a test");
    let report = told(&repo, "a value in a test");
    let levels = report["findings"].as_array().expect("a list").iter();
    let in_tests: Vec<&Value> = levels
        .filter(|finding| finding["path"] == "tests/test_a.py")
        .map(|finding| &finding["level"])
        .collect();
    assert_eq!(in_tests, ["block"]);
    repo.git(["reset", "-q", "--hard", "HEAD~1"]).ok();
    repo.git(["reflog", "expire", "--expire=now", "--all"]).ok();
    told(&repo, "it is taken back");

    repo.git(["repack", "-adq"]).ok();
    told(&repo, "a repack");
    repo.write_bytes("stashed.env", filled("S={{github:ghr_}}\n").as_bytes())
        .stage();
    repo.git(["stash", "-q"]).ok();
    assert_eq!(count(&told(&repo, "a stash")), 6);
    repo.git(["gc", "-q"]).ok();
    told(&repo, "git gc");
    repo.git(["reset", "-q", "--hard", "HEAD~5"]).ok();
    told(&repo, "a reset: the reflog still leads there");
    repo.git(["branch", "-D", "side"]).ok();
    repo.git(["tag", "-d", "v1"]).ok();
    repo.git(["stash", "drop", "-q"]).ok();
    told(&repo, "a branch, a tag and a stash less");
    repo.git(["reflog", "expire", "--expire=now", "--all"]).ok();
    told(&repo, "reflogs are empty");
    repo.git(["gc", "-q", "--prune=now"]).ok();
    told(&repo, "what nothing leads to is gone");
    repo.git(["commit", "-q", "--amend", "-m", "amended"]).ok();
    told(&repo, "an amend");
    repo.write_bytes("conf/app.env", one.as_bytes()).stage();
    repo.commit("back again");
    told(&repo, "the secret is back");
}

#[test]
fn commits_that_come_as_a_pack_are_told_with_what_was_there() {
    let repo = Repo::new();
    let one = filled("TOKEN={{github:ghp_}}\n");
    repo.write_bytes("a.env", one.as_bytes()).stage();
    repo.commit("first");
    let clone = repo.room().join("clone");
    repo.git(["clone", "-q", ".", &clone.to_string_lossy()])
        .ok();
    let tell = |fresh: &[&str]| {
        let arguments = ["history", "--format", "json"];
        let all = arguments.iter().chain(fresh).copied();
        repo.at(&clone).guard(all).ends(1).stdout.clone()
    };
    tell(&[]);
    for round in 0..3 {
        for commit in 0..120 {
            let text = format!("# {round} {commit}\n{one}");
            repo.write_bytes("a.env", text.as_bytes()).stage();
            repo.commit("more");
        }
        repo.at(&clone)
            .git(["-c", "fetch.unpackLimit=1", "fetch", "-q"])
            .ok();
        let remembered = tell(&[]);
        assert_eq!(remembered, tell(&["--fresh"]), "round {round}");
        let report: Value = serde_json::from_str(&remembered).expect("JSON");
        assert_eq!(report["summary"]["commits"], 1 + 120 * (round + 1));
    }
}

#[test]
fn allowances_and_skipped_paths_are_judged_each_time() {
    let repo = Repo::new();
    repo.write("conf/a.env", "TOKEN={{github:ghp_}}\n").stage();
    repo.commit("a secret");
    let said = repo.guard(["history", "--format", "json"]).ends(1);
    let report: Value = serde_json::from_str(&said.stdout).expect("JSON");
    let id = report["findings"][0]["id"].as_str().expect("an id");
    repo.guard(["allow", id, "--reason", "revoked", "--no-stage"])
        .ok();
    repo.guard(["history"]).ok().says("1 allowed");
    repo.write_bytes("guard.toml", b"[paths]\nskip = [\"conf/\"]\n")
        .stage();
    repo.guard(["history"])
        .ok()
        .says("left out by [paths] skip");
    // A pattern that names a file at the top does not leave out one of the same name elsewhere.
    repo.write_bytes("guard.toml", b"[paths]\nskip = [\"/a.env\"]\n")
        .stage();
    repo.guard(["history"]).ends(1);
    repo.guard(["history", "--fresh"]).ends(1);
    repo.write_bytes("guard.toml", b"[rules]\noff = [\"github-pat\"]\n")
        .stage();
    repo.guard(["history"]).ends(1).never_says("[github-pat]");
}

#[test]
fn a_memory_that_is_damaged_foreign_or_cannot_be_written_changes_nothing() {
    let repo = Repo::new();
    repo.write("a.env", "TOKEN={{github:ghp_}}\n").stage();
    repo.commit("a secret");
    let first = repo
        .guard(["history", "--format", "json"])
        .ends(1)
        .stdout
        .clone();
    let memory = repo.top().join(".git/guard/history");
    let whole = fs_err::read(&memory).expect("written");
    for at in (0..whole.len()).step_by(37) {
        let mut bytes = whole.clone();
        bytes[at] ^= 0x20;
        fs_err::write(&memory, &bytes).expect("writable");
        let again = repo.guard(["history", "--format", "json"]).ends(1);
        assert_eq!(again.stdout, first, "damaged at {at}");
        fs_err::write(&memory, &whole[..at]).expect("writable");
        let again = repo.guard(["history", "--format", "json"]).ends(1);
        assert_eq!(again.stdout, first, "cut at {at}");
    }
    fs_err::write(&memory, "of another program").expect("writable");
    let again = repo.guard(["history", "--format", "json"]).ends(1);
    assert_eq!(again.stdout, first);
    assert_ne!(
        fs_err::read(&memory).expect("rewritten"),
        b"of another program"
    );
    // A folder stands where the file would: it can be neither read nor replaced.
    fs_err::remove_file(&memory).expect("a file");
    fs_err::create_dir_all(memory.join("x")).expect("a folder");
    let again = repo.guard(["history", "--format", "json"]).ends(1);
    assert_eq!(again.stdout, first);
}

#[test]
fn working_trees_share_what_is_remembered() {
    let repo = Repo::new();
    repo.write("a.env", "TOKEN={{github:ghp_}}\n").stage();
    repo.commit("a secret");
    let tree = repo.room().join("tree");
    repo.git(["worktree", "add", "-q", &tree.to_string_lossy()])
        .ok();
    repo.at(&tree).guard(["history"]).ends(1);
    assert!(repo.top().join(".git/guard/history").is_file());
}

#[test]
fn runs_at_the_same_time_leave_a_memory_that_counts() {
    let repo = Repo::new();
    for number in 0..30 {
        repo.write("a.env", &format!("# {number}\nTOKEN={{{{github:ghp_}}}}\n"))
            .stage();
        repo.commit("more");
    }
    let first = repo
        .guard(["history", "--format", "json", "--fresh"])
        .stdout;
    std::thread::scope(|scope| {
        for _ in 0..4 {
            let (repo, first) = (&repo, &first);
            scope.spawn(move || {
                for _ in 0..4 {
                    let fresh = repo.guard(["history", "--format", "json", "--fresh"]);
                    assert_eq!(&fresh.stdout, first);
                    let remembered = repo.guard(["history", "--format", "json"]);
                    assert_eq!(&remembered.stdout, first);
                }
            });
        }
    });
    let left = fs_err::read_dir(repo.top().join(".git/guard")).expect("a folder");
    let names: Vec<String> = left
        .map(|entry| {
            entry
                .expect("readable")
                .file_name()
                .to_string_lossy()
                .into_owned()
        })
        .filter(|name| name.starts_with("history"))
        .collect();
    assert_eq!(names, ["history"], "nothing half-written is left");
}

/// Lets git send the interrupt of a terminal to guard when it is asked for this batch of objects, as a person might.
#[cfg(unix)]
fn interrupted_at(repo: &Repo, batch: u32) -> crate::repo::Output {
    let script = format!(
        "case \"$*\" in\n*\"cat-file --batch --buffer\"*)\n\
         echo x >> \"$COUNT\"\n\
         [ \"$(wc -l < \"$COUNT\")\" -eq {batch} ] && kill -INT \"$PPID\" && sleep 0.2\nesac\n\
         PATH=${{PATH#*:}} exec git \"$@\"\n"
    );
    let folder = repo.room().join("shim");
    fs_err::create_dir_all(&folder).expect("a folder");
    repo.script("../shim/git", &script);
    let count = repo.room().join("count");
    let _ = fs_err::remove_file(&count);
    let line = format!(
        "COUNT='{}' PATH='{}':\"$PATH\" exec '{}' history --format json",
        count.display(),
        folder.display(),
        env!("CARGO_BIN_EXE_guard")
    );
    repo.at("").run("sh", ["-c", &line], b"")
}

#[test]
#[cfg(unix)]
fn ctrl_c_tells_how_far_it_came_and_loses_nothing() {
    let repo = Repo::new();
    for number in 0..20 {
        repo.write("a.env", &format!("# {number}\nTOKEN={{{{github:ghp_}}}}\n"))
            .stage();
        repo.commit("more");
    }
    // What lies loose is read through git: commits first, then trees, then blobs.
    for batch in 1..=3 {
        let said = interrupted_at(&repo, batch);
        assert_eq!(said.code, 130, "{said}");
        let report: Value = serde_json::from_str(&said.stdout).expect("a whole report");
        let errors = report["errors"].as_array().expect("a list");
        assert_eq!(errors.len(), 1, "only that it was interrupted: {said}");
        let message = errors[0]["message"].as_str().expect("text");
        let wanted = match batch {
            1 | 2 => "before the first blob",
            _ => "0 of 20 blobs were looked at",
        };
        assert!(message.contains(wanted), "{message}");
        repo.guard(["history"])
            .ends(1)
            .says("in 20 blobs, 20 commits");
        let _ = fs_err::remove_file(repo.top().join(".git/guard/history"));
    }
    repo.guard(["history"]).ends(1);
    repo.write("b.env", "OTHER={{github:gho_}}\n").stage();
    repo.commit("one more");
    assert_eq!(interrupted_at(&repo, 1).code, 130);
    told(&repo, "an interrupt while it goes on from memory");
}

#[test]
fn progress_is_for_terminals_only() {
    let repo = Repo::new();
    repo.commit("first");
    assert_eq!(repo.guard(["history"]).ok().stderr, "");
}

#[test]
fn status_tells_of_the_last_check() {
    let repo = Repo::new();
    repo.guard(["install"]).ok();
    assert!(!repo.guard(["status"]).stdout.contains("last run"));
    repo.write("a.txt", "a\n").stage();
    repo.git(["commit", "-q", "-m", "first"]).ok();
    repo.guard(["status"])
        .ok()
        .says("last run")
        .says(" UTC  message: clean, ");
    repo.write("a.env", "TOKEN={{github:ghp_}}\n").stage();
    let said = repo.git(["commit", "-q", "-m", "second"]);
    assert_ne!(said.code, 0, "{said}");
    repo.guard(["status"])
        .ok()
        .says(" UTC  commit: 1 blocking, 1 file, ");
    fs_err::write(repo.top().join(".git/guard/run"), "not ours").expect("writable");
    assert!(!repo.guard(["status"]).stdout.contains("last run"));
}

#[test]
fn a_first_scan_of_a_range_leaves_what_a_scan_of_all_leaves() {
    let repo = Repo::new();
    let one = filled("TOKEN={{github:ghp_}}\n");
    repo.write_bytes("app.env", one.as_bytes()).stage();
    repo.commit("a secret");
    repo.write_bytes("conf/app.env", format!("# copied\n{one}").as_bytes())
        .stage();
    repo.commit("a copy of it");
    repo.write("a.txt", "a\n").stage();
    repo.commit("something else");
    let memory = repo.top().join(".git/guard/history");
    repo.guard(["history", "HEAD~1..HEAD"]).ends(0);
    let of_range = fs_err::read(&memory).expect("the scan is remembered");
    repo.guard(["history", "--fresh"]).ends(1);
    let of_all = fs_err::read(&memory).expect("the scan is remembered");
    assert!(of_range == of_all, "values stand where they are told");
}
