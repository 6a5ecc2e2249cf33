//! Which paths a person does not want scanned: `[paths] skip`, in the syntax of `.gitignore`.

use ignore::gitignore::{Gitignore, GitignoreBuilder};

use super::ConfigError;

/// Paths that are not scanned.
#[derive(Debug, Clone, Default)]
pub struct Skip {
    lists: Vec<Gitignore>,
    patterns: Vec<String>,
    and: Option<Box<Skip>>,
}

impl Skip {
    /// Adds patterns; `file` is what errors call the file they stand in.
    pub fn add(&mut self, patterns: &[String], file: &str) -> Result<(), ConfigError> {
        if patterns.is_empty() {
            return Ok(());
        }
        let wrong = |error: &ignore::Error| ConfigError::Value {
            file: file.to_owned(),
            key: "paths.skip".to_owned(),
            message: error.to_string(),
        };
        let mut builder = GitignoreBuilder::new("");
        for pattern in patterns {
            builder
                .add_line(None, pattern)
                .map_err(|error| wrong(&error))?;
        }
        self.lists
            .push(builder.build().map_err(|error| wrong(&error))?);
        self.patterns.extend_from_slice(patterns);
        Ok(())
    }

    /// Returns the patterns as they were written.
    pub fn patterns(&self) -> &[String] {
        &self.patterns
    }

    /// Returns what leaves out only what both leave out.
    #[must_use]
    pub fn and(mut self, other: Skip) -> Self {
        self.and = Some(Box::new(other));
        self
    }

    /// Tells whether a path from the root is not to be scanned.
    pub fn skips(&self, path: &[u8]) -> bool {
        let Ok(text) = std::str::from_utf8(path) else {
            return false;
        };
        let is_listed = self.lists.iter().any(|list| {
            list.matched_path_or_any_parents(text.trim_start_matches('/'), false)
                .is_ignore()
        });
        is_listed && self.and.as_ref().is_none_or(|other| other.skips(path))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_are_those_of_gitignore() {
        let mut skip = Skip::default();
        skip.add(
            &[
                "vendor/".to_owned(),
                "*.min.js".to_owned(),
                "!keep.min.js".to_owned(),
            ],
            "guard.toml",
        )
        .expect("fine");
        assert!(skip.skips(b"vendor/a/b.py") && skip.skips(b"web/a.min.js"));
        assert!(!skip.skips(b"web/keep.min.js") && !skip.skips(b"src/a.py"));
    }
}
