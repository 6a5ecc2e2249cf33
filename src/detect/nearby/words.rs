//! The words before a value: parts of identifiers, whole words and hosts, each as a hash.

use crate::rule::{EMPTY_WORD, hash_on};

/// A word, or two or three that stand side by side.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Word {
    /// The hash of its letters and digits.
    pub(super) hash: u32,
    /// Offset of its end in the text that was read.
    pub(super) end: usize,
}

/// Endings that are written together with the name before them: `algoliaapikey`.
const ENDINGS: [&str; 9] = [
    "apikey",
    "apitoken",
    "accesskey",
    "accesstoken",
    "key",
    "token",
    "secret",
    "api",
    "id",
];

/// Calls `visit` with every word of the text: `NEW_RELIC_API_KEY` holds `new`, `newrelic`, `newrelicapi`, `relic`
/// and so on; `algoliaApiKey` holds `algolia`.
pub(super) fn visit(text: &[u8], mut visit: impl FnMut(Word)) {
    // The hash of the last part, of the last two, of the last three; how far from each other parts may stand.
    let mut last: [Option<u32>; 2] = [None; 2];
    let mut at = 0;
    let mut gap = 0;
    while at < text.len() {
        if !text[at].is_ascii_alphanumeric() {
            gap += 1;
            at += 1;
            continue;
        }
        let end = part_end(text, at);
        if gap > 1 {
            last = [None; 2];
        }
        let part = &text[at..end];
        let extend = |hash: u32| part.iter().fold(hash, |hash, &byte| hash_on(hash, byte));
        let joined = [
            Some(extend(EMPTY_WORD)),
            last[0].map(extend),
            last[1].map(extend),
        ];
        for hash in joined.into_iter().flatten() {
            visit(Word { hash, end });
        }
        let ends_so = matches!(
            part[part.len() - 1] | 0x20,
            b'd' | b'i' | b'n' | b't' | b'y'
        );
        let endings = if ends_so { &ENDINGS[..] } else { &[] };
        for ending in endings {
            if part.len() > ending.len() + 2
                && part[part.len() - ending.len()..].eq_ignore_ascii_case(ending.as_bytes())
            {
                let name = &part[..part.len() - ending.len()];
                let hash = name
                    .iter()
                    .fold(EMPTY_WORD, |hash, &byte| hash_on(hash, byte));
                visit(Word { hash, end });
                if let Some(before) = last[0] {
                    let hash = name.iter().fold(before, |hash, &byte| hash_on(hash, byte));
                    visit(Word { hash, end });
                }
            }
        }
        last = [joined[0], joined[1]];
        gap = 0;
        at = end;
    }
}

/// Calls `visit` with every part of the identifiers and words of the text: of `myApiKey` with `my`, `Api` and `Key`.
pub(super) fn parts<'b>(text: &'b [u8], mut visit: impl FnMut(&'b [u8])) {
    let mut at = 0;
    while at < text.len() {
        if text[at].is_ascii_alphanumeric() {
            let end = part_end(text, at);
            visit(&text[at..end]);
            at = end;
        } else {
            at += 1;
        }
    }
}

/// Returns the end of the part that starts at `at`: at a capital letter behind a small one, or before the last of
/// several capital letters when a small one follows (`APIKey`).
fn part_end(text: &[u8], at: usize) -> usize {
    let mut end = at + 1;
    while end < text.len() && text[end].is_ascii_alphanumeric() {
        if text[end].is_ascii_uppercase() {
            let behind_small = !text[end - 1].is_ascii_uppercase();
            let before_small = text.get(end + 1).is_some_and(u8::is_ascii_lowercase);
            if behind_small || before_small {
                break;
            }
        }
        end += 1;
    }
    end
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::word_hash;

    #[test]
    fn words_are_found_in_identifiers_hosts_and_sentences() {
        for (word, text) in [
            ("algolia", "ALGOLIA_API_KEY"),
            ("algolia", "algoliaApiKey"),
            ("algolia", "https://api.algolia.com/1"),
            ("algolia", "algoliaapikey"),
            ("algolia", "myAlgolia"),
            ("new relic", "NEW_RELIC_KEY"),
            ("newrelic", "NewRelic key"),
            ("newrelic", "new-relic:"),
            ("auth0", "AUTH0_SECRET"),
            ("api key", "APIKey"),
            ("ticket tailor api", "my ticket tailor api"),
        ] {
            let mut found = false;
            visit(text.as_bytes(), |one| {
                found |= one.hash == word_hash(word.as_bytes());
            });
            assert!(found, "{word} in {text}");
        }
    }

    #[test]
    fn a_piece_of_a_word_is_none() {
        for (word, text) in [
            ("box", "mailboxes"),
            ("wit", "with"),
            ("new relic", "new, relic"),
            ("key", "monkey wrench"),
        ] {
            visit(text.as_bytes(), |one| {
                assert_ne!(one.hash, word_hash(word.as_bytes()), "{word} in {text}");
            });
        }
    }
}
