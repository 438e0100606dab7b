//! The threads of a watcher. Each makes a step of a watch at a time; of those that have none, one
//! keeps the time, and the others sleep until they are called.

use std::collections::HashMap;
use std::sync::{Arc, MutexGuard};
use std::thread::{self, JoinHandle, Thread, ThreadId};
use std::time::{Duration, Instant};

use super::board::{Gate, Slot, Work};
use super::watch::{End, Task, panicked};
use super::{Shared, State};
use crate::cancel::CancelToken;
use crate::error::{Error, Result};
use crate::quiet;
use crate::sys::{self, For};

/// The most threads of a watcher.
const MOST: usize = 256;

/// How long a thread stays that nobody calls.
const IDLE: Duration = Duration::from_secs(1);

/// What a request needs, several times over; not for code of the host's.
const STACK: usize = 256 * 1024;

/// The thread that keeps the time. Only one does: if every idle thread woke at every poll, that
/// would cost more than the polls.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Keeper {
    #[default]
    Nobody,
    /// Somebody is awake, or was called; one that was just started has no name yet.
    Called(Option<ThreadId>),
    /// It sleeps until then.
    Asleep(Option<Instant>),
}

#[derive(Debug, Default)]
pub(super) struct Crew {
    keeper: Keeper,
    /// The last to lie down is the first to be called: its memory is warm.
    idle: Vec<Thread>,
    threads: HashMap<ThreadId, JoinHandle<()>>,
    /// One that has ended and was not joined yet.
    ended: Option<JoinHandle<()>>,
    polling: usize,
}

impl Shared {
    /// There may be something to do: somebody must look.
    pub(super) fn alert(self: &Arc<Shared>, state: &mut State) -> Result<()> {
        match state.crew.keeper {
            Keeper::Nobody => self.call_keeper(state),
            Keeper::Called(_) => Ok(()),
            Keeper::Asleep(_) => {
                state.crew.keeper = Keeper::Called(None);
                self.nudge.wake();
                Ok(())
            }
        }
    }

    /// Somebody must look at `by`, which may be sooner than it was known.
    fn remind(self: &Arc<Shared>, state: &mut State, by: Option<Instant>) {
        let is_news = match state.crew.keeper {
            Keeper::Nobody => true,
            Keeper::Called(_) => false,
            Keeper::Asleep(until) => by.is_some_and(|by| until.is_none_or(|until| by < until)),
        };
        if is_news {
            // If the system refuses a thread, the next one that has a step to make looks after it.
            let _ = self.alert(state);
        }
    }

    /// Makes sure that somebody keeps the time, if there is any to keep.
    fn call_keeper(self: &Arc<Shared>, state: &mut State) -> Result<()> {
        if state.crew.keeper != Keeper::Nobody || !state.board.is_timed() {
            return Ok(());
        }
        if let Some(thread) = state.crew.idle.pop() {
            state.crew.keeper = Keeper::Called(Some(thread.id()));
            thread.unpark();
        } else if state.crew.threads.len() < MOST {
            // The host's log callback is its own code.
            let stack = if self.client.has_log() { sys::default_stack() } else { STACK };
            let shared = Arc::clone(self);
            let started = sys::spawn("pictory-watcher", stack, move || shared.serve())
                .map_err(|cause| Error::system("start a thread for the watcher", &cause))?;
            state.crew.threads.insert(started.thread().id(), started);
            state.crew.keeper = Keeper::Called(None);
        }
        Ok(())
    }

    /// A thread, called to keep the time.
    fn serve(self: &Arc<Shared>) {
        let mut cut = Arc::new(CancelToken::new());
        let mut state = self.lock();
        let mut is_keeper = true;
        while !state.is_stopped {
            if cut.is_cancelled() {
                cut = Arc::new(CancelToken::new());
            }
            // One thread always keeps the time, for deadlines and tokens.
            let is_full = state.crew.polling + 1 >= MOST;
            let gate = || if is_full { Gate::Shut } else { self.gate() };
            match state.board.work(Instant::now(), &cut, gate) {
                Work::Do(slot, task) => {
                    if std::mem::take(&mut is_keeper) {
                        state.crew.keeper = Keeper::Nobody;
                    }
                    state = self.make(state, slot, *task);
                }
                Work::Rest(_) if !state.board.is_active() => break,
                Work::Rest(until) if is_keeper || state.crew.keeper == Keeper::Nobody => {
                    is_keeper = true;
                    state = self.keep_time(state, until);
                }
                Work::Rest(until) => {
                    self.remind(&mut state, until);
                    let has_time;
                    (state, has_time) = self.lie_down(state);
                    if !has_time {
                        break;
                    }
                    is_keeper = state.crew.keeper == Keeper::Called(Some(thread::current().id()));
                }
            }
        }
        if is_keeper {
            state.crew.keeper = Keeper::Nobody;
        }
        let me = state.crew.threads.remove(&thread::current().id());
        self.retire(state, me);
    }

