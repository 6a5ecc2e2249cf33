//! Cross-validation over repositories, the curves of precision and recall, and the thresholds chosen from them.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;

use guard::detect::assign::{NAMES, Operator};

use crate::boost::{Growth, Model, Row, learn};
use crate::corpus::{Corpus, Sample};

const GROWTH: Growth = Growth {
    trees: 240,
    leaves: 16,
    rate: 0.07,
    ridge: 4.0,
    least: 6.0,
    features: 0.5,
};
/// From which score on a candidate is a warning, and from which it blocks: chosen from the curves of `cross`.
const WARN: f32 = 0.45;
const BLOCK: f32 = 0.93;
const FOLDS: usize = 6;

/// Counts of units and lines, as `score.py` counts them without noise.
#[derive(Default, Clone, Copy)]
struct Tally {
    hit: usize,
    wrong: usize,
    missed: usize,
    unlabelled: usize,
}

impl Tally {
    fn precision(self) -> f64 {
        self.hit as f64 / (self.hit + self.wrong).max(1) as f64
    }
    fn strict(self) -> f64 {
        self.hit as f64 / (self.hit + self.wrong + self.unlabelled).max(1) as f64
    }
    fn recall(self) -> f64 {
        self.hit as f64 / (self.hit + self.missed).max(1) as f64
    }
}

fn f1(precision: f64, recall: f64) -> f64 {
    2.0 * precision * recall / (precision + recall).max(1e-9)
}

/// Returns the fold of each repository: dealt out in order of their hashed names.
fn folds(corpus: &Corpus) -> Vec<usize> {
    let mut order: Vec<usize> = (0..corpus.names.len()).collect();
    order.sort_by(|&a, &b| corpus.names[a].cmp(&corpus.names[b]));
    let mut folds = vec![0; order.len()];
    for (place, &repository) in order.iter().enumerate() {
        folds[repository] = place % FOLDS;
    }
    folds
}

/// How much a sample counts that was made from another by writing it as an argument.
const MADE: f64 = 0.15;

/// Learns from the samples, and from each quoted assignment a second time as if it were written
/// `set_key("value")`: the corpus has few secrets in that shape, and the shape says little about the value.
fn train<'s>(samples: impl Iterator<Item = &'s Sample>) -> Model {
    let at = |name: &str| {
        NAMES
            .iter()
            .position(|known| *known == name)
            .expect("a feature")
    };
    let (operator, quoted, argument, next) = (
        at("operator"),
        at("quoted"),
        at("an argument"),
        at("next byte"),
    );
    let kept: Vec<&Sample> = samples.filter(|sample| sample.weight > 0.0).collect();
    let made: Vec<(Sample, f64)> = kept
        .iter()
        .filter(|sample| sample.features[quoted] > 0.5 && sample.features[operator] < 2.5)
        .enumerate()
        .map(|(number, sample)| {
            let mut made = Sample { ..**sample };
            let written = if number % 2 == 0 {
                Operator::Call
            } else {
                Operator::Comma
            };
            made.features[operator] = f32::from(written as u8);
            made.features[argument] = 1.0;
            made.features[next] = 3.0;
            (made, sample.weight * MADE)
        })
        .collect();
    let rows: Vec<Row<'_>> = kept
        .iter()
        .map(|sample| (*sample, sample.weight))
        .chain(made.iter().map(|(sample, weight)| (sample, *weight)))
        .map(|(sample, weight)| Row {
            features: &sample.features,
            truth: sample.truth,
            weight,
        })
        .collect();
    learn(&rows, GROWTH)
}

