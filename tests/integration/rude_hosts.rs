//! Hosts of outputs whose heads are odd: each is a socket of the test's own.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::time::{Duration, Instant};

use pictory::download::download;
use pictory::error::Code;
use pictory::outcome::Outcome;
use serde_json::json;

use crate::downloads::*;
use crate::support::*;

/// A host that answers `/v` with `reply`, and everything else with the first line of the request.
fn host(reply: Vec<u8>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for socket in listener.incoming() {
            let mut socket = BufReader::new(socket.unwrap());
            let mut line = String::new();
            let mut rest = String::new();
            let _ = socket.read_line(&mut line);
            while rest != "\r\n" {
                rest.clear();
                let _ = socket.read_line(&mut rest);
            }
            let line = line.trim_end();
            let length = line.len();
            let echo = format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n{line}");
            let is_asked = line.contains("/v ");
            let _ = socket.get_mut().write_all(if is_asked { &reply } else { echo.as_bytes() });
            if is_asked {
                // The end of the body does not come: the client leaves.
                let _ = socket.read_to_end(&mut Vec::new());
            }
        }
    });
    format!("http://{address}")
}

/// Downloads from such a host: the outcome, and what is in the file.
fn fetch(host: &str, path: &str) -> (Outcome, String) {
    let folder = Folder::new();
    let file = folder.0.join("file");
    let client = pictory::client::Client::new(&config(host)).unwrap();
    let job = job(&json!({ "url": format!("{host}{path}") }));
    let outcome = download(&client, job.job().unwrap(), VIDEO, &file, quick(), None, None);
    (outcome, std::fs::read_to_string(file).unwrap_or_default())
}

fn redirect(lines: &[u8]) -> Vec<u8> {
    [b"HTTP/1.1 302 Found\r\n", lines, b"\r\n\r\nmoved"].concat()
}

#[test]
fn a_url_without_a_path_asks_for_the_root_whatever_its_query_is() {
    let (outcome, file) = fetch(&host(Vec::new()), "?Signature=x");
    assert_code(&outcome, Code::Ok);
    assert_eq!(file, "GET /?Signature=x HTTP/1.1");
}

#[test]
fn a_location_in_latin_1_is_percent_encoded_and_its_dots_are_resolved() {
    for (location, asked) in [
        (&b"/vid\xe9o.mp4"[..], "/vid%E9o.mp4"),
        ("/vidéo.mp4".as_bytes(), "/vid%C3%A9o.mp4"),
        (b"/a/../b/./c?d=/../e", "/b/c?d=/../e"),
    ] {
        let (outcome, file) = fetch(&host(redirect(&[b"Location: ", location].concat())), "/v");
        assert_code(&outcome, Code::Ok);
        assert_eq!(file, format!("GET {asked} HTTP/1.1"));
    }
}

#[test]
fn two_locations_are_followed_only_where_they_are_one() {
    let (outcome, file) = fetch(&host(redirect(b"Location: /a\r\nLocation: /a")), "/v");
    assert_code(&outcome, Code::Ok);
    assert_eq!(file, "GET /a HTTP/1.1");
    let (outcome, file) = fetch(&host(redirect(b"Location: /a\r\nLocation: /b")), "/v");
    assert_code(&outcome, Code::InvalidResponse);
    assert_eq!(file, "");
    let (outcome, _) = fetch(&host(redirect(b"Location:")), "/v");
    assert_code(&outcome, Code::HttpStatus);
}

#[test]
fn the_body_of_a_redirect_is_not_waited_for() {
    let started = Instant::now();
    let (outcome, _) = fetch(&host(redirect(b"Content-Length: 99\r\nLocation: /a")), "/v");
    assert_code(&outcome, Code::Ok);
    // The idle time-out is a minute.
    assert!(started.elapsed() < Duration::from_secs(30));
}
