//! A setting rule knows an unsafe value by its file, its key and the value itself.

use std::borrow::Cow;
use std::cell::{LazyCell, OnceCell};
use std::sync::OnceLock;

use bstr::BStr;
use memchr::memmem;
use regex::bytes::{Regex, RegexBuilder};

use super::glob::Glob;
use super::syntax::{self, Entry, Form, Syntax, python};
use super::{Maker, Match, Text, What, check, placeholder};
use crate::rule::{Level, Rule, RuleIndex, Rules, Slots};
use crate::secret::Secret;
use crate::span::Span;

/// The files, keys and values that a rule names, ready to be compared.
pub(crate) struct Named {
    files: Vec<Glob>,
    not_files: Vec<Glob>,
    /// The further literals that the rule asks for, in small letters.
    also: Vec<memmem::Finder<'static>>,
    keys: Vec<Glob>,
    /// The rule is about these keys alone.
    by_key: bool,
    words: OnceLock<Words>,
    ignore_case: bool,
    value: Option<Lazy>,
    form: Option<Form>,
    regex: Option<Lazy>,
    pub(crate) check: Option<check::Check>,
    /// What must stand in a file for the check to report anything.
    quick: Option<check::quick::Quick>,
}

impl Named {
    /// Returns what the rule names. Costs microseconds: a regex is compiled when it is first needed.
    pub(crate) fn of(rule: &Rule) -> Self {
        let (not_files, files): (Vec<&String>, Vec<&String>) =
            rule.files.iter().partition(|glob| glob.starts_with('!'));
        Named {
            files: files.iter().flat_map(|glob| Glob::all(glob)).collect(),
            not_files: not_files
                .iter()
                .flat_map(|glob| Glob::all(&glob[1..]))
                .collect(),
            keys: rule
                .key
                .iter()
                .flat_map(|key| Glob::all(&flat(key, rule.ignore_case)))
                .collect(),
            by_key: !rule.key.is_empty()
                && !rule.ignore_case
                && rule
                    .check
                    .as_deref()
                    .is_none_or(|check| check::BY_KEY.contains(&check)),
            words: OnceLock::new(),
            also: rule
                .also
                .iter()
                .map(|literal| memmem::Finder::new(&literal.to_ascii_lowercase()).into_owned())
                .collect(),
            ignore_case: rule.ignore_case,
            value: rule
                .value
                .as_ref()
                .map(|value| Lazy::new(format!("^(?:{value})$"), rule.ignore_case)),
            form: rule.form.as_deref().and_then(Form::of_name),
            regex: rule
                .regex
                .as_ref()
                .map(|regex| Lazy::new(regex.clone(), rule.ignore_case)),
            check: rule.check.as_deref().and_then(check::find),
            quick: rule.check.as_deref().and_then(check::quick::find),
        }
    }

    /// Tells whether one of the rule's globs matches the path, and none that begins with `!`.
    pub(crate) fn is_about(&self, path: &BStr) -> bool {
        let any = |globs: &[Glob]| globs.iter().any(|glob| glob.matches(path));
        any(&self.files) && !any(&self.not_files)
    }

