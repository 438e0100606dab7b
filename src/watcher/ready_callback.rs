//! The ready callback, which wakes the host's own loop: called once each time that there begins to be
//! something to hand out, by one thread at a time.

use std::fmt;
use std::sync::{Arc, MutexGuard, PoisonError};

use super::shared::{Shared, WatcherState};
use crate::panic_guard;

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

/// A number that no other thread has while this one lives. Not the thread's own handle, which std
/// makes for every thread that asks, the host's included.
fn this_thread() -> usize {
    thread_local! {
        static HERE: u8 = const { 0 };
    }
    HERE.with(|here| std::ptr::from_ref(here) as usize)
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

    /// Takes the callback away.
    pub(super) fn clear(&mut self) {
        self.callback = None;
        self.is_due = false;
    }
}

impl Shared {
    /// Waits for a call in progress, unless that has led to this call.
    pub(super) fn await_ready_call<'a>(
        &'a self,
        mut state: MutexGuard<'a, WatcherState>,
    ) -> MutexGuard<'a, WatcherState> {
        while state.on_ready.is_calling_elsewhere() {
            state = self.returned.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        state
    }
}

/// Calls the callback on this thread, without the lock.
pub(super) fn call<'a>(
    shared: &'a Shared,
    mut state: MutexGuard<'a, WatcherState>,
) -> MutexGuard<'a, WatcherState> {
    state.on_ready.is_due = false;
    let Some(callback) = state.on_ready.callback.clone() else { return state };
    let before = state.on_ready.calling.replace(this_thread());
    drop(state);
    panic_guard::inside(&*callback);
    drop(callback);
    let mut state = shared.lock();
    state.on_ready.calling = before;
    shared.returned.notify_all();
    // It may have become due meanwhile.
    state.callbacks.wake();
    state
}
