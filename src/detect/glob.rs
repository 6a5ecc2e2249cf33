//! A glob as rules write them, with what must be in a text before the whole pattern is tried.
//!
//! Most globs are of a few shapes (`**/*.py`, `**/settings.py`, `*.run(debug)`), and most texts match none: comparing
//! an end is a hundred times cheaper than walking a pattern.

/// A pattern of `*`, `**`, `?`, `[…]`, `{…}` over a path or a key; `/` is what `*` does not cross.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Glob {
    pattern: String,
    shape: Shape,
}

/// What is known of a pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Shape {
    /// It holds no sign: the text itself.
    Exact,
    /// `**/` and a name: the name in any folder.
    Name,
    /// `**/*` and an end.
    End,
    /// Anything else: it begins and ends with these many bytes as they are, and holds a word.
    Mixed {
        front: usize,
        back: usize,
        word: String,
    },
}

const SIGNS: [char; 7] = ['*', '?', '[', ']', '{', '}', '\\'];

impl Glob {
    /// Returns the globs that a pattern stands for: one for each way through its braces.
    pub(crate) fn all(pattern: &str) -> Vec<Glob> {
        expand(pattern).into_iter().map(Glob::new).collect()
    }

    fn new(pattern: String) -> Self {
        let plain = |text: &str| !text.contains(SIGNS);
        let shape = match pattern.strip_prefix("**/") {
            _ if plain(&pattern) && !pattern.starts_with('!') => Shape::Exact,
            Some(name) if plain(name) => Shape::Name,
            Some(name)
                if name
                    .strip_prefix('*')
                    .is_some_and(|end| plain(end) && !end.contains('/')) =>
            {
                Shape::End
            }
            _ => {
                let back = pattern.rfind(SIGNS).map_or(0, |at| pattern.len() - at - 1);
                // A path may match without the slash that stands before or after two stars.
                let front = pattern.find(SIGNS).unwrap_or(0);
                let front = if pattern[front..].starts_with("**") {
                    front.saturating_sub(1)
                } else {
                    front
                };
                let back = if pattern[..pattern.len() - back].ends_with("**") {
                    back.saturating_sub(1)
                } else {
                    back
                };
                let front = if pattern.starts_with('!') { 0 } else { front };
                let word = words(&pattern).max_by_key(|word| word.len());
                let word = word.unwrap_or_default().to_owned();
                Shape::Mixed { front, back, word }
            }
        };
        Glob { pattern, shape }
    }

    /// Returns the words of the pattern, each of which stands in every text that matches; none where it has ways.
    pub(crate) fn words(&self) -> impl Iterator<Item = &str> {
        words(&self.pattern)
    }

    /// Tells whether the whole text matches.
    pub(crate) fn matches(&self, text: &[u8]) -> bool {
        let pattern = self.pattern.as_bytes();
        match &self.shape {
            Shape::Exact => pattern == text,
            Shape::Name => {
                let name = &pattern[3..];
                text.strip_suffix(name)
                    .is_some_and(|folder| folder.is_empty() || folder.ends_with(b"/"))
            }
            Shape::End => text.ends_with(&pattern[4..]),
            Shape::Mixed { front, back, word } => {
                text.starts_with(&pattern[..*front])
                    && text.ends_with(&pattern[pattern.len() - back..])
                    && memchr::memmem::find(text, word.as_bytes()).is_some()
                    && fast_glob::glob_match(pattern, text)
            }
        }
    }
}

/// Returns the words of a pattern: of one without ways or escapes, since another text may match without them.
fn words(pattern: &str) -> impl Iterator<Item = &str> {
    let has_ways = pattern.starts_with('!') || pattern.contains(['{', '\\']);
    let pattern = if has_ways { "" } else { pattern };
    // What stands in square brackets is a choice of characters.
    let outside = pattern
        .split('[')
        .map(|part| part.split_once(']').map_or(part, |(_, behind)| behind));
    outside.flat_map(|part| part.split(|one: char| !one.is_ascii_alphanumeric() && one != '_'))
}

/// Returns every way through the braces of a pattern; one with escapes or unmatched braces stays as it is.
fn expand(pattern: &str) -> Vec<String> {
    /// More ways than this are left to the matcher.
    const MOST: usize = 64;
    let mut done = Vec::new();
    let mut open = vec![pattern.to_owned()];
    while let Some(next) = open.pop() {
        match split(&next) {
            Some((before, ways, after)) if !pattern.contains('\\') => {
                open.extend(ways.iter().rev().map(|way| format!("{before}{way}{after}")));
            }
            _ => done.push(next),
        }
        if open.len() + done.len() > MOST {
            return vec![pattern.to_owned()];
        }
    }
    done
}

/// Splits a pattern at its first pair of braces: what is before, the ways inside, what is after.
fn split(pattern: &str) -> Option<(&str, Vec<&str>, &str)> {
    let start = pattern.find('{')?;
    let mut depth = 0;
    let mut from = start + 1;
    let mut ways = Vec::new();
    for (at, sign) in pattern[start..]
        .char_indices()
        .map(|(at, sign)| (start + at, sign))
    {
        match sign {
            '{' => depth += 1,
            ',' if depth == 1 => {
                ways.push(&pattern[from..at]);
                from = at + 1;
            }
            '}' if depth == 1 => {
                ways.push(&pattern[from..at]);
                return Some((&pattern[..start], ways, &pattern[at + 1..]));
            }
            '}' => depth -= 1,
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_words_of_a_pattern_are_in_what_it_matches() {
        let glob = Glob::new("[A-Z]*.verify(ssl_*).0".to_owned());
        let words: Vec<&str> = glob.words().filter(|word| !word.is_empty()).collect();
        assert_eq!(words, ["verify", "ssl_", "0"]);
    }

    #[test]
    fn braces_are_ways() {
        assert_eq!(expand("a{b,c{d,e}}f"), ["abf", "acdf", "acef"]);
        assert_eq!(expand("a{b"), ["a{b"]);
    }

    proptest! {
        /// Each way through the braces is held against the library alone: over `**/a**/{a,b}` it finds `a/aa`, which
        /// none of the ways matches.
        #[test]
        fn it_matches_what_the_library_matches(
            pattern in r"(\*\*/)?[ab]{0,2}(\*|\?|\{a,b\}|\{ab,\*b\}|/\*\*|\*\*/|[ab/]){0,3}[ab]{0,2}",
            text in "[ab]{0,3}(/[ab]{1,2}){0,3}",
        ) {
            for way in Glob::all(&pattern) {
                let plain = fast_glob::glob_match(&way.pattern, &text);
                prop_assert_eq!(way.matches(text.as_bytes()), plain, "{} {}", way.pattern, text);
            }
        }
    }
}
