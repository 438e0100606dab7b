//! The certificates that the system trusts.

use std::ffi::CStr;
use std::path::Path;
use std::sync::Arc;

use once_cell::race::OnceBox;
use rustls::RootCertStore;
use rustls_native_certs::CertificateResult;

use super::error::{Error, Result};
use crate::pem::{self, Certificates};
use crate::sys;
use crate::text::quote;

/// Read once per process, when the first https connection needs them.
static SYSTEM_ROOTS: OnceBox<Arc<RootCertStore>> = OnceBox::new();

pub(super) fn of_the_system() -> Result<Arc<RootCertStore>> {
    let roots = SYSTEM_ROOTS.get_or_try_init(|| load().map(|roots| Box::new(Arc::new(roots))))?;
    Ok(Arc::clone(roots))
}

fn load() -> Result<RootCertStore> {
    let mut roots = RootCertStore::empty();
    if let Some(certificates) = named()? {
        roots.add_parsable_certificates(certificates);
        return Ok(roots);
    }
    let found = system_certificates();
    if roots.add_parsable_certificates(found.certs).0 > 0 {
        return Ok(roots);
    }
    let causes: Vec<_> = found.errors.iter().map(ToString::to_string).collect();
    let cause = if causes.is_empty() { "none found".to_owned() } else { causes.join("; ") };
    Err(Error::NoRoots { cause })
}

const FILE: &CStr = c"SSL_CERT_FILE";
const FOLDERS: &CStr = c"SSL_CERT_DIR";

/// The certificates that the environment names in place of the system's, as OpenSSL has it. Never the
/// system's where it names what cannot be had: whoever named them trusts no others.
fn named() -> Result<Option<Certificates>> {
    let mut certificates = Vec::new();
    for file in sys::environment(FILE).iter().filter(|file| !file.is_empty()).map(Path::new) {
        certificates.extend(pem::read(file).map_err(|flaw| bad_roots(FILE, file, &flaw))?);
    }
    for folder in sys::environment(FOLDERS).iter().flat_map(std::env::split_paths) {
        if !folder.as_os_str().is_empty() {
            let bad = |flaw: String| bad_roots(FOLDERS, &folder, &flaw);
            certificates.extend(pem::read_folder(&folder).map_err(bad)?);
        }
    }
    // What is named holds at least one.
    Ok(Some(certificates).filter(|certificates| !certificates.is_empty()))
}

fn bad_roots(variable: &CStr, path: &Path, flaw: &str) -> Error {
    let variable = variable.to_string_lossy().into_owned();
    let shown = quote(&path.to_string_lossy());
    Error::BadRoots { variable, flaw: format!("'{shown}', which {flaw}") }
}

#[cfg(not(all(unix, not(target_vendor = "apple"))))]
fn system_certificates() -> CertificateResult {
    rustls_native_certs::load_native_certs()
}

/// The file that holds all of them, on the systems that have one: rustls-native-certs would read the
/// folder that it was made from too, a file each. Where there is none, the folders. None of it by the
/// environment, by which a user could choose whom a program with more rights trusts.
#[cfg(all(unix, not(target_vendor = "apple")))]
fn system_certificates() -> CertificateResult {
    let mut found = CertificateResult::default();
    if !sys::has_more_rights_than_its_user() {
        let file = openssl_probe::probe().cert_file;
        found.certs = file.and_then(|file| pem::read(&file).ok()).unwrap_or_default();
    }
    if found.certs.is_empty() {
        for folder in openssl_probe::candidate_cert_dirs() {
            let more = rustls_native_certs::load_certs_from_paths(None, Some(folder));
            found.certs.extend(more.certs);
            found.errors.extend(more.errors);
        }
    }
    found
}
