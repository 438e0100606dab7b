//! Certificates in PEM (RFC 7468). A system's bundle holds some 150 of them, and parsing it is most
//! of what the first https connection costs: hence line by line, with a base64 decoder that is not
//! constant-time, since certificates are no secret.

use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rustls::pki_types::CertificateDer;

use crate::sys;

/// The bytes of a file that are read.
const LARGEST_FILE: u64 = 16 << 20;

/// The byte order mark of UTF-8, which some editors put before a text.
const MARK: &[u8] = b"\xEF\xBB\xBF";

const BEGIN: &[u8] = b"-----BEGIN ";
const END: &[u8] = b"-----END ";
const DASHES: &[u8] = b"-----";

type Certificates = Vec<CertificateDer<'static>>;

/// Reads all certificates of a file, at least one. The error says what is wrong with the file, and
/// follows its name.
pub(crate) fn read(path: &Path) -> Result<Certificates, String> {
    let pem =
        sys::read_file(path, LARGEST_FILE).map_err(|cause| format!("cannot be read: {cause}"))?;
    let found = certificates(&pem)?;
    match found.is_empty() {
        true => Err(without_certificate(&pem).to_owned()),
        false => Ok(found),
    }
}

/// Parses all certificates of a PEM file, and skips everything between them.
fn certificates(pem: &[u8]) -> Result<Certificates, &'static str> {
    let pem = pem.strip_prefix(MARK).unwrap_or(pem);
    let mut lines = pem.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii);
    let mut found = Vec::new();
    let mut coded = Vec::new();
    // What stands behind an end on its line: files without a last line break, put together.
    let mut rest: &[u8] = &[];
    loop {
        let line = if rest.is_empty() { lines.next() } else { Some(std::mem::take(&mut rest)) };
        let Some(line) = line else { return Ok(found) };
        let Some(label) = line.strip_prefix(BEGIN).and_then(|line| line.strip_suffix(DASHES))
        else {
            continue;
        };
        if !matches!(label, b"CERTIFICATE" | b"X509 CERTIFICATE" | b"TRUSTED CERTIFICATE") {
            continue;
        }
        coded.clear();
        rest = loop {
            let line = lines.next().ok_or("is damaged: a certificate in it has no end")?;
            match line.strip_prefix(END).and_then(|line| line.strip_prefix(label)) {
                Some(after) => break after.strip_prefix(DASHES).unwrap_or(after),
                None => coded.extend_from_slice(line),
            }
        };
        let decoded = STANDARD.decode(&coded);
        let der = decoded.map_err(|_| "is damaged: a certificate in it is not base64")?;
        // In OpenSSL's form with trust settings, these follow the certificate.
        let der = if label.starts_with(b"TRUSTED") { first_value(&der).to_vec() } else { der };
        found.push(CertificateDer::from(der));
    }
}

/// The first value of DER (X.690, 8.1): its head and as many bytes as that says.
fn first_value(der: &[u8]) -> &[u8] {
    let length = match der {
        [_, short @ 0..0x80, ..] => Some(2 + usize::from(*short)),
        [_, long, rest @ ..] => rest.get(..usize::from(long & 0x7F)).and_then(|bytes| {
            let value = bytes.iter().try_fold(0_usize, |value, byte| {
                value.checked_mul(256)?.checked_add(usize::from(*byte))
            });
            value?.checked_add(2 + bytes.len())
        }),
        _ => None,
    };
    length.and_then(|length| der.get(..length)).unwrap_or(der)
}

/// What a file is that holds no certificate in PEM, and what to do about it.
fn without_certificate(bytes: &[u8]) -> &'static str {
    let begins = |label: &[u8]| {
        let start = [BEGIN, label].concat();
        bytes.windows(start.len()).any(|window| window == start)
    };
    match bytes {
        [] => "is empty: it must hold certificates in PEM",
        // The version that a PKCS#12 file begins with, in a sequence of two bytes of length.
        [0x30, 0x82, _, _, 0x02, ..] => {
            "is not PEM: it looks like PKCS#12; convert it with openssl pkcs12 -nokeys"
        }
        [0x30, 0x82, _, _, 0x06, ..] => {
            "is not PEM: it looks like PKCS#7; convert it with openssl pkcs7 -inform der -print_certs"
        }
        [0x30, 0x80..=0xFF, ..] => {
            "is not PEM: it looks like DER; convert it with openssl x509 -inform der"
        }
        [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..] | [0, ..] | [_, 0, ..] => {
            "is not PEM: it looks like UTF-16; save it as ASCII or UTF-8"
        }
        _ if begins(b"PKCS7") || begins(b"CMS") => {
            "holds no certificate, but PKCS#7; convert it with openssl pkcs7 -print_certs"
        }
        _ if begins(b"CERTIFICATE REQUEST") || begins(b"NEW CERTIFICATE REQUEST") => {
            "holds no certificate, but the request for one: name the file that the CA made of it"
        }
        _ if bytes.windows(16).any(|window| window == b"PRIVATE KEY-----") => {
            "holds no certificate, but a private key: name the file of the CA's certificate"
        }
        _ => "holds no certificate: it must have a line -----BEGIN CERTIFICATE-----",
    }
}

#[cfg(test)]
#[path = "pem_tests.rs"]
mod tests;
