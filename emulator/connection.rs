//! Serves one connection: request after request, each answered as the stage says.

use super::acceptor::Link;
use super::log::Log;
use super::reply::{Dribble, Ending, How, Reply};
use super::request::{LONGEST_HEAD, Request};
use super::script::ConnectionFault;
use super::stage::Stage;
use super::stream::{self, Stream, Wire};
use rustls::ServerConfig;
use std::io::{self, ErrorKind, Read, Write};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// The most that is written at once. Small replies go out whole.
const PIECE: usize = 64 * 1024;

/// Neither TLS nor HTTP.
const GARBAGE: &[u8] = b"\x00\x01SSH-2.0-no\xff\xfe web here\r\n\r\n\r\n";

/// An observer, which sees each request and, in short, its answer.
pub type Observer = dyn Fn(&Request, &str) + Send + Sync;

/// State that all connections of an emulator share.
pub struct Shared {
    pub stage: Stage,
    pub log: Arc<Log>,
    pub tls: Option<Arc<ServerConfig>>,
    pub observer: Mutex<Option<Arc<Observer>>>,
}

impl Shared {
    fn observe(&self, request: &Request, answer: &str) {
        let observer = self.observer.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(observer) = observer {
            observer(request, answer);
        }
    }
}

/// Serves `link` until either side ends it.
pub fn serve(link: &Arc<Link>, shared: &Shared, fault: Option<ConnectionFault>) {
    let allowance = match fault {
        None => None,
        Some(ConnectionFault::StallAfterBytes(bytes)) => Some(bytes),
        Some(ConnectionFault::Stall) => {
            link.wait_hangup(None);
            return;
        }
        Some(ConnectionFault::Close) => return stream::cut(link),
        Some(ConnectionFault::Reset) => return stream::reset(link),
        Some(ConnectionFault::Garbage) => return garbage(link, &shared.log),
    };
    let wire = Wire::new(Arc::clone(link), Arc::clone(&shared.log), allowance);
    if let Some(stream) = Stream::open(wire, shared.tls.clone()) {
        Connection { link: Arc::clone(link), stream, unread: Vec::new() }.serve(shared);
    }
}

/// Answers the client's first bytes with nonsense.
fn garbage(link: &Arc<Link>, log: &Arc<Log>) {
    let mut wire = Wire::new(Arc::clone(link), Arc::clone(log), None);
    let heard = loop {
        match wire.read(&mut [0; 4096]) {
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            heard => break heard,
        }
    };
    if heard.is_ok_and(|n| n > 0) && wire.write_all(GARBAGE).is_ok() {
        stream::cut(link);
    }
}

struct Connection {
    link: Arc<Link>,
    stream: Stream,
    unread: Vec<u8>,
}

impl Connection {
    fn serve(mut self, shared: &Shared) {
        let mut idle_limit = None;
        while let Some(head) = self.next_head(idle_limit) {
            let Some(request) = Request::parse(&head, self.link.id) else {
                let _ = self.send(&Reply::bad_request());
                break;
            };
            shared.log.request(&request);
            let reply = shared.stage.answer(&request);
            shared.observe(&request, &reply.summary);
            let sent = self.send(&reply);
            match (sent, reply.fault.map(|fault| fault.how), reply.ending) {
                (Err(_), _, _) => return,
                (Ok(()), Some(How::Cut), _) => return self.stream.cut(),
                (Ok(()), Some(How::Stall), _) => {
                    self.link.wait_hangup(None);
                    return;
                }
                (Ok(()), Some(How::Reset), _) | (Ok(()), None, Ending::Reset) => {
                    return self.stream.reset();
                }
                (Ok(()), None, Ending::Close) => break,
                (Ok(()), None, Ending::Keep) => idle_limit = reply.idle_limit,
            }
        }
        self.stream.close();
    }

    /// The next request's head, its empty line included; none when none comes.
    fn next_head(&mut self, idle_limit: Option<Duration>) -> Option<Vec<u8>> {
        let mut limit = idle_limit;
        self.link.set_idle(self.unread.is_empty());
        loop {
            if let Some(at) = self.unread.windows(4).position(|four| four == b"\r\n\r\n") {
                let rest = self.unread.split_off(at + 4);
                return Some(std::mem::replace(&mut self.unread, rest));
            }
            if self.unread.len() > LONGEST_HEAD {
                return None;
            }
            let mut buf = [0; 4096];
            match self.stream.read(&mut buf, limit.take()) {
                0 => return None,
                n => self.unread.extend_from_slice(buf.get(..n).unwrap_or_default()),
            }
            self.link.set_idle(false);
        }
    }

    /// Sends the reply, or as much of it as its fault lets through.
    fn send(&mut self, reply: &Reply) -> io::Result<()> {
        if !reply.delay.is_zero() {
            self.pause(reply.delay)?;
        }
        let whole = reply.message.len();
        let end = reply.fault.map_or(whole, |fault| fault.at);
        let most = reply.dribble.map_or(PIECE, |Dribble { bytes, .. }| bytes);
        let mut at = 0;
        while at < end {
            let piece = reply.message.read(at, most, end);
            at += piece.len() as u64;
            // The client may call this connection idle as soon as it has the last byte.
            self.link.set_idle(at == whole && self.unread.is_empty());
            self.stream.write(&piece)?;
            reply.count(at - piece.len() as u64..at);
            if let Some(dribble) = reply.dribble
                && at < end
            {
                self.pause(dribble.every)?;
            }
        }
        Ok(())
    }

    fn pause(&self, time: Duration) -> io::Result<()> {
        match self.link.wait_hangup(Some(time)) {
            true => Err(ErrorKind::BrokenPipe.into()),
            false => Ok(()),
        }
    }
}
