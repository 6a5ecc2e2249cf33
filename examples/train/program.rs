//! What the whole program makes of held-out scores: the rules of tokens beside them, and the levels that places leave.

use std::fs;
use std::path::Path;

use bstr::BStr;
use guard::blob::Regions;
use guard::detect::{Engine, Maker, What};
use guard::policy::place::{self, Place};
use guard::policy::secret_level;
use guard::rule::{Kind, Level, Rules};
use guard::span::Span;
use rayon::prelude::*;

use crate::chance;
use crate::corpus::{Corpus, Lines};
use crate::curve::thresholds;
use crate::tally::{Found, Tally, spread};

/// What a rule that the judge has no part in finds.
struct Token {
    found: Found,
    span: Span,
    level: Level,
    chosen: bool,
    /// The rule knows the value by a form of its own, so the judge is not asked.
    decides: bool,
}

/// What is said of some lines, and where they stand.
struct Said {
    found: Found,
    level: Level,
    chosen: bool,
    place: Place,
}

/// Prints what blocks and what is found at all, as judged and as places leave it.
pub(crate) fn print(corpus: &Corpus, scores: &[f64], folds: &[usize], root: &Path) {
    let places: Vec<Place> = corpus
        .files
        .iter()
        .map(|path| place::of(BStr::new(path.as_str())))
        .collect();
    let tokens = tokens(corpus, root);
    let misnamed = misnamed(corpus, root);
    let mut said: Vec<Said> = tokens
        .iter()
        .map(|token| Said {
            found: token.found,
            level: token.level,
            chosen: token.chosen,
            place: places[token.found.file],
        })
        .collect();
    for ((sample, &score), &misnamed) in corpus.samples.iter().zip(scores).zip(&misnamed) {
        let decided = tokens.iter().any(|token| {
            token.decides && token.found.file == sample.file && token.span.overlaps(sample.span)
        });
        if let Some(level) = thresholds().level(score as f32, sample.make)
            && !decided
        {
            said.push(Said {
                found: Found {
                    file: sample.file,
                    line: sample.line,
                    last_line: sample.last_line,
                },
                level: if misnamed {
                    level.min(Level::Warn)
                } else {
                    level
                },
                chosen: sample.make.maker() == Maker::Person,
                place: places[sample.file],
            });
        }
    }
    let tally = |counts: &dyn Fn(usize) -> bool, holds: &dyn Fn(&Said) -> bool| {
        Tally::of(
            corpus,
            said.iter()
                .filter(|said| holds(said))
                .map(|said| said.found),
            counts,
        )
    };
    let left = |said: &Said| secret_level(said.level, said.chosen, said.place);
    println!("the whole program: precision, strict precision, recall, F1, strict F1");
    tally(&|_| true, &|_| true).print("warn and block");
    tally(&|_| true, &|said| said.level == Level::Block).print("block, as judged");
    tally(&|_| true, &|said| left(said) == Level::Block).print("block, as places leave it");
    for (name, kinds) in PLACES {
        let files: Vec<bool> = places.iter().map(|place| kinds.contains(place)).collect();
        let here = |said: &Said| files[said.found.file];
        let trues = corpus
            .units
            .iter()
            .zip(&files)
            .filter(|(_, here)| **here)
            .flat_map(|(units, _)| units);
        let trues = trues.filter(|unit| unit.is_true && !unit.is_noise).count();
        println!("  {name}: {trues} true");
        tally(&|_| true, &|said| here(said)).print("    warn and block");
        tally(&|_| true, &|said| here(said) && said.level == Level::Block)
            .print("    block, as judged");
        tally(&|_| true, &|said| here(said) && left(said) == Level::Block)
            .print("    block, as places leave it");
    }
    let blocks = |said: &Said| left(said) == Level::Block;
    spreads(&tally, folds, &blocks);
    let places = |holds: &dyn Fn(&Said) -> bool| -> Vec<Found> {
        let held = said.iter().filter(|said| holds(said));
        held.map(|said| said.found).collect()
    };
    chance::print(corpus, "warn and block", &places(&|_| true), 0.87, 0.70);
    chance::print(corpus, "block", &places(&blocks), 0.97, 0.35);
}

