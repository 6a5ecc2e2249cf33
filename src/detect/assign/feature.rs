//! The features of an assignment: what can be counted about key, value and surroundings, as numbers.

use super::assignment::{Assignment, Operator, Quote, Wrap};
use super::key::{self, Words};
use super::measure::{Measured, class, count, number};
use super::syntax::Syntax;

/// What the features are made of.
pub(super) struct Facts<'t> {
    /// The assignment.
    pub(super) found: &'t Assignment,
    /// What the key says.
    pub(super) words: Words,
    /// The key's bytes.
    pub(super) key: &'t [u8],
    /// The value's bytes.
    pub(super) value: &'t [u8],
    /// The bytes before the key, on its line and the lines before, at most 200.
    pub(super) before: &'t [u8],
    /// The bytes between key and value.
    pub(super) between: &'t [u8],
    /// The bytes after the value, at most 120.
    pub(super) after: &'t [u8],
    /// The file's syntax.
    pub(super) syntax: Syntax,
    /// The file is a translation.
    pub(super) translation: bool,
    /// The file holds digests by its purpose.
    pub(super) lock: bool,
    /// The file is a page of the web.
    pub(super) page: bool,
    /// The file tells a CI service what to run.
    pub(super) ci: bool,
    /// The key stands in a quoted text.
    pub(super) in_text: bool,
    /// The key stands in a comment.
    pub(super) in_comment: bool,
}

