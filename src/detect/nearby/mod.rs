//! A value without a prefix is known by its form and by the words beside it: a provider's name in the key, in the
//! host, or in a comment a line or two above.
//!
//! Values come first: runs of characters that look random are rare in source text, so nearly a thousand rules cost
//! one look at every sixteenth byte. Then the words before the value are looked up, and only then a rule is read.

mod above;
mod class;
mod named;
mod odd;
mod run;
mod words;

use super::{Text, decode};
use crate::rule::{Level, NearWord, RuleIndex, Rules, word_hash};
use crate::span::{Span, line_start_within};
use class::{CLASS, Value, WIDE};
pub(crate) use class::{looks_random, looks_typed};
pub(crate) use odd::RULE as ODD;
pub(crate) use run::{Runs, is_core};
use words::Word;

/// How far before a value its word may stand.
pub(crate) const BEFORE: usize = 160;
/// How many line ends may lie between them.
const LINES: usize = 3;
/// How far a name without a word for a secret may stand from the value.
const CLOSE: usize = 48;

/// The words of all rules that know their values by them.
pub(crate) struct Nearby {
    /// Sorted by hash.
    words: Vec<NearWord>,
    /// A bit for each hash, so that most words of a text are passed over at once.
    bitmap: Vec<u64>,
    longest: usize,
    /// The rule for values of a form that no rule knows, where it is on.
    odd: Option<RuleIndex>,
    /// The rule for values that begin as many do, where it is on.
    marked: Option<RuleIndex>,
    /// The providers whose tokens have a form of their own, by the ids of their rules.
    named: named::Names,
}

/// A value that a rule may be about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Found {
    /// The rule whose word stands nearest.
    pub(crate) rule: RuleIndex,
    /// The value.
    pub(crate) value: Span,
    /// The word and the value.
    pub(crate) whole: Span,
    /// All that was read to find it.
    pub(crate) extent: Span,
    /// Nothing but words for a secret stands between the word and the value: it is that key's.
    pub(crate) is_assigned: bool,
}

const BITS: u32 = 1 << 16;

/// Tells whether one of the words stands in the match or before it, as far as a value may be from its word.
pub(crate) fn is_beside(bytes: &[u8], place: Span, near: &[String]) -> bool {
    let wanted: Vec<u32> = near.iter().map(|word| word_hash(word.as_bytes())).collect();
    let start = place.start.saturating_sub(BEFORE);
    let mut found = false;
    words::visit(&bytes[start..place.end.min(bytes.len())], |word| {
        found |= wanted.contains(&word.hash);
    });
    found
}

impl Nearby {
    /// Returns the table. Costs a few microseconds.
    pub(crate) fn new(rules: &Rules) -> Self {
        let words = rules.near_words();
        let mut bitmap = Vec::new();
        if !words.is_empty() {
            bitmap = vec![0; (BITS / 64) as usize];
        }
        for word in &words {
            let bit = word.hash % BITS;
            bitmap[(bit / 64) as usize] |= 1 << (bit % 64);
        }
        let longest = words
            .iter()
            .map(|word| usize::from(word.form.max))
            .max()
            .unwrap_or(0);
        let on = |id: &str| {
            rules
                .find(id)
                .filter(|&index| rules.level(index) != Level::Off)
        };
        Nearby {
            words,
            bitmap,
            longest: longest.max(64),
            odd: on(odd::RULE),
            marked: on(super::odd::RULE),
            named: named::Names::default(),
        }
    }

