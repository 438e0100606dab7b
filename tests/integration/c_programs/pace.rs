//! The rate limit of a client, among many calls.

use super::{Program, in_progress};

fn run(case: &'static str) {
    let emulator = in_progress();
    Program::new("pace", case).against(&emulator).run();
}

#[test]
fn a_cancelled_call_gives_its_turn_back() {
    run("a_cancelled_call_gives_its_turn_back");
}

#[test]
fn a_wait_that_runs_out_of_time_gives_its_turn_back() {
    run("a_wait_out_of_time_gives_its_turn_back");
}
