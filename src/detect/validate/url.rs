//! User and password before a host: URLs (RFC 3986, 3.2.1), and base64 of `user:password`.

use std::borrow::Cow;

use super::{Random, Sample, Shape, Validity, base64, draw};

pub(super) static SHAPES: &[Shape] = &[
    Shape {
        name: "url-password",
        check: url,
        make: make_password,
    },
    Shape {
        name: "plain-password",
        check: plain,
        make: make_password,
    },
    Shape {
        name: "basic-auth",
        check: basic,
        make: make_basic,
    },
];

/// A password in a URL; the rule's match holds the scheme, the user and the host too.
fn url(sample: Sample<'_>) -> Validity {
    let Sample { value, whole } = sample;
    let authority = memchr::memmem::find(whole, b"//").map_or(whole, |at| &whole[at + 2..]);
    let user = authority
        .iter()
        .position(|&byte| byte == b':' || byte == b'@')
        .map_or(&b""[..], |end| &authority[..end]);
    let behind = memchr::memrchr(b'@', authority).map_or(&b""[..], |at| &authority[at + 1..]);
    let end = behind
        .iter()
        .position(|byte| b"/?#:,\"' ".contains(byte))
        .unwrap_or(behind.len());
    let Some(password) = percent_decoded(value) else {
        return judge(user, value, &behind[..end]);
    };
    judge(user, &password, &behind[..end])
}

/// Base64 of `user:password`, as in Docker's `auths`, npm's `_auth` and `Authorization: Basic` (RFC 7617).
fn basic(sample: Sample<'_>) -> Validity {
    let Some(text) = base64(sample.value) else {
        return Validity::No;
    };
    if text.iter().any(u8::is_ascii_control) {
        return Validity::No;
    }
    match memchr::memchr(b':', &text) {
        Some(at) => judge(&text[..at], &text[at + 1..], b""),
        None => Validity::No,
    }
}

/// A password on its own: any but a variable and the words that stand for one.
fn plain(sample: Sample<'_>) -> Validity {
    judge(b"", sample.value, b"")
}

/// Passwords that guard nothing: the word itself, or what a default installation has.
const TRIVIAL: [&str; 45] = [
    "password",
    "passwd",
    "pass",
    "pwd",
    "pw",
    "secret",
    "changeme",
    "change_me",
    "changeit",
    "example",
    "test",
    "testing",
    "demo",
    "foo",
    "bar",
    "baz",
    "admin",
    "root",
    "user",
    "username",
    "guest",
    "postgres",
    "mysql",
    "redis",
    "mongo",
    "rabbitmq",
    "1234",
    "12345",
    "123456",
    "12345678",
    "123456789",
    "mypassword",
    "your_password",
    "yourpassword",
    "token",
    "xxx",
    "p",
    "pass123",
    "password123",
    "letmein",
    "docker",
    "foobared",
    "public",
    "private",
    "hunter2",
];

/// Hosts that documents and examples use (RFC 2606, RFC 6761), and words in a host's place.
const SAMPLE_HOSTS: [&str; 13] = [
    "example.com",
    "example.org",
    "example.net",
    "host",
    "hostname",
    "server",
    "myhost",
    "myserver",
    "domain.com",
    "yourhost",
    "mydomain.com",
    "host.com",
    "server.com",
];

/// Judges a password by what it is, whose it is and where it leads.
fn judge(user: &[u8], password: &[u8], host: &[u8]) -> Validity {
    let lower = password.to_ascii_lowercase();
    let is = |words: &[&str], text: &[u8]| words.iter().any(|word| word.as_bytes() == text);
    if password.is_empty() || is_variable(password) || is_variable(user) {
        return Validity::No;
    }
    let host = host.to_ascii_lowercase();
    let local = host.starts_with(b"localhost")
        || host.starts_with(b"127.")
        || host.starts_with(b"[::1")
        || host == b"0.0.0.0"
        || host.ends_with(b".local")
        || host.ends_with(b".test")
        || host.ends_with(b".localhost");
    let sample = is(&SAMPLE_HOSTS, &host)
        || SAMPLE_HOSTS[..3]
            .iter()
            .any(|one| host.ends_with(one.as_bytes()))
        || host.ends_with(b".example")
        || host.ends_with(b".invalid")
        || is_variable(&host);
    // One label is the name of a container or of a machine in the same network.
    let inner = !host.is_empty() && !host.contains(&b'.');
    let trivial = is(&TRIVIAL, &lower) || lower == user.to_ascii_lowercase();
    let random = crate::detect::entropy::shannon(password) >= 3.0
        && password.len() >= 12
        && password.iter().any(u8::is_ascii_digit)
        && password.iter().any(u8::is_ascii_alphabetic);
    match () {
        () if trivial && (local || sample || inner || host.is_empty()) => Validity::No,
        () if sample && !random => Validity::No,
        () if trivial => Validity::weak("a common password"),
        () if sample => Validity::weak("the host is one that examples use"),
        () if local => Validity::weak("the host is the local machine"),
        () if inner && !random => Validity::weak("the host is a name of one label"),
        () => Validity::Good(None),
    }
}

