//! Versions of dependencies: famous bad ones, and none at all.

use super::name::at_name;
use super::names::normal;
use super::{Dependency, Ecosystem, all, file_name, installed};
use crate::detect::Match;
use crate::detect::check::Context;
use crate::detect::check::end_of_life::part_of;
use crate::detect::check::end_of_life::range::{Range, parts};

/// Reports the first package that a change adds to a manifest; whether the lock file knows it the tree tells.
pub(crate) fn changed(context: &Context<'_>, matches: &mut Vec<Match>) {
    let regions = &context.text.regions;
    let added = all(context)
        .into_iter()
        .find(|dependency| regions.touch(dependency.entry.value_span));
    matches.extend(added.map(|dependency| context.report(dependency.entry)));
}

/// Which versions are bad.
enum Bad {
    /// All from the first to below the second.
    Below(&'static str, &'static str),
    /// Exactly these.
    These(&'static [&'static str]),
}

/// Versions with a hole that is used against everyone, or with malware inside. Sources: the advisory named.
const BAD: [(Ecosystem, &str, Bad, &str); 27] = [
    (
        Ecosystem::Maven,
        "org.apache.logging.log4j:log4j-core",
        Bad::Below("2.0", "2.17.1"),
        "CVE-2021-44228",
    ),
    (
        Ecosystem::Maven,
        "org.springframework:spring-core",
        Bad::Below("5.0", "5.2.20"),
        "CVE-2022-22965",
    ),
    (
        Ecosystem::Maven,
        "org.springframework:spring-beans",
        Bad::Below("5.3", "5.3.18"),
        "CVE-2022-22965",
    ),
    (
        Ecosystem::Maven,
        "org.apache.struts:struts2-core",
        Bad::Below("2.0", "2.5.33"),
        "CVE-2023-50164",
    ),
    (
        Ecosystem::Maven,
        "org.apache.commons:commons-text",
        Bad::Below("1.5", "1.10"),
        "CVE-2022-42889",
    ),
    (
        Ecosystem::Maven,
        "commons-collections:commons-collections",
        Bad::Below("3.0", "3.2.2"),
        "CVE-2015-7501",
    ),
    (
        Ecosystem::Maven,
        "com.alibaba:fastjson",
        Bad::Below("1.0", "1.2.83"),
        "CVE-2022-25845",
    ),
    (
        Ecosystem::Pypi,
        "pyyaml",
        Bad::Below("0", "5.4"),
        "CVE-2020-14343",
    ),
    (
        Ecosystem::Pypi,
        "jinja2",
        Bad::Below("0", "2.11.3"),
        "CVE-2020-28493",
    ),
    (
        Ecosystem::Pypi,
        "ultralytics",
        Bad::These(&["8.3.41", "8.3.42", "8.3.45", "8.3.46"]),
        "malware",
    ),
    (
        Ecosystem::Pypi,
        "ctx",
        Bad::These(&["0.1.2", "0.2.2", "0.2.6"]),
        "malware",
    ),
    (
        Ecosystem::Pypi,
        "num2words",
        Bad::These(&["0.5.15", "0.5.16"]),
        "malware",
    ),
    (
        Ecosystem::Pypi,
        "litellm",
        Bad::These(&["1.82.7", "1.82.8"]),
        "malware",
    ),
    (
        Ecosystem::Npm,
        "lodash",
        Bad::Below("0", "4.17.21"),
        "CVE-2021-23337",
    ),
    (
        Ecosystem::Npm,
        "event-stream",
        Bad::These(&["3.3.6"]),
        "malware",
    ),
    (
        Ecosystem::Npm,
        "ua-parser-js",
        Bad::These(&["0.7.29", "0.8.0", "1.0.0"]),
        "malware",
    ),
    (
        Ecosystem::Npm,
        "node-ipc",
        Bad::These(&["10.1.1", "10.1.2", "11.0.0", "11.1.0"]),
        "malware",
    ),
    (
        Ecosystem::Npm,
        "colors",
        Bad::These(&["1.4.1", "1.4.2", "1.4.44-liberty-2"]),
        "malware",
    ),
    (Ecosystem::Npm, "faker", Bad::These(&["6.6.6"]), "malware"),
    (
        Ecosystem::Npm,
        "coa",
        Bad::These(&["2.0.3", "2.0.4", "2.1.1", "2.1.3", "3.0.1", "3.1.3"]),
        "malware",
    ),
    (
        Ecosystem::Npm,
        "rc",
        Bad::These(&["1.2.9", "1.3.9", "2.3.9"]),
        "malware",
    ),
    (
        Ecosystem::Npm,
        "eslint-scope",
        Bad::These(&["3.7.2"]),
        "malware",
    ),
    (Ecosystem::Npm, "chalk", Bad::These(&["5.6.1"]), "malware"),
    (Ecosystem::Npm, "debug", Bad::These(&["4.4.2"]), "malware"),
    (
        Ecosystem::Npm,
        "ansi-styles",
        Bad::These(&["6.2.2"]),
        "malware",
    ),
    (
        Ecosystem::Npm,
        "strip-ansi",
        Bad::These(&["7.1.1"]),
        "malware",
    ),
    (
        Ecosystem::Npm,
        "color-convert",
        Bad::These(&["3.1.1"]),
        "malware",
    ),
];

