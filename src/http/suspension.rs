//! The seam between a request and what drives it: a future that cannot go on says here which
//! descriptors it waits for and until when, and its driver says here what has become ready.

use std::cell::{Ref, RefCell};
use std::future::{Future, poll_fn};
use std::io;
use std::task::Poll;
use std::time::Instant;

use crate::cancel::{self, Interrupt};
use crate::sys::{self, Interest};

/// The readiness that a suspended request waits for.
#[derive(Debug)]
pub(crate) struct WaitSet {
    interests: [Interest; sys::MOST],
    count: usize,
    pub(crate) until: Instant,
}

impl WaitSet {
    pub(crate) fn interests(&self) -> &[Interest] {
        self.interests.get(..self.count).unwrap_or_default()
    }
}

/// Where one request waits: empty-handed while it runs.
#[derive(Debug)]
pub(super) struct Suspension {
    wait_set: RefCell<WaitSet>,
    /// The end of the wait: a bit for each interest that is ready, none at its end.
    outcome: RefCell<Option<io::Result<u32>>>,
}

impl Suspension {
    pub(super) fn new(until: Instant) -> Suspension {
        let interests = [Interest::Readable(sys::Descriptor::MAX); sys::MOST];
        Suspension {
            wait_set: RefCell::new(WaitSet { interests, count: 0, until }),
            outcome: RefCell::new(None),
        }
    }

    /// Suspends the request until one of `interests` is ready or `until` has come.
    pub(super) fn wait(
        &self,
        interests: &[Interest],
        until: Instant,
    ) -> impl Future<Output = io::Result<u32>> {
        {
            // One slot is left for the token of the thread that sleeps.
            let most = sys::MOST - 1;
            let mut set = self.wait_set.borrow_mut();
            set.count = interests.len().min(most);
            set.until = until;
            set.interests.iter_mut().take(most).zip(interests).for_each(|(slot, on)| *slot = *on);
        }
        let mut is_suspended = false;
        poll_fn(move |_| match self.outcome.take() {
            Some(outcome) if is_suspended => Poll::Ready(outcome),
            _ => {
                is_suspended = true;
                Poll::Pending
            }
        })
    }

    /// The readiness that the suspended request waits for.
    pub(super) fn wait_set(&self) -> Ref<'_, WaitSet> {
        self.wait_set.borrow()
    }

    /// Sleeps on this thread until the request can go on, or is to end.
    pub(super) fn sleep(&self, interrupt: Interrupt<'_>) {
        let mut set = self.wait_set.borrow_mut();
        let WaitSet { interests, count, until } = &mut *set;
        let outcome = cancel::wait(interests, *count, *until, interrupt);
        *self.outcome.borrow_mut() = Some(outcome);
    }

    /// Lets the request go on. Where no error says why, what is ready is looked up; `false`: nothing
    /// is, and its time has not come.
    pub(super) fn resume(&self, why: io::Result<()>) -> bool {
        let set = self.wait_set.borrow();
        let now = Instant::now();
        let ready = why.and_then(|()| sys::wait(set.interests(), Some(now)));
        if matches!(ready, Ok(0)) && now < set.until {
            return false;
        }
        *self.outcome.borrow_mut() = Some(ready);
        true
    }

    /// Lets the request go on, which its poller has reported as ready. A single interest needs no
    /// look-up.
    pub(super) fn resume_ready(&self) -> bool {
        if self.wait_set.borrow().count != 1 {
            return self.resume(Ok(()));
        }
        *self.outcome.borrow_mut() = Some(Ok(1));
        true
    }
}
