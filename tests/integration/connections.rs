//! "One request" of the behaviour: when a connection is used again, and what must not come of that.

use pictory::error::Code;
use pictory::job::Status;
use serde_json::json;

use crate::emulator::Emulator;
use crate::support::*;

#[test]
fn one_connection_serves_all_gets() {
    for tls in [false, true] {
        let script = steps(json!([{ "example": "in-progress" }]));
        let emulator = if tls { Emulator::start_tls(script) } else { Emulator::start(script) };
        let client = if tls { tls_client(&emulator) } else { client(&emulator) };
        for _ in 0..50 {
            assert_code(&get(&client), Code::Ok);
        }
        assert_eq!(emulator.connections(), 1, "tls: {tls}");
    }
}

#[test]
fn a_kept_connection_that_the_server_closed_costs_nothing() {
    for then in ["close", "close_silently", "reset"] {
        for tls in [false, true] {
            let script = steps(json!([{ "example": "in-progress", "then": then }]));
            let emulator = if tls { Emulator::start_tls(script) } else { Emulator::start(script) };
            let client = if tls { tls_client(&emulator) } else { client(&emulator) };
            for _ in 0..100 {
                let outcome = get(&client);
                assert_code(&outcome, Code::Ok);
                assert_eq!(outcome.polls(), 1);
            }
            assert_eq!(emulator.requests().len(), 100, "{then}, tls: {tls}");
        }
    }
}

#[test]
fn a_kept_connection_that_breaks_once_the_request_is_sent_costs_one_silent_retry() {
    for fault in ["cut_after", "reset_after"] {
        let keep = json!({ "example": "in-progress" });
        let emulator = Emulator::start(steps(json!([keep, { fault: 0 }, keep])));
        let client = client(&emulator);
        get(&client);
        let outcome = get(&client);
        assert_code(&outcome, Code::Ok);
        assert_eq!(outcome.polls(), 1, "a silent retry does not count");
        assert_eq!(emulator.requests().len(), 3);
        assert_eq!(emulator.connections(), 2);
    }
}

#[test]
fn what_a_server_says_unasked_is_not_taken_for_an_answer() {
    let reply = r#"{"data":{"status":"in-progress"}}"#;
    let reply = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{reply}", reply.len());
    // The second piece comes while the connection is idle.
    let dribble = json!({ "bytes": reply.len(), "every_ms": 30 });
    let raw = format!("{reply}HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n");
    let late = json!({ "raw": raw, "dribble": dribble, "then": "keep" });
    for tls in [false, true] {
        let script = steps(json!([late, { "example": "completed" }]));
        let emulator = if tls { Emulator::start_tls(script) } else { Emulator::start(script) };
        let client = if tls { tls_client(&emulator) } else { client(&emulator) };
        let outcome = wait_with(&client, quick_rules(60_000, 300));
        assert_code(&outcome, Code::Ok);
        assert_eq!((outcome.polls(), emulator.connections()), (2, 2));
    }
}

#[test]
fn what_comes_behind_a_reply_is_not_taken_for_the_next_one() {
    let reply =
        |body: &str| format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}", body.len());
    // So long that its end is received by itself.
    let first = r#"{"data":{"status":"in-progress"}}"#.to_owned() + &" ".repeat(9_000);
    let raw = reply(&first) + &reply(r#"{"data":{"status":"cleaned"}}"#);
    for tls in [false, true] {
        let script = steps(json!([{ "raw": raw, "then": "keep" }, { "example": "completed" }]));
        let emulator = if tls { Emulator::start_tls(script) } else { Emulator::start(script) };
        let client = if tls { tls_client(&emulator) } else { client(&emulator) };
        for wanted in [Status::InProgress, Status::Completed] {
            let outcome = get(&client);
            assert_code(&outcome, Code::Ok);
            assert_eq!(outcome.job().unwrap().status(), wanted, "tls: {tls}");
        }
        assert_eq!(emulator.connections(), 2, "tls: {tls}");
    }
}

#[test]
fn a_fresh_connection_that_breaks_is_reported() {
    for fault in ["cut_after", "reset_after"] {
        let emulator = Emulator::start(steps(json!([{ fault: 0 }])));
        assert_code(&get(&client(&emulator)), Code::ConnectionLost);
        assert_eq!(emulator.requests().len(), 1);
    }
}

#[test]
fn an_answer_that_has_begun_is_not_asked_for_again_in_silence() {
    let keep = json!({ "example": "in-progress" });
    let emulator = Emulator::start(steps(json!([keep, { "cut_after": 1 }, keep])));
    let client = client(&emulator);
    get(&client);
    assert_code(&get(&client), Code::ConnectionLost);
    assert_eq!(emulator.requests().len(), 2);
}
