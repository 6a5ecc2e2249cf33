//! `--archives`: what is packed is looked into as if it were a folder, within limits.

use std::io::{Cursor, Write as _};

use zip::write::SimpleFileOptions;

use crate::repo::Repo;

fn zipped(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in members {
        writer
            .start_file(*name, SimpleFileOptions::default())
            .expect("a new member");
        writer.write_all(bytes).expect("memory is writable");
    }
    writer.finish().expect("memory is writable").into_inner()
}

fn tarred(name: &str, bytes: &[u8]) -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    let mut header = tar::Header::new_ustar();
    header.set_size(bytes.len() as u64);
    header.set_mode(0o644);
    builder
        .append_data(&mut header, name, bytes)
        .expect("memory is writable");
    builder.into_inner().expect("memory is writable")
}

fn gzipped(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(bytes).expect("memory is writable");
    encoder.finish().expect("memory is writable")
}

/// Returns a repository and a line that holds a token.
fn planted() -> (Repo, Vec<u8>) {
    let repo = Repo::new();
    // Long enough to be packed, and not only stored.
    repo.write(
        "token",
        &format!(
            "{}TOKEN={{{{github:ghp_}}}}\n",
            "nothing to see\n".repeat(200)
        ),
    );
    let line = repo.read("token").into_bytes();
    fs_err::remove_file(repo.top().join("token")).expect("it was just written");
    (repo, line)
}

#[test]
fn a_token_is_found_in_zip_tar_and_gzip_and_in_one_inside_another() {
    let (repo, line) = planted();
    repo.write_bytes("a.zip", &zipped(&[("conf/app.env", &line)]));
    repo.write_bytes("b.tgz", &gzipped(&tarred("./deep/app.env", &line)));
    repo.write_bytes("c.env.gz", &gzipped(&line));
    let inner = zipped(&[("x.txt", b"nothing"), ("app.env", &line)]);
    repo.write_bytes("d.jar", &zipped(&[("lib/inner.zip", &inner)]));
    let output = repo.guard(["scan", "--archives", "--format", "concise", "."]);
    let output = output.ends(1);
    for path in [
        "a.zip!/conf/app.env:201:7:",
        "b.tgz!/b!/deep/app.env:201:7:",
        "c.env.gz!/c.env:201:7:",
        "d.jar!/lib/inner.zip!/app.env:201:7:",
    ] {
        assert!(
            output.stdout.contains(path),
            "not said: {path}\n{}",
            output.stdout
        );
    }
    repo.guard(["scan", "."]).ok();
}

#[test]
fn what_is_staged_is_looked_into_where_the_configuration_says_so() {
    let (repo, line) = planted();
    repo.write_bytes("a.zip", &zipped(&[("app.env", &line)]))
        .stage();
    repo.guard(["staged"]).ok();
    repo.write("guard.toml", "[paths]\narchives = true\n");
    repo.guard(["staged"]).ends(1).says("a.zip!/app.env");
    repo.commit("archive");
    repo.guard(["history"]).ok().says("archives are not opened");
}

#[test]
fn what_cannot_be_unpacked_is_an_error_and_the_rest_is_scanned() {
    let (repo, line) = planted();
    let sound = zipped(&[("app.env", &line)]);
    repo.write_bytes("cut.zip", &sound[..sound.len() / 2]);
    repo.write_bytes("sound.zip", &sound);
    repo.write_bytes("cut.gz", &gzipped(&line.repeat(50))[..40]);
    let output = repo.guard(["scan", "--archives", "."]).ends(2);
    for word in ["cut.zip", "cut.gz!/cut", "sound.zip!/app.env"] {
        assert!(
            output.all().contains(word),
            "not said: {word}\n{}",
            output.all()
        );
    }
}

#[test]
fn a_bomb_is_cut_off_and_said() {
    let (repo, _) = planted();
    let bomb = gzipped(&vec![b'a'; 40 << 20]);
    repo.write_bytes("bomb.gz", &bomb);
    repo.guard(["scan", "--archives", "bomb.gz"])
        .ends(2)
        .says("unpacks to far more");
    let mut nested = b"end".to_vec();
    for _ in 0..8 {
        nested = gzipped(&nested);
    }
    repo.write_bytes("nested.gz", &nested);
    repo.guard(["scan", "--archives", "nested.gz"])
        .ends(2)
        .says("more than 4 deep");
}

#[test]
fn a_member_cannot_name_a_path_outside_its_archive() {
    let (repo, line) = planted();
    repo.write_bytes("a.zip", &zipped(&[("../../etc/app.env", &line)]));
    repo.guard(["scan", "--archives", "--format", "concise", "a.zip"])
        .ends(1)
        .says("a.zip!/etc/app.env:201:7:");
}
