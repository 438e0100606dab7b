//! Many jobs at once: every watch is a wait, and one thread drives them all.

mod callback_thread;
mod driver;
mod in_flight;
mod slab;
mod watch;
mod watch_table;
mod work;

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use crate::client::Client;
use crate::error::{Error, Result};
use crate::job::JobId;
use crate::outcome::Outcome;
use crate::sys::{self, Notifier, Poller};
use callback_thread::CallbackThread;
use driver::Driver;
pub use watch::{OnPoll, Options};
use watch_table::WatchTable;

/// Waits for many jobs at once.
#[derive(Debug)]
pub struct Watcher(Arc<Shared>);

/// What the threads of a watcher share with those who use it.
#[derive(Debug)]
struct Shared {
    client: Arc<Client>,
    generation: u32,
    state: Mutex<State>,
    poller: Poller,
    /// Wakes the thread: a token was cancelled.
    token_notifier: Arc<Notifier>,
    /// The same: something else is to be done sooner than it knows.
    work_notifier: Notifier,
    /// For those who wait for a settled watch.
    settled: Condvar,
    /// For those who wait until a callback has returned.
    returned: Condvar,
}

#[derive(Debug)]
struct State {
    table: WatchTable,
    driver: Driver,
    callback_thread: CallbackThread,
    /// Readable while a watch is settled, once somebody has asked for it; and whether it is now.
    flag: Option<(Notifier, bool)>,
    /// How many calls of `next` are to return without a result.
    wakes: usize,
    is_stopped: bool,
}

impl Watcher {
    /// A watcher without watches. It has no thread before there is something to do.
    pub fn new(client: &Arc<Client>) -> Result<Watcher> {
        sys::notice_forks();
        let lacks_descriptor =
            |cause: &std::io::Error| Error::system("get a descriptor for the watcher", cause);
        let wake = || Notifier::new().map_err(|cause| lacks_descriptor(&cause));
        let token_notifier = Arc::new(wake()?);
        let state = State {
            table: WatchTable::new(Arc::clone(&token_notifier)),
            driver: Driver::default(),
            callback_thread: CallbackThread::default(),
            flag: None,
            wakes: 0,
            is_stopped: false,
        };
        Ok(Watcher(Arc::new(Shared {
            client: Arc::clone(client),
            generation: sys::generation(),
            state: Mutex::new(state),
            poller: Poller::new().map_err(|cause| lacks_descriptor(&cause))?,
            token_notifier,
            work_notifier: wake()?,
            settled: Condvar::new(),
            returned: Condvar::new(),
        })))
    }

    /// Watches a job. It is known by its id and `tag`.
    pub fn add(&self, id: &JobId, options: Options, tag: u64) -> Result<()> {
        if let Some(token) = &options.token {
            token.check_owner()?;
        }
        let mut state = self.0.owned()?;
        // Then somebody looks as soon as there is room.
        let was_queueing = state.table.is_queueing();
        state.table.add(id, options, tag, Instant::now())?;
        let is_known = was_queueing && state.table.is_queueing();
        if !is_known && let Err(error) = self.0.alert(&mut state) {
            let _ = state.table.remove(id, tag);
            return Err(error);
        }
        Ok(())
    }

    /// Forgets a watch. Waits for a callback of it that is running, unless called by that.
    pub fn remove(&self, id: &JobId, tag: u64) -> Result<()> {
        let mut state = self.0.owned()?;
        let slot = state.table.remove(id, tag)?;
        self.0.note_ready(&mut state);
        self.0.look(&mut state);
        while state.callback_thread.is_calling_for(slot) {
            state = self.0.returned.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        Ok(())
    }

    /// Has a job polled now, whatever its interval.
    pub fn poke(&self, id: &JobId) -> Result<()> {
        let mut state = self.0.owned()?;
        state.table.poke(id, Instant::now())?;
        self.0.alert(&mut state)
    }

    /// A watch that is settled; waits for one until then, for ever without a time. `None`: the time
    /// is up, nothing is pending, or somebody has called [`Watcher::wake`].
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
                self.0.note_ready(&mut state);
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

    /// A descriptor that is readable while [`Watcher::next`] would hand out a watch at once.
    pub fn descriptor(&self) -> Option<i32> {
        let mut state = self.0.owned().ok()?;
        if state.flag.is_none() {
            state.flag = Notifier::new().ok().map(|wake| (wake, false));
            self.0.note_ready(&mut state);
        }
        state.flag.as_ref().and_then(|(wake, _)| wake.for_the_host())
    }

    /// Stops: requests in flight are cut, and no callback runs afterwards.
    pub fn stop(&self) {
        let Ok(mut state) = self.0.owned() else { return };
        state.is_stopped = true;
        state.table.clear();
        self.0.note_ready(&mut state);
        let threads = self.0.dismiss(&mut state);
        self.0.returned.notify_all();
        drop(state);
        for thread in threads {
            // Its own thread cannot wait for itself: this was called by a callback.
            if thread.thread().id() != std::thread::current().id() {
                let _ = thread.join();
            }
        }
    }
}

impl Drop for Watcher {
    fn drop(&mut self) {
        if self.0.generation == sys::generation() {
            self.stop();
        } else {
            // A forked child: a thread that is not there may have held the lock.
            std::mem::forget(Arc::clone(&self.0));
        }
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The state, unless it is that of a parent process, whose lock may be held for ever.
    fn owned(&self) -> Result<MutexGuard<'_, State>> {
        if self.generation == sys::generation() {
            return Ok(self.lock());
        }
        Err(Error::argument(
            "the watcher was made before fork() in the parent process: make a new one in the child",
        ))
    }

    /// Tells those who wait what the board has to hand out now.
    fn note_ready(&self, state: &mut State) {
        let is_ready = state.table.is_ready();
        if let Some((flag, is_set)) = &mut state.flag
            && *is_set != is_ready
        {
            *is_set = is_ready;
            if is_ready { flag.notify() } else { flag.reset() }
        }
        if state.is_stopped || state.table.pending() == 0 {
            self.settled.notify_all();
        } else if is_ready {
            self.settled.notify_one();
        }
    }
}
