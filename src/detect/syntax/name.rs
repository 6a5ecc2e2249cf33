//! The name of a file says its syntax.

use bstr::{BStr, ByteSlice};

use super::Syntax;
use super::code::lex::Language;

/// Endings of sample files, which say nothing of the syntax.
const SAMPLES: [&str; 12] = [
    ".eex", ".example", ".sample", ".tmpl", ".dist", ".tpl", ".default", ".bak", ".orig", ".old",
    ".j2", ".erb",
];

/// Returns the syntax that a file's name says.
pub(crate) fn of(path: &BStr) -> Syntax {
    let full = path.to_str_lossy().to_ascii_lowercase();
    let name = full.rsplit('/').next().unwrap_or_default();
    let by_name = whole_name(name);
    if by_name != Syntax::Unknown {
        return by_name;
    }
    let mut stem = name;
    while let Some(shorter) = SAMPLES.iter().find_map(|sample| stem.strip_suffix(sample)) {
        stem = shorter;
    }
    match whole_name(stem) {
        Syntax::Unknown => by_extension(stem, &full),
        known => known,
    }
}

/// Returns the syntax of files that go by a fixed name.
fn whole_name(name: &str) -> Syntax {
    match name {
        ".env" | ".flaskenv" | ".envrc" | "env" | "environment" => Syntax::Dotenv,
        ".python-version" | "runtime.txt" | ".tool-versions" | ".nvmrc" | ".node-version"
        | ".ruby-version" | ".php-version" | ".java-version" | ".go-version" => Syntax::Versions,
        "dockerfile" | "containerfile" => Syntax::Dockerfile,
        "makefile" | "gnumakefile" | "justfile" => Syntax::Makefile,
        "procfile" => Syntax::Procfile,
        "gemfile" | "rakefile" | "vagrantfile" | "podfile" | "fastfile" | "capfile" => {
            Syntax::Code(Language::Ruby)
        }
        "jenkinsfile" => Syntax::Code(Language::Java),
        ".npmrc" | ".gitconfig" | "gitconfig" | ".git-config" | ".pypirc" | "pip.conf"
        | "my.cnf" | ".user.ini" | "rabbitmq.conf" | "supervisord.conf" => Syntax::Ini,
        ".profile" | ".bashrc" | ".zshrc" | ".bash_profile" => Syntax::Shell,
        "pipfile" | "poetry.lock" | "uv.lock" | "cargo.lock" => Syntax::Toml,
        "pipfile.lock" | "composer.lock" | ".babelrc" | ".eslintrc" | ".condarc.json" => {
            Syntax::Json
        }
        "gemfile.lock" | "go.mod" | "yarn.lock" => Syntax::Lock,
        "mongod.conf" | ".condarc" | "kubeconfig" | ".clang-format" | "pnpm-lock.yaml" => {
            Syntax::Yaml
        }
        "sshd_config" | "ssh_config" | ".htaccess" | ".yarnrc" | "httpd.conf" | "apache2.conf"
        | "pg_hba.conf" | "sudoers" | "memcached.conf" | "redis.conf" => Syntax::Directives,
        _ if name.starts_with("dockerfile.") || name.starts_with("containerfile.") => {
            Syntax::Dockerfile
        }
        _ if name.starts_with(".env.") || name.starts_with(".env-") => Syntax::Dotenv,
        _ if name.contains(".tfstate.") => Syntax::Json,
        // `settings.py.dev`
        _ if name.contains("settings.py.") => Syntax::Python,
        _ if name.starts_with("procfile.") => Syntax::Procfile,
        _ if name.starts_with("makefile.") => Syntax::Makefile,
        _ if name.starts_with("requirements") || name.starts_with("constraints") => {
            match name.rsplit('.').next() {
                Some("txt" | "in" | "pip") => Syntax::Requirements,
                _ => Syntax::Unknown,
            }
        }
        _ => Syntax::Unknown,
    }
}

