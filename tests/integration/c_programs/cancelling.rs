//! Cancelling a call, wherever it is.

use super::{Program, completed, in_progress};
use crate::emulator::{Emulator, Script};
use serde_json::json;

/// Runs a case whose call is cancelled from a thread, then one by a signal handler; each makes
/// `requests` requests.
fn run(case: &'static str, emulator: impl Fn() -> Emulator, requests: usize) {
    for way in ["thread", "signal"] {
        let emulator = emulator();
        let program = Program::new("cancel", case).against(&emulator);
        program.with("PICTORY_TEST_CANCEL_BY", way).run();
        assert_eq!(emulator.requests().len(), requests, "cancelled by a {way}");
    }
}

#[test]
fn a_wait_that_sleeps_is_cancelled_and_polls_no_more() {
    run("sleeping", in_progress, 1);
}

#[test]
fn a_pause_before_a_retry_is_cancelled() {
    let busy = json!({ "default": [{ "status": 503, "headers": { "Retry-After": "30" } }] });
    run("pausing_before_a_retry", || Emulator::start(Script::from_value(busy.clone())), 1);
}

#[test]
fn a_call_that_awaits_its_turn_is_cancelled() {
    run("awaiting_its_turn", completed, 1);
}

#[test]
fn a_call_that_connects_is_cancelled() {
    run("connecting", completed, 0);
}

#[test]
fn a_call_in_a_mute_tls_handshake_is_cancelled() {
    for way in ["thread", "signal"] {
        let emulator = Emulator::start_tls(Script::default());
        let program = Program::new("cancel", "shaking_hands").against_tls(&emulator);
        program.with("PICTORY_TEST_CANCEL_BY", way).run();
    }
}

#[test]
fn a_call_that_awaits_the_headers_is_cancelled() {
    run("awaiting_the_headers", completed, 0);
}

#[test]
fn a_call_in_a_dribbling_body_is_cancelled() {
    run("reading_a_dribbling_body", completed, 0);
}

#[test]
fn a_call_in_a_hanging_lookup_is_cancelled() {
    run("looking_up", completed, 0);
}

#[test]
fn a_call_cancelled_beforehand_makes_no_request() {
    let emulator = completed();
    let program = Program::new("cancel", "cancelled_beforehand").against(&emulator);
    program.with("PICTORY_TEST_CANCEL_BY", "thread").run();
    assert_eq!(emulator.connections(), 0);
}

#[test]
fn a_cancel_is_for_good() {
    run("a_cancel_is_for_good", completed, 1);
}

#[test]
fn a_token_takes_a_descriptor_only_for_a_blocking_call() {
    run("a_token_takes_a_descriptor_only_for_a_blocking_call", completed, 3);
}
