//! A mapped file is a file of the object store, read as if it were memory.

use std::fs::File;
use std::ops::Deref;
use std::path::Path;

use memmap2::{Advice, Mmap};

/// The bytes of a file.
pub struct Mapped(Mmap);

impl Mapped {
    /// Maps the file.
    ///
    /// # Errors
    /// Returns what the system says when the file cannot be opened or mapped.
    pub(super) fn open(path: &Path) -> std::io::Result<Self> {
        Self::of(&File::open(path)?)
    }

    /// Maps a file that is open.
    pub(in crate::source) fn of(file: &File) -> std::io::Result<Self> {
        #[expect(
            unsafe_code,
            reason = "a pack is read where it lies: copying it would cost more than reading it"
        )]
        // SAFETY: git never writes to a pack or an index again once it has its name: it is made
        // under another name, and replaced by unlinking, which leaves our map whole. Files of our
        // own are unlinked before they are mapped. Nothing but a program that breaks git's own
        // maps in the same way can change these bytes under us.
        let map = unsafe { Mmap::map(file)? };
        Ok(Mapped(map))
    }

    /// Tells the system that the bytes are about to be read from start to end.
    pub(super) fn read_ahead(&self) {
        // Advice that is not taken costs speed and nothing else.
        let _ = self.0.advise(Advice::WillNeed);
    }
}

impl Deref for Mapped {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.0
    }
}
