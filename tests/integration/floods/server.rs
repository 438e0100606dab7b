//! A server that floods its clients, at a moment of its choice.

use std::fmt;
use std::io::{self, BufReader, Read, Write};
use std::net::TcpStream;
use std::sync::{Arc, Condvar, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use crate::sockets::{Gate, read_request, reply, serve};
use crate::support::ID;
use crate::tls_records::{Records, TlsStream, accept};

/// When the flood comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Moment {
    /// In place of the handshake: TLS', or a proxy's answer to CONNECT.
    Handshake,
    /// Before the reply, or in it.
    Reply,
    /// Together with the end of the reply.
    Behind,
    /// Once the client has taken the reply.
    Idle,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Over {
    Http,
    Https,
    /// HTTP by way of a proxy, which is the one that floods.
    Proxy,
}

#[derive(Clone, Copy)]
pub(super) enum Flood {
    /// A beginning, and bytes that are repeated behind it.
    Bytes(&'static [u8], &'static [u8]),
    /// A beginning, and session tickets.
    Tickets(&'static [u8]),
    /// A beginning, and records without data, with some tickets, since rustls refuses many in a row.
    Empty(&'static [u8]),
    /// Key updates that want an answer, with bytes between them, since rustls refuses many in a row.
    KeyUpdates(&'static [u8]),
}

impl fmt::Debug for Flood {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (name, beginning, piece) = match self {
            Flood::Bytes(beginning, piece) => ("bytes", *beginning, *piece),
            Flood::Tickets(beginning) => ("tickets", *beginning, &b""[..]),
            Flood::Empty(beginning) => ("empty records", *beginning, &b""[..]),
            Flood::KeyUpdates(piece) => ("key updates", &b""[..], *piece),
        };
        write!(f, "{name} {} {}", beginning.escape_ascii(), piece.escape_ascii())
    }
}

/// A flood comes as fast as the client takes it, or in drops that no budget is soon spent on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pace {
    Full,
    Drops,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Case {
    pub(super) moment: Moment,
    pub(super) over: Over,
    pub(super) flood: Flood,
}

impl Case {
    /// Whether a whole body comes before the flood: trailers may be too many for nothing else.
    pub(super) fn is_answered(&self) -> bool {
        let has_body =
            matches!(self.flood, Flood::Bytes(start, _) if start.ends_with(b"\r\n0\r\n"));
        has_body || matches!(self.moment, Moment::Behind | Moment::Idle)
    }
}

/// A call that lasts so long is held by the flood: its test fails, rather than to last for ever.
const LONGEST: Duration = Duration::from_secs(5);

/// The server: it floods whoever asks for [`ID`], and is kind to everybody else.
pub(super) struct Server {
    case: Case,
    pace: Pace,
    /// Opened by the test: the client has taken a reply.
    pub(super) is_idle: Gate,
    /// Opened by the server: the flood has come some way.
    pub(super) is_flooding: Gate,
    /// When the others asked.
    kind: Mutex<Vec<Instant>>,
    is_asked: Condvar,
}

impl Server {
    /// Starts a server, and gives its URL: that of a proxy where the case says so.
    pub(super) fn start(case: Case, pace: Pace) -> (String, Arc<Server>) {
        let server = Arc::new(Server {
            case,
            pace,
            is_idle: Gate::default(),
            is_flooding: Gate::default(),
            kind: Mutex::default(),
            is_asked: Condvar::new(),
        });
        let url = serve({
            let server = Arc::clone(&server);
            // An error means that the client has left.
            move |_, socket| drop(server.handle(socket))
        });
        let scheme = if case.over == Over::Https { "https:" } else { "http:" };
        (url.replace("http:", scheme), server)
    }

    /// Waits until others have asked so many times; gives the times.
    pub(super) fn wait_for_kind(&self, count: usize) -> Vec<Instant> {
        let too_few = |kind: &mut Vec<Instant>| kind.len() < count;
        let patience = Duration::from_secs(60);
        let kind = self.kind.lock().unwrap();
        let (kind, waited) = self.is_asked.wait_timeout_while(kind, patience, too_few).unwrap();
        assert!(!waited.timed_out(), "{:?}: {} polls", self.case, kind.len());
        kind.clone()
    }

    fn handle(&self, mut socket: BufReader<TcpStream>) -> io::Result<()> {
        if self.case.over == Over::Proxy {
            read_request(&mut socket);
        }
        if self.case.moment == Moment::Handshake {
            return self.flood(Peer::Plain(socket.into_inner()), "");
        }
        match self.case.over {
            Over::Http => self.answer(socket, Peer::Plain),
            Over::Https => self.answer(BufReader::new(accept(socket.into_inner())), |stream| {
                if matches!(self.case.flood, Flood::KeyUpdates(_)) {
                    return Peer::Tls(Box::new(stream));
                }
                let (session, socket) = stream.into_parts();
                Peer::Records(Records::after(session), socket)
            }),
            Over::Proxy => {
                socket.get_mut().write_all(b"HTTP/1.1 200 OK\r\n\r\n")?;
                self.answer(socket, Peer::Plain)
            }
        }
    }

    /// Answers requests until one is to be flooded.
    fn answer<S: Read + Write>(
        &self,
        mut stream: BufReader<S>,
        into_peer: impl FnOnce(S) -> Peer,
    ) -> io::Result<()> {
        while let Some(request) = read_request(&mut stream) {
            let reply = reply("in-progress");
            if !request.contains(ID) {
                self.kind.lock().unwrap().push(Instant::now());
                self.is_asked.notify_all();
                stream.get_mut().write_all(reply.as_bytes())?;
                continue;
            }
            let mut peer = into_peer(stream.into_inner());
            return match self.case.moment {
                Moment::Behind => self.flood(peer, &reply),
                Moment::Idle => {
                    peer.write(reply.as_bytes())?;
                    self.is_idle.wait();
                    self.flood(peer, "")
                }
                _ => self.flood(peer, ""),
            };
        }
        Ok(())
    }

    /// Floods until the client is gone, or is seen to be held; `reply` comes first, together with the beginning.
    fn flood(&self, mut peer: Peer, reply: &str) -> io::Result<()> {
        let (beginning, at_once) = match (self.case.flood, self.pace) {
            (Flood::Bytes(beginning, _), Pace::Full) => (beginning, 4096),
            (Flood::Tickets(beginning) | Flood::Empty(beginning), Pace::Full) => (beginning, 100),
            (Flood::KeyUpdates(_), Pace::Full) => (&b""[..], 10),
            (Flood::Bytes(beginning, _), _) => (beginning, 1),
            (Flood::Tickets(beginning) | Flood::Empty(beginning), _) => (beginning, 1),
            (Flood::KeyUpdates(_), _) => (&b""[..], 1),
        };
        let mut sent = peer.write(&[reply.as_bytes(), beginning].concat());
        let (mut at, begun) = (0, Instant::now());
        while sent.is_ok() && begun.elapsed() < LONGEST {
            sent = peer.flood(self.case.flood, at, at_once);
            at += at_once;
            if at > 20 {
                self.is_flooding.open();
            }
            if self.pace == Pace::Drops {
                // Not a wait for anything: the pace.
                thread::sleep(Duration::from_millis(1));
            }
        }
        self.is_flooding.open();
        sent
    }
}

/// The client, as the server has it.
enum Peer {
    Plain(TcpStream),
    Tls(Box<TlsStream>),
    Records(Records, TcpStream),
}

impl Peer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        match self {
            _ if bytes.is_empty() => Ok(()),
            Peer::Plain(socket) => socket.write_all(bytes),
            Peer::Tls(stream) => stream.write_all(bytes),
            Peer::Records(records, socket) => socket.write_all(&records.data(bytes)),
        }
    }

    /// Sends `count` pieces of the flood, from the one with the number `at` on.
    fn flood(&mut self, flood: Flood, at: usize, count: usize) -> io::Result<()> {
        let bytes = |of: &[u8]| -> Vec<u8> {
            of.iter().cycle().skip(at % of.len()).take(count).copied().collect()
        };
        match (flood, self) {
            (Flood::Bytes(_, piece), peer) => peer.write(&bytes(piece)),
            (Flood::Tickets(_), Peer::Records(records, socket)) => {
                let tickets: Vec<_> = (0..count).map(|_| records.ticket()).collect();
                socket.write_all(&tickets.concat())
            }
            (Flood::Empty(_), Peer::Records(records, socket)) => {
                let is_ticket = |at: usize| at.is_multiple_of(20);
                let records = (at..at + count)
                    .map(|at| if is_ticket(at) { records.ticket() } else { records.data(b"") });
                socket.write_all(&records.collect::<Vec<_>>().concat())
            }
            (Flood::KeyUpdates(piece), Peer::Tls(stream)) => {
                for byte in bytes(piece) {
                    stream.conn.refresh_traffic_keys().unwrap();
                    stream.write_all(&[byte])?;
                }
                Ok(())
            }
            _ => panic!("no such flood without TLS"),
        }
    }
}
