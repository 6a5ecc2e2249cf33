//! Bech32, the checksum of age identities, and CRC-16, the checksum of NATS keys.

use super::{Random, Sample, Shape, Validity, bytes};

pub(super) static SHAPES: &[Shape] = &[
    Shape {
        name: "age",
        check: age,
        make: make_age,
    },
    Shape {
        name: "nkey",
        check: nkey,
        make: make_nkey,
    },
];

const ALPHABET: &[u8; 32] = b"qpzry9x8gf2tvdw0s3jn54khce6mua7l";

/// An age identity is Bech32 (BIP 173) with the human part before the last `1`; age leaves out the length limit.
fn age(sample: Sample<'_>) -> Validity {
    let lower = sample.value.to_ascii_lowercase();
    let Some(at) = memchr::memrchr(b'1', &lower) else {
        return Validity::No;
    };
    let values: Option<Vec<u8>> = lower[at + 1..]
        .iter()
        .map(|&byte| five_bits(byte))
        .collect();
    let Some(values) = values.filter(|values| values.len() > 6) else {
        return Validity::weak("holds characters that Bech32 does not use");
    };
    Validity::of_checksum(polymod(&lower[..at], &values) == 1)
}

fn five_bits(byte: u8) -> Option<u8> {
    ALPHABET
        .iter()
        .position(|&one| one == byte)
        .and_then(|position| u8::try_from(position).ok())
}

/// The checksum of BIP 173 over the human part and the data.
fn polymod(human: &[u8], data: &[u8]) -> u32 {
    const GENERATOR: [u32; 5] = [
        0x3b6a_57b2,
        0x2650_8e6d,
        0x1ea1_19fa,
        0x3d42_33dd,
        0x2a14_62b3,
    ];
    let high = human.iter().map(|byte| byte >> 5);
    let low = human.iter().map(|byte| byte & 31);
    high.chain([0])
        .chain(low)
        .chain(data.iter().copied())
        .fold(1, |sum, value| {
            let top = sum >> 25;
            let sum = (sum & 0x01ff_ffff) << 5 ^ u32::from(value);
            (0..5)
                .filter(|bit| top >> bit & 1 == 1)
                .fold(sum, |sum, bit| sum ^ GENERATOR[bit])
        })
}

fn make_age(_: &str, random: &mut Random) -> String {
    let human = "age-secret-key-";
    // 32 bytes are 52 groups of five bits, the last of which ends in four zero bits.
    let mut data: Vec<u8> = (0..51).map(|_| five(random.below(32))).chain([0]).collect();
    let unchecked: Vec<u8> = data.iter().copied().chain([0; 6]).collect();
    let sum = polymod(human.as_bytes(), &unchecked) ^ 1;
    data.extend((0..6).map(|place| five((sum >> (5 * (5 - place)) & 31) as usize)));
    let text: String = data
        .iter()
        .map(|&value| char::from(ALPHABET[usize::from(value)]))
        .collect();
    format!("{human}1{text}").to_ascii_uppercase()
}

fn five(value: usize) -> u8 {
    u8::try_from(value).expect("below 32")
}

/// A NATS seed is base 32 of two prefix bytes, 32 random ones and a CRC-16 of them, low byte first (nats-io/nkeys).
fn nkey(sample: Sample<'_>) -> Validity {
    let Ok(decoded) = data_encoding::BASE32_NOPAD.decode(sample.value) else {
        return Validity::weak("does not decode");
    };
    let Some((covered, [low, high])) = decoded.split_last_chunk::<2>() else {
        return Validity::No;
    };
    Validity::of_checksum(xmodem(covered) == u16::from_le_bytes([*low, *high]))
}

/// CRC-16/XMODEM.
fn xmodem(bytes: &[u8]) -> u16 {
    bytes.iter().fold(0, |sum, &byte| {
        (0..8).fold(sum ^ u16::from(byte) << 8, |sum, _| {
            if sum & 0x8000 == 0 {
                sum << 1
            } else {
                sum << 1 ^ 0x1021
            }
        })
    })
}

/// The argument is the kind of key, `U` for a user (the default).
fn make_nkey(kind: &str, random: &mut Random) -> String {
    let kind = match kind.bytes().next().unwrap_or(b'U') {
        b'A' => 0,
        b'O' => 14 << 3,
        b'N' => 13 << 3,
        b'C' => 2 << 3,
        _ => 20 << 3,
    };
    // The seed's own prefix (18 << 3) fills the first five bits, the kind's the next five.
    let mut raw = vec![18 << 3 | kind >> 5, (kind & 31) << 3];
    raw.extend(bytes(random, 32));
    let sum = xmodem(&raw).to_le_bytes();
    raw.extend(sum);
    data_encoding::BASE32_NOPAD.encode(&raw)
}

#[cfg(test)]
mod tests {
    use super::super::tests::check;
    use super::*;

    #[test]
    fn the_checksums_are_those_of_their_standards() {
        // Valid by BIP 173's own list.
        let values: Vec<u8> = b"2uel5l"
            .iter()
            .filter_map(|&byte| five_bits(byte))
            .collect();
        assert_eq!(polymod(b"a", &values), 1);
        assert_eq!(xmodem(b"123456789"), 0x31c3);
    }

    #[test]
    fn a_changed_identity_is_weak() {
        let mut identity = make_age("", &mut Random::new("age")).into_bytes();
        assert_eq!(identity.len(), 74);
        identity[30] = if identity[30] == b'Q' { b'P' } else { b'Q' };
        assert!(matches!(check("age", &identity), Validity::Weak(_)));
        let seed = make_nkey("A", &mut Random::new("nkey"));
        assert!(seed.starts_with("SA") && seed.len() == 58, "{}", seed.len());
        let other = super::super::draw(&mut Random::new("other"), "base32", 58);
        assert!(matches!(check("nkey", other.as_bytes()), Validity::Weak(_)));
    }
}
