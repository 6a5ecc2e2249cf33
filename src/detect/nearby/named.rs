//! A value under a provider's name that has none of the forms of that provider: cut short, mistyped, made up, or of
//! another kind than the name says.

use std::sync::OnceLock;

use super::class::Value;
use super::{BEFORE, CLOSE, Nearby, SECRET_WORDS, above, hashes, odd, words};
use crate::rule::{EMPTY_WORD, Kind, RuleIndex, Rules, hash_on, word_hash};
use crate::span::{Span, line_end_within, line_start_within};

/// The names of providers as the ids of their rules begin: of `sendgrid-api-key` it is `sendgrid`.
#[derive(Default)]
pub(super) struct Names(OnceLock<Vec<(u32, Name)>>);

/// Words that ids and keys end in and no provider is called by.
const KINDS: [u32; 30] = hashes([
    "api",
    "key",
    "keys",
    "token",
    "secret",
    "access",
    "pat",
    "auth",
    "client",
    "consumer",
    "app",
    "application",
    "id",
    "credential",
    "credentials",
    "refresh",
    "oauth",
    "oauth2",
    "personal",
    "legacy",
    "session",
    "user",
    "test",
    "live",
    "bot",
    "service",
    "account",
    "deploy",
    "org",
    "project",
]);
/// First words of ids that are no providers, or mean something else in most keys.
const PLAIN: [u32; 24] = hashes([
    "generic",
    "private",
    "password",
    "bearer",
    "basic",
    "url",
    "jwt",
    "close",
    "column",
    "line",
    "box",
    "file",
    "docker",
    "phrase",
    "render",
    "plain",
    "ssh",
    "age",
    "django",
    "flask",
    "rails",
    "session",
    "database",
    "encrypted",
]);
/// Words that are providers too, and mean one where `api` stands behind them: `abstract_api_key`.
const BRANDS: [u32; 14] = hashes([
    "abstract", "verifier", "line", "teams", "box", "flow", "guardian", "phrase", "segment",
    "hive", "wit", "close", "column", "render",
]);
/// Names of values of Azure that stand in connection strings, whose form is known.
const AZURE: [u32; 2] = hashes(["accountkey", "sharedaccesskey"]);
/// How far behind a value a host may stand.
const AHEAD: usize = 100;

/// What an id says of a provider: its name alone, or with the name of what it offers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Name {
    Provider,
    Product,
}

impl Names {
    fn find(&self, rules: &Rules, hash: u32) -> Option<Name> {
        let names = self.0.get_or_init(|| {
            let mut names: Vec<_> = AZURE.map(|hash| (hash, Name::Product)).to_vec();
            for (id, index) in rules.ids().zip(0..) {
                let rule = RuleIndex(index);
                if rules.kind(rule) == Kind::Secret && rules.is_builtin(rule) {
                    names.extend(names_of(id));
                }
            }
            names.sort_unstable();
            names
        });
        let at = names.partition_point(|&(name, _)| name < hash);
        names
            .get(at)
            .filter(|(name, _)| *name == hash)
            .map(|&(_, name)| name)
    }
}

/// Returns what of an id names the provider: one word, and each word more that says no kind of credential.
fn names_of(id: &str) -> impl Iterator<Item = (u32, Name)> {
    let is_named = id.split('-').next().is_some_and(|first| {
        let first = word_hash(first.as_bytes());
        !PLAIN.contains(&first) && !KINDS.contains(&first)
    });
    let mut hash = EMPTY_WORD;
    id.split('-')
        .take(if is_named { 3 } else { 0 })
        .enumerate()
        .filter_map(move |(place, part)| {
            hash = part.bytes().fold(hash, hash_on);
            let name = if place == 0 {
                Name::Provider
            } else {
                Name::Product
            };
            (!KINDS.contains(&word_hash(part.as_bytes()))).then_some((hash, name))
        })
}

impl Nearby {
    /// Tells whether the name before a value holds a provider whose values all have another form.
    pub(crate) fn contradicts(&self, rules: &Rules, bytes: &[u8], value: Span) -> bool {
        let padding = value
            .of(bytes)
            .iter()
            .rev()
            .take_while(|byte| **byte == b'=')
            .count();
        let value = Span::new(value.start, value.end - padding);
        let line = line_start_within(bytes, value.start, BEFORE);
        let from = line.max(value.start.saturating_sub(CLOSE + CLOSE));
        let mut said = Said::default();
        self.ask(rules, bytes, Span::new(from, value.start), value, &mut said);
        if !said.known {
            // A key that says nothing of its own is that of what the lines above are about.
            let before = Span::new(line, value.start);
            self.ask_above(bytes, above::beside(bytes, before), value, &mut said);
            self.ask_above(bytes, above::place(bytes, before), value, &mut said);
        }
        said.contradicts()
    }

    /// Tells the same of what stands after `Bearer` or `Basic`: the provider's host stands before or behind it.
    pub(crate) fn contradicts_line(&self, rules: &Rules, bytes: &[u8], value: Span) -> bool {
        let from = line_start_within(bytes, value.start, BEFORE);
        let to = line_end_within(bytes, value.end, AHEAD);
        let mut said = Said::default();
        self.ask(rules, bytes, Span::new(from, value.start), value, &mut said);
        self.ask(rules, bytes, Span::new(value.end, to), value, &mut said);
        said.contradicts()
    }

