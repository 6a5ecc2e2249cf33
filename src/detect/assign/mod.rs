//! Assignments: finds `key = value` in any language near a key word, and judges whether the value is a secret.
//!
//! ```text
//! key word ──lex──► Assignment ──value──► certainly none, or ──feature──► numbers ──judge──► score
//! ```

mod assignment;
mod credential;
mod doubt;
mod feature;
mod few;
mod generated;
mod judge;
mod key;
mod lex;
mod measure;
mod open;
mod operand;
mod report;
mod scan;
mod syntax;
#[cfg(test)]
mod tests;
mod value;
mod words;

use bstr::BStr;

pub use assignment::{Assignment, Operator};
pub use feature::{COUNT, NAMES};
pub use generated::Make;
pub use judge::{Thresholds, judge};
pub(crate) use report::{Judged, scan};
pub use words::{SLOTS, SYMBOLS, slot, symbol};

use crate::blob::Regions;
use crate::span::Span;
use assignment::BEFORE;
use feature::Facts;
use judge::because;
use key::Words;
use syntax::Syntax;

/// How far after the value they are.
const AFTER: usize = 120;

/// An assignment whose value is not certainly none, with all that is known of it.
#[derive(Debug, Clone)]
pub struct Candidate {
    /// The assignment.
    pub assignment: Assignment,
    /// All bytes that its features depend on.
    pub extent: Span,
    /// What kind of credential it would be.
    pub kind: Kind,
    /// Its features.
    pub features: [f32; COUNT],
    words: Words,
    place: Place,
}

impl Candidate {
    fn facts<'t>(&'t self, text: &'t [u8]) -> Facts<'t> {
        facts(text, self.place, &self.assignment, self.words)
    }

    /// Tells whether its key says that it is a secret, and not only that it is a key of some kind.
    fn is_certain(&self) -> bool {
        let others = key::PASS | key::AUTH | key::CREDENTIAL;
        self.words.any(value::CERTAIN | others)
    }
}

/// What kind of credential an assignment holds, by its key and form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A password, by its key.
    Password = 0,
    /// A token, key or secret, by its key.
    Secret,
    /// The password in a URL.
    Url,
    /// Credentials after `Basic`, or a pair after `-u`.
    Basic,
    /// A token after `Bearer`.
    Bearer,
}

/// What the path tells.
#[derive(Debug, Clone, Copy)]
struct Place {
    syntax: Syntax,
    translation: bool,
    lock: bool,
    page: bool,
    ci: bool,
}

/// Hands every candidate that depends on a byte of the regions to `sink`, in order of place. `hits` are the places of
/// key words, sorted.
pub fn candidates(
    text: &[u8],
    regions: &Regions,
    path: Option<&BStr>,
    hits: &[Span],
    sink: &mut dyn FnMut(Candidate),
) {
    let place = Place {
        syntax: Syntax::of(path),
        translation: syntax::is_translation(path),
        lock: syntax::is_lock(path),
        page: syntax::is_page(path),
        ci: syntax::is_ci(path),
    };
    // Up to where the last assignment reached: its key may hold further key words.
    let mut done = 0;
    let mut last = Span::new(0, 0);
    // An assignment far from the regions is measured only when the next one overlaps it.
    let mut passed: Option<(Assignment, Words)> = None;
    for &hit in hits {
        if hit.start < done {
            continue;
        }
        let Some((mut assignment, words)) = read(text, place.syntax, hit) else {
            continue;
        };
        if let Some((before, words)) =
            passed.take_if(|(passed, _)| passed.value.overlaps(assignment.value))
            && measure(text, place, before, words).is_some()
        {
            last = before.value;
        }
        if assignment.value == last {
            continue;
        }
        trim(text, &mut assignment);
        if matches!(
            assignment.operator,
            Operator::Url | Operator::Scheme | Operator::User
        ) {
            done = assignment.value.end;
        } else {
            done = assignment.key.end;
        }
        if !regions.touch(extent(text, &assignment)) {
            if !assignment.value.overlaps(last) {
                passed = Some((assignment, words));
            }
            continue;
        }
        let Some(candidate) = measure(text, place, assignment, words) else {
            continue;
        };
        if assignment.value.overlaps(last) {
            continue;
        }
        last = assignment.value;
        sink(candidate);
    }
}

/// Reads what stands at a key word, and what its key says.
fn read(text: &[u8], syntax: Syntax, hit: Span) -> Option<(Assignment, Words)> {
    let literal = hit.of(text);
    match literal[0] {
        b':' => credential::url(text, hit)
            .map(|found| (found, Words::of(found.key.of(text)).with(key::PASSWORD))),
        b'b' | b'B' | b'n' | b'N' if literal.ends_with(b" ") => {
            let senses = if literal.len() < 7 {
                key::AUTH
            } else {
                key::TOKEN
            };
            credential::scheme(text, hit).map(|found| (found, Words::default().with(senses)))
        }
        b' ' | b'-' => {
            credential::user(text, hit).map(|found| (found, Words::default().with(key::PASSWORD)))
        }
        _ => {
            let found = lex::read(text, syntax, hit)?;
            let name = found.key.of(text);
            let mut words = Words::of(name);
            let command = [&b"identified"[..], b"ConvertTo-SecureString"];
            if command.iter().any(|known| name.eq_ignore_ascii_case(known)) {
                words = words.with(key::PASSWORD);
            }
            words.any(key::STRONG).then_some((found, words))
        }
    }
}

