//! The thread that makes all requests of a watcher. It comes with the first watch, and goes when
//! nothing is left to be done.

use std::sync::{Arc, MutexGuard};
use std::thread::JoinHandle;
use std::time::Instant;

use super::flights::Flights;
use super::slab::Slot;
use super::watch::End;
use super::work::{Gate, Work};
use super::{Shared, State};
use crate::error::{Error, Result};
use crate::sys::{self, For};

/// What a request needs, several times over; not for code of the host's.
const STACK: usize = 256 * 1024;

/// Keys of the poller that no request has.
const BELL: u64 = u64::MAX;
const NUDGE: u64 = u64::MAX - 1;

#[derive(Debug, Default)]
pub(super) struct Crew {
    thread: Option<JoinHandle<()>>,
    /// Until when the thread sleeps, if it does.
    asleep: Option<Option<Instant>>,
    /// A thread that has ended and was not joined yet.
    ended: Option<JoinHandle<()>>,
}

impl Shared {
    /// There may be something to do: the thread must look.
    pub(super) fn alert(self: &Arc<Shared>, state: &mut State) -> Result<()> {
        if state.crew.thread.is_none() && state.board.is_active() {
            // The host's log callback is its own code.
            let stack = if self.client.has_log() { sys::default_stack() } else { STACK };
            let shared = Arc::clone(self);
            let thread = sys::spawn("pictory-watcher", stack, move || shared.serve())
                .map_err(|cause| Error::system("start a thread for the watcher", &cause))?;
            state.crew.thread = Some(thread);
        } else if state.crew.asleep.take().is_some() {
            self.nudge.wake();
        }
        Ok(())
    }

    /// The same where it may know already when to look.
    pub(super) fn look(self: &Arc<Shared>, state: &mut State) {
        let by = state.board.next_event(Instant::now());
        let knows = |until: Option<Instant>| match (until, by) {
            (Some(until), Some(by)) => until <= by,
            (until, by) => until.is_some() || by.is_none(),
        };
        let is_over = !state.board.is_active();
        if state.crew.asleep.is_none_or(|until| is_over || !knows(until)) {
            // If the system refuses a thread, the next call that needs it tries again.
            let _ = self.alert(state);
        }
    }

    /// The thread.
    fn serve(self: &Arc<Shared>) {
        let mut flights = Flights::new(&self.client, &self.poller);
        self.listen(true, true);
        let mut keys = Vec::new();
        let mut state = self.lock();
        while !state.is_stopped {
            for slot in state.board.take_cuts() {
                drop(state);
                let end = flights.cut(slot);
                state = self.lock();
                if end.is_some() {
                    self.put_back(&mut state, slot, end);
                }
            }
            let gate = || if flights.is_full() { Gate::Shut } else { self.gate() };
            match state.board.work(Instant::now(), gate) {
                Work::Do(slot, task) => {
                    drop(state);
                    let end = flights.begin(slot, task);
                    state = self.lock();
                    if end.is_some() {
                        self.put_back(&mut state, slot, end);
                    }
                }
                Work::Rest(_) if !state.board.is_active() => break,
                Work::Rest(until) => {
                    let until = [until, flights.earliest()].into_iter().flatten().min();
                    state.crew.asleep = Some(until);
                    drop(state);
                    state = self.fly(&mut flights, until, &mut keys);
                }
            }
        }
        for slot in flights.cut_all() {
            self.put_back(&mut state, slot, None);
        }
        let me = state.crew.thread.take();
        self.retire(state, me);
    }

    /// Sleeps until then, or until something happens, and does what there is to do then.
    fn fly<'a>(
        self: &'a Arc<Shared>,
        flights: &mut Flights<'_>,
        until: Option<Instant>,
        keys: &mut Vec<u64>,
    ) -> MutexGuard<'a, State> {
        keys.clear();
        // It fails for lack of memory only: then nothing was ready.
        let _ = self.poller.wait(until, keys);
        let (has_rung, was_nudged) = (keys.contains(&BELL), keys.contains(&NUDGE));
        let mut ends: Vec<_> = keys.iter().filter_map(|key| flights.wake(*key)).collect();
        ends.extend(flights.expire(Instant::now()));
        let mut state = self.lock();
        state.crew.asleep = None;
        self.listen(has_rung, was_nudged);
        if has_rung {
            state.board.heed_tokens(Instant::now());
        }
        for (slot, end) in ends {
            self.put_back(&mut state, slot, Some(end));
        }
        state
    }

    /// Hears what has rung, and listens for the next time.
    fn listen(&self, bell: bool, nudge: bool) {
        let wakes = [(bell, &*self.bell, BELL), (nudge, &self.nudge, NUDGE)];
        for (_, wake, key) in wakes.into_iter().filter(|(has_rung, ..)| *has_rung) {
            wake.reset();
            // It fails for lack of memory only.
            let _ = self.poller.arm(For::Reading(wake.descriptor()), key);
        }
    }

    /// Ends this thread. It is joined by whoever ends next, so that at most one is left to be.
    pub(super) fn retire(&self, mut state: MutexGuard<'_, State>, me: Option<JoinHandle<()>>) {
        // Without a handle, `stop` has it, and joins this thread.
        let before = me.and_then(|me| state.crew.ended.replace(me));
        drop(state);
        if let Some(before) = before {
            let _ = before.join();
        }
    }

    /// Leave for one poll.
    fn gate(&self) -> Gate {
        let pause = self.client.pause().until(Instant::now());
        pause.or_else(|| self.client.claim_turn()).map_or(Gate::Open, Gate::OpensAt)
    }

    /// Takes back a watch whose step is over.
    pub(super) fn put_back(self: &Arc<Shared>, state: &mut State, slot: Slot, end: Option<End>) {
        if let Some(report) = state.board.put_back(slot, end, Instant::now()) {
            self.report(state, report);
        }
        self.note_ready(state);
    }

    /// Gives all threads over to be joined, after they were woken.
    pub(super) fn dismiss(&self, state: &mut State) -> Vec<JoinHandle<()>> {
        self.nudge.wake();
        let (reporter, untold) = state.reporter.dismiss();
        for slot in untold {
            state.board.put_back(slot, None, Instant::now());
        }
        let threads = [state.crew.thread.take(), state.crew.ended.take(), reporter];
        threads.into_iter().flatten().collect()
    }
}
