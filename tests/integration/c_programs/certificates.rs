//! Certificates that are named, those that cannot be taken, and what is said of them.

use super::{KEY, Program};
use crate::downloads::Folder;
use crate::emulator::{Cert, Emulator, Script};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair, date_time_ymd};
use rustls::pki_types::CertificateDer;
use rustls::{ServerConfig, ServerConnection};
use serde_json::json;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;

#[test]
fn a_file_of_certificates_that_cannot_be_taken_is_named_with_the_remedy() {
    let folder = Folder::new();
    let begin = "-----BEGIN CERTIFICATE-----\n";
    for (bytes, words) in [
        (Vec::new(), "is empty"),
        (b"text".to_vec(), "holds no certificate"),
        (vec![0x30, 0x82, 1, 0, 0x30, 0x82, 0, 9], "convert it with openssl x509 -inform der"),
        (vec![0x30, 0x82, 1, 0, 0x02, 1, 3], "PKCS#12"),
        (vec![0x30, 0x82, 1, 0, 0x06, 9], "PKCS#7"),
        (vec![0xFF, 0xFE, b'-', 0], "UTF-16"),
        (b"-----BEGIN PKCS7-----\n".to_vec(), "PKCS#7"),
        (b"-----BEGIN CERTIFICATE REQUEST-----\n".to_vec(), "the request for one"),
        (b"-----BEGIN PRIVATE KEY-----\n".to_vec(), "a private key"),
        (format!("{begin}AQID").into_bytes(), "has no end"),
        (format!("{begin}!\n-----END CERTIFICATE-----").into_bytes(), "is not base64"),
        (format!("{begin}AQID\n-----END CERTIFICATE-----").into_bytes(), "that can be read"),
        (
            b"-----BEGIN TRUSTED CERTIFICATE-----\nMAIFBjABCQ==\n-----END TRUSTED CERTIFICATE-----"
                .to_vec(),
            "that can be read",
        ),
    ] {
        let path = folder.0.join("ca.pem");
        std::fs::write(&path, bytes).unwrap();
        Program::new("certificates", "file_is_refused")
            .with("PICTORY_TEST_PATH", &path)
            .with("PICTORY_TEST_WORDS", words)
            .run();
    }
}

#[test]
fn a_certificate_that_is_not_accepted_is_named_with_the_remedy() {
    let script = || Script::from_value(json!({ "default": [{ "example": "completed" }] }));
    for (cert, words) in [
        (Cert::Expired, "has expired: check this machine's clock"),
        (Cert::WrongHost, "is for another name (elsewhere.example): check the host"),
        (Cert::UnknownCa, "but by another of that name"),
    ] {
        let emulator = Emulator::start_tls_with(script(), cert);
        Program::new("certificates", "server_is_refused")
            .against_tls(&emulator)
            .with("PICTORY_TEST_WORDS", words)
            .run();
    }
    let garbage = Script::from_value(json!({ "connections": ["garbage"] }));
    Program::new("certificates", "server_is_refused")
        .against_tls(&Emulator::start_tls(garbage))
        .with("PICTORY_TEST_WORDS", "does not speak TLS")
        .run();
}

/// A get over TLS, with these variables, ends so.
fn tls_get_ends(variables: &[(&str, String)], code: &str, words: &str) {
    let script = Script::from_value(json!({ "default": [{ "example": "completed" }] }));
    let emulator = Emulator::start_tls(script);
    let program = Program::new("environment", "get_ends_as_told")
        .with("PICTORY_API_KEY", KEY)
        .with("PICTORY_API_BASE_URL", emulator.url())
        .with("PICTORY_TEST_CODE", code)
        .with("PICTORY_TEST_WORDS", words);
    variables.iter().fold(program, |program, (name, value)| program.with(name, value)).run();
}

