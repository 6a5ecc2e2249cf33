//! A rule says what to look for, why it matters and how to mend it.
//!
//! Built-in rules live as records in `patterns/` and are carried in the binary as JSON; each is read the
//! first time one of its keywords is seen, so a hook pays for the rules it needs and for no others.

mod anchor;
mod example;
mod form;
mod load;
mod page;
mod practice;
mod record;

use std::sync::OnceLock;

pub use anchor::{Anchor, GROUPS, PAIRS, mark, plan, unplanned};
pub use example::{Random, alphabet, fill};
pub use form::{Alphabet, EMPTY_WORD, Form, LONGEST, SHORTEST, hash_on, word_hash};
pub use load::{LoadError, check, parse, toml_mistake};
pub use page::{page, section};
pub use practice::{PRACTICES, Practice};
pub use record::{
    Example, Kind, Level, Mend, Pair, PlaceRule, Record, Record as Rule, RecordFile, Severity,
};

/// Names a rule within [`Rules`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RuleIndex(pub u16);

impl RuleIndex {
    fn at(self) -> usize {
        usize::from(self.0)
    }
}

/// A keyword and the rule it may be a sign of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Keyword<'r> {
    /// The literal, at least three bytes.
    pub literal: &'r [u8],
    /// Whether case counts.
    pub ignore_case: bool,
    /// The rule.
    pub rule: RuleIndex,
    /// Its anchors at even offsets in a text, and at odd ones.
    pub anchors: [Anchor; 2],
    /// Whether they were planned at build time and stand in the fixed tables.
    pub planned: bool,
    /// In which texts it is looked for.
    pub reach: Reach,
}

/// In which texts a keyword is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// In every text.
    Common,
    /// In files of the kinds that many setting rules are about.
    Dense,
}

/// Where a built-in rule lies in the block of JSON, and what must be known before it is read.
struct Builtin {
    start: u32,
    end: u32,
    kind: Kind,
    level: Level,
}

include!(concat!(env!("OUT_DIR"), "/rules.rs"));
static JSON: &str = include_str!(concat!(env!("OUT_DIR"), "/rules.json"));
static IDS: &str = include_str!(concat!(env!("OUT_DIR"), "/ids.txt"));
static KEYWORDS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/keywords.bin"));
/// The kinds of files that many setting rules are about: globs for a name, one a line.
static DENSE: &str = include_str!(concat!(env!("OUT_DIR"), "/dense.txt"));
/// The prefilter's tables of the common rules, and of all but path rules.
static TABLES: [[u64; PAIRS]; 2] = [
    numbers(include_bytes!(concat!(env!("OUT_DIR"), "/common.bin"))),
    numbers(include_bytes!(concat!(env!("OUT_DIR"), "/all.bin"))),
];

/// Reads little-endian numbers while the program is compiled.
#[allow(
    clippy::large_stack_arrays,
    reason = "nothing of it is left when the program runs"
)]
const fn numbers(bytes: &[u8; PAIRS * 8]) -> [u64; PAIRS] {
    let mut numbers = [0; PAIRS];
    let (eights, _) = bytes.as_chunks::<8>();
    let mut at = 0;
    while at < PAIRS {
        numbers[at] = u64::from_le_bytes(eights[at]);
        at += 1;
    }
    numbers
}

static WORDS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/words.bin"));

/// A word, by its hash, that stands beside a value of that form where the rule holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NearWord {
    /// [`word_hash`] of the word.
    pub hash: u32,
    /// The rule.
    pub rule: RuleIndex,
    /// What the value looks like.
    pub form: Form,
}

/// All rules of a run: the built-in ones, then those of a person's `guard.toml`.
pub struct Rules {
    builtin: Box<[OnceLock<Rule>]>,
    own: Vec<Rule>,
    levels: Vec<Level>,
}

