//! The walk visits every packed object of some kinds once, each right after its base.
//!
//! So each stream is inflated once and each delta applied once. The work is shared between threads by
//! subtrees. The bytes that are held at once are bounded: a chain's bases are let go when their last child
//! has been made, and what would go beyond the bound is left to the caller, who reads it by itself.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use super::delta::{self, Stretch};
use super::forest::Forest;
use super::index::PackError;
use super::objects::{Number, Objects};
use super::pack::{Header, Pack};

/// Objects above this many bytes are left to the caller: they are few, and would fill memory.
pub(super) const LARGE: usize = 32 << 20;
/// The most that one thread holds of bases that wait for their children.
const HELD: usize = 64 << 20;
/// Subtrees of at least this many objects may be handed to another thread.
const SPLIT: u32 = 256;

/// What is done with each object.
pub(super) trait Visitor: Sync {
    /// What the visit of an object leaves for those that are stored as a difference to it.
    type State: Send + Sync;
    /// What a thread gathers.
    type Worker: Send;

    /// Returns an empty gathering.
    fn worker(&self) -> Self::Worker;
    /// Takes an object that is stored in full.
    fn full(&self, worker: &mut Self::Worker, number: Number, bytes: &[u8]) -> Self::State;
    /// Takes an object that is stored as a difference to another.
    fn delta(
        &self,
        worker: &mut Self::Worker,
        number: Number,
        bytes: &[u8],
        difference: Difference<'_, Self::State>,
    ) -> Self::State;
    /// Hears of an object that was not read, and with it all that hang from it.
    fn failed(&self, worker: &mut Self::Worker, number: Number, why: Failure);
}

/// How an object differs from its base.
pub(super) struct Difference<'b, S> {
    pub(super) base: &'b [u8],
    pub(super) state: &'b S,
    pub(super) stretches: &'b [Stretch],
    pub(super) base_number: Number,
}

/// Why an object was not read.
pub(super) enum Failure {
    /// It, or a base of it, is too large to be held.
    Large,
    /// It, or a base of it, is damaged.
    Damaged(PackError),
}

/// Walks the forest with as many threads as the pool has; stops early when `stop` is set.
pub(super) fn walk<V: Visitor>(
    objects: &Objects,
    forest: &Forest,
    visitor: &V,
    stop: &AtomicBool,
) -> Vec<V::Worker> {
    let walk = Walk {
        objects,
        forest,
        visitor,
        stop,
        idle: Mutex::new(Vec::new()),
    };
    rayon::scope(|scope| {
        for roots in chunks(forest) {
            let walk = &walk;
            scope.spawn(move |scope| walk.roots(scope, roots));
        }
    });
    walk.idle
        .into_inner()
        .unwrap_or_else(PoisonError::into_inner)
        .into_iter()
        .map(|thread| thread.worker)
        .collect()
}

/// Cuts the roots into pieces of about the same weight.
fn chunks(forest: &Forest) -> impl Iterator<Item = &[Number]> {
    let mut weight = 0;
    forest.roots().split_inclusive(move |&root| {
        weight += forest.weight(root);
        let full = weight >= 2 * SPLIT;
        if full {
            weight = 0;
        }
        full
    })
}

struct Walk<'w, V: Visitor> {
    objects: &'w Objects,
    forest: &'w Forest,
    visitor: &'w V,
    stop: &'w AtomicBool,
    /// Threads' belongings that no task uses right now.
    idle: Mutex<Vec<Thread<V::Worker>>>,
}

/// What a thread keeps from one object to the next.
struct Thread<W> {
    worker: W,
    inflater: libdeflater::Decompressor,
    /// The delta of the object at hand; only grows.
    scratch: Vec<u8>,
    stretches: Vec<Stretch>,
    /// Buffers to use again.
    spare: Vec<Vec<u8>>,
    held: usize,
}

/// An object that others are made from.
struct Base<S> {
    number: Number,
    bytes: Vec<u8>,
    state: S,
}

