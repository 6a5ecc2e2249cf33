//! Macaroons: PyPI's upload tokens (version 2 of libmacaroons' binary format) and fly.io's (`MessagePack`).

use super::{Random, Sample, Shape, Validity, base64, bytes, draw};

pub(super) static SHAPES: &[Shape] = &[
    Shape {
        name: "pypi",
        check: pypi,
        make: make_pypi,
    },
    Shape {
        name: "fly",
        check: fly,
        make: make_fly,
    },
];

/// `pypi-` and a macaroon: version 2, location, identifier, end, caveats, end, a signature of 32 bytes
/// (libmacaroons, doc/format.txt, "Version 2 binary").
fn pypi(sample: Sample<'_>) -> Validity {
    let text = sample.value.strip_prefix(b"pypi-").unwrap_or(sample.value);
    match base64(text) {
        Some(raw) if version_2(&raw).is_some() => Validity::good("macaroon decodes"),
        _ => Validity::weak("macaroon does not decode"),
    }
}

/// Walks a macaroon of version 2; `None` where it breaks.
fn version_2(raw: &[u8]) -> Option<()> {
    const LOCATION: u8 = 1;
    const IDENTIFIER: u8 = 2;
    const SIGNATURE: u8 = 6;
    let (&version, mut rest) = raw.split_first()?;
    if version != 2 {
        return None;
    }
    let mut identified = false;
    loop {
        let (&kind, after) = rest.split_first()?;
        if kind == 0 {
            rest = after;
            continue;
        }
        let (length, after) = varint(after)?;
        let (value, after) = after.split_at_checked(length)?;
        match kind {
            LOCATION | 4 => {}
            IDENTIFIER => identified |= !value.is_empty(),
            SIGNATURE => return (identified && value.len() == 32).then_some(()),
            _ => return None,
        }
        rest = after;
    }
}

/// Reads a number in groups of seven bits, the lowest first.
fn varint(bytes: &[u8]) -> Option<(usize, &[u8])> {
    let mut value = 0;
    for (place, &byte) in bytes.iter().take(4).enumerate() {
        value |= usize::from(byte & 127) << (7 * place);
        if byte < 128 {
            return Some((value, &bytes[place + 1..]));
        }
    }
    None
}

/// `fm2_` tokens, one or several with commas: base64 of a `MessagePack` array of nonce, location, caveats and
/// tail (superfly/macaroon).
fn fly(sample: Sample<'_>) -> Validity {
    let first = sample.value.strip_prefix(b"FlyV1 ").unwrap_or(sample.value);
    let first = first.split(|&byte| byte == b',').next().unwrap_or_default();
    let Some(at) = memchr::memchr(b'_', first) else {
        return Validity::No;
    };
    match base64(&first[at + 1..]) {
        // An array of four whose first element, the nonce, is an array of two or three.
        Some(raw) if matches!(raw[..], [0x94, 0x92 | 0x93, ..]) => {
            Validity::good("macaroon decodes")
        }
        _ => Validity::weak("macaroon does not decode"),
    }
}

/// The argument is the location, the registry's host name.
fn make_pypi(location: &str, random: &mut Random) -> String {
    let location = if location.is_empty() {
        "registry.example"
    } else {
        location
    };
    let identifier = draw(random, "lowernum", 36);
    let mut raw = vec![2];
    let mut field = |kind: u8, value: &[u8]| {
        raw.extend([kind, u8::try_from(value.len()).expect("shorter than 128")]);
        raw.extend(value);
    };
    field(1, location.as_bytes());
    field(2, identifier.as_bytes());
    raw.push(0);
    raw.extend(b"\x02\x08[3, \"x\"]\0\0");
    let signature = bytes(random, 32);
    raw.extend([6, 32]);
    raw.extend(signature);
    format!("pypi-{}", data_encoding::BASE64URL_NOPAD.encode(&raw))
}

fn make_fly(_: &str, random: &mut Random) -> String {
    let mut raw = vec![0x94, 0x93, 0xc4, 0x10];
    raw.extend(bytes(random, 100));
    format!("fm2_{}", data_encoding::BASE64.encode(&raw))
}

#[cfg(test)]
mod tests {
    use super::super::tests::check;
    use super::*;

    #[test]
    fn a_macaroon_cut_short_is_weak() {
        let token = make_pypi("", &mut Random::new("cut"));
        let short = &token.as_bytes()[..token.len() - 8];
        assert!(matches!(check("pypi", short), Validity::Weak(_)));
        assert!(matches!(check("fly", b"fm2_AAAAAAAA"), Validity::Weak(_)));
    }
}
