//! Servers of a test's own, for what no HTTP server does.

use std::io::{BufRead, BufReader};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex};
use std::thread;
use std::time::Duration;

/// Serves each connection on a thread of its own, by its number; gives the base URL.
pub(crate) fn serve(
    handle: impl Fn(usize, BufReader<TcpStream>) + Send + Sync + 'static,
) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let handle = Arc::new(handle);
    thread::spawn(move || {
        for (number, socket) in listener.incoming().enumerate() {
            let (handle, socket) = (Arc::clone(&handle), BufReader::new(socket.unwrap()));
            thread::spawn(move || handle(number, socket));
        }
    });
    url
}

/// Reads a request to its end, and gives its first line; `None` at the end of the connection.
pub(crate) fn read_request(socket: &mut impl BufRead) -> Option<String> {
    let mut first = None;
    loop {
        let mut line = String::new();
        match socket.read_line(&mut line) {
            Ok(count) if count > 0 && line == "\r\n" => return first,
            Ok(count) if count > 0 => drop(first.get_or_insert(line)),
            _ => return None,
        }
    }
}

/// A whole reply that says so of any job.
pub(crate) fn reply(status: &str) -> String {
    let body = format!(r#"{{"data": {{"status": "{status}"}}}}"#);
    format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}", body.len())
}

/// A gate that one thread opens, for good, and others wait at.
#[derive(Default)]
pub(crate) struct Gate(Mutex<bool>, Condvar);

impl Gate {
    pub(crate) fn open(&self) {
        *self.0.lock().unwrap() = true;
        self.1.notify_all();
    }

    /// Waits until the gate is open: far longer than anything takes on a busy machine.
    pub(crate) fn wait(&self) {
        let patience = Duration::from_secs(20);
        let is_shut = |is_open: &mut bool| !*is_open;
        let waited = self.1.wait_timeout_while(self.0.lock().unwrap(), patience, is_shut).unwrap();
        assert!(!waited.1.timed_out(), "the gate stayed shut");
    }
}
