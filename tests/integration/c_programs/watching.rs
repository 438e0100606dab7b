//! The watcher from C.

use super::{Program, completed, in_progress};
use crate::emulator::{Emulator, Script};
use serde_json::json;

fn with_completed(case: &'static str) {
    let emulator = completed();
    Program::new("watcher", case).against(&emulator).run();
}

fn with_endless(case: &'static str) {
    let emulator = in_progress();
    emulator.keep_records(false);
    Program::new("watcher", case).against(&emulator).run();
}

#[test]
fn null_and_garbage_are_refused() {
    with_endless("null_and_garbage_are_refused");
}

#[test]
fn threads_come_with_the_work_and_go_with_it() {
    with_completed("threads_come_with_the_work_and_go_with_it");
}

#[test]
fn ten_thousand_watches_with_tokens_fit_into_1024_descriptors() {
    with_endless("ten_thousand_tokens_take_no_descriptor");
}

#[test]
fn within_its_callback_a_watcher_can_be_freed() {
    with_endless("within_its_callback_the_watcher_can_be_freed");
}

#[test]
fn callbacks_have_a_thread_of_their_own_with_the_systems_default_stack() {
    with_endless("callbacks_have_a_thread_with_a_usual_stack");
}

#[test]
fn no_callback_comes_after_free_has_returned() {
    with_endless("no_callback_comes_after_free");
}

#[test]
fn an_event_loop_gets_every_result_by_the_descriptor() {
    with_completed("an_event_loop_gets_every_result");
}

/// A child leaves alone what its parent had, which is a leak to valgrind.
#[test]
fn a_child_cannot_use_its_parents_watcher_but_may_free_it() {
    let emulator = in_progress();
    let program = Program::new("watcher", "a_child_cannot_use_the_watcher_but_may_free_it");
    program.against(&emulator).exempt_from_valgrind().run();
}

#[test]
fn next_ends_when_time_is_up_or_somebody_wakes_it() {
    with_endless("next_ends_when_time_is_up_or_somebody_wakes_it");
}

#[test]
fn a_watch_whose_turn_does_not_come_is_over_in_time() {
    with_endless("a_watch_whose_turn_does_not_come_is_over_in_time");
}

#[test]
fn a_token_cancels_the_requests_in_flight_of_several_watchers() {
    let script = json!({ "default": [{ "stall_after": 0 }] });
    let emulator = Emulator::start(Script::from_value(script));
    let program = Program::new("watcher", "a_token_cancels_watches_of_several_watchers");
    program.against(&emulator).told_of_requests(&emulator).run();
}

#[test]
fn remove_waits_for_the_callback_of_its_watch() {
    with_endless("remove_waits_for_the_callback");
}

#[test]
fn a_watch_is_refused_where_no_thread_is_to_be_had() {
    let program =
        Program::new("refused_threads", "a_watch_is_refused_where_no_thread_is_to_be_had");
    program.against(&in_progress()).run();
}

#[test]
fn a_watch_is_refused_where_no_thread_is_to_be_had_for_its_callback() {
    let program =
        Program::new("refused_threads", "a_watch_is_refused_where_its_callback_has_no_thread");
    program.against(&in_progress()).run();
}
