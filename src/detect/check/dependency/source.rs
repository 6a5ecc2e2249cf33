//! Where packages come from: foreign indexes, addresses without a fixed content, lock files of mixed origin.

use super::name::at_name;
use super::{Ecosystem, all};
use crate::detect::Match;
use crate::detect::check::Context;
use crate::detect::check::host::{host_of, is_local};
use crate::detect::syntax::Entry;

/// Indexes of wheels that their makers tell to be used beside the usual one.
const WELL_KNOWN: [&str; 6] = [
    "download.pytorch.org",
    "pypi.nvidia.com",
    "pypi.ngc.nvidia.com",
    "wheels.vllm.ai",
    "data.pyg.org",
    "storage.googleapis.com",
];

/// Reports a second index beside the usual one: for each name pip takes the higher version of the two.
pub(crate) fn extra_index(context: &Context<'_>, matches: &mut Vec<Match>) {
    for entry in context.named() {
        let address = if entry.key.starts_with('$') {
            let mut words = entry.value.split([' ', '=']);
            let found =
                words.any(|word| word == "--extra-index-url" || word == "global.extra-index-url");
            words.next().filter(|_| found)
        } else if entry.key.ends_with(".priority") {
            matches!(entry.value.as_str(), "supplemental" | "secondary").then_some("")
        } else {
            Some(entry.value.trim())
        };
        let Some(address) = address else { continue };
        let known = WELL_KNOWN.contains(&host_of(address));
        if !known && (address.contains("://") || entry.key.ends_with(".priority")) {
            matches.push(context.report(entry));
        }
    }
}

/// Reports packages from an address or a repository without a commit: what is installed can change.
pub(crate) fn raw(context: &Context<'_>, matches: &mut Vec<Match>) {
    for dependency in all(context) {
        let requirement = dependency.requirement.as_str();
        let moving = match dependency.ecosystem {
            Ecosystem::Pypi => is_moving_python(
                requirement
                    .trim_start_matches("@ ")
                    .trim_start_matches('@')
                    .trim(),
            ),
            Ecosystem::Npm => is_moving_npm(requirement),
            Ecosystem::Crates => {
                requirement.starts_with("git ")
                    && !["rev", "tag"]
                        .iter()
                        .any(|pin| has_sibling(context, dependency.entry, pin))
            }
            Ecosystem::Gems => {
                let value = dependency.entry.value.as_str();
                let git = ["git:", "github:", ":git ", ":github "]
                    .iter()
                    .any(|mark| value.contains(mark));
                git && !["ref:", "tag:", ":ref ", ":tag "]
                    .iter()
                    .any(|pin| value.contains(pin))
            }
            _ => false,
        };
        if moving && !requirement.contains("file:") {
            matches.push(at_name(context, &dependency));
        }
    }
    for entry in &context.document.entries {
        let address = match entry.key.as_str() {
            "@" => entry.value.as_str(),
            key if key.starts_with("$pip") || key == "$uv" || key.starts_with("$python") => {
                match super::installed(&entry.value).find(|word| word.contains("://")) {
                    Some(word) => word.rsplit_once("@http").map_or(word, |_| word),
                    None => continue,
                }
            }
            _ => continue,
        };
        if is_moving_python(address) && !is_local(host_of(address)) {
            matches.push(context.report(entry));
        }
    }
}

fn has_sibling(context: &Context<'_>, entry: &Entry, name: &str) -> bool {
    let front = entry.key.rsplit_once('.').map_or("", |(front, _)| front);
    context.document.entries.iter().any(|other| {
        other
            .key
            .strip_prefix(front)
            .and_then(|rest| rest.strip_prefix('.'))
            == Some(name)
    })
}

/// Tells whether an address of Python's kind can give another content tomorrow: no commit, no hash.
fn is_moving_python(address: &str) -> bool {
    let Some((scheme, rest)) = address.split_once("://") else {
        return false;
    };
    if scheme == "file" || rest.contains("#sha256=") || rest.contains("${") {
        return false;
    }
    if scheme.starts_with("git+") || scheme.starts_with("hg+") || scheme == "git" {
        let path = rest.split('#').next().unwrap_or(rest);
        let path = path.split_once('/').map_or("", |(_, path)| path);
        let pin = path.rsplit_once('@').map_or("", |(_, pin)| pin);
        return !is_commit(pin);
    }
    scheme.starts_with("http")
}

