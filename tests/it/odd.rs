//! The history of repositories that are not as most are: read all the same, or said in a clear line.

use serde_json::Value;

use crate::repo::{At, Checked, Repo, filled};

/// Asserts that the history of a repository has so many findings, read and remembered, and returns what was said.
#[track_caller]
fn holds(at: &At<'_>, count: usize) -> Value {
    let code = i32::from(count > 0);
    let first = at.guard(["history", "--format", "json"]).ends(code);
    let again = at.guard(["history", "--format", "json"]).ends(code);
    assert_eq!(first.stdout, again.stdout, "remembered");
    let report: Value = serde_json::from_str(&first.stdout).expect("JSON");
    let findings = report["findings"].as_array().expect("a list");
    assert_eq!(findings.len(), count, "{findings:?}");
    report
}

fn secret() -> String {
    filled("TOKEN={{github:ghp_}}\n")
}

/// A first commit with a secret, and a second without it.
fn with_secret(repo: &Repo) {
    repo.write_bytes("conf/a.env", secret().as_bytes()).stage();
    repo.write("b.txt", "b\n").stage();
    repo.commit("first");
    repo.git(["rm", "-q", "conf/a.env"]).ok();
    repo.commit("second");
}

fn pack(repo: &Repo, end: &str) -> std::path::PathBuf {
    let folder = fs_err::read_dir(repo.top().join(".git/objects/pack")).expect("a folder");
    let mut files = folder.map(|entry| entry.expect("readable").path());
    let is_it = |path: &std::path::PathBuf| path.extension().is_some_and(|other| other == end);
    files.find(is_it).expect("a pack")
}

fn overwrite(path: &std::path::Path, bytes: &[u8]) {
    fs_err::remove_file(path).expect("a file");
    fs_err::write(path, bytes).expect("writable");
}

#[test]
fn a_damaged_pack_never_passes_for_a_clean_one() {
    let repo = Repo::new();
    with_secret(&repo);
    repo.git(["gc", "-q"]).ok();
    let path = pack(&repo, "pack");
    let whole = fs_err::read(&path).expect("readable");
    for at in (12..whole.len() - 20).step_by(7) {
        let mut bytes = whole.clone();
        bytes[at] ^= 0x55;
        overwrite(&path, &bytes);
        let said = repo.guard(["history", "--fresh"]);
        assert_eq!(said.code, 2, "damaged at {at}: {said}");
        let again = repo.guard(["history"]);
        assert_eq!(again.code, 2, "remembered, damaged at {at}: {again}");
    }
    overwrite(&path, &whole);
    holds(&repo.at(""), 1);
}

#[test]
fn an_index_that_is_cut_off_is_said() {
    let repo = Repo::new();
    with_secret(&repo);
    repo.git(["gc", "-q"]).ok();
    let path = pack(&repo, "idx");
    let whole = fs_err::read(&path).expect("readable");
    for len in [0, 3, 500, 1032, whole.len() - 60] {
        overwrite(&path, &whole[..len]);
        let said = repo.guard(["history", "--fresh"]);
        assert_eq!(said.code, 2, "cut at {len}: {said}");
        assert!(!said.all().contains("panicked"), "{said}");
    }
}

#[test]
fn what_a_partial_clone_lacks_is_an_error_unless_it_may_be_missing() {
    let repo = Repo::new();
    with_secret(&repo);
    repo.git(["config", "uploadpack.allowFilter", "true"]).ok();
    let url = format!("file://{}", repo.top().display());
    let clone = repo.room().join("partial");
    repo.git([
        "clone",
        "-q",
        "--filter=blob:none",
        "--no-checkout",
        &url,
        &clone.to_string_lossy(),
    ])
    .ok();
    let at = repo.at(&clone);
    at.guard(["history"])
        .ends(2)
        .says("not in this clone")
        .says("--allow-missing");
    for _ in 0..2 {
        at.guard(["history", "--allow-missing"])
            .ok()
            .says("not in this clone");
        at.guard(["history"]).ends(2);
    }
}

#[test]
fn a_shallow_clone_says_that_it_is_one() {
    let repo = Repo::new();
    with_secret(&repo);
    let url = format!("file://{}", repo.top().display());
    let clone = repo.room().join("shallow");
    repo.git(["clone", "-q", "--depth=1", &url, &clone.to_string_lossy()])
        .ok();
    let at = repo.at(&clone);
    for _ in 0..2 {
        at.guard(["history"]).ok().says("shallow clone");
    }
    at.git(["fetch", "-q", "--unshallow"]).ok();
    at.guard(["history"]).ends(1).never_says("shallow");
}

