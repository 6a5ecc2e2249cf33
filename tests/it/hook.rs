//! The hooks over real git: each way a change gets in, and what stops it.

use crate::repo::Repo;

#[test]
fn the_helper_knows_no_settings_of_the_person_or_the_machine() {
    let repo = Repo::new();
    let seen = repo.git(["config", "--list", "--show-scope"]).ok();
    assert!(
        seen.stdout
            .lines()
            .all(|line| !line.starts_with("system") && line != "global\tuser.name"),
        "{}",
        *seen
    );
    repo.write("a.env", "A={{alnum:8}}\n").stage();
    assert_eq!(
        repo.git(["diff", "--cached", "--name-only"]).ok().stdout,
        "a.env\n"
    );
    assert!(!repo.read("a.env").contains("{{"), "the hole is filled");
}
