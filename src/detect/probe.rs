//! Entrances for fuzzing and for tests with hostile input: every reader by its name, run on any bytes.

use super::syntax::{Language, Syntax, read};

/// Every syntax that has a reader, with its name and the name of a file that is read by it.
const READERS: [(Syntax, &str); 27] = [
    (Syntax::Python, "settings.py"),
    (Syntax::Dotenv, ".env"),
    (Syntax::Versions, ".tool-versions"),
    (Syntax::Ini, "setup.cfg"),
    (Syntax::Properties, "application.properties"),
    (Syntax::Yaml, "compose.yml"),
    (Syntax::Dockerfile, "Dockerfile"),
    (Syntax::Shell, "run.sh"),
    (Syntax::Makefile, "Makefile"),
    (Syntax::Procfile, "Procfile"),
    (Syntax::Requirements, "requirements.txt"),
    (Syntax::Lock, "go.mod"),
    (Syntax::Json, "package.json"),
    (Syntax::Toml, "pyproject.toml"),
    (Syntax::Hcl, "main.tf"),
    (Syntax::Xml, "pom.xml"),
    (Syntax::Directives, "sshd_config"),
    (Syntax::Conf, "nginx.conf"),
    (Syntax::Template, "stack.template"),
    (Syntax::Code(Language::Script), "app.js"),
    (Syntax::Code(Language::Php), "config.php"),
    (Syntax::Code(Language::Ruby), "production.rb"),
    (Syntax::Code(Language::Go), "main.go"),
    (Syntax::Code(Language::Java), "App.java"),
    (Syntax::Code(Language::CSharp), "Startup.cs"),
    (Syntax::Code(Language::Rust), "main.rs"),
    (Syntax::Code(Language::Elixir), "prod.exs"),
];

/// Returns the name of a file for each reader.
pub fn readers() -> impl ExactSizeIterator<Item = &'static str> {
    READERS.iter().map(|(_, name)| *name)
}

/// What a reader made of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Read {
    /// How many entries.
    pub entries: usize,
    /// How many bytes they keep.
    pub kept: usize,
    /// The text does not follow the syntax.
    pub broken: bool,
}

/// Reads a text by the reader of that number; what must hold of any text is asserted.
pub fn reader(number: usize, text: &[u8]) -> Read {
    let (syntax, name) = READERS[number % READERS.len()];
    let document = read(syntax, text);
    let mut kept = 0;
    let mut before = 0;
    for entry in &document.entries {
        for span in [entry.key_span, entry.value_span] {
            assert!(
                span.start <= span.end && span.end <= text.len(),
                "{name}: {entry:?}"
            );
        }
        assert!(
            before <= entry.value_span.start,
            "{name}: out of order: {entry:?}"
        );
        before = entry.value_span.start;
        kept += entry.key.len() + entry.value.len();
    }
    assert!(
        kept <= (1 << 21) + text.len() * 64,
        "{name} keeps {kept} bytes"
    );
    Read {
        entries: document.entries.len(),
        kept,
        broken: document.broken,
    }
}