macro_rules! features {
    ($($name:literal => $value:expr,)*) => {
        /// The names of the features, in words for a person.
        pub const NAMES: &[&str] = &[$($name),*];
        /// The number of features.
        pub const COUNT: usize = NAMES.len();
        /// Returns the features.
        pub(super) fn features(facts: &Facts<'_>) -> [f32; COUNT] {
            let measured = Measured::of(facts);
            [$({ let value: fn(&Facts<'_>, &Measured) -> f32 = $value; value(facts, &measured) }),*]
        }
    };
}

features! {
    "length of the value" => |f, _| number(f.value.len()),
    "entropy of the value" => |_, m| m.entropy,
    "entropy for its length" => |_, m| m.relative_entropy,
    "share of digits" => |_, m| m.share(m.digits),
    "share of capitals" => |_, m| m.share(m.upper),
    "share of small letters" => |_, m| m.share(m.lower),
    "share of signs" => |_, m| m.share(m.signs),
    "blanks in the value" => |_, m| number(m.blanks),
    "letters of other scripts" => |_, m| m.share(m.foreign),
    "changes of class" => |_, m| m.share(m.transitions),
    "different bytes" => |_, m| m.share(m.different),
    "longest repeat" => |_, m| number(m.repeat),
    "longest sequence" => |_, m| number(m.sequence),
    "dictionary words cover" => |_, m| m.cover.share,
    "long dictionary words cover" => |_, m| m.cover.long,
    "words in the value" => |_, m| number(m.cover.words),
    "longest word in the value" => |_, m| number(m.cover.longest),
    "letters in the value" => |_, m| number(m.cover.letters),
    "letters outside words" => |_, m| m.uncovered,
    "words once signs are read as letters" => |_, m| m.leet.share,
    "rarity of its letter runs" => |_, m| m.rarity.0,
    "rarity of its rarest half" => |_, m| m.rarity.1,
    "only hex digits" => |_, m| flag(m.hex),
    "only base64 letters" => |_, m| flag(m.base64),
    "only capitals and digits" => |_, m| flag(m.base32),
    "a UUID" => |_, m| flag(m.uuid),
    "form of a name" => |_, m| m.form,
    "dots" => |_, m| number(m.dots),
    "slashes" => |_, m| number(m.slashes),
    "dashes" => |_, m| number(m.dashes),
    "underscores" => |_, m| number(m.underscores),
    "colons" => |_, m| number(m.colons),
    "at signs" => |_, m| number(m.ats),
    "equals signs" => |_, m| number(m.equals),
    "percent signs" => |_, m| number(m.percents),
    "words of a placeholder" => |_, m| number(m.placeholder),
    "a well-known weak password" => |_, m| flag(m.weak),
    "words of a test" => |_, m| number(m.mock),
    "words of a key" => |_, m| number(m.keyish),
    "key in the value" => |_, m| m.key_in_value,
    "value is the user's name" => |_, m| flag(m.repeated_before),
    "decodes to a pair" => |_, m| m.decoded,
    "first byte class" => |f, _| class(f.value[0]),
    "last byte class" => |f, _| class(f.value[f.value.len() - 1]),
    "starts with two capitals and an id" => |_, m| flag(m.sid),
    "quoting" => |f, _| f32::from(f.found.quote as u8),
    "quoted" => |f, _| flag(f.found.quote != Quote::None),
    "operator" => |f, _| f32::from(f.found.operator as u8),
    "a comparison" => |f, _| flag(f.found.operator == Operator::Compare),
    "a URL's password" => |f, _| flag(f.found.operator == Operator::Url),
    "after an authentication scheme" => |f, _| flag(f.found.operator == Operator::Scheme),
    "an argument" => |f, _| flag(matches!(f.found.operator, Operator::Call | Operator::Comma)),
    "wrapped in a call" => |f, _| f32::from(f.found.wrap as u8),
    "a default of a look-up" => |f, _| flag(f.found.wrap == Wrap::Default),
    "syntax" => |f, _| f32::from(f.syntax as u8),
    "a program" => |f, _| flag(f.syntax == Syntax::Code),
    "a settings file" => |f, _| flag(matches!(f.syntax, Syntax::Yaml | Syntax::Settings | Syntax::Toml | Syntax::Shell)),
    "a document" => |f, _| flag(matches!(f.syntax, Syntax::Document | Syntax::Log | Syntax::Unknown)),
    "a translation" => |f, _| flag(f.translation),
    "within a text" => |f, _| flag(f.in_text),
    "within a comment" => |f, _| flag(f.in_comment),
    "next byte" => |f, _| next(f.after),
    "blanks before the value" => |f, _| number(f.between.len()),
    "length of the key" => |f, _| number(f.key.len()),
    "words in the key" => |f, _| number(f.words.count),
    "key in capitals" => |f, _| flag(!f.key.iter().any(u8::is_ascii_lowercase)),
    "dots in the key" => |f, _| number(count(f.key, b'.')),
    "key ends in a key word" => |f, _| flag(f.words.ends(key::STRONG)),
    "key ends in a turning word" => |f, _| flag(f.words.ends(key::TURNED)),
    "key has a turning word" => |f, _| flag(f.words.any(key::TURNED)),
    "key says password" => |f, _| flag(f.words.any(key::PASSWORD)),
    "key says pass" => |f, _| flag(f.words.any(key::PASS)),
    "key ends in password" => |f, _| flag(f.words.ends(key::PASSWORD | key::PASS)),
    "key says secret" => |f, _| flag(f.words.any(key::SECRET)),
    "key ends in secret" => |f, _| flag(f.words.ends(key::SECRET)),
    "key says token" => |f, _| flag(f.words.any(key::TOKEN)),
    "key ends in token" => |f, _| flag(f.words.ends(key::TOKEN)),
    "key says key" => |f, _| flag(f.words.any(key::KEY)),
    "key says API" => |f, _| flag(f.words.any(key::API)),
    "key says auth" => |f, _| flag(f.words.any(key::AUTH)),
    "key says credential" => |f, _| flag(f.words.any(key::CREDENTIAL)),
    "key says salt" => |f, _| flag(f.words.any(key::SALT)),
    "key says nonce" => |f, _| flag(f.words.any(key::NONCE)),
    "key says private" => |f, _| flag(f.words.any(key::PRIVATE)),
    "key says access or session" => |f, _| flag(f.words.any(key::ACCESS)),
    "key says client" => |f, _| flag(f.words.any(key::CLIENT)),
    "key says encryption" => |f, _| flag(f.words.any(key::CRYPT)),
    "key says seed or one-time password" => |f, _| flag(f.words.any(key::SEED)),
    "key says user" => |f, _| flag(f.words.any(key::USER)),
    "key says database or service" => |f, _| flag(f.words.any(key::STORE)),
    "key says admin or root" => |f, _| flag(f.words.any(key::MASTER)),
    "key names a vendor" => |f, _| flag(f.words.any(key::VENDOR)),
    "key says public" => |f, _| flag(f.words.any(key::PUBLIC)),
    "key says hash" => |f, _| flag(f.words.any(key::HASH)),
    "key says number" => |f, _| flag(f.words.any(key::NUMBER)),
    "key says name" => |f, _| flag(f.words.any(key::NAME)),
    "key says place" => |f, _| flag(f.words.any(key::PLACE)),
    "key says kind" => |f, _| flag(f.words.any(key::KIND)),
    "key says time" => |f, _| flag(f.words.any(key::TIME)),
    "key says id" => |f, _| flag(f.words.any(key::IDENTITY)),
    "key says state" => |f, _| flag(f.words.any(key::STATE)),
    "key says another kind of key" => |f, _| flag(f.words.any(key::OTHERKEY)),
    "key has a verb" => |f, _| flag(f.words.any(key::VERB)),
    "key says test" => |f, _| flag(f.words.any(key::MOCK)),
    "a user stands before" => |_, m| flag(m.user_before),
    "a user stands after" => |_, m| flag(m.user_after),
    "a host or URL stands near" => |_, m| flag(m.host_near),
    "an assertion stands before" => |_, m| flag(m.assertion),
    "quotes before on the line" => |_, m| number(m.quotes_before),
    "bytes before on the line" => |_, m| number(m.line_before),
    "a query's parameter" => |f, _| flag(f.before.last().is_some_and(|&byte| byte == b'?' || byte == b'&')),
    "an option of a command" => |f, _| flag(f.key[0] == b'-' || f.before.last() == Some(&b'-')),
    "a member" => |f, _| flag(f.before.ends_with(b".") || f.before.ends_with(b"->") || f.before.ends_with(b"@")),
    "an annotation of a type" => |f, _| flag(f.between.contains(&b'=') && f.between.contains(&b':')),
}

/// Returns what follows the value and its quote: nothing, a comma, a bracket, a sum, a member.
fn next(after: &[u8]) -> f32 {
    let after = after.strip_prefix(b"\\").unwrap_or(after);
    let after = match after {
        [b'"' | b'\'' | b'`', rest @ ..] => rest,
        _ => after,
    };
    let blanks = after.iter().take_while(|&&byte| byte == b' ').count();
    match after.get(blanks) {
        None | Some(b'\n' | b'\r') => 0.0,
        Some(b',') => 1.0,
        Some(b';') => 2.0,
        Some(b')') => 3.0,
        Some(b'}' | b']') => 4.0,
        Some(b'+' | b'.' | b'%') => 5.0,
        Some(b'(' | b'[') => 6.0,
        Some(b'<') => 7.0,
        Some(b'&') => 8.0,
        Some(b':' | b'=') => 9.0,
        Some(b'"' | b'\'') => 10.0,
        Some(b'#' | b'/') => 11.0,
        Some(byte) if byte.is_ascii_alphanumeric() => 12.0,
        _ => 13.0,
    }
}

fn flag(holds: bool) -> f32 {
    f32::from(u8::from(holds))
}
