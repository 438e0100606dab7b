//! Processes that fork.

use super::{Program, completed, connections_used, in_progress};
use crate::emulator::{Emulator, Script};
use serde_json::json;

/// A child leaves alone what its parent had, which is a leak to valgrind.
fn program(case: &'static str) -> Program {
    Program::new("fork", case).exempt_from_valgrind()
}

/// Runs a case over HTTP and over HTTPS; `connections` are those that its requests must come on.
fn run(case: &'static str, connections: &[usize]) {
    let emulator = completed();
    program(case).against(&emulator).run();
    assert_eq!(connections_used(&emulator), connections, "HTTP");
    let script = json!({ "default": [{ "example": "completed" }] });
    let emulator = Emulator::start_tls(Script::from_value(script));
    program(case).against_tls(&emulator).run();
    assert_eq!(connections_used(&emulator), connections, "HTTPS");
}

#[test]
fn a_child_connects_anew_and_leaves_the_parents_connection_usable() {
    run("a_child_connects_anew", &[0, 1, 1, 0]);
}

#[test]
fn a_grandchild_connects_anew_and_leaves_both_connections_usable() {
    run("a_grandchild_connects_anew", &[0, 1, 2, 2, 1, 0]);
}

#[test]
fn a_child_may_free_everything_and_the_parents_connection_stays() {
    run("a_child_may_free_everything", &[0, 0]);
}

#[test]
fn a_child_may_use_and_free_everything_and_the_parents_connection_stays() {
    run("a_child_may_use_and_free_everything", &[0, 1, 0]);
}

#[test]
fn a_parents_token_is_refused_in_the_child_whose_cancel_does_not_reach_the_parent() {
    let emulator = in_progress();
    program("a_childs_cancel_does_not_reach_the_parent").against(&emulator).run();
    // The wait's poll, the child's get with a token of its own, the parent's get.
    assert_eq!(emulator.requests().len(), 3);
}

#[test]
fn children_of_a_parent_with_eight_threads_in_calls_all_get_the_job() {
    let script = || Script::from_value(json!({ "default": [{ "example": "in-progress" }] }));
    let program = |children| {
        program("children_of_a_busy_parent_work").with("PICTORY_TEST_CHILDREN", children)
    };
    let emulator = Emulator::start(script());
    emulator.keep_records(false);
    program("800").against(&emulator).run();
    let emulator = Emulator::start_tls(script());
    emulator.keep_records(false);
    program("200").against_tls(&emulator).run();
}
