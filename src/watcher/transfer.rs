//! One download of a watcher, on the thread that makes it.

use std::sync::MutexGuard;
use std::time::Instant;

use super::download_table::Transfer;
use super::shared::{Shared, WatcherState};
use super::this_thread::this_thread;
use crate::download::download;
use crate::error::Error;
use crate::outcome::Outcome;
use crate::panic_guard;

/// Makes a download, on this thread.
pub(super) fn make(shared: &Shared, transfer: &Transfer) -> Box<Outcome> {
    let (order, started) = (&*transfer.order, Instant::now());
    let mut tell = |done, total| {
        let mut state = shared.lock();
        if order.updates {
            let mut update = Outcome::of_progress(&order.job, started, (done, total));
            update.set_tag(transfer.tag);
            state.registry.update_download(transfer.serial, Box::new(update));
            shared.publish(&mut state);
        }
        call_back(shared, state, transfer, done, total)
    };
    let download = || {
        let (client, path) = (&shared.client, &order.path);
        let (token, told) = (Some(&transfer.cut), Some(&mut tell as _));
        download(client, &order.job, order.output, path, order.limits, token, told)
    };
    let panicked = || Outcome::refused(Error::panicked(), order.job.id().map(|id| id.as_str()));
    let mut outcome = panic_guard::inside(download).unwrap_or_else(panicked);
    outcome.set_tag(transfer.tag);
    Box::new(outcome)
}

/// Calls the host's callback without the lock, unless the download was removed; `false` ends it.
fn call_back(
    shared: &Shared,
    mut state: MutexGuard<'_, WatcherState>,
    transfer: &Transfer,
    done: u64,
    total: u64,
) -> bool {
    let Some(entry) = state.registry.downloads.get_mut(transfer.serial) else { return false };
    if entry.is_removed {
        return false;
    }
    let Some(on_progress) = &transfer.order.on_progress else { return true };
    entry.calling = Some(this_thread());
    drop(state);
    let goes_on = on_progress(done, total);
    let mut state = shared.lock();
    if let Some(entry) = state.registry.downloads.get_mut(transfer.serial) {
        entry.calling = None;
    }
    shared.returned.notify_all();
    goes_on
}
