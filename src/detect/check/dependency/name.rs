//! Names of dependencies: malware, look-alikes, foreign letters, dead packages, names of something else.

use super::names::{is_malicious, look_alike, normal};
use super::{Dependency, Ecosystem, all};
use crate::detect::Match;
use crate::detect::check::Context;
use crate::detect::syntax::Entry;
use crate::span::Span;

/// Reports packages that were published as malware.
pub(crate) fn malicious(context: &Context<'_>, matches: &mut Vec<Match>) {
    for dependency in all(context) {
        if is_malicious(
            dependency.ecosystem,
            &normal(dependency.ecosystem, &dependency.name),
        ) {
            matches.push(at_name(context, &dependency));
        }
    }
}

/// Reports names with letters beyond ASCII, which no registry takes and which look like others.
pub(crate) fn homoglyph(context: &Context<'_>, matches: &mut Vec<Match>) {
    for dependency in all(context) {
        let odd = |c: char| {
            !c.is_ascii() && (c.is_alphabetic() || ('\u{200b}'..='\u{202f}').contains(&c))
        };
        if dependency.name.contains(odd) {
            matches.push(at_name(context, &dependency));
        }
    }
}

/// Reports names one edit from a popular one; which registry is told by the rule's id.
pub(crate) fn typosquat(context: &Context<'_>, matches: &mut Vec<Match>) {
    let ecosystem = match context.rule.id.as_str() {
        "dep-typosquat-npm" => Ecosystem::Npm,
        "dep-typosquat-crates" => Ecosystem::Crates,
        _ => Ecosystem::Pypi,
    };
    for dependency in all(context) {
        let local = ["path", "file:", "link:", "workspace:", "git", "./", "@ "]
            .iter()
            .any(|mark| dependency.requirement.contains(mark));
        if dependency.ecosystem != ecosystem || local {
            continue;
        }
        let name = normal(ecosystem, &dependency.name);
        if !is_malicious(ecosystem, &name)
            && let Some(meant) = look_alike(ecosystem, &name)
        {
            let mut found = at_name(context, &dependency);
            found.notes.push(format!("one letter from `{meant}`"));
            matches.push(found);
        }
    }
}

/// Reports packages that nobody mends: pycrypto and what else is dead with it.
pub(crate) fn pycrypto(context: &Context<'_>, matches: &mut Vec<Match>) {
    for dependency in all(context) {
        let name = normal(dependency.ecosystem, &dependency.name);
        let dead = matches!(name.as_str(), "pycrypto" | "python-crypto" | "simple-crypt");
        let python = matches!(dependency.ecosystem, Ecosystem::Pypi | Ecosystem::Conda);
        if dead && python && !only_for_python_2(context, &dependency) {
            matches.push(at_name(context, &dependency));
        }
    }
}

/// Tells whether a marker behind the requirement keeps it to Python 2.
fn only_for_python_2(context: &Context<'_>, dependency: &Dependency<'_>) -> bool {
    let bytes = context.text.bytes;
    let end = crate::span::line_end(bytes, dependency.span.end);
    let rest = String::from_utf8_lossy(&bytes[dependency.span.end.min(end)..end])
        .replace([' ', '"', '\''], "");
    rest.contains("python_version<3")
        || rest.contains("python_version=2")
        || rest.contains("python_version==2")
}

/// Import names that are taken for names of packages, and the packages they are.
const WRONG: [(&str, &str); 17] = [
    ("sklearn", "scikit-learn"),
    ("bs4", "beautifulsoup4"),
    ("pil", "pillow"),
    ("cv2", "opencv-python"),
    ("yaml", "pyyaml"),
    ("dotenv", "python-dotenv"),
    ("jwt", "pyjwt"),
    ("crypto", "pycryptodome"),
    ("dateutil", "python-dateutil"),
    ("serial", "pyserial"),
    ("openssl", "pyopenssl"),
    ("git", "gitpython"),
    ("discord", "discord.py"),
    ("nacl", "pynacl"),
    ("mysqldb", "mysqlclient"),
    ("skimage", "scikit-image"),
    ("usb", "pyusb"),
];

/// Reports import names in the place of package names.
pub(crate) fn wrong(context: &Context<'_>, matches: &mut Vec<Match>) {
    for dependency in all(context) {
        let name = normal(Ecosystem::Pypi, &dependency.name);
        let meant = WRONG.iter().find(|(wrong, _)| *wrong == name);
        if let (Ecosystem::Pypi, Some((_, meant))) = (dependency.ecosystem, meant) {
            let mut found = at_name(context, &dependency);
            found.notes.push(format!("the package is called `{meant}`"));
            matches.push(found);
        }
    }
}

/// Modules of Python's standard library that have no back-port under their name.
const STANDARD: [&str; 48] = [
    "abc",
    "ast",
    "asyncio",
    "base64",
    "bisect",
    "calendar",
    "cmath",
    "collections",
    "copy",
    "csv",
    "ctypes",
    "datetime",
    "decimal",
    "email",
    "fnmatch",
    "functools",
    "getpass",
    "glob",
    "gzip",
    "hashlib",
    "heapq",
    "hmac",
    "html",
    "http",
    "io",
    "itertools",
    "json",
    "logging",
    "math",
    "multiprocessing",
    "operator",
    "os",
    "pickle",
    "platform",
    "random",
    "re",
    "secrets",
    "shutil",
    "socket",
    "sqlite3",
    "string",
    "subprocess",
    "sys",
    "tempfile",
    "threading",
    "time",
    "urllib",
    "uuid",
];

/// Reports requirements that go by the name of a module which Python has already.
pub(crate) fn standard(context: &Context<'_>, matches: &mut Vec<Match>) {
    for dependency in all(context) {
        let name = dependency.name.to_ascii_lowercase();
        if dependency.ecosystem == Ecosystem::Pypi && STANDARD.contains(&name.as_str()) {
            matches.push(at_name(context, &dependency));
        }
    }
}

/// Returns a match at the dependency's name, which is its value.
pub(crate) fn at_name(context: &Context<'_>, dependency: &Dependency<'_>) -> Match {
    let mut found = context.report(&Entry {
        key: "dependency".to_owned(),
        value: dependency.name.clone(),
        ..dependency.entry.clone()
    });
    if dependency.span.end > dependency.span.start {
        found.span = dependency.span;
        found.extent = Span::new(
            found.extent.start.min(dependency.span.start),
            found.extent.end.max(dependency.span.end),
        );
    }
    found
}
