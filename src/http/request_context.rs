//! The limits of one request: its deadline, the time-outs of its steps, its cancel token.

use std::cell::{Cell, Ref};
use std::future::Future;
use std::io;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use super::error::{Error, Result};
use super::suspension::{Suspension, WaitSet};
use crate::cancel::{CancelToken, Heartbeat, Interrupt};
use crate::sys::Interest;

/// The limits of one request, which go with it down to the socket. All that a request does is a
/// future; where it has to wait, it is suspended, and its driver waits for it: the calling thread in
/// [`RequestContext::block_on`], or a watcher's thread for many requests at once.
#[derive(Debug)]
pub(crate) struct RequestContext {
    token: Option<Arc<CancelToken>>,
    started: Instant,
    deadline: Instant,
    /// The end of the step that is under way.
    step_deadline: Cell<Instant>,
    connect_timeout: Duration,
    /// The longest silence of the server, once it is connected.
    idle_timeout: Option<Duration>,
    is_connecting: Cell<bool>,
    /// Whether the driver has no other request.
    is_alone: Cell<bool>,
    /// Whether the driver has nothing else to do, not even to look at a token, so that a socket may block it for a moment.
    may_block: Cell<bool>,
    /// The step that is under way, in the words of a time-out's message.
    step: Cell<&'static str>,
    /// Whether a connection was opened for this request.
    has_dialled: Cell<bool>,
    /// Whether a byte of the reply has come.
    has_heard: Cell<bool>,
    /// Bytes received since the request was last suspended.
    unyielded: Cell<usize>,
    /// Bytes received beside the body, and those of the body.
    spent: Cell<u64>,
    delivered: Cell<u64>,
    suspension: Suspension,
}

/// The step of a request that is not connecting any more.
pub(crate) const WAITING_FOR_THE_REPLY: &str = "waiting for the reply";

/// The bytes after which a request lets the others of its driver go on.
const TURN: usize = 16 * 1024;

/// The bytes that a reply may have beside its body, unless that is longer.
const MOST_BESIDE_BODY: u64 = 64 * 1024;

impl RequestContext {
    /// The limits of a request that ends at `deadline` at the latest.
    pub(crate) fn new(
        deadline: Instant,
        connect_timeout: Duration,
        token: Option<Arc<CancelToken>>,
    ) -> RequestContext {
        RequestContext {
            token,
            started: Instant::now(),
            deadline,
            step_deadline: Cell::new(deadline),
            connect_timeout,
            idle_timeout: None,
            is_connecting: Cell::new(false),
            is_alone: Cell::new(false),
            may_block: Cell::new(false),
            step: Cell::new(WAITING_FOR_THE_REPLY),
            has_dialled: Cell::new(false),
            has_heard: Cell::new(false),
            unyielded: Cell::new(0),
            spent: Cell::new(0),
            delivered: Cell::new(0),
            suspension: Suspension::new(deadline),
        }
    }

    /// Adds a limit to the server's silence.
    pub(crate) fn with_idle_timeout(self, idle_timeout: Duration) -> RequestContext {
        RequestContext { idle_timeout: Some(idle_timeout), ..self }
    }

    /// Runs a request to its end on this thread, which sleeps where the request waits. `None`: the
    /// token or the heartbeat has ended it.
    pub(crate) fn block_on<T>(
        &self,
        heartbeat: Option<&dyn Heartbeat>,
        request: impl Future<Output = T>,
    ) -> Option<T> {
        let mut request = pin!(request);
        self.is_alone.set(true);
        self.may_block.set(self.token.is_none());
        let mut task_context = Context::from_waker(Waker::noop());
        loop {
            if let Poll::Ready(result) = request.as_mut().poll(&mut task_context) {
                return Some(result);
            }
            let interrupt = Interrupt { token: self.token.as_ref(), heartbeat };
            self.suspension.sleep(interrupt);
            if interrupt.is_cancelled() {
                return None;
            }
        }
    }

