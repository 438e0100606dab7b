//! The thread that makes all requests of a watcher. It comes with the first watch, and goes when
//! nothing is left to be done.

use std::sync::{Arc, MutexGuard};
use std::time::{Duration, Instant};

use super::in_flight::InFlight;
use super::shared::{Shared, WatcherState};
use super::transfer;
use super::watch::{Gate, StepResult, Work};
use crate::error::{Error, Result};
use crate::sys::{self, Interest};

/// The stack of a thread that makes requests, several times over; not for code of the host's.
const STACK: usize = 256 * 1024;

/// Keys of the poller that no request has.
const TOKEN_KEY: u64 = u64::MAX;
const WORK_KEY: u64 = u64::MAX - 1;

/// Wakes the driver, or starts it: there may be something to do.
pub(super) fn alert(shared: &Arc<Shared>, state: &mut WatcherState) -> Result<()> {
    if state.driver.thread.is_none() && state.registry.is_active() {
        // The host's log callback is its own code.
        let stack = if shared.client.has_log() { sys::default_stack() } else { STACK };
        let own = Arc::clone(shared);
        let thread = sys::spawn("pictory-watcher", stack, move || Driver::run(&own))
            .map_err(|cause| Error::system("start a thread for the watcher", &cause))?;
        state.driver.thread = Some(thread);
    } else if state.driver.asleep.take().is_some() {
        shared.work_notifier.notify();
    }
    Ok(())
}

/// Wakes the driver unless it knows already when to look.
pub(super) fn alert_if_sooner(shared: &Arc<Shared>, state: &mut WatcherState) {
    let by = state.registry.next_event(Instant::now());
    let knows = |until: Option<Instant>| match (until, by) {
        (Some(until), Some(by)) => until <= by,
        (until, by) => until.is_some() || by.is_none(),
    };
    let is_over = !state.registry.is_active();
    if state.driver.asleep.is_none_or(|until| is_over || !knows(until)) {
        // If the system refuses a thread, the next call that needs it tries again.
        let _ = alert(shared, state);
    }
}

/// How long a driver looks at nothing whose poller has failed, such as in a sandbox that refuses
/// epoll_wait: it must not spin.
const BLIND_REST: Duration = Duration::from_millis(20);

fn rest(until: Option<Instant>) {
    let left = until.map(|until| until.saturating_duration_since(Instant::now()));
    std::thread::sleep(left.map_or(BLIND_REST, |left| left.min(BLIND_REST)));
}

/// The driver, on its own thread.
struct Driver<'a> {
    shared: &'a Shared,
    in_flight: InFlight<'a>,
    /// Whether nobody can wake it, since the poller has refused its notifiers: it looks by itself.
    is_deaf: bool,
    /// Keys of what is ready, kept for their allocation.
    keys: Vec<u64>,
}

impl<'a> Driver<'a> {
    fn run(shared: &'a Shared) {
        let in_flight = InFlight::new(&shared.client, &shared.poller);
        let mut driver = Driver { shared, in_flight, is_deaf: false, keys: Vec::new() };
        let mut state = driver.work();
        for slot in driver.in_flight.cut_all() {
            shared.record(&mut state, slot, StepResult::Dropped);
        }
        let thread = state.driver.thread.take();
        shared.retire(state, thread);
    }

    /// Works until the watcher is stopped or nothing is left to be done.
    fn work(&mut self) -> MutexGuard<'a, WatcherState> {
        let shared = self.shared;
        let mut state = shared.lock();
        self.listen(&mut state, true, true);
        while !state.is_stopped {
            for slot in state.registry.watches.take_cuts() {
                drop(state);
                let result = self.in_flight.cut(slot);
                state = shared.lock();
                result.into_iter().for_each(|result| shared.record(&mut state, slot, result));
            }
            let is_full = self.in_flight.is_full();
            let gate = || if is_full { Gate::Shut } else { self.gate() };
            match state.registry.work(Instant::now(), gate) {
                Work::Step(step) => {
                    drop(state);
                    let slot = step.slot;
                    let result = self.in_flight.begin(step);
                    state = shared.lock();
                    result.into_iter().for_each(|result| shared.record(&mut state, slot, result));
                }
                Work::End(ended) => {
                    drop(state);
                    let end = transfer::make(shared, &ended);
                    state = shared.lock();
                    shared.record_download(&mut state, ended.serial, end);
                }
                Work::Rest(_) if !state.registry.is_active() => break,
                Work::Rest(until) => {
                    let until = [until, self.in_flight.earliest()].into_iter().flatten().min();
                    state.driver.asleep = Some(until);
                    drop(state);
                    state = self.sleep(until);
                }
            }
        }
        state
    }

    /// Sleeps until then, or until something happens, and lets the requests go on that can.
    fn sleep(&mut self, until: Option<Instant>) -> MutexGuard<'a, WatcherState> {
        self.keys.clear();
        let soon = Instant::now() + BLIND_REST;
        let until =
            if self.is_deaf { Some(until.map_or(soon, |until| until.min(soon))) } else { until };
        let waited = self.shared.poller.wait(until, &mut self.keys);
        let is_blind = waited.is_err() || self.is_deaf;
        let is_cancelled = is_blind || self.keys.contains(&TOKEN_KEY);
        let has_work = is_blind || self.keys.contains(&WORK_KEY);
        let in_flight = &mut self.in_flight;
        let mut results: Vec<_> = self.keys.iter().filter_map(|key| in_flight.wake(*key)).collect();
        if let Err(cause) = waited {
            results.extend(in_flight.fail_all(&cause));
            rest(until);
        }
        results.extend(in_flight.expire(Instant::now()));
        let mut state = self.shared.lock();
        state.driver.asleep = None;
        self.listen(&mut state, is_cancelled, has_work);
        for (slot, result) in results {
            self.shared.record(&mut state, slot, result);
        }
        state
    }

    /// Resets the notifiers that may have been notified, listens for the next time, and then looks at the
    /// tokens: one that was cancelled before the reset is not told again.
    fn listen(&mut self, state: &mut WatcherState, token: bool, work: bool) {
        let Shared { token_notifier, work_notifier, poller, .. } = self.shared;
        let both = [(token, &**token_notifier, TOKEN_KEY), (work, work_notifier, WORK_KEY)];
        self.is_deaf = false;
        for (_, notifier, key) in both.into_iter().filter(|(is_notified, ..)| *is_notified) {
            notifier.reset();
            let armed = poller.arm(Interest::Readable(notifier.descriptor()), key);
            self.is_deaf |= armed.is_err();
        }
        if token {
            state.registry.heed_tokens(Instant::now());
        }
    }

    /// Leave for one poll.
    fn gate(&self) -> Gate {
        let client = &self.shared.client;
        let pause = client.backoff().until(Instant::now());
        pause.or_else(|| client.claim_turn()).map_or(Gate::Open, Gate::OpensAt)
    }
}
