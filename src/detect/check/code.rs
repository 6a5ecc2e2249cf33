//! Code: settings of a program that what stands beside them decides.

use super::Context;
use super::literal;
use crate::detect::Match;
use crate::detect::syntax::Entry;
use crate::rule::Level;
use crate::span::Span;

/// Reports connections of Go that take any certificate, unless the program checks it itself.
pub(crate) fn go_verify(context: &Context<'_>, matches: &mut Vec<Match>) {
    let own = context.document.entries.iter().any(|entry| {
        entry.key.ends_with("VerifyPeerCertificate")
            || entry.key.ends_with("VerifyConnection")
            || entry.key.ends_with("VerifyConnection)")
    });
    if !own {
        verify_off(context, matches);
    }
}

/// Reports connections that take any certificate. Where somebody chose that by a setting, it is a warning.
pub(crate) fn verify_off(context: &Context<'_>, matches: &mut Vec<Match>) {
    for entry in context.named() {
        let mut found = context.report(entry);
        if is_chosen(context, entry) || is_guarded(entry) {
            found.level = found.level.min(Level::Warn);
        }
        matches.push(found);
    }
}

/// Tells whether a condition keeps the code to development or tests.
fn is_guarded(entry: &Entry) -> bool {
    use crate::detect::found::Scope;
    matches!(entry.scope, Scope::Development | Scope::Test)
}

/// Tells whether the line or the two before it ask for a setting that names what it gives up.
fn is_chosen(context: &Context<'_>, entry: &Entry) -> bool {
    let text = context.text.bytes;
    let mut start = crate::span::line_start(text, entry.value_span.start);
    for _ in 0..2 {
        start = crate::span::line_start(text, start.saturating_sub(1));
    }
    let before =
        &text[start.max(entry.key_span.start.saturating_sub(400))..entry.key_span.start.max(start)];
    let before = before.to_ascii_lowercase();
    let has = |marks: &[&str]| {
        marks
            .iter()
            .any(|mark| memchr::memmem::find(&before, mark.as_bytes()).is_some())
    };
    has(&["if ", "if(", "case ", " ? ", "? {"])
        && has(&[
            "insecure",
            "skip",
            "verif",
            "accept_invalid",
            "selfsigned",
            "self_signed",
            "allowinvalid",
        ])
}

/// Reports tokens of Go that nobody checks: calls that the rule names, and functions that hand out the key which
/// allows no signature.
pub(crate) fn jwt_go(context: &Context<'_>, matches: &mut Vec<Match>) {
    let is_it = |entry: &&Entry| {
        entry.key != "return" || entry.value.contains("UnsafeAllowNoneSignatureType")
    };
    let named = context.named().filter(is_it);
    matches.extend(named.map(|entry| context.report(entry)));
}

/// Reports tokens of Ruby that nobody checks; a token that is looked at first and checked below is a warning.
pub(crate) fn jwt_ruby(context: &Context<'_>, matches: &mut Vec<Match>) {
    let checked = context.document.entries.iter().any(|entry| {
        entry.key.ends_with("JWT.decode()")
            && (entry.value.contains("true") || entry.value.contains("algorithm"))
    });
    for entry in context.named() {
        let mut found = context.report(entry);
        if checked && entry.key.ends_with("decode()") {
            found.level = found.level.min(Level::Warn);
        }
        matches.push(found);
    }
}

/// Reports an alias of nginx that ends with a slash below a location that does not: `/files../` leaves the folder.
pub(crate) fn nginx_alias(context: &Context<'_>, matches: &mut Vec<Match>) {
    let mut location: Option<&Entry> = None;
    for entry in &context.document.entries {
        let last = entry.key.rsplit('.').next().unwrap_or_default();
        match last {
            "location" => location = Some(entry),
            "alias" => {
                let Some(block) = location
                    .filter(|block| entry.key.strip_prefix(block.key.as_str()) == Some(".alias"))
                else {
                    continue;
                };
                let prefix = block.value.strip_prefix("^~ ").unwrap_or(&block.value);
                if prefix.starts_with('/')
                    && !prefix.contains(' ')
                    && !prefix.ends_with('/')
                    && entry.value.ends_with('/')
                {
                    matches.push(context.report(entry));
                }
            }
            _ => {}
        }
    }
}

