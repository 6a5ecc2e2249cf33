//! The fuzz targets, run on the examples of every rule and on what becomes of them when bytes are changed at random;
//! and every reader on texts made to take long. A fuzzer goes further: `cargo +nightly fuzz run reader`.

use std::fmt::Write as _;
use std::sync::mpsc;
use std::time::Duration;

use guard::Engine;
use guard::blob::Regions;
use guard::detect::{make, probe};
use guard::rule::{Example, Level, Random, Rules, fill};

#[path = "../../fuzz/targets.rs"]
#[expect(unreachable_pub, reason = "it is a crate of its own in fuzz/")]
mod targets;

/// Returns texts of examples, each behind the number of the reader for such files.
fn seeds() -> Vec<Vec<u8>> {
    let rules = Rules::builtin();
    let endings: Vec<&str> = probe::readers()
        .map(|name| name.rsplit('.').next().unwrap_or(name))
        .collect();
    let mut seeds = Vec::new();
    for index in rules.indexes() {
        for example in rules.get(index).matches.iter().take(2) {
            let (path, text) = match example {
                Example::Text(text) => ("a.env", text),
                Example::File { path, text, .. } => (path.as_deref().unwrap_or("a.py"), text),
            };
            let number = endings
                .iter()
                .position(|ending| path.ends_with(ending))
                .unwrap_or(0);
            let mut seed = vec![u8::try_from(number).expect("a few readers")];
            seed.extend(fill(text, &make).into_bytes());
            seeds.push(seed);
        }
    }
    seeds
}

/// Returns a text with a few bytes changed, doubled, moved or taken out.
fn mutate(random: &mut Random, seeds: &[Vec<u8>]) -> Vec<u8> {
    const MARKS: &[u8] = b"\"'`{}[]()<>=:;,#/\\$%&|*!?@-. \n\r\t\0\xff\xc3\xef";
    let mut text = seeds[random.below(seeds.len())].clone();
    for _ in 0..=random.below(6) {
        let at = random.below(text.len());
        let end = (at + random.below(40)).min(text.len());
        match random.below(6) {
            0 => text[at] = u8::try_from(random.below(256)).expect("a byte"),
            1 => text.insert(at, MARKS[random.below(MARKS.len())]),
            2 => drop(text.drain(at..end)),
            3 => {
                let piece = text[at..end].to_vec();
                let times = random.below(12);
                text.splice(at..at, piece.repeat(times));
            }
            4 => {
                let other = &seeds[random.below(seeds.len())];
                let from = random.below(other.len());
                let piece = other[from..(from + 60).min(other.len())].to_vec();
                text.splice(at..at, piece);
            }
            _ => text.truncate(at.max(1)),
        }
        if text.is_empty() {
            text.push(0);
        }
    }
    text
}

/// Runs a target on so many mutated examples; when it panics, the text that made it is shown.
fn run(name: &str, times: usize, target: fn(&[u8])) {
    let seeds = seeds();
    let mut random = Random::new(name);
    for _ in 0..times {
        let text = mutate(&mut random, &seeds);
        let outcome = std::panic::catch_unwind(|| target(&text));
        assert!(outcome.is_ok(), "{name}: {:?}", bstr::BStr::new(&text));
    }
}

#[test]
fn every_reader_takes_mutated_examples() {
    for number in 0..u8::try_from(probe::readers().len()).expect("a few readers") {
        let seeds = seeds();
        let mut random = Random::new(&format!("reader {number}"));
        for _ in 0..300 {
            let mut text = mutate(&mut random, &seeds);
            text[0] = number;
            let outcome = std::panic::catch_unwind(|| targets::reader(&text));
            assert!(outcome.is_ok(), "{number}: {:?}", bstr::BStr::new(&text));
        }
    }
}

#[test]
fn the_engine_takes_mutated_examples() {
    run("engine", 1500, targets::engine);
}

