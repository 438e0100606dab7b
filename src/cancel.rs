//! What ends a call before its time: the cancel token, from any thread and from a signal handler, and a
//! heartbeat, which asks the host while the call waits.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering, fence};
use std::time::{Duration, Instant};

use once_cell::race::OnceBox;

use crate::error::{Code, Error, Result};
use crate::sys::{self, Interest, Notifier, NotifierList};

/// A one-way flag that cancels every call that uses it, for good.
#[derive(Debug)]
pub struct CancelToken {
    is_cancelled: AtomicBool,
    /// Notified on cancel; made by the first call that blocks on this token.
    notifier: OnceBox<Notifier>,
    /// The process that made the token: see [`sys::generation`].
    generation: u32,
    /// The notifiers of watchers, which wait for many tokens at once.
    notifiers: NotifierList,
}

impl Default for CancelToken {
    fn default() -> CancelToken {
        CancelToken::new()
    }
}

impl CancelToken {
    /// A token that is not cancelled, without a descriptor as yet.
    pub fn new() -> CancelToken {
        sys::notice_forks();
        CancelToken {
            is_cancelled: AtomicBool::new(false),
            notifier: OnceBox::new(),
            generation: sys::generation(),
            notifiers: NotifierList::default(),
        }
    }

    /// Cancels. Async-signal-safe: a few atomic operations, and a write(2) for each notifier.
    pub fn cancel(&self) {
        self.notifiers.notify_all(|| {
            self.is_cancelled.store(true, Ordering::SeqCst);
            // Either this thread sees the notifier, or `descriptor` sees the flag.
            fence(Ordering::SeqCst);
            if let Some(notifier) = self.notifier.get() {
                notifier.notify();
            }
        });
    }

    /// Waits for every `cancel` under way, none of which blocks, so that the token may be freed.
    pub fn await_cancels(&self) {
        if self.check_owner().is_ok() {
            self.notifiers.await_notifications();
        }
    }

    /// Adds a notifier for `cancel` to notify, which may be once too often. The caller must check
    /// `is_cancelled` afterwards, since the token may have been cancelled before.
    pub(crate) fn add_notifier(&self, notifier: &Arc<Notifier>) {
        self.notifiers.add(notifier);
    }

    /// Removes a notifier that was added, once for each `add_notifier`.
    pub(crate) fn remove_notifier(&self, notifier: &Arc<Notifier>) {
        self.notifiers.remove(notifier);
    }

    /// Whether the token was cancelled.
    pub fn is_cancelled(&self) -> bool {
        self.is_cancelled.load(Ordering::SeqCst)
    }

    /// Refuses a token that a parent process made: its descriptor is the parent's too.
    pub(crate) fn check_owner(&self) -> Result<()> {
        if self.generation == sys::generation() {
            return Ok(());
        }
        Err(Error::argument(
            "the cancel token was made before fork() in the parent process: make a new one in the \
             child",
        ))
    }

    /// The descriptor to poll, which becomes readable once the token is cancelled.
    pub(crate) fn descriptor(&self) -> io::Result<Interest> {
        let notifier = self.notifier.get_or_try_init(|| Notifier::new().map(Box::new))?;
        fence(Ordering::SeqCst);
        if self.is_cancelled() {
            notifier.notify();
        }
        Ok(Interest::Readable(notifier.descriptor()))
    }
}

/// The error of a call that its token or a callback ended.
pub(crate) fn cancelled() -> Error {
    Error::new(
        Code::Cancelled,
        "the call was cancelled; the job itself goes on, and can be waited for again",
    )
}

/// Asks the host, while a call waits, whether it goes on.
pub(crate) trait Heartbeat {
    /// When it is due.
    fn due(&self) -> Instant;
    /// Asks now.
    fn beat(&self);
    /// Whether the host has said no.
    fn has_stopped(&self) -> bool;
}

/// The ways in which a blocking call can end before its time: by a token, or by the host's progress callback.
#[derive(Clone, Copy, Default)]
pub(crate) struct Interrupt<'a> {
    pub(crate) token: Option<&'a Arc<CancelToken>>,
    pub(crate) heartbeat: Option<&'a dyn Heartbeat>,
}

