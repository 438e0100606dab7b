//! A connection to a server.

use std::fmt;
use std::net::TcpStream;
use std::sync::Arc;

use rustls::ClientConnection;

use super::error::Result;
use super::request_context::RequestContext;
use super::{socket, tls};
use crate::sys;
use crate::url::Origin;

/// A socket, with TLS over it or without.
pub(super) struct Connection {
    pub(super) origin: Arc<Origin>,
    socket: TcpStream,
    session: Option<Box<ClientConnection>>,
    /// For the next reply, so that it is not made anew for each.
    buffer: Vec<u8>,
    /// A request went out and nothing came back yet.
    is_waiting: bool,
    /// The last read filled the buffer, so unread bytes may be waiting in the socket.
    may_hold_more: bool,
}

impl Connection {
    pub(super) fn new(
        origin: Arc<Origin>,
        socket: TcpStream,
        session: Option<ClientConnection>,
    ) -> Connection {
        let session = session.map(Box::new);
        let buffer = Vec::new();
        Connection { origin, socket, session, buffer, is_waiting: false, may_hold_more: false }
    }

    pub(super) fn take_buffer(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.buffer)
    }

    pub(super) fn give_buffer(&mut self, buffer: Vec<u8>) {
        self.buffer = buffer;
    }

    /// Sends all of it.
    pub(super) async fn send(&mut self, context: &RequestContext, bytes: &[u8]) -> Result<()> {
        self.is_waiting = true;
        match &mut self.session {
            Some(session) => tls::send(session, &self.socket, context, bytes).await,
            None => socket::send(&self.socket, context, bytes).await,
        }
    }

    /// Receives what there is, at least a byte; 0 is the end.
    pub(super) async fn receive(
        &mut self,
        context: &RequestContext,
        buffer: &mut [u8],
    ) -> Result<usize> {
        let count = match &mut self.session {
            Some(session) => {
                tls::receive(session, &self.socket, context, buffer, self.is_waiting).await?
            }
            None => socket::receive(&self.socket, context, buffer, self.is_waiting).await?,
        };
        self.is_waiting = false;
        self.may_hold_more = count == buffer.len();
        if count > 0 {
            context.hear();
        }
        Ok(count)
    }

    /// Whether a reply was all that came: what comes behind it must not be taken for the next one.
    pub(super) fn ends_here(&mut self) -> bool {
        !self.may_hold_more || self.is_silent()
    }

    /// Whether nothing has come on a connection that nothing was asked of.
    pub(super) fn is_silent(&mut self) -> bool {
        match &mut self.session {
            Some(session) => tls::is_idle(session, &self.socket),
            None => sys::is_silent(&self.socket),
        }
    }
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connection")
            .field("is_tls", &self.session.is_some())
            .finish_non_exhaustive()
    }
}
