//! One request and its reply on one connection: HTTP/1.1.

use std::sync::Arc;

use super::connection::Connection;
use super::error::{Error, Result};
use super::framing::{Body, Head, HeadReader, LONGEST};
use super::read_buffer::ReadBuffer;
use super::request_context::RequestContext;
use crate::url::Origin;

/// The size that nearly every reply of the API fits into, with its head.
const USUAL: usize = 3 * 1024;

/// The bytes of a long body that are received at once.
const PIECE: usize = 64 * 1024;

/// A reply whose head has come.
pub(super) struct Exchange {
    connection: Connection,
    input: ReadBuffer,
    body: Body,
}

/// Sends a request, and receives the head of the reply.
pub(super) async fn begin(
    mut connection: Connection,
    request: &[u8],
    context: &RequestContext,
) -> Result<(Head, Exchange)> {
    connection.send(context, request).await?;
    let mut input = ReadBuffer::new(connection.take_buffer());
    let mut reader = HeadReader::new()?;
    while !reader.read(&mut input, context)? {
        let room = (2 * input.filled().len()).clamp(USUAL, LONGEST);
        if !fill(&mut connection, &mut input, context, room).await? {
            return Err(Error::lost("the server closed it"));
        }
    }
    let (head, body) = reader.finish()?;
    Ok((head, Exchange { connection, input, body }))
}

/// Receives more into a buffer of at least `room`; `false` at the end of the connection.
async fn fill(
    connection: &mut Connection,
    input: &mut ReadBuffer,
    context: &RequestContext,
    room: usize,
) -> Result<bool> {
    let count = connection.receive(context, input.free(room)?).await?;
    input.add(count);
    Ok(count > 0)
}

impl Exchange {
    /// The next bytes of the body; 0 is its end. What ends before it is whole is an error.
    pub(super) async fn read(
        &mut self,
        context: &RequestContext,
        buffer: &mut [u8],
    ) -> Result<usize> {
        let Exchange { connection, input, body } = self;
        loop {
            if let Some(count) = body.read(input, context, buffer)? {
                return Ok(count);
            }
            let usual = if buffer.len() > USUAL { PIECE } else { USUAL };
            let room = usual.max((2 * input.filled().len()).min(LONGEST));
            if !fill(connection, input, context, room).await? {
                body.end_with_connection()?;
            }
        }
    }

    pub(super) fn origin(&self) -> &Arc<Origin> {
        &self.connection.origin
    }

    pub(super) fn body(&self) -> &Body {
        &self.body
    }

    /// The connection, if it can be used again.
    pub(super) fn into_connection(self) -> Option<Connection> {
        let Exchange { mut connection, input, body } = self;
        let buffer = input.into_empty().filter(|_| body.keeps_alive())?;
        if !connection.ends_here() {
            return None;
        }
        if buffer.len() <= USUAL {
            connection.give_buffer(buffer);
        }
        Some(connection)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::net::{TcpListener, TcpStream};
    use std::time::{Duration, Instant};

    use super::*;

    /// The body of a reply, and whether the connection is used again after it; `room` bytes of the
    /// body are read.
    fn exchange(reply: &str, room: usize) -> (usize, bool) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let socket = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        listener.accept().unwrap().0.write_all(reply.as_bytes()).unwrap();
        let origin = Arc::new(Origin::of(&"http://a/".parse().unwrap()).unwrap());
        let minute = Duration::from_secs(60);
        let context = RequestContext::new(Instant::now() + minute, minute, None);
        let connection = Connection::new(origin, socket, None);
        let (_, mut exchange) =
            context.block_on(None, begin(connection, b"GET", &context)).unwrap().unwrap();
        let read =
            context.block_on(None, exchange.read(&context, &mut vec![0; room])).unwrap().unwrap();
        (read, exchange.into_connection().is_some())
    }

    #[test]
    fn a_connection_is_used_again_only_after_a_whole_reply_that_allows_it() {
        let reply = |more: &str| format!("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n{more}\r\nbody");
        assert_eq!(exchange(&reply(""), 9), (4, true));
        assert_eq!(exchange(&reply(""), 3), (3, false));
        assert_eq!(exchange(&reply("Connection: close\r\n"), 9), (4, false));
        assert_eq!(exchange(&(reply("") + "more"), 9), (4, false));
        assert_eq!(exchange("HTTP/1.1 304 x\r\n\r\n", 9), (0, true));
        // What comes after it is another protocol.
        assert_eq!(exchange("HTTP/1.1 101 x\r\n\r\n", 9), (0, false));
    }

    #[test]
    fn replies_in_between_are_passed_over() {
        let early = "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n";
        let reply = [early, early, "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nbody"].concat();
        assert_eq!(exchange(&reply, 9), (4, true));
    }
}
