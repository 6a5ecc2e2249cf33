//! A finding is a match with its place and name; it is owned, and holds no secret byte.

mod frame;
mod line_hash;
mod stored;

use std::borrow::Cow;
use std::fmt;

use bstr::{BStr, BString};
use sha2::{Digest as _, Sha256};

pub use frame::{Frame, Line, Mark, Matches, printable, shown};
pub use line_hash::{line_hashes, window};
pub use stored::{Bytes, Stored};

use crate::blob::{Blob, ObjectId, Origin, Provenance};
use crate::detect::{Maker, Match, Scope, What};
use crate::rule::{Kind, Level, PlaceRule, Rule, RuleIndex, Severity};
use crate::secret::Digest;
use crate::span::{Lines, Position, Span, line_end_within, line_start_within};

/// A match with its place and name.
#[derive(Debug, Clone)]
pub struct Finding {
    /// The rule, among the rules of the run.
    pub rule: RuleIndex,
    /// The id of the rule.
    pub rule_id: String,
    /// What was found, in a few words.
    pub title: String,
    /// What the rule is about.
    pub kind: Kind,
    /// How bad it is when it is real.
    pub severity: Severity,
    /// What the engine makes of it; policy decides.
    pub level: Level,
    /// A person may have chosen the value: its rule says so, and it does not look drawn at random.
    pub chosen: bool,
    /// Where a setting is a fault.
    pub place_rule: PlaceRule,
    /// What the text around a setting says of where it holds.
    pub scope: Scope,
    /// The key of a setting, or the name that a secret was assigned to.
    pub key: Option<String>,
    /// Its rule says how `guard fix` mends it.
    pub fixable: bool,
    /// Where the bytes came from.
    pub provenance: Provenance,
    /// The bytes that are the secret or the value.
    pub span: Span,
    /// Where they start.
    pub start: Position,
    /// Where they end: the position after the last character.
    pub end: Position,
    /// What may be shown of a secret; the value of a setting; the name of a file.
    pub mask: String,
    /// The lines to show, masked.
    pub frame: Frame,
    /// Further places that belong to it.
    pub related: Vec<(Position, String)>,
    /// What decided.
    pub notes: Vec<String>,
    /// What stays the same when the file moves or lines shift.
    pub fingerprint: Fingerprint,
    /// The hash by which GitHub knows its line again; none where it could help to guess a value.
    pub line_hash: Option<String>,
    /// What history tells of it.
    pub trace: Trace,
    /// What is kept of a secret's bytes, to tell whether another place holds the same.
    digest: Option<Digest>,
}

impl Finding {
    /// Returns the finding that a match makes. `matches` are all of the blob in order of place, so that every secret
    /// on a line that is shown is masked, whichever finding shows it.
    pub fn new(
        blob: &Blob<'_>,
        lines: &Lines<'_>,
        rule: &Rule,
        found: &Match,
        matches: &Matches<'_>,
    ) -> Self {
        let bytes = blob.bytes;
        let (mask, scope) = match &found.what {
            What::Secret { mask, scope, .. } => (mask.clone(), *scope),
            What::Setting { value, scope, .. } => (printable(value.as_bytes()), *scope),
            // What stands in such a file may be a secret as a whole.
            What::File => (
                printable(blob.provenance.path.as_deref().map_or(&[][..], |path| path)),
                Scope::Unmarked,
            ),
        };
        let key = match &found.what {
            What::Secret { key, .. } => key.as_deref(),
            What::Setting { key, .. } => Some(key.as_str()),
            What::File => None,
        };
        Finding {
            rule: found.rule,
            rule_id: rule.id.clone(),
            title: rule.title.clone(),
            kind: rule.kind,
            severity: rule.severity,
            level: found.level,
            chosen: match found.what {
                What::Secret { maker, .. } => maker == Maker::Person,
                What::Setting { .. } | What::File => rule.chosen,
            },
            place_rule: rule.place,
            scope,
            fixable: rule.mend.as_ref().is_some_and(|mend| mend.is_for(key)),
            key: key.map(str::to_owned),
            provenance: blob.provenance.clone(),
            span: found.span,
            start: lines.position(found.span.start),
            end: lines.position(found.span.end),
            mask,
            frame: Frame::new(bytes, lines, found, matches),
            related: found
                .related
                .iter()
                .map(|r| (lines.position(r.span.start), r.title.clone()))
                .collect(),
            notes: found.notes.clone(),
            fingerprint: Fingerprint::new(blob, rule, found),
            line_hash: None,
            trace: Trace::default(),
            digest: match &found.what {
                What::Secret { digest, .. } => Some(*digest),
                What::Setting { .. } | What::File => None,
            },
        }
    }

