//! The judge: a sum of small decision trees over the features, trained by `examples/train.rs`.
//!
//! `patterns/data/judge.bin` is read in place. It starts with the bias, the thresholds and the number of trees
//! (four bytes each, little-endian); then the number of nodes of each tree (two bytes), then the nodes, twelve
//! bytes each: feature, right child (two bytes each, a leaf has feature 65535), threshold, value (four bytes each).

use super::feature::COUNT;

static DATA: &[u8] = include_bytes!("../../../patterns/data/judge.bin");

const HEAD: usize = 16;
const NODE: usize = 12;

/// What the judge says of a candidate.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Score {
    /// How likely the value is a secret, 0 to 1.
    pub likely: f32,
    /// The features that decided most, each with what it added.
    pub because: [(usize, f32); 3],
}

/// Returns how likely the candidate with these features is a secret.
pub fn judge(features: &[f32; COUNT]) -> Score {
    let mut sum = float(0);
    let mut parts = [0.0f32; COUNT];
    let trees = word(12);
    let mut base = HEAD + trees * 2;
    for tree in 0..trees {
        let nodes = short(HEAD + tree * 2);
        let mut node = 0;
        loop {
            let at = base + node * NODE;
            let feature = short(at);
            if feature >= COUNT {
                sum += float(at + 8);
                break;
            }
            let next = if features[feature] <= float(at + 4) {
                node + 1
            } else {
                short(at + 2)
            };
            parts[feature] += float(base + next * NODE + 8) - float(at + 8);
            node = next;
        }
        base += nodes * NODE;
    }
    let mut because = [(0, 0.0f32); 3];
    for (feature, &part) in parts.iter().enumerate() {
        if part.abs() > because[2].1.abs() {
            because[2] = (feature, part);
            because.sort_by(|a, b| b.1.abs().total_cmp(&a.1.abs()));
        }
    }
    Score {
        likely: 1.0 / (1.0 + (-sum).exp()),
        because,
    }
}

/// Returns the score from which a candidate is a warning, and from which it blocks.
pub(super) fn thresholds() -> (f32, f32) {
    (float(4), float(8))
}

fn float(at: usize) -> f32 {
    f32::from_bits(u32::from_le_bytes([
        DATA[at],
        DATA[at + 1],
        DATA[at + 2],
        DATA[at + 3],
    ]))
}

fn word(at: usize) -> usize {
    float(at).to_bits() as usize
}

fn short(at: usize) -> usize {
    usize::from(u16::from_le_bytes([DATA[at], DATA[at + 1]]))
}