    /// Makes a step, without the lock.
    fn make<'a>(
        self: &'a Arc<Shared>,
        mut state: MutexGuard<'a, State>,
        slot: Slot,
        task: Task,
    ) -> MutexGuard<'a, State> {
        // If the system refuses a thread, this one looks again after its step.
        let _ = self.call_keeper(&mut state);
        state.crew.polling += 1;
        drop(state);
        let (id, tag) = (task.id, task.tag);
        let end = quiet::inside(|| task.run(&self.client, &self.spread));
        let mut state = self.lock();
        state.crew.polling -= 1;
        self.put_back(&mut state, slot, Some(end.unwrap_or_else(|| panicked(&id, tag))));
        state
    }

    /// Sleeps until then, or until something happens.
    fn keep_time<'a>(
        &'a self,
        mut state: MutexGuard<'a, State>,
        until: Option<Instant>,
    ) -> MutexGuard<'a, State> {
        state.crew.keeper = Keeper::Asleep(until);
        drop(state);
        let set = [&*self.bell, &self.nudge].map(|wake| For::reading(wake.descriptor()));
        // It fails for lack of memory only: then it is as if both had rung.
        let ready = sys::wait(&set, until).unwrap_or(3);
        let has_rung = ready & 1 != 0;
        if has_rung {
            self.bell.reset();
        }
        let mut state = self.lock();
        if ready & 2 != 0 {
            self.nudge.reset();
        }
        state.crew.keeper = Keeper::Called(None);
        if has_rung {
            state.board.heed_tokens(Instant::now());
        }
        state
    }

    /// Sleeps until somebody calls; `false` if nobody did for long.
    fn lie_down<'a>(&'a self, mut state: MutexGuard<'a, State>) -> (MutexGuard<'a, State>, bool) {
        let me = thread::current();
        let until = Instant::now() + IDLE;
        let is_me = |idle: &Thread| idle.id() == me.id();
        state.crew.idle.push(me.clone());
        while state.crew.idle.iter().any(is_me) {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                state.crew.idle.retain(|idle| !is_me(idle));
                return (state, false);
            }
            drop(state);
            thread::park_timeout(left);
            state = self.lock();
        }
        (state, true)
    }

    /// Ends this thread. It is joined by whoever ends next, so that at most one is left to be.
    pub(super) fn retire(&self, mut state: MutexGuard<'_, State>, me: Option<JoinHandle<()>>) {
        let before = match me {
            Some(me) => state.crew.ended.replace(me),
            // `stop` has it, and joins it.
            None => None,
        };
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
        self.rest(state);
    }

    /// If nothing is left to be done, all threads go.
    pub(super) fn rest(self: &Arc<Shared>, state: &mut State) {
        if !state.board.is_active() {
            state.crew.idle.drain(..).for_each(|thread| thread.unpark());
            if matches!(state.crew.keeper, Keeper::Asleep(_)) {
                let _ = self.alert(state);
            }
        }
    }

    /// Somebody must look at what has come into the board.
    pub(super) fn look(self: &Arc<Shared>, state: &mut State) {
        let by = state.board.next_event(Instant::now());
        self.remind(state, by);
    }

    /// Gives all threads over to be joined, after they were woken.
    pub(super) fn dismiss(&self, state: &mut State) -> Vec<JoinHandle<()>> {
        state.crew.idle.drain(..).for_each(|thread| thread.unpark());
        self.nudge.wake();
        let (reporter, untold) = state.reporter.dismiss();
        for slot in untold {
            state.board.put_back(slot, None, Instant::now());
        }
        let threads = std::mem::take(&mut state.crew.threads).into_values();
        threads.chain(state.crew.ended.take()).chain(reporter).collect()
    }
}
