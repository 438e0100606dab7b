//! The threads that download: as many as there is work for, up to a few, and none when there is none.

use std::cell::Cell;
use std::sync::{Arc, MutexGuard, PoisonError};
use std::thread;

use super::download_table::Serial;
use super::driver;
use super::shared::{Shared, WatcherState};
use super::this_thread::this_thread;
use super::transfer;
use crate::error::{Error, Result};
use crate::sys;

/// The most downloads at once: more do not make a line faster.
const MOST: usize = 4;

thread_local! {
    /// The watcher that this thread downloads for, by the address of what it shares.
    static DOWNLOADS_FOR: Cell<usize> = const { Cell::new(0) };
}

/// Starts a thread, if there is work for one more. Fails only if there is none at all.
pub(super) fn start(shared: &Arc<Shared>, state: &mut WatcherState) -> Result<()> {
    let running = state.downloading.len();
    if running >= MOST || state.registry.downloads.waiting() == 0 {
        return Ok(());
    }
    let own = Arc::clone(shared);
    // The host's progress callback is its own code.
    match sys::spawn("pictory-download", sys::default_stack(), move || run(&own)) {
        Ok(thread) => state.downloading.push(thread),
        Err(cause) if running == 0 => {
            return Err(Error::system("start a thread for the download", &cause));
        }
        Err(_) => {}
    }
    Ok(())
}

/// Whether this thread downloads for the watcher.
pub(super) fn is_current(shared: &Shared) -> bool {
    DOWNLOADS_FOR.get() == std::ptr::from_ref(shared) as usize
}

fn run(shared: &Arc<Shared>) {
    DOWNLOADS_FOR.set(std::ptr::from_ref::<Shared>(shared) as usize);
    let mut state = shared.lock();
    while !state.is_stopped
        && let Some(transfer) = state.registry.downloads.next_waiting()
    {
        drop(state);
        let outcome = transfer::make(shared, &transfer);
        state = shared.lock();
        shared.record_download(&mut state, transfer.serial, outcome);
        driver::alert_if_sooner(shared, &mut state);
    }
    let own = thread::current().id();
    let place = state.downloading.iter().position(|thread| thread.thread().id() == own);
    let thread = place.map(|place| state.downloading.swap_remove(place));
    shared.retire(state, thread);
}

/// Waits for the callback of a download that was removed, unless that has led to this call.
pub(super) fn await_callback(
    shared: &Shared,
    mut state: MutexGuard<'_, WatcherState>,
    serial: Serial,
) {
    let is_calling = |state: &mut WatcherState| {
        let entry = state.registry.downloads.get_mut(serial);
        entry.and_then(|entry| entry.calling).is_some_and(|thread| thread != this_thread())
    };
    while is_calling(&mut state) {
        state = shared.returned.wait(state).unwrap_or_else(PoisonError::into_inner);
    }
}
