//! A courtesy to leak checkers such as valgrind, for values that arc-swap holds: it points into the
//! middle of their blocks, and a block that nothing points to at its start is reported as lost.

use std::sync::Arc;
use std::sync::atomic::{AtomicPtr, Ordering};

/// The start of a shared value's block, which nobody reads.
#[derive(Debug)]
pub(crate) struct BlockStart(AtomicPtr<u8>);

impl BlockStart {
    pub(crate) const fn new() -> BlockStart {
        BlockStart(AtomicPtr::new(std::ptr::null_mut()))
    }

    /// Points to this value from now on. Before the value, an `Arc` has two counters.
    pub(crate) fn set<T>(&self, value: &Arc<T>) {
        let start = Arc::as_ptr(value).cast::<u8>().wrapping_sub(2 * size_of::<usize>());
        self.0.store(start.cast_mut(), Ordering::Relaxed);
    }
}
