//! What the library makes of a reply, against what ureq makes of the same bytes: what one of them reads,
//! the other must not read otherwise. `tests/integration/foreign_client/` lists where they differ.
#![no_main]

mod common;
mod memory;
mod pair;

use common::{body, read};
use libfuzzer_sys::fuzz_target;
use memory::by_ureq;
use pictory::ffi::result::{pictory_result_free, pictory_result_http_status};

/// Whether the library is to read more than ureq does: folded lines, a 100 with headers, many lines, long
/// chunk extensions, a bare LF behind the last chunk.
fn is_beyond_ureq(reply: &[u8]) -> bool {
    let has = |what: &[u8]| reply.windows(what.len()).any(|bytes| bytes == what);
    let lines = reply.iter().filter(|byte| **byte == b'\n').count();
    has(b"\n ") || has(b"\n\t") || has(b" 100") || lines > 120 || has(b";") || has(b"\n\n")
}

/// Whether the two find the end of a body otherwise, or one of them undoes less: HTTP/1.0 with chunks; a
/// coding that is not ASCII, which ureq takes for none and the library for a foreign one.
fn is_framed_otherwise(reply: &[u8], code: i32) -> bool {
    let is_foreign = code != 0 && reply.iter().any(|byte| *byte >= 0x80);
    is_foreign || reply.windows(8).any(|bytes| bytes == b"HTTP/1.0")
}

/// Whether no rule of the library's own is at stake: codings, bounds, a length that is said twice.
fn is_plain(reply: &[u8]) -> bool {
    let lower = reply.to_ascii_lowercase();
    let count = |what: &[u8]| lower.windows(what.len()).filter(|bytes| bytes == &what).count();
    count(b"encoding") == 0 && count(b"http/1.") == 1 && count(b",") == 0 && reply.len() < 16_000
}

fuzz_target!(|reply: &[u8]| {
    let result = pair::get(reply);
    let code = read(result);
    let status = pictory_result_http_status(result) as u16;
    let seen = body(result);
    let ureq = by_ureq(reply);
    match (&ureq, seen) {
        // A refusal's status counts, whatever becomes of its body.
        (Some((other, _)), Some(_)) if *other != 200 || status != 200 => assert_eq!(status, *other),
        (Some((_, Some(theirs))), Some(ours)) => {
            assert!(ours == theirs || is_framed_otherwise(reply, code), "{ours:?} {theirs:?}");
        }
        (Some((_, None)) | None, Some(_)) if code == 0 => {
            assert!(is_beyond_ureq(reply), "ureq refuses it");
        }
        (Some((200, Some(_))), None) => assert!(status == 200 || !is_plain(reply), "ureq reads it"),
        // Where the two differ by intention, the tests say which replies must be read.
        _ => {}
    }
    pictory_result_free(result);
});
