//! What stands in the file of one hook, and how it is put in and taken out without losing anything.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use super::HookError;
use super::script;

/// What stands in the file of a hook.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Found {
    /// Nothing.
    Nothing,
    /// A script of ours.
    Ours(Vec<u8>),
    /// Somebody else's.
    Other(Vec<u8>),
}

/// Returns what stands in the file.
pub(super) fn look(file: &Path) -> Result<Found, HookError> {
    match fs_err::read(file) {
        Ok(text) if script::is_ours(&text) => Ok(Found::Ours(text)),
        Ok(text) => Ok(Found::Other(text)),
        // A link that leads nowhere is still somebody's.
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            Ok(match fs_err::symlink_metadata(file) {
                Ok(_) => Found::Other(Vec::new()),
                Err(_) => Found::Nothing,
            })
        }
        Err(error) => Err(HookError::at(file)(error)),
    }
}

/// Returns where a hook that was there before ours is kept.
pub(super) fn before(file: &Path) -> PathBuf {
    with_ending(file, ".guard-before")
}

/// Returns where `pre-commit` and `prek` keep a hook that was there before theirs, which they still run.
pub(super) fn legacy(file: &Path) -> PathBuf {
    with_ending(file, ".legacy")
}

/// Tells whether anything is there, a broken link included.
pub(super) fn exists(file: &Path) -> bool {
    fs_err::symlink_metadata(file).is_ok()
}

fn with_ending(file: &Path, ending: &str) -> PathBuf {
    let mut name = file.file_name().unwrap_or_default().to_owned();
    name.push(ending);
    file.with_file_name(name)
}

/// Writes an executable file at once or not at all.
pub(super) fn write_script(file: &Path, text: &[u8]) -> Result<(), HookError> {
    write(file, text, Some(0o755))
}

/// Writes a file at once or not at all, with the permissions it had.
pub(super) fn write_text(file: &Path, text: &[u8]) -> Result<(), HookError> {
    write(file, text, None)
}

fn write(file: &Path, text: &[u8], mode: Option<u32>) -> Result<(), HookError> {
    // Through a link: the file it leads to is the one to change.
    let target = file.canonicalize().unwrap_or_else(|_| file.to_owned());
    let folder = target.parent().unwrap_or(Path::new("."));
    fs_err::create_dir_all(folder).map_err(HookError::at(folder))?;
    let mut temporary = tempfile::Builder::new()
        .prefix(".guard-")
        .tempfile_in(folder)
        .map_err(HookError::at(folder))?;
    temporary.write_all(text).map_err(HookError::at(&target))?;
    permit(temporary.path(), &target, mode).map_err(HookError::at(&target))?;
    temporary
        .persist(&target)
        .map_err(|error| HookError::at(&target)(error.error))?;
    Ok(())
}

#[cfg(unix)]
fn permit(temporary: &Path, target: &Path, mode: Option<u32>) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    let permissions = match (mode, fs_err::metadata(target)) {
        (Some(mode), _) => std::fs::Permissions::from_mode(mode),
        (None, Ok(metadata)) => metadata.permissions(),
        (None, Err(_)) => std::fs::Permissions::from_mode(0o644),
    };
    fs_err::set_permissions(temporary, permissions)
}

#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, reason = "as it is on Unix")]
fn permit(_: &Path, _: &Path, _: Option<u32>) -> std::io::Result<()> {
    Ok(())
}

/// Moves a file within its folder.
pub(super) fn rename(from: &Path, to: &Path) -> Result<(), HookError> {
    fs_err::rename(from, to).map_err(HookError::at(from))
}

/// Takes a file away.
pub(super) fn remove(file: &Path) -> Result<(), HookError> {
    fs_err::remove_file(file).map_err(HookError::at(file))
}

/// Tells whether git would run the file.
#[cfg(unix)]
pub(super) fn is_executable(file: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    fs_err::metadata(file).is_ok_and(|metadata| metadata.permissions().mode() & 0o111 != 0)
}

/// Tells whether git would run the file.
#[cfg(not(unix))]
pub(super) fn is_executable(file: &Path) -> bool {
    file.exists()
}
