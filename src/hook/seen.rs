//! The trees that pre-commit looked at, so that post-commit can tell of a commit that nobody looked at.

use std::path::{Path, PathBuf};

use git2::{Repository, RepositoryOpenFlags};

/// How many trees are remembered: enough for commits that are written at the same time.
const REMEMBERED: usize = 16;

/// The trees that were looked at and let pass, in the folder of git's state.
#[derive(Debug)]
pub struct Seen {
    file: PathBuf,
}

impl Seen {
    /// Opens the memory of the working tree whose state lies in `git_dir`.
    pub fn of(git_dir: &Path) -> Self {
        Seen {
            file: git_dir.join("guard").join("seen"),
        }
    }

    /// Remembers what is staged: the tree the next commit will have.
    ///
    /// Writes the tree's objects, which git itself writes the next moment. What cannot be remembered is said
    /// to have gone in unseen, so nothing here is an error.
    pub fn remember_index(&self) {
        let _ = staged_tree().map(|tree| self.remember(&tree));
    }

    /// Tells whether the tree of the newest commit was looked at.
    pub fn has_head(&self) -> bool {
        let Some(tree) = head_tree() else {
            return false;
        };
        fs_err::read_to_string(&self.file).is_ok_and(|text| text.lines().any(|line| line == tree))
    }

    fn remember(&self, tree: &str) -> std::io::Result<()> {
        let known = fs_err::read_to_string(&self.file).unwrap_or_default();
        let mut lines = vec![tree];
        lines.extend(
            known
                .lines()
                .filter(|line| *line != tree)
                .take(REMEMBERED - 1),
        );
        if let Some(folder) = self.file.parent() {
            fs_err::create_dir_all(folder)?;
        }
        fs_err::write(&self.file, lines.join("\n") + "\n")
    }
}

fn open() -> Result<Repository, git2::Error> {
    Repository::open_ext(
        ".",
        RepositoryOpenFlags::FROM_ENV,
        std::iter::empty::<&Path>(),
    )
}

/// Returns the tree that the index of this environment makes.
fn staged_tree() -> Option<String> {
    let by_library = || -> Result<String, git2::Error> {
        let repository = open()?;
        let mut index = repository.index()?;
        Ok(index.write_tree_to(&repository)?.to_string())
    };
    by_library().ok().or_else(tree_by_git)
}

/// Returns the same through git, for repositories that the library cannot read. `write-tree` may write the
/// index it reads, so it gets a copy.
fn tree_by_git() -> Option<String> {
    let index = match std::env::var_os("GIT_INDEX_FILE") {
        Some(file) => PathBuf::from(file),
        None => PathBuf::from(
            super::place::ask(Path::new("."), ["rev-parse", "--git-path", "index"]).ok()?,
        ),
    };
    let copy = tempfile::Builder::new()
        .prefix("guard-index-")
        .tempfile_in(index.parent()?)
        .ok()?;
    fs_err::copy(&index, copy.path()).ok()?;
    let output = std::process::Command::new("git")
        .arg("write-tree")
        .env("GIT_INDEX_FILE", copy.path())
        .output()
        .ok()?;
    let tree = String::from_utf8(output.stdout).ok()?;
    output.status.success().then(|| tree.trim().to_owned())
}

fn head_tree() -> Option<String> {
    let by_library = || -> Result<String, git2::Error> {
        let repository = open()?;
        Ok(repository.head()?.peel_to_tree()?.id().to_string())
    };
    by_library().ok().or_else(|| {
        let tree = super::place::ask(Path::new("."), ["rev-parse", "HEAD^{tree}"]).ok()?;
        tree.into_string().ok()
    })
}
