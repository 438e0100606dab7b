//! The certificates that the system trusts.

use std::sync::Arc;

use once_cell::race::OnceBox;
use rustls::RootCertStore;
#[cfg(all(unix, not(target_vendor = "apple")))]
use rustls::pki_types::CertificateDer;
use rustls_native_certs::CertificateResult;

use super::error::{Error, Result};
#[cfg(all(unix, not(target_vendor = "apple")))]
use crate::{pem, sys};

/// Read once per process, when the first https connection needs them.
static SYSTEM_ROOTS: OnceBox<Arc<RootCertStore>> = OnceBox::new();

pub(super) fn of_the_system() -> Result<Arc<RootCertStore>> {
    let roots = SYSTEM_ROOTS.get_or_try_init(|| load().map(|roots| Box::new(Arc::new(roots))))?;
    Ok(Arc::clone(roots))
}

fn load() -> Result<RootCertStore> {
    let mut roots = RootCertStore::empty();
    let found = found();
    if roots.add_parsable_certificates(found.certs).0 > 0 {
        return Ok(roots);
    }
    let causes: Vec<_> = found.errors.iter().map(ToString::to_string).collect();
    let cause = if causes.is_empty() { "none found".to_owned() } else { causes.join("; ") };
    Err(Error::NoRoots { cause })
}

#[cfg(not(all(unix, not(target_vendor = "apple"))))]
fn found() -> CertificateResult {
    rustls_native_certs::load_native_certs()
}

#[cfg(all(unix, not(target_vendor = "apple")))]
fn found() -> CertificateResult {
    let mut found = CertificateResult::default();
    if sys::has_more_rights_than_its_user() {
        // The user must not choose, by the environment, whom such a program trusts.
        for folder in openssl_probe::candidate_cert_dirs() {
            let more = rustls_native_certs::load_certs_from_paths(None, Some(folder));
            found.certs.extend(more.certs);
            found.errors.extend(more.errors);
        }
        return found;
    }
    found.certs = bundle();
    if found.certs.is_empty() { rustls_native_certs::load_native_certs() } else { found }
}

/// The file that holds all of them, on the systems that have one and if nobody has named a folder
/// besides: rustls-native-certs would read the folder that it was made from too, a file each.
#[cfg(all(unix, not(target_vendor = "apple")))]
fn bundle() -> Vec<CertificateDer<'static>> {
    if std::env::var_os("SSL_CERT_DIR").is_some_and(|folder| !folder.is_empty()) {
        return Vec::new();
    }
    let file = openssl_probe::probe().cert_file;
    let pem = file.and_then(|file| sys::read_file(&file, pem::LARGEST_FILE).ok());
    pem.and_then(|pem| pem::certificates(&pem).ok()).unwrap_or_default()
}
