//! OpenPGP private keys: the armour's packet is a secret key, and says whether a passphrase guards it (RFC 9580).

use super::{Random, Sample, Shape, Validity, base64, bytes};

pub(super) static SHAPES: &[Shape] = &[Shape {
    name: "pgp",
    check,
    make,
}];

fn check(sample: Sample<'_>) -> Validity {
    let text = sample.value;
    let Some(begin) = memchr::memmem::find(text, b"PRIVATE KEY BLOCK-----") else {
        return Validity::No;
    };
    let body = &text[begin + 22..];
    let body = memchr::memmem::find(body, b"-----").map_or(body, |end| &body[..end]);
    if memchr::memmem::find(body, b"...").is_some() {
        return Validity::No;
    }
    let (packets, sum) = read(body);
    if packets.len() < 64 {
        return Validity::No;
    }
    let Some(raw) = base64(&packets[..packets.len() / 4 * 4]).or_else(|| base64(&packets)) else {
        return Validity::weak("the block does not decode");
    };
    let matches = sum.is_none_or(|sum| sum == crc24(&raw));
    match secret_key(&raw) {
        Some(_) if !matches => Validity::weak("checksum does not match"),
        Some(0) => Validity::good("the key parses, and no passphrase guards it"),
        Some(_) => Validity::weak("encrypted with a passphrase"),
        None => Validity::weak("the block decodes, but not to a key"),
    }
}

/// Returns the base64 of the armour without its headers, and the checksum behind `=`.
fn read(body: &[u8]) -> (Vec<u8>, Option<u32>) {
    let plain = memchr::memmem::find(body, b"\\n").is_some();
    let lines: Vec<u8> = if plain {
        bstr::ByteSlice::replace(body, "\\n", "\n")
    } else {
        body.to_vec()
    };
    let mut packets = Vec::with_capacity(lines.len());
    let mut sum = None;
    for line in lines.split(|&byte| byte == b'\n') {
        let line = line.trim_ascii();
        if let Some(checksum) = line.strip_prefix(b"=").filter(|rest| rest.len() == 4) {
            sum = base64(checksum)
                .map(|raw| raw.iter().fold(0, |sum, &byte| sum << 8 | u32::from(byte)));
        } else if !line.contains(&b':') {
            packets.extend(
                line.iter().filter(|byte| {
                    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=')
                }),
            );
        }
    }
    (packets, sum)
}

/// Returns how the first packet, a secret key, is guarded: 0 for not at all. `None` where it is none.
fn secret_key(raw: &[u8]) -> Option<u8> {
    let (&head, rest) = raw.split_first()?;
    let (tag, body) = match head {
        0xc0.. => {
            let (&length, rest) = rest.split_first()?;
            let skip = match length {
                0..=191 => 0,
                192..=223 => 1,
                255 => 4,
                _ => return None,
            };
            (head & 63, rest.get(skip..)?)
        }
        0x80.. => (head >> 2 & 15, rest.get(1 << (head & 3)..)?),
        _ => return None,
    };
    if tag != 5 && tag != 7 {
        return None;
    }
    let (&version, _) = body.split_first()?;
    let &algorithm = body.get(5)?;
    let mut key = body.get(6..)?;
    if version == 6 {
        return Some(*key.get(4 + u32::from_be_bytes(*key.first_chunk()?) as usize)?);
    }
    if version != 4 {
        return None;
    }
    // How many numbers the public part has, and whether the name of a curve stands before them.
    let (curve, numbers) = match algorithm {
        1..=3 => (false, 2),
        16 => (false, 3),
        17 => (false, 4),
        18 | 19 | 22 => (true, 1),
        25 | 27 => return key.get(32).copied(),
        _ => return None,
    };
    if curve {
        key = key.get(1 + usize::from(*key.first()?)..)?;
    }
    for _ in 0..numbers {
        let bits = u16::from_be_bytes(*key.first_chunk()?);
        key = key.get(2 + usize::from(bits).div_ceil(8)..)?;
    }
    if algorithm == 18 {
        key = key.get(1 + usize::from(*key.first()?)..)?;
    }
    key.first().copied()
}

/// The checksum of the armour (RFC 9580, 6.1).
fn crc24(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0x00b7_04ce, |sum, &byte| {
        (0..8).fold(sum ^ u32::from(byte) << 16, |sum, _| {
            let next = sum << 1;
            if next & 0x0100_0000 == 0 {
                next
            } else {
                next ^ 0x0186_4cfb
            }
        })
    })
}

/// The argument is `encrypted` for a key under a passphrase.
fn make(kind: &str, random: &mut Random) -> String {
    // Version 4, a time, EdDSA (22), the curve's name and one number of 263 bits, then the usage byte.
    let mut body = vec![
        4, 0x60, 0, 0, 0, 22, 9, 0x2b, 6, 1, 4, 1, 0xda, 0x47, 0x0f, 1, 1, 7, 0x40,
    ];
    body.extend(bytes(random, 32));
    body.push(if kind == "encrypted" { 254 } else { 0 });
    body.extend(bytes(random, 36));
    let mut raw = vec![0x94, u8::try_from(body.len()).expect("short")];
    raw.extend(body);
    raw.extend([0xb4, 6]);
    raw.extend(b"a user");
    let text = data_encoding::BASE64.encode(&raw);
    let sum = data_encoding::BASE64.encode(&crc24(&raw).to_be_bytes()[1..]);
    let (first, second) = text.split_at(64);
    format!(
        "-----BEGIN PGP PRIVATE KEY BLOCK-----\n\n{first}\n{second}\n={sum}\n-----END PGP PRIVATE KEY BLOCK-----"
    )
}

#[cfg(test)]
mod tests {
    use super::super::tests::check as judge;
    use super::*;

    #[test]
    fn an_encrypted_or_changed_key_is_weak() {
        let mut random = Random::new("pgp");
        let closed = make("encrypted", &mut random);
        assert!(matches!(judge("pgp", closed.as_bytes()), Validity::Weak(_)));
        let mut changed = make("", &mut random);
        changed.replace_range(100..101, if &changed[100..101] == "a" { "b" } else { "a" });
        assert!(matches!(
            judge("pgp", changed.as_bytes()),
            Validity::Weak(_)
        ));
        let escaped = make("", &mut random).replace('\n', "\\n");
        assert!(matches!(
            judge("pgp", escaped.as_bytes()),
            Validity::Good(_)
        ));
    }

    #[test]
    fn the_checksum_is_that_of_the_standard() {
        assert_eq!(crc24(b"123456789"), 0x0021_cf02);
    }
}
