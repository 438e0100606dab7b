//! One request and its reply on one connection: HTTP/1.1.

use std::sync::Arc;

use super::body::{Body, ReadBuffer};
use super::connection::Connection;
use super::error::{Error, Result};
use super::head::{Head, LONGEST};
use super::request_context::RequestContext;
use crate::url::Origin;

/// The size that nearly every reply of the API fits into, with its head.
const USUAL: usize = 3 * 1024;

/// The interim responses that one reply may have before it.
const MOST_INTERIM: usize = 16;

/// A reply whose head has come.
#[derive(Debug)]
pub(super) struct Exchange {
    connection: Connection,
    input: ReadBuffer,
    body: Body,
    keeps_alive: bool,
}

/// Sends a request, and receives the head of the reply.
pub(super) async fn begin(
    mut connection: Connection,
    request: &[u8],
    context: &RequestContext,
) -> Result<(Head, Exchange)> {
    connection.send(context, request).await?;
    let mut input = ReadBuffer::new(connection.take_buffer());
    let head = receive_head(&mut connection, &mut input, context).await?;
    let (body, keeps_alive) = (Body::new(head.framing), head.keeps_alive);
    Ok((head, Exchange { connection, input, body, keeps_alive }))
}

async fn receive_head(
    connection: &mut Connection,
    input: &mut ReadBuffer,
    context: &RequestContext,
) -> Result<Head> {
    let mut interim = 0;
    loop {
        match Head::read(input.filled())? {
            Some((head, length)) => {
                input.consume(length);
                context.spend(length)?;
                // An interim response, such as 103 (RFC 9110, 15.2).
                if !matches!(head.status, 100 | 102..=199) {
                    return Ok(head);
                }
                interim += 1;
                if interim > MOST_INTERIM {
                    return Err(Error::not_http("too many interim responses"));
                }
                continue;
            }
            None if input.filled().len() >= LONGEST => {
                return Err(Error::HeadTooLarge { limit: LONGEST });
            }
            None => {}
        }
        let room = if input.filled().len() < USUAL { USUAL } else { LONGEST };
        if !input.fill(connection, context, room).await? {
            return Err(Error::lost("the server closed it"));
        }
    }
}

impl Exchange {
    /// The next bytes of the body; 0 is its end. What ends before it is whole is an error.
    pub(super) async fn read(
        &mut self,
        context: &RequestContext,
        buffer: &mut [u8],
    ) -> Result<usize> {
        self.body.read(&mut self.input, &mut self.connection, context, buffer).await
    }

    pub(super) fn origin(&self) -> &Arc<Origin> {
        &self.connection.origin
    }

    /// Whether the body has been read to its end.
    pub(super) fn is_over(&self) -> bool {
        self.body == Body::Over
    }

    /// The connection, if it can be used again.
    pub(super) fn into_connection(self) -> Option<Connection> {
        let Exchange { mut connection, input, body, keeps_alive } = self;
        let buffer = input.into_empty().filter(|_| keeps_alive && body == Body::Over)?;
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
            context.block_on(begin(connection, b"GET", &context)).unwrap().unwrap();
        let read = context.block_on(exchange.read(&context, &mut vec![0; room])).unwrap().unwrap();
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
