//! The syntax of a file, as far as its name tells: whether a value there stands in quotes.

use bstr::{BStr, ByteSlice as _};

use super::scan::holds;

/// How values are written in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub(super) enum Syntax {
    /// A programming language: a value that is text stands in quotes.
    Code,
    /// JSON and its kin: a value that is text stands in double quotes.
    Json,
    /// YAML: a value runs to the end of the line.
    Yaml,
    /// Properties, dotenv, INI and other settings: a value runs to the end of the line.
    Settings,
    /// TOML and HCL: settings with quotes.
    Toml,
    /// XML, HTML and templates of them.
    Markup,
    /// Shell, PowerShell, batch, Dockerfile, Makefile: a value is a word.
    Shell,
    /// SQL.
    Sql,
    /// A document for people.
    Document,
    /// A log, a recording, a table.
    Log,
    /// Not known.
    Unknown,
}

impl Syntax {
    /// Returns the syntax that the last part of the path tells.
    pub(super) fn of(path: Option<&BStr>) -> Self {
        let Some(path) = path else {
            return Syntax::Unknown;
        };
        let name = name(path);
        let mut lower = [0u8; 64];
        let kept = &name[name.len().saturating_sub(lower.len())..];
        let lower = &mut lower[..kept.len()];
        lower.copy_from_slice(kept);
        lower.make_ascii_lowercase();
        by_name(lower).unwrap_or_else(|| by_extension(lower))
    }

    /// Tells whether text values of this syntax always stand in quotes.
    pub(super) fn quotes(self) -> bool {
        matches!(
            self,
            Syntax::Code | Syntax::Json | Syntax::Toml | Syntax::Sql
        )
    }

    /// Tells whether a bare value runs to the end of its line.
    pub(super) fn whole_line(self) -> bool {
        matches!(self, Syntax::Yaml | Syntax::Settings)
    }
}

/// Returns the last part of a path.
fn name(path: &BStr) -> &[u8] {
    path.rfind_byteset(b"/\\")
        .map_or(path.as_bytes(), |slash| &path[slash + 1..])
}

/// Tells whether the file's name is a language's: `de.json`, `messages_pt_BR.properties`, `zh-CN.js`.
pub(super) fn is_translation(path: Option<&BStr>) -> bool {
    let Some(path) = path else {
        return false;
    };
    let name = name(path);
    let stem = name.split_str(".").next().unwrap_or_default();
    if name.ends_with(b".po") || name.ends_with(b".strings") || name.ends_with(b".arb") {
        return true;
    }
    let holds = |word: &[u8]| holds(name, word);
    if holds(b"translation") || holds(b"i18n") || holds(b"locale") || holds(b"l10n") {
        return true;
    }
    if in_translations(path) {
        return true;
    }
    let mut parts = stem.rsplit(|&byte| byte == b'_' || byte == b'-');
    let (Some(last), before) = (parts.next(), parts.next()) else {
        return false;
    };
    let language = |part: &[u8]| {
        LANGUAGES
            .iter()
            .any(|known| known.as_bytes().eq_ignore_ascii_case(part))
    };
    let country = last.len() == 2 && last.iter().all(u8::is_ascii_uppercase);
    match before {
        Some(before) => {
            language(before) && (country || last.len() == 2)
                || language(last)
                    && [
                        &b"messages"[..],
                        b"translation",
                        b"translations",
                        b"lang",
                        b"locale",
                        b"strings",
                    ]
                    .contains(&before)
        }
        None => language(last),
    }
}

