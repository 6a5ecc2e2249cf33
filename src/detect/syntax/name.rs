//! The name of a file says its syntax.

use bstr::{BStr, ByteSlice};

use super::Syntax;

/// Endings of sample files, which say nothing of the syntax.
const SAMPLES: [&str; 12] = [
    ".example",
    ".sample",
    ".template",
    ".tmpl",
    ".dist",
    ".tpl",
    ".default",
    ".bak",
    ".orig",
    ".old",
    ".j2",
    ".erb",
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
        ".npmrc" | ".yarnrc" | ".gitconfig" | "gitconfig" | ".git-config" | ".pypirc"
        | "pip.conf" | "my.cnf" | ".user.ini" | "rabbitmq.conf" | "supervisord.conf" => Syntax::Ini,
        ".profile" | ".bashrc" | ".zshrc" | ".bash_profile" => Syntax::Shell,
        "mongod.conf" => Syntax::Yaml,
        _ if name.starts_with("dockerfile.") || name.starts_with("containerfile.") => {
            Syntax::Dockerfile
        }
        _ if name.starts_with(".env.") || name.starts_with(".env-") || name.starts_with("env.") => {
            Syntax::Dotenv
        }
        _ if name.starts_with("procfile.") => Syntax::Procfile,
        _ if name.starts_with("makefile.") => Syntax::Makefile,
        _ => Syntax::Unknown,
    }
}

fn by_extension(name: &str, _full: &str) -> Syntax {
    match name.rsplit_once('.').map_or("", |(_, extension)| extension) {
        "env" => Syntax::Dotenv,
        "yml" | "yaml" | "eyaml" => Syntax::Yaml,
        "ini" | "cfg" | "cnf" | "service" | "desktop" => Syntax::Ini,
        "properties" => Syntax::Properties,
        "dockerfile" | "containerfile" => Syntax::Dockerfile,
        "sh" | "bash" | "zsh" | "ksh" | "ps1" | "bats" | "command" => Syntax::Shell,
        "mk" | "mak" => Syntax::Makefile,
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
            ("a.yaml.example", Syntax::Yaml),
            ("a/values.yml", Syntax::Yaml),
            (".python-version", Syntax::Versions),
            ("app.properties", Syntax::Properties),
            ("a.txt", Syntax::Unknown),
            ("", Syntax::Unknown),
        ] {
            assert_eq!(of(BStr::new(path)), syntax, "{path}");
        }
    }
}
