//! Gradient-boosted trees for a yes-or-no question, with histograms; the same input gives the same trees.

use guard::detect::assign::{COUNT, Thresholds};
use rayon::prelude::*;

/// How the trees are grown.
#[derive(Clone, Copy)]
pub(crate) struct Growth {
    pub(crate) trees: usize,
    pub(crate) leaves: usize,
    pub(crate) rate: f64,
    pub(crate) ridge: f64,
    /// The least sum of weights in a leaf.
    pub(crate) least: f64,
    /// The share of the features that each tree may use.
    pub(crate) features: f64,
}

/// A row to learn from.
#[derive(Clone, Copy)]
pub(crate) struct Row<'s> {
    pub(crate) features: &'s [f32; COUNT],
    pub(crate) truth: bool,
    pub(crate) weight: f64,
}

#[derive(Clone)]
struct Node {
    feature: usize,
    threshold: f32,
    left: usize,
    right: usize,
    value: f64,
}

/// A trained model.
pub(crate) struct Model {
    bias: f64,
    trees: Vec<Vec<Node>>,
}

const LEAF: usize = u16::MAX as usize;
const BINS: usize = 64;

/// The edges of the bins of each feature, and each row's bins.
struct Binned {
    edges: Vec<Vec<f32>>,
    bins: Vec<[u8; COUNT]>,
}

