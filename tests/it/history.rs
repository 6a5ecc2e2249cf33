//! The history is read from packs, version by version: what is found equals what the versions themselves hold.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::repo::Repo;

fn found(output: &str) -> Vec<Value> {
    let report: Value = serde_json::from_str(output).expect("JSON");
    report["findings"].as_array().expect("a list").clone()
}

/// Many versions of a file, a secret that comes and goes, packed as deltas.
fn with_versions() -> Repo {
    let repo = Repo::new();
    let filler: Vec<String> = (0..200)
        .map(|line| {
            format!(
                "line {line} of a file that changes little
"
            )
        })
        .collect();
    let filler = filler.concat();
    // Filled once: a hole is filled by the text around it, and each version would hold another token.
    let token = guard::rule::fill("TOKEN={{github:ghp_}}\n", &guard::detect::make);
    for version in 0..12 {
        let secret = if (3..7).contains(&version) {
            token.as_str()
        } else {
            ""
        };
        let text = format!(
            "version {version}\n{filler}{secret}tail {}\n{filler}",
            version % 3
        );
        repo.write("app.env", &text).stage();
        repo.commit(&format!("version {version}"));
    }
    repo
}

#[test]
fn a_secret_that_came_and_went_is_told_once_with_its_commits() {
    let repo = with_versions();
    for packed in [false, true] {
        if packed {
            repo.git(["repack", "-adfq", "--depth=50", "--window=50"])
                .ok();
        }
        let said = repo.guard(["history", "--format", "json"]).ends(1);
        let found = found(&said.stdout);
        assert_eq!(found.len(), 1, "packed: {packed}: {found:?}");
        let first = repo
            .git(["log", "--reverse", "-Sghp_", "--format=%H"])
            .ok()
            .stdout
            .clone();
        assert_eq!(
            found[0]["commit"].as_str(),
            first.lines().next(),
            "packed: {packed}"
        );
        assert_eq!(found[0]["path"], "app.env");
        assert_eq!(found[0]["line"], 202);
        assert_eq!(found[0]["in_head"], false);
        assert_eq!(
            found[0]["last_commit"].as_str(),
            Some(repo.id("HEAD~5").as_str())
        );
    }
}

#[test]
fn what_deltas_say_is_what_whole_versions_say() {
    let repo = with_versions();
    repo.write("key.pem", "{{pem:EC PRIVATE KEY}}\n").stage();
    repo.write("b.py", "import os\npassword = \"{{alnum:24}}\"\n")
        .stage();
    repo.commit("more");
    repo.write(
        "b.py",
        "import os\nimport sys\npassword = \"{{alnum:24}}\"\n",
    )
    .stage();
    repo.commit("moved by a line");
    let ids = |arguments: &[&str]| -> BTreeSet<String> {
        let output = repo.guard(arguments);
        found(&output.stdout)
            .iter()
            .filter(|found| found["kind"] == "secret")
            .map(|found| found["id"].to_string())
            .collect()
    };
    let loose = ids(&["history", "--format", "json"]);
    repo.git(["repack", "-adfq", "--depth=50", "--window=50"])
        .ok();
    let packed = ids(&["history", "--format", "json"]);
    let plain = plain(&repo);
    assert_eq!(loose, packed);
    assert_eq!(packed, plain);
    assert!(packed.len() >= 2, "{packed:?}");
}

/// Returns the secrets that the plain reader finds, which looks at every version as a whole through git.
fn plain(repo: &Repo) -> BTreeSet<String> {
    use guard::detect::Engine;
    use guard::source::Source as _;
    use guard::source::range::{Missing, Range};
    let engine = Engine::new(guard::rule::Rules::builtin());
    let ids = std::sync::Mutex::new(BTreeSet::new());
    let source = Range {
        git: guard::source::git::Git::new(repo.top()),
        revisions: vec!["HEAD".to_owned()],
        missing: Missing::Error,
    };
    let covered = source.scan(&|blob| {
        for (finding, _) in guard::scan::findings(&engine, blob) {
            if finding.kind == guard::rule::Kind::Secret {
                let id = finding.fingerprint.to_string();
                ids.lock().expect("no panic").insert(format!("\"{id}\""));
            }
        }
        Vec::new()
    });
    assert!(covered.expect("readable").unread.is_empty());
    ids.into_inner().expect("no panic")
}

#[test]
fn what_no_ref_leads_to_counts_only_when_asked() {
    let repo = Repo::new();
    repo.write("a.txt", "a\n").stage();
    repo.commit("first");
    repo.write("b.env", "TOKEN={{github:ghp_}}\n").stage();
    repo.git(["rm", "-q", "--cached", "b.env"]).ok();
    repo.guard(["history"]).ends(0);
    repo.guard(["history", "--unreachable"]).ends(1);
}

