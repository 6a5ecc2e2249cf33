//! A secret's bytes are in nothing the program says or writes, whatever it is asked.

use crate::repo::Repo;

/// Every format.
const FORMATS: [&str; 14] = [
    "text",
    "concise",
    "json",
    "jsonl",
    "sarif",
    "github",
    "gitlab",
    "codequality",
    "azure",
    "bitbucket",
    "bitbucket-annotations",
    "junit",
    "markdown",
    "csv",
];

/// Six bytes of a secret are as good as the whole of a short one.
const PIECE: usize = 6;

#[track_caller]
fn assert_hidden(secret: &str, shown: &str, where_: &str) {
    let bytes = secret.as_bytes();
    // The format's public prefix may be shown.
    for piece in bytes[4..].windows(PIECE) {
        let piece = std::str::from_utf8(piece).expect("tokens are ASCII");
        assert!(
            !shown.contains(piece),
            "{where_} shows a piece of the secret:\n{shown}"
        );
    }
}

fn planted() -> (Repo, String) {
    let repo = Repo::new();
    repo.write(
        "a.py",
        "x = 1\ntoken = \"{{github:ghp_}}\"  # {{github:gho_}}\n",
    )
    .stage();
    let text = repo.read("a.py");
    let secret = text
        .split('"')
        .nth(1)
        .expect("the token is quoted")
        .to_owned();
    // Twice on a line, in a comment beside another finding, in a name, and over a seam of a wide line.
    repo.write_bytes(
        "b.env",
        format!("A={secret} B={secret}\n{}{secret}\n", "x".repeat(700)).as_bytes(),
    )
    .stage();
    // Escaped, and split over two literals.
    let (head, tail) = secret.split_at(secret.len() / 2);
    repo.write_bytes(
        "c.py",
        format!(
            "t = ('{head}'\n     '{tail}')\nu = 'a\\n{secret}\\n' + 'b'\nv = '{head}' + '{tail}'\n"
        )
        .as_bytes(),
    )
    .stage();
    repo.write_bytes(
        "conf/settings.py",
        format!("DEBUG = True  # {secret}\n").as_bytes(),
    )
    .stage();
    (repo, secret)
}

#[test]
fn no_format_and_no_flag_shows_a_byte() {
    let (repo, secret) = planted();
    for format in FORMATS {
        for flags in [
            &[][..],
            &["-v"],
            &["-vv"],
            &["-q"],
            &["--all-rules"],
            &["--ascii"],
            &["--color=always"],
        ] {
            for command in [&["staged"][..], &["scan", "."], &["scan", "a.py", "b.env"]] {
                let arguments = command
                    .iter()
                    .copied()
                    .chain(["--format", format])
                    .chain(flags.iter().copied());
                let output = repo.guard(arguments);
                assert_hidden(
                    &secret,
                    &format!("{}{}", output.stdout, output.stderr),
                    format,
                );
            }
        }
    }
}

#[test]
fn nothing_that_is_written_holds_a_byte() {
    let (repo, secret) = planted();
    let json: serde_json::Value =
        serde_json::from_str(&repo.guard(["staged", "--format", "json"]).ends(1).stdout)
            .expect("JSON");
    for finding in json["findings"].as_array().expect("a list") {
        let id = finding["id"].as_str().expect("an id");
        let _ = repo.guard(["allow", id, "--reason", "a sample", "--no-stage"]);
    }
    repo.commit("all of it");
    let _ = repo.guard(["history"]);
    let written = ["guard.toml", ".git/guard/last"];
    for file in written {
        assert_hidden(&secret, &repo.read(file), file);
    }
    for entry in std::fs::read_dir(repo.top().join(".git/guard")).expect("a folder") {
        let path = entry.expect("readable").path();
        if path.is_file() {
            let bytes = fs_err::read(&path).expect("readable");
            assert_hidden(
                &secret,
                &String::from_utf8_lossy(&bytes),
                &path.display().to_string(),
            );
        }
    }
}

#[test]
fn errors_hold_no_byte() {
    let (repo, secret) = planted();
    repo.write_bytes(
        "guard.toml",
        format!("[rules]\noff = [\"x\"]\n{secret} = 1\n").as_bytes(),
    )
    .stage();
    let output = repo.guard(["staged"]).ends(2);
    assert_hidden(&secret, &output.stderr, "an error of the configuration");
}

#[test]
fn a_token_in_a_name_is_found_and_no_name_or_argument_shows_it() {
    let (repo, secret) = planted();
    let name = format!("notes-{secret}.txt");
    repo.write_bytes(&name, b"nothing\n").stage();
    let settings = format!("{secret}/settings.py");
    repo.write_bytes(&settings, b"DEBUG = True\n").stage();
    for format in FORMATS {
        let output = repo.guard(["staged", "--format", format]);
        assert_hidden(&secret, &output.stdout, format);
        assert_hidden(&secret, &output.stderr, format);
    }
    let json: serde_json::Value =
        serde_json::from_str(&repo.guard(["staged", "--format", "json"]).ends(1).stdout)
            .expect("JSON");
    let in_names = json["findings"]
        .as_array()
        .expect("a list")
        .iter()
        .filter(|finding| finding["source"] == "path" && finding["rule"] == "github-pat");
    assert_eq!(in_names.count(), 2);
    assert_hidden(&secret, &repo.read(".git/guard/last"), ".git/guard/last");
    let missing = format!("no-{secret}");
    let option = format!("--{secret}");
    for arguments in [
        &["explain", secret.as_str()][..],
        &["allow", &secret, "--reason", "a sample"],
        &["fix", &secret],
        &["scan", &missing],
        &["history", &missing],
        &["staged", &option],
        &["ci", "--base", &missing],
        &["--config", &missing, "staged"],
        &["practices"],
        &["status", &missing],
        &["rules", &secret],
    ] {
        let output = repo.guard(arguments.iter().copied());
        let shown = format!("{}{}", output.stdout, output.stderr);
        assert_hidden(&secret, &shown, arguments[0]);
    }
}
