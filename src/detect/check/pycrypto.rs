//! Imports of `Crypto`, a name that pycrypto and pycryptodome share.

use super::Context;
use crate::detect::Match;

/// What pycryptodome has and pycrypto never had.
const NEWER: [&str; 13] = [
    "Crypto.Signature.pkcs1_15",
    "Crypto.Signature.pss",
    "Crypto.Signature.eddsa",
    "Crypto.Signature.DSS",
    "Crypto.Hash.CMAC",
    "Crypto.Hash.keccak",
    "Crypto.Util.Padding",
    "Crypto.Cipher.ChaCha20",
    "Crypto.Cipher.Salsa20",
    "Crypto.PublicKey.ECC",
    "Crypto.Hash.SHA3",
    "Crypto.Hash.BLAKE2",
    "Crypto.IO",
];

/// Reports the imports of a file that uses nothing of pycryptodome's own.
pub(super) fn check(context: &Context<'_>, matches: &mut Vec<Match>) {
    let mut imports = context
        .document
        .entries
        .iter()
        .filter(|entry| entry.key == "import");
    let is_newer = imports.any(|entry| NEWER.iter().any(|newer| entry.value.starts_with(newer)));
    if !is_newer
        && !context
            .text
            .bytes
            .windows(8)
            .any(|word| word == b"MODE_GCM" || word == b"MODE_EAX")
    {
        matches.extend(context.named().map(|entry| context.report(entry)));
    }
}
