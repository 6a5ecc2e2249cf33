//! The XML reader: elements and attributes as key paths, `configuration.system.web.compilation@debug`.
//!
//! Prefixes of namespaces are left out. `<add key="A" value="b"/>` is the entry `A` beside it as well, and so is
//! `<key>A</key><true/>` of a property list.

use roxmltree::{Node, ParsingOptions};

use super::gather::{DEEPEST, Gather, trimmed};
use super::{Document, Form, lines};
use crate::span::Span;

/// Returns the entries of an XML text.
pub(crate) fn read(text: &[u8]) -> Document {
    let options = ParsingOptions {
        allow_dtd: true,
        nodes_limit: 1 << 20,
        ..ParsingOptions::default()
    };
    let parsed = std::str::from_utf8(text)
        .ok()
        .filter(|_| nesting(text) <= DEEPEST)
        .and_then(|str| roxmltree::Document::parse_with_options(str, options).ok());
    let Some(parsed) = parsed else {
        return lines::pairs(text);
    };
    let mut gather = Gather::new(text);
    element(&mut gather, parsed.root_element(), "");
    gather.done(false)
}

/// Returns about how deep elements stand in each other, so that no parser must follow ten thousand of them.
fn nesting(text: &[u8]) -> usize {
    let (mut depth, mut deepest) = (0usize, 0);
    let mut open = false;
    for at in memchr::memchr2_iter(b'<', b'>', text) {
        match (text[at], text.get(at + 1)) {
            (b'<', Some(b'/')) => depth = depth.saturating_sub(1),
            (b'<', Some(b)) => open = b.is_ascii_alphabetic() || *b == b'_',
            (b'>', _) if std::mem::take(&mut open) && text[at - 1] != b'/' => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            _ => {}
        }
    }
    deepest
}

fn element(gather: &mut Gather<'_>, node: Node<'_, '_>, parent: &str) {
    let name = node.tag_name().name();
    let path = if parent.is_empty() {
        name.to_owned()
    } else {
        format!("{parent}.{name}")
    };
    for attribute in node.attributes() {
        let key = format!("{path}@{}", attribute.name());
        let value = Span::from(attribute.range_value());
        let name = Span::from(attribute.range_qname());
        gather.put(&key, name, attribute.value(), (value, Form::Text));
    }
    let pair = node
        .attribute("key")
        .or_else(|| node.attribute("name"))
        .zip(node.attribute_node("value"));
    if let Some((name, value)) = pair {
        let span = Span::from(value.range_value());
        gather.put(
            &format!("{path}.{name}"),
            span,
            value.value(),
            (span, Form::Text),
        );
    }
    let mut key: Option<String> = None;
    for child in node.children() {
        if child.is_text() {
            let range = child.range();
            let span = trimmed(gather.text, range.start, range.end);
            if !span.is_empty() {
                let text = child.text().unwrap_or_default().trim();
                gather.put(&path, span, text, (span, Form::Text));
            }
        } else if child.is_element() {
            match (child.tag_name().name(), key.take()) {
                ("key", _) => key = child.text().map(str::to_owned),
                (truth @ ("true" | "false"), Some(name)) => {
                    let span = Span::from(child.range());
                    gather.put(&format!("{path}.{name}"), span, truth, (span, Form::Bare));
                }
                _ => {}
            }
            element(gather, child, &path);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{found, pairs};
    use super::*;

    #[test]
    fn attributes_texts_and_pairs_are_entries() {
        let text =
            b"<?xml version='1.0'?><a xmlns:x='u'><b x:c=\"d\"> e </b><add key='K' value='v'/></a>";
        let document = read(text);
        assert_eq!(
            pairs(&document),
            [
                "a.b@c=d",
                "a.b=e",
                "a.add@key=K",
                "a.add@value=v",
                "a.add.K=v"
            ]
        );
    }

    #[test]
    fn a_property_list_has_keys() {
        let document =
            read(b"<plist><dict><key>A</key><true/><key>B</key><string>c</string></dict></plist>");
        assert!(found(&document, "plist.dict.A=true"));
    }

    #[test]
    fn elements_without_an_end_are_read_by_lines() {
        let text = "<a>".repeat(10_000);
        assert!(read(text.as_bytes()).broken);
    }
}
