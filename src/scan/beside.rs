//! Beside: findings that the file alone cannot prove, settled by what else lies in the tree that is scanned.
//!
//! The engine says where such a fault may be; here it is kept only where the tree, the change or the folder on disk
//! shows it. Where none of them is at hand (a history, a message, a push) nothing is shown, and nothing is told.

use std::collections::HashSet;
use std::path::PathBuf;

use bstr::{BStr, BString, ByteSlice as _};

use super::before::Before;
use crate::finding::Finding;
use crate::policy::Facts;
use crate::source::git::Git;

/// The files of what is scanned.
pub enum Tree {
    /// Their names, in order.
    Names(Vec<BString>),
    /// Those in the first of these folders that has them.
    Disk(Vec<PathBuf>),
}

impl Tree {
    /// Returns the tree with files of these names.
    pub(super) fn of(names: impl Iterator<Item = BString>) -> Self {
        let mut names: Vec<BString> = names.collect();
        names.sort_unstable();
        Tree::Names(names)
    }

    /// Tells whether there is a file, or a folder with files, of that name.
    fn holds(&self, path: &[u8]) -> bool {
        match self {
            Tree::Names(names) => {
                let first = names.partition_point(|name| name.as_slice() < path);
                let mut inside = path.to_vec();
                inside.push(b'/');
                let folder = names.partition_point(|name| name.as_slice() < inside.as_slice());
                names.get(first).is_some_and(|name| name == path)
                    || names
                        .get(folder)
                        .is_some_and(|name| name.starts_with(&inside))
            }
            Tree::Disk(roots) => path
                .to_str()
                .is_ok_and(|path| roots.iter().any(|root| root.join(path).exists())),
        }
    }
}

/// The rules that are settled here.
const SETTLED: [&str; 3] = [
    "py-implicit-relative-import",
    "lockfile-missing",
    "file-gitignore-missing-env",
];

/// Tells whether a finding says nothing before it is settled by what lies beside it.
pub(super) fn is_unsettled(finding: &Finding) -> bool {
    SETTLED.contains(&finding.rule_id.as_str())
}

/// Keeps the findings that what lies beside them shows to be faults.
pub(super) fn look(before: &dyn Before, found: &mut Vec<(Finding, Facts)>) {
    let is_about = |finding: &Finding| is_unsettled(finding) || finding.rule_id == "dep-wildcard";
    if !found.iter().any(|(finding, _)| is_about(finding)) {
        return;
    }
    let (tree, changed) = (before.tree(), before.changed());
    let git = before.worktree();
    found.retain_mut(|(finding, _)| {
        let Some(path) = finding.provenance.path.clone() else {
            return !is_unsettled(finding);
        };
        let folder = &path[..folder_end(&path)];
        match finding.rule_id.as_str() {
            "py-implicit-relative-import" => tree
                .as_ref()
                .is_some_and(|tree| is_implicit(tree, folder, &finding.mask)),
            "lockfile-missing" => match (&tree, &changed) {
                (Some(tree), Some(changed)) => note_lock(tree, changed, path.as_ref(), finding),
                _ => false,
            },
            "file-gitignore-missing-env" => git
                .as_ref()
                .is_some_and(|git| note_untracked(git, folder, finding)),
            "dep-wildcard" => !tree
                .as_ref()
                .is_some_and(|tree| is_member(tree, folder, finding)),
            _ => true,
        }
    });
}

fn folder_end(path: &[u8]) -> usize {
    path.rfind_byte(b'/').map_or(0, |slash| slash + 1)
}

/// Tells whether an import names a module of the package around, and no module at the root or below `src`.
fn is_implicit(tree: &Tree, folder: &[u8], imported: &str) -> bool {
    let module = imported.split('.').next().unwrap_or_default();
    let there =
        |front: &[u8], end: &str| tree.holds(&[front, module.as_bytes(), end.as_bytes()].concat());
    let is_module = |front: &[u8]| there(front, ".py") || there(front, "/__init__.py");
    // The folder above the outermost package is where imports begin.
    let mut root = folder;
    while !root.is_empty() && tree.holds(&[root, b"__init__.py"].concat()) {
        root = &root[..folder_end(&root[..root.len() - 1])];
    }
    let is_above = [root, b"".as_slice(), b"src/".as_slice()]
        .into_iter()
        .any(|front| there(front, ".py") || there(front, ""));
    root != folder && is_module(folder) && !is_above
}

