//! The ten practices of "Top 10 Python security best practices", and which rules serve each.

use super::{Kind, Rule};

/// One of the ten practices.
#[derive(Debug, PartialEq, Eq)]
pub struct Practice {
    /// Its number, 1 to 10: the `practice` of a rule's record.
    pub number: u8,
    /// What to do, in a few words.
    pub title: &'static str,
    /// Why, in one sentence.
    pub why: &'static str,
}

/// The ten, in their order.
pub const PRACTICES: [Practice; 10] = [
    Practice {
        number: 1,
        title: "Use a current Python",
        why: "A Python past its end of life gets no more security fixes.",
    },
    Practice {
        number: 2,
        title: "Use virtual environments",
        why: "Packages of one project must not reach into another, and none belongs in git.",
    },
    Practice {
        number: 3,
        title: "Turn debug off in production",
        why: "Error pages and consoles of a debug mode show code, settings and variables, or run what a visitor sends.",
    },
    Practice {
        number: 4,
        title: "Commit no passwords or keys",
        why: "What was pushed once is known to everyone who can read the repository, for ever.",
    },
    Practice {
        number: 5,
        title: "Look out for poisoned packages",
        why: "A package with a name like a popular one runs its author's code when it is installed.",
    },
    Practice {
        number: 6,
        title: "Import from where you mean to",
        why: "A module that stands first in the search path takes the place of the one that was meant.",
    },
    Practice {
        number: 7,
        title: "Build no SQL from strings",
        why: "A value that is pasted into a query can change what the query does.",
    },
    Practice {
        number: 8,
        title: "Use pycryptodome, not pycrypto",
        why: "pycrypto is unmaintained since 2013 and has known holes; weak ciphers protect nothing.",
    },
    Practice {
        number: 9,
        title: "Check the code as Bandit does",
        why: "The calls that most often turn input into code, files or trust are known, and easy to find.",
    },
    Practice {
        number: 10,
        title: "Keep servers and images up to date",
        why: "A server past its end of life keeps every hole that is found from then on.",
    },
];

impl Practice {
    /// Returns the practice that a rule serves. Every rule about secrets serves the fourth.
    pub fn of(rule: &Rule) -> Option<&'static Practice> {
        let number = match (rule.practice, rule.kind) {
            (Some(number), _) => number,
            (None, Kind::Secret) => 4,
            (None, Kind::Config | Kind::Path) => return None,
        };
        PRACTICES.iter().find(|practice| practice.number == number)
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Level, Rules};
    use super::*;

    #[test]
    fn every_practice_has_checks_that_are_on() {
        let rules = Rules::builtin();
        for practice in &PRACTICES {
            let on = rules
                .indexes()
                .filter(|&index| rules.level(index) != Level::Off)
                .filter(|&index| Practice::of(rules.get(index)) == Some(practice))
                .count();
            assert!(on >= 2, "{} has {on}", practice.title);
        }
    }

    #[test]
    fn a_rule_names_one_of_the_ten_or_none() {
        let rules = Rules::builtin();
        for index in rules.indexes() {
            let rule = rules.get(index);
            let known = rule
                .practice
                .is_none_or(|number| (1..=10).contains(&number));
            assert!(known, "{}", rule.id);
        }
    }
}
