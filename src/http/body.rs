//! The body of a reply, up to the end that its head announced.

use httparse::{EMPTY_HEADER, Status, parse_chunk_size, parse_headers};

use super::connection::Connection;
use super::error::{Error, Result};
use super::head::{Framing, LONGEST, not_http};
use super::request_context::RequestContext;

/// Bytes that have come and were not read yet.
#[derive(Debug)]
pub(super) struct ReadBuffer {
    bytes: Vec<u8>,
    start: usize,
    end: usize,
}

impl ReadBuffer {
    /// `bytes` is a buffer, whatever it holds.
    pub(super) fn new(bytes: Vec<u8>) -> ReadBuffer {
        ReadBuffer { bytes, start: 0, end: 0 }
    }

    pub(super) fn filled(&self) -> &[u8] {
        self.bytes.get(self.start..self.end).unwrap_or_default()
    }

    pub(super) fn consume(&mut self, count: usize) {
        self.start = (self.start + count).min(self.end);
    }

    /// Receives more into a buffer of at least `room`; `false` at the end of the connection.
    pub(super) async fn fill(
        &mut self,
        connection: &mut Connection,
        context: &RequestContext,
        room: usize,
    ) -> Result<bool> {
        self.bytes.copy_within(self.start..self.end, 0);
        (self.start, self.end) = (0, self.end - self.start);
        if self.bytes.len() < room {
            self.bytes.resize(room, 0);
        }
        let free = self.bytes.get_mut(self.end..).unwrap_or_default();
        let count = connection.receive(context, free).await?;
        self.end += count;
        Ok(count > 0)
    }

    /// The buffer, if all of it was read.
    pub(super) fn into_empty(self) -> Option<Vec<u8>> {
        (self.start == self.end).then_some(self.bytes)
    }

    /// Takes what there is into `buffer`; what there is not, straight from the connection.
    async fn take(
        &mut self,
        connection: &mut Connection,
        context: &RequestContext,
        buffer: &mut [u8],
    ) -> Result<usize> {
        let there = self.filled();
        if there.is_empty() {
            return connection.receive(context, buffer).await;
        }
        let count = there.len().min(buffer.len());
        if let (Some(to), Some(from)) = (buffer.get_mut(..count), there.get(..count)) {
            to.copy_from_slice(from);
        }
        self.consume(count);
        Ok(count)
    }
}

/// The part of a body that is still to come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Body {
    Bytes(u64),
    /// The line before a chunk.
    ChunkSize,
    /// The bytes that are left of a chunk, and the line break behind it.
    Chunk(u64),
    Trailers,
    /// Whatever comes before the end of the connection.
    Rest,
    Over,
}

impl Body {
    pub(super) fn new(framing: Framing) -> Body {
        match framing {
            Framing::Length(0) => Body::Over,
            Framing::Length(length) => Body::Bytes(length),
            Framing::Chunked => Body::ChunkSize,
            Framing::CloseDelimited => Body::Rest,
        }
    }

    /// The next bytes; 0 is the end. What ends before it is whole is an error.
    pub(super) async fn read(
        &mut self,
        input: &mut ReadBuffer,
        connection: &mut Connection,
        context: &RequestContext,
        buffer: &mut [u8],
    ) -> Result<usize> {
        loop {
            let left = match self {
                Body::Over => return Ok(0),
                Body::Rest => u64::MAX,
                Body::Bytes(left) | Body::Chunk(left) if *left > 0 => *left,
                _ => {
                    self.next_line(input, connection, context).await?;
                    continue;
                }
            };
            let most = usize::try_from(left).unwrap_or(usize::MAX).min(buffer.len());
            let buffer = buffer.get_mut(..most).unwrap_or_default();
            let count = input.take(connection, context, buffer).await?;
            context.deliver(count);
            *self = match *self {
                Body::Rest if count == 0 => Body::Over,
                Body::Rest => Body::Rest,
                _ if count == 0 => {
                    return Err(Error::lost("the server closed it in the middle of the reply"));
                }
                Body::Chunk(_) => Body::Chunk(left - count as u64),
                _ if left == count as u64 => Body::Over,
                _ => Body::Bytes(left - count as u64),
            };
            return Ok(count);
        }
    }