impl Binned {
    fn of(rows: &[Row<'_>]) -> Self {
        let edges: Vec<Vec<f32>> = (0..COUNT)
            .into_par_iter()
            .map(|feature| {
                let mut values: Vec<f32> = rows.iter().map(|row| row.features[feature]).collect();
                values.sort_by(f32::total_cmp);
                let mut distinct = values.clone();
                distinct.dedup();
                let mut edges: Vec<f32> = if distinct.len() <= BINS {
                    distinct
                        .windows(2)
                        .map(|pair| f32::midpoint(pair[0], pair[1]))
                        .collect()
                } else {
                    (1..BINS)
                        .map(|part| values[values.len() * part / BINS])
                        .collect()
                };
                edges.dedup();
                edges
            })
            .collect();
        let bins = rows
            .par_iter()
            .map(|row| {
                std::array::from_fn(|feature| {
                    edges[feature].partition_point(|&edge| edge < row.features[feature]) as u8
                })
            })
            .collect();
        Binned { edges, bins }
    }
}

/// A leaf that may be split: its rows and the best split.
struct Open {
    node: usize,
    rows: Vec<u32>,
    gain: f64,
    feature: usize,
    bin: usize,
}

/// Learns from the rows.
pub(crate) fn learn(rows: &[Row<'_>], growth: Growth) -> Model {
    let binned = Binned::of(rows);
    let total: f64 = rows.iter().map(|row| row.weight).sum();
    let positive: f64 = rows
        .iter()
        .filter(|row| row.truth)
        .map(|row| row.weight)
        .sum();
    let bias = (positive / (total - positive)).ln();
    let mut sums = vec![bias; rows.len()];
    let mut model = Model {
        bias,
        trees: Vec::new(),
    };
    let mut random = 0x2545_f491_4f6c_dd1d_u64;
    for _ in 0..growth.trees {
        let gradients: Vec<(f64, f64)> = rows
            .iter()
            .zip(&sums)
            .map(|(row, sum)| {
                let likely = 1.0 / (1.0 + (-sum).exp());
                (
                    row.weight * (f64::from(u8::from(row.truth)) - likely),
                    row.weight * (likely * (1.0 - likely)).max(1e-6),
                )
            })
            .collect();
        let allowed: Vec<bool> = (0..COUNT)
            .map(|_| {
                random ^= random << 13;
                random ^= random >> 7;
                random ^= random << 17;
                (random >> 11) as f64 / (1u64 << 53) as f64 <= growth.features
            })
            .collect();
        let tree = grow(&binned, rows, &gradients, &allowed, growth);
        for (row, sum) in rows.iter().zip(&mut sums) {
            *sum += value(&tree, row.features);
        }
        model.trees.push(tree);
    }
    model
}

fn grow(
    binned: &Binned,
    rows: &[Row<'_>],
    gradients: &[(f64, f64)],
    allowed: &[bool],
    growth: Growth,
) -> Vec<Node> {
    let leaf = |members: &[u32]| {
        let (gradient, hessian) = members.iter().fold((0.0, 0.0), |sum, &row| {
            (
                sum.0 + gradients[row as usize].0,
                sum.1 + gradients[row as usize].1,
            )
        });
        Node {
            feature: LEAF,
            threshold: 0.0,
            left: 0,
            right: 0,
            value: growth.rate * gradient / (hessian + growth.ridge),
        }
    };
    let members: Vec<u32> = (0..rows.len() as u32)
        .filter(|&row| rows[row as usize].weight > 0.0)
        .collect();
    let mut nodes = vec![leaf(&members)];
    let mut open = vec![split(binned, rows, gradients, allowed, growth, 0, members)];
    while open.len() < growth.leaves {
        let Some(best) = (0..open.len()).max_by(|&a, &b| open[a].gain.total_cmp(&open[b].gain))
        else {
            break;
        };
        if open[best].gain <= 1e-9 {
            break;
        }
        let chosen = open.swap_remove(best);
        let (left, right): (Vec<u32>, Vec<u32>) = chosen.rows.iter().partition(|&&row| {
            usize::from(binned.bins[row as usize][chosen.feature]) <= chosen.bin
        });
        let at = nodes.len();
        nodes.push(leaf(&left));
        nodes.push(leaf(&right));
        nodes[chosen.node] = Node {
            feature: chosen.feature,
            threshold: binned.edges[chosen.feature][chosen.bin],
            left: at,
            right: at + 1,
            value: nodes[chosen.node].value,
        };
        open.push(split(binned, rows, gradients, allowed, growth, at, left));
        open.push(split(
            binned,
            rows,
            gradients,
            allowed,
            growth,
            at + 1,
            right,
        ));
    }
    nodes
}

fn split(
    binned: &Binned,
    rows: &[Row<'_>],
    gradients: &[(f64, f64)],
    allowed: &[bool],
    growth: Growth,
    node: usize,
    members: Vec<u32>,
) -> Open {
    let best = (0..COUNT)
        .into_par_iter()
        .filter(|&feature| allowed[feature] && !binned.edges[feature].is_empty())
        .map(|feature| {
            let mut bins = [(0.0f64, 0.0f64, 0.0f64); BINS + 1];
            let mut all = (0.0, 0.0, 0.0);
            for &row in &members {
                let (gradient, hessian) = gradients[row as usize];
                let weight = rows[row as usize].weight;
                let bin = &mut bins[usize::from(binned.bins[row as usize][feature])];
                *bin = (bin.0 + gradient, bin.1 + hessian, bin.2 + weight);
                all = (all.0 + gradient, all.1 + hessian, all.2 + weight);
            }
            let score =
                |gradient: f64, hessian: f64| gradient * gradient / (hessian + growth.ridge);
            let mut left = (0.0, 0.0, 0.0);
            let mut best = (0.0, 0);
            for (bin, part) in bins.iter().enumerate().take(binned.edges[feature].len()) {
                left = (left.0 + part.0, left.1 + part.1, left.2 + part.2);
                if left.2 < growth.least || all.2 - left.2 < growth.least {
                    continue;
                }
                let gain = score(left.0, left.1) + score(all.0 - left.0, all.1 - left.1)
                    - score(all.0, all.1);
                if gain > best.0 {
                    best = (gain, bin);
                }
            }
            (best.0, feature, best.1)
        })
        .collect::<Vec<_>>()
        .into_iter()
        .fold(
            (0.0, 0, 0),
            |best, next| if next.0 > best.0 { next } else { best },
        );
    Open {
        node,
        rows: members,
        gain: best.0,
        feature: best.1,
        bin: best.2,
    }
}

fn value(tree: &[Node], features: &[f32; COUNT]) -> f64 {
    let mut at = 0;
    while tree[at].feature != LEAF {
        at = if features[tree[at].feature] <= tree[at].threshold {
            tree[at].left
        } else {
            tree[at].right
        };
    }
    tree[at].value
}

impl Model {
    /// Returns how likely the features are those of a secret.
    pub(crate) fn likely(&self, features: &[f32; COUNT]) -> f64 {
        let sum: f64 = self.bias
            + self
                .trees
                .iter()
                .map(|tree| value(tree, features))
                .sum::<f64>();
        1.0 / (1.0 + (-sum).exp())
    }

    /// Returns how much each feature gained, as the number of splits that use it.
    pub(crate) fn uses(&self) -> Vec<usize> {
        let mut uses = vec![0; COUNT];
        for node in self
            .trees
            .iter()
            .flatten()
            .filter(|node| node.feature != LEAF)
        {
            uses[node.feature] += 1;
        }
        uses
    }

    /// Returns the bytes of `judge.bin`.
    pub(crate) fn bytes(&self, thresholds: Thresholds) -> Vec<u8> {
        let mut bytes = Vec::new();
        let Thresholds {
            warn,
            block,
            block_generated,
        } = thresholds;
        for number in [self.bias as f32, warn, block, block_generated] {
            bytes.extend(number.to_le_bytes());
        }
        bytes.extend((self.trees.len() as u32).to_le_bytes());
        let trees: Vec<Vec<&Node>> = self.trees.iter().map(|tree| preorder(tree)).collect();
        for tree in &self.trees {
            bytes.extend((tree.len() as u16).to_le_bytes());
        }
        for (tree, order) in self.trees.iter().zip(&trees) {
            for node in order {
                let right = if node.feature == LEAF {
                    0
                } else {
                    order
                        .iter()
                        .position(|&other| std::ptr::eq(other, &raw const tree[node.right]))
                        .unwrap_or(0)
                };
                bytes.extend((node.feature as u16).to_le_bytes());
                bytes.extend((right as u16).to_le_bytes());
                bytes.extend(node.threshold.to_le_bytes());
                bytes.extend((node.value as f32).to_le_bytes());
            }
        }
        bytes
    }
}

fn preorder(tree: &[Node]) -> Vec<&Node> {
    let mut order = Vec::with_capacity(tree.len());
    let mut stack = vec![0];
    while let Some(at) = stack.pop() {
        order.push(&tree[at]);
        if tree[at].feature != LEAF {
            stack.push(tree[at].right);
            stack.push(tree[at].left);
        }
    }
    order
}
