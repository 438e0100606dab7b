//! State that the threads of a watcher share with its callers, and the lock around it.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Instant;

use super::download_table::Serial;
use super::ready_callback::ReadyCallback;
use super::registry::Registry;
use super::slab::Slot;
use super::watch::{Extras, StepResult, WatchStep};
use crate::client::Client;
use crate::error::{Error, Result};
use crate::outcome::Outcome;
use crate::sys::{self, Notifier, Poller};

/// Shared by the watcher and its threads.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) client: Arc<Client>,
    generation: u32,
    state: Mutex<WatcherState>,
    pub(super) poller: Poller,
    /// Wakes the driver: a token was cancelled.
    pub(super) token_notifier: Arc<Notifier>,
    /// Wakes the driver: something is to be done sooner than it knows.
    pub(super) work_notifier: Notifier,
    /// Wakes callers that wait for a settled watch.
    pub(super) settled: Condvar,
    /// Wakes callers that wait until a callback has returned.
    pub(super) returned: Condvar,
}

/// The state behind the lock.
#[derive(Debug)]
pub(super) struct WatcherState {
    pub(super) registry: Registry,
    pub(super) driver: DriverHandle,
    pub(super) callbacks: CallbackQueue,
    /// Whether there was something to hand out when callers were last told.
    pub(super) is_ready: bool,
    /// Readable while there is something to hand out, once a caller has asked for the descriptor.
    pub(super) ready_flag: Option<Notifier>,
    pub(super) on_ready: ReadyCallback,
    /// The threads that download.
    pub(super) downloading: Vec<JoinHandle<()>>,
    /// How many calls of `next` are to return without a result.
    pub(super) wakes: usize,
    pub(super) is_stopped: bool,
    /// A thread that has ended and was not joined yet.
    ended: Option<JoinHandle<()>>,
}

/// The driver's thread, as others see it.
#[derive(Debug, Default)]
pub(super) struct DriverHandle {
    pub(super) thread: Option<JoinHandle<()>>,
    /// Until when the thread sleeps, if it does.
    pub(super) asleep: Option<Option<Instant>>,
}

/// The steps that wait for their callbacks, and the thread that calls them.
#[derive(Debug, Default)]
pub(super) struct CallbackQueue {
    pub(super) waiting: VecDeque<Box<WatchStep>>,
    /// The watch whose callback is running, by its extras.
    pub(super) calling: Option<Arc<Extras>>,
    pub(super) thread: Option<JoinHandle<()>>,
}

impl CallbackQueue {
    /// Wakes the thread: there is a step for it, or nothing more to come.
    pub(super) fn wake(&self) {
        if let Some(thread) = &self.thread {
            thread.thread().unpark();
        }
    }
}

impl WatcherState {
    /// Whether there are callbacks that may have to be called.
    pub(super) fn has_callbacks(&self) -> bool {
        let is_told = self.on_ready.callback.is_some() && self.registry.pending() > 0;
        is_told || self.registry.has_callbacks()
    }
}

impl Shared {
    pub(super) fn new(client: &Arc<Client>) -> Result<Shared> {
        let no_descriptor =
            |cause| Error::system("get a descriptor for the watcher", &cause as &std::io::Error);
        let token_notifier = Arc::new(Notifier::new().map_err(no_descriptor)?);
        let state = WatcherState {
            registry: Registry::new(&token_notifier),
            driver: DriverHandle::default(),
            callbacks: CallbackQueue::default(),
            is_ready: false,
            ready_flag: None,
            on_ready: ReadyCallback::default(),
            downloading: Vec::new(),
            wakes: 0,
            is_stopped: false,
            ended: None,
        };
        Ok(Shared {
            client: Arc::clone(client),
            generation: sys::generation(),
            state: Mutex::new(state),
            poller: Poller::new().map_err(no_descriptor)?,
            token_notifier,
            work_notifier: Notifier::new().map_err(no_descriptor)?,
            settled: Condvar::new(),
            returned: Condvar::new(),
        })
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, WatcherState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether this process made the watcher, and no parent of it.
    pub(super) fn is_own(&self) -> bool {
        self.generation == sys::generation()
    }

    /// The state, unless it is that of a parent process, whose lock may be held for ever.
    pub(super) fn owned(&self) -> Result<MutexGuard<'_, WatcherState>> {
        if self.is_own() {
            return Ok(self.lock());
        }
        Err(Error::argument(
            "the watcher was made before fork() in the parent process: make a new one in the child",
        ))
    }

    /// Records the result of a step, and passes it on to the callback's thread if it is for that.
    pub(super) fn record(&self, state: &mut WatcherState, slot: Slot, result: StepResult) {
        if let Some(step) = state.registry.record(slot, result, Instant::now()) {
            state.callbacks.waiting.push_back(step);
            state.callbacks.wake();
        }
        self.publish(state);
    }

    /// Records the end of a download.
    pub(super) fn record_download(
        &self,
        state: &mut WatcherState,
        serial: Serial,
        end: Box<Outcome>,
    ) {
        state.registry.record_download(serial, end);
        self.publish(state);
        // Its callback is over, too.
        self.returned.notify_all();
    }

    /// Lets callers know what the table has to hand out now.
    pub(super) fn publish(&self, state: &mut WatcherState) {
        let is_ready = state.registry.is_ready();
        if state.is_ready != is_ready {
            state.is_ready = is_ready;
            if let Some(flag) = &state.ready_flag {
                if is_ready { flag.notify() } else { flag.reset() }
            }
            state.on_ready.is_due = is_ready && state.on_ready.callback.is_some();
            if state.on_ready.is_due {
                state.callbacks.wake();
            }
        }
        if state.is_stopped || state.registry.pending() == 0 {
            self.settled.notify_all();
        } else if is_ready {
            self.settled.notify_one();
        }
        if !state.has_callbacks() {
            state.callbacks.wake();
        }
    }

    /// Ends the thread that calls this. It is joined by the one that ends next, so that at most one is
    /// left to be.
    pub(super) fn retire(
        &self,
        mut state: MutexGuard<'_, WatcherState>,
        thread: Option<JoinHandle<()>>,
    ) {
        // Without a handle, `dismiss` has it, and joins this thread.
        let before = thread.and_then(|thread| state.ended.replace(thread));
        drop(state);
        if let Some(before) = before {
            let _ = before.join();
        }
    }

    /// Wakes all threads, to be joined: they end, since the watcher is stopped.
    pub(super) fn dismiss(&self, state: &mut WatcherState) -> Threads {
        self.work_notifier.notify();
        state.callbacks.wake();
        for step in std::mem::take(&mut state.callbacks.waiting) {
            state.registry.record(step.slot, StepResult::Dropped, Instant::now());
        }
        Threads {
            driver: state.driver.thread.take(),
            ended: state.ended.take(),
            callbacks: state.callbacks.thread.take(),
            downloading: std::mem::take(&mut state.downloading),
        }
    }
}

/// The threads of a watcher that is stopped.
pub(super) struct Threads {
    pub(super) driver: Option<JoinHandle<()>>,
    pub(super) ended: Option<JoinHandle<()>>,
    pub(super) callbacks: Option<JoinHandle<()>>,
    pub(super) downloading: Vec<JoinHandle<()>>,
}
