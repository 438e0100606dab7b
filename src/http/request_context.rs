//! One request under way: how long it may take, what ends it, what became of it.

use std::cell::{Cell, Ref, RefCell};
use std::future::{Future, poll_fn};
use std::io;
use std::net::TcpStream;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use crate::cancel::{CancelToken, cancelled};
use crate::error::{Code, Error, Result};
use crate::sys::{self, Interest};

/// What one request carries with it down to the socket. All that it does is a future; where it has
/// to wait, it says here for what, and whoever drives it waits: a thread of its own by
/// [`RequestContext::block_on`], or a watcher's for many requests at once.
#[derive(Debug)]
pub(crate) struct RequestContext {
    token: Option<Arc<CancelToken>>,
    started: Instant,
    /// The end of the request, and of the step that is under way.
    until: Instant,
    step_until: Cell<Instant>,
    pub(super) connect_timeout: Duration,
    /// The longest wait for the server, once it is connected.
    idle_timeout: Option<Duration>,
    is_connecting: Cell<bool>,
    /// Whether a socket may be waited for by receiving from it: the thread has nothing else to do.
    may_block: Cell<bool>,
    /// What is being waited for, for the message of a time-out.
    step: Cell<&'static str>,
    opened: Cell<bool>,
    heard: Cell<bool>,
    wanted: RefCell<Wanted>,
    ready: RefCell<Option<Result<u32>>>,
}

/// What a request waits for.
#[derive(Debug)]
pub(crate) struct Wanted {
    set: [Interest; sys::MOST],
    count: usize,
    pub(crate) until: Instant,
}

impl Wanted {
    pub(crate) fn descriptors(&self) -> &[Interest] {
        self.set.get(..self.count).unwrap_or_default()
    }
}

impl RequestContext {
    /// A request that ends at `until` at the latest.
    pub(crate) fn new(
        until: Instant,
        connect_timeout: Duration,
        token: Option<Arc<CancelToken>>,
    ) -> RequestContext {
        RequestContext {
            token,
            started: Instant::now(),
            until,
            step_until: Cell::new(until),
            connect_timeout,
            idle_timeout: None,
            is_connecting: Cell::new(false),
            may_block: Cell::new(false),
            step: Cell::new("waiting for the reply"),
            opened: Cell::new(false),
            heard: Cell::new(false),
            wanted: RefCell::new(Wanted {
                set: [Interest::Readable(sys::Descriptor::MAX); sys::MOST],
                count: 0,
                until,
            }),
            ready: RefCell::new(None),
        }
    }

    /// The same, but over as well when the server does nothing for so long.
    pub(crate) fn with_idle_timeout(self, idle_timeout: Duration) -> RequestContext {
        RequestContext { idle_timeout: Some(idle_timeout), ..self }
    }

    /// Does `work` on this thread, which sleeps where it has to wait.
    pub(crate) fn block_on<T>(&self, future: impl Future<Output = Result<T>>) -> Result<T> {
        let mut future = pin!(future);
        self.may_block.set(self.token.is_none());
        let mut task_context = Context::from_waker(Waker::noop());
        loop {
            if let Poll::Ready(result) = future.as_mut().poll(&mut task_context) {
                return result;
            }
            if self.sleep() {
                return Err(cancelled());
            }
        }
    }

    /// Waits for what is wanted; tells whether the token was cancelled.
    fn sleep(&self) -> bool {
        let mut wanted = self.wanted.borrow_mut();
        let Wanted { set, count, until } = &mut *wanted;
        let token = self.token.as_ref().map(|token| token.descriptor()).transpose();
        let ready = token.and_then(|token| {
            set.iter_mut().skip(*count).zip(token).for_each(|(place, token)| *place = token);
            let set = set.get(..*count + usize::from(token.is_some())).unwrap_or_default();
            sys::wait(set, Some(*until)).map_err(|cause| failed_wait(&cause))
        });
        let is_cancelled =
            self.token.is_some() && ready.as_ref().is_ok_and(|r| r >> *count & 1 == 1);
        *self.ready.borrow_mut() = Some(ready);
        is_cancelled
    }

