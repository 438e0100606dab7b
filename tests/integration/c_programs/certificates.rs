//! Certificates that cannot be taken, and what is said of them.

use super::Program;
use crate::downloads::Folder;
use crate::emulator::{Cert, Emulator, Script};
use serde_json::json;

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
