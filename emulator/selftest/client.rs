//! The clients of these tests: ureq where what it makes of a reply is enough, and one that hides
//! nothing where the bytes matter.

use crate::emulator::Emulator;
use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

pub const ID: &str = "4a09edf9-d071-4847-bda5-8dea913d80fe";

/// A client that somebody else has written, with one idle connection or none.
pub struct Agent {
    ureq: ureq::Agent,
    base_url: String,
}

impl Agent {
    pub fn to(emulator: &Emulator) -> Agent {
        let config = ureq::Agent::config_builder()
            .proxy(None)
            .http_status_as_error(false)
            .timeout_global(Some(Duration::from_secs(20)))
            .build();
        Agent { ureq: config.into(), base_url: emulator.url() }
    }

    /// Polls, as the API asks for it.
    pub fn poll(&self) -> Answer {
        self.poll_of(ID)
    }

    pub fn poll_of(&self, id: &str) -> Answer {
        self.get(&format!("/v1/jobs/{id}"), &[("Authorization", "pictai_key")])
    }

    pub fn get(&self, path: &str, headers: &[(&str, &str)]) -> Answer {
        let mut request = self.ureq.get(format!("{}{path}", self.base_url));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        Answer::of(request.call().unwrap())
    }

    pub fn post(&self, path: &str, body: &str) -> Answer {
        Answer::of(self.ureq.post(format!("{}{path}", self.base_url)).send(body).unwrap())
    }
}

/// A reply as ureq understands it.
pub struct Answer {
    pub status: u16,
    headers: ureq::http::HeaderMap,
    pub body: Vec<u8>,
}

impl Answer {
    fn of(reply: ureq::http::Response<ureq::Body>) -> Answer {
        let (head, mut body) = reply.into_parts();
        let body = body.read_to_vec().unwrap();
        Answer { status: head.status.as_u16(), headers: head.headers, body }
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    /// The values of a header that comes several times.
    pub fn headers(&self, name: &str) -> Vec<&str> {
        self.headers.get_all(name).iter().map(|value| value.to_str().unwrap()).collect()
    }

    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }
}

/// A reply as it came.
pub struct Reply {
    pub head: String,
    pub body: Vec<u8>,
}

impl Reply {
    pub fn status(&self) -> &str {
        self.head.split(' ').nth(1).unwrap()
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        let lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines.filter(|(known, _)| *known == name).map(|(_, value)| value).next()
    }

    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }
}

/// How a connection ended.
#[derive(Debug, PartialEq, Eq)]
pub enum End {
    Fin,
    Reset,
    /// The connection stayed open for as long as a test cares to wait.
    Silence,
}

pub struct Client {
    pub socket: TcpStream,
}

impl Client {
    pub fn to(emulator: &Emulator) -> Client {
        let socket = TcpStream::connect(("127.0.0.1", emulator.port())).unwrap();
        socket.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        Client { socket }
    }

    /// Sends a GET with the given headers, each line with its end.
    pub fn send(&mut self, path: &str, headers: &str) {
        let head = format!("GET /pictoryapis{path} HTTP/1.1\r\nHost: localhost\r\n{headers}\r\n");
        self.socket.write_all(head.as_bytes()).unwrap();
    }

    pub fn send_poll(&mut self) {
        self.send(&format!("/v1/jobs/{ID}"), "Authorization: pictai_key\r\n");
    }

    /// Polls, for a reply with a length.
    pub fn poll(&mut self) -> Reply {
        self.send_poll();
        self.reply()
    }

    pub fn get(&mut self, path: &str, headers: &str) -> Reply {
        self.send(path, headers);
        self.reply()
    }

    pub fn head(&mut self) -> String {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.extend(self.exactly(1));
        }
        String::from_utf8(head).unwrap()
    }

    /// Reads a reply with a length.
    pub fn reply(&mut self) -> Reply {
        let mut reply = Reply { head: self.head(), body: Vec::new() };
        let length = reply.header("Content-Length").unwrap().parse().unwrap();
        reply.body = self.exactly(length);
        reply
    }

    pub fn exactly(&mut self, n: usize) -> Vec<u8> {
        let mut bytes = vec![0; n];
        self.socket.read_exact(&mut bytes).unwrap();
        bytes
    }

    /// All that still comes, and the end of it.
    pub fn rest(&mut self) -> (Vec<u8>, End) {
        let mut bytes = Vec::new();
        let end = match self.socket.read_to_end(&mut bytes) {
            Ok(_) => End::Fin,
            Err(error) if error.kind() == ErrorKind::ConnectionReset => End::Reset,
            Err(error) => panic!("{error}"),
        };
        (bytes, end)
    }

    /// How the connection is after all that was expected has come.
    pub fn end(&mut self) -> End {
        self.socket.set_read_timeout(Some(Duration::from_millis(30))).unwrap();
        match self.socket.read(&mut [0]) {
            Ok(0) => End::Fin,
            Ok(_) => panic!("more than expected"),
            Err(error) if error.kind() == ErrorKind::ConnectionReset => End::Reset,
            Err(error) if error.kind() == ErrorKind::WouldBlock => End::Silence,
            Err(error) => panic!("{error}"),
        }
    }
}
