//! `from subprocess import *` brings names in that stand nowhere in the file: those that rules are about.

/// Returns the names that rules know of a module.
pub(super) fn names(module: &str) -> &'static [&'static str] {
    match module {
        "subprocess" => &[
            "Popen",
            "call",
            "check_call",
            "check_output",
            "getoutput",
            "getstatusoutput",
            "run",
        ],
        "os" => &["chmod", "environ", "getenv", "popen", "system"],
        "tempfile" => &["mktemp"],
        "hashlib" => &["md5", "new", "sha1"],
        "pickle" | "cPickle" | "dill" | "marshal" => &["Unpickler", "load", "loads"],
        "shelve" | "codecs" => &["open"],
        "yaml" => &[
            "FullLoader",
            "Loader",
            "SafeLoader",
            "UnsafeLoader",
            "full_load",
            "load",
            "load_all",
            "unsafe_load",
        ],
        "random" => &[
            "choice",
            "choices",
            "getrandbits",
            "randint",
            "random",
            "randrange",
            "sample",
        ],
        "requests" => &[
            "Session", "delete", "get", "head", "patch", "post", "put", "request",
        ],
        "paramiko" => &["AutoAddPolicy", "SSHClient", "WarningPolicy"],
        "ftplib" => &["FTP"],
        "telnetlib" => &["Telnet"],
        "ssl" => &[
            "CERT_NONE",
            "SSLContext",
            "_create_unverified_context",
            "wrap_socket",
        ],
        "xml.etree.ElementTree" => &["fromstring", "iterparse", "parse"],
        "Crypto.Cipher" | "Cryptodome.Cipher" => {
            &["AES", "ARC2", "ARC4", "Blowfish", "DES", "DES3"]
        }
        "Crypto.Hash" | "Cryptodome.Hash" => &["MD2", "MD4", "MD5", "SHA", "SHA1"],
        "cryptography.hazmat.primitives.hashes" => &["MD5", "SHA1"],
        "cryptography.hazmat.primitives.asymmetric" => &["dsa", "ec", "rsa"],
        "flask" => &["Flask", "Markup"],
        "jinja2" => &["Environment", "Template"],
        "django.utils.safestring" => &["SafeString", "SafeText", "mark_safe"],
        "sqlalchemy" | "sqlalchemy.sql" => &["text"],
        "base64" => &["b64decode"],
        _ => &[],
    }
}