#[test]
fn two_thousand_refs_are_followed() {
    let repo = Repo::new();
    with_secret(&repo);
    let (first, second) = (repo.id("HEAD~1"), repo.id("HEAD"));
    let refs: String = (0..2000)
        .map(|number| {
            let id = if number == 1234 { &first } else { &second };
            ["create refs/heads/b", &number.to_string(), " ", id, "\n"].concat()
        })
        .collect();
    repo.at("")
        .run("git", ["update-ref", "--stdin"], refs.as_bytes())
        .ok();
    holds(&repo.at(""), 1);
    repo.git(["pack-refs", "--all"]).ok();
    holds(&repo.at(""), 1);
}

#[test]
fn other_forms_of_repositories_are_read() {
    for form in ["--object-format=sha256", "--ref-format=reftable"] {
        for packed in [false, true] {
            let repo = Repo::bare_room("repo".as_ref());
            if repo.git(["init", "-q", "-b", "main", form]).code != 0 {
                crate::repo::skipped("this git is too old for it");
                continue;
            }
            with_secret(&repo);
            if packed {
                repo.git(["gc", "-q"]).ok();
            }
            holds(&repo.at(""), 1);
            repo.write("c.env", "OTHER={{github:gho_}}\n").stage();
            repo.commit("third");
            holds(&repo.at(""), 2);
        }
    }
}

#[test]
fn objects_of_another_repository_are_read() {
    let repo = Repo::new();
    with_secret(&repo);
    repo.git(["gc", "-q"]).ok();
    let clone = repo.room().join("shared");
    repo.git(["clone", "-q", "--shared", ".", &clone.to_string_lossy()])
        .ok();
    holds(&repo.at(&clone), 1);
}

#[test]
fn bare_and_empty_repositories_and_unborn_branches_are_read() {
    let repo = Repo::new();
    let at = repo.at("");
    let empty = holds(&at, 0);
    assert_eq!(empty["summary"]["commits"], 0);
    with_secret(&repo);
    repo.git(["checkout", "-q", "--orphan", "other"]).ok();
    let report = holds(&at, 1);
    assert_eq!(report["findings"][0]["in_head"], false);
    let bare = repo.room().join("bare.git");
    repo.git(["clone", "-q", "--bare", ".", &bare.to_string_lossy()])
        .ok();
    holds(&repo.at(&bare), 1);
}

#[test]
fn a_git_file_leads_to_the_repository() {
    let repo = Repo::bare_room("repo".as_ref());
    let elsewhere = repo.room().join("elsewhere");
    repo.git([
        "init",
        "-q",
        "-b",
        "main",
        "--separate-git-dir",
        &elsewhere.to_string_lossy(),
    ])
    .ok();
    assert!(repo.top().join(".git").is_file());
    with_secret(&repo);
    holds(&repo.at(""), 1);
    assert!(elsewhere.join("guard/history").is_file());
    let tree = repo.room().join("tree");
    repo.git(["worktree", "add", "-q", &tree.to_string_lossy()])
        .ok();
    holds(&repo.at(&tree), 1);
}

#[test]
fn what_replace_refs_and_grafts_hide_is_found() {
    let repo = Repo::new();
    with_secret(&repo);
    let clean = repo
        .at("")
        .run("git", ["hash-object", "-w", "--stdin"], b"nothing\n")
        .ok()
        .stdout
        .clone();
    let blob = repo.id("HEAD~1:conf/a.env");
    repo.git(["replace", &blob, clean.trim()]).ok();
    holds(&repo.at(""), 1);
    repo.git(["replace", "-d", &blob]).ok();
    // A graft that cuts the first commit off.
    fs_err::create_dir_all(repo.top().join(".git/info")).expect("a folder");
    fs_err::write(repo.top().join(".git/info/grafts"), repo.id("HEAD") + "\n").expect("writable");
    repo.git(["reflog", "expire", "--expire=now", "--all"]).ok();
    holds(&repo.at(""), 1);
    repo.guard(["history", "HEAD"]).ends(1);
}

#[test]
fn submodules_are_no_blobs_of_this_repository() {
    let repo = Repo::new();
    with_secret(&repo);
    let other = repo.room().join("other");
    fs_err::create_dir_all(&other).expect("a folder");
    let at = repo.at(&other);
    at.git(["init", "-q", "-b", "main"]).ok();
    fs_err::write(other.join("x.env"), filled("X={{github:gho_}}\n")).expect("writable");
    at.git(["add", "."]).ok();
    at.git(["commit", "-q", "-m", "theirs"]).ok();
    repo.git(["submodule", "add", "-q", "../other", "sub"]).ok();
    repo.commit("a submodule");
    holds(&repo.at(""), 1);
    holds(&repo.at("sub"), 1);
}

