//! Each way a reply, a connection or a server can go wrong.

use super::client::{Agent, Client, End};
use crate::emulator::page::Example;
use crate::emulator::{Emulator, Script};
use serde_json::{Value, json};
use std::io::Read;
use std::time::{Duration, Instant};

fn step(step: Value) -> Emulator {
    Emulator::start(Script::from_value(json!({ "default": [step] })))
}

fn connection(fault: Value) -> Emulator {
    Emulator::start(Script::from_value(json!({ "default": [{}], "connections": [fault] })))
}

/// The bytes that a poll brings, to the end of the connection.
fn all(emulator: &Emulator) -> (String, End) {
    let mut client = Client::to(emulator);
    client.send_poll();
    let (bytes, end) = client.rest();
    (String::from_utf8(bytes).unwrap(), end)
}

#[test]
fn cuts_come_after_so_many_bytes() {
    assert_eq!(all(&step(json!({ "cut_after": 0 }))), (String::new(), End::Fin));
    assert_eq!(all(&step(json!({ "cut_after": 12 }))), ("HTTP/1.1 200".into(), End::Fin));
    let (text, end) = all(&step(json!({ "body": "0123456789", "cut_at_body": 4 })));
    assert!(text.contains("Content-Length: 10\r\n") && text.ends_with("\r\n\r\n0123"));
    assert_eq!(end, End::Fin);
    let (text, _) = all(&step(json!({ "body": "0123456789", "cut_at_body": -1 })));
    assert!(text.ends_with("\r\n\r\n012345678"));
    let (text, _) = all(&step(json!({ "body": "0123456789", "cut_after": 1_000_000 })));
    assert!(text.ends_with("\r\n\r\n0123456789"));
}

#[test]
fn resets_come_after_so_many_bytes() {
    assert_eq!(all(&step(json!({ "reset_after": 0 }))), (String::new(), End::Reset));
    assert_eq!(all(&step(json!({ "reset_after": 12 }))).1, End::Reset);
    let emulator = step(json!({ "body": "0123456789", "reset_at_body": -3 }));
    let mut client = Client::to(&emulator);
    client.send_poll();
    assert!(client.head().contains("Content-Length: 10\r\n"));
    assert_eq!(client.exactly(7), b"0123456");
    assert_eq!(client.rest(), (Vec::new(), End::Reset));
}

#[test]
fn stalls_last_until_somebody_leaves() {
    let emulator = step(json!({ "body": "0123456789", "stall_at_body": 2 }));
    let mut client = Client::to(&emulator);
    client.send_poll();
    client.head();
    assert_eq!((client.exactly(2), client.end()), (b"01".to_vec(), End::Silence));
    drop(client);
    assert!(emulator.wait_for_open_connections(0));
    let emulator = step(json!({ "stall_after": 3 }));
    let mut client = Client::to(&emulator);
    client.send_poll();
    assert_eq!((client.exactly(3), client.end()), (b"HTT".to_vec(), End::Silence));
    drop(emulator);
    assert_ne!(client.end(), End::Silence);
}

#[test]
fn stopping_ends_delays_and_threads() {
    let emulator = step(json!({ "delay_ms": 3_600_000 }));
    let mut client = Client::to(&emulator);
    client.send_poll();
    assert!(emulator.wait_for_requests(1));
    drop(emulator);
    assert_ne!(client.end(), End::Silence);
}

#[test]
fn a_client_that_leaves_ends_a_delay() {
    let emulator = step(json!({ "delay_ms": 3_600_000 }));
    Client::to(&emulator).send_poll();
    assert!(emulator.wait_for_requests(1) && emulator.wait_for_open_connections(0));
}

#[test]
fn delays_and_dribbles_take_their_time() {
    let emulator = step(json!({ "delay_ms": 60, "body": "0123456789" }));
    let start = Instant::now();
    assert_eq!(Agent::to(&emulator).poll().text(), "0123456789");
    assert!(start.elapsed() >= Duration::from_millis(60));
    let emulator = step(json!({ "dribble": { "bytes": 50, "every_ms": 10 } }));
    let start = Instant::now();
    let mut client = Client::to(&emulator);
    let reply = client.poll();
    assert!(reply.text().contains("in-progress"));
    let pieces = (reply.head.len() + reply.body.len()).div_ceil(50);
    assert!(start.elapsed() >= Duration::from_millis(10) * (pieces as u32 - 1));
    assert!(client.poll().text().contains("in-progress"));
}

