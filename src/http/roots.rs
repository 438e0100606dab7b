//! The certificates that the system trusts.

use std::sync::Arc;

use once_cell::race::OnceBox;
use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;

use crate::error::{Code, Error, Result};

/// Read once per process, when the first https connection needs them.
static SYSTEM_ROOTS: OnceBox<Arc<RootCertStore>> = OnceBox::new();

pub(super) fn of_the_system() -> Result<Arc<RootCertStore>> {
    let roots = SYSTEM_ROOTS.get_or_try_init(|| load().map(|roots| Box::new(Arc::new(roots))))?;
    Ok(Arc::clone(roots))
}

fn load() -> Result<RootCertStore> {
    let mut roots = RootCertStore::empty();
    if roots.add_parsable_certificates(bundle()).0 > 0 {
        return Ok(roots);
    }
    let found = rustls_native_certs::load_native_certs();
    if roots.add_parsable_certificates(found.certs).0 > 0 {
        return Ok(roots);
    }
    let causes: Vec<_> = found.errors.iter().map(ToString::to_string).collect();
    Err(Error::new(
        Code::Certificates,
        format!(
            "the system has no trusted certificates: install ca-certificates, or set a CA file ({})",
            if causes.is_empty() { "none found".to_owned() } else { causes.join("; ") }
        ),
    ))
}

/// The file that holds all of them, on the systems that have one and if nobody has named a folder
/// besides: rustls-native-certs would read the folder that it was made from too, a file each.
#[cfg(all(unix, not(target_vendor = "apple")))]
fn bundle() -> Vec<CertificateDer<'static>> {
    const LARGEST: u64 = 16 << 20;
    if std::env::var_os("SSL_CERT_DIR").is_some_and(|folder| !folder.is_empty()) {
        return Vec::new();
    }
    let file = openssl_probe::probe().cert_file;
    let pem = file.and_then(|file| crate::sys::read_file(&file, LARGEST).ok());
    pem.and_then(|pem| crate::pem::certificates(&pem).ok()).unwrap_or_default()
}

#[cfg(not(all(unix, not(target_vendor = "apple"))))]
fn bundle() -> Vec<CertificateDer<'static>> {
    Vec::new()
}