#[test]
fn the_lexer_of_assignments_takes_mutated_examples() {
    run("assign", 3000, targets::assign);
}

#[test]
fn the_reader_of_deltas_takes_any_bytes() {
    let mut random = Random::new("delta");
    for _ in 0..20_000 {
        let base = random.below(60);
        let mut delta = vec![u8::try_from(base * 256 / 120).expect("less than 256")];
        delta.extend((0..base).map(|_| b'a'));
        delta.push(u8::try_from(base).expect("small"));
        delta.push(u8::try_from(random.below(127)).expect("small"));
        for _ in 0..random.below(20) {
            delta.push([0x80, 0x90, 0x91, 3, b'x', 0, 0xff][random.below(7)]);
        }
        targets::delta(&delta);
    }
}

#[test]
fn the_reader_of_configurations_takes_mutated_ones() {
    const TEXT: &str = "min-version = \"0.1.0\"\nextends = \"a.toml\"\n[rules]\noff = [\"github-pat\"]\n[paths]\nskip = [\"vendor/**\"]\n\
        [limits]\nblob = \"64M\"\n[[allow]]\nid = \"7f3a91c2d45e\"\nrule = \"github-pat\"\nreason = \"x\"\nuntil = 2027-03-01\n\
        [[rule]]\nid = \"own\"\ntitle = \"t\"\nwhy = \"w\"\nfix = \"f\"\nkeywords = [\"acme_\"]\nregex = '\\bacme_[a-z0-9]{32}\\b'\n\
        match = [\"a\", \"b\"]\nno-match = [\"c\", \"d\"]\n";
    let seeds = vec![TEXT.as_bytes().to_vec()];
    let mut random = Random::new("config");
    for _ in 0..3000 {
        let text = mutate(&mut random, &seeds);
        let outcome = std::panic::catch_unwind(|| targets::config(&text));
        assert!(outcome.is_ok(), "{:?}", bstr::BStr::new(&text));
    }
}

/// Reads a text by every reader, each in a thread that is given up after a minute: a reader whose work grows with
/// the square of the length takes longer, one that reads once takes a second or two.
fn read_by_all(what: &str, text: &[u8]) {
    for (number, name) in probe::readers().enumerate() {
        let (send, receive) = mpsc::channel();
        let copy = text.to_vec();
        let thread = std::thread::Builder::new().spawn(move || {
            let read = probe::reader(number, &copy);
            let _ = send.send(read);
        });
        thread.expect("a thread");
        let read = receive.recv_timeout(Duration::from_mins(1));
        let read = read.unwrap_or_else(|error| panic!("{name} on {what}: {error}"));
        // What is kept of a text is bounded by it.
        assert!(read.entries <= text.len() + 1, "{name} on {what}: {read:?}");
    }
}

/// How long the one line of a text is.
const LINE: usize = 5_000_000;

#[test]
fn a_line_of_five_megabytes_is_read_once() {
    let value = format!("key = \"{}\"\n", "x".repeat(LINE));
    read_by_all("one long value", value.as_bytes());
    let pairs = "a=b, ".repeat(LINE / 5);
    read_by_all("a line of pairs", pairs.as_bytes());
    let opened = "${".repeat(LINE / 2);
    read_by_all("a line of opened variables", opened.as_bytes());
}

#[test]
fn ten_thousand_levels_of_nesting_are_read_or_given_up() {
    for (open, close) in [
        ("[", "]"),
        ("{\"a\":", "}"),
        ("{a: ", "}"),
        ("(", ")"),
        ("<a>", "</a>"),
        ("a { ", "}"),
        ("$(", ")"),
        ("a = [", "]"),
        ("if a:\n", ""),
        ("- ", ""),
    ] {
        let text = open.repeat(10_000) + "1" + &close.repeat(10_000);
        read_by_all(open, text.as_bytes());
    }
    // Each level one blank deeper: the text itself grows with the square, so fewer levels.
    let deeper = (0..3_000).fold(String::new(), |mut text, depth| {
        let _ = writeln!(text, "{:depth$}a:", "");
        text
    });
    read_by_all("indented", deeper.as_bytes());
}

