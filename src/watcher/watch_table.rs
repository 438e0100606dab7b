//! All the watches of a watcher and where each of them stands. Without threads and without a
//! clock; whoever uses it holds the lock.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::slab::{Slab, Slot};
use super::watch::{End, Extras, Options, Progress, Task};
use super::work::{Gate, Report, Work};
use crate::error::{Error, Result};
use crate::job::JobId;
use crate::outcome::Outcome;
use crate::pacing::UNSTAGGERED;
use crate::schedule::Rules;
use crate::sys::Notifier;

/// What a watch is known by: the bytes of its id, the same in either case, and its tag.
type Key = ([u8; 16], u64);

/// A place in a queue, the lowest first.
type Ticket = u64;

/// Tickets of those that go before all others are below this.
const USUAL: Ticket = 1 << 63;

#[derive(Debug)]
struct Watch {
    id: JobId,
    /// To be polled again at once when its step is over.
    is_poked: bool,
    /// To be forgotten when its step is over.
    is_removed: bool,
    tag: u64,
    rules: Arc<Rules>,
    extras: Option<Arc<Extras>>,
    place: Place,
    /// `None` while a step of it is made, and once it is settled.
    progress: Option<Progress>,
}

#[derive(Debug)]
enum Place {
    /// Nothing is to be done before then.
    Timed(Instant),
    /// Its poll is due, and waits for its turn.
    Due(Ticket),
    /// To be ended at once.
    Urgent,
    /// A step of it is made.
    Out,
    Settled(Box<(Ticket, Outcome)>),
}

#[derive(Debug)]
pub(super) struct WatchTable {
    watches: Slab<Watch>,
    index: BTreeMap<Key, Slot>,
    timers: BTreeSet<(Instant, Slot)>,
    due: BTreeMap<Ticket, Slot>,
    urgent: BTreeSet<Slot>,
    ready: BTreeMap<Ticket, Slot>,
    tickets: Ticket,
    /// How many polls were taken since `due` was last empty.
    queued: usize,
    /// How many steps are being made.
    out: usize,
    /// Those of them that are not wanted any more.
    cuts: Vec<Slot>,
    /// Rings when one of the tokens is cancelled.
    token_notifier: Arc<Notifier>,
    /// How many watches have an interval in common.
    crowds: BTreeMap<Duration, usize>,
    /// Those of the watch added last: many are added with the same.
    rules: Arc<Rules>,
}

impl WatchTable {
    pub(super) fn new(token_notifier: Arc<Notifier>) -> WatchTable {
        WatchTable {
            watches: Slab::default(),
            index: BTreeMap::new(),
            timers: BTreeSet::new(),
            due: BTreeMap::new(),
            urgent: BTreeSet::new(),
            ready: BTreeMap::new(),
            tickets: 0,
            queued: 0,
            out: 0,
            cuts: Vec::new(),
            token_notifier,
            crowds: BTreeMap::new(),
            rules: Arc::default(),
        }
    }

    /// How many watches were added and neither handed out nor removed.
    pub(super) fn pending(&self) -> usize {
        self.index.len()
    }

    /// Whether one is settled and waits to be handed out.
    pub(super) fn is_ready(&self) -> bool {
        !self.ready.is_empty()
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

    /// When somebody must look next.
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
    ) -> Result<()> {
        let key = (id.bytes(), tag);
        if self.index.contains_key(&key) {
            return Err(Error::argument(format!("job {id} is watched with the tag {tag} already")));
        }
        let Options { rules, token, on_poll } = options;
        if *self.rules != rules {
            self.rules = Arc::new(rules);
        }
        if let Some(token) = &token {
            token.add_notifier(&self.token_notifier);
        }
        let has_extras = token.is_some() || on_poll.is_some();
        let watch = Watch {
            id: *id,
            is_poked: false,
            is_removed: false,
            tag,
            rules: Arc::clone(&self.rules),
            extras: has_extras.then(|| Arc::new(Extras { token, on_poll })),
            place: Place::Urgent,
            progress: Some(Progress::begin(Arc::clone(&self.rules), now)),
        };
        let slot = self.watches.insert(watch);
        self.index.insert(key, slot);
        *self.crowds.entry(self.rules.poll_interval).or_default() += 1;
        self.place(slot, now);
        Ok(())
    }

