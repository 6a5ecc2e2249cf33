//! The TOML reader: tables and arrays as key paths.

use toml_edit::{Item, TableLike, Value};

use super::gather::{self, DEEPEST, Gather, unquoted};
use super::{Document, Form, lines};
use crate::span::Span;

/// Returns the entries of a TOML text.
pub(crate) fn read(text: &[u8]) -> Document {
    let parsed = std::str::from_utf8(text)
        .ok()
        .and_then(|str| toml_edit::Document::parse(str).ok());
    let Some(parsed) = parsed else {
        return lines::pairs(text);
    };
    let mut walk = Walk {
        gather: Gather::new(text),
        path: String::new(),
        depth: 0,
    };
    walk.table(parsed.as_table());
    walk.gather.done(false)
}

struct Walk<'t> {
    gather: Gather<'t>,
    path: String,
    depth: usize,
}

impl Walk<'_> {
    fn table(&mut self, table: &dyn TableLike) {
        if self.depth >= DEEPEST {
            return;
        }
        self.depth += 1;
        let length = self.path.len();
        for (name, item) in table.iter() {
            let key = table
                .key(name)
                .and_then(toml_edit::Key::span)
                .map_or(Span::new(0, 0), Span::from);
            gather::push(&mut self.path, name);
            self.item(item, key);
            self.path.truncate(length);
        }
        self.depth -= 1;
    }

    fn item(&mut self, item: &Item, key: Span) {
        match item {
            Item::None => {}
            Item::Value(value) => self.value(value, key),
            Item::Table(table) => self.table(table),
            Item::ArrayOfTables(tables) => {
                let length = self.path.len();
                for (at, table) in tables.iter().enumerate() {
                    gather::push(&mut self.path, &at.to_string());
                    self.table(table);
                    self.path.truncate(length);
                }
            }
        }
    }

    fn value(&mut self, value: &Value, key: Span) {
        let span = value.span().map_or(key, Span::from);
        match value {
            Value::Array(array) => {
                if self.depth >= DEEPEST {
                    return;
                }
                self.depth += 1;
                let length = self.path.len();
                for (at, item) in array.iter().enumerate() {
                    gather::push(&mut self.path, &at.to_string());
                    let own = item.span().map_or(key, Span::from);
                    self.value(item, own);
                    self.path.truncate(length);
                }
                self.depth -= 1;
            }
            Value::InlineTable(table) => self.table(table),
            Value::String(text) => {
                let (inner, _) = unquoted(self.gather.text, span);
                let inner = match inner.of(self.gather.text) {
                    [b'"', b'"', .., b'"', b'"'] | [b'\'', b'\'', .., b'\'', b'\''] => {
                        Span::new(inner.start + 2, inner.end - 2)
                    }
                    _ => inner,
                };
                self.gather
                    .put(&self.path, key, text.value(), (inner, Form::Text));
            }
            _ => {
                let text = self.gather.str(span).into_owned();
                self.gather.put(&self.path, key, &text, (span, Form::Bare));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{pairs, spans_hold};
    use super::*;

    #[test]
    fn tables_are_key_paths() {
        let text = b"a = 1\n[b.c]\nd = [\"x\", 'y']\ne = {f = true}\n[[g]]\nh = 2\n";
        let document = read(text);
        assert_eq!(
            pairs(&document),
            ["a=1", "b.c.d.0=x", "b.c.d.1=y", "b.c.e.f=true", "g.0.h=2"]
        );
        spans_hold(text, &document);
    }

    #[test]
    fn a_template_is_read_by_lines() {
        let document = read(b"a = {{ x }}\nb = \"c\"\n");
        assert!(document.broken);
        assert_eq!(pairs(&document), ["a={{ x }}", "b=c"]);
    }
}
