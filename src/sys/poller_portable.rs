//! Waiting for many descriptors at once, where there is no epoll.

use std::collections::HashMap;
use std::io;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use super::For;

/// A set of descriptors to wait for, each of them once: whoever wants to wait for one again arms it
/// again.
#[derive(Debug, Default)]
pub(crate) struct Poller(Mutex<HashMap<i32, (i16, u64)>>);

impl Poller {
    pub(crate) fn new() -> io::Result<Poller> {
        Ok(Poller::default())
    }

    /// `key` is told once, when the descriptor is ready.
    pub(crate) fn arm(&self, on: For, key: u64) -> io::Result<()> {
        let (descriptor, events) = match on {
            For::Reading(descriptor) => (descriptor, libc::POLLIN),
            For::Writing(descriptor) => (descriptor, libc::POLLOUT),
        };
        self.armed().insert(descriptor, (events, key));
        Ok(())
    }

    /// Waits until something that was armed is ready or `until` has come, and adds the keys.
    pub(crate) fn wait(&self, until: Option<Instant>, keys: &mut Vec<u64>) -> io::Result<()> {
        let entry =
            |(&fd, &(events, _)): (&i32, &(i16, u64))| libc::pollfd { fd, events, revents: 0 };
        let mut set: Vec<libc::pollfd> = self.armed().iter().map(entry).collect();
        loop {
            // Rounded up, so that the wait is not over before its time.
            let left = until.map(|until| until.saturating_duration_since(Instant::now()));
            let left = left.map_or(-1, |left| {
                left.as_nanos().div_ceil(1_000_000).try_into().unwrap_or(i32::MAX)
            });
            // SAFETY: `set` holds as many entries as it is told.
            if unsafe { libc::poll(set.as_mut_ptr(), set.len() as libc::nfds_t, left) } >= 0 {
                break;
            }
            let cause = io::Error::last_os_error();
            if cause.kind() != io::ErrorKind::Interrupted {
                return Err(cause);
            }
        }
        let mut armed = self.armed();
        for entry in set.iter().filter(|entry| entry.revents != 0) {
            // One that was closed while it was armed is forgotten, and nobody waits for it.
            let found = armed.remove(&entry.fd);
            keys.extend(found.filter(|_| entry.revents & libc::POLLNVAL == 0).map(|(_, key)| key));
        }
        Ok(())
    }

    fn armed(&self) -> MutexGuard<'_, HashMap<i32, (i16, u64)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