    /// Gives a watch that is to go on its place.
    fn place(&mut self, slot: Slot, now: Instant) {
        let Some(watch) = self.watches.get_mut(slot) else { return };
        let Some(schedule) = watch.progress.as_mut().map(|progress| &mut progress.schedule) else {
            return;
        };
        let is_poked = std::mem::take(&mut watch.is_poked);
        if is_poked {
            schedule.hasten(now);
        }
        let deadline = schedule.deadline();
        let is_over = deadline.is_some_and(|deadline| now >= deadline);
        if is_over || watch.extras.as_ref().is_some_and(|extras| extras.is_cancelled()) {
            watch.place = Place::Urgent;
            self.urgent.insert(slot);
            return;
        }
        match schedule.next_poll() {
            Some(next) if next <= now => {
                self.tickets += 1;
                let ticket = if is_poked { self.tickets } else { USUAL + self.tickets };
                watch.place = Place::Due(ticket);
                self.due.insert(ticket, slot);
                self.timers.extend(deadline.map(|deadline| (deadline, slot)));
            }
            next => {
                let next = [next, deadline].into_iter().flatten().min().unwrap_or(now);
                watch.place = Place::Timed(next);
                self.timers.insert((next, slot));
            }
        }
    }

    /// Takes a watch out of its place; what it was polled for is cut.
    fn displace(&mut self, slot: Slot) {
        let Some(watch) = self.watches.get_mut(slot) else { return };
        match &watch.place {
            Place::Timed(next) => {
                self.timers.remove(&(*next, slot));
            }
            Place::Due(ticket) => {
                self.due.remove(ticket);
                let deadline = watch.progress.as_ref().and_then(|p| p.schedule.deadline());
                deadline.map(|deadline| self.timers.remove(&(deadline, slot)));
            }
            Place::Urgent => {
                self.urgent.remove(&slot);
            }
            Place::Out => self.cuts.push(slot),
            Place::Settled(settled) => {
                self.ready.remove(&settled.0);
            }
        }
    }

    /// Forgets a watch that has no place any more.
    fn forget(&mut self, slot: Slot) -> Option<Watch> {
        let watch = self.watches.take(slot)?;
        if let Entry::Occupied(mut crowd) = self.crowds.entry(watch.rules.poll_interval) {
            *crowd.get_mut() -= 1;
            if *crowd.get() == 0 {
                crowd.remove();
            }
        }
        if let Some(token) = watch.extras.as_ref().and_then(|extras| extras.token.as_ref()) {
            token.remove_notifier(&self.token_notifier);
        }
        Some(watch)
    }

    /// Removes a watch, wherever it is; tells where it lay.
    pub(super) fn remove(&mut self, id: &JobId, tag: u64) -> Result<Slot> {
        let Some(slot) = self.index.remove(&(id.bytes(), tag)) else {
            return Err(Error::argument(format!("job {id} is not watched with the tag {tag}")));
        };
        self.drop_watch(slot);
        Ok(slot)
    }

    /// Brings the next poll of a job forward to now.
    pub(super) fn poke(&mut self, id: &JobId, now: Instant) -> Result<()> {
        let of_this_job = (id.bytes(), 0)..=(id.bytes(), u64::MAX);
        let slots: Vec<Slot> = self.index.range(of_this_job).map(|(_, slot)| *slot).collect();
        if slots.is_empty() {
            return Err(Error::argument(format!("job {id} is not watched")));
        }
        for slot in slots {
            let Some(watch) = self.watches.get_mut(slot) else { continue };
            watch.is_poked = !matches!(watch.place, Place::Settled(..) | Place::Urgent);
            if matches!(watch.place, Place::Timed(_) | Place::Due(_)) {
                self.displace(slot);
                self.place(slot, now);
            }
        }
        Ok(())
    }

    /// Gives all watches whose tokens were cancelled over to be ended.
    pub(super) fn heed_tokens(&mut self, now: Instant) {
        let is_cancelled = |watch: &Watch| watch.extras.as_ref().is_some_and(|e| e.is_cancelled());
        let slots = self.watches.iter().filter(|(_, watch)| is_cancelled(watch));
        let slots: Vec<Slot> = slots.map(|(slot, _)| slot).collect();
        for slot in slots {
            match self.watches.get_mut(slot).map(|watch| &watch.place) {
                Some(Place::Out) => self.displace(slot),
                Some(Place::Timed(_) | Place::Due(_)) => {
                    self.displace(slot);
                    self.place(slot, now);
                }
                _ => {}
            }
        }
    }

