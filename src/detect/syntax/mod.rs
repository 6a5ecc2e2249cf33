//! A syntax reader turns the text of a file into entries: key path, value, and where both stand.
#![allow(
    clippy::case_sensitive_file_extension_comparisons,
    reason = "keys and names in lower case are compared, not file names as they are written"
)]

mod code;
mod directives;
mod dockerfile;
mod dotenv;
mod gather;
mod hcl;
mod ini;
mod json;
pub(crate) mod kin;
mod lines;
mod name;
pub(crate) mod python;
mod requirements;
mod shell;
mod toml;
mod xml;
mod yaml;

pub(crate) use code::lex::Language;
pub(crate) use name::of;

use super::found::Scope;
use crate::span::Span;

/// A setting, or an argument of a call, as it stands in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entry {
    /// The dotted key path: `DEBUG`, `server.ssl.verify`, `spec.containers.0.privileged`. A keyword argument of
    /// a call is `app.run(debug)`, a positional one `yaml.load(0)`, the call itself `eval()`.
    pub(crate) key: String,
    /// Where the last part of the key stands.
    pub(crate) key_span: Span,
    /// The value with quotes and escapes undone; of an expression its text.
    pub(crate) value: String,
    /// Where the value stands.
    pub(crate) value_span: Span,
    /// What the value is.
    pub(crate) form: Form,
    /// What the text around it says of where it holds.
    pub(crate) scope: Scope,
}

/// What a value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// A quoted text.
    Text,
    /// An unquoted word, number or truth value.
    Bare,
    /// An expression of a language: a call, a name, a sum.
    Expression,
}

impl Form {
    /// Returns the form that a rule's record calls by this name.
    pub(crate) fn of_name(name: &str) -> Option<Self> {
        match name {
            "text" => Some(Form::Text),
            "bare" => Some(Form::Bare),
            "expression" => Some(Form::Expression),
            _ => None,
        }
    }
}

/// What a reader made of a file.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Document {
    /// The entries in order of place.
    pub(crate) entries: Vec<Entry>,
    /// The file does not follow its syntax (or is a template): entries come from a scan of its lines, and what
    /// they say is a warning at most.
    pub(crate) broken: bool,
}

/// The syntaxes that have a reader.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Syntax {
    /// Files whose names tell no syntax: they give no entries.
    Unknown,
    /// Python.
    Python,
    /// `NAME=value` lines.
    Dotenv,
    /// `.python-version`, `.tool-versions`, `.nvmrc`.
    Versions,
    /// `[section]` and `key = value`.
    Ini,
    /// Java properties.
    Properties,
    /// YAML.
    Yaml,
    /// Dockerfile, Containerfile.
    Dockerfile,
    /// Shell scripts.
    Shell,
    /// Makefiles.
    Makefile,
    /// `web: command` lines.
    Procfile,
    /// `requirements.txt`.
    Requirements,
    /// `Gemfile.lock`, `go.mod`: a name and a version a line.
    Lock,
    /// JSON, with comments.
    Json,
    /// TOML.
    Toml,
    /// HCL: Terraform, Vault.
    Hcl,
    /// XML.
    Xml,
    /// One directive a line: sshd, Apache, `pg_hba.conf`.
    Directives,
    /// A `.conf` file, which may be nginx's, an ini file, YAML or directives.
    Conf,
    /// A template of `CloudFormation`: JSON or YAML.
    Template,
    /// A programming language.
    Code(code::lex::Language),
}

impl Syntax {
    /// Tells whether files of this syntax name packages, images or versions: rules without a keyword look at them.
    pub(crate) fn names_versions(self) -> bool {
        let by_their_own_files = matches!(
            self,
            Syntax::Code(code::lex::Language::Ruby) | Syntax::Python
        );
        by_their_own_files
            || !matches!(
                self,
                Syntax::Unknown | Syntax::Dotenv | Syntax::Properties | Syntax::Code(_)
            )
    }
}

/// Returns the entries of a text.
pub(crate) fn read(syntax: Syntax, bytes: &[u8]) -> Document {
    match syntax {
        Syntax::Unknown => Document::default(),
        Syntax::Python => python::Module::parse(bytes).document(),
        Syntax::Dotenv => dotenv::read(bytes),
        Syntax::Versions => dotenv::versions(bytes),
        Syntax::Ini => ini::read(bytes),
        Syntax::Properties => ini::properties(bytes),
        Syntax::Yaml => yaml::read(bytes),
        Syntax::Dockerfile => dockerfile::read(bytes),
        Syntax::Shell => shell::read(bytes),
        Syntax::Makefile => shell::makefile(bytes),
        Syntax::Procfile => shell::procfile(bytes),
        Syntax::Requirements => requirements::read(bytes),
        Syntax::Lock => requirements::lock(bytes),
        Syntax::Json => json::read(bytes),
        Syntax::Toml => toml::read(bytes),
        Syntax::Hcl => hcl::read(bytes),
        Syntax::Xml => xml::read(bytes),
        Syntax::Directives => directives::by_line(bytes),
        Syntax::Conf => match directives::kind(bytes) {
            directives::Kind::Ini => ini::read(bytes),
            directives::Kind::Braces => directives::braces(bytes),
            directives::Kind::Yaml => yaml::read(bytes),
            directives::Kind::Lines => directives::by_line(bytes),
        },
        Syntax::Code(language) => code::read(language, bytes),
        Syntax::Template => match bytes.trim_ascii_start().first() {
            Some(b'{') => json::read(bytes),
            _ => yaml::read(bytes),
        },
    }
}

#[cfg(test)]
mod nasty;
#[cfg(test)]
mod tests {
    use super::*;

    /// Returns the entries as `key=value`.
    pub(crate) fn pairs(document: &Document) -> Vec<String> {
        let pair = |entry: &Entry| format!("{}={}", entry.key, entry.value);
        document.entries.iter().map(pair).collect()
    }

    /// Tells whether an entry `key=value` is there.
    pub(crate) fn found(document: &Document, wanted: &str) -> bool {
        pairs(document).iter().any(|pair| pair == wanted)
    }

    /// Returns the scopes of the entries.
    pub(crate) fn scopes(document: &Document) -> Vec<Scope> {
        document.entries.iter().map(|entry| entry.scope).collect()
    }

    /// Asserts that values of one line stand where their spans say.
    pub(crate) fn spans_hold(text: &[u8], document: &Document) {
        for entry in &document.entries {
            let there = String::from_utf8_lossy(entry.value_span.of(text));
            assert!(
                entry.key == "---"
                    || there.trim_end() == entry.value.trim_end()
                    || there.contains('\n'),
                "{} is {:?}, not {there:?}",
                entry.key,
                entry.value
            );
        }
    }
}