    fn ask(&self, rules: &Rules, bytes: &[u8], place: Span, value: Span, said: &mut Said) {
        let whole = Value::around(bytes, value, self.longest);
        let is_plain = value.of(bytes).iter().all(u8::is_ascii_alphanumeric);
        words::visit(place.of(bytes), |word| {
            let end = place.start + word.end;
            let between = bytes.get(end..value.start).unwrap_or_default();
            if odd::COMMON.contains(&word.hash) || PLAIN.contains(&word.hash) {
                if !BRANDS.contains(&word.hash) || !is_of_api(between) {
                    return;
                }
                said.known = true;
            }
            // `sendgrid_api_key`: nothing but words for a token stands between.
            said.known |= end <= value.start
                && self.named.find(rules, word.hash).is_some_and(|name| {
                    let agreed = is_plain && name == Name::Provider;
                    says_token(between, agreed)
                });
            if !self.may_hold(word.hash) {
                return;
            }
            for row in self.rows(word.hash) {
                if Some(row.rule) == self.odd {
                    // Of this provider no form is known, and so none that would be drawn like this.
                    said.known |= end > value.start || says_token(between, is_plain);
                    continue;
                }
                said.known = true;
                said.fits |= whole
                    .as_ref()
                    .is_some_and(|value| value.fit(bytes, row.form).is_some());
            }
        });
    }

    /// Asks the same of the providers that head the lines above.
    fn ask_above(&self, bytes: &[u8], place: Span, value: Span, said: &mut Said) {
        let whole = Value::around(bytes, value, self.longest);
        let text = place.of(bytes);
        words::visit(text, |word| {
            if odd::COMMON.contains(&word.hash)
                || PLAIN.contains(&word.hash)
                || !above::heads(text, word.end)
            {
                return;
            }
            if !self.may_hold(word.hash) {
                return;
            }
            for row in self.rows(word.hash) {
                said.known = true;
                said.fits |= Some(row.rule) != self.odd
                    && whole
                        .as_ref()
                        .is_some_and(|value| value.fit(bytes, row.form).is_some());
            }
        });
    }
}

/// What the words around a value say of it.
#[derive(Default)]
struct Said {
    /// A provider is named.
    known: bool,
    /// One of the forms of such a provider is the value's.
    fits: bool,
}

impl Said {
    fn contradicts(&self) -> bool {
        self.known && !self.fits
    }
}

/// Tells whether `api` stands between a name and the value, and then nothing but words for a token.
fn is_of_api(between: &[u8]) -> bool {
    let mut api = false;
    words::parts(between, |part| {
        api |= part.eq_ignore_ascii_case(b"api") || part.eq_ignore_ascii_case(b"apikey");
    });
    api && says_token(between, true)
}

/// Tells whether what stands between a provider's name and the value says that the provider issued it: a token or a
/// key, and where both sides may have agreed on the value, not a secret.
fn says_token(between: &[u8], may_be_agreed: bool) -> bool {
    const AGREED: [u32; 2] = hashes(["secret", "signature"]);
    const CHOSEN: [u32; 4] = hashes(["password", "passwd", "pass", "pwd"]);
    // What XML and commands put between a name and its value.
    const BETWEEN: [u32; 4] = hashes(["value", "content", "login", "name"]);
    let (mut all, mut token, mut agreed) = (between.len() <= CLOSE, false, false);
    words::parts(between, |part| {
        let hash = word_hash(part);
        let is_agreed = AGREED.contains(&hash);
        agreed |= is_agreed;
        token |= SECRET_WORDS.contains(&hash) && !is_agreed;
        token |= part.eq_ignore_ascii_case(b"client") || part.eq_ignore_ascii_case(b"consumer");
        let is_word = |words: &[u32]| words.contains(&hash);
        all &=
            (is_word(&SECRET_WORDS) || is_word(&KINDS) || is_word(&BETWEEN)) && !is_word(&CHOSEN);
    });
    all && (token || !agreed || !may_be_agreed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::{Random, alphabet};

    fn contradicts(key: &str, value: &str) -> bool {
        let rules = Rules::builtin();
        let text = format!("{key}{value}");
        let value = Span::new(key.len(), text.len());
        Nearby::new(&rules).contradicts(&rules, text.as_bytes(), value)
    }

    #[test]
    fn what_a_provider_did_not_issue_is_told_by_its_name_and_form() {
        let value = Random::new("named").string(alphabet("alnum").expect("known"), 29);
        for key in [
            "SENDGRID_API_KEY=",
            "sendgridApiKey: '",
            "\"huggingface_token\": \"",
            "--resend_api_key ",
            "AWS_SECRET_ACCESS_KEY=",
            "AccountName=a;AccountKey=",
            "google_recaptcha_key = ",
            "abstract_api_key = ",
            "stripe_payment_intent_secret: ",
        ] {
            assert!(contradicts(key, &value), "{key}");
        }
    }

    #[test]
    fn what_two_sides_agreed_on_has_any_form() {
        let value = Random::new("named").string(alphabet("alnum").expect("known"), 29);
        for key in [
            "API_KEY=",
            "GITHUB_WEBHOOK_SECRET=",
            "NOTION_SECRET=",
            "APP_TOKEN=",
            "client_api_key=",
            "abstract_token=",
            "stripe_webhook_signing_key=",
            "session_key = ",
        ] {
            assert!(!contradicts(key, &value), "{key}");
        }
    }
}
