//! A reply that is coming in: its head is there, its body is read as it comes.

use std::time::Duration;

use percent_encoding::{AsciiSet, percent_encode};

use super::error::{Error, Result};
use super::exchange::Exchange;
use super::framing::Head;
use super::pool::Pool;
use super::request_context::RequestContext;
use crate::cancel::Heartbeat;

/// The least that is asked for at once, where the length of a body is not known.
const SMALLEST_PIECE: usize = 512;

/// A reply whose body is still to be read. Once it is, its connection goes back into the pool.
pub(crate) struct Incoming<'a> {
    pub(super) head: Head,
    pub(super) exchange: Option<Exchange>,
    pub(super) context: &'a RequestContext,
    pub(super) pool: &'a Pool,
}

impl Drop for Incoming<'_> {
    fn drop(&mut self) {
        if let Some(connection) = self.exchange.take().and_then(Exchange::into_connection) {
            self.pool.put(connection);
        }
    }
}

impl Incoming<'_> {
    pub(crate) fn status(&self) -> u16 {
        self.head.status
    }

    /// A header, if it is there and in UTF-8; one of those that `framing.rs` lists.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.head.header(name)
    }

    /// The target of a redirect, whose letters beyond ASCII are percent-encoded whatever their encoding
    /// is.
    pub(crate) fn location(&self) -> Option<String> {
        Some(percent_encode(self.head.values("location").next()?, &AsciiSet::EMPTY).to_string())
    }

    /// Whether two values of a header differ: no one of them can be relied on.
    pub(crate) fn is_contradictory(&self, name: &str) -> bool {
        let mut values = self.head.values(name);
        let first = values.next();
        values.any(|value| Some(value) != first)
    }

    /// The length that the head announces for the body; once that is being read, of the rest.
    pub(crate) fn announced(&self) -> Option<u64> {
        self.exchange.as_ref().map_or(Some(0), |exchange| exchange.body().length())
    }

    /// Whether nothing but the end of the connection tells the end of the body.
    pub(crate) fn is_close_delimited(&self) -> bool {
        self.exchange.as_ref().is_some_and(|exchange| exchange.body().is_close_delimited())
    }

    /// Limits the time that the rest of the body may take.
    pub(crate) fn hurry(&self, grace: Duration) {
        self.context.shorten(grace);
    }

    /// Closes the connection, rather than to use it again: what came on it is not to be trusted.
    pub(crate) fn discard(&mut self) {
        self.exchange = None;
    }

    /// Whether the body has a coding that was not asked for: its bytes are not the resource's.
    pub(crate) fn is_coded(&self) -> bool {
        self.head.is_coded
    }

    /// Waits for the next bytes of the body; 0 is its end. A body that ends before it is whole is an
    /// error.
    pub(crate) fn read(
        &mut self,
        heartbeat: Option<&dyn Heartbeat>,
        buffer: &mut [u8],
    ) -> Result<usize> {
        let (context, received) = (self.context, self.receive(buffer));
        context.block_on(heartbeat, received).unwrap_or(Err(Error::Cancelled))
    }

    async fn receive(&mut self, buffer: &mut [u8]) -> Result<usize> {
        match &mut self.exchange {
            Some(exchange) => {
                let read = exchange.read(self.context, buffer).await;
                if let Err(error) = &read
                    && self.context.is_on_reused_connection()
                    && error.may_be_the_path()
                {
                    self.pool.forget(exchange.origin());
                }
                read
            }
            None => Ok(0),
        }
    }

    /// Waits for the body to its end, or to `limit`.
    pub(crate) fn read_to_end(
        &mut self,
        heartbeat: Option<&dyn Heartbeat>,
        bytes: &mut Vec<u8>,
        limit: usize,
    ) -> Result<()> {
        let (context, collected) = (self.context, self.collect(bytes, limit));
        context.block_on(heartbeat, collected).unwrap_or(Err(Error::Cancelled))
    }

    /// Receives the body to its end, or to `limit`. What came before an error is in `bytes`.
    pub(crate) async fn collect(&mut self, bytes: &mut Vec<u8>, limit: usize) -> Result<()> {
        let mut filled = 0;
        while filled < limit
            && self.exchange.as_ref().is_some_and(|exchange| !exchange.body().is_over())
        {
            make_room(bytes, filled, self.announced(), limit)?;
            let received = self.receive(bytes.get_mut(filled..).unwrap_or_default()).await;
            let count = *received.as_ref().unwrap_or(&0);
            filled += count;
            if count == 0 {
                bytes.truncate(filled);
                return received.map(drop);
            }
        }
        bytes.truncate(filled);
        Ok(())
    }
}

/// Makes room behind the first `filled` bytes: for the rest of the body where it is announced, else for
/// more and more.
fn make_room(bytes: &mut Vec<u8>, filled: usize, rest: Option<u64>, limit: usize) -> Result<()> {
    let rest = rest.and_then(|rest| usize::try_from(rest).ok());
    let piece = rest.unwrap_or(usize::MAX).min(SMALLEST_PIECE);
    let room = bytes.capacity().max(filled + piece).min(limit);
    bytes.try_reserve(room.saturating_sub(bytes.len())).map_err(Error::no_memory)?;
    bytes.resize(room, 0);
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::net::{TcpListener, TcpStream};
    use std::sync::Arc;
    use std::time::Instant;

    use super::*;
    use crate::http::connection::Connection;
    use crate::http::exchange;
    use crate::url::Origin;

    #[test]
    fn a_body_of_known_length_never_moves_in_memory() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let socket = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let reply = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nbody";
        listener.accept().unwrap().0.write_all(reply).unwrap();
        let minute = Duration::from_secs(60);
        let context = RequestContext::new(Instant::now() + minute, minute, None);
        let origin = Arc::new(Origin::of(&"http://a/".parse().unwrap()).unwrap());
        let begun = exchange::begin(Connection::new(origin, socket, None), b"GET", &context);
        let (head, exchange) = context.block_on(None, begun).unwrap().unwrap();
        let pool = Pool::default();
        let exchange = Some(exchange);
        let mut incoming = Incoming { head, exchange, context: &context, pool: &pool };
        let mut body = Vec::with_capacity(5);
        let (place, capacity) = (body.as_ptr(), body.capacity());
        incoming.read_to_end(None, &mut body, 100).unwrap();
        assert_eq!((&body[..], body.as_ptr(), body.capacity()), (&b"body"[..], place, capacity));
    }

    #[test]
    fn room_for_a_body_of_unknown_length_doubles() {
        let mut bytes = Vec::new();
        let mut moves = 0;
        for filled in (0..1_000_000).step_by(512) {
            let before = bytes.capacity();
            make_room(&mut bytes, filled, None, 1 << 20).unwrap();
            assert!(bytes.len() >= filled + SMALLEST_PIECE);
            moves += usize::from(bytes.capacity() != before);
        }
        assert!(moves < 20, "{moves}");
    }
}
