//! Hostile inputs: every reader ends on them soon, and none of them panics.
#![allow(clippy::format_collect, reason = "texts of a test are built once")]

use std::fmt::Write as _;

use proptest::prelude::*;

use super::*;

/// Every syntax that has a reader of this folder.
const ALL: [Syntax; 26] = [
    Syntax::Dotenv,
    Syntax::Versions,
    Syntax::Ini,
    Syntax::Properties,
    Syntax::Yaml,
    Syntax::Dockerfile,
    Syntax::Shell,
    Syntax::Makefile,
    Syntax::Procfile,
    Syntax::Requirements,
    Syntax::Lock,
    Syntax::Json,
    Syntax::Toml,
    Syntax::Hcl,
    Syntax::Xml,
    Syntax::Directives,
    Syntax::Conf,
    Syntax::Template,
    Syntax::Code(Language::Script),
    Syntax::Code(Language::Php),
    Syntax::Code(Language::Ruby),
    Syntax::Code(Language::Go),
    Syntax::Code(Language::Java),
    Syntax::Code(Language::CSharp),
    Syntax::Code(Language::Rust),
    Syntax::Code(Language::Elixir),
];

/// Reads a text in every syntax; spans must lie inside it, and what is kept must not outgrow it.
fn read_all(text: &[u8]) {
    for syntax in ALL {
        let document = read(syntax, text);
        let mut kept = 0;
        for entry in &document.entries {
            assert!(entry.value_span.end <= text.len(), "{syntax:?}: {entry:?}");
            assert!(entry.key_span.end <= text.len(), "{syntax:?}: {entry:?}");
            kept += entry.key.len() + entry.value.len();
        }
        assert!(
            kept <= (1 << 21) + text.len() * 64,
            "{syntax:?} keeps {kept} bytes"
        );
    }
}

#[test]
fn deep_nesting_is_read_or_given_up() {
    for piece in [
        "[",
        "{",
        "(",
        "<a>",
        "- ",
        "{a: ",
        "{\"a\":",
        "a { ",
        "$(",
        "\"$(",
        "`",
        "a = [",
        "[[",
        "if a do\n",
        "a:\n ",
        "?",
        "*a ",
    ] {
        read_all(piece.repeat(10_000).as_bytes());
    }
    let indented: String = (0..2_000)
        .map(|depth| format!("{}a:\n", " ".repeat(depth)))
        .collect();
    read_all(indented.as_bytes());
}

#[test]
fn long_lines_take_no_more_than_their_length() {
    for piece in [
        "a",
        "a ",
        "a=",
        "'",
        "\"",
        "\\",
        "#",
        "a: ",
        "a,",
        ";",
        "a=b ",
        "--a ",
        "<a",
        "/*",
        "//",
        "|",
        "&",
        "<<A ",
        "${",
        "%{",
        "a.b.",
        "::",
        "=>",
        "RUN <<A\n",
        "FROM a\n",
        "\u{fc}",
        "!",
        "@",
        "a\t",
        "if ",
        "FROM a AS b\n",
        "-",
        "a|",
    ] {
        read_all(piece.repeat(60_000 / piece.len()).as_bytes());
    }
}

#[test]
fn an_alias_bomb_is_no_bomb() {
    let mut text = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..40 {
        let aliases = vec![format!("*a{}", level - 1); 9].join(", ");
        let _ = writeln!(text, "a{level}: &a{level} [{aliases}]");
    }
    assert!(!read(Syntax::Yaml, text.as_bytes()).broken);
    read_all(text.as_bytes());
    let entities: String = (1..40)
        .map(|level| format!("<!ENTITY e{level} \"&e{};&e{};\">", level - 1, level - 1))
        .collect();
    read_all(format!("<!DOCTYPE a [<!ENTITY e0 \"xxxxxxxx\">{entities}]><a>&e39;</a>").as_bytes());
}

#[test]
fn a_huge_key_above_many_children_is_kept_within_bounds() {
    let key = "k".repeat(200_000);
    let children: String = (0..2_000)
        .map(|number| format!("  c{number}: 1\n"))
        .collect();
    read_all(format!("{key}:\n{children}").as_bytes());
    let items = vec!["1"; 5_000].join(",");
    read_all(format!("{{\"{key}\": [{items}]}}").as_bytes());
}

proptest! {
    #[test]
    fn any_bytes_are_read(text in prop::collection::vec(any::<u8>(), 0..200)) {
        read_all(&text);
    }

    #[test]
    fn any_marks_are_read(text in "([a-c=:;,'\"`#$@{}()<>|&!?*/ \\\\\n\t\\[\\]-]|FROM |RUN |if |do |end |ä|<<A|\\$\\{|- ){0,80}") {
        read_all(text.as_bytes());
    }
}
