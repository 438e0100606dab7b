//! Many jobs at once: every watch is a wait that holds no thread.
//!
//! The room: the `Registry` knows all watches and downloads by id and tag, and the results that wait to be
//! handed out. Its `WatchTable` knows where each watch stands; it has neither threads nor a clock. One
//! thread, the driver, takes steps out of it that are due, makes their requests (`InFlight`), sleeps in the
//! poller until one of them can go on, and records the results. A result that is for a callback takes
//! the way round by the callback thread, which records it in turn. Downloads block, each on one of a few
//! threads of their own (`download_thread`).
//!
//! One lock, in `Shared`, protects the registry, the queue of callbacks and the handles of all threads.
//! Nothing that blocks is done under it, and nothing that calls the host. The driver owns the requests in
//! flight; no other thread touches them, so that they need no lock.

mod callback_thread;
mod crowds;
mod download_table;
mod download_thread;
mod driver;
mod in_flight;
mod ready_callback;
mod ready_queue;
mod registry;
mod shared;
mod slab;
mod this_thread;
mod transfer;
mod watch;
mod watch_table;

use std::sync::{Arc, PoisonError};
use std::time::Instant;

use crate::client::Client;
use crate::download;
use crate::error::Result;
use crate::job::JobId;
use crate::outcome::Outcome;
use crate::sys::{self, Notifier};
pub use download_table::{OnDownload, Order};
pub use ready_callback::OnReady;
use registry::Callback;
use shared::{Shared, WatcherState};
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
        let mut state = self.0.owned()?;
        // Then the driver looks as soon as there is room.
        let was_queueing = state.registry.watches.is_queueing();
        state.registry.watch(id, options, tag, Instant::now())?;
        let is_known = was_queueing && state.registry.watches.is_queueing();
        let mut started = callback_thread::start(&self.0, &mut state);
        if !is_known {
            started = started.and_then(|()| driver::alert(&self.0, &mut state));
        }
        started.inspect_err(|_| {
            let _ = state.registry.remove(id, tag);
            self.0.publish(&mut state);
        })
    }

    /// Downloads an output of a job, on a thread of the watcher's. Known by the job's id and `tag`, as a
    /// watch is.
    pub fn download(&self, mut order: Order, tag: u64) -> Result<()> {
        if let Some(token) = &order.token {
            token.check_owner()?;
        }
        let id = JobId::parse(order.job.id().map_or("", |id| id.as_str()))?;
        download::check(&order.job, order.output, &order.path)?;
        // The host may change its folder before it is its turn.
        order.path = download::absolute(&order.path)?;
        let mut state = self.0.owned()?;
        state.registry.download(&id, order, tag)?;
        callback_thread::start(&self.0, &mut state)
            .and_then(|()| download_thread::start(&self.0, &mut state))
            .and_then(|()| match state.registry.downloads.needs_driver() {
                true => driver::alert(&self.0, &mut state),
                false => Ok(()),
            })
            .inspect_err(|_| {
                let _ = state.registry.remove(&id, tag);
                self.0.publish(&mut state);
            })
    }

    /// Forgets a watch or a download. Waits for a callback of it that is running, unless called by that.
    pub fn remove(&self, id: &JobId, tag: u64) -> Result<()> {
        let mut state = self.0.owned()?;
        // Held to the end: its address tells the extras from those of any other watch.
        let callback = state.registry.remove(id, tag)?;
        self.0.publish(&mut state);
        driver::alert_if_sooner(&self.0, &mut state);
        match &callback {
            Some(Callback::OfWatch(extras)) => {
                callback_thread::await_callback(&self.0, state, extras)
            }
            Some(Callback::OfDownload(serial)) => {
                download_thread::await_callback(&self.0, state, *serial);
            }
            None => {}
        }
        Ok(())
    }

    /// Has a job polled now, whatever its interval.
    pub fn poke(&self, id: &JobId) -> Result<()> {
        let mut state = self.0.owned()?;
        state.registry.poke(id, Instant::now())?;
        driver::alert(&self.0, &mut state)
    }

    /// Hands out a watch that is settled, or an update; waits for one until then, for ever without a
    /// time. `None`: the time is up, nothing is pending, or a caller has used [`Watcher::wake`].
    pub fn next(&self, until: Option<Instant>) -> Option<Box<Outcome>> {
        self.hand_out(until, |state| state.registry.pending() == 0)
    }

    /// As [`Watcher::next`], but waits while nothing is pending, too.
    pub fn take(&self, until: Option<Instant>) -> Option<Box<Outcome>> {
        self.hand_out(until, |_| false)
    }

    fn hand_out(
        &self,
        until: Option<Instant>,
        is_over: impl Fn(&WatcherState) -> bool,
    ) -> Option<Box<Outcome>> {
        let mut state = self.0.owned().ok()?;
        loop {
            if state.is_stopped {
                return None;
            }
            if let Some(left) = state.wakes.checked_sub(1) {
                state.wakes = left;
                return None;
            }
            if let Some(outcome) = state.registry.next() {
                self.0.publish(&mut state);
                return Some(outcome);
            }
            if is_over(&state) {
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

    /// Sets who is told that there begins to be something to hand out; at once, if there is already.
    /// Waits for a call in progress, unless called by that.
    pub fn set_on_ready(&self, callback: Option<OnReady>) -> Result<()> {
        let mut state = self.0.owned()?;
        state.on_ready.clear();
        state = callback_thread::await_ready_call(&self.0, state);
        if state.is_stopped || callback.is_none() {
            return Ok(());
        }
        state.on_ready.callback = callback;
        if let Err(error) = callback_thread::start(&self.0, &mut state) {
            state.on_ready.clear();
            return Err(error);
        }
        if state.is_ready {
            drop(callback_thread::call_ready(&self.0, state));
        }
        Ok(())
    }

    /// Has one call of [`Watcher::next`] or [`Watcher::take`] return without a result.
    pub fn wake(&self) {
        if let Ok(mut state) = self.0.owned() {
            state.wakes = state.wakes.saturating_add(1);
            self.0.settled.notify_one();
        }
    }

    /// How many watches were added and neither handed out nor removed.
    pub fn pending(&self) -> usize {
        self.0.owned().map_or(0, |state| state.registry.pending())
    }

    /// A descriptor that is readable while [`Watcher::next`] would hand out a watch at once
    /// (level-triggered).
    pub fn descriptor(&self) -> Option<i32> {
        let mut state = self.0.owned().ok()?;
        if state.ready_flag.is_none() {
            let flag = Notifier::new().ok()?;
            if state.is_ready {
                flag.notify();
            }
            state.ready_flag = Some(flag);
        }
        state.ready_flag.as_ref().and_then(Notifier::for_the_host)
    }

    /// Stops: requests in flight are cut, and no callback runs afterwards.
    pub fn stop(&self) {
        let Ok(mut state) = self.0.owned() else { return };
        state.is_stopped = true;
        state.registry.clear();
        state.on_ready.clear();
        self.0.publish(&mut state);
        let threads = self.0.dismiss(&mut state);
        self.0.returned.notify_all();
        drop(callback_thread::await_ready_call(&self.0, state));
        // A callback that stops its own watcher cannot wait for its own thread.
        let callbacks = threads.callbacks.filter(|_| !callback_thread::is_current(&self.0));
        // Neither can a callback of a download.
        let is_downloading = download_thread::is_current(&self.0);
        let own = is_downloading.then(|| std::thread::current().id());
        let downloading = threads.downloading.into_iter();
        let downloading = downloading.filter(|thread| Some(thread.thread().id()) != own);
        let others = [threads.driver, threads.ended, callbacks].into_iter().flatten();
        for thread in others.chain(downloading) {
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
