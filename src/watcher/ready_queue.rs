//! The results that wait to be handed out, the oldest first.

use std::collections::BTreeMap;

use crate::outcome::Outcome;

/// The key of a watch or download: the bytes of its id, the same in either case, and its tag.
pub(super) type Key = ([u8; 16], u64);

/// The position of a result in a queue, the lowest first; 0 is none.
pub(super) type Ticket = u64;

#[derive(Debug, Default)]
pub(super) struct ReadyQueue {
    /// Each is the end of a watch or download, or how it stands.
    entries: BTreeMap<Ticket, (Key, Box<Outcome>)>,
    last: Ticket,
}

impl ReadyQueue {
    pub(super) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Puts a result at the end.
    pub(super) fn push(&mut self, key: Key, outcome: Box<Outcome>) -> Ticket {
        self.last += 1;
        self.entries.insert(self.last, (key, outcome));
        self.last
    }

    /// Puts an update where an older one of the same watch waits, or else at the end.
    pub(super) fn update(&mut self, old: Ticket, key: Key, update: Box<Outcome>) -> Ticket {
        match self.entries.get_mut(&old) {
            Some(entry) => {
                entry.1 = update;
                old
            }
            None => self.push(key, update),
        }
    }

    /// Drops a result that was not handed out yet.
    pub(super) fn remove(&mut self, ticket: Ticket) {
        self.entries.remove(&ticket);
    }

    /// Takes the oldest result, and the key of its watch.
    pub(super) fn pop(&mut self) -> Option<(Key, Box<Outcome>)> {
        self.entries.pop_first().map(|(_, entry)| entry)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::job::JobId;

    const KEY: Key = ([7; 16], 1);

    fn outcome(tag: u64) -> Box<Outcome> {
        let id = JobId::parse("4a09edf9-d071-4847-bda5-8dea913d80fe").unwrap();
        let mut outcome = Outcome::begin(&id);
        outcome.set_tag(tag);
        Box::new(outcome)
    }

    #[test]
    fn a_newer_update_takes_the_place_of_one_that_was_not_taken() {
        let mut queue = ReadyQueue::default();
        let first = queue.update(0, KEY, outcome(1));
        queue.push(KEY, outcome(2));
        assert_eq!(queue.update(first, KEY, outcome(3)), first);
        let tags = |queue: &mut ReadyQueue| queue.pop().map(|(_, outcome)| outcome.tag());
        assert_eq!(
            (tags(&mut queue), tags(&mut queue), tags(&mut queue)),
            (Some(3), Some(2), None)
        );
        // Taken: the next one stands at the end.
        assert_ne!(queue.update(first, KEY, outcome(4)), first);
        assert!(!queue.is_empty());
    }
}
