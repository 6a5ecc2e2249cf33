//! What a second person might well call none, whatever its score: such a value never blocks.

use super::assignment::Operator;
use super::feature::Facts;
use super::few::Few;
use super::generated::{decoded_text, is_made_up};
use super::key::{self, is_word_for_password};
use super::measure::{WEAK, is_uuid};
use super::open::is_open;
use super::value::CERTAIN;
use crate::detect::placeholder::is_placeholder;

/// Tells whether a second person might well call the value none, whatever its score: an example by its own words or by
/// its key's, a value that is open by design, an id, a token that is used once. Asked only of what has a score: it
/// costs more than the score does.
pub(super) fn is_doubtful(facts: &Facts<'_>) -> bool {
    let value = &facts.value[..facts.value.len().min(200)];
    let words = facts.words;
    let nonce = words.ends(key::NONCE | key::SALT) && !words.any(key::PASSWORD | key::SECRET);
    let says_public = facts.before.ends_with(b"ublic ") || facts.before.ends_with(b"UBLIC ");
    let public = (words.any(key::PUBLIC) || says_public)
        && !words.any(key::SECRET | key::PRIVATE | key::PASSWORD);
    // A translation speaks of passwords and holds none that counts.
    facts.translation
        || nonce
        || public
        || words.any(key::HASH | key::HARMLESS)
        // `secretName`, `token_type`, `password_policy`.
        || words.ends(key::TURNED & !key::IDENTITY)
        || is_id(facts, value)
        || is_open(facts, value)
        || is_question(facts)
        // The rule of these tokens reads them, and knows the ones that pages print.
        || value.starts_with(b"eyJ") && (value.contains(&b'.') || decoded_text(value).is_some())
        || is_weak_pair(value)
        || memchr::memchr_iter(b',', value).count() >= 2
        || is_unlike_token(facts, value)
        || is_example(facts, value)
        || is_weak(value)
}

/// Tells whether the value is an example or encrypted by its own words or by its key's, or is printed for all to read.
fn is_example(facts: &Facts<'_>, value: &[u8]) -> bool {
    static WORDS: Few = Few::new(&[
        "example",
        "sample",
        "changeme",
        "change-me",
        "change_me",
        "changethis",
        "change-this",
        "change_this",
        "be-changed",
        "placeholder",
        "your",
        "dummy",
        "fake",
        "wrong",
        "invalid",
        "incorrect",
        "badpass",
        "not-a-real",
        "notreal",
        "notthereal",
        "redacted",
        "replace",
        "sandbox",
        "xxxx",
        "....",
        "abcdef",
        "012345",
        "123456",
        "fedcba",
        "zyxwvu",
        "987654",
    ]);
    static OF_KEYS: Few = Few::new(&[
        "wrong",
        "invalid",
        "incorrect",
        "fake",
        "dummy",
        "example",
        "sample",
        "placeholder",
        "mock",
        "expected",
        "encrypted",
        "sealed",
        "ciphertext",
        "wrapped",
    ]);
    // Azurite and the emulator of Cosmos DB, from their documentation; the secret that pages about one-time passwords
    // print; the token of RFC 7628, section 4.1.
    const KNOWN: [&[u8]; 9] = [
        b"Eby8vdM02xNO",
        b"C2y6yDjf5/R+",
        b"JBSWY3DPEHPK3PXP",
        b"vF9dft4qmTc2",
        // The UUID of Wikipedia's page, of which many were made.
        b"123e4567-e89b",
        // The keys of a handshake in RFC 6455, and the token of OpenID Connect Core.
        b"x3JJHMbDL1Ez",
        b"dGhlIHNhbXBsZSBub25jZQ",
        b"SlAV32hk",
        // A message of NTLM: a rule of its own reads those that hold an answer.
        b"TlRMTVNTUA",
    ];
    let lower = value.to_ascii_lowercase();
    let text = || decoded_text(value).map(|text| text.to_ascii_lowercase());
    is_made_up(value)
        || text().is_some_and(|text| WORDS.any(&text))
        || is_word_for_password(value)
        || is_placeholder(value)
        || WORDS.any(&lower)
        || OF_KEYS.any(&facts.key.to_ascii_lowercase())
        || KNOWN.iter().any(|known| value.starts_with(known))
}