    /// Gets past what stands between the bytes of chunks (RFC 9112, 7.1).
    async fn next_line(
        &mut self,
        input: &mut ReadBuffer,
        connection: &mut Connection,
        context: &RequestContext,
    ) -> Result<()> {
        loop {
            if let Some((length, next)) = self.after(input.filled())? {
                input.consume(length);
                context.spend(length)?;
                *self = next;
                return Ok(());
            }
            if input.filled().len() >= LONGEST {
                return Err(not_http("what stands between its chunks is too long"));
            }
            if !input.fill(connection, context, LONGEST).await? {
                return Err(Error::lost("the server closed it in the middle of the reply"));
            }
        }
    }

    /// The part that begins behind the line, and the line's length: `None` if it is not whole yet.
    fn after(self, input: &[u8]) -> Result<Option<(usize, Body)>> {
        let is_digit = |byte: &u8| byte.is_ascii_hexdigit();
        match self {
            Body::Chunk(_) => match input {
                [b'\r', b'\n', ..] => Ok(Some((2, Body::ChunkSize))),
                [] | [b'\r'] => Ok(None),
                _ => Err(not_http("a chunk is longer than it said")),
            },
            Body::ChunkSize if !input.first().is_none_or(is_digit) => Err(not_http("chunk size")),
            Body::ChunkSize => match parse_chunk_size(input).map_err(|_| not_http("chunk size"))? {
                Status::Complete((length, 0)) => Ok(Some((length, Body::Trailers))),
                Status::Complete((length, size)) => Ok(Some((length, Body::Chunk(size)))),
                Status::Partial => Ok(None),
            },
            _ => match parse_headers(input, &mut [EMPTY_HEADER; 64]).map_err(not_http)? {
                Status::Complete((length, _)) => Ok(Some((length, Body::Over))),
                Status::Partial => Ok(None),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    /// The body that these bytes hold, and how many of them are behind its end.
    fn read(framing: Framing, sent: &[u8], piece: usize) -> Result<(Vec<u8>, usize)> {
        use std::io::Write;
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let socket = std::net::TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        listener.accept().unwrap().0.write_all(sent).unwrap();
        let minute = std::time::Duration::from_secs(60);
        let context = RequestContext::new(std::time::Instant::now() + minute, minute, None);
        let origin = crate::url::Origin::of(&"http://a/".parse().unwrap()).unwrap();
        let mut connection = Connection::new(Arc::new(origin), socket, None);
        let mut input = ReadBuffer::new(Vec::new());
        let (mut body, mut whole, mut buffer) = (Body::new(framing), Vec::new(), vec![0; piece]);
        loop {
            let count = context
                .block_on(body.read(&mut input, &mut connection, &context, &mut buffer))
                .unwrap()?;
            whole.extend_from_slice(&buffer[..count]);
            if count == 0 {
                return Ok((whole, input.filled().len()));
            }
        }
    }

    #[test]
    fn a_body_is_read_to_its_end_and_no_further() {
        let chunks = b"3\r\nabc\r\n00A;x=\"y\"\r\n0123456789\r\n0\r\nX: y\r\n\r\nmore";
        for piece in [1, 2, 7, 100] {
            let read = |framing, sent| read(framing, sent, piece).unwrap();
            assert_eq!(read(Framing::Chunked, chunks), (b"abc0123456789".to_vec(), 4));
            assert_eq!(read(Framing::Length(3), b"abcmore").0, b"abc");
            assert_eq!(read(Framing::Length(0), b"more").0, b"");
            assert_eq!(read(Framing::CloseDelimited, b"abc").0, b"abc");
        }
    }

    #[test]
    fn a_body_that_ends_early_is_a_lost_connection() {
        for sent in
            [&b""[..], b"3", b"3\r\nab", b"3\r\nabc", b"3\r\nabc\r\n", b"0\r\n", b"0\r\nX: y\r\n"]
        {
            assert!(matches!(read(Framing::Chunked, sent, 8), Err(Error::Lost { .. })));
        }
        assert!(matches!(read(Framing::Length(3), b"ab", 8), Err(Error::Lost { .. })));
    }

    #[test]
    fn chunks_that_are_none_are_refused() {
        let endless = [b"1;".to_vec(), vec![b'x'; LONGEST]].concat();
        for sent in
            [&b"\r\n"[..], b"x\r\n", b"-1\r\n", b"1\r\nab\r\n", b"10000000000000000\r\n", &endless]
        {
            assert!(matches!(read(Framing::Chunked, sent, 8), Err(Error::NotHttp { .. })));
        }
    }
}
