//! Bad input.

use super::{KEY, Program, completed};

fn run(case: &'static str) {
    let emulator = completed();
    Program::new("arguments", case).against(&emulator).run();
    assert_eq!(emulator.connections(), 0, "something was sent");
}

#[test]
fn accessors_answer_null_with_the_absent_value() {
    run("accessors_answer_null_with_the_absent_value");
}

#[test]
fn setters_refuse_a_null_handle() {
    run("setters_refuse_a_null_handle");
}

#[test]
fn free_of_null_does_nothing() {
    run("free_of_null_does_nothing");
}

#[test]
fn calls_refuse_null_and_send_nothing() {
    run("calls_refuse_null");
}

#[test]
fn client_is_null_on_failure() {
    run("client_is_null_on_failure");
}

#[test]
fn a_job_id_that_is_no_uuid_is_refused_and_nothing_is_sent() {
    run("a_job_id_that_is_no_uuid_is_refused");
}

#[test]
fn refused_settings_say_why_and_send_nothing() {
    run("refused_settings_say_why_and_send_nothing");
}

#[test]
fn a_refused_value_leaves_the_old_one() {
    let emulator = completed();
    Program::new("arguments", "a_refused_value_leaves_the_old_one").against(&emulator).run();
    let requests = emulator.requests();
    assert_eq!(requests.len(), 1);
    assert_eq!(requests[0].header("Authorization"), Some(KEY));
    assert_eq!(requests[0].header("User-Agent"), Some("old-agent/1"));
    assert_eq!(requests[0].header("X-Extra"), Some("old value"));
}

#[test]
fn wait_options_refuse_what_is_out_of_range() {
    run("wait_options_refuse_what_is_out_of_range");
}

#[test]
fn download_options_refuse_what_is_out_of_range() {
    run("download_options_refuse_what_is_out_of_range");
}

#[test]
fn a_client_that_is_refused_says_why() {
    run("a_client_that_is_refused_says_why");
}

#[test]
fn job_ids_and_outputs_are_known_without_a_call() {
    run("job_ids_and_outputs_are_known_without_a_call");
}

#[test]
fn the_longest_times_and_the_smallest_rate_work() {
    let emulator = completed();
    Program::new("arguments", "the_longest_times_and_the_smallest_rate_work")
        .against(&emulator)
        .run();
    assert_eq!(emulator.requests().len(), 1);
}