/// Reports users of Tomcat's manager whose password stands in the file.
pub(crate) fn tomcat_manager(context: &Context<'_>, matches: &mut Vec<Match>) {
    let entries = &context.document.entries;
    for (at, entry) in entries.iter().enumerate() {
        if !entry.key.ends_with("user@roles")
            || !(entry.value.contains("manager") || entry.value.contains("admin"))
        {
            continue;
        }
        // The attributes of one element stand beside each other.
        let beside = entries[at.saturating_sub(4)..(at + 5).min(entries.len())]
            .iter()
            .find(|other| {
                other.key.ends_with("user@password")
                    && same_line(context, entry.value_span, other.value_span)
            });
        if let Some(password) = beside
            && literal::kind(&password.value) != literal::Kind::Reference
        {
            matches.push(context.report(password));
        }
    }
}

fn same_line(context: &Context<'_>, a: Span, b: Span) -> bool {
    let (first, last) = (a.start.min(b.start), a.end.max(b.end));
    memchr::memchr(b'>', Span::new(first, last).of(context.text.bytes)).is_none()
}

/// Reports a release build of Android that can be debugged, and the manifest that says so.
pub(crate) fn android_debuggable(context: &Context<'_>, matches: &mut Vec<Match>) {
    matches.extend(context.named().map(|entry| context.report(entry)));
    let text = context.text.bytes;
    for at in memchr::memmem::find_iter(text, b"ebuggable") {
        let rest = text[at + 9..].trim_ascii_start();
        let rest = rest.strip_prefix(b"=").unwrap_or(rest).trim_ascii_start();
        if rest.starts_with(b"true") && is_in_release(&text[..at]) {
            matches.push(context.report_text(at - 1, at + 9));
        }
    }
}

/// Tells whether the innermost open block is that of a release build.
fn is_in_release(before: &[u8]) -> bool {
    const REACH: usize = 4096;
    let mut depth = 0usize;
    let start = before.len().saturating_sub(REACH);
    for at in (start..before.len()).rev() {
        match before[at] {
            b'}' => depth += 1,
            b'{' if depth == 0 => {
                let line = &before[crate::span::line_start(before, at)..at];
                return memchr::memmem::find(line, b"release").is_some();
            }
            b'{' => depth -= 1,
            _ => {}
        }
    }
    false
}

/// Reports what the rule names unless it stands in a function for a test or is guarded by a condition; the scope
/// of the entry says it, so this is for rules that hold in development too.
pub(crate) fn unguarded(context: &Context<'_>, matches: &mut Vec<Match>) {
    use crate::detect::found::Scope;
    let live = |entry: &&Entry| !matches!(entry.scope, Scope::Development | Scope::Test);
    matches.extend(
        context
            .named()
            .filter(live)
            .map(|entry| context.report(entry)),
    );
}

/// Reports cookies and headers that let every origin in with the visitor's own session.
pub(crate) fn cors_credentials(context: &Context<'_>, matches: &mut Vec<Match>) {
    let entries = &context.document.entries;
    for entry in context.named() {
        let with = if entry.key.ends_with("(0)") {
            reflects_with_credentials(entries, entry)
        } else {
            // Of a call the key is `cors(origin)`, of options that have a name `corsOptions.origin`.
            let front = |key: &'_ str, name: &str| {
                let key = key.strip_suffix(')').unwrap_or(key);
                key.strip_suffix(name).map(str::len)
            };
            let of_origin = front(&entry.key, "origin");
            context.beside(entry).iter().any(|other| {
                other.value == "true"
                    && front(&other.key, "credentials") == of_origin
                    && of_origin.is_some_and(|len| other.key.get(..len) == entry.key.get(..len))
                    && near(entry, other)
            })
        };
        if with {
            matches.push(context.report(entry));
        }
    }
}

/// Tells whether a header that allows an origin allows any, and another beside it the visitor's session.
fn reflects_with_credentials(entries: &[Entry], header: &Entry) -> bool {
    let at = entries.partition_point(|entry| entry.value_span.start < header.value_span.start);
    let around = &entries[at.saturating_sub(40)..entries.len().min(at + 40)];
    let value_of = |name: &Entry| {
        let second = name.key.strip_suffix("(0)").unwrap_or_default();
        around.iter().find(move |other| {
            other.key.strip_suffix("(1)") == Some(second)
                && other.value_span.start > name.value_span.start
        })
    };
    let is_open = |value: &str| value == "*" || value.to_ascii_lowercase().ends_with("origin");
    value_of(header).is_some_and(|value| is_open(&value.value) && near(header, value))
        && around.iter().any(|other| {
            other.key.ends_with("(0)")
                && other
                    .value
                    .eq_ignore_ascii_case("access-control-allow-credentials")
                && near(header, other)
                && value_of(other).is_some_and(|value| value.value == "true")
        })
}

