//! What only looks like a provider's token never stops a commit, whatever it is assigned to.

use bstr::BStr;
use guard::blob::Regions;
use guard::detect::{Engine, make};
use guard::rule::{Level, Rules, fill};

/// Returns the highest level of what is found in the text, its holes filled.
fn level(engine: &Engine, text: &str) -> Option<Level> {
    let filled = fill(text, &make);
    let path = Some(BStr::new(b"notes.txt"));
    let found = engine.scan(filled.as_bytes(), &Regions::Whole, path);
    found.iter().map(|found| found.level).max()
}

#[test]
fn a_token_of_the_wrong_length_is_a_warning_even_under_a_telling_name() {
    let engine = Engine::new(Rules::builtin());
    for text in [
        "github_token = \"ghp_{{alnum:59}}\"",
        "token = \"glpat-{{alnum:43}}\"",
        "api_key = \"npm_{{alnum:21}}\"",
        "SECRET_KEY = \"sk-ant-api03-{{base64url:60}}\"",
        "algolia_api_key = \"{{alnum:41}}\"",
    ] {
        let highest = level(&engine, text);
        assert!(
            highest.is_some_and(|level| level < Level::Block),
            "{text}: {highest:?}"
        );
    }
    let whole = "github_token = \"{{github:ghp_}}\"";
    assert_eq!(level(&engine, whole), Some(Level::Block), "{whole}");
}

#[test]
fn what_is_encrypted_or_pinned_is_not_found() {
    let engine = Engine::new(Rules::builtin());
    for text in [
        "password: ENC[AES256_GCM,data:{{base64:24}},iv:{{base64:43}}=,tag:{{base64:22}}==,type:str]",
        "- uses: sentry/action-release@{{hex:40}}",
        "id AKIA{{base32:16}}\n- uses: acme/deploy@{{hex:40}}",
        "kind: SealedSecret\nspec:\n  encryptedData:\n    password: AgB{{base64:300}}",
    ] {
        assert_eq!(level(&engine, text), None, "{text}");
    }
}
