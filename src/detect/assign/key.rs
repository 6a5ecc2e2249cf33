//! A key is read as words: `dbPassword`, `DB_PASSWORD` and `db-password` say the same.

use super::scan::holds;

/// What the words of a key say, one bit each.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Words {
    bits: u64,
    /// What the last word says.
    last: u64,
    /// How many words there are.
    pub(super) count: usize,
}

macro_rules! senses {
    ($($name:ident $bit:literal $words:expr;)*) => {
        $(pub(super) const $name: u64 = 1 << $bit;)*
        /// Each sense with the words that have it.
        const TABLE: &[(u64, &[&str])] = &[$(($name, &$words)),*];
    };
}

senses! {
    PASSWORD 0 ["password", "passwords", "passwd", "passphrase", "passcode", "pwd", "pswd", "psw", "passwort", "kennwort", "contrasena", "senha", "wachtwoord", "haslo", "parola", "motdepasse", "adgangskode", "contrasenya", "losenord", "salasana", "jelszo", "heslo", "passwrd", "pword", "userpass", "dbpass", "requirepass", "masterauth", "identifiedby", "rootpw", "pw"];
    PASS 1 ["pass", "mdp"];
    SECRET 2 ["secret", "secrets", "clientsecret", "secretkey", "appsecret"];
    TOKEN 3 ["token", "tokens", "jwt", "accesstoken", "authtoken", "refreshtoken", "pat", "bearer"];
    KEY 4 ["key", "keys", "apikey", "appkey", "secretkey", "accesskey", "privatekey", "authkey", "nkey", "apikeys", "pkey", "passkey", "sshkey", "masterkey"];
    API 5 ["api", "apikey", "apikeys", "app", "appkey", "appsecret"];
    AUTH 6 ["auth", "oauth", "oauth2", "authorization", "authentication", "authtoken", "authkey", "xauth"];
    CREDENTIAL 7 ["credential", "credentials", "creds", "cred", "login"];
    SALT 8 ["salt", "salts", "pepper"];
    NONCE 9 ["nonce", "noncestr", "iv", "cnonce"];
    PRIVATE 10 ["private", "priv", "privatekey", "privkey"];
    ACCESS 11 ["access", "accesskey", "accesstoken", "refresh", "refreshtoken", "session", "sessionid", "sid", "cookie", "csrf", "xsrf", "csrfmiddlewaretoken", "csrftoken", "authenticity"];
    HARMLESS 33 ["csrf", "xsrf", "csrfmiddlewaretoken", "csrftoken", "authenticity", "page", "pagination", "continuation", "cursor", "accessor", "next", "snap", "snapshot", "zookie", "resume", "sync", "cancellation"];
    CLIENT 12 ["client", "clientsecret", "consumer", "shared", "webhook", "bot", "service"];
    CRYPT 13 ["encryption", "encrypt", "encrypted", "cipher", "crypt", "crypto", "aes", "des", "hmac", "signing", "signature", "sign", "decrypt", "decryption", "validation", "machine", "keystore", "truststore", "jks", "ssl", "tls"];
    SEED 14 ["seed", "otp", "totp", "mfa", "pin", "mnemonic", "recovery", "backup"];
    USER 15 ["user", "username", "account", "owner", "email", "member", "person", "customer"];
    STORE 16 ["db", "database", "mysql", "postgres", "postgresql", "pg", "redis", "mongo", "mongodb", "mongoose", "smtp", "mail", "ftp", "ldap", "rabbitmq", "amqp", "jdbc", "datasource", "sql", "oracle", "mssql", "mariadb", "elastic", "elasticsearch", "kafka", "druid"];
    MASTER 17 ["admin", "administrator", "root", "master", "sa", "default", "initial", "proxy", "ssh", "sys", "system"];
    VENDOR 18 ["aws", "azure", "gcp", "google", "github", "gitlab", "stripe", "twilio", "slack", "sendgrid", "facebook", "twitter", "firebase", "cloudflare", "openai", "paypal", "algolia", "mailgun", "datadog", "heroku", "discord", "telegram", "dropbox", "linkedin", "wechat", "aliyun", "tencent", "qiniu", "docker", "npm", "s3", "minio"];
    PUBLIC 19 ["public", "pub", "publickey", "publishable", "pubkey", "site", "instrumentation", "search"];
    HASH 20 ["hash", "hashed", "digest", "sha", "sha1", "sha256", "sha512", "md5", "checksum", "fingerprint", "hashes", "thumbprint", "bcrypt"];
    NUMBER 21 ["count", "length", "len", "size", "max", "min", "limit", "num", "number", "total", "index", "idx", "bits", "cost", "rounds", "level", "strength", "version", "port", "attempts", "complexity"];
    NAME 22 ["name", "names", "label", "title", "text", "message", "msg", "placeholder", "hint", "prompt", "description", "help", "caption", "tooltip", "desc", "comment", "info", "note", "display", "question", "answer"];
    PLACE 23 ["path", "file", "dir", "directory", "url", "uri", "endpoint", "host", "store", "location", "folder", "filename", "page", "link", "domain", "server", "ref", "reference", "mount", "route", "src", "redirect", "arn"];
    KIND 24 ["type", "types", "class", "format", "field", "fields", "column", "attr", "attribute", "param", "params", "parameter", "header", "headers", "policy", "algorithm", "alg", "algo", "algorithms", "algs", "method", "mode", "scheme", "scope", "scopes", "prefix", "suffix", "style", "schema", "pattern", "regex", "regexp", "provider", "strategy", "encoder", "handler", "manager", "service", "factory", "option", "options", "grant", "kind", "model", "property", "input", "form", "generator", "validator", "rule", "view", "controller", "action", "event", "callback", "listener", "request", "response", "template", "icon", "button", "char", "chars"];
    TIME 25 ["expiry", "expires", "expire", "expiration", "ttl", "timeout", "age", "date", "time", "lifetime", "created", "updated", "issued", "at", "duration", "days", "hours", "seconds", "interval"];
    IDENTITY 26 ["id", "ids", "uuid", "guid", "identifier", "kid", "uid", "sid"];
    STATE 27 ["enabled", "enable", "required", "require", "valid", "is", "has", "can", "should", "show", "hide", "reset", "forgot", "forgotten", "change", "changed", "confirm", "confirmation", "error", "errors", "invalid", "allow", "disabled", "disable", "use", "missing", "verify", "verified", "check", "match", "matches", "mismatch", "update", "success", "failed", "incorrect", "supported", "status", "state", "exists"];
    OTHERKEY 28 ["primary", "foreign", "sort", "cache", "map", "row", "partition", "unique", "object", "press", "code", "keyboard", "hot", "shortcut", "dict", "data", "group", "parent", "child", "child", "lookup", "storage", "config", "setting", "item", "locale", "translation", "i18n", "registry", "tag", "bucket", "routing", "order", "license", "incident", "dedup", "deduplication", "idempotency", "position", "sender", "message", "workspace", "ordering", "shard", "range", "correlation", "websocket", "crew", "task", "composite", "surrogate", "natural", "issue", "project", "spreadsheet", "sheet", "execution", "record", "queue", "metric", "identity", "product", "rollup", "sorted", "dispatch", "resource", "event", "span", "trace"];
    VERB 29 ["get", "set", "create", "generate", "make", "build", "find", "parse", "load", "read", "encode", "decode", "new", "old", "current", "with", "add", "remove", "delete", "by", "for", "from", "to"];
    MOCK 30 ["test", "testing", "mock", "fake", "dummy", "example", "sample", "demo", "expected", "wrong", "bad"];
    MODEL 32 ["tokenizer", "embd", "embedding", "embeddings", "ggml", "vocab", "logits", "norm", "weight", "bias", "bloom", "murmur"];
    AUTHOR 31 ["author", "authored", "authoring", "authors", "authority", "authorized", "authorize", "authenticated", "authenticate", "authenticator", "compass", "passed", "passing", "passes", "bypass", "passthrough", "passive", "tokenize", "tokenizer", "keyword", "keywords", "monkey", "keyframes", "secretary", "passenger", "passport", "keyname", "keypath", "secrets_manager"];
}

