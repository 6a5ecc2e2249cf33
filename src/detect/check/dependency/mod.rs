//! Dependencies: the packages that a manifest, a lock file or an install command names.

pub(crate) mod name;
pub(crate) mod names;
pub(crate) mod source;
pub(crate) mod version;

use super::{Check, Context};
use crate::detect::syntax::Entry;
use crate::span::Span;

/// Returns the check of dependencies of that name.
pub(super) fn find(name: &str) -> Option<Check> {
    Some(match name {
        "dependency-extra-index" => source::extra_index,
        "dependency-foreign" => source::foreign,
        "dependency-changed" => version::changed,
        "dependency-homoglyph" => name::homoglyph,
        "dependency-malicious" => name::malicious,
        "dependency-no-hashes" => version::no_hashes,
        "dependency-pycrypto" => name::pycrypto,
        "dependency-raw" => source::raw,
        "dependency-standard" => name::standard,
        "dependency-typosquat" => name::typosquat,
        "dependency-unpinned" => version::unpinned,
        "dependency-unpinned-install" => version::unpinned_install,
        "dependency-vulnerable" => version::vulnerable,
        "dependency-wildcard" => source::wildcard,
        "dependency-wrong" => name::wrong,
        _ => return None,
    })
}

/// Whose package it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ecosystem {
    /// Python packages.
    Pypi,
    /// JavaScript packages.
    Npm,
    /// Rust crates.
    Crates,
    /// Ruby gems.
    Gems,
    /// PHP packages.
    Composer,
    /// Java packages, `group:artifact`.
    Maven,
    /// Conda packages.
    Conda,
}

/// A package that something depends on.
#[derive(Debug, Clone)]
pub(crate) struct Dependency<'c> {
    pub(crate) ecosystem: Ecosystem,
    /// The name as it is written.
    pub(crate) name: String,
    /// What is said of the version or the place: `==1.2`, `^3`, `@ https://…`; nothing if nothing is.
    pub(crate) requirement: String,
    /// Where the name stands.
    pub(crate) span: Span,
    /// The entry it was read from.
    pub(crate) entry: &'c Entry,
    /// Only for development or as a peer.
    pub(crate) peer: bool,
}

/// Returns the dependencies that a file names.
pub(crate) fn all<'c>(context: &Context<'c>) -> Vec<Dependency<'c>> {
    let file = file_name(context);
    let entries = &context.document.entries;
    let mut found = Vec::new();
    for (at, entry) in entries.iter().enumerate() {
        match file.as_str() {
            "package.json" => npm(entry, &mut found),
            "composer.json" => composer(entry, &mut found),
            "pyproject.toml" | "pipfile" | "setup.cfg" | "setup.py" => {
                python(context, entry, &mut found);
            }
            "cargo.toml" => cargo(entry, &mut found),
            "gemfile" => gem(context, entry, &mut found),
            "gemfile.lock" => push(Ecosystem::Gems, &entry.key, &entry.value, entry, &mut found),
            "pom.xml" => {}
            "poetry.lock" | "uv.lock" if entry.key.ends_with(".name") => {
                let version = sibling(entries, at, "version");
                push(Ecosystem::Pypi, &entry.value, &version, entry, &mut found);
            }
            "cargo.lock" if entry.key.ends_with(".name") => {
                let version = sibling(entries, at, "version");
                push(Ecosystem::Crates, &entry.value, &version, entry, &mut found);
            }
            "package-lock.json" | "npm-shrinkwrap.json" => locked(entry, &mut found),
            name if name.starts_with("environment") && !name.ends_with(".sh") => {
                conda(context, entry, &mut found);
            }
            name if is_requirements(context, name) => {
                if !entry.key.starts_with(['-', '@']) {
                    push(Ecosystem::Pypi, &entry.key, &entry.value, entry, &mut found);
                }
            }
            _ => command(context, entry, &mut found),
        }
    }
    if file == "pom.xml" {
        maven(entries, &mut found);
    }
    found
}

