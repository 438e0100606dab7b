//! The bytes of one connection, plain or through TLS.

use super::acceptor::Link;
use super::log::{Layer, Log};
use super::sys;
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use std::io::{self, ErrorKind, IoSlice, Read, Write};
use std::net::Shutdown;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// The socket, with what came through it on record.
pub struct Wire {
    link: Arc<Link>,
    log: Arc<Log>,
    /// How much may still be sent before the connection falls silent for good.
    allowance: Option<usize>,
}

impl Wire {
    pub fn new(link: Arc<Link>, log: Arc<Log>, allowance: Option<usize>) -> Wire {
        Wire { link, log, allowance }
    }
}

impl Read for Wire {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let n = (&self.link.socket).read(buf)?;
        self.log.bytes(self.link.id, Layer::Wire, buf.get(..n).unwrap_or_default());
        Ok(n)
    }
}

impl Write for Wire {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        let Some(left) = &mut self.allowance else { return (&self.link.socket).write(buf) };
        if *left == 0 && !buf.is_empty() {
            self.link.wait_hangup(None);
            return Err(ErrorKind::BrokenPipe.into());
        }
        let n = (&self.link.socket).write(buf.get(..*left).unwrap_or(buf))?;
        *left -= n;
        Ok(n)
    }

    fn write_vectored(&mut self, bufs: &[IoSlice<'_>]) -> io::Result<usize> {
        match self.allowance {
            None => (&self.link.socket).write_vectored(bufs),
            Some(_) => self.write(bufs.iter().find(|b| !b.is_empty()).map_or(&[], |b| b)),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

enum Layers {
    Plain(Wire),
    Tls(Box<StreamOwned<ServerConnection, Wire>>),
}

/// The stream that the serving side reads and writes.
pub struct Stream {
    layers: Layers,
    link: Arc<Link>,
    log: Arc<Log>,
}

impl Stream {
    /// Shakes hands when `tls` is given; none when that fails.
    pub fn open(mut wire: Wire, tls: Option<Arc<ServerConfig>>) -> Option<Stream> {
        let (link, log) = (Arc::clone(&wire.link), Arc::clone(&wire.log));
        let layers = match tls {
            None => Layers::Plain(wire),
            Some(config) => {
                let mut tls = ServerConnection::new(config).ok()?;
                tls.complete_io(&mut wire).ok()?;
                Layers::Tls(Box::new(StreamOwned::new(tls, wire)))
            }
        };
        Some(Stream { layers, link, log })
    }

    /// Reads once; 0 at the end, whether orderly or not, and when `limit` was over.
    pub fn read(&mut self, buf: &mut [u8], limit: Option<Duration>) -> usize {
        if limit.is_some() {
            let _ = self.link.socket.set_read_timeout(limit);
        }
        let n = loop {
            let read = match &mut self.layers {
                Layers::Plain(wire) => wire.read(buf),
                Layers::Tls(tls) => tls.read(buf),
            };
            match read {
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                read => break read.unwrap_or(0),
            }
        };
        if limit.is_some() {
            let _ = self.link.socket.set_read_timeout(None);
        }
        if let Layers::Tls(_) = self.layers {
            self.log.bytes(self.link.id, Layer::Decrypted, buf.get(..n).unwrap_or_default());
        }
        n
    }

    /// Writes all of it, to the system at least.
    pub fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        match &mut self.layers {
            Layers::Plain(wire) => wire.write_all(bytes),
            Layers::Tls(tls) => tls.write_all(bytes).and_then(|()| tls.flush()),
        }
    }

    /// Ends the connection as a well-behaved server does: TLS says so, then the FIN.
    pub fn close(mut self) {
        if let Layers::Tls(tls) = &mut self.layers {
            tls.conn.send_close_notify();
            let _ = tls.flush();
        }
        self.cut();
    }

    /// Ends it with a FIN, whatever TLS has to say about that.
    pub fn cut(self) {
        cut(&self.link);
    }

    /// Ends it with an RST, once all that was written has arrived.
    pub fn reset(self) {
        reset(&self.link);
    }
}

/// See [`Stream::cut`]. The socket itself is closed by whoever drops the link.
pub fn cut(link: &Link) {
    let _ = link.socket.shutdown(Shutdown::Write);
    // Closing a socket with unread bytes would send an RST.
    if link.socket.set_nonblocking(true).is_ok() {
        let mut unread = [0; 4096];
        while (&link.socket).read(&mut unread).is_ok_and(|n| n > 0) {}
    }
}

/// See [`Stream::reset`].
pub fn reset(link: &Link) {
    // An RST throws away what has not been sent. A peer that does not read would hold this up.
    let start = Instant::now();
    while sys::unconfirmed(&link.socket) > 0 && start.elapsed() < Duration::from_secs(2) {
        if link.wait_hangup(Some(Duration::from_millis(1))) {
            break;
        }
    }
    sys::reset_on_close(&link.socket);
}
