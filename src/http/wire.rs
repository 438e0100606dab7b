//! A connection to a server.

use std::fmt;
use std::net::TcpStream;
use std::sync::Arc;

use rustls::ClientConnection;

use super::call::Call;
use super::tls;
use crate::error::Result;
use crate::sys;
use crate::url::Origin;

/// A socket, with TLS over it or without.
pub(super) struct Wire {
    pub(super) origin: Arc<Origin>,
    socket: TcpStream,
    session: Option<Box<ClientConnection>>,
    /// For the next reply, so that it is not made anew for each.
    buffer: Vec<u8>,
    /// A request went out and nothing came back yet.
    is_waiting: bool,
    /// What was received last filled all the room there was: more of it may have come.
    may_hold_more: bool,
}

impl Wire {
    pub(super) fn new(
        origin: Arc<Origin>,
        socket: TcpStream,
        session: Option<ClientConnection>,
    ) -> Wire {
        let session = session.map(Box::new);
        let buffer = Vec::new();
        Wire { origin, socket, session, buffer, is_waiting: false, may_hold_more: false }
    }

    pub(super) fn take_buffer(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.buffer)
    }

    pub(super) fn give_buffer(&mut self, buffer: Vec<u8>) {
        self.buffer = buffer;
    }

    /// Sends all of it.
    pub(super) async fn send(&mut self, call: &Call, bytes: &[u8]) -> Result<()> {
        self.is_waiting = true;
        match &mut self.session {
            Some(session) => tls::send(session, &self.socket, call, bytes).await,
            None => call.send(&self.socket, bytes).await,
        }
    }

    /// Receives what there is, at least a byte; 0 is the end.
    pub(super) async fn receive(&mut self, call: &Call, buffer: &mut [u8]) -> Result<usize> {
        let count = match &mut self.session {
            Some(session) => {
                tls::receive(session, &self.socket, call, buffer, self.is_waiting).await?
            }
            None => call.receive(&self.socket, buffer, self.is_waiting).await?,
        };
        self.is_waiting = false;
        self.may_hold_more = count == buffer.len();
        if count > 0 {
            call.hear();
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

impl fmt::Debug for Wire {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Wire").field("is_tls", &self.session.is_some()).finish_non_exhaustive()
    }
}
