//! The labelled corpus: its candidates, each with what the labels say of its line and value.

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::path::Path;

use aho_corasick::AhoCorasick;
use bstr::{BStr, ByteSlice as _};
use guard::blob::Regions;
use guard::detect::assign::{COUNT, Candidate, Kind, Make, candidates};
use guard::span::Span;
use rayon::prelude::*;

/// Categories of labels that are identifiers, not secrets.
const NOISE: [&str; 5] = [
    "UUID",
    "Other",
    "AWS S3 Bucket",
    "Firebase Domain",
    "Tencent WeChat API App ID",
];

/// A row of the labels.
#[derive(serde::Deserialize)]
struct Label {
    path: String,
    line_start: usize,
    line_end: usize,
    value_start: i64,
    value_end: i64,
    truth: String,
    category: String,
}

/// A labelled run of lines.
pub(crate) struct Unit {
    pub(crate) first: usize,
    pub(crate) last: usize,
    pub(crate) is_true: bool,
    pub(crate) is_noise: bool,
}

/// A candidate of the corpus.
pub(crate) struct Sample {
    pub(crate) file: usize,
    pub(crate) line: usize,
    pub(crate) last_line: usize,
    /// The value.
    pub(crate) span: Span,
    pub(crate) features: [f32; COUNT],
    pub(crate) make: Make,
    /// What kind of credential it would be.
    pub(crate) kind: Kind,
    /// Whether it is a secret, and how much that counts in training; 0 where the labels leave it open.
    pub(crate) truth: bool,
    pub(crate) weight: f64,
}

/// The corpus.
pub(crate) struct Corpus {
    pub(crate) files: Vec<String>,
    pub(crate) repositories: Vec<usize>,
    pub(crate) names: Vec<String>,
    pub(crate) units: Vec<Vec<Unit>>,
    pub(crate) samples: Vec<Sample>,
}

/// Reads the labels and the files they name.
pub(crate) fn read(root: &Path) -> anyhow::Result<Corpus> {
    let mut rows: BTreeMap<String, Vec<Label>> = BTreeMap::new();
    for line in fs::read_to_string(root.join("labels.jsonl"))?.lines() {
        let label: Label = serde_json::from_str(line)?;
        rows.entry(label.path.clone()).or_default().push(label);
    }
    let keywords = keywords()?;
    let mut corpus = Corpus {
        files: Vec::new(),
        repositories: Vec::new(),
        names: Vec::new(),
        units: Vec::new(),
        samples: Vec::new(),
    };
    let mut names: HashMap<String, usize> = HashMap::new();
    for path in rows.keys() {
        let name = path.split('/').next().unwrap_or_default().to_owned();
        let next = names.len();
        let repository = *names.entry(name.clone()).or_insert(next);
        if repository == next {
            corpus.names.push(name);
        }
        corpus.repositories.push(repository);
        corpus.files.push(path.clone());
    }
    let all: Vec<(&String, &Vec<Label>)> = rows.iter().collect();
    let read: Vec<(Vec<Unit>, Vec<Sample>)> = all
        .par_iter()
        .enumerate()
        .map(|(file, (path, labels))| {
            let bytes = fs::read(root.join(path)).unwrap_or_default();
            (
                units(labels),
                samples(file, path, &bytes, labels, &keywords),
            )
        })
        .collect();
    for (units, samples) in read {
        corpus.units.push(units);
        corpus.samples.extend(samples);
    }
    Ok(corpus)
}

/// Returns the key words of the rules that the judge decides.
pub(crate) fn keywords() -> anyhow::Result<AhoCorasick> {
    let records: toml::Table =
        toml::from_str(&fs::read_to_string("patterns/secret/generic.toml")?)?;
    let mut keywords = Vec::new();
    for rule in records["rule"].as_array().into_iter().flatten() {
        if rule.get("check").and_then(toml::Value::as_str) == Some("assign") {
            keywords.extend(
                rule["keywords"]
                    .as_array()
                    .into_iter()
                    .flatten()
                    .filter_map(toml::Value::as_str)
                    .map(str::to_owned),
            );
        }
    }
    Ok(AhoCorasick::builder()
        .ascii_case_insensitive(true)
        .build(keywords)?)
}

