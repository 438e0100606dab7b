//! Waiting for many descriptors at once, where there is no epoll.

use std::collections::HashMap;
use std::io;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use super::waiting::{Interest, through_signals};
use super::{Descriptor, Entry, entry, is_closed, poll};

/// A set of descriptors to wait for, each of them once: whoever wants to wait for one again arms it
/// again.
#[derive(Debug, Default)]
pub(crate) struct Poller(Mutex<HashMap<Descriptor, (Interest, u64)>>);

impl Poller {
    pub(crate) fn new() -> io::Result<Poller> {
        Ok(Poller::default())
    }

    /// `key` is told once, when the descriptor is ready.
    pub(crate) fn arm(&self, on: Interest, key: u64) -> io::Result<()> {
        let (Interest::Readable(descriptor) | Interest::Writable(descriptor)) = on;
        self.armed().insert(descriptor, (on, key));
        Ok(())
    }

    /// Waits until something that was armed is ready or `until` has come, and adds the keys.
    pub(crate) fn wait(&self, until: Option<Instant>, keys: &mut Vec<u64>) -> io::Result<()> {
        let mut set: Vec<Entry> = self.armed().values().map(|(on, _)| entry(*on)).collect();
        through_signals(until, |left| poll(&mut set, left))?;
        let mut armed = self.armed();
        for entry in set.iter().filter(|entry| entry.revents != 0) {
            // One that was closed while it was armed is forgotten, and nobody waits for it.
            let found = armed.remove(&entry.fd).filter(|_| !is_closed(entry));
            keys.extend(found.map(|(_, key)| key));
        }
        Ok(())
    }

    fn armed(&self) -> MutexGuard<'_, HashMap<Descriptor, (Interest, u64)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
