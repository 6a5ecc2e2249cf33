//! A repository for one test: real git, no configuration of the person or the machine, a scrubbed environment.

use std::ffi::{OsStr, OsString};
use std::fmt;
use std::io::Write as _;
use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::TempDir;

/// A temporary repository, and the home of the person who works in it.
pub(crate) struct Repo {
    room: TempDir,
    top: PathBuf,
    environment: Vec<(OsString, OsString)>,
}

/// A file that was just written; `stage` adds it to the index.
pub(crate) struct Written<'r> {
    repo: &'r Repo,
    path: PathBuf,
}

/// What a program said and how it ended.
#[must_use = "take a snapshot of the output or assert how it ended"]
#[derive(Clone)]
pub(crate) struct Output {
    /// The exit code.
    pub(crate) code: i32,
    /// Standard output; what is not UTF-8 is replaced.
    pub(crate) stdout: String,
    /// Standard error; what is not UTF-8 is replaced.
    pub(crate) stderr: String,
}

/// An output whose end was looked at.
pub(crate) struct Checked(Output);

impl Repo {
    /// Makes an empty repository on the branch `main`.
    pub(crate) fn new() -> Self {
        Self::named("repo")
    }

    /// Makes an empty repository in a folder of this name.
    pub(crate) fn named(folder: impl AsRef<Path>) -> Self {
        let repo = Self::bare_room(folder.as_ref());
        repo.git(["init", "-q", "-b", "main"]).ok();
        repo
    }

    /// Makes the folder and the home, without a repository in it.
    pub(crate) fn bare_room(folder: &Path) -> Self {
        let room = tempfile::Builder::new()
            .prefix("guard-test-")
            .tempdir()
            .expect("a temporary folder");
        let root = room.path().canonicalize().expect("the folder exists");
        let top = root.join(folder);
        let home = root.join("home");
        fs_err::create_dir_all(&top).expect("a new folder");
        fs_err::create_dir_all(&home).expect("a new folder");
        fs_err::write(
            home.join(".gitconfig"),
            "[protocol \"file\"]\n\tallow = always\n",
        )
        .expect("a new file");
        let environment = environment(&home);
        Repo {
            room,
            top,
            environment,
        }
    }

    /// Opens another folder, such as a clone or a worktree, as the same person.
    pub(crate) fn at(&self, top: impl AsRef<Path>) -> At<'_> {
        At {
            repo: self,
            folder: self.top.join(top),
        }
    }

    /// Returns the top folder of the working tree.
    pub(crate) fn top(&self) -> &Path {
        &self.top
    }

    /// Returns the folder around the repository: for remotes, worktrees and other repositories.
    pub(crate) fn room(&self) -> PathBuf {
        self.top
            .parent()
            .expect("the repository lies in its room")
            .to_owned()
    }

    /// Returns the person's home.
    pub(crate) fn home(&self) -> PathBuf {
        self.room
            .path()
            .canonicalize()
            .expect("the folder exists")
            .join("home")
    }

    /// Sets a variable for every program that is run from now on.
    pub(crate) fn set(&mut self, name: &str, value: impl AsRef<OsStr>) -> &mut Self {
        self.unset(name);
        self.environment
            .push((name.into(), value.as_ref().to_owned()));
        self
    }

    /// Takes a variable away for every program that is run from now on.
    pub(crate) fn unset(&mut self, name: &str) -> &mut Self {
        self.environment.retain(|(known, _)| known != name);
        self
    }

    /// Writes a file with the holes of `text` filled, and the folders above it.
    pub(crate) fn write(&self, path: impl AsRef<Path>, text: &str) -> Written<'_> {
        self.write_bytes(path, filled(text).as_bytes())
    }

    /// Writes a file as it is, and the folders above it.
    pub(crate) fn write_bytes(&self, path: impl AsRef<Path>, bytes: &[u8]) -> Written<'_> {
        let path = path.as_ref().to_owned();
        let file = self.top.join(&path);
        if let Some(folder) = file.parent() {
            fs_err::create_dir_all(folder).expect("a new folder");
        }
        fs_err::write(file, bytes).expect("a writable file");
        Written { repo: self, path }
    }

    /// Writes an executable shell script.
    pub(crate) fn script(&self, path: impl AsRef<Path>, text: &str) {
        let file = self.top.join(path.as_ref());
        let _ = self.write_bytes(path, format!("#!/bin/sh\n{text}").as_bytes());
        make_executable(&file);
    }

    /// Returns the text of a file.
    pub(crate) fn read(&self, path: impl AsRef<Path>) -> String {
        fs_err::read_to_string(self.top.join(path)).expect("a readable file")
    }

    /// Runs git in the top folder.
    pub(crate) fn git<A: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = A>) -> Output {
        self.at("").git(arguments)
    }

    /// Runs guard in the top folder.
    pub(crate) fn guard<A: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = A>) -> Output {
        self.at("").guard(arguments)
    }

    /// Makes a commit of what is staged, past every hook.
    pub(crate) fn commit(&self, message: &str) {
        self.git([
            "commit",
            "-q",
            "--no-verify",
            "--allow-empty",
            "-m",
            message,
        ])
        .ok();
    }

    /// Returns the id of a revision.
    pub(crate) fn id(&self, revision: &str) -> String {
        self.git(["rev-parse", "--verify", "--quiet", revision])
            .ok()
            .stdout
            .trim()
            .to_owned()
    }
}

