//! The server's side of TLS 1.3 after the handshake, record by record: rustls sends neither session
//! tickets later on nor records without data, and a peer may.

use std::net::TcpStream;
use std::sync::{Arc, LazyLock};

use rustls::crypto::cipher::{MessageEncrypter, OutboundPlainMessage};
use rustls::crypto::ring::cipher_suite::TLS13_AES_128_GCM_SHA256;
use rustls::crypto::{CryptoProvider, ring};
use rustls::{ConnectionTrafficSecrets, ContentType, ProtocolVersion};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

use crate::emulator::Cert;
use crate::emulator::certs;

pub(crate) type TlsStream = StreamOwned<ServerConnection, TcpStream>;

/// Begins TLS on a connection that was accepted, without tickets, in a way that [`Records`] can go on
/// with.
pub(crate) fn accept(socket: TcpStream) -> TlsStream {
    static CONFIG: LazyLock<Arc<ServerConfig>> = LazyLock::new(|| {
        let good = certs::server_config(Cert::Good);
        let cipher_suites = vec![TLS13_AES_128_GCM_SHA256];
        let provider = CryptoProvider { cipher_suites, ..ring::default_provider() };
        let mut config = ServerConfig::builder_with_provider(Arc::new(provider))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_cert_resolver(Arc::clone(&good.cert_resolver));
        config.enable_secret_extraction = true;
        config.send_tls13_tickets = 0;
        Arc::new(config)
    });
    StreamOwned::new(ServerConnection::new(Arc::clone(&CONFIG)).unwrap(), socket)
}

/// The records that the server sends from now on.
pub(crate) struct Records {
    encrypter: Box<dyn MessageEncrypter>,
    sequence: u64,
}

impl Records {
    /// Goes on where `session` is.
    pub(crate) fn after(session: ServerConnection) -> Records {
        let (sequence, secrets) = session.dangerous_extract_secrets().unwrap().tx;
        let ConnectionTrafficSecrets::Aes128Gcm { key, iv } = secrets else {
            panic!("only one suite was offered");
        };
        let suite = TLS13_AES_128_GCM_SHA256.tls13().unwrap();
        Records { encrypter: suite.aead_alg.encrypter(key, iv), sequence }
    }

    pub(crate) fn data(&mut self, plain: &[u8]) -> Vec<u8> {
        self.record(ContentType::ApplicationData, plain)
    }

    /// A session ticket (RFC 8446, 4.6.1).
    pub(crate) fn ticket(&mut self) -> Vec<u8> {
        let [_, _, high, low] = (self.sequence as u32).to_be_bytes();
        // Lifetime, age, nonce, ticket, no extensions.
        let ticket = [0, 0, 1, 0, 0, 0, 0, 0, 2, high, low, 0, 4, 1, 2, 3, 4, 0, 0];
        self.record(ContentType::Handshake, &[&[4, 0, 0, ticket.len() as u8], &ticket[..]].concat())
    }

    fn record(&mut self, typ: ContentType, plain: &[u8]) -> Vec<u8> {
        let version = ProtocolVersion::TLSv1_2;
        let message = OutboundPlainMessage { typ, version, payload: plain.into() };
        let record = self.encrypter.encrypt(message, self.sequence).unwrap();
        self.sequence += 1;
        record.encode()
    }
}
