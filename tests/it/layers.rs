//! Who may use whom: the table of docs/ARCHITECTURE.md, held against the paths in the code.

use std::path::{Path, PathBuf};

/// Each module, and the modules of the crate that its files may name.
const MAY_USE: [(&str, &[&str]); 11] = [
    ("span", &[]),
    ("secret", &[]),
    ("blob", &["span"]),
    ("rule", &["span"]),
    ("detect", &["span", "secret", "blob", "rule"]),
    ("finding", &["span", "secret", "blob", "rule", "detect"]),
    (
        "policy",
        &["span", "secret", "blob", "rule", "detect", "finding"],
    ),
    ("source", &["span", "blob"]),
    (
        "report",
        &[
            "span", "blob", "rule", "finding", "policy", "source", "detect",
        ],
    ),
    ("hook", &["blob", "source"]),
    ("ci", &["finding"]),
];

#[test]
fn no_module_reaches_above_its_layer() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut wrong = Vec::new();
    for (module, allowed) in MAY_USE {
        for file in files(&source, module) {
            let text = fs_err::read_to_string(&file).expect("a readable file");
            let code = text
                .lines()
                .filter(|line| !line.trim_start().starts_with("//"));
            for used in code.flat_map(|line| line.split("crate::").skip(1)) {
                let name: String = used
                    .chars()
                    .take_while(|c| c.is_alphanumeric() || *c == '_')
                    .collect();
                if name != module && !name.is_empty() && !allowed.contains(&name.as_str()) {
                    wrong.push(format!("{} uses crate::{name}", file.display()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Returns the files of a module: `module.rs`, and all below `module/`.
fn files(source: &Path, module: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let single = source.join(format!("{module}.rs"));
    if single.is_file() {
        found.push(single);
    }
    let mut folders = vec![source.join(module)];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).into_iter().flatten() {
            let path = entry.expect("a readable folder").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                found.push(path);
            }
        }
    }
    found
}
