//! The judge: a sum of small decision trees over the features, trained by `examples/train.rs`.
//!
//! `patterns/data/judge.bin` is read in place. It starts with the bias, the three thresholds and the number of
//! trees (four bytes each, little-endian); then the number of nodes of each tree (two bytes), then the nodes, twelve
//! bytes each: feature, right child (two bytes each, a leaf has feature 65535), threshold, value (four bytes each).

use super::feature::COUNT;
use super::generated::Make;
use crate::rule::Level;

const DATA: &[u8] = include_bytes!("../../../patterns/data/judge.bin");

const HEAD: usize = 20;
const NODE: usize = 12;
const TREES: usize = word(16) as usize;
/// The nodes of all trees, and where each tree starts: a walk takes a few hundred steps.
static NODES: [Node; (DATA.len() - HEAD - 2 * TREES) / NODE] = nodes();
static ROOTS: [u16; TREES] = roots();

/// A split, or a leaf, whose feature is none.
#[derive(Clone, Copy)]
struct Node {
    feature: u16,
    right: u16,
    threshold: f32,
    value: f32,
}

/// After this many trees a candidate whose sum is at most `NONE` is clearly none: the rest would not lift it.
const CLEAR: usize = 70;
const NONE: f32 = -3.5;

/// Returns how likely the candidate with these features is a secret, 0 to 1.
pub fn judge(features: &[f32; COUNT]) -> f32 {
    let mut sum = float(0);
    walk(
        features,
        |_, _, _| {},
        |tree, leaf| {
            sum += leaf;
            tree != CLEAR || sum > NONE
        },
    );
    1.0 / (1.0 + (-sum).exp())
}

/// Returns the features that decided most, each with what it added: the change of the expected value at each split.
pub(super) fn because(features: &[f32; COUNT]) -> [(usize, f32); 3] {
    let mut parts = [0.0f32; COUNT];
    walk(
        features,
        |feature, before, after| parts[feature] += after - before,
        |_, _| true,
    );
    let mut because = [(0, 0.0f32); 3];
    for (feature, &part) in parts.iter().enumerate() {
        if part.abs() > because[2].1.abs() {
            because[2] = (feature, part);
            because.sort_by(|a, b| b.1.abs().total_cmp(&a.1.abs()));
        }
    }
    because
}

/// Walks down every tree, telling of each split the feature and the values before and after, and of each leaf
/// the tree and the value. Ends when `leaf` says no.
fn walk(
    features: &[f32; COUNT],
    mut split: impl FnMut(usize, f32, f32),
    mut leaf: impl FnMut(usize, f32) -> bool,
) {
    for (tree, &root) in ROOTS.iter().enumerate() {
        let root = usize::from(root);
        let mut at = root;
        loop {
            let node = &NODES[at];
            let Some(&feature) = features.get(usize::from(node.feature)) else {
                if !leaf(tree, node.value) {
                    return;
                }
                break;
            };
            let right = root + usize::from(node.right);
            let next = if feature <= node.threshold {
                at + 1
            } else {
                right
            };
            split(usize::from(node.feature), node.value, NODES[next].value);
            at = next;
        }
    }
}

/// The scores that decide the level.
#[derive(Debug, Clone, Copy)]
pub struct Thresholds {
    /// From here a candidate is a warning.
    pub warn: f32,
    /// From here it blocks.
    pub block: f32,
    /// From here it blocks where a program made the value; halfway to the other where the value is short.
    pub block_generated: f32,
}

impl Thresholds {
    /// Returns those that were chosen when the trees were trained.
    pub(super) fn trained() -> Self {
        Thresholds {
            warn: float(4),
            block: float(8),
            block_generated: float(12),
        }
    }

    /// Returns the score below which nothing is said.
    pub(super) fn least(self) -> f32 {
        self.warn.min(self.block_generated)
    }

    /// Returns the level of a candidate.
    pub fn level(self, likely: f32, make: Make) -> Option<Level> {
        let block = match make {
            Make::Doubtful => f32::INFINITY,
            Make::Chosen => self.block,
            Make::Drawn => f32::midpoint(self.block, self.block_generated),
            Make::Generated => self.block_generated.min(self.block),
        };
        match likely {
            _ if likely >= block => Some(Level::Block),
            _ if likely >= self.warn => Some(Level::Warn),
            _ => None,
        }
    }
}

#[allow(
    clippy::large_stack_arrays,
    reason = "nothing of it is left when the program runs"
)]
const fn nodes() -> [Node; (DATA.len() - HEAD - 2 * TREES) / NODE] {
    let leaf = Node {
        feature: u16::MAX,
        right: 0,
        threshold: 0.0,
        value: 0.0,
    };
    let mut nodes = [leaf; (DATA.len() - HEAD - 2 * TREES) / NODE];
    let mut number = 0;
    while number < nodes.len() {
        let at = HEAD + 2 * TREES + number * NODE;
        nodes[number] = Node {
            feature: short(at),
            right: short(at + 2),
            threshold: float(at + 4),
            value: float(at + 8),
        };
        number += 1;
    }
    nodes
}

const fn roots() -> [u16; TREES] {
    let mut roots = [0; TREES];
    let mut tree = 1;
    while tree < TREES {
        roots[tree] = roots[tree - 1] + short(HEAD + (tree - 1) * 2);
        tree += 1;
    }
    roots
}

const fn float(at: usize) -> f32 {
    f32::from_bits(word(at))
}

const fn word(at: usize) -> u32 {
    u32::from_le_bytes([DATA[at], DATA[at + 1], DATA[at + 2], DATA[at + 3]])
}

const fn short(at: usize) -> u16 {
    u16::from_le_bytes([DATA[at], DATA[at + 1]])
}
