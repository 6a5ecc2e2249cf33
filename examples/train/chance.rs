//! How likely other repositories give a precision and recall: drawn again and again from those at hand.

use crate::corpus::Corpus;
use crate::tally::{Found, Tally};

/// How often a set of repositories is drawn.
const DRAWS: usize = 4000;
/// How many repositories are drawn: as many as acceptance has.
const DRAWN: usize = 67;

/// Prints the share of draws, with replacement, that reach the precision and recall, and their 5th and 50th
/// percentile.
pub(crate) fn print(corpus: &Corpus, name: &str, found: &[Found], precision: f64, recall: f64) {
    let parts: Vec<Tally> = (0..corpus.names.len())
        .map(|number| {
            Tally::of(corpus, found.iter().copied(), |repository| {
                repository == number
            })
        })
        .collect();
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut draw = || {
        let mut sum = Tally::default();
        for _ in 0..DRAWN {
            // Knuth's multiplier; the high bits are the random ones.
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            sum.add(parts[(state >> 33) as usize % parts.len()]);
        }
        (sum.precision(), sum.recall())
    };
    let mut draws: Vec<(f64, f64)> = (0..DRAWS).map(|_| draw()).collect();
    let both = draws
        .iter()
        .filter(|(p, r)| *p >= precision && *r >= recall)
        .count();
    let share = |count: usize| count as f64 / DRAWS as f64;
    let of_precision = share(draws.iter().filter(|draw| draw.0 >= precision).count());
    let of_recall = share(draws.iter().filter(|draw| draw.1 >= recall).count());
    draws.sort_by(|a, b| a.0.total_cmp(&b.0));
    let precisions = (draws[DRAWS / 20].0, draws[DRAWS / 2].0);
    draws.sort_by(|a, b| a.1.total_cmp(&b.1));
    let recalls = (draws[DRAWS / 20].1, draws[DRAWS / 2].1);
    println!(
        "  {name}: precision {precision} in {of_precision:.3} of draws, recall {recall} in {of_recall:.3}, both in {:.3}; \
         5th and 50th percentile: precision {precisions:.3?}, recall {recalls:.3?}",
        share(both)
    );
}
