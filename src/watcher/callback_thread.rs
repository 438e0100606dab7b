//! The thread that calls callbacks: one at a time, with a stack that the host's code is used to. It
//! stays as long as there may be a callback to call, so that a host attaches it once.

use std::cell::Cell;
use std::sync::{Arc, MutexGuard, PoisonError};
use std::thread;

use super::driver;
use super::shared::{Shared, WatcherState};
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

/// Waits for the callback of a watch that was removed, unless that has led to this call.
pub(super) fn await_callback(
    shared: &Shared,
    mut state: MutexGuard<'_, WatcherState>,
    extras: &Arc<Extras>,
) {
    let is_called = |calling: &Arc<Extras>| Arc::ptr_eq(calling, extras) && !is_current(shared);
    while state.callbacks.calling.as_ref().is_some_and(is_called) {
        state = shared.returned.wait(state).unwrap_or_else(PoisonError::into_inner);
    }
}

fn run(shared: &Arc<Shared>) {
    CALLS_FOR.set(std::ptr::from_ref::<Shared>(shared) as usize);
    let mut state = shared.lock();
    while !state.is_stopped {
        if state.on_ready.can_be_called() {
            state = call_ready(shared, state);
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
        let result = if state.registry.watches.is_removed(slot) {
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

/// Waits for a call of the ready callback in progress, unless that has led to this call.
pub(super) fn await_ready_call<'a>(
    shared: &'a Shared,
    mut state: MutexGuard<'a, WatcherState>,
) -> MutexGuard<'a, WatcherState> {
    while state.on_ready.is_calling_elsewhere() {
        state = shared.returned.wait(state).unwrap_or_else(PoisonError::into_inner);
    }
    state
}

/// Calls the ready callback on this thread, without the lock.
pub(super) fn call_ready<'a>(
    shared: &'a Shared,
    mut state: MutexGuard<'a, WatcherState>,
) -> MutexGuard<'a, WatcherState> {
    let Some((callback, before)) = state.on_ready.begin() else { return state };
    drop(state);
    panic_guard::inside(&*callback);
    drop(callback);
    let mut state = shared.lock();
    state.on_ready.end(before);
    shared.returned.notify_all();
    // It may have become due meanwhile.
    state.callbacks.wake();
    state
}
