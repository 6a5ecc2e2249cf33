//! How long the hook takes beside what git itself needs, and how fast a tree is scanned beside a search for one word.
//!
//! `cargo bench --bench hook -- TREE` stages the first files of TREE, cut to 200 lines, and runs each command in turn;
//! gitleaks and ripsecrets are measured too where they are installed. Ratios say more than seconds on a busy machine.
#![allow(clippy::print_stdout, reason = "a bench prints its figures")]

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

const GUARD: &str = env!("CARGO_BIN_EXE_guard");
const RUNS: usize = 21;

fn main() {
    let tree = std::env::args().skip(1).find(|one| !one.starts_with("--"));
    let tree = tree.unwrap_or_else(|| "src".to_owned());
    let texts = texts(Path::new(&tree));
    for (files, lines) in [(1, 50), (10, 200), (100, 200)] {
        let repo = Repo::new();
        let names: Vec<String> = texts
            .iter()
            .take(files)
            .enumerate()
            .map(|(number, (name, text))| {
                repo.stage(&format!("{number}_{name}"), &cut(text, lines))
            })
            .collect();
        println!("{} files of up to {lines} lines staged:", names.len());
        let quiet = repo.time("git", &["diff", "--cached", "--quiet"], None);
        let diff = repo.time("git", &["diff", "--cached"], Some(quiet));
        // Of one file git is quick to say that it changed; of many the diff itself is the measure.
        let beside = Some(if files == 1 { quiet } else { diff });
        repo.time(GUARD, &["staged", "--isolated", "-qq"], beside);
        repo.time(
            "gitleaks",
            &["git", "--pre-commit", "--staged", "--no-banner"],
            beside,
        );
        let mut ripsecrets: Vec<&str> = vec!["--strict-ignore"];
        ripsecrets.extend(names.iter().map(String::as_str));
        repo.time("ripsecrets", &ripsecrets, beside);
    }
    let here = Repo::at(PathBuf::from("."));
    println!("{tree}, one core:");
    let one_core = |command: &[&str], beside| {
        let arguments = [&["-c", "0"], command, &[tree.as_str()]].concat();
        here.time("taskset", &arguments, beside)
    };
    let word = one_core(&["rg", "-j1", "-uuu", "-c", "password"], None);
    one_core(
        &[
            GUARD,
            "scan",
            "--isolated",
            "--no-ignore",
            "--exit-zero",
            "-qq",
        ],
        Some(word),
    );
}

/// A repository to measure in.
struct Repo {
    folder: PathBuf,
    /// Removed at the end, where it was made for the measurement.
    _made: Option<tempfile::TempDir>,
}

impl Repo {
    fn new() -> Self {
        let made = tempfile::tempdir().expect("a temporary folder");
        let repo = Repo {
            folder: made.path().to_owned(),
            _made: Some(made),
        };
        repo.git(&["init", "-q"]);
        repo
    }

    fn at(folder: PathBuf) -> Self {
        Repo {
            folder,
            _made: None,
        }
    }

    fn git(&self, arguments: &[&str]) {
        let git = Command::new("git")
            .args(arguments)
            .current_dir(&self.folder)
            .status();
        assert!(git.expect("git").success(), "git {arguments:?}");
    }

    /// Writes and stages a file, and returns its name.
    fn stage(&self, name: &str, text: &str) -> String {
        std::fs::write(self.folder.join(name), text).expect("a writable folder");
        self.git(&["add", name]);
        name.to_owned()
    }

    /// Prints the least and the median time of a command, and how many times another's that is.
    fn time(&self, program: &str, arguments: &[&str], beside: Option<Duration>) -> Duration {
        let mut times = Vec::new();
        for _ in 0..RUNS {
            let start = Instant::now();
            let run = Command::new(program)
                .args(arguments)
                .current_dir(&self.folder)
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .status();
            if run.is_err() {
                return Duration::ZERO;
            }
            times.push(start.elapsed());
        }
        times.sort_unstable();
        let (least, median) = (times[0], times[RUNS / 2]);
        let ratio = beside.map_or(1.0, |beside| least.as_secs_f64() / beside.as_secs_f64());
        let words = std::iter::once(program).chain(arguments.iter().copied());
        let shown: Vec<_> = words
            .filter_map(|word| Path::new(word).file_name()?.to_str())
            .take(5)
            .collect();
        let shown = shown.join(" ");
        let [least_ms, median_ms] = [least, median].map(|time| time.as_secs_f64() * 1e3);
        println!("  {shown:36} {least_ms:9.1} ms {median_ms:9.1} ms {ratio:6.1}");
        least
    }
}

fn cut(text: &str, lines: usize) -> String {
    text.split_inclusive('\n').take(lines).collect()
}

/// Returns the first hundred texts of at least fifty lines under a folder, with their names.
fn texts(folder: &Path) -> Vec<(String, String)> {
    let mut texts = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        let mut entries: Vec<PathBuf> = std::fs::read_dir(&folder)
            .into_iter()
            .flatten()
            .flatten()
            .map(|entry| entry.path())
            .collect();
        entries.sort();
        for path in entries {
            if path.is_dir() && !path.is_symlink() {
                folders.push(path);
            } else if let Ok(text) = std::fs::read_to_string(&path)
                && text.lines().count() >= 50
                && texts.len() < 100
            {
                let name = path.file_name().unwrap_or_default().display().to_string();
                texts.push((name, text));
            }
        }
    }
    texts
}