fn object(repo: &Repo, kind: &str, bytes: &[u8]) -> String {
    let arguments = ["hash-object", "-w", "--literally", "-t", kind, "--stdin"];
    let said = repo.at("").run("git", arguments, bytes).ok();
    said.stdout.trim().to_owned()
}

fn raw(hex: &str) -> Vec<u8> {
    data_encoding::HEXLOWER.decode(hex.as_bytes()).expect("hex")
}

#[test]
fn odd_modes_and_names_are_read() {
    let repo = Repo::new();
    repo.commit("root");
    let names: [&[u8]; 5] = [
        b"a\nb.env",
        b"\xff\xfe.env",
        b" ",
        b"\"q\".env",
        b"\xe2\x80\xaex",
    ];
    let modes = ["100664", "100755", "120000", "100600", "100644"];
    let mut tree = Vec::new();
    for (at, (name, mode)) in names.iter().zip(modes).enumerate() {
        let prefix = ["ghp_", "gho_", "ghs_", "ghu_", "ghr_"][at];
        let text = filled(&["T={{github:", prefix, "}}\n"].concat());
        let blob = object(&repo, "blob", text.as_bytes());
        tree.extend_from_slice(mode.as_bytes());
        tree.push(b' ');
        tree.extend_from_slice(name);
        tree.push(0);
        tree.extend_from_slice(&raw(&blob));
    }
    let tree = object(&repo, "tree", &tree);
    let commit = repo
        .git(["commit-tree", "-p", "HEAD", "-m", "odd", &tree])
        .ok()
        .stdout
        .clone();
    repo.git(["update-ref", "refs/heads/odd", commit.trim()])
        .ok();
    for packed in [false, true] {
        if packed {
            repo.git(["repack", "-adq"]).ok();
        }
        let report = holds(&repo.at(""), 5);
        let paths: Vec<&str> = report["findings"]
            .as_array()
            .expect("a list")
            .iter()
            .map(|finding| finding["path"].as_str().expect("a path"))
            .collect();
        assert!(paths.contains(&"a\nb.env"), "{paths:?}");
        assert!(paths.contains(&"\\xff\\xfe.env"), "{paths:?}");
        let shown = repo.guard(["history"]).ends(1);
        assert!(
            !shown.stdout.contains('\u{202e}'),
            "what turns text is escaped"
        );
    }
}

#[test]
fn commits_that_git_would_not_write_are_read() {
    let repo = Repo::new();
    with_secret(&repo);
    let tree = repo.id("HEAD~1^{tree}");
    for head in [
        format!("tree {tree}\nauthor Nobody\ncommitter Nobody\n\nno times\n"),
        format!(
            "tree {tree}\nauthor A <a> 1 +0000\ncommitter A <a> 99999999999999999999 +0000\n\n\0\u{fffd}\n"
        ),
        format!(
            "tree {tree}\nauthor A <a> 1 +0000\ncommitter A <a> -5 +0000\nencoding nonsense\n\n"
        ),
    ] {
        let commit = object(&repo, "commit", head.as_bytes());
        repo.git(["update-ref", &format!("refs/heads/{commit}"), &commit])
            .ok();
        let report = holds(&repo.at(""), 1);
        assert_eq!(report["errors"].as_array().expect("a list").len(), 0);
    }
}

#[test]
fn a_ref_may_name_a_blob_or_a_tree() {
    let repo = Repo::new();
    repo.commit("root");
    let blob = object(&repo, "blob", secret().as_bytes());
    repo.git(["update-ref", "refs/odd/blob", &blob]).ok();
    holds(&repo.at(""), 1);
    repo.git(["tag", "-a", "-m", "a tag of a blob", "tagged", &blob])
        .ok();
    repo.git(["update-ref", "-d", "refs/odd/blob"]).ok();
    holds(&repo.at(""), 1);
    repo.git(["tag", "-d", "tagged"]).ok();
    holds(&repo.at(""), 0);

    repo.write_bytes("deep/a.env", secret().as_bytes()).stage();
    let tree = repo.git(["write-tree"]).ok().stdout.trim().to_owned();
    repo.git(["update-ref", "refs/odd/tree", &tree]).ok();
    holds(&repo.at(""), 1);
}

#[test]
fn a_ref_that_leads_nowhere_is_said_and_the_rest_is_read() {
    let repo = Repo::new();
    with_secret(&repo);
    fs_err::write(
        repo.top().join(".git/refs/heads/broken"),
        "1234567890123456789012345678901234567890\n",
    )
    .expect("writable");
    let said: Checked = repo.guard(["history"]).ends(2);
    assert!(said.stdout.contains("[github-pat]"), "{}", *said);
}

