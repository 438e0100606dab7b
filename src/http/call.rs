//! One request under way: how long it may take, what ends it, what became of it.

use std::cell::{Cell, RefCell};
use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::cancel::{CancelToken, cancelled};
use crate::error::{Code, Error, Result};
use crate::sys::{self, For};

/// What one request carries with it down to the socket. ureq knows nothing of it: a connection
/// that comes out of the pool finds it by [`Call::current`], on the thread that makes the request.
pub(crate) struct Call {
    token: Option<Arc<CancelToken>>,
    started: Instant,
    /// The end of the request, and of the step that is under way.
    until: Instant,
    step_until: Cell<Instant>,
    pub(super) connect_timeout: Duration,
    /// The longest wait for the server, once it is connected.
    idle_timeout: Option<Duration>,
    is_connecting: Cell<bool>,
    /// What is being waited for, for the message of a time-out.
    step: Cell<&'static str>,
    /// No connection of the pool will do.
    fresh_only: Cell<bool>,
    opened: Cell<bool>,
    heard: Cell<bool>,
    failure: RefCell<Option<Error>>,
}

thread_local! {
    static CURRENT: RefCell<Option<Rc<Call>>> = const { RefCell::new(None) };
}

impl Call {
    /// A request that ends at `until` at the latest.
    pub(crate) fn new(
        until: Instant,
        connect_timeout: Duration,
        token: Option<Arc<CancelToken>>,
    ) -> Call {
        Call {
            token,
            started: Instant::now(),
            until,
            step_until: Cell::new(until),
            connect_timeout,
            idle_timeout: None,
            is_connecting: Cell::new(false),
            step: Cell::new("waiting for the reply"),
            fresh_only: Cell::new(false),
            opened: Cell::new(false),
            heard: Cell::new(false),
            failure: RefCell::new(None),
        }
    }

    /// The same, but over as well when the server does nothing for so long.
    pub(crate) fn with_idle_timeout(self, idle_timeout: Duration) -> Call {
        Call { idle_timeout: Some(idle_timeout), ..self }
    }

    /// Does `work` with this as the current call.
    pub(super) fn run<T>(self: &Rc<Call>, work: impl FnOnce() -> T) -> T {
        struct Restore(Option<Rc<Call>>);
        impl Drop for Restore {
            fn drop(&mut self) {
                CURRENT.set(self.0.take());
            }
        }
        let _restore = Restore(CURRENT.replace(Some(Rc::clone(self))));
        work()
    }

    /// The call that this thread is in.
    pub(super) fn current() -> std::result::Result<Rc<Call>, ureq::Error> {
        let current = CURRENT.with_borrow(Option::clone);
        current.ok_or_else(|| io::Error::other("no call is under way").into())
    }

    /// Remembers why the call fails, and gives what makes ureq give up. Not an error kind of its
    /// own: ureq takes some of them for the end of a body.
    pub(super) fn fail(&self, error: Error) -> ureq::Error {
        *self.failure.borrow_mut() = Some(error);
        io::Error::other("see the call").into()
    }

    pub(super) fn take_failure(&self) -> Option<Error> {
        self.failure.borrow_mut().take()
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

    pub(super) fn is_fresh_only(&self) -> bool {
        self.fresh_only.get()
    }

    /// Whether the failure is only that of a kept connection which the server had closed
    /// meanwhile. From now on no other kept one is tried either.
    pub(super) fn may_start_afresh(&self, error: &Error) -> bool {
        let stale = error.code == Code::ConnectionLost && !self.opened.get() && !self.heard.get();
        self.fresh_only.set(true);
        stale
    }

    /// Fails if the time is up or the token is cancelled.
    pub(super) fn check(&self) -> Result<()> {
        if self.token.as_deref().is_some_and(CancelToken::is_cancelled) {
            return Err(cancelled());
        }
        if Instant::now() >= self.step_until.get() { Err(self.timeout()) } else { Ok(()) }
    }

    /// Waits until one of these is ready, a bit for each; `pause` ends it early, with 0.
    pub(super) fn wait(&self, on: &[For], pause: Option<Instant>) -> Result<u32> {
        let mut set = [For::Reading(-1); sys::MOST];
        let token = self.token.as_ref().map(|token| token.descriptor()).transpose()?;
        let mut count = 0;
        for (place, wanted) in set.iter_mut().zip(on.iter().copied().chain(token)) {
            *place = wanted;
            count += 1;
        }
        let idle_timeout = self.idle_timeout.filter(|_| !self.is_connecting.get());
        let idle_until = idle_timeout.map(|idle| Instant::now() + idle);
        let limit = self.step_until.get();
        let limit = idle_until.map_or(limit, |idle| idle.min(limit));
        let until = pause.map_or(limit, |pause| pause.min(limit));
        let ready = sys::wait(set.get(..count).unwrap_or_default(), Some(until))
            .map_err(|cause| Error::system("wait for the network", &cause))?;
        if token.is_some() && ready >> (count - 1) & 1 == 1 {
            return Err(cancelled());
        }
        match idle_timeout {
            _ if ready > 0 || until != limit => Ok(ready),
            Some(idle) if idle_until == Some(limit) => Err(self.idle(idle)),
            _ => Err(self.timeout()),
        }
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
    /// there yet, so that looking before waiting would be a system call for nothing.
    pub(super) fn receive(
        &self,
        mut socket: &TcpStream,
        buffer: &mut [u8],
        patient: bool,
    ) -> Result<usize> {
        self.check()?;
        if patient {
            self.wait(&[For::reading(sys::descriptor(socket))], None)?;
        }
        loop {
            match socket.read(buffer) {
                Ok(count) => return Ok(count),
                Err(cause) => self.pass(cause, For::reading(sys::descriptor(socket)))?,
            }
        }
    }

    /// Sends all of it.
    pub(super) fn send(&self, mut socket: &TcpStream, mut bytes: &[u8]) -> Result<()> {
        self.check()?;
        while !bytes.is_empty() {
            match socket.write(bytes) {
                Ok(count) => bytes = bytes.get(count..).unwrap_or_default(),
                Err(cause) => self.pass(cause, For::writing(sys::descriptor(socket)))?,
            }
        }
        Ok(())
    }

    /// Waits where the socket would block; any other error is that of a lost connection.
    fn pass(&self, cause: io::Error, until_ready: For) -> Result<()> {
        match cause.kind() {
            io::ErrorKind::WouldBlock => self.wait(&[until_ready], None).map(drop),
            io::ErrorKind::Interrupted => Ok(()),
            _ => Err(lost(&cause)),
        }
    }
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
        peer.write_all(b"bytes").unwrap();
        socket.peek(&mut [0]).unwrap();
        socket.set_nonblocking(true).unwrap();
        (socket, peer)
    }

    fn received(until: Instant, token: Option<Arc<CancelToken>>) -> Vec<Result<usize>> {
        let (socket, _peer) = with_bytes();
        let call = Call::new(until, Duration::from_secs(1), token);
        [true, false].map(|patient| call.receive(&socket, &mut [0], patient)).into()
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
}
