//! Proxies, and the checks that TLS makes.

use std::time::Duration;

use pictory::client::Client;
use pictory::error::Code;
use serde_json::json;

use crate::emulator::{Cert, Emulator, Proxy, ProxyFault, ProxyScript, Script};
use crate::support::*;

fn through(proxy: &str, emulator: &Emulator, tls: bool) -> Client {
    let mut config = config(&emulator.url());
    config.set_proxy(Some(proxy)).unwrap();
    config.set_request_timeout_ms(2_000).unwrap();
    if tls {
        config.set_ca_file(Some(emulator.ca_file())).unwrap();
    }
    Client::new(&config).unwrap()
}

#[test]
fn every_target_is_reached_by_connect_and_the_proxy_never_sees_the_key() {
    for tls in [false, true] {
        let script = steps(json!([{ "example": "in-progress" }]));
        let emulator = if tls { Emulator::start_tls(script) } else { Emulator::start(script) };
        let proxy = Proxy::start(ProxyScript::default());
        let client = through(&proxy.url(), &emulator, tls);
        for _ in 0..3 {
            assert_code(&get(&client), Code::Ok);
        }
        let seen = proxy.requests();
        assert_eq!(seen.len(), 1, "one tunnel serves all requests");
        assert_eq!(seen[0].method, "CONNECT");
        let host = if tls { "localhost" } else { "127.0.0.1" };
        assert_eq!(seen[0].target, format!("{host}:{}", emulator.port()));
        assert!(!format!("{:?}", seen[0].headers).contains(KEY));
    }
}

#[test]
fn the_proxys_credentials_are_sent_to_it_and_never_told() {
    let emulator = Emulator::start(steps(json!([{ "example": "in-progress" }])));
    let credentials = Some(("user".to_owned(), "p@ss:word".to_owned()));
    let proxy = Proxy::start(ProxyScript { credentials, ..ProxyScript::default() });
    let at = format!("127.0.0.1:{}", proxy.port());
    let good = through(&format!("http://user:p%40ss%3Aword@{at}"), &emulator, false);
    assert_code(&get(&good), Code::Ok);
    assert!(!String::from_utf8_lossy(&emulator.raw()).contains("Proxy-Authorization"));
    let bad = through(&format!("http://user:wrong-password@{at}"), &emulator, false);
    let outcome = get(&bad);
    assert_code(&outcome, Code::Proxy);
    assert!(!outcome.is_retryable());
    assert!(outcome.message().as_str().contains("407"));
    assert!(!outcome.message().as_str().contains("wrong-password"));
    assert!(!format!("{bad:?}").contains("wrong-password"));
}

#[test]
fn a_proxy_that_refuses_or_fails_is_a_proxy_error() {
    let emulator = Emulator::start(steps(json!([{ "example": "in-progress" }])));
    for (status, fault, is_retryable) in [
        (403, ProxyFault::None, false),
        (502, ProxyFault::None, true),
        (200, ProxyFault::CloseBeforeAnswer, true),
        (200, ProxyFault::Garbage, true),
        (200, ProxyFault::RefuseConnections, true),
    ] {
        let shown = format!("{status} {fault:?}");
        let proxy = Proxy::start(ProxyScript { status, fault, ..ProxyScript::default() });
        let outcome = get(&through(&proxy.url(), &emulator, false));
        assert_code(&outcome, Code::Proxy);
        assert_eq!(outcome.is_retryable(), is_retryable, "{shown}");
        assert!(outcome.reply().is_none(), "a proxy's answer is not the API's");
    }
    assert_eq!(emulator.connections(), 0);
}

#[test]
fn the_connect_timeout_bounds_a_mute_proxy() {
    let emulator = Emulator::start(Script::default());
    let script = ProxyScript { fault: ProxyFault::Stall, ..ProxyScript::default() };
    let proxy = Proxy::start(script);
    let mut config = config(&emulator.url());
    config.set_proxy(Some(&proxy.url())).unwrap();
    config.set_connect_timeout_ms(150).unwrap();
    let client = Client::new(&config).unwrap();
    let over = best_overrun(Duration::from_millis(150), || {
        assert_code(&get(&client), Code::Timeout);
    });
    assert!(over < Duration::from_millis(50), "{over:?}");
}

