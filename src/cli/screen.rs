//! What the program says goes out through here, so that no token leaves in a path, an argument or an error.

use std::borrow::Cow;
use std::io::{self, Write};
use std::sync::OnceLock;

use crate::detect::Engine;
use crate::rule::Rules;

/// How much is gathered before it is written at the next end of a line.
const GATHERED: usize = 1 << 16;

/// Returns standard output, without tokens, and without colour where none belongs.
pub(super) fn stdout() -> Redacted<impl Write> {
    Redacted::new(anstream::stdout())
}

/// Returns standard error, without tokens, and without colour where none belongs.
pub(super) fn stderr() -> Redacted<impl Write> {
    Redacted::new(anstream::stderr())
}

/// Returns a text without its tokens. Colour hides where one begins: a text that holds one goes out without colour.
pub(super) fn redacted(text: &[u8]) -> Cow<'_, [u8]> {
    static ENGINE: OnceLock<Engine> = OnceLock::new();
    let engine = ENGINE.get_or_init(|| Engine::new(Rules::builtin()));
    if memchr::memchr(b'\x1b', text).is_some() {
        let plain = anstream::adapter::strip_bytes(text).into_vec();
        if let Cow::Owned(shown) = engine.redact(&plain) {
            return Cow::Owned(shown);
        }
    }
    engine.redact(text)
}

/// A writer that hands on whole lines without their tokens: a token does not go over the end of a line.
pub(super) struct Redacted<W: Write> {
    out: W,
    gathered: Vec<u8>,
}

impl<W: Write> Redacted<W> {
    pub(super) fn new(out: W) -> Self {
        Redacted {
            out,
            gathered: Vec::new(),
        }
    }

    fn hand_on(&mut self, length: usize) -> io::Result<()> {
        self.out.write_all(&redacted(&self.gathered[..length]))?;
        self.gathered.drain(..length);
        Ok(())
    }
}

impl<W: Write> Write for Redacted<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.gathered.extend_from_slice(bytes);
        if self.gathered.len() >= GATHERED
            && let Some(end) = memchr::memrchr(b'\n', &self.gathered)
        {
            self.hand_on(end + 1)?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.hand_on(self.gathered.len())?;
        self.out.flush()
    }
}

impl<W: Write> Drop for Redacted<W> {
    fn drop(&mut self) {
        // Who wants to hear of it has flushed.
        let _ = self.flush();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::make;
    use crate::rule::fill;

    #[test]
    fn a_token_in_colour_is_hidden_too() {
        let token = fill("{{github:ghp_}}", &make);
        let shown = redacted(format!("no \x1b[33m{token}\x1b[0m").as_bytes()).into_owned();
        assert_eq!(String::from_utf8_lossy(&shown), "no ghp_…");
    }

    #[test]
    fn a_token_that_comes_in_two_pieces_is_hidden_too() {
        let token = fill("{{github:ghp_}}", &make);
        let mut out = Vec::new();
        let mut screen = Redacted::new(&mut out);
        for piece in ["a\n", &token[..9], &token[9..], "\nb"] {
            screen.write_all(piece.as_bytes()).expect("in memory");
        }
        drop(screen);
        assert_eq!(String::from_utf8_lossy(&out), "a\nghp_…\nb");
    }
}