#[test]
fn certificates_that_the_environment_names_are_trusted_and_no_others() {
    let folder = Folder::new();
    let path = |name: &str| folder.0.join(name).to_str().unwrap().to_owned();
    // One CA signs for all emulators of a process.
    let emulator = Emulator::start_tls(Script::default());
    let ca = std::fs::read_to_string(emulator.ca_file()).unwrap();
    std::fs::write(path("ca.pem"), &ca).unwrap();
    std::fs::write(path("marked.pem"), format!("\u{feff}{}", ca.trim_end())).unwrap();
    std::fs::write(path("empty.pem"), "no certificate").unwrap();
    let no_der = "-----BEGIN CERTIFICATE-----\nAQID\n-----END CERTIFICATE-----\n";
    std::fs::write(path("damaged.pem"), no_der).unwrap();
    for name in ["folder", "empty", "marked", "damaged", "der"] {
        std::fs::create_dir(path(name)).unwrap();
    }
    std::fs::write(path("folder/ca.pem"), &ca).unwrap();
    std::fs::write(path("folder/README"), "These are trusted.").unwrap();
    std::fs::write(path("marked/ca.pem"), format!("\u{feff}{}", ca.trim_end())).unwrap();
    std::fs::write(path("damaged/ca.pem"), no_der).unwrap();
    std::fs::write(path("der/ca.crt"), [0x30, 0x82, 1, 0, 0x30, 0x82, 0, 9]).unwrap();
    let file = |path: String| ("SSL_CERT_FILE", path);
    let folders = |path: String| ("SSL_CERT_DIR", path);
    let none = String::new;
    for good in [
        &[file(path("ca.pem")), folders(none())][..],
        &[file(path("marked.pem")), folders(none())],
        &[file(none()), folders(path("folder"))],
        &[file(path("ca.pem")), folders(path("folder"))],
        &[file(none()), folders(format!(":{}:", path("folder")))],
        &[file(none()), folders(format!("{}:{}", path("marked"), path("folder")))],
        &[file(none()), folders(path("marked"))],
    ] {
        tls_get_ends(good, "PICTORY_OK", "completed");
    }
    for (bad, words) in [
        (&[file("/nope".to_owned())][..], "SSL_CERT_FILE names '/nope', which cannot be read"),
        (&[file(path("empty.pem"))], "holds no certificate"),
        (&[file(path("damaged.pem")), folders(none())], "SSL_CERT_FILE"),
        (&[file(path("damaged.pem")), folders(path("folder"))], "SSL_CERT_FILE"),
        (&[file(path("folder"))], "SSL_CERT_FILE"),
        (&[file("/nope".to_owned()), folders(path("folder"))], "SSL_CERT_FILE"),
        (&[folders("/nope".to_owned())], "SSL_CERT_DIR names '/nope', which cannot be read"),
        (&[folders(path("empty"))], "holds no certificate"),
        (&[file(none()), folders(path("damaged"))], "SSL_CERT_DIR"),
        (&[file(path("ca.pem")), folders(path("damaged"))], "'ca.pem' holds no certificate that"),
        (&[file(none()), folders(path("der"))], "'ca.crt' is not PEM: it looks like DER"),
        (&[file(path("ca.pem")), folders("/nope".to_owned())], "SSL_CERT_DIR"),
    ] {
        tls_get_ends(bad, "PICTORY_ERROR_CERTIFICATES", words);
    }
}

#[test]
fn empty_names_of_certificates_are_unset() {
    let unset = [("SSL_CERT_FILE", String::new()), ("SSL_CERT_DIR", String::new())];
    tls_get_ends(&unset, "PICTORY_ERROR_TLS", "nobody whom this machine trusts");
    let no_folders = [("SSL_CERT_FILE", String::new()), ("SSL_CERT_DIR", "::".to_owned())];
    tls_get_ends(&no_folders, "PICTORY_ERROR_TLS", "nobody whom this machine trusts");
}

#[test]
fn certificates_that_cannot_be_had_are_said_to_be_so_whoever_answers() {
    Program::new("environment", "get_ends_as_told")
        .with("PICTORY_API_KEY", KEY)
        .with("PICTORY_API_BASE_URL", "https://127.0.0.1:1")
        .with("SSL_CERT_FILE", "/nope")
        .with("PICTORY_TEST_CODE", "PICTORY_ERROR_CERTIFICATES")
        .with("PICTORY_TEST_WORDS", "SSL_CERT_FILE")
        .run();
}

