//! How fast the engine goes over text in memory, beside a count of line feeds and a search for one word.
//!
//! `cargo bench --bench engine -- TREE [RULES.toml]` reads every file under TREE that is no binary.
#![allow(clippy::print_stdout, reason = "a bench prints its figures")]

use std::hint::black_box;
use std::path::Path;
use std::time::{Duration, Instant};

use bstr::BStr;
use guard::blob::Regions;
use guard::detect::Engine;
use guard::rule::{Rules, parse};

fn main() {
    let arguments: Vec<String> = std::env::args()
        .skip(1)
        .filter(|one| !one.starts_with("--"))
        .collect();
    let tree = arguments.first().map_or("src", String::as_str);
    let files = read(Path::new(tree));
    let bytes: usize = files.iter().map(|(_, text)| text.len()).sum();
    let lines: usize = files
        .iter()
        .map(|(_, text)| memchr::memchr_iter(b'\n', text).count())
        .sum();
    println!(
        "{} files, {} MB, {lines} lines",
        files.len(),
        bytes / 1_000_000
    );

    let rules = || {
        let mut rules = Rules::builtin();
        if let Some(path) = arguments.get(1) {
            let text = std::fs::read_to_string(path).expect("a readable file of rules");
            parse(&text, path)
                .expect("sound rules")
                .into_iter()
                .for_each(|rule| rules.push(rule));
        }
        rules
    };
    let engine = Engine::new(rules());
    let start = best(20, || {
        black_box(Engine::new(rules()));
    });
    println!(
        "{} rules, start {:.3} ms (own rules are read anew)",
        engine.rules().len(),
        start.as_secs_f64() * 1e3
    );

    let lines = report(
        "line feeds (memchr)",
        bytes,
        best(5, || {
            black_box(
                files
                    .iter()
                    .map(|(_, text)| memchr::memchr_iter(b'\n', text).count())
                    .sum::<usize>(),
            );
        }),
        None,
    );
    let word = memchr::memmem::Finder::new(b"AKIA");
    report(
        "one word (memmem)",
        bytes,
        best(5, || {
            black_box(
                files
                    .iter()
                    .map(|(_, text)| word.find_iter(text).count())
                    .sum::<usize>(),
            );
        }),
        Some(lines),
    );
    let scan = |name: &str, with_paths: bool| {
        let mut found = 0;
        let time = best(3, || {
            found = files
                .iter()
                .map(|(path, text)| {
                    let path = with_paths.then(|| BStr::new(path.as_bytes()));
                    engine.scan(text, &Regions::Whole, path).len()
                })
                .sum();
        });
        report(&format!("{name}, {found} found"), bytes, time, Some(lines));
    };
    scan("without paths: secrets", false);
    scan("with paths: settings too", true);
    long_lines(&engine);
}

/// Measures single lines of eight megabytes and twice as much: what is twice as long takes twice the time.
fn long_lines(engine: &Engine) {
    for piece in [
        "key token secret password=",
        "ghp_ AKIA xoxb- eyJ ",
        "AKIA1234",
        "a1B2c3D4e5+/",
    ] {
        for size in [8_000_000, 16_000_000] {
            let line = piece.repeat(size / piece.len());
            let time = best(1, || {
                black_box(engine.scan(line.as_bytes(), &Regions::Whole, None).len());
            });
            report(&format!("line of {piece:?}"), line.len(), time, None);
        }
    }
}

/// Returns the shortest of several runs: the others were disturbed.
fn best(runs: usize, mut run: impl FnMut()) -> Duration {
    let timed = (0..runs).map(|_| {
        let start = Instant::now();
        run();
        start.elapsed()
    });
    timed.min().unwrap_or_default()
}

/// Prints a figure and its ratio to another, and returns it.
fn report(name: &str, bytes: usize, time: Duration, beside: Option<Duration>) -> Duration {
    #[expect(clippy::cast_precision_loss, reason = "a figure for people")]
    let speed = bytes as f64 / time.as_secs_f64() / 1e9;
    let ratio = beside.map_or(1.0, |other| time.as_secs_f64() / other.as_secs_f64());
    println!("{name:32} {speed:8.2} GB/s {ratio:8.1} times the first");
    time
}

/// Reads the files under a folder; what holds a NUL near its start is left out.
fn read(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_symlink() {
            } else if path.is_dir() {
                folders.push(path);
            } else if let Ok(text) = std::fs::read(&path)
                && !text[..text.len().min(8000)].contains(&0)
            {
                files.push((path.display().to_string(), text));
            }
        }
    }
    files.sort();
    files
}