/// Returns the candidates of a text.
pub(crate) fn find(
    bytes: &[u8],
    path: &str,
    keywords: &AhoCorasick,
    sink: &mut dyn FnMut(Candidate),
) {
    let mut hits: Vec<Span> = keywords
        .find_overlapping_iter(bytes)
        .map(|found| Span::new(found.start(), found.end()))
        .collect();
    hits.sort_unstable();
    candidates(
        bytes,
        &Regions::Whole,
        Some(BStr::new(path.as_bytes())),
        &hits,
        sink,
    );
}

fn units(labels: &[Label]) -> Vec<Unit> {
    let mut units: BTreeMap<(usize, usize), Vec<&Label>> = BTreeMap::new();
    for label in labels {
        units
            .entry((label.line_start, label.line_end))
            .or_default()
            .push(label);
    }
    units
        .into_iter()
        .map(|((first, last), labels)| {
            let is_true = labels.iter().any(|label| label.truth == "T");
            let is_noise = labels
                .iter()
                .filter(|label| !is_true || label.truth == "T")
                .all(|label| {
                    label
                        .category
                        .split(':')
                        .all(|category| NOISE.contains(&category))
                });
            Unit {
                first,
                last,
                is_true,
                is_noise,
            }
        })
        .collect()
}

fn samples(
    file: usize,
    path: &str,
    bytes: &[u8],
    labels: &[Label],
    keywords: &AhoCorasick,
) -> Vec<Sample> {
    let lines = Lines::of(bytes);
    let mut samples = Vec::new();
    find(bytes, path, keywords, &mut |candidate| {
        let span = candidate.assignment.value;
        let line = lines.number(span.start);
        let (truth, weight) = verdict(labels, line, lines.columns(bytes, span));
        samples.push(Sample {
            file,
            line,
            last_line: lines.number(span.end.saturating_sub(1)),
            span,
            features: candidate.features,
            make: candidate.make(bytes),
            kind: candidate.kind,
            truth,
            weight,
        });
    });
    samples
}

/// Returns what the labels say of a value on a line, and how much that counts.
fn verdict(labels: &[Label], line: usize, columns: (i64, i64)) -> (bool, f64) {
    let on_line: Vec<&Label> = labels
        .iter()
        .filter(|label| label.line_start <= line && line <= label.line_end)
        .collect();
    if on_line.is_empty() {
        return (false, 0.7);
    }
    let trues: Vec<&&Label> = on_line.iter().filter(|label| label.truth == "T").collect();
    if trues.is_empty() {
        return (false, 1.0);
    }
    let noise = |label: &Label| {
        label
            .category
            .split(':')
            .all(|category| NOISE.contains(&category))
    };
    let here = |label: &Label| {
        label.value_start < 0
            || label.value_start < columns.1 && (label.value_end < 0 || label.value_end > columns.0)
    };
    let hit: Vec<_> = trues.iter().filter(|label| here(label)).collect();
    if hit.iter().any(|label| !noise(label)) {
        (true, 1.0)
    } else {
        (false, 0.0)
    }
}

/// Where the lines of a text start: at a line feed, or at a carriage return without one.
pub(crate) struct Lines(Vec<usize>);

impl Lines {
    pub(crate) fn of(bytes: &[u8]) -> Self {
        let mut starts = vec![0];
        for (at, &byte) in bytes.iter().enumerate() {
            if byte == b'\n' || byte == b'\r' && bytes.get(at + 1) != Some(&b'\n') {
                starts.push(at + 1);
            }
        }
        Lines(starts)
    }

    pub(crate) fn number(&self, offset: usize) -> usize {
        self.0.partition_point(|&start| start <= offset)
    }

    fn columns(&self, bytes: &[u8], span: Span) -> (i64, i64) {
        let start = self.0[self.number(span.start) - 1];
        let column = |end: usize| bytes[start..end].chars().count() as i64;
        (column(span.start), column(span.end))
    }
}
