//! Tokens whose body is base64 of JSON or of named parts: Grafana, Sentry, 1Password, Mapbox, Discord and others.

use serde_json::Value;

use super::{Random, Sample, Shape, Validity, base64, bytes, draw};

pub(super) static SHAPES: &[Shape] = &[
    Shape {
        name: "grafana-cloud",
        check: grafana_cloud,
        make: make_grafana_cloud,
    },
    Shape {
        name: "grafana-api-key",
        check: grafana_key,
        make: make_grafana_key,
    },
    Shape {
        name: "sentry-org",
        check: sentry,
        make: make_sentry,
    },
    Shape {
        name: "onepassword",
        check: onepassword,
        make: make_onepassword,
    },
    Shape {
        name: "mapbox",
        check: mapbox,
        make: make_mapbox,
    },
    Shape {
        name: "jfrog-reference",
        check: jfrog,
        make: make_jfrog,
    },
    Shape {
        name: "discord-bot",
        check: discord,
        make: make_discord,
    },
    Shape {
        name: "jira-pat",
        check: jira,
        make: make_jira,
    },
    Shape {
        name: "laravel",
        check: laravel,
        make: make_laravel,
    },
    Shape {
        name: "base64-32",
        check: of_32,
        make: make_32,
    },
    Shape {
        name: "wireguard",
        check: wireguard,
        make: make_wireguard,
    },
    Shape {
        name: "aws-ses",
        check: ses,
        make: make_ses,
    },
    Shape {
        name: "aws-bedrock",
        check: bedrock,
        make: make_bedrock,
    },
];

/// Returns what is said of base64 of a JSON object with these keys.
fn json(text: &[u8], keys: &[&str]) -> Validity {
    let object = base64(text).and_then(|raw| serde_json::from_slice::<Value>(&raw).ok());
    match object {
        Some(object) if keys.iter().all(|key| object.get(key).is_some()) => {
            Validity::good("its JSON decodes")
        }
        Some(_) => Validity::weak("its JSON lacks what such a token holds"),
        None => Validity::weak("does not decode to JSON"),
    }
}

fn made_json(prefix: &str, json: &str, suffix: &str) -> String {
    format!(
        "{prefix}{}{suffix}",
        data_encoding::BASE64.encode(json.as_bytes())
    )
}

/// `glc_` and JSON with organization, name and key.
fn grafana_cloud(sample: Sample<'_>) -> Validity {
    json(
        sample.value.strip_prefix(b"glc_").unwrap_or(sample.value),
        &["o", "n", "k"],
    )
}

