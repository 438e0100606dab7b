//! A host with a loop of its own, in C.

use super::{Program, completed, in_progress};
use crate::downloads::Folder;
use crate::emulator::{Emulator, Script};
use serde_json::json;

fn with_completed(case: &'static str) {
    let emulator = completed();
    Program::new("own_loop", case).against(&emulator).run();
}

fn with_endless(case: &'static str) {
    let emulator = in_progress();
    emulator.keep_records(false);
    Program::new("own_loop", case).against(&emulator).run();
}

#[test]
fn a_message_loop_gets_every_result_by_the_ready_callback() {
    with_completed("a_message_loop_gets_every_result");
}

#[test]
fn the_ready_callback_runs_on_a_thread_with_the_systems_default_stack() {
    with_completed("it_runs_on_a_thread_with_a_usual_stack");
}

#[test]
fn one_ready_call_stands_for_all_that_is_there() {
    with_completed("one_call_stands_for_all_that_is_there");
}

#[test]
fn no_ready_call_comes_after_free_has_returned() {
    with_endless("no_call_comes_after_free");
}

#[test]
fn within_the_ready_callback_the_watcher_can_be_freed() {
    with_completed("within_it_the_watcher_can_be_freed");
}

#[test]
fn updates_come_out_of_next_and_live_until_they_are_freed() {
    with_endless("updates_come_out_of_next_and_live_until_they_are_freed");
}

#[test]
fn a_thread_serves_until_the_watcher_is_freed() {
    with_completed("a_thread_serves_until_the_watcher_is_freed");
}

#[test]
fn a_copy_of_an_update_outlives_its_callback() {
    with_endless("a_copy_of_an_update_outlives_its_callback");
}

#[test]
fn downloads_of_a_watcher_leave_neither_threads_nor_descriptors_nor_parts() {
    let files: std::collections::HashMap<String, serde_json::Value> = (0..10)
        .map(|number| {
            let fault = [json!({}), json!({ "cut_at_body": 900 }), json!({ "status": 503 })];
            (number.to_string(), json!({ "size": 3000, "steps": [fault[number % 3], {}] }))
        })
        .collect();
    let emulator = Emulator::start(Script::from_value(json!({ "media": files })));
    let folder = Folder::new();
    let program = Program::new("own_loop", "downloads_leave_nothing_behind").against(&emulator);
    program.with("PICTORY_TEST_FOLDER", &folder.0).run();
    assert_eq!(std::fs::read_dir(&folder.0).unwrap().count(), 200);
}

fn with_files(case: &'static str) {
    let endless = json!([{ "stall_at_body": 1000 }]);
    let media = json!({
        "good": { "size": 3000 }, "endless": { "size": 3000, "steps": endless },
    });
    let emulator = Emulator::start(Script::from_value(json!({ "media": media })));
    let folder = Folder::new();
    let program = Program::new("own_loop", case).against(&emulator);
    program.with("PICTORY_TEST_FOLDER", &folder.0).run();
}

#[test]
fn downloads_of_a_watcher_tell_how_far_they_are_and_can_be_stopped() {
    with_files("downloads_tell_and_can_be_stopped");
}

#[test]
fn downloads_of_a_watcher_are_removed_and_cancelled() {
    with_files("downloads_are_removed_and_cancelled");
}

/// A child leaves alone what its parent had, which is a leak to valgrind.
#[test]
fn a_child_can_neither_set_the_ready_callback_nor_take() {
    let emulator = in_progress();
    let program = Program::new("own_loop", "a_child_can_neither_set_it_nor_take");
    program.against(&emulator).exempt_from_valgrind().run();
}
