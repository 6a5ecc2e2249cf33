//! However git stores a history, each version is handed over once, with what is new in it and what is known of it.
//!
//! A toy scan looks for a word between bytes that matter; what it gathers from the differences is compared with what
//! it finds in each version as `git cat-file` prints it.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Mutex;

use guard::blob::{Blob, Mark, Origin};
use guard::source::history::{History, Unreachable};
use guard::source::range::Missing;
use guard::source::{Source as _, Unread};
use guard::span::Span;

use crate::repo::{Repo, filled};

/// Returns every `key` that no `!` stands beside, with the bytes that decided.
fn found(text: &[u8]) -> Vec<Span> {
    let is_free = |at: Option<usize>| at.and_then(|at| text.get(at)) != Some(&b'!');
    let words = (0..text.len().saturating_sub(2)).filter(|&at| text[at..].starts_with(b"key"));
    words
        .filter(|&at| is_free(at.checked_sub(1)) && is_free(Some(at + 3)))
        .map(|at| Span::new(at.saturating_sub(1), (at + 4).min(text.len())))
        .collect()
}

/// Scans the history by its differences; all of it can be read.
fn by_differences(repo: &Repo) -> BTreeMap<String, Vec<Span>> {
    let (found, unread) = scanned(repo);
    assert_eq!(unread, [], "nothing is left unread");
    found
}

/// Scans the history by its differences; returns also what could not be read.
fn scanned(repo: &Repo) -> (BTreeMap<String, Vec<Span>>, Vec<Unread>) {
    let all = Mutex::new(BTreeMap::new());
    let history = History::new(repo.top(), Missing::Error, Unreachable::Skip);
    let visit = |blob: &Blob<'_>| -> Vec<Mark> {
        if blob.provenance.origin != Origin::File {
            return Vec::new();
        }
        let new = found(blob.bytes)
            .into_iter()
            .filter(|&extent| blob.regions.touch(extent));
        let known = blob.inherited.iter().map(|mark| mark.extent());
        let mut spans: Vec<Span> = known.chain(new).collect();
        spans.sort_unstable();
        let id = blob.provenance.blob_id.expect("of a file").to_string();
        let before = all.lock().expect("no panic").insert(id, spans.clone());
        assert!(
            before.is_none_or(|before| before == spans),
            "two names, two results"
        );
        spans
            .into_iter()
            .map(|extent| Mark::new(extent, 0))
            .collect()
    };
    let coverage = history.scan(&visit).expect("readable");
    (all.into_inner().expect("no panic"), coverage.unread)
}

/// Scans every version as git prints it.
fn by_versions(repo: &Repo) -> BTreeMap<String, Vec<Span>> {
    let listed = repo
        .git(["rev-list", "--objects", "--all"])
        .ok()
        .stdout
        .clone();
    let ids: Vec<&str> = listed
        .lines()
        .filter_map(|line| line.split(' ').next())
        .collect();
    let kinds = repo.at("").run(
        "git",
        ["cat-file", "--batch-check=%(objecttype) %(objectname)"],
        ids.join("\n").as_bytes(),
    );
    let kinds = kinds.ok().stdout.clone();
    let blobs = kinds.lines().filter_map(|line| line.strip_prefix("blob "));
    let text = |id: &str| repo.git(["cat-file", "blob", id]).ok().stdout.clone();
    blobs
        .map(|id| (id.to_owned(), found(text(id).as_bytes())))
        .collect()
}

/// Numbers that look random and are the same each time (xorshift, Marsaglia 2003).
struct Random(u64);

impl Random {
    fn below(&mut self, most: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % most as u64).expect("below")
    }

    fn text(&mut self, length: usize) -> String {
        const PIECES: [&str; 8] = ["key", "!", "key!", " ", "k", "\n", "some words ", "y"];
        (0..length)
            .map(|_| PIECES[self.below(PIECES.len())])
            .collect()
    }
}

