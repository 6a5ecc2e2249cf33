//! A placeholder stands where a secret will be: `changeme`, `${VAR}`, `xxxx`, `your-token-here`.

use aho_corasick::AhoCorasick;

use crate::span::Span;

/// Words that stand in the place of a generated token. Random text of a token's length holds one of them
/// by chance less than once in a hundred million.
const WORDS: [&str; 14] = [
    "example",
    "placeholder",
    "changeme",
    "change_me",
    "redacted",
    "your-",
    "your_",
    "yourtoken",
    "dummytoken",
    "notreal",
    "not-a-real",
    "insert_",
    "xxxxxx",
    "******",
];

/// Tells whether the variable part of a generated token was plainly not generated: a word for a
/// placeholder, one character over and over, a run along the alphabet or the digits, or a template.
pub(crate) fn is_placeholder(value: &[u8]) -> bool {
    runs(value) || stands_for_one(value)
}

/// Tells the same of a value that may run along the alphabet: behind a known prefix that is more often a token made up
/// for a test than a word for none.
pub(crate) fn stands_for_one(value: &[u8]) -> bool {
    if value.starts_with(b"-----BEGIN ") || value.starts_with(b"PuTTY-User-Key-File-") {
        // The comment of a key may hold any word; its body is what counts.
        return value
            .split(|&byte| byte == b'\n')
            .filter(|line| !line.contains(&b':'))
            .any(|line| template(line) || words().is_match(line));
    }
    repeats(value) || template(value) || words().is_match(value)
}

/// Tells whether a value is encrypted, so that it may stand in a repository: SOPS, Spring Cloud Config, a sealed secret.
pub(crate) fn is_encrypted(bytes: &[u8], span: Span) -> bool {
    let value = span.of(bytes);
    let is_sealed = || {
        value.len() >= 200
            && value.starts_with(b"Ag")
            && memchr::memmem::find(bytes, b"encryptedData").is_some()
    };
    value.starts_with(b"ENC[") || value.starts_with(b"{cipher}") || is_sealed()
}

/// Tells whether one or two signs stand in a long value of letters and digits that no alphabet of tokens holds: it was
/// cut, mistyped, or spoilt to be none. Of what is drawn from all signs every third is one.
pub(crate) fn has_stray(value: &[u8]) -> bool {
    let is_escape = |at: usize| {
        let digits = value.get(at + 1..at + 3);
        digits.is_some_and(|two| two.iter().all(u8::is_ascii_hexdigit))
    };
    let is_stray = |at: &usize| match value[*at] {
        b'?' | b'!' | b'#' | b'$' | b'^' | b'&' | b'*' | b'@' => true,
        b'%' => !is_escape(*at),
        _ => false,
    };
    let strays = (0..value.len()).filter(is_stray).count();
    let signs = value
        .iter()
        .filter(|byte| !byte.is_ascii_alphanumeric())
        .count();
    value.len() >= 16 && (1..=2).contains(&strays) && signs * 8 <= value.len()
}

/// Tells whether a password is no more than a word for one, or for none: `xxxx`, `none`, `password`, `<secret>`.
pub(crate) fn stands_in(value: &[u8]) -> bool {
    const WHOLE: [&str; 14] = [
        "none",
        "null",
        "nil",
        "password",
        "passwd",
        "pass",
        "secret",
        "test",
        "todo",
        "changeit",
        "change-me",
        "undefined",
        "default",
        "empty",
    ];
    let value = value.trim_ascii();
    let one = value.iter().all(|&byte| byte == value[0]);
    value.is_empty()
        || one
        || WHOLE
            .iter()
            .any(|word| value.eq_ignore_ascii_case(word.as_bytes()))
        || template(value)
        || words().is_match(value)
}

fn words() -> &'static AhoCorasick {
    static WORDS_AUTOMATON: std::sync::OnceLock<AhoCorasick> = std::sync::OnceLock::new();
    WORDS_AUTOMATON.get_or_init(|| {
        AhoCorasick::builder()
            .ascii_case_insensitive(true)
            .build(WORDS)
            .expect("fourteen short words")
    })
}

