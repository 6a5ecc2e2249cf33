//! A syntax reader turns the text of a file into entries: key path, value, and where both stand.

use bstr::{BStr, ByteSlice};

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
}

/// Returns the syntax that a file's name says.
pub(crate) fn of(path: &BStr) -> Syntax {
    let _name = path.rsplit_str("/").next();
    Syntax::Unknown
}

/// Returns the entries of a text.
pub(crate) fn read(syntax: Syntax, _bytes: &[u8]) -> Document {
    match syntax {
        Syntax::Unknown => Document::default(),
    }
}
