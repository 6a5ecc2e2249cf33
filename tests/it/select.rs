//! Which commits bring a value in, which hold it and which are selected: what guard says is what git says.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::repo::{Output, Repo, filled};

/// Numbers that look random and are the same each time.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, below: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % below
    }
}

const PATHS: [&str; 5] = [
    "a.env",
    "conf/b.env",
    "conf/deep/c.yml",
    "d d.txt",
    "tests/e.py",
];

struct Story {
    repo: Repo,
    tokens: Vec<String>,
}

/// Makes a history of branches and merges in which tokens come, move and go.
fn story(seed: u64) -> Story {
    let mut repo = Repo::new();
    let mut dice = Dice(seed);
    let tokens: Vec<String> = ["ghp_", "gho_", "ghs_", "ghu_"]
        .iter()
        .map(|prefix| filled(&format!("{{{{github:{prefix}}}}}")))
        .collect();
    for day in 0..40 {
        let date = format!("2025-{:02}-{:02}T10:00:00Z", day / 28 + 1, day % 28 + 1);
        repo.set("GIT_COMMITTER_DATE", &date)
            .set("GIT_AUTHOR_DATE", &date);
        match dice.roll(8) {
            0 if day > 3 => {
                let branch = format!("b{day}");
                repo.git(["checkout", "-q", "-b", &branch, "HEAD~1"]).ok();
            }
            1 if day > 6 => {
                let branches = repo.git(["branch", "--format=%(refname:short)"]).ok();
                let all: Vec<&str> = branches.stdout.lines().collect();
                let other = all[usize::try_from(dice.roll(all.len() as u64)).expect("few")];
                let merged = repo.git(["merge", "-q", "--no-edit", "-X", "ours", other]);
                if merged.code != 0 {
                    // A file that one side removed: what is there stays.
                    repo.git(["add", "-A"]).ok();
                    repo.git(["commit", "-q", "--no-edit"]).ok();
                }
            }
            _ => {}
        }
        let path = PATHS[usize::try_from(dice.roll(5)).expect("few")];
        match dice.roll(4) {
            0 => {
                let _ = repo.git(["rm", "-qf", "--ignore-unmatch", path]);
            }
            _ => {
                let mut text = format!("# day {day}\n");
                for token in &tokens {
                    if dice.roll(3) == 0 {
                        text.extend(["TOKEN = ", token, "\n"]);
                    }
                }
                repo.write_bytes(path, text.as_bytes()).stage();
            }
        }
        repo.commit(&format!("day {day}"));
    }
    Story { repo, tokens }
}

type Places = BTreeMap<String, BTreeSet<String>>;

impl Story {
    fn lines(&self, arguments: &[&str]) -> Vec<String> {
        let said = self.repo.git(arguments.iter().copied()).ok();
        said.stdout.lines().map(str::to_owned).collect()
    }

    /// Returns which of the commits hold a token, and where, as `git grep` says.
    fn holding(&self, token: &str, commits: &[String], paths: &[&str]) -> Places {
        let mut arguments = vec!["grep", "-l", "-z", "-F", "-e", token];
        arguments.extend(commits.iter().map(String::as_str));
        arguments.push("--");
        arguments.extend(paths);
        let said = self.repo.git(arguments);
        let mut places = Places::new();
        for place in said.stdout.split('\0').filter(|place| !place.is_empty()) {
            let (commit, path) = place.split_once(':').expect("commit:path");
            places
                .entry(commit.to_owned())
                .or_default()
                .insert(path.to_owned());
        }
        places
    }

    /// Returns the commits that bring a token to a path, the oldest first.
    fn bringing(&self, token: &str, paths: &[&str]) -> Vec<(String, BTreeSet<String>)> {
        let rows = self.lines(&[
            "log",
            "--all",
            "--reflog",
            "--reverse",
            "--topo-order",
            "--date-order",
            "--format=%H %P",
        ]);
        let commits: Vec<String> = rows.iter().map(|row| row[..40].to_owned()).collect();
        let holding = self.holding(token, &commits, paths);
        let nothing = BTreeSet::new();
        rows.iter()
            .filter_map(|row| {
                let mut ids = row.split(' ');
                let mut held = holding.get(ids.next()?)?.clone();
                for parent in ids.filter(|id| !id.is_empty()) {
                    for path in holding.get(parent).unwrap_or(&nothing) {
                        held.remove(path);
                    }
                }
                (!held.is_empty()).then(|| (row[..40].to_owned(), held))
            })
            .collect()
    }

    fn told(&self, output: &Output) -> BTreeMap<String, Value> {
        let report: Value = serde_json::from_str(&output.stdout).expect("JSON");
        let findings = report["findings"].as_array().expect("a list").clone();
        findings
            .into_iter()
            .filter(|finding| {
                finding["rule"]
                    .as_str()
                    .is_some_and(|id| id.starts_with("github-"))
            })
            .map(|finding| {
                let text = |key: &str| finding[key].as_str().expect("text").to_owned();
                let object = format!("{}:{}", text("commit"), text("path"));
                let shown = self.repo.git(["show", &object]).ok();
                let line = usize::try_from(finding["line"].as_u64().expect("a line")).expect("few");
                let line = shown
                    .stdout
                    .lines()
                    .nth(line - 1)
                    .expect("there")
                    .to_owned();
                let mut tokens = self.tokens.iter().filter(|token| line.contains(*token));
                (tokens.next().expect("one of ours").clone(), finding)
            })
            .collect()
    }
}

