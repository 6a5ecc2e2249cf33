//! Files that should not be committed, told by what is in them.

use bstr::ByteSlice;

use super::Context;
use super::secret_key::is_placeholder;
use crate::detect::{Match, entropy};
use crate::rule::Level;
use crate::span::Span;

/// Reports a file of a virtual environment; a script called `activate` only where it is one of it.
pub(super) fn virtual_environment(context: &Context<'_>, matches: &mut Vec<Match>) {
    let path = context
        .text
        .path
        .map(|path| path.to_str_lossy())
        .unwrap_or_default();
    let name = path.rsplit('/').next().unwrap_or_default();
    let is_script = name.to_ascii_lowercase().starts_with("activate");
    if !is_script || context.text.bytes.contains_str("VIRTUAL_ENV") {
        matches.push(context.report_file(context.level, whole(context)));
    }
}

/// Reports a file with a private key; one that is encrypted is a warning.
pub(super) fn private_key(context: &Context<'_>, matches: &mut Vec<Match>) {
    let text = context.text.bytes;
    for mark in [&b"PRIVATE KEY-----"[..], b"PuTTY-User-Key-File"] {
        let Some(at) = text.find(mark) else { continue };
        let after = &text[at..text.len().min(at + 400)];
        let before = &text[at.saturating_sub(30)..at];
        let is_key = mark != b"PRIVATE KEY-----" || before.contains_str("-----BEGIN ");
        let is_encrypted = before.contains_str("ENCRYPTED")
            || after.contains_str("Proc-Type: 4,ENCRYPTED")
            || after.contains_str("Encryption: aes");
        if is_key {
            let level = if is_encrypted {
                context.level.min(Level::Warn)
            } else {
                context.level
            };
            matches.push(context.report_file(level, Span::new(at, at + mark.len())));
            return;
        }
    }
}

/// Words of names whose values are secret.
const SECRET_NAMES: [&str; 10] = [
    "SECRET",
    "TOKEN",
    "PASSWORD",
    "PASSWD",
    "APIKEY",
    "API_KEY",
    "PRIVATE",
    "CREDENTIAL",
    "ACCESS_KEY",
    "AUTH",
];

/// Reports an environment file with values: a warning, unless one of them looks like a live secret.
pub(super) fn dotenv(context: &Context<'_>, matches: &mut Vec<Match>) {
    let valued =
        context.document.entries.iter().filter(|entry| {
            !entry.value.is_empty() && context.text.regions.touch(entry.value_span)
        });
    let live = valued
        .clone()
        .find(|entry| looks_live(&entry.key, &entry.value));
    let Some(entry) = live.or_else(|| valued.clone().next()) else {
        return;
    };
    let level = if live.is_some() {
        context.level
    } else {
        context.level.min(Level::Warn)
    };
    let mut found = context.report_file(level, entry.value_span);
    if live.is_some() {
        found.notes.push(format!(
            "the value of {} looks like a live secret",
            entry.key
        ));
    }
    matches.push(found);
}

/// Tells whether a value is a password in a URL of another machine, or random text under the name of a secret.
fn looks_live(key: &str, value: &str) -> bool {
    if let Some((scheme, rest)) = value.split_once("://") {
        let Some((user, host)) = rest.rsplit_once('@') else {
            return false;
        };
        let host = host.split(['/', ':', '?']).next().unwrap_or_default();
        let password = user.split_once(':').map_or("", |(_, password)| password);
        let is_local = !host.contains('.') || host.starts_with("127.") || host == "0.0.0.0";
        return !scheme.contains(' ')
            && password.len() >= 8
            && !is_local
            && !is_placeholder(password);
    }
    let upper = key.to_ascii_uppercase();
    let is_random = value.bytes().all(|byte| byte.is_ascii_graphic())
        && value.bytes().any(|byte| byte.is_ascii_digit())
        && entropy::shannon(value.as_bytes()) > 3.2;
    let is_named = SECRET_NAMES.iter().any(|name| upper.contains(name)) || upper.ends_with("KEY");
    let is_public = upper.contains("PUBLIC") || upper.contains("PUBLISHABLE");
    value.len() >= 16 && is_named && !is_public && is_random && !is_placeholder(value)
}

/// Reports a file of more than five mebibytes that is no text.
pub(super) fn large_binary(context: &Context<'_>, matches: &mut Vec<Match>) {
    let bytes = context.text.bytes;
    if bytes.len() > 5 << 20 && bytes[..8000].contains(&0) {
        matches.push(context.report_file(context.level, whole(context)));
    }
}

/// Reports a module at the root, or beside scripts, that is called like one of Python's own.
pub(super) fn shadow_stdlib(context: &Context<'_>, matches: &mut Vec<Match>) {
    let path = context
        .text
        .path
        .map(|path| path.to_str_lossy())
        .unwrap_or_default();
    let stem = path
        .strip_suffix("/__init__.py")
        .or_else(|| path.strip_suffix(".py"));
    let module = stem
        .and_then(|stem| stem.rsplit('/').next())
        .unwrap_or_default();
    // In a package absolute imports find Python's own: an `app` folder with relative imports is one.
    let is_package = path.contains('/') && context.text.bytes.contains_str("from .");
    if MODULES.binary_search(&module).is_ok() && !is_package {
        matches.push(context.report_file(context.level, whole(context)));
    }
}

