//! More than one machine: parts of a history joined are the whole, and several repositories are one report.

use serde_json::Value;

use crate::repo::{Repo, filled};

/// A history with secrets in delta families, in loose objects, in messages and tags; some in several at once.
fn varied() -> Repo {
    let repo = Repo::new();
    let lines: Vec<String> = (0..120)
        .map(|line| format!("line {line} that stays\n"))
        .collect();
    let filler = lines.concat();
    let shared = filled("TOKEN={{github:ghp_}}\n");
    for file in 0..9 {
        for version in 0..6 {
            let secret = match (file, version) {
                (0..=4, 2..=3) => shared.clone(),
                (5..=7, 1..) => filled(&format!("KEY{file}={{{{github:gho_}}}} # {file}\n")),
                _ => String::new(),
            };
            let text = format!("file {file} version {version}\n{filler}{secret}{filler}");
            repo.write_bytes(format!("dir{file}/a.env"), text.as_bytes())
                .stage();
        }
        repo.commit(&format!("file {file}"));
    }
    for version in 0..5 {
        let text = format!("{version}\n{filler}{}end {version}\n", &shared);
        repo.write_bytes("dir1/a.env", text.as_bytes()).stage();
        repo.write_bytes(
            "conf/settings.py",
            format!("DEBUG = True\nN = {version}\n").as_bytes(),
        )
        .stage();
        repo.commit(&format!("again {version}"));
    }
    repo.commit(&format!("note: {shared}"));
    repo.git([
        "tag",
        "-a",
        "v1",
        "-m",
        &filled("signed by {{github:ghs_}}"),
    ])
    .ok();
    repo.git(["repack", "-adfq", "--depth=50", "--window=50"])
        .ok();
    repo.write("late.env", "LATE={{github:ghr_}}\n").stage();
    repo.commit("loose");
    repo
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).expect("JSON")
}

/// Returns a report without the counts of commits that `joined` does not know: a commit may hold a value in blobs of two
/// parts, so what each counts cannot be added. All else is kept byte for byte.
fn uncounted(one: &str, joined: &str) -> String {
    let mut text = one.to_owned();
    let joined = json(joined);
    for (finding, joined) in json(one)["findings"]
        .as_array()
        .expect("a list")
        .iter()
        .zip(joined["findings"].as_array().expect("a list"))
    {
        if joined["commits"].is_null() && !finding["commits"].is_null() {
            let last = format!(
                "\"last_commit\":{},\"in_head\":{},\"commits\":",
                finding["last_commit"], finding["in_head"]
            );
            let id = format!("\"id\":{}", finding["id"]);
            let start = text.find(&id).expect("the finding");
            let at = start + text[start..].find(&last).expect("its count") + last.len();
            let end = at + text[at..].find(',').expect("more fields");
            text.replace_range(at..end, "null");
        }
    }
    text
}

#[test]
fn parts_joined_are_one_run_byte_for_byte() {
    let repo = varied();
    let one = repo.guard(["history", "--format", "json"]).ends(1);
    let found = json(&one.stdout)["findings"].as_array().map_or(0, Vec::len);
    assert!(found >= 7, "{}", one.stdout);
    for (count, format) in [(1, "json"), (2, "jsonl"), (5, "json"), (40, "jsonl")] {
        let mut names = Vec::new();
        let mut with_findings = 0;
        for index in 1..=count {
            let shard = format!("{index}/{count}");
            let part = repo.guard(["history", "--shard", &shard, "--format", format]);
            with_findings += usize::from(part.code == 1);
            let name = format!("../part-{count}-{index}");
            let _ = repo.write_bytes(&name, part.stdout.as_bytes());
            names.push(name);
        }
        assert!(count < 5 || with_findings >= 3, "the parts share the work");
        // The order in which the parts come is no matter.
        names.reverse();
        let joined = repo
            .guard(
                ["merge", "--format", "json"]
                    .into_iter()
                    .chain(names.iter().map(String::as_str)),
            )
            .ends(1);
        assert_eq!(
            joined.stdout,
            uncounted(&one.stdout, &joined.stdout),
            "{count} parts"
        );
        // And a report joined is a report that can be joined.
        let _ = repo.write_bytes("../joined", joined.stdout.as_bytes());
        let again = repo
            .guard(["merge", "../joined", "--format", "json"])
            .ends(1);
        assert_eq!(again.stdout, joined.stdout);
    }
}

#[test]
fn parts_of_a_repository_that_is_named_are_joined_too() {
    let repo = varied();
    let room = repo.at("..");
    let mut names = Vec::new();
    for index in 1..=3 {
        let shard = format!("{index}/3");
        let part = room.guard(["history", "repo", "--shard", &shard, "--format", "jsonl"]);
        assert_ne!(part.code, 2, "{}", part.all());
        let _ = repo.write_bytes(format!("../{index}.jsonl"), part.stdout.as_bytes());
        names.push(format!("{index}.jsonl"));
    }
    let joined = room
        .guard(["merge", "--format", "json", &names[0], &names[1], &names[2]])
        .ends(1);
    let one = room.guard(["history", "repo", "--format", "json"]).ends(1);
    assert_eq!(joined.stdout, uncounted(&one.stdout, &joined.stdout));
}