/// Returns the syntax of files that go by the ending of their name, or by the folder they lie in.
fn by_extension(name: &str, full: &str) -> Syntax {
    let folder = full.rsplit('/').nth(1).unwrap_or_default();
    match (folder, name) {
        (".git" | "git", "config") | (".aws", "credentials" | "config") => return Syntax::Ini,
        (".kube", "config") => return Syntax::Yaml,
        (".ssh", "config") | ("sudoers.d" | "sshd_config.d", _) => return Syntax::Directives,
        ("sites-enabled" | "sites-available", _) => return Syntax::Conf,
        ("requirements", _) if name.ends_with(".txt") || name.ends_with(".in") => {
            return Syntax::Requirements;
        }
        _ => {}
    }
    match name.rsplit_once('.').map_or("", |(_, extension)| extension) {
        "py" | "pyw" => Syntax::Python,
        "env" => Syntax::Dotenv,
        "yml" | "yaml" | "eyaml" => Syntax::Yaml,
        "ini" | "cfg" | "cnf" | "service" | "desktop" | "repo" => Syntax::Ini,
        "properties" => Syntax::Properties,
        "dockerfile" | "containerfile" => Syntax::Dockerfile,
        "sh" | "bash" | "zsh" | "ksh" | "ps1" | "bats" | "command" => Syntax::Shell,
        "mk" | "mak" => Syntax::Makefile,
        "json" | "jsonc" | "json5" | "tfstate" | "webmanifest" | "ipynb" => Syntax::Json,
        "toml" => Syntax::Toml,
        "tf" | "tfvars" | "hcl" | "nomad" => Syntax::Hcl,
        "xml" | "config" | "csproj" | "fsproj" | "vbproj" | "pubxml" | "props" | "targets"
        | "plist" => Syntax::Xml,
        "conf" => Syntax::Conf,
        "template" => match name
            .rsplit_once('.')
            .map(|(stem, _)| by_extension(stem, full))
        {
            Some(Syntax::Unknown) | None => Syntax::Template,
            Some(known) => known,
        },
        "list" => Syntax::Directives,
        "js" | "cjs" | "mjs" | "ts" | "jsx" | "tsx" | "cts" | "mts" | "vue" | "svelte" => {
            Syntax::Code(Language::Script)
        }
        "php" | "phtml" | "inc" => Syntax::Code(Language::Php),
        "rb" | "gemspec" | "rake" | "ru" => Syntax::Code(Language::Ruby),
        "go" => Syntax::Code(Language::Go),
        "java" | "kt" | "kts" | "scala" | "gradle" | "groovy" => Syntax::Code(Language::Java),
        "cs" => Syntax::Code(Language::CSharp),
        "rs" => Syntax::Code(Language::Rust),
        "ex" | "exs" => Syntax::Code(Language::Elixir),
        _ if name.starts_with("env.") => Syntax::Dotenv,
        _ => Syntax::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_say_the_syntax_wherever_the_file_lies() {
        for (path, syntax) in [
            ("a/.env.production", Syntax::Dotenv),
            ("prod.env", Syntax::Dotenv),
            ("a/Dockerfile.dev", Syntax::Dockerfile),
            ("x.Dockerfile", Syntax::Dockerfile),
            ("etc/yum.repos.d/x.repo", Syntax::Ini),
            ("a.yaml.example", Syntax::Yaml),
            ("a/values.yml", Syntax::Yaml),
            (".python-version", Syntax::Versions),
            ("a/stack.template", Syntax::Template),
            ("a.yml.template", Syntax::Yaml),
            ("requirements/base.txt", Syntax::Requirements),
            ("etc/nginx/sites-enabled/app", Syntax::Conf),
            ("app.properties", Syntax::Properties),
            ("env.ts", Syntax::Code(Language::Script)),
            ("env.example", Syntax::Dotenv),
            ("Gemfile", Syntax::Code(Language::Ruby)),
            ("config/prod.exs.eex", Syntax::Code(Language::Elixir)),
            ("a.txt", Syntax::Unknown),
            ("", Syntax::Unknown),
        ] {
            assert_eq!(of(BStr::new(path)), syntax, "{path}");
        }
    }
}