/// Reports imports of modules that are none of Python's own, from nowhere that is said: which of them lie in the same
/// package the tree tells.
pub(super) fn implicit_import(context: &Context<'_>, matches: &mut Vec<Match>) {
    let is_foreign = |entry: &&crate::detect::syntax::Entry| {
        let module = entry.value.split('.').next().unwrap_or_default();
        !module.is_empty() && module != "__future__" && MODULES.binary_search(&module).is_err()
    };
    let named = context.named().filter(is_foreign);
    matches.extend(named.map(|entry| context.report(entry)));
}

fn whole(context: &Context<'_>) -> Span {
    Span::new(0, context.text.bytes.len())
}

/// Modules of Python's standard library that people name files after (`sys.stdlib_module_names`), sorted.
const MODULES: [&str; 209] = [
    "abc",
    "aifc",
    "argparse",
    "array",
    "ast",
    "asynchat",
    "asyncio",
    "asyncore",
    "atexit",
    "audioop",
    "base64",
    "bdb",
    "binascii",
    "bisect",
    "builtins",
    "bz2",
    "cProfile",
    "calendar",
    "cgi",
    "cgitb",
    "chunk",
    "cmath",
    "codecs",
    "codeop",
    "collections",
    "colorsys",
    "compileall",
    "concurrent",
    "configparser",
    "contextlib",
    "contextvars",
    "copy",
    "copyreg",
    "crypt",
    "csv",
    "ctypes",
    "curses",
    "dataclasses",
    "datetime",
    "dbm",
    "decimal",
    "difflib",
    "dis",
    "distutils",
    "doctest",
    "email",
    "encodings",
    "ensurepip",
    "enum",
    "errno",
    "faulthandler",
    "fcntl",
    "filecmp",
    "fileinput",
    "fnmatch",
    "fractions",
    "ftplib",
    "functools",
    "gc",
    "genericpath",
    "getopt",
    "getpass",
    "gettext",
    "glob",
    "graphlib",
    "grp",
    "gzip",
    "hashlib",
    "heapq",
    "hmac",
    "html",
    "http",
    "imaplib",
    "imghdr",
    "imp",
    "importlib",
    "inspect",
    "io",
    "ipaddress",
    "itertools",
    "json",
    "keyword",
    "linecache",
    "locale",
    "logging",
    "lzma",
    "mailbox",
    "mailcap",
    "marshal",
    "math",
    "mimetypes",
    "mmap",
    "modulefinder",
    "msilib",
    "msvcrt",
    "multiprocessing",
    "netrc",
    "nis",
    "nntplib",
    "nt",
    "ntpath",
    "nturl2path",
    "numbers",
    "opcode",
    "operator",
    "optparse",
    "os",
    "ossaudiodev",
    "pathlib",
    "pdb",
    "pickle",
    "pickletools",
    "pipes",
    "pkgutil",
    "plistlib",
    "poplib",
    "posix",
    "posixpath",
    "pprint",
    "profile",
    "pstats",
    "pty",
    "pwd",
    "py_compile",
    "pyclbr",
    "pydoc",
    "pydoc_data",
    "pyexpat",
    "queue",
    "quopri",
    "random",
    "re",
    "readline",
    "reprlib",
    "resource",
    "rlcompleter",
    "runpy",
    "sched",
    "secrets",
    "select",
    "selectors",
    "shelve",
    "shlex",
    "shutil",
    "signal",
    "smtpd",
    "smtplib",
    "sndhdr",
    "socket",
    "socketserver",
    "spwd",
    "sqlite3",
    "sre_compile",
    "sre_constants",
    "sre_parse",
    "ssl",
    "stat",
    "statistics",
    "string",
    "stringprep",
    "struct",
    "subprocess",
    "sunau",
    "symtable",
    "sys",
    "sysconfig",
    "syslog",
    "tabnanny",
    "tarfile",
    "telnetlib",
    "tempfile",
    "termios",
    "textwrap",
    "threading",
    "time",
    "timeit",
    "tkinter",
    "token",
    "tokenize",
    "tomllib",
    "trace",
    "traceback",
    "tracemalloc",
    "tty",
    "turtle",
    "turtledemo",
    "types",
    "typing",
    "unicodedata",
    "unittest",
    "urllib",
    "uu",
    "uuid",
    "venv",
    "warnings",
    "wave",
    "weakref",
    "webbrowser",
    "winreg",
    "winsound",
    "wsgiref",
    "xdrlib",
    "xml",
    "xmlrpc",
    "zipapp",
    "zipfile",
    "zipimport",
    "zlib",
    "zoneinfo",
];