    /// Returns the values around the runs, which start at `done` or behind it, that stand beside a rule's word; adds to
    /// `encoded` the runs that may be base64 or hex of something.
    pub(crate) fn find(
        &self,
        text: Text<'_>,
        mut done: usize,
        runs: impl Iterator<Item = Span>,
        encoded: &mut Vec<Span>,
    ) -> Vec<Found> {
        let mut found = Vec::new();
        let is_listing = text.path.is_some_and(|path| is_listing(path));
        let bytes = text.bytes;
        for run in runs {
            let Some(run) = run::behind(bytes, run, done) else {
                continue;
            };
            let Some(value) = Value::around(bytes, run, self.longest) else {
                // Longer than any form: no part of it is a value.
                let is_wide = |byte: &&u8| CLASS[usize::from(**byte)] & WIDE != 0;
                let before = bytes[done.min(run.start)..run.start]
                    .iter()
                    .rev()
                    .take_while(is_wide)
                    .count();
                let after = bytes[run.end..].iter().take_while(is_wide).count();
                done = run.end + after;
                encoded.push(Span::new(run.start - before, done));
                continue;
            };
            done = value.span().end;
            if value.encoded().len() >= decode::SHORTEST && encoded.last() != Some(&value.encoded())
            {
                encoded.push(value.encoded());
            }
            if !self.words.is_empty()
                && !is_listing
                && let Some(one) = self.judge(bytes, run, &value)
            {
                done = done.max(one.value.end);
                found.push(one);
            }
        }
        found
    }

    fn judge(&self, bytes: &[u8], run: Span, value: &Value) -> Option<Found> {
        let before = value.span().start.checked_sub(1).map(|at| bytes[at]);
        if before == Some(b'@') {
            // A version that is pinned: `owner/name@commit`.
            return None;
        }
        let text = value.span().of(bytes);
        if class::looks_random(text) {
            return self
                .beside(bytes, value, Looks::Random)
                .or_else(|| self.marked(bytes, run));
        }
        class::looks_typed(text)
            .then(|| self.beside(bytes, value, Looks::Typed))
            .flatten()
    }

    /// Returns the value if it begins as the tokens of many services do.
    fn marked(&self, bytes: &[u8], run: Span) -> Option<Found> {
        let value = odd::marked(bytes, run)?;
        Some(Found {
            rule: self.marked?,
            value,
            whole: value,
            extent: Span::new(value.start.saturating_sub(odd::BEFORE + 2), value.end + 1),
            is_assigned: false,
        })
    }

    /// Returns the rule whose word stands nearest before the value and whose form the value fits. A value that is
    /// perhaps only typed must be assigned to that word.
    fn beside(&self, bytes: &[u8], value: &Value, looks: Looks) -> Option<Found> {
        let start = value.span().start;
        let line = line_start_within(bytes, start, BEFORE);
        let from = (0..LINES).fold(line, |line, _| {
            let before = line.saturating_sub(1);
            line_start_within(bytes, before, (before + BEFORE).saturating_sub(start))
        });
        let mut hits: Vec<Word> = Vec::new();
        words::visit(&bytes[from..start], |word| {
            if self.may_hold(word.hash) {
                hits.push(word);
            }
        });
        if hits.is_empty() {
            return None;
        }
        let context = Context::read(&bytes[line..start]);
        if context.names_hash {
            return None;
        }
        let is_near = |end: usize| match looks {
            Looks::Random => context.names_secret || start - end <= CLOSE,
            Looks::Typed => odd::is_key(&bytes[end..start]),
        };
        let of_form = hits
            .iter()
            .map(|word| (from + word.end, word.hash))
            .filter(|&(end, _)| is_near(end))
            .flat_map(|(end, hash)| self.rows(hash).map(move |row| (end, row)))
            .filter(|(_, row)| Some(row.rule) != self.odd)
            .filter_map(|(end, row)| Some((end, row, value.fit(bytes, row.form)?)))
            // The nearest word, then the narrowest form.
            .max_by_key(|(end, row, _)| (*end, row.form.min.wrapping_sub(row.form.max)))
            .map(|(end, row, span)| Found {
                rule: row.rule,
                value: span,
                whole: Span::new(end, end).cover(span),
                // Behind it may stand what makes it a part of something longer.
                extent: Span::new(from.saturating_sub(1), value.encoded().cover(span).end + 1),
                is_assigned: odd::is_key(&bytes[end..start]),
            });
        of_form.or_else(|| self.of_odd_form(bytes, &hits, from, value.span(), context))
    }

