//! What a server may answer to a get: the input goes over a connection as it is, so that the
//! status, the headers and the body are read as they are in earnest, and come out of a result.
#![no_main]

mod common;

use common::{read, show_panics, text};
use libfuzzer_sys::fuzz_target;
use pictory::ffi::client::{pictory_client, pictory_client_new, pictory_get_job};
use pictory::ffi::config::*;
use pictory::ffi::result::{
    pictory_result_free, pictory_result_http_status, pictory_result_message, pictory_result_polls,
};
use std::ffi::CString;
use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener};
use std::ptr;
use std::sync::mpsc::{Sender, channel};
use std::sync::{LazyLock, Mutex};

const JOB: &str = "4a09edf9-d071-4847-bda5-8dea913d80fe";

/// No server may bring the library to say it, not even one that says it first.
const KEY: &str = "pictai_0123456789abcdef";

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

fuzz_target!(|reply: &[u8]| {
    let pair = PAIR.lock().expect("one thread at a time");
    pair.replies.send(reply.to_vec()).expect("the server");
    let id = CString::new(JOB).expect("no NUL");
    let result = pictory_get_job(pair.client, id.as_ptr(), ptr::null());
    let code = read(result);
    let message = text(pictory_result_message(result)).expect("always one");
    assert!(!message.contains(KEY), "{message}");
    // Not in part either, where a long message was cut.
    assert!((4..KEY.len()).all(|end| !message.contains(&format!("{}…", &KEY[..end]))), "{message}");
    assert_eq!(pictory_result_polls(result), 1);
    assert!(code != 0 || pictory_result_http_status(result) == 200);
    assert!((100..300).contains(&code) || code == 0, "{code}: {message}");
    pictory_result_free(result);
});
