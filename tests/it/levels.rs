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

/// Asserts that each text is found, and that nothing of it blocks.
#[track_caller]
fn warn(texts: &[&str]) {
    let engine = Engine::new(Rules::builtin());
    for text in texts {
        assert_eq!(level(&engine, text), Some(Level::Warn), "{text}");
    }
}

#[test]
fn a_value_under_a_section_or_a_host_is_measured_by_that_provider() {
    warn(&[
        "[zeplin]\nsecret = {{alnum:24}}\n",
        "[INFO] Sending request to zeplin\n[DEBUG] Using Key={{alnum:24}}\n",
        "url = 'https://api.algolia.com/1'\nheaders = {'Authorization': 'Token {{alnum:41}}'}\n",
        "provider \"zeplin\" {\n  api_token = \"{{alnum:24}}\"\n}\n",
        "ERROR zeplin: refused, access_token={{alnum:24}}",
        "zeplin_token = '{{alnum:24}}'",
    ]);
    let engine = Engine::new(Rules::builtin());
    let own = "# zeplin\nbilling_secret = '{{alnum:24}}'\n";
    assert_eq!(level(&engine, own), Some(Level::Block), "{own}");
}

#[test]
fn a_value_that_a_stray_sign_spoils_is_a_warning() {
    warn(&[
        "SECRET_KEY = '{{alnum:9}}?{{alnum:15}}'",
        "api_secret: \"{{hex:20}}${{hex:19}}\"",
        "client_secret = 'sk_live_{{alnum:31}}'",
        "pina_{{alnum:30}}?{{alnum:9}}",
    ]);
}

#[test]
fn what_is_of_few_characters_or_runs_along_the_alphabet_is_a_warning() {
    warn(&[
        "ALGOLIA_API_KEY=0123456789abcdef0123456789abcdef",
        "algolia_api_key = \\\n    '0123456789abcdef0123456789abcdef'",
        "GITHUB_TOKEN=ghp_{{alnum:2}}a1b2c3a1b2c3a1b2c3a1b2c3a1b2c3a1b2",
    ]);
}

#[test]
fn a_key_in_the_place_of_a_user_is_found() {
    warn(&["curl -u {{alnum:24}}: https://api.zeplin.dev/v1"]);
}
