//! git itself, run with nothing that could change what is read: no replacement, no graft, no lazy fetch, no lock.

use std::ffi::OsStr;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use bstr::BString;

use super::SourceError;
use super::content::Content;
use crate::blob::ObjectId;

/// A repository, read through the `git` that is in PATH.
#[derive(Debug, Clone)]
pub struct Git {
    folder: PathBuf,
}

impl Git {
    /// Returns git as it stands in that folder; the environment of a hook is kept.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Git {
            folder: folder.into(),
        }
    }

    /// Returns the folder it runs in.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Returns a command with these arguments, ready to run.
    pub fn command<S: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = S>) -> Command {
        let mut command = Command::new("git");
        command
            .current_dir(&self.folder)
            .args(["-c", "core.fsmonitor=false"])
            .args(arguments)
            .env("GIT_NO_REPLACE_OBJECTS", "1")
            .env("GIT_GRAFT_FILE", "/dev/null")
            .env("LC_ALL", "C")
            .env("GIT_NO_LAZY_FETCH", "1")
            .env("GIT_OPTIONAL_LOCKS", "0")
            .stdin(Stdio::null());
        command
    }

    /// Runs git and returns what it prints.
    ///
    /// # Errors
    /// Returns what git says when it fails; `doing` is what the message opens with.
    pub fn output<S: AsRef<OsStr>>(
        &self,
        doing: &'static str,
        arguments: impl IntoIterator<Item = S>,
    ) -> Result<Vec<u8>, SourceError> {
        let output = self
            .command(arguments)
            .output()
            .map_err(|error| not_run(doing, &error))?;
        if output.status.success() {
            return Ok(output.stdout);
        }
        let said = String::from_utf8_lossy(&output.stderr);
        Err(SourceError::Git {
            doing,
            message: first_line(&said),
        })
    }

    /// Runs git with `input` on its standard input and returns what it prints.
    ///
    /// # Errors
    /// As [`Git::output`].
    pub fn feed<S: AsRef<OsStr>>(
        &self,
        doing: &'static str,
        arguments: impl IntoIterator<Item = S>,
        input: &[u8],
    ) -> Result<Vec<u8>, SourceError> {
        let mut command = self.command(arguments);
        command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = command.spawn().map_err(|error| not_run(doing, &error))?;
        let mut stdin = child.stdin.take().expect("piped above");
        let output = std::thread::scope(|scope| {
            // git may answer before it has read all: writing and reading go side by side.
            scope.spawn(move || stdin.write_all(input));
            child.wait_with_output()
        });
        let output = output.map_err(|error| not_run(doing, &error))?;
        if output.status.success() {
            return Ok(output.stdout);
        }
        Err(SourceError::Git {
            doing,
            message: first_line(&String::from_utf8_lossy(&output.stderr)),
        })
    }

    /// Returns the commit that a revision names, or `None` where it names none in this clone.
    pub fn commit(&self, revision: &str) -> Option<ObjectId> {
        let name = format!("{revision}^{{commit}}");
        let output = self
            .output(
                "",
                [
                    "rev-parse",
                    "--verify",
                    "--quiet",
                    "--end-of-options",
                    &name,
                ],
            )
            .ok()?;
        ObjectId::from_hex(output.trim_ascii())
    }

    /// Returns every file of a tree, or of the tree of a commit or tag, with the blob that holds it.
    ///
    /// # Errors
    /// Returns what git says where there is no such tree.
    pub fn files(&self, tree: &str) -> Result<Vec<(BString, ObjectId)>, SourceError> {
        let arguments = ["ls-tree", "-r", "-z", "--full-tree", tree];
        let listed = self.output("reading a tree", arguments)?;
        Ok(super::index::parse_tree(&listed))
    }

    /// Returns a reader of objects that stays open.
    ///
    /// # Errors
    /// Returns an error when git cannot be run.
    pub fn objects(&self) -> Result<Objects, SourceError> {
        Objects::new(self)
    }
}

