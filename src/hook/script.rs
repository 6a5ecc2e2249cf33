//! The script that git runs: a few lines of shell that find `guard` and hand over to it.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use super::Event;

static TEMPLATE: &str = include_str!("../../hooks/hook.sh");
/// How the second line of every script of ours begins.
const MARK: &[u8] = b"#!/bin/sh\n# guard hook, made by `guard install`";

/// What a hook does on a machine without `guard`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum IfMissing {
    /// It stops the commit, with one line that says how to go on.
    #[default]
    Stop,
    /// It says the line and lets the commit pass.
    Warn,
}

/// Returns the script for an event, which runs the program at `binary` or another `guard` it finds.
pub(super) fn render(event: Event, binary: &Path, missing: IfMissing) -> Vec<u8> {
    let missing = match missing {
        IfMissing::Stop => "stop",
        IfMissing::Warn => "warn",
    };
    let text = TEMPLATE
        .replace("\r\n", "\n")
        .replace("@HOOK@", event.name())
        .replace("@MISSING@", missing);
    let (head, tail) = text
        .split_once("@GUARD@")
        .expect("the template has a place for the program");
    [head.as_bytes(), &quoted(binary), tail.as_bytes()].concat()
}

/// Tells whether this is a script of ours.
pub(super) fn is_ours(script: &[u8]) -> bool {
    script.starts_with(MARK)
}

/// Returns the path as one word of a shell, with forward slashes: Git for Windows runs hooks in a shell too.
pub(super) fn quoted(path: &Path) -> Vec<u8> {
    let mut word = vec![b'\''];
    for &byte in path.as_os_str().as_encoded_bytes() {
        match byte {
            b'\'' => word.extend_from_slice(br"'\''"),
            b'\\' if cfg!(windows) => word.push(b'/'),
            _ => word.push(byte),
        }
    }
    word.push(b'\'');
    word
}

/// Returns the path of this program as a hook should hold it.
///
/// Where the PATH leads to this program, that way is kept: it is still right after an upgrade that moves what
/// a link points to. Started as `git-guard`, it is `guard` beside it.
pub fn own_binary(current: &Path, path: Option<&OsStr>) -> PathBuf {
    let name = if cfg!(windows) { "guard.exe" } else { "guard" };
    let real = |file: &Path| file.canonicalize().ok();
    let beside = current.with_file_name(name);
    let own = if beside.is_file() {
        beside
    } else {
        current.to_owned()
    };
    path.map(std::env::split_paths)
        .into_iter()
        .flatten()
        .filter(|folder| folder.is_absolute())
        .map(|folder| folder.join(name))
        .find(|file| real(file).is_some_and(|file| Some(file) == real(&own)))
        .unwrap_or(own)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_path_of_the_program_is_one_word_whatever_it_holds() {
        let word = quoted(Path::new("/home/o'neil/my $(tools)/guard"));
        assert_eq!(word, br"'/home/o'\''neil/my $(tools)/guard'");
    }

    #[test]
    fn a_script_knows_its_own_kind_and_leaves_no_hole_unfilled() {
        for event in Event::CLIENT.into_iter().chain(Event::SERVER) {
            let script = render(event, Path::new("/bin/guard"), IfMissing::Warn);
            assert!(is_ours(&script));
            let text = String::from_utf8(script).unwrap();
            assert!(
                !text.contains("@HOOK@") && !text.contains("@MISSING@"),
                "{text}"
            );
            assert!(text.contains(&format!("hook={event}\nmissing=warn\n")));
        }
        assert!(!is_ours(b"#!/bin/sh\nguard staged\n"));
    }
}
