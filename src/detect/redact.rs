//! The last look at a text that is about to be shown: tokens that are known by their own form leave it.

use std::borrow::Cow;

use super::{Engine, Match, Text, What, settle};
use crate::blob::Regions;
use crate::rule::Files;
use crate::span::Span;

impl Engine {
    /// Returns a text with every token that a rule knows by its form replaced by its mask: of a path, an argument or
    /// the name of a branch nobody else has taken it out. Names beside a value are not looked at: a report is full of
    /// them.
    pub fn redact<'t>(&self, text: &'t [u8]) -> Cow<'t, [u8]> {
        let matches = self.formed(text);
        if matches.is_empty() {
            return Cow::Borrowed(text);
        }
        let mut shown = Vec::with_capacity(text.len());
        let mut at = 0;
        for found in &matches {
            let What::Secret { mask, .. } = &found.what else {
                continue;
            };
            if found.span.start >= at {
                shown.extend_from_slice(&text[at..found.span.start]);
                shown.extend_from_slice(mask.as_bytes());
            }
            at = at.max(found.span.end);
        }
        shown.extend_from_slice(&text[at..]);
        Cow::Owned(shown)
    }

    /// Returns the tokens in a text that are known by their own form.
    pub(super) fn formed(&self, text: &[u8]) -> Vec<Match> {
        let whole = Span::new(0, text.len());
        let hits = self.common().find(text, whole, Files::OTHER);
        let mut matches = Vec::new();
        let text = Text {
            bytes: text,
            regions: &Regions::Whole,
            path: None,
        };
        self.tokens(text, &hits, &mut matches);
        settle(&self.rules, &Regions::Whole, &mut matches);
        matches
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::make;
    use crate::rule::{Rules, fill};

    #[test]
    fn a_token_leaves_a_text_and_the_rest_stays() {
        let token = fill("{{github:ghp_}}", &make);
        let engine = Engine::new(Rules::builtin());
        let text = format!("no file b/{token}.txt, nor {token}");
        let shown = engine.redact(text.as_bytes()).into_owned();
        assert_eq!(
            String::from_utf8_lossy(&shown),
            "no file b/ghp_….txt, nor ghp_…"
        );
    }

    #[test]
    fn a_text_without_one_is_handed_back_as_it_is() {
        let engine = Engine::new(Rules::builtin());
        let text = b"error[gitlab-pat]: glpat-\xe2\x80\xa6 in a.py, password: ok";
        assert!(matches!(engine.redact(text), Cow::Borrowed(same) if same == text));
    }
}