/// What is locked by which files.
const LOCKS: [(&str, &[&str]); 6] = [
    (
        "package.json",
        &[
            "package-lock.json",
            "npm-shrinkwrap.json",
            "yarn.lock",
            "pnpm-lock.yaml",
            "bun.lock",
            "bun.lockb",
        ],
    ),
    ("Pipfile", &["Pipfile.lock"]),
    ("pyproject.toml", &["poetry.lock", "uv.lock", "pdm.lock"]),
    ("Gemfile", &["Gemfile.lock"]),
    ("composer.json", &["composer.lock"]),
    ("Cargo.toml", &["Cargo.lock"]),
];

/// Tells whether the nearest lock file of a manifest is there and not changed with it, and notes which it is.
fn note_lock(tree: &Tree, changed: &HashSet<BString>, path: &BStr, finding: &mut Finding) -> bool {
    let mut folder = &path[..folder_end(path)];
    let name = &path[folder.len()..];
    let of_name = LOCKS
        .iter()
        .find(|(manifest, _)| name == manifest.as_bytes());
    let Some((_, locks)) = of_name else {
        return false;
    };
    loop {
        let there = locks.iter().map(|lock| [folder, lock.as_bytes()].concat());
        let there: Vec<Vec<u8>> = there.filter(|lock| tree.holds(lock)).collect();
        if let Some(first) = there.first() {
            let is_stale = !there.iter().any(|lock| changed.contains(lock.as_bstr()));
            if is_stale {
                let first = String::from_utf8_lossy(first).into_owned();
                finding.notes.push(format!("{first} is as it was"));
            }
            return is_stale;
        }
        if folder.is_empty() {
            return false;
        }
        folder = &folder[..folder_end(&folder[..folder.len() - 1])];
    }
}

/// What should be ignored where it lies.
const PRIVATE: [&str; 4] = [".env", "node_modules", "venv", ".venv"];

/// Tells whether something private lies beside an ignore file that is neither tracked nor ignored, and notes what.
fn note_untracked(git: &Git, folder: &[u8], finding: &mut Finding) -> bool {
    let folder = folder.to_str_lossy();
    let paths = PRIVATE.map(|name| format!(":(top,literal){folder}{name}"));
    let arguments = [
        "ls-files",
        "-z",
        "--others",
        "--exclude-standard",
        "--directory",
        "--full-name",
        "--",
    ];
    let arguments = arguments.into_iter().map(str::to_owned).chain(paths);
    let listed = git.output("listing untracked files", arguments);
    let listed = listed.unwrap_or_default();
    let names = listed
        .split(|&byte| byte == 0)
        .filter(|name| !name.is_empty());
    let names: Vec<String> = names
        .map(|name| String::from_utf8_lossy(name).into_owned())
        .collect();
    if !names.is_empty() {
        finding.notes.push(format!(
            "{} lies there and is not ignored",
            names.join(", ")
        ));
    }
    !names.is_empty()
}

/// Tells whether a package that may have any version is one of the same repository: the version is that of the tree.
fn is_member(tree: &Tree, folder: &[u8], finding: &Finding) -> bool {
    let name = finding.mask.rsplit('/').next().unwrap_or_default();
    let above = &folder[..folder_end(&folder[..folder.len().saturating_sub(1)])];
    let fronts = [above, b"packages/", b"apps/", b"libs/", b"crates/"];
    let manifests = ["package.json", "Cargo.toml", "composer.json"];
    !name.is_empty()
        && fronts.iter().any(|front| {
            let mut manifests = manifests.iter();
            manifests.any(|manifest| {
                tree.holds(&[front, name.as_bytes(), b"/", manifest.as_bytes()].concat())
            })
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(names: &[&str]) -> Tree {
        Tree::of(names.iter().map(|name| BString::from(*name)))
    }

    #[test]
    fn a_module_of_the_same_package_is_meant_unless_the_root_has_one() {
        let tree = tree(&[
            "app/__init__.py",
            "app/a.py",
            "app/util.py",
            "app/db/__init__.py",
            "tool/x.py",
            "tool/util.py",
            "shared/y.py",
        ]);
        assert!(is_implicit(&tree, b"app/", "util"));
        assert!(is_implicit(&tree, b"app/", "db.models"));
        assert!(!is_implicit(&tree, b"app/", "app.util"));
        assert!(!is_implicit(&tree, b"app/", "shared"));
        assert!(!is_implicit(&tree, b"tool/", "util"));
        assert!(!is_implicit(&tree, b"", "util"));
    }

    #[test]
    fn a_folder_is_held_when_a_file_is_in_it() {
        let tree = tree(&["a-b/x", "a/y", "ab"]);
        assert!(tree.holds(b"a") && tree.holds(b"a/y") && tree.holds(b"ab"));
        assert!(!tree.holds(b"a-") && !tree.holds(b"x"));
    }
}
