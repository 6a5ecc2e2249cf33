//! What a history costs and whether its parts agree, on a repository of any size.
//!
//! `cargo bench --bench history -- cost PATH` tells reading and looking apart, and how many bytes each step sees.
//! `cargo bench --bench history -- agree PATH` compares, for every version of every file, what is found by the
//! differences between versions with what is found in the whole version as `git cat-file` prints it, as `guard scan`
//! does; it ends with 1 where they differ.
#![allow(clippy::print_stdout, reason = "a bench prints its figures")]

use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use bstr::BStr;
use guard::blob::{Blob, Mark, Origin, Regions};
use guard::detect::{Engine, Match, PLACES};
use guard::rule::{Kind, Level, RuleIndex, Rules};
use guard::source::git::{Git, Object, Objects};
use guard::source::history::{History, Unreachable};
use guard::source::range::Missing;
use guard::source::{Source as _, Visit};
use guard::span::Span;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args()
        .skip(1)
        .filter(|one| !one.starts_with("--"))
        .collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["cost", path] => cost(path),
        ["agree", path] => return agree(path),
        _ => println!("cargo bench --bench history -- (cost|agree) PATH"),
    }
    ExitCode::SUCCESS
}

/// Scans a history with a visit of one's own, and prints how long it takes.
fn scan(name: &str, path: &str, visit: &Visit<'_>) {
    let history = History::new(path, Missing::Skip, Unreachable::Skip);
    let (start, before) = (Instant::now(), cpu());
    let coverage = history.scan(visit).expect("a repository");
    println!(
        "{name:28} wall {:7.2} s  CPU {:7.2} s  {} blobs, {} MB",
        start.elapsed().as_secs_f64(),
        cpu() - before,
        coverage.blobs,
        coverage.bytes / 1_000_000,
    );
}

/// Returns the CPU time of this process in seconds, where the system tells it.
fn cpu() -> f64 {
    const TICKS: f64 = 100.0;
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields = stat.rsplit(')').next().unwrap_or_default();
    let ticks = fields
        .split_whitespace()
        .skip(11)
        .take(2)
        .filter_map(|field| field.parse::<f64>().ok());
    ticks.sum::<f64>() / TICKS
}

fn cost(path: &str) {
    scan("reading alone", path, &|_| Vec::new());
    let whole = [const { AtomicU64::new(0) }; 2];
    let changed = [const { AtomicU64::new(0) }; 3];
    let add = |counter: &AtomicU64, bytes: usize| {
        counter.fetch_add(bytes as u64, Ordering::Relaxed);
    };
    scan("counting", path, &|blob| {
        let length = blob.bytes.len();
        match &blob.regions {
            Regions::Whole => add(
                &whole[usize::from(blob.provenance.origin == Origin::Message)],
                length,
            ),
            Regions::Ranges(ranges) => {
                let within = |reach: usize| -> usize {
                    let widened = ranges.iter().map(|range| {
                        Span::new(
                            range.start.saturating_sub(reach),
                            (range.end + reach).min(length),
                        )
                    });
                    match Regions::from_ranges(widened.collect()) {
                        Regions::Ranges(joined) => joined.iter().map(|span| span.len()).sum(),
                        Regions::Whole => 0,
                    }
                };
                for (counter, reach) in changed.iter().zip([0, 32, 512]) {
                    add(counter, within(reach));
                }
            }
        }
        Vec::new()
    });
    let megabytes = |counter: &AtomicU64| counter.load(Ordering::Relaxed) / 1_000_000;
    println!(
        "  seen whole {} MB, messages {} MB, inserted {} MB, with 32 bytes around {} MB, with 512 {} MB",
        megabytes(&whole[0]),
        megabytes(&whole[1]),
        megabytes(&changed[0]),
        megabytes(&changed[1]),
        megabytes(&changed[2]),
    );
    let engine = Engine::new(Rules::builtin());
    scan("reading and looking", path, &|blob| {
        let path = blob.provenance.path.as_ref().map(AsRef::as_ref);
        engine
            .rescan(blob.bytes, &blob.regions, &blob.inherited, path)
            .marks
    });
}

