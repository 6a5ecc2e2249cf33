//! Web code: sessions, error pages, queries and ciphers of JavaScript, Go and Java.

use regex::bytes::Regex;

use super::literal::{Kind, kind};
use super::{Check, Context};
use crate::detect::Match;
use crate::detect::found::Scope;
use crate::detect::syntax::{Entry, Form};

/// Returns the check of web code of that name.
pub(super) fn find(name: &str) -> Option<Check> {
    Some(match name {
        "android-cleartext" => android_cleartext,
        "aspnet-cookie" => aspnet_cookie,
        "errorhandler" => errorhandler,
        "go-pprof" => go_pprof,
        "java-cipher" => java_cipher,
        "java-trust" => java_trust,
        "js-crypto" => js_crypto,
        "literal-secret-any" => literal_any,
        "session" => session,
        "sql-filled" => sql_filled,
        _ => return None,
    })
}

fn report(context: &Context<'_>, matches: &mut Vec<Match>, holds: impl Fn(&Entry) -> bool) {
    matches.extend(
        context
            .named()
            .filter(|entry| holds(entry))
            .map(|entry| context.report(entry)),
    );
}

fn has(context: &Context<'_>, needle: &[u8]) -> bool {
    memchr::memmem::find(context.text.bytes, needle).is_some()
}

/// Reports cleartext that is let through; for an emulator or this machine it may.
fn android_cleartext(context: &Context<'_>, matches: &mut Vec<Match>) {
    let entries = &context.document.entries;
    report(context, matches, |entry| {
        if !entry.key.contains("domain-config") {
            return true;
        }
        let domain = entries.iter().find(|other| {
            other.key.ends_with("domain-config.domain")
                && other.value_span.start > entry.value_span.start
        });
        domain.is_none_or(|domain| {
            !matches!(
                domain.value.as_str(),
                "localhost" | "10.0.2.2" | "10.0.3.2" | "127.0.0.1"
            )
        })
    });
}

/// Reports cookies of .NET that go over plain http or that scripts read; a bare `Secure` is one of a cookie only
/// where the options of one are made.
fn aspnet_cookie(context: &Context<'_>, matches: &mut Vec<Match>) {
    report(context, matches, |entry| {
        let name = entry.key.trim_end_matches(')');
        let of_options = !name.contains('@')
            && !name.ends_with("SecurePolicy")
            && !name.ends_with("Cookie.HttpOnly");
        let start = entry.key_span.start;
        let before = &context.text.bytes[start.saturating_sub(300)..start];
        let makes_one = [&b"CookieOptions"[..], b"HttpCookie"]
            .iter()
            .any(|kind| memchr::memmem::find(before, kind).is_some());
        !of_options || makes_one
    });
}

/// Reports the package `errorhandler`, which is for development; a function of the same name is the author's own.
fn errorhandler(context: &Context<'_>, matches: &mut Vec<Match>) {
    let package = has(context, b"'errorhandler'") || has(context, b"\"errorhandler\"");
    report(context, matches, |entry| {
        // Express had it for its own until version 4.
        let own = entry.key == "express.errorHandler()";
        (package || own) && !matches!(entry.scope, Scope::Development | Scope::Test)
    });
}

/// Reports profiles of Go on a server that more than this machine reaches.
fn go_pprof(context: &Context<'_>, matches: &mut Vec<Match>) {
    let open = context.document.entries.iter().any(|entry| {
        entry.key.ends_with("ListenAndServe(0)")
            && !["localhost", "127.0.0.1", "[::1]"]
                .iter()
                .any(|host| entry.value.contains(host))
    });
    report(context, matches, |_| open);
}

/// Reports ciphers of Java that are broken; RSA names ECB without using it.
fn java_cipher(context: &Context<'_>, matches: &mut Vec<Match>) {
    report(context, matches, |entry| {
        entry.form == Form::Text && !entry.value.to_ascii_uppercase().starts_with("RSA")
    });
}

