//! An example is a text with holes, so that no whole token ever stands in a repository.
//!
//! `{{alnum:36}}` becomes 36 random letters and digits, always the same for the same example;
//! `{{github:ghp_}}` becomes a token with that prefix which the validator `github` accepts.

/// Returns `text` with every hole filled from a fixed seed.
///
/// `make` is asked first for each hole, with the name and the argument; what it does not know is an
/// alphabet and a length. A hole that nobody knows stays as it is, so it is seen in the test that uses it.
pub fn fill(text: &str, make: &dyn Fn(&str, &str, &mut Random) -> Option<String>) -> String {
    let mut random = Random::new(text);
    let mut filled = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("{{") {
        let hole = after.split_once("}}").and_then(|(hole, behind)| {
            let (name, argument) = hole.split_once(':')?;
            let value =
                make(name, argument, &mut random).or_else(|| draw(name, argument, &mut random))?;
            Some((value, behind))
        });
        filled.push_str(before);
        match hole {
            Some((value, behind)) => {
                filled.push_str(&value);
                rest = behind;
            }
            None => {
                filled.push_str("{{");
                rest = after;
            }
        }
    }
    filled + rest
}

/// Returns the alphabet of that name.
pub fn alphabet(name: &str) -> Option<&'static str> {
    Some(match name {
        "digits" => "0123456789",
        "hex" => "0123456789abcdef",
        "HEX" => "0123456789ABCDEF",
        "lower" => "abcdefghijklmnopqrstuvwxyz",
        "upper" => "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
        "alpha" => "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz",
        "alnum" => "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz",
        "lowernum" => "0123456789abcdefghijklmnopqrstuvwxyz",
        "uppernum" => "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ",
        "base32" => "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567",
        "base58" => "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz",
        "base64" => "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/",
        "base64url" => "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_",
        "x" => "x",
        "zero" => "0",
        "BECH32" => "QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L",
        _ => return None,
    })
}

fn draw(name: &str, argument: &str, random: &mut Random) -> Option<String> {
    let length: usize = argument.parse().ok()?;
    if name == "uuid" {
        let hex = random.string("0123456789abcdef", 32);
        return Some(format!(
            "{}-{}-4{}-a{}-{}",
            &hex[..8],
            &hex[8..12],
            &hex[13..16],
            &hex[17..20],
            &hex[20..]
        ));
    }
    Some(random.string(alphabet(name)?, length))
}

/// A small deterministic generator (splitmix64, Steele, Lea and Flood 2014): examples only.
#[derive(Debug)]
pub struct Random(u64);

impl Random {
    /// Returns a generator whose numbers depend on `seed` alone.
    pub fn new(seed: &str) -> Self {
        // FNV-1a.
        Random(seed.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        }))
    }

    /// Returns a number below `bound`.
    pub fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((z ^ (z >> 31)) % bound.max(1) as u64).unwrap_or(0)
    }

    /// Returns `length` characters of the alphabet.
    pub fn string(&mut self, alphabet: &str, length: usize) -> String {
        (0..length)
            .map(|_| char::from(alphabet.as_bytes()[self.below(alphabet.len())]))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn none(_: &str, _: &str, _: &mut Random) -> Option<String> {
        None
    }

    #[test]
    fn a_hole_is_filled_the_same_way_each_time() {
        let filled = fill("a={{hex:8}};", &none);
        assert_eq!(filled.len(), "a=;".len() + 8);
        assert_eq!(filled, fill("a={{hex:8}};", &none));
    }

    #[test]
    fn what_is_no_hole_stays() {
        for text in ["{{ .Values.password }}", "{{user:name}}", "{{", "a {{b"] {
            assert_eq!(fill(text, &none), text);
        }
    }
}
