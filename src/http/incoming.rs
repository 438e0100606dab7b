//! A reply that is coming in: its head is there, its body is read as it comes.

use std::io::Read;
use std::time::SystemTime;

use ureq::http::response::Parts;
use ureq::http::{Response, Version, header};
use ureq::{Body, BodyReader};

use super::agent::reason;
use super::call::Call;
use crate::error::Result;
use crate::reply::Reply;
use crate::response::too_large;
use crate::retry_after;

/// A reply whose body is still to be read.
pub(crate) struct Incoming<'a> {
    parts: Parts,
    announced: Option<u64>,
    body: BodyReader<'static>,
    call: &'a Call,
}

impl Incoming<'_> {
    pub(super) fn new(response: Response<Body>, call: &Call) -> Incoming<'_> {
        let (parts, body) = response.into_parts();
        Incoming { parts, announced: body.content_length(), body: body.into_reader(), call }
    }

    pub(crate) fn status(&self) -> u16 {
        self.parts.status.as_u16()
    }

    /// A header, if it is there and in UTF-8.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        std::str::from_utf8(self.parts.headers.get(name)?.as_bytes()).ok()
    }

    /// The length that the body is to have, if it is told.
    pub(crate) fn announced(&self) -> Option<u64> {
        // ureq takes an announced 0 for no body at all.
        let header = || self.header(header::CONTENT_LENGTH.as_str())?.trim().parse().ok();
        self.announced.or_else(|| if self.has_chunks() { None } else { header() })
    }

    /// Whether nothing but the end of the connection tells the end of the body.
    pub(crate) fn ends_with_connection(&self) -> bool {
        self.announced().is_none() && !self.has_chunks()
    }

    fn has_chunks(&self) -> bool {
        let coding = self.header(header::TRANSFER_ENCODING.as_str()).unwrap_or_default();
        self.parts.version == Version::HTTP_11 && coding.to_ascii_lowercase().contains("chunked")
    }

    /// The next bytes of the body; 0 is its end. What ends before it is whole is an error.
    pub(crate) fn read(&mut self, buffer: &mut [u8]) -> Result<usize> {
        self.body.read(buffer).map_err(|cause| reason(&cause.into(), self.call))
    }

    /// The reply without its body, which is still to be read.
    pub(crate) fn head(&self) -> Reply {
        self.reply(Vec::new())
    }

    /// The reply with as much of its body as comes, up to `limit`: for one that is a failure anyway.
    pub(crate) fn into_refusal(mut self, limit: usize) -> Reply {
        let mut bytes = Vec::new();
        let _ = (&mut self.body).take(limit as u64).read_to_end(&mut bytes);
        self.reply(bytes)
    }

    /// The whole reply. A body over `limit` is an error.
    pub(crate) fn into_reply(mut self, limit: usize) -> Result<Reply> {
        let announced = self.announced.unwrap_or(0);
        if announced > limit as u64 {
            return Err(too_large());
        }
        // The rest is for what a reply keeps behind its body.
        let room = self.request_id().map_or(0, str::len) + 2;
        let mut bytes = Vec::with_capacity(announced as usize + room);
        let mut reader = (&mut self.body).take(limit as u64 + 1);
        reader.read_to_end(&mut bytes).map_err(|cause| reason(&cause.into(), self.call))?;
        if bytes.len() > limit {
            return Err(too_large());
        }
        Ok(self.reply(bytes))
    }

    fn request_id(&self) -> Option<&str> {
        ["x-amzn-requestid", "x-request-id", "cf-ray"].into_iter().find_map(|n| self.text(n))
    }

    fn reply(&self, body: Vec<u8>) -> Reply {
        let retry_after = self.text(header::RETRY_AFTER.as_str()).and_then(|value| {
            retry_after::read(value, self.text(header::DATE.as_str()), SystemTime::now())
        });
        Reply::new(self.status(), body, self.request_id(), retry_after)
    }

    fn text(&self, name: &str) -> Option<&str> {
        self.parts.headers.get(name)?.to_str().ok()
    }
}
