//! Files that give secrets away by what they are: looked for in a history by their names first.

use bstr::{BStr, ByteSlice as _};

use super::glob::Glob;
use super::{Engine, Match, Text, content};
use crate::blob::Regions;
use crate::rule::{Kind, Level, RuleIndex, Severity};

/// Ends of names that are too common to look into each such file of a history; a key in one is found by its own rule.
const COMMON: [&str; 3] = ["*", "**", "*.json"];

impl Engine {
    /// Returns globs for the names of the files that a history is looked at for: those of path rules that block and are
    /// of high severity. What only weighs a commit down is no matter once it is in.
    pub fn telling_names(&self) -> TellingNames {
        let mut globs = Vec::new();
        for index in self.rules.indexes().filter(|&index| self.tells(index)) {
            for files in &self.rules.get(index).files {
                let name = files.rsplit('/').next().unwrap_or(files);
                if !files.starts_with('!') && !COMMON.contains(&name) {
                    globs.extend(Glob::all(&format!("**/{name}")));
                }
            }
        }
        TellingNames { globs }
    }

    fn tells(&self, index: RuleIndex) -> bool {
        self.rules.kind(index) == Kind::Path
            && self.rules.level(index) == Level::Block
            && self.rules.get(index).severity >= Severity::High
    }

    /// Returns what those rules say of a file, and whether they looked into it: the others go by the path alone.
    pub fn scan_telling(&self, bytes: &[u8], path: &BStr) -> (Vec<Match>, Vec<Match>) {
        let text = Text {
            bytes,
            regions: &Regions::Whole,
            path: Some(path),
        };
        let mut inside = Vec::new();
        content::scan(&self.rules, &self.named, &self.paths, text, &mut inside);
        let mut by_path = self.scan_path(path);
        inside.retain(|found| self.tells(found.rule));
        by_path.retain(|found| self.tells(found.rule));
        (inside, by_path)
    }
}

/// Names of files that a history is looked at for.
pub struct TellingNames {
    globs: Vec<Glob>,
}

impl TellingNames {
    /// Tells whether a file of that path may be one of them, whatever folder it lies in.
    pub fn has(&self, path: &[u8]) -> bool {
        let name = path.rsplit_str("/").next().unwrap_or(path);
        self.globs.iter().any(|glob| glob.matches(name))
    }
}
