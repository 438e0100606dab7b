//! The registry of a watcher: its watches and downloads, each known by job id and tag until its result
//! is handed out or it is removed, and the results that wait for that. Its callers hold the lock.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;

use super::download_table::{DownloadTable, Order, Serial};
use super::ready_queue::{Key, ReadyQueue, Ticket};
use super::slab::Slot;
use super::watch::{Extras, Gate, Options, StepResult, WatchStep, Work};
use super::watch_table::{Recorded, WatchTable};
use crate::error::{Code, Error, Result};
use crate::job::JobId;
use crate::outcome::Outcome;
use crate::sys::Notifier;

/// Entries, each known by its key.
#[derive(Debug, Clone, Copy)]
enum Entry {
    Watch(Slot),
    Download(Serial),
    /// Its result waits to be handed out; whether it is that of a watch with a callback.
    Settled(Ticket, bool),
}

/// The host's callback of what was removed, which may be running.
pub(super) enum Callback {
    OfWatch(Arc<Extras>),
    OfDownload(Serial),
}

#[derive(Debug)]
pub(super) struct Registry {
    index: BTreeMap<Key, Entry>,
    ready: ReadyQueue,
    /// How many of those that have settled are watches with a callback.
    settled_callbacks: usize,
    pub(super) watches: WatchTable,
    pub(super) downloads: DownloadTable,
}

impl Registry {
    pub(super) fn new(token_notifier: &Arc<Notifier>) -> Registry {
        Registry {
            index: BTreeMap::new(),
            ready: ReadyQueue::default(),
            settled_callbacks: 0,
            watches: WatchTable::new(Arc::clone(token_notifier)),
            downloads: DownloadTable::new(Arc::clone(token_notifier)),
        }
    }

    /// How many were added and neither handed out nor removed.
    pub(super) fn pending(&self) -> usize {
        self.index.len()
    }

    /// Whether a result waits to be handed out.
    pub(super) fn is_ready(&self) -> bool {
        !self.ready.is_empty()
    }

    /// Whether there is a watch with a callback that was neither handed out nor removed.
    pub(super) fn has_callbacks(&self) -> bool {
        self.settled_callbacks > 0 || self.watches.has_callbacks()
    }

    /// Whether the driver has anything to do, now or later.
    pub(super) fn is_active(&self) -> bool {
        self.watches.is_active() || self.downloads.needs_driver()
    }

    /// The moment at which the driver must look next.
    pub(super) fn next_event(&self, now: Instant) -> Option<Instant> {
        if self.downloads.has_cancelled() { Some(now) } else { self.watches.next_event(now) }
    }

    fn check_free(&self, id: &JobId, tag: u64) -> Result<Key> {
        let key = (id.bytes(), tag);
        if self.index.contains_key(&key) {
            let message =
                format!("job {id} is watched under the tag {tag} already: take another tag");
            return Err(Error::new(Code::AlreadyWatched, message));
        }
        Ok(key)
    }

    pub(super) fn watch(
        &mut self,
        id: &JobId,
        options: Options,
        tag: u64,
        now: Instant,
    ) -> Result<()> {
        let key = self.check_free(id, tag)?;
        let slot = self.watches.add(id, options, tag, now)?;
        self.index.insert(key, Entry::Watch(slot));
        Ok(())
    }

    pub(super) fn download(&mut self, id: &JobId, order: Order, tag: u64) -> Result<()> {
        let key = self.check_free(id, tag)?;
        let serial = self.downloads.add(key, order);
        self.index.insert(key, Entry::Download(serial));
        Ok(())
    }

    /// Removes a watch or a download, wherever it is, and gives its callback.
    pub(super) fn remove(&mut self, id: &JobId, tag: u64) -> Result<Option<Callback>> {
        let Some(entry) = self.index.remove(&(id.bytes(), tag)) else {
            let message = format!("job {id} is not watched under the tag {tag}");
            return Err(Error::new(Code::NotWatched, message));
        };
        Ok(self.drop_entry(entry))
    }