/// The senses that make a key one of a secret.
pub(super) const STRONG: u64 = PASSWORD
    | PASS
    | SECRET
    | TOKEN
    | KEY
    | AUTH
    | CREDENTIAL
    | SALT
    | NONCE
    | SEED
    | PRIVATE
    | CRYPT;

/// The senses that turn the meaning round.
pub(super) const TURNED: u64 =
    PUBLIC | HASH | NUMBER | NAME | PLACE | KIND | TIME | IDENTITY | STATE;

impl Words {
    /// Reads the words of a key; no more than its last 80 bytes and 16 words count.
    pub(super) fn of(key: &[u8]) -> Self {
        let key = &key[key.len().saturating_sub(80)..];
        let mut words = Words::default();
        let mut lower = [0u8; 80];
        let mut start = 0;
        while start < key.len() {
            if !is_word(key[start]) {
                start += 1;
                continue;
            }
            let end = word_end(key, start);
            let word = &mut lower[..end - start];
            word.copy_from_slice(&key[start..end]);
            word.make_ascii_lowercase();
            let sense = sense(word);
            words.bits |= sense;
            words.last = sense;
            words.count += 1;
            start = end;
        }
        words
    }

    /// Tells whether a word has one of these senses.
    pub(super) fn any(self, senses: u64) -> bool {
        self.bits & senses != 0
    }

    /// Tells whether the last word has one of these senses.
    pub(super) fn ends(self, senses: u64) -> bool {
        self.last & senses != 0
    }

    /// Adds senses that something other than the words says.
    pub(super) fn with(mut self, senses: u64) -> Self {
        self.bits |= senses;
        self.last |= senses;
        self
    }
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte >= 0x80
}