#[test]
fn stashes_reflogs_and_messages_count() {
    let repo = Repo::new();
    repo.write("a.txt", "a\n").stage();
    repo.commit("first");
    repo.write("b.env", "TOKEN={{github:ghp_}}\n").stage();
    repo.git(["stash", "-q"]).ok();
    repo.guard(["history"]).ends(1);
    repo.git(["stash", "drop", "-q"]).ok();
    repo.git(["reflog", "expire", "--expire=now", "--all"]).ok();
    repo.guard(["history"]).ends(0);
    repo.commit(&guard::rule::fill(
        "with {{github:ghp_}} in it",
        &guard::detect::make,
    ));
    let said = repo.guard(["history"]);
    assert!(said.stdout.contains("github-pat"), "{}", said.stdout);
}

#[test]
fn a_damaged_pack_is_said_and_the_rest_is_scanned() {
    let repo = with_versions();
    repo.write("c.env", "OTHER={{github:gho_}}\n").stage();
    repo.commit("loose");
    repo.git(["repack", "-adfq"]).ok();
    let folder = repo.top().join(".git/objects/pack");
    let packs = std::fs::read_dir(folder)
        .expect("a folder")
        .map(|entry| entry.expect("readable").path());
    let pack = packs
        .into_iter()
        .find(|path| path.extension().is_some_and(|end| end == "pack"))
        .expect("a pack");
    let mut bytes = fs_err::read(&pack).expect("readable");
    let middle = bytes.len() / 2;
    bytes[middle] ^= 0x55;
    let _ = std::fs::remove_file(&pack);
    fs_err::write(&pack, bytes).expect("writable");
    let said = repo.guard(["history"]).ends(2);
    assert!(
        said.stdout.contains("git fsck"),
        "{}{}",
        said.stdout,
        said.stderr
    );
}

#[test]
fn what_a_second_pack_brings_is_found() {
    let repo = with_versions();
    repo.git(["repack", "-adfq", "--depth=50", "--window=50"])
        .ok();
    let objects = repo.top().join(".git/objects");
    // A second pack with the newest commit only.
    let late = guard::rule::fill("LATE={{github:gho_}}\n", &guard::detect::make);
    let text = repo.read("app.env") + &late;
    repo.write_bytes("app.env", text.as_bytes()).stage();
    repo.commit("late");
    let thin = repo.top().join("thin.pack");
    let script =
        "printf 'HEAD\\n^HEAD~1\\n' | git pack-objects -q --thin --stdout --revs > thin.pack";
    repo.at("").run("sh", ["-c", script], b"").ok();
    let count = || {
        std::fs::read_dir(objects.join("pack"))
            .expect("a folder")
            .count()
    };
    let before = count();
    // git completes a thin pack with the bases it lacks, so both packs then hold them.
    let index = repo.at("").run(
        "git",
        ["index-pack", "--fix-thin", "--stdin"],
        &fs_err::read(&thin).expect("a pack"),
    );
    index.ok();
    assert!(count() > before);
    repo.git(["prune-packed", "-q"]).ok();
    let said = repo.guard(["history", "--format", "json"]).ends(1);
    assert_eq!(found(&said.stdout).len(), 2, "{}", said.stdout);
}

#[test]
fn files_that_should_not_be_there_are_told_by_every_path_they_had() {
    let repo = Repo::new();
    repo.write("notes.txt", "ls\n").stage();
    repo.commit("no fault under this name");
    repo.write("home/.bash_history", "ls\n").stage();
    repo.write("old/.zsh_history", "ls\n").stage();
    repo.write(
        ".aws/credentials",
        "[default]\naws_secret_access_key = none-of-yours\n",
    )
    .stage();
    repo.commit("the same under names that tell");
    let brought = repo.id("HEAD");
    repo.git(["rm", "-q", "old/.zsh_history"]).ok();
    repo.commit("one is gone");
    let said = repo.guard(["history", "--format", "json"]).ends(1);
    let found = found(&said.stdout);
    let told: Vec<(&str, bool)> = found
        .iter()
        .filter(|finding| finding["rule"] == "file-shell-history")
        .map(|finding| {
            assert_eq!(finding["commit"], *brought);
            let path = finding["path"].as_str().expect("a path");
            (path, finding["in_head"].as_bool().expect("known"))
        })
        .collect();
    assert_eq!(
        told,
        [("home/.bash_history", true), ("old/.zsh_history", false)]
    );
    let credentials = found
        .iter()
        .filter(|finding| finding["rule"] == "file-aws-credentials");
    assert_eq!(credentials.count(), 1, "{}", said.stdout);
    repo.guard(["history", "HEAD~1..HEAD"]).ok();
    repo.guard(["history", "HEAD~2..HEAD", "--", "old"])
        .ends(1)
        .says(".zsh_history")
        .never_says("home/.bash_history");
}
