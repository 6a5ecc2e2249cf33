//! Where wanted blobs stand below the trees of some commits, each tree read once.

use std::collections::{HashMap, HashSet};
use std::io;
use std::rc::Rc;

use bstr::BString;

use super::commits::{field, split};
use super::news::entries;
use crate::blob::ObjectId;
use crate::source::git::{Object, Objects};

/// Wanted blobs, each with its path below a tree.
pub type Leaves = Rc<[(BString, ObjectId)]>;

/// Reads trees and remembers what was wanted below them.
pub struct Forest<'w> {
    objects: Objects,
    wanted: &'w HashSet<ObjectId>,
    named: &'w dyn Fn(&[u8]) -> bool,
    known: HashMap<ObjectId, Leaves>,
}

impl<'w> Forest<'w> {
    /// Returns a reader that knows no tree and looks for these blobs, and for those of such names.
    pub fn new(
        objects: Objects,
        wanted: &'w HashSet<ObjectId>,
        named: &'w dyn Fn(&[u8]) -> bool,
    ) -> Self {
        Forest {
            objects,
            wanted,
            named,
            known: HashMap::new(),
        }
    }

    /// Returns the tree of a commit.
    ///
    /// # Errors
    /// Returns an error where the commit is missing or damaged.
    pub fn tree_of(&mut self, commit: ObjectId) -> io::Result<ObjectId> {
        let damaged = || io::Error::new(io::ErrorKind::InvalidData, format!("commit {commit}"));
        let Object::Found { bytes, .. } = self.objects.read(&commit)? else {
            return Err(damaged());
        };
        field(split(&bytes).0, b"tree ")
            .and_then(ObjectId::from_hex)
            .ok_or_else(damaged)
    }

    /// Returns the wanted blobs below a tree.
    ///
    /// # Errors
    /// Returns an error where a tree is missing or damaged.
    pub fn below(&mut self, tree: ObjectId) -> io::Result<Leaves> {
        if let Some(known) = self.known.get(&tree) {
            return Ok(Rc::clone(known));
        }
        let damaged = || io::Error::new(io::ErrorKind::InvalidData, format!("tree {tree}"));
        let Object::Found { bytes, .. } = self.objects.read(&tree)? else {
            return Err(damaged());
        };
        let hash_len = tree.as_raw().len();
        let mut leaves = Vec::new();
        for entry in entries(&bytes, hash_len).ok_or_else(damaged)? {
            if entry.is_tree {
                let below = stacker::maybe_grow(64 << 10, 1 << 20, || self.below(entry.id))?;
                leaves.extend(below.iter().map(|(path, id)| {
                    let mut whole = BString::from(entry.name);
                    whole.push(b'/');
                    whole.extend_from_slice(path);
                    (whole, *id)
                }));
            } else if self.wanted.contains(&entry.id) || (self.named)(entry.name) {
                leaves.push((entry.name.into(), entry.id));
            }
            if leaves.len() > super::traces::MOST {
                return Err(io::Error::other("more paths than there is time for"));
            }
        }
        let leaves: Leaves = leaves.into();
        self.known.insert(tree, Rc::clone(&leaves));
        Ok(leaves)
    }
}
