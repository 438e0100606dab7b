//! HTTP/1.1's framing (RFC 9112) by ureq-proto: where a head ends and what it says, where a body ends.
//!
//! Around ureq-proto stands what it leaves to its user or takes too lightly: heads are read line by
//! line, so that slow ones cost no second parse; lines that nobody asks for are checked and dropped;
//! folded lines are unfolded; codings that were not asked for are seen; the lines between chunks are
//! checked before ureq-proto sees their numbers.

use http::Request;
use ureq_proto::client::state::{RecvBody, RecvResponse};
use ureq_proto::client::{Call, RecvBodyResult, RecvResponseResult, SendRequestResult};
use ureq_proto::{BodyMode, Error as ProtoError};

use super::error::{Error, Result};
use super::fields::{Codings, Values, check_start, field, without_break};
use super::read_buffer::ReadBuffer;
use super::request_context::RequestContext;

/// The longest head that is read, in bytes, and the longest line between two chunks.
pub(super) const LONGEST: usize = 64 * 1024;

/// The most header lines of a head.
const MOST_LINES: usize = 256;

/// The interim responses that one reply may have before it.
const MOST_INTERIM: usize = 16;

/// A head that has come whole.
#[derive(Debug)]
pub(super) struct Head {
    pub(super) status: u16,
    /// The values of the wanted headers, without the empty ones.
    values: Values,
    /// Whether the body has a coding that was not asked for.
    pub(super) is_coded: bool,
}

impl Head {
    /// The first value of a header that is not empty, if it is there and in UTF-8. `name` is one of
    /// [`WANTED`](super::fields::WANTED).
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        std::str::from_utf8(self.values(name).next()?).ok()
    }

    /// The values of a header, whatever their bytes are.
    pub(super) fn values(&self, name: &str) -> impl Iterator<Item = &[u8]> {
        self.values.of(name)
    }
}

/// A head that is coming in.
pub(super) struct HeadReader {
    proto: Call<RecvResponse>,
    /// The status line and the headers that frame the body, for ureq-proto.
    framing: Vec<u8>,
    values: Values,
    /// The last line, which the next one may continue.
    line: Vec<u8>,
    codings: Codings,
    bytes: usize,
    lines: usize,
    interim: usize,
}

fn append(lines: &mut Vec<u8>, line: &[u8]) {
    lines.extend_from_slice(line);
    lines.extend_from_slice(b"\r\n");
}

impl HeadReader {
    pub(super) fn new() -> Result<HeadReader> {
        Ok(HeadReader {
            proto: reply_reader()?,
            framing: Vec::with_capacity(128),
            values: Values::default(),
            line: Vec::with_capacity(128),
            codings: Codings::default(),
            bytes: 0,
            lines: 0,
            interim: 0,
        })
    }

    /// Reads on in the head, past interim responses (RFC 9110, 15.2). `false`: more has to come.
    pub(super) fn read(
        &mut self,
        input: &mut ReadBuffer,
        context: &RequestContext,
    ) -> Result<bool> {
        while let Some(line) = input.line() {
            let length = line.len();
            self.bytes += length;
            let is_over = self.bytes <= LONGEST && self.push(without_break(line))?;
            input.consume(length);
            context.spend(length)?;
            if is_over && !self.pass_interim()? {
                return Ok(true);
            }
        }
        let rest = input.filled();
        if self.bytes + rest.len() >= LONGEST {
            return Err(Error::HeadTooLarge { limit: LONGEST });
        }
        if self.framing.is_empty() {
            check_start(rest)?;
        }
        match rest {
            [before @ .., _] if before.contains(&b'\r') => {
                Err(Error::not_http("a bare carriage return"))
            }
            _ => Ok(false),
        }
    }

    /// Takes over a line; `true` if it ends the head.
    fn push(&mut self, line: &[u8]) -> Result<bool> {
        if self.framing.is_empty() {
            // Empty lines before a status line are passed over (RFC 9112, 2.2).
            if !line.is_empty() {
                check_start(line)?;
                append(&mut self.framing, line);
            }
            return Ok(false);
        }
        self.lines += 1;
        if self.lines > MOST_LINES + 1 {
            return Err(Error::not_http("too many header lines"));
        }
        match line {
            // Line folding is obsolete, and still met (RFC 9112, 5.2).
            [b' ' | b'\t', ..] if self.line.is_empty() => {
                return Err(Error::not_http("a folded line before the first header"));
            }
            [b' ' | b'\t', ..] => {
                let blanks = line.iter().take_while(|&&byte| matches!(byte, b' ' | b'\t')).count();
                self.line.push(b' ');
                self.line.extend(line.iter().skip(blanks));
            }
            _ => {
                self.end_line()?;
                self.line.extend_from_slice(line);
            }
        }
        Ok(line.is_empty())
    }

