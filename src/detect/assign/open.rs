//! What has the name of a secret and is open to all, or something else altogether: directives of servers, names that
//! databases make up, what a page carries, what a password is kept as.

use super::assignment::Operator;
use super::feature::Facts;
use super::few::Few;
use super::generated::decoded_text;
use super::key;
use super::measure::is_uuid;
use super::scan::holds;
use super::syntax::Syntax;
use super::value::{CERTAIN, ends_in, is_digest};

/// Tells whether the assignment is certainly of something else than a secret.
pub(super) fn is_other(facts: &Facts<'_>) -> bool {
    let (words, value) = (facts.words, facts.value);
    is_directive(facts.key)
        || is_made_name(value)
        || is_form_token(facts)
        // What AES-GCM gives beside a ciphertext, and where a file lies in a store.
        || ends_in(facts.key, b"tag")
        || [&b".zip"[..], b".jar", b".tgz", b".gz"]
            .iter()
            .any(|end| value.ends_with(end))
        // What only a public key is called; the label of a search says `public` too.
        || words.ends(key::KEY)
            && words.any(key::PUBLIC)
            && !words.any(key::SECRET | key::PRIVATE | key::PASSWORD | key::API)
        || words.any(key::KEY) && is_pgp_print(facts.key, value)
        || value.len() >= 4 && value.iter().all(|byte| matches!(byte, b'x' | b'X'))
}

/// Tells whether the key is a word of a configuration that only looks like one for a password: a directive of nginx
/// that hands requests on, `NOPASSWD` of sudoers, an option of systemd, a lock of `WebDAV` (RFC 4918, section 6.4).
fn is_directive(key: &[u8]) -> bool {
    const NAMES: [&[u8]; 9] = [
        b"proxy_pass",
        b"fastcgi_pass",
        b"uwsgi_pass",
        b"scgi_pass",
        b"grpc_pass",
        b"memcached_pass",
        b"nopasswd",
        b"no-ask-password",
        b"opaquelocktoken",
    ];
    NAMES.iter().any(|name| ends_in(key, name))
}

/// Tells whether a tool made the value up to name a thing: an index or foreign key of Doctrine, a commit that Composer
/// installs, a digest that says which.
fn is_made_name(value: &[u8]) -> bool {
    static DIGESTS: Few = Few::new(&["sha256:", "sha512:", "sha1:", "md5:"]);
    let starts = |head: &[u8]| {
        value
            .get(..head.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(head))
    };
    let is_index = [&b"UNIQ_"[..], b"IDX_", b"FK_"]
        .iter()
        .any(|head| starts(head) && is_digest(&value[head.len()..]));
    let is_commit = starts(b"dev-")
        && value
            .rsplit(|&byte| byte == b'#')
            .next()
            .is_some_and(|commit| commit.len() == 40 && is_digest(commit));
    // `5/m/user`: how often something may be tried.
    let is_rate = matches!(
        value,
        [b'0'..=b'9', b'/', b's' | b'm' | b'h' | b'd', b'/', ..]
    );
    is_index || is_commit || is_rate || DIGESTS.any(&value[..value.len().min(20)])
}

/// Tells whether the value is the token that a form of a page carries against forged requests.
fn is_form_token(facts: &Facts<'_>) -> bool {
    const NAMES: [&[u8]; 4] = [b"csrf", b"xsrf", b"csrf-token", b"xsrf-token"];
    facts.key == b"_token" || NAMES.iter().any(|name| ends_in(facts.key, name))
}

/// Tells whether the value is the fingerprint of a PGP key, in groups or not.
fn is_pgp_print(key: &[u8], value: &[u8]) -> bool {
    let key = key.to_ascii_lowercase();
    let digits = value.iter().filter(|byte| byte.is_ascii_hexdigit()).count();
    (holds(&key, b"gpg") || holds(&key, b"pgp"))
        && digits == 40
        && value
            .iter()
            .all(|byte| byte.is_ascii_hexdigit() || *byte == b' ')
}

/// Tells whether the value is open though its key says nothing of it.
pub(super) fn is_open(facts: &Facts<'_>, value: &[u8]) -> bool {
    is_kept(facts, value)
        || is_of_page(facts)
        || is_once(value)
        || is_default(facts, value)
        || is_link(facts, value)
        || is_known_digest(value)
        || is_cut(value)
        || holds(value, b"\\u")
        || holds(value, b"\\x")
        || is_address(value)
        || is_key_id(facts, value)
        // A digest or a test vector: a mere `key` says too little.
        || facts.key.eq_ignore_ascii_case(b"key") && is_digest(value)
        || holds(facts.key, b"minisign")
        || facts.words.ends(key::SEED) && is_digest(value)
}

