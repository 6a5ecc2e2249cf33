//! Whose word holds: the configuration of the base, that of the head, and what lies between.

use std::path::Path;

use anyhow::Context as _;

use crate::ci::Word;
use crate::cli::Global;
use crate::cli::setup::{Place, Setup, committed, committed_at, read};
use crate::detect::Engine;
use crate::policy::{Config, Policy, loosened, strictest};
use crate::rule::Rules;
use crate::source::git::Git;

use super::range::Resolved;

/// Rules with the policy that goes with them.
type Meant = (Rules, Policy);

/// What the two ends of a range say.
pub(super) struct Words {
    base: Meant,
    head: Meant,
}

impl Words {
    /// Reads both from the objects of the repository; a file outside of it that a person names is both.
    pub(super) fn read(
        global: &Global,
        place: &Place,
        git: &Git,
        resolved: &Resolved,
        word: Word,
    ) -> anyhow::Result<Self> {
        let of = |configs: &[(String, Config)]| Setup::meant(global, configs);
        let head = resolved.head.to_string();
        let base = resolved
            .base
            .as_ref()
            .map_or(head.clone(), ToString::to_string);
        if global.isolated {
            return Ok(Words {
                base: of(&[])?,
                head: of(&[])?,
            });
        }
        let named = global.config.as_deref();
        if let Some(path) = named.filter(|path| inside(path, &place.root).is_none()) {
            let configs = read(path, Some(&place.root))?;
            return Ok(Words {
                base: of(&configs)?,
                head: of(&configs)?,
            });
        }
        let at = |commit: &str| match named.and_then(|path| inside(path, &place.root)) {
            Some(path) => committed_at(git, commit, &path),
            None => committed(git, commit),
        };
        let read = |commit: &str| at(commit).and_then(|configs| of(&configs));
        let base = match (read(&base), word) {
            // Where the head's word holds, a mistake in the base's is of no matter.
            (Err(_), Word::Head) => read(&head)?,
            (base, _) => base.context("the configuration of the base")?,
        };
        Ok(Words {
            base,
            head: read(&head)?,
        })
    }

    /// Returns what the head accepts beyond the base.
    pub(super) fn loosened(&self) -> Vec<String> {
        loosened((&self.base.0, &self.base.1), (&self.head.0, &self.head.1))
    }

    /// Returns what the run works with; and, where the head is not trusted, what the head says.
    pub(super) fn setup(self, accepts_head: bool) -> (Engine, Policy, Option<Meant>) {
        if accepts_head {
            let (rules, policy) = self.head;
            return (Engine::new(rules), policy, None);
        }
        let (rules, policy) = strictest(self.base, (&self.head.0, &self.head.1));
        (Engine::new(rules), policy, Some(self.head))
    }
}

/// Returns the path from the top of the working tree, with `/`, of a file inside it.
fn inside(path: &Path, root: &Path) -> Option<String> {
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder.unwrap_or(Path::new(".")).canonicalize().ok()?;
    let root = root.canonicalize().ok()?;
    let folder = folder.strip_prefix(&root).ok()?;
    let parts: Option<Vec<&str>> = folder
        .iter()
        .chain(path.file_name())
        .map(|part| part.to_str())
        .collect();
    Some(parts?.join("/"))
}