    /// Drops what the index does not have any more; at once, or when its step or its transfer is over.
    fn drop_entry(&mut self, entry: Entry) -> Option<Callback> {
        match entry {
            Entry::Watch(slot) => {
                let (extras, update) = self.watches.remove(slot)?;
                self.ready.remove(update);
                extras.map(Callback::OfWatch)
            }
            Entry::Download(serial) => {
                self.ready.remove(self.downloads.remove(serial)?);
                Some(Callback::OfDownload(serial))
            }
            Entry::Settled(ticket, has_callback) => {
                self.settled_callbacks -= usize::from(has_callback);
                self.ready.remove(ticket);
                None
            }
        }
    }

    /// Removes all, and cuts what is under way.
    pub(super) fn clear(&mut self) {
        while let Some((_, entry)) = self.index.pop_first() {
            self.drop_entry(entry);
        }
    }

    /// Brings the next poll of a job forward to now.
    pub(super) fn poke(&mut self, id: &JobId, now: Instant) -> Result<()> {
        let of_this_job = (id.bytes(), 0)..=(id.bytes(), u64::MAX);
        let mut is_watched = false;
        for (_, entry) in self.index.range(of_this_job) {
            is_watched |= !matches!(entry, Entry::Download(_));
            if let Entry::Watch(slot) = entry {
                self.watches.poke(*slot, now);
            }
        }
        match is_watched {
            true => Ok(()),
            false => Err(Error::new(Code::NotWatched, format!("job {id} is not watched"))),
        }
    }

    /// Has all ended whose tokens were cancelled.
    pub(super) fn heed_tokens(&mut self, now: Instant) {
        self.watches.heed_tokens(now);
        self.downloads.heed_tokens();
    }

    /// The work that the driver is to do now: see [`WatchTable::work`].
    pub(super) fn work(&mut self, now: Instant, gate: impl FnOnce() -> Gate) -> Work {
        match self.downloads.next_cancelled() {
            Some(transfer) => Work::End(transfer),
            None => self.watches.work(now, gate),
        }
    }

    /// Records the result of a watch's step. Hands it back where it is for the callback: then the step
    /// is not over yet.
    pub(super) fn record(
        &mut self,
        slot: Slot,
        result: StepResult,
        now: Instant,
    ) -> Option<Box<WatchStep>> {
        match self.watches.record(slot, result, now) {
            Recorded::CallBack(step) => return Some(step),
            Recorded::Settled { key, update, outcome, has_callback } => {
                self.settled_callbacks += usize::from(has_callback);
                self.settle(key, update, outcome, has_callback);
            }
            Recorded::Update(key, update, outcome) => {
                let ticket = self.ready.update(update, key, outcome);
                self.watches.set_update(slot, ticket);
            }
            Recorded::Nothing => {}
        }
        None
    }

    /// Records the end of a download.
    pub(super) fn record_download(&mut self, serial: Serial, outcome: Box<Outcome>) {
        if let Some((key, update)) = self.downloads.finish(serial) {
            self.settle(key, update, outcome, false);
        }
    }

    /// Records how far a download is.
    pub(super) fn update_download(&mut self, serial: Serial, outcome: Box<Outcome>) {
        if let Some(entry) = self.downloads.get_mut(serial)
            && !entry.is_removed
        {
            entry.update = self.ready.update(entry.update, entry.key, outcome);
        }
    }

    fn settle(&mut self, key: Key, update: Ticket, outcome: Box<Outcome>, has_callback: bool) {
        self.ready.remove(update);
        let ticket = self.ready.push(key, outcome);
        self.index.insert(key, Entry::Settled(ticket, has_callback));
    }

    /// Hands out the result that has waited longest.
    pub(super) fn next(&mut self) -> Option<Box<Outcome>> {
        let (key, outcome) = self.ready.pop()?;
        if !outcome.is_update()
            && let Some(Entry::Settled(_, has_callback)) = self.index.remove(&key)
        {
            self.settled_callbacks -= usize::from(has_callback);
        }
        Some(outcome)
    }
}

#[cfg(test)]
#[path = "registry_tests.rs"]
mod tests;
