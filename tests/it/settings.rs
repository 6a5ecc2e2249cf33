//! Settings are judged by where they stand, and by what the files beside them say.

use crate::repo::Repo;

fn staged(files: &[(&str, &str)]) -> (Repo, i32, String) {
    let repo = Repo::new();
    for (path, text) in files {
        repo.write(path, text).stage();
    }
    let output = repo.guard(["staged", "--format", "concise"]);
    (repo, output.code, output.stdout)
}

#[test]
fn a_base_file_is_judged_by_the_sibling_that_overrides_it() {
    let base = ("shop/settings/base.py", "DEBUG = True\n");
    let (_, code, said) = staged(&[
        base,
        (
            "shop/settings/production.py",
            "from .base import *\nDEBUG = False\n",
        ),
    ]);
    assert_eq!(code, 0, "{said}");
    assert!(said.contains("warning[django-debug-true]"), "{said}");
    let (_, code, said) = staged(&[
        base,
        ("shop/settings/production.py", "from .base import *\n"),
    ]);
    assert_eq!(code, 1, "{said}");
    let (_, code, said) = staged(&[
        base,
        (
            "shop/settings/dev.py",
            "from .base import *\nDEBUG = False\n",
        ),
    ]);
    assert_eq!(
        code, 1,
        "what development overrides says nothing of production: {said}"
    );
}

#[test]
fn the_same_siblings_count_on_disk() {
    let repo = Repo::new();
    let _ = repo.write("shop/settings/base.py", "DEBUG = True\n");
    repo.guard(["scan", "."]).ends(1);
    let _ = repo.write(
        "shop/settings/production.py",
        "from .base import *\nDEBUG = False\n",
    );
    repo.guard(["scan", "."]).ends(0);
    repo.guard(["scan", "shop"]).ends(0);
}

#[test]
fn development_tests_and_documents_are_no_fault_unless_asked() {
    for path in [
        "shop/settings/dev.py",
        "tests/settings.py",
        "docs/settings.py",
        "examples/settings.py",
    ] {
        let (repo, code, said) = staged(&[(path, "DEBUG = True\n")]);
        assert_eq!((code, said.as_str()), (0, ""), "{path}");
        let all = repo
            .guard(["staged", "--all-rules", "--format", "concise"])
            .ends(0);
        assert!(
            all.stdout.contains("warning[django-debug-true]"),
            "{path}: {}",
            all.stdout
        );
    }
}

#[test]
fn only_what_a_commit_adds_decides() {
    let repo = Repo::new();
    repo.write("shop/settings.py", "DEBUG = True\nX = 1\n")
        .stage();
    repo.commit("it was there before");
    repo.write("shop/settings.py", "DEBUG = True\nX = 2\n")
        .stage();
    repo.guard(["staged"]).ends(0);
    repo.git(["mv", "shop/settings.py", "shop/settings_prod.py"])
        .ok();
    repo.guard(["staged"]).ends(0);
}

#[test]
fn a_value_that_head_holds_does_not_block_where_it_moves() {
    let repo = Repo::new();
    repo.write("a.env", "TOKEN={{github:ghp_}}\n").stage();
    repo.commit("it was there before");
    let line = repo.read("a.env");
    repo.write_bytes("b/c.py", format!("x = 1\n{line}").as_bytes())
        .stage();
    let said = repo
        .guard(["staged", "--format", "concise"])
        .ends(0)
        .stdout
        .clone();
    assert!(said.contains("b/c.py:2:7: warning[github-pat]"), "{said}");
}

#[test]
fn another_tools_comment_lowers_a_secret_and_silences_a_setting() {
    let (_, code, said) = staged(&[("a.py", "t = '{{github:ghp_}}'  # gitleaks:allow\n")]);
    assert_eq!(code, 0, "{said}");
    assert!(said.contains("warning[github-pat]"), "{said}");
    let (_, code, said) = staged(&[("settings.py", "DEBUG = True  # nosec\n")]);
    assert_eq!((code, said.as_str()), (0, ""));
    let (_, code, _) = staged(&[(
        "a.py",
        "t = '{{github:ghp_}}'  # guard:allow github-pat -- a sample\n",
    )]);
    assert_eq!(code, 0);
    let (_, code, _) = staged(&[("a.py", "t = '{{github:ghp_}}'  # guard:allow github-pat\n")]);
    assert_eq!(code, 1, "a reason is required");
}

#[test]
fn a_folder_that_should_not_be_there_is_said_once() {
    let repo = Repo::new();
    for name in ["a.js", "b.js", "c/d.js"] {
        repo.write(format!("web/node_modules/left/{name}"), "x\n")
            .stage();
    }
    let said = repo
        .guard(["staged", "--format", "concise"])
        .ends(1)
        .stdout
        .clone();
    assert_eq!(said.matches("node-modules-committed").count(), 1, "{said}");
    let text = repo.guard(["staged"]).ends(1).stdout.clone();
    assert!(text.contains("and 2 more files in that folder"), "{text}");
    let id = said
        .rsplit('[')
        .next()
        .and_then(|tail| tail.split(']').next())
        .expect("an id");
    repo.guard(["allow", id, "--reason", "vendored on purpose"])
        .ok();
    repo.guard(["staged"]).ends(0);
}
