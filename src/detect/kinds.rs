//! Which kinds of files a path is of: asked of every file, so it is a look at the ending and the front of its name.

use std::collections::HashMap;

use bstr::BStr;

use crate::rule::{Files, Rules};

/// The kinds of files that setting rules are about.
pub(crate) struct Kinds {
    endings: HashMap<&'static [u8], Files>,
    fronts: HashMap<&'static [u8], Files>,
}

impl Kinds {
    /// Returns the kinds of files of the built-in rules. Costs some microseconds.
    pub(crate) fn new(rules: &Rules) -> Self {
        let mut kinds = Kinds {
            endings: HashMap::new(),
            fronts: HashMap::new(),
        };
        for (mark, files) in rules.kinds_of_files() {
            if let Some(ending) = mark.strip_prefix('.') {
                kinds.endings.insert(ending.as_bytes(), files);
            } else if let Some(front) = mark.strip_prefix('^') {
                kinds.fronts.insert(front.as_bytes(), files);
            }
        }
        kinds
    }

    /// Returns the kinds that a file is of.
    pub(crate) fn of(&self, path: &BStr) -> Files {
        let path: &[u8] = path;
        let name = memchr::memrchr(b'/', path).map_or(path, |at| &path[at + 1..]);
        let ending = memchr::memrchr(b'.', name).map_or(name, |at| &name[at + 1..]);
        let dot = memchr::memchr(b'.', name.get(1..).unwrap_or_default());
        let front = dot.map_or(name, |at| &name[..=at]);
        let bits =
            |table: &HashMap<&[u8], Files>, mark: &[u8]| table.get(mark).map_or(0, |files| files.0);
        Files(Files::OTHER.0 | bits(&self.endings, ending) | bits(&self.fronts, front))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::{Kind, Level};

    #[test]
    fn every_file_a_rule_is_about_is_searched_for_its_keywords() {
        let rules = Rules::builtin();
        let kinds = Kinds::new(&rules);
        let mut seen = 0;
        for keyword in rules
            .keywords()
            .filter(|keyword| rules.kind(keyword.rule) == Kind::Config)
            .filter(|keyword| rules.level(keyword.rule) != Level::Off)
        {
            let globs = &rules.get(keyword.rule).files;
            for glob in globs.iter().filter(|glob| !glob.starts_with('!')) {
                let mut path = glob.replace("**/", "").replace('*', "x");
                while let Some((before, rest)) = path.split_once('{') {
                    let (options, after) = rest.split_once('}').expect("a closing brace");
                    let first = options.split(',').next().unwrap_or_default();
                    path = format!("{before}{first}{after}");
                }
                let path = path.replace("[wW]", "w");
                assert!(
                    kinds.of(BStr::new(path.as_bytes())).meet(keyword.files),
                    "{glob}: {path}"
                );
                seen += 1;
            }
        }
        assert!(seen > 100);
    }

    #[test]
    fn a_file_that_no_rule_is_about_is_of_no_kind() {
        let kinds = Kinds::new(&Rules::builtin());
        assert_eq!(kinds.of(BStr::new("src/notes.adoc")), Files::OTHER);
        assert_ne!(kinds.of(BStr::new("a/Dockerfile.dev")), Files::OTHER);
        assert_ne!(kinds.of(BStr::new(".env.local")), Files::OTHER);
    }
}