    /// What is to be done now. Where a poll is due, `gate` is asked once for leave to make it.
    pub(super) fn work(&mut self, now: Instant, gate: impl FnOnce() -> Gate) -> Work {
        while let Some((_, slot)) = self.timers.first().copied().filter(|(at, _)| *at <= now) {
            self.displace(slot);
            self.place(slot, now);
        }
        if let Some(slot) = self.urgent.first().copied() {
            return self.take(slot, false);
        }
        let first_due = self.due.first_key_value().map(|(_, slot)| *slot);
        let open_at = match first_due.map(|slot| (slot, gate())) {
            Some((slot, Gate::Open)) => {
                let queue = self.queued + self.due.len();
                self.queued = if self.due.len() > 1 { self.queued + 1 } else { 0 };
                return self.take(slot, queue > UNSTAGGERED);
            }
            Some((_, Gate::OpensAt(later))) => Some(later),
            Some((_, Gate::Shut)) | None => None,
        };
        let timer = self.timers.first().map(|(at, _)| *at);
        Work::Rest([open_at, timer].into_iter().flatten().min())
    }

    fn take(&mut self, slot: Slot, is_crowded: bool) -> Work {
        self.displace(slot);
        let taken = self.watches.get_mut(slot).and_then(|watch| {
            let crowd = self.crowds.get(&watch.rules.poll_interval).copied();
            let crowd = crowd.filter(|_| is_crowded);
            watch.place = Place::Out;
            let progress = watch.progress.take()?;
            let (id, tag, extras) = (watch.id, watch.tag, watch.extras.clone());
            Some(Box::new(Task { id, tag, extras, progress, crowd }))
        });
        self.out += usize::from(taken.is_some());
        taken.map_or(Work::Rest(None), |task| Work::Do(slot, task))
    }

    /// Takes a watch back whose step is over: without an end, one that was removed meanwhile. What
    /// it hands back is for the callback.
    pub(super) fn put_back(
        &mut self,
        slot: Slot,
        end: Option<End>,
        now: Instant,
    ) -> Option<Report> {
        self.out -= 1;
        let watch = self.watches.get_mut(slot)?;
        if watch.is_removed {
            self.forget(slot);
            return None;
        }
        match end? {
            End::Again(progress) => {
                watch.progress = Some(progress);
                self.place(slot, now);
            }
            End::Settled(outcome) => {
                self.tickets += 1;
                watch.place = Place::Settled(Box::new((self.tickets, *outcome)));
                self.ready.insert(self.tickets, slot);
            }
            End::Report(schedule, outcome) => {
                self.out += 1;
                watch.place = Place::Out;
                let (id, tag, extras) = (watch.id, watch.tag, watch.extras.clone()?);
                return Some(Report { slot, id, tag, extras, schedule, outcome });
            }
        }
        None
    }

    /// Whether a watch whose step is being made was removed meanwhile.
    pub(super) fn is_removed(&self, slot: Slot) -> bool {
        self.watches.get(slot).is_none_or(|watch| watch.is_removed)
    }

    /// Hands out the watch that was settled first.
    pub(super) fn next(&mut self) -> Option<Outcome> {
        let (_, slot) = self.ready.pop_first()?;
        let watch = self.forget(slot)?;
        self.index.remove(&(watch.id.bytes(), watch.tag));
        match watch.place {
            Place::Settled(settled) => Some(settled.1),
            _ => None,
        }
    }

    /// Removes all watches, and cuts what is under way.
    pub(super) fn clear(&mut self) {
        while let Some((_, slot)) = self.index.pop_first() {
            self.drop_watch(slot);
        }
    }

    /// Drops a watch that the index does not have any more; at once, or when its step is over.
    fn drop_watch(&mut self, slot: Slot) {
        self.displace(slot);
        match self.watches.get_mut(slot) {
            Some(watch) if matches!(watch.place, Place::Out) => watch.is_removed = true,
            _ => drop(self.forget(slot)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_idle_watch_is_small() {
        let entries = size_of::<(Key, Slot)>() + size_of::<(Instant, Slot)>();
        let kept = size_of::<Option<Watch>>() - size_of::<JobId>() + entries;
        assert!(kept <= 190, "{kept} bytes, and the last reply's body");
    }
}
