//! Credentials that stand without a key: in a URL, after `Basic` or `Bearer`, after `-u`.

use super::assignment::{Assignment, Operator, Quote, REACH, Wrap};
use crate::span::Span;

/// Returns the password of the URL whose `://` is at `hit` (RFC 3986, section 3.2.1: `user:password@host`).
pub(super) fn url(text: &[u8], hit: Span) -> Option<Assignment> {
    let text = &text[..text.len().min(hit.start + REACH)];
    let user_info = &text[hit.end..];
    let stop = user_info.iter().take(256).position(|&byte| {
        byte.is_ascii_whitespace()
            || matches!(
                byte,
                b'"' | b'\'' | b'<' | b'>' | b'`' | b'/' | b'?' | b'#' | b'\\' | b')' | b',' | b'('
            )
    });
    // Brackets of a variable may hold what else would end the host.
    let stop = stop.unwrap_or(user_info.len().min(256));
    let at = memchr::memrchr(b'@', &user_info[..stop])?;
    let colon = memchr::memchr(b':', &user_info[..at])?;
    let host = user_info.get(at + 1)?;
    let plausible = host.is_ascii_alphanumeric()
        || matches!(host, b'[' | b'$' | b'{' | b'%' | b'<' | b'_' | b'*');
    let scheme = text[..hit.start]
        .iter()
        .rev()
        .take(24)
        .take_while(|&&byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.'))
        .count();
    if scheme == 0 || colon + 1 == at || !plausible {
        return None;
    }
    Some(Assignment {
        key: Span::new(hit.start - scheme, hit.end + colon),
        operator: Operator::Url,
        value: Span::new(hit.end + colon + 1, hit.end + at),
        quote: Quote::None,
        wrap: Wrap::None,
        cut: false,
    })
}

/// Returns the credentials after an authentication scheme (RFC 7617 and RFC 6750): `Basic v`, `Bearer v`.
pub(super) fn scheme(text: &[u8], hit: Span) -> Option<Assignment> {
    let text = &text[..text.len().min(hit.start + REACH)];
    if hit.start > 0 && (text[hit.start - 1].is_ascii_alphanumeric() || text[hit.start - 1] == b'_')
    {
        return None;
    }
    let start = hit.end + super::scan::blanks(text, hit.end, 4);
    let length = text[start..]
        .iter()
        .take_while(|&&byte| {
            byte.is_ascii_alphanumeric()
                || matches!(byte, b'+' | b'/' | b'=' | b'-' | b'_' | b'.' | b'~' | b':')
        })
        .count();
    let value = Span::new(start, start + length);
    // A word of a sentence is not one: "basic authentication".
    let word = value.of(text).iter().all(u8::is_ascii_lowercase) || length < 8;
    (!word).then_some(Assignment {
        key: Span::new(hit.start, hit.end),
        operator: Operator::Scheme,
        value,
        quote: Quote::None,
        wrap: Wrap::None,
        cut: start + length == text.len() && length > 200,
    })
}

/// Returns the password of `-u user:password` and `--user user:password`, as curl and its kin take it.
pub(super) fn user(text: &[u8], hit: Span) -> Option<Assignment> {
    let text = &text[..text.len().min(hit.start + REACH)];
    let mut at = hit.end;
    at += text[at..]
        .iter()
        .take(4)
        .take_while(|&&byte| matches!(byte, b' ' | b'=' | b'"' | b'\''))
        .count();
    let length = text[at..]
        .iter()
        .take(200)
        .position(|&byte| byte.is_ascii_whitespace() || matches!(byte, b'"' | b'\'' | b'`'))?;
    let pair = &text[at..at + length];
    let colon = memchr::memchr(b':', pair)?;
    let flag = text[hit.start] == b' ' || text[hit.start] == b'-';
    if flag && colon >= 16 && colon + 1 == length {
        // A key for a name, and no password: `-u key:`.
        return Some(Assignment {
            key: Span::new(hit.start, hit.end),
            operator: Operator::User,
            value: Span::new(at, at + colon),
            quote: Quote::None,
            wrap: Wrap::None,
            cut: false,
        });
    }
    // A port, a volume or an owner is no password: `-u 1000:1000`.
    let digits = pair[colon + 1..].iter().all(u8::is_ascii_digit);
    let user = pair[..colon].iter().all(|&byte| {
        byte.is_ascii_alphanumeric()
            || matches!(
                byte,
                b'_' | b'-' | b'.' | b'@' | b'$' | b'{' | b'}' | b'<' | b'>'
            )
    });
    (flag && user && colon > 0 && colon + 1 < length && !digits).then_some(Assignment {
        key: Span::new(at, at + colon),
        operator: Operator::User,
        value: Span::new(at + colon + 1, at + length),
        quote: Quote::None,
        wrap: Wrap::None,
        cut: false,
    })
}

/// Tells whether base64 text decodes to printable `user:password`, and where the password starts in it.
pub(super) fn decoded_pair(value: &[u8]) -> Option<Vec<u8>> {
    let trimmed: &[u8] = {
        let padding = value.iter().rev().take_while(|&&byte| byte == b'=').count();
        &value[..value.len() - padding]
    };
    if trimmed.len() < 6 || trimmed.len() > 256 {
        return None;
    }
    let decoded = data_encoding::BASE64_NOPAD
        .decode(trimmed)
        .or_else(|_| data_encoding::BASE64URL_NOPAD.decode(trimmed))
        .ok()?;
    let printable = decoded
        .iter()
        .all(|&byte| (0x20..0x7f).contains(&byte) || byte == b'\n');
    printable.then_some(decoded)
}
