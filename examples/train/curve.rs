//! Cross-validation over repositories, the curves of precision and recall, and the thresholds chosen from them.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use guard::detect::assign::{Make, NAMES, Operator, Thresholds};

use crate::boost::{Growth, Model, Row, learn};
use crate::corpus::{Corpus, Sample};
use crate::program;
use crate::tally::{Found, Tally};

const GROWTH: Growth = Growth {
    trees: 240,
    leaves: 16,
    rate: 0.07,
    ridge: 4.0,
    least: 6.0,
    features: 0.5,
};
const FOLDS: usize = 6;

/// From which score on a candidate is a warning, and from which it blocks: chosen from the curves of `cross`.
pub(crate) fn thresholds() -> Thresholds {
    Thresholds {
        warn: 0.50,
        block: 0.90,
        block_generated: 0.40,
    }
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
pub(crate) fn cross(corpus: &Corpus, root: &Path, findings: Option<&str>) -> anyhow::Result<()> {
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
    let curve = |name: &str, from: u32, counts: &dyn Fn(Make) -> bool| {
        println!("{name}: score, precision, strict precision, recall, F1, strict F1");
        let held: Vec<f64> = corpus
            .samples
            .iter()
            .zip(&scores)
            .map(|(sample, score)| if counts(sample.make) { *score } else { -1.0 })
            .collect();
        for step in from..20 {
            let least = f64::from(step) / 20.0;
            at(corpus, &held, least).print(&format!("{least:.2}"));
        }
    };
    curve("the judge alone", 2, &|_| true);
    curve("chosen", 12, &|make| make == Make::Chosen);
    curve("drawn", 12, &|make| make == Make::Drawn);
    curve("generated", 6, &|make| make == Make::Generated);
    program::print(corpus, &scores, &folds, root);
    if let Some(path) = findings {
        let mut text = String::new();
        for (sample, score) in corpus.samples.iter().zip(&scores) {
            writeln!(
                text,
                r#"{{"path":"{}","line":{},"end_line":{},"score":{score:.4},"truth":{},"weight":{},"make":"{:?}","start":{},"end":{},"features":{:?}}}"#,
                corpus.files[sample.file].replace('"', "\\\""),
                sample.line,
                sample.last_line,
                sample.truth,
                sample.weight,
                sample.make,
                sample.span.start,
                sample.span.end,
                sample.features,
            )?;
        }
        fs::write(path, text)?;
    }
    Ok(())
}

fn at(corpus: &Corpus, scores: &[f64], least: f64) -> Tally {
    let found = corpus.samples.iter().zip(scores);
    let found = found
        .filter(|&(_, &score)| score >= least)
        .map(|(sample, _)| Found {
            file: sample.file,
            line: sample.line,
            last_line: sample.last_line,
        });
    Tally::of(corpus, found, |_| true)
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
    model.bytes(thresholds())
}
