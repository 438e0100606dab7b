//! The poller of systems without epoll: a table of descriptors, polled anew each time.

use std::collections::HashMap;
use std::io;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use super::waiting::{Interest, through_signals};
use super::{Descriptor, Entry, POLL, entry, is_closed, named, poll};

/// A set of armed descriptors, one-shot: each is reported once and must then be armed again.
#[derive(Debug, Default)]
pub(crate) struct Poller(Mutex<HashMap<Descriptor, (Interest, u64)>>);

impl Poller {
    pub(crate) fn new() -> io::Result<Poller> {
        Ok(Poller::default())
    }

    /// Arms a descriptor: [`Poller::wait`] reports `key` once, when it is ready.
    pub(crate) fn arm(&self, on: Interest, key: u64) -> io::Result<()> {
        let (Interest::Readable(descriptor) | Interest::Writable(descriptor)) = on;
        self.armed().insert(descriptor, (on, key));
        Ok(())
    }

    /// Waits until an armed descriptor is ready or `until` has passed, and appends the keys of
    /// those that are.
    pub(crate) fn wait(&self, until: Option<Instant>, keys: &mut Vec<u64>) -> io::Result<()> {
        let mut set: Vec<Entry> = self.armed().values().map(|(on, _)| entry(*on)).collect();
        through_signals(until, |left| poll(&mut set, left)).map_err(named(POLL))?;
        let mut armed = self.armed();
        for entry in set.iter().filter(|entry| entry.revents != 0) {
            // A descriptor that was closed while armed leaves the set and is not reported.
            let found = armed.remove(&entry.fd).filter(|_| !is_closed(entry));
            keys.extend(found.map(|(_, key)| key));
        }
        Ok(())
    }

    fn armed(&self) -> MutexGuard<'_, HashMap<Descriptor, (Interest, u64)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
