//! Gathers the rule records of `patterns/` into one block of JSON and a keyword index, so that the
//! program starts without parsing a rule: a rule is read when its keyword is seen.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

#[allow(
    dead_code,
    missing_docs,
    unreachable_pub,
    reason = "shared with the library, which uses all of it"
)]
#[path = "src/rule/record.rs"]
mod record;

#[allow(
    dead_code,
    missing_docs,
    unreachable_pub,
    reason = "shared with the library, which uses all of it"
)]
#[path = "src/rule/form.rs"]
mod form;

#[allow(
    dead_code,
    missing_docs,
    unreachable_pub,
    reason = "shared with the library, which uses all of it"
)]
#[path = "src/rule/anchor.rs"]
mod anchor;

use record::{Kind, Level, Record, RecordFile};

fn main() {
    let root = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").expect("cargo sets it"));
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets it"));
    println!("cargo::rerun-if-changed=patterns");
    println!("cargo::rerun-if-changed=src/rule/record.rs");
    println!("cargo::rerun-if-changed=src/rule/form.rs");
    println!("cargo::rerun-if-changed=src/rule/anchor.rs");

    let mut records = Vec::new();
    for (folder, kind) in [
        ("secret", Kind::Secret),
        ("config", Kind::Config),
        ("path", Kind::Path),
    ] {
        for file in toml_files(&root.join("patterns").join(folder)) {
            records.extend(read(&file, kind));
        }
    }
    records.sort_by(|a, b| a.id.cmp(&b.id));
    for pair in records.windows(2) {
        assert!(
            pair[0].id != pair[1].id,
            "two rules are called {}",
            pair[0].id
        );
    }
    write_rules(&out, &records);
    write_words(&out, &records);
}

/// Writes `words.bin`: for each word that stands beside a value, sorted by its hash, the hash (4 bytes), the rule (2),
/// and the form of the value (5).
fn write_words(out: &Path, records: &[Record]) {
    let mut rows = Vec::new();
    for (index, record) in records.iter().enumerate() {
        let index = u16::try_from(index).expect("fewer than 65,536 rules");
        let Some(text) = record.form.as_ref().filter(|_| record.kind == Kind::Secret) else {
            continue;
        };
        let forms =
            form::Form::parse(text).unwrap_or_else(|error| panic!("{}: {error}", record.id));
        for word in &record.near {
            for form in &forms {
                rows.push((form::word_hash(word.as_bytes()), index, form.pack()));
            }
        }
    }
    rows.sort_unstable();
    rows.dedup();
    let packed: Vec<u8> = rows
        .into_iter()
        .flat_map(|(hash, rule, form)| {
            let (hash, rule) = (hash.to_le_bytes(), rule.to_le_bytes());
            hash.into_iter().chain(rule).chain(form)
        })
        .collect();
    fs::write(out.join("words.bin"), packed).expect("a writable OUT_DIR");
}

fn toml_files(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else {
        return Vec::new();
    };
    let mut files: Vec<PathBuf> = entries
        .map(|entry| entry.expect("a readable folder").path())
        .filter(|path| {
            path.extension()
                .is_some_and(|extension| extension == "toml")
        })
        .collect();
    files.sort();
    files
}

fn read(file: &Path, kind: Kind) -> Vec<Record> {
    let text =
        fs::read_to_string(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    let parsed: RecordFile =
        toml::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    parsed
        .rule
        .into_iter()
        .map(|rule| Record { kind, ..rule })
        .collect()
}

/// Writes `rules.json` (the records, one after the other) and `rules.rs` (where each starts, and what the
/// engine must know of every rule before it reads one).
fn write_rules(out: &Path, records: &[Record]) {
    let mut json = String::new();
    let mut rows = String::new();
    for record in records {
        let start = json.len();
        json.push_str(&serde_json::to_string(record).expect("a record is plain data"));
        let kind = match record.kind {
            Kind::Secret => "Secret",
            Kind::Config => "Config",
            Kind::Path => "Path",
        };
        let level = match record.level {
            Level::Off => "Off",
            Level::Warn => "Warn",
            Level::Block => "Block",
        };
        let end = json.len();
        let _ = writeln!(
            rows,
            "    Builtin {{ start: {start}, end: {end}, kind: Kind::{kind}, level: Level::{level} }},"
        );
    }
    let ids = records
        .iter()
        .fold(String::new(), |ids, record| ids + &record.id + "\n");
    fs::write(out.join("keywords.bin"), keyword_table(records)).expect("a writable OUT_DIR");
    fs::write(out.join("rules.json"), json).expect("a writable OUT_DIR");
    fs::write(out.join("ids.txt"), ids).expect("a writable OUT_DIR");
    fs::write(
        out.join("rules.rs"),
        format!(
            "static BUILTINS: [Builtin; {}] = [\n{rows}];\n",
            records.len()
        ),
    )
    .expect("a writable OUT_DIR");
}

/// Returns for each keyword the rule (2 bytes), whether case counts (1), its length (1), shift and group of its two
/// anchors (4), and the keyword.
fn keyword_table(records: &[Record]) -> Vec<u8> {
    let root = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").expect("cargo sets it"));
    let cost = fs::read(root.join("patterns/data/pairs.bin")).expect("part of the repository");
    let mut keywords: Vec<(u16, bool, &[u8])> = Vec::new();
    for (index, record) in records.iter().enumerate() {
        let index = u16::try_from(index).expect("fewer than 65,536 rules");
        for keyword in &record.keywords {
            keywords.push((index, record.ignore_case, keyword.as_bytes()));
        }
    }
    // Several rules may share a keyword: it is planned once.
    let mut distinct: Vec<(&[u8], bool)> = keywords
        .iter()
        .map(|(_, ignore_case, literal)| (*literal, *ignore_case))
        .collect();
    distinct.sort_unstable();
    distinct.dedup();
    let plan = anchor::plan(&distinct, &cost);
    let mut table = Vec::new();
    for (rule, ignore_case, literal) in keywords {
        let place = distinct
            .binary_search(&(literal, ignore_case))
            .expect("every keyword is there");
        table.extend_from_slice(&rule.to_le_bytes());
        table.push(u8::from(ignore_case));
        table.push(u8::try_from(literal.len()).expect("a keyword shorter than 256 bytes"));
        for anchor in plan[place] {
            table.push(anchor.shift.to_le_bytes()[0]);
            table.push(anchor.group);
        }
        table.extend_from_slice(literal);
    }
    table
}