impl Rules {
    /// Returns the built-in rules.
    pub fn builtin() -> Self {
        Rules {
            builtin: BUILTINS.iter().map(|_| OnceLock::new()).collect(),
            own: Vec::new(),
            levels: BUILTINS.iter().map(|rule| rule.level).collect(),
        }
    }

    /// Returns rules made of these alone, for tests of a rule file.
    pub fn only(own: Vec<Rule>) -> Self {
        let levels = own.iter().map(|rule| rule.level).collect();
        Rules {
            builtin: Box::default(),
            own,
            levels,
        }
    }

    /// Adds a person's own rule. An id that is taken replaces nothing: `find` gives the first.
    pub fn push(&mut self, rule: Rule) {
        self.levels.push(rule.level);
        self.own.push(rule);
    }

    /// Returns the number of rules.
    pub fn len(&self) -> usize {
        self.levels.len()
    }

    /// Tells whether there is no rule.
    pub fn is_empty(&self) -> bool {
        self.levels.is_empty()
    }

    /// Returns the indexes of all rules, in order of id for the built-in ones.
    pub fn indexes(&self) -> impl Iterator<Item = RuleIndex> + use<> {
        (0..self.len())
            .map(|index| RuleIndex(u16::try_from(index).expect("fewer than 65,536 rules")))
    }

    /// Returns the rule; a built-in one is read on first use.
    pub fn get(&self, index: RuleIndex) -> &Rule {
        match self.builtin.get(index.at()) {
            Some(slot) => slot.get_or_init(|| {
                let row = &BUILTINS[index.at()];
                let json = &JSON[row.start as usize..row.end as usize];
                serde_json::from_str(json).expect("written by build.rs from a parsed record")
            }),
            None => &self.own[index.at() - self.builtin.len()],
        }
    }

    /// Tells whether the rule comes with the program; such a rule has the same index in every list of rules.
    pub fn is_builtin(&self, index: RuleIndex) -> bool {
        index.at() < self.builtin.len()
    }

    /// Returns what the rule is about, without reading it.
    pub fn kind(&self, index: RuleIndex) -> Kind {
        match self.builtin.get(index.at()) {
            Some(_) => BUILTINS[index.at()].kind,
            None => self.own[index.at() - self.builtin.len()].kind,
        }
    }

    /// Returns the level that holds for the rule in this run, without reading it.
    pub fn level(&self, index: RuleIndex) -> Level {
        self.levels[index.at()]
    }

    /// Sets the level of a rule for this run.
    pub fn set_level(&mut self, index: RuleIndex, level: Level) {
        self.levels[index.at()] = level;
    }

    /// Returns the rule of that id.
    pub fn find(&self, id: &str) -> Option<RuleIndex> {
        let builtin = if self.builtin.is_empty() { "" } else { IDS };
        let position = builtin.lines().position(|line| line == id).or_else(|| {
            self.own
                .iter()
                .position(|rule| rule.id == id)
                .map(|own| own + self.builtin.len())
        })?;
        Some(RuleIndex(
            u16::try_from(position).expect("fewer than 65,536 rules"),
        ))
    }

    /// Returns all ids, to name the nearest one in an error.
    pub fn ids(&self) -> impl Iterator<Item = &str> {
        let builtin = if self.builtin.is_empty() { "" } else { IDS };
        builtin
            .lines()
            .chain(self.own.iter().map(|rule| rule.id.as_str()))
    }

    /// Hands over what tells these rules from others: the built-in ones as they were built, the levels, and a person's own.
    pub fn digest(&self, take: &mut dyn FnMut(&[u8])) {
        if !self.builtin.is_empty() {
            take(&crc32fast::hash(JSON.as_bytes()).to_le_bytes());
        }
        for level in &self.levels {
            take(&[*level as u8]);
        }
        for rule in &self.own {
            take(&serde_json::to_vec(rule).unwrap_or_default());
        }
    }