    /// The readiness that the request waits for, while its future is pending.
    pub(crate) fn wait_set(&self) -> Ref<'_, WaitSet> {
        self.suspension.wait_set()
    }

    /// Lets a suspended request go on, for its driver; `why` may be the driver's own failure.
    /// `false`: nothing is ready, and its time has not come.
    pub(crate) fn resume(&self, why: io::Result<()>) -> bool {
        self.suspension.resume(why)
    }

    /// Lets a suspended request go on, which its poller has reported as ready.
    pub(crate) fn resume_ready(&self) -> bool {
        self.suspension.resume_ready()
    }

    /// Begins the steps of making a connection, which end with the connect timeout.
    pub(super) fn begin_connecting(&self) {
        self.has_dialled.set(true);
        self.is_connecting.set(true);
        let deadline = Instant::now() + self.connect_timeout;
        self.step_deadline.set(self.deadline.min(deadline));
    }

    pub(super) fn end_connecting(&self) {
        self.step_deadline.set(self.deadline);
        self.is_connecting.set(false);
        self.step.set(WAITING_FOR_THE_REPLY);
    }

    /// Brings the end of the request forward to `grace` from now.
    pub(super) fn shorten(&self, grace: Duration) {
        self.step_deadline.set(self.step_deadline.get().min(Instant::now() + grace));
    }

    /// Names the step that begins.
    pub(super) fn step(&self, step: &'static str) {
        self.step.set(step);
    }

    /// Notes that a byte of the reply has come.
    pub(super) fn hear(&self) {
        self.has_heard.set(true);
    }

    /// Notes bytes that were received, and lets the other requests of the driver go on after some: a peer
    /// that never stops must not hold them up. Looks at the clock and the token each time.
    pub(super) async fn charge(&self, received: usize) -> Result<()> {
        self.check()?;
        let unyielded = self.unyielded.get() + received;
        self.unyielded.set(unyielded);
        if unyielded >= TURN && !self.is_alone.get() {
            self.unyielded.set(0);
            let ready = self.suspension.wait(&[], Instant::now()).await;
            ready.map_err(|cause| Error::system("wait for the network", &cause))?;
        }
        Ok(())
    }

    /// Notes bytes that a reply has beside its body: heads, chunk sizes, trailers, TLS records without
    /// data. Fails where they outweigh it.
    pub(super) fn spend(&self, count: usize) -> Result<()> {
        let spent = self.spent.get() + count as u64;
        self.spent.set(spent);
        if spent > MOST_BESIDE_BODY.max(self.delivered.get()) {
            return Err(Error::not_http("far more beside its body than in it"));
        }
        Ok(())
    }

    /// Takes back what was spent on TLS records that have turned out to be data.
    pub(super) fn refund(&self, count: usize) {
        self.spent.set(self.spent.get().saturating_sub(count as u64));
    }

    /// Notes bytes of the body.
    pub(super) fn deliver(&self, count: usize) {
        self.delivered.set(self.delivered.get() + count as u64);
    }

    /// Whether the request went out on a connection that was idle before.
    pub(super) fn is_on_reused_connection(&self) -> bool {
        !self.has_dialled.get()
    }

    /// Whether the failure is only that of an idle connection which the server had closed meanwhile.
    pub(super) fn may_redial(&self, error: &Error) -> bool {
        let is_fresh = self.has_dialled.get() || self.has_heard.get();
        matches!(error, Error::Lost { .. }) && !is_fresh
    }

    /// The time that is left. Fails if it is up or the token is cancelled.
    pub(super) fn check(&self) -> Result<Duration> {
        if self.token.as_deref().is_some_and(CancelToken::is_cancelled) {
            return Err(Error::Cancelled);
        }
        match self.step_deadline.get().checked_duration_since(Instant::now()) {
            Some(left) if !left.is_zero() => Ok(left),
            _ => Err(self.timed_out()),
        }
    }

    /// Whether a socket may block the thread for `moment`, instead of being waited for. Most replies
    /// come in less: then to wait for the socket is a system call for nothing. It may not where there
    /// is a token, an idle time-out, which would begin after the moment rather than with it, or other
    /// work for the thread.
    pub(super) fn may_block_for(&self, moment: Duration) -> Result<bool> {
        let left = self.check()?;
        Ok(self.may_block.get() && self.idle_timeout.is_none() && left > moment)
    }

    /// Waits until one of these is ready, a bit for each; `pause` ends it early, with 0.
    pub(super) async fn wait(&self, on: &[Interest], pause: Option<Instant>) -> Result<u32> {
        let idle_timeout = self.idle_timeout.filter(|_| !self.is_connecting.get());
        let idle_until = idle_timeout.map(|idle| Instant::now() + idle);
        let limit = self.step_deadline.get();
        let limit = idle_until.map_or(limit, |idle| idle.min(limit));
        let until = pause.map_or(limit, |pause| pause.min(limit));
        self.unyielded.set(0);
        let ready = self.suspension.wait(on, until).await;
        let ready = ready.map_err(|cause| Error::system("wait for the network", &cause))?;
        match idle_timeout {
            _ if ready > 0 || until != limit => Ok(ready),
            Some(idle) if idle_until == Some(limit) => {
                Err(Error::Idle { after_ms: idle.as_millis(), step: self.step.get() })
            }
            _ => Err(self.timed_out()),
        }
    }

    fn timed_out(&self) -> Error {
        let spent = self.step_deadline.get().saturating_duration_since(self.started);
        Error::TimedOut { after_ms: spent.as_millis(), step: self.step.get() }
    }
}