/// Counts what holds in the repositories that count.
type Counting<'t> = &'t dyn Fn(&dyn Fn(usize) -> bool, &dyn Fn(&Said) -> bool) -> Tally;

/// Prints what the folds give each, with mean and spread.
fn spreads(tally: Counting<'_>, folds: &[usize], blocks: &dyn Fn(&Said) -> bool) {
    let by_fold = |holds: &dyn Fn(&Said) -> bool, value: fn(Tally) -> f64| -> Vec<f64> {
        (0..=*folds.iter().max().unwrap_or(&0))
            .map(|fold| value(tally(&|repository| folds[repository] == fold, holds)))
            .collect()
    };
    for (name, parts) in [
        ("F1, warn and block", by_fold(&|_| true, Tally::f1)),
        (
            "precision, warn and block",
            by_fold(&|_| true, Tally::precision),
        ),
        (
            "strict F1, warn and block",
            by_fold(&|_| true, Tally::strict_f1),
        ),
        ("precision, block", by_fold(blocks, Tally::precision)),
        ("strict precision, block", by_fold(blocks, Tally::strict)),
        ("recall, block", by_fold(blocks, Tally::recall)),
    ] {
        let (mean, deviation) = spread(&parts);
        println!(
            "  by fold, {name}: {parts:.3?}, mean {mean:.3}, standard deviation {deviation:.3}"
        );
    }
}

/// Tells of each candidate whether it is named after a provider none of whose values look like it.
fn misnamed(corpus: &Corpus, root: &Path) -> Vec<bool> {
    let engine = Engine::new(Rules::builtin());
    let mut file = (usize::MAX, Vec::new());
    corpus
        .samples
        .iter()
        .map(|sample| {
            if file.0 != sample.file {
                let path = root.join(&corpus.files[sample.file]);
                file = (sample.file, fs::read(path).unwrap_or_default());
            }
            engine.misnamed(&file.1, sample.kind, sample.span).is_some()
        })
        .collect()
}

const PLACES: [(&str, &[Place]); 4] = [
    (
        "production, unmarked, development",
        &[
            Place::Production,
            Place::Unmarked,
            Place::Base,
            Place::Development,
        ],
    ),
    ("tests", &[Place::Test]),
    ("documents", &[Place::Docs]),
    ("samples", &[Place::Sample]),
];

fn tokens(corpus: &Corpus, root: &Path) -> Vec<Token> {
    let mut rules = Rules::builtin();
    let judged: Vec<_> = rules
        .indexes()
        .filter(|&index| rules.get(index).check.as_deref() == Some("assign"))
        .collect();
    for index in judged {
        rules.set_level(index, Level::Off);
    }
    let engine = Engine::new(rules);
    corpus
        .files
        .par_iter()
        .enumerate()
        .flat_map_iter(|(file, path)| {
            let bytes = fs::read(root.join(path)).unwrap_or_default();
            let lines = Lines::of(&bytes);
            let found = engine.scan(&bytes, &Regions::Whole, Some(BStr::new(path.as_str())));
            let tokens: Vec<Token> = found
                .iter()
                .filter(|found| engine.rules().kind(found.rule) == Kind::Secret)
                .map(|found| {
                    let rule = engine.rules().get(found.rule);
                    let chosen = matches!(
                        found.what,
                        What::Secret {
                            maker: Maker::Person,
                            ..
                        }
                    );
                    Token {
                        found: Found {
                            file,
                            line: lines.number(found.span.start),
                            last_line: lines.number(found.span.end.saturating_sub(1)),
                        },
                        span: found.span,
                        level: found.level,
                        chosen,
                        decides: rule.regex.is_some() && !rule.chosen,
                    }
                })
                .collect();
            tokens
        })
        .collect()
}
