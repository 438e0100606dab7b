//! A reply that is coming in: its head is there, its body is read as it comes.

use std::time::SystemTime;

use super::exchange::Exchange;
use super::head::{Framing, Head};
use super::pool::Pool;
use super::request_context::RequestContext;
use crate::error::{Code, Result};
use crate::reply::Reply;
use crate::response::too_large;
use crate::retry_after;

/// At least so much is asked for at once, where the length of a body is not known.
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

    /// A header, if it is there and in UTF-8; one of those that `head.rs` lists.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.head.header(name)
    }

    /// The length that the body is to have, if it is told.
    pub(crate) fn announced(&self) -> Option<u64> {
        match self.head.framing {
            Framing::Length(length) => Some(length),
            Framing::Chunked | Framing::CloseDelimited => None,
        }
    }

    /// Whether nothing but the end of the connection tells the end of the body.
    pub(crate) fn ends_with_connection(&self) -> bool {
        self.head.framing == Framing::CloseDelimited
    }

    /// The next bytes of the body, which are waited for; 0 is its end. What ends before it is whole
    /// is an error.
    pub(crate) fn read(&mut self, buffer: &mut [u8]) -> Result<usize> {
        self.context.block_on(self.receive(buffer))
    }

    async fn receive(&mut self, buffer: &mut [u8]) -> Result<usize> {
        match &mut self.exchange {
            Some(exchange) => exchange.read(self.context, buffer).await,
            None => Ok(0),
        }
    }

    /// The reply without its body, which is still to be read.
    pub(crate) fn head(&self) -> Reply {
        self.reply(Vec::new())
    }

    /// The reply with as much of its body as comes, up to `limit`: for one that is a failure anyway.
    pub(crate) fn into_refusal(mut self, limit: usize) -> Reply {
        let mut bytes = Vec::new();
        let _ = self.context.block_on(self.collect(&mut bytes, limit));
        self.reply(bytes)
    }

    /// The whole reply. A body over `limit` is an error, and so is one that breaks off, but for a
    /// refusal: that is told by its status, and has as much of its body as came.
    pub(crate) async fn into_reply(mut self, limit: usize) -> Result<Reply> {
        let is_refusal = self.status() != 200;
        let announced = usize::try_from(self.announced().unwrap_or(0)).unwrap_or(usize::MAX);
        if announced > limit && !is_refusal {
            return Err(too_large());
        }
        // The rest is for what a reply keeps behind its body: of its final size, it never moves.
        let behind = self.request_id().map_or(1, |id| id.len() + 2);
        let mut bytes = Vec::with_capacity(announced.min(limit) + behind);
        match self.collect(&mut bytes, limit + 1).await {
            Err(error) if !is_refusal || error.code == Code::Cancelled => return Err(error),
            _ if bytes.len() > limit && !is_refusal => return Err(too_large()),
            _ => bytes.truncate(limit),
        }
        Ok(self.reply(bytes))
    }

    /// Reads the body to its end, or to `limit`.
    async fn collect(&mut self, bytes: &mut Vec<u8>, limit: usize) -> Result<()> {
        let mut filled = 0;
        while filled < limit && !self.exchange.as_ref().is_none_or(Exchange::is_over) {
            let room = bytes.capacity().max(filled + SMALLEST_PIECE).min(limit);
            bytes.resize(room, 0);
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

    fn request_id(&self) -> Option<&str> {
        ["x-amzn-requestid", "x-request-id", "cf-ray"].into_iter().find_map(|n| self.header(n))
    }

    fn reply(&self, body: Vec<u8>) -> Reply {
        let retry_after = self
            .header("retry-after")
            .and_then(|value| retry_after::read(value, self.header("date"), SystemTime::now()));
        Reply::new(self.status(), body, self.request_id(), retry_after)
    }
}