/// Serves one connection, by a program that trusts `ca`; that must fail with these words.
fn is_refused(
    ca: &CertificateDer<'_>,
    serve: impl FnOnce(TcpStream) + Send + 'static,
    words: &str,
) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("https://{}", listener.local_addr().unwrap());
    let server = thread::spawn(move || serve(listener.accept().unwrap().0));
    let folder = Folder::new();
    let file = folder.0.join("ca.pem");
    std::fs::write(&file, pem(ca)).unwrap();
    Program::new("certificates", "server_is_refused")
        .with("PICTORY_API_KEY", KEY)
        .with("PICTORY_API_BASE_URL", url)
        .with("PICTORY_TEST_CA", file)
        .with("PICTORY_TEST_WORDS", words)
        .run();
    server.join().unwrap();
}

fn pem(der: &CertificateDer<'_>) -> String {
    let coded = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, der);
    format!("-----BEGIN CERTIFICATE-----\n{coded}\n-----END CERTIFICATE-----\n")
}

/// A server that shakes hands with this certificate.
fn presents(der: CertificateDer<'static>, key: KeyPair) -> impl FnOnce(TcpStream) + Send {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![der], key.into())
        .unwrap();
    move |mut socket| {
        let mut session = ServerConnection::new(Arc::new(config)).unwrap();
        let _ = session.complete_io(&mut socket);
    }
}

fn authority() -> CertificateParams {
    let mut params = CertificateParams::new(vec!["127.0.0.1".to_owned()]).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params
}

#[test]
fn a_certificate_that_is_its_own_ca_is_named_with_the_remedy() {
    let key = KeyPair::generate().unwrap();
    let der = authority().self_signed(&key).unwrap().der().clone();
    is_refused(&der.clone(), presents(der, key), "is that of a CA, as 'openssl req -x509'");
}

#[test]
fn a_certificate_that_is_not_valid_yet_is_named_with_the_remedy() {
    let ca = CertifiedIssuer::self_signed(authority(), KeyPair::generate().unwrap()).unwrap();
    let key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::new(vec!["127.0.0.1".to_owned()]).unwrap();
    params.not_before = date_time_ymd(2200, 1, 1);
    params.not_after = date_time_ymd(2201, 1, 1);
    let der = params.signed_by(&key, &*ca).unwrap().der().clone();
    is_refused(ca.der(), presents(der, key), "is not valid yet: check this machine's clock");
}

/// ecdsa-with-SHA256 (RFC 5758, 3.2); with SHA-512 its last byte is 4.
const ECDSA_WITH_SHA256: [u8; 10] = [6, 8, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 4, 3, 2];

#[test]
fn a_signature_that_cannot_be_verified_is_named_with_the_remedy() {
    let ca = CertifiedIssuer::self_signed(authority(), KeyPair::generate().unwrap()).unwrap();
    let key = KeyPair::generate().unwrap();
    let params = CertificateParams::new(vec!["127.0.0.1".to_owned()]).unwrap();
    let mut der = params.signed_by(&key, &*ca).unwrap().der().to_vec();
    let mut changed = 0;
    for start in 0..der.len() - ECDSA_WITH_SHA256.len() {
        if der[start..].starts_with(&ECDSA_WITH_SHA256) {
            der[start + ECDSA_WITH_SHA256.len() - 1] = 4;
            changed += 1;
        }
    }
    assert_eq!(changed, 2, "in what is signed, and beside the signature");
    is_refused(ca.der(), presents(der.into(), key), "not supported, such as P-521, or P-256 with");
}

#[test]
fn a_server_whose_key_cannot_be_verified_is_told_from_one_that_broke() {
    let key = KeyPair::generate().unwrap();
    let ca = authority().self_signed(&key).unwrap();
    // handshake_failure, as OpenSSL says that no key of its own fits, such as one of P-521.
    let alert = [21, 3, 3, 0, 2, 2, 40];
    let serve = move |mut socket: TcpStream| {
        let _ = socket.read(&mut [0; 4096]);
        let _ = socket.write_all(&alert);
    };
    is_refused(ca.der(), serve, "with a certificate of RSA, P-256 with SHA-256");
}