/// What is compared of a match.
type Found = (Span, RuleIndex, Level);

/// What the differences have told so far: each match with its place in its extent.
#[derive(Default)]
struct Told {
    matches: Vec<Found>,
    compared: u64,
    found: u64,
    differ: u64,
}

fn agree(path: &str) -> ExitCode {
    let engine = Engine::new(Rules::builtin());
    let git = Git::new(path);
    let reader = Mutex::new(git.objects().expect("git runs"));
    let told = Mutex::new(Told::default());
    scan("compared", path, &|blob| {
        if blob.provenance.origin != Origin::File {
            return Vec::new();
        }
        compare(&engine, &reader, &told, blob)
    });
    let told = told.into_inner().expect("no panic");
    println!(
        "{} versions, {} matches, {} versions differ",
        told.compared, told.found, told.differ
    );
    ExitCode::from(u8::from(told.differ > 0))
}

/// Looks at a version in both ways, and returns the marks for the next one.
fn compare(
    engine: &Engine,
    reader: &Mutex<Objects>,
    told: &Mutex<Told>,
    blob: &Blob<'_>,
) -> Vec<Mark> {
    let path = blob.provenance.path.as_ref().map(AsRef::as_ref);
    let fresh = engine.rescan(blob.bytes, &blob.regions, &blob.inherited, path);
    let whole = found_in(engine, &printed(reader, blob), path);
    let mut told = told.lock().expect("no panic");
    let mut marks = fresh.marks;
    for one in &fresh.matches {
        let number = u32::try_from(told.matches.len()).expect("few");
        let start = one.extent.start;
        let place = Span::new(one.span.start - start, one.span.end - start);
        told.matches.push((place, one.rule, one.level));
        marks.push(Mark::new(one.extent, number));
    }
    let place = |mark: &Mark| {
        let (span, rule, level) = told.matches[mark.id as usize];
        let start = mark.extent().start;
        (Span::new(span.start + start, span.end + start), rule, level)
    };
    let mut found: Vec<Found> = marks
        .iter()
        .filter(|mark| mark.id < PLACES)
        .map(place)
        .collect();
    found.sort_unstable();
    found.dedup();
    told.compared += 1;
    told.found += whole.len() as u64;
    if found != whole {
        told.differ += 1;
        let only = |these: &[Found], those: &[Found]| -> String {
            let missing = these.iter().filter(|one| !those.contains(one));
            missing
                .map(|(span, rule, _)| {
                    let id = &engine.rules().get(*rule).id;
                    format!("{id} at {}..{}", span.start, span.end)
                })
                .collect::<Vec<_>>()
                .join(", ")
        };
        println!(
            "{} {}: only by differences [{}], only in the whole [{}]",
            blob.provenance.blob_id.expect("of a file"),
            path.unwrap_or_default(),
            only(&found, &whole),
            only(&whole, &found),
        );
    }
    marks
}

fn printed(reader: &Mutex<Objects>, blob: &Blob<'_>) -> Vec<u8> {
    let id = blob.provenance.blob_id.expect("of a file");
    match reader.lock().expect("no panic").read(&id) {
        Ok(Object::Found { bytes, .. }) => bytes,
        other => panic!("git does not print {id}: {other:?}"),
    }
}

/// Returns what a scan of a file of this content finds, but for settings.
fn found_in(engine: &Engine, bytes: &[u8], path: Option<&BStr>) -> Vec<Found> {
    let is_secret = |found: &Match| engine.rules().kind(found.rule) == Kind::Secret;
    let matches = engine.scan(bytes, &Regions::Whole, path);
    let mut found: Vec<Found> = matches
        .iter()
        .filter(|found| is_secret(found))
        .map(|found| (found.span, found.rule, found.level))
        .collect();
    found.sort_unstable();
    found.dedup();
    found
}
