//! Shapes of assignments in many languages, and values that only look like secrets, judged by the trees.

use bstr::BStr;
use proptest::prelude::*;

use super::{Candidate, Thresholds, candidates, judge};
use crate::blob::Regions;
use crate::detect::Engine;
use crate::rule::{Level, Random, Rules, alphabet, fill};
use crate::span::Span;

const KEYWORDS: [&str; 15] = [
    "pass",
    "pwd",
    "secret",
    "token",
    "key",
    "auth",
    "cred",
    "://",
    "bearer ",
    "basic ",
    " -u",
    "--user",
    "identified by",
    "securestring ",
    "密码",
];

/// Returns the candidates of a text, with what the judge says of each: `warn` or better is found.
fn found(path: &str, text: &str) -> Vec<String> {
    let text = fill(text, &crate::detect::make);
    let lower = text.to_ascii_lowercase();
    let mut hits: Vec<Span> = KEYWORDS
        .iter()
        .flat_map(|word| {
            lower
                .match_indices(word)
                .map(|(at, word)| Span::new(at, at + word.len()))
        })
        .collect();
    hits.sort_unstable();
    let mut values = Vec::new();
    candidates(
        text.as_bytes(),
        &Regions::Whole,
        Some(BStr::new(path)),
        &hits,
        &mut |candidate: Candidate| {
            if judge(&candidate.features) >= Thresholds::trained().warn {
                values.push(
                    text[candidate.assignment.value.start..candidate.assignment.value.end]
                        .to_owned(),
                );
            }
        },
    );
    values
}

/// Returns a password that no list holds.
fn password() -> String {
    Random::new("password").string(alphabet("alnum").expect("known"), 14)
}

#[test]
fn a_password_is_found_in_any_language() {
    let value = password();
    let shapes = [
        ("a.py", "db_password = \"V\""),
        ("a.py", "    \"password\": 'V',"),
        ("a.rb", "config.password => 'V'"),
        ("a.js", "const dbPassword = `V`;"),
        ("a.ts", "password: string = 'V';"),
        ("a.rs", "let password: &str = \"V\";"),
        ("a.go", "password := \"V\""),
        ("a.java", "ds.setPassword(\"V\");"),
        ("a.java", "props.put(\"password\", \"V\");"),
        ("a.php", "define('DB_PASSWORD', 'V');"),
        ("a.py", "connect(host, password=os.getenv('DB_PASS', 'V'))"),
        ("a.js", "const password = process.env.DB_PASSWORD || 'V';"),
        ("a.yml", "spring:\n  datasource:\n    password: V\n"),
        ("a.yml", "env:\n  - name: DB_PASSWORD\n    value: V\n"),
        ("a.json", "{\"name\": \"DB_PASSWORD\", \"value\": \"V\"}"),
        ("a.properties", "spring.datasource.password=V\n"),
        (".env", "DB_PASSWORD=V\n"),
        ("a.xml", "<password>V</password>"),
        ("a.xml", "<property name=\"password\" value=\"V\"/>"),
        ("a.sh", "export PGPASSWORD=V\n"),
        ("a.sh", "mysql --user root --password=V db"),
        ("a.sql", "CREATE USER app IDENTIFIED BY 'V';"),
        ("a.tf", "  password = \"V\"\n"),
        ("a.md", "| user | admin |\n| password | V |\n"),
        ("notes.txt", "The password is V.\n"),
        ("a.js", "let s = '{\\\"password\\\": \\\"V\\\"}';"),
        ("a.conf", "requirepass V\n"),
        ("说明.txt", "密码：V\n"),
        ("a.py", "requests.get(u, auth=('deploy', 'V'))"),
        ("a.sh", "curl -u deploy:V https://build.internal/"),
        ("a.py", "url = 'postgres://app:V@db.internal/app'"),
        ("a.java", "@Password(\"V\")\nclass A {}"),
        ("a.http", "X-Api-Token: V\n"),
        ("a.py", "password = (\n    'V'\n)"),
        ("a.java", "String password =\n        \"V\";"),
        ("a.sh", "cat > .my.cnf <<EOF\n[client]\npassword=V\nEOF\n"),
        (
            "a.sh",
            "psql <<SQL\nALTER USER app WITH PASSWORD 'V';\nSQL\n",
        ),
        ("a.sql", "SET PASSWORD = 'V';"),
        ("a.sql", "CREATE LOGIN app WITH PASSWORD = 'V';"),
        ("Dockerfile", "ENV DB_PASSWORD=V\n"),
        ("Dockerfile", "ENV DB_PASSWORD V\n"),
        ("Dockerfile", "ARG DB_PASSWORD=V\n"),
        (
            "docker-compose.yml",
            "services:\n  db:\n    environment:\n      DB_PASSWORD: ${DB_PASSWORD:-V}\n",
        ),
        (
            "docker-compose.yml",
            "    environment:\n      - POSTGRES_PASSWORD=V\n",
        ),
        ("a.yml", "password: >-\n  V\n"),
        ("a.ps1", "connect -Password V -Force"),
        (
            "a.sh",
            "curl -H 'Authorization: Bearer VV' https://api.internal/",
        ),
        ("chat.txt", "ann: hey, the root password is V btw\n"),
        ("chat.txt", "ann: login deploy, password: V\n"),
        ("notes.md", "- **Password**: `V`\n"),
        ("a.cs", "var c = \"Server=db;User Id=sa;Password=V;\";"),
        ("a.php", "a:1:{s:8:\"password\";s:14:\"V\";}"),
        (".netrc", "machine db.internal login app password V\n"),
        ("a.plist", "<key>password</key>\n<string>V</string>"),
        ("a.yml", "hmac_secret: 'V'\n"),
        ("a.js", "const dsn = 'Server=db;Password=' + 'V';"),
        ("a.yml", "password: &database V\n"),
        ("a.yml", "password: !!str V\n"),
        (
            "a.ps1",
            "$secret = ConvertTo-SecureString 'V' -AsPlainText -Force",
        ),
        (
            "a.ps1",
            "ConvertTo-SecureString -String 'V' -AsPlainText -Force",
        ),
    ];
    let missed: Vec<_> = shapes
        .iter()
        .filter(|(path, shape)| {
            let written = shape.replace("VV", &value.repeat(2)).replace('V', &value);
            !found(path, &written)
                .iter()
                .any(|found| found.trim_end_matches('}').ends_with(&value))
        })
        .collect();
    assert!(missed.is_empty(), "{missed:#?}");
}

