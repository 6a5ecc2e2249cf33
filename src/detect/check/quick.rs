//! A quick look at bytes before a file is read: what must stand in a text for a check to report anything.
//!
//! A keyword like `random` or `.query` stands in many files, and to read a file costs twenty times what it costs to look
//! for a word in it. Each look asks only for what the check asks for: it may say yes for nothing, never no for something.

use crate::detect::syntax::{Language, Syntax};

/// What a look sees.
#[derive(Clone, Copy)]
pub(crate) struct Glance<'t> {
    /// How the file would be read.
    pub(crate) syntax: Syntax,
    /// Its text in small letters.
    pub(crate) lower: &'t [u8],
}

/// Tells whether a check may report anything.
pub(crate) type Quick = fn(Glance<'_>) -> bool;

/// Returns the look for the check of that name, where there is one.
pub(crate) fn find(name: &str) -> Option<Quick> {
    Some(match name {
        "cloud-assume-wildcard" | "cloud-bucket-policy" | "cloud-iam-wildcard" => star,
        "cors-credentials" => cors_credentials,
        "dependency-malicious" | "dependency-raw" | "dependency-typosquat" => installs,
        "eol-datastore-image" | "eol-language-image" | "eol-python-image" | "eol-system-image" => {
            images
        }
        "eol-runtime" => runtime,
        "errorhandler" => errorhandler,
        "latest-image" => running_images,
        "php-verify" => php_verify,
        "random-secret" => random_secret,
        "session" => session,
        "sql-built" | "sql-request" => sql_built,
        "sql-filled" => sql_filled,
        "tls-verify" => tls_verify,
        _ => return None,
    })
}

fn has(text: &[u8], word: &str) -> bool {
    memchr::memmem::find(text, word.as_bytes()).is_some()
}

fn has_any(text: &[u8], words: &[&str]) -> bool {
    words.iter().any(|word| has(text, word))
}

/// Returns what follows each place of a word.
fn behind<'t>(text: &'t [u8], word: &'t str) -> impl Iterator<Item = &'t [u8]> {
    memchr::memmem::find_iter(text, word.as_bytes()).map(|at| &text[at + word.len()..])
}

/// Returns what follows blanks and quotes.
fn past_quote(text: &[u8]) -> &[u8] {
    let text = text.trim_ascii_start();
    let quote = |byte: &&u8| matches!(byte, b'"' | b'\'' | b'`' | b']' | b'\\');
    text[text.iter().take_while(quote).count()..].trim_ascii_start()
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

/// A star as a value: in YAML it is quoted too, since it means something else by itself.
fn star(glance: Glance<'_>) -> bool {
    has_any(glance.lower, &["\"*\"", "'*'", "\"*\\"])
}

/// A header or an option for the visitor's own session.
fn cors_credentials(glance: Glance<'_>) -> bool {
    has(glance.lower, "access-control-allow-credentials")
        || behind(glance.lower, "cors").any(|rest| {
            // `cors(…)`, `enableCors({…})`, `corsOptions = {…}`, `cors: {…}`.
            let name = rest.iter().take_while(|byte| is_word(**byte)).count();
            matches!(past_quote(&rest[name..]).first(), Some(b'(' | b'=' | b':'))
                || rest.starts_with(b"')")
                || rest.starts_with(b"\")")
        })
}

/// A command that installs packages, in scripts; files that list packages are looked at in any case.
fn installs(glance: Glance<'_>) -> bool {
    let is_script = matches!(
        glance.syntax,
        Syntax::Shell | Syntax::Makefile | Syntax::Dockerfile
    );
    // No pipe, no pipeline.
    let pip = |rest: &[u8]| {
        rest.first()
            .is_none_or(|byte| !byte.is_ascii_alphabetic() || *byte == b'x')
    };
    let uv = |rest: &[u8]| rest.first().is_none_or(|byte| !byte.is_ascii_alphabetic());
    !is_script
        || (has_any(glance.lower, &["npm", "yarn"])
            || behind(glance.lower, "pip").any(pip)
            || behind(glance.lower, "uv").any(uv))
            && has_any(glance.lower, &["install", "add", "inject", " i "])
}

/// The key of an image; a Dockerfile always has one.
fn images(glance: Glance<'_>) -> bool {
    glance.syntax != Syntax::Yaml || has_any(glance.lower, &["image", "container"])
}

/// The key of an image, and of something that runs it; GitLab's jobs have images right below their names.
fn running_images(glance: Glance<'_>) -> bool {
    images(glance)
        && (glance.syntax != Syntax::Yaml
            || has_any(glance.lower, &["services", "ontainer", "script"]))
}

/// The key of a runtime.
fn runtime(glance: Glance<'_>) -> bool {
    behind(glance.lower, "runtime")
        .any(|rest| matches!(past_quote(rest).first(), Some(b':' | b'=')))
}

/// The package's name, or the method that Express had.
fn errorhandler(glance: Glance<'_>) -> bool {
    has_any(
        glance.lower,
        &["'errorhandler'", "\"errorhandler\"", "express.errorhandler"],
    )
}

/// An option of curl, or a key that is switched off.
fn php_verify(glance: Glance<'_>) -> bool {
    let is_off = |rest: &[u8]| {
        let value = past_quote(rest).strip_prefix(b"=>").map(past_quote);
        value.is_some_and(|value| value.starts_with(b"false") || value.starts_with(b"0"))
    };
    has_any(
        glance.lower,
        &["curlopt_ssl_verify", "verify_peer", "withoutverifying"],
    ) || behind(glance.lower, "verify").any(is_off)
}

/// A function that picks at random, and a name of a secret.
fn random_secret(glance: Glance<'_>) -> bool {
    const PARTS: [&str; 10] = [
        "password",
        "passwd",
        "secret",
        "api_key",
        "apikey",
        "session_id",
        "csrf",
        "private_key",
        "access_key",
        "_code",
    ];
    const WORDS: [&str; 8] = [
        "token",
        "otp",
        "nonce",
        "salt",
        "pwd",
        "pin",
        "passphrase",
        "passcode",
    ];
    let text = glance.lower;
    let stands_alone = |word: &&str| {
        memchr::memmem::find_iter(text, word.as_bytes()).any(|at| {
            let edge = |byte: Option<&u8>| byte.is_none_or(|byte| !byte.is_ascii_alphanumeric());
            edge(at.checked_sub(1).map(|before| &text[before])) && edge(text.get(at + word.len()))
        })
    };
    let picks = has_any(
        text,
        &[
            "choice",
            "randint",
            "sample",
            "randrange",
            "getrandbits",
            "randbytes",
        ],
    ) || behind(text, "random").any(|rest| rest.trim_ascii_start().starts_with(b"("));
    picks && (has_any(text, &PARTS) || WORDS.iter().any(stands_alone))
}

/// A call of something named for sessions, or its module.
fn session(glance: Glance<'_>) -> bool {
    behind(glance.lower, "ession").any(|rest| {
        matches!(rest.first(), Some(b'"' | b'\'' | b'`'))
            || rest.trim_ascii_start().starts_with(b"(")
    })
}

/// An argument or an attribute of that name that is given something.
fn tls_verify(glance: Glance<'_>) -> bool {
    behind(glance.lower, "verify").any(|rest| match past_quote(rest) {
        [b'=', b'=', ..] => false,
        [b'=' | b':' | b',', ..] => true,
        _ => false,
    })
}

/// A statement of SQL in code, or a clause of Rails, and a value that is put into a text; in JavaScript and Go, where
/// much has the name of a query, a call that runs it.
fn sql_filled(glance: Glance<'_>) -> bool {
    const VERBS: [(&str, &[u8]); 4] = [
        ("select", b""),
        ("insert", b"into"),
        ("update", b""),
        ("delete", b"from"),
    ];
    let text = glance.lower;
    let is_ruby = glance.syntax == Syntax::Code(Language::Ruby);
    let is_code = |at: usize| !is_in_comment(text, at, is_ruby);
    // Between the tokens of a program one blank stands for all that lies there.
    let is_query = VERBS.iter().any(|(verb, next)| {
        memchr::memmem::find_iter(text, verb.as_bytes()).any(|at| {
            let rest = &text[at + verb.len()..];
            let goes_on = match rest.first() {
                Some(byte) if byte.is_ascii_whitespace() => {
                    rest.trim_ascii_start().starts_with(next)
                }
                Some(byte) => matches!(byte, b'/' | b'#'),
                None => true,
            };
            goes_on && is_code(at)
        })
    });
    let is_clause = || {
        let mut places = memchr::memmem::find_iter(text, b"where");
        let stands = |at: usize| text.get(at + 5).is_none_or(|&byte| !is_word(byte)) && is_code(at);
        places.any(stands) || has(text, "params[")
    };
    let runs = || match glance.syntax {
        Syntax::Code(Language::Script | Language::Go) => [
            "query",
            "queryrow",
            "context",
            "execute",
            "exec",
            "raw",
            "rawunsafe",
        ]
        .iter()
        .any(|name| {
            behind(text, name).any(|rest| {
                let rest = rest.trim_ascii_start();
                rest.starts_with(b"(") || rest.starts_with(b"/")
            })
        }),
        _ => true,
    };
    (is_query || is_ruby && is_clause()) && runs() && is_filled(text)
}

/// A text of Python that begins with a verb of SQL, or a clause for Django's `extra()`.
fn sql_built(glance: Glance<'_>) -> bool {
    const VERBS: [&str; 12] = [
        "select", "insert", "update", "delete", "create", "drop", "alter", "with", "union",
        "replace", "truncate", "merge",
    ];
    // How a sentence goes on, where a statement never does: most of these verbs begin the comment of a function.
    const ARTICLES: [&[u8]; 5] = [b"the ", b"an ", b"this ", b"all ", b"any "];
    let text = glance.lower;
    let begins = |verb: &&str| {
        memchr::memmem::find_iter(text, verb.as_bytes()).any(|at| {
            let rest = &text[at + verb.len()..];
            let goes_on = match rest {
                [b'\\' | b'"' | b'\'', ..] => true,
                [byte, ..] if byte.is_ascii_whitespace() => {
                    let next = rest.trim_ascii_start();
                    !ARTICLES.iter().any(|article| next.starts_with(article))
                }
                _ => false,
            };
            goes_on
                && matches!(
                    text[..at].trim_ascii_end(),
                    [.., b'"' | b'\'' | b'}' | b'\\'] | [.., b'\\', b'n' | b't' | b'r']
                )
        })
    };
    has(text, ".extra(") || VERBS.iter().any(begins)
}

/// Tells whether the line is a comment up to this place.
fn is_in_comment(text: &[u8], at: usize, is_ruby: bool) -> bool {
    const FAR: usize = 200;
    let start = crate::span::line_start_within(text, at, FAR);
    let line = text[start..at].trim_ascii_start();
    match line {
        [b'/', b'/' | b'*', ..] | [b'*', b' ', ..] => true,
        [b'#', next, ..] => is_ruby && *next != b'{',
        _ => false,
    }
}

/// Tells whether a text has a value in it: `${v}`, `#{v}`, `" + v`, `" % v`, or a format.
fn is_filled(text: &[u8]) -> bool {
    if has_any(text, &["${", "#{", "sprintf"]) {
        return true;
    }
    let joins = memchr::memchr2_iter(b'+', b'%', text);
    joins.into_iter().any(|at| {
        let before = text[..at].trim_ascii_end();
        matches!(before.last(), Some(b'"' | b'\''))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn says(check: &str, syntax: Syntax, text: &str) -> bool {
        let quick = find(check).expect("there is one");
        quick(Glance {
            syntax,
            lower: text.to_ascii_lowercase().as_bytes(),
        })
    }

    #[test]
    fn a_query_is_looked_at_only_where_sql_stands_in_the_code() {
        let go = Syntax::Code(Language::Go);
        let built = "// q\ndb.Query(fmt.Sprintf(\"SELECT * FROM %s\", t))";
        assert!(says("sql-filled", go, built));
        assert!(says(
            "sql-filled",
            go,
            "q := \"delete from \" +\n t\ndb.Exec(q)"
        ));
        assert!(!says(
            "sql-filled",
            go,
            "// update the ${cache}\ndb.Query(q)"
        ));
        assert!(!says("sql-filled", go, "db.Query(\"select 1\")"));
        assert!(!says("sql-filled", go, "q := \"select \" + r.URL.Query"));
        let ruby = Syntax::Code(Language::Ruby);
        assert!(says("sql-filled", ruby, "User.where(\"a = #{b}\")"));
        assert!(!says("sql-filled", ruby, "# where it is: #{b}"));
    }

    #[test]
    fn a_statement_of_python_begins_its_text() {
        for text in [
            "run(f\"select {a}\")",
            "q = '''\n  Update t set a = %s''' % b",
            "q = \"\\nDELETE FROM \" + t",
            "q = '\\\nselect ' + t",
            "objects.extra(where=['a = %s' % b])",
        ] {
            assert!(says("sql-built", Syntax::Python, text), "{text}");
        }
        for text in [
            "\"\"\"Update the cache.\"\"\"",
            "# select one",
            "'created ' + a",
        ] {
            assert!(!says("sql-built", Syntax::Python, text), "{text}");
        }
    }

    #[test]
    fn what_is_spelled_another_way_is_looked_at_too() {
        let script = Syntax::Code(Language::Script);
        assert!(says("session", script, "require('express-session')({})"));
        assert!(says("session", script, "cookieSession ({ secure: false })"));
        assert!(!says("session", script, "const session = await get()"));
        assert!(says("cors-credentials", script, "require(\"cors\")({})"));
        assert!(says("cors-credentials", script, "app.use(cors ({}))"));
        assert!(says(
            "cors-credentials",
            script,
            "corsOptions = { credentials: true }"
        ));
        assert!(!says(
            "cors-credentials",
            script,
            "// cors with credentials: true"
        ));
        assert!(says(
            "tls-verify",
            Syntax::Python,
            "get(u, **{'verify': False})"
        ));
        assert!(says("tls-verify", Syntax::Python, "session.verify = False"));
        assert!(!says(
            "tls-verify",
            Syntax::Python,
            "if verify == 1: verify_it()"
        ));
        assert!(says(
            "random-secret",
            Syntax::Python,
            "TOKEN = random.random ()"
        ));
        assert!(says(
            "random-secret",
            Syntax::Python,
            "reset_otp = choice(a)"
        ));
        assert!(!says("random-secret", Syntax::Python, "tokens = choice(a)"));
        assert!(says("php-verify", Syntax::Unknown, "['verify' => false]"));
        assert!(!says(
            "php-verify",
            Syntax::Unknown,
            "['verify' => 'Verify it']"
        ));
        assert!(says(
            "dependency-malicious",
            Syntax::Shell,
            "python -m pip install x"
        ));
        assert!(!says(
            "dependency-malicious",
            Syntax::Shell,
            "apt-get install x"
        ));
        assert!(says(
            "eol-runtime",
            Syntax::Json,
            "{\"Runtime\" : \"nodejs8\"}"
        ));
        assert!(!says("eol-runtime", Syntax::Json, "at runtime, php"));
    }
}
