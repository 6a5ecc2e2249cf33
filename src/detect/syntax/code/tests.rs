//! Entries, calls and scopes of each language.

use super::super::tests::{found, pairs};
use super::*;

fn has(language: Language, text: &str, wanted: &[&str]) {
    let document = read(language, text.as_bytes());
    for pair in wanted {
        assert!(found(&document, pair), "{pair} in {:#?}", pairs(&document));
    }
}

/// Returns the scope of the first entry of that key.
fn scope(language: Language, text: &str, key: &str) -> Scope {
    let document = read(language, text.as_bytes());
    let entry = document.entries.iter().find(|entry| entry.key == key);
    entry
        .unwrap_or_else(|| panic!("{key} in {:#?}", pairs(&document)))
        .scope
}

#[test]
fn scripts_have_properties_assignments_and_calls() {
    let text = "const p = new Pool({ ssl: { rejectUnauthorized: false }, // no\n});\nprocess.env['X'] = '0';\njwt.verify(t, k, { algorithms: ['none'] })\napp.use(cors({ origin: true, credentials: true }));\nopts = { a: 1 }\n";
    has(
        Language::Script,
        text,
        &[
            "Pool(ssl.rejectUnauthorized)=false",
            "process.env.X=0",
            "jwt.verify(algorithms)=['none']",
            "cors(origin)=true",
            "cors(credentials)=true",
            "opts.a=1",
        ],
    );
}

#[test]
fn a_guard_gives_its_block_a_scope() {
    let text =
        "if (process.env.NODE_ENV !== 'production') {\n  app.use(errorHandler());\n}\nb(1);\n";
    assert_eq!(
        scope(Language::Script, text, "errorHandler()"),
        Scope::Development
    );
    assert_eq!(scope(Language::Script, text, "b()"), Scope::Unmarked);
    let text = "if (app.Environment.IsDevelopment())\n{\n  app.UseDeveloperExceptionPage();\n}\n";
    assert_eq!(
        scope(Language::CSharp, text, "app.UseDeveloperExceptionPage()"),
        Scope::Development
    );
}

#[test]
fn php_arrays_are_key_paths() {
    let text = "<?php\nreturn [\n  'debug' => env('APP_DEBUG', true),\n  'a' => ['b' => false],\n];\ncurl_setopt($ch, CURLOPT_SSL_VERIFYPEER, false);\ndefine('WP_DEBUG', true);\n$cfg['Servers'][$i]['auth_type'] = 'config';\n";
    has(
        Language::Php,
        text,
        &[
            "debug=env('APP_DEBUG', true)",
            "a.b=false",
            "curl_setopt(1)=CURLOPT_SSL_VERIFYPEER",
            "curl_setopt(2)=false",
            "define()='WP_DEBUG', true",
            "$cfg.Servers.$i.auth_type=config",
        ],
    );
}

#[test]
fn ruby_has_settings_calls_without_brackets_and_groups() {
    let text = "Rails.application.configure do\n  config.force_ssl = false\n  http.verify_mode = OpenSSL::SSL::VERIFY_NONE\nend\ngem 'a', group: :development\ngroup :development do\n  gem 'b'\nend\ngem 'c', '~> 1.0'\n";
    has(
        Language::Ruby,
        text,
        &[
            "config.force_ssl=false",
            "http.verify_mode=OpenSSL::SSL::VERIFY_NONE",
            "gem(0)=a",
            "gem()='c', '~> 1.0'",
        ],
    );
    let document = read(Language::Ruby, text.as_bytes());
    let scopes: Vec<Scope> = document
        .entries
        .iter()
        .filter(|entry| entry.key == "gem(0)")
        .map(|entry| entry.scope)
        .collect();
    assert_eq!(
        scopes,
        [Scope::Unmarked, Scope::Development, Scope::Unmarked]
    );
    let text = "config.debug = true if Rails.env.development?\n";
    assert_eq!(
        scope(Language::Ruby, text, "config.debug"),
        Scope::Development
    );
}

#[test]
fn the_others_have_properties_and_calls() {
    has(
        Language::Go,
        "import (\n  _ \"net/http/pprof\"\n)\nd.MinVersion = tls.VersionTLS10\n",
        &["import._=net/http/pprof", "d.MinVersion=tls.VersionTLS10"],
    );
    has(
        Language::Java,
        "pipeline { steps { sh 'curl -k x | sh' } }",
        &["$curl=curl -k x"],
    );
    let go = read(
        Language::Go,
        b"c := &tls.Config{InsecureSkipVerify: true}\n",
    );
    assert!(
        go.entries
            .iter()
            .any(|entry| entry.key.ends_with("InsecureSkipVerify") && entry.value == "true")
    );
    has(
        Language::Java,
        "Cipher c = Cipher.getInstance(\"DES\");\npublic void checkServerTrusted(X[] a) {}\n",
        &["Cipher.getInstance(0)=DES", "checkServerTrusted{}="],
    );
    has(
        Language::Rust,
        "Client::builder().danger_accept_invalid_certs(true).build()",
        &["danger_accept_invalid_certs(0)=true"],
    );
    has(
        Language::Elixir,
        "config :app, Endpoint,\n  debug_errors: true,\n  check_origin: false\n",
        &["debug_errors=true", "check_origin=false"],
    );
}
