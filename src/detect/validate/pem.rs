//! Private keys in a text envelope: PEM (RFC 7468), in one line or over many, quoted, escaped or indented.

use super::{Random, Sample, Shape, Validity, base64, bytes, der, openssh};
use der::Der;

pub(super) static SHAPES: &[Shape] = &[
    Shape {
        name: "pem",
        check: pem,
        make: make_pem,
    },
    Shape {
        name: "pem-base64",
        check: wrapped,
        make: make_wrapped,
    },
    Shape {
        name: "pkcs8-base64",
        check: bare,
        make: make_bare,
    },
];

/// A block from `-----BEGIN` to the end of what the rule matched: usable, encrypted, cut short, or no key at all.
pub(super) fn pem(sample: Sample<'_>) -> Validity {
    let value = sample.value;
    let Some((label, body)) = open(value) else {
        return Validity::No;
    };
    if memchr::memmem::find(label, b"PRIVATE KEY").is_none() {
        return Validity::No;
    }
    let body = unescape(until_end(body));
    if is_template(&body) {
        return Validity::No;
    }
    let encrypted =
        label.starts_with(b"ENCRYPTED") || memchr::memmem::find(&body, b"ENCRYPTED").is_some();
    let (text, other) = letters(&body);
    // The shortest key, of a 256-bit curve, is 52 characters.
    if text.len() < 48 {
        return Validity::No;
    }
    if encrypted {
        return Validity::weak("encrypted with a passphrase");
    }
    if other * 8 > text.len() {
        return Validity::weak("the block holds more than base64");
    }
    let Some(raw) = decode(&text) else {
        return Validity::weak("the block does not decode");
    };
    if label.starts_with(b"OPENSSH") || raw.starts_with(openssh::MAGIC) {
        return openssh::judge(&raw);
    }
    of_der(&raw)
}

/// What is said of a key in DER.
fn of_der(raw: &[u8]) -> Validity {
    match der::kind(raw) {
        Der::PrivateKey => Validity::good("the key parses"),
        Der::Encrypted => Validity::weak("encrypted with a passphrase"),
        Der::Cut => Validity::weak("the key is cut short"),
        Der::Public => Validity::No,
        Der::Other => Validity::weak("the block decodes, but not to a key"),
    }
}

/// Base64 of a whole PEM block, as kubeconfig's `client-key-data` and many variables hold it.
fn wrapped(sample: Sample<'_>) -> Validity {
    match base64(sample.value) {
        Some(text) if open(&text).is_some() => pem(Sample {
            value: &text,
            whole: &text,
        }),
        Some(_) => Validity::No,
        None => Validity::weak("does not decode"),
    }
}

/// Base64 of DER without an envelope.
fn bare(sample: Sample<'_>) -> Validity {
    match base64(sample.value).map(|raw| der::kind(&raw)) {
        Some(Der::PrivateKey) => Validity::good("the key parses"),
        Some(Der::Encrypted) => Validity::weak("encrypted with a passphrase"),
        // A line of a block that stands in a comment or in a quotation.
        Some(Der::Cut) if matches!(sample.value.len(), 64 | 76) => Validity::No,
        Some(Der::Cut) => Validity::weak("the key is cut short"),
        Some(Der::Public | Der::Other) | None => Validity::No,
    }
}

/// Returns the label of the first block and what stands behind its opening line.
fn open(value: &[u8]) -> Option<(&[u8], &[u8])> {
    let begin = b"-----BEGIN ";
    let start = memchr::memmem::find(value, begin)? + begin.len();
    let label = memchr::memmem::find(&value[start..], b"-----")?;
    let (label, body) = value[start..].split_at(label);
    Some((label, &body[5..]))
}

/// Returns what stands before the closing line, or all where there is none.
fn until_end(body: &[u8]) -> &[u8] {
    memchr::memmem::find(body, b"-----").map_or(body, |end| &body[..end])
}

/// Takes away the escapes of line ends that quoted text holds, once or twice escaped.
fn unescape(body: &[u8]) -> Vec<u8> {
    let mut plain = Vec::with_capacity(body.len());
    let mut rest = body;
    while let Some((&byte, after)) = rest.split_first() {
        let behind = || {
            after
                .iter()
                .position(|&byte| byte != b'\\')
                .unwrap_or(after.len())
        };
        rest = match byte {
            b'\\' if matches!(after.get(behind()), Some(b'n' | b'r' | b't')) => {
                plain.push(b'\n');
                &after[behind() + 1..]
            }
            _ => {
                plain.push(byte);
                after
            }
        };
    }
    plain
}

/// Tells whether the body is a variable, a template or an ellipsis where a key would stand.
fn is_template(body: &[u8]) -> bool {
    [&b"..."[..], b"${", b"{{", b"<%", "…".as_bytes()]
        .iter()
        .any(|mark| memchr::memmem::find(body, mark).is_some())
}

