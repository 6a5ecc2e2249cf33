//! Counts findings against the labels, as `score.py` counts them without noise.

use std::collections::BTreeSet;

use crate::corpus::{Corpus, Unit};

/// Lines of a file that are said to hold a secret.
#[derive(Clone, Copy)]
pub(crate) struct Found {
    pub(crate) file: usize,
    pub(crate) line: usize,
    pub(crate) last_line: usize,
}

/// Counts of units and lines.
#[derive(Default, Clone, Copy)]
pub(crate) struct Tally {
    pub(crate) hit: usize,
    pub(crate) wrong: usize,
    pub(crate) missed: usize,
    pub(crate) unlabelled: usize,
}

impl Tally {
    /// Counts the findings in repositories that count.
    pub(crate) fn of(
        corpus: &Corpus,
        found: impl Iterator<Item = Found>,
        counts: impl Fn(usize) -> bool,
    ) -> Self {
        let (mut hit, mut wrong, mut unlabelled) =
            (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
        for found in found.filter(|found| counts(corpus.repositories[found.file])) {
            let on: Vec<(usize, &Unit)> = corpus.units[found.file]
                .iter()
                .enumerate()
                .filter(|(_, unit)| unit.first <= found.last_line && found.line <= unit.last)
                .collect();
            let scored: Vec<_> = on.iter().filter(|(_, unit)| !unit.is_noise).collect();
            if scored.iter().any(|(_, unit)| unit.is_true) {
                hit.extend(
                    scored
                        .iter()
                        .filter(|(_, unit)| unit.is_true)
                        .map(|(at, _)| (found.file, *at)),
                );
            } else if !scored.is_empty() {
                wrong.extend(scored.iter().map(|(at, _)| (found.file, *at)));
            } else if on.is_empty() {
                unlabelled.insert((found.file, found.line));
            }
        }
        let trues = corpus
            .units
            .iter()
            .enumerate()
            .filter(|(file, _)| counts(corpus.repositories[*file]))
            .flat_map(|(_, units)| units)
            .filter(|unit| unit.is_true && !unit.is_noise)
            .count();
        Tally {
            hit: hit.len(),
            wrong: wrong.difference(&hit).count(),
            missed: trues - hit.len(),
            unlabelled: unlabelled.len(),
        }
    }

    /// Adds the counts of other repositories.
    pub(crate) fn add(&mut self, other: Self) {
        self.hit += other.hit;
        self.wrong += other.wrong;
        self.missed += other.missed;
        self.unlabelled += other.unlabelled;
    }

    pub(crate) fn precision(self) -> f64 {
        self.hit as f64 / (self.hit + self.wrong).max(1) as f64
    }
    pub(crate) fn strict(self) -> f64 {
        self.hit as f64 / (self.hit + self.wrong + self.unlabelled).max(1) as f64
    }
    pub(crate) fn recall(self) -> f64 {
        self.hit as f64 / (self.hit + self.missed).max(1) as f64
    }
    pub(crate) fn f1(self) -> f64 {
        mean_of(self.precision(), self.recall())
    }
    pub(crate) fn strict_f1(self) -> f64 {
        mean_of(self.strict(), self.recall())
    }

    /// Prints the counts and what they make, after a name.
    pub(crate) fn print(self, name: &str) {
        println!(
            "  {name:44} {:.3}  {:.3}  {:.3}  {:.3}  {:.3}   hit {} wrong {} missed {} unlabelled {}",
            self.precision(),
            self.strict(),
            self.recall(),
            self.f1(),
            self.strict_f1(),
            self.hit,
            self.wrong,
            self.missed,
            self.unlabelled
        );
    }
}

fn mean_of(precision: f64, recall: f64) -> f64 {
    2.0 * precision * recall / (precision + recall).max(1e-9)
}

/// Returns mean and standard deviation.
pub(crate) fn spread(parts: &[f64]) -> (f64, f64) {
    let mean = parts.iter().sum::<f64>() / parts.len() as f64;
    let squares: f64 = parts.iter().map(|part| (part - mean).powi(2)).sum();
    (mean, (squares / (parts.len() as f64 - 1.0)).sqrt())
}
