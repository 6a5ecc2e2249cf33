//! PHP: what a visitor sent, followed through variables into the text of a query.

use std::collections::HashMap;

use super::Context;
use crate::detect::Match;
use crate::detect::syntax::Entry;

/// Where a visitor's words come in.
const SENT: [&str; 4] = ["$_GET", "$_POST", "$_REQUEST", "$_COOKIE"];

/// What makes a word of a visitor's safe inside a query, or something else altogether.
const CLEANS: [&str; 24] = [
    "(int)",
    "(float)",
    "(bool)",
    "intval(",
    "floatval(",
    "absint(",
    "escape",
    "quote(",
    "esc_sql(",
    "addslashes(",
    "filter_",
    "filter(",
    "sanitize",
    "is_numeric(",
    "ctype_",
    "in_array(",
    "preg_replace(",
    "count(",
    "isset(",
    "md5(",
    "sha1(",
    "hash(",
    "strtotime(",
    "->",
];

/// What a variable was last given.
#[derive(Clone, Copy)]
enum Given<'e> {
    /// A visitor's words as they came.
    Sent,
    /// A query with such words in it.
    Query(&'e Entry),
}

/// How many variables of a file are followed.
const MOST: usize = 4096;

/// Reports queries with a visitor's words in them: put there at once, or through a variable of the same function.
pub(super) fn sql(context: &Context<'_>, matches: &mut Vec<Match>) {
    let text = context.text.bytes;
    let mut functions = memchr::memmem::find_iter(text, b"function ").peekable();
    let mut given: HashMap<&str, Given<'_>> = HashMap::new();
    for entry in context.named() {
        while functions
            .next_if(|start| *start < entry.key_span.start)
            .is_some()
        {
            given.clear();
        }
        let is_query = is_query(&entry.value) && holds_words(&entry.value, &given);
        let variable = variable(&entry.key);
        if let Some(name) = variable {
            let clean = is_clean(&entry.value);
            let sent = !clean && holds_words(&entry.value, &given);
            if is_query {
                given.insert(name, Given::Query(entry));
            } else if sent && given.len() < MOST {
                given.insert(name, Given::Sent);
            } else {
                given.remove(name);
            }
            // The names that queries go by are reported whether or not somebody is seen to run them.
            if is_query && matches!(name, "$sql" | "$query" | "$q") {
                matches.push(context.report(entry));
            }
        } else if is_query {
            matches.push(context.report(entry));
        } else if let Some(Given::Query(built)) = given.get(entry.value.as_str())
            && !matches!(built.key.as_str(), "$sql" | "$query" | "$q")
        {
            matches.push(context.report(built));
        }
    }
}

/// Returns the name of a plain variable: `$id`, not `$this.id` nor a call.
fn variable(key: &str) -> Option<&str> {
    let name = key.strip_prefix('$')?;
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    (!name.is_empty() && name.bytes().all(plain)).then_some(key)
}

fn is_query(value: &str) -> bool {
    let lower = value.to_ascii_lowercase();
    ["select", "insert", "update", "delete"].iter().any(|verb| {
        lower.find(verb).is_some_and(|at| {
            let alone =
                |byte: Option<&u8>| byte.is_none_or(|b| !b.is_ascii_alphanumeric() && *b != b'_');
            alone(lower.as_bytes().get(at.wrapping_sub(1)))
                && alone(lower.as_bytes().get(at + verb.len()))
        })
    })
}

fn is_clean(value: &str) -> bool {
    let lower = value.to_ascii_lowercase();
    CLEANS.iter().any(|mark| lower.contains(mark))
}

/// Tells whether a text holds what a visitor sent, by its own name or by that of a variable.
fn holds_words(value: &str, given: &HashMap<&str, Given<'_>>) -> bool {
    // Of a value that is cleaned in place, as `(int) $_GET['id']`, nothing is left to fear.
    let sent = SENT.iter().any(|name| value.contains(name));
    if sent {
        return !is_clean(value);
    }
    let mut rest = value;
    while let Some(at) = rest.find('$') {
        rest = &rest[at..];
        let len = 1 + rest[1..]
            .bytes()
            .take_while(|b| b.is_ascii_alphanumeric() || *b == b'_')
            .count();
        if matches!(given.get(&rest[..len]), Some(Given::Sent)) {
            return !is_clean(value);
        }
        rest = &rest[len..];
    }
    false
}
