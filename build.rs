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

#[allow(missing_docs, unreachable_pub, reason = "a part of this program alone")]
#[path = "build/shape.rs"]
mod shape;

#[allow(missing_docs, unreachable_pub, reason = "a part of this program alone")]
#[path = "build/files.rs"]
mod files;

use files::Kinds;

use record::{Kind, Level, Record, RecordFile};

fn main() {
    let root = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").expect("cargo sets it"));
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets it"));
    println!("cargo::rerun-if-changed=patterns");
    println!("cargo::rerun-if-changed=src/rule/record.rs");
    println!("cargo::rerun-if-changed=src/rule/form.rs");
    println!("cargo::rerun-if-changed=src/rule/anchor.rs");
    println!("cargo::rerun-if-changed=build");
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
    let kinds = Kinds::of(records);
    fs::write(out.join("kinds.txt"), kinds.listed()).expect("a writable OUT_DIR");
    let (keywords, tables) = keyword_table(out, records, &kinds);
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

/// Returns for each keyword the rule (2 bytes), whether case is ignored (1), its length (1), the kinds of files it is
/// looked for in (4), shift and group of its two anchors (4), the length of its shapes (2), the keyword, and its shapes;
/// and the prefilter's tables of the keywords that are looked for in every file, and of all but those of path rules.
/// Writes the sets of bytes that shapes are made of to `sets.bin`.
fn keyword_table(
    out: &Path,
    records: &[Record],
    kinds: &Kinds,
) -> (Vec<u8>, [Box<[u64; anchor::PAIRS]>; 2]) {
    let root = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").expect("cargo sets it"));
    let cost = fs::read(root.join("patterns/data/pairs.bin")).expect("part of the repository");
    let mut sets = Sets::default();
    let mut keywords: Vec<(u16, bool, &[u8], Vec<u8>)> = Vec::new();
    for (index, record) in records.iter().enumerate() {
        let index = u16::try_from(index).expect("fewer than 65,536 rules");
        let shapes = sets.shapes(record);
        for (keyword, shapes) in record.keywords.iter().zip(shapes) {
            keywords.push((index, record.ignore_case, keyword.as_bytes(), shapes));
        }
    }
    fs::write(out.join("sets.bin"), sets.packed()).expect("a writable OUT_DIR");
    // Several rules may share a keyword: it is planned once.
    let mut distinct: Vec<(&[u8], bool)> = keywords
        .iter()
        .map(|(_, ignore_case, literal, _)| (*literal, *ignore_case))
        .collect();
    distinct.sort_unstable();
    distinct.dedup();
    let plan = anchor::plan(&distinct, &cost);
    let mut tables = [(); 2].map(|()| -> Box<[u64; anchor::PAIRS]> {
        let zeros = vec![0; anchor::PAIRS].into_boxed_slice();
        zeros.try_into().expect("of that length")
    });
    let mut table = Vec::new();
    for (rule, ignore_case, literal, shapes) in keywords {
        let place = distinct
            .binary_search(&(literal, ignore_case))
            .expect("every keyword is there");
        let record = &records[usize::from(rule)];
        let files = kinds.of_rule(record);
        table.extend_from_slice(&rule.to_le_bytes());
        table.push(u8::from(ignore_case));
        table.push(u8::try_from(literal.len()).expect("a keyword shorter than 256 bytes"));
        table.extend_from_slice(&files.to_le_bytes());
        if files == files::EVERY {
            anchor::mark(&mut tables[0], literal, ignore_case, plan[place]);
        }
        if record.kind != Kind::Path {
            anchor::mark(&mut tables[1], literal, ignore_case, plan[place]);
        }
        for anchor in plan[place] {
            table.push(anchor.shift.to_le_bytes()[0]);
            table.push(anchor.group);
        }
        let length = u16::try_from(shapes.len()).expect("a few hundred bytes");
        table.extend_from_slice(&length.to_le_bytes());
        table.extend_from_slice(literal);
        table.extend_from_slice(&shapes);
    }
    (table, tables)
}

/// How far behind its keyword a match may reach where the rule does not say: the engine's own reach.
const REACH: usize = 512;

/// The sets of bytes that shapes are made of, each once.
#[derive(Default)]
struct Sets(Vec<shape::Set>);

impl Sets {
    /// Returns the shapes of each keyword of a rule: the number of places before it, with the high bit for the shape of a
    /// token of an odd form, and after it (1 each), the set of a row behind it, the row's length (1 each, 0 for none) and within how many bytes it lies (2); then for each place
    /// the number of its set, with the high bit where the text may begin or end.
    fn shapes(&mut self, record: &Record) -> Vec<Vec<u8>> {
        let keywords: Vec<&[u8]> = record.keywords.iter().map(String::as_bytes).collect();
        let Some(regex) = record
            .regex
            .as_ref()
            .filter(|_| record.kind == Kind::Secret)
        else {
            return vec![Vec::new(); keywords.len()];
        };
        let shapes = shape::shapes(regex, record.ignore_case, &keywords);
        let packed = shapes
            .into_iter()
            .zip(&keywords)
            .map(|(mut shapes, keyword)| {
                if !shapes.is_empty() && record.is_told_by(keyword) {
                    shapes.push(shape::of_odd_form());
                }
                let mut packed = Vec::new();
                for shape in shapes {
                    let [before, after] = [&shape.before, &shape.after]
                        .map(|side| u8::try_from(side.len()).expect("a few dozen"));
                    packed.extend([before | u8::from(shape.odd) << 7, after]);
                    let (set, length) = shape
                        .row
                        .map_or((0, 0), |(set, length)| (self.number(&set), length));
                    let within = u16::try_from(record.reach.unwrap_or(REACH)).unwrap_or(u16::MAX);
                    packed.extend([set, length]);
                    packed.extend(within.to_le_bytes());
                    for place in shape.before.iter().chain(&shape.after) {
                        packed.push(self.number(&place.set) | u8::from(place.edge) << 7);
                    }
                }
                packed
            });
        packed.collect()
    }

    /// Returns the number of the set; where there are too many, that of the smallest known one that holds it: a shape
    /// may let more pass, never less.
    fn number(&mut self, set: &shape::Set) -> u8 {
        const MOST: usize = 128;
        let size = |set: &shape::Set| set.iter().filter(|&&holds| holds).count();
        let holds_it =
            |known: &shape::Set| set.iter().zip(known).all(|(&one, &other)| !one || other);
        if self.0.is_empty() {
            self.0.push([true; 256]);
        }
        let known = self.0.iter().position(|known| known == set);
        let number = match known {
            Some(number) => number,
            None if self.0.len() < MOST => {
                self.0.push(*set);
                self.0.len() - 1
            }
            None => (0..MOST)
                .filter(|&number| holds_it(&self.0[number]))
                .min_by_key(|&number| size(&self.0[number]))
                .expect("the first holds every byte"),
        };
        u8::try_from(number).expect("below 128")
    }

    /// Returns a bit for each byte of each set.
    fn packed(&self) -> Vec<u8> {
        let bytes = |set: &shape::Set| -> Vec<u8> {
            set.as_chunks::<8>()
                .0
                .iter()
                .map(|eight| (0..8).fold(0, |bits, bit| bits | u8::from(eight[bit]) << bit))
                .collect()
        };
        self.0.iter().flat_map(bytes).collect()
    }
}