#[test]
fn bodies_come_in_chunks_or_without_length() {
    for framing in ["chunked", "no_length"] {
        let emulator = step(json!({ framing: true, "body": "0123456789" }));
        assert_eq!(Agent::to(&emulator).poll().text(), "0123456789", "{framing}");
    }
    let emulator = step(json!({ "chunked": true, "body": "0123456789" }));
    let mut client = Client::to(&emulator);
    client.send_poll();
    let head = client.head();
    assert!(head.contains("Transfer-Encoding: chunked\r\n") && !head.contains("Content-Length"));
    let body = b"4\r\n0123\r\n4\r\n4567\r\n2\r\n89\r\n0\r\n\r\n";
    assert_eq!((client.exactly(body.len()), client.end()), (body.to_vec(), End::Silence));

    let (text, end) = all(&step(json!({ "no_length": true, "body": "0123456789" })));
    assert!(text.contains("Connection: close\r\n") && text.ends_with("\r\n\r\n0123456789"));
    assert!(!text.contains("Content-Length") && !text.contains("Transfer-Encoding"));
    assert_eq!(end, End::Fin);
}

#[test]
fn connections_end_after_whole_replies_as_told() {
    let whole = Example::InProgress.body(super::client::ID);
    for (then, announced, end) in [
        (json!({ "then": "close" }), true, End::Fin),
        (json!({ "then": "close_silently" }), false, End::Fin),
        (json!({ "then": "reset" }), false, End::Reset),
        (json!({ "http": "1.0" }), false, End::Fin),
        (json!({ "close_after_ms": 1 }), false, End::Fin),
    ] {
        let emulator = step(then);
        let mut client = Client::to(&emulator);
        let reply = client.poll();
        assert_eq!(reply.text(), whole);
        assert_eq!(reply.header("Connection").is_some(), announced);
        assert_eq!(client.rest(), (Vec::new(), end));
    }
    let emulator = step(json!({ "http": "1.0", "then": "keep" }));
    let mut client = Client::to(&emulator);
    assert!(client.poll().head.starts_with("HTTP/1.0 200 OK\r\n"));
    assert_eq!(client.poll().text(), whole);
    let mut client = Client::to(&emulator);
    client.send("/else", "Connection: close\r\n");
    assert!(client.head().contains("Connection: close\r\n"));
    assert_eq!(client.rest().1, End::Fin);
}

#[test]
fn raw_bytes_replace_the_reply() {
    assert_eq!(all(&step(json!({ "raw": "no http\r\n" }))), ("no http\r\n".into(), End::Fin));
    assert_eq!(all(&step(json!({ "raw_hex": "4142" }))), ("AB".into(), End::Fin));
}

#[test]
fn connections_can_be_bad_from_the_start() {
    let emulator = connection(json!("stall"));
    let mut client = Client::to(&emulator);
    client.send_poll();
    assert_eq!(client.end(), End::Silence);
    assert!(emulator.requests().is_empty());
    assert_eq!(Agent::to(&emulator).poll().status, 200);
    drop(client);
    assert!(emulator.wait_for_open_connections(0));

    for (fault, end) in [("close", End::Fin), ("reset", End::Reset)] {
        let emulator = connection(json!(fault));
        assert_eq!(Client::to(&emulator).rest(), (Vec::new(), end));
        assert_eq!(Agent::to(&emulator).poll().status, 200);
    }

    let emulator = connection(json!("garbage"));
    let mut client = Client::to(&emulator);
    client.send_poll();
    let (bytes, end) = client.rest();
    assert!(!bytes.is_empty() && !bytes.starts_with(b"HTTP"));
    assert_eq!(end, End::Fin);

    let emulator = connection(json!({ "stall_after_bytes": 5 }));
    let mut client = Client::to(&emulator);
    client.send_poll();
    assert_eq!((client.exactly(5), client.end()), (b"HTTP/".to_vec(), End::Silence));
    drop(client);
    assert!(emulator.wait_for_open_connections(0));
}

#[test]
fn small_replies_come_in_one_piece() {
    let emulator = step(json!({ "example": "completed" }));
    let mut client = Client::to(&emulator);
    client.send_poll();
    let mut buf = [0; 4096];
    let n = client.socket.read(&mut buf).unwrap();
    assert!(buf[..n].ends_with(b"\"completed\"\n    }\n}"));
}