    /// Returns the value as one of a form that no rule knows, if a provider's name stands right before it.
    fn of_odd_form(
        &self,
        bytes: &[u8],
        hits: &[Word],
        from: usize,
        run: Span,
        context: Context,
    ) -> Option<Found> {
        let rule = self.odd?;
        let ends = hits
            .iter()
            .filter(|word| !odd::COMMON.contains(&word.hash))
            .filter(|word| self.rows(word.hash).next().is_some())
            .map(|word| from + word.end);
        let (end, value) = odd::beside(bytes, ends, run, context)?;
        Some(Found {
            rule,
            value,
            whole: Span::new(end, end).cover(value),
            extent: Span::new(from.saturating_sub(1), value.end + 1),
            is_assigned: true,
        })
    }

    fn may_hold(&self, hash: u32) -> bool {
        let bit = hash % BITS;
        self.bitmap[(bit / 64) as usize] >> (bit % 64) & 1 == 1
    }

    fn rows(&self, hash: u32) -> impl Iterator<Item = &NearWord> {
        let first = self.words.partition_point(|row| row.hash < hash);
        self.words[first..]
            .iter()
            .take_while(move |row| row.hash == hash)
    }
}

/// How a value looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Looks {
    /// Drawn at random.
    Random,
    /// Like that, but of few or neighbouring characters: typed, perhaps.
    Typed,
}

/// What the line before a value says.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Context {
    /// A word for a secret: the key holds `token`.
    names_secret: bool,
    /// A word for a hash or a version: the value is one.
    names_hash: bool,
}

pub(super) const SECRET_WORDS: [u32; 21] = hashes([
    "key",
    "keys",
    "apikey",
    "token",
    "secret",
    "password",
    "passwd",
    "pass",
    "pwd",
    "auth",
    "authorization",
    "bearer",
    "credential",
    "credentials",
    "access",
    "private",
    "pat",
    "sid",
    "api",
    "basic",
    "signature",
]);
const HASH_WORDS: [u32; 31] = hashes([
    "md5",
    "sha",
    "sha1",
    "sha256",
    "sha384",
    "sha512",
    "hash",
    "hashes",
    "checksum",
    "digest",
    "integrity",
    "commit",
    "rev",
    "revision",
    "ref",
    "etag",
    "fingerprint",
    "thumbprint",
    "crc",
    "blob",
    "tree",
    "parent",
    "resolved",
    "md5sum",
    "sha256sum",
    "githash",
    "blobs",
    "trees",
    "commits",
    "gravatar",
    "uuid",
]);

impl Context {
    fn read(line: &[u8]) -> Self {
        let mut context = Context::default();
        words::visit(line, |word| {
            context.names_secret |= SECRET_WORDS.contains(&word.hash);
            context.names_hash |= HASH_WORDS.contains(&word.hash);
        });
        context
    }
}

const fn hashes<const N: usize>(words: [&str; N]) -> [u32; N] {
    let mut hashes = [0; N];
    let mut at = 0;
    while at < N {
        hashes[at] = word_hash(words[at].as_bytes());
        at += 1;
    }
    hashes
}

/// Tells whether a path is that of a listing whose random values are hashes: lock files, maps, drawings.
fn is_listing(path: &[u8]) -> bool {
    [
        &b".lock"[..],
        b"-lock.json",
        b"lock.yaml",
        b"go.sum",
        b".svg",
        b".map",
        b".min.js",
        b".min.css",
        b".sum",
        b".ipynb",
    ]
    .iter()
    .any(|ending| path.ends_with(ending))
}

#[cfg(test)]
mod tests {
    use bstr::BStr;

    use super::*;
    use crate::blob::Regions;
    use crate::rule::{Random, alphabet, parse};