fn is_moving_npm(requirement: &str) -> bool {
    let remote = [
        "http://",
        "https://",
        "git+",
        "git://",
        "github:",
        "gitlab:",
        "bitbucket:",
        "git@",
    ]
    .iter()
    .any(|front| requirement.starts_with(front));
    let short = requirement.split('#').next().unwrap_or_default();
    let short = short.split('/').count() == 2
        && !requirement.starts_with(['.', '/', '@', '~'])
        && !requirement.contains([':', ' ', '*', '|']);
    let pin = requirement.rsplit_once('#').map_or("", |(_, pin)| pin);
    (remote || short) && !is_commit(pin)
}

fn is_commit(pin: &str) -> bool {
    (7..=64).contains(&pin.len()) && pin.bytes().all(|b| b.is_ascii_hexdigit())
}

/// Reports versions that mean any version. Packages of the own scope are those of the same repository.
pub(crate) fn wildcard(context: &Context<'_>, matches: &mut Vec<Match>) {
    let mut entries = context.document.entries.iter();
    let own = entries.find(|entry| entry.key == "name");
    let scope = own.and_then(|own| own.value.split_once('/'));
    let is_own = |name: &str| {
        scope.is_some_and(|(scope, _)| {
            name.strip_prefix(scope)
                .is_some_and(|rest| rest.starts_with('/'))
        })
    };
    for dependency in all(context) {
        let any = matches!(
            dependency.requirement.as_str(),
            "*" | "latest" | "x" | ">=0" | ">= 0" | ">=0.0.0"
        );
        if any && !dependency.peer && !is_own(&dependency.name) {
            matches.push(at_name(context, &dependency));
        }
    }
}

/// Reports what a lock file takes from another host than the rest of it, or without TLS.
///
/// The usual host is the one that most of the file names: a company's mirror is as good as the registry.
pub(crate) fn foreign(context: &Context<'_>, matches: &mut Vec<Match>) {
    let resolved = |entry: &&Entry| {
        let mut parts = entry.key.rsplit('.');
        let last = parts.next().unwrap_or_default();
        let packed = parts.take(2).any(|part| {
            matches!(
                part,
                "dist" | "source" | "sdist" | "wheels" | "files" | "resolution"
            )
        });
        let names = matches!(last, "resolved" | "tarball")
            || (packed && matches!(last, "url" | "registry"));
        names && entry.value.contains("://")
    };
    let places: Vec<(&Entry, &str)> = context
        .document
        .entries
        .iter()
        .filter(resolved)
        .map(|entry| (entry, host_of(&entry.value)))
        .collect();
    let mut hosts: Vec<&str> = places.iter().map(|(_, host)| *host).collect();
    hosts.sort_unstable();
    let usual = hosts
        .chunk_by(|a, b| a == b)
        .max_by_key(|same| same.len())
        .map_or("", |same| same[0]);
    for (entry, host) in places {
        let plain = entry.value.starts_with("http://") && !is_local(host);
        let code = host.ends_with("github.com")
            || host.ends_with("gitlab.com")
            || host.ends_with("bitbucket.org");
        let foreign = host != usual && !code && !is_registry(host) && !is_local(host);
        if plain || foreign {
            matches.push(context.report(entry));
        }
    }
}

/// Tells whether a host is one of the public registries.
fn is_registry(host: &str) -> bool {
    let known = [
        ("registry.", "npmjs", ".org"),
        ("registry.", "yarnpkg", ".com"),
        ("", "pypi", ".org"),
        ("files.", "pythonhosted", ".org"),
        ("", "crates", ".io"),
        ("static.", "crates", ".io"),
        ("npm.", "jsr", ".io"),
        ("api.", "github", ".com"),
        ("repo.", "packagist", ".org"),
    ];
    known.iter().any(|(front, name, end)| {
        host.strip_prefix(front)
            .and_then(|rest| rest.strip_prefix(name))
            .is_some_and(|rest| rest == *end)
    })
}
