//! The poller on Linux and Android: epoll, whose cost does not grow with the number of descriptors.

use std::io;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};
use std::time::Instant;

use super::named;
use super::unix::above_stdio;
use super::waiting::{Interest, milliseconds, through_signals};

/// The most keys that one [`Poller::wait`] adds.
const MOST: usize = 64;

/// A set of armed descriptors, one-shot: each is reported once and must then be armed again. A
/// descriptor that is closed leaves the set by itself.
#[derive(Debug)]
pub(crate) struct Poller(OwnedFd);

impl Poller {
    pub(crate) fn new() -> io::Result<Poller> {
        // SAFETY: the argument is an integer.
        let made = unsafe { libc::epoll_create1(libc::EPOLL_CLOEXEC) };
        if made < 0 {
            return Err(named("epoll_create1")(io::Error::last_os_error()));
        }
        // SAFETY: epoll_create1 has just made this descriptor, so nobody else owns it.
        Ok(Poller(above_stdio(unsafe { OwnedFd::from_raw_fd(made) })?))
    }

    /// Arms a descriptor: [`Poller::wait`] reports `key` once, when it is ready.
    pub(crate) fn arm(&self, on: Interest, key: u64) -> io::Result<()> {
        let (descriptor, readiness) = match on {
            Interest::Readable(descriptor) => (descriptor, libc::EPOLLIN),
            Interest::Writable(descriptor) => (descriptor, libc::EPOLLOUT),
        };
        let events = (readiness | libc::EPOLLONESHOT) as u32;
        let mut event = libc::epoll_event { events, u64: key };
        let mut change = |how| {
            // SAFETY: epoll's descriptor is open, and `event` lives for the call. A `descriptor`
            // that is not open makes the call fail.
            unsafe { libc::epoll_ctl(self.0.as_raw_fd(), how, descriptor, &mut event) }
        };
        if change(libc::EPOLL_CTL_MOD) == 0 {
            return Ok(());
        }
        let cause = io::Error::last_os_error();
        if cause.raw_os_error() != Some(libc::ENOENT) {
            return Err(named("epoll_ctl")(cause));
        }
        match change(libc::EPOLL_CTL_ADD) {
            0 => Ok(()),
            _ => Err(named("epoll_ctl")(io::Error::last_os_error())),
        }
    }

    /// Waits until an armed descriptor is ready or `until` has passed, and appends the keys of
    /// those that are.
    pub(crate) fn wait(&self, until: Option<Instant>, keys: &mut Vec<u64>) -> io::Result<()> {
        let mut events = [libc::epoll_event { events: 0, u64: 0 }; MOST];
        let waited = through_signals(until, |left| {
            // SAFETY: epoll's descriptor is open, and `events` can be written for `room` entries.
            let count = unsafe {
                let room = MOST as i32;
                libc::epoll_wait(self.0.as_raw_fd(), events.as_mut_ptr(), room, milliseconds(left))
            };
            let count = usize::try_from(count).map_err(|_| io::Error::last_os_error())?;
            keys.extend(events.iter().take(count).map(|event| event.u64));
            Ok(())
        });
        waited.map_err(named("epoll_wait"))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::Notifier;
    use super::*;

    fn ready(poller: &Poller) -> Vec<u64> {
        let mut keys = Vec::new();
        poller.wait(Some(Instant::now()), &mut keys).unwrap();
        keys.sort();
        keys
    }

    #[test]
    fn a_ready_descriptor_is_reported_once_for_each_time_it_was_armed() {
        let poller = Poller::new().unwrap();
        let notifiers: Vec<_> = (0..3).map(|_| Notifier::new().unwrap()).collect();
        let arm =
            |n: usize| poller.arm(Interest::Readable(notifiers[n].descriptor()), n as u64).unwrap();
        (0..3).for_each(arm);
        assert!(ready(&poller).is_empty());
        notifiers[0].notify();
        notifiers[2].notify();
        assert_eq!(ready(&poller), [0, 2]);
        assert!(ready(&poller).is_empty());
        arm(2);
        assert_eq!(ready(&poller), [2]);
    }

    #[test]
    fn a_closed_descriptor_leaves_the_set_and_its_number_may_come_again() {
        let poller = Poller::new().unwrap();
        for key in 0..100 {
            let notifier = Notifier::new().unwrap();
            poller.arm(Interest::Readable(notifier.descriptor()), key).unwrap();
            notifier.notify();
            assert_eq!(ready(&poller), [key]);
        }
    }

    #[test]
    fn it_waits_until_the_time_has_come() {
        let poller = Poller::new().unwrap();
        let until = Instant::now() + Duration::from_millis(15);
        let mut keys = Vec::new();
        poller.wait(Some(until), &mut keys).unwrap();
        assert!(Instant::now() >= until && keys.is_empty());
    }
}
