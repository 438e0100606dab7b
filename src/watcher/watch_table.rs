//! The table of all watches, and where each of them stands: without threads and without a clock. Its
//! callers hold the lock.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Instant;

use super::crowds::Crowds;
use super::ready_queue::{Key, Ticket};
use super::slab::{Slab, Slot};
use super::watch::{Extras, Gate, Options, StepResult, WatchState, WatchStep, Work};
use crate::error::{Error, Result};
use crate::job::JobId;
use crate::outcome::Outcome;
use crate::pacing::UNSTAGGERED;
use crate::schedule::Rules;
use crate::sys::Notifier;

/// Tickets of those that go before all others are below this.
const USUAL: Ticket = 1 << 63;

#[derive(Debug)]
struct Watch {
    id: JobId,
    /// To be polled again at once when its step is over.
    is_poked: bool,
    /// To be forgotten when its step is over.
    is_removed: bool,
    /// Whether polls that do not end it are handed out as well.
    updates: bool,
    /// The last update, which may wait to be handed out.
    update: Ticket,
    tag: u64,
    rules: Arc<Rules>,
    extras: Option<Arc<Extras>>,
    position: Position,
    /// `None` while a step of it is made.
    state: Option<WatchState>,
}

#[derive(Debug)]
enum Position {
    /// Nothing is to be done before then.
    Timed(Instant),
    /// Its poll is due, and waits for its turn.
    Due(Ticket),
    /// To be ended at once.
    Urgent,
    /// A step of it is being made.
    Out,
}

impl Watch {
    fn has_callback(&self) -> bool {
        self.extras.as_ref().is_some_and(|extras| extras.on_poll.is_some())
    }
}

/// The outcome of recording a step's result.
pub(super) enum Recorded {
    /// The step is for the callback, and not over yet.
    CallBack(Box<WatchStep>),
    /// The watch is forgotten; its last update, which the outcome takes the place of.
    Settled {
        key: Key,
        update: Ticket,
        outcome: Box<Outcome>,
        has_callback: bool,
    },
    /// The watch goes on; its last update, which the newer one takes the place of.
    Update(Key, Ticket, Box<Outcome>),
    Nothing,
}

#[derive(Debug)]
pub(super) struct WatchTable {
    watches: Slab<Watch>,
    timers: BTreeSet<(Instant, Slot)>,
    due: BTreeMap<Ticket, Slot>,
    urgent: BTreeSet<Slot>,
    tickets: Ticket,
    /// How many polls were taken since `due` was last empty.
    queued: usize,
    /// How many steps are being made.
    out: usize,
    /// Steps being made that are not wanted any more.
    cuts: Vec<Slot>,
    /// Wakes the driver when one of the tokens is cancelled.
    token_notifier: Arc<Notifier>,
    /// How many watches have a callback.
    callbacks: usize,
    crowds: Crowds,
    /// The rules of the watch added last: many are added alike.
    rules: Arc<Rules>,
}

impl WatchTable {
    pub(super) fn new(token_notifier: Arc<Notifier>) -> WatchTable {
        WatchTable {
            watches: Slab::default(),
            timers: BTreeSet::new(),
            due: BTreeMap::new(),
            urgent: BTreeSet::new(),
            tickets: 0,
            queued: 0,
            out: 0,
            cuts: Vec::new(),
            callbacks: 0,
            token_notifier,
            crowds: Crowds::default(),
            rules: Arc::default(),
        }
    }

    /// Whether a watch has a callback.
    pub(super) fn has_callbacks(&self) -> bool {
        self.callbacks > 0
    }

    /// Whether there is anything to be done, now or later.
    pub(super) fn is_active(&self) -> bool {
        let is_empty = self.due.is_empty() && self.urgent.is_empty() && self.timers.is_empty();
        !is_empty || self.out > 0
    }

    /// Steps being made that are to be cut.
    pub(super) fn take_cuts(&mut self) -> Vec<Slot> {
        std::mem::take(&mut self.cuts)
    }

    /// Whether polls wait for their turn, and nothing else is to be done at once.
    pub(super) fn is_queueing(&self) -> bool {
        !self.due.is_empty() && self.urgent.is_empty()
    }

    /// The moment at which the driver must look next.
    pub(super) fn next_event(&self, now: Instant) -> Option<Instant> {
        let is_now = !(self.due.is_empty() && self.urgent.is_empty() && self.cuts.is_empty());
        if is_now { Some(now) } else { self.timers.first().map(|(at, _)| *at) }
    }