    /// Tells whether one of the further literals that the rule asks for stands in the text, which is given in small
    /// letters, and what its check asks for: to make those once and to search them for a handful of words is quicker
    /// than any automaton is made.
    pub(crate) fn may_be_in<'t>(&self, syntax: Syntax, lower: impl Fn() -> &'t [u8]) -> bool {
        let mut also = self.also.iter();
        let lower = &lower;
        (self.also.is_empty() || also.any(|word| word.find(lower()).is_some()))
            && self.quick.is_none_or(|quick| {
                quick(check::quick::Glance {
                    syntax,
                    lower: lower(),
                })
            })
    }

    /// Tells whether a key that the rule names may be in a program: its words are names and texts of it, and stand in
    /// it as they are.
    fn keys_may_be_in(&self, syntax: Syntax, bytes: &[u8]) -> bool {
        !self.by_key
            || !matches!(syntax, Syntax::Python | Syntax::Code(_))
            || self
                .words
                .get_or_init(|| Words::of(&self.keys))
                .may_be_in(bytes)
    }

    /// Tells whether the rule names the entry's key, its form and its value.
    pub(crate) fn holds(&self, entry: &Entry) -> bool {
        self.form.is_none_or(|form| entry.form == form)
            && self.names(&entry.key)
            && self.means(&entry.value)
    }

    /// Tells whether the rule names this key.
    pub(crate) fn names(&self, key: &str) -> bool {
        let key = flat(key, self.ignore_case);
        self.keys.iter().any(|glob| glob.matches(key.as_bytes()))
    }

    /// Tells whether the whole value is one that the rule means.
    pub(crate) fn means(&self, value: &str) -> bool {
        self.value
            .as_ref()
            .is_none_or(|pattern| pattern.get().is_match(value.as_bytes()))
    }

    /// Returns what the text holds, for a rule that is about no key.
    pub(crate) fn regex(&self) -> Option<&Regex> {
        self.regex.as_ref().map(Lazy::get)
    }
}

/// The words of the keys that a rule names.
struct Words {
    words: Vec<memmem::Finder<'static>>,
    /// For each key the words that it is made of.
    keys: Vec<Vec<usize>>,
}

impl Words {
    /// Words that readers put into keys: they stand in no text.
    const MADE: [&str; 3] = ["default", "unparsed", "import"];

    fn of(keys: &[Glob]) -> Self {
        let mut known: Vec<&str> = Vec::new();
        let keys = keys.iter().map(|key| {
            let words = key
                .words()
                .filter(|word| word.len() > 2 && !Self::MADE.contains(word));
            let numbers = words.map(|word| {
                known
                    .iter()
                    .position(|known| *known == word)
                    .unwrap_or_else(|| {
                        known.push(word);
                        known.len() - 1
                    })
            });
            numbers.collect()
        });
        let keys = keys.collect();
        let finder = |word: &&str| memmem::Finder::new(word.as_bytes()).into_owned();
        Words {
            words: known.iter().map(finder).collect(),
            keys,
        }
    }

    /// Tells whether all words of one of the keys stand in the text.
    fn may_be_in(&self, bytes: &[u8]) -> bool {
        let stands: Vec<LazyCell<bool, _>> = self
            .words
            .iter()
            .map(|word| LazyCell::new(move || word.find(bytes).is_some()))
            .collect();
        self.keys
            .iter()
            .any(|key| key.iter().all(|&word| *stands[word]))
    }
}

/// A regex that is compiled when it is first needed.
struct Lazy {
    pattern: String,
    ignore_case: bool,
    compiled: OnceLock<Regex>,
}

impl Lazy {
    fn new(pattern: String, ignore_case: bool) -> Self {
        Lazy {
            pattern,
            ignore_case,
            compiled: OnceLock::new(),
        }
    }

    fn get(&self) -> &Regex {
        self.compiled.get_or_init(|| {
            RegexBuilder::new(&self.pattern)
                .unicode(false)
                .dot_matches_new_line(true)
                .case_insensitive(self.ignore_case)
                .build()
                .expect("checked when the rule was loaded, and for built-in rules by a test")
        })
    }
}

/// Returns a key in the form that is compared: `/` is no border for `*` in it, and case may not count.
fn flat(key: &str, ignore_case: bool) -> Cow<'_, str> {
    let key = if key.contains('/') {
        Cow::Owned(key.replace('/', "\u{2215}"))
    } else {
        Cow::Borrowed(key)
    };
    if ignore_case {
        Cow::Owned(key.to_ascii_lowercase())
    } else {
        key
    }
}

/// Returns what a rule names.
pub(crate) fn named<'n>(rules: &Rules, slots: &'n Slots<Named>, index: RuleIndex) -> &'n Named {
    let named = slots.get(index, || Named::of(rules.get(index)));
    named.expect("there is a place for every rule")
}

