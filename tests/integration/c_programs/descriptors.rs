//! Descriptors and threads in the host's process.

use super::{Program, completed};
use crate::emulator::{Emulator, Script};
use serde_json::{Value, json};

/// A base URL that needs a lookup, which the programs answer themselves.
fn by_name(emulator: &Emulator) -> String {
    format!("http://api.example:{}/pictoryapis", emulator.port())
}

#[test]
fn standard_descriptors_that_the_host_closed_stay_closed() {
    let emulator = completed();
    Program::new("descriptors", "closed_standard_ones_stay_closed")
        .against(&emulator)
        .with("PICTORY_API_BASE_URL", by_name(&emulator))
        // It keeps files of its own open where the host has closed them.
        .exempt_from_valgrind()
        .run();
    assert_eq!(emulator.requests().len(), 2);
}

#[test]
fn standard_descriptors_that_the_host_closed_stay_closed_with_tls() {
    let emulator =
        Emulator::start_tls(Script::from_value(json!({ "default": [{ "example": "completed" }] })));
    Program::new("descriptors", "closed_standard_ones_stay_closed")
        .against_tls(&emulator)
        .exempt_from_valgrind()
        .run();
    assert_eq!(emulator.requests().len(), 2);
}

#[test]
fn every_descriptor_is_close_on_exec() {
    let emulator = completed();
    Program::new("descriptors", "all_are_close_on_exec")
        .against(&emulator)
        .with("PICTORY_TEST_URL", emulator.url())
        .with("PICTORY_API_BASE_URL", by_name(&emulator))
        .run();
    assert_eq!(emulator.requests().len(), 2);
}

/// Every way in which a call can break.
fn faults() -> Value {
    json!({
        "connections": [null, "reset", null, "garbage", "stall", null, "close"],
        "default": [
            { "example": "completed", "then": "close_silently" },
            { "cut_after": 20 },
            { "example": "completed", "reset_at_body": 5 },
            { "example": "completed", "stall_at_body": 5 },
            { "raw": "garbage\r\n\r\n" },
            { "status": 500, "no_length": true },
            { "status": 401 },
            { "example": "completed", "delay_ms": 1000 },
            { "example": "completed" },
        ],
    })
}

#[test]
fn no_descriptor_and_no_thread_is_left_behind_by_calls_that_fail() {
    let emulator = Emulator::start(Script::from_value(faults()));
    Program::new("descriptors", "none_is_left").against(&emulator).run();
    assert!(emulator.wait_for_open_connections(0));
    let emulator = Emulator::start_tls(Script::from_value(faults()));
    Program::new("descriptors", "none_is_left").against_tls(&emulator).run();
    assert!(emulator.wait_for_open_connections(0));
}

#[test]
fn a_descriptor_that_the_system_refuses_is_said_and_asked_for_again() {
    let emulator = completed();
    Program::new("descriptors", "none_is_to_be_had")
        .against(&emulator)
        .with("PICTORY_TEST_URL", emulator.url())
        .with("PICTORY_API_BASE_URL", by_name(&emulator))
        // It needs descriptors of its own.
        .exempt_from_valgrind()
        .run();
    assert_eq!(emulator.requests().len(), 2);
}

#[test]
fn a_client_alone_takes_no_descriptor_and_no_thread() {
    let emulator = completed();
    Program::new("descriptors", "a_client_alone_takes_none").against(&emulator).run();
}
