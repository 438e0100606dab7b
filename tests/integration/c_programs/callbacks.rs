//! Callbacks of a wait, and of the log.

use super::{Program, completed};
use crate::emulator::{Emulator, Script};
use serde_json::{Value, json};

fn run(source: &'static str, case: &'static str, script: Value) -> usize {
    let emulator = Emulator::start(Script::from_value(script));
    Program::new(source, case).against(&emulator).told_of_requests(&emulator).run();
    emulator.requests().len()
}

/// In progress so often, then completed; the job of all zeroes is in progress for ever.
fn after(polls: usize) -> Value {
    json!({
        "jobs": { "00000000-0000-4000-8000-000000000000": [{ "example": "in-progress" }] },
        "default": [{ "example": "in-progress", "repeat": polls }, { "example": "completed" }],
    })
}

fn at_once() -> Value {
    json!({ "default": [{ "example": "completed" }] })
}

#[test]
fn a_callback_is_told_of_every_poll_but_the_last() {
    let script = json!({ "default": [
        { "example": "in-progress" },
        { "status": 500 },
        { "body": { "data": { "status": "brand-new" } } },
        { "example": "completed" },
    ] });
    assert_eq!(run("callbacks", "a_callback_is_told_of_every_poll_but_the_last", script), 4);
}

#[test]
fn a_callback_that_returns_false_cancels_the_wait() {
    assert_eq!(run("callbacks", "a_callback_that_returns_false_cancels", after(9)), 2);
}

#[test]
fn a_null_callback_or_token_takes_the_old_one_away() {
    assert_eq!(run("callbacks", "a_null_callback_and_token_take_the_old_one_away", after(2)), 3);
}

#[test]
fn a_callback_may_get_and_wait_on_the_same_client() {
    assert!(run("callbacks", "a_callback_may_call_on_the_same_client", after(2)) >= 7);
}

#[test]
fn a_wait_keeps_the_options_it_began_with() {
    assert_eq!(run("callbacks", "a_wait_keeps_the_options_it_began_with", after(2)), 3);
}

#[test]
fn many_threads_may_read_one_result() {
    assert_eq!(run("callbacks", "many_threads_may_read_one_result", at_once()), 1);
}

#[test]
fn each_log_level_brings_its_lines_and_those_before() {
    let overcome = [
        json!({ "status": 503, "headers": { "Retry-After": "0" } }),
        json!({ "example": "completed" }),
    ];
    let script = json!({
        "jobs": { "00000000-0000-4000-8000-000000000000": [{ "example": "unauthorized" }] },
        // Once for each level.
        "default": vec![overcome; 5].concat(),
    });
    assert_eq!(run("log", "each_level_brings_its_lines_and_those_before", script), 15);
}

#[test]
fn no_line_and_no_message_says_the_key_that_a_server_sends_back() {
    let said = "pictai_secret_of_the_log and header_secret";
    let data = json!({ "error_code": said, "error_message": said });
    let script = json!({ "default": [
        { "status": 401, "body": { "message": said } },
        { "status": 400, "body": { "error_message": said } },
        { "body": { "success": false, "data": data } },
        { "body": { "success": false, "data": { "status": "failed", "error_message": said } } },
        { "body": { "data": { "status": said } } },
        { "body": { "job_id": said, "data": { "status": "completed" } } },
    ] });
    assert_eq!(run("log", "no_line_and_no_message_says_the_key", script), 6);
}

#[test]
fn no_line_comes_after_the_client_is_freed() {
    let script = json!({ "default": [{ "stall_after": 0 }] });
    assert_eq!(run("log", "no_line_comes_after_the_client_is_freed", script), 1);
}

#[test]
fn freeing_a_client_waits_for_a_line_under_way() {
    assert_eq!(run("log", "free_waits_for_a_line_under_way", at_once()), 1);
}

#[test]
fn a_null_log_callback_takes_the_log_away() {
    let emulator = completed();
    Program::new("log", "a_null_callback_takes_the_log_away").against(&emulator).run();
    assert_eq!(emulator.requests().len(), 1);
}