/// Prints the curves of the held-out scores, over all and by fold.
pub(crate) fn cross(corpus: &Corpus, findings: Option<&str>) -> anyhow::Result<()> {
    let folds = folds(corpus);
    let fold_of = |sample: &Sample| folds[corpus.repositories[sample.file]];
    let mut scores = vec![0.0; corpus.samples.len()];
    for fold in 0..FOLDS {
        let model = train(
            corpus
                .samples
                .iter()
                .filter(|sample| fold_of(sample) != fold),
        );
        for (score, sample) in scores.iter_mut().zip(&corpus.samples) {
            if fold_of(sample) == fold {
                *score = model.likely(&sample.features);
            }
        }
    }
    let positives = corpus.samples.iter().filter(|sample| sample.truth).count();
    println!(
        "{} candidates, {positives} of them true",
        corpus.samples.len()
    );
    println!("all candidates: score, precision, strict precision, recall, F1, strict F1");
    (2..20).for_each(|step| {
        print(
            step,
            tally(corpus, &scores, f64::from(step) / 20.0, |_| true),
        );
    });
    println!("without the doubtful, which never block");
    let firm: Vec<f64> = corpus
        .samples
        .iter()
        .zip(&scores)
        .map(|(sample, score)| if sample.doubtful { 0.0 } else { *score })
        .collect();
    (12..20).for_each(|step| print(step, tally(corpus, &firm, f64::from(step) / 20.0, |_| true)));
    let by_fold: Vec<f64> = (0..FOLDS)
        .map(|fold| {
            let part = tally(corpus, &scores, f64::from(WARN), |repository| {
                folds[repository] == fold
            });
            f1(part.precision(), part.recall())
        })
        .collect();
    let mean = by_fold.iter().sum::<f64>() / FOLDS as f64;
    let spread = (by_fold
        .iter()
        .map(|part| (part - mean).powi(2))
        .sum::<f64>()
        / (FOLDS - 1) as f64)
        .sqrt();
    println!("F1 by fold at {WARN}: {by_fold:.3?}, mean {mean:.3}, standard deviation {spread:.3}");
    if let Some(path) = findings {
        let mut text = String::new();
        for (sample, score) in corpus.samples.iter().zip(&scores) {
            writeln!(
                text,
                r#"{{"path":"{}","line":{},"end_line":{},"score":{score:.4},"truth":{},"weight":{},"doubtful":{}}}"#,
                corpus.files[sample.file].replace('"', "\\\""),
                sample.line,
                sample.last_line,
                sample.truth,
                sample.weight,
                sample.doubtful
            )?;
        }
        fs::write(path, text)?;
    }
    Ok(())
}

fn print(step: u32, all: Tally) {
    println!(
        "  {:.2}  {:.3}  {:.3}  {:.3}  {:.3}  {:.3}   hit {} wrong {} missed {} unlabelled {}",
        f64::from(step) / 20.0,
        all.precision(),
        all.strict(),
        all.recall(),
        f1(all.precision(), all.recall()),
        f1(all.strict(), all.recall()),
        all.hit,
        all.wrong,
        all.missed,
        all.unlabelled
    );
}

/// Returns the trees of all of the corpus, with the thresholds.
pub(crate) fn fit(corpus: &Corpus) -> Vec<u8> {
    let model = train(corpus.samples.iter());
    let mut uses: Vec<(usize, &str)> = model
        .uses()
        .into_iter()
        .zip(NAMES.iter().copied())
        .collect();
    uses.sort_by_key(|entry| std::cmp::Reverse(entry.0));
    for (splits, name) in uses {
        println!("{splits:5} {name}");
    }
    model.bytes(WARN, BLOCK)
}

fn tally(corpus: &Corpus, scores: &[f64], least: f64, counts: impl Fn(usize) -> bool) -> Tally {
    let (mut hit, mut wrong, mut unlabelled) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    for (sample, &score) in corpus.samples.iter().zip(scores) {
        if score < least || !counts(corpus.repositories[sample.file]) {
            continue;
        }
        let on: Vec<(usize, &crate::corpus::Unit)> = corpus.units[sample.file]
            .iter()
            .enumerate()
            .filter(|(_, unit)| unit.first <= sample.last_line && sample.line <= unit.last)
            .collect();
        let scored: Vec<_> = on.iter().filter(|(_, unit)| !unit.is_noise).collect();
        if scored.iter().any(|(_, unit)| unit.is_true) {
            hit.extend(
                scored
                    .iter()
                    .filter(|(_, unit)| unit.is_true)
                    .map(|(at, _)| (sample.file, *at)),
            );
        } else if !scored.is_empty() {
            wrong.extend(scored.iter().map(|(at, _)| (sample.file, *at)));
        } else if on.is_empty() {
            unlabelled.insert((sample.file, sample.line));
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
