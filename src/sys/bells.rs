//! Who is woken when something happens once, in a list that a signal handler can go through.

use std::ptr;
use std::sync::atomic::{AtomicPtr, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use once_cell::race::OnceBox;

use super::Wake;

/// The list. A place in it is never taken out, but used again.
#[derive(Debug, Default)]
pub(crate) struct Bells {
    first: OnceBox<Bell>,
    /// How many are going through the list.
    busy: AtomicU32,
    /// Held to change the list; who goes through it needs no lock.
    changing: Mutex<()>,
}

#[derive(Debug)]
struct Bell {
    /// Null, or from `Arc::into_raw`.
    wake: AtomicPtr<Wake>,
    /// How often the same one was added.
    users: AtomicU32,
    next: OnceBox<Bell>,
}

impl Bells {
    /// Does `first`, then wakes everybody in the list. Async-signal-safe if `first` is. Nobody who
    /// was removed is woken afterwards.
    pub(crate) fn ring(&self, first: impl FnOnce()) {
        self.busy.fetch_add(1, Ordering::SeqCst);
        first();
        let mut place = self.first.get();
        while let Some(bell) = place {
            let wake = bell.wake.load(Ordering::SeqCst);
            // SAFETY: not null, so it came from `Arc::into_raw` in `add`. `remove` gives it back
            // only after it has put null in its place and then seen nobody busy; all of these are
            // sequentially consistent, so that either it saw this thread busy and waits, or this
            // thread saw null.
            if let Some(wake) = unsafe { wake.as_ref() } {
                wake.wake();
            }
            place = bell.next.get();
        }
        self.busy.fetch_sub(1, Ordering::SeqCst);
    }

    /// Waits until nobody goes through the list any more. None of them blocks.
    pub(crate) fn await_rings(&self) {
        while self.busy.load(Ordering::SeqCst) > 0 {
            std::thread::yield_now();
        }
    }

    /// Adds `wake`, which may be there already.
    pub(crate) fn add(&self, wake: &Arc<Wake>) {
        let _changing = self.changing();
        let wanted = Arc::as_ptr(wake).cast_mut();
        let mut free = None;
        let mut place = &self.first;
        while let Some(bell) = place.get() {
            let held = bell.wake.load(Ordering::Relaxed);
            if held == wanted {
                bell.users.fetch_add(1, Ordering::Relaxed);
                return;
            }
            if held.is_null() {
                free = Some(bell);
            }
            place = &bell.next;
        }
        let free = free.unwrap_or_else(|| place.get_or_init(Box::default));
        free.users.store(1, Ordering::Relaxed);
        free.wake.store(Arc::into_raw(Arc::clone(wake)).cast_mut(), Ordering::SeqCst);
    }

    /// Removes what was added once.
    pub(crate) fn remove(&self, wake: &Arc<Wake>) {
        let _changing = self.changing();
        let wanted = Arc::as_ptr(wake).cast_mut();
        let mut place = self.first.get();
        while let Some(bell) = place {
            if bell.wake.load(Ordering::Relaxed) != wanted {
                place = bell.next.get();
                continue;
            }
            if bell.users.fetch_sub(1, Ordering::Relaxed) == 1 {
                bell.wake.store(ptr::null_mut(), Ordering::SeqCst);
                self.await_rings();
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

impl Default for Bell {
    fn default() -> Bell {
        Bell {
            wake: AtomicPtr::new(ptr::null_mut()),
            users: AtomicU32::new(0),
            next: OnceBox::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;
    use crate::sys::{For, wait};

    fn is_rung(wake: &Wake) -> bool {
        wait(&[For::Reading(wake.descriptor())], Some(Instant::now())).unwrap() == 1
    }

    #[test]
    fn everybody_in_the_list_is_woken_and_nobody_else() {
        let bells = Bells::default();
        let wakes: Vec<_> = (0..3).map(|_| Arc::new(Wake::new().unwrap())).collect();
        wakes.iter().for_each(|wake| bells.add(wake));
        // Added twice, it stays until it was removed twice.
        bells.add(&wakes[0]);
        bells.remove(&wakes[0]);
        bells.remove(&wakes[1]);
        bells.ring(|| {});
        assert_eq!(wakes.iter().map(|w| is_rung(w)).collect::<Vec<_>>(), [true, false, true]);
        bells.remove(&wakes[0]);
        bells.remove(&wakes[2]);
        assert!(wakes.iter().all(|wake| Arc::strong_count(wake) == 1));
    }

    #[test]
    fn a_place_is_used_again() {
        let bells = Bells::default();
        for _ in 0..100 {
            let wake = Arc::new(Wake::new().unwrap());
            bells.add(&wake);
            bells.remove(&wake);
        }
        assert!(bells.first.get().unwrap().next.get().is_none());
    }

    #[test]
    fn what_is_removed_while_it_rings_is_not_used_afterwards() {
        let bells = Bells::default();
        std::thread::scope(|scope| {
            scope.spawn(|| (0..10_000).for_each(|_| bells.ring(|| {})));
            scope.spawn(|| {
                for _ in 0..1000 {
                    let wake = Arc::new(Wake::new().unwrap());
                    bells.add(&wake);
                    bells.remove(&wake);
                    assert_eq!(Arc::strong_count(&wake), 1);
                }
            });
        });
    }
}
