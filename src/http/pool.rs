//! The pool of idle connections: those that are keep-alive, between two requests.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::connection::Connection;
use crate::url::Origin;

/// Idle connections outlive the gaps between polls by far, but not the 350 s after which network
/// address translation commonly forgets them without a word.
const KEPT_FOR: Duration = Duration::from_secs(300);

/// As many as a watcher has requests in flight.
const MOST: usize = 256;

#[derive(Debug)]
struct Idle {
    connection: Connection,
    since: Instant,
}

/// The pool of a client.
#[derive(Debug, Default)]
pub(super) struct Pool(Mutex<Vec<Idle>>);

impl Pool {
    /// The connection to `origin` that was used last and seems to be alive. However recently that was, it
    /// is looked at: bytes that nobody asked for must not become the next reply.
    pub(super) fn take(&self, origin: &Arc<Origin>) -> Option<Connection> {
        loop {
            let mut idle = self.newest(origin)?;
            if idle.since.elapsed() < KEPT_FOR && idle.connection.is_silent() {
                return Some(idle.connection);
            }
        }
    }

    pub(super) fn put(&self, connection: Connection) {
        let now = Instant::now();
        let idle = Idle { connection, since: now };
        let mut pool = self.lock();
        // They lie in the order of their age.
        let old = pool.iter().take_while(|idle| now - idle.since >= KEPT_FOR).count();
        let surplus = old.max((pool.len() + 1).saturating_sub(MOST));
        let closed: Vec<Idle> = pool.drain(..surplus).collect();
        pool.push(idle);
        // Closing takes system calls.
        drop(pool);
        drop(closed);
    }

    /// Closes all idle connections to `origin`.
    pub(super) fn forget(&self, origin: &Arc<Origin>) {
        let is_to_origin = |idle: &mut Idle| idle.connection.origin == *origin;
        let closed: Vec<Idle> = self.lock().extract_if(.., is_to_origin).collect();
        // Closing takes system calls: not under the lock.
        drop(closed);
    }

    fn newest(&self, origin: &Arc<Origin>) -> Option<Idle> {
        let mut pool = self.lock();
        let place = pool.iter().rposition(|idle| idle.connection.origin == *origin)?;
        Some(pool.remove(place))
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Idle>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::net::{TcpListener, TcpStream};

    use super::*;

    fn origin(host: &str) -> Arc<Origin> {
        Arc::new(Origin::of(&format!("http://{host}/").parse().unwrap()).unwrap())
    }

    /// A connection, and its other end.
    fn connection(origin: &Arc<Origin>) -> (Connection, TcpStream) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let socket = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        (Connection::new(Arc::clone(origin), socket, None), listener.accept().unwrap().0)
    }

    fn age(pool: &Pool, by: Duration) {
        pool.lock().iter_mut().for_each(|idle| idle.since -= by);
    }

    #[test]
    fn a_connection_is_used_again_for_its_own_origin_alone() {
        let pool = Pool::default();
        let (one, _other) = connection(&origin("a"));
        pool.put(one);
        assert!(pool.take(&origin("b")).is_none());
        assert!(pool.take(&origin("A:80")).is_some());
        assert!(pool.take(&origin("a")).is_none());
    }

    #[test]
    fn one_that_the_server_has_closed_or_spoken_on_is_not_used_again() {
        for say in [&b""[..], b"HTTP/1.1 408 Request Timeout\r\n\r\n"] {
            let pool = Pool::default();
            let (one, mut other) = connection(&origin("a"));
            std::io::Write::write_all(&mut other, say).unwrap();
            drop(other);
            pool.put(one);
            assert!(pool.take(&origin("a")).is_none());
        }
    }

    #[test]
    fn all_connections_to_an_origin_are_forgotten_together_and_no_others() {
        let pool = Pool::default();
        let mut peers = Vec::new();
        for host in ["a", "b", "a", "a"] {
            let (one, peer) = connection(&origin(host));
            pool.put(one);
            peers.push(peer);
        }
        pool.forget(&origin("a"));
        assert!(pool.take(&origin("a")).is_none());
        assert!(pool.take(&origin("b")).is_some());
    }

    #[test]
    fn one_that_is_too_old_is_not_used_again() {
        let pool = Pool::default();
        let (mut one, _other) = connection(&origin("a"));
        // The gaps between polls are far shorter.
        for gap in [Duration::ZERO, Duration::from_secs(240)] {
            pool.put(one);
            age(&pool, gap);
            one = pool.take(&origin("a")).unwrap();
        }
        pool.put(one);
        age(&pool, KEPT_FOR);
        assert!(pool.take(&origin("a")).is_none());
    }

    #[test]
    fn no_more_than_so_many_are_kept() {
        let pool = Pool::default();
        for _ in 0..MOST + 10 {
            pool.put(connection(&origin("a")).0);
        }
        assert_eq!(pool.lock().len(), MOST);
    }
}
