//! OpenSSH's and PuTTY's containers of private keys say themselves whether a passphrase guards them.

use super::{Random, Sample, Shape, Validity, bytes, draw};

pub(super) static SHAPES: &[Shape] = &[Shape {
    name: "putty",
    check: putty,
    make: make_putty,
}];

/// What an OpenSSH key starts with (OpenSSH, PROTOCOL.key).
pub(super) const MAGIC: &[u8] = b"openssh-key-v1\0";

/// Reads cipher, key derivation, their options, the number of keys, and the public key.
pub(super) fn judge(raw: &[u8]) -> Validity {
    let Some(rest) = raw.strip_prefix(MAGIC) else {
        return Validity::weak("the block decodes, but not to a key");
    };
    let whole = field(rest).and_then(|(cipher, rest)| {
        let (_, rest) = field(rest)?;
        let (_, rest) = field(rest)?;
        let (_, rest) = rest.split_first_chunk::<4>()?;
        let (_, rest) = field(rest)?;
        let (private, _) = field(rest)?;
        Some((cipher, private))
    });
    match whole {
        Some((b"none", _)) => Validity::good("the key parses, and no passphrase guards it"),
        Some(_) => Validity::weak("encrypted with a passphrase"),
        None => Validity::weak("the key is cut short"),
    }
}

/// Reads a length of four bytes and as many bytes.
fn field(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = bytes.split_first_chunk::<4>()?;
    rest.split_at_checked(u32::from_be_bytes(*length) as usize)
}

/// Returns a container with random keys in it.
pub(super) fn make(cipher: &str, random: &mut Random) -> Vec<u8> {
    let mut raw = MAGIC.to_vec();
    let mut push = |field: &[u8]| {
        raw.extend(u32::try_from(field.len()).expect("short").to_be_bytes());
        raw.extend(field);
    };
    push(cipher.as_bytes());
    push(if cipher == "none" { b"none" } else { b"bcrypt" });
    push(if cipher == "none" {
        b""
    } else {
        b"0123456789abcdef\0\0\0\x10"
    });
    raw.extend([0, 0, 0, 1]);
    for length in [51, 136] {
        raw.extend(u32::try_from(length).expect("short").to_be_bytes());
        raw.extend(bytes(random, length));
    }
    raw
}

/// A PuTTY key names its encryption and the number of its private lines (PuTTY manual, appendix C).
fn putty(sample: Sample<'_>) -> Validity {
    let mut lines = sample
        .value
        .split(|&byte| byte == b'\n')
        .map(<[u8]>::trim_ascii);
    let mut after = |name: &[u8]| {
        lines
            .by_ref()
            .find_map(|line| line.strip_prefix(name).map(<[u8]>::trim_ascii))
    };
    let Some(encryption) = after(b"Encryption:") else {
        return Validity::No;
    };
    let count = after(b"Private-Lines:")
        .and_then(|count| std::str::from_utf8(count).ok()?.parse::<usize>().ok());
    let Some(count) = count.filter(|&count| count > 0) else {
        return Validity::No;
    };
    if encryption != b"none" {
        return Validity::weak("encrypted with a passphrase");
    }
    let held = lines
        .take(count)
        .filter(|line| line.len() >= 4 && super::base64(line).is_some())
        .count();
    if held == count {
        Validity::good("the key's lines decode, and no passphrase guards it")
    } else {
        Validity::weak("the key's lines do not decode")
    }
}

/// The argument is the encryption, `none` by default.
fn make_putty(encryption: &str, random: &mut Random) -> String {
    let encryption = if encryption.is_empty() {
        "none"
    } else {
        encryption
    };
    let mut line = || draw(random, "base64", 64);
    format!(
        "PuTTY-User-Key-File-3: ssh-ed25519\nEncryption: {encryption}\nComment: key\nPublic-Lines: 1\n{}\nPrivate-Lines: 2\n{}\n{}\nPrivate-MAC: {}",
        line(),
        line(),
        line(),
        draw(random, "hex", 64)
    )
}

#[cfg(test)]
mod tests {
    use super::super::tests::check;
    use super::*;

    #[test]
    fn a_passphrase_is_told_apart() {
        let mut random = Random::new("putty");
        let open = make_putty("", &mut random);
        let closed = make_putty("aes256-cbc", &mut random);
        assert!(matches!(check("putty", open.as_bytes()), Validity::Good(_)));
        assert!(matches!(
            check("putty", closed.as_bytes()),
            Validity::Weak(_)
        ));
        assert!(matches!(
            check("putty", &open.as_bytes()[..open.len() - 150]),
            Validity::Weak(_)
        ));
    }
}
