//! DER, as far as it takes to know a private key from noise, from a public key and from a certificate (X.690).

/// What a DER structure is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Der {
    /// A private key: PKCS #1, PKCS #8, SEC 1 or the form of DSA keys.
    PrivateKey,
    /// PKCS #8 encrypted by a password.
    Encrypted,
    /// A private key whose end is missing.
    Cut,
    /// A public key, a certificate or a request for one.
    Public,
    /// Something else.
    Other,
}

const INTEGER: u8 = 0x02;
const BIT_STRING: u8 = 0x03;
const OCTET_STRING: u8 = 0x04;
const OBJECT: u8 = 0x06;
const SEQUENCE: u8 = 0x30;

/// Tells what the bytes are, from the first two levels of the structure.
pub(super) fn kind(bytes: &[u8]) -> Der {
    let Some(outer) = Element::read(bytes) else {
        return Der::Other;
    };
    if outer.tag != SEQUENCE || outer.declared < 16 {
        return Der::Other;
    }
    let mut parts = Parts(outer.content);
    let (Some(first), second) = (parts.next(), parts.next()) else {
        return Der::Other;
    };
    let inner = |element: &Element<'_>| Parts(element.content).next().map(|part| part.tag);
    match (first.tag, second.as_ref().map(|second| second.tag)) {
        // Version 0 or 1, then an integer (RSA, DSA), the private number (SEC 1) or the algorithm (PKCS #8).
        (INTEGER, Some(INTEGER | OCTET_STRING | SEQUENCE)) if matches!(first.content, [0 | 1]) => {
            let key = match second.as_ref().map(|second| second.tag) {
                Some(SEQUENCE) => second.as_ref().and_then(inner) == Some(OBJECT),
                _ => true,
            };
            match (key, outer.content.len() < outer.declared) {
                (false, _) => Der::Other,
                (true, true) => Der::Cut,
                (true, false) => Der::PrivateKey,
            }
        }
        // PKCS #8 encrypted: the algorithm, then the bytes. A public key has a bit string in their place.
        (SEQUENCE, Some(OCTET_STRING)) if inner(&first) == Some(OBJECT) => Der::Encrypted,
        (SEQUENCE, Some(BIT_STRING | SEQUENCE)) | (INTEGER, Some(INTEGER)) => Der::Public,
        _ => Der::Other,
    }
}

/// A tag and what stands in it; `content` is shorter than `declared` where the bytes end too early.
struct Element<'b> {
    tag: u8,
    declared: usize,
    content: &'b [u8],
    after: &'b [u8],
}

impl<'b> Element<'b> {
    fn read(bytes: &'b [u8]) -> Option<Self> {
        let [tag, length, rest @ ..] = bytes else {
            return None;
        };
        let (declared, rest) = match length {
            0..=0x7f => (usize::from(*length), rest),
            0x81..=0x84 => {
                let (long, rest) = rest.split_at_checked(usize::from(length & 0x7f))?;
                (
                    long.iter()
                        .fold(0, |sum, &byte| sum << 8 | usize::from(byte)),
                    rest,
                )
            }
            _ => return None,
        };
        let (content, after) = rest.split_at(declared.min(rest.len()));
        Some(Element {
            tag: *tag,
            declared,
            content,
            after,
        })
    }
}

struct Parts<'b>(&'b [u8]);

impl<'b> Iterator for Parts<'b> {
    type Item = Element<'b>;

    fn next(&mut self) -> Option<Element<'b>> {
        let element = Element::read(self.0)?;
        self.0 = element.after;
        Some(element)
    }
}

/// Returns an element made of a tag and its content.
pub(super) fn element(tag: u8, content: &[u8]) -> Vec<u8> {
    let mut made = vec![tag];
    let length = content.len();
    match length {
        0..=0x7f => made.push(u8::try_from(length).expect("below 128")),
        0x80..=0xff => made.extend([0x81, u8::try_from(length).expect("below 256")]),
        _ => {
            made.push(0x82);
            made.extend(u16::try_from(length).expect("a key is short").to_be_bytes());
        }
    }
    made.extend(content);
    made
}

/// Returns a sequence of these elements.
pub(super) fn sequence(elements: &[Vec<u8>]) -> Vec<u8> {
    element(SEQUENCE, &elements.concat())
}

/// Returns a positive integer.
pub(super) fn integer(bytes: &[u8]) -> Vec<u8> {
    let mut content = vec![0];
    content.extend(bytes);
    element(
        INTEGER,
        if bytes.first().is_some_and(|&byte| byte < 128) {
            bytes
        } else {
            &content
        },
    )
}

/// Returns the private key of that algorithm, its numbers random: no key, but of a key's structure.
pub(super) fn make(algorithm: &str, random: &mut super::Random) -> Vec<u8> {
    // 1.2.840.10045.2.1, id-ecPublicKey (RFC 5480).
    let curve = sequence(&[element(OBJECT, &[0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1])]);
    let mut number = |length| super::bytes(random, length);
    let sec1 = sequence(&[integer(&[1]), element(OCTET_STRING, &number(32))]);
    match algorithm {
        "ec" => sec1,
        "pkcs8" => sequence(&[integer(&[0]), curve, element(OCTET_STRING, &sec1)]),
        "encrypted" => sequence(&[curve, element(OCTET_STRING, &number(320))]),
        "public" => sequence(&[curve, element(BIT_STRING, &number(65))]),
        _ => {
            let lengths = [128, 3, 128, 64, 64, 64, 64, 64];
            let mut parts = vec![integer(&[0])];
            parts.extend(lengths.map(|length| integer(&number(length))));
            sequence(&parts)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::Random;

    #[test]
    fn keys_are_told_from_what_is_public() {
        let mut random = Random::new("der");
        for algorithm in ["rsa", "ec", "pkcs8"] {
            let key = make(algorithm, &mut random);
            assert_eq!(kind(&key), Der::PrivateKey, "{algorithm}");
            assert_eq!(kind(&key[..key.len() - 1]), Der::Cut, "{algorithm}");
        }
        assert_eq!(kind(&make("encrypted", &mut random)), Der::Encrypted);
        assert_eq!(kind(&make("public", &mut random)), Der::Public);
        assert_eq!(kind(b"0"), Der::Other);
        assert_eq!(
            kind(&[0x30, 0x84, 0xff, 0xff, 0xff, 0xff, 0x30]),
            Der::Other
        );
    }
}
