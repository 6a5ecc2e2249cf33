//! JSON Web Tokens (RFC 7519): header and claims decode to JSON; the claims say who issued it and when it ends.

use serde_json::{Map, Value};

use super::{Random, Sample, Shape, Validity, base64, draw};

/// A JSON object.
type Object = Map<String, Value>;

pub(super) static SHAPES: &[Shape] = &[
    Shape {
        name: "jwt",
        check: lasting,
        make: make_jwt,
    },
    Shape {
        name: "supabase-service-role",
        check: supabase,
        make: make_supabase,
    },
    Shape {
        name: "github-stateless",
        check: jwt,
        make: make_github,
    },
    Shape {
        name: "kubernetes-service-account",
        check: kubernetes,
        make: make_kubernetes,
    },
];

/// A signed token of three parts, perhaps behind a prefix that ends in `_` (GitHub's stateless `ghs_` tokens).
fn jwt(sample: Sample<'_>) -> Validity {
    match claims(sample.value) {
        Ok((header, claims)) => judge(&header, &claims),
        Err(said) => said,
    }
}

/// A token that no rule of a provider knows: one that claims an end has most likely met it by the time it is read,
/// while one that claims none signs in for as long as its key is in use.
fn lasting(sample: Sample<'_>) -> Validity {
    match (jwt(sample), claims(sample.value)) {
        (Validity::Good(Some(note)), Ok((_, claims))) if claims.contains_key("exp") => {
            Validity::Weak(note)
        }
        (Validity::Good(_), Ok((_, claims))) if is_kubernetes(&claims) => {
            Validity::weak("of a Kubernetes service account")
        }
        // NATS asks whoever shows such a token to sign as well; accounts and operators publish theirs (NATS, "JWT
        // authentication").
        (Validity::Good(_), Ok((header, _)))
            if text(&header, "alg").is_some_and(|alg| alg.starts_with("ed25519")) =>
        {
            Validity::weak("of no use without the seed that belongs to it (NATS)")
        }
        (said, _) => said,
    }
}

/// A Supabase key: only the service role passes by row security; the anonymous one is public by design
/// (Supabase, "Understanding API keys").
fn supabase(sample: Sample<'_>) -> Validity {
    match claims(sample.value) {
        Ok((_, claims)) if text(&claims, "role") == Some("anon") => Validity::No,
        Ok((header, claims)) if text(&claims, "role") == Some("service_role") => {
            judge(&header, &claims)
        }
        _ => Validity::No,
    }
}

/// A token of a Kubernetes service account: its claims name the account.
fn kubernetes(sample: Sample<'_>) -> Validity {
    match claims(sample.value) {
        Ok((header, claims)) if is_kubernetes(&claims) => judge(&header, &claims),
        _ => Validity::No,
    }
}

fn is_kubernetes(claims: &Object) -> bool {
    text(claims, "sub").is_some_and(|sub| sub.starts_with("system:serviceaccount:"))
}

/// Returns header and claims, or what is said of a token that has none.
fn claims(token: &[u8]) -> Result<(Object, Object), Validity> {
    let mut parts = token.split(|&byte| byte == b'.');
    let header = parts.next().unwrap_or_default();
    // Behind `ghs_123_` the header starts anew; base64url text may hold `_` itself.
    let header = memchr::memmem::find(header, b"eyJ").map_or(header, |at| &header[at..]);
    let Some(header) = object(header) else {
        return Err(Validity::weak("header does not decode"));
    };
    match parts.next().map(object) {
        Some(Some(claims)) => Ok((header, claims)),
        // An encrypted token (RFC 7516) has five parts and no readable claims.
        _ if header.contains_key("enc") => Err(Validity::weak("encrypted token (JWE)")),
        _ => Err(Validity::weak("claims do not decode")),
    }
}

fn object(part: &[u8]) -> Option<Object> {
    serde_json::from_slice(&base64(part)?).ok()
}

fn text<'m>(claims: &'m Object, name: &str) -> Option<&'m str> {
    claims.get(name)?.as_str()
}

fn judge(header: &Object, claims: &Object) -> Validity {
    if is_specimen(claims) {
        return Validity::No;
    }
    if text(header, "alg").is_some_and(|alg| alg.eq_ignore_ascii_case("none")) {
        return Validity::weak("not signed (alg none)");
    }
    if !header.contains_key("alg") {
        return Validity::weak("header names no algorithm");
    }
    match claims.get("exp").and_then(Value::as_f64).and_then(date) {
        Some(day) => Validity::Good(Some(
            format!("header and claims decode; by its claims it ends on {day}").into(),
        )),
        None => Validity::good("header and claims decode; no end is claimed"),
    }
}

