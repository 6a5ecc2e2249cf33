//! install.sh: builds, installs, guards, and says what is missing.
#![cfg(unix)]

use std::path::Path;

use crate::repo::{Output, Repo, make_executable};

/// Makes a copy of the script with a stand-in for cargo that "builds" the program under test.
fn room() -> Repo {
    let mut repo = Repo::named("my repo");
    let sources = Path::new(env!("CARGO_MANIFEST_DIR"));
    for file in ["install.sh", "Cargo.toml"] {
        let text = fs_err::read(sources.join(file)).expect("it is in the sources");
        let _ = repo.write_bytes(format!("../the sources/{file}"), &text);
    }
    make_executable(&repo.room().join("the sources/install.sh"));
    let built = Path::new(env!("CARGO_BIN_EXE_guard"))
        .parent()
        .expect("a program lies in a folder")
        .display();
    repo.script(
        "../tools/cargo",
        &format!(
            "echo \"$@\" >'{0}/cargo said'\nmkdir -p \"$CARGO_TARGET_DIR/release\"\n\
             ln -sf '{built}/guard' '{built}/git-guard' \"$CARGO_TARGET_DIR/release\"\n",
            repo.room().display()
        ),
    );
    let tools = repo.room().join("tools");
    repo.set("PATH", format!("{}:/usr/bin:/bin", tools.display()));
    repo
}

fn run(repo: &Repo, folder: &str, arguments: &[&str]) -> Output {
    let script = repo.room().join("the sources/install.sh");
    repo.at(folder).run(script, arguments, b"")
}

#[test]
fn it_builds_installs_and_guards_the_repository_named() {
    let repo = room();
    insta::assert_snapshot!(run(&repo, "..", &["my repo"]), @r#"
    exit 0
    --- stdout
    guard: building, this takes a few minutes the first time
    guard: installed guard and git-guard in [room]/home/.local/bin
           it is not on your PATH yet: export PATH="[room]/home/.local/bin:$PATH"
    guard: commits, messages and pushes are checked here from now on
           hooks in .git/hooks
           check: guard status     undo: guard uninstall
    "#);
    let hook = repo.read(".git/hooks/pre-commit");
    assert!(hook.contains("home/.local/bin/guard'"), "{hook}");
    repo.write("app.env", "TOKEN={{github:ghp_}}\n").stage();
    repo.git(["commit", "-m", "x"]).stopped_by("github-pat");
    assert!(repo.read("../cargo said").contains("--release --locked"));
    // Again, over the program that is there.
    run(&repo, "..", &["my repo"])
        .ok()
        .says("nothing to change");
}

#[test]
fn it_guards_the_repository_it_stands_in_and_installs_where_it_is_told() {
    let repo = room();
    repo.write("sub/a.txt", "a\n").stage();
    run(&repo, "sub", &["--prefix", "../../opt dir"])
        .ok()
        .says("opt dir/bin")
        .says("checked here from now on");
    assert!(repo.room().join("opt dir/bin/git-guard").is_file());
    repo.guard(["status"]).ok();
}

#[test]
fn without_a_repository_it_only_installs_and_says_so() {
    let repo = room();
    run(&repo, "..", &[])
        .ok()
        .says("no repository is guarded yet");
    run(&repo, "../the sources", &["--no-build", "--prefix=../p"]).ok();
}

#[test]
fn what_is_missing_is_said_before_anything_is_done() {
    let mut repo = room();
    run(&repo, "..", &["nowhere"])
        .ends(2)
        .says("nowhere is not a folder");
    run(&repo, "..", &["home"])
        .ends(2)
        .says("is not a git repository");
    run(&repo, "..", &["--what"])
        .ends(2)
        .says("is not an option");
    // A PATH with the usual tools, but no cargo.
    for tool in ["sh", "dirname", "git", "sed"] {
        let real = ["/usr/bin", "/bin"].map(|folder| Path::new(folder).join(tool));
        let real = real.iter().find(|file| file.exists()).unwrap();
        let link = repo.room().join("bare").join(tool);
        fs_err::create_dir_all(link.parent().unwrap()).unwrap();
        std::os::unix::fs::symlink(real, link).unwrap();
    }
    let bare = repo.room().join("bare");
    repo.set("PATH", bare);
    run(&repo, "..", &["my repo"])
        .ends(2)
        .says("Rust is not here")
        .says("rustup.rs");
    assert!(!repo.home().join(".local").exists());
}