    pub(super) fn add(
        &mut self,
        id: &JobId,
        options: Options,
        tag: u64,
        now: Instant,
    ) -> Result<Slot> {
        self.watches.reserve().map_err(|cause| Error::system("make room for the watch", &cause))?;
        let Options { rules, token, on_poll, updates } = options;
        if *self.rules != rules {
            self.rules = Arc::new(rules);
        }
        if let Some(token) = &token {
            token.add_notifier(&self.token_notifier);
        }
        self.callbacks += usize::from(on_poll.is_some());
        let has_extras = token.is_some() || on_poll.is_some();
        let watch = Watch {
            id: *id,
            is_poked: false,
            is_removed: false,
            updates,
            update: 0,
            tag,
            rules: Arc::clone(&self.rules),
            extras: has_extras.then(|| Arc::new(Extras { token, on_poll })),
            position: Position::Urgent,
            state: Some(WatchState::new(Arc::clone(&self.rules), now)),
        };
        let slot = self.watches.insert(watch);
        self.crowds.join(self.rules.poll_interval);
        self.position(slot, now);
        Ok(slot)
    }

    /// Gives a watch that is to go on its position.
    fn position(&mut self, slot: Slot, now: Instant) {
        let Some(watch) = self.watches.get_mut(slot) else { return };
        let Some(schedule) = watch.state.as_mut().map(|state| &mut state.schedule) else {
            return;
        };
        let is_poked = std::mem::take(&mut watch.is_poked);
        if is_poked {
            schedule.hasten(now);
        }
        let deadline = schedule.deadline();
        let is_over = deadline.is_some_and(|deadline| now >= deadline);
        if is_over || watch.extras.as_ref().is_some_and(|extras| extras.is_cancelled()) {
            watch.position = Position::Urgent;
            self.urgent.insert(slot);
            return;
        }
        match schedule.next_poll() {
            Some(next) if next <= now => {
                self.tickets += 1;
                let ticket = if is_poked { self.tickets } else { USUAL + self.tickets };
                watch.position = Position::Due(ticket);
                self.due.insert(ticket, slot);
                self.timers.extend(deadline.map(|deadline| (deadline, slot)));
            }
            next => {
                let next = [next, deadline].into_iter().flatten().min().unwrap_or(now);
                watch.position = Position::Timed(next);
                self.timers.insert((next, slot));
            }
        }
    }

    /// Takes a watch out of its position; its request in flight is to be cut.
    fn displace(&mut self, slot: Slot) {
        let Some(watch) = self.watches.get_mut(slot) else { return };
        match &watch.position {
            Position::Timed(next) => {
                self.timers.remove(&(*next, slot));
            }
            Position::Due(ticket) => {
                self.due.remove(ticket);
                let deadline = watch.state.as_ref().and_then(|state| state.schedule.deadline());
                deadline.map(|deadline| self.timers.remove(&(deadline, slot)));
            }
            Position::Urgent => {
                self.urgent.remove(&slot);
            }
            Position::Out => self.cuts.push(slot),
        }
    }

    /// Forgets a watch that has no position any more.
    fn forget(&mut self, slot: Slot) {
        let Some(watch) = self.watches.remove(slot) else { return };
        self.callbacks -= usize::from(watch.has_callback());
        self.crowds.leave(watch.rules.poll_interval);
        if let Some(token) = watch.extras.as_ref().and_then(|extras| extras.token.as_ref()) {
            token.remove_notifier(&self.token_notifier);
        }
    }

    /// Removes a watch, at once or when its step is over; gives its extras and its last update.
    pub(super) fn remove(&mut self, slot: Slot) -> Option<(Option<Arc<Extras>>, Ticket)> {
        self.displace(slot);
        let watch = self.watches.get_mut(slot)?;
        let removed = (watch.extras.clone(), watch.update);
        match watch.position {
            Position::Out => watch.is_removed = true,
            _ => self.forget(slot),
        }
        Some(removed)
    }

    /// Brings the next poll of a watch forward to now.
    pub(super) fn poke(&mut self, slot: Slot, now: Instant) {
        let Some(watch) = self.watches.get_mut(slot) else { return };
        watch.is_poked = !matches!(watch.position, Position::Urgent);
        if matches!(watch.position, Position::Timed(_) | Position::Due(_)) {
            self.displace(slot);
            self.position(slot, now);
        }
    }

