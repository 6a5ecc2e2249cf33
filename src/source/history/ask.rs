//! Objects asked of git itself: what is loose, large or damaged is not read from packs.

use std::io::{BufRead, BufReader, Read, Write};
use std::process::Stdio;

use crate::blob::ObjectId;
use crate::source::SourceError;
use crate::source::git::Git;

use super::map::Mapped;
use super::pack::Kind;

/// Objects above this size are put in an unlinked file and mapped, not held in memory.
const IN_MEMORY: u64 = 32 << 20;

/// What git answers when asked for an object.
pub(super) enum Answer<'a> {
    /// It is this.
    Object(Kind, &'a [u8]),
    /// It is of this kind; the content was not asked for.
    Head(Kind),
    /// The repository lacks it.
    Missing,
    /// git gives up on it, and says this.
    Damaged(String),
}

/// What of an object is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ask {
    /// Its kind.
    Head,
    /// All of it.
    Content,
}

/// Asks for objects, one after the other; `each` gets the position in `ids` and the answer.
///
/// When git dies at an object, that one is damaged and the rest is asked again.
pub(super) fn objects(
    git: &Git,
    ids: &[ObjectId],
    ask: Ask,
    each: &mut dyn FnMut(usize, Answer<'_>),
) -> Result<(), SourceError> {
    let mut done = 0;
    while done < ids.len() {
        let (answered, why) = ask_from(git, &ids[done..], ask, &mut |at, answer| {
            each(done + at, answer);
        })?;
        done += answered;
        if done < ids.len() {
            each(done, Answer::Damaged(why));
            done += 1;
        }
    }
    Ok(())
}

fn ask_from(
    git: &Git,
    ids: &[ObjectId],
    ask: Ask,
    each: &mut dyn FnMut(usize, Answer<'_>),
) -> Result<(usize, String), SourceError> {
    const DOING: &str = "reading objects";
    let failed = |error: std::io::Error| git_error(DOING, error.to_string());
    let batch = match ask {
        Ask::Head => "--batch-check",
        Ask::Content => "--batch",
    };
    let mut child = git
        .command(["cat-file", batch, "--buffer"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(failed)?;
    let mut input = child.stdin.take().expect("asked for");
    let output = child.stdout.take().expect("asked for");
    let mut errors = child.stderr.take().expect("asked for");
    let answered = std::thread::scope(|scope| {
        scope.spawn(move || {
            let mut lines = Vec::with_capacity(ids.len() * 41);
            for id in ids {
                // Writing to memory does not fail.
                let _ = writeln!(lines, "{id}");
            }
            // git may have died: the answers that are lacking say so.
            let _ = input.write_all(&lines);
        });
        let said = scope.spawn(move || {
            let mut said = Vec::new();
            // What it said is for people only.
            let _ = errors.read_to_end(&mut said);
            String::from_utf8_lossy(&said).trim().to_owned()
        });
        let mut answers = Answers {
            output: BufReader::with_capacity(1 << 16, output),
            bytes: Vec::new(),
        };
        let mut answered = 0;
        while answered < ids.len() {
            if !answers.next(ask, &mut |answer| each(answered, answer))? {
                break;
            }
            answered += 1;
        }
        drop(answers);
        Ok((answered, said.join().unwrap_or_default()))
    });
    // How it ended is seen by the answers.
    let _ = child.wait();
    answered.map_err(failed)
}

struct Answers<R> {
    output: BufReader<R>,
    bytes: Vec<u8>,
}

impl<R: Read> Answers<R> {
    /// Reads one answer; `false` when there is none, or not all of it.
    fn next(&mut self, ask: Ask, each: &mut dyn FnMut(Answer<'_>)) -> std::io::Result<bool> {
        let mut line = Vec::new();
        self.output.read_until(b'\n', &mut line)?;
        if line.pop() != Some(b'\n') {
            return Ok(false);
        }
        let words: Vec<&[u8]> = line.split(|&byte| byte == b' ').collect();
        let [_, kind, size] = words[..] else {
            each(Answer::Missing);
            return Ok(true);
        };
        let Some(size) = std::str::from_utf8(size)
            .ok()
            .and_then(|size| size.parse::<u64>().ok())
        else {
            return Ok(false);
        };
        let kind = Kind::from_word(kind);
        if ask == Ask::Head {
            each(Answer::Head(kind));
            return Ok(true);
        }
        if size > IN_MEMORY {
            let mut file = tempfile::tempfile()?;
            if std::io::copy(&mut (&mut self.output).take(size), &mut file)? < size {
                return Ok(false);
            }
            self.output.read_until(b'\n', &mut line)?;
            each(Answer::Object(kind, &Mapped::of(&file)?));
            return Ok(true);
        }
        self.bytes.clear();
        (&mut self.output)
            .take(size + 1)
            .read_to_end(&mut self.bytes)?;
        if self.bytes.pop() != Some(b'\n') || self.bytes.len() as u64 != size {
            return Ok(false);
        }
        each(Answer::Object(kind, &self.bytes));
        Ok(true)
    }
}

fn git_error(doing: &'static str, message: String) -> SourceError {
    SourceError::Git { doing, message }
}
