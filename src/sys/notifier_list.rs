//! A lock-free list of notifiers, which a signal handler can walk.

use std::ptr;
use std::sync::atomic::{AtomicPtr, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use once_cell::race::OnceBox;

use super::Notifier;

/// A linked list of notifiers. An entry is never freed before the list, but reused: hence a walk
/// needs no lock.
#[derive(Debug, Default)]
pub(crate) struct NotifierList {
    first: OnceBox<ListEntry>,
    /// The number of walks under way.
    busy: AtomicU32,
    /// Held while the list is changed.
    changing: Mutex<()>,
}

/// One entry of a [`NotifierList`].
#[derive(Debug)]
struct ListEntry {
    /// From `Arc::into_raw`; null where the entry is free.
    notifier: AtomicPtr<Notifier>,
    /// How often this notifier was added, less how often it was removed.
    users: AtomicU32,
    next: OnceBox<ListEntry>,
}

impl NotifierList {
    /// Runs `first`, then notifies every notifier in the list, and none after its removal.
    /// Async-signal-safe if `first` is.
    pub(crate) fn notify_all(&self, first: impl FnOnce()) {
        self.busy.fetch_add(1, Ordering::SeqCst);
        first();
        let mut next = self.first.get();
        while let Some(entry) = next {
            let notifier = entry.notifier.load(Ordering::SeqCst);
            // SAFETY: a pointer that is not null came from `Arc::into_raw` in `add`. `remove` drops
            // that reference only after it has stored null and then seen `busy` at 0; all of these
            // are sequentially consistent, so that either it sees this thread busy and waits, or
            // this thread sees null.
            if let Some(notifier) = unsafe { notifier.as_ref() } {
                notifier.notify();
            }
            next = entry.next.get();
        }
        self.busy.fetch_sub(1, Ordering::SeqCst);
    }

    /// Waits until no walk is under way. It spins, since a walk never blocks.
    pub(crate) fn await_notifications(&self) {
        while self.busy.load(Ordering::SeqCst) > 0 {
            std::thread::yield_now();
        }
    }

    /// Adds a notifier, which may be in the list already.
    pub(crate) fn add(&self, notifier: &Arc<Notifier>) {
        let _changing = self.changing();
        let wanted = Arc::as_ptr(notifier).cast_mut();
        let mut free = None;
        let mut next = &self.first;
        while let Some(entry) = next.get() {
            let held = entry.notifier.load(Ordering::Relaxed);
            if held == wanted {
                entry.users.fetch_add(1, Ordering::Relaxed);
                return;
            }
            if held.is_null() {
                free = Some(entry);
            }
            next = &entry.next;
        }
        let free = free.unwrap_or_else(|| next.get_or_init(Box::default));
        free.users.store(1, Ordering::Relaxed);
        free.notifier.store(Arc::into_raw(Arc::clone(notifier)).cast_mut(), Ordering::SeqCst);
    }

    /// Undoes one `add`.
    pub(crate) fn remove(&self, notifier: &Arc<Notifier>) {
        let _changing = self.changing();
        let wanted = Arc::as_ptr(notifier).cast_mut();
        let mut next = self.first.get();
        while let Some(entry) = next {
            if entry.notifier.load(Ordering::Relaxed) != wanted {
                next = entry.next.get();
                continue;
            }
            if entry.users.fetch_sub(1, Ordering::Relaxed) == 1 {
                entry.notifier.store(ptr::null_mut(), Ordering::SeqCst);
                self.await_notifications();
                // SAFETY: the pointer came from `Arc::into_raw` in `add`, and is dropped once,
                // since the entry holds null now; no walk uses it any more, as `notify_all` argues.
                drop(unsafe { Arc::from_raw(wanted.cast_const()) });
            }
            return;
        }
    }

    fn changing(&self) -> MutexGuard<'_, ()> {
        self.changing.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for ListEntry {
    fn default() -> ListEntry {
        ListEntry {
            notifier: AtomicPtr::new(ptr::null_mut()),
            users: AtomicU32::new(0),
            next: OnceBox::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;
    use crate::sys::{Interest, wait};

    fn is_notified(notifier: &Notifier) -> bool {
        wait(&[Interest::Readable(notifier.descriptor())], Some(Instant::now())).unwrap() == 1
    }

    #[test]
    fn every_notifier_in_the_list_is_notified_and_no_other() {
        let list = NotifierList::default();
        let notifiers: Vec<_> = (0..3).map(|_| Arc::new(Notifier::new().unwrap())).collect();
        notifiers.iter().for_each(|notifier| list.add(notifier));
        // A notifier that was added twice stays until it was removed twice.
        list.add(&notifiers[0]);
        list.remove(&notifiers[0]);
        list.remove(&notifiers[1]);
        list.notify_all(|| {});
        assert_eq!(
            notifiers.iter().map(|notifier| is_notified(notifier)).collect::<Vec<_>>(),
            [true, false, true]
        );
        list.remove(&notifiers[0]);
        list.remove(&notifiers[2]);
        assert!(notifiers.iter().all(|notifier| Arc::strong_count(notifier) == 1));
    }

    #[test]
    fn a_free_entry_is_reused() {
        let list = NotifierList::default();
        for _ in 0..100 {
            let notifier = Arc::new(Notifier::new().unwrap());
            list.add(&notifier);
            list.remove(&notifier);
        }
        assert!(list.first.get().unwrap().next.get().is_none());
    }

    #[test]
    fn a_notifier_that_is_removed_during_a_walk_is_not_used_afterwards() {
        let list = NotifierList::default();
        std::thread::scope(|scope| {
            scope.spawn(|| (0..10_000).for_each(|_| list.notify_all(|| {})));
            scope.spawn(|| {
                for _ in 0..1000 {
                    let notifier = Arc::new(Notifier::new().unwrap());
                    list.add(&notifier);
                    list.remove(&notifier);
                    assert_eq!(Arc::strong_count(&notifier), 1);
                }
            });
        });
    }
}