fn near(a: &Entry, b: &Entry) -> bool {
    a.value_span.start.abs_diff(b.value_span.start) < 400
}

/// Reports a secret that stands in the code: of a session, of a token.
pub(crate) fn literal_secret(context: &Context<'_>, matches: &mut Vec<Match>) {
    use crate::detect::syntax::Form;
    let entries = &context.document.entries;
    let is_literal = |entry: &Entry| {
        entry.form == Form::Text && literal::kind(&entry.value) == literal::Kind::Literal
    };
    for entry in context.named() {
        let is_name = entry.form != Form::Text
            && !entry.value.is_empty()
            && (entry.value.bytes()).all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        // Of a name what it was last given counts.
        let given = is_name.then(|| {
            let at =
                entries.partition_point(|other| other.value_span.start < entry.value_span.start);
            let mut near = entries[at.saturating_sub(200)..at].iter().rev();
            near.find(|other| other.key == entry.value)
        });
        let meant = given.flatten().unwrap_or(entry);
        if is_literal(meant) {
            matches.push(context.report(meant));
        }
    }
}

/// Reports a gem for development that every environment loads.
pub(crate) fn gem_outside_development(context: &Context<'_>, matches: &mut Vec<Match>) {
    use crate::detect::found::Scope;
    for entry in context.named() {
        let own = ["development", "test"]
            .iter()
            .any(|group| entry.value.contains(group));
        let conditional =
            entry.value.contains("require: false") || entry.value.contains(":require => false");
        if entry.scope == Scope::Unmarked && !own && !conditional {
            matches.push(context.report(entry));
        }
    }
}

/// Reports calls of PHP that take any certificate; `withoutVerifying` says it by its name.
pub(crate) fn php_verify(context: &Context<'_>, matches: &mut Vec<Match>) {
    let off = |entry: &&Entry| !entry.value.is_empty() || entry.key.ends_with("withoutVerifying()");
    for entry in context.named().filter(off) {
        let mut found = context.report(entry);
        if is_guarded(entry) {
            found.level = found.level.min(Level::Warn);
        }
        matches.push(found);
    }
}

/// Reports tokens of Java that are signed by nothing.
pub(crate) fn jwt_java(context: &Context<'_>, matches: &mut Vec<Match>) {
    let unsigned = |entry: &&Entry| {
        if entry.key.ends_with("signWith(0)") {
            entry.value.ends_with("SignatureAlgorithm.NONE")
        } else {
            entry.value.is_empty() || entry.key.ends_with("Jwt()")
        }
    };
    matches.extend(
        context
            .named()
            .filter(unsigned)
            .map(|entry| context.report(entry)),
    );
}

/// Reports Symfony's profiler where the site is live: of all files of packages only those for production.
pub(crate) fn symfony_profiler(context: &Context<'_>, matches: &mut Vec<Match>) {
    let path = context
        .text
        .path
        .map(|path| String::from_utf8_lossy(path).into_owned())
        .unwrap_or_default();
    for entry in context.named() {
        if entry.key != "web_profiler.toolbar" || path.contains("/prod/") {
            matches.push(context.report(entry));
        }
    }
}

/// Reports settings of Phoenix that are for development: two that are on, one that is off.
pub(crate) fn phoenix(context: &Context<'_>, matches: &mut Vec<Match>) {
    for entry in context.named() {
        let wanted = if entry.key.contains("check_origin") {
            "false"
        } else {
            "true"
        };
        if entry.value == wanted && !is_guarded(entry) {
            matches.push(context.report(entry));
        }
    }
}

/// Reports the first entry that the rule names: the file itself is the finding.
pub(crate) fn first_named(context: &Context<'_>, matches: &mut Vec<Match>) {
    matches.extend(context.named().next().map(|entry| context.report(entry)));
}
