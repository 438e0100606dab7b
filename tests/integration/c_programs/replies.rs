//! Replies that are odd on the wire, through the C functions: what a peer may send, and what is said of it.

use super::{KEY, Program};
use crate::emulator::{Emulator, Script};
use serde_json::{Value, json};

fn ends(step: Value, code: &str, words: &str) {
    let emulator = Emulator::start(Script::from_value(json!({ "default": [step] })));
    Program::new("environment", "get_ends_as_told")
        .against(&emulator)
        .with("PICTORY_TEST_CODE", code)
        .with("PICTORY_TEST_WORDS", words)
        .run();
}

#[test]
fn odd_framing_is_understood_or_refused() {
    let body = r#"{"data":{"status":"completed"}}"#;
    let length = format!("Content-Length: {}\r\n", body.len());
    let interim = "HTTP/1.1 103 x\r\nLink: <a>\r\n\r\n";
    let chunks =
        format!("{:x};name=value\r\n{body}\r\n0\r\nTrailer: x\r\n folded\r\n\r\n", body.len());
    let good = |head: &str, rest: &str| format!("HTTP/1.1 200 OK\r\n{head}\r\n{rest}");
    for reply in [
        good(&format!("X: a\r\n b\r\n\tc\r\n{length}"), body),
        good("Transfer-Encoding: chunked\r\n", &chunks),
        good("Transfer-Encoding: identity, , CHUNKED\r\n", &chunks),
        good(&format!("Transfer-Encoding: identity\r\n{length}"), body),
        format!("{interim}{}", good(&length, body)),
        format!("\r\nHTTP/1.0 200 OK\r\nConnection: keep-alive\r\n{length}\r\n{body}"),
        good(&format!("Retry-After: Thu, 26 Nov 2026 10:00:00 UTC\r\nDate: x\r\n{length}"), body),
        good(&format!("Retry-After: 7\r\nx-request-id: r\r\n{length}"), body),
    ] {
        ends(json!({ "raw": reply }), "PICTORY_OK", "completed");
    }
    let invalid = "PICTORY_ERROR_INVALID_RESPONSE";
    for reply in [
        good("Transfer-Encoding: \r\n", &chunks),
        good("Transfer-Encoding: ,\r\n", &chunks),
        good("Transfer-Encoding: gzip, chunked\r\n", &chunks),
        good("Transfer-Encoding: chunked\r\n", "x\r\n"),
        good("Transfer-Encoding: chunked\r\n", "1\r\nab\r\n"),
        good("Content-Encoding: gzip\r\nContent-Length: 1\r\n", "x"),
        good("Content-Length: 1\r\nContent-Length: 2\r\n", "xx"),
        good("No colon\r\n", ""),
        good("Bad name: x\r\n", ""),
        good("X: a\0b\r\n", ""),
        good("X: a\rb\r\n", ""),
        good(" folded\r\n", ""),
        "HTTP/1.1 2 x\r\n\r\n".to_owned(),
        "SSH-2.0-x\r\n\r\n".to_owned(),
        interim.repeat(20),
        good(&"X: y\r\n".repeat(300), ""),
        good(&format!("X: {}\r\n", "y".repeat(70_000)), ""),
    ] {
        ends(json!({ "raw": reply }), invalid, "the reply");
    }
}

#[test]
fn a_key_that_comes_back_in_any_spelling_is_masked() {
    let percent: String = KEY.bytes().map(|byte| format!("%{byte:02x}")).collect();
    let escaped: String = KEY.bytes().map(|byte| format!("\\u{byte:04x}")).collect();
    for spelled in [percent, escaped, KEY.to_uppercase(), "https://user:pass@host/".to_owned()] {
        let body = json!({ "message": format!("you sent {spelled} ") });
        ends(json!({ "status": 401, "body": body }), "PICTORY_ERROR_UNAUTHORIZED", "[key]");
    }
    let cut = format!("{}{KEY}", "x".repeat(290));
    ends(
        json!({ "status": 403, "body": { "message": cut } }),
        "PICTORY_ERROR_FORBIDDEN",
        "x[key]…",
    );
}