impl<'a> Interrupt<'a> {
    pub(crate) fn by_token(token: Option<&'a Arc<CancelToken>>) -> Interrupt<'a> {
        Interrupt { token, heartbeat: None }
    }

    /// Fails if the call is to end.
    pub(crate) fn check(&self) -> Result<()> {
        if self.is_cancelled() { Err(cancelled()) } else { Ok(()) }
    }

    pub(crate) fn is_cancelled(&self) -> bool {
        self.token.is_some_and(|token| token.is_cancelled())
            || self.heartbeat.is_some_and(Heartbeat::has_stopped)
    }

    /// Asks the host, if it is time to.
    fn beat(&self) {
        if let Some(heartbeat) =
            self.heartbeat.filter(|heartbeat| heartbeat.due() <= Instant::now())
        {
            heartbeat.beat();
        }
    }
}

/// The interval at which a wait looks at the token where it has no descriptor to poll.
const CHECK_INTERVAL: Duration = Duration::from_millis(20);

/// Waits until one of the first `count` interests is ready, `until` has come or the call is to end: a bit
/// for each that is ready. There must be room for one more.
pub(crate) fn wait(
    interests: &mut [Interest],
    count: usize,
    until: Instant,
    interrupt: Interrupt<'_>,
) -> io::Result<u32> {
    let Interrupt { token, heartbeat } = interrupt;
    let mut descriptor = token.and_then(|token| token.descriptor().ok());
    loop {
        interests.iter_mut().skip(count).zip(descriptor).for_each(|(slot, token)| *slot = token);
        let set = interests.get(..count + usize::from(descriptor.is_some())).unwrap_or_default();
        let must_check = token.is_some() && descriptor.is_none();
        let pause = if must_check { until.min(Instant::now() + CHECK_INTERVAL) } else { until };
        let pause = heartbeat.map_or(pause, |heartbeat| heartbeat.due().min(pause));
        let ready = sys::wait(set, Some(pause))?;
        interrupt.beat();
        let of_token = ready & 1 << count;
        let ready = ready & !of_token;
        if ready > 0 || interrupt.is_cancelled() || Instant::now() >= until {
            return Ok(ready);
        }
        // Readable, though nobody has cancelled: the host has put another file in its place.
        if of_token > 0 {
            descriptor = None;
        }
    }
}

/// Sleeps until `until` on the monotonic clock, or fails as soon as the call is to end.
pub(crate) fn sleep(until: Instant, interrupt: Interrupt<'_>) -> Result<()> {
    let mut slot = [Interest::Readable(sys::Descriptor::MAX)];
    wait(&mut slot, 0, until, interrupt).map_err(|cause| Error::system("wait", &cause))?;
    interrupt.check()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    const LONG: Duration = Duration::from_secs(60);

    #[test]
    fn a_cancelled_token_ends_every_sleep_at_once() {
        let token = Arc::new(CancelToken::new());
        let started = Instant::now();
        let sleepers: Vec<_> = (0..8)
            .map(|_| {
                let token = Arc::clone(&token);
                std::thread::spawn(move || {
                    sleep(Instant::now() + LONG, Interrupt::by_token(Some(&token)))
                })
            })
            .collect();
        token.cancel();
        for sleeper in sleepers {
            assert_eq!(sleeper.join().unwrap().unwrap_err().code, Code::Cancelled);
        }
        assert!(sleep(Instant::now() + LONG, Interrupt::by_token(Some(&token))).is_err());
        assert!(started.elapsed() < LONG);
    }

    #[test]
    fn a_token_takes_a_descriptor_only_once_a_call_blocks_on_it() {
        let token = Arc::new(CancelToken::new());
        assert!(token.notifier.get().is_none());
        assert!(sleep(Instant::now(), Interrupt::by_token(Some(&token))).is_ok());
        assert!(token.notifier.get().is_some());
    }

    #[test]
    fn a_sleep_ends_when_its_time_has_come() {
        let token = Arc::new(CancelToken::new());
        let until = Instant::now() + Duration::from_millis(20);
        assert!(sleep(until, Interrupt::by_token(Some(&token))).is_ok());
        assert!(sleep(until, Interrupt::default()).is_ok());
        assert!(Instant::now() >= until);
    }

    /// A heart that beats at every millisecond, and stops at the fifth.
    struct Counting(std::cell::Cell<u32>, Instant);

    impl Heartbeat for Counting {
        fn due(&self) -> Instant {
            self.1 + Duration::from_millis(self.0.get().into())
        }
        fn beat(&self) {
            self.0.set(self.0.get() + 1);
        }
        fn has_stopped(&self) -> bool {
            self.0.get() == 5
        }
    }

    #[test]
    fn a_heart_beats_during_a_sleep_and_ends_it_when_it_stops() {
        let heart = Counting(0.into(), Instant::now());
        let interrupt = Interrupt { token: None, heartbeat: Some(&heart) };
        let ended = sleep(Instant::now() + LONG, interrupt);
        assert_eq!((ended.unwrap_err().code, heart.0.get()), (Code::Cancelled, 5));
        assert!(heart.1.elapsed() < LONG);
    }
}