/// Tells whether the claims are those of the token that jwt.io and RFC 7519 print.
fn is_specimen(claims: &Object) -> bool {
    text(claims, "name").is_some_and(|name| name == "John Doe")
        || text(claims, "sub") == Some("1234567890")
        || text(claims, "iss") == Some("joe") && claims.contains_key("http://example.com/is_root")
}

/// Returns the day of a time in seconds since 1970, in UTC.
fn date(seconds: f64) -> Option<String> {
    if !(0.0..253_402_300_800.0).contains(&seconds) {
        return None;
    }
    #[expect(clippy::cast_possible_truncation, reason = "bounded by the year 9999")]
    let moment = jiff::Timestamp::from_second(seconds as i64).ok()?;
    Some(moment.to_string().chars().take(10).collect())
}

fn signed(payload: &str, random: &mut Random) -> String {
    let encode = |text: &str| data_encoding::BASE64URL_NOPAD.encode(text.as_bytes());
    format!(
        "{}.{}.{}",
        encode(r#"{"alg":"HS256","typ":"JWT"}"#),
        encode(payload),
        draw(random, "base64url", 43)
    )
}

/// The argument is the payload's JSON; without one it claims a random subject and no end.
fn make_jwt(payload: &str, random: &mut Random) -> String {
    if payload.is_empty() {
        let subject = draw(random, "lowernum", 12);
        signed(&format!(r#"{{"sub":"{subject}"}}"#), random)
    } else {
        signed(payload, random)
    }
}

/// The argument is the role, `service_role` by default.
fn make_supabase(role: &str, random: &mut Random) -> String {
    let role = if role.is_empty() {
        "service_role"
    } else {
        role
    };
    let project = draw(random, "lower", 20);
    signed(
        &format!(
            r#"{{"iss":"supabase","ref":"{project}","role":"{role}","iat":1640000000,"exp":1955000000}}"#
        ),
        random,
    )
}

/// The argument is the prefix, `ghs_` by default.
fn make_github(prefix: &str, random: &mut Random) -> String {
    let prefix = if prefix.is_empty() { "ghs_" } else { prefix };
    let app = draw(random, "digits", 7);
    let payload = format!(
        r#"{{"iss":"{app}","jti":"{}","exp":1893456000}}"#,
        draw(random, "alnum", 180)
    );
    format!("{prefix}{app}_{}", signed(&payload, random))
}

/// The argument is the account's name.
fn make_kubernetes(account: &str, random: &mut Random) -> String {
    let account = if account.is_empty() {
        "builder"
    } else {
        account
    };
    signed(
        &format!(
            r#"{{"iss":"kubernetes/serviceaccount","sub":"system:serviceaccount:default:{account}"}}"#
        ),
        random,
    )
}

#[cfg(test)]
mod tests {
    use super::super::tests::check;
    use super::*;

    fn token(payload: &str) -> Vec<u8> {
        make_jwt(payload, &mut Random::new("jwt")).into_bytes()
    }

    #[test]
    fn the_end_is_told_from_the_claim() {
        let Validity::Weak(note) = check("jwt", &token(r#"{"sub":"a","exp":1893456000}"#)) else {
            panic!("it decodes");
        };
        assert!(note.ends_with("2030-01-01"), "{note}");
        let lasting = check("jwt", &token(r#"{"sub":"a"}"#));
        assert!(matches!(lasting, Validity::Good(_)));
    }

    #[test]
    fn the_token_that_documentation_prints_is_none() {
        let payload = r#"{"sub":"1234567890","name":"John Doe","iat":1516239022}"#;
        assert_eq!(check("jwt", &token(payload)), Validity::No);
    }

    #[test]
    fn an_unsigned_token_and_one_that_does_not_decode_are_weak() {
        let encode = |text: &str| data_encoding::BASE64URL_NOPAD.encode(text.as_bytes());
        let unsigned = format!(
            "{}.{}.",
            encode(r#"{"alg":"none"}"#),
            encode(r#"{"sub":"a"}"#)
        );
        assert!(matches!(
            check("jwt", unsigned.as_bytes()),
            Validity::Weak(_)
        ));
        assert!(matches!(
            check("jwt", b"eyJabc.eyJdef.ghi"),
            Validity::Weak(_)
        ));
    }

    #[test]
    fn a_public_supabase_key_is_none() {
        let key = make_supabase("anon", &mut Random::new("anon"));
        assert_eq!(check("supabase-service-role", key.as_bytes()), Validity::No);
    }
}