#[test]
fn a_repository_that_is_named_is_remembered_as_one_that_is_stood_in() {
    let repo = varied();
    let room = repo.at("..");
    let memory = repo.top().join(".git/guard/history");
    let part = room.guard(["history", "repo", "--shard", "1/2"]);
    assert_ne!(part.code, 2, "{}", part.all());
    assert!(!memory.exists(), "a part is not remembered");
    let first = room.guard(["history", "repo", "--format", "json"]).ends(1);
    assert!(memory.exists());
    let again = room.guard(["history", "repo", "--format", "json"]).ends(1);
    assert_eq!(again.stdout, first.stdout);
    // Were the memory not used, or another one, it would be written anew.
    let before = fs_err::metadata(&memory).expect("there").modified().ok();
    repo.guard(["history"]).ends(1);
    room.guard(["history", "repo"]).ends(1);
    let after = fs_err::metadata(&memory).expect("there").modified().ok();
    assert_eq!(after, before);
}

#[test]
fn a_part_that_is_missing_is_an_error_and_the_rest_is_told() {
    let repo = varied();
    let first = repo.guard(["history", "--shard", "1/3", "--format", "json"]);
    let third = repo.guard(["history", "--shard", "3/3", "--format", "json"]);
    let _ = repo.write_bytes("../1", first.stdout.as_bytes());
    let _ = repo.write_bytes("../3", third.stdout.as_bytes());
    repo.guard(["merge", "../1", "../3"])
        .ends(2)
        .says("1 of 3 parts are missing")
        .says("guard history --shard 2/3");
}

#[test]
fn parts_that_do_not_fit_together_are_refused() {
    let repo = varied();
    let part = |name: &str, arguments: &[&str]| {
        let output = repo.guard(
            ["history", "--format", "json"]
                .iter()
                .chain(arguments)
                .copied(),
        );
        let _ = repo.write_bytes(name, output.stdout.as_bytes());
    };
    part("../1of2", &["--shard", "1/2"]);
    part("../1of3", &["--shard", "1/3"]);
    part("../all", &[]);
    repo.guard(["merge", "../1of2", "../1of3"])
        .ends(2)
        .says("different splits");
    repo.guard(["merge", "../1of2", "../all"])
        .ends(2)
        .says("leave one of them out");
    // Packed anew, the families are others: a blob could be in neither part.
    repo.git(["repack", "-adfq", "--depth=1"]).ok();
    part("../2of2", &["--shard", "2/2"]);
    repo.guard(["merge", "../1of2", "../2of2"])
        .ends(2)
        .says("the same pack files");
    repo.write("more.txt", "more\n").stage();
    repo.commit("more");
    part("../later", &[]);
    repo.guard(["merge", "../all", "../later"])
        .ends(2)
        .says("run `guard history REPO`");
}

#[test]
fn a_part_is_asked_for_in_one_way_only() {
    let repo = Repo::new();
    repo.commit("first");
    for (wrong, word) in [
        ("0/4", "1/4 to 4/4"),
        ("5/4", "1/4 to 4/4"),
        ("1/0", "no parts of 0"),
        ("one/two", "as 1/8"),
        ("3", "as 1/8"),
    ] {
        repo.guard(["history", "--shard", wrong]).ends(2).says(word);
    }
    repo.guard(["history", "HEAD", "--shard", "1/2"])
        .ends(2)
        .says("for a whole history");
}