    /// Checks the last line, now that it is whole, and puts it where it belongs.
    fn end_line(&mut self) -> Result<()> {
        if self.line.is_empty() {
            return Ok(());
        }
        let (name, value) = field(&self.line)?;
        let is = |wanted: &str| name.eq_ignore_ascii_case(wanted.as_bytes());
        if is("content-length") || is("connection") {
            self.codings.has_length |= is("content-length");
            append(&mut self.framing, &self.line);
        } else if is("transfer-encoding") {
            self.codings.add_transfer(value);
        } else if is("content-encoding") {
            self.codings.add_content(value);
        } else {
            self.values.add(name, value);
        }
        self.line.clear();
        Ok(())
    }

    /// Begins anew if this was the head of an interim response.
    fn pass_interim(&mut self) -> Result<bool> {
        let status = self.framing.get(9..12).unwrap_or_default();
        if !status.starts_with(b"1") || status == b"101" {
            return Ok(false);
        }
        self.interim += 1;
        if self.interim > MOST_INTERIM {
            return Err(Error::not_http("too many interim responses"));
        }
        // Its headers are for others; ureq-proto refuses them in a 100.
        let status_line = self.framing.split_inclusive(|byte| *byte == b'\n').next();
        let head = [status_line.unwrap_or_default(), b"\r\n"].concat();
        self.proto.try_response(&head, false).map_err(Error::not_http)?;
        self.framing.clear();
        self.values = Values::default();
        self.lines = 0;
        self.codings = Codings::default();
        Ok(true)
    }

    /// The head, and the body behind it.
    pub(super) fn finish(mut self) -> Result<(Head, Body)> {
        let is_foreign = self.codings.is_foreign();
        let Codings { has_transfer, is_chunked, has_length, .. } = self.codings;
        let mut is_old = false;
        if is_chunked {
            append(&mut self.framing, b"transfer-encoding: chunked");
            // Who sends chunks speaks HTTP/1.1, whatever his status line says.
            if let Some(minor @ b'0') = self.framing.get_mut(MINOR_VERSION) {
                *minor = b'1';
                is_old = true;
            }
        }
        append(&mut self.framing, b"");
        let (_, response) =
            self.proto.try_response(&self.framing, false).map_err(Error::not_http)?;
        let status = response.map(|response| response.status().as_u16());
        let status = status.ok_or_else(|| Error::not_http("half a head"))?;
        let mut body = Body::new(self.proto)?;
        // Where the framing can be read in two ways, somebody on the way may have read the other.
        body.is_ambiguous = has_transfer && (has_length || is_old || is_foreign);
        Ok((Head { status, values: self.values, is_coded: is_foreign }, body))
    }
}

/// Where a status line has the second digit of its version.
const MINOR_VERSION: usize = 7;

/// The reader of a reply to a GET, which ureq-proto makes out of a request; the request that goes out
/// is another, whose secrets are overwritten.
fn reply_reader() -> Result<Call<RecvResponse>> {
    let defect = |cause: ProtoError| Error::Internal { what: cause.to_string() };
    let mut request = Call::new(Request::new(())).map_err(defect)?.proceed();
    request.write(&mut [0; 64]).map_err(defect)?;
    match request.proceed().map_err(defect)? {
        Some(SendRequestResult::RecvResponse(proto)) => Ok(proto),
        _ => Err(Error::Internal { what: "a GET with a body".to_owned() }),
    }
}

/// The part of a body that is still to come.
pub(super) struct Body {
    /// `None`: the body is over.
    proto: Option<Box<Call<RecvBody>>>,
    keeps_alive: bool,
    is_ambiguous: bool,
}

impl Body {
    fn new(proto: Call<RecvResponse>) -> Result<Body> {
        let (proto, keeps_alive) = match proto.proceed() {
            Some(RecvResponseResult::RecvBody(mut proto)) => {
                proto.stop_on_chunk_boundary(true);
                (Some(Box::new(proto)), false)
            }
            Some(RecvResponseResult::Cleanup(proto)) => (None, !proto.must_close_connection()),
            Some(RecvResponseResult::Redirect(proto)) => (None, !proto.must_close_connection()),
            None => return Err(Error::Internal { what: "a reply without a framing".to_owned() }),
        };
        Ok(Body { proto, keeps_alive, is_ambiguous: false })
    }

    /// The length of what is still to come, where it is known.
    pub(super) fn length(&self) -> Option<u64> {
        match self.mode() {
            BodyMode::LengthDelimited(length) => Some(length),
            BodyMode::NoBody => Some(0),
            BodyMode::Chunked | BodyMode::CloseDelimited => None,
        }
    }

    /// Whether the body is close-delimited: nothing but the end of the connection tells its end.
    pub(super) fn is_close_delimited(&self) -> bool {
        self.mode() == BodyMode::CloseDelimited
    }

    fn mode(&self) -> BodyMode {
        self.proto.as_ref().map_or(BodyMode::NoBody, |proto| proto.body_mode())
    }

