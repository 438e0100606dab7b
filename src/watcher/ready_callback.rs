//! The ready callback, which wakes the host's own loop: called once each time that there begins to be
//! something to hand out, by one thread at a time.

use std::fmt;
use std::sync::Arc;

use super::this_thread::this_thread;

/// The callback of a watcher that has something to hand out.
pub type OnReady = Arc<dyn Fn() + Send + Sync>;

/// The callback, and how it stands.
#[derive(Default)]
pub(super) struct ReadyCallback {
    pub(super) callback: Option<OnReady>,
    /// To be called by the callback thread.
    pub(super) is_due: bool,
    /// The thread that a call is in progress on.
    calling: Option<usize>,
}

impl fmt::Debug for ReadyCallback {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReadyCallback").field("is_due", &self.is_due).finish_non_exhaustive()
    }
}

impl ReadyCallback {
    /// Whether a call is due, and none in progress.
    pub(super) fn can_be_called(&self) -> bool {
        self.is_due && self.calling.is_none()
    }

    /// Whether a call is in progress, though not one that has led to this call.
    pub(super) fn is_calling_elsewhere(&self) -> bool {
        self.calling.is_some_and(|thread| thread != this_thread())
    }

    /// Begins a call on this thread: the callback, and the thread of the call that has led to it.
    pub(super) fn begin(&mut self) -> Option<(OnReady, Option<usize>)> {
        self.is_due = false;
        let callback = self.callback.clone()?;
        Some((callback, self.calling.replace(this_thread())))
    }

    /// Ends a call, as `begin` gave it.
    pub(super) fn end(&mut self, before: Option<usize>) {
        self.calling = before;
    }

    /// Takes the callback away.
    pub(super) fn clear(&mut self) {
        self.callback = None;
        self.is_due = false;
    }
}
