//! Decoding shows the text under a text, one level deep: UTF-16, base64, hex, escapes and joined literals; what is
//! found is put back in its place.

mod base;
pub(crate) mod spelled;
mod utf16;

pub(crate) use base::{Encoded, SHORTEST, lines_before};
pub(crate) use utf16::{Order, Wide};

/// How the bytes of a blob are read, as its start says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reading {
    /// As they stand.
    Text,
    /// As units of 16 bits.
    Wide(Order),
    /// As a binary: only what has a form of its own is looked for.
    Binary,
}

impl Reading {
    /// Returns the reading of a blob with this start.
    pub(crate) fn of(bytes: &[u8]) -> Self {
        match Order::of(bytes) {
            Some(order) => Reading::Wide(order),
            None if is_binary(bytes) => Reading::Binary,
            None => Reading::Text,
        }
    }
}

/// Tells whether bytes are no text: a NUL in the first 8000, as git asks.
fn is_binary(bytes: &[u8]) -> bool {
    memchr::memchr(0, &bytes[..bytes.len().min(8000)]).is_some()
}

#[cfg(test)]
mod tests {
    use crate::blob::Regions;
    use crate::detect::{Engine, Match};
    use crate::rule::{Random, Rules, alphabet, parse};
    use crate::span::Span;

    fn engine() -> Engine {
        let rule = "[[rule]]\nid='t'\ntitle='t'\nwhy='w'\nfix='f'\nkeywords=['tok_']\nregex='\\btok_[a-z0-9]{20}\\b'\n\
                    match=['a','b']\nno-match=['c','d']\n";
        Engine::new(Rules::only(parse(rule, "test").expect("sound")))
    }

    fn token() -> String {
        "tok_".to_owned() + &Random::new("decode").string(alphabet("lowernum").expect("known"), 20)
    }

    fn only(matches: Vec<Match>) -> Match {
        let [found] = <[Match; 1]>::try_from(matches).expect("one match");
        found
    }

    #[test]
    fn a_token_under_base64_or_hex_is_found_where_it_stands() {
        let (token, engine) = (token(), engine());
        let plain = format!("url = https://x:{token}@host.invalid/a");
        for encoded in [
            data_encoding::BASE64.encode(plain.as_bytes()),
            data_encoding::BASE64URL_NOPAD.encode(plain.as_bytes()),
            data_encoding::HEXLOWER.encode(plain.as_bytes()),
        ] {
            let text = format!("data:\n  key: {encoded}\n");
            let found = only(engine.scan(text.as_bytes(), &Regions::Whole, None));
            let start = text.find(&encoded).expect("there");
            assert!(Span::new(start, start + encoded.len()).contains(found.span));
            let share = encoded.len() * token.len() / plain.len();
            assert!(
                found.span.len().abs_diff(share) <= 4,
                "{} {share}",
                found.span.len()
            );
            let seen = Regions::Ranges(vec![found.span]);
            assert_eq!(engine.scan(text.as_bytes(), &seen, None).len(), 1);
            let unseen = Regions::Ranges(vec![Span::new(0, 3)]);
            assert_eq!(engine.scan(text.as_bytes(), &unseen, None).len(), 0);
        }
    }

    #[test]
    fn a_token_behind_or_with_escapes_is_found_where_it_stands() {
        let (token, engine) = (token(), engine());
        let (head, tail) = token.split_at(12);
        for (text, written) in [
            (format!(r#"{{"a": "line\n{token}\n"}}"#), token.clone()),
            (format!(r#"{{"a": "key\u003d{token}"}}"#), token.clone()),
            (format!("GET /x?a%3D{token}%26b=1"), token.clone()),
            (
                format!("k = '{head}' + '{tail}'"),
                format!("{head}' + '{tail}"),
            ),
            (
                format!("k = ('{head}'\n     '{tail}')"),
                format!("{head}'\n     '{tail}"),
            ),
            (
                format!("k=\"{head}\\\n{tail}\""),
                format!("{head}\\\n{tail}"),
            ),
        ] {
            let found = only(engine.scan(text.as_bytes(), &Regions::Whole, None));
            assert_eq!(found.span.of(text.as_bytes()), written.as_bytes(), "{text}");
            let end = Regions::Ranges(vec![Span::new(found.span.end - 1, found.span.end)]);
            assert_eq!(engine.scan(text.as_bytes(), &end, None).len(), 1);
        }
    }

    #[test]
    fn tokens_of_the_built_in_rules_are_found_under_escapes_and_over_joints() {
        let engine = Engine::new(Rules::builtin());
        let token = crate::rule::fill("{{github:ghp_}}", &crate::detect::make);
        let (head, tail) = token.split_at(12);
        for text in [
            format!(r#"{{"a": "line\n{token}\n"}}"#),
            format!(r#"{{"a": "key\u003d{token}"}}"#),
            format!("GET /x?a%3D{token}%26b=1"),
            format!("k = '{head}' + '{tail}'"),
            format!("k = ('{head}'\n     '{tail}')"),
        ] {
            let found = only(engine.scan(text.as_bytes(), &Regions::Whole, None));
            assert_eq!(engine.rules().get(found.rule).id, "github-pat", "{text}");
        }
    }

    #[test]
    fn a_token_in_utf_16_is_found_where_it_stands() {
        let (token, engine) = (token(), engine());
        let units =
            |text: &str| -> Vec<u8> { text.encode_utf16().flat_map(u16::to_le_bytes).collect() };
        let bytes = units(&format!("\u{feff}größe = 1\r\nkey = {token}\r\n"));
        let found = only(engine.scan(&bytes, &Regions::Whole, None));
        assert_eq!(found.span.of(&bytes), units(&token));
        let seen = Regions::Ranges(vec![found.span]);
        assert_eq!(engine.scan(&bytes, &seen, None).len(), 1);
    }

    #[test]
    fn a_token_in_a_binary_is_found() {
        let text = format!("\0\0\x01\x02{}\0\0", token());
        assert_eq!(
            engine().scan(text.as_bytes(), &Regions::Whole, None).len(),
            1
        );
    }
}