/// Tells whether a folder that holds the file is one of translations: `lang/nl/validation.php`, `_locales/de/a.json`.
fn in_translations(path: &BStr) -> bool {
    const FOLDERS: [&[u8]; 13] = [
        b"localization",
        b"lang",
        b"langs",
        b"language",
        b"languages",
        b"locale",
        b"locales",
        b"_locales",
        b"i18n",
        b"intl",
        b"l10n",
        b"translation",
        b"translations",
    ];
    let mut folders = path.rsplit(|&byte| byte == b'/').skip(1).take(4);
    // Yii keeps texts in `messages/pt/`, Android in `values-pt/`.
    let mut parts = path.rsplit(|&byte| byte == b'/').skip(1);
    let (last, before) = (parts.next().unwrap_or_default(), parts.next());
    before == Some(b"messages")
        || last.starts_with(b"values-") && path.ends_with(b"strings.xml")
        || folders.any(|folder| {
            FOLDERS
                .iter()
                .any(|known| known.eq_ignore_ascii_case(folder))
        })
}

/// Tells whether the file is a page of the web, as it is sent to whoever asks.
pub(super) fn is_page(path: Option<&BStr>) -> bool {
    path.is_some_and(|path| {
        [&b".html"[..], b".htm", b".min.js"]
            .iter()
            .any(|end| path.ends_with(end))
            || path.ends_with(b".js") && (holds(path, b"/build/") || holds(path, b"/dist/"))
    })
}

/// Tells whether the file tells a CI service what to run.
pub(super) fn is_ci(path: Option<&BStr>) -> bool {
    const NAMES: [&[u8]; 8] = [
        b".github/workflows/",
        b".gitlab-ci",
        b".travis.",
        b".circleci/",
        b"azure-pipelines",
        b"appveyor.",
        b"bitbucket-pipelines",
        b".drone.",
    ];
    path.is_some_and(|path| {
        (path.ends_with(b".yml") || path.ends_with(b".yaml"))
            && NAMES.iter().any(|name| holds(path, name))
    })
}

/// Tells whether the file holds digests of other files by its purpose: a lock file, a list of checksums.
pub(super) fn is_lock(path: Option<&BStr>) -> bool {
    path.is_some_and(|path| {
        let name = name(path);
        let ends = |ending: &str| name.ends_with(ending.as_bytes());
        ends(".lock")
            || ends("-lock.json")
            || ends("-lock.yaml")
            || ends(".sum")
            || ends(".snap")
            || ends(".resolved")
            || ends(".lockb")
    })
}

const LANGUAGES: [&str; 42] = [
    "ar", "bg", "bn", "ca", "cs", "da", "de", "el", "en", "es", "et", "fa", "fi", "fr", "he", "hi",
    "hr", "hu", "id", "it", "ja", "ka", "ko", "lt", "lv", "ms", "nb", "nl", "no", "pl", "pt", "ro",
    "ru", "si", "sk", "sl", "sr", "sv", "th", "tr", "uk", "zh",
];

fn by_name(name: &[u8]) -> Option<Syntax> {
    let starts = |prefix: &str| name.starts_with(prefix.as_bytes());
    Some(match name {
        _ if starts(".env") || starts("env.") => Syntax::Settings,
        _ if starts("dockerfile") || starts("containerfile") => Syntax::Shell,
        _ if starts("makefile") || starts("gnumakefile") || name == b"justfile" => Syntax::Shell,
        b".bashrc" | b".profile" | b".zshrc" | b".bash_history" | b".bash_profile"
        | b"procfile" => Syntax::Shell,
        b".npmrc" | b".pypirc" | b".netrc" | b"_netrc" | b".pgpass" | b".my.cnf"
        | b"credentials" | b"config" | b".htpasswd" | b".gitconfig" | b".git-credentials"
        | b".s3cfg" => Syntax::Settings,
        b"readme" | b"changelog" | b"changes" | b"notes" | b"install" | b"authors" => {
            Syntax::Document
        }
        b"gemfile" | b"rakefile" | b"vagrantfile" | b"jenkinsfile" | b"podfile" | b"fastfile" => {
            Syntax::Code
        }
        b".dockerconfigjson" | b".dockercfg" => Syntax::Json,
        _ => return None,
    })
}

