//! Accepts connections, gives each a thread, and ends them all when it is dropped.

use super::sys;
use std::collections::HashMap;
use std::io::{self, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::os::fd::AsRawFd;
use std::os::unix::net::UnixStream;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// How long the `wait_for_...` calls wait: far longer than anything takes on a busy machine.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// The handler that runs on a connection's thread.
pub type Job = Box<dyn FnOnce() + Send>;

/// One accepted connection.
pub struct Link {
    /// Its number, from 0, in the order accepted.
    pub id: usize,
    pub socket: TcpStream,
    idle: AtomicBool,
}

impl Link {
    /// Says whether the connection is between requests.
    pub fn set_idle(&self, idle: bool) {
        self.idle.store(idle, Ordering::SeqCst);
    }

    /// Waits, for ever without a limit; true as soon as the peer or the acceptor is gone.
    ///
    /// A peer that only finishes sending counts as gone: HTTP clients do not do that.
    pub fn wait_hangup(&self, limit: Option<Duration>) -> bool {
        sys::wait_hangup(&self.socket, limit)
    }
}

#[derive(Default)]
struct State {
    accepted: usize,
    open: HashMap<usize, Arc<Link>>,
}

#[derive(Default)]
struct Links {
    state: Mutex<State>,
    changed: Condvar,
}

impl Links {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn enter(&self, socket: TcpStream) -> Arc<Link> {
        let mut state = self.lock();
        let link = Arc::new(Link { id: state.accepted, socket, idle: AtomicBool::new(false) });
        state.accepted += 1;
        state.open.insert(link.id, Arc::clone(&link));
        self.changed.notify_all();
        link
    }

    fn wait(&self, reached: impl Fn(&State) -> bool) -> bool {
        let waited = self.changed.wait_timeout_while(self.lock(), PATIENCE, |s| !reached(s));
        !waited.unwrap_or_else(PoisonError::into_inner).1.timed_out()
    }
}

/// Closes a connection when its thread is done, even by a panic.
struct Departure {
    links: Arc<Links>,
    id: usize,
}

impl Drop for Departure {
    fn drop(&mut self) {
        // This drops the last handle: the socket is closed before it is no longer counted.
        drop(self.links.lock().open.remove(&self.id));
        self.links.changed.notify_all();
    }
}

/// A listening socket and the connections accepted from it.
pub struct Acceptor {
    address: SocketAddr,
    links: Arc<Links>,
    wake: UnixStream,
    thread: Option<JoinHandle<()>>,
}

impl Acceptor {
    /// Accepts from `listener`. `welcome` is called for each connection in the order accepted, and
    /// returns what its thread runs.
    pub fn start(
        listener: TcpListener,
        welcome: impl FnMut(Arc<Link>) -> Job + Send + 'static,
    ) -> io::Result<Acceptor> {
        let address = listener.local_addr()?;
        let (wake, woken) = UnixStream::pair()?;
        // A connection may be gone again between the wait and the accept.
        listener.set_nonblocking(true)?;
        let links = Arc::new(Links::default());
        let thread = thread::Builder::new().name("acceptor".into()).spawn({
            let links = Arc::clone(&links);
            move || run(listener, woken, links, welcome)
        })?;
        Ok(Acceptor { address, links, wake, thread: Some(thread) })
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// How many connections were accepted so far.
    pub fn accepted(&self) -> usize {
        self.links.lock().accepted
    }

    /// How many connections are open now.
    pub fn open(&self) -> usize {
        self.links.lock().open.len()
    }

    pub fn wait_for_accepted(&self, n: usize) -> bool {
        self.links.wait(|state| state.accepted >= n)
    }

    pub fn wait_for_open(&self, n: usize) -> bool {
        self.links.wait(|state| state.open.len() == n)
    }

    /// Closes the connections that are between requests; they are closed when this returns.
    pub fn close_idle(&self) {
        let state = self.links.lock();
        let idle = state.open.values().filter(|link| link.idle.load(Ordering::SeqCst));
        let ids: Vec<usize> = idle
            .map(|link| {
                // Ends the thread's wait for a request; it then says goodbye as TLS wants it. A
                // request or a reply that is on its way still gets through.
                let _ = link.socket.shutdown(Shutdown::Read);
                link.id
            })
            .collect();
        drop(state);
        self.links.wait(|state| ids.iter().all(|id| !state.open.contains_key(id)));
    }
}

impl Drop for Acceptor {
    fn drop(&mut self) {
        let _ = self.wake.write_all(&[0]);
        if let Some(thread) = self.thread.take() {
            // A panic on that thread has been printed there.
            let _ = thread.join();
        }
    }
}

fn run(
    listener: TcpListener,
    woken: UnixStream,
    links: Arc<Links>,
    mut welcome: impl FnMut(Arc<Link>) -> Job,
) {
    let mut threads: Vec<JoinHandle<()>> = Vec::new();
    while let Some(socket) = next(&listener, &woken) {
        let link = links.enter(socket);
        let departure = Departure { links: Arc::clone(&links), id: link.id };
        let job = welcome(link);
        let serve = move || {
            // Declared first, dropped last.
            let _departure = departure;
            job();
        };
        threads.retain(|thread| !thread.is_finished());
        // Where no thread can be had, the connection is closed.
        threads.extend(thread::Builder::new().name("connection".into()).spawn(serve));
    }
    drop(listener);
    for link in links.lock().open.values() {
        let _ = link.socket.shutdown(Shutdown::Both);
    }
    for thread in threads {
        let _ = thread.join();
    }
}

/// The next connection; none when the acceptor stops.
fn next(listener: &TcpListener, woken: &UnixStream) -> Option<TcpStream> {
    let woken = woken.as_raw_fd();
    loop {
        sys::wait_readable(listener.as_raw_fd(), woken, None);
        if sys::wait_readable(woken, woken, Some(Duration::ZERO)) {
            return None;
        }
        match listener.accept() {
            Ok((socket, _)) => {
                // Some systems hand the listener's mode on to what it accepts.
                let _ = socket.set_nonblocking(false);
                let _ = socket.set_nodelay(true);
                return Some(socket);
            }
            // Out of descriptors, most likely: trying at once again would only spin.
            Err(error) if error.kind() != io::ErrorKind::WouldBlock => {
                sys::wait_readable(woken, woken, Some(Duration::from_millis(10)));
            }
            Err(_) => {}
        }
    }
}
