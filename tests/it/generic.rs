//! Passwords and secrets without a form of their own: what they do where they stand.

use crate::repo::Repo;

/// Returns the exit code and what is said of one staged file.
fn staged(path: &str, text: &str) -> (i32, String) {
    let repo = Repo::new();
    repo.write(path, text).stage();
    let said = repo.guard(["staged", "--format", "concise"]);
    (said.code, said.stdout)
}

#[test]
fn a_value_drawn_at_random_blocks_in_tests_documents_and_samples_too() {
    for path in [
        "app/client.py",
        "tests/client.py",
        "docs/client.py",
        "examples/client.py",
    ] {
        let (code, said) = staged(path, "client_secret = \"{{alnum:40}}\"\n");
        assert_eq!(code, 1, "{path}: {said}");
        assert!(said.contains("error[generic-secret]"), "{path}: {said}");
    }
}

#[test]
fn a_password_that_a_person_chose_only_warns_in_tests_documents_and_samples() {
    let text = "db_password = \"k1ttyC@t{{digits:2}}\"\n";
    let (code, said) = staged("app/client.py", text);
    assert_eq!(code, 1, "{said}");
    for path in ["tests/client.py", "docs/client.py", "examples/client.py"] {
        let (code, said) = staged(path, text);
        assert_eq!(code, 0, "{path}: {said}");
        assert!(said.contains("warning[generic-password]"), "{path}: {said}");
    }
}
