//! An assignment as it was read: key, operator, value, and how the value stands there.

use crate::span::Span;

/// How far after its key an assignment may reach. What lies beyond is not looked at.
pub(super) const REACH: usize = 400;
/// How far before its key the surroundings are looked at.
pub(super) const BEFORE: usize = 200;

/// What stands between a key and its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Operator {
    /// `k = v`, `k := v`, `k <- v`.
    Assign,
    /// `k: v`.
    Colon,
    /// `k => v`, `k -> v`.
    Arrow,
    /// `k == v`, `k != v`.
    Compare,
    /// `set_k("v")`, `@k("v")`.
    Call,
    /// `"k", "v"`.
    Comma,
    /// `<k>v</k>`.
    Element,
    /// `name="k" value="v"`, `name: k` and on the next line `value: v`.
    Label,
    /// `--k v`, `k "v"`.
    Blank,
    /// `the k is v`.
    Prose,
    /// `| k | v |`.
    Cell,
    /// `scheme://k:v@host`.
    Url,
    /// `Basic v`, `Bearer v`.
    Scheme,
    /// `-u user:v`.
    User,
}

/// How a value is quoted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Quote {
    /// Not at all.
    None,
    /// `'v'`.
    Single,
    /// `"v"`.
    Double,
    /// `` `v` ``.
    Back,
    /// `\"v\"`, a quote within a quoted text.
    Escaped,
}

/// What a value is wrapped in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Wrap {
    /// Nothing.
    None,
    /// A call: `Buffer.from("v")`.
    Call,
    /// A look-up's default: `getenv("K", "v")`, `${K:-v}`.
    Default,
    /// The second of a pair: `auth = ("user", "v")`.
    Second,
}

/// An assignment as it was read.
#[derive(Debug, Clone, Copy)]
pub struct Assignment {
    /// The key.
    pub key: Span,
    /// What stands between.
    pub operator: Operator,
    /// The value, without its quotes.
    pub value: Span,
    /// How it is quoted.
    pub quote: Quote,
    /// What it is wrapped in.
    pub wrap: Wrap,
    /// The value ran beyond the reach and was cut.
    pub cut: bool,
}
