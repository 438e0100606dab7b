//! Many jobs at once: every watch is a wait that holds no thread.
//!
//! The room: `WatchTable` knows all watches and where each of them
//! stands; it has neither threads nor a clock. One thread, the driver, takes steps out of it that are
//! due, makes their requests (`InFlight`), sleeps in the poller until one of
//! them can go on, and records the results. A result that is for a callback takes the way round by
//! the callback thread, which records it in turn.
//!
//! One lock, in `Shared`, protects the table, the queue of callbacks and the handles of both
//! threads. Nothing that blocks is done under it, and nothing that calls the host. The driver owns
//! the requests in flight; no other thread touches them, so that they need no lock.

mod callback_thread;
mod crowds;
mod driver;
mod in_flight;
mod shared;
mod slab;
mod watch;
mod watch_table;

use std::sync::{Arc, PoisonError};
use std::time::Instant;

use crate::client::Client;
use crate::error::Result;
use crate::job::JobId;
use crate::outcome::Outcome;
use crate::sys::{self, Notifier};
use shared::Shared;
pub use watch::{OnPoll, Options};

/// Waits for many jobs at once.
#[derive(Debug)]
pub struct Watcher(Arc<Shared>);

impl Watcher {
    /// Makes a watcher without watches. It has no thread before there is something to do.
    pub fn new(client: &Arc<Client>) -> Result<Watcher> {
        sys::notice_forks();
        Ok(Watcher(Arc::new(Shared::new(client)?)))
    }

    /// Watches a job. The watch is known by the job's id and `tag`.
    pub fn add(&self, id: &JobId, options: Options, tag: u64) -> Result<()> {
        if let Some(token) = &options.token {
            token.check_owner()?;
        }
        let has_callback = options.on_poll.is_some();
        let mut state = self.0.owned()?;
        // Then the driver looks as soon as there is room.
        let was_queueing = state.table.is_queueing();
        state.table.add(id, options, tag, Instant::now())?;
        let is_known = was_queueing && state.table.is_queueing();
        let mut started = Ok(());
        if has_callback {
            started = callback_thread::start(&self.0, &mut state);
        }
        if !is_known {
            started = started.and_then(|()| driver::alert(&self.0, &mut state));
        }
        started.inspect_err(|_| {
            let _ = state.table.remove(id, tag);
            self.0.publish(&mut state);
        })
    }

    /// Forgets a watch. Waits for a callback of it that is running, unless called by that.
    pub fn remove(&self, id: &JobId, tag: u64) -> Result<()> {
        let mut state = self.0.owned()?;
        // Held to the end: its address tells it from the extras of any other watch.
        let extras = state.table.remove(id, tag)?;
        self.0.publish(&mut state);
        driver::alert_if_sooner(&self.0, &mut state);
        while state.callbacks.is_calling_elsewhere(&self.0, extras.as_ref()) {
            state = self.0.returned.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        Ok(())
    }

    /// Has a job polled now, whatever its interval.
    pub fn poke(&self, id: &JobId) -> Result<()> {
        let mut state = self.0.owned()?;
        state.table.poke(id, Instant::now())?;
        driver::alert(&self.0, &mut state)
    }

    /// Hands out a watch that is settled; waits for one until then, for ever without a time. `None`:
    /// the time is up, nothing is pending, or a caller has used [`Watcher::wake`].
    pub fn next(&self, until: Option<Instant>) -> Option<Outcome> {
        let mut state = self.0.owned().ok()?;
        loop {
            if state.is_stopped {
                return None;
            }
            if let Some(left) = state.wakes.checked_sub(1) {
                state.wakes = left;
                return None;
            }
            if let Some(outcome) = state.table.next() {
                self.0.publish(&mut state);
                return Some(outcome);
            }
            if state.table.pending() == 0 {
                return None;
            }
            state = match until.map(|until| until.saturating_duration_since(Instant::now())) {
                None => self.0.settled.wait(state).unwrap_or_else(PoisonError::into_inner),
                Some(left) if left.is_zero() => return None,
                Some(left) => {
                    let waited = self.0.settled.wait_timeout(state, left);
                    waited.unwrap_or_else(PoisonError::into_inner).0
                }
            };
        }
    }

    /// Has one call of [`Watcher::next`] return without a result.
    pub fn wake(&self) {
        if let Ok(mut state) = self.0.owned() {
            state.wakes = state.wakes.saturating_add(1);
            self.0.settled.notify_one();
        }
    }

    /// How many watches were added and neither handed out nor removed.
    pub fn pending(&self) -> usize {
        self.0.owned().map_or(0, |state| state.table.pending())
    }

    /// A descriptor that is readable while [`Watcher::next`] would hand out a watch at once
    /// (level-triggered).
    pub fn descriptor(&self) -> Option<i32> {
        let mut state = self.0.owned().ok()?;
        if state.ready_flag.is_none() {
            state.ready_flag = Notifier::new().ok().map(|notifier| (notifier, false));
            self.0.publish(&mut state);
        }
        state.ready_flag.as_ref().and_then(|(notifier, _)| notifier.for_the_host())
    }

    /// Stops: requests in flight are cut, and no callback runs afterwards.
    pub fn stop(&self) {
        let Ok(mut state) = self.0.owned() else { return };
        state.is_stopped = true;
        state.table.clear();
        self.0.publish(&mut state);
        let threads = self.0.dismiss(&mut state);
        self.0.returned.notify_all();
        drop(state);
        // A callback that stops its own watcher cannot wait for its own thread.
        let callbacks = threads.callbacks.filter(|_| !callback_thread::is_current(&self.0));
        for thread in [threads.driver, threads.ended, callbacks].into_iter().flatten() {
            let _ = thread.join();
        }
    }
}

impl Drop for Watcher {
    fn drop(&mut self) {
        if self.0.is_own() {
            self.stop();
        } else {
            // A forked child: a thread that is not there may have held the lock.
            std::mem::forget(Arc::clone(&self.0));
        }
    }
}
