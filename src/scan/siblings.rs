//! Siblings: a setting in a base file is judged by the settings files beside it that override it.
//!
//! `DEBUG = True` in `settings/base.py` is harmless when `settings/production.py` sets it to false, and a fault when
//! nothing does.

use bstr::{BStr, BString, ByteSlice as _};

use super::before::Before;
use crate::blob::{ObjectId, Regions};
use crate::detect::Engine;
use crate::finding::Finding;
use crate::policy::Facts;
use crate::policy::place::{self, Place};
use crate::rule::{Kind, Level, PlaceRule};
use crate::source::git::{Git, Object};

/// Notes for each setting in a base file, or in a file beside one for production, which sibling overrides it.
pub(super) fn look(engine: &Engine, before: &dyn Before, found: &mut [(Finding, Facts)]) {
    for (finding, facts) in found {
        let Some(path) = finding.provenance.path.as_ref().map(BStr::new) else {
            continue;
        };
        let Some(key) = finding.key.as_deref() else {
            continue;
        };
        let is_overridable = finding.kind == Kind::Config
            && finding.level == Level::Block
            && finding.place_rule == PlaceRule::Production
            && path.ends_with(b".py")
            && matches!(place::of(path), Place::Base | Place::Unmarked);
        if is_overridable {
            let siblings = before.siblings(path);
            facts.overridden_by = overriding(engine, finding, key, path, &siblings);
        }
    }
}

/// The largest sibling that is looked into; settings are small.
const LARGEST: usize = 1 << 20;

/// Returns the Python files that stand beside `path` in a tree.
pub(super) fn in_tree(git: &Git, tree: &str, path: &BStr) -> Vec<(BString, Vec<u8>)> {
    let folder = path.rfind_byte(b'/').map_or(0, |slash| slash + 1);
    let mut arguments = vec!["ls-tree", "-z", "--full-tree", tree];
    let folder = path[..folder].to_str_lossy();
    if !folder.is_empty() {
        arguments.extend(["--", &folder]);
    }
    let listed = git.output("reading the folder of a setting", arguments);
    let listed = listed.unwrap_or_default();
    let Ok(mut objects) = git.objects() else {
        return Vec::new();
    };
    let entry = |row: &[u8]| {
        let (head, name) = row.split_once_str("\t")?;
        let id = ObjectId::from_hex(head.rsplit(|&byte| byte == b' ').next()?)?;
        is_sibling(path, name).then(|| (BString::from(name), id))
    };
    let rows = listed.split(|&byte| byte == 0).filter_map(entry);
    rows.filter_map(|(name, id)| match objects.read(&id) {
        Ok(Object::Found { bytes, .. }) if bytes.len() <= LARGEST => Some((name, bytes)),
        _ => None,
    })
    .collect()
}

/// Returns the name of the sibling that sets the key to a value that is no fault.
fn overriding(
    engine: &Engine,
    finding: &Finding,
    key: &str,
    path: &BStr,
    siblings: &[(BString, Vec<u8>)],
) -> Option<String> {
    let counts = |sibling: &BStr| match place::of(sibling) {
        Place::Production => true,
        Place::Unmarked => place::of(path) == Place::Base,
        _ => false,
    };
    let sets_right = |path: &BStr, bytes: &[u8]| {
        engine.assigns(bytes, path, key)
            && !engine
                .scan(bytes, &Regions::Whole, Some(path))
                .iter()
                .any(|found| found.rule == finding.rule)
    };
    let (path, _) = siblings
        .iter()
        .find(|(path, bytes)| counts(path.as_ref()) && sets_right(path.as_ref(), bytes))?;
    let name = path.rsplit(|&byte| byte == b'/').next().unwrap_or_default();
    Some(String::from_utf8_lossy(name).into_owned())
}

/// Returns whether `other` is a Python file in the folder of `path`, and not `path` itself.
pub(super) fn is_sibling(path: &[u8], other: &[u8]) -> bool {
    let folder = |path: &[u8]| {
        path.iter()
            .rposition(|&byte| byte == b'/')
            .map_or(0, |slash| slash + 1)
    };
    path != other && other.ends_with(b".py") && path[..folder(path)] == other[..folder(other)]
}
