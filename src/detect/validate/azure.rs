//! Azure's identifiable keys carry a mark and a Marvin32 checksum; shared access signatures carry a date and an HMAC.
//!
//! The forms and seeds are published in Microsoft's repository `security-utilities`.

use super::{Random, Sample, Shape, Validity, base64, bytes, draw};

pub(super) static SHAPES: &[Shape] = &[
    Shape {
        name: "azure-key",
        check: key,
        make: make_key,
    },
    Shape {
        name: "azure-annotated-key",
        check: annotated,
        make: make_annotated,
    },
    Shape {
        name: "azure-sas",
        check: signature,
        make: make_signature,
    },
];

/// The seeds of the keys with a mark of four characters: eight ASCII letters that name the kind of key.
const SEEDS: [&[u8; 8]; 27] = [
    b"Default0",
    b"System00",
    b"Unknown0",
    b"Send0000",
    b"Manage00",
    b"Listen00",
    b"AbAcct00",
    b"Master00",
    b"Functi00",
    b"SysAll00",
    b"Resour00",
    b"MastRO00",
    b"SystRO00",
    b"Encryp00",
    b"MastRW00",
    b"SystRW00",
    b"Access00",
    b"QQuery00",
    b"PAdmin00",
    b"Classic0",
    b"ACRDflt0",
    b"IoTHub00",
    b"DpsKey00",
    b"Device00",
    b"Tenant00",
    b"Gateway0",
    b"GitKey00",
];
const EVENT_GRID: &[u8; 8] = b"SendRecv";

/// A key with a mark: base64 whose last four bytes are the checksum of the others.
fn key(sample: Sample<'_>) -> Validity {
    let Some(raw) = base64(sample.value) else {
        return Validity::No;
    };
    let Some((covered, sum)) = raw.split_last_chunk::<4>() else {
        return Validity::No;
    };
    let sum = u32::from_le_bytes(*sum);
    let seeds = SEEDS.into_iter().chain([EVENT_GRID]);
    let mut matches = seeds.map(|seed| marvin(covered, u64::from_be_bytes(*seed)) == sum);
    Validity::of_checksum(matches.any(|matches| matches))
}

/// A key of 84 characters with `JQQJ99` at 52: the last four are the start of the checksum over the 60 bytes before
/// them, in base 62 or base 64.
fn annotated(sample: Sample<'_>) -> Validity {
    let Some((covered, sum)) = sample.value.split_at_checked(80) else {
        return Validity::No;
    };
    let Some(covered) = base64(covered) else {
        return Validity::No;
    };
    let expected = marvin(&covered, u64::from_be_bytes(*SEEDS[0])).to_le_bytes();
    let in_64 = data_encoding::BASE64.encode(&expected);
    let matches = [base62(expected).as_bytes(), in_64.as_bytes()]
        .iter()
        .any(|written| written.starts_with(&sum[..sum.len().min(4)]));
    Validity::of_checksum(matches && sum.len() >= 4)
}

/// Writes the bytes as one number in base 62, filled up with zeros behind it.
fn base62(bytes: [u8; 4]) -> String {
    let digits = crate::rule::alphabet("alnum")
        .expect("a name of the table")
        .as_bytes();
    let mut number = u32::from_be_bytes(bytes);
    let mut written = Vec::new();
    while number > 0 {
        written.push(char::from(digits[(number % 62) as usize]));
        number /= 62;
    }
    let text: String = written.iter().rev().collect();
    format!("{text:0<6}")
}

/// Marvin32, folded to 32 bits (Microsoft, SymCrypt, lib/marvin32.c).
fn marvin(bytes: &[u8], seed: u64) -> u32 {
    let (low, high) = marvin_64(bytes, seed);
    low ^ high
}

fn marvin_64(bytes: &[u8], seed: u64) -> (u32, u32) {
    #[expect(clippy::cast_possible_truncation, reason = "the low and the high half")]
    let mut state = (seed as u32, (seed >> 32) as u32);
    let mut add = |word: u32| {
        let (mut low, mut high) = (state.0.wrapping_add(word), state.1);
        high ^= low;
        low = low.rotate_left(20).wrapping_add(high);
        high = high.rotate_left(9) ^ low;
        low = low.rotate_left(27).wrapping_add(high);
        state = (low, high.rotate_left(19));
    };
    let mut words = bytes.chunks_exact(4);
    for word in &mut words {
        add(u32::from_le_bytes(word.try_into().expect("four bytes")));
    }
    let mut last = [0; 4];
    let rest = words.remainder();
    last[..rest.len()].copy_from_slice(rest);
    last[rest.len()] = 0x80;
    add(u32::from_le_bytes(last));
    add(0);
    state
}

