//! A record is a rule as it is written in a `patterns/**/*.toml` file or under `[[rule]]` in `guard.toml`.
//!
//! `build.rs` includes this file too: records are read once at build time and carried as JSON.

use serde::{Deserialize, Serialize};

/// A file of rules.
#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct RecordFile {
    /// The rules of the file.
    #[serde(default)]
    pub rule: Vec<Record>,
}

/// One rule, with everything that is known about it.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Record {
    /// The name in reports, allowances and `guard.toml`: kebab-case, never reused for another meaning.
    pub id: String,
    /// What was found, in a few words.
    pub title: String,
    /// What it is about. Set by the folder for built-in rules: `secret`, `config` or `path`.
    #[serde(default)]
    pub kind: Kind,
    /// What a finding does to a commit.
    #[serde(default)]
    pub level: Level,
    /// How bad it is when it is real.
    #[serde(default)]
    pub severity: Severity,
    /// Who issues the token, or whose setting it is: `github`, `django`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provider: Option<String>,
    /// Literals of which one is in every match. At least three bytes each. For a path rule: in the path. Only a
    /// setting with a `check` may have none, where a match can be any name: it looks at each of its `files`.
    #[serde(default)]
    pub keywords: Vec<String>,
    /// Further literals of which one stands anywhere in the file, in any case: spares the reading of a file in which
    /// a common keyword means something else. For setting rules.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub also: Vec<String>,
    /// Keywords and regex match without regard to case.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub ignore_case: bool,

    /// Secret by its own form: what it looks like. A group named `secret` is the value, else all of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub regex: Option<String>,
    /// Name of a function in `detect/validate.rs` that the value must pass.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub validate: Option<String>,
    /// The least Shannon entropy of the value, in bits per byte.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entropy: Option<f32>,
    /// How many bytes after the keyword a match may reach. Default 1024.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reach: Option<usize>,
    /// How many bytes at the front of every value are fixed by the format and may be shown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub public: Option<usize>,
    /// The other half of a credential: without it nearby, nothing is reported.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pair: Option<Pair>,
    /// A person may have chosen the value, so its fingerprint must not help to guess it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub chosen: bool,

    /// Secret told by the words beside it: one of these words stands near the value.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub near: Vec<String>,
    /// The form of a value told by words: alphabet and length, `hex:32`, `base62:20-40`, `uuid`. Of a setting:
    /// `text` (quoted), `bare` (a word, a number) or `expression`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub form: Option<String>,

    /// Setting: which files, as globs over the path from the root; `**/` in front where it may lie anywhere.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<String>,
    /// Setting: which key, as a glob over the dotted key path (`server.*.debug`), case-insensitive if `ignore-case`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub key: Vec<String>,
    /// Setting: a regex that the whole value matches.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// Setting that data cannot say: name of a function in `detect/check/`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub check: Option<String>,
    /// Setting: where it is a fault.
    #[serde(default)]
    pub place: PlaceRule,

    /// Why it matters, in one sentence.
    pub why: String,
    /// What to do about it, in the file's own language where it is code.
    pub fix: String,
    /// How `guard fix` writes the fix into the file, where that is safe.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mend: Option<Mend>,
    /// Pages that the facts come from.
    #[serde(default)]
    pub references: Vec<String>,
    /// The weakness it is an instance of: `CWE-489`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cwe: Option<String>,
    /// Which of the ten practices it serves, 1 to 10.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub practice: Option<u8>,
    /// Examples with holes that must be found.
    #[serde(default, rename = "match")]
    pub matches: Vec<Example>,
    /// Examples with holes that must not be found.
    #[serde(default, rename = "no-match")]
    pub no_matches: Vec<Example>,
}

/// Prefixes that begin names and ids as well.
const PLAIN: [&[u8]; 15] = [
    b"live_", b"test_", b"api-", b"sdk-", b"pri_", b"key_", b"key-", b"api_", b"secret_", b"web_",
    b"act_", b"API-", b"cli_", b"pub_", b"pk_",
];

impl Record {
    /// Tells whether the keyword is a prefix that hardly anything but the rule's tokens begins with.
    pub fn is_told_by(&self, keyword: &[u8]) -> bool {
        let Some(public) = self.public else {
            return false;
        };
        let is_marked = keyword.len() == 3 && keyword.ends_with(b"_") || keyword == b"SG.";
        let is_known_by_it =
            self.level == Level::Block && (keyword.len() >= 4 || is_marked) || keyword.len() >= 5;
        is_known_by_it
            && !PLAIN.contains(&keyword)
            && !keyword
                .iter()
                .any(|byte| matches!(byte, b'/' | b':' | b'"'))
            && !keyword.ends_with(b".com")
            && (self.pair.is_none() || keyword.len() >= 4)
            && !self.chosen
            && !self.ignore_case
            && self.near.is_empty()
            && public + 4 >= keyword.len()
    }
}

/// A fix that is safe to write: one of `replace` and `package`, `drop-argument` where it is a call's.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Mend {
    /// What takes the place of the whole value, its quotes included; a plain word keeps the quotes that are there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub replace: Option<String>,
    /// The argument is taken out of its call (Python); what is assigned is replaced.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub drop_argument: bool,
    /// The package, with the versions that will do, that takes the place of `instead-of`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub package: Option<String>,
    /// The package that is replaced.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instead_of: Option<String>,
    /// The module that what is written needs (Python).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub import: Option<String>,
    /// Only for keys that end in one of these; for all keys if there is none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub only: Vec<String>,
    /// What a person has to do afterwards, one line each: which variable to set, and to what.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub then: Vec<String>,
}

impl Mend {
    /// Tells whether it is for a finding with this key. A default of an environment read never is: what it is the
    /// default of is the other half of the setting.
    pub fn is_for(&self, key: Option<&str>) -> bool {
        let ends = |key: &str| self.only.iter().any(|end| key.ends_with(end));
        match key {
            Some(key) => !key.ends_with("(default)") && (self.only.is_empty() || ends(key)),
            None => self.only.is_empty(),
        }
    }
}

/// The other half of a credential.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Pair {
    /// What it looks like; a group named `secret` is the value.
    pub regex: String,
    /// What a person calls it: "its secret".
    pub title: String,
    /// How many bytes before and after the first half it may stand.
    pub within: usize,
    /// Name of a validator that it must pass.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub validate: Option<String>,
}

/// A text with holes: `{{alnum:36}}`, `{{github:ghp_}}`.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(untagged)]
pub enum Example {
    /// The text of a file; for a path rule the path. It is found at the rule's own level.
    Text(String),
    /// The text of a file of which more must be said.
    File {
        /// The path from the root, where it matters.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        path: Option<String>,
        /// The level it is found at, where that is lower than the rule's: its checksum fails.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        level: Option<Level>,
        /// The text.
        text: String,
    },
}

/// What a rule is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// A credential in the text.
    #[default]
    Secret,
    /// An unsafe setting.
    Config,
    /// A file that should not be committed at all.
    Path,
}

/// What a finding does to a commit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Level {
    /// Nothing: the rule is not run unless it is asked for.
    Off,
    /// It is said.
    Warn,
    /// It stops the commit.
    #[default]
    Block,
}

/// How bad a finding is when it is real.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// Little to gain for an attacker.
    Low,
    /// Some data or some functions.
    Medium,
    /// Most of what an account can do.
    #[default]
    High,
    /// All of an account, or code execution.
    Critical,
}

/// Where a setting is a fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum PlaceRule {
    /// In production and unmarked files only.
    #[default]
    Production,
    /// Everywhere but in tests, documents and samples.
    Code,
    /// Everywhere.
    Any,
}
