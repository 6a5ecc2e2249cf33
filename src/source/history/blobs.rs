//! Blobs, handed to the scan with what is new in them and what is known from their base.

use bstr::BString;

use crate::blob::{Blob, Mark, Origin, Provenance, Regions};
use crate::source::Visit;

use super::delta;
use super::edges::Edges;
use super::names::{Label, Names};
use super::objects::{NONE, Number, Objects};
use super::walk::{Difference, Failure, Visitor};
use super::{Known, Progress};

/// Hands each blob to the scan, once for each group of names it goes by.
pub(super) struct Reader<'r> {
    pub(super) objects: &'r Objects,
    pub(super) names: &'r Names,
    pub(super) edges: &'r Edges,
    pub(super) visit: &'r Visit<'r>,
    /// What need not be scanned; what is made from it is scanned as a whole.
    pub(super) known: &'r Known<'r>,
    pub(super) progress: &'r Progress,
    /// Blobs that no tree names and that are scanned all the same, in order; `None` for all of them.
    pub(super) nameless: Option<&'r [Number]>,
}

/// What a thread has gathered.
#[derive(Default)]
pub(super) struct Gathered {
    pub(super) blobs: u64,
    pub(super) bytes: u64,
    pub(super) failed: Vec<(Number, Failure)>,
}

/// The marks that the visits of a blob returned, in order, by group of names.
pub(super) type Marks = Vec<(u32, Vec<Mark>)>;

impl Reader<'_> {
    /// Takes a blob of which nothing is known.
    pub(super) fn take(&self, worker: &mut Gathered, number: Number, bytes: &[u8]) -> Marks {
        self.each(worker, number, bytes, |_| (Regions::Whole, Vec::new()))
    }

    fn each(
        &self,
        worker: &mut Gathered,
        number: Number,
        bytes: &[u8],
        mut known: impl FnMut(u32) -> (Regions, Vec<Mark>),
    ) -> Marks {
        if self.objects.is_copy(number) {
            return Vec::new();
        }
        self.progress.step();
        let mut marks = Vec::with_capacity(1);
        let mut first = true;
        for label in self.names.labels(number) {
            if !self.wanted(number, label) {
                break;
            }
            if first {
                worker.blobs += 1;
                worker.bytes += bytes.len() as u64;
                first = false;
            }
            let path = (label.name != NONE)
                .then(|| BString::from(&*self.edges.names()[label.name as usize]));
            let blob_id = self.objects.name(number);
            if (self.known)(&blob_id, path.as_ref().map(AsRef::as_ref)) {
                continue;
            }
            let (regions, inherited) = known(label.group);
            let blob = Blob {
                bytes,
                provenance: Provenance {
                    path,
                    commit_id: None,
                    blob_id: Some(blob_id),
                    origin: Origin::File,
                },
                regions,
                inherited,
            };
            let mut found = (self.visit)(&blob);
            found.sort();
            marks.push((label.group, found));
        }
        marks
    }

    fn wanted(&self, number: Number, label: Label) -> bool {
        label.name != NONE
            || self
                .nameless
                .is_none_or(|some| some.binary_search(&number).is_ok())
    }
}

impl Visitor for Reader<'_> {
    type State = Marks;
    type Worker = Gathered;

    fn worker(&self) -> Gathered {
        Gathered::default()
    }

    fn full(&self, worker: &mut Gathered, number: Number, bytes: &[u8]) -> Marks {
        self.take(worker, number, bytes)
    }

    fn delta(
        &self,
        worker: &mut Gathered,
        number: Number,
        bytes: &[u8],
        difference: Difference<'_, Marks>,
    ) -> Marks {
        let base_len = difference.base.len();
        self.each(worker, number, bytes, |group| {
            let Some((_, marks)) = difference.state.iter().find(|(of, _)| *of == group) else {
                // The base was not scanned as this kind of file: nothing is known.
                return (Regions::Whole, Vec::new());
            };
            let stretches = difference.stretches;
            (
                delta::regions(stretches, base_len, bytes.len()),
                delta::inherit(marks, stretches, base_len, bytes.len()),
            )
        })
    }

    fn failed(&self, worker: &mut Gathered, number: Number, why: Failure) {
        worker.failed.push((number, why));
    }
}