/// Runs the setting rules whose keywords were seen; the file is read once, and only if a rule is about it.
pub(crate) fn scan(
    rules: &Rules,
    slots: &Slots<Named>,
    text: Text<'_>,
    seen: &[RuleIndex],
    matches: &mut Vec<Match>,
) {
    let Some(path) = text.path else { return };
    let named = |index: RuleIndex| named(rules, slots, index);
    // What it is by its content is asked once, and only where a rule that was seen is not about its name.
    let kin = OnceCell::new();
    let is_about = |named: &Named| {
        let kin = || *kin.get_or_init(|| syntax::kin::of(path, text.bytes));
        named.is_about(path) || kin().is_some_and(|alias| named.is_about(alias))
    };
    let syntax = syntax::of(path);
    let lower = LazyCell::new(|| text.bytes.to_ascii_lowercase());
    let mut about = seen.iter().copied().filter(|&index| {
        let named = named(index);
        is_about(named)
            && named.keys_may_be_in(syntax, text.bytes)
            && named.may_be_in(syntax, || lower.as_slice())
    });
    let Some(first) = about.next() else { return };
    let python = (syntax == Syntax::Python).then(|| python::Module::parse(text.bytes));
    // Some checks look at the tree alone.
    let document = LazyCell::new(|| match &python {
        Some(module) => module.document(),
        None => syntax::read(syntax, text.bytes),
    });
    let is_broken = match &python {
        Some(module) => module.is_broken(),
        None => document.broken,
    };
    for index in std::iter::once(first).chain(about) {
        let level = if is_broken {
            rules.level(index).min(Level::Warn)
        } else {
            rules.level(index)
        };
        let context = check::Context {
            text,
            document: &document,
            python: python.as_ref(),
            rule: rules.get(index),
            named: named(index),
            index,
            level,
        };
        match (context.named.check, context.named.regex()) {
            (Some(check), _) => check(&context, matches),
            (None, Some(regex)) => {
                let found = regex.find_iter(text.bytes);
                matches.extend(found.map(|found| context.report_text(found.start(), found.end())));
            }
            (None, None) => matches.extend(context.named().map(|entry| context.report(entry))),
        }
    }
}

/// Returns the match that an entry makes.
pub(crate) fn of_entry(entry: &Entry, rule: &Rule, index: RuleIndex, level: Level) -> Match {
    let extent = Span::new(
        entry.key_span.start.min(entry.value_span.start),
        entry.value_span.end,
    );
    // A rule that names no value takes any: then a word for a secret is not one.
    let is_word =
        rule.chosen && rule.value.is_none() && placeholder::stands_in(entry.value.as_bytes());
    let level = if is_word {
        level.min(Level::Warn)
    } else {
        level
    };
    let what = if rule.chosen {
        let secret = Secret::new(entry.value.as_bytes());
        What::Secret {
            digest: secret.digest(),
            mask: secret.mask(0),
            key: Some(entry.key.clone()),
            scope: entry.scope,
            maker: Maker::Person,
        }
    } else {
        What::Setting {
            key: entry.key.clone(),
            value: shown(entry),
            scope: entry.scope,
        }
    };
    Match {
        rule: index,
        level,
        span: entry.value_span,
        extent,
        what,
        related: Vec::new(),
        notes: Vec::new(),
    }
}

/// Returns what may be shown of a value: of a command its name and its flags. Sixteen bits of a digest tell two of
/// them apart, which is too little to guess a password by.
fn shown(entry: &Entry) -> String {
    if !entry.key.starts_with('$') {
        return entry.value.clone();
    }
    let is_public = |word: &&str| {
        *word == "|" || (word.starts_with('-') && !word.contains('=') && word.len() < 30)
    };
    let mut words = entry.value.split(' ');
    let name = words.next().unwrap_or_default();
    let masked = words
        .filter(is_public)
        .fold(name.to_owned(), |text, word| text + " " + word);
    let digest = Secret::new(entry.value.as_bytes()).digest().0;
    format!("{masked} … #{:02x}{:02x}", digest[0], digest[1])
}