/// Returns the name of the file in lower case.
pub(crate) fn file_name(context: &Context<'_>) -> String {
    let path = context.text.path.map_or(&b""[..], |path| path);
    let name = path.rsplit(|&b| b == b'/').next().unwrap_or_default();
    String::from_utf8_lossy(name).to_ascii_lowercase()
}

fn is_requirements(context: &Context<'_>, name: &str) -> bool {
    let in_folder = context.text.path.is_some_and(|path| {
        let mut parts = path.rsplit(|&b| b == b'/');
        parts.nth(1) == Some(b"requirements")
    });
    let text = name.ends_with(".txt") || name.ends_with(".in");
    text && (in_folder || name.starts_with("requirements") || name.starts_with("constraints"))
}

fn push<'c>(
    ecosystem: Ecosystem,
    name: &str,
    requirement: &str,
    entry: &'c Entry,
    found: &mut Vec<Dependency<'c>>,
) {
    found.push(Dependency {
        ecosystem,
        name: name.to_owned(),
        requirement: requirement.trim().to_owned(),
        span: entry.key_span,
        entry,
        peer: false,
    });
}

/// Returns the value beside an entry: of `package.7.name` that of `package.7.version`. The entries of a table stand
/// together, and a lock file has thousands of others.
fn sibling(entries: &[Entry], at: usize, name: &str) -> String {
    let key = entries[at].key.as_str();
    let front = key.rsplit_once('.').map_or("", |(front, _)| front);
    let inside = |entry: &Entry| {
        entry
            .key
            .strip_prefix(front)?
            .strip_prefix('.')
            .map(str::len)
    };
    let before = entries[..at].iter().rev();
    let start = at - before.take_while(|entry| inside(entry).is_some()).count();
    entries[start..]
        .iter()
        .take_while(|entry| inside(entry).is_some())
        .find(|entry| inside(entry) == Some(name.len()) && entry.key.ends_with(name))
        .map(|entry| entry.value.clone())
        .unwrap_or_default()
}

fn npm<'c>(entry: &'c Entry, found: &mut Vec<Dependency<'c>>) {
    let Some((group, name)) = entry.key.split_once('.') else {
        return;
    };
    let peer = match group {
        "dependencies" | "devDependencies" | "optionalDependencies" => false,
        "peerDependencies" => true,
        _ => return,
    };
    push(Ecosystem::Npm, name, &entry.value, entry, found);
    if let Some(last) = found.last_mut() {
        last.peer = peer;
    }
}

/// Adds an entry `packages.node_modules/NAME.version` of a lock file.
fn locked<'c>(entry: &'c Entry, found: &mut Vec<Dependency<'c>>) {
    if let Some(front) = entry.key.strip_suffix(".version")
        && let Some((_, name)) = front.rsplit_once("node_modules/")
    {
        push(Ecosystem::Npm, name, &entry.value, entry, found);
    }
}

fn composer<'c>(entry: &'c Entry, found: &mut Vec<Dependency<'c>>) {
    if let Some(name) = entry
        .key
        .strip_prefix("require.")
        .or_else(|| entry.key.strip_prefix("require-dev."))
        && name.contains('/')
    {
        push(Ecosystem::Composer, name, &entry.value, entry, found);
    }
}

fn cargo<'c>(entry: &'c Entry, found: &mut Vec<Dependency<'c>>) {
    let groups = ["dependencies.", "dev-dependencies.", "build-dependencies."];
    let inner = groups.iter().find_map(|group| {
        let at = entry.key.find(group)?;
        (at == 0 || entry.key[..at].ends_with('.')).then(|| &entry.key[at + group.len()..])
    });
    let Some(inner) = inner else { return };
    match inner.split_once('.') {
        None => push(Ecosystem::Crates, inner, &entry.value, entry, found),
        Some((name, "version")) => push(Ecosystem::Crates, name, &entry.value, entry, found),
        Some((name, "git")) => push(
            Ecosystem::Crates,
            name,
            &format!("git {}", entry.value),
            entry,
            found,
        ),
        _ => {}
    }
}