    /// Returns a finding that another run has told, as far as it follows from its rule.
    pub(crate) fn told(
        rule: &Rule,
        index: RuleIndex,
        fingerprint: Fingerprint,
        provenance: Provenance,
    ) -> Self {
        let first = Position { line: 1, column: 1 };
        Finding {
            rule: index,
            rule_id: rule.id.clone(),
            title: rule.title.clone(),
            kind: rule.kind,
            severity: rule.severity,
            level: rule.level,
            chosen: rule.chosen,
            place_rule: rule.place,
            scope: Scope::Unmarked,
            key: None,
            fixable: false,
            provenance,
            span: Span::new(0, 0),
            start: first,
            end: first,
            mask: String::new(),
            frame: Frame::default(),
            related: Vec::new(),
            notes: Vec::new(),
            fingerprint,
            line_hash: None,
            trace: Trace::default(),
            digest: None,
        }
    }

    /// Returns what is kept of the secret's bytes.
    pub(crate) fn digest(&self) -> Option<Digest> {
        self.digest
    }

    /// Returns the path as text, with what is not UTF-8 or not printable escaped; a message has none.
    pub fn path(&self) -> String {
        match (self.full_path(), self.provenance.origin) {
            (Some(path), _) => printable(&path),
            (None, Origin::Message) => match &self.trace.repository {
                Some(repository) => printable(repository) + ": message",
                None => "message".to_owned(),
            },
            (None, _) => "-".to_owned(),
        }
    }

    /// Returns the path with that of the repository in front, where a run looks at several; a message has none.
    pub fn full_path(&self) -> Option<Cow<'_, BStr>> {
        let path = self.provenance.path.as_ref()?;
        Some(match &self.trace.repository {
            Some(repository) => Cow::Owned(bstr::join("/", [repository, path]).into()),
            None => Cow::Borrowed(path.as_ref()),
        })
    }

    /// Returns what the output is sorted by: path, commit, place, rule.
    pub fn order(&self) -> impl Ord + use<'_> {
        (
            &self.provenance.path,
            &self.provenance.commit_id,
            &self.provenance.blob_id,
            self.span,
            &self.rule_id,
            self.fingerprint,
        )
    }
}

/// What history tells of a finding; filled by those who walk commits.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Trace {
    /// The repository, as it was named, where a run looks at several.
    pub repository: Option<BString>,
    /// Who wrote the commit that brought it in: `Ada <ada@example.com>`.
    pub author: Option<String>,
    /// When, by the author's clock: ISO 8601 in UTC.
    pub date: Option<String>,
    /// When that commit counts as made, in seconds since 1970: no sooner than what it follows.
    pub order: Option<i64>,
    /// The last commit that holds it, where it is gone.
    pub last_commit_id: Option<ObjectId>,
    /// When that one counts as made.
    pub last_order: Option<i64>,
    /// Whether the commit that is looked at still holds it.
    pub in_head: Option<bool>,
    /// How many commits hold it; 0 where they were not counted.
    pub commits: u64,
    /// Under how many paths it stood.
    pub paths: u64,
}

/// The identity of a finding: it survives moves, renames, rebases and squashes, covers every commit with the same
/// value, and never covers another value at the same place.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fingerprint([u8; 6]);

/// How much of a line on either side of a value is part of its fingerprint, in bytes.
const LINE: usize = 4096;

impl Fingerprint {
    /// The one function that makes fingerprints.
    ///
    /// A generated token is named by its rule and the SHA-256 of its value. A value that a person may have chosen
    /// could be guessed from that, so it is named by the rule, the key, the line around it and 16 bits of the
    /// hash; a setting by rule, path, key and value; a file by rule and path.
    fn new(blob: &Blob<'_>, rule: &Rule, found: &Match) -> Self {
        let mut hash = Sha256::new();
        let mut part = |bytes: &[u8]| {
            hash.update((bytes.len() as u64).to_le_bytes());
            hash.update(bytes);
        };
        part(rule.id.as_bytes());
        let path = blob.provenance.path.as_deref().map_or(&[][..], |path| path);
        match &found.what {
            What::Secret { digest, .. } if !rule.chosen => part(&digest.0),
            What::Secret { digest, key, .. } => {
                part(key.as_deref().unwrap_or_default().as_bytes());
                let line_start = line_start_within(blob.bytes, found.span.start, LINE);
                let line_end = line_end_within(blob.bytes, found.span.end, LINE);
                part(blob.bytes[line_start..found.span.start].trim_ascii_start());
                part(blob.bytes[found.span.end..line_end].trim_ascii_end());
                part(&digest.0[..2]);
            }
            What::Setting { key, value, .. } => {
                part(path);
                part(key.as_bytes());
                part(value.as_bytes());
            }
            What::File => part(path),
        }
        let digest = hash.finalize();
        let mut short = [0; 6];
        short.copy_from_slice(&digest[..6]);
        Fingerprint(short)
    }

    /// Returns the fingerprint written as 12 hex digits, or `None` for anything else.
    pub fn from_hex(hex: &str) -> Option<Self> {
        let raw = data_encoding::HEXLOWER_PERMISSIVE
            .decode(hex.as_bytes())
            .ok()?;
        Some(Fingerprint(raw.try_into().ok()?))
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&data_encoding::HEXLOWER.encode(&self.0))
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}
