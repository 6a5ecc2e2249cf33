//! Makes the data of the judge: the word tables and the trees. See `docs/ACCURACY.md`.
//!
//! ```text
//! train words FOLDER...            word tables from folders of repositories, to patterns/data/words.bin
//! train cross CORPUS [FINDINGS]    cross-validation by repository; the held-out scores and features as findings
//! train fit CORPUS                 the trees of all of the corpus, to patterns/data/judge.bin
//! ```
#![allow(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::use_debug,
    clippy::cast_sign_loss,
    clippy::print_stdout,
    reason = "a program for the makers of this one"
)]

#[path = "train/boost.rs"]
mod boost;
#[path = "train/chance.rs"]
mod chance;
#[path = "train/corpus.rs"]
mod corpus;
#[path = "train/curve.rs"]
mod curve;
#[path = "train/lexicon.rs"]
mod lexicon;
#[path = "train/program.rs"]
mod program;
#[path = "train/tally.rs"]
mod tally;

use std::fs;

fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments
        .iter()
        .map(String::as_str)
        .collect::<Vec<_>>()
        .as_slice()
    {
        ["words", folders @ ..] => fs::write("patterns/data/words.bin", lexicon::tables(folders)?)?,
        ["cross", corpus, rest @ ..] => {
            curve::cross(
                &corpus::read(corpus.as_ref())?,
                corpus.as_ref(),
                rest.first().copied(),
            )?;
        }
        ["fit", corpus] => fs::write(
            "patterns/data/judge.bin",
            curve::fit(&corpus::read(corpus.as_ref())?),
        )?,
        _ => anyhow::bail!("train words FOLDER... | cross CORPUS [FINDINGS] | fit CORPUS"),
    }
    Ok(())
}
