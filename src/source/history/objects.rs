//! All objects of a repository, each with a number: those of the packs in order of place, then the loose ones.

use std::path::{Path, PathBuf};

use crate::blob::ObjectId;
use crate::source::Unread;

use super::lookup::Lookup;
use super::pack::{Header, Kind, Pack, Stored};

/// The number of an object in this run.
pub(super) type Number = u32;

/// No object.
pub(super) const NONE: Number = Number::MAX;

/// What is known of every object before any is inflated.
pub(super) struct Objects {
    packs: Vec<Pack>,
    /// The number of the first object of each pack, and of the first loose one.
    firsts: Vec<Number>,
    kinds: Vec<Kind>,
    bases: Vec<Number>,
    /// Numbers of objects that an earlier pack holds too; in order.
    copies: Vec<Number>,
    loose: Vec<ObjectId>,
    /// Packed objects whose chain of bases leads nowhere in their pack; in order. git reads them.
    strays: Vec<Number>,
    lookup: Lookup,
    hash_len: usize,
}

impl Objects {
    /// Opens every pack below the object folders and lists the loose objects.
    ///
    /// A pack that cannot be opened is said in `unread`; its objects are not known then.
    pub(super) fn open(folders: &[PathBuf], hash_len: usize, unread: &mut Vec<Unread>) -> Self {
        let mut packs: Vec<Pack> = Vec::new();
        for path in pack_paths(folders, unread) {
            match Pack::open(&path, hash_len) {
                Ok(pack) => packs.push(pack),
                Err(error) => unread.push(Unread {
                    path: path.as_os_str().as_encoded_bytes().into(),
                    message: format!("{error}; `git fsck` says more"),
                }),
            }
        }
        let mut firsts = vec![0];
        let mut total: usize = 0;
        for pack in &packs {
            total += pack.count();
            firsts.push(Number::try_from(total).unwrap_or(NONE));
        }
        let mut loose = loose_names(folders, hash_len, unread);
        loose.sort_unstable();
        loose.dedup();
        let mut objects = Objects {
            lookup: Lookup::default(),
            packs,
            firsts,
            kinds: vec![Kind::Unknown; total],
            bases: vec![NONE; total],
            copies: Vec::new(),
            loose: Vec::new(),
            strays: Vec::new(),
            hash_len,
        };
        objects.read_heads();
        objects.look_up_packs();
        objects.spread_kinds();
        objects.strays = (0..Number::try_from(total).unwrap_or(NONE))
            .filter(|&number| objects.kind(number) == Kind::Unknown && !objects.is_copy(number))
            .collect();
        loose.retain(|name| objects.find(name.as_raw()).is_none());
        objects.kinds.resize(total + loose.len(), Kind::Unknown);
        objects.bases.resize(total + loose.len(), NONE);
        objects.loose = loose;
        objects.look_up_loose();
        objects
    }

    /// Returns the number of objects.
    pub(super) fn len(&self) -> usize {
        self.kinds.len()
    }

    /// Returns the number of objects of a kind, each counted once.
    pub(super) fn count(&self, kind: Kind) -> u64 {
        let of_kind = self.kinds.iter().filter(|&&other| other == kind).count();
        let copies = self
            .copies
            .iter()
            .filter(|&&copy| self.kind(copy) == kind)
            .count();
        (of_kind - copies) as u64
    }

    /// Returns the length of a name: 20 or 32 bytes.
    pub(super) fn hash_len(&self) -> usize {
        self.hash_len
    }

    /// Returns the kind of an object.
    pub(super) fn kind(&self, number: Number) -> Kind {
        self.kinds[number as usize]
    }

    /// Notes the kind of a loose object.
    pub(super) fn set_kind(&mut self, number: Number, kind: Kind) {
        self.kinds[number as usize] = kind;
    }

    /// Returns the object that this one is stored as a difference to, or [`NONE`].
    pub(super) fn base(&self, number: Number) -> Number {
        self.bases[number as usize]
    }

    /// Tells whether an earlier pack holds the same object.
    pub(super) fn is_copy(&self, number: Number) -> bool {
        !self.copies.is_empty() && self.copies.binary_search(&number).is_ok()
    }

    /// Returns the packed objects that git has to read: their base lies in another pack, or is damaged.
    pub(super) fn strays(&self) -> &[Number] {
        &self.strays
    }

    /// Returns the numbers of the loose objects.
    pub(super) fn loose(&self) -> std::ops::Range<Number> {
        let end = Number::try_from(self.kinds.len()).unwrap_or(NONE);
        *self.firsts.last().expect("made with one")..end
    }

    /// Returns the name of an object.
    pub(super) fn name(&self, number: Number) -> ObjectId {
        ObjectId::from_raw(self.raw_name(number)).expect("a name is 20 or 32 bytes")
    }

    /// Returns the name of an object as raw bytes.
    pub(super) fn raw_name(&self, number: Number) -> &[u8] {
        match self.packed(number) {
            Some((pack, place)) => pack.name(place),
            None => self.loose[(number - self.loose().start) as usize].as_raw(),
        }
    }

    /// Returns the number of the object of this name.
    pub(super) fn find(&self, name: &[u8]) -> Option<Number> {
        let row = self.lookup.find(name, |row| self.name_in(row))?;
        Some(self.number_of(row))
    }

    /// Returns the number of the object in this row of the lookup.
    fn number_of(&self, row: Number) -> Number {
        match self.packed(row) {
            Some((pack, position)) => row - number(position) + pack.place_of(position),
            None => row,
        }
    }

    /// Returns the names of all objects, in order and each once.
    pub(super) fn names_in_order(&self) -> impl Iterator<Item = ObjectId> {
        let mut last: Option<&[u8]> = None;
        self.lookup.in_order().filter_map(move |row| {
            let name = self.name_in(row);
            let is_new = last.replace(name) != Some(name);
            is_new.then(|| ObjectId::from_raw(name).expect("a name is 20 or 32 bytes"))
        })
    }

