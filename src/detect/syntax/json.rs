//! The JSON reader: objects and lists as key paths; comments and trailing commas are let pass.

use jsonc_parser::ast::Value;
use jsonc_parser::common::Ranged;
use jsonc_parser::{CollectOptions, ParseOptions, parse_to_ast};

use super::gather::{self, DEEPEST, Gather};
use super::{Document, Form, lines, shell};
use crate::span::Span;

/// Returns the entries of a JSON text.
pub(crate) fn read(text: &[u8]) -> Document {
    let mut gather = Gather::new(text);
    if walk_text(&mut gather, "", Span::new(0, text.len())) {
        gather.done(false)
    } else {
        lines::pairs(text)
    }
}

/// Adds the entries of the JSON text at `span` under a path, and tells whether it is JSON.
pub(crate) fn walk_text(gather: &mut Gather<'_>, path: &str, span: Span) -> bool {
    let Ok(str) = std::str::from_utf8(span.of(gather.text)) else {
        return false;
    };
    let parsed = parse_to_ast(str, &CollectOptions::default(), &ParseOptions::default());
    let Ok(Some(value)) = parsed.map(|parsed| parsed.value) else {
        return false;
    };
    let mut walk = Walk {
        gather,
        path: path.to_owned(),
        offset: span.start,
        depth: 0,
    };
    walk.value(&value, span);
    true
}

struct Walk<'g, 't> {
    gather: &'g mut Gather<'t>,
    path: String,
    offset: usize,
    depth: usize,
}

impl Walk<'_, '_> {
    fn value(&mut self, value: &Value<'_>, key: Span) {
        match value {
            Value::Object(object) => self.object(object),
            Value::Array(array) => {
                if self.depth >= DEEPEST {
                    return;
                }
                self.depth += 1;
                let length = self.path.len();
                for (at, item) in array.elements.iter().enumerate() {
                    gather::push(&mut self.path, &at.to_string());
                    self.value(item, self.place(item));
                    self.path.truncate(length);
                }
                self.depth -= 1;
            }
            Value::StringLit(text) => {
                let whole = self.place(value);
                let inner = Span::new(whole.start + 1, whole.end.saturating_sub(1));
                self.gather
                    .put(&self.path, key, &text.value, (inner, Form::Text));
                if self.path.starts_with("scripts.") {
                    shell::commands(self.gather, inner);
                }
            }
            Value::NumberLit(number) => self.bare(key, number.value, value),
            Value::BooleanLit(truth) => {
                self.bare(key, if truth.value { "true" } else { "false" }, value);
            }
            Value::NullKeyword(_) => self.bare(key, "null", value),
        }
    }

    fn object(&mut self, object: &jsonc_parser::ast::Object<'_>) {
        if self.depth >= DEEPEST {
            return;
        }
        self.depth += 1;
        let length = self.path.len();
        for property in &object.properties {
            let name = property.name.range();
            let key = Span::new(
                self.offset + name.start + 1,
                (self.offset + name.end).saturating_sub(1),
            );
            gather::push(&mut self.path, property.name.as_str());
            self.value(&property.value, key);
            self.path.truncate(length);
        }
        self.named_pair(object);
        self.depth -= 1;
    }

    /// Adds `{"Name": "A", "Value": "b"}` in a list as the entry `A` of the list.
    fn named_pair(&mut self, object: &jsonc_parser::ast::Object<'_>) {
        let get = |names: [&str; 2]| {
            object
                .properties
                .iter()
                .find(|property| names.contains(&property.name.as_str()))
                .map(|property| &property.value)
        };
        if let (Some(Value::StringLit(name)), Some(value @ Value::StringLit(text))) =
            (get(["Name", "name"]), get(["Value", "value"]))
        {
            let list = self.path.rsplit_once('.').map_or("", |(list, _)| list);
            let full = format!("{list}.{}", name.value);
            let whole = self.place(value);
            let inner = Span::new(whole.start + 1, whole.end.saturating_sub(1));
            self.gather
                .put(&full, inner, &text.value, (inner, Form::Text));
        }
    }

    fn bare(&mut self, key: Span, text: &str, value: &Value<'_>) {
        let span = self.place(value);
        self.gather.put(&self.path, key, text, (span, Form::Bare));
    }

    fn place(&self, value: &Value<'_>) -> Span {
        let range = value.range();
        Span::new(self.offset + range.start, self.offset + range.end)
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{found, pairs, spans_hold};
    use super::*;

    #[test]
    fn objects_and_lists_are_key_paths() {
        let text = b"{ // c\n \"a\": {\"b\": [1, \"x\", true,]}, 'c': null }";
        let document = read(text);
        assert_eq!(
            pairs(&document),
            ["a.b.0=1", "a.b.1=x", "a.b.2=true", "c=null"]
        );
        spans_hold(text, &document);
    }

    #[test]
    fn scripts_of_a_package_are_read() {
        let document = read(br#"{"scripts": {"start": "A=0 node x | sh"}}"#);
        assert!(found(&document, "A=0"));
        assert!(found(&document, "$node=node x"));
    }

    #[test]
    fn what_is_no_json_is_read_by_lines() {
        let document = read(b"{\n  \"a\": 1,\n  {{ x }}\n");
        assert!(document.broken);
        assert!(found(&document, "a=1"));
    }
}
