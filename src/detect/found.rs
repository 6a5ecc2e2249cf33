//! A match is a rule confirmed in a blob; it holds no secret byte.

use crate::blob::Regions;
use crate::rule::{Level, Rule, RuleIndex};
use crate::secret::Digest;
use crate::span::Span;

/// A rule confirmed in a blob.
#[derive(Debug, Clone)]
pub struct Match {
    /// The rule.
    pub rule: RuleIndex,
    /// What it does to a commit, before policy: the rule's level, or a lower one where a check failed.
    pub level: Level,
    /// The bytes that are the secret, the value or the name.
    pub span: Span,
    /// All bytes that the verdict depended on.
    pub extent: Span,
    /// What was found.
    pub what: What,
    /// Further places that belong to it: the other half of a pair.
    pub related: Vec<Related>,
    /// What decided, in words for a person: "checksum does not match", "header and claims decode".
    pub notes: Vec<String>,
}

/// What a match is.
#[derive(Debug, Clone)]
pub enum What {
    /// A credential.
    Secret {
        /// What is kept of its bytes.
        digest: Digest,
        /// What may be shown in its place.
        mask: String,
        /// The name it was assigned to, where it may have been chosen by a person.
        key: Option<String>,
        /// The scope it stands in, where a setting rule found it.
        scope: Scope,
        /// Who made the value.
        maker: Maker,
    },
    /// An unsafe setting.
    Setting {
        /// The key path or the call.
        key: String,
        /// The value as it stands there; of one that is a secret an ellipsis and 16 bits of its digest.
        value: String,
        /// The scope it stands in.
        scope: Scope,
    },
    /// A file that should not be there.
    File,
}

/// Who made the value of a credential.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Maker {
    /// A person may have: a password of words, a value that says it is for tests.
    Person,
    /// A program: a token with a form of its own, a value drawn at random.
    Program,
}

impl Maker {
    /// Returns who makes the values of a rule.
    pub(crate) fn of(rule: &Rule) -> Self {
        if rule.chosen {
            Maker::Person
        } else {
            Maker::Program
        }
    }
}

/// What the text around a setting says of where it holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Scope {
    /// Nothing: the file's place decides.
    #[default]
    Unmarked,
    /// Production: `class ProductionConfig`.
    Production,
    /// Development: `class DevConfig`, `if settings.DEBUG:`, an early Docker stage.
    Development,
    /// Tests: `class TestConfig`.
    Test,
}

/// A further place of a match.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Related {
    /// Where.
    pub span: Span,
    /// What it is: "its secret".
    pub title: String,
    /// What may be shown in its place.
    pub mask: String,
}

impl Match {
    /// Returns a match of a path rule; `span` is the whole path.
    pub(crate) fn of_file(rule: RuleIndex, level: Level, span: Span) -> Self {
        Match {
            rule,
            level,
            span,
            extent: span,
            what: What::File,
            related: Vec::new(),
            notes: Vec::new(),
        }
    }

    /// Returns a match of a path rule that looks into the file; `span` is what in it decided.
    pub(crate) fn in_file(rule: RuleIndex, level: Level, span: Span) -> Self {
        Match::of_file(rule, level, span)
    }

    /// Moves all places of the match to where `place` says they are.
    pub(crate) fn put_back(&mut self, place: impl Fn(Span) -> Span) {
        self.span = place(self.span);
        self.extent = place(self.extent);
        for related in &mut self.related {
            related.span = place(related.span);
        }
    }

    /// Tells whether it is a credential.
    pub fn is_secret(&self) -> bool {
        matches!(self.what, What::Secret { .. })
    }

    /// Tells whether the match, or another place of it, touches bytes that decide.
    pub fn touches(&self, regions: &Regions) -> bool {
        regions.touch(self.span)
            || self
                .related
                .iter()
                .any(|related| regions.touch(related.span))
    }
}