    /// Returns the name in this row of the lookup: those of each pack's index in its order, then the loose objects.
    /// A name is compared there without asking where in the pack its object lies.
    fn name_in(&self, row: Number) -> &[u8] {
        match self.packed(row) {
            Some((pack, position)) => pack.name_in_index(position),
            None => self.raw_name(row),
        }
    }

    /// Returns how many bytes of its pack an object takes; none for a loose one.
    pub(super) fn packed_size(&self, number: Number) -> u64 {
        self.packed(number)
            .map_or(0, |(pack, place)| pack.size(place) as u64)
    }

    /// Returns the pack that holds the object and its place in it; `None` for a loose one.
    pub(super) fn packed(&self, number: Number) -> Option<(&Pack, usize)> {
        let pack = self.firsts.partition_point(|&first| first <= number) - 1;
        let place = (number - self.firsts[pack]) as usize;
        self.packs.get(pack).map(|pack| (pack, place))
    }

    fn read_heads(&mut self) {
        use rayon::prelude::*;
        for (pack, &first) in self.packs.iter().zip(&self.firsts) {
            let rows = first as usize..first as usize + pack.count();
            let kinds = &mut self.kinds[rows.clone()];
            let bases = &mut self.bases[rows];
            kinds
                .par_iter_mut()
                .zip(bases)
                .enumerate()
                .with_min_len(4096)
                .for_each(|(place, (kind, base))| {
                    // A head that cannot be read leaves the kind unknown; the walk says so.
                    let Ok(Header { stored, .. }) = pack.header(place) else {
                        return;
                    };
                    let place = match stored {
                        Stored::Full(full) => {
                            *kind = full;
                            return;
                        }
                        Stored::DeltaAt(offset) => pack.place_at(offset),
                        Stored::DeltaOf(at) => pack.find(pack.base_name(at)),
                    };
                    if let Some(place) = place {
                        *base = first + place;
                    }
                });
        }
    }

    /// Makes every name known, and notes what an earlier pack holds too.
    fn look_up_packs(&mut self) {
        let rows = *self.firsts.last().expect("made with one");
        self.lookup = Lookup::new(rows, |row| self.name_in(row));
        if self.packs.len() < 2 {
            return;
        }
        let mut copies = Vec::new();
        let mut last: Option<&[u8]> = None;
        for row in self.lookup.in_order() {
            let name = self.name_in(row);
            if last.replace(name) == Some(name) {
                copies.push(self.number_of(row));
            }
        }
        copies.sort_unstable();
        self.copies = copies;
    }

    /// Makes the names of the loose objects known too.
    fn look_up_loose(&mut self) {
        if self.loose.is_empty() {
            return;
        }
        let rows = Number::try_from(self.kinds.len()).unwrap_or(NONE);
        self.lookup = Lookup::new(rows, |row| self.name_in(row));
    }

    /// Gives every delta the kind of the object its chain of bases ends at.
    fn spread_kinds(&mut self) {
        let mut chain = Vec::new();
        for number in 0..self.bases.len() {
            let mut at = number;
            while self.kinds[at] == Kind::Unknown
                && self.bases[at] != NONE
                && chain.len() <= self.bases.len()
            {
                chain.push(at);
                at = self.bases[at] as usize;
            }
            let kind = self.kinds[at];
            if kind == Kind::Unknown {
                // A ring, or an end that cannot be read: cut here, so that no chain is followed twice.
                for &link in &chain {
                    self.bases[link] = NONE;
                }
            }
            for link in chain.drain(..) {
                self.kinds[link] = kind;
            }
        }
    }
}

fn number(position: usize) -> Number {
    Number::try_from(position).unwrap_or(NONE)
}

/// Returns the packs of the object folders, in order.
pub(super) fn pack_paths(folders: &[PathBuf], unread: &mut Vec<Unread>) -> Vec<PathBuf> {
    let mut paths = Vec::new();
    for folder in folders {
        for path in list(&folder.join("pack"), unread) {
            if path
                .extension()
                .is_some_and(|extension| extension == "pack")
            {
                paths.push(path);
            }
        }
    }
    paths.sort();
    paths
}

/// Returns the names of the loose objects of the object folders.
pub(super) fn loose_names(
    folders: &[PathBuf],
    hash_len: usize,
    unread: &mut Vec<Unread>,
) -> Vec<ObjectId> {
    let mut names = Vec::new();
    for folder in folders {
        for first in list(folder, unread) {
            let Some(head) = first.file_name().and_then(|name| name.to_str()) else {
                continue;
            };
            if head.len() != 2 || !head.bytes().all(|byte| byte.is_ascii_hexdigit()) {
                continue;
            }
            for path in list(&first, unread) {
                let Some(tail) = path.file_name().and_then(|name| name.to_str()) else {
                    continue;
                };
                if tail.len() + 2 == hash_len * 2
                    && let Some(name) = ObjectId::from_hex(format!("{head}{tail}").as_bytes())
                {
                    names.push(name);
                }
            }
        }
    }
    names
}

/// Returns what lies in a folder; nothing where there is none.
fn list(folder: &Path, unread: &mut Vec<Unread>) -> Vec<PathBuf> {
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) => {
            let absent = error.kind() == std::io::ErrorKind::NotFound;
            if !absent {
                unread.push(Unread {
                    path: folder.as_os_str().as_encoded_bytes().into(),
                    message: error.to_string(),
                });
            }
            return Vec::new();
        }
    };
    entries
        .filter_map(Result::ok)
        .map(|entry| entry.path())
        .collect()
}
