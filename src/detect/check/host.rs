//! A host: is it this machine or a private network, and which hosts does a setting trust without proof.

use super::Context;
use crate::detect::Match;
use crate::span::Span;

/// Reports hosts that pip or uv take packages from without a certificate; this machine may be one.
pub(crate) fn trusted(context: &Context<'_>, matches: &mut Vec<Match>) {
    for entry in context.named() {
        let value = entry.value.as_str();
        let mut words = value
            .split([' ', ',', '\n', '=', '\t'])
            .filter(|word| !word.is_empty());
        let trusts = if entry.key.starts_with('$') {
            let is_option = |word: &str| {
                [
                    "--trusted-host",
                    "--allow-insecure-host",
                    "global.trusted-host",
                    "install.trusted-host",
                ]
                .contains(&word)
            };
            words.any(is_option) && words.next().is_none_or(|host| !is_local(bare(host)))
        } else if entry.key.ends_with("ssl_verify") || entry.key.ends_with("verify_ssl") {
            value.eq_ignore_ascii_case("false") || value.eq_ignore_ascii_case("no")
        } else {
            words.any(|host| !is_local(bare(host)))
        };
        if trusts {
            matches.push(context.report(entry));
        }
    }
}

/// Reports addresses of package indexes without TLS; this machine and private networks may have one.
pub(crate) fn plain_index(context: &Context<'_>, matches: &mut Vec<Match>) {
    for entry in context.named() {
        let Some(at) = entry.value.find("http://") else {
            continue;
        };
        let host = host_of(&entry.value[at..]);
        if is_local(host) || (entry.key.starts_with('$') && !takes_index(&entry.value[..at])) {
            continue;
        }
        // Of a long command only the address is the place.
        let raw = entry.value_span.of(context.text.bytes);
        let mut found = context.report(entry);
        if let Some(at) = memchr::memmem::find(raw, b"http://") {
            let len = raw[at..]
                .iter()
                .take_while(|b| !b.is_ascii_whitespace() && !b"\"'`;|&)".contains(b))
                .count();
            let start = entry.value_span.start + at;
            found.span = Span::new(start, start + len);
        }
        matches.push(found);
    }
}

/// Tells whether what stands before an address makes it that of an index.
fn takes_index(before: &str) -> bool {
    let last = before
        .trim_end_matches([' ', '=', '"', '\''])
        .rsplit(' ')
        .next();
    matches!(
        last,
        Some(
            "-i" | "--index-url"
                | "--extra-index-url"
                | "--find-links"
                | "-f"
                | "--index"
                | "--default-index"
                | "--registry"
                | "registry"
                | "global.index-url"
                | "--source"
                | "-s"
                | "--pypi-url"
        )
    ) || last.is_some_and(|last| last.ends_with(":registry"))
}

/// Returns the host of an address, without user and port.
pub(crate) fn host_of(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let rest = rest
        .split(['/', '?', '#', ' ', '"', '\''])
        .next()
        .unwrap_or_default();
    let rest = rest.rsplit_once('@').map_or(rest, |(_, host)| host);
    bare(rest)
}

/// Returns a host without its port.
fn bare(host: &str) -> &str {
    if host.starts_with('[') {
        return host.split(']').next().map_or(host, |inner| &inner[1..]);
    }
    host.split(':').next().unwrap_or(host)
}

/// Tells whether a host is this machine, of a private network, or not known from here: a variable, or a name
/// without a dot, as containers have.
pub(crate) fn is_local(host: &str) -> bool {
    let host = host.trim_matches(['"', '\'']);
    let private_172 = host
        .strip_prefix("172.")
        .and_then(|rest| rest.split('.').next()?.parse::<u8>().ok())
        .is_some_and(|second| (16..32).contains(&second));
    host.is_empty()
        || host == "::1"
        || !host.contains('.')
        || host.contains(['$', '{', '<', '%'])
        || host.starts_with("127.")
        || host.starts_with("10.")
        || host.starts_with("192.168.")
        || host.starts_with("0.0.0.0")
        || private_172
        || [
            ".local",
            ".localhost",
            ".internal",
            ".lan",
            ".test",
            ".svc",
            ".cluster.local",
            ".localdomain",
        ]
        .iter()
        .any(|end| host.ends_with(end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn private_hosts_are_local_and_others_are_not() {
        for host in [
            "localhost",
            "127.0.0.1",
            "10.1.2.3",
            "172.20.0.1",
            "db",
            "$HOST",
            "x.local",
            "",
        ] {
            assert!(is_local(host), "{host}");
        }
        for host in ["example.com", "172.32.0.1", "1.1.1.1"] {
            assert!(!is_local(host), "{host}");
        }
        assert_eq!(host_of("http://user:pw@a.b:80/c"), "a.b");
    }
}