/// A signature is percent-encoded base64 of 32 bytes beside a version date; the end is told from `se`.
fn signature(sample: Sample<'_>) -> Validity {
    let Some(value) = super::url::percent_decoded(sample.value) else {
        return Validity::No;
    };
    if base64(&value).map(|raw| raw.len()) != Some(32) {
        return Validity::weak("the signature is not one of 32 bytes");
    }
    let end = [&b"se="[..], b"\"se\":\""].iter().find_map(|name| {
        let at = memchr::memmem::find(sample.whole, name)? + name.len();
        let day = std::str::from_utf8(sample.whole.get(at..at + 10)?).ok()?;
        day.bytes()
            .all(|byte| byte.is_ascii_digit() || byte == b'-')
            .then_some(day)
    });
    match end {
        Some(day) => Validity::Good(Some(format!("by its own text it ends on {day}").into())),
        None => Validity::Good(None),
    }
}

/// The argument is the mark and the number of bytes: `+ASt,64` (the default), `AzSe,39`.
fn make_key(argument: &str, random: &mut Random) -> String {
    let (mark, length) = argument.split_once(',').unwrap_or(("+ASt", "64"));
    let length: usize = length.parse().unwrap_or(64);
    // The mark ends six characters before the padding, so the bytes behind it are the checksum and a rest.
    let text_length = (length * 8).div_ceil(6);
    let text = draw(random, "base64", text_length - 10) + mark + &draw(random, "base64", 6);
    let mut raw = base64(text.as_bytes()).expect("drawn from its alphabet");
    let covered = length - 4;
    let sum = marvin(&raw[..covered], u64::from_be_bytes(*SEEDS[0]));
    raw[covered..].copy_from_slice(&sum.to_le_bytes());
    data_encoding::BASE64.encode(&raw)
}

/// The argument is the provider's mark, `ACOG` by default (AI services).
fn make_annotated(mark: &str, random: &mut Random) -> String {
    let mark = if mark.is_empty() { "ACOG" } else { mark };
    let text = format!(
        "{}JQQJ99BCAC{}AAA{}{mark}",
        draw(random, "alnum", 52),
        draw(random, "alnum", 10),
        "A"
    );
    let covered = base64(text.as_bytes()).expect("drawn from its alphabet");
    let sum = marvin(&covered, u64::from_be_bytes(*SEEDS[0]));
    text + &base62(sum.to_le_bytes())[..4]
}

fn make_signature(_: &str, random: &mut Random) -> String {
    data_encoding::BASE64
        .encode(&bytes(random, 32))
        .replace('+', "%2B")
        .replace('/', "%2F")
        .replace('=', "%3D")
}

#[cfg(test)]
mod tests {
    use super::super::{Sample, tests::check};
    use super::*;

    #[test]
    fn marvin_gives_what_its_reference_gives() {
        assert_eq!(
            marvin_64(b"abc", 0xd53c_d9ce_cd08_93b7),
            (0x4927_69bf, 0x22c7_4339)
        );
    }

    #[test]
    fn a_mark_stands_where_it_should_and_a_change_is_seen() {
        let mut random = Random::new("azure");
        let mut storage = make_key("", &mut random).into_bytes();
        assert_eq!((storage.len(), &storage[76..80]), (88, &b"+ASt"[..]));
        storage[3] = if storage[3] == b'a' { b'b' } else { b'a' };
        assert!(matches!(check("azure-key", &storage), Validity::Weak(_)));
        let mut annotated = make_annotated("", &mut random).into_bytes();
        assert_eq!((annotated.len(), &annotated[52..58]), (84, &b"JQQJ99"[..]));
        annotated[3] = if annotated[3] == b'a' { b'b' } else { b'a' };
        assert!(matches!(
            check("azure-annotated-key", &annotated),
            Validity::Weak(_)
        ));
    }

    #[test]
    fn the_end_of_a_signature_is_told() {
        let value = make_signature("", &mut Random::new("sas"));
        let whole = format!("?sv=2020-08-04&se=2031-01-02T00%3A00%3A00Z&sp=r&sig={value}");
        let said = signature(Sample {
            value: value.as_bytes(),
            whole: whole.as_bytes(),
        });
        assert_eq!(
            said,
            Validity::Good(Some("by its own text it ends on 2031-01-02".into()))
        );
    }
}