/// A folder in which programs are run with a repository's environment.
pub(crate) struct At<'r> {
    repo: &'r Repo,
    folder: PathBuf,
}

impl At<'_> {
    /// Runs git there.
    pub(crate) fn git<A: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = A>) -> Output {
        self.run("git", arguments, b"")
    }

    /// Runs guard there.
    pub(crate) fn guard<A: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = A>) -> Output {
        self.run(env!("CARGO_BIN_EXE_guard"), arguments, b"")
    }

    /// Runs a program there with these bytes as its standard input.
    pub(crate) fn run<A: AsRef<OsStr>>(
        &self,
        program: impl AsRef<OsStr>,
        arguments: impl IntoIterator<Item = A>,
        input: &[u8],
    ) -> Output {
        let mut child = Command::new(program.as_ref())
            .args(arguments)
            .current_dir(&self.folder)
            .env_clear()
            .envs(
                self.repo
                    .environment
                    .iter()
                    .map(|(name, value)| (name, value)),
            )
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("{}: {error}", program.as_ref().display()));
        let mut pipe = child.stdin.take().expect("stdin is piped");
        let input = input.to_vec();
        // A thread, so that a program which writes before it reads cannot hold us up for ever.
        let feeder = std::thread::spawn(move || {
            let _ = pipe.write_all(&input);
        });
        let output = child.wait_with_output().expect("the program ends");
        feeder.join().expect("the feeder does not panic");
        let room = self.repo.room();
        let text = |bytes: &[u8]| {
            String::from_utf8_lossy(bytes).replace(&*room.to_string_lossy(), "[room]")
        };
        Output {
            code: output.status.code().unwrap_or(-1),
            stdout: text(&output.stdout),
            stderr: text(&output.stderr),
        }
    }
}

impl Written<'_> {
    /// Adds the file to the index.
    pub(crate) fn stage(self) {
        self.repo
            .git([OsStr::new("add"), OsStr::new("--"), self.path.as_os_str()])
            .ok();
    }
}

impl Output {
    /// Asserts that the program ended well, and returns what it said.
    #[track_caller]
    pub(crate) fn ok(self) -> Checked {
        self.ends(0)
    }

    /// Asserts the exit code, and returns what was said.
    #[track_caller]
    pub(crate) fn ends(self, code: i32) -> Checked {
        assert_eq!(self.code, code, "\n{self}");
        Checked(self)
    }

