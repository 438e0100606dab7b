//! Certificates in PEM (RFC 7468). A system's bundle holds some 150 of them, and parsing it is most
//! of what the first https connection costs: hence line by line, with a base64 decoder that is not
//! constant-time, since certificates are no secret.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rustls::pki_types::CertificateDer;

/// The bytes of a file that are read.
pub(crate) const LARGEST_FILE: u64 = 16 << 20;

const BEGIN: &[u8] = b"-----BEGIN CERTIFICATE-----";
const END: &[u8] = b"-----END CERTIFICATE-----";

/// Parses all certificates of a PEM file, and skips everything between them. The error says what is
/// wrong with the file.
pub(crate) fn certificates(pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, &'static str> {
    let mut lines = pem.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii);
    let mut found = Vec::new();
    let mut coded = Vec::new();
    while lines.any(|line| line == BEGIN) {
        coded.clear();
        loop {
            match lines.next() {
                None => return Err("a certificate has no end"),
                Some(END) => break,
                Some(line) => coded.extend_from_slice(line),
            }
        }
        let bytes = STANDARD.decode(&coded).map_err(|_| "a certificate is not base64")?;
        found.push(CertificateDer::from(bytes));
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn certificates_are_found_between_other_lines() {
        let pem = "# one\r\n-----BEGIN CERTIFICATE-----\r\nAQID\r\nBA==\r\n-----END CERTIFICATE-----\r\n\
                   -----BEGIN PRIVATE KEY-----\nAQ==\n-----END PRIVATE KEY-----\n\
                   -----BEGIN CERTIFICATE-----\n  BQY=\n-----END CERTIFICATE-----";
        let found = certificates(pem.as_bytes()).unwrap();
        assert_eq!(
            found,
            [CertificateDer::from(vec![1, 2, 3, 4]), CertificateDer::from(vec![5, 6])]
        );
        assert_eq!(certificates(b"nothing").unwrap(), []);
    }

    #[test]
    fn a_certificate_that_is_broken_is_an_error() {
        for inside in ["AQI", "AQ=D", "!", "AQID\n-----END CERTIFICATE"] {
            let pem = format!("-----BEGIN CERTIFICATE-----\n{inside}\n-----END CERTIFICATE-----");
            assert!(certificates(pem.as_bytes()).is_err(), "{inside}");
        }
        assert!(certificates(b"-----BEGIN CERTIFICATE-----\nAQID").is_err());
    }
}