#[test]
fn several_repositories_are_one_report_and_one_that_is_none_does_not_hide_the_rest() {
    let repo = varied();
    repo.git(["clone", "-q", "--mirror", ".", "../mirror.git"])
        .ok();
    let room = repo.at("..");
    room.git(["init", "-q", "-b", "main", "other"]).ok();
    let other = repo.at("../other");
    let _ = repo.write("../other/b.env", "OTHER={{github:ghp_}}\n");
    // What one repository accepts is accepted there alone.
    let _ = repo.write("../other/guard.toml", "[rules]\nwarn = [\"github-pat\"]\n");
    other.git(["add", "."]).ok();
    other.git(["commit", "-q", "-m", "first"]).ok();
    let folders = ["mirror.git", "gone", "other", "home"];
    let said = room
        .guard(["history", "--format", "json"].into_iter().chain(folders))
        .ends(2);
    let report = json(&said.stdout);
    let errors = report["errors"].as_array().expect("a list");
    let unread: Vec<&str> = errors
        .iter()
        .filter_map(|error| error["path"].as_str())
        .collect();
    assert_eq!(unread, ["gone", "home"], "{errors:?}");
    let findings = report["findings"].as_array().expect("a list");
    let in_other: Vec<&Value> = findings
        .iter()
        .filter(|finding| finding["repository"] == "other")
        .collect();
    assert_eq!(in_other.len(), 1);
    assert_eq!(
        (&in_other[0]["path"], &in_other[0]["level"]),
        (&"b.env".into(), &"warn".into())
    );
    assert!(findings.len() > 6);
    let text = room
        .guard(["history", "mirror.git", "other", "--format", "concise"])
        .ends(1);
    assert!(
        text.stdout
            .contains("\nother/b.env:1:7: warning[github-pat]"),
        "{}",
        text.stdout
    );
    // One after the other and joined is the same.
    let mut parts = Vec::new();
    for folder in ["other", "mirror.git"] {
        let one = room.guard(["history", folder, "--format", "jsonl"]);
        let _ = repo.write_bytes(format!("../{folder}.jsonl"), one.stdout.as_bytes());
        parts.push(format!("{folder}.jsonl"));
    }
    let joined = room
        .guard(["merge", "--format", "json", &parts[0], &parts[1], &parts[0]])
        .ends(1);
    let both = room
        .guard(["history", "mirror.git", "other", "--format", "json"])
        .ends(1);
    assert_eq!(joined.stdout, both.stdout);
}

#[test]
fn what_names_one_repository_is_not_taken_for_another() {
    let mut repo = Repo::new();
    repo.commit("first");
    repo.git(["branch", "twin"]).ok();
    repo.git(["init", "-q", "twin"]).ok();
    repo.guard(["history", "twin"])
        .ends(2)
        .says("write ./twin or refs/heads/twin");
    repo.guard(["history", "./twin"]).ok();
    repo.guard(["history", "refs/heads/twin"]).ok();
    fs_err::create_dir_all(repo.top().join("plain")).expect("a folder");
    repo.guard(["history", "plain"])
        .ends(2)
        .says("not the top of a git repository");
    repo.set("GIT_DIR", repo.top().join(".git"));
    repo.guard(["history", "./twin"])
        .ends(2)
        .says("GIT_DIR is set");
}

#[test]
fn reports_of_other_runs_are_joined_by_place() {
    let repo = Repo::new();
    repo.write("a.env", "TOKEN={{github:ghp_}}\n").stage();
    repo.write("b.env", "OTHER={{github:gho_}}\n").stage();
    for (name, path) in [("../a", "a.env"), ("../b", "b.env"), ("../both", ".")] {
        let said = repo.guard(["scan", path, "--format", "jsonl"]).ends(1);
        let _ = repo.write_bytes(name, said.stdout.as_bytes());
    }
    let joined = repo
        .guard(["merge", "../a", "../b", "../both", "--format", "json"])
        .ends(1);
    assert_eq!(
        json(&joined.stdout)["findings"].as_array().map(Vec::len),
        Some(2)
    );
    // Lines of several reports in one stream.
    let both = repo.read("../a") + &repo.read("../b");
    let piped = repo
        .at("")
        .run(
            env!("CARGO_BIN_EXE_guard"),
            ["merge", "-", "--format", "concise"],
            both.as_bytes(),
        )
        .ends(1);
    assert_eq!(piped.stdout.lines().count(), 2, "{}", piped.stdout);
    for format in [
        "text",
        "sarif",
        "gitlab",
        "codequality",
        "junit",
        "markdown",
        "csv",
        "github",
    ] {
        repo.guard(["merge", "../both", "--format", format])
            .ends(1)
            .says("github");
    }
}

#[test]
fn what_is_no_report_is_refused() {
    let repo = Repo::new();
    repo.write("a.env", "TOKEN={{github:ghp_}}\n").stage();
    let json = repo
        .guard(["staged", "--format", "json"])
        .ends(1)
        .stdout
        .clone();
    let lines = repo
        .guard(["staged", "--format", "jsonl"])
        .ends(1)
        .stdout
        .clone();
    let without_last = lines.lines().next().expect("a finding").to_owned() + "\n";
    for (text, word) in [
        (
            json.replace("\"version\":1", "\"version\":2"),
            "a report of version 2",
        ),
        (
            lines.replace("\"version\":1", "\"version\":9"),
            "a report of version 9",
        ),
        (json[..json.len() / 2].to_owned(), "no report in JSON"),
        (without_last, "cut off"),
        ("{}".to_owned(), "no report of guard"),
        (String::new(), "no report of guard"),
        ("[1]".to_owned(), "no report of guard"),
        (
            json.replace("\"level\":\"block\"", "\"level\":\"fine\""),
            "level is fine",
        ),
    ] {
        let _ = repo.write_bytes("../report", text.as_bytes());
        repo.guard(["merge", "../report"])
            .ends(2)
            .says(word)
            .says("report");
    }
    repo.guard(["merge", "../gone"]).ends(2).says("gone");
}
