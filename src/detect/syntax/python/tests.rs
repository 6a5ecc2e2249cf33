//! What rules rely on: keys, values and scopes of settings, and bounds on what any text may cost.

use std::fmt::Write as _;

use proptest::prelude::*;

use super::*;

/// Returns `key = value` of each entry, with its scope where it has one.
fn read(text: &str) -> Vec<String> {
    let document = Module::parse(text.as_bytes()).document();
    let show = |entry: Entry| match entry.scope {
        Scope::Unmarked => format!("{} = {}", entry.key, entry.value),
        scope => format!("{} = {} ({scope:?})", entry.key, entry.value),
    };
    document.entries.into_iter().map(show).collect()
}

fn holds(text: &str, line: &str) {
    let lines = read(text);
    assert!(
        lines.iter().any(|have| have == line),
        "{line} is not in {lines:#?}"
    );
}

#[test]
fn assignments_become_entries() {
    assert_eq!(read("DEBUG = True\n"), ["DEBUG = True"]);
    assert_eq!(read("A = B = not False\n"), ["A = True", "B = True"]);
    assert_eq!(
        read("class Config:\n    DEBUG: bool = 1\n"),
        ["Config.DEBUG = 1"]
    );
    assert_eq!(
        read("def f():\n    DEBUG = True\n"),
        [""; 0],
        "a local is no setting"
    );
    assert_eq!(read("DEBUG = True\nDEBUG = False\n"), ["DEBUG = False"]);
    holds(
        "T = [{'OPTIONS': {'debug': True}}]",
        "T.0.OPTIONS.debug = True",
    );
    holds("HOSTS = ['a'] + ['*']", "HOSTS.0 = *");
    holds("V = []", "V = []");
}

#[test]
fn names_are_followed_through_imports_and_variables() {
    holds(
        "import requests as r\nr.get(u, verify=False)",
        "requests.get(verify) = False",
    );
    holds(
        "from requests import Session as S\ns = S()\ns.verify = False",
        "requests.Session().verify = False",
    );
    holds(
        "import httpx\nwith httpx.Client() as c:\n    c.get(u, verify=False)",
        "httpx.Client().get(verify) = False",
    );
    holds(
        "from flask import Flask\napp = Flask(__name__)\napp.config['DEBUG'] = True",
        "flask.Flask().config.DEBUG = True",
    );
    holds(
        "class A:\n  def f(self):\n    self.s = requests.Session()\n    self.s.get(u)",
        "requests.Session().get() = _",
    );
    holds(
        "from ssl import CERT_NONE\nx.verify_mode = CERT_NONE",
        "x.verify_mode = ssl.CERT_NONE",
    );
    holds(
        "from Crypto.Cipher import DES",
        "import = Crypto.Cipher.DES",
    );
    holds(
        "DEBUG = True\napp.run(debug=DEBUG)",
        "app.run(debug) = True",
    );
}

#[test]
fn a_constant_counts_only_where_it_is_sure_to_hold() {
    let lacks = |text: &str, line: &str| {
        let lines = read(text);
        assert!(
            !lines.iter().any(|have| have == line),
            "{line} is in {lines:#?}"
        );
    };
    lacks(
        "if x:\n  v = True\nelse:\n  v = False\nget(verify=v)",
        "get(verify) = False",
    );
    lacks(
        "def f():\n  v = False\ndef g(v):\n  get(verify=v)",
        "get(verify) = False",
    );
    lacks(
        "v = False\ndef g(v):\n  get(verify=v)",
        "get(verify) = False",
    );
    lacks(
        "v = False\nfor v in x:\n  get(verify=v)",
        "get(verify) = False",
    );
    holds(
        "v = False\ndef g():\n  get(verify=v)",
        "get(verify) = False",
    );
    holds(
        "def g():\n  v = False\n  get(verify=v)",
        "get(verify) = False",
    );
}

#[test]
fn reads_of_the_environment_are_known_by_their_default() {
    for truthy in [
        "os.environ.get('DEBUG', True)",
        "os.getenv('DEBUG', 'true').lower() == 'true'",
        "bool(int(os.environ.get('DEBUG', '1')))",
        "os.environ.get('DEBUG') != 'False'",
        "env.bool('DEBUG', default=True)",
        "config('DEBUG', default='True', cast=bool)",
        "os.environ.get('ENV', 'development') == 'development'",
        "os.environ.get('DEBUG', 'yes') in ('yes', '1')",
        "strtobool(os.getenv('DEBUG', 'on'))",
    ] {
        let lines = read(&format!("DEBUG = {truthy}"));
        let default = lines
            .iter()
            .find_map(|line| line.strip_prefix("DEBUG(default) = "));
        assert!(
            default.is_some_and(|default| default.eq_ignore_ascii_case("true") || default == "1"),
            "{truthy}: {lines:?}"
        );
    }
    for falsy in [
        "os.environ.get('DEBUG') == '1'",
        "env.bool('DEBUG', False)",
        "config('DEBUG', default='False', cast=bool)",
        "bool(strtobool(os.environ.get('DEBUG', 'no')))",
        "'DEBUG' in os.environ",
        "some_function('DEBUG', True)",
    ] {
        let lines = read(&format!("DEBUG = {falsy}"));
        let is_true = lines.iter().any(|line| line == "DEBUG(default) = True");
        assert!(!is_true, "{falsy}: {lines:?}");
        assert!(
            !lines.iter().any(|line| line.starts_with("DEBUG(unparsed)")),
            "{falsy}: {lines:?}"
        );
    }
    holds(
        "DEBUG = os.environ.get('DEBUG')",
        "DEBUG(unparsed) = os.environ.get('DEBUG')",
    );
    holds(
        "DEBUG = bool(os.getenv('D'))",
        "DEBUG(unparsed) = bool(os.getenv('D'))",
    );
}