/// A base and how many of its children have been taken.
struct Frame<S> {
    base: Arc<Base<S>>,
    next: usize,
}

impl<V: Visitor> Walk<'_, V> {
    fn roots<'s>(&'s self, scope: &rayon::Scope<'s>, roots: &'s [Number]) {
        let mut thread = self.thread();
        for &root in roots {
            if self.stop.load(Ordering::Relaxed) {
                break;
            }
            match self.read_full(&mut thread, root) {
                Ok(bytes) => {
                    let state = self.visitor.full(&mut thread.worker, root, &bytes);
                    self.descend(scope, &mut thread, root, bytes, state);
                }
                Err(why) => self.fail(&mut thread, root, why),
            }
        }
        self.put_back(thread);
    }

    /// Makes one child, and all that hang from it.
    fn subtree<'s>(&'s self, scope: &rayon::Scope<'s>, child: Number, base: &Base<V::State>) {
        let mut thread = self.thread();
        self.child(scope, &mut thread, child, base, &mut Vec::new());
        self.put_back(thread);
    }

    /// Follows all that hang from an object that was just visited.
    fn descend<'s>(
        &'s self,
        scope: &rayon::Scope<'s>,
        thread: &mut Thread<V::Worker>,
        number: Number,
        bytes: Vec<u8>,
        state: V::State,
    ) {
        let mut frames = Vec::new();
        self.enter(thread, number, bytes, state, &mut frames);
        self.follow(scope, thread, &mut frames);
    }

    fn follow<'s>(
        &'s self,
        scope: &rayon::Scope<'s>,
        thread: &mut Thread<V::Worker>,
        frames: &mut Vec<Frame<V::State>>,
    ) {
        while let Some(frame) = frames.last_mut() {
            let children = self.forest.children(frame.base.number);
            let Some(&child) = children.get(frame.next) else {
                Self::leave(thread, frames);
                continue;
            };
            if self.stop.load(Ordering::Relaxed) {
                return;
            }
            frame.next += 1;
            let last = frame.next == children.len();
            let base = Arc::clone(&frame.base);
            if !last && self.forest.weight(child) >= SPLIT {
                scope.spawn(move |scope| self.subtree(scope, child, &base));
                continue;
            }
            if last {
                frames.pop();
                thread.held -= base.bytes.len();
            }
            let made = self.make(thread, child, &base);
            if last {
                thread.reuse(base);
            } else {
                drop(base);
            }
            self.take(thread, child, made, frames);
        }
    }

    fn child<'s>(
        &'s self,
        scope: &rayon::Scope<'s>,
        thread: &mut Thread<V::Worker>,
        child: Number,
        base: &Base<V::State>,
        frames: &mut Vec<Frame<V::State>>,
    ) {
        let made = self.make(thread, child, base);
        self.take(thread, child, made, frames);
        self.follow(scope, thread, frames);
    }

    fn take(
        &self,
        thread: &mut Thread<V::Worker>,
        child: Number,
        made: Result<(Vec<u8>, V::State), Failure>,
        frames: &mut Vec<Frame<V::State>>,
    ) {
        match made {
            Ok((bytes, state)) => self.enter(thread, child, bytes, state, frames),
            Err(why) => self.fail(thread, child, why),
        }
    }

    /// Keeps an object for its children, if it has any.
    fn enter(
        &self,
        thread: &mut Thread<V::Worker>,
        number: Number,
        bytes: Vec<u8>,
        state: V::State,
        frames: &mut Vec<Frame<V::State>>,
    ) {
        let children = self.forest.children(number);
        if children.is_empty() {
            thread.keep(bytes);
            return;
        }
        if thread.held + bytes.len() > HELD {
            for &child in children {
                self.fail(thread, child, Failure::Large);
            }
            return;
        }
        thread.held += bytes.len();
        frames.push(Frame {
            base: Arc::new(Base {
                number,
                bytes,
                state,
            }),
            next: 0,
        });
    }

    fn leave(thread: &mut Thread<V::Worker>, frames: &mut Vec<Frame<V::State>>) {
        if let Some(frame) = frames.pop() {
            thread.held -= frame.base.bytes.len();
            thread.reuse(frame.base);
        }
    }

    /// Returns where an object lies and what its pack says of it, if it is small enough to be made.
    fn packed(&self, number: Number) -> Result<(&Pack, usize, Header), Failure> {
        let (pack, place) = self
            .objects
            .packed(number)
            .expect("only packed objects are in the forest");
        let header = pack.header(place)?;
        if header.size > LARGE as u64 {
            return Err(Failure::Large);
        }
        Ok((pack, place, header))
    }

    fn read_full(
        &self,
        thread: &mut Thread<V::Worker>,
        number: Number,
    ) -> Result<Vec<u8>, Failure> {
        let (pack, place, header) = self.packed(number)?;
        let mut bytes = thread.spare.pop().unwrap_or_default();
        let size = pack.inflate(place, &header, &mut thread.inflater, &mut bytes)?;
        bytes.truncate(size);
        Ok(bytes)
    }

    /// Makes an object from its base and visits it.
    fn make(
        &self,
        thread: &mut Thread<V::Worker>,
        number: Number,
        base: &Base<V::State>,
    ) -> Result<(Vec<u8>, V::State), Failure> {
        let (pack, place, header) = self.packed(number)?;
        let size = pack.inflate(place, &header, &mut thread.inflater, &mut thread.scratch)?;
        let (base_len, len, ops) = delta::head(&thread.scratch[..size])?;
        if base_len != base.bytes.len() as u64 {
            return Err(delta::DeltaError.into());
        }
        let len = usize::try_from(len)
            .ok()
            .filter(|&len| len <= LARGE)
            .ok_or(Failure::Large)?;
        let mut bytes = thread.spare.pop().unwrap_or_default();
        let applied = delta::apply(&base.bytes, ops, len, &mut bytes, &mut thread.stretches);
        if let Err(error) = applied {
            thread.keep(bytes);
            return Err(error.into());
        }
        let state = self.visitor.delta(
            &mut thread.worker,
            number,
            &bytes,
            Difference {
                base: &base.bytes,
                state: &base.state,
                stretches: &thread.stretches,
                base_number: base.number,
            },
        );
        Ok((bytes, state))
    }

    fn fail(&self, thread: &mut Thread<V::Worker>, number: Number, why: Failure) {
        self.visitor.failed(&mut thread.worker, number, why);
    }

    fn thread(&self) -> Thread<V::Worker> {
        let idle = self
            .idle
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .pop();
        idle.unwrap_or_else(|| Thread {
            worker: self.visitor.worker(),
            inflater: libdeflater::Decompressor::new(),
            scratch: Vec::new(),
            stretches: Vec::new(),
            spare: Vec::new(),
            held: 0,
        })
    }

    fn put_back(&self, thread: Thread<V::Worker>) {
        self.idle
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(thread);
    }
}

impl<W> Thread<W> {
    /// Takes the buffer of a base back, unless another thread still reads it.
    fn reuse<S>(&mut self, base: Arc<Base<S>>) {
        if let Ok(base) = Arc::try_unwrap(base) {
            self.keep(base.bytes);
        }
    }

    /// Keeps a buffer to use again, unless there are enough or it is a large one.
    fn keep(&mut self, buffer: Vec<u8>) {
        /// More would only hold memory that nobody needs again soon.
        const KEPT: usize = 16;
        if self.spare.len() < KEPT && buffer.capacity() <= LARGE / 8 {
            self.spare.push(buffer);
        }
    }
}

impl From<PackError> for Failure {
    fn from(error: PackError) -> Self {
        Failure::Damaged(error)
    }
}

impl From<delta::DeltaError> for Failure {
    fn from(_: delta::DeltaError) -> Self {
        Failure::Damaged(PackError::Damaged("a delta that does not fit its base"))
    }
}
