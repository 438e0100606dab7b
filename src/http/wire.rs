//! A connection as ureq sees it.

use std::fmt;
use std::io;
use std::net::TcpStream;

use rustls::ClientConnection;
use ureq::unversioned::transport::{Buffers, LazyBuffers, NextTimeout, Transport};
use zeroize::Zeroize;

use super::call::Call;
use super::tls;
use crate::response::not_the_api;

/// Must hold the whole head of a reply.
pub(super) const BUFFER: usize = 16 * 1024;

/// A socket, with TLS over it or without.
pub(super) struct Wire {
    socket: TcpStream,
    session: Option<Box<ClientConnection>>,
    buffers: LazyBuffers,
    /// In the pool, where the server may have closed it by the time it is taken out.
    is_idle: bool,
    /// A request went out and nothing came back yet.
    is_waiting: bool,
}

impl Wire {
    pub(super) fn new(socket: TcpStream, session: Option<ClientConnection>) -> Wire {
        Wire {
            socket,
            session: session.map(Box::new),
            buffers: LazyBuffers::new(BUFFER, BUFFER),
            is_idle: false,
            is_waiting: false,
        }
    }

    /// Whether nothing has come on a connection that nothing was asked of.
    fn is_silent(&mut self) -> bool {
        match &mut self.session {
            Some(session) => tls::is_idle(session, &self.socket),
            None => {
                let found = self.socket.peek(&mut [0]);
                found.is_err_and(|cause| cause.kind() == io::ErrorKind::WouldBlock)
            }
        }
    }
}

impl Transport for Wire {
    fn buffers(&mut self) -> &mut dyn Buffers {
        &mut self.buffers
    }

    fn transmit_output(&mut self, amount: usize, _: NextTimeout) -> Result<(), ureq::Error> {
        let call = Call::current()?;
        self.is_idle = false;
        self.is_waiting = true;
        let (socket, output) = (&self.socket, self.buffers.output());
        let output = output.get_mut(..amount).unwrap_or_default();
        let sent = match &mut self.session {
            Some(session) => tls::send(session, socket, &call, output),
            None => call.send(socket, output),
        };
        // The API key was in there.
        output.zeroize();
        sent.map_err(|error| call.fail(error))
    }

    fn await_input(&mut self, _: NextTimeout) -> Result<bool, ureq::Error> {
        let call = Call::current()?;
        let (socket, patient) = (&self.socket, self.is_waiting);
        let buffer = self.buffers.input_append_buf();
        if buffer.is_empty() {
            return Err(
                call.fail(not_the_api(format_args!("the reply's head is over {BUFFER} bytes")))
            );
        }
        let received = match &mut self.session {
            Some(session) => tls::receive(session, socket, &call, buffer, patient),
            None => call.receive(socket, buffer, patient),
        };
        let count = received.map_err(|error| call.fail(error))?;
        self.is_waiting = false;
        self.buffers.input_appended(count);
        if count > 0 {
            call.hear();
        }
        Ok(count > 0)
    }

    /// Asked when the connection goes into the pool, just after a whole reply, and when it comes
    /// out again: only then is the socket looked at.
    fn is_open(&mut self) -> bool {
        if !std::mem::replace(&mut self.is_idle, true) {
            return true;
        }
        let wanted = Call::current().is_ok_and(|call| !call.is_fresh_only());
        wanted && self.is_silent()
    }

    fn is_tls(&self) -> bool {
        self.session.is_some()
    }
}

impl fmt::Debug for Wire {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Wire").field("is_tls", &self.session.is_some()).finish_non_exhaustive()
    }
}