/// Makes a history of files that change, move, swap pieces, shrink and grow, packed as one chain of deltas.
fn random_history(seed: u64, arguments: &[&str]) -> Repo {
    let repo = Repo::bare_room("repo".as_ref());
    let mut init = vec!["init", "-q", "-b", "main"];
    init.extend(arguments);
    repo.git(init).ok();
    let mut random = Random(seed);
    let mut files: Vec<String> = (0..3).map(|_| random.text(300)).collect();
    let mut stream = String::new();
    for commit in 0..25 {
        let at = random.below(files.len());
        let mut text = files[at].clone();
        for _ in 0..=random.below(4) {
            let (start, end) = (random.below(text.len() + 1), random.below(text.len() + 1));
            let (start, end) = (start.min(end), start.max(end).min(start.min(end) + 60));
            let piece = match random.below(3) {
                0 => text[start..end].to_owned(),
                1 => String::new(),
                _ => random.text(4),
            };
            let place = random.below(text.len() + 1);
            text.replace_range(start..end, "");
            text.insert_str(place.min(text.len()), &piece);
        }
        files[at] = text;
        let write = writeln!(
            stream,
            "commit refs/heads/main\ncommitter A <a@example.org> {} +0000\ndata 0\nM 644 inline {}\ndata {}\n{}",
            1_700_000_000 + commit,
            ["a.txt", "folder/b.txt", "c"][at],
            files[at].len(),
            files[at],
        );
        write.expect("to memory");
    }
    repo.at("")
        .run("git", ["fast-import", "--quiet"], stream.as_bytes())
        .ok();
    repo
}

fn agree(repo: &Repo, how: &str) {
    let (one, other) = (by_differences(repo), by_versions(repo));
    assert!(one.len() > 20, "{how}: {}", one.len());
    assert_eq!(one, other, "{how}");
}

#[test]
fn differences_say_what_the_versions_say_however_they_are_packed() {
    for seed in [88_172_645_463_325_252, 5, 1_234_567] {
        let repo = random_history(seed, &[]);
        agree(&repo, "as imported");
        for configuration in [
            "repack.useDeltaBaseOffset=true",
            "repack.useDeltaBaseOffset=false",
        ] {
            let repack = [
                "-c",
                configuration,
                "repack",
                "-adfq",
                "--depth=50",
                "--window=50",
            ];
            repo.git(repack).ok();
            agree(&repo, configuration);
        }
    }
}

#[test]
fn offsets_beyond_four_gigabytes_are_read() {
    let repo = random_history(42, &[]);
    repo.git(["repack", "-adfq", "--depth=50"]).ok();
    let folder = repo.top().join(".git/objects/pack");
    let with_end = |end: &str| {
        let entries = std::fs::read_dir(&folder).expect("a folder");
        let mut paths = entries.map(|entry| entry.expect("readable").path());
        paths
            .find(|path| path.extension().is_some_and(|is| is == end))
            .expect("there")
    };
    let (pack, index) = (with_end("pack"), with_end("idx"));
    fs_err::remove_file(&index).expect("removable");
    // git's own way to test it: offsets from 64 on are written as 64 bits.
    let pack = pack.to_str().expect("UTF-8").to_owned();
    repo.git(["index-pack", "--index-version=2,0x40", &pack])
        .ok();
    agree(&repo, "an index with 64-bit offsets");
    repo.git(["multi-pack-index", "write"]).ok();
    agree(&repo, "a multi-pack-index beside it");
}

#[test]
fn a_multi_pack_index_is_enough_where_a_pack_has_no_index_of_its_own() {
    let repo = random_history(43, &[]);
    repo.git(["repack", "-adfq", "--depth=50"]).ok();
    repo.git(["multi-pack-index", "write"]).ok();
    let expected = by_versions(&repo);
    let folder = repo.top().join(".git/objects/pack");
    for entry in std::fs::read_dir(&folder).expect("a folder") {
        let path = entry.expect("readable").path();
        let is_index = |end| end == "idx" || end == "rev";
        if path.extension().is_some_and(is_index) {
            fs_err::remove_file(&path).expect("removable");
        }
    }
    let (found, unread) = scanned(&repo);
    assert_eq!(found, expected);
    // git itself reads no commit then, so it cannot list the reflogs: that is said.
    assert!(unread.iter().all(|unread| unread.path == "reflogs"));
}