/// Tells whether the value is an id, which a key that says no more than `key` may well hold: a UUID, alone or within,
/// or the id of a PGP key.
fn is_id(facts: &Facts<'_>, value: &[u8]) -> bool {
    let words = facts.words;
    let is_pgp = || {
        let is_capital = || value.iter().all(|byte| !byte.is_ascii_lowercase());
        let is_long = matches!(value.len(), 16 | 40) || value.len() == 8 && is_capital();
        is_long && value.iter().all(u8::is_ascii_hexdigit)
    };
    // The id of a pair of keys is no secret without the other; those of AWS, Alibaba and Tencent begin so.
    let heads = [&b"AKIA"[..], b"ASIA", b"LTAI", b"AKID"];
    if heads.iter().any(|head| value.starts_with(head))
        && value.iter().all(u8::is_ascii_alphanumeric)
    {
        return true;
    }
    if words.ends(key::IDENTITY) && words.any(key::ACCESS) && words.any(key::KEY) {
        return true;
    }
    if is_uuid(value) && facts.found.operator == Operator::Call {
        return true;
    }
    if is_uuid(value) {
        words.any(key::IDENTITY)
            || !words.ends(CERTAIN | key::CREDENTIAL | key::AUTH | key::KEY)
            || !words.any(CERTAIN | key::CREDENTIAL | key::AUTH)
    } else {
        !words.any(CERTAIN | key::CREDENTIAL | key::AUTH)
            && (is_pgp() || value.windows(36).any(is_uuid))
    }
}

/// Tells whether the value has a sign that tokens and API keys have none of: they are letters, digits and what stands
/// unescaped in a header (RFC 6750, section 2.1), or parts of it joined.
fn is_unlike_token(facts: &Facts<'_>, value: &[u8]) -> bool {
    let is_plain = |byte: &u8| {
        byte.is_ascii_alphanumeric()
            || matches!(
                byte,
                b'-' | b'_' | b'.' | b'~' | b'+' | b'/' | b'=' | b':' | b'|' | b'%'
            )
    };
    facts.words.any(key::TOKEN | key::API)
        && !facts
            .words
            .any(key::SECRET | key::PASSWORD | key::PASS | key::CRYPT)
        && !value.iter().all(is_plain)
}

/// Tells whether the value is one of the passwords that every list of weak ones holds.
fn is_weak(value: &[u8]) -> bool {
    WEAK.iter()
        .any(|weak| weak.as_bytes().eq_ignore_ascii_case(value))
}

/// Tells whether base64 decodes to one of them, or to a user and one of them.
fn is_weak_pair(value: &[u8]) -> bool {
    decoded_text(value).is_some_and(|text| {
        let password = text.rsplit(|&byte| byte == b':').next();
        password.is_some_and(is_weak)
    })
}

/// Tells whether the value is handed to a function that asks something of it: `parseToken("v")`, `scorePassword("v")`.
fn is_question(facts: &Facts<'_>) -> bool {
    const TELLING: [&[u8]; 8] = [
        b"set", b"with", b"add", b"put", b"use", b"login", b"auth", b"pass",
    ];
    let name = facts
        .key
        .rsplit(|&byte| byte == b'.')
        .next()
        .unwrap_or_default();
    let starts = |word: &[u8]| {
        name.get(..word.len())
            .is_some_and(|head| head.eq_ignore_ascii_case(word))
    };
    // A class or a decorator begins with a capital or `@`.
    facts.found.operator == Operator::Call
        && facts.words.count > 1
        && name.first().is_some_and(u8::is_ascii_lowercase)
        && facts.before.last() != Some(&b'@')
        && !TELLING.iter().any(|word| starts(word))
}