#[test]
fn a_blob_larger_than_memory_allows_is_read_in_pieces() {
    let repo = Repo::new();
    // Lines that compress well, and the secret behind more than is held in memory.
    let mut text = "nothing to see here, line after line\n".repeat(930_000);
    assert!(text.len() > 32 << 20);
    let line = text.lines().count() + 1;
    text += &secret();
    repo.write_bytes("large.env", text.as_bytes()).stage();
    let staged = repo.guard(["staged", "--format", "json"]).ends(1);
    repo.commit("large");
    let piped = repo.at("").run(
        env!("CARGO_BIN_EXE_guard"),
        [
            "scan",
            "-",
            "--stdin-filename",
            "large.env",
            "--format",
            "json",
        ],
        text.as_bytes(),
    );
    let scanned = repo
        .guard(["scan", "large.env", "--format", "json"])
        .ends(1);
    for packed in [false, true] {
        if packed {
            repo.git(["gc", "-q"]).ok();
        }
        let history = holds(&repo.at(""), 1);
        for said in [&*staged, &piped, &*scanned] {
            let report: Value = serde_json::from_str(&said.stdout).expect("JSON");
            let found = &report["findings"][0];
            assert_eq!(found["line"], line);
            assert_eq!(found["id"], history["findings"][0]["id"]);
            assert_eq!(found["line"], history["findings"][0]["line"]);
        }
    }
}

#[test]
fn a_conflict_that_is_not_resolved_is_said() {
    for setting in ["core.splitIndex=false", "core.splitIndex=true"] {
        let repo = Repo::new();
        let (name, value) = setting.split_once('=').expect("a name and a value");
        repo.git(["config", name, value]).ok();
        repo.write("a.txt", "base\n").stage();
        repo.commit("base");
        repo.git(["checkout", "-q", "-b", "other"]).ok();
        repo.write_bytes("a.txt", secret().as_bytes()).stage();
        repo.git(["commit", "-q", "--no-verify", "-m", "other"])
            .ok();
        repo.git(["checkout", "-q", "-"]).ok();
        repo.write("a.txt", "ours\n").stage();
        repo.commit("ours");
        let merged = repo.git(["merge", "-q", "other"]);
        assert_ne!(merged.code, 0, "{merged}");
        let said = repo.guard(["staged"]).ends(2);
        assert!(said.all().contains("a.txt: unmerged"), "{}", *said);
    }
}

#[test]
fn a_staging_index_that_lacks_entries_is_never_clean() {
    let repo = Repo::new();
    for number in 0..50 {
        repo.write(format!("a{number}"), "x\n").stage();
    }
    let path = repo.top().join(".git/index");
    let whole = fs_err::read(&path).expect("readable");
    for len in [whole.len() / 2, 12, 5] {
        overwrite(&path, &whole[..len]);
        let said = repo.guard(["staged"]);
        assert_eq!(said.code, 2, "cut at {len}: {said}");
    }
}

#[test]
fn a_bare_repository_has_nothing_staged() {
    let repo = Repo::new();
    with_secret(&repo);
    repo.git(["clone", "-q", "--bare", ".", "bare.git"]).ok();
    let said = repo.at("bare.git").guard(["staged"]).ends(2);
    assert!(said.all().contains("guard history"), "{}", *said);
    holds(&repo.at("bare.git"), 1);
}

#[cfg(unix)]
#[test]
fn a_pipe_and_a_link_that_a_person_names_are_read_and_what_has_no_end_is_said() {
    let repo = Repo::new();
    repo.write("key.txt", "{{github:ghp_}}\n");
    std::os::unix::fs::symlink("key.txt", repo.top().join("link")).expect("a link");
    repo.guard(["scan", "link"]).ends(1);
    let pipe = repo.top().join("pipe");
    let made = std::process::Command::new("mkfifo").arg(&pipe).status();
    assert!(made.expect("mkfifo runs").success());
    let text = repo.read("key.txt");
    let writer = std::thread::spawn(move || fs_err::write(pipe, text));
    repo.guard(["scan", "pipe"]).ends(1);
    writer.join().expect("no panic").expect("written");
    // In a folder nobody waits for a pipe.
    repo.guard(["scan", ".", "--no-ignore"]).ends(1);
    std::os::unix::fs::symlink("nowhere", repo.top().join("lost")).expect("a link");
    for (name, said) in [("lost", "lost"), ("/dev/zero", "no end")] {
        let output = repo.guard(["scan", name]).ends(2);
        assert!(
            format!("{}{}", output.stdout, output.stderr).contains(said),
            "{name}"
        );
    }
}
