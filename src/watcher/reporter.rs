//! The thread that calls callbacks: one at a time, with a stack that the host's code is used to.

use std::collections::VecDeque;
use std::sync::Arc;
use std::thread::{self, JoinHandle, ThreadId};
use std::time::{Duration, Instant};

use super::slab::Slot;
use super::watch::{answered, panicked};
use super::work::Report;
use super::{Shared, State};
use crate::quiet;
use crate::sys;

/// How long the thread stays when there is nothing to tell.
const IDLE: Duration = Duration::from_secs(1);

#[derive(Debug, Default)]
pub(super) struct Reporter {
    waiting: VecDeque<Report>,
    /// The watch whose callback is running, and where.
    calling: Option<(Slot, ThreadId)>,
    thread: Option<JoinHandle<()>>,
    /// Whether the thread is parked and takes what comes.
    is_idle: bool,
}

impl Reporter {
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
    /// Has the callback told. If the system refuses a thread, it is tried again with the next one.
    pub(super) fn report(self: &Arc<Shared>, state: &mut State, report: Report) {
        state.reporter.waiting.push_back(report);
        match &state.reporter.thread {
            Some(thread) if state.reporter.is_idle => thread.thread().unpark(),
            Some(_) => {}
            None => {
                let shared = Arc::clone(self);
                let stack = sys::default_stack();
                let started = sys::spawn("pictory-on-poll", stack, move || shared.tell());
                state.reporter.thread = started.ok();
            }
        }
    }

    /// The thread.
    fn tell(self: &Arc<Shared>) {
        let mut state = self.lock();
        let mut idle_since = Instant::now();
        while !state.is_stopped {
            let Some(report) = state.reporter.waiting.pop_front() else {
                if idle_since.elapsed() >= IDLE {
                    let me = state.reporter.thread.take();
                    return self.retire(state, me);
                }
                state.reporter.is_idle = true;
                drop(state);
                thread::park_timeout(IDLE);
                state = self.lock();
                state.reporter.is_idle = false;
                continue;
            };
            let slot = report.slot;
            let end = if state.board.is_removed(slot) {
                None
            } else {
                state.reporter.calling = Some((slot, thread::current().id()));
                drop(state);
                let (id, tag) = (report.id, report.tag);
                let end = quiet::inside(|| self.call_back(report));
                state = self.lock();
                state.reporter.calling = None;
                self.returned.notify_all();
                Some(end.unwrap_or_else(|| panicked(&id, tag)))
            };
            self.put_back(&mut state, slot, end);
            self.look(&mut state);
            idle_since = Instant::now();
        }
    }

    fn call_back(&self, report: Report) -> super::watch::End {
        let Report { id, tag, extras, schedule, outcome, .. } = report;
        let goes_on = extras.on_poll.as_ref().is_none_or(|on_poll| on_poll(&outcome));
        answered(&self.client, &id, tag, goes_on, schedule, *outcome)
    }
}
