//! Bytes in and out of a socket, as a request that can be cancelled and timed.

use std::io;
use std::net::TcpStream;

use super::error::{Error, Result};
use super::request_context::RequestContext;
use crate::sys::{self, Interest};

/// Receives what there is, at least a byte; 0 is the end. `is_waiting`: nothing is expected to be
/// there yet.
pub(super) async fn receive(
    socket: &TcpStream,
    context: &RequestContext,
    buffer: &mut [u8],
    is_waiting: bool,
) -> Result<usize> {
    let mut may_block = prepare_to_receive(socket, context, is_waiting).await?;
    loop {
        match sys::receive(socket, buffer, may_block) {
            Ok(count) => {
                context.charge(count).await?;
                return Ok(count);
            }
            Err(cause) => wait_if_blocked(context, cause, readable(socket)).await?,
        }
        may_block = false;
    }
}

/// Whether what receives next may block for a moment. Where it may not, the wait comes first: a look
/// before it would be a system call for nothing.
pub(super) async fn prepare_to_receive(
    socket: &TcpStream,
    context: &RequestContext,
    is_waiting: bool,
) -> Result<bool> {
    let may_block = context.may_block_for(sys::A_MOMENT)? && is_waiting;
    if is_waiting && !may_block {
        context.wait(&[readable(socket)], None).await?;
    }
    Ok(may_block)
}

/// Sends all of it.
pub(super) async fn send(
    socket: &TcpStream,
    context: &RequestContext,
    mut bytes: &[u8],
) -> Result<()> {
    context.check()?;
    while !bytes.is_empty() {
        match sys::send(socket, bytes) {
            Ok(count) => bytes = bytes.get(count..).unwrap_or_default(),
            Err(cause) => wait_if_blocked(context, cause, writable(socket)).await?,
        }
    }
    Ok(())
}

pub(super) fn readable(socket: &TcpStream) -> Interest {
    Interest::Readable(sys::descriptor(socket))
}

pub(super) fn writable(socket: &TcpStream) -> Interest {
    Interest::Writable(sys::descriptor(socket))
}

/// Waits where the socket would block; any other error is that of a lost connection.
pub(super) async fn wait_if_blocked(
    context: &RequestContext,
    cause: io::Error,
    interest: Interest,
) -> Result<()> {
    match cause.kind() {
        io::ErrorKind::WouldBlock => context.wait(&[interest], None).await.map(drop),
        io::ErrorKind::Interrupted => Ok(()),
        _ if sys::is_forbidden(&cause) => {
            Err(Error::system("use a socket by send or recv", &cause))
        }
        _ => Err(Error::lost(cause)),
    }
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;
    use std::pin::pin;
    use std::sync::Arc;
    use std::task::{Context, Waker};
    use std::time::{Duration, Instant};

    use super::*;
    use crate::cancel::CancelToken;

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
            .map(|patient| {
                let mut buffer = [0];
                context.block_on(None, receive(&socket, &context, &mut buffer, patient)).unwrap()
            })
            .into()
    }

    #[test]
    fn bytes_that_are_there_do_not_outlast_the_time() {
        for result in received(Instant::now(), None) {
            assert!(matches!(result, Err(Error::TimedOut { .. })));
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
            assert_eq!(result, Err(Error::Cancelled));
        }
    }

    #[test]
    fn a_socket_may_block_only_where_nothing_else_ends_the_wait() {
        let (socket, _peer) = with_bytes();
        let may_block = |left: Duration, token| {
            let context = RequestContext::new(Instant::now() + left, left, token);
            context.block_on(None, prepare_to_receive(&socket, &context, true)).unwrap()
        };
        let minute = Duration::from_secs(60);
        assert_eq!(may_block(minute, None), Ok(true));
        assert_eq!(may_block(minute, Some(Arc::new(CancelToken::new()))), Ok(false));
        assert_eq!(may_block(sys::A_MOMENT, None), Ok(false));
        // The idle time-out would begin after the moment, rather than with it.
        let context =
            RequestContext::new(Instant::now() + minute, minute, None).with_idle_timeout(minute);
        assert_eq!(
            context.block_on(None, prepare_to_receive(&socket, &context, true)).unwrap(),
            Ok(false)
        );
        // Nor where the driver has other requests.
        let context = RequestContext::new(Instant::now() + minute, minute, None);
        let mut task_context = Context::from_waker(Waker::noop());
        assert!(
            pin!(prepare_to_receive(&socket, &context, true)).poll(&mut task_context).is_pending()
        );
    }
}
