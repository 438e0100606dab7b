//! When handles may go, and keys that change.

use super::{KEY, Program, completed, connections_used};
use crate::emulator::{Emulator, Script};
use serde_json::json;

fn run(case: &'static str) {
    let emulator = completed();
    Program::new("lifetimes", case).against(&emulator).run();
}

#[test]
fn a_get_ends_well_when_client_and_token_are_freed_meanwhile() {
    run("a_get_ends_well_without_its_handles");
}

#[test]
fn a_wait_ends_well_when_client_options_and_token_are_freed_meanwhile() {
    run("a_wait_ends_well_without_its_handles");
}

#[test]
fn a_get_that_fails_ends_well_when_client_and_token_are_freed_meanwhile() {
    run("a_call_that_fails_ends_well_without_its_handles");
}

#[test]
fn a_program_that_ends_with_calls_under_way_ends_well() {
    run("the_program_ends_meanwhile");
}

#[test]
fn a_result_outlives_its_client() {
    run("a_result_outlives_all_other_handles");
}

#[test]
fn strings_are_copied_before_a_call_returns() {
    let emulator = completed();
    Program::new("lifetimes", "strings_are_copied").against(&emulator).run();
    let requests = emulator.requests();
    assert_eq!(requests.len(), 1);
    assert_eq!(requests[0].header("Authorization"), Some("pictai_copied"));
    assert_eq!(requests[0].header("User-Agent"), Some("agent/1"));
    assert_eq!(requests[0].header("X-Extra"), Some("extra"));
}

#[test]
fn the_next_request_uses_a_new_key_on_the_same_connection() {
    let script = json!({ "default": [
        { "example": "in-progress", "repeat": 4 },
        { "example": "completed" },
    ] });
    let emulator = Emulator::start(Script::from_value(script));
    Program::new("lifetimes", "the_next_request_uses_a_new_key").against(&emulator).run();
    let requests = emulator.requests();
    let keys: Vec<_> = requests.iter().filter_map(|r| r.header("Authorization")).collect();
    assert_eq!(keys, [KEY, "pictai_rotated", "pictai_key_1", "pictai_key_2", "pictai_key_3"]);
    assert_eq!(connections_used(&emulator), [0; 5]);
}
