//! The index is read by libgit2, and by git itself where libgit2 cannot: both tell the same as `git diff --cached`.

use std::collections::BTreeSet;
use std::sync::Mutex;

use guard::blob::Regions;
use guard::source::Source;
use guard::source::index::Index;

use crate::repo::Repo;

/// What a reader hands to the scan: path, and the bytes of it that count.
fn handed(index: &Index) -> BTreeSet<(String, String)> {
    let handed = Mutex::new(BTreeSet::new());
    index
        .scan(&|blob| {
            let path = blob
                .provenance
                .path
                .as_ref()
                .expect("a staged file has a path")
                .to_string();
            let counted = match &blob.regions {
                Regions::Whole => blob.bytes.to_vec(),
                Regions::Ranges(ranges) => ranges
                    .iter()
                    .flat_map(|range| range.of(blob.bytes).to_vec())
                    .collect(),
            };
            handed
                .lock()
                .expect("one thread")
                .insert((path, String::from_utf8_lossy(&counted).into_owned()));
            Vec::new()
        })
        .expect("the index is readable");
    handed.into_inner().expect("one thread")
}

/// Stages one of everything on top of a first commit.
fn one_of_everything(repo: &Repo) {
    repo.write("kept.txt", "a\nb\nc\n").stage();
    repo.write(
        "moved.txt",
        "one\ntwo\nthree\nfour\nfive\nsix\nseven\neight\n",
    )
    .stage();
    repo.write("gone.txt", "gone\n").stage();
    repo.commit("first");
    repo.write("kept.txt", "a\nnew line\nb\nc\nlast").stage();
    repo.git(["mv", "moved.txt", "to.txt"]).ok();
    repo.write(
        "to.txt",
        "one\ntwo\nthree\nfour\nfive\nsix\nseven\neight\nnine\n",
    )
    .stage();
    repo.git(["rm", "-q", "gone.txt"]).ok();
    repo.write("sub dir/new\nline.txt", "added\n").stage();
    let _ = repo.write("only intended.txt", "not yet\n");
    repo.git(["add", "-N", "only intended.txt"]).ok();
    repo.write("not staged.txt", "x\n").stage();
    repo.git(["rm", "-q", "--cached", "not staged.txt"]).ok();
}

fn expected() -> BTreeSet<(String, String)> {
    [
        ("kept.txt", "new line\nlast"),
        ("to.txt", "nine\n"),
        ("sub dir/new\nline.txt", "added\n"),
    ]
    .map(|(path, text)| (path.to_owned(), text.to_owned()))
    .into()
}

#[test]
fn both_readers_hand_over_the_added_lines_and_nothing_else() {
    let repo = Repo::new();
    one_of_everything(&repo);
    assert_eq!(handed(&Index::open(repo.top()).expect("opens")), expected());
    assert_eq!(
        handed(&Index::through_git(repo.top()).expect("opens")),
        expected()
    );
}

#[test]
fn what_libgit2_cannot_read_is_read_through_git() {
    let ways: [(&str, &[&str]); 3] = [
        ("split index", &["update-index", "--split-index"]),
        (
            "sparse index",
            &["sparse-checkout", "set", "--sparse-index", "sub dir"],
        ),
        ("index version 4", &["update-index", "--index-version", "4"]),
    ];
    for (name, arguments) in ways {
        let repo = Repo::new();
        one_of_everything(&repo);
        repo.git(arguments).ok();
        assert_eq!(
            handed(&Index::open(repo.top()).expect(name)),
            expected(),
            "{name}"
        );
    }
}

#[test]
fn other_formats_of_repositories_are_read_too() {
    for format in [["--object-format=sha256"], ["--ref-format=reftable"]] {
        let repo = Repo::bare_room("repo".as_ref());
        if repo
            .git(["init", "-q", "-b", "main"].iter().chain(&format))
            .code
            != 0
        {
            // An older git does not know the format.
            continue;
        }
        one_of_everything(&repo);
        assert_eq!(
            handed(&Index::open(repo.top()).expect(format[0])),
            expected(),
            "{}",
            format[0]
        );
    }
}

#[test]
fn a_staged_secret_is_found_in_every_format() {
    for format in [
        ["--object-format=sha256"],
        ["--ref-format=reftable"],
        ["--quiet"],
    ] {
        let repo = Repo::bare_room("repo".as_ref());
        if repo
            .git(["init", "-q", "-b", "main"].iter().chain(&format))
            .code
            != 0
        {
            continue;
        }
        repo.write("a.env", "TOKEN={{github:ghp_}}\n").stage();
        repo.guard(["staged"]).ends(1);
    }
}