    /// What it waits for, when its future is pending.
    pub(crate) fn wanted(&self) -> Ref<'_, Wanted> {
        self.wanted.borrow()
    }

    /// Ends the wait, for whoever drives it. Without an error, it looks itself what is ready;
    /// `false`: nothing is, and its time has not come.
    pub(crate) fn resume(&self, how: io::Result<()>) -> bool {
        let wanted = self.wanted.borrow();
        let now = Instant::now();
        let ready = how.and_then(|()| sys::wait(wanted.descriptors(), Some(now)));
        if matches!(ready, Ok(0)) && now < wanted.until {
            return false;
        }
        *self.ready.borrow_mut() = Some(ready.map_err(|cause| failed_wait(&cause)));
        true
    }

    /// The same where it waits for a single descriptor, which is ready: that saves looking.
    pub(crate) fn resume_ready(&self) -> bool {
        if self.wanted.borrow().count != 1 {
            return self.resume(Ok(()));
        }
        *self.ready.borrow_mut() = Some(Ok(1));
        true
    }

    /// A connection is being made: its steps end with the connect timeout.
    pub(super) fn begin_connecting(&self) {
        self.opened.set(true);
        self.is_connecting.set(true);
        let until = Instant::now() + self.connect_timeout;
        self.step_until.set(self.until.min(until));
    }

    pub(super) fn end_connecting(&self) {
        self.step_until.set(self.until);
        self.is_connecting.set(false);
        self.step.set("waiting for the reply");
    }

    pub(super) fn step(&self, step: &'static str) {
        self.step.set(step);
    }

    /// A byte of the answer has come.
    pub(super) fn hear(&self) {
        self.heard.set(true);
    }

    /// Whether the failure is only that of a kept connection which the server had closed
    /// meanwhile.
    pub(super) fn may_start_afresh(&self, error: &Error) -> bool {
        error.code == Code::ConnectionLost && !self.opened.get() && !self.heard.get()
    }

    /// The time that is left. Fails if it is up or the token is cancelled.
    pub(super) fn check(&self) -> Result<Duration> {
        if self.token.as_deref().is_some_and(CancelToken::is_cancelled) {
            return Err(cancelled());
        }
        match self.step_until.get().checked_duration_since(Instant::now()) {
            Some(left) if !left.is_zero() => Ok(left),
            _ => Err(self.timeout()),
        }
    }

    /// Waits until one of these is ready, a bit for each; `pause` ends it early, with 0.
    pub(super) async fn wait(&self, on: &[Interest], pause: Option<Instant>) -> Result<u32> {
        let idle_timeout = self.idle_timeout.filter(|_| !self.is_connecting.get());
        let idle_until = idle_timeout.map(|idle| Instant::now() + idle);
        let limit = self.step_until.get();
        let limit = idle_until.map_or(limit, |idle| idle.min(limit));
        let until = pause.map_or(limit, |pause| pause.min(limit));
        self.want(on, until);
        let mut has_waited = false;
        let ready = poll_fn(|_| match self.ready.take() {
            Some(ready) if has_waited => Poll::Ready(ready),
            _ => {
                has_waited = true;
                Poll::Pending
            }
        });
        let ready = ready.await?;
        match idle_timeout {
            _ if ready > 0 || until != limit => Ok(ready),
            Some(idle) if idle_until == Some(limit) => Err(self.idle(idle)),
            _ => Err(self.timeout()),
        }
    }

    /// One place is left for the token.
    fn want(&self, on: &[Interest], until: Instant) {
        let mut wanted = self.wanted.borrow_mut();
        let most = sys::MOST - 1;
        wanted.count = on.len().min(most);
        wanted.until = until;
        wanted.set.iter_mut().take(most).zip(on).for_each(|(place, on)| *place = *on);
    }

    fn idle(&self, limit: Duration) -> Error {
        Error::new(
            Code::Timeout,
            format!(
                "nothing came for {} ms while {}: try again, or raise the idle time-out",
                limit.as_millis(),
                self.step.get()
            ),
        )
    }

    fn timeout(&self) -> Error {
        let spent = self.step_until.get().saturating_duration_since(self.started);
        Error::new(
            Code::Timeout,
            format!(
                "time ran out after {} ms while {}: try again, or raise the time-out",
                spent.as_millis(),
                self.step.get()
            ),
        )
    }

    /// Receives what there is, at least a byte; 0 is the end. `patient`: nothing is expected to be
    /// there yet.
    pub(super) async fn receive(
        &self,
        socket: &TcpStream,
        buffer: &mut [u8],
        patient: bool,
    ) -> Result<usize> {
        let mut may_block = self.prepare_to_receive(socket, patient).await?;
        loop {
            match sys::receive(socket, buffer, may_block) {
                Ok(count) => return Ok(count),
                Err(cause) => self.pass(cause, Interest::Readable(sys::descriptor(socket))).await?,
            }
            may_block = false;
        }
    }

    /// Whether what receives may block for a moment. Most replies come in less: then to wait for
    /// the socket is a system call that the next one makes unnecessary. Where it may not, because
    /// there is a token, an idle time-out or other work for the thread, the wait comes first:
    /// looking before it would be a system call for nothing.
    pub(super) async fn prepare_to_receive(
        &self,
        socket: &TcpStream,
        patient: bool,
    ) -> Result<bool> {
        let left = self.check()?;
        let is_free = self.may_block.get() && self.idle_timeout.is_none();
        let may_block = patient && is_free && left > sys::A_MOMENT;
        if patient && !may_block {
            self.wait(&[Interest::Readable(sys::descriptor(socket))], None).await?;
        }
        Ok(may_block)
    }

    /// Sends all of it.
    pub(super) async fn send(&self, socket: &TcpStream, mut bytes: &[u8]) -> Result<()> {
        self.check()?;
        while !bytes.is_empty() {
            match sys::send(socket, bytes) {
                Ok(count) => bytes = bytes.get(count..).unwrap_or_default(),
                Err(cause) => self.pass(cause, Interest::Writable(sys::descriptor(socket))).await?,
            }
        }
        Ok(())
    }

    /// Waits where the socket would block; any other error is that of a lost connection.
    pub(super) async fn pass(&self, cause: io::Error, until_ready: Interest) -> Result<()> {
        match cause.kind() {
            io::ErrorKind::WouldBlock => self.wait(&[until_ready], None).await.map(drop),
            io::ErrorKind::Interrupted => Ok(()),
            _ => Err(lost(&cause)),
        }
    }
}