#[test]
fn scopes_come_from_classes_functions_and_conditions() {
    holds(
        "class DevConfig:\n  DEBUG = True",
        "DevConfig.DEBUG = True (Development)",
    );
    holds(
        "class ProductionConfig(Base):\n  DEBUG = True",
        "ProductionConfig.DEBUG = True (Production)",
    );
    holds("if DEBUG:\n  A = 1\n", "A = 1 (Development)");
    holds(
        "if not DEBUG:\n  A = 1\nelse:\n  A = 2",
        "A = 2 (Development)",
    );
    holds("if not DEBUG:\n  A = 1\nelse:\n  A = 2", "A = 1");
    holds(
        "if ENV == 'production':\n  A = 1\nelse:\n  A = 2",
        "A = 2 (Development)",
    );
    holds("if 'test' in sys.argv:\n  A = 1", "A = 1 (Test)");
    holds("if settings.DEBUG and x:\n  A = 1", "A = 1 (Development)");
    holds("if DEBUG or x:\n  A = 1", "A = 1");
    holds(
        "def test_it():\n  app.run(debug=True)",
        "app.run(debug) = True (Test)",
    );
}

#[test]
fn a_file_with_an_error_is_read_but_broken() {
    let module = Module::parse(b"print 'x'\nDEBUG = True\n");
    let document = module.document();
    assert!(document.broken);
    assert!(document.entries.iter().any(|entry| entry.key == "DEBUG"));
    assert!(
        !Module::parse("\u{feff}DEBUG = True\n".as_bytes())
            .document()
            .broken
    );
}

#[test]
fn spans_hold_in_a_file_that_is_not_utf8() {
    let bytes = b"# \xe9\xff\nDEBUG = True\n";
    let document = Module::parse(bytes).document();
    let span = document.entries[0].value_span;
    assert_eq!(&bytes[span.start..span.end], b"True");
}

#[test]
fn what_nests_without_bound_is_refused_and_its_lines_are_read() {
    let deep = |text: String| {
        let document = Module::parse(text.as_bytes()).document();
        assert!(document.broken, "{} bytes of {:?}", text.len(), &text[..20]);
    };
    deep("(".repeat(5_000_000));
    deep("x = ".to_owned() + &"[".repeat(10_000) + &"]".repeat(10_000));
    deep("x = ".to_owned() + &"not ".repeat(1_000_000));
    deep("x = ".to_owned() + &"-".repeat(1_000_000) + "1");
    deep("x = a".to_owned() + &".b".repeat(1_000_000));
    deep("x = f".to_owned() + &"(1)".repeat(1_000_000));
    deep("x = f'".to_owned() + &"{f'".repeat(10_000));
    deep("x = f\"{x:'}{".to_owned() + &"(".repeat(10_000));
    let mut blocks = String::new();
    for depth in 0..2_000 {
        let _ = writeln!(blocks, "{:depth$}if x:", "");
    }
    deep(blocks);
    let text = "DEBUG = True\ny = ".to_owned() + &"(".repeat(10_000);
    assert_eq!(read(&text)[0], "DEBUG = True");
}

#[test]
fn what_is_long_but_flat_is_read() {
    let table = format!("T = [{}]\nDEBUG = True\n", "('a', 1), ".repeat(200_000));
    let document = Module::parse(table.as_bytes()).document();
    assert!(!document.broken);
    assert_eq!(
        document.entries.last().map(|entry| entry.key.as_str()),
        Some("DEBUG")
    );
    let sum = format!("S = ({} 'end')\n", "'a' + \n".repeat(2_500));
    assert!(!Module::parse(sum.as_bytes()).document().broken);
    let text = format!("S = '''{}'''\n", "((((".repeat(100_000));
    assert!(!Module::parse(text.as_bytes()).document().broken);
}

proptest! {
    #[test]
    fn no_text_makes_the_reader_fail(text in "[\\PC\n]{0,200}") {
        let _ = Module::parse(text.as_bytes()).document();
    }

    #[test]
    fn no_heap_of_python_tokens_makes_the_reader_fail(
        tokens in prop::collection::vec(
            prop::sample::select(vec![
                "(", ")", "[", "]", "{", "}", "f'", "'", "\"\"\"", "f\"", "\"", "if ", "else", ":", "\n", " ", "    ",
                "class A", "def f", "x", "=", "==", ".", ",", "True", "os.environ.get", "not ", "lambda ", "import ",
                "from ", "**", "*", "@", "1", "\\", "#", "{x:", "é", "match ", "case ", "await ",
            ]),
            0..60,
        ),
    ) {
        let text: String = tokens.concat();
        let document = Module::parse(text.as_bytes()).document();
        for entry in document.entries {
            prop_assert!(entry.value_span.end <= text.len());
        }
    }
}
