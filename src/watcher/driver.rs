//! The thread that makes all requests of a watcher. It comes with the first watch, and goes when
//! nothing is left to be done.

use std::sync::{Arc, MutexGuard};
use std::thread::JoinHandle;
use std::time::Instant;

use super::in_flight::InFlight;
use super::slab::Slot;
use super::watch::End;
use super::work::{Gate, Work};
use super::{Shared, State};
use crate::error::{Error, Result};
use crate::sys::{self, Interest};

/// What a request needs, several times over; not for code of the host's.
const STACK: usize = 256 * 1024;

/// Keys of the poller that no request has.
const BELL: u64 = u64::MAX;
const NUDGE: u64 = u64::MAX - 1;

#[derive(Debug, Default)]
pub(super) struct Driver {
    thread: Option<JoinHandle<()>>,
    /// Until when the thread sleeps, if it does.
    asleep: Option<Option<Instant>>,
    /// A thread that has ended and was not joined yet.
    ended: Option<JoinHandle<()>>,
}

impl Shared {
    /// There may be something to do: the thread must look.
    pub(super) fn alert(self: &Arc<Shared>, state: &mut State) -> Result<()> {
        if state.driver.thread.is_none() && state.table.is_active() {
            // The host's log callback is its own code.
            let stack = if self.client.has_log() { sys::default_stack() } else { STACK };
            let shared = Arc::clone(self);
            let thread = sys::spawn("pictory-watcher", stack, move || shared.serve())
                .map_err(|cause| Error::system("start a thread for the watcher", &cause))?;
            state.driver.thread = Some(thread);
        } else if state.driver.asleep.take().is_some() {
            self.work_notifier.notify();
        }
        Ok(())
    }

    /// The same where it may know already when to look.
    pub(super) fn look(self: &Arc<Shared>, state: &mut State) {
        let by = state.table.next_event(Instant::now());
        let knows = |until: Option<Instant>| match (until, by) {
            (Some(until), Some(by)) => until <= by,
            (until, by) => until.is_some() || by.is_none(),
        };
        let is_over = !state.table.is_active();
        if state.driver.asleep.is_none_or(|until| is_over || !knows(until)) {
            // If the system refuses a thread, the next call that needs it tries again.
            let _ = self.alert(state);
        }
    }

    /// The thread.
    fn serve(self: &Arc<Shared>) {
        let mut in_flight = InFlight::new(&self.client, &self.poller);
        self.listen(true, true);
        let mut keys = Vec::new();
        let mut state = self.lock();
        while !state.is_stopped {
            for slot in state.table.take_cuts() {
                drop(state);
                let end = in_flight.cut(slot);
                state = self.lock();
                if end.is_some() {
                    self.put_back(&mut state, slot, end);
                }
            }
            let gate = || if in_flight.is_full() { Gate::Shut } else { self.gate() };
            match state.table.work(Instant::now(), gate) {
                Work::Do(slot, task) => {
                    drop(state);
                    let end = in_flight.begin(slot, task);
                    state = self.lock();
                    if end.is_some() {
                        self.put_back(&mut state, slot, end);
                    }
                }
                Work::Rest(_) if !state.table.is_active() => break,
                Work::Rest(until) => {
                    let until = [until, in_flight.earliest()].into_iter().flatten().min();
                    state.driver.asleep = Some(until);
                    drop(state);
                    state = self.fly(&mut in_flight, until, &mut keys);
                }
            }
        }
        for slot in in_flight.cut_all() {
            self.put_back(&mut state, slot, None);
        }
        let me = state.driver.thread.take();
        self.retire(state, me);
    }

    /// Sleeps until then, or until something happens, and does what there is to do then.
    fn fly<'a>(
        self: &'a Arc<Shared>,
        in_flight: &mut InFlight<'_>,
        until: Option<Instant>,
        keys: &mut Vec<u64>,
    ) -> MutexGuard<'a, State> {
        keys.clear();
        // It fails for lack of memory only: then nothing was ready.
        let _ = self.poller.wait(until, keys);
        let (has_rung, was_nudged) = (keys.contains(&BELL), keys.contains(&NUDGE));
        let mut ends: Vec<_> = keys.iter().filter_map(|key| in_flight.wake(*key)).collect();
        ends.extend(in_flight.expire(Instant::now()));
        let mut state = self.lock();
        state.driver.asleep = None;
        self.listen(has_rung, was_nudged);
        if has_rung {
            state.table.heed_tokens(Instant::now());
        }
        for (slot, end) in ends {
            self.put_back(&mut state, slot, Some(end));
        }
        state
    }

    /// Hears what has rung, and listens for the next time.
    fn listen(&self, token_notifier: bool, work_notifier: bool) {
        let notifiers = [
            (token_notifier, &*self.token_notifier, BELL),
            (work_notifier, &self.work_notifier, NUDGE),
        ];
        for (_, notifier, key) in notifiers.into_iter().filter(|(has_rung, ..)| *has_rung) {
            notifier.reset();
            // It fails for lack of memory only.
            let _ = self.poller.arm(Interest::Readable(notifier.descriptor()), key);
        }
    }

    /// Ends this thread. It is joined by whoever ends next, so that at most one is left to be.
    pub(super) fn retire(&self, mut state: MutexGuard<'_, State>, me: Option<JoinHandle<()>>) {
        // Without a handle, `stop` has it, and joins this thread.
        let before = me.and_then(|me| state.driver.ended.replace(me));
        drop(state);
        if let Some(before) = before {
            let _ = before.join();
        }
    }

    /// Leave for one poll.
    fn gate(&self) -> Gate {
        let pause = self.client.backoff().until(Instant::now());
        pause.or_else(|| self.client.claim_turn()).map_or(Gate::Open, Gate::OpensAt)
    }

    /// Takes back a watch whose step is over.
    pub(super) fn put_back(self: &Arc<Shared>, state: &mut State, slot: Slot, end: Option<End>) {
        if let Some(report) = state.table.put_back(slot, end, Instant::now()) {
            self.report(state, report);
        }
        self.note_ready(state);
    }

    /// Gives all threads over to be joined, after they were woken.
    pub(super) fn dismiss(&self, state: &mut State) -> Vec<JoinHandle<()>> {
        self.work_notifier.notify();
        let (callback_thread, untold) = state.callback_thread.dismiss();
        for slot in untold {
            state.table.put_back(slot, None, Instant::now());
        }
        let threads = [state.driver.thread.take(), state.driver.ended.take(), callback_thread];
        threads.into_iter().flatten().collect()
    }
}