fn gem<'c>(context: &Context<'c>, entry: &'c Entry, found: &mut Vec<Dependency<'c>>) {
    if entry.key == "gem()" {
        let mut quoted = entry.value.split(['\'', '"']).skip(1).step_by(2);
        if let Some(name) = quoted.next() {
            let rest = quoted.collect::<Vec<_>>().join(" ");
            push(Ecosystem::Gems, name, &rest, entry, found);
            if let Some(last) = found.last_mut() {
                last.span = super::end_of_life::part_of(context, entry, name);
            }
        }
    }
}

/// Adds the dependencies of `pom.xml`: their group, artifact and version stand in three elements.
fn maven<'c>(entries: &'c [Entry], found: &mut Vec<Dependency<'c>>) {
    for group in entries.windows(3) {
        let [group_id, artifact, version] = group else {
            continue;
        };
        let ends = |entry: &Entry, name: &str| entry.key.ends_with(&format!(".dependency.{name}"));
        if ends(group_id, "groupId") && ends(artifact, "artifactId") && ends(version, "version") {
            let name = format!("{}:{}", group_id.value, artifact.value);
            push(Ecosystem::Maven, &name, &version.value, version, found);
        }
    }
}

/// Adds what Python's own files name: lists of requirements, and tables of Poetry and Pipenv.
fn python<'c>(context: &Context<'c>, entry: &'c Entry, found: &mut Vec<Dependency<'c>>) {
    let key = entry.key.as_str();
    let is_item = key
        .rsplit('.')
        .next()
        .is_some_and(|last| last.bytes().all(|b| b.is_ascii_digit()));
    let listed = [
        "project.dependencies.",
        "project.optional-dependencies.",
        "dependency-groups.",
        "build-system.requires.",
        "tool.uv.dev-dependencies.",
        "tool.pdm.dev-dependencies.",
        "options.install_requires.",
        "options.extras_require.",
        "options.setup_requires.",
        "options.tests_require.",
    ];
    if is_item && listed.iter().any(|front| key.starts_with(front)) {
        let end = entry.value.find([';', '#']).unwrap_or(entry.value.len());
        requirement(&entry.value[..end], entry, found);
        return;
    }
    if key.contains("install_requires")
        || key.contains("setup_requires")
        || key.contains("tests_require")
    {
        for text in entry.value.split(['\'', '"']).skip(1).step_by(2).take(500) {
            requirement(text, entry, found);
            if let Some(last) = found.last_mut() {
                last.span = super::end_of_life::part_of(context, entry, text);
            }
        }
        return;
    }
    let tables = [
        "tool.poetry.dependencies.",
        "tool.poetry.dev-dependencies.",
        "packages.",
        "dev-packages.",
    ];
    let inner = tables
        .iter()
        .find_map(|front| key.strip_prefix(front))
        .or_else(|| {
            let rest = key.strip_prefix("tool.poetry.group.")?;
            rest.split_once(".dependencies.").map(|(_, inner)| inner)
        });
    let Some(inner) = inner.filter(|inner| !inner.is_empty() && *inner != "python") else {
        return;
    };
    match inner.split_once('.') {
        None => push(Ecosystem::Pypi, inner, &entry.value, entry, found),
        Some((name, "version")) => push(Ecosystem::Pypi, name, &entry.value, entry, found),
        Some((name, "git" | "url")) => push(
            Ecosystem::Pypi,
            name,
            &format!("@ {}", entry.value),
            entry,
            found,
        ),
        _ => {}
    }
}

