//! The names a blob goes by, found before it is scanned: what a rule sees depends on the file's name.

use super::edges::NameNumber;
use super::graph::Graph;
use super::objects::{NONE, Number, Objects};
use super::pack::Kind;

/// Tells which names mean the same to the scan: it returns the same number for them.
pub(super) type Groups<'g> = dyn Fn(&[u8]) -> u32 + Sync + 'g;

/// A name to scan a blob under, and the group it stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Label {
    /// The first name of the group in order; [`NONE`] for a blob that no tree names.
    pub(super) name: NameNumber,
    pub(super) group: u32,
}

/// For every blob the names to scan it under: one of each group.
pub(super) struct Names {
    first: Vec<NameNumber>,
    /// Further names, in order of blob.
    more: Vec<(Number, NameNumber)>,
    groups: Vec<u32>,
}

impl Names {
    /// Gathers the names from the edges.
    pub(super) fn new(objects: &Objects, graph: &Graph, group_of: &Groups<'_>) -> Self {
        let names = graph.edges.names();
        let groups: Vec<u32> = names.iter().map(|name| group_of(name)).collect();
        let mut first = vec![NONE; objects.len()];
        let is_blob = |object: Number| {
            (object as usize) < objects.len() && objects.kind(object) == Kind::Blob
        };
        let edges = || {
            let edges = graph.trees.edges().iter().copied();
            edges.filter(|edge| is_blob(edge.object))
        };
        for edge in edges() {
            let slot = &mut first[edge.object as usize];
            *slot = (*slot).min(edge.name);
        }
        let group = |name: NameNumber| groups[name as usize];
        let mut more: Vec<(Number, NameNumber)> = edges()
            .filter(|edge| group(first[edge.object as usize]) != group(edge.name))
            .map(|edge| (edge.object, edge.name))
            .collect();
        more.sort_unstable();
        let mut seen: Vec<u32> = Vec::new();
        let mut last = NONE;
        more.retain(|&(object, name)| {
            if object != last {
                seen.clear();
                seen.push(groups[first[object as usize] as usize]);
                last = object;
            }
            let group = groups[name as usize];
            let new = !seen.contains(&group);
            if new {
                seen.push(group);
            }
            new
        });
        more.shrink_to_fit();
        Names {
            first,
            more,
            groups,
        }
    }

    /// Returns the names to scan the blob under; the first in order comes first.
    pub(super) fn labels(&self, blob: Number) -> impl Iterator<Item = Label> {
        let name = self.first[blob as usize];
        let group = match name {
            NONE => NONE,
            name => self.groups[name as usize],
        };
        let start = self.more.partition_point(|&(object, _)| object < blob);
        let further = self.more[start..]
            .iter()
            .take_while(move |&&(object, _)| object == blob)
            .map(|&(_, name)| Label {
                name,
                group: self.groups[name as usize],
            });
        std::iter::once(Label { name, group }).chain(further)
    }
}

/// Groups names by what follows their last dot, or by all of the name where there is none.
///
/// The plain choice, for a scan that does not say better.
pub(super) fn by_extension() -> impl Fn(&[u8]) -> u32 + Sync {
    use std::collections::HashMap;
    use std::sync::{Mutex, PoisonError};
    let numbers: Mutex<HashMap<Vec<u8>, u32>> = Mutex::default();
    move |name| {
        let extension = extension(name);
        let mut numbers = numbers.lock().unwrap_or_else(PoisonError::into_inner);
        let next = u32::try_from(numbers.len()).unwrap_or(NONE);
        *numbers
            .entry(extension.to_ascii_lowercase())
            .or_insert(next)
    }
}

/// Returns what the plain choice goes by.
pub(super) fn extension(name: &[u8]) -> &[u8] {
    match name.iter().rposition(|&byte| byte == b'.') {
        Some(dot) if dot > 0 => &name[dot..],
        _ => name,
    }
}