fn failed_wait(cause: &io::Error) -> Error {
    Error::system("wait for the network", cause)
}

/// The connection broke; `how` says in which way.
pub(super) fn lost(how: &dyn std::fmt::Display) -> Error {
    Error::new(
        Code::ConnectionLost,
        format!("the connection broke before the reply was whole ({how}): try again"),
    )
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use super::*;

    /// A socket on which bytes are waiting to be received.
    fn with_bytes() -> (TcpStream, TcpStream) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let socket = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let mut peer = listener.accept().unwrap().0;
        std::io::Write::write_all(&mut peer, b"bytes").unwrap();
        socket.peek(&mut [0]).unwrap();
        socket.set_nonblocking(true).unwrap();
        (socket, peer)
    }

    fn received(until: Instant, token: Option<Arc<CancelToken>>) -> Vec<Result<usize>> {
        let (socket, _peer) = with_bytes();
        let context = RequestContext::new(until, Duration::from_secs(1), token);
        [true, false]
            .map(|patient| context.block_on(context.receive(&socket, &mut [0], patient)))
            .into()
    }

    #[test]
    fn bytes_that_are_there_do_not_outlast_the_time() {
        for result in received(Instant::now(), None) {
            assert_eq!(result.unwrap_err().code, Code::Timeout);
        }
        for result in received(Instant::now() + Duration::from_secs(60), None) {
            assert_eq!(result, Ok(1));
        }
    }

    #[test]
    fn bytes_that_are_there_do_not_outlast_a_cancelled_token() {
        let token = Arc::new(CancelToken::new());
        token.cancel();
        for result in received(Instant::now() + Duration::from_secs(60), Some(token)) {
            assert_eq!(result.unwrap_err().code, Code::Cancelled);
        }
    }

    #[test]
    fn a_socket_may_block_only_where_nothing_else_ends_the_wait() {
        let (socket, _peer) = with_bytes();
        let may_block = |left: Duration, token| {
            let context = RequestContext::new(Instant::now() + left, left, token);
            context.block_on(context.prepare_to_receive(&socket, true))
        };
        let minute = Duration::from_secs(60);
        assert_eq!(may_block(minute, None), Ok(true));
        assert_eq!(may_block(minute, Some(Arc::new(CancelToken::new()))), Ok(false));
        assert_eq!(may_block(sys::A_MOMENT, None), Ok(false));
        // The idle time-out would begin after the moment, rather than with it.
        let context =
            RequestContext::new(Instant::now() + minute, minute, None).with_idle_timeout(minute);
        assert_eq!(context.block_on(context.prepare_to_receive(&socket, true)), Ok(false));
        // One that is driven by somebody who has others to drive.
        let context = RequestContext::new(Instant::now() + minute, minute, None);
        let mut task_context = Context::from_waker(Waker::noop());
        assert!(
            pin!(context.prepare_to_receive(&socket, true)).poll(&mut task_context).is_pending()
        );
    }
}
