//! Lists of package names, sorted so that a name is looked up without reading the list first.

use super::Ecosystem;

static PYPI_TOP: &str = include_str!("../../../../patterns/data/pypi-top.txt");
static PYPI_MOST: &str = include_str!("../../../../patterns/data/pypi-most.txt");
static PYPI_MALICIOUS: &str = include_str!("../../../../patterns/data/pypi-malicious.txt");
static NPM_TOP: &str = include_str!("../../../../patterns/data/npm-top.txt");
static NPM_MOST: &str = include_str!("../../../../patterns/data/npm-most.txt");
static NPM_MALICIOUS: &str = include_str!("../../../../patterns/data/npm-malicious.txt");
static CRATES_MOST: &str = include_str!("../../../../patterns/data/crates-most.txt");

/// Returns a name as its registry compares it: PEP 503 for Python.
pub(crate) fn normal(ecosystem: Ecosystem, name: &str) -> String {
    match ecosystem {
        Ecosystem::Pypi => {
            let mut out = String::with_capacity(name.len());
            for part in name.split(['-', '_', '.']).filter(|part| !part.is_empty()) {
                if !out.is_empty() {
                    out.push('-');
                }
                out.push_str(&part.to_ascii_lowercase());
            }
            out
        }
        Ecosystem::Crates => name.replace('_', "-"),
        _ => name.to_owned(),
    }
}

/// Tells whether a package of that name was published as malware.
pub(crate) fn is_malicious(ecosystem: Ecosystem, normal: &str) -> bool {
    match ecosystem {
        Ecosystem::Pypi => holds(PYPI_MALICIOUS, normal),
        Ecosystem::Npm => holds(NPM_MALICIOUS, normal),
        _ => false,
    }
}

/// Crates of four letters that are words of their own, though one letter short of a well-known name.
const SHORT_CRATES: [&str; 8] = [
    "byte", "ctrl", "hash", "hype", "init", "logo", "past", "post",
];

/// Returns the popular name that is one edit from this one, if this one is not itself well known.
///
/// One edit is a letter more, less or other, or two letters swapped. Names below five letters are too near to
/// each other (crates are few: there four letters may lack the fifth); a number at the end is a version (`psycopg3`).
pub(crate) fn look_alike(ecosystem: Ecosystem, normal: &str) -> Option<String> {
    const LONGEST: usize = 60;
    let (top, most) = match ecosystem {
        Ecosystem::Pypi => (PYPI_TOP, PYPI_MOST),
        Ecosystem::Npm => (NPM_TOP, NPM_MOST),
        Ecosystem::Crates => (CRATES_MOST, CRATES_MOST),
        _ => return None,
    };
    let plain = normal
        .bytes()
        .all(|b| b.is_ascii_alphanumeric() || b"-._".contains(&b));
    let shortest = if ecosystem == Ecosystem::Crates { 4 } else { 5 };
    if ecosystem == Ecosystem::Crates && SHORT_CRATES.contains(&normal) {
        return None;
    }
    if !(shortest..=LONGEST).contains(&normal.len()) || !plain || holds(top, normal) {
        return None;
    }
    let without_number = |name: &str| {
        name.trim_end_matches(|c: char| c.is_ascii_digit())
            .trim_end_matches('-')
            .to_owned()
    };
    edits(normal.as_bytes()).find(|other| {
        other.len() >= 5 && holds(most, other) && without_number(other) != without_number(normal)
    })
}

/// Returns the names one edit away.
fn edits(name: &[u8]) -> impl Iterator<Item = String> {
    const ALPHABET: &[u8] = b"abcdefghijklmnopqrstuvwxyz0123456789-._";
    let length = name.len();
    let made = move |front: &[u8], middle: &[u8], back: &[u8]| {
        let mut out = Vec::with_capacity(length + 1);
        out.extend_from_slice(front);
        out.extend_from_slice(middle);
        out.extend_from_slice(back);
        String::from_utf8(out).unwrap_or_default()
    };
    let deleted = (0..length).map(move |at| made(&name[..at], b"", &name[at + 1..]));
    let swapped = (1..length)
        .map(move |at| made(&name[..at - 1], &[name[at], name[at - 1]], &name[at + 1..]));
    let replaced = (0..length).flat_map(move |at| {
        ALPHABET
            .iter()
            .map(move |&letter| made(&name[..at], &[letter], &name[at + 1..]))
    });
    let inserted = (0..=length).flat_map(move |at| {
        ALPHABET
            .iter()
            .map(move |&letter| made(&name[..at], &[letter], &name[at..]))
    });
    deleted.chain(swapped).chain(replaced).chain(inserted)
}

/// Tells whether a sorted list of lines holds a line. Costs some twenty comparisons.
fn holds(list: &str, line: &str) -> bool {
    let bytes = list.as_bytes();
    let (mut low, mut high) = (0, bytes.len());
    while low < high {
        let middle = low + (high - low) / 2;
        let start = memchr::memrchr(b'\n', &bytes[low..middle]).map_or(low, |at| low + at + 1);
        let end = memchr::memchr(b'\n', &bytes[middle..high]).map_or(high, |at| middle + at);
        match bytes[start..end].cmp(line.as_bytes()) {
            std::cmp::Ordering::Equal => return true,
            std::cmp::Ordering::Less => low = end + 1,
            std::cmp::Ordering::Greater => high = start,
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_line_of_each_list_is_found_and_no_other() {
        for list in [
            PYPI_TOP,
            PYPI_MOST,
            PYPI_MALICIOUS,
            NPM_TOP,
            NPM_MOST,
            NPM_MALICIOUS,
            CRATES_MOST,
        ] {
            for line in list.lines() {
                assert!(holds(list, line), "{line}");
                assert!(!holds(list, &format!("{line}\u{1}")), "{line}");
            }
            assert!(!holds(list, "") && !holds(list, "~"));
        }
    }

    #[test]
    fn names_one_edit_from_a_popular_one_look_alike() {
        let alike = |name| look_alike(Ecosystem::Pypi, name);
        assert_eq!(alike("reqeusts").as_deref(), Some("requests"));
        assert_eq!(alike("requestss").as_deref(), Some("requests"));
        assert_eq!(alike("requests"), None);
        assert_eq!(alike("flask2"), None);
        assert_eq!(alike("our-own-tool"), None);
        assert_eq!(
            look_alike(Ecosystem::Npm, "lodahs").as_deref(),
            Some("lodash")
        );
        assert_eq!(
            look_alike(Ecosystem::Crates, "serde-jsn").as_deref(),
            Some("serde-json")
        );
    }
}
