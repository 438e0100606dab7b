//! Who is woken when something happens once, in a list that a signal handler can go through.

use std::ptr;
use std::sync::atomic::{AtomicPtr, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use once_cell::race::OnceBox;

use super::Notifier;

/// The list. A place in it is never taken out, but used again.
#[derive(Debug, Default)]
pub(crate) struct NotifierList {
    first: OnceBox<ListEntry>,
    /// How many are going through the list.
    busy: AtomicU32,
    /// Held to change the list; who goes through it needs no lock.
    changing: Mutex<()>,
}

#[derive(Debug)]
struct ListEntry {
    /// Null, or from `Arc::into_raw`.
    notifier: AtomicPtr<Notifier>,
    /// How often the same one was added.
    users: AtomicU32,
    next: OnceBox<ListEntry>,
}

impl NotifierList {
    /// Does `first`, then wakes everybody in the list. Async-signal-safe if `first` is. Nobody who
    /// was removed is woken afterwards.
    pub(crate) fn notify_all(&self, first: impl FnOnce()) {
        self.busy.fetch_add(1, Ordering::SeqCst);
        first();
        let mut place = self.first.get();
        while let Some(entry) = place {
            let notifier = entry.notifier.load(Ordering::SeqCst);
            // SAFETY: not null, so it came from `Arc::into_raw` in `add`. `remove` gives it back
            // only after it has put null in its place and then seen nobody busy; all of these are
            // sequentially consistent, so that either it saw this thread busy and waits, or this
            // thread saw null.
            if let Some(notifier) = unsafe { notifier.as_ref() } {
                notifier.notify();
            }
            place = entry.next.get();
        }
        self.busy.fetch_sub(1, Ordering::SeqCst);
    }

    /// Waits until nobody goes through the list any more. None of them blocks.
    pub(crate) fn await_notifications(&self) {
        while self.busy.load(Ordering::SeqCst) > 0 {
            std::thread::yield_now();
        }
    }

    /// Adds `wake`, which may be there already.
    pub(crate) fn add(&self, notifier: &Arc<Notifier>) {
        let _changing = self.changing();
        let wanted = Arc::as_ptr(notifier).cast_mut();
        let mut free = None;
        let mut place = &self.first;
        while let Some(entry) = place.get() {
            let held = entry.notifier.load(Ordering::Relaxed);
            if held == wanted {
                entry.users.fetch_add(1, Ordering::Relaxed);
                return;
            }
            if held.is_null() {
                free = Some(entry);
            }
            place = &entry.next;
        }
        let free = free.unwrap_or_else(|| place.get_or_init(Box::default));
        free.users.store(1, Ordering::Relaxed);
        free.notifier.store(Arc::into_raw(Arc::clone(notifier)).cast_mut(), Ordering::SeqCst);
    }

    /// Removes what was added once.
    pub(crate) fn remove(&self, notifier: &Arc<Notifier>) {
        let _changing = self.changing();
        let wanted = Arc::as_ptr(notifier).cast_mut();
        let mut place = self.first.get();
        while let Some(entry) = place {
            if entry.notifier.load(Ordering::Relaxed) != wanted {
                place = entry.next.get();
                continue;
            }
            if entry.users.fetch_sub(1, Ordering::Relaxed) == 1 {
                entry.notifier.store(ptr::null_mut(), Ordering::SeqCst);
                self.await_notifications();
                // SAFETY: it came from `Arc::into_raw` in `add`, and is given back once, since null
                // has taken its place; `ring` does not use it any more, as argued there.
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
    fn everybody_in_the_list_is_woken_and_nobody_else() {
        let list = NotifierList::default();
        let notifiers: Vec<_> = (0..3).map(|_| Arc::new(Notifier::new().unwrap())).collect();
        notifiers.iter().for_each(|notifier| list.add(notifier));
        // Added twice, it stays until it was removed twice.
        list.add(&notifiers[0]);
        list.remove(&notifiers[0]);
        list.remove(&notifiers[1]);
        list.notify_all(|| {});
        assert_eq!(
            notifiers.iter().map(|w| is_notified(w)).collect::<Vec<_>>(),
            [true, false, true]
        );
        list.remove(&notifiers[0]);
        list.remove(&notifiers[2]);
        assert!(notifiers.iter().all(|notifier| Arc::strong_count(notifier) == 1));
    }

    #[test]
    fn a_place_is_used_again() {
        let list = NotifierList::default();
        for _ in 0..100 {
            let notifier = Arc::new(Notifier::new().unwrap());
            list.add(&notifier);
            list.remove(&notifier);
        }
        assert!(list.first.get().unwrap().next.get().is_none());
    }

    #[test]
    fn what_is_removed_while_it_rings_is_not_used_afterwards() {
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
