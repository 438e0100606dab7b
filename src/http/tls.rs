//! TLS: the roots to trust, the handshake, and records over a socket that is waited for.

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::sync::Arc;

use rustls::pki_types::ServerName;
use rustls::{ClientConfig, ClientConnection, RootCertStore};

use super::error::{Error, Result};
use super::request_context::RequestContext;
use super::roots;
use super::socket::{prepare_to_receive, readable, wait_if_blocked, writable};
use super::tls_failure;
use crate::sys;

/// The configuration that all TLS connections of a client share; `roots` are the system's if not given.
pub(super) fn client_config(roots: Option<&Arc<RootCertStore>>) -> Result<Arc<ClientConfig>> {
    let roots = roots.map_or_else(roots::of_the_system, |roots| Ok(Arc::clone(roots)))?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|cause| Error::Internal { what: format!("TLS: {cause}") })?;
    let mut config = builder.with_root_certificates(roots).with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}

/// Does the handshake, and checks that the server is `host`.
pub(super) async fn handshake(
    config: Arc<ClientConfig>,
    host: &str,
    socket: &TcpStream,
    context: &RequestContext,
) -> Result<ClientConnection> {
    context.step("waiting for the TLS handshake");
    let refused = |error: rustls::Error| {
        let (host, cause) = (host.to_owned(), tls_failure::cause(&error));
        Error::Tls { host, cause }
    };
    let name = ServerName::try_from(host.to_owned())
        .map_err(|_| refused(rustls::Error::General("not a host name".into())))?;
    let mut session = ClientConnection::new(config, name).map_err(refused)?;
    while session.is_handshaking() {
        send_records(&mut session, socket, context).await?;
        if session.is_handshaking() {
            receive_records(&mut session, socket, context, true, refused).await?;
        }
    }
    send_records(&mut session, socket, context).await?;
    Ok(session)
}

/// Encrypts and sends all of `plain`.
pub(super) async fn send(
    session: &mut ClientConnection,
    socket: &TcpStream,
    context: &RequestContext,
    mut plain: &[u8],
) -> Result<()> {
    while !plain.is_empty() {
        let count = session.writer().write(plain).map_err(Error::lost)?;
        plain = plain.get(count..).unwrap_or_default();
        send_records(session, socket, context).await?;
    }
    Ok(())
}

/// Receives plain bytes, at least one; 0 is an end that the server announced.
pub(super) async fn receive(
    session: &mut ClientConnection,
    socket: &TcpStream,
    context: &RequestContext,
    plain: &mut [u8],
    patient: bool,
) -> Result<usize> {
    let mut patient = patient;
    loop {
        match session.reader().read(plain) {
            Ok(count) => {
                context.refund(count);
                return Ok(count);
            }
            Err(cause) if cause.kind() == io::ErrorKind::WouldBlock => {}
            Err(cause) => return Err(Error::lost(cause)),
        }
        receive_records(session, socket, context, patient, Error::lost).await?;
        // An answer to the server, such as a key update.
        send_records(session, socket, context).await?;
        patient = false;
    }
}

/// The reads that a look at an idle connection takes: a server that has more to say is talking.
const MOST_LOOKS: usize = 4;

/// Whether the connection can be used again: nothing has come but what TLS itself sends, such as
/// session tickets.
pub(super) fn is_idle(session: &mut ClientConnection, socket: &TcpStream) -> bool {
    for _ in 0..MOST_LOOKS {
        // First of all for what came with the reply before.
        match session.process_new_packets() {
            Ok(state) if state.plaintext_bytes_to_read() == 0 && !state.peer_has_closed() => {}
            _ => return false,
        }
        match session.read_tls(&mut SocketStream { socket, may_block: false }) {
            Ok(0) => return false,
            Ok(_) => {}
            Err(cause) => return cause.kind() == io::ErrorKind::WouldBlock,
        }
    }
    false
}

/// A socket as rustls takes it: by way of calls that raise no SIGPIPE where the server has gone, as
/// the `writev` of std's own `write_vectored` does.
struct SocketStream<'a> {
    socket: &'a TcpStream,
    may_block: bool,
}

impl Read for SocketStream<'_> {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        sys::receive(self.socket, bytes, std::mem::take(&mut self.may_block))
    }
}

impl Write for SocketStream<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        sys::send(self.socket, bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

async fn send_records(
    session: &mut ClientConnection,
    socket: &TcpStream,
    context: &RequestContext,
) -> Result<()> {
    context.check()?;
    while session.wants_write() {
        if let Err(cause) = session.write_tls(&mut SocketStream { socket, may_block: false }) {
            wait_if_blocked(context, cause, writable(socket)).await?;
        }
    }
    Ok(())
}

async fn receive_records(
    session: &mut ClientConnection,
    socket: &TcpStream,
    context: &RequestContext,
    patient: bool,
    refused: impl Fn(rustls::Error) -> Error,
) -> Result<()> {
    let may_block = prepare_to_receive(socket, context, patient).await?;
    let mut stream = SocketStream { socket, may_block };
    let received = loop {
        match session.read_tls(&mut stream) {
            Ok(0) => return Err(Error::lost("the server closed it without a TLS close_notify")),
            Ok(count) => break count,
            Err(cause) => wait_if_blocked(context, cause, readable(socket)).await?,
        }
    };
    context.charge(received).await?;
    // Until it turns out to be data: session tickets and the like can be sent for ever.
    context.spend(received)?;
    if let Err(cause) = session.process_new_packets() {
        // The alert tells the server why; it is not worth waiting for.
        let _ = session.write_tls(&mut stream);
        return Err(refused(cause));
    }
    Ok(())
}
