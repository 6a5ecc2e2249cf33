//! The bytes of a blob: in memory where they are few; where they are many in a file that has no name and is mapped, so
//! that the system may take the memory back.

use std::fs::File;
use std::io::{self, Read, Seek as _, Write as _};
use std::ops::Deref;

use super::history::Mapped;

/// What is held in memory at most, in bytes.
pub const IN_MEMORY: u64 = 32 << 20;

/// The bytes of a blob.
pub enum Content {
    /// In memory.
    Few(Vec<u8>),
    /// In a file that has no name.
    Many(Mapped),
}

impl Content {
    /// Reads to the end.
    ///
    /// # Errors
    /// Returns the error of the reader, or of the temporary folder where the bytes are many.
    pub fn read(reader: &mut dyn Read) -> io::Result<Self> {
        let mut bytes = Vec::new();
        (&mut *reader).take(IN_MEMORY + 1).read_to_end(&mut bytes)?;
        if bytes.len() as u64 <= IN_MEMORY {
            return Ok(Content::Few(bytes));
        }
        let mut file = tempfile::tempfile()?;
        file.write_all(&bytes)?;
        drop(bytes);
        io::copy(reader, &mut file)?;
        Self::of(file)
    }

    fn of(mut file: File) -> io::Result<Self> {
        file.flush()?;
        file.rewind()?;
        Ok(Content::Many(Mapped::of(&file)?))
    }
}

impl Deref for Content {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match self {
            Content::Few(bytes) => bytes,
            Content::Many(mapped) => mapped,
        }
    }
}

impl From<Vec<u8>> for Content {
    fn from(bytes: Vec<u8>) -> Self {
        Content::Few(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_bytes_and_many_are_read_the_same() {
        for len in [0, 1, 1 << 16, IN_MEMORY + 7] {
            let pattern = (0..=250).cycle();
            let bytes: Vec<u8> = pattern.take(usize::try_from(len).expect("few")).collect();
            let read = Content::read(&mut &bytes[..]).expect("memory is read without errors");
            assert!(*read == bytes[..], "{len}");
            assert_eq!(matches!(read, Content::Many(_)), len > IN_MEMORY);
        }
    }
}