    /// Returns the prefilter's fixed table of the built-in rules that are common, or of all but path rules.
    pub fn fixed_table(&self, reach: Reach) -> Option<&'static [u64; PAIRS]> {
        (!self.builtin.is_empty()).then(|| match reach {
            Reach::Common => &TABLES[0],
            Reach::Dense => &TABLES[1],
        })
    }

    /// Returns globs for the names of the files that many built-in setting rules are about.
    pub fn dense_files(&self) -> impl Iterator<Item = &'static str> + use<> {
        let files = if self.builtin.is_empty() { "" } else { DENSE };
        files.lines()
    }

    /// Returns the words beside values of all rules that are not off, sorted by their hashes.
    pub fn near_words(&self) -> Vec<NearWord> {
        let packed = if self.builtin.is_empty() { &[] } else { WORDS };
        let builtin = packed.as_chunks::<11>().0.iter().filter_map(|row| {
            let [a, b, c, d, low, high, form @ ..] = *row;
            Some(NearWord {
                hash: u32::from_le_bytes([a, b, c, d]),
                rule: RuleIndex(u16::from_le_bytes([low, high])),
                form: Form::unpack(form)?,
            })
        });
        let mut words: Vec<NearWord> = builtin.collect();
        for (position, rule) in self.own.iter().enumerate() {
            let index =
                u16::try_from(position + self.builtin.len()).expect("fewer than 65,536 rules");
            let forms = rule
                .form
                .as_deref()
                .filter(|_| rule.kind == Kind::Secret)
                .and_then(|text| Form::parse(text).ok())
                .unwrap_or_default();
            for word in &rule.near {
                words.extend(forms.iter().map(|&form| NearWord {
                    hash: word_hash(word.as_bytes()),
                    rule: RuleIndex(index),
                    form,
                }));
            }
        }
        words.retain(|word| self.level(word.rule) != Level::Off);
        if !self.own.is_empty() {
            words.sort_by_key(|word| word.hash);
        }
        words
    }

    /// Returns every keyword of every rule that is not off.
    pub fn keywords(&self) -> impl Iterator<Item = Keyword<'_>> {
        let packed = if self.builtin.is_empty() {
            &[]
        } else {
            KEYWORDS
        };
        let own = self
            .own
            .iter()
            .enumerate()
            .flat_map(move |(position, rule)| {
                let rule_index =
                    u16::try_from(position + self.builtin.len()).expect("fewer than 65,536 rules");
                rule.keywords.iter().map(move |keyword| Keyword {
                    literal: keyword.as_bytes(),
                    ignore_case: rule.ignore_case,
                    rule: RuleIndex(rule_index),
                    anchors: unplanned(keyword.as_bytes()),
                    planned: false,
                    reach: Reach::Common,
                })
            });
        Packed(packed)
            .chain(own)
            .filter(move |keyword| self.level(keyword.rule) != Level::Off)
    }
}

/// Walks the keyword table that `build.rs` wrote: rule (2 bytes), flags (1), length (1), shift and group of
/// two anchors (4), literal.
struct Packed<'r>(&'r [u8]);

impl<'r> Iterator for Packed<'r> {
    type Item = Keyword<'r>;

    fn next(&mut self) -> Option<Self::Item> {
        let [
            low,
            high,
            flags,
            len,
            even,
            even_group,
            odd,
            odd_group,
            rest @ ..,
        ] = self.0
        else {
            return None;
        };
        let anchor = |shift: u8, group: u8| Anchor {
            shift: i8::from_le_bytes([shift]),
            group,
        };
        let (literal, rest) = rest.split_at(usize::from(*len));
        self.0 = rest;
        Some(Keyword {
            literal,
            ignore_case: *flags & 1 != 0,
            rule: RuleIndex(u16::from_le_bytes([*low, *high])),
            anchors: [anchor(*even, *even_group), anchor(*odd, *odd_group)],
            planned: true,
            reach: if *flags & 2 == 0 {
                Reach::Dense
            } else {
                Reach::Common
            },
        })
    }
}
