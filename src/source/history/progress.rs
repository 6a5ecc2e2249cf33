//! How far a scan of the history is, and whether it should stop: seen and set from other threads.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// How far a scan of the history is.
#[derive(Debug, Default)]
pub struct Progress {
    stop: Arc<AtomicBool>,
    total: AtomicU64,
    done: AtomicU64,
}

impl Progress {
    /// Returns the flag that ends the scan when it is set, for a signal handler.
    pub fn stop(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.stop)
    }

    /// Tells whether the scan was asked to end before its end.
    pub fn is_stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    /// Returns how many blobs were looked at, of how many; `None` until they are counted.
    pub fn blobs(&self) -> Option<(u64, u64)> {
        let total = self.total.load(Ordering::Relaxed);
        (total > 0).then(|| (self.done.load(Ordering::Relaxed).min(total), total))
    }

    pub(super) fn flag(&self) -> &AtomicBool {
        &self.stop
    }

    pub(super) fn expect(&self, total: u64) {
        self.total.store(total, Ordering::Relaxed);
    }

    pub(super) fn step(&self) {
        self.done.fetch_add(1, Ordering::Relaxed);
    }
}