/// Returns the base64 of a body without headers (`Proc-Type:`), and how many other visible bytes stood between:
/// quotes, commas and `+` of a concatenation, marks of comments.
fn letters(body: &[u8]) -> (Vec<u8>, usize) {
    let mut text = Vec::with_capacity(body.len());
    let mut other = 0;
    for line in body.split(|&byte| byte == b'\n') {
        if memchr::memmem::find(line, b": ").is_some() {
            continue;
        }
        let line = line.trim_ascii();
        // A `+` that joins quoted strings stands apart from their text.
        let quoted = line.iter().any(|byte| matches!(byte, b'"' | b'\''));
        let joins = |at: usize| {
            quoted
                && line[at] == b'+'
                && (at == 0
                    || line[at - 1] == b' '
                    || line[..at].ends_with(b"\"")
                    || line[..at].ends_with(b"'"))
        };
        for (at, &byte) in line.iter().enumerate() {
            match byte {
                b'+' if joins(at) => other += 1,
                b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'+' | b'/' | b'=' => text.push(byte),
                byte if byte.is_ascii_whitespace() => {}
                _ => other += 1,
            }
        }
    }
    (text, other)
}

/// Decodes base64 that may lack its last characters.
fn decode(text: &[u8]) -> Option<Vec<u8>> {
    let text = text.split(|&byte| byte == b'=').next().unwrap_or_default();
    let whole = if text.len() % 4 == 1 {
        &text[..text.len() - 1]
    } else {
        text
    };
    base64(whole)
}

/// Wraps bytes in lines of 64 characters under a label.
pub(super) fn armour(label: &str, raw: &[u8]) -> String {
    let text = data_encoding::BASE64.encode(raw);
    let lines: Vec<&str> = (0..text.len())
        .step_by(64)
        .map(|start| &text[start..(start + 64).min(text.len())])
        .collect();
    format!(
        "-----BEGIN {label}-----\n{}\n-----END {label}-----",
        lines.join("\n")
    )
}

/// The argument is `rsa` (the default), `ec`, `pkcs8`, `encrypted`, `openssh` or `openssh-encrypted`; with `,line`
/// behind it the line ends are written `\n`.
fn make_pem(argument: &str, random: &mut Random) -> String {
    let (kind, escaped) = match argument.strip_suffix(",line") {
        Some(kind) => (kind, true),
        None => (argument, false),
    };
    let block = match kind {
        "openssh" => armour("OPENSSH PRIVATE KEY", &openssh::make("none", random)),
        "openssh-encrypted" => armour("OPENSSH PRIVATE KEY", &openssh::make("aes256-ctr", random)),
        "ec" => armour("EC PRIVATE KEY", &der::make(kind, random)),
        "pkcs8" => armour("PRIVATE KEY", &der::make(kind, random)),
        "encrypted" => armour("ENCRYPTED PRIVATE KEY", &der::make(kind, random)),
        "noise" => armour("PRIVATE KEY", &bytes(random, 300)),
        _ => armour("RSA PRIVATE KEY", &der::make("rsa", random)),
    };
    if escaped {
        block.replace('\n', "\\n")
    } else {
        block
    }
}

/// The argument is that of `pem`.
fn make_wrapped(kind: &str, random: &mut Random) -> String {
    data_encoding::BASE64.encode(make_pem(kind, random).as_bytes())
}

/// The argument is `rsa`, `ec` or `pkcs8`.
fn make_bare(kind: &str, random: &mut Random) -> String {
    data_encoding::BASE64.encode(&der::make(kind, random))
}

#[cfg(test)]
mod tests {
    use super::super::tests::check;
    use super::*;

    fn block(kind: &str) -> String {
        make_pem(kind, &mut Random::new(kind))
    }

    fn is_good(text: &str) -> bool {
        matches!(check("pem", text.as_bytes()), Validity::Good(_))
    }

    #[test]
    fn a_key_parses_however_it_is_written() {
        for kind in ["rsa", "ec", "pkcs8", "openssh"] {
            let text = block(kind);
            assert!(is_good(&text), "{kind}");
            assert!(is_good(&text.replace('\n', "\r\n")), "{kind}, CRLF");
            assert!(is_good(&text.replace('\n', "\\n")), "{kind}, escaped");
            assert!(
                is_good(&text.replace('\n', "\\\\n")),
                "{kind}, escaped twice"
            );
            assert!(is_good(&text.replace('\n', "\n    ")), "{kind}, indented");
            assert!(is_good(&text.replace('\n', " ")), "{kind}, in one line");
            assert!(
                is_good(&text.replace('\n', "\\n\" +\n    \"")),
                "{kind}, concatenated"
            );
            assert!(is_good(&text.replace('\n', "\n# ")), "{kind}, in comments");
        }
    }

    #[test]
    fn an_encrypted_cut_or_false_key_is_weak() {
        for kind in ["encrypted", "openssh-encrypted", "noise"] {
            assert!(
                matches!(check("pem", block(kind).as_bytes()), Validity::Weak(_)),
                "{kind}"
            );
        }
        let old = block("rsa").replacen(
            '\n',
            "\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00\n\n",
            1,
        );
        assert!(matches!(check("pem", old.as_bytes()), Validity::Weak(_)));
        assert!(matches!(
            check("pem", &block("rsa").as_bytes()[..400]),
            Validity::Weak(_)
        ));
    }

    #[test]
    fn what_is_no_private_key_is_none() {
        let public = armour("PUBLIC KEY", &der::make("public", &mut Random::new("p")));
        let mislabelled = public.replace("PUBLIC", "PRIVATE");
        let empty = "-----BEGIN PRIVATE KEY-----\n-----END PRIVATE KEY-----";
        let elided =
            "-----BEGIN RSA PRIVATE KEY-----\nMIIEpAIBAAKCAQEA...\n-----END RSA PRIVATE KEY-----";
        for text in [&public[..], &mislabelled, empty, elided] {
            assert_eq!(check("pem", text.as_bytes()), Validity::No, "{text}");
        }
    }
}
