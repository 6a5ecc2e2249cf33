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
    println!("cargo::rerun-if-changed=patterns/data/pairs.bin");

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
    let breadth = Breadth::of(records);
    fs::write(out.join("dense.txt"), breadth.files()).expect("a writable OUT_DIR");
    let (keywords, tables) = keyword_table(records, &breadth);
    fs::write(out.join("keywords.bin"), keywords).expect("a writable OUT_DIR");
    for (table, name) in tables.iter().zip(["common.bin", "all.bin"]) {
        let bytes: Vec<u8> = table
            .iter()
            .flat_map(|groups| groups.to_le_bytes())
            .collect();
        fs::write(out.join(name), bytes).expect("a writable OUT_DIR");
    }
    fs::write(out.join("rules.json"), json).expect("a writable OUT_DIR");
    fs::write(out.join("ids.txt"), ids).expect("a writable OUT_DIR");
    fs::write(
        out.join("rules.rs"),
        format!(
            "#[expect(clippy::unreadable_literal, reason = \"offsets that no person reads\")]\nstatic BUILTINS: [Builtin; {}] = [\n{rows}];\n",
            records.len()
        ),
    )
    .expect("a writable OUT_DIR");
}

/// Returns for each keyword the rule (2 bytes), whether case is ignored and whether the
/// rule is common (1), its length (1), shift and group of its two
/// anchors (4), and the keyword; and the prefilter's tables of the common rules, and of all but path rules.
fn keyword_table(
    records: &[Record],
    breadth: &Breadth,
) -> (Vec<u8>, [Box<[u64; anchor::PAIRS]>; 2]) {
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
    let mut tables = [(); 2].map(|()| -> Box<[u64; anchor::PAIRS]> {
        let zeros = vec![0; anchor::PAIRS].into_boxed_slice();
        zeros.try_into().expect("of that length")
    });
    let mut table = Vec::new();
    for (rule, ignore_case, literal) in keywords {
        let place = distinct
            .binary_search(&(literal, ignore_case))
            .expect("every keyword is there");
        let record = &records[usize::from(rule)];
        table.extend_from_slice(&rule.to_le_bytes());
        table.push(u8::from(ignore_case) | u8::from(breadth.is_common(record)) << 1);
        table.push(u8::try_from(literal.len()).expect("a keyword shorter than 256 bytes"));
        if breadth.is_common(record) {
            anchor::mark(&mut tables[0], literal, ignore_case, plan[place]);
        }
        if record.kind != Kind::Path {
            anchor::mark(&mut tables[1], literal, ignore_case, plan[place]);
        }
        for anchor in plan[place] {
            table.push(anchor.shift.to_le_bytes()[0]);
            table.push(anchor.group);
        }
        table.extend_from_slice(literal);
    }
    (table, tables)
}

/// How many setting rules are about each kind of file. Files that many are about (`*.py`, `*.yml`, `settings.py`) are
/// dense: their rules' keywords are looked for there alone. All other rules are common.
struct Breadth {
    dense: Vec<String>,
}

impl Breadth {
    /// Fewer rules than this are cheaper to look for everywhere.
    const DENSE: usize = 20;

    fn of(records: &[Record]) -> Self {
        let mut files: Vec<String> = records
            .iter()
            .filter(|record| record.kind == Kind::Config)
            .flat_map(|record| {
                let mut files: Vec<String> = kinds_of_files(record).collect();
                files.sort();
                files.dedup();
                files
            })
            .collect();
        files.sort();
        let dense = files
            .chunk_by(|a, b| a == b)
            .filter(|same| same.len() >= Self::DENSE || !same[0].starts_with("*."))
            .map(|same| same[0].clone())
            .filter(|file| !is_any(file))
            .collect();
        Breadth { dense }
    }

    /// Tells whether the keywords of the rule are looked for in every text.
    fn is_common(&self, record: &Record) -> bool {
        match record.kind {
            Kind::Secret => true,
            Kind::Path => false,
            Kind::Config => kinds_of_files(record).any(|file| !self.dense.contains(&file)),
        }
    }

    fn files(&self) -> String {
        self.dense
            .iter()
            .fold(String::new(), |files, file| files + file + "\n")
    }
}

/// Tells whether a glob for a name fits every name.
fn is_any(file: &str) -> bool {
    file.chars().all(|one| one == '*')
}

/// Returns the globs of the rule's files without their folders, one for each ending in braces: `*.yml`, `*.yaml`.
fn kinds_of_files(record: &Record) -> impl Iterator<Item = String> + '_ {
    let names = record.files.iter().filter(|glob| !glob.starts_with('!'));
    names.flat_map(|glob| {
        let name = glob.rsplit('/').next().unwrap_or(glob);
        match name
            .strip_prefix("*.{")
            .and_then(|rest| rest.strip_suffix('}'))
        {
            Some(endings) if !endings.contains(['{', '}']) => endings
                .split(',')
                .map(|ending| format!("*.{ending}"))
                .collect(),
            _ => vec![name.to_owned()],
        }
    })
}
