//! A few dozen words that are looked for at once: by their first two bytes, with a bit for each word.

use std::sync::OnceLock;

use aho_corasick::packed::Searcher;

/// Words of two bytes or more, at most 64.
pub(super) struct Few {
    words: &'static [&'static str],
    /// For each byte the words that start with it.
    first: [u64; 256],
    /// For each byte the words whose second byte it is.
    second: [u64; 256],
    /// Looks at many bytes at once; none where the processor cannot.
    packed: OnceLock<Option<Searcher>>,
}

impl Few {
    pub(super) const fn new(words: &'static [&'static str]) -> Self {
        assert!(words.len() <= 64, "a bit for each word");
        let (mut first, mut second) = ([0; 256], [0; 256]);
        let mut at = 0;
        while at < words.len() {
            let word = words[at].as_bytes();
            first[word[0] as usize] |= 1 << at;
            second[word[1] as usize] |= 1 << at;
            at += 1;
        }
        Few {
            words,
            first,
            second,
            packed: OnceLock::new(),
        }
    }

    /// Returns how many of the words the text holds.
    pub(super) fn held(&self, text: &[u8]) -> usize {
        self.search(text, |found| {
            found.count_ones() as usize == self.words.len()
        })
        .count_ones() as usize
    }

    /// Tells whether the text holds one of the words.
    pub(super) fn any(&self, text: &[u8]) -> bool {
        match self.packed.get_or_init(|| Searcher::new(self.words)) {
            Some(packed) => packed.find(text).is_some(),
            None => self.search(text, |found| found != 0) != 0,
        }
    }

    /// Returns a bit for each word that the text holds, up to where that is enough.
    fn search(&self, text: &[u8], is_enough: impl Fn(u64) -> bool) -> u64 {
        let mut found = 0;
        for (at, pair) in text.windows(2).enumerate() {
            let starts = self.first[usize::from(pair[0])] & self.second[usize::from(pair[1])];
            let mut may = starts & !found;
            while may != 0 {
                let word = may.trailing_zeros() as usize;
                may &= may - 1;
                found |= u64::from(text[at..].starts_with(self.words[word].as_bytes())) << word;
            }
            if starts != 0 && is_enough(found) {
                break;
            }
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::scan::holds;
    use super::*;

    proptest! {
        #[test]
        fn it_finds_the_words_that_are_there(text in "[abcd]{0,30}") {
            const WORDS: [&str; 5] = ["ab", "abc", "bca", "dd", "cccc"];
            static FEW: Few = Few::new(&WORDS);
            let there = WORDS.iter().filter(|word| holds(text.as_bytes(), word.as_bytes())).count();
            prop_assert_eq!(FEW.held(text.as_bytes()), there);
            prop_assert_eq!(FEW.any(text.as_bytes()), there > 0);
        }
    }
}
