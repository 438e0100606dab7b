//! A reply: its bytes, and how they go out.

use super::media::Bytes;
use super::request::Request;
use super::step::{Framing, Headers, Step, Then, Version, Where};
use std::fmt::Write;
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

pub use super::step::{Dribble, How};

/// The fate of the connection after a whole reply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    Keep,
    Close,
    Reset,
}

/// A fault, and after how many bytes of the reply it comes.
#[derive(Clone, Copy, Debug)]
pub struct Fault {
    pub how: How,
    pub at: u64,
}

pub struct Reply {
    pub message: Message,
    pub delay: Duration,
    pub fault: Option<Fault>,
    pub dribble: Option<Dribble>,
    pub ending: Ending,
    pub idle_limit: Option<Duration>,
    /// The line that an observer gets.
    pub summary: String,
    /// Counts the bytes of the body that were sent.
    pub sent: Option<Arc<AtomicU64>>,
}

impl Reply {
    /// Sends `message` as `step` says.
    pub fn new(message: Message, step: &Step, ending: Ending, mut summary: String) -> Reply {
        let fault = step.fault.map(|(how, place)| Fault { how, at: message.offset(place) });
        if let Some(Fault { how, at }) = fault {
            let word = match how {
                How::Cut => "cut",
                How::Reset => "reset",
                How::Stall => "stalled",
            };
            let _ = write!(summary, ", {word} after {at} of {} bytes", message.len());
        }
        Reply {
            message,
            delay: step.delay,
            fault,
            dribble: step.dribble,
            ending,
            idle_limit: step.idle_limit,
            summary,
            sent: None,
        }
    }

    /// Notes that these bytes of the message were sent.
    pub fn count(&self, sent: Range<u64>) {
        if let Some(counter) = &self.sent {
            let body = sent.end.saturating_sub(sent.start.max(self.message.head));
            counter.fetch_add(body, Ordering::SeqCst);
        }
    }

    /// The answer to what is not a request.
    pub fn bad_request() -> Reply {
        let body = Part::Bytes(br#"{"message":"Bad Request"}"#.to_vec());
        let message = Draft { status: 400, body, ..Draft::default() }.build(&Step::usual(), false);
        Reply::new(message, &Step::usual(), Ending::Close, "400".into())
    }
}

/// How the connection ends after this reply, and whether the reply has to say so.
pub fn ending(step: &Step, request: &Request, raw: bool) -> (Ending, bool) {
    match step.then {
        Some(Then::Close) => (Ending::Close, true),
        Some(Then::CloseSilently) => (Ending::Close, false),
        Some(Then::Keep) => (Ending::Keep, false),
        Some(Then::Reset) => (Ending::Reset, false),
        None if raw || step.version == Version::Http10 => (Ending::Close, false),
        None if step.framing == Framing::UntilClose || request.closes() => (Ending::Close, true),
        None => (Ending::Keep, false),
    }
}

/// A run of bytes, held or computed when they are sent.
#[derive(Clone, Debug)]
pub enum Part {
    Bytes(Vec<u8>),
    Media { bytes: Bytes, range: Range<u64> },
}

impl Part {
    fn len(&self) -> u64 {
        match self {
            Part::Bytes(bytes) => bytes.len() as u64,
            Part::Media { range, .. } => range.end - range.start,
        }
    }

    fn append(&self, wanted: Range<u64>, to: &mut Vec<u8>) {
        match self {
            Part::Bytes(bytes) => {
                let wanted = wanted.start as usize..wanted.end as usize;
                to.extend_from_slice(bytes.get(wanted).unwrap_or_default());
            }
            Part::Media { bytes, range } => {
                bytes.append(range.start + wanted.start, wanted.end - wanted.start, to);
            }
        }
    }

    fn slice(&self, wanted: Range<u64>) -> Part {
        match self {
            Part::Bytes(_) => {
                let mut bytes = Vec::new();
                self.append(wanted, &mut bytes);
                Part::Bytes(bytes)
            }
            Part::Media { bytes, range } => Part::Media {
                bytes: *bytes,
                range: range.start + wanted.start..range.start + wanted.end,
            },
        }
    }
}

/// All bytes of a reply.
pub struct Message {
    parts: Vec<Part>,
    head: u64,
    len: u64,
}

impl Message {
    /// Bytes that are sent in place of a reply, without a head.
    pub fn raw(bytes: Vec<u8>) -> Message {
        Message { head: 0, len: bytes.len() as u64, parts: vec![Part::Bytes(bytes)] }
    }