/// Adds a requirement `name[extra]>=1`.
fn requirement<'c>(text: &str, entry: &'c Entry, found: &mut Vec<Dependency<'c>>) {
    let text = text.trim();
    let end = text
        .find(|c: char| "=<>!~@[ (;,".contains(c))
        .unwrap_or(text.len());
    let (name, rest) = text.split_at(end);
    let is_name = !name.is_empty()
        && !name.contains(['/', ':', '$', '{', '%', '\\', '*'])
        && !name.starts_with(['-', '.']);
    if is_name {
        push(Ecosystem::Pypi, name, rest, entry, found);
        if let Some(last) = found.last_mut() {
            last.span = Span::new(entry.value_span.start, entry.value_span.start + name.len());
        }
    }
}

fn conda<'c>(context: &Context<'c>, entry: &'c Entry, found: &mut Vec<Dependency<'c>>) {
    if entry.key.starts_with("dependencies.") && entry.key.contains(".pip.") {
        requirement(&entry.value, entry, found);
    } else if entry.key.starts_with("dependencies.") {
        let end = entry
            .value
            .find(['=', '<', '>', ' ', '['])
            .unwrap_or(entry.value.len());
        let name = entry.value[..end].rsplit("::").next().unwrap_or_default();
        push(Ecosystem::Conda, name, &entry.value[end..], entry, found);
    } else {
        command(context, entry, found);
    }
}

/// Adds what `pip install a b==1` and `npm install c` name.
fn command<'c>(context: &Context<'c>, entry: &'c Entry, found: &mut Vec<Dependency<'c>>) {
    let ecosystem = match entry.key.as_str() {
        "$npm" | "$yarn" | "$pnpm" => Ecosystem::Npm,
        "$pip" | "$pip3" | "$pip2" | "$uv" | "$pipx" => Ecosystem::Pypi,
        key if key.starts_with("$python") && entry.value.contains(" -m pip ") => Ecosystem::Pypi,
        key if key.starts_with("$pip3.") => Ecosystem::Pypi,
        _ => return,
    };
    for word in installed(&entry.value) {
        let before = found.len();
        match ecosystem {
            Ecosystem::Npm => {
                let at = word
                    .get(1..)
                    .and_then(|rest| rest.find('@'))
                    .map_or(word.len(), |at| at + 1);
                let (name, version) = word.split_at(at);
                if !name.contains([':', '$', '{']) && !name.starts_with(['.', '/']) {
                    push(
                        Ecosystem::Npm,
                        name,
                        version.trim_start_matches('@'),
                        entry,
                        found,
                    );
                }
            }
            _ => requirement(word, entry, found),
        }
        if found.len() > before
            && let Some(last) = found.last_mut()
        {
            last.span = super::end_of_life::part_of(context, entry, &last.name);
        }
    }
}

/// Options of installers that take a value.
const VALUED: [&str; 22] = [
    "-r",
    "--requirement",
    "-c",
    "--constraint",
    "-i",
    "--index-url",
    "--extra-index-url",
    "-f",
    "--find-links",
    "-t",
    "--target",
    "--prefix",
    "--root",
    "--trusted-host",
    "--cert",
    "--proxy",
    "--python",
    "-e",
    "--editable",
    "--registry",
    "--timeout",
    "--cache-dir",
];

/// Returns the words of an install command that name what is installed.
pub(crate) fn installed(command: &str) -> impl Iterator<Item = &str> {
    let mut words = command
        .split(' ')
        .skip_while(|word| !matches!(*word, "install" | "add" | "i" | "inject" | "run"));
    let first = words.next();
    let mut skip = false;
    words.filter(move |word| {
        let skipped = std::mem::replace(&mut skip, VALUED.contains(word));
        let runs = first == Some("run");
        !(runs
            || skipped
            || word.is_empty()
            || word.starts_with('-')
            || word.starts_with(['>', '<', '|', '&', '2']))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_install_command_names_its_packages() {
        let words = |command| installed(command).collect::<Vec<_>>();
        assert_eq!(
            words("pip install -U -r a.txt flask==1 --target x requests"),
            ["flask==1", "requests"]
        );
        assert_eq!(words("npm i lodash@4 -D"), ["lodash@4"]);
        assert!(words("pip freeze").is_empty());
        assert!(words("npm run install").is_empty());
    }
}