fn make_grafana_cloud(_: &str, random: &mut Random) -> String {
    let key = draw(random, "alnum", 24);
    made_json(
        "glc_",
        &format!(r#"{{"o":"123456","n":"stack-1-hg","k":"{key}","m":{{"r":"eu"}}}}"#),
        "",
    )
}

/// The older keys: JSON with key, name and organization.
fn grafana_key(sample: Sample<'_>) -> Validity {
    json(sample.value, &["k", "n", "id"])
}

fn make_grafana_key(_: &str, random: &mut Random) -> String {
    let key = draw(random, "alnum", 32);
    made_json("", &format!(r#"{{"k":"{key}","n":"robot","id":1}}"#), "")
}

/// `sntrys_`, JSON with time and organization, `_`, a secret (Sentry RFC 0091).
fn sentry(sample: Sample<'_>) -> Validity {
    let body = sample
        .value
        .strip_prefix(b"sntrys_")
        .unwrap_or(sample.value);
    let end = memchr::memrchr(b'_', body).unwrap_or(body.len());
    json(&body[..end], &["iat", "org"])
}

fn make_sentry(_: &str, random: &mut Random) -> String {
    let secret = format!("_{}", draw(random, "base64", 43));
    let json = r#"{"iat":1684154626.0,"url":"https://sentry.invalid","region_url":"https://eu.sentry.invalid","org":"acme"}"#;
    made_json("sntrys_", json, &secret)
}

/// `ops_` and JSON with the keys of an account.
fn onepassword(sample: Sample<'_>) -> Validity {
    json(
        sample.value.strip_prefix(b"ops_").unwrap_or(sample.value),
        &["signInAddress", "secretKey"],
    )
}

fn make_onepassword(_: &str, random: &mut Random) -> String {
    let key = draw(random, "uppernum", 26);
    let hash = draw(random, "hex", 64);
    made_json(
        "ops_",
        &format!(
            r#"{{"signInAddress":"acme.1password.invalid","userAuth":{{"method":"SRPg-4096"}},"email":"a@acme.invalid","srpX":"{hash}","muk":{{"k":"{hash}"}},"secretKey":"A3-{key}"}}"#
        ),
        "",
    )
}

/// `sk.`, JSON with user and account, `.`, a signature. `pk.` tokens are public by design (Mapbox, "Access tokens").
fn mapbox(sample: Sample<'_>) -> Validity {
    let mut parts = sample.value.split(|&byte| byte == b'.');
    match parts.next() {
        Some(b"pk") => Validity::No,
        _ => json(parts.next().unwrap_or_default(), &["u", "a"]),
    }
}

fn make_mapbox(kind: &str, random: &mut Random) -> String {
    let kind = if kind.is_empty() { "sk" } else { kind };
    let account = draw(random, "lowernum", 25);
    let json = format!(r#"{{"u":"acme","a":"{account}"}}"#);
    let payload = data_encoding::BASE64URL_NOPAD.encode(json.as_bytes());
    format!("{kind}.{payload}.{}", draw(random, "base64url", 22))
}

/// Base64 of `reftkn:`, a version, a time and the token.
fn jfrog(sample: Sample<'_>) -> Validity {
    match base64(sample.value) {
        Some(raw)
            if raw.starts_with(b"reftkn:") && memchr::memchr_iter(b':', &raw[7..]).count() >= 2 =>
        {
            Validity::good("a reference token decodes")
        }
        _ => Validity::weak("does not decode to a reference token"),
    }
}

fn make_jfrog(_: &str, random: &mut Random) -> String {
    let token = draw(random, "alnum", 28);
    made_json("", &format!("reftkn:01:1700000000:{token}"), "")
}

/// The first part of a bot's token is base64 of its numeric id (Discord, "Reference": snowflakes).
fn discord(sample: Sample<'_>) -> Validity {
    let first = sample
        .value
        .split(|&byte| byte == b'.')
        .next()
        .unwrap_or_default();
    match base64(first) {
        Some(id) if (17..=20).contains(&id.len()) && id.iter().all(u8::is_ascii_digit) => {
            Validity::good("the bot's id decodes")
        }
        _ => Validity::weak("its first part is not the id of a bot"),
    }
}

fn make_discord(_: &str, random: &mut Random) -> String {
    let id = format!("1{}", draw(random, "digits", 17));
    format!(
        "{}.G{}.{}",
        data_encoding::BASE64URL_NOPAD.encode(id.as_bytes()),
        draw(random, "base64url", 5),
        draw(random, "base64url", 38)
    )
}

/// A personal token of Jira or Confluence Data Center: a number, `:` and twenty bytes.
fn jira(sample: Sample<'_>) -> Validity {
    let decodes = base64(sample.value).is_some_and(|raw| {
        raw.len()
            .checked_sub(21)
            .is_some_and(|at| at > 0 && raw[at] == b':' && raw[..at].iter().all(u8::is_ascii_digit))
    });
    if decodes {
        Validity::good("the token's number decodes")
    } else {
        Validity::No
    }
}

fn make_jira(_: &str, random: &mut Random) -> String {
    let mut raw = draw(random, "digits", 12).into_bytes();
    raw.push(b':');
    raw.extend(bytes(random, 20));
    data_encoding::BASE64.encode(&raw)
}

/// `base64:` and a key of 16 or 32 bytes (Laravel, "Encryption").
fn laravel(sample: Sample<'_>) -> Validity {
    let text = sample
        .value
        .strip_prefix(b"base64:")
        .unwrap_or(sample.value);
    match base64(text).map(|raw| raw.len()) {
        Some(16 | 32) => Validity::good("decodes to the length of a key"),
        _ => Validity::weak("does not decode to the length of a key"),
    }
}

fn make_laravel(_: &str, random: &mut Random) -> String {
    format!("base64:{}", make_32("", random))
}

/// 43 characters and `=` that are 32 bytes, as Azure's shared access keys are.
fn of_32(sample: Sample<'_>) -> Validity {
    match base64(sample.value).map(|raw| raw.len()) {
        Some(32) => Validity::Good(None),
        _ => Validity::weak("does not decode to 32 bytes"),
    }
}

fn make_32(_: &str, random: &mut Random) -> String {
    data_encoding::BASE64.encode(&bytes(random, 32))
}

/// A WireGuard key is 32 bytes; a private one that `wg genkey` made is clamped as Curve25519 asks (RFC 7748).
fn wireguard(sample: Sample<'_>) -> Validity {
    match base64(sample.value).as_deref() {
        Some([first, .., last]) if first.trailing_zeros() >= 3 && last & 0xc0 == 0x40 => {
            Validity::good("the key is one of Curve25519")
        }
        Some(raw) if raw.len() == 32 => {
            Validity::weak("32 bytes, but not clamped as `wg genkey` does")
        }
        _ => Validity::No,
    }
}

fn make_wireguard(_: &str, random: &mut Random) -> String {
    let mut raw = bytes(random, 32);
    raw[0] &= 0xf8;
    raw[31] = raw[31] & 0x7f | 0x40;
    data_encoding::BASE64.encode(&raw)
}

/// An SMTP password of Amazon SES: a version byte of 4 and an HMAC of 32 bytes (AWS, "Obtaining Amazon SES SMTP
/// credentials").
fn ses(sample: Sample<'_>) -> Validity {
    match base64(sample.value).as_deref() {
        Some([4, mac @ ..]) if mac.len() == 32 => {
            Validity::good("the version byte is that of an SMTP password")
        }
        _ => Validity::No,
    }
}

fn make_ses(_: &str, random: &mut Random) -> String {
    let mut raw = vec![4];
    raw.extend(bytes(random, 32));
    data_encoding::BASE64.encode(&raw)
}

/// `ABSK` and base64 of `BedrockAPIKey-`, a name, `-at-`, the account and a secret; the short-lived kind is base64
/// of a signed address (AWS, "Bedrock API keys").
fn bedrock(sample: Sample<'_>) -> Validity {
    let value = sample.value;
    let body = value
        .strip_prefix(b"ABSK")
        .or_else(|| value.strip_prefix(b"bedrock-api-key-"))
        .unwrap_or(value);
    match base64(body) {
        Some(raw)
            if raw.starts_with(b"BedrockAPIKey-") || raw.starts_with(b"bedrock.amazonaws.com") =>
        {
            Validity::good("the key decodes")
        }
        _ => Validity::weak("does not decode to a key"),
    }
}

fn make_bedrock(_: &str, random: &mut Random) -> String {
    let name = draw(random, "lowernum", 4);
    let account = draw(random, "digits", 12);
    let secret = draw(random, "base64", 44);
    made_json(
        "ABSK",
        &format!("BedrockAPIKey-{name}-at-{account}:{secret}"),
        "",
    )
}

#[cfg(test)]
mod tests {
    use super::super::tests::check;
    use super::*;

    #[test]
    fn public_tokens_are_none() {
        let token = make_mapbox("pk", &mut Random::new("pk"));
        assert_eq!(check("mapbox", token.as_bytes()), Validity::No);
    }

    #[test]
    fn what_does_not_decode_is_weak_and_a_wrong_number_of_bytes_is_none() {
        let mut random = Random::new("encoded");
        let noise = draw(&mut random, "alnum", 44);
        for name in [
            "grafana-cloud",
            "sentry-org",
            "onepassword",
            "mapbox",
            "jfrog-reference",
            "discord-bot",
        ] {
            assert!(
                matches!(check(name, noise.as_bytes()), Validity::Weak(_)),
                "{name}"
            );
        }
        for name in ["jira-pat", "wireguard", "aws-ses"] {
            assert_eq!(check(name, &noise.as_bytes()[..40]), Validity::No, "{name}");
        }
    }
}
