//! A range is a requirement on a version: `>=3.6,<3.8`, `^5.4 || ^7`, `~> 5.2`, `12.x`, `==2.7.*`.

use super::{Cycle, cycles};

/// Alternatives, each a list of bounds that all hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Range(Vec<Vec<Bound>>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Bound {
    kind: Kind,
    parts: Vec<u32>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// The same leading parts: `==3.7.*`, `12.x`, `3.7`.
    Same,
    AtLeast,
    AtMost,
    Below,
    /// The same first part that is not zero, and not older: `^5.4`.
    Caret,
    /// The same parts but the last, and not older: `~> 5.2`, `~=3.6`.
    ButLast,
    /// The same first two parts: `~3.6.1`.
    Tilde,
}

impl Range {
    /// Reads a requirement as Python, npm, Ruby, PHP and Cargo write it; none if it says nothing of a version.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let alternatives = text.split('|').filter(|part| !part.trim().is_empty());
        let mut found = Vec::new();
        for alternative in alternatives.take(20) {
            let bounds = bounds(alternative)?;
            if bounds.is_empty() {
                return None;
            }
            found.push(bounds);
        }
        (!found.is_empty()).then_some(Range(found))
    }

    /// Returns the newest cycle of a product that the range allows, if the range has an upper end: a range
    /// that only says from where on is support, not use.
    pub(crate) fn newest(&self, product: &str) -> Option<Cycle> {
        let open = self
            .0
            .iter()
            .any(|bounds| bounds.iter().all(|bound| bound.kind == Kind::AtLeast));
        if open {
            return None;
        }
        cycles(product).find(|cycle| {
            let parts = parts(cycle.name);
            !parts.is_empty()
                && self
                    .0
                    .iter()
                    .any(|bounds| bounds.iter().all(|bound| bound.allows(&parts)))
        })
    }

    /// Returns the version, if the range is exactly one.
    pub(crate) fn exact(&self) -> Option<&[u32]> {
        match self.0.as_slice() {
            [bounds] => match bounds.as_slice() {
                [
                    Bound {
                        kind: Kind::Same,
                        parts,
                    },
                ] => Some(parts),
                _ => None,
            },
            _ => None,
        }
    }
}

impl Bound {
    /// Tells whether some version of the cycle holds the bound.
    fn allows(&self, cycle: &[u32]) -> bool {
        let common = self.parts.len().min(cycle.len());
        let (own, other) = (&self.parts[..common], &cycle[..common]);
        let keeps = |count: usize| {
            let count = count.min(common);
            self.parts[..count] == cycle[..count] && other >= own
        };
        match self.kind {
            Kind::Same => own == other,
            Kind::AtLeast => other >= own,
            Kind::AtMost => other <= own,
            Kind::Below => {
                other < own || (other == own && self.parts[common..].iter().any(|part| *part > 0))
            }
            Kind::Caret => keeps(1 + self.parts.iter().take_while(|part| **part == 0).count()),
            Kind::ButLast => keeps(self.parts.len().saturating_sub(1).max(1)),
            Kind::Tilde => keeps(2),
        }
    }
}

fn bounds(text: &str) -> Option<Vec<Bound>> {
    let text = text.replace(',', " ");
    let mut words = text.split_whitespace().peekable();
    let mut found: Vec<Bound> = Vec::new();
    while let Some(word) = words.next() {
        if word == "-" {
            // `1.2 - 2.3`
            let last = words.next()?;
            if let Some(bound) = found.last_mut() {
                bound.kind = Kind::AtLeast;
            }
            found.push(Bound {
                kind: Kind::AtMost,
                parts: parts(last),
            });
            continue;
        }
        let end = word
            .find(|c: char| c.is_ascii_alphanumeric() || c == '*')
            .unwrap_or(word.len());
        let (operator, version) = word.split_at(end);
        let version = if version.is_empty() {
            words.next()?
        } else {
            version
        };
        let kind = match operator {
            "==" | "" | "=" | "===" | "v" => Kind::Same,
            ">=" | ">" => Kind::AtLeast,
            "<=" => Kind::AtMost,
            "<" => Kind::Below,
            "^" => Kind::Caret,
            "~=" | "~>" => Kind::ButLast,
            "~" => Kind::Tilde,
            "!=" => continue,
            _ => return None,
        };
        let parts = parts(version.trim_start_matches('v'));
        if parts.is_empty() {
            return None;
        }
        found.push(Bound { kind, parts });
        if found.len() > 20 {
            return None;
        }
    }
    Some(found)
}

/// Returns the leading numbers of a version: of `3.7.*` they are 3 and 7.
pub(crate) fn parts(version: &str) -> Vec<u32> {
    version
        .split('.')
        .map_while(|part| {
            let end = part
                .find(|c: char| !c.is_ascii_digit())
                .unwrap_or(part.len());
            part[..end].parse().ok()
        })
        .take(4)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn newest(range: &str, product: &str) -> Option<&'static str> {
        Range::parse(range)?.newest(product).map(|cycle| cycle.name)
    }

    #[test]
    fn the_newest_allowed_cycle_is_found_in_every_dialect() {
        for (range, product, wanted) in [
            ("==2.7.*", "python", Some("2.7")),
            ("<3.8", "python", Some("3.7")),
            (">=3.6,<3.8", "python", Some("3.7")),
            ("~=3.6.0", "python", Some("3.6")),
            ("^3.6", "python", Some("3.14")),
            (">=3.7", "python", None),
            ("12.x", "nodejs", Some("12")),
            ("14 || 16", "nodejs", Some("16")),
            (">=14 <16", "nodejs", Some("15")),
            ("14 - 18", "nodejs", Some("18")),
            ("~> 5.2.3", "rails", Some("5.2")),
            ("~> 5.2", "rails", Some("5.2")),
            ("^7.4|^8.0", "php", Some("8.5")),
            ("^7.4", "php", Some("7.4")),
            ("==3.2.1", "django", Some("3.2")),
            ("*", "php", None),
            ("latest", "nodejs", None),
        ] {
            assert_eq!(newest(range, product), wanted, "{range}");
        }
    }
}
