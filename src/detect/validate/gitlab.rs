//! GitLab's routable tokens: payload, its length in base 36, and a CRC-32 in base 36 over all before it
//! (GitLab's documentation of routable tokens).

use super::{Random, Sample, Shape, Validity, draw};

pub(super) static SHAPES: &[Shape] = &[Shape {
    name: "gitlab-routable",
    check,
    make,
}];

fn check(sample: Sample<'_>) -> Validity {
    let value = sample.value;
    let Some((covered, checksum)) = value.len().checked_sub(7).map(|at| value.split_at(at)) else {
        return Validity::No;
    };
    let dots = memchr::memchr_iter(b'.', covered).count();
    if !(1..=2).contains(&dots) {
        return Validity::No;
    }
    Validity::of_checksum(base36(crc32fast::hash(covered), 7).as_bytes() == checksum)
}

/// Writes a number in base 36 with that many digits.
fn base36(mut number: u32, digits: usize) -> String {
    let mut written = vec![b'0'; digits];
    for digit in written.iter_mut().rev() {
        *digit = b"0123456789abcdefghijklmnopqrstuvwxyz"[(number % 36) as usize];
        number /= 36;
    }
    written.into_iter().map(char::from).collect()
}

/// The argument is the prefix; with `.01` behind it the token has a version.
fn make(prefix: &str, random: &mut Random) -> String {
    let (prefix, version) = match prefix.strip_suffix(".01") {
        Some(prefix) => (prefix, ".01"),
        None => (prefix, ""),
    };
    let payload = draw(random, "base64url", 46);
    let length = base36(46, 2);
    let covered = format!("{prefix}{payload}{version}.{length}");
    let sum = base36(crc32fast::hash(covered.as_bytes()), 7);
    covered + &sum
}