/// Returns where the word that starts at `start` ends: at a sign, or before a capital that starts the next.
fn word_end(key: &[u8], start: usize) -> usize {
    let mut end = start + 1;
    while end < key.len() && is_word(key[end]) {
        let (before, here) = (key[end - 1], key[end]);
        let next_is_lower = key.get(end + 1).is_some_and(u8::is_ascii_lowercase);
        let starts_word = here.is_ascii_uppercase()
            && (before.is_ascii_lowercase()
                || before.is_ascii_digit()
                || before.is_ascii_uppercase() && next_is_lower);
        if starts_word {
            break;
        }
        end += 1;
    }
    end
}

/// Tells whether a word is one for a password, in any language.
pub(super) fn is_word_for_password(word: &[u8]) -> bool {
    word.len() <= 20 && table().get(&word.to_ascii_lowercase()) & PASSWORD != 0
}

/// Returns what a word in small letters says.
fn sense(word: &[u8]) -> u64 {
    let word = word.trim_ascii_end();
    let without_digits = {
        let digits = word
            .iter()
            .rev()
            .take_while(|byte| byte.is_ascii_digit())
            .count();
        &word[..word.len() - digits]
    };
    let exact = |word: &[u8]| table().get(word);
    let found = exact(word) | exact(without_digits);
    if found != 0 {
        return found;
    }
    stems(word)
}

/// Returns what a word says that is several written as one: `rootpassword`, `mytoken`.
fn stems(word: &[u8]) -> u64 {
    let holds = |stem: &str| holds(word, stem.as_bytes());
    let mut sense = 0;
    if word.len() < 5 {
        return 0;
    }
    if holds("passw") || holds("passphrase") || word.ends_with(b"pwd") || holds("pswd") {
        sense |= PASSWORD;
    } else if word.ends_with(b"pass") || word.starts_with(b"pass") {
        sense |= PASS;
    }
    if holds("secret") {
        sense |= SECRET;
    }
    if holds("token") {
        sense |= TOKEN;
    }
    if word.ends_with(b"key") || holds("apikey") {
        sense |= KEY;
    }
    if holds("credential") {
        sense |= CREDENTIAL;
    }
    if word.starts_with(b"auth") || word.ends_with(b"auth") {
        sense |= AUTH;
    }
    if holds("salt") {
        sense |= SALT;
    }
    if holds("sha1") || holds("sha256") || holds("sha512") || holds("md5") {
        sense |= HASH;
    }
    if holds("nonce") {
        sense |= NONCE;
    }
    if word.is_ascii() {
        return sense;
    }
    // Passwords in other scripts: Chinese, Russian, Japanese.
    if holds("密码")
        || holds("口令")
        || holds("парол")
        || holds("パスワード")
        || holds("contraseña")
    {
        sense |= PASSWORD;
    }
    if holds("密钥") || holds("秘钥") {
        sense |= SECRET;
    }
    sense
}

/// A table from word to sense, made once.
struct Table {
    slots: Vec<(u64, &'static str)>,
}

impl Table {
    fn get(&self, word: &[u8]) -> u64 {
        let mut at = hash(word) & (self.slots.len() - 1);
        loop {
            let (sense, known) = self.slots[at];
            if known.is_empty() {
                return 0;
            }
            if known.as_bytes() == word {
                return sense;
            }
            at = (at + 1) & (self.slots.len() - 1);
        }
    }
}

fn hash(word: &[u8]) -> usize {
    let mut hash = 0x811c_9dc5_u32;
    for &byte in word {
        hash = (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193);
    }
    (hash ^ hash >> 15) as usize
}

fn table() -> &'static Table {
    static TABLE_OF_WORDS: std::sync::OnceLock<Table> = std::sync::OnceLock::new();
    TABLE_OF_WORDS.get_or_init(|| {
        let mut slots = vec![(0, ""); 2048];
        for &(sense, words) in TABLE {
            for &word in words {
                let mut at = hash(word.as_bytes()) & (slots.len() - 1);
                while !slots[at].1.is_empty() && slots[at].1 != word {
                    at = (at + 1) & (slots.len() - 1);
                }
                slots[at] = (slots[at].0 | sense, word);
            }
        }
        Table { slots }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn says(key: &str, senses: u64) -> bool {
        Words::of(key.as_bytes()).any(senses)
    }

    #[test]
    fn keys_of_any_case_say_the_same() {
        for key in [
            "dbPassword",
            "DB_PASSWORD",
            "db-password",
            "spring.db.password",
            "DBPassword",
        ] {
            let words = Words::of(key.as_bytes());
            assert!(
                words.any(PASSWORD) && words.any(STORE) && words.ends(PASSWORD),
                "{key}"
            );
        }
    }

    #[test]
    fn words_that_only_look_like_key_words_are_others() {
        assert!(
            !says("compass", STRONG)
                && !says("author", STRONG)
                && !says("keyboardLayout", PASSWORD)
        );
        assert!(says("rootpassword", PASSWORD) && says("mytoken2", TOKEN) && says("APIKey", KEY));
        assert!(says("passwordResetUrl", TURNED) && !says("secret_key_base", TURNED));
    }
}