#[test]
fn what_a_person_would_not_call_a_secret_is_passed_over() {
    let shapes = [
        ("a.py", "password = os.environ['DB_PASSWORD']"),
        ("a.py", "password = getpass.getpass('Password: ')"),
        ("a.js", "const token = req.headers['x-access-token'];"),
        ("a.js", "password: this.form.password,"),
        ("a.go", "Password: cfg.Password,"),
        ("a.yml", "password: ${DB_PASSWORD}\n"),
        ("a.yml", "password: {{ vault_db_password }}\n"),
        (
            "a.yml",
            "password: \"{{ lookup('env', 'DB_PASSWORD') }}\"\n",
        ),
        ("a.tf", "password = var.db_password\n"),
        ("a.java", "@Value(\"${db.password}\")"),
        (
            "a.json",
            "{\"passwordLabel\": \"Please enter your password\"}",
        ),
        ("de_DE.json", "{\"password\": \"Passwort vergessen\"}"),
        (
            "a.html",
            "<input type=\"password\" name=\"password\" id=\"password\">",
        ),
        ("a.ts", "passwordField: HTMLInputElement;"),
        ("a.md", "Set `password` to a value that is hard to guess."),
        ("a.py", "token_url = 'https://auth.internal/oauth/token'"),
        ("a.yml", "secretName: database-credentials\n"),
        ("a.js", "if (key === 'Enter') {}"),
        ("a.py", "primary_key = 'user_id'"),
        ("package-lock.json", "\"token\": \"{{hex:40}}\""),
        ("a.json", "{\"key\": \"ssh-rsa {{alnum:200}}\"}"),
        ("a.yml", "password: '********'\n"),
        ("a.sh", "docker run -u 1000:1000 image"),
        ("a.md", "postgres://user:<password>@host/db"),
    ];
    for (path, shape) in shapes {
        assert_eq!(found(path, shape), Vec::<String>::new(), "{path}: {shape}");
    }
}

