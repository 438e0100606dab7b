//! The downloads of a watcher: those that wait, in the order added, and those under way. Its callers
//! hold the lock.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use super::ready_queue::{Key, Ticket};
use crate::cancel::CancelToken;
use crate::download::{Limits, Output};
use crate::job::Job;
use crate::sys::Notifier;

/// The number of a download: those that are added later have higher ones.
pub(super) type Serial = u64;

/// The progress callback of a watcher's download: see [`crate::download::OnProgress`].
pub type OnDownload = Box<dyn Fn(u64, u64) -> bool + Send + Sync>;

/// A download to be made.
pub struct Order {
    /// The job as it was when the download was added.
    pub job: Job,
    /// Which of its outputs.
    pub output: Output,
    /// Where it goes.
    pub path: PathBuf,
    /// As for a download; the time counts from its start.
    pub limits: Limits,
    /// Cancels it.
    pub token: Option<Arc<CancelToken>>,
    /// Runs on the thread that downloads.
    pub on_progress: Option<OnDownload>,
    /// Whether its progress is handed out as well.
    pub updates: bool,
}

impl fmt::Debug for Order {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Order").field("output", &self.output).finish_non_exhaustive()
    }
}

/// A download that was taken out of the table, to be made without its lock.
#[derive(Debug)]
pub(super) struct Transfer {
    pub(super) serial: Serial,
    pub(super) tag: u64,
    pub(super) order: Arc<Order>,
    /// Ends it: the host's token was cancelled, or it was removed.
    pub(super) cut: Arc<CancelToken>,
}

#[derive(Debug)]
pub(super) struct Entry {
    pub(super) key: Key,
    order: Arc<Order>,
    cut: Arc<CancelToken>,
    is_running: bool,
    /// Whether its transfer opens the file; not one that was cancelled while it waited.
    holds_path: bool,
    /// To be forgotten when its transfer is over.
    pub(super) is_removed: bool,
    /// The last update, which may wait to be handed out.
    pub(super) update: Ticket,
    /// The thread that its callback is running on.
    pub(super) calling: Option<usize>,
}

#[derive(Debug)]
pub(super) struct DownloadTable {
    entries: BTreeMap<Serial, Entry>,
    waiting: BTreeSet<Serial>,
    /// Those whose token was cancelled while they waited.
    cancelled: BTreeSet<Serial>,
    last: Serial,
    /// How many were removed while they are made.
    removed: usize,
    /// How many have a token of the host's.
    tokens: usize,
    /// Wakes the driver when one of those is cancelled.
    token_notifier: Arc<Notifier>,
}

impl DownloadTable {
    pub(super) fn new(token_notifier: Arc<Notifier>) -> DownloadTable {
        DownloadTable {
            entries: BTreeMap::new(),
            waiting: BTreeSet::new(),
            cancelled: BTreeSet::new(),
            last: 0,
            removed: 0,
            tokens: 0,
            token_notifier,
        }
    }

    /// How many wait for a thread.
    pub(super) fn waiting(&self) -> usize {
        self.waiting.len()
    }

    pub(super) fn has_cancelled(&self) -> bool {
        !self.cancelled.is_empty()
    }

    /// Whether the driver has to look at tokens, or to end what they have cancelled.
    pub(super) fn needs_driver(&self) -> bool {
        self.tokens > 0 || self.has_cancelled()
    }

    pub(super) fn get_mut(&mut self, serial: Serial) -> Option<&mut Entry> {
        self.entries.get_mut(&serial)
    }

    pub(super) fn add(&mut self, key: Key, order: Order) -> Serial {
        self.last += 1;
        if let Some(token) = &order.token {
            token.add_notifier(&self.token_notifier);
            self.tokens += 1;
        }
        let entry = Entry {
            key,
            order: Arc::new(order),
            cut: Arc::new(CancelToken::new()),
            is_running: false,
            holds_path: false,
            is_removed: false,
            update: 0,
            calling: None,
        };
        self.entries.insert(self.last, entry);
        self.waiting.insert(self.last);
        // It may have been cancelled before.
        self.heed_token(self.last);
        self.last
    }

    /// Removes a download, or has it cut and forgotten; gives its last update.
    pub(super) fn remove(&mut self, serial: Serial) -> Option<Ticket> {
        let entry = self.entries.get_mut(&serial)?;
        let update = entry.update;
        entry.is_removed = true;
        entry.cut.cancel();
        match entry.is_running {
            true => self.removed += 1,
            false => drop(self.forget(serial)),
        }
        Some(update)
    }

    fn forget(&mut self, serial: Serial) -> Option<Entry> {
        let entry = self.entries.remove(&serial)?;
        self.waiting.remove(&serial);
        self.cancelled.remove(&serial);
        if let Some(token) = &entry.order.token {
            token.remove_notifier(&self.token_notifier);
            self.tokens -= 1;
        }
        Some(entry)
    }

    /// Ends a download: its key and its last update, unless it was removed.
    pub(super) fn finish(&mut self, serial: Serial) -> Option<(Key, Ticket)> {
        let entry = self.forget(serial)?;
        self.removed -= usize::from(entry.is_removed);
        (!entry.is_removed).then_some((entry.key, entry.update))
    }

    /// The next download to be made. One to a path that a removed one still holds is passed over: it is
    /// next when that has let go of it.
    pub(super) fn next_waiting(&mut self) -> Option<Transfer> {
        let is_held = |path: &PathBuf| {
            let mut entries = self.entries.values();
            let is_held_by = |entry: &Entry| entry.is_removed && entry.holds_path;
            self.removed > 0 && entries.any(|entry| is_held_by(entry) && entry.order.path == *path)
        };
        let path = |serial: &Serial| self.entries.get(serial).map(|entry| &entry.order.path);
        let serial =
            self.waiting.iter().copied().find(|serial| !path(serial).is_some_and(is_held))?;
        self.entries.get_mut(&serial)?.holds_path = true;
        self.begin(serial)
    }

    /// The next download that was cancelled while it waited, to be ended.
    pub(super) fn next_cancelled(&mut self) -> Option<Transfer> {
        let serial = self.cancelled.first().copied()?;
        self.begin(serial)
    }

    fn begin(&mut self, serial: Serial) -> Option<Transfer> {
        self.waiting.remove(&serial);
        self.cancelled.remove(&serial);
        let entry = self.entries.get_mut(&serial)?;
        entry.is_running = true;
        let (order, cut) = (Arc::clone(&entry.order), Arc::clone(&entry.cut));
        Some(Transfer { serial, tag: entry.key.1, order, cut })
    }

    /// Has all ended whose tokens were cancelled.
    pub(super) fn heed_tokens(&mut self) {
        if self.tokens > 0 {
            let serials: Vec<Serial> = self.entries.keys().copied().collect();
            serials.into_iter().for_each(|serial| self.heed_token(serial));
        }
    }

    fn heed_token(&mut self, serial: Serial) {
        let Some(entry) = self.entries.get(&serial) else { return };
        if entry.order.token.as_ref().is_some_and(|token| token.is_cancelled()) {
            entry.cut.cancel();
            if self.waiting.remove(&serial) {
                self.cancelled.insert(serial);
            }
        }
    }
}