fn not_run(doing: &'static str, error: &std::io::Error) -> SourceError {
    SourceError::Git {
        doing,
        message: format!("git could not be run: {error}"),
    }
}

/// Returns the first line of what git says that tells what failed, without its "fatal: ".
fn first_line(said: &str) -> String {
    // Hints may come first.
    let tells = |line: &&str| line.starts_with("fatal: ") || line.starts_with("error: ");
    let line = said.lines().find(tells).or_else(|| said.lines().next());
    let line = line.unwrap_or("it failed and said nothing");
    line.trim_start_matches("fatal: ")
        .trim_start_matches("error: ")
        .to_owned()
}

/// Reads objects one after the other through `git cat-file --batch`.
pub struct Objects {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

/// An object, or why there is none.
#[derive(Debug)]
pub enum Object {
    /// Its type (`blob`, `tree`, `commit`, `tag`) and content.
    Found {
        /// The type.
        kind: String,
        /// The content.
        bytes: Vec<u8>,
    },
    /// It is not in this clone.
    Missing,
}

impl Objects {
    fn new(git: &Git) -> Result<Self, SourceError> {
        const DOING: &str = "reading objects";
        let mut command = git.command(["cat-file", "--batch"]);
        command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        let mut child = command.spawn().map_err(|error| not_run(DOING, &error))?;
        let input = child.stdin.take().expect("piped above");
        let output = BufReader::with_capacity(1 << 16, child.stdout.take().expect("piped above"));
        Ok(Objects {
            child,
            input,
            output,
        })
    }

    /// Reads an object.
    ///
    /// # Errors
    /// Returns an error when git ends, which it does over a damaged object: open a new reader then.
    pub fn read(&mut self, id: &ObjectId) -> std::io::Result<Object> {
        let Some((kind, size)) = self.ask(id)? else {
            return Ok(Object::Missing);
        };
        let size = usize::try_from(size).map_err(std::io::Error::other)?;
        let mut bytes = vec![0; size];
        self.output.read_exact(&mut bytes)?;
        self.output.read_exact(&mut [0])?;
        Ok(Object::Found { kind, bytes })
    }

    /// Reads an object as [`Objects::read`] does, without holding many bytes in memory; `None` where it is missing.
    ///
    /// # Errors
    /// Returns an error when git ends, which it does over a damaged object: open a new reader then.
    pub fn content(&mut self, id: &ObjectId) -> std::io::Result<Option<Content>> {
        let Some((_, size)) = self.ask(id)? else {
            return Ok(None);
        };
        let content = Content::read(&mut (&mut self.output).take(size))?;
        if content.len() as u64 != size {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        self.output.read_exact(&mut [0])?;
        Ok(Some(content))
    }

    /// Asks for an object; returns its kind and size, and leaves its bytes to be read.
    fn ask(&mut self, id: &ObjectId) -> std::io::Result<Option<(String, u64)>> {
        writeln!(self.input, "{id}")?;
        self.input.flush()?;
        let mut header = String::new();
        self.output.read_line(&mut header)?;
        let mut words = header.split_ascii_whitespace().skip(1);
        let (kind, size) = (
            words.next().unwrap_or_default(),
            words.next().and_then(|size| size.parse().ok()),
        );
        match (kind, size) {
            ("missing", _) => Ok(None),
            (kind, Some(size)) => Ok(Some((kind.to_owned(), size))),
            _ => Err(std::io::Error::new(
                std::io::ErrorKind::InvalidData,
                "the object cannot be read",
            )),
        }
    }
}

impl Drop for Objects {
    fn drop(&mut self) {
        // It only reads, so nothing is lost.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Returns object names a line each, as git's commands read them.
pub(crate) fn lines<'i>(ids: impl IntoIterator<Item = &'i ObjectId>) -> String {
    ids.into_iter()
        .fold(String::new(), |text, id| text + &id.to_string() + "\n")
}
