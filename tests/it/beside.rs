//! Faults that the file alone cannot prove: what lies beside it decides.

use crate::repo::Repo;

const ON: &str = "[rules]\nwarn = ['py-implicit-relative-import', 'lockfile-missing', 'file-gitignore-missing-env']\n";

fn repo(files: &[(&str, &str)]) -> Repo {
    let repo = Repo::new();
    let _ = repo.write("guard.toml", ON);
    for (path, text) in files {
        let _ = repo.write(path, text);
    }
    repo.git(["add", "-A"]).ok();
    repo
}

fn said(repo: &Repo, words: &[&str]) -> String {
    let words = words.iter().copied().chain(["--format", "concise"]);
    repo.guard(words).stdout
}

#[test]
fn an_import_of_the_own_package_is_told_where_the_module_lies_beside() {
    let repo = repo(&[
        ("app/__init__.py", ""),
        ("app/util.py", "X = 1\n"),
        (
            "app/main.py",
            "import util\nimport requests\nfrom . import util\n",
        ),
        ("tool/util.py", "X = 1\n"),
        ("tool/run.py", "import util\n"),
    ]);
    let only = |said: &str| {
        let lines: Vec<&str> = said
            .lines()
            .filter(|line| line.contains("implicit-relative"))
            .collect();
        assert!(
            lines.len() == 1 && lines[0].starts_with("app/main.py:1"),
            "{said}"
        );
    };
    only(&said(&repo, &["staged"]));
    only(&said(&repo, &["scan", "."]));
    repo.git(["commit", "-qm", "all"]).ok();
    let said = repo.guard(["practices", "6"]).stdout;
    assert_eq!(said.matches("main.py:1").count(), 1, "{said}");
    assert!(
        !said.contains("main.py:2") && !said.contains("run.py"),
        "{said}"
    );
}

#[test]
fn a_manifest_that_changes_without_its_lock_file_is_told() {
    let repo = repo(&[
        (
            "package.json",
            "{\n  \"dependencies\": {\n    \"a\": \"^1.0.0\"\n  }\n}\n",
        ),
        ("package-lock.json", "{}\n"),
    ]);
    assert!(!said(&repo, &["staged"]).contains("lockfile-missing"));
    repo.git(["commit", "-qm", "all"]).ok();
    let _ = repo.write(
        "package.json",
        "{\n  \"dependencies\": {\n    \"a\": \"^1.0.0\",\n    \"b\": \"^2.0.0\"\n  }\n}\n",
    );
    repo.git(["add", "-A"]).ok();
    assert!(said(&repo, &["staged"]).contains("lockfile-missing"));
    let _ = repo.write("package-lock.json", "{\"b\": 1}\n");
    repo.git(["add", "-A"]).ok();
    assert!(!said(&repo, &["staged"]).contains("lockfile-missing"));
    repo.git(["commit", "-qm", "more"]).ok();
    assert!(
        !said(&repo, &["history"]).contains("lockfile-missing"),
        "a history has no beside"
    );
    assert!(!said(&repo, &["scan", "."]).contains("lockfile-missing"));
}

#[test]
fn an_ignore_list_is_told_what_it_lacks() {
    let repo = repo(&[(".gitignore", "*.pyc\n")]);
    assert!(!said(&repo, &["staged"]).contains("gitignore-missing"));
    let _ = repo.write(".env", "A=1\n");
    assert!(said(&repo, &["staged"]).contains("file-gitignore-missing-env"));
    assert!(said(&repo, &["scan", "."]).contains("file-gitignore-missing-env"));
    let _ = repo.write(".gitignore", "*.pyc\n.env\n");
    repo.git(["add", "-A"]).ok();
    assert!(!said(&repo, &["staged"]).contains("gitignore-missing"));
}

#[test]
fn any_version_of_a_package_of_the_same_repository_is_no_fault() {
    let repo = repo(&[
        ("packages/ui/package.json", "{\"name\": \"ui\"}\n"),
        (
            "packages/web/package.json",
            "{\"dependencies\": {\"ui\": \"*\", \"left-pad\": \"*\"}}\n",
        ),
    ]);
    let said = said(&repo, &["staged"]);
    assert_eq!(said.matches("dep-wildcard").count(), 1, "{said}");
}
