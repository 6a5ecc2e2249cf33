//! Several repositories in one run: each is looked at by itself, and one that cannot be read does not stop the rest.

use std::path::{Path, PathBuf};

use anyhow::bail;
use bstr::BString;

use super::setup::Setup;
use super::{Exit, Global, output};
use crate::report::{Report, Wanted, What};
use crate::rule::Rules;
use crate::source::Unread;
use crate::source::git::Git;

/// What the arguments of `guard history` name.
pub(super) enum Target<'a> {
    /// Ranges and revisions of the repository around; all of it where there are none.
    Here(&'a [String]),
    /// Folders of repositories.
    Repositories(Vec<PathBuf>),
}

/// Returns what the arguments name: repositories, as soon as one of them is one.
pub(super) fn target(arguments: &[String]) -> anyhow::Result<Target<'_>> {
    let Some(first) = arguments
        .iter()
        .find(|argument| is_repository(Path::new(argument)))
    else {
        if let [name] = arguments
            && Path::new(name).is_dir()
            && Git::new(".").commit(name).is_none()
            && !name.contains("..")
        {
            bail!("{name} is a folder, and not the top of a git repository");
        }
        return Ok(Target::Here(arguments));
    };
    if Git::new(".").commit(first).is_some() {
        bail!(
            "{first} is a repository and a revision of this one: write ./{first} or refs/heads/{first}"
        );
    }
    let names = [
        "GIT_DIR",
        "GIT_COMMON_DIR",
        "GIT_OBJECT_DIRECTORY",
        "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    ];
    if let Some(name) = names.iter().find(|name| std::env::var_os(name).is_some()) {
        bail!("{name} is set and names one repository: unset it to look at others");
    }
    Ok(Target::Repositories(
        arguments.iter().map(PathBuf::from).collect(),
    ))
}

/// Tells whether a folder is the top of a working tree, or a bare repository.
fn is_repository(folder: &Path) -> bool {
    folder.join(".git").exists()
        || (folder.join("objects").is_dir() && folder.join("HEAD").exists())
}

/// Scans every repository and writes one report of all.
pub(super) fn run(
    global: &Global,
    folders: &[PathBuf],
    scan: &dyn Fn(&Path, &Setup) -> anyhow::Result<Report>,
) -> anyhow::Result<Exit> {
    let mut rules = Rules::builtin();
    let mut reports = Vec::new();
    for folder in folders {
        let name = BString::from(folder.as_os_str().as_encoded_bytes());
        let report = match one(global, folder, scan, &mut rules) {
            Ok(mut report) => {
                report.name(&name);
                report
            }
            Err(error) => unreadable(name, &error),
        };
        reports.push((folder.display().to_string(), report));
    }
    let report = Report::join(reports, Wanted::Parts)?;
    output::finish(global, None, report, &rules)
}

fn one(
    global: &Global,
    folder: &Path,
    scan: &dyn Fn(&Path, &Setup) -> anyhow::Result<Report>,
    rules: &mut Rules,
) -> anyhow::Result<Report> {
    if !is_repository(folder) {
        bail!("not the top of a git repository");
    }
    let setup = Setup::new(global, Some(folder))?;
    let mut report = scan(folder, &setup)?;
    report.adopt(setup.engine.rules(), rules);
    Ok(report)
}

fn unreadable(name: BString, error: &anyhow::Error) -> Report {
    let mut report = Report {
        what: What::History,
        ..Report::default()
    };
    report.coverage.unread.push(Unread {
        path: name,
        message: format!("{error:#}"),
    });
    report
}
