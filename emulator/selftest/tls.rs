//! The emulator through TLS.

use super::client::ID;
use crate::emulator::{Cert, Emulator, Script};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};
use serde_json::{Value, json};
use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::time::Duration;

type Tls = StreamOwned<ClientConnection, TcpStream>;

fn emulator(step: Value) -> Emulator {
    Emulator::start_tls(Script::from_value(json!({ "default": [step] })))
}

fn connect(emulator: &Emulator, host: &'static str) -> Result<Tls, String> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(emulator.ca_file()).unwrap()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let client = ClientConnection::new(Arc::new(config), host.try_into().unwrap()).unwrap();
    let socket = TcpStream::connect(("127.0.0.1", emulator.port())).unwrap();
    socket.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    let mut stream = StreamOwned::new(client, socket);
    match stream.conn.complete_io(&mut stream.sock) {
        Ok(_) => Ok(stream),
        Err(error) => Err(error.to_string()),
    }
}

fn poll(stream: &mut Tls) {
    write!(stream, "GET /v1/jobs/{ID} HTTP/1.1\r\nAuthorization: pictai_key\r\n\r\n").unwrap();
}

fn rest(stream: &mut Tls) -> (String, Option<ErrorKind>) {
    let mut bytes = Vec::new();
    let end = stream.read_to_end(&mut bytes).err().map(|error| error.kind());
    (String::from_utf8(bytes).unwrap(), end)
}

#[test]
fn good_certificates_are_good_for_each_name() {
    let emulator = emulator(json!({ "example": "completed", "then": "close" }));
    assert_eq!(emulator.url(), format!("https://localhost:{}/pictoryapis", emulator.port()));
    for host in ["localhost", "127.0.0.1", "::1"] {
        let mut stream = connect(&emulator, host).unwrap();
        poll(&mut stream);
        let (text, end) = rest(&mut stream);
        assert!(text.ends_with("\"completed\"\n    }\n}"));
        // The end was announced by TLS too.
        assert_eq!(end, None);
    }
    let raw = emulator.raw();
    assert!(raw.windows(10).any(|bytes| bytes == b"pictai_key"));
}

#[test]
fn bad_certificates_are_bad_in_their_own_way() {
    let cases = [
        (Cert::Expired, "expired"),
        (Cert::WrongHost, "not valid for name"),
        (Cert::SelfSigned, "UnknownIssuer"),
        (Cert::UnknownCa, "invalid peer certificate"),
    ];
    for (cert, reason) in cases {
        let emulator = Emulator::start_tls_with(Script::default(), cert);
        let error = connect(&emulator, "localhost").err().unwrap();
        assert!(error.contains(reason), "{cert:?}: {error}");
    }
}

#[test]
fn cuts_come_without_a_goodbye() {
    let emulator = emulator(json!({ "body": "0123456789", "no_length": true, "cut_at_body": 4 }));
    let mut stream = connect(&emulator, "localhost").unwrap();
    poll(&mut stream);
    let (text, end) = rest(&mut stream);
    assert!(text.ends_with("\r\n\r\n0123"));
    assert_eq!(end, Some(ErrorKind::UnexpectedEof));
}

#[test]
fn resets_are_resets() {
    let emulator = emulator(json!({ "reset_after": 0 }));
    let mut stream = connect(&emulator, "localhost").unwrap();
    poll(&mut stream);
    assert_eq!(rest(&mut stream), (String::new(), Some(ErrorKind::ConnectionReset)));
}

#[test]
fn idle_closes_say_goodbye() {
    let emulator = emulator(json!({ "body": "0123456789" }));
    let mut stream = connect(&emulator, "localhost").unwrap();
    poll(&mut stream);
    let mut text = String::new();
    while !text.ends_with("0123456789") {
        let mut byte = [0];
        stream.read_exact(&mut byte).unwrap();
        text.push(byte[0].into());
    }
    emulator.close_idle();
    assert_eq!(rest(&mut stream), (String::new(), None));
}

#[test]
fn handshakes_can_stop_in_the_middle() {
    let script = json!({ "connections": ["stall", { "stall_after_bytes": 100 }, "garbage"] });
    let emulator = Emulator::start_tls(Script::from_value(script));
    for expected in [0, 100] {
        let mut socket = TcpStream::connect(("127.0.0.1", emulator.port())).unwrap();
        let mut hello = Vec::new();
        client_hello(&mut hello);
        socket.write_all(&hello).unwrap();
        let mut bytes = vec![0; expected];
        socket.read_exact(&mut bytes).unwrap();
        socket.set_read_timeout(Some(Duration::from_millis(30))).unwrap();
        assert_eq!(socket.read(&mut [0]).unwrap_err().kind(), ErrorKind::WouldBlock);
    }
    assert!(connect(&emulator, "localhost").is_err());
}

fn client_hello(to: &mut Vec<u8>) {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(RootCertStore::empty())
        .with_no_client_auth();
    let name = "localhost".try_into().unwrap();
    ClientConnection::new(Arc::new(config), name).unwrap().write_tls(to).unwrap();
}

#[test]
fn the_ca_file_goes_with_the_emulator() {
    let emulator = Emulator::start_tls(Script::default());
    let path = emulator.ca_file().to_path_buf();
    assert!(path.exists());
    drop(emulator);
    assert!(!path.exists());
}
