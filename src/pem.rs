//! Certificates in PEM (RFC 7468). A system's bundle holds some 150 of them, and parsing it is most
//! of what the first https connection costs: hence line by line, with a base64 decoder that is not
//! constant-time, since certificates are no secret.

use std::fs;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;

use crate::sys;
use crate::text::quote;

/// The bytes of a file that are read.
const LARGEST_FILE: u64 = 16 << 20;

/// The byte order mark of UTF-8, which some editors put before a text.
const MARK: &[u8] = b"\xEF\xBB\xBF";

const BEGIN: &[u8] = b"-----BEGIN ";
const END: &[u8] = b"-----END ";
const DASHES: &[u8] = b"-----";

pub(crate) type Certificates = Vec<CertificateDer<'static>>;

/// Reads all certificates of a file, at least one that can be trusted. The error says what is wrong with
/// the file, and follows its name.
pub(crate) fn read(path: &Path) -> Result<Certificates, String> {
    let pem =
        sys::read_file(path, LARGEST_FILE).map_err(|cause| format!("cannot be read: {cause}"))?;
    let found = certificates(&pem)?;
    let is_sound =
        |der: &CertificateDer<'_>| RootCertStore::empty().add(der.clone().into_owned()).is_ok();
    match found.iter().any(is_sound) {
        true => Ok(found),
        false if found.is_empty() => Err(without_certificate(&pem).to_owned()),
        false => Err("holds no certificate that can be read: have it made anew".to_owned()),
    }
}

/// Reads the certificates of all files of a folder, at least one, and skips the files that hold none.
/// The error says what is wrong with the folder, and follows its name.
pub(crate) fn read_folder(folder: &Path) -> Result<Certificates, String> {
    let entries = fs::read_dir(folder).map_err(|cause| format!("cannot be read: {cause}"))?;
    let mut files: Vec<_> = entries.flatten().map(|entry| entry.path()).collect();
    files.retain(|path| path.is_file());
    files.sort_unstable();
    let mut found = Vec::new();
    let mut first_flaw = None;
    for file in files {
        match read(&file) {
            Ok(more) => found.extend(more),
            Err(flaw) => {
                first_flaw.get_or_insert((file, flaw));
            }
        }
    }
    // OpenSSL's folders hold each certificate under several names.
    found.sort_unstable_by(|one, other| one.as_ref().cmp(other.as_ref()));
    found.dedup();
    match first_flaw {
        _ if !found.is_empty() => Ok(found),
        Some((file, flaw)) => {
            let name = file.file_name().unwrap_or_default().to_string_lossy();
            Err(format!("holds no certificate ('{}' {flaw})", quote(&name)))
        }
        None => Err("holds no certificate".to_owned()),
    }
}

/// Parses all certificates of a PEM file, and skips everything between them.
fn certificates(pem: &[u8]) -> Result<Certificates, &'static str> {
    let mut lines = pem.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii);
    let mut found = Vec::new();
    let mut coded = Vec::new();
    // The line of a certificate's end, on which the next one may begin.
    let mut end = None;
    loop {
        let Some(line) = end.take().or_else(|| lines.next()) else { return Ok(found) };
        let Some(label) = label(line) else { continue };
        if !matches!(label, b"CERTIFICATE" | b"X509 CERTIFICATE" | b"TRUSTED CERTIFICATE") {
            continue;
        }
        coded.clear();
        end = loop {
            let line = lines.next().ok_or("is damaged: a certificate in it has no end")?;
            if line.strip_prefix(END).is_some_and(|line| line.starts_with(label)) {
                break Some(line);
            }
            coded.extend_from_slice(line);
        };
        let decoded = STANDARD.decode(&coded);
        let der = decoded.map_err(|_| "is damaged: a certificate in it is not base64")?;
        // In OpenSSL's form with trust settings, these follow the certificate.
        let der = if label.starts_with(b"TRUSTED") { first_value(&der).to_vec() } else { der };
        found.push(CertificateDer::from(der));
    }
}

/// The label of the block that begins on a line, if one does: at its start, or, where files were put
/// together, behind the end of another block or behind a mark.
fn label(line: &[u8]) -> Option<&[u8]> {
    let line = match line.strip_prefix(END) {
        Some(end) => {
            let dashes = end.windows(DASHES.len()).position(|window| window == DASHES)?;
            end.get(dashes + DASHES.len()..)?
        }
        None => line,
    };
    line.strip_prefix(MARK).unwrap_or(line).strip_prefix(BEGIN)?.strip_suffix(DASHES)
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

const PRIVATE_KEY: &str =
    "holds no certificate, but a private key: name the file of the CA's certificate";

/// The content of a file that is one sequence of DER, or of BER with an indefinite length.
fn sequence(bytes: &[u8]) -> Option<&[u8]> {
    let [0x30, length, rest @ ..] = bytes else { return None };
    match length {
        0..0x80 => Some(rest).filter(|rest| rest.len() == usize::from(*length)),
        _ => rest.get(usize::from(length & 0x7F)..),
    }
}

/// Names a file that holds no certificate in PEM for what it is, and says what to do about it.
fn without_certificate(bytes: &[u8]) -> &'static str {
    let begins = |label: &[u8]| {
        let start = [BEGIN, label].concat();
        bytes.windows(start.len()).any(|window| window == start)
    };
    match sequence(bytes) {
        Some([0x30, ..]) => {
            return "is not PEM: it looks like DER; convert it with openssl x509 -inform der";
        }
        Some([0x06, ..]) => {
            return "is not PEM: it looks like PKCS#7; convert it with openssl pkcs7 -inform der -print_certs";
        }
        // Their versions (RFC 7292, 4; RFC 5208, 5; RFC 5915, 3).
        Some([0x02, 1, 3, ..]) => {
            return "is not PEM: it looks like PKCS#12; convert it with openssl pkcs12 -nokeys";
        }
        Some([0x02, 1, 0 | 1, ..]) => return PRIVATE_KEY,
        _ => {}
    }
    match bytes {
        [] => "is empty: it must hold certificates in PEM",
        [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..] | [0, ..] | [_, 0, ..] => {
            "is not PEM: it looks like UTF-16; save it as ASCII or UTF-8"
        }
        _ if begins(b"PKCS7") || begins(b"CMS") => {
            "holds no certificate, but PKCS#7; convert it with openssl pkcs7 -print_certs"
        }
        _ if begins(b"CERTIFICATE REQUEST") || begins(b"NEW CERTIFICATE REQUEST") => {
            "holds no certificate, but the request for one: name the file that the CA made of it"
        }
        _ if bytes.windows(16).any(|window| window == b"PRIVATE KEY-----") => PRIVATE_KEY,
        _ => "holds no certificate: it must have a line -----BEGIN CERTIFICATE-----",
    }
}

#[cfg(test)]
#[path = "pem_tests.rs"]
mod tests;
