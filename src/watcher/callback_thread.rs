//! The thread that calls callbacks: one at a time, with a stack that the host's code is used to.

use std::collections::VecDeque;
use std::sync::Arc;
use std::thread::{self, JoinHandle, ThreadId};
use std::time::{Duration, Instant};

use super::slab::Slot;
use super::watch::{End, panicked, told, untold};
use super::work::Report;
use super::{Shared, State};
use crate::error::Error;
use crate::panic_guard;
use crate::sys;

/// How long the thread stays when there is nothing to tell.
const IDLE: Duration = Duration::from_secs(1);

#[derive(Debug, Default)]
pub(super) struct CallbackThread {
    waiting: VecDeque<Report>,
    /// The watch whose callback is running, and where.
    calling: Option<(Slot, ThreadId)>,
    thread: Option<JoinHandle<()>>,
    /// Whether the thread is parked and takes what comes.
    is_idle: bool,
}

impl CallbackThread {
    /// Whether the callback of this watch is running, on another thread than this one.
    pub(super) fn is_calling_for(&self, slot: Slot) -> bool {
        let here = thread::current().id();
        self.calling.is_some_and(|(calling, thread)| calling == slot && thread != here)
    }

    /// Gives the thread over to be joined, after it was woken, and the watches that it has not
    /// told of.
    pub(super) fn dismiss(&mut self) -> (Option<JoinHandle<()>>, Vec<Slot>) {
        let thread = self.thread.take().inspect(|thread| thread.thread().unpark());
        (thread, self.waiting.drain(..).map(|report| report.slot).collect())
    }
}

impl Shared {
    /// Has the callback told. If the system refuses the thread for it, the watch ends: it would wait
    /// for ever to be told.
    pub(super) fn report(self: &Arc<Shared>, state: &mut State, report: Report) {
        let callback_thread = &mut state.callback_thread;
        if callback_thread.thread.is_none() {
            let shared = Arc::clone(self);
            let stack = sys::default_stack();
            match sys::spawn("pictory-on-poll", stack, move || shared.tell()) {
                Ok(thread) => callback_thread.thread = Some(thread),
                Err(cause) => {
                    let slot = report.slot;
                    let refused = Error::system("start a thread for the callback", &cause);
                    return self.put_back(state, slot, Some(untold(report, refused)));
                }
            }
        }
        callback_thread.waiting.push_back(report);
        if let Some(thread) = callback_thread.thread.as_ref().filter(|_| callback_thread.is_idle) {
            thread.thread().unpark();
        }
    }

    /// The thread.
    fn tell(self: &Arc<Shared>) {
        let mut state = self.lock();
        let mut idle_since = Instant::now();
        while !state.is_stopped {
            let Some(report) = state.callback_thread.waiting.pop_front() else {
                if idle_since.elapsed() >= IDLE {
                    let me = state.callback_thread.thread.take();
                    return self.retire(state, me);
                }
                state.callback_thread.is_idle = true;
                drop(state);
                thread::park_timeout(IDLE);
                state = self.lock();
                state.callback_thread.is_idle = false;
                continue;
            };
            let slot = report.slot;
            let end = if state.table.is_removed(slot) {
                None
            } else {
                state.callback_thread.calling = Some((slot, thread::current().id()));
                drop(state);
                let (id, tag) = (report.id, report.tag);
                let end = panic_guard::inside(|| self.call_back(report));
                state = self.lock();
                state.callback_thread.calling = None;
                self.returned.notify_all();
                Some(end.unwrap_or_else(|| panicked(&id, tag)))
            };
            self.put_back(&mut state, slot, end);
            self.look(&mut state);
            idle_since = Instant::now();
        }
    }

    fn call_back(&self, report: Report) -> End {
        let on_poll = report.extras.on_poll.as_ref();
        let goes_on = on_poll.is_none_or(|on_poll| on_poll(&report.outcome));
        told(&self.client, report, goes_on)
    }
}