/// What tokens are mistaken for: ids, digests, open keys, ciphertexts, tokens that are used once, examples, and values
/// that the provider they are named after never issued.
#[test]
fn what_a_second_person_would_dispute_never_blocks() {
    let shapes = [
        ("a.py", "public_key = \"{{base64:44}}\""),
        ("a.py", "key_fingerprint = \"{{hex:40}}\""),
        ("a.py", "password_sha256 = \"{{hex:64}}\""),
        ("a.conf", "passsha256 = \"{{hex:64}}\""),
        ("a.py", "csrf_token = \"{{alnum:32}}\""),
        ("a.py", "next_page_token = \"{{base64url:60}}\""),
        ("a.json", "{\"translation_key\": \"{{uuid:4}}\"}"),
        ("a.json", "{\"key\": \"Q-{{uuid:4}}-0\"}"),
        (
            "a.py",
            "auth_token = \"123e4567-e89b-12d3-a456-426614174000\"",
        ),
        ("a.sh", "KEY={{HEX:16}}"),
        ("a.py", "wrong_password = \"{{alnum:14}}\""),
        (
            "resources/lang/aa-ER/auth.php",
            "'password' => 'crwdns{{digits:4}}:0crwdne{{digits:4}}:0',",
        ),
        (
            "a.sql",
            "INSERT INTO m VALUES ('{{uuid:4}}', 'password', '{{uuid:4}}')",
        ),
        ("a.json", "{\"identityKey\": \"B{{base64:43}}\"}"),
        ("a.yml", "# Public key : BS/{{base64:41}}"),
        ("a.py", "client_key = b\"x3JJHMbDL1Ez{{alnum:10}}==\""),
        ("a.php", "'password' => \"barryIsTheBest{$i}\","),
        ("a.sql", "UPDATE users SET password='{{hex:64}}'"),
        ("a.js", "const config = { api_key: 'asdfasdfasdfasdf' };"),
        (
            "a.java",
            ".put(\"greeting.secret\", \"ENC({{base64:40}})\")",
        ),
        (
            "a.py",
            "encrypt_key = \"MFwwDQYJKoZIhvcNAQEBBQADSwAwSAJBA{{base64:90}}\"",
        ),
        ("a.xml", "<AccessKeyId>{{uppernum:20}}</AccessKeyId>"),
        ("a.go", "const keyOfFirst = \"{{hex:16}}\""),
        ("lang/nl/validation.php", "'password' => 'wachtwoord',"),
        (
            "locale.constant-da_DK.json",
            "\"password\": \"MQTT-adgang{{lower:5}}\"",
        ),
        (
            "a.xml",
            "<xenc:CipherValue>{{base64:160}}</xenc:CipherValue>",
        ),
        ("a.yml", "admin.passwordMtime: 2019-03-20T17:54:53Z\n"),
        (
            "a.js",
            "search({appId: 'A', apiKey: '{{hex:32}}', indexName: 'docs'})",
        ),
        ("a.yml", "pass4SymmKey: \"$7${{base64:58}}==\"\n"),
        ("a.py", "fake_api_key = \"{{alnum:32}}\""),
        ("a.py", "link_token = \"link-sandbox-{{uuid:4}}\""),
        ("a.py", "secret_key = \"a1b2c3d4e5f6g7h8i9j0\""),
        ("a.yml", "password: changethis\n"),
        ("a.yml", "encrypted_password: {{base64:88}}\n"),
        ("a.yml", "kms_encrypted_token: AQICAH{{base64:180}}\n"),
        (
            "a.yml",
            "password: ENC[AES256_GCM,data:{{base64:24}}=,iv:{{base64:43}}=,type:str]\n",
        ),
        (
            "a.yml",
            "kind: SealedSecret\nspec:\n  encryptedData:\n    password: Ag{{base64:400}}\n",
        ),
        ("a.yml", "token: '{cipher}{{hex:96}}'\n"),
        (
            "a.yml",
            "ca_key_cert: LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0t{{base64:200}}\n",
        ),
        (
            "a.js",
            "const key = 'data:image/png;base64,{{base64:120}}';",
        ),
        ("a.txt", "api_token = \"{{alnum:14}}?{{alnum:14}}\""),
        ("a.txt", "sendgrid_api_key = \"{{alnum:29}}\""),
        ("a.txt", "notion_secret = '{{alnum:12}}^{{alnum:12}}'"),
        (
            "a.txt",
            "curl -H 'Authorization: Bearer {{alnum:29}}' https://api.algolia.com/1",
        ),
    ];
    none_blocks(&shapes);
}

