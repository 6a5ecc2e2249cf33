//! Which files many setting rules are about: asked of every file, so it is a look at the name and its ending.

use std::collections::HashSet;

use bstr::BStr;

use crate::rule::Rules;

/// The kinds of files that many setting rules are about.
pub(crate) struct Dense {
    names: HashSet<&'static [u8]>,
    endings: HashSet<&'static [u8]>,
    globs: Vec<&'static str>,
}

impl Dense {
    /// Returns the kinds of files of the built-in rules.
    pub(crate) fn new(rules: &Rules) -> Self {
        let mut dense = Dense {
            names: HashSet::new(),
            endings: HashSet::new(),
            globs: Vec::new(),
        };
        let is_plain = |text: &str| !text.contains(['*', '?', '[', '{', '\\']);
        for glob in rules.dense_files() {
            match glob.strip_prefix("*.") {
                Some(ending) if is_plain(ending) && !ending.contains('.') => {
                    dense.endings.insert(ending.as_bytes());
                }
                None if is_plain(glob) => {
                    dense.names.insert(glob.as_bytes());
                }
                _ => dense.globs.push(glob),
            }
        }
        dense
    }

    /// Tells whether the file is of such a kind.
    pub(crate) fn holds(&self, path: &BStr) -> bool {
        let path: &[u8] = path;
        let name = memchr::memrchr(b'/', path).map_or(path, |at| &path[at + 1..]);
        let ending = memchr::memrchr(b'.', name).map_or(&b""[..], |at| &name[at + 1..]);
        self.endings.contains(ending)
            || self.names.contains(name)
            || self
                .globs
                .iter()
                .any(|glob| fast_glob::glob_match(glob, name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::{Kind, Level, Reach};

    #[test]
    fn every_file_a_rule_is_about_is_searched_for_its_keywords() {
        let rules = Rules::builtin();
        let dense = Dense::new(&rules);
        let narrow: Vec<_> = rules
            .keywords()
            .filter(|keyword| {
                keyword.reach == Reach::Dense && rules.kind(keyword.rule) == Kind::Config
            })
            .map(|keyword| keyword.rule)
            .collect();
        for index in rules
            .indexes()
            .filter(|index| narrow.contains(index) && rules.level(*index) != Level::Off)
        {
            for glob in rules
                .get(index)
                .files
                .iter()
                .filter(|glob| !glob.starts_with('!'))
            {
                let mut path = glob.replace("**/", "").replace('*', "x");
                while let Some((before, rest)) = path.split_once('{') {
                    let (options, after) = rest.split_once('}').expect("a closing brace");
                    let first = options.split(',').next().unwrap_or_default();
                    path = format!("{before}{first}{after}");
                }
                let path = path.replace("[wW]", "w");
                assert!(dense.holds(BStr::new(path.as_bytes())), "{glob}: {path}");
            }
        }
    }
}
