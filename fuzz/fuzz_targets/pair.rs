//! A server of this process that answers with what it is given, and a client of it.

use crate::common::show_panics;
use pictory::ffi::client::{pictory_client, pictory_client_new, pictory_get_job};
use pictory::ffi::config::*;
use pictory::ffi::result::pictory_result;
use std::ffi::CString;
use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener};
use std::ptr;
use std::sync::mpsc::{Sender, channel};
use std::sync::{LazyLock, Mutex};

const JOB: &str = "4a09edf9-d071-4847-bda5-8dea913d80fe";

/// No server may bring the library to say it, not even one that says it first.
pub const KEY: &str = "pictai_0123456789abcdef";

/// A server that answers each connection with the next reply, and a client of it.
struct Pair {
    replies: Sender<Vec<u8>>,
    client: *const pictory_client,
}

// SAFETY: a client may be used by any thread.
unsafe impl Send for Pair {}

static PAIR: LazyLock<Mutex<Pair>> = LazyLock::new(|| {
    show_panics();
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    let (replies, next) = channel::<Vec<u8>>();
    std::thread::spawn(move || {
        for reply in next {
            let (mut stream, _) = listener.accept().expect("a connection");
            let mut request = Vec::new();
            let mut bytes = [0; 1024];
            while !request.ends_with(b"\r\n\r\n") {
                let count = stream.read(&mut bytes).expect("a request");
                assert!(count > 0, "the client left");
                request.extend_from_slice(&bytes[..count]);
            }
            // The client may have heard enough before the end.
            let _ = stream.write_all(&reply);
            let _ = stream.shutdown(Shutdown::Write);
        }
    });
    Mutex::new(Pair { replies, client: client(&url) })
});

fn client(url: &str) -> *const pictory_client {
    let mut client = ptr::null_mut();
    let config = pictory_config_new_empty();
    let (url, key) = (CString::new(url).expect("no NUL"), CString::new(KEY).expect("no NUL"));
    assert_eq!(pictory_config_set_base_url(config, url.as_ptr()), 0);
    assert_eq!(pictory_config_set_api_key(config, key.as_ptr()), 0);
    assert_eq!(pictory_config_set_max_retries(config, 0), 0);
    assert_eq!(pictory_client_new(config, &mut client), 0);
    pictory_config_free(config);
    client
}

/// The result of a get that is answered so. The caller frees it.
pub fn get(reply: &[u8]) -> *mut pictory_result {
    let pair = PAIR.lock().expect("one thread at a time");
    pair.replies.send(reply.to_vec()).expect("the server");
    let id = CString::new(JOB).expect("no NUL");
    pictory_get_job(pair.client, id.as_ptr(), ptr::null())
}
