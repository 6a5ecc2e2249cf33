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
mod slots;

pub use anchor::{Anchor, GROUPS, PAIRS, mark, plan, unplanned};
pub use example::{Random, alphabet, fill};
pub use form::{Alphabet, EMPTY_WORD, Form, LONGEST, SHORTEST, hash_on, word_hash};
pub use load::{LoadError, check, parse, toml_mistake};
pub use page::{page, section};
pub use practice::{PRACTICES, Practice};
pub use record::{
    Example, Kind, Level, Mend, Pair, PlaceRule, Record, Record as Rule, RecordFile, Severity,
};
pub use slots::Slots;

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
    /// In which files it is looked for.
    pub files: Files,
    /// What stands around it in every match of its rule, as `build.rs` packs it; empty where that may be anything.
    pub shapes: &'r [u8],
}

/// A set of kinds of files, by their endings: a bit each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Files(pub u32);

impl Files {
    /// Files of all kinds: where the keywords of secret rules are looked for.
    pub const EVERY: Files = Files(u32::MAX);
    /// A text without a path, or a file that no setting rule is about: only keywords for every file are looked for.
    pub const OTHER: Files = Files(1 << 31);

    /// Tells whether the sets have a kind in common.
    pub fn meet(self, other: Files) -> bool {
        self.0 & other.0 != 0
    }
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
/// The endings and names of files that setting rules are about, with their bits.
static KINDS: &str = include_str!(concat!(env!("OUT_DIR"), "/kinds.txt"));
/// The sets of bytes that shapes are made of, a bit for each byte.
static SETS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/sets.bin"));
/// The prefilter's tables of the keywords for every file, and of all but those of path rules.
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
    builtin: Slots<Rule>,
    own: Vec<Rule>,
    levels: Vec<Level>,
}

impl Rules {
    /// Returns the built-in rules.
    pub fn builtin() -> Self {
        Rules {
            builtin: Slots::new(BUILTINS.len()),
            own: Vec::new(),
            levels: BUILTINS.iter().map(|rule| rule.level).collect(),
        }
    }

    /// Returns rules made of these alone, for tests of a rule file.
    pub fn only(own: Vec<Rule>) -> Self {
        let levels = own.iter().map(|rule| rule.level).collect();
        Rules {
            builtin: Slots::new(0),
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
        let read = || {
            let row = &BUILTINS[index.at()];
            let json = &JSON[row.start as usize..row.end as usize];
            serde_json::from_str(json).expect("written by build.rs from a parsed record")
        };
        let builtin = self.builtin.get(index, read);
        builtin.unwrap_or_else(|| &self.own[index.at() - self.builtin.len()])
    }

    /// Tells whether the rule comes with the program; such a rule has the same index in every list of rules.
    pub fn is_builtin(&self, index: RuleIndex) -> bool {
        index.at() < self.builtin.len()
    }

    /// Returns what the rule is about, without reading it.
    pub fn kind(&self, index: RuleIndex) -> Kind {
        if self.is_builtin(index) {
            BUILTINS[index.at()].kind
        } else {
            self.own[index.at() - self.builtin.len()].kind
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
        let position = line_of(builtin, id).or_else(|| {
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

    /// Returns the prefilter's fixed table of the built-in rules: of the keywords for every file, or of all keywords.
    pub fn fixed_table(&self, files: Files) -> Option<&'static [u64; PAIRS]> {
        let number = usize::from(files == Files::EVERY);
        (!self.builtin.is_empty()).then(|| &TABLES[number])
    }

    /// Returns the endings (`.py`) and fronts (`^Dockerfile`) of names of files that built-in setting rules are
    /// about, with their bits.
    pub fn kinds_of_files(&self) -> impl Iterator<Item = (&'static str, Files)> + use<> {
        let kinds = if self.builtin.is_empty() { "" } else { KINDS };
        kinds.lines().filter_map(|line| {
            let (mark, bits) = line.rsplit_once(' ')?;
            Some((mark, Files(bits.parse().ok()?)))
        })
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
                    files: Files::EVERY,
                    shapes: &[],
                })
            });
        Packed(packed)
            .chain(own)
            .filter(move |keyword| self.level(keyword.rule) != Level::Off)
    }
}

/// Returns the number of the line that is `wanted`, counted from 0. A start looks a handful of ids up, so they are
/// searched for as bytes, not line by line.
fn line_of(lines: &str, wanted: &str) -> Option<usize> {
    let lines = lines.as_bytes();
    let is_line = |&at: &usize| {
        let before = at.checked_sub(1).map(|before| lines[before]);
        let behind = lines.get(at + wanted.len());
        matches!(before, None | Some(b'\n')) && matches!(behind, None | Some(b'\n'))
    };
    let at = memchr::memmem::find_iter(lines, wanted).find(is_line)?;
    Some(memchr::memchr_iter(b'\n', &lines[..at]).count())
}

/// Returns the sets of bytes that the shapes of keywords are made of: a bit for each byte.
pub fn shape_sets() -> &'static [[u8; 32]] {
    SETS.as_chunks::<32>().0
}

/// Walks the keyword table that `build.rs` wrote: rule (2 bytes), case (1), length (1), files (4), shift and group of
/// two anchors (4), length of the shapes (2), literal, shapes.
struct Packed<'r>(&'r [u8]);

impl<'r> Iterator for Packed<'r> {
    type Item = Keyword<'r>;

    fn next(&mut self) -> Option<Self::Item> {
        let (head, rest) = self.0.split_first_chunk::<14>()?;
        let (pairs, _) = head.as_chunks::<2>();
        let [rule, [case, len], low, high, even, odd, shapes] = *pairs else {
            return None;
        };
        let anchor = |[shift, group]: [u8; 2]| Anchor {
            shift: i8::from_le_bytes([shift]),
            group,
        };
        let (literal, rest) = rest.split_at(usize::from(len));
        let (shapes, rest) = rest.split_at(usize::from(u16::from_le_bytes(shapes)));
        self.0 = rest;
        Some(Keyword {
            literal,
            ignore_case: case != 0,
            rule: RuleIndex(u16::from_le_bytes(rule)),
            anchors: [anchor(even), anchor(odd)],
            planned: true,
            files: Files(u32::from_le_bytes([low[0], low[1], high[0], high[1]])),
            shapes,
        })
    }
}