/// Takes from a value what belongs to its frame: an authentication scheme, blanks, a full stop of prose.
fn trim(text: &[u8], assignment: &mut Assignment) {
    let value = assignment.value.of(text);
    for scheme in [
        "Basic ", "Bearer ", "bearer ", "basic ", "Token ", "token ", "ApiKey ",
    ] {
        if value.len() > scheme.len() && value.starts_with(scheme.as_bytes()) {
            assignment.value.start += scheme.len();
            return;
        }
    }
    let front = value
        .iter()
        .take_while(|byte| byte.is_ascii_whitespace())
        .count();
    assignment.value.start += front;
    let back = assignment
        .value
        .of(text)
        .iter()
        .rev()
        .take_while(|byte| byte.is_ascii_whitespace())
        .count();
    assignment.value.end -= back;
    if assignment.operator == Operator::Prose && assignment.value.of(text).ends_with(b".") {
        assignment.value.end -= 1;
    }
}

/// Returns all bytes that the features of an assignment depend on.
fn extent(text: &[u8], assignment: &Assignment) -> Span {
    Span::new(
        assignment.key.start.saturating_sub(BEFORE),
        (assignment.value.end + AFTER).min(text.len()),
    )
}

/// Drops what is certainly no secret and measures the rest.
fn measure(text: &[u8], place: Place, assignment: Assignment, words: Words) -> Option<Candidate> {
    if assignment.value.is_empty() {
        return None;
    }
    let facts = facts(text, place, &assignment, words);
    if value::is_none(text, &facts) {
        return None;
    }
    Some(Candidate {
        features: feature::features(&facts),
        extent: extent(text, &assignment),
        kind: kind(&assignment, words),
        assignment,
        words,
        place,
    })
}

/// Returns what is known of an assignment before anything is measured.
fn facts<'t>(text: &'t [u8], place: Place, assignment: &'t Assignment, words: Words) -> Facts<'t> {
    let before = Span::new(
        assignment.key.start.saturating_sub(BEFORE),
        assignment.key.start,
    )
    .of(text);
    let line = before
        .rsplit(|&byte| byte == b'\n')
        .next()
        .unwrap_or_default();
    let after = Span::new(
        assignment.value.end,
        (assignment.value.end + AFTER).min(text.len()),
    );
    let between = Span::new(
        assignment.key.end,
        assignment.value.start.max(assignment.key.end),
    );
    let whole = assignment.key.start < BEFORE || line.len() < before.len();
    let (in_text, in_comment) = stands_in(line, between.of(text), whole, place.syntax);
    Facts {
        found: assignment,
        words,
        key: assignment.key.of(text),
        value: assignment.value.of(text),
        before,
        between: between.of(text),
        after: after.of(text),
        syntax: place.syntax,
        translation: place.translation,
        lock: place.lock,
        page: place.page,
        ci: place.ci,
        in_text,
        in_comment,
    }
}

fn kind(assignment: &Assignment, words: Words) -> Kind {
    match assignment.operator {
        Operator::Url => Kind::Url,
        Operator::User => Kind::Basic,
        Operator::Scheme if words.any(key::AUTH) => Kind::Basic,
        Operator::Scheme => Kind::Bearer,
        _ if words.any(key::PASSWORD | key::PASS) => Kind::Password,
        _ => Kind::Secret,
    }
}

/// Tells whether what comes after this part of a line stands in a quoted text, and whether in a comment.
fn stands_in(line: &[u8], between: &[u8], whole: bool, syntax: Syntax) -> (bool, bool) {
    let mut open = None;
    let mut comment = false;
    let mut at = 0;
    // Most bytes neither open nor close anything.
    let is_sign = |byte: &u8| {
        matches!(
            byte,
            b'\\' | b'"' | b'`' | b'\'' | b'/' | b'#' | b'*' | b'-'
        )
    };
    while let Some(plain) = line
        .get(at..)
        .and_then(|rest| rest.iter().position(is_sign))
    {
        at += plain;
        let byte = line[at];
        match (open, byte) {
            (_, b'\\') => at += 1,
            (None, b'"' | b'`') => open = Some(byte),
            // An apostrophe within a word opens nothing.
            (None, b'\'') if at == 0 || !line[at - 1].is_ascii_alphanumeric() => open = Some(byte),
            (Some(quote), _) if quote == byte => open = None,
            (None, b'/')
                if line[at + 1..].starts_with(b"/") && (at == 0 || line[at - 1] != b':') =>
            {
                comment = true;
            }
            (None, b'#') if at == 0 || line[at - 1].is_ascii_whitespace() => comment = true,
            (None, b'*') if line[..at].iter().all(u8::is_ascii_whitespace) => comment = true,
            (None, b'/') if line[at + 1..].starts_with(b"*") => comment = true,
            (None, b'-') if syntax == Syntax::Sql && line[at + 1..].starts_with(b"-") => {
                comment = true;
            }
            _ => {}
        }
        if comment {
            break;
        }
        at += 1;
    }
    // The opening quote of the key itself is not one that it stands in.
    let own = open.is_some() && line.last() == open.as_ref() && between.first() == open.as_ref();
    (open.is_some() && !own && whole, comment)
}
