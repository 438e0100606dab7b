use super::*;

const ONE: &str = "-----BEGIN CERTIFICATE-----\nAQID\n-----END CERTIFICATE-----";
const TWO: &str = "-----BEGIN CERTIFICATE-----\r\nBA==\r\n-----END CERTIFICATE-----\r\n";

fn found(pem: &[u8]) -> Vec<Vec<u8>> {
    certificates(pem).unwrap().iter().map(|certificate| certificate.to_vec()).collect()
}

#[test]
fn certificates_are_found_between_other_lines() {
    let pem = "# one\r\n-----BEGIN CERTIFICATE-----\r\nAQID\r\nBA==\r\n-----END CERTIFICATE-----\r\n\
               -----BEGIN PRIVATE KEY-----\nAQ==\n-----END PRIVATE KEY-----\n\
               -----BEGIN CERTIFICATE-----\n  BQY=\n-----END CERTIFICATE-----";
    assert_eq!(found(pem.as_bytes()), [vec![1, 2, 3, 4], vec![5, 6]]);
    assert_eq!(found(b"nothing"), [[0; 0]; 0]);
}

#[test]
fn neither_a_mark_nor_a_missing_line_break_loses_a_certificate() {
    assert_eq!(found(&[MARK, ONE.as_bytes()].concat()), [vec![1, 2, 3]]);
    assert_eq!(found(&[MARK, ONE.as_bytes(), b"\n", TWO.as_bytes()].concat()).len(), 2);
    assert_eq!(found(format!("{ONE}{TWO}").as_bytes()), [vec![1, 2, 3], vec![4]]);
    assert_eq!(found(format!("{ONE}{ONE}{ONE}").as_bytes()).len(), 3);
    // Files put together: each may bring its mark, and any kind of block may come first.
    assert_eq!(found(&[ONE.as_bytes(), b"\n", MARK, TWO.as_bytes()].concat()).len(), 2);
    assert_eq!(found(&[MARK, ONE.as_bytes(), MARK, TWO.as_bytes()].concat()).len(), 2);
    for other in ["PRIVATE KEY", "X509 CRL"] {
        let other = format!("-----BEGIN {other}-----\nAQ==\n-----END {other}-----");
        assert_eq!(found(format!("{other}{ONE}{other}\n{TWO}").as_bytes()).len(), 2);
        assert_eq!(found(&[other.as_bytes(), MARK, ONE.as_bytes()].concat()).len(), 1);
    }
}

#[test]
fn a_line_that_only_speaks_of_a_certificate_begins_none() {
    for line in ["# -----BEGIN CERTIFICATE-----", "a-----BEGIN CERTIFICATE-----"] {
        assert_eq!(found(format!("{line}\n{TWO}").as_bytes()), [vec![4]], "{line}");
    }
}

#[test]
fn older_labels_are_known_and_what_follows_a_trusted_certificate_is_cut() {
    let labelled = |label: &str, der: &[u8]| {
        let coded = STANDARD.encode(der);
        format!("-----BEGIN {label}-----\n{coded}\n-----END {label}-----\n")
    };
    assert_eq!(found(labelled("X509 CERTIFICATE", b"abc").as_bytes()), [b"abc"]);
    let long: Vec<u8> = [&[0x30, 0x82, 0x01, 0x00][..], &[7; 256]].concat();
    for der in [&[0x30, 0x02, 5, 6][..], &[0x30, 0x81, 0x01, 5], &long] {
        let with_trust = [der, &[0x30, 0x01, 9]].concat();
        assert_eq!(found(labelled("TRUSTED CERTIFICATE", &with_trust).as_bytes()), [der]);
        assert_eq!(found(labelled("CERTIFICATE", &with_trust).as_bytes()), [&with_trust[..]]);
    }
    for damaged in [&[0x30][..], &[0x30, 0x82, 1], &[0x30, 0x05, 1], &[0x30, 0xFF, 1]] {
        assert_eq!(found(labelled("TRUSTED CERTIFICATE", damaged).as_bytes()), [damaged]);
    }
}

#[test]
fn a_certificate_that_is_broken_is_an_error() {
    for inside in ["AQI", "AQ=D", "!", "AQID\n-----END CERTIFICAT"] {
        let pem = format!("-----BEGIN CERTIFICATE-----\n{inside}\n-----END CERTIFICATE-----");
        assert!(certificates(pem.as_bytes()).is_err(), "{inside}");
    }
    assert!(certificates(b"-----BEGIN CERTIFICATE-----\nAQID").is_err());
    assert!(
        certificates(b"-----BEGIN CERTIFICATE-----\nAQID\n-----END TRUSTED CERTIFICATE-----")
            .is_err()
    );
}

#[test]
fn what_holds_no_certificate_is_named() {
    let utf16: Vec<u8> = ONE.encode_utf16().flat_map(u16::to_le_bytes).collect();
    for (bytes, said) in [
        (&b""[..], "empty"),
        (b"text", "holds no certificate"),
        (&[0x30, 0x82, 1, 0, 0x30, 0x82, 0, 9], "DER; convert it with openssl x509 -inform der"),
        (&[0x30, 0x82, 1, 0, 0x02, 1, 3], "PKCS#12"),
        (&[0x30, 0x80, 0x02, 1, 3], "PKCS#12"),
        (&[0x30, 0x83, 1, 0, 0, 0x02, 1, 3], "PKCS#12"),
        (&[0x30, 0x82, 1, 0, 0x06, 9], "PKCS#7"),
        (&[0x30, 0x80, 0x06, 9], "PKCS#7"),
        (&[0x30, 0x82, 1, 0, 0x02, 1, 0], "a private key"),
        (&[0x30, 3, 0x02, 1, 1], "a private key"),
        (b"0 certificates", "holds no certificate:"),
        (&[&[0xFF, 0xFE], &utf16[..]].concat(), "UTF-16"),
        (&utf16, "UTF-16"),
        (b"-----BEGIN PKCS7-----\nAQ==\n-----END PKCS7-----", "PKCS#7"),
        (b"-----BEGIN CERTIFICATE REQUEST-----\nAQ==", "the request for one"),
        (b"-----BEGIN RSA PRIVATE KEY-----\nAQ==", "a private key"),
    ] {
        assert_eq!(certificates(bytes).map(|found| found.len()), Ok(0));
        assert!(without_certificate(bytes).contains(said), "{}", without_certificate(bytes));
    }
}
