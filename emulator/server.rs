//! The emulator as its users see it.

use super::acceptor::Acceptor;
use super::certs::{self, CaFile, Cert};
use super::connection::{self, Observer, Shared};
use super::log::Log;
use super::request::Request;
use super::script::Script;
use super::stage::Stage;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

/// A server that plays a script. Dropping it cuts all connections and ends all threads.
pub struct Emulator {
    acceptor: Acceptor,
    shared: Arc<Shared>,
    ca_file: Option<CaFile>,
}

impl Emulator {
    /// HTTP on a free port of 127.0.0.1.
    pub fn start(script: Script) -> Emulator {
        Emulator::launch(script, free_port(), None)
    }

    /// HTTPS for clients that trust [`Emulator::ca_file`].
    pub fn start_tls(script: Script) -> Emulator {
        Emulator::start_tls_with(script, Cert::Good)
    }

    /// HTTPS with a certificate of that kind.
    pub fn start_tls_with(script: Script, cert: Cert) -> Emulator {
        Emulator::launch(script, free_port(), Some(cert))
    }

    /// Takes its connections from `listener`.
    pub fn start_on(script: Script, listener: TcpListener, tls: bool) -> Emulator {
        Emulator::launch(script, listener, tls.then_some(Cert::Good))
    }

    fn launch(script: Script, listener: TcpListener, cert: Option<Cert>) -> Emulator {
        let address = listener.local_addr().expect("a bound listener");
        let shared = Arc::new(Shared {
            stage: Stage::new(base_url(address, cert.is_some())),
            log: Arc::new(Log::new()),
            tls: cert.map(certs::server_config),
            observer: Mutex::new(None),
        });
        shared.stage.play(script);
        let ca_file = cert.map(|_| CaFile::create().expect("a file for the CA"));
        let welcoming = Arc::clone(&shared);
        let acceptor = Acceptor::start(listener, move |link| {
            let fault = welcoming.stage.next_connection();
            let shared = Arc::clone(&welcoming);
            Box::new(move || connection::serve(&link, &shared, fault))
        });
        Emulator { acceptor: acceptor.expect("a thread that accepts"), shared, ca_file }
    }

    /// The base URL: what the library is configured with.
    pub fn url(&self) -> String {
        base_url(self.acceptor.address(), self.shared.tls.is_some())
    }

    pub fn port(&self) -> u16 {
        self.acceptor.address().port()
    }

    /// The PEM of the CA that signs good certificates; HTTPS only.
    pub fn ca_file(&self) -> &Path {
        self.ca_file.as_ref().expect("this emulator speaks HTTPS").path()
    }

    /// Plays another script; polls and connections are counted anew for it.
    pub fn set_script(&self, script: Script) {
        self.shared.stage.play(script);
    }

    /// Every request whose head arrived whole, in order.
    pub fn requests(&self) -> Vec<Request> {
        self.shared.log.requests()
    }

    /// All bytes that came, as they were on the wire and, with TLS, decrypted too.
    pub fn raw(&self) -> Vec<u8> {
        self.shared.log.raw()
    }

    /// Whether requests and bytes are kept, as they are at first; long runs had better not.
    pub fn keep_records(&self, keep: bool) {
        self.shared.log.keep(keep);
    }

    /// How many connections were accepted so far.
    pub fn connections(&self) -> usize {
        self.acceptor.accepted()
    }

    pub fn open_connections(&self) -> usize {
        self.acceptor.open()
    }

    /// Waits until `n` requests came; false after 20 seconds without.
    pub fn wait_for_requests(&self, n: usize) -> bool {
        self.shared.log.wait_for_requests(n)
    }

    /// Waits until `n` connections were accepted; false after 20 seconds without.
    pub fn wait_for_connections(&self, n: usize) -> bool {
        self.acceptor.wait_for_accepted(n)
    }

    /// Waits until just `n` connections are open; false after 20 seconds without.
    pub fn wait_for_open_connections(&self, n: usize) -> bool {
        self.acceptor.wait_for_open(n)
    }

    /// Closes every connection that is between requests, as servers do after a while.
    pub fn close_idle(&self) {
        self.acceptor.close_idle();
    }

    /// Calls `observer` with each request and, in short, its answer, before that is sent.
    pub fn on_request(&self, observer: Box<Observer>) {
        let mut place = self.shared.observer.lock().unwrap_or_else(PoisonError::into_inner);
        *place = Some(observer.into());
    }
}

fn base_url(address: SocketAddr, tls: bool) -> String {
    match tls {
        true => format!("https://localhost:{}/pictoryapis", address.port()),
        false if address.ip().is_unspecified() => {
            format!("http://127.0.0.1:{}/pictoryapis", address.port())
        }
        false => format!("http://{address}/pictoryapis"),
    }
}

fn free_port() -> TcpListener {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port")
}
