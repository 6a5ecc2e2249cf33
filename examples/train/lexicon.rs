//! Word tables from public source code: which words many repositories use, and how letters follow each other.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fs;
use std::path::{Path, PathBuf};

use guard::detect::assign::{SLOTS, SYMBOLS, slot, symbol};
use rayon::prelude::*;

/// A word counts when at least so many repositories use it.
const REPOSITORIES: usize = 4;
/// The most words: half of the slots of the table.
const WORDS: usize = SLOTS / 2;

/// Returns the word table and the table of letter runs, as `words.bin` holds them.
pub(crate) fn tables(folders: &[&str]) -> anyhow::Result<Vec<u8>> {
    let mut repositories = Vec::new();
    for folder in folders {
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            if path.is_dir() {
                repositories.push(path);
            }
        }
    }
    repositories.sort();
    let counted: Vec<HashMap<Vec<u8>, u32>> =
        repositories.par_iter().map(|path| words_of(path)).collect();
    let mut used: BTreeMap<Vec<u8>, (usize, u64)> = BTreeMap::new();
    for words in &counted {
        for (word, count) in words {
            let entry = used.entry(word.clone()).or_default();
            entry.0 += 1;
            entry.1 += u64::from((*count).min(200));
        }
    }
    let mut common: Vec<(Vec<u8>, usize, u64)> = used
        .into_iter()
        .filter(|(word, (repositories, _))| {
            *repositories
                >= if word.len() == 3 {
                    REPOSITORIES * 3
                } else if word.len() == 4 {
                    REPOSITORIES * 2
                } else {
                    REPOSITORIES
                }
        })
        .map(|(word, (repositories, count))| (word, repositories, count))
        .collect();
    common.sort_by(|a, b| b.1.cmp(&a.1).then(b.2.cmp(&a.2)).then(a.0.cmp(&b.0)));
    common.truncate(WORDS);
    println!(
        "{} repositories, {} words, the rarest in {}",
        repositories.len(),
        common.len(),
        common.last().map_or(0, |word| word.1)
    );

    let mut table = vec![0u16; SLOTS];
    for (word, _, _) in &common {
        let (mut at, fingerprint) = slot(word);
        while table[at] != 0 && table[at] != fingerprint {
            at = (at + 1) % SLOTS;
        }
        table[at] = fingerprint;
    }
    let mut bytes: Vec<u8> = table.iter().flat_map(|slot| slot.to_le_bytes()).collect();
    bytes.extend(runs(&common));
    Ok(bytes)
}

/// Returns the cost of each symbol after two others, in sixteenths of a bit, capped at 255.
fn runs(words: &[(Vec<u8>, usize, u64)]) -> Vec<u8> {
    let mut counts = vec![0.0f64; SYMBOLS * SYMBOLS * SYMBOLS];
    for (word, repositories, _) in words {
        let weight = (*repositories as f64).ln_1p();
        let (mut before, mut last) = (0, 0);
        for here in word.iter().map(|&byte| symbol(byte)).chain([0]) {
            counts[(before * SYMBOLS + last) * SYMBOLS + here] += weight;
            (before, last) = (last, here);
        }
    }
    // A trigram that was not seen falls back on its last two symbols, and these on a flat guess.
    let mut pairs = vec![0.0f64; SYMBOLS * SYMBOLS];
    for (at, count) in counts.iter().enumerate() {
        pairs[at % (SYMBOLS * SYMBOLS)] += count;
    }
    let mut costs = Vec::with_capacity(counts.len());
    for before in 0..SYMBOLS {
        for last in 0..SYMBOLS {
            let row = &counts[(before * SYMBOLS + last) * SYMBOLS..][..SYMBOLS];
            let total: f64 = row.iter().sum();
            let pair = &pairs[last * SYMBOLS..][..SYMBOLS];
            let pair_total: f64 = pair.iter().sum();
            for here in 0..SYMBOLS {
                let flat = 1.0 / SYMBOLS as f64;
                let two = (pair[here] + 4.0 * flat) / (pair_total + 4.0);
                let three = (row[here] + 8.0 * two) / (total + 8.0);
                costs.push((-three.log2() * 16.0).round().clamp(0.0, 255.0) as u8);
            }
        }
    }
    costs
}

/// Counts the words of a repository's text files: runs of letters, split where small letters turn to capitals.
fn words_of(root: &Path) -> HashMap<Vec<u8>, u32> {
    let mut counts = HashMap::new();
    let mut files = Vec::new();
    gather(root, &mut files);
    files.sort();
    for file in files {
        let Ok(bytes) = fs::read(&file) else { continue };
        if bytes.len() > 400_000 || bytes.contains(&0) {
            continue;
        }
        // Each file gives each word once: a generated file must not outvote the rest.
        let mut seen = BTreeSet::new();
        for run in bytes.split(|byte| !byte.is_ascii_alphabetic()) {
            let mut start = 0;
            for at in 1..=run.len() {
                let ends = at == run.len()
                    || run[at].is_ascii_uppercase()
                        && (run[at - 1].is_ascii_lowercase()
                            || run.get(at + 1).is_some_and(u8::is_ascii_lowercase));
                if ends {
                    if (3..=14).contains(&(at - start)) {
                        seen.insert(run[start..at].to_ascii_lowercase());
                    }
                    start = at;
                }
            }
        }
        for word in seen {
            *counts.entry(word).or_insert(0) += 1;
        }
    }
    // Letters of base64 and hex make words by chance; twice in one repository they hardly do.
    counts.retain(|_, count| *count >= 2);
    counts
}

fn gather(folder: &Path, files: &mut Vec<PathBuf>) {
    let Ok(entries) = fs::read_dir(folder) else {
        return;
    };
    for entry in entries.flatten() {
        let path = entry.path();
        if path.is_dir() && !path.is_symlink() {
            gather(&path, files);
        } else if !path.is_symlink() {
            files.push(path);
        }
    }
}