#[test]
fn texts_of_translations_and_what_a_password_is_kept_as_never_block() {
    none_blocks(&[
        (
            "lang/aa/general.php",
            "'here_is_api_key' => 'crwdns{{digits:5}}:0crwdne{{digits:5}}:0',",
        ),
        (
            "locales/cs.json",
            "\"oauth_client_secret\": \"Tajn\\u00e9 heslo1\"",
        ),
        (
            "message",
            "Co-authored-by: zhang{{alnum:12}} <zhang@example.com>",
        ),
        ("a.md", "basicauth_users_secret=test:$apr1$H6us{{alnum:28}}"),
        ("a.java", "saltedpassword=\"{{base64:43}}=\""),
    ]);
}

#[test]
fn what_only_has_the_name_of_a_secret_is_passed_over() {
    let shapes = [
        ("nginx.conf", "proxy_pass http://app:8080;\n"),
        ("a.j2", "%admins ALL = (root) NOPASSWD: FPM_RELOAD2\n"),
        ("a.sh", "systemctl --no-ask-password disable2 \"x\""),
        ("a.txt", "<opaquelocktoken:{{uuid:4}}>"),
        (
            "a.php",
            "$table->addUniqueIndex(['token'], 'UNIQ_{{HEX:16}}');",
        ),
        (
            "composer.json",
            "\"a/oauth-server\": \"dev-master#{{hex:40}}\"",
        ),
        ("a.json", "\"secret\": \"rl-sha256:{{hex:64}}\""),
        ("a.yml", "PublicKey: {{base64:43}}=\n"),
        ("Dockerfile", "ARG NGINX_GPGKEY=\"{{HEX:40}}\"\n"),
        ("a.php", "['form' => ['_token' => '{{lower:28}}']]"),
        ("a.yml", "    password: xxxxxxxx\n"),
        ("a.kt", "authenticationTag = \"{{base64:22}}==\""),
        ("a.json", "\"S3Key\": \"{{hex:64}}.zip\""),
        ("a.js", "save_password: \"disable\","),
        ("a.py", "\"change_password\": \"1/m/user\","),
        ("a.md", "A node is identified by 'name42x'."),
        ("a.yml", "authored: anna99\n"),
        (
            "messages/pt/base.php",
            "'Password' => 'Palavra-{{lower:5}}',",
        ),
        (
            "res/values-eu/strings.xml",
            "<string name=\"auth_password\">Pasa{{lower:5}}</string>",
        ),
    ];
    for (path, shape) in shapes {
        assert_eq!(found(path, shape), Vec::<String>::new(), "{path}: {shape}");
    }
}