#[test]
fn a_tunnel_that_breaks_is_a_lost_connection() {
    let emulator = Emulator::start(steps(json!([{ "example": "completed" }])));
    let fault = ProxyFault::CutTunnelAfter(100);
    let proxy = Proxy::start(ProxyScript { fault, ..ProxyScript::default() });
    let outcome = get(&through(&proxy.url(), &emulator, false));
    assert_code(&outcome, Code::ConnectionLost);
}

#[test]
fn the_proxy_resolves_the_name() {
    let emulator = Emulator::start(steps(json!([{ "example": "in-progress" }])));
    let to = Some(std::net::SocketAddr::from(([127, 0, 0, 1], emulator.port())));
    let proxy = Proxy::start(ProxyScript { to, ..ProxyScript::default() });
    let mut config = config("http://no-such-host.invalid:81/pictoryapis");
    config.set_allow_http(true);
    config.set_proxy(Some(&proxy.url())).unwrap();
    assert_code(&get(&Client::new(&config).unwrap()), Code::Ok);
    assert_eq!(proxy.requests()[0].target, "no-such-host.invalid:81");
}

#[test]
fn certificates_are_always_verified() {
    for (cert, code) in [
        (Cert::Good, Code::Ok),
        (Cert::Expired, Code::Tls),
        (Cert::WrongHost, Code::Tls),
        (Cert::SelfSigned, Code::Tls),
        (Cert::UnknownCa, Code::Tls),
    ] {
        let shown = format!("{cert:?}");
        let emulator = Emulator::start_tls_with(steps(json!([{ "example": "in-progress" }])), cert);
        let outcome = get(&tls_client(&emulator));
        assert_eq!(outcome.code(), code, "{shown}: {}", outcome.message().as_str());
        if code == Code::Tls {
            assert!(!outcome.is_retryable() && emulator.requests().is_empty(), "{shown}");
            assert!(!String::from_utf8_lossy(&emulator.raw()).contains(KEY), "{shown}");
        }
    }
}

#[test]
fn a_server_that_speaks_tls_1_2_alone_is_understood() {
    let script = steps(json!([{ "example": "completed" }]));
    let emulator = Emulator::start_tls_with(script, Cert::GoodByTls12);
    let client = tls_client(&emulator);
    for _ in 0..2 {
        assert_code(&get(&client), Code::Ok);
    }
    assert_eq!(emulator.connections(), 1);
}

#[test]
fn the_systems_roots_do_not_trust_a_throw_away_ca() {
    let emulator = Emulator::start_tls(Script::examples());
    let outcome = get(&client(&emulator));
    assert!(matches!(outcome.code(), Code::Tls | Code::Certificates), "{:?}", outcome.code());
}

#[test]
fn a_server_without_tls_is_a_tls_error_and_one_that_hangs_up_a_lost_connection() {
    for (connection, code) in
        [("garbage", Code::Tls), ("close", Code::ConnectionLost), ("reset", Code::ConnectionLost)]
    {
        let script = Script::from_value(json!({ "connections": [connection] }));
        let emulator = Emulator::start_tls(script);
        assert_code(&get(&tls_client(&emulator)), code);
    }
}

#[test]
fn a_ca_file_must_hold_a_certificate() {
    let folder = std::env::temp_dir().join(format!("pictory-ca-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let mut config = config("https://localhost");
    let empty = folder.join("empty.pem");
    std::fs::write(&empty, "no certificate here").unwrap();
    let broken = folder.join("broken.pem");
    std::fs::write(&broken, "-----BEGIN CERTIFICATE-----\n!!!\n-----END CERTIFICATE-----\n")
        .unwrap();
    // Reading it would block for ever.
    let fifo = folder.join("fifo");
    let made = std::process::Command::new("mkfifo").arg(&fifo).status();
    assert!(cfg!(windows) || made.unwrap().success());
    for path in [&empty, &broken, &folder, &folder.join("absent.pem"), &fifo] {
        let error = config.set_ca_file(Some(path)).unwrap_err();
        assert_eq!(error.code, Code::Certificates, "{error}");
        assert!(error.message.contains(&*path.to_string_lossy()), "{error}");
    }
    config.set_ca_file(None).unwrap();
    std::fs::remove_dir_all(&folder).unwrap();
}