    fn rules() -> Rules {
        let record = |id: &str, near: &str, form: &str| {
            format!(
                "[[rule]]\nid='{id}'\ntitle='t'\nlevel='warn'\nwhy='w'\nfix='f'\nnear=[{near}]\nform='{form}'\n\
                 match=['a','b']\nno-match=['c','d']\n"
            )
        };
        let text = [
            record("search", "'algolia'", "hex:32"),
            record("relic", "'new relic'", "alnum:36-44|uuid"),
            record("blob", "'blobstore'", "base64:44"),
        ];
        Rules::only(parse(&text.concat(), "test").expect("sound"))
    }

    fn found(text: &str) -> Vec<(RuleIndex, String)> {
        let rules = rules();
        let whole = Text {
            bytes: text.as_bytes(),
            regions: &Regions::Whole,
            path: Some(BStr::new("a.txt")),
        };
        Nearby::new(&rules)
            .find(
                whole,
                0,
                Runs::new(whole.bytes, Span::new(0, text.len())),
                &mut Vec::new(),
            )
            .into_iter()
            .map(|found| {
                (
                    found.rule,
                    text[found.value.start..found.value.end].to_owned(),
                )
            })
            .collect()
    }

    fn random(name: &str, length: usize) -> String {
        Random::new("nearby").string(alphabet(name).expect("known"), length)
    }

    #[test]
    fn a_value_is_found_beside_its_word() {
        let hex = random("hex", 32);
        for text in [
            format!("ALGOLIA_API_KEY={hex}"),
            format!("algoliaKey: '{hex}',"),
            format!("algolia {hex}"),
            format!("# Algolia\n\napi_key = \"{hex}\""),
            format!("curl https://x.algolia.net/1?apikey={hex}"),
        ] {
            assert_eq!(found(&text), [(RuleIndex(0), hex.clone())], "{text}");
        }
        let key = random("base64", 43) + "=";
        assert_eq!(
            found(&format!("BLOBSTORE_KEY={key}")),
            [(RuleIndex(2), key)]
        );
        let uuid = "1f0c7d5a-93be-4d28-a6c1-".to_owned() + &random("hex", 12);
        assert_eq!(
            found(&format!("NewRelicApiKey = {uuid}")),
            [(RuleIndex(1), uuid)]
        );
    }

    #[test]
    fn the_engine_reports_it_with_the_level_of_its_rule() {
        let engine = crate::detect::Engine::new(rules());
        let hex = random("hex", 32);
        let text = format!("url: x\nalgolia_admin_key: {hex}\n");
        let found = engine.scan(text.as_bytes(), &Regions::Whole, Some(BStr::new(b"a.conf")));
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].span.of(text.as_bytes()), hex.as_bytes());
        assert_eq!(found[0].level, crate::rule::Level::Warn);
        let drawn = engine.scan(
            b"algolia_key: 0123456789abcdef0123456789abcdef",
            &Regions::Whole,
            None,
        );
        assert_eq!(drawn[0].level, crate::rule::Level::Warn, "made up, perhaps");
        let aside = engine.scan(
            b"algolia shows 0123456789abcdef0123456789abcdef",
            &Regions::Whole,
            None,
        );
        assert!(aside.is_empty(), "a run along the digits is a placeholder");
    }

    #[test]
    fn a_word_is_beside_a_match_or_is_not() {
        let near = ["trello".to_owned()];
        let text = b"TRELLO_KEY = abc";
        assert!(is_beside(text, Span::new(13, 16), &near));
        assert!(!is_beside(b"OTHER_KEY = abc", Span::new(12, 15), &near));
    }

    #[test]
    fn without_the_word_the_form_or_the_randomness_there_is_nothing() {
        let hex = random("hex", 32);
        for text in [
            format!("API_KEY={hex}"),
            format!("ALGOLIA_API_KEY={hex}0"),
            format!("ALGOLIA_COMMIT={hex}"),
            format!("algolia_md5 = {hex}"),
            "ALGOLIA_API_KEY=00000000000000000000000000000000".to_owned(),
            format!("algolia\n\n\n\n\n\napi_key = {hex}"),
            format!("algolia\nan_identifier_that_has_nothing_to_do_with_the_service = {hex}"),
        ] {
            assert_eq!(found(&text), [], "{text}");
        }
    }
}
