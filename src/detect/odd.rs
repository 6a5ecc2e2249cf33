//! A value that begins like a known token but is not of its form: a new form, a piece of one, or one made up.
//!
//! It is said as a warning under a rule of its own. A token that was issued has its form, so nothing is lost by it, and
//! a provider that lengthens its tokens is not missed until the rule is mended.

use std::sync::OnceLock;

use super::nearby::{looks_random, looks_typed};
use super::prefilter::Hit;
use super::{Maker, Match, Text, What, known, placeholder};
use crate::rule::{Level, Rule, RuleIndex, Rules};
use crate::secret::Secret;
use crate::span::Span;

/// The rule under which they are said.
pub(crate) const RULE: &str = "token-of-odd-form";
/// The least that must follow a prefix.
const LEAST: usize = 12;
/// More is data.
const MOST: usize = 600;

/// The rule under which values of an odd form are said, where it is on.
#[derive(Default)]
pub(crate) struct Odd(OnceLock<Option<RuleIndex>>);

impl Odd {
    /// Returns what is said of the candidate at `hit`, whose rule it does not match.
    pub(crate) fn look(
        &self,
        text: Text<'_>,
        hit: &Hit,
        rule: &Rule,
        rules: &Rules,
    ) -> Option<Match> {
        let keyword = Span::new(hit.offset, hit.offset + hit.len).of(text.bytes);
        if !rule.is_told_by(keyword) {
            return None;
        }
        let index = (*self.0.get_or_init(|| rules.find(RULE)))?;
        let level = rules.level(index);
        if level == Level::Off {
            return None;
        }
        let (span, extent) = token_at(text.bytes, hit)?;
        let secret = Secret::new(span.of(text.bytes));
        let digest = secret.digest();
        if known::printed_in(&digest).is_some() {
            return None;
        }
        Some(Match {
            rule: index,
            level,
            span,
            extent,
            what: What::Secret {
                digest,
                mask: secret.mask(hit.len),
                key: None,
                scope: super::Scope::Unmarked,
                maker: Maker::of(rules.get(index)),
            },
            related: Vec::new(),
            notes: vec![format!(
                "begins like what `{}` finds: {}",
                rule.id, rule.title
            )],
        })
    }
}

/// Returns the token that begins with the keyword and all that was read for it, if what follows looks drawn at random.
fn token_at(bytes: &[u8], hit: &Hit) -> Option<(Span, Span)> {
    let is_inner = |byte: &u8| {
        byte.is_ascii_alphanumeric()
            || matches!(byte, b'_' | b'-' | b'.' | b'=' | b'+' | b'/' | b'~')
    };
    let before = hit.offset.checked_sub(1).map(|before| bytes[before]);
    if before.is_some_and(|before| is_inner(&before) && before != b'=') {
        return None;
    }
    let start = hit.offset + hit.len;
    let run = bytes[start..]
        .iter()
        .take(MOST + 1)
        .take_while(|byte| is_inner(byte))
        .count();
    let tail = bytes[start..start + run]
        .trim_ascii_end()
        .iter()
        .rposition(u8::is_ascii_alphanumeric)
        .map_or(0, |last| last + 1);
    let value = &bytes[start..start + tail];
    let is_drawn = (LEAST..=MOST).contains(&tail)
        && value.iter().any(u8::is_ascii_digit)
        && !placeholder::is_placeholder(value)
        && !is_name(value)
        && (looks_random(value) || value.len() >= 20 && looks_typed(value));
    let extent = Span::new(
        hit.offset.saturating_sub(1),
        (start + run + 1).min(bytes.len()),
    );
    is_drawn.then_some((Span::new(hit.offset, start + tail), extent))
}

/// Tells whether a value is mostly words and numbers, as in `test_page_returns_404`, or the name of a file.
fn is_name(value: &[u8]) -> bool {
    let parts = || value.split(|byte| !byte.is_ascii_alphanumeric());
    let is_plain = |part: &&[u8]| {
        let rest = part.get(1..).unwrap_or_default();
        rest.iter().all(u8::is_ascii_lowercase)
            || part.iter().all(u8::is_ascii_uppercase)
            || part.iter().all(u8::is_ascii_digit)
    };
    // `type=ed25519`: a key of its own and its value.
    let assigns = value.contains(&b'=');
    // `hash2`, `v3`, `6to4`: a word with its number.
    let is_short = |part: &&[u8]| part.len() <= 6;
    let words: usize = parts()
        .filter(|part| is_plain(part) || is_short(part))
        .map(<[u8]>::len)
        .sum();
    let has_extension = parts().count() == 2
        && value.contains(&b'.')
        && parts()
            .next_back()
            .is_some_and(|last| (2..=4).contains(&last.len()));
    words * 2 > value.len() || has_extension || assigns
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::{Random, alphabet};

    #[test]
    fn names_are_told_from_what_is_drawn() {
        for name in [
            "unknown_page_returns_404",
            "symlink/symlink/hashes/hash2.yml",
            "version=2025-02-01-preview",
            "it_handles_code_30007",
            "services/T11/B11/YYY",
            "trace-base-1.30.1.tgz",
            "d61b33QdDU.txt",
            "type=ed25519abc",
        ] {
            assert!(is_name(name.as_bytes()), "{name}");
        }
        let mut random = Random::new("odd");
        let drawn = (0..1000)
            .map(|_| random.string(alphabet("base64url").expect("known"), 40))
            .filter(|value| !is_name(value.as_bytes()))
            .count();
        assert!(drawn >= 990, "{drawn} of 1000");
    }
}
