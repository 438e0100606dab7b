//! One request and its reply on one connection: HTTP/1.1 by ureq's own core.

use http::uri::Scheme;
use http::{HeaderMap, HeaderName, HeaderValue, Request, Response, Uri};
use ureq_proto::client::state::{Cleanup, RecvBody, RecvResponse};
use ureq_proto::client::{Call as Proto, RecvBodyResult, RecvResponseResult, SendRequestResult};
use ureq_proto::{BodyMode, Error as ProtoError};
use zeroize::Zeroizing;

use super::call::{Call, lost};
use super::wire::Wire;
use crate::error::{Code, Error, Result};
use crate::response::not_the_api;

/// Must hold the whole head of a reply.
const HEAD: usize = 16 * 1024;

/// What nearly every reply of the API fits into, with its head.
const USUAL: usize = 3 * 1024;

/// How much of a long body is received at once.
const PIECE: usize = 64 * 1024;

/// What came and was not read yet.
#[derive(Debug, Default)]
struct Input {
    bytes: Vec<u8>,
    start: usize,
    end: usize,
}

impl Input {
    fn filled(&self) -> &[u8] {
        self.bytes.get(self.start..self.end).unwrap_or_default()
    }

    fn is_empty(&self) -> bool {
        self.start == self.end
    }

    fn consume(&mut self, count: usize) {
        self.start = (self.start + count).min(self.end);
    }

    /// Receives more; `false` at the end of the connection.
    async fn fill(&mut self, wire: &mut Wire, call: &Call, room: usize) -> Result<bool> {
        self.bytes.copy_within(self.start..self.end, 0);
        (self.start, self.end) = (0, self.end - self.start);
        if self.bytes.len() < room {
            self.bytes.resize(room, 0);
        }
        let free = self.bytes.get_mut(self.end..).unwrap_or_default();
        let count = wire.receive(call, free).await?;
        self.end += count;
        Ok(count > 0)
    }
}

/// A reply whose head has come.
pub(super) struct Exchange {
    wire: Wire,
    input: Input,
    body: Body,
}

enum Body {
    Coming(Box<Proto<RecvBody>>),
    /// Nothing more comes. Whether the connection can be used again.
    Over(bool),
}

/// Sends a request, and receives the head of the reply.
pub(super) async fn begin(
    mut wire: Wire,
    uri: &Uri,
    headers: &HeaderMap,
    call: &Call,
) -> Result<(Response<()>, Exchange)> {
    call.check()?;
    wire.send(call, &write(uri, headers)).await?;
    let mut input = Input::default();
    let (head, result) = receive_head(reader()?, &mut wire, &mut input, call).await?;
    let body = match result {
        RecvResponseResult::RecvBody(proto) => Body::Coming(Box::new(proto)),
        RecvResponseResult::Cleanup(proto) => Body::Over(is_reusable(&proto)),
        RecvResponseResult::Redirect(proto) => Body::Over(is_reusable(&proto.proceed())),
    };
    Ok((head, Exchange { wire, input, body }))
}

/// The request as it goes out, which holds the API key: of its final size from the beginning, so that
/// no copy is left behind by growing.
fn write(uri: &Uri, headers: &HeaderMap) -> Zeroizing<Vec<u8>> {
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    let host = uri.authority().map_or("", |authority| authority.as_str());
    let default_port = if uri.scheme() == Some(&Scheme::HTTPS) { ":443" } else { ":80" };
    let host = host.strip_suffix(default_port).unwrap_or(host);
    let line = |(name, value): (&HeaderName, &HeaderValue)| name.as_str().len() + value.len() + 4;
    let length = path.len() + host.len() + 32 + headers.iter().map(line).sum::<usize>();
    let mut request = Zeroizing::new(Vec::with_capacity(length));
    for piece in ["GET ", path, " HTTP/1.1\r\nhost: ", host, "\r\n"] {
        request.extend_from_slice(piece.as_bytes());
    }
    for (name, value) in headers {
        for piece in [name.as_str().as_bytes(), b": ", value.as_bytes(), b"\r\n"] {
            request.extend_from_slice(piece);
        }
    }
    request.extend_from_slice(b"\r\n");
    request
}

/// What reads the reply to a GET. It has to be told of one, whose bytes are not those that go out.
fn reader() -> Result<Proto<RecvResponse>> {
    let internal = |cause| Error::new(Code::Internal, format!("no reply can be read: {cause}"));
    let proto = Proto::new(Request::new(())).map_err(internal)?;
    let mut proto = proto.proceed();
    proto.write(&mut [0; 64]).map_err(internal)?;
    match proto.proceed().map_err(internal)? {
        Some(SendRequestResult::RecvResponse(proto)) => Ok(proto),
        _ => Err(Error::new(Code::Internal, "no reply can be read: a GET with a body")),
    }
}