#[test]
fn what_is_open_or_only_has_to_be_there_never_blocks() {
    none_blocks(&[
        ("a.ts", "defaultToken: \"0x{{hex:40}}\""),
        ("a.yml", "accesskey: 'B3{{uppernum:18}}'"),
        (
            "public/build/main.js",
            "secret:\"Geheim1\",password:\"Lozinka\",",
        ),
        (
            "page.html",
            "<div data-config='{\"accessToken\": \"{{hex:64}}\"}'>",
        ),
        (
            "a.md",
            "![a](https://a.io/o/a.png?alt=media&token={{uuid:4}})",
        ),
        (
            "a.md",
            "[badge](https://a.io/a.svg?label=x&token={{alnum:24}})",
        ),
        ("a.py", "'https://a.io/widget/chat.html?key={{alnum:32}}'"),
        ("a.java", "//TOKEN=EC-{{uppernum:17}}&STATUS=ok"),
        ("a.yml", "# db.password=nacos\n"),
        (
            ".env",
            "# REDIS_URL=redis://:mypass@cache.internal:6379/0\n",
        ),
        (
            ".github/workflows/ci.yml",
            "          POSTGRES_PASSWORD: postgres\n",
        ),
        (
            ".github/workflows/ci.yml",
            "  DATABASE_URL: postgres://app:app@localhost:5432/app\n",
        ),
        (
            "a.sh",
            "export URL=mysql://app_test:app_test@127.0.0.1:3306/app",
        ),
        (
            "a.md",
            "UPDATE users SET password = '{{hex:64}}' WHERE id = 1",
        ),
        (
            "a.env",
            "# CLIENT_SECRET=alskdjfl{{digits:1}}kj5lk{{digits:3}}j345l3\n",
        ),
        (
            "a.go",
            "\"token\": \".eyJleHAiOjE1{{alnum:60}}.-{{alnum:10}}\"",
        ),
        ("a.rb", "token = \"eyJhbGciOiJSUzI1NiIsInR5c\""),
        ("a.js", "headers: {'Authorization': 'Basic YnJvd3Nlcjo='}"),
        ("a.json", "\"seed\": \"{{hex:32}}\""),
        ("a.json", "\"hintPassword\": \"jelsz\\u00f3\""),
    ]);
}

#[track_caller]
fn none_blocks(shapes: &[(&str, &str)]) {
    let engine = Engine::new(Rules::builtin());
    for &(path, shape) in shapes {
        let text = fill(shape, &crate::detect::make);
        let found = engine.scan(text.as_bytes(), &Regions::Whole, Some(BStr::new(path)));
        let blocks = found.iter().any(|found| found.level == Level::Block);
        assert!(!blocks, "{path}: {text}");
    }
}

#[test]
fn a_long_line_costs_no_more_than_its_key_words() {
    let line = "password=\"".repeat(20_000);
    assert!(found("a.js", &line).len() < 20_000);
    let nested = "password(".repeat(20_000);
    assert_eq!(found("a.py", &nested), Vec::<String>::new());
}

proptest! {
    /// History is scanned by what a change inserts: a verdict must depend on nothing beyond its extent.
    #[test]
    fn what_touches_a_region_is_found_as_in_the_whole(
        lines in prop::collection::vec(0..LINES.len(), 1..60),
        start in 0usize..2000,
        length in 0usize..80,
    ) {
        let text: String = lines.iter().map(|&line| LINES[line]).collect();
        let text = fill(&text, &crate::detect::make);
        let bytes = text.as_bytes();
        let start = start.min(bytes.len());
        let region = Span::new(start, (start + length).min(bytes.len()));
        let regions = Regions::from_ranges(vec![region]);
        let engine = Engine::new(Rules::builtin());
        let path = Some(BStr::new("settings.yml"));
        let of = |regions: &Regions| -> Vec<(Span, Span)> {
            let found = engine.scan(bytes, regions, path);
            found.into_iter().map(|found| (found.span, found.extent)).collect()
        };
        let mut whole = of(&Regions::Whole);
        whole.retain(|(span, _)| regions.touch(*span));
        prop_assert_eq!(of(&regions), whole);
    }
}

/// Lines to make texts of: assignments, halves of some, and what stands between.
const LINES: [&str; 14] = [
    "password: {{alnum:10}}\n",
    "db_password = \"{{alnum:12}}-!\"\n",
    "  - name: API_TOKEN\n",
    "    value: {{hex:16}}\n",
    "url: postgres://app:{{alnum:10}}@db.internal/app\n",
    "Authorization: Basic ",
    "YXBwOldtM3hQOWtRN3o=\n",
    "secret",
    "_key: ",
    "'{{alnum:12}}'",
    "\n",
    "# a comment that goes on for a while and says nothing of interest to anyone at all\n",
    "user: admin, ",
    "{\"token\": \"{{alnum:16}}\", \"name\": \"x\"}",
];