/// Reports pins of famous bad versions. Only an exact version counts: a range lets a good one in.
pub(crate) fn vulnerable(context: &Context<'_>, matches: &mut Vec<Match>) {
    for dependency in all(context) {
        let name = normal(dependency.ecosystem, &dependency.name);
        for (_, _, bad, advisory) in BAD
            .iter()
            .filter(|(ecosystem, bad, ..)| *ecosystem == dependency.ecosystem && *bad == name)
        {
            if is_bad(&dependency, bad) {
                let mut found = at_name(context, &dependency);
                found.notes.push((*advisory).to_owned());
                matches.push(found);
            }
        }
    }
}

fn is_bad(dependency: &Dependency<'_>, bad: &Bad) -> bool {
    let requirement = dependency
        .requirement
        .rsplit(']')
        .next()
        .unwrap_or_default();
    let Some(range) = Range::parse(requirement) else {
        return false;
    };
    let Some(version) = range.exact().filter(|version| version.len() >= 2) else {
        return false;
    };
    match bad {
        Bad::Below(first, good) => {
            version >= parts(first).as_slice() && version < parts(good).as_slice()
        }
        Bad::These(versions) => versions.contains(&requirement.trim_start_matches(['=', 'v', ' '])),
    }
}

/// Names that installers are updated by, and tools of a CI job that serve no one else.
const TOOLS: [&str; 34] = [
    "pip",
    "setuptools",
    "wheel",
    "tox",
    "nox",
    "pre-commit",
    "build",
    "twine",
    "poetry",
    "pipenv",
    "uv",
    "hatch",
    "flit",
    "coverage",
    "codecov",
    "pytest",
    "pytest-cov",
    "ruff",
    "black",
    "flake8",
    "mypy",
    "isort",
    "virtualenv",
    "pylint",
    "bandit",
    "cibuildwheel",
    "coveralls",
    "tox-gh-actions",
    "pdm",
    "pip-tools",
    "mkdocs",
    "sphinx",
    "yamllint",
    "ansible-lint",
];

/// Reports packages that an image, a script or a job installs without a version.
pub(crate) fn unpinned_install(context: &Context<'_>, matches: &mut Vec<Match>) {
    for entry in context.named() {
        let module = entry.key.starts_with("$python");
        if (module && !entry.value.contains(" -m pip "))
            || (entry.key == "$uv" && !entry.value.contains("pip install"))
        {
            continue;
        }
        if entry.value.contains(" -c ")
            || entry.value.contains("--constraint")
            || entry.value.contains("--require-hashes")
        {
            continue;
        }
        let bare = installed(&entry.value).find(|word| {
            let name = word.split('[').next().unwrap_or(word);
            let plain = name
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b));
            let file = name.ends_with(".whl")
                || name.ends_with(".txt")
                || name.ends_with(".gz")
                || name.starts_with('.');
            plain
                && !file
                && !name.is_empty()
                && !word.contains(['=', '<', '>', '~', '@', '/', '$'])
                && !TOOLS.contains(&name.to_ascii_lowercase().as_str())
        });
        if let Some(word) = bare {
            let mut found = context.report(entry);
            found.span = part_of(context, entry, word);
            matches.push(found);
        }
    }
}

/// Reports requirements without a version, and files without hashes, for those who ask for it.
pub(crate) fn unpinned(context: &Context<'_>, matches: &mut Vec<Match>) {
    let input = file_name(context).ends_with(".in");
    for dependency in all(context) {
        let version = dependency
            .requirement
            .rsplit(']')
            .next()
            .unwrap_or_default();
        if dependency.ecosystem == Ecosystem::Pypi && version.trim().is_empty() && !input {
            matches.push(at_name(context, &dependency));
        }
    }
}

/// Reports the first pinned requirement of a file that has no hash at all.
pub(crate) fn no_hashes(context: &Context<'_>, matches: &mut Vec<Match>) {
    let hashed = memchr::memmem::find(context.text.bytes, b"--hash=").is_some();
    let pinned = |dependency: &&Dependency<'_>| dependency.requirement.contains("==");
    if !hashed && let Some(first) = all(context).iter().find(pinned) {
        matches.push(at_name(context, first));
    }
}
