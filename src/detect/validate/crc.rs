//! Tokens that end in a CRC-32 of what stands before it, in base 62 or in hex.
//!
//! GitHub describes its form (blog of 2021-04-05, "Behind GitHub's new authentication token formats"); the others were
//! found to hold on tokens that their makers publish.

use super::{Random, Sample, Shape, Validity, draw};

pub(super) static SHAPES: &[Shape] = &[
    Shape {
        name: "github",
        check: github,
        make: make_github,
    },
    Shape {
        name: "npm",
        check: github,
        make: make_npm,
    },
    Shape {
        name: "vercel",
        check: github,
        make: make_vercel,
    },
    Shape {
        name: "salad-cloud",
        check: github,
        make: make_salad_cloud,
    },
    Shape {
        name: "apify",
        check: apify,
        make: make_apify,
    },
    Shape {
        name: "cloudflare",
        check: cloudflare,
        make: make_cloudflare,
    },
    Shape {
        name: "grafana-service-account",
        check: grafana,
        make: make_grafana,
    },
    Shape {
        name: "zuplo",
        check: zuplo,
        make: make_zuplo,
    },
    Shape {
        name: "atlassian",
        check: hex_tail,
        make: make_atlassian,
    },
    Shape {
        name: "bitbucket-app",
        check: hex_tail,
        make: make_bitbucket_app,
    },
    Shape {
        name: "canva",
        check: hex_tail,
        make: make_canva,
    },
];

const DIGITS_FIRST: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const LOWER_FIRST: &[u8; 62] = b"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

/// GitHub, npm, Vercel, `SaladCloud`: six characters over what stands between the last `_` and them.
fn github(sample: Sample<'_>) -> Validity {
    let body = after_underscore(sample.value);
    let Some((random, checksum)) = cut(body, 6) else {
        return Validity::No;
    };
    Validity::of_checksum(base62(crc32fast::hash(random), DIGITS_FIRST) == checksum)
}

/// Apify: six characters over all before them, the prefix too; small letters before capital ones.
fn apify(sample: Sample<'_>) -> Validity {
    let Some((covered, checksum)) = cut(sample.value, 6) else {
        return Validity::No;
    };
    Validity::of_checksum(base62(crc32fast::hash(covered), LOWER_FIRST) == checksum)
}

/// Cloudflare: eight hex digits over what stands between the prefix and them.
fn cloudflare(sample: Sample<'_>) -> Validity {
    hex(cut(after_underscore(sample.value), 8))
}

/// Grafana service accounts: eight hex digits after the last `_`, over all before that `_`.
fn grafana(sample: Sample<'_>) -> Validity {
    hex(cut(sample.value, 9).map(|(covered, tail)| (covered, &tail[1..])))
}

/// Zuplo: eight hex digits after the last `_`, over what stands between the two.
fn zuplo(sample: Sample<'_>) -> Validity {
    hex(cut(sample.value, 9).map(|(covered, tail)| (after_underscore(covered), &tail[1..])))
}

/// Atlassian, Bitbucket, Canva: eight hex digits over all before them.
fn hex_tail(sample: Sample<'_>) -> Validity {
    hex(cut(sample.value, 8))
}

fn hex(parts: Option<(&[u8], &[u8])>) -> Validity {
    let Some((covered, checksum)) = parts else {
        return Validity::No;
    };
    let expected = format!("{:08x}", crc32fast::hash(covered));
    Validity::of_checksum(checksum.eq_ignore_ascii_case(expected.as_bytes()))
}

/// Returns what stands before the last `tail` bytes, and those.
fn cut(value: &[u8], tail: usize) -> Option<(&[u8], &[u8])> {
    value.len().checked_sub(tail).map(|at| value.split_at(at))
}

fn after_underscore(value: &[u8]) -> &[u8] {
    memchr::memrchr(b'_', value).map_or(value, |at| &value[at + 1..])
}

/// Writes a number in base 62 with six digits.
fn base62(mut number: u32, alphabet: &[u8; 62]) -> [u8; 6] {
    let mut digits = [b'0'; 6];
    for digit in digits.iter_mut().rev() {
        *digit = alphabet[(number % 62) as usize];
        number /= 62;
    }
    digits
}

