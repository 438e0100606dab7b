//! What a server may answer to a get: the input goes over a connection as it is, so that the
//! status, the headers and the body are read as they are in earnest, and come out of a result.
#![no_main]

mod common;
mod pair;

use common::{read, text};
use libfuzzer_sys::fuzz_target;
use pair::{KEY, get};
use pictory::ffi::result::{
    pictory_result_free, pictory_result_http_status, pictory_result_message, pictory_result_polls,
};

fuzz_target!(|reply: &[u8]| {
    let result = get(reply);
    let code = read(result);
    let message = text(pictory_result_message(result)).expect("always one");
    assert!(!message.contains(KEY), "{message}");
    // Not in part either, where a long message was cut.
    assert!((4..KEY.len()).all(|end| !message.contains(&format!("{}…", &KEY[..end]))), "{message}");
    assert_eq!(pictory_result_polls(result), 1);
    assert!(code != 0 || (200..300).contains(&pictory_result_http_status(result)));
    assert!((100..300).contains(&code) || code == 0, "{code}: {message}");
    pictory_result_free(result);
});