fn by_extension(name: &[u8]) -> Syntax {
    let mut parts = name.rsplit(|&byte| byte == b'.');
    let mut last = parts.next().unwrap_or_default();
    let mut rest = parts.peekable();
    // The ending of a template or a copy hides the one that tells.
    while rest.peek().is_some()
        && matches!(
            last,
            b"j2"
                | b"tmpl"
                | b"tpl"
                | b"template"
                | b"dist"
                | b"example"
                | b"sample"
                | b"erb"
                | b"bak"
                | b"orig"
                | b"old"
                | b"in"
                | b"default"
                | b"local"
                | b"ejs"
        )
    {
        last = rest.next().unwrap_or_default();
    }
    if rest.peek().is_none() {
        return Syntax::Unknown;
    }
    match last {
        b"json" | b"jsonc" | b"json5" | b"ipynb" | b"har" | b"avsc" | b"webmanifest"
        | b"tfstate" => Syntax::Json,
        b"yml" | b"yaml" | b"raml" => Syntax::Yaml,
        b"properties" | b"env" | b"ini" | b"conf" | b"cfg" | b"cnf" | b"config" | b"rc"
        | b"service" | b"inf" | b"reg" | b"prefs" | b"editorconfig" | b"toolbelt" | b"desktop" => {
            Syntax::Settings
        }
        b"toml" | b"tf" | b"tfvars" | b"hcl" | b"nomad" => Syntax::Toml,
        b"xml" | b"html" | b"htm" | b"xhtml" | b"jsp" | b"plist" | b"csproj" | b"aspx"
        | b"cshtml" | b"wsdl" | b"xaml" | b"props" | b"targets" | b"pom" | b"hbs" | b"haml"
        | b"ftl" | b"resx" => Syntax::Markup,
        b"sh" | b"bash" | b"zsh" | b"fish" | b"ksh" | b"ps1" | b"psm1" | b"bat" | b"cmd"
        | b"dockerfile" | b"mk" | b"env-sh" => Syntax::Shell,
        b"sql" | b"psql" | b"pgsql" | b"mysql" | b"ddl" => Syntax::Sql,
        b"md" | b"markdown" | b"rst" | b"txt" | b"adoc" | b"asciidoc" | b"org" | b"tex"
        | b"mdx" | b"textile" | b"rdoc" | b"wiki" | b"pod" => Syntax::Document,
        b"log" | b"csv" | b"tsv" | b"out" | b"http" | b"rest" | b"cassette" => Syntax::Log,
        b"pem" | b"key" | b"crt" | b"cer" | b"lock" => Syntax::Unknown,
        _ if last.len() <= 12 && last.iter().all(u8::is_ascii_alphanumeric) => Syntax::Code,
        _ => Syntax::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(path: &str) -> Syntax {
        Syntax::of(Some(BStr::new(path.as_bytes())))
    }

    #[test]
    fn names_and_endings_tell_the_syntax() {
        assert_eq!(of("a/.env.local"), Syntax::Settings);
        assert_eq!(of("a/app.py"), Syntax::Code);
        assert_eq!(of("values.YAML"), Syntax::Yaml);
        assert_eq!(of("nginx.conf.j2"), Syntax::Settings);
        assert_eq!(of("deploy/Dockerfile.prod"), Syntax::Shell);
        assert_eq!(of("LICENSE"), Syntax::Unknown);
        assert_eq!(Syntax::of(None), Syntax::Unknown);
    }

    #[test]
    fn a_language_in_the_name_is_a_translation() {
        let is = |path: &str| is_translation(Some(BStr::new(path.as_bytes())));
        assert!(is("i18n/de_DE.json") && is("fr.yml") && is("messages_pt_BR.properties"));
        assert!(is("lang/nl/validation.php") && is("app/locales/common/login.js"));
        assert!(is("messages/pt/base.php") && is("res/values-eu/strings.xml"));
        assert!(!is("res/values/strings.xml"));
        assert!(!is("main.rs") && !is("user_service.go") && !is("config.json"));
    }
}
