//! lefthook's configuration: our jobs in `lefthook.yml`, added without touching another line.

use std::path::{Path, PathBuf};

use crate::hook::Event;

/// The events that go into the file.
pub(super) const EVENTS: [Event; 4] = [
    Event::PreCommit,
    Event::PreMergeCommit,
    Event::CommitMsg,
    Event::PrePush,
];

/// The names lefthook reads, in its own order.
const FILES: [&str; 8] = [
    "lefthook.yml",
    "lefthook.yaml",
    "lefthook.toml",
    "lefthook.json",
    ".lefthook.yml",
    ".lefthook.yaml",
    ".lefthook.toml",
    ".lefthook.json",
];

/// Returns the file of this repository.
pub(super) fn file(top: &Path) -> PathBuf {
    FILES
        .iter()
        .flat_map(|name| [PathBuf::from(name), Path::new(".config").join(name)])
        .find(|file| top.join(file).is_file())
        .unwrap_or_else(|| PathBuf::from(FILES[0]))
}

/// Returns all our lines, as they stand in a file of their own.
pub(super) fn lines() -> String {
    EVENTS.into_iter().map(block).collect()
}

/// Returns the file with our jobs for these events in it.
pub(super) fn add(
    text: &str,
    events: impl IntoIterator<Item = Event>,
) -> Result<String, &'static str> {
    if text.trim_start().starts_with(['{', '[']) {
        return Err("it is not in YAML's block form");
    }
    events
        .into_iter()
        .try_fold(text.to_owned(), |text, event| add_job(&text, event))
}

/// Returns the file without our jobs, or `None` when none is there just as we write it.
pub(super) fn take_out(text: &str) -> Option<String> {
    let mut left = text.to_owned();
    for event in EVENTS {
        let whole = block(event);
        // A block that holds our job alone is one that we began.
        if left.ends_with(&whole) || left.contains(&format!("{whole}{}", next_head(event))) {
            left = left.replacen(&whole, "", 1);
            continue;
        }
        let forms = [Form::List, Form::Map].into_iter();
        let ours = forms.flat_map(|form| {
            (0..=8).map(move |depth| format!("\n{}", job(event, form, &" ".repeat(depth))))
        });
        if let Some((at, ours)) = ours
            .into_iter()
            .find_map(|ours| Some((left.find(&ours)?, ours)))
        {
            left.replace_range(at + 1..at + ours.len(), "");
        }
    }
    (left != text).then_some(left)
}

/// Returns what follows our block of an event when all blocks are ours: the next block.
fn next_head(event: Event) -> String {
    EVENTS
        .into_iter()
        .skip_while(|&other| other != event)
        .nth(1)
        .map(|next| format!("{next}:\n"))
        .unwrap_or_default()
}

/// How the jobs of an event are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    /// `jobs:`, a list.
    List,
    /// `commands:`, by name.
    Map,
}

/// Returns the lines of an event that has none yet.
fn block(event: Event) -> String {
    format!("{event}:\n  jobs:\n{}", job(event, Form::List, "    "))
}

fn job(event: Event, form: Form, indent: &str) -> String {
    let arguments = match event {
        Event::CommitMsg => " {1}",
        Event::PrePush => " {1} {2}",
        _ => "",
    };
    let input = match event {
        Event::PrePush => format!("{indent}  use_stdin: true\n"),
        _ => String::new(),
    };
    let head = match form {
        Form::List => "- name: guard",
        Form::Map => "guard:",
    };
    format!("{indent}{head}\n{indent}  run: guard hook {event}{arguments}\n{input}")
}

fn add_job(text: &str, event: Event) -> Result<String, &'static str> {
    let head = format!("{event}:");
    let Some(start) = line_starts(text).find(|&at| text[at..].starts_with(&head)) else {
        let gap = match text {
            "" => "",
            text if text.ends_with('\n') => "",
            _ => "\n",
        };
        return Ok(format!("{text}{gap}{}", block(event)));
    };
    let body = &text[start..];
    let end = line_starts(body)
        .skip(1)
        .find(|&at| !body[at..].starts_with([' ', '#', '\n', '\r', '-']))
        .unwrap_or(body.len());
    let (at, form) = line_starts(&body[..end])
        .find_map(|at| match line_at(body, at) {
            line if !line.starts_with(' ') => None,
            line => match line.trim() {
                "jobs:" => Some((at, Form::List)),
                "commands:" => Some((at, Form::Map)),
                _ => None,
            },
        })
        .ok_or("a hook there has neither `jobs:` nor `commands:`")?;
    let first = start + at + line_at(body, at).len();
    let item = line_at(text, first);
    let inner = item.trim_start();
    if form == Form::List && !inner.starts_with("- ")
        || form == Form::Map && (!inner.trim_end().ends_with(':') || !item.starts_with(' '))
    {
        return Err("its jobs do not begin in the usual form");
    }
    let indent = &item[..item.len() - inner.len()];
    Ok(format!(
        "{}{}{}",
        &text[..first],
        job(event, form, indent),
        &text[first..]
    ))
}

/// Returns the line that starts there, with its end.
fn line_at(text: &str, at: usize) -> &str {
    text[at..].split_inclusive('\n').next().unwrap_or_default()
}

fn line_starts(text: &str) -> impl Iterator<Item = usize> + '_ {
    std::iter::once(0)
        .chain(text.match_indices('\n').map(|(at, _)| at + 1))
        .filter(|&at| at < text.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn jobs_go_into_blocks_that_are_there_and_come_out_again() {
        for text in [
            "",
            "pre-commit:\n  parallel: true\n  jobs:\n    - run: npm test\n",
            "# ours\npre-push:\n  jobs:\n  - name: test\n    run: npm test\n\ncommit-msg:\n  jobs:\n    - run: lint {1}\n",
            "colors: true\n",
            "pre-commit:\n  parallel: true\n  commands:\n    test:\n      run: npm test\n    lint:\n      run: npm run lint\n",
        ] {
            let added = add(text, EVENTS).unwrap();
            for event in EVENTS {
                assert_eq!(
                    added.matches(&format!("run: guard hook {event}")).count(),
                    1,
                    "{added}"
                );
                assert_eq!(
                    added.matches(&format!("\n{event}:")).count()
                        + usize::from(added.starts_with(&format!("{event}:"))),
                    1,
                    "{added}"
                );
            }
            assert_eq!(take_out(&added).as_deref(), Some(text));
        }
    }

    #[test]
    fn a_form_that_is_not_understood_is_left_alone() {
        for text in [
            "pre-commit:\n  scripts:\n    \"a.sh\":\n      runner: sh\n",
            "pre-commit:\n  commands: {}\n",
            "pre-commit:\n  jobs: [{run: a}]\n",
            "pre-commit:\n  jobs:\n",
            "{pre-commit: {jobs: []}}",
        ] {
            assert!(add(text, EVENTS).is_err(), "{text}");
        }
    }
}