/// Tells whether the value is what a password or message is kept as: a hash in the form of crypt or of a directory, a
/// digest in a table of users, a ciphertext.
fn is_kept(facts: &Facts<'_>, value: &[u8]) -> bool {
    let key = facts.key.to_ascii_lowercase();
    let says = |word: &[u8]| holds(&key, word);
    let is_hash = match value {
        [b'$', rest @ ..] => rest.iter().take(16).any(|&byte| byte == b'$'),
        [b'{', rest @ ..] => rest.iter().take(16).any(|&byte| byte == b'}'),
        _ => {
            let heads = [
                &b"pbkdf2"[..],
                b"phpass:",
                b"SCRAM-SHA",
                b"scrypt:",
                b"argon2",
            ];
            // Behind a user's name, as in a file of htpasswd; the sign may be doubled for Compose.
            let within = [&b":$apr1$"[..], b":$$apr1$$", b":$2y$", b":$$2y$$"];
            heads.iter().any(|head| value.starts_with(head))
                || within.iter().any(|sign| holds(value, sign))
        }
    };
    let in_table = || {
        let heads = [&b"UPDATE "[..], b"INSERT ", b"update ", b"insert "];
        facts.syntax == Syntax::Sql || heads.iter().any(|head| holds(facts.before, head))
    };
    let is_digest_of = facts.words.any(key::PASSWORD)
        && (is_digest(value) && (value.len() >= 96 || in_table())
            || says(b"salted")
            || says(b"hashed")
            || says(b"encoded"));
    is_hash
        || is_digest_of
        || says(b"cipher") && !facts.words.ends(key::KEY | key::SECRET | key::PASSWORD)
}

/// Tells whether every visitor of a page reads the value: it stands in HTML or in a script made small for one, and is no
/// password or the word for one; or it stands beside the name of the index that Algolia is asked for.
fn is_of_page(facts: &Facts<'_>) -> bool {
    let near = |word: &[u8]| holds(facts.after, word) || holds(facts.before, word);
    let is_word = || facts.value.iter().all(u8::is_ascii_alphabetic);
    facts.page && (!facts.words.any(key::PASSWORD | key::SECRET | key::PRIVATE) || is_word())
        || near(b"indexName")
}

/// Tells whether the value names one checkout of `PayPal`, which ends within hours.
fn is_once(value: &[u8]) -> bool {
    value.len() == 20
        && value.starts_with(b"EC-")
        && value[3..].iter().all(u8::is_ascii_alphanumeric)
}

/// Tells whether the value of a URL opens what the URL shows: a picture in Firebase's storage, a badge, the key of a
/// chat or group that anyone may write to.
fn is_link(facts: &Facts<'_>, value: &[u8]) -> bool {
    let Some((b'?' | b'&' | b';', before)) = facts.before.split_last() else {
        return false;
    };
    let tail = &before[before.len().saturating_sub(80)..];
    let is_picture = holds(tail, b"alt=media") || holds(tail, b".svg") || holds(tail, b"badge");
    let is_mere = !facts.words.any(CERTAIN | key::AUTH | key::CREDENTIAL);
    facts.between == b"=" && (is_picture || is_mere || is_uuid(value) && holds(tail, b"media"))
}

/// Tells whether a value only has to be one: in a job of a CI service that starts a database for its tests, or the
/// user's name again on the own machine.
fn is_default(facts: &Facts<'_>, value: &[u8]) -> bool {
    let is_word = || {
        let plain = |byte: &u8| byte.is_ascii_lowercase() || matches!(byte, b'_' | b'-');
        value.iter().all(plain)
    };
    let is_own = || {
        let host = facts.after.get(1..).unwrap_or_default();
        let names = [&b"localhost"[..], b"127.0.0.1", b"0.0.0.0", b"[::1]"];
        names.iter().any(|name| host.starts_with(name))
    };
    let is_url = facts.found.operator == Operator::Url;
    let user = facts.key.rsplit(|&byte| byte == b'/').next();
    facts.ci && (is_word() || is_url && is_own()) || is_url && user == Some(value) && is_own()
}

/// Tells whether the value is an address of Ethereum, or the long id of a PGP key.
fn is_address(value: &[u8]) -> bool {
    matches!(value.len(), 18 | 42)
        && value.starts_with(b"0x")
        && value[2..].iter().all(u8::is_ascii_hexdigit)
}

/// Tells whether the value is the id of a pair of keys in a store like S3: twenty capitals and digits.
fn is_key_id(facts: &Facts<'_>, value: &[u8]) -> bool {
    let is_capital = |byte: &u8| byte.is_ascii_uppercase() || byte.is_ascii_digit();
    facts.words.any(key::ACCESS)
        && facts.words.ends(key::KEY)
        && !facts.words.any(key::SECRET)
        && value.len() == 20
        && value.iter().all(is_capital)
}

/// Tells whether the value is the digest of one of the weakest passwords or of a word of tests.
fn is_known_digest(value: &[u8]) -> bool {
    // MD5, SHA-1 and SHA-256 of `password`, `123456`, `admin` and `test`, by their first digits.
    const HEADS: [&[u8]; 12] = [
        b"5f4dcc3b5aa765d6",
        b"5baa61e4c9b93f3f",
        b"5e884898da280471",
        b"e10adc3949ba59ab",
        b"7c4a8d09ca3762af",
        b"8d969eef6ecad3c2",
        b"21232f297a57a5a7",
        b"d033e22ae348aeb5",
        b"8c6976e5b5410415",
        b"098f6bcd4621d373",
        b"a94a8fe5ccb19ba6",
        b"9f86d081884c7d65",
    ];
    is_digest(value)
        && value
            .get(..16)
            .is_some_and(|head| HEADS.contains(&head.to_ascii_lowercase().as_slice()))
}

/// Tells whether a text in base64 is a user without a password, or a token that was cut off within its head.
fn is_cut(value: &[u8]) -> bool {
    let is_head = || value.starts_with(b"eyJ") && value.len() < 64 && !value.contains(&b'.');
    value.starts_with(b".eyJ")
        || is_head()
        || decoded_text(value).is_some_and(|text| text.ends_with(b":"))
}
