//! A secret is a run of bytes that no formatter prints.

use std::fmt;

use sha2::{Digest as _, Sha256};

/// Borrowed secret bytes. Its `Debug` shows a mask, and it has no `Display` and no `Serialize`.
#[derive(Clone, Copy)]
pub struct Secret<'b>(&'b [u8]);

impl<'b> Secret<'b> {
    /// Wraps the bytes of a secret.
    pub fn new(bytes: &'b [u8]) -> Self {
        Secret(bytes)
    }

    /// Returns the bytes, to be judged or hashed and never to be shown.
    pub fn expose(self) -> &'b [u8] {
        self.0
    }

    /// Returns the SHA-256 digest of the bytes: all that outlives the scan of a blob.
    pub fn digest(self) -> Digest {
        Digest(Sha256::digest(self.0).into())
    }

    /// Returns what may be shown in place of the secret: the first `public` bytes, which the
    /// token's format fixes, and an ellipsis. The length of the secret does not show.
    pub fn mask(self, public: usize) -> String {
        // A prefix is only public while most of the value stays hidden.
        let public = if public * 2 <= self.0.len() {
            public
        } else {
            0
        };
        let shown: String = self.0[..public]
            .iter()
            .map(|&b| char::from(b))
            .filter(char::is_ascii_graphic)
            .collect();
        format!("{shown}…")
    }
}

impl fmt::Debug for Secret<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// The SHA-256 digest of a secret. Its `Debug` shows nothing: a weak password could be guessed from it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Digest(pub(crate) [u8; 32]);

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Digest(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_no_byte() {
        let secret = Secret::new(b"hunter2");
        assert_eq!(
            format!("{secret:?} {:?}", secret.digest()),
            "Secret(…) Digest(…)"
        );
    }

    #[test]
    fn a_mask_shows_only_the_fixed_prefix_of_the_format() {
        assert_eq!(Secret::new(b"abcd123456789").mask(4), "abcd…");
        assert_eq!(Secret::new(b"abcd12").mask(4), "…");
    }
}