    /// Has all watches ended whose tokens were cancelled.
    pub(super) fn heed_tokens(&mut self, now: Instant) {
        let is_cancelled = |watch: &Watch| watch.extras.as_ref().is_some_and(|e| e.is_cancelled());
        let slots = self.watches.iter().filter(|(_, watch)| is_cancelled(watch));
        let slots: Vec<Slot> = slots.map(|(slot, _)| slot).collect();
        for slot in slots {
            match self.watches.get_mut(slot).map(|watch| &watch.position) {
                Some(Position::Out) => self.displace(slot),
                Some(Position::Timed(_) | Position::Due(_)) => {
                    self.displace(slot);
                    self.position(slot, now);
                }
                _ => {}
            }
        }
    }

    /// The work that is to be done now. Where a poll is due, `gate` is asked once for leave to make it.
    pub(super) fn work(&mut self, now: Instant, gate: impl FnOnce() -> Gate) -> Work {
        while let Some((_, slot)) = self.timers.first().copied().filter(|(at, _)| *at <= now) {
            self.displace(slot);
            self.position(slot, now);
        }
        if let Some(slot) = self.urgent.first().copied() {
            return self.take_step(slot, false);
        }
        let first_due = self.due.first_key_value().map(|(_, slot)| *slot);
        let open_at = match first_due.map(|slot| (slot, gate())) {
            Some((slot, Gate::Open)) => {
                let queue = self.queued + self.due.len();
                self.queued = if self.due.len() > 1 { self.queued + 1 } else { 0 };
                return self.take_step(slot, queue > UNSTAGGERED);
            }
            Some((_, Gate::OpensAt(later))) => Some(later),
            Some((_, Gate::Shut)) | None => None,
        };
        let timer = self.timers.first().map(|(at, _)| *at);
        Work::Rest([open_at, timer].into_iter().flatten().min())
    }

    /// Takes a step out, to be made.
    fn take_step(&mut self, slot: Slot, is_crowded: bool) -> Work {
        self.displace(slot);
        let step = self.watches.get_mut(slot).and_then(|watch| {
            let crowd = is_crowded.then(|| self.crowds.size(watch.rules.poll_interval));
            watch.position = Position::Out;
            let state = watch.state.take()?;
            let (id, tag) = (watch.id, watch.tag);
            let extras = watch.extras.clone();
            let updates = watch.updates;
            Some(Box::new(WatchStep { slot, id, tag, extras, updates, state, crowd }))
        });
        self.out += usize::from(step.is_some());
        step.map_or(Work::Rest(None), Work::Step)
    }

    /// Records the result of a step.
    pub(super) fn record(&mut self, slot: Slot, result: StepResult, now: Instant) -> Recorded {
        let Some(watch) = self.watches.get_mut(slot) else { return Recorded::Nothing };
        if !watch.is_removed
            && let StepResult::CallBack(step) = result
        {
            return Recorded::CallBack(step);
        }
        self.out -= 1;
        if watch.is_removed {
            self.forget(slot);
            return Recorded::Nothing;
        }
        let (key, update) = ((watch.id.bytes(), watch.tag), watch.update);
        match result {
            StepResult::Continue(state, newer) => {
                watch.state = Some(state);
                self.position(slot, now);
                newer.map_or(Recorded::Nothing, |newer| Recorded::Update(key, update, newer))
            }
            StepResult::Settled(outcome) => {
                let has_callback = watch.has_callback();
                self.forget(slot);
                Recorded::Settled { key, update, outcome, has_callback }
            }
            StepResult::CallBack(_) | StepResult::Dropped => Recorded::Nothing,
        }
    }

    /// Notes where the last update of a watch waits to be handed out.
    pub(super) fn set_update(&mut self, slot: Slot, update: Ticket) {
        if let Some(watch) = self.watches.get_mut(slot) {
            watch.update = update;
        }
    }

    /// Whether a watch whose step is being made was removed meanwhile.
    pub(super) fn is_removed(&self, slot: Slot) -> bool {
        self.watches.get(slot).is_none_or(|watch| watch.is_removed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_idle_watch_is_small() {
        // With its places among the timers and in the registry.
        let entries = size_of::<(Key, (Ticket, Slot))>() + size_of::<(Instant, Slot)>();
        let kept = size_of::<Option<Watch>>() - size_of::<JobId>() + entries;
        assert!(kept <= 208, "{kept} bytes, and the last reply's body");
    }
}
