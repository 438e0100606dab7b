//! The certificates that the system trusts.

use std::ffi::CStr;
use std::path::Path;
use std::sync::Arc;

use once_cell::race::OnceBox;
use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls_native_certs::CertificateResult;

use super::error::{Error, Result};
use crate::text::quote;
use crate::{pem, sys};

/// Read once per process, when the first https connection needs them.
static SYSTEM_ROOTS: OnceBox<Arc<RootCertStore>> = OnceBox::new();

pub(super) fn of_the_system() -> Result<Arc<RootCertStore>> {
    let roots = SYSTEM_ROOTS.get_or_try_init(|| load().map(|roots| Box::new(Arc::new(roots))))?;
    Ok(Arc::clone(roots))
}

fn load() -> Result<RootCertStore> {
    let mut roots = RootCertStore::empty();
    let mut found = CertificateResult::default();
    match named()? {
        Some(certificates) => found.certs = certificates,
        None => found = system_certificates(),
    }
    if roots.add_parsable_certificates(found.certs).0 > 0 {
        return Ok(roots);
    }
    let causes: Vec<_> = found.errors.iter().map(ToString::to_string).collect();
    let cause = if causes.is_empty() { "none found".to_owned() } else { causes.join("; ") };
    Err(Error::NoRoots { cause })
}

/// The certificates that the environment names in place of the system's, as OpenSSL has it. Never the
/// system's where it names what cannot be had: whoever named them trusts no others.
fn named() -> Result<Option<Vec<CertificateDer<'static>>>> {
    let (file, folders) = (sys::environment(FILE), sys::environment(FOLDERS));
    let mut certificates = Vec::new();
    let mut is_named = false;
    if let Some(file) = file.filter(|file| !file.is_empty()) {
        let bad = |flaw: String| bad_roots(FILE, Path::new(&file), &flaw);
        certificates.extend(pem::read(Path::new(&file)).map_err(bad)?);
        is_named = true;
    }
    for folder in folders.iter().flat_map(std::env::split_paths).filter(|path| path != "") {
        let bad = |flaw: String| bad_roots(FOLDERS, &folder, &flaw);
        std::fs::read_dir(&folder).map_err(|cause| bad(format!("cannot be read: {cause}")))?;
        let found = rustls_native_certs::load_certs_from_paths(None, Some(&folder)).certs;
        if found.is_empty() {
            return Err(bad("holds no certificate".to_owned()));
        }
        certificates.extend(found);
        is_named = true;
    }
    Ok(is_named.then_some(certificates))
}

const FILE: &CStr = c"SSL_CERT_FILE";
const FOLDERS: &CStr = c"SSL_CERT_DIR";

fn bad_roots(variable: &CStr, path: &Path, flaw: &str) -> Error {
    let variable = variable.to_string_lossy().into_owned();
    let shown = quote(&path.to_string_lossy());
    Error::BadRoots { variable, flaw: format!("'{shown}', which {flaw}") }
}

#[cfg(not(all(unix, not(target_vendor = "apple"))))]
fn system_certificates() -> CertificateResult {
    rustls_native_certs::load_native_certs()
}

#[cfg(all(unix, not(target_vendor = "apple")))]
fn system_certificates() -> CertificateResult {
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

/// The file that holds all of them, on the systems that have one: rustls-native-certs would read the
/// folder that it was made from too, a file each.
#[cfg(all(unix, not(target_vendor = "apple")))]
fn bundle() -> Vec<CertificateDer<'static>> {
    let file = openssl_probe::probe().cert_file;
    file.and_then(|file| pem::read(&file).ok()).unwrap_or_default()
}