/// Tells whether the value is made of three or fewer different bytes, or of one short piece repeated.
fn repeats(value: &[u8]) -> bool {
    let mut seen = [false; 256];
    for &byte in value {
        seen[usize::from(byte)] = true;
    }
    let different = seen.iter().filter(|&&seen| seen).count();
    let periodic = |period: usize| {
        value
            .iter()
            .zip(&value[period.min(value.len())..])
            .all(|(a, b)| a == b)
    };
    value.len() >= 8 && (different <= 3 || (1..=value.len() / 3).take(10).any(periodic))
}

/// Tells whether half of the value or more is one run along the alphabet or the digits: `0123456789`, `fedcba`.
pub(crate) fn runs(value: &[u8]) -> bool {
    let longest = |step: &dyn Fn(u8, u8) -> bool| {
        let mut longest = 1;
        let mut run = 1;
        for pair in value.windows(2) {
            run = if step(pair[0], pair[1]) { run + 1 } else { 1 };
            longest = longest.max(run);
        }
        longest
    };
    let climb = longest(&|a, b| {
        b.wrapping_sub(a) == 1 || matches!((a, b), (b'9' | b'z' | b'Z', b'0' | b'a' | b'A'))
    });
    let fall = longest(&|a, b| a.wrapping_sub(b) == 1);
    value.len() >= 8 && climb.max(fall) * 2 >= value.len()
}

/// Tells whether the value holds the mark of a template or a variable.
fn template(value: &[u8]) -> bool {
    [&b"${"[..], b"{{", b"<%", b"$(", b"%("]
        .iter()
        .any(|mark| memchr::memmem::find(value, mark).is_some())
        || (value.first() == Some(&b'<') && value.last() == Some(&b'>'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_are_known() {
        let made_up = [
            "xxxxxxxxxxxx",
            "abcabcabcabc",
            "0123456789abcdef",
            "<your token>",
            "${TOKEN}",
            "AKIAEXAMPLE99",
        ];
        for value in made_up {
            assert!(is_placeholder(value.as_bytes()), "{value}");
        }
    }

    #[test]
    fn the_comment_of_a_key_may_say_example() {
        let key =
            "PuTTY-User-Key-File-2: ssh-rsa\nComment: me@example.com\nPrivate-Lines: 1\nAAAAgQC7\n";
        assert!(!stands_for_one(key.as_bytes()));
        assert!(stands_for_one(key.replace("AAAA", "your_key_").as_bytes()));
    }

    #[test]
    fn what_is_encrypted_may_stand_there() {
        for text in [
            "ENC[AES256_GCM,data:aGVsbG8=,iv:AAAA,tag:AAAA,type:str]",
            "{cipher}0a1b2c3d",
        ] {
            assert!(
                is_encrypted(text.as_bytes(), Span::new(0, text.len())),
                "{text}"
            );
        }
        assert!(!is_encrypted(b"Encore", Span::new(0, 6)));
    }

    #[test]
    fn a_word_for_a_password_is_none() {
        for value in [
            "xxxx",
            "none",
            "CHANGEME",
            "<password>",
            "${DB_PASSWORD}",
            "  ",
        ] {
            assert!(stands_in(value.as_bytes()), "{value}");
        }
        for value in ["root", "hunter2", "petclinic"] {
            assert!(!stands_in(value.as_bytes()), "{value}");
        }
    }

    #[test]
    fn a_sign_of_no_alphabet_is_a_stray() {
        for spoilt in ["0a1b2c3d4e?f60718293a4b5", "tok_Zm9vYmFy$Zm9vYmFyMTIz"] {
            assert!(has_stray(spoilt.as_bytes()), "{spoilt}");
        }
        for whole in ["0a1b2c3d4e5f60718293a4b5", "p?ssw0rd", "x3#k!9Zq*w2&Lm5^"] {
            assert!(!has_stray(whole.as_bytes()), "{whole}");
        }
    }

    #[test]
    fn random_text_is_none() {
        let mut random = crate::rule::Random::new("placeholder");
        for _ in 0..10_000 {
            let value = random.string(crate::rule::alphabet("hex").expect("known"), 16);
            assert!(!is_placeholder(value.as_bytes()), "{value}");
        }
    }
}
