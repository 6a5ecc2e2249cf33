//! post-commit: one grey line when a commit went in that nobody looked at.

use std::io::Write as _;
use std::path::Path;

use crate::cli::Exit;
use crate::cli::setup::Place;
use crate::hook::Seen;
use crate::source::git::Git;

/// Says that the newest commit was not looked at, if it was not. Nothing here stops anything.
pub(super) fn run(place: &Place) -> anyhow::Result<Exit> {
    if Seen::of(&place.git_dir).has_head() {
        return Ok(Exit::Clean);
    }
    let words = match rebase(&place.git_dir) {
        Rebase::None => {
            let now = if Git::new(".").commit("HEAD~1").is_some() {
                "guard ci --base HEAD~1"
            } else {
                "guard history"
            };
            format!("this commit was not checked (to check it: {now})")
        }
        Rebase::Begun => {
            "git checks no commit of a rebase; they are checked when they are pushed".to_owned()
        }
        Rebase::Said => return Ok(Exit::Clean),
    };
    writeln!(anstream::stderr(), "\x1b[2mguard: {words}\x1b[0m")?;
    Ok(Exit::Clean)
}

/// Whether a rebase is going on.
enum Rebase {
    /// There is none.
    None,
    /// There is one, of which nothing was said yet.
    Begun,
    /// There is one, and it was said: one line for a rebase is enough.
    Said,
}

fn rebase(git_dir: &Path) -> Rebase {
    let folders = ["rebase-merge", "rebase-apply"].map(|name| git_dir.join(name));
    let Some(folder) = folders.iter().find(|folder| folder.is_dir()) else {
        return Rebase::None;
    };
    // git takes the folder away with the rebase, and this note with it.
    let note = folder.join("guard-said");
    if note.exists() {
        return Rebase::Said;
    }
    let _ = fs_err::write(note, "");
    Rebase::Begun
}
