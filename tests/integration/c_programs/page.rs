//! The replies on the API's page, byte for byte.

use super::Program;
use crate::emulator::page::JOB_ID;
use crate::emulator::{Emulator, Example, Script};
use serde_json::json;

fn run(case: &'static str, example: Example) {
    let script = json!({ "default": [{ "example": example.name() }] });
    let emulator = Emulator::start(Script::from_value(script));
    Program::new("page", case)
        .against(&emulator)
        .with("PICTORY_TEST_BODY", example.body(JOB_ID))
        .run();
    assert_eq!(emulator.requests().len(), 1);
}

#[test]
fn the_in_progress_example_gives_the_pages_values() {
    run("in_progress", Example::InProgress);
}

#[test]
fn the_completed_example_gives_the_pages_values() {
    run("completed", Example::Completed);
}

#[test]
fn the_failed_example_gives_the_pages_values() {
    run("failed", Example::Failed);
}

#[test]
fn the_not_found_example_gives_the_pages_values() {
    run("not_found", Example::NotFound);
}

#[test]
fn the_unauthorized_example_gives_the_pages_values() {
    run("unauthorized", Example::Unauthorized);
}
