//! Waiting for few descriptors at once, and the time-out of every wait.

use std::io;
use std::time::{Duration, Instant};

use super::{Descriptor, NOTHING, POLL, entry, named, poll};

/// A descriptor, and the readiness to wait for on it.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Interest {
    Readable(Descriptor),
    Writable(Descriptor),
}

/// The most descriptors that one [`wait`] polls; it ignores the rest.
pub(crate) const MOST: usize = 24;

/// Waits until one of the descriptors is ready or `until` has passed. Returns a bit for each that
/// is ready, in their order: 0 at the time-out. A signal does not end the wait.
pub(crate) fn wait(on: &[Interest], until: Option<Instant>) -> io::Result<u32> {
    let mut set = [NOTHING; MOST];
    set.iter_mut().zip(on).for_each(|(slot, on)| *slot = entry(*on));
    let set = set.get_mut(..on.len().min(MOST)).unwrap_or_default();
    through_signals(until, |left| poll(set, left)).map_err(named(POLL))?;
    let bit = |(index, entry): (usize, &super::Entry)| u32::from(entry.revents != 0) << index;
    Ok(set.iter().enumerate().map(bit).sum())
}

/// Calls `poll` with the time left until `until`, again each time that a signal interrupts it.
pub(super) fn through_signals<T>(
    until: Option<Instant>,
    mut poll: impl FnMut(Option<Duration>) -> io::Result<T>,
) -> io::Result<T> {
    loop {
        match poll(until.map(|until| until.saturating_duration_since(Instant::now()))) {
            Err(cause) if cause.kind() == io::ErrorKind::Interrupted => {}
            ended => return ended,
        }
    }
}

/// A time-out in whole milliseconds, rounded up, so that no wait ends early; -1 is without a limit.
#[cfg(not(target_os = "freebsd"))]
pub(super) fn milliseconds(left: Option<Duration>) -> i32 {
    let rounded = |left: Duration| left.as_nanos().div_ceil(1_000_000).try_into();
    left.map_or(-1, |left| rounded(left).unwrap_or(i32::MAX))
}
