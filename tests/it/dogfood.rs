//! The program passes on itself: no whole token, no unsafe setting stands in this repository.

use std::process::Command;

#[test]
fn this_repository_is_clean() {
    let root = env!("CARGO_MANIFEST_DIR");
    let output = Command::new(env!("CARGO_BIN_EXE_guard"))
        .args(["scan", ".", "--format", "concise"])
        .current_dir(root)
        .output()
        .expect("guard runs");
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}");
}
