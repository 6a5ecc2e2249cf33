//! A shell script of somebody else that runs `guard` by one line at its head.
//!
//! At the head, because a script may end early (`exec`, `exit`), and because it is quick to say no.

use std::path::Path;

use super::{Addition, Form};
use crate::hook::Event;

/// How a script is run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shell {
    /// By `sh -e`, as husky does: a line that fails stops the script.
    StopsAtErrors,
    /// By itself: a line that fails has to stop the script.
    Plain,
}

/// Returns the lines for each event's script in `folder`.
pub(super) fn additions(folder: &Path, shell: Shell) -> Vec<Addition> {
    Event::CLIENT
        .into_iter()
        .map(|event| Addition {
            file: folder.join(event.name()),
            lines: line(event, shell),
            form: Form::Shell(event, shell),
        })
        .collect()
}

/// Returns the script with our line in it.
pub(super) fn add(text: Option<&str>, event: Event, shell: Shell) -> Result<String, &'static str> {
    let Some(text) = text else {
        let shebang = match shell {
            Shell::StopsAtErrors => "",
            Shell::Plain => "#!/bin/sh\n",
        };
        return Ok(format!("{shebang}{}", line(event, shell)));
    };
    let (head, body) = match text.split_once('\n') {
        Some((first, _)) if first.starts_with("#!") => text.split_at(first.len() + 1),
        _ => ("", text),
    };
    if !head.is_empty() && !head.contains("sh") {
        return Err("it is not a shell script");
    }
    Ok(format!("{head}{}{body}", block(event, shell)))
}

/// Returns the script without our lines, or `None` when they are not there just as we write them.
pub(super) fn take_out(text: &str, event: Event, shell: Shell) -> Option<String> {
    let alone = add(None, event, shell).ok();
    if alone.as_deref() == Some(text) {
        return Some(String::new());
    }
    [block(event, shell), line(event, shell)]
        .iter()
        .find_map(|ours| text.split_once(ours.as_str()))
        .map(|(before, after)| format!("{before}{after}"))
}

/// Returns our line where it is alone.
fn line(event: Event, shell: Shell) -> String {
    let arguments = match event {
        Event::CommitMsg => r#" "$1""#,
        Event::PrePush => r#" "$@""#,
        _ => "",
    };
    let stop = match shell {
        Shell::StopsAtErrors => "",
        Shell::Plain => " || exit 1",
    };
    format!("guard hook {event}{arguments}{stop}\n")
}

/// Returns our lines where others follow: what git tells on standard input is read once and passed on.
fn block(event: Event, shell: Shell) -> String {
    if event != Event::PrePush {
        return line(event, shell);
    }
    let line = line(event, Shell::Plain);
    format!(
        "guard_input=$(cat)\nprintf '%s\\n' \"$guard_input\" | {line}exec <<GUARD_INPUT\n$guard_input\nGUARD_INPUT\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_go_in_behind_the_shebang_and_come_out_without_a_trace() {
        for shell in [Shell::StopsAtErrors, Shell::Plain] {
            for event in Event::CLIENT {
                for script in ["#!/bin/sh\nnpm test\n", "npm test\n", "npm test", ""] {
                    let added = add(Some(script), event, shell).unwrap();
                    assert!(added.contains(&format!("guard hook {event}")));
                    assert_eq!(script.starts_with("#!"), added.starts_with("#!"));
                    assert_eq!(take_out(&added, event, shell).as_deref(), Some(script));
                }
                let alone = add(None, event, shell).unwrap();
                assert_eq!(take_out(&alone, event, shell).as_deref(), Some(""));
            }
        }
    }

    #[test]
    fn a_script_of_another_language_is_left_alone() {
        let python = "#!/usr/bin/env python3\nprint()\n";
        assert!(add(Some(python), Event::PreCommit, Shell::Plain).is_err());
    }
}