    /// Whether the body has been read to its end.
    pub(super) fn is_over(&self) -> bool {
        self.proto.is_none()
    }

    /// Whether the connection is keep-alive: the body is over, and another reply may follow.
    pub(super) fn keeps_alive(&self) -> bool {
        self.is_over() && self.keeps_alive && !self.is_ambiguous
    }

    /// Reads on in the body. `None`: more has to come; 0 bytes are its end.
    pub(super) fn read(
        &mut self,
        input: &mut ReadBuffer,
        context: &RequestContext,
        buffer: &mut [u8],
    ) -> Result<Option<usize>> {
        while let Some(proto) = &mut self.proto {
            let (used, count) = match proto.body_mode() {
                BodyMode::Chunked if proto.is_ended_chunked() => {
                    let Some(used) = read_trailer(proto, input, context)? else {
                        self.proto = None;
                        break;
                    };
                    (used, 0)
                }
                BodyMode::Chunked => read_chunk(proto, input, context, buffer)?,
                _ => proto.read(input.filled(), buffer).map_err(Error::not_http)?,
            };
            input.consume(used);
            if proto.can_proceed() && proto.body_mode() != BodyMode::CloseDelimited {
                self.end();
            }
            if count > 0 {
                context.deliver(count);
                return Ok(Some(count));
            }
            if used == 0 && !self.is_over() {
                return Ok(None);
            }
        }
        Ok(Some(0))
    }

    /// Takes note of the connection's end, with which only a close-delimited body is whole.
    pub(super) fn end_with_connection(&mut self) -> Result<()> {
        if self.is_close_delimited() {
            self.end();
        }
        match self.is_over() {
            true => Ok(()),
            false => Err(Error::lost("the server closed it in the middle of the reply")),
        }
    }

    fn end(&mut self) {
        self.keeps_alive = match self.proto.take().and_then(|proto| proto.proceed()) {
            Some(RecvBodyResult::Cleanup(proto)) => !proto.must_close_connection(),
            Some(RecvBodyResult::Redirect(proto)) => !proto.must_close_connection(),
            None => false,
        };
    }
}

/// Reads on in a chunk, or in the line before it (RFC 9112, 7.1): the bytes of the input that were
/// used, and those of the body. Of the line, ureq-proto gets the number alone.
fn read_chunk(
    proto: &mut Call<RecvBody>,
    input: &mut ReadBuffer,
    context: &RequestContext,
    buffer: &mut [u8],
) -> Result<(usize, usize)> {
    if !proto.is_on_chunk_boundary() {
        let (used, count) = proto.read(input.filled(), buffer).map_err(Error::not_http)?;
        return match input.filled() {
            [_, _, ..] if used == 0 => Err(Error::not_http("a chunk is longer than it said")),
            _ => Ok((used, count)),
        };
    }
    let Some(line) = input.line() else {
        return match input.filled() {
            [first, ..] if !first.is_ascii_hexdigit() => Err(Error::not_http("chunk size")),
            line if line.len() >= LONGEST => {
                Err(Error::not_http("the line before a chunk is too long"))
            }
            _ => Ok((0, 0)),
        };
    };
    context.spend(line.len())?;
    let size = [chunk_size(line)?, b"\r\n"].concat();
    proto.read(&size, &mut []).map_err(Error::not_http)?;
    Ok((line.len(), 0))
}

/// Reads a trailer, or the end of a chunked body: the bytes of the input that were used. `None`: there
/// is more than is read of them, of a body that was whole.
fn read_trailer(
    proto: &mut Call<RecvBody>,
    input: &mut ReadBuffer,
    context: &RequestContext,
) -> Result<Option<usize>> {
    let Some(line) = input.line() else {
        return Ok((input.filled().len() < LONGEST).then_some(0));
    };
    match line {
        b"\r\n" => drop(proto.read(line, &mut []).map_err(Error::not_http)?),
        [b' ' | b'\t', ..] => {}
        _ => drop(field(without_break(line))?),
    }
    Ok(context.spend(line.len()).is_ok().then_some(line.len()))
}

/// The digits of a line before a chunk. What stands behind them, extensions, means nothing here.
fn chunk_size(line: &[u8]) -> Result<&[u8]> {
    let wrong = || Error::not_http("chunk size");
    let line = line.strip_suffix(b"\r\n").filter(|line| !line.contains(&b'\r'));
    let line = line.ok_or_else(wrong)?;
    let end = line.iter().position(|byte| !byte.is_ascii_hexdigit()).unwrap_or(line.len());
    let (digits, rest) = line.split_at_checked(end).ok_or_else(wrong)?;
    let is_extension = matches!(rest.trim_ascii_start(), [] | [b';', ..]);
    match (1..=16).contains(&digits.len()) && is_extension {
        true => Ok(digits),
        false => Err(wrong()),
    }
}

#[cfg(test)]
#[path = "framing_tests.rs"]
mod tests;