fn with_base62(prefix: &str, length: usize, random: &mut Random) -> String {
    let body = draw(random, "alnum", length);
    let tail = base62(crc32fast::hash(body.as_bytes()), DIGITS_FIRST);
    format!(
        "{prefix}{body}{}",
        tail.map(char::from).iter().collect::<String>()
    )
}

fn with_hex(covered: String, separator: &str, sum: u32) -> String {
    covered + separator + &format!("{sum:08x}")
}

/// The argument is the prefix; refresh tokens are forty characters longer.
fn make_github(prefix: &str, random: &mut Random) -> String {
    with_base62(prefix, if prefix == "ghr_" { 70 } else { 30 }, random)
}

fn make_npm(_: &str, random: &mut Random) -> String {
    with_base62("npm_", 30, random)
}

fn make_vercel(prefix: &str, random: &mut Random) -> String {
    with_base62(prefix, 50, random)
}

fn make_salad_cloud(kind: &str, random: &mut Random) -> String {
    with_base62(&format!("salad_cloud_{kind}_"), 43, random)
}

fn make_apify(_: &str, random: &mut Random) -> String {
    let covered = format!("apify_api_{}", draw(random, "alnum", 30));
    let tail = base62(crc32fast::hash(covered.as_bytes()), LOWER_FIRST);
    covered + &tail.map(char::from).iter().collect::<String>()
}

fn make_cloudflare(prefix: &str, random: &mut Random) -> String {
    let body = draw(random, "alnum", 40);
    let sum = crc32fast::hash(body.as_bytes());
    with_hex(format!("{prefix}{body}"), "", sum)
}

fn make_grafana(_: &str, random: &mut Random) -> String {
    let covered = format!("glsa_{}", draw(random, "alnum", 32));
    let sum = crc32fast::hash(covered.as_bytes());
    with_hex(covered, "_", sum)
}

fn make_zuplo(_: &str, random: &mut Random) -> String {
    let body = draw(random, "lowernum", 32);
    let sum = crc32fast::hash(body.as_bytes());
    with_hex(format!("zpka_{body}"), "_", sum)
}

/// The argument is the prefix, `ATATT3xFfGF0` or `ATCTT3xFfGN0`.
fn make_atlassian(prefix: &str, random: &mut Random) -> String {
    let covered = format!("{prefix}{}=", draw(random, "base64url", 183 - prefix.len()));
    let sum = crc32fast::hash(covered.as_bytes());
    format!("{covered}{sum:08X}")
}

fn make_bitbucket_app(_: &str, random: &mut Random) -> String {
    let covered = format!("ATBB{}", draw(random, "alnum", 24));
    let sum = crc32fast::hash(covered.as_bytes());
    format!("{covered}{sum:08X}")
}

fn make_canva(_: &str, random: &mut Random) -> String {
    let covered = format!("cnvca{}", draw(random, "base64url", 43));
    let sum = crc32fast::hash(covered.as_bytes());
    with_hex(covered, "", sum)
}

#[cfg(test)]
mod tests {
    use super::super::tests::check;
    use super::*;

    #[test]
    fn one_changed_character_makes_each_of_them_weak() {
        for shape in SHAPES {
            let mut token = (shape.make)("", &mut Random::new("crc")).into_bytes();
            let middle = token.len() / 2;
            token[middle] = if token[middle] == b'a' { b'b' } else { b'a' };
            assert!(
                matches!(check(shape.name, &token), Validity::Weak(_)),
                "{}",
                shape.name
            );
        }
    }

    #[test]
    fn the_checksum_of_a_known_text_is_written_in_base_62() {
        // CRC-32 of "123456789" is cbf43926 (the check value of the polynomial's parameters).
        let written = base62(crc32fast::hash(b"123456789"), DIGITS_FIRST);
        let value = written.iter().fold(0u64, |value, digit| {
            let digit = DIGITS_FIRST
                .iter()
                .position(|one| one == digit)
                .expect("a digit");
            value * 62 + digit as u64
        });
        assert_eq!(value, 0xcbf4_3926);
    }
}
