//! The log of requests: each of them, and every byte.

use super::acceptor::PATIENCE;
use super::request::Request;
use std::collections::BTreeMap;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// Where a byte was seen. TLS connections have both.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Layer {
    Wire,
    Decrypted,
}

struct State {
    keep: bool,
    count: usize,
    requests: Vec<Request>,
    // Apart for each connection, so that none cuts another's bytes in two.
    bytes: BTreeMap<(usize, Layer), Vec<u8>>,
}

pub struct Log {
    state: Mutex<State>,
    changed: Condvar,
}

impl Log {
    pub fn new() -> Log {
        let state = State { keep: true, count: 0, requests: Vec::new(), bytes: BTreeMap::new() };
        Log { state: Mutex::new(state), changed: Condvar::new() }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether requests and bytes are kept from now on; they are counted in either case.
    pub fn keep(&self, keep: bool) {
        self.lock().keep = keep;
    }

    pub fn bytes(&self, connection: usize, layer: Layer, bytes: &[u8]) {
        let mut state = self.lock();
        if state.keep {
            state.bytes.entry((connection, layer)).or_default().extend_from_slice(bytes);
        }
    }

    pub fn request(&self, request: &Request) {
        let mut state = self.lock();
        state.count += 1;
        if state.keep {
            state.requests.push(request.clone());
        }
        self.changed.notify_all();
    }

    pub fn requests(&self) -> Vec<Request> {
        self.lock().requests.clone()
    }

    pub fn raw(&self) -> Vec<u8> {
        self.lock().bytes.values().flatten().copied().collect()
    }

    pub fn wait_for_requests(&self, n: usize) -> bool {
        let waited = self.changed.wait_timeout_while(self.lock(), PATIENCE, |s| s.count < n);
        !waited.unwrap_or_else(PoisonError::into_inner).1.timed_out()
    }
}