async fn receive_head(
    mut proto: Proto<RecvResponse>,
    wire: &mut Wire,
    input: &mut Input,
    call: &Call,
) -> Result<(Response<()>, RecvResponseResult)> {
    loop {
        let (used, head) = proto.try_response(input.filled(), false).map_err(not_http)?;
        input.consume(used);
        if let Some(head) = head {
            let unfinished = || Error::new(Code::Internal, "a head that is whole cannot be left");
            return Ok((head, proto.proceed().ok_or_else(unfinished)?));
        }
        if used > 0 {
            // A reply in between, such as 103.
            continue;
        }
        if input.filled().len() == HEAD {
            let message = format_args!("the reply's head is over {HEAD} bytes");
            return Err(not_the_api(message));
        }
        let room = if input.filled().len() < USUAL { USUAL } else { HEAD };
        if !input.fill(wire, call, room).await? {
            return Err(lost(&"the server closed it"));
        }
    }
}

fn not_http(cause: ProtoError) -> Error {
    not_the_api(format_args!("the reply is not HTTP/1.1 ({cause})"))
}

fn is_reusable(proto: &Proto<Cleanup>) -> bool {
    !proto.must_close_connection()
}

impl Exchange {
    /// The next bytes of the body; 0 is its end. What ends before it is whole is an error.
    pub(super) async fn read(&mut self, call: &Call, buffer: &mut [u8]) -> Result<usize> {
        loop {
            let Body::Coming(proto) = &mut self.body else { return Ok(0) };
            let (used, count) = proto.read(self.input.filled(), buffer).map_err(not_http)?;
            self.input.consume(used);
            if has_ended(proto) {
                self.end();
            }
            if count > 0 {
                return Ok(count);
            }
            if used > 0 || self.is_over() {
                continue;
            }
            let room = if buffer.len() > HEAD { PIECE } else { USUAL };
            if !self.input.fill(&mut self.wire, call, room).await? {
                self.end_with_connection()?;
            }
        }
    }

    /// Whether the body has been read to its end.
    pub(super) fn is_over(&self) -> bool {
        matches!(self.body, Body::Over(_))
    }

    /// The connection, if it can be used again.
    pub(super) fn into_wire(self) -> Option<Wire> {
        let is_clean = matches!(self.body, Body::Over(true)) && self.input.is_empty();
        is_clean.then_some(self.wire)
    }

    fn end(&mut self) {
        if let Body::Coming(proto) = std::mem::replace(&mut self.body, Body::Over(false)) {
            self.body = Body::Over(match proto.proceed() {
                Some(RecvBodyResult::Cleanup(proto)) => is_reusable(&proto),
                Some(RecvBodyResult::Redirect(proto)) => is_reusable(&proto.proceed()),
                None => false,
            });
        }
    }

    /// The server has ended the connection: only some bodies end so.
    fn end_with_connection(&mut self) -> Result<()> {
        match &self.body {
            Body::Coming(proto) if proto.body_mode() != BodyMode::CloseDelimited => {
                Err(lost(&"the server closed it in the middle of the reply"))
            }
            _ => {
                self.body = Body::Over(false);
                Ok(())
            }
        }
    }
}

/// Whether the body has its announced end.
fn has_ended(proto: &Proto<RecvBody>) -> bool {
    proto.body_mode() != BodyMode::CloseDelimited && proto.can_proceed()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_names_its_host_and_a_port_that_is_not_the_usual_one() {
        let mut headers = HeaderMap::new();
        headers.insert(http::header::ACCEPT, http::HeaderValue::from_static("*/*"));
        for (uri, line, host) in [
            ("https://a.example/x/y?z=1", "/x/y?z=1", "a.example"),
            ("https://a.example:443/", "/", "a.example"),
            ("http://a.example:443/", "/", "a.example:443"),
            ("http://[::1]:80/", "/", "[::1]"),
        ] {
            let request = write(&uri.parse().unwrap(), &headers);
            let wanted = format!("GET {line} HTTP/1.1\r\nhost: {host}\r\naccept: */*\r\n\r\n");
            assert_eq!(std::str::from_utf8(&request).unwrap(), wanted);
            assert!(request.capacity() >= request.len() && request.capacity() < 200);
        }
        assert!(reader().is_ok());
    }
}
