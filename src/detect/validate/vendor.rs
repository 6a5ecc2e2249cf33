//! Inner structures of single vendors: AWS key ids, Vault tokens, GCP service accounts.

use super::{Random, Sample, Shape, Validity, base64, bytes, draw, pem};

pub(super) static SHAPES: &[Shape] = &[
    Shape {
        name: "aws-key-id",
        check: aws,
        make: make_aws,
    },
    Shape {
        name: "aws-secret",
        check: aws_secret,
        make: make_aws_secret,
    },
    Shape {
        name: "vault",
        check: vault,
        make: make_vault,
    },
    Shape {
        name: "gcp-service-account",
        check: service_account,
        make: make_service_account,
    },
];

/// The sixteen characters behind the prefix are base 32; 40 bits of their first six bytes are the account, a number
/// of twelve digits (AWS's own `get-access-key-info` answers the same). Ids before 2019 (`AKIAI`, `AKIAJ`) hold none.
fn aws(sample: Sample<'_>) -> Validity {
    let Some(body) = sample.value.get(4..20) else {
        return Validity::No;
    };
    if matches!(body[0], b'I' | b'J') {
        return Validity::Good(None);
    }
    let Ok(raw) = data_encoding::BASE32_NOPAD.decode(body) else {
        return Validity::weak("not base 32, as such ids are");
    };
    let number = raw[..6]
        .iter()
        .fold(0u64, |number, &byte| number << 8 | u64::from(byte));
    let account = (number & 0x7fff_ffff_ff80) >> 7;
    if account < 1_000_000_000_000 {
        Validity::Good(Some(format!("belongs to account {account:012}").into()))
    } else {
        Validity::weak("decodes to no account")
    }
}

/// The secret half of a key: forty characters of base64, of which random ones always mix cases and digits. The id of a
/// commit and the path of a package do not.
fn aws_secret(sample: Sample<'_>) -> Validity {
    let value = sample.value;
    let has = |is: fn(&u8) -> bool| value.iter().filter(|byte| is(byte)).count() >= 2;
    let is_mixed = has(u8::is_ascii_lowercase)
        && has(u8::is_ascii_uppercase)
        && has(u8::is_ascii_digit)
        && crate::detect::entropy::shannon(value) >= 3.8;
    if value.len() == 40 && is_mixed {
        Validity::Good(None)
    } else {
        Validity::No
    }
}

fn make_aws_secret(_: &str, random: &mut Random) -> String {
    format!("aA1{}zZ9", draw(random, "base64", 34))
}

/// The argument is the prefix, `AKIA` by default.
fn make_aws(prefix: &str, random: &mut Random) -> String {
    let prefix = if prefix.is_empty() { "AKIA" } else { prefix };
    let account = u64::try_from(random.below(999_999_999_999)).expect("a usize");
    let mut raw = ((0x8000_0000_0000 | account << 7) << 16)
        .to_be_bytes()
        .to_vec();
    raw.truncate(6);
    raw.extend(bytes(random, 4));
    format!("{prefix}{}", data_encoding::BASE32_NOPAD.encode(&raw))
}

/// `hvs.` and a signed token: version 1, an HMAC of 32 bytes, the token (Vault, sdk/logical `SignedToken`);
/// tokens without replication are 24 letters and digits.
fn vault(sample: Sample<'_>) -> Validity {
    let body = sample.value.strip_prefix(b"hvs.").unwrap_or(sample.value);
    if body.len() < 40 {
        return Validity::Good(None);
    }
    match base64(body).as_deref() {
        Some([8, 1, 0x12, 32, rest @ ..]) if rest.get(32) == Some(&0x1a) => {
            Validity::good("the signed token decodes")
        }
        _ => Validity::weak("does not decode to a signed token"),
    }
}

fn make_vault(_: &str, random: &mut Random) -> String {
    let mut raw = vec![8, 1, 0x12, 32];
    raw.extend(bytes(random, 32));
    raw.extend([0x1a, 30]);
    raw.extend(bytes(random, 30));
    format!("hvs.{}", data_encoding::BASE64URL_NOPAD.encode(&raw))
}

/// The JSON key of a service account: its private key parses, and it names the account.
fn service_account(sample: Sample<'_>) -> Validity {
    if memchr::memmem::find(sample.whole, b"gserviceaccount.com").is_none()
        && memchr::memmem::find(sample.whole, b"service_account").is_none()
    {
        return Validity::No;
    }
    pem::pem(sample)
}

fn make_service_account(_: &str, random: &mut Random) -> String {
    let key = super::make("pem", "pkcs8,line", random).unwrap_or_default();
    let id = draw(random, "hex", 40);
    let project = draw(random, "lower", 10);
    format!(
        r#"{{"type": "service_account", "project_id": "{project}", "private_key_id": "{id}", "private_key": "{key}\n", "client_email": "robot@{project}.iam.gserviceaccount.com"}}"#
    )
}

#[cfg(test)]
mod tests {
    use super::super::tests::check;
    use super::*;

    #[test]
    fn an_aws_id_tells_its_account() {
        // AWS's documentation of `get-access-key-info` pairs no id with an account, so the inverse is tested.
        let body = data_encoding::BASE32_NOPAD.encode(
            &[
                &((0x8000_0000_0000u64 | 123_456_789_012 << 7) << 16).to_be_bytes()[..6],
                &[7; 4],
            ]
            .concat(),
        );
        let said = check("aws-key-id", format!("AKIA{body}").as_bytes());
        assert_eq!(
            said,
            Validity::Good(Some("belongs to account 123456789012".into()))
        );
        assert!(matches!(
            check("aws-key-id", b"ASIA7777777777777777"),
            Validity::Weak(_)
        ));
    }
}
