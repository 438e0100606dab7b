//! The proxy, from a bare TCP socket.

use super::client::{Client, End, ID};
use crate::emulator::{Emulator, Proxy, ProxyFault, ProxyScript, Script};
use serde_json::json;
use std::io::{ErrorKind, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

fn connect(proxy: &Proxy, target: &str, headers: &str) -> Client {
    let socket = TcpStream::connect(("127.0.0.1", proxy.port())).unwrap();
    socket.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    let mut client = Client { socket };
    let head = format!("CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n{headers}\r\n");
    client.socket.write_all(head.as_bytes()).unwrap();
    client
}

fn emulator() -> Emulator {
    Emulator::start(Script::from_value(json!({ "default": [{ "example": "completed" }] })))
}

#[test]
fn tunnels_reach_the_target_named() {
    let (emulator, proxy) = (emulator(), Proxy::start(ProxyScript::default()));
    let target = format!("127.0.0.1:{}", emulator.port());
    let mut client = connect(&proxy, &target, "");
    assert!(client.head().starts_with("HTTP/1.1 200 "));
    for _ in 0..3 {
        assert!(client.poll().text().contains("completed"));
    }
    assert_eq!((proxy.connections(), proxy.requests().len()), (1, 1));
    assert_eq!(
        (proxy.requests()[0].method.as_str(), &*proxy.requests()[0].target),
        ("CONNECT", &*target)
    );
    assert_eq!(proxy.requests()[0].header("host"), Some(&*target));
    emulator.close_idle();
    assert_eq!(client.end(), End::Fin);
    drop(client);
    assert!(emulator.wait_for_open_connections(0));
}

#[test]
fn tunnels_can_all_go_to_one_place() {
    let emulator = emulator();
    let to = Some(SocketAddr::from(([127, 0, 0, 1], emulator.port())));
    let proxy = Proxy::start(ProxyScript { to, ..ProxyScript::default() });
    let mut client = connect(&proxy, "no-such-host.example:443", "");
    client.head();
    assert!(client.poll().text().contains(ID));
    drop(proxy);
    assert!(emulator.wait_for_open_connections(0));
}

#[test]
fn tunnels_are_refused_as_told() {
    let refusing = Proxy::start(ProxyScript { status: 403, ..ProxyScript::default() });
    assert_eq!(connect(&refusing, "localhost:1", "").reply().status(), "403");
    let working = Proxy::start(ProxyScript::default());
    let (_reserved, port) = crate::emulator::sys::refusing_port().unwrap();
    assert_eq!(connect(&working, &format!("127.0.0.1:{port}"), "").reply().status(), "502");
    let nobody = Proxy::start(ProxyScript {
        fault: ProxyFault::RefuseConnections,
        ..ProxyScript::default()
    });
    let error = TcpStream::connect(("127.0.0.1", nobody.port())).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ConnectionRefused);
}

#[test]
fn credentials_are_checked() {
    let emulator = emulator();
    let credentials = Some(("user".to_string(), "secret".to_string()));
    let proxy = Proxy::start(ProxyScript { credentials, ..ProxyScript::default() });
    let target = format!("127.0.0.1:{}", emulator.port());
    let reply = connect(&proxy, &target, "").reply();
    assert_eq!(reply.status(), "407");
    assert!(reply.header("Proxy-Authenticate").is_some());
    let right = "Proxy-Authorization: Basic dXNlcjpzZWNyZXQ=\r\n";
    assert!(connect(&proxy, &target, right).head().starts_with("HTTP/1.1 200 "));
}

#[test]
fn proxies_break_as_told() {
    let emulator = emulator();
    let target = format!("127.0.0.1:{}", emulator.port());
    let broken = |fault| Proxy::start(ProxyScript { fault, ..ProxyScript::default() });

    let proxy = broken(ProxyFault::CloseBeforeAnswer);
    assert_eq!(connect(&proxy, &target, "").rest(), (Vec::new(), End::Fin));

    let proxy = broken(ProxyFault::Stall);
    let mut client = connect(&proxy, &target, "");
    assert_eq!(client.end(), End::Silence);
    drop(proxy);
    assert_ne!(client.end(), End::Silence);

    let proxy = broken(ProxyFault::Garbage);
    let (bytes, end) = connect(&proxy, &target, "").rest();
    assert!(!bytes.is_empty() && !bytes.starts_with(b"HTTP"));
    assert_eq!(end, End::Fin);

    let proxy = broken(ProxyFault::CutTunnelAfter(10));
    let mut client = connect(&proxy, &target, "");
    client.head();
    client.send_poll();
    assert_eq!(client.rest(), (b"HTTP/1.1 2".to_vec(), End::Fin));
    assert!(emulator.wait_for_open_connections(0));
}
