//! The thread that calls callbacks: one at a time, with a stack that the host's code is used to. It
//! stays as long as there may be a callback to call, so that a host attaches it once.

use std::cell::Cell;
use std::sync::Arc;
use std::thread;

use super::driver;
use super::ready_callback;
use super::shared::{CallbackQueue, Shared, WatcherState};
use super::watch::{Extras, StepResult, panicked};
use crate::error::{Error, Result};
use crate::panic_guard;
use crate::sys;

thread_local! {
    /// The watcher whose callbacks this thread calls, by the address of what it shares. Not the
    /// thread's own handle, which std makes for every thread that asks, the host's included.
    static CALLS_FOR: Cell<usize> = const { Cell::new(0) };
}

/// Starts the thread, unless it is there or not needed.
pub(super) fn start(shared: &Arc<Shared>, state: &mut WatcherState) -> Result<()> {
    if state.callbacks.thread.is_none() && state.has_callbacks() {
        let own = Arc::clone(shared);
        let thread = sys::spawn("pictory-on-poll", sys::default_stack(), move || run(&own))
            .map_err(|cause| Error::system("start a thread for the callback", &cause))?;
        state.callbacks.thread = Some(thread);
    }
    Ok(())
}

/// Whether this is the thread that calls the watcher's callbacks.
pub(super) fn is_current(shared: &Shared) -> bool {
    CALLS_FOR.get() == std::ptr::from_ref(shared) as usize
}

impl CallbackQueue {
    /// Whether the callback of this watch is running, on another thread than this one.
    pub(super) fn is_calling_elsewhere(
        &self,
        shared: &Shared,
        extras: Option<&Arc<Extras>>,
    ) -> bool {
        let is_called = |(calling, extras)| Arc::ptr_eq(calling, extras);
        self.calling.as_ref().zip(extras).is_some_and(is_called) && !is_current(shared)
    }
}

fn run(shared: &Arc<Shared>) {
    CALLS_FOR.set(std::ptr::from_ref::<Shared>(shared) as usize);
    let mut state = shared.lock();
    while !state.is_stopped {
        if state.on_ready.can_be_called() {
            state = ready_callback::call(shared, state);
            continue;
        }
        let Some(step) = state.callbacks.waiting.pop_front() else {
            if !state.has_callbacks() {
                break;
            }
            drop(state);
            thread::park();
            state = shared.lock();
            continue;
        };
        let slot = step.slot;
        let result = if state.table.is_removed(slot) {
            StepResult::Dropped
        } else {
            state.callbacks.calling = step.extras.clone();
            drop(state);
            let (id, tag) = (step.id, step.tag);
            let result = panic_guard::inside(|| step.call_back(&shared.client));
            state = shared.lock();
            state.callbacks.calling = None;
            shared.returned.notify_all();
            result.unwrap_or_else(|| panicked(&id, tag))
        };
        shared.record(&mut state, slot, result);
        driver::alert_if_sooner(shared, &mut state);
    }
    let thread = state.callbacks.thread.take();
    shared.retire(state, thread);
}
