//! The failures of TLS in words: what is wrong with the server or its certificate, and the remedy.

use rustls::{AlertDescription, CertificateError, Error};

/// The keys and signatures that ring verifies.
const SUPPORTED: &str = "RSA, P-256 with SHA-256, P-384 with SHA-384, or Ed25519";

/// The cause of a failed handshake, in one line.
pub(super) fn cause(error: &Error) -> String {
    match error {
        Error::InvalidCertificate(flaw) => format!("its certificate {}", flaw_of(flaw)),
        Error::InvalidMessage(_) => {
            "what answers there does not speak TLS: check the port, and whether the URL should begin \
             with http://"
                .to_owned()
        }
        Error::PeerIncompatible(_)
        | Error::AlertReceived(
            AlertDescription::HandshakeFailure
            | AlertDescription::ProtocolVersion
            | AlertDescription::InsufficientSecurity,
        ) => format!(
            "it and this library have nothing in common: it must speak TLS 1.2 or 1.3, with a \
             certificate of {SUPPORTED}"
        ),
        Error::AlertReceived(alert) => format!("it refused ({alert:?}): look into its log"),
        other => format!("it broke the rules of TLS ({other}): check what answers there"),
    }
}

/// The flaw of a certificate and the remedy, to follow "its certificate".
fn flaw_of(flaw: &CertificateError) -> String {
    use CertificateError::*;
    match flaw {
        Expired | ExpiredContext { .. } => {
            "has expired: check this machine's clock, or have the certificate renewed".to_owned()
        }
        NotValidYet | NotValidYetContext { .. } => {
            "is not valid yet: check this machine's clock".to_owned()
        }
        NotValidForName => "is for another name: check the host in the URL".to_owned(),
        NotValidForNameContext { presented, .. } => {
            let names: Vec<_> = presented.iter().take(3).map(|name| plain_name(name)).collect();
            format!("is for another name ({}): check the host in the URL", names.join(", "))
        }
        UnknownIssuer => "is signed by nobody whom this machine trusts: set a CA file with the CA \
                          that signed it, or have the server send the certificates in between"
            .to_owned(),
        BadSignature => {
            "is not signed by the trusted CA that it names, but by another of that name: set a \
                         CA file with the one that signed it"
                .to_owned()
        }
        Other(cause) if cause.to_string().contains("CaUsedAsEndEntity") => {
            "is that of a CA, as 'openssl req -x509' makes them: have that CA sign another one for \
             the server, and trust the CA"
                .to_owned()
        }
        UnsupportedSignatureAlgorithmContext { .. }
        | UnsupportedSignatureAlgorithmForPublicKeyContext { .. } => format!(
            "or one above it is signed in a way that is not supported, such as P-521, or P-256 with \
             SHA-512: have it made with {SUPPORTED}"
        ),
        other => format!("is not accepted ({}): have another one made", name_of(other)),
    }
}

/// `DnsName("a.example")` as `a.example`.
fn plain_name(presented: &str) -> &str {
    presented.split('"').nth(1).unwrap_or(presented)
}

/// The name of an error, without the numbers that it carries.
fn name_of(flaw: &CertificateError) -> String {
    let shown = match flaw {
        CertificateError::Other(cause) => cause.to_string(),
        flaw => format!("{flaw:?}"),
    };
    shown.chars().take_while(|c| c.is_alphanumeric()).collect()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use rustls::pki_types::{ServerName, UnixTime};
    use rustls::{InvalidMessage, OtherError, PeerIncompatible};

    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("{0}")]
    struct Flaw(&'static str);

    #[test]
    fn a_flaw_of_a_certificate_is_one_line_with_its_remedy_and_no_numbers() {
        let time = UnixTime::since_unix_epoch(std::time::Duration::from_secs(1_700_000_000));
        let other = |what| CertificateError::Other(OtherError(Arc::new(Flaw(what))));
        for (flaw, words) in [
            (CertificateError::Expired, "expired: check this machine's clock"),
            (CertificateError::ExpiredContext { time, not_after: time }, "expired"),
            (CertificateError::NotValidYetContext { time, not_before: time }, "not valid yet"),
            (CertificateError::UnknownIssuer, "nobody whom this machine trusts"),
            (CertificateError::BadSignature, "but by another of that name"),
            (other("CaUsedAsEndEntity"), "that of a CA"),
            (other("TrailingData(Certificate)"), "is not accepted (TrailingData)"),
            (
                CertificateError::UnsupportedSignatureAlgorithmContext {
                    signature_algorithm_id: vec![6, 8, 42, 134, 72, 206, 61],
                    supported_algorithms: Vec::new(),
                },
                "P-521",
            ),
            (
                CertificateError::UnsupportedSignatureAlgorithmForPublicKeyContext {
                    signature_algorithm_id: vec![6, 8, 42],
                    public_key_algorithm_id: vec![6, 5, 43],
                },
                "P-256 with SHA-512",
            ),
            (
                CertificateError::NotValidForNameContext {
                    expected: ServerName::try_from("a.example").unwrap(),
                    presented: vec![r#"DnsName("b.example")"#.to_owned(); 9],
                },
                "(b.example, b.example, b.example): check the host",
            ),
            (CertificateError::BadEncoding, "is not accepted (BadEncoding)"),
        ] {
            let said = cause(&Error::InvalidCertificate(flaw));
            assert!(said.contains(words) && said.contains(": "), "{said}");
            assert!(!said.contains('[') && !said.contains("1700000000"), "{said}");
        }
    }

    #[test]
    fn other_failures_say_what_to_look_at() {
        for (error, words) in [
            (Error::InvalidMessage(InvalidMessage::InvalidContentType), "does not speak TLS"),
            (Error::PeerIncompatible(PeerIncompatible::Tls12NotOffered), "nothing in common"),
            (Error::AlertReceived(AlertDescription::HandshakeFailure), "TLS 1.2 or 1.3"),
            (Error::AlertReceived(AlertDescription::AccessDenied), "refused (AccessDenied)"),
            (Error::DecryptError, "broke the rules"),
        ] {
            assert!(cause(&error).contains(words), "{}", cause(&error));
        }
    }
}
