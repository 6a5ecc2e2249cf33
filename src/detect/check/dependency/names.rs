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
    let near = neighbours(most, normal.as_bytes())
        .into_iter()
        .filter(|(_, other)| other.len() >= 5 && without_number(other) != without_number(normal));
    near.min().map(|(_, other)| other.to_owned())
}

/// An edit that makes one name of another. Of several names that are near, the first by the kind of edit is meant,
/// then by its place and its letter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Edit {
    Less(usize),
    Swapped(usize),
    Other(usize, usize),
    More(usize, usize),
}

/// Returns the names of a sorted list that are one edit away. One edit leaves one half of a name as it is, but for the
/// letter in the middle: so all of them stand among those that begin or that end as the name does.
fn neighbours<'l>(list: &'l str, name: &[u8]) -> Vec<(Edit, &'l str)> {
    let (front, back) = (&name[..name.len() / 2], &name[name.len() / 2 + 1..]);
    let of_line = |line: &'l str| Some((edit(name, line.as_bytes())?, line));
    let begins = list[first_line(list, front)..]
        .lines()
        .take_while(|line| line.as_bytes().starts_with(front));
    let mut found: Vec<(Edit, &str)> = begins.filter_map(of_line).collect();
    // A list ends with a line end.
    let end = [back, b"\n"].concat();
    let ends = memchr::memmem::find_iter(list.as_bytes(), &end).map(|at| {
        let start = memchr::memrchr(b'\n', &list.as_bytes()[..at]).map_or(0, |before| before + 1);
        &list[start..at + back.len()]
    });
    found.extend(ends.filter_map(of_line));
    found
}

/// Returns the edit that makes `other` of the name, if it is one.
fn edit(name: &[u8], other: &[u8]) -> Option<Edit> {
    const ALPHABET: &[u8] = b"abcdefghijklmnopqrstuvwxyz0123456789-._";
    let letter = |byte: u8| ALPHABET.iter().position(|&letter| letter == byte);
    let same = name.iter().zip(other).take_while(|(a, b)| a == b).count();
    let (rest, others) = (&name[same..], &other[same..]);
    match (rest, others) {
        ([_, behind @ ..], _) if behind == others => Some(Edit::Less(same)),
        ([a, b, behind @ ..], [c, d, beyond @ ..]) if (a, b) == (d, c) && behind == beyond => {
            Some(Edit::Swapped(same))
        }
        ([_, behind @ ..], [new, beyond @ ..]) if behind == beyond => {
            Some(Edit::Other(same, letter(*new)?))
        }
        (_, [new, beyond @ ..]) if rest == beyond => {
            // Among letters of its kind the new one may be any.
            let before = name[..same].iter().rev().take_while(|&byte| byte == new);
            Some(Edit::More(same - before.count(), letter(*new)?))
        }
        _ => None,
    }
}

/// Returns where the first line that is not less than `line` starts in a sorted list.
fn first_line(list: &str, line: &[u8]) -> usize {
    let bytes = list.as_bytes();
    let (mut low, mut high) = (0, bytes.len());
    while low < high {
        let middle = low + (high - low) / 2;
        let start = memchr::memrchr(b'\n', &bytes[low..middle]).map_or(low, |at| low + at + 1);
        let end = memchr::memchr(b'\n', &bytes[middle..high]).map_or(high, |at| middle + at);
        if &bytes[start..end] < line {
            low = end + 1;
        } else {
            high = start;
        }
    }
    low.min(bytes.len())
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

    /// The plain way: every name one edit away, in order.
    fn edits(name: &str) -> Vec<String> {
        let letters = || "abcdefghijklmnopqrstuvwxyz0123456789-._".chars();
        let at = |from: usize, to: usize| format!("{}|{}", &name[..from], &name[to..]);
        let len = name.len();
        let less = (0..len).map(|i| at(i, i + 1).replace('|', ""));
        let swapped = (1..len).map(|i| {
            at(i - 1, i + 1).replace('|', &format!("{}{}", &name[i..=i], &name[i - 1..i]))
        });
        let other = (0..len)
            .flat_map(|i| letters().map(move |l| at(i, i + 1).replace('|', &l.to_string())));
        let more =
            (0..=len).flat_map(|i| letters().map(move |l| at(i, i).replace('|', &l.to_string())));
        less.chain(swapped).chain(other).chain(more).collect()
    }

    #[test]
    fn the_nearest_name_is_the_first_of_all_edits() {
        for list in [PYPI_MOST, NPM_MOST, CRATES_MOST] {
            let lines: Vec<&str> = list.lines().filter(|line| line.len() > 3).collect();
            // Names one and two edits away from some of the list.
            for line in lines.iter().step_by(lines.len() / 5) {
                for name in edits(line).iter().step_by(29).flat_map(|near| {
                    let further = edits(near);
                    [near.clone(), further[further.len() / 3].clone()]
                }) {
                    let plain = edits(&name)
                        .into_iter()
                        .find(|other| *other != name && holds(list, other));
                    let near = neighbours(list, name.as_bytes());
                    let quick = near.into_iter().min().map(|(_, other)| other.to_owned());
                    assert_eq!(quick, plain, "{name}");
                }
            }
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