/// Reports trust in any certificate: an empty check, a verifier that says yes, or one named for it.
fn java_trust(context: &Context<'_>, matches: &mut Vec<Match>) {
    report(context, matches, |entry| {
        let named = [
            "NoopHostnameVerifier()",
            "AllowAllHostnameVerifier()",
            "TrustAllStrategy()",
        ];
        entry.key.ends_with("{}")
            || named.iter().any(|name| entry.key.ends_with(name))
            || !entry.value.is_empty()
    });
    // A verifier that is a class of its own has no key. A file has a few; each looks back to the start of its line.
    let verifiers = Regex::new(VERIFIERS).expect("a fixed pattern");
    for found in verifiers.find_iter(context.text.bytes).take(64) {
        let start = crate::span::line_start(context.text.bytes, found.start());
        let before = context.text.bytes[start..found.start()].trim_ascii_start();
        if !before.starts_with(b"//") && !before.starts_with(b"*") {
            matches.push(context.report_text(found.start(), found.end()));
        }
    }
}

/// Verifiers of host names that say yes to all.
const VERIFIERS: &str = r"(?x-u)
    \bboolean\s+verify\s*\([^()]*\)\s*\{\s*return\s+true\s*;
    | \bfun\s+verify\s*\([^()]*\)\s*(?::\s*Boolean\s*)?(?:=\s*true\b|\{\s*return\s+true\b)
    | \bfun\s+checkServerTrusted\s*\([^()]*\)\s*=\s*Unit\b
    | \bHostnameVerifier\s*\{[^{}]*->\s*true\s*\}
    | \bHostnameVerifier\s+\w+\s*=\s*(?:\([^()]*\)\s*->\s*true\b|NoopHostnameVerifier\.INSTANCE\b)";

/// Reports ciphers without a start value, broken ones, and quick hashes on a line about passwords.
fn js_crypto(context: &Context<'_>, matches: &mut Vec<Match>) {
    report(context, matches, |entry| {
        if entry.key.ends_with("ipher()") {
            return !entry.value.is_empty();
        }
        if entry.key.ends_with("iv(0)") {
            let cipher = entry.value.to_ascii_lowercase();
            let broken = ["des", "rc2", "rc4", "bf", "idea"];
            return entry.form == Form::Text
                && (broken.iter().any(|name| cipher.starts_with(name))
                    || cipher.ends_with("-ecb"));
        }
        let text = context.text.bytes;
        let start = crate::span::line_start(text, entry.value_span.start);
        let end = crate::span::line_end(text, entry.value_span.end).min(start + 400);
        let line = text[start..end.max(start)].to_ascii_lowercase();
        matches!(entry.value.as_str(), "md5" | "sha1")
            && [&b"password"[..], b"passwd", b"pwd"]
                .iter()
                .any(|word| memchr::memmem::find(&line, word).is_some())
    });
}

fn literal_any(context: &Context<'_>, matches: &mut Vec<Match>) {
    report(context, matches, |entry| {
        kind(&entry.value) != Kind::Reference
    });
}

/// Reports sessions whose cookie is not guarded or whose key stands in the code; options may have a name.
fn session(context: &Context<'_>, matches: &mut Vec<Match>) {
    let unsafe_at = |key: &str, entry: &Entry| {
        if key.ends_with("secret") || key.ends_with("keys.0") {
            entry.form == Form::Text && kind(&entry.value) == Kind::Literal
        } else {
            (key.ends_with("secure") || key.ends_with("httpOnly")) && entry.value == "false"
        }
    };
    for entry in context.named() {
        if !entry.key.ends_with("(0)") {
            if unsafe_at(entry.key.trim_end_matches(')'), entry) {
                matches.push(context.report(entry));
            }
            continue;
        }
        let options = context.beside(entry).iter().filter(|other| {
            let field = other.key.strip_prefix(entry.value.as_str());
            let field = field.and_then(|rest| rest.strip_prefix('.'));
            !entry.value.is_empty()
                && field.is_some_and(|field| {
                    matches!(field, "secret" | "cookie.secure" | "cookie.httpOnly")
                        && unsafe_at(field, other)
                })
        });
        matches.extend(options.map(|option| context.report(option)));
    }
}

/// Reports queries that are put together from values: a template, or texts joined by `+`.
fn sql_filled(context: &Context<'_>, matches: &mut Vec<Match>) {
    let entries = &context.document.entries;
    for entry in context.named() {
        let is_name = !entry.value.is_empty()
            && entry.form != Form::Text
            && entry
                .value
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"_$".contains(&byte));
        let given = is_name.then(|| {
            let before =
                entries.partition_point(|other| other.value_span.start < entry.value_span.start);
            let mut near = entries[before.saturating_sub(200)..before].iter().rev();
            near.find(|other| other.key == entry.value)
        });
        let built = given.flatten().unwrap_or(entry);
        if is_filled(context, entry, built) {
            matches.push(context.report(entry));
        }
    }
}

/// Tells whether a text is a query with values in it; the entry is the argument that it is given to.
fn is_filled(context: &Context<'_>, argument: &Entry, entry: &Entry) -> bool {
    {
        let lower = entry.value.to_ascii_lowercase();
        let ruby = argument.key.ends_with("where(0)")
            || argument.key.ends_with("(conditions)")
            || lower.contains("params[")
                && argument.key.ends_with("(0)")
                && is_clause(&argument.key);
        let query = ["select ", "insert into ", "update ", "delete from "]
            .iter()
            .any(|word| lower.contains(word))
            || ruby;
        let filled = lower.contains("${")
            || lower.contains("#{")
            || lower.contains("\" % ")
            || ((lower.contains("\" +")
                || lower.contains("' +")
                || lower.contains("\"+")
                || lower.contains("'+"))
                && !lower.contains('?'));
        if argument_of_ruby(context) && only_names(&entry.value) {
            return false;
        }
        if lower.starts_with("fmt.sprintf(") {
            return query && (lower.contains("%s") || lower.contains("%v"));
        }
        // An object, a list or a function that holds a text is not put together itself.
        let text = lower.starts_with(['`', '"', '\''])
            || entry.form == Form::Expression && !lower.contains(['{', '(', '[']);
        let template = context
            .text
            .bytes
            .get(entry.value_span.start.wrapping_sub(1))
            .is_some_and(|b| b"`\"'".contains(b));
        query && filled && (text || template) && entry.form == Form::Expression
    }
}

fn argument_of_ruby(context: &Context<'_>) -> bool {
    context.text.path.is_some_and(|path| path.ends_with(b".rb"))
}

/// Tells whether all that a text of Ruby is filled with are names of tables and columns, numbers and texts that are
/// quoted on the way in.
fn only_names(value: &str) -> bool {
    let mut rest = value;
    let mut any = false;
    while let Some(at) = rest.find("#{") {
        rest = &rest[at + 2..];
        let Some(end) = rest.find('}') else {
            return false;
        };
        let (inner, after) = (&rest[..end], &rest[end + 1..]);
        let safe = [
            "table_name",
            "column_name",
            "quote",
            "sanitize",
            ".to_i",
            ".to_f",
            "primary_key",
            ".to_sql",
            "Arel",
        ];
        let constant = !inner.bytes().any(|byte| byte.is_ascii_lowercase());
        // `#{name}.column`: the name of a table, unless a visitor chose it.
        let is_table = after.starts_with('.') || after.starts_with("\".");
        let sent = ["params", "cookies", "request"]
            .iter()
            .any(|name| inner.contains(name));
        if sent && !safe.iter().any(|name| inner.contains(name)) {
            return false;
        }
        if !(constant || is_table || safe.iter().any(|name| inner.contains(name))) {
            return false;
        }
        any = true;
        rest = after;
    }
    any
}

/// Tells whether a call of Rails takes a clause of SQL.
fn is_clause(key: &str) -> bool {
    let name = key.rsplit('.').next().unwrap_or_default();
    [
        "order(0)",
        "reorder(0)",
        "group(0)",
        "having(0)",
        "joins(0)",
        "pluck(0)",
        "find_by(0)",
        "exists?(0)",
        "delete_all(0)",
        "update_all(0)",
        "destroy_all(0)",
        "from(0)",
        "select(0)",
        "lock(0)",
    ]
    .contains(&name)
}