    pub fn len(&self) -> u64 {
        self.len
    }

    /// The bytes from `from` on, at most `most` of them and none from `end` on.
    pub fn read(&self, from: u64, most: usize, end: u64) -> Vec<u8> {
        let end = end.min(from + most as u64);
        let mut piece = Vec::with_capacity((end - from) as usize);
        let mut start = 0;
        for part in &self.parts {
            let stop = start + part.len();
            if from < stop && start < end {
                part.append(from.max(start) - start..end.min(stop) - start, &mut piece);
            }
            start = stop;
        }
        piece
    }

    fn offset(&self, place: Where) -> u64 {
        let offset = match place {
            Where::Reply(n) => n,
            Where::Body(n) if n < 0 => self.len.saturating_sub(n.unsigned_abs()).max(self.head),
            Where::Body(n) => self.head + n.unsigned_abs(),
        };
        offset.min(self.len)
    }
}

/// A reply before the step has had its say.
pub struct Draft {
    pub status: u16,
    pub body: Part,
    /// A step's header of the same name replaces these.
    pub headers: Vec<(&'static str, String)>,
    /// The head only: the answer to HEAD.
    pub head_only: bool,
}

impl Default for Draft {
    fn default() -> Draft {
        let headers = vec![("Content-Type", "application/json".to_string())];
        Draft { status: 200, body: Part::Bytes(Vec::new()), headers, head_only: false }
    }
}

impl Draft {
    /// Writes it out; `closes` announces the end of the connection.
    pub fn build(mut self, step: &Step, closes: bool) -> Message {
        let status = step.status.unwrap_or(self.status);
        // The one kind of reply that has a length by itself.
        let bodiless = matches!(status, 100..200 | 204 | 304) && self.body.len() == 0;
        match step.framing {
            Framing::Length if !bodiless => {
                self.headers.push(("Content-Length", self.body.len().to_string()));
            }
            Framing::Chunked => self.headers.push(("Transfer-Encoding", "chunked".into())),
            _ => {}
        }
        self.headers.push(("Date", httpdate::fmt_http_date(SystemTime::now())));
        if closes {
            self.headers.push(("Connection", "close".into()));
        }
        let head = self.head(status, step);
        let mut message =
            Message { head: head.len() as u64, len: 0, parts: vec![Part::Bytes(head)] };
        if !self.head_only {
            match step.framing {
                Framing::Chunked => message.parts.extend(chunks(&self.body)),
                _ => message.parts.push(self.body),
            }
        }
        message.len = message.parts.iter().map(Part::len).sum();
        message
    }

    fn head(&self, status: u16, step: &Step) -> Vec<u8> {
        let version = if step.version == Version::Http10 { "1.0" } else { "1.1" };
        let reason = step.reason.as_deref().unwrap_or(reason(status));
        let mut head = format!("HTTP/{version} {status} {reason}\r\n");
        for (name, value) in &self.headers {
            if !has(&step.headers, name) {
                let _ = write!(head, "{name}: {value}\r\n");
            }
        }
        for (name, values) in &step.headers {
            for value in values {
                let _ = write!(head, "{name}: {value}\r\n");
            }
        }
        head.push_str("\r\n");
        head.into_bytes()
    }
}

fn has(headers: &Headers, name: &str) -> bool {
    headers.keys().any(|known| known.eq_ignore_ascii_case(name))
}

/// The body in three chunks, or as many as it has bytes, then the empty one.
fn chunks(body: &Part) -> Vec<Part> {
    let len = body.len();
    let size = len.div_ceil(3).max(1);
    let mut parts = Vec::new();
    for start in (0..len).step_by(size as usize) {
        let chunk = start..len.min(start + size);
        parts.push(Part::Bytes(format!("{:x}\r\n", chunk.end - chunk.start).into_bytes()));
        parts.push(body.slice(chunk));
        parts.push(Part::Bytes(b"\r\n".to_vec()));
    }
    parts.push(Part::Bytes(b"0\r\n\r\n".to_vec()));
    parts
}

fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        204 => "No Content",
        206 => "Partial Content",
        301 => "Moved Permanently",
        302 => "Found",
        303 => "See Other",
        304 => "Not Modified",
        307 => "Temporary Redirect",
        308 => "Permanent Redirect",
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        408 => "Request Timeout",
        410 => "Gone",
        416 => "Range Not Satisfiable",
        425 => "Too Early",
        429 => "Too Many Requests",
        500 => "Internal Server Error",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        504 => "Gateway Timeout",
        _ => "",
    }
}