#[test]
fn a_bomb_of_aliases_or_entities_is_not_unfolded() {
    let mut yaml = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..60 {
        let aliases = vec![format!("*a{}", level - 1); 9].join(", ");
        let _ = writeln!(yaml, "a{level}: &a{level} [{aliases}]");
    }
    read_by_all("aliases", yaml.as_bytes());
    let merged = (1..200).fold("b0: &b0 {k: v}\n".to_owned(), |mut text, level| {
        let _ = writeln!(
            text,
            "b{level}: &b{level}\n  <<: [*b{}, *b{}]",
            level - 1,
            level - 1
        );
        text
    });
    read_by_all("merged", merged.as_bytes());
    let entities = (1..60).fold(String::new(), |mut text, level| {
        let _ = write!(
            text,
            "<!ENTITY e{level} \"&e{};&e{};\">",
            level - 1,
            level - 1
        );
        text
    });
    let xml = format!("<!DOCTYPE a [<!ENTITY e0 \"xxxxxxxx\">{entities}]><a>&e59;</a>");
    read_by_all("entities", xml.as_bytes());
}

/// Scans a text with every rule on, in a thread that is given up after a minute: a check that searches the whole
/// file for each of its settings takes longer on these.
fn scan_with_all_rules(path: &'static str, text: String) {
    let (send, receive) = mpsc::channel();
    let thread = std::thread::Builder::new().spawn(move || {
        let mut rules = Rules::builtin();
        for index in rules.indexes() {
            rules.set_level(index, rules.level(index).max(Level::Warn));
        }
        let found = Engine::new(rules).scan(text.as_bytes(), &Regions::Whole, Some(path.into()));
        let _ = send.send(found.len());
    });
    thread.expect("a thread");
    let found = receive.recv_timeout(Duration::from_mins(1));
    let found = found.unwrap_or_else(|error| panic!("{path}: {error}"));
    assert!(found > 0, "{path}");
}

#[test]
fn a_file_of_ten_thousand_settings_is_not_searched_for_each_of_them() {
    let many = |start: &str, piece: fn(usize) -> String| {
        (0..10_000).fold(start.to_owned(), |text, number| text + &piece(number))
    };
    scan_with_all_rules(
        ".github/workflows/a.yml",
        many("on: pull_request_target\njobs:\n", |number| {
            format!(
                "  j{number}:\n    runs-on: x\n    steps:\n      - uses: actions/checkout@v4\n        with: {{ref: '${{{{ github.head_ref }}}}'}}\n      - run: curl https://x.example/i | sh\n"
            )
        }),
    );
    scan_with_all_rules(
        "role.yaml",
        many(
            "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nrules:\n",
            |_| "- {apiGroups: [''], resources: ['*'], verbs: ['*']}\n".to_owned(),
        ),
    );
    scan_with_all_rules(
        "pods.yaml",
        many("", |number| {
            format!(
                "---\napiVersion: v1\nkind: Secret\nmetadata: {{name: s{number}}}\nstringData: {{a: b{number}cdefg}}\n"
            )
        }),
    );
    scan_with_all_rules(
        "main.tf",
        many("", |number| {
            format!(
                "resource \"aws_security_group_rule\" \"r{number}\" {{\n  type = \"ingress\"\n  from_port = 22\n  to_port = 22\n  cidr_blocks = [\"0.0.0.0/0\"]\n}}\n"
            )
        }),
    );
    scan_with_all_rules(
        "compose.yml",
        many("services:\n", |number| {
            format!("  s{number}:\n    image: nginx\n    privileged: true\n")
        }),
    );
    scan_with_all_rules(
        "a.php",
        many("<?php\n", |number| {
            format!("$v{number} = $_GET['a'];\n$db->query(\"SELECT $v{number}\");\n")
        }),
    );
}
