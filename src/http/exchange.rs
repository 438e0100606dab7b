//! One request and its reply on one connection: HTTP/1.1 by ureq's own core.

use http::{HeaderMap, Request, Response, Uri};
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
const USUAL: usize = 4 * 1024;

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
    let (proto, request) = write(uri, headers)?;
    wire.send(call, &request).await?;
    drop(request);
    let mut input = Input::default();
    let (head, result) = receive_head(proto, &mut wire, &mut input, call).await?;
    let body = match result {
        RecvResponseResult::RecvBody(proto) => Body::Coming(Box::new(proto)),
        RecvResponseResult::Cleanup(proto) => Body::Over(is_reusable(&proto)),
        RecvResponseResult::Redirect(proto) => Body::Over(is_reusable(&proto.proceed())),
    };
    Ok((head, Exchange { wire, input, body }))
}

/// The request as it goes out, which holds the API key.
fn write(uri: &Uri, headers: &HeaderMap) -> Result<(Proto<RecvResponse>, Zeroizing<Vec<u8>>)> {
    let internal = |cause: &dyn std::fmt::Display| {
        Error::new(Code::Internal, format!("the request could not be put together: {cause}"))
    };
    let mut request = Request::new(());
    *request.uri_mut() = uri.clone();
    *request.headers_mut() = headers.clone();
    let proto = Proto::new(request).map_err(|cause| internal(&cause))?;
    let mut proto = proto.proceed();
    // Of its final size, so that no copy is left behind by growing.
    let length: usize = headers.iter().map(|(n, v)| n.as_str().len() + v.len() + 4).sum();
    let line = uri.path_and_query().map_or(0, |path| path.as_str().len());
    let host = uri.authority().map_or(0, |authority| authority.as_str().len());
    let mut bytes = Zeroizing::new(vec![0; length + line + host + 64]);
    let mut written = 0;
    while !proto.can_proceed() {
        let room = bytes.get_mut(written..).unwrap_or_default();
        written += proto.write(room).map_err(|cause| internal(&cause))?;
    }
    bytes.truncate(written);
    match proto.proceed() {
        Ok(Some(SendRequestResult::RecvResponse(proto))) => Ok((proto, bytes)),
        Ok(_) => Err(internal(&"a GET with a body")),
        Err(cause) => Err(internal(&cause)),
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
            let result = proto.proceed().ok_or_else(|| not_http(ProtoError::BodyIsChunked))?;
            return Ok((head, result));
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
