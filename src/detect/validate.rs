//! A validator checks offline what a token's format promises: a checksum, a structure, a base64 that decodes.

use crate::rule::Random;

/// What a validator says of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Validity {
    /// The value holds what its format promises; the note says so to a person.
    Good(Option<&'static str>),
    /// The value has the form but not the promise: it is reported as a warning with this note.
    Weak(&'static str),
    /// The value is certainly not a secret of this kind.
    No,
}

/// A function that checks a value.
pub(crate) type Validator = fn(&[u8]) -> Validity;

/// Returns the validator of that name.
pub(crate) fn find(name: &str) -> Option<Validator> {
    Some(match name {
        "github" => github,
        _ => return None,
    })
}

/// Makes a value that a validator accepts, to fill the hole `{{name:argument}}` of an example.
pub fn make(name: &str, argument: &str, random: &mut Random) -> Option<String> {
    match name {
        "github" => Some(make_github(argument, random)),
        _ => None,
    }
}

const BASE62: &str = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// Checks the last six characters of a GitHub or npm token: the CRC-32 of the thirty before them in base 62
/// (GitHub's blog of 2021-04-05, "Behind GitHub's new authentication token formats").
fn github(token: &[u8]) -> Validity {
    let Some(at) = token.iter().position(|&byte| byte == b'_') else {
        return Validity::No;
    };
    let body = &token[at + 1..];
    let Some((random, checksum)) = body.len().checked_sub(6).map(|cut| body.split_at(cut)) else {
        return Validity::No;
    };
    if base62(crc32fast::hash(random)).as_bytes() == checksum {
        Validity::Good(Some("checksum matches"))
    } else {
        Validity::Weak("checksum does not match")
    }
}

fn make_github(prefix: &str, random: &mut Random) -> String {
    let body = random.string(BASE62, 30);
    format!("{prefix}{body}{}", base62(crc32fast::hash(body.as_bytes())))
}

/// Writes a number in base 62 with six digits.
fn base62(mut number: u32) -> String {
    let mut digits = [b'0'; 6];
    for digit in digits.iter_mut().rev() {
        *digit = BASE62.as_bytes()[(number % 62) as usize];
        number /= 62;
    }
    digits.iter().map(|&digit| char::from(digit)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_made_token_is_accepted_and_a_changed_one_is_weak() {
        let mut token = make("github", "ghp_", &mut Random::new("github"))
            .expect("known")
            .into_bytes();
        assert_eq!(github(&token), Validity::Good(Some("checksum matches")));
        token[10] ^= 1;
        assert!(matches!(github(&token), Validity::Weak(_)));
    }
}
