//! A forward proxy for tests: CONNECT and nothing else.

use super::acceptor::{Acceptor, Link};
use super::request::{LONGEST_HEAD, Request, header};
use super::stream;
use super::sys;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use std::io::{ErrorKind, Read, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::os::fd::OwnedFd;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

/// The proxy's way with every CONNECT.
#[derive(Clone, Debug)]
pub struct ProxyScript {
    /// Anything but 200 refuses the tunnel.
    pub status: u16,
    /// User and password; without them in the request the answer is 407.
    pub credentials: Option<(String, String)>,
    pub fault: ProxyFault,
    /// Where all tunnels go; else to the target the client names.
    pub to: Option<SocketAddr>,
}

impl Default for ProxyScript {
    fn default() -> ProxyScript {
        ProxyScript { status: 200, credentials: None, fault: ProxyFault::None, to: None }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProxyFault {
    None,
    CloseBeforeAnswer,
    /// The CONNECT is never answered.
    Stall,
    Garbage,
    /// The tunnel ends after so many bytes towards the client.
    CutTunnelAfter(u64),
    /// Nobody listens on the proxy's port.
    RefuseConnections,
}

/// A client's request to the proxy.
#[derive(Clone, Debug)]
pub struct ProxyRequest {
    /// CONNECT, if the client is in its right mind.
    pub method: String,
    /// Host and port, as on the wire.
    pub target: String,
    pub headers: Vec<(String, String)>,
}

impl ProxyRequest {
    /// The first header of that name, in whatever case.
    pub fn header(&self, name: &str) -> Option<&str> {
        header(&self.headers, name)
    }
}

enum Port {
    Open(Acceptor),
    Refusing { _reserved: OwnedFd, number: u16 },
}

/// A running proxy. Dropping it cuts all tunnels and ends all threads.
pub struct Proxy {
    port: Port,
    requests: Arc<Mutex<Vec<ProxyRequest>>>,
}

impl Proxy {
    pub fn start(script: ProxyScript) -> Proxy {
        let requests = Arc::new(Mutex::new(Vec::new()));
        if script.fault == ProxyFault::RefuseConnections {
            let (reserved, number) = sys::refusing_port().expect("a free port");
            return Proxy { port: Port::Refusing { _reserved: reserved, number }, requests };
        }
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
        let (script, log) = (Arc::new(script), Arc::clone(&requests));
        let acceptor = Acceptor::start(listener, move |link| {
            let (script, log) = (Arc::clone(&script), Arc::clone(&log));
            Box::new(move || serve(&link, &script, &log))
        });
        Proxy { port: Port::Open(acceptor.expect("a thread that accepts")), requests }
    }

    pub fn port(&self) -> u16 {
        match &self.port {
            Port::Open(acceptor) => acceptor.address().port(),
            Port::Refusing { number, .. } => *number,
        }
    }

    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port())
    }

    /// Every head that arrived whole, in order.
    pub fn requests(&self) -> Vec<ProxyRequest> {
        self.requests.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// How many connections were accepted so far.
    pub fn connections(&self) -> usize {
        match &self.port {
            Port::Open(acceptor) => acceptor.accepted(),
            Port::Refusing { .. } => 0,
        }
    }
}

fn serve(link: &Link, script: &ProxyScript, log: &Mutex<Vec<ProxyRequest>>) {
    let Some(request) = read_head(link) else { return };
    log.lock().unwrap_or_else(PoisonError::into_inner).push(request.clone());
    let answer = |text: &str| (&link.socket).write_all(text.as_bytes());
    let refuse = |status: u16, header: &str| {
        let head = format!("HTTP/1.1 {status} No Tunnel\r\nContent-Length: 0\r\n{header}\r\n");
        let _ = answer(&head);
        stream::cut(link);
    };
    match script.fault {
        ProxyFault::CloseBeforeAnswer => return stream::cut(link),
        ProxyFault::Stall => {
            link.wait_hangup(None);
            return;
        }
        ProxyFault::Garbage => {
            let _ = answer("\x01\x02 no proxy here\r\n\r\n");
            return stream::cut(link);
        }
        _ => {}
    }
    if !allowed(&request, script) {
        return refuse(407, "Proxy-Authenticate: Basic realm=\"emulator\"\r\n");
    }
    if request.method != "CONNECT" {
        return refuse(405, "Allow: CONNECT\r\n");
    }
    if script.status != 200 {
        return refuse(script.status, "");
    }
    let target = match script.to {
        Some(address) => TcpStream::connect(address),
        None => TcpStream::connect(&*request.target),
    };
    match target {
        Ok(target) if answer("HTTP/1.1 200 Connection Established\r\n\r\n").is_ok() => {
            tunnel(link, &target, script.fault);
        }
        Ok(_) => {}
        Err(_) => refuse(502, ""),
    }
}

fn allowed(request: &ProxyRequest, script: &ProxyScript) -> bool {
    let Some((user, password)) = &script.credentials else { return true };
    let wanted = format!("Basic {}", STANDARD.encode(format!("{user}:{password}")));
    request.header("Proxy-Authorization") == Some(&wanted)
}

/// Reads byte by byte: whatever follows the head belongs into the tunnel.
fn read_head(link: &Link) -> Option<ProxyRequest> {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        if head.len() > LONGEST_HEAD {
            return None;
        }
        (&link.socket).read_exact(&mut byte).ok()?;
        head.extend(byte);
    }
    let Request { method, path, headers, .. } = Request::parse(&head, link.id)?;
    Some(ProxyRequest { method, target: path, headers })
}

fn tunnel(link: &Link, target: &TcpStream, fault: ProxyFault) {
    let _ = target.set_nodelay(true);
    let limit = match fault {
        ProxyFault::CutTunnelAfter(bytes) => bytes,
        _ => u64::MAX,
    };
    thread::scope(|scope| {
        scope.spawn(|| {
            copy(&link.socket, target, u64::MAX);
            // The client is gone, or the proxy stops: nothing the target says is of use.
            let _ = target.shutdown(Shutdown::Both);
        });
        copy(target, &link.socket, limit);
        // The other direction ends when the client sees this, or at once when the tunnel is cut.
        let ended = if limit == u64::MAX { Shutdown::Write } else { Shutdown::Both };
        let _ = link.socket.shutdown(ended);
    });
}

/// Hands on at most `limit` bytes.
fn copy(mut from: &TcpStream, mut to: &TcpStream, limit: u64) {
    let mut left = limit;
    let mut buf = [0; 16 * 1024];
    while left > 0 {
        let n = match from.read(&mut buf) {
            Ok(0) => return,
            Ok(n) => n,
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            Err(_) => return,
        };
        let n = n.min(usize::try_from(left).unwrap_or(usize::MAX));
        if to.write_all(buf.get(..n).unwrap_or_default()).is_err() {
            return;
        }
        left -= n as u64;
    }
}