/// Tells whether a part is the mark of a template, the name of a variable or a mask.
fn is_variable(part: &[u8]) -> bool {
    let wrapped = |open: u8, close: u8| part.first() == Some(&open) && part.last() == Some(&close);
    let marks = [
        &b"${"[..],
        b"{{",
        b"$(",
        b"%(",
        b"<%",
        b"#{",
        b"\" +",
        b"' +",
        b"...",
    ];
    wrapped(b'{', b'}')
        || wrapped(b'<', b'>')
        || wrapped(b'[', b']')
        || wrapped(b'%', b'%')
        || wrapped(b'$', b'$')
        || part == b"%s"
        || part == b"%v"
        || part.len() > 1
            && part
                .iter()
                .all(|byte| matches!(byte, b'*' | b'x' | b'X' | b'.' | b'?'))
        || part.first() == Some(&b'$')
            && part.len() > 1
            && part[1..]
                .iter()
                .all(|byte| byte.is_ascii_alphanumeric() || *byte == b'_')
        || marks
            .iter()
            .any(|mark| memchr::memmem::find(part, mark).is_some())
}

/// Returns the text with `%41` as `A`; `None` where a percent sign starts no such pair.
pub(super) fn percent_decoded(text: &[u8]) -> Option<Cow<'_, [u8]>> {
    if !text.contains(&b'%') {
        return Some(Cow::Borrowed(text));
    }
    let mut decoded = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((&byte, after)) = rest.split_first() {
        rest = if byte == b'%' {
            let (pair, after) = after.split_first_chunk::<2>()?;
            decoded.push(data_encoding::HEXLOWER_PERMISSIVE.decode(pair).ok()?[0]);
            after
        } else {
            decoded.push(byte);
            after
        };
    }
    Some(Cow::Owned(decoded))
}

/// The argument is ignored: twenty letters and digits.
fn make_password(_: &str, random: &mut Random) -> String {
    format!("{}7a", draw(random, "alnum", 18))
}

/// The argument is the user, `robot` by default.
fn make_basic(user: &str, random: &mut Random) -> String {
    let user = if user.is_empty() { "robot" } else { user };
    let password = make_password("", random);
    data_encoding::BASE64.encode(format!("{user}:{password}").as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Judges the password between the last `:` before `@` and that `@`. The scheme is set off by a blank, so that no
    /// URL with a password stands here.
    fn said(whole: &str) -> Validity {
        let whole = &whole.replacen(' ', "://", 1);
        let at = whole.rfind('@').expect("an @");
        let start = whole[..at].rfind(':').expect("a colon") + 1;
        url(Sample {
            value: &whole.as_bytes()[start..at],
            whole: whole.as_bytes(),
        })
    }

    #[test]
    fn a_password_that_leads_somewhere_is_one() {
        let password = make_password("", &mut Random::new("url"));
        for whole in [
            format!("postgres app:{password}@db.acme.io:5432/app"),
            format!("mongodb+srv app:{password}@cluster0.abcde.mongodb.net/app"),
            format!("redis :{password}@10.2.3.4:6379"),
            format!("amqp app:{password}@queue/vhost"),
            "mysql root:Summer-2019@db.acme.io/app".to_owned(),
            "mysql root:Sum%40mer@db.acme.io/app".to_owned(),
        ] {
            assert!(matches!(said(&whole), Validity::Good(_)), "{whole}");
        }
    }

    #[test]
    fn placeholders_variables_and_local_defaults_are_none() {
        for whole in [
            "postgres user:password@localhost/db",
            "postgres postgres:postgres@db:5432/app",
            "amqp guest:guest@127.0.0.1:5672/",
            "mysql ${USER}:${PASS}@db.acme.io/app",
            "mysql app:$DB_PASS@db.acme.io/app",
            "mysql app:{password}@db.acme.io/app",
            "mysql app:<password>@db.acme.io/app",
            "mysql app:%s@db.acme.io/app",
            "mysql app:*****@db.acme.io/app",
            "mysql app:s3cr3t@db.example.com/app",
            "http {{ user }}:x@acme.io",
        ] {
            assert_eq!(said(whole), Validity::No, "{whole}");
        }
    }

    #[test]
    fn what_may_be_harmless_is_weak() {
        for whole in [
            "redis :s3cr3t@localhost/0",
            "mysql root:root@db.acme.io/app",
            "amqp a:Blue42@queue/v",
        ] {
            assert!(matches!(said(whole), Validity::Weak(_)), "{whole}");
        }
    }

    #[test]
    fn basic_auth_decodes_to_user_and_password() {
        let encode = |text: &str| data_encoding::BASE64.encode(text.as_bytes());
        for none in ["user:pass", "user:", "no colon here", "a:\u{1}b"] {
            let text = encode(none);
            let said = basic(Sample {
                value: text.as_bytes(),
                whole: text.as_bytes(),
            });
            assert_eq!(said, Validity::No, "{none}");
        }
    }
}