    /// Asserts that a git command was stopped, and that what was said names this.
    #[track_caller]
    pub(crate) fn stopped_by(self, word: &str) -> Checked {
        assert_ne!(self.code, 0, "nothing stopped it\n{self}");
        Checked(self).says(word)
    }

    /// Returns all that was said, on either stream.
    pub(crate) fn all(&self) -> String {
        format!("{}{}", self.stdout, self.stderr)
    }
}

impl Checked {
    /// Asserts that this was said, on either stream.
    #[track_caller]
    pub(crate) fn says(self, words: &str) -> Self {
        assert!(self.all().contains(words), "not said: {words}\n{}", self.0);
        self
    }

    /// Asserts that this was not said, on either stream.
    #[track_caller]
    pub(crate) fn never_says(self, words: &str) -> Self {
        assert!(!self.all().contains(words), "said: {words}\n{}", self.0);
        self
    }
}

impl Deref for Checked {
    type Target = Output;

    fn deref(&self) -> &Output {
        &self.0
    }
}

/// Shows the exit code and both streams, with what changes from run to run replaced.
impl fmt::Display for Output {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "exit {}", self.code)?;
        for (name, text) in [("stdout", &self.stdout), ("stderr", &self.stderr)] {
            if !text.is_empty() {
                write!(f, "--- {name}\n{}", timeless(text))?;
                if !text.ends_with('\n') {
                    writeln!(f, "(no line end)")?;
                }
            }
        }
        Ok(())
    }
}

/// Returns `text` with every `12 ms` and `3.4 s` replaced.
fn timeless(text: &str) -> String {
    let time =
        regex::Regex::new(r"[0-9]+(\.[0-9]+)? (ms|s)($|[^0-9A-Za-z])").expect("a good pattern");
    time.replace_all(text, "[time]$3").into_owned()
}

/// Says that a test is skipped, and why.
#[expect(clippy::print_stderr, reason = "a skip is said, not hidden")]
pub(crate) fn skipped(why: &str) {
    eprintln!("skipped: {why}");
}

/// Returns `text` with its holes filled, the same way each time.
pub(crate) fn filled(text: &str) -> String {
    guard::rule::fill(text, &guard::detect::make)
}

/// Lets a file be run.
pub(crate) fn make_executable(file: &Path) {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        fs_err::set_permissions(file, std::fs::Permissions::from_mode(0o755))
            .expect("a file of our own");
    }
    #[cfg(not(unix))]
    let _ = file;
}

/// Returns the environment of a person with this home and nothing else.
fn environment(home: &Path) -> Vec<(OsString, OsString)> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut variables: Vec<(OsString, OsString)> = [
        ("GIT_CONFIG_NOSYSTEM", "1"),
        ("GIT_AUTHOR_NAME", "Ada"),
        ("GIT_AUTHOR_EMAIL", "ada@example.com"),
        ("GIT_AUTHOR_DATE", "2026-03-01T12:00:00Z"),
        ("GIT_COMMITTER_NAME", "Ada"),
        ("GIT_COMMITTER_EMAIL", "ada@example.com"),
        ("GIT_COMMITTER_DATE", "2026-03-01T12:00:00Z"),
        ("GIT_EDITOR", "true"),
        ("GIT_TERMINAL_PROMPT", "0"),
        ("LC_ALL", "C.UTF-8"),
        ("TZ", "UTC"),
    ]
    .map(|(name, value)| (name.into(), value.into()))
    .into();
    variables.extend([
        ("PATH".into(), path),
        ("HOME".into(), home.into()),
        ("GIT_CONFIG_GLOBAL".into(), home.join(".gitconfig").into()),
        // Nothing above the room is a repository of ours.
        (
            "GIT_CEILING_DIRECTORIES".into(),
            home.parent().unwrap_or(home).into(),
        ),
    ]);
    for kept in ["SystemRoot", "LLVM_PROFILE_FILE"] {
        if let Some(value) = std::env::var_os(kept) {
            variables.push((kept.into(), value));
        }
    }
    variables
}
