//! Servers that hold a call or answer for another: each is a socket of the test's own, since no HTTP
//! server does such things.

use std::io::{BufReader, Read, Write};
use std::net::TcpStream;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, mpsc};
use std::time::{Duration, Instant};

use pictory::client::Client;
use pictory::error::Code;
use pictory::watcher::{Options, Watcher};

use rustls::{ServerConfig, ServerConnection, StreamOwned};

use crate::emulator::Cert;
use crate::emulator::certs::{self, CaFile};
use crate::sockets::{read_request, reply, serve};
use crate::support::{assert_code, config, get, id, quick_rules};

/// A server that sends `head` and then `piece` for ever, to whoever asks.
fn flood(head: &'static str, piece: &'static str) -> String {
    serve(move |_, mut socket| {
        read_request(&mut socket);
        let flood = piece.repeat(100);
        let mut sent = socket.get_mut().write_all(head.as_bytes());
        while sent.is_ok() {
            sent = socket.get_mut().write_all(flood.as_bytes());
        }
    })
}

const FLOODS: [(&str, &str); 3] = [
    ("", "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n"),
    (
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
        "1;x=yyyyyyyyyyyyyyyyyyyyyyyyy\r\n \r\n",
    ),
    ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n", "X: y\r\n"),
];

#[test]
fn a_flood_beside_the_body_ends_a_get() {
    for (head, piece) in FLOODS {
        let mut config = config(&flood(head, piece));
        config.set_request_timeout_ms(60_000).unwrap();
        let started = Instant::now();
        assert_code(&get(&Client::new(&config).unwrap()), Code::InvalidResponse);
        assert!(started.elapsed() < Duration::from_secs(30), "{piece}");
    }
}

#[test]
fn a_refusal_whose_body_never_ends_is_told_by_its_status() {
    for framing in ["X: y", "Content-Length: 99", "Transfer-Encoding: chunked"] {
        let url = serve(move |_, mut socket| {
            read_request(&mut socket);
            let head = format!("HTTP/1.1 404 Not Found\r\n{framing}\r\n\r\n");
            let body = if framing.ends_with("chunked") { "5\r\nstart\r\n" } else { "start" };
            let _ = socket.get_mut().write_all((head + body).as_bytes());
            // Until the client closes it.
            let _ = socket.read_to_end(&mut Vec::new());
        });
        let mut config = config(&url);
        config.set_request_timeout_ms(60_000).unwrap();
        let started = Instant::now();
        let outcome = get(&Client::new(&config).unwrap());
        assert_code(&outcome, Code::JobNotFound);
        assert_eq!(outcome.reply().unwrap().body(), b"start", "{framing}");
        assert!(started.elapsed() < Duration::from_secs(30), "{framing}");
    }
}

#[test]
fn a_flood_holds_up_no_other_watch() {
    for (head, piece) in FLOODS {
        let url = serve({
            let floods = flood(head, piece);
            move |number, mut socket| {
                if number % 2 == 0 {
                    let mut rude =
                        TcpStream::connect(floods.trim_start_matches("http://")).unwrap();
                    rude.write_all(b"GET / HTTP/1.1\r\n\r\n").unwrap();
                    let _ = std::io::copy(&mut rude, socket.get_mut());
                    return;
                }
                while read_request(&mut socket).is_some() {
                    let _ = socket.get_mut().write_all(reply("completed").as_bytes());
                }
            }
        });
        let mut config = config(&url);
        config.set_request_timeout_ms(120_000).unwrap();
        let watcher = Watcher::new(&Arc::new(Client::new(&config).unwrap())).unwrap();
        for tag in 0..20 {
            let rules = quick_rules(60_000, 20);
            watcher.add(&id(), Options { rules, ..Options::default() }, tag).unwrap();
        }
        let until = Some(Instant::now() + Duration::from_secs(50));
        for _ in 0..20 {
            let settled = watcher.next(until).expect("every watch ends");
            assert!(matches!(settled.code(), Code::Ok | Code::InvalidResponse), "{piece}");
        }
    }
}

#[test]
fn bytes_that_come_behind_a_reply_are_not_the_next_one() {
    let (sent, stray) = mpsc::channel();
    let url = serve(move |number, mut socket| {
        while read_request(&mut socket).is_some() {
            socket.get_mut().write_all(reply("in-progress").as_bytes()).unwrap();
            if number == 0 {
                // Read first, so that it cannot come together with the reply.
                let mut byte = [0];
                let _ = socket.get_ref().set_read_timeout(Some(Duration::from_millis(20)));
                let _ = socket.get_mut().read(&mut byte);
                socket.get_mut().write_all(reply("completed").as_bytes()).unwrap();
                sent.send(()).unwrap();
                let _ = socket.get_ref().set_read_timeout(None);
            }
        }
    });
    let client = Client::new(&config(&url)).unwrap();
    let status = |outcome: &pictory::outcome::Outcome| outcome.job().unwrap().status();
    let first = get(&client);
    stray.recv().unwrap();
    // The kernel has the bytes: the server's write has returned.
    let second = get(&client);
    assert_eq!(status(&first), status(&second));
}

#[test]
fn a_reply_that_is_refused_ends_its_connection() {
    let connections = Arc::new(AtomicUsize::new(0));
    let url = serve({
        let connections = Arc::clone(&connections);
        move |_, mut socket| {
            connections.fetch_add(1, Ordering::SeqCst);
            while read_request(&mut socket).is_some() {
                let _ =
                    socket.get_mut().write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]");
            }
        }
    });
    let client = Client::new(&config(&url)).unwrap();
    (0..3).for_each(|_| assert_code(&get(&client), Code::InvalidResponse));
    assert_eq!(connections.load(Ordering::SeqCst), 3);
}

/// A client of a server that sends this many session tickets before it answers its first request.
fn client_with_tickets(count: usize) -> (Client, CaFile) {
    let mut tls = ServerConfig::clone(&certs::server_config(Cert::Good));
    tls.send_tls13_tickets = count;
    let tls = Arc::new(tls);
    let url = serve(move |_, socket| {
        let session = ServerConnection::new(Arc::clone(&tls)).unwrap();
        let mut stream = BufReader::new(StreamOwned::new(session, socket.into_inner()));
        while read_request(&mut stream).is_some() {
            let _ = stream.get_mut().write_all(reply("in-progress").as_bytes());
        }
    });
    let mut config = config(&url.replace("http:", "https:"));
    let ca = CaFile::create().unwrap();
    config.set_ca_file(Some(ca.path())).unwrap();
    config.set_request_timeout_ms(120_000).unwrap();
    (Client::new(&config).unwrap(), ca)
}

#[test]
fn some_session_tickets_are_no_flood() {
    let (client, _ca) = client_with_tickets(50);
    (0..3).for_each(|_| assert_code(&get(&client), Code::Ok));
}

#[test]
fn a_flood_of_session_tickets_ends_a_get() {
    let (client, _ca) = client_with_tickets(20_000);
    assert_code(&get(&client), Code::InvalidResponse);
}
