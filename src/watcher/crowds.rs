//! Crowds: watches whose polls fall together, since they have an interval in common.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::time::Duration;

/// The number of watches with each interval.
#[derive(Debug, Default)]
pub(super) struct Crowds(BTreeMap<Duration, usize>);

impl Crowds {
    pub(super) fn join(&mut self, interval: Duration) {
        *self.0.entry(interval).or_default() += 1;
    }

    pub(super) fn leave(&mut self, interval: Duration) {
        if let Entry::Occupied(mut size) = self.0.entry(interval) {
            *size.get_mut() -= 1;
            if *size.get() == 0 {
                size.remove();
            }
        }
    }

    pub(super) fn size(&self, interval: Duration) -> usize {
        self.0.get(&interval).copied().unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_crowd_is_counted_and_forgotten_with_its_last_watch() {
        let (short, long) = (Duration::from_secs(1), Duration::from_secs(9));
        let mut crowds = Crowds::default();
        [short, short, long].into_iter().for_each(|interval| crowds.join(interval));
        assert_eq!((crowds.size(short), crowds.size(long)), (2, 1));
        [short, long].into_iter().for_each(|interval| crowds.leave(interval));
        assert_eq!((crowds.size(short), crowds.size(long)), (1, 0));
        assert_eq!(crowds.0.len(), 1);
    }
}