#[test]
fn the_first_and_the_last_commit_are_those_of_git() {
    for seed in 0..6 {
        let story = story(seed);
        if seed % 2 == 1 {
            story.repo.git(["gc", "-q"]).ok();
        }
        let told = story.told(&story.repo.guard(["history", "--format", "json"]));
        let all = story.lines(&["log", "--all", "--reflog", "--date-order", "--format=%H"]);
        for token in &story.tokens {
            let bringing = story.bringing(token, &["."]);
            let Some((first, paths)) = bringing.first() else {
                assert!(!told.contains_key(token), "seed {seed}");
                continue;
            };
            let finding = &told[token];
            assert_eq!(finding["commit"], **first, "seed {seed}: {finding}");
            let path = finding["path"].as_str().expect("a path");
            assert!(paths.contains(path), "seed {seed}: {path} {paths:?}");
            let holding = story.holding(token, &all, &["."]);
            let last = all.iter().find(|id| holding.contains_key(*id));
            assert_eq!(
                finding["last_commit"].as_str(),
                last.map(String::as_str),
                "seed {seed}"
            );
            assert_eq!(finding["commits"], holding.len(), "seed {seed}");
            let head = story.holding(token, &[story.repo.id("HEAD")], &["."]);
            assert_eq!(finding["in_head"], !head.is_empty(), "seed {seed}");
            // The same, asked of git by the blob.
            let blob = finding["blob"].as_str().expect("a blob");
            let found = story.lines(&[
                "log",
                "--all",
                "--reflog",
                "--reverse",
                "--date-order",
                "--no-renames",
                "--full-history",
                "-m",
                "--format=%H",
                &format!("--find-object={blob}"),
            ]);
            assert!(found.contains(first), "seed {seed}");
        }
    }
}

#[test]
fn a_selection_is_what_git_log_selects() {
    let selections: [(&[&str], &[&str]); 9] = [
        (&["main~5..main"], &["."]),
        (&["main~8"], &["."]),
        (&["--since=2025-01-20"], &["."]),
        (&["--until=2025-01-12"], &["."]),
        (&["--since=2025-01-10", "--until=2025-01-25"], &["."]),
        (&["--since=2025-01-05"], &["conf"]),
        (&["main~10..main"], &["*.env"]),
        (&["main"], &[":(exclude)conf", "."]),
        (&["--until=2025-02-01"], &["d d.txt", "tests/"]),
    ];
    for seed in 10..13 {
        let story = story(seed);
        for (options, paths) in selections {
            let mut arguments = vec!["history", "--format", "json"];
            arguments.extend(options);
            let is_about_paths = paths != ["."];
            if is_about_paths {
                arguments.push("--");
                arguments.extend(paths);
            }
            let output = story.repo.guard(&arguments);
            assert!(output.code < 2, "{options:?} {output}");
            // What git compares of these commits is what all trees say.
            let fresh = story
                .repo
                .guard(["history", "--fresh"].iter().chain(&arguments[1..]));
            assert_eq!(fresh.stdout, output.stdout, "{options:?} -- {paths:?}");
            let told = story.told(&output);
            let mut listing = vec!["rev-list"];
            listing.extend(options);
            if options.iter().all(|option| option.starts_with('-')) {
                listing.extend(["--all", "--reflog"]);
            }
            let selected = story.lines(&listing);
            for token in &story.tokens {
                let bringing = story.bringing(token, paths);
                let first = bringing
                    .iter()
                    .find(|(commit, _)| selected.contains(commit));
                let context = format!("seed {seed}, {options:?} -- {paths:?}");
                match first {
                    None => assert!(!told.contains_key(token), "{context}"),
                    Some((commit, held)) => {
                        let finding = told.get(token).unwrap_or_else(|| panic!("{context}"));
                        assert_eq!(finding["commit"], **commit, "{context}");
                        let path = finding["path"].as_str().expect("a path");
                        assert!(held.contains(path), "{context}: {path} {held:?}");
                    }
                }
            }
        }
    }
}

#[test]
fn a_selection_of_nothing_is_an_error() {
    let repo = Repo::new();
    repo.write("a.env", "TOKEN={{github:ghp_}}\n").stage();
    repo.commit("first");
    for arguments in [
        &["history", "HEAD..HEAD"][..],
        &["history", "nowhere..HEAD"],
        &["history", "--since", "no such day"],
        &["history", "--since", "2030-01-01"],
        &["history", "--", ":(no-such-magic)a"],
    ] {
        let said = repo.guard(arguments.iter().copied());
        assert_eq!(said.code, 2, "{arguments:?} {said}");
        assert!(!said.stdout.contains("clean"), "{said}");
    }
    repo.guard(["history", "--since", "2026-02-28", "--", "a.env"])
        .ends(1)
        .says("in 1 commit");
    repo.guard(["history", "--", "nothing/here"]).ok();
}

#[test]
fn commits_that_no_ref_leads_to_can_be_selected() {
    let repo = Repo::new();
    repo.write("a.txt", "a\n").stage();
    repo.commit("first");
    repo.write("b.env", "TOKEN={{github:ghp_}}\n").stage();
    repo.commit("second");
    let second = repo.id("HEAD");
    repo.git(["reset", "-q", "--hard", "HEAD~1"]).ok();
    repo.git(["reflog", "expire", "--expire=now", "--all"]).ok();
    repo.guard(["history"]).ok();
    repo.guard(["history", &format!("HEAD..{second}")])
        .ends(1)
        .says("b.env");
    repo.guard(["history"]).ok();
}
