//! Certificates for the emulator, good ones and bad ones.

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, KeyUsagePurpose,
    date_time_ymd,
};
use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::version::TLS12;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock};

/// The certificate chain that the server presents.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cert {
    /// For localhost, 127.0.0.1 and ::1, signed by the CA of [`ca_pem`].
    Good,
    /// Good, from a server that speaks TLS 1.2 alone.
    GoodByTls12,
    /// Good until 2001.
    Expired,
    /// Good for another host.
    WrongHost,
    /// Signed by its own key.
    SelfSigned,
    /// Signed by a CA nobody knows.
    UnknownCa,
}

type Ca = CertifiedIssuer<'static, KeyPair>;

/// One for the whole process, so that a client stays in agreement with an emulator started anew.
static CA: LazyLock<Ca> = LazyLock::new(|| make_ca().expect("a CA"));

/// The certificate a client has to trust.
pub fn ca_pem() -> String {
    CA.pem()
}

/// The server's side of TLS.
pub fn server_config(cert: Cert) -> Arc<ServerConfig> {
    let versions = match cert {
        Cert::GoodByTls12 => &[&TLS12][..],
        _ => rustls::DEFAULT_VERSIONS,
    };
    let (cert, key) = make_cert(cert).expect("a certificate");
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_protocol_versions(versions)
        .expect("TLS versions")
        .with_no_client_auth();
    let mut config = config.with_single_cert(vec![cert], key).expect("a matching key");
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Arc::new(config)
}

fn make_ca() -> Result<Ca, rcgen::Error> {
    let mut params = CertificateParams::new(Vec::new())?;
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params.distinguished_name.push(DnType::CommonName, "Emulator CA");
    CertifiedIssuer::self_signed(params, KeyPair::generate()?)
}

fn make_cert(
    cert: Cert,
) -> Result<(CertificateDer<'static>, PrivateKeyDer<'static>), rcgen::Error> {
    let names = match cert {
        Cert::WrongHost => vec!["elsewhere.example".to_string()],
        _ => ["localhost", "127.0.0.1", "::1"].map(String::from).to_vec(),
    };
    let mut params = CertificateParams::new(names)?;
    params.distinguished_name.push(DnType::CommonName, "Emulator");
    if cert == Cert::Expired {
        params.not_before = date_time_ymd(2000, 1, 1);
        params.not_after = date_time_ymd(2001, 1, 1);
    }
    let key = KeyPair::generate()?;
    let signed = match cert {
        Cert::SelfSigned => params.self_signed(&key)?,
        Cert::UnknownCa => params.signed_by(&key, &*make_ca()?)?,
        _ => params.signed_by(&key, &**CA)?,
    };
    Ok((signed.der().clone(), key.into()))
}

/// A file with the CA's certificate, gone when this is.
pub struct CaFile {
    path: PathBuf,
}

impl CaFile {
    pub fn create() -> io::Result<CaFile> {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let n = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("emulator-ca-{}-{n}.pem", std::process::id());
        let path = std::env::temp_dir().join(name);
        // A file of an earlier process with the same id.
        let _ = fs::remove_file(&path);
        let mut file = fs::File::create_new(&path)?;
        let ca_file = CaFile { path };
        file.write_all(ca_pem().as_bytes())?;
        Ok(ca_file)
    }

    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for CaFile {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.path);
    }
}