/// Writes a pack of one object, stored as the difference to an object of another pack, with its index. No git makes
/// such a pack: it is what a copy that was cut in two looks like.
fn write_stray(folder: &std::path::Path, name: &[u8], base: &[u8], delta: &[u8]) {
    let size = u8::try_from(delta.len()).expect("short");
    assert!(size < 16, "a head of one byte");
    let mut packed = vec![7 << 4 | size];
    packed.extend_from_slice(base);
    let mut deflated = vec![0; 100];
    let length = libdeflater::Compressor::new(libdeflater::CompressionLvl::default())
        .zlib_compress(delta, &mut deflated)
        .expect("it fits");
    packed.extend_from_slice(&deflated[..length]);
    let sum = [0x5a; 20];
    let pack = [b"PACK\0\0\0\x02\0\0\0\x01", &packed[..], &sum].concat();
    let mut index = b"\xfftOc\0\0\0\x02".to_vec();
    for first in 0..=u8::MAX {
        index.extend(u32::from(first >= name[0]).to_be_bytes());
    }
    index.extend_from_slice(name);
    index.extend(crc32fast::hash(&packed).to_be_bytes());
    index.extend(12_u32.to_be_bytes());
    index.extend([sum, sum].concat());
    fs_err::write(folder.join("pack-stray.pack"), pack).expect("writable");
    fs_err::write(folder.join("pack-stray.idx"), index).expect("writable");
}

#[test]
fn a_delta_whose_base_lies_in_another_pack_is_what_git_makes_of_it() {
    let repo = Repo::new();
    let text = format!("TOKEN={}\n", filled("{{github:ghp_}}"));
    repo.write_bytes("a.env", text.as_bytes()).stage();
    repo.commit("the base");
    repo.git(["repack", "-adq"]).ok();
    let base = repo.id("HEAD:a.env");
    let longer = [&text, "key\n"].concat();
    repo.write_bytes("a.env", longer.as_bytes()).stage();
    repo.commit("made from it");
    let other = repo.id("HEAD:a.env");
    let loose = repo.top().join(".git/objects").join(&other[..2]);
    fs_err::remove_dir_all(loose).expect("removable");
    let raw = |id: &str| {
        guard::blob::ObjectId::from_hex(id.as_bytes())
            .expect("an id")
            .as_raw()
            .to_vec()
    };
    let length = |text: &str| u8::try_from(text.len()).expect("short");
    let mut delta = vec![length(&text), length(&longer), 0b1001_0000, length(&text)];
    delta.extend(b"\x04key\n");
    let folder = repo.top().join(".git/objects/pack");
    write_stray(&folder, &raw(&other), &raw(&base), &delta);
    let read = repo.git(["cat-file", "blob", &other]);
    let said = repo.guard(["history", "--format", "json"]);
    assert!(
        said.stdout.contains("github-pat"),
        "the rest is told: {said}"
    );
    if read.code == 0 {
        said.ends(1);
    } else {
        said.ends(2).says(&other);
    }
}

#[test]
fn what_lies_in_an_alternate_or_under_a_long_name_is_read() {
    let repo = random_history(7, &[]);
    repo.git(["repack", "-adfq", "--depth=50"]).ok();
    let borrower = Repo::bare_room("borrower".as_ref());
    let from = repo.top().to_str().expect("UTF-8").to_owned();
    borrower.git(["clone", "-q", "--shared", &from, "."]).ok();
    assert_eq!(by_differences(&borrower), by_versions(&repo));
    let repo = random_history(7, &["--object-format=sha256"]);
    repo.git(["repack", "-adfq", "--depth=50"]).ok();
    agree(&repo, "names of 32 bytes");
}
