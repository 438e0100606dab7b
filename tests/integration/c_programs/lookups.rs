//! Names, their lookups, and the threads these take.

use super::{Program, completed};
use crate::downloads::Folder;
use crate::emulator::Emulator;

fn run(case: &'static str) -> usize {
    let emulator = completed();
    program(case, &emulator).run();
    emulator.requests().len()
}

fn program(case: &'static str, emulator: &Emulator) -> Program {
    let port = emulator.port().to_string();
    Program::new("lookup", case).against(emulator).with("PICTORY_TEST_PORT", port)
}

#[test]
fn a_hanging_lookup_obeys_the_request_timeout() {
    assert_eq!(run("request_timeout"), 0);
}

#[test]
fn a_hanging_lookup_obeys_the_connect_timeout() {
    assert_eq!(run("connect_timeout"), 0);
}

#[test]
fn a_hanging_lookup_obeys_the_deadline_of_a_wait() {
    assert_eq!(run("deadline_of_a_wait"), 0);
}

#[test]
fn hanging_lookups_take_one_thread_a_name_however_many_calls_join() {
    assert_eq!(run("one_thread_a_name"), 16);
}

#[test]
fn the_thread_of_a_lookup_blocks_all_signals_and_bears_the_librarys_name() {
    let emulator = completed();
    // It plays the masks of threads itself, and gives the kernel others.
    program("its_thread_blocks_all_signals", &emulator).exempt_from_valgrind().run();
}

#[test]
fn an_answer_is_kept_for_all_clients() {
    assert_eq!(run("an_answer_is_kept"), 3);
}

#[test]
fn a_get_on_a_live_connection_starts_no_thread_and_looks_nothing_up() {
    assert_eq!(run("a_live_connection_needs_none"), 21);
}

#[test]
fn a_get_for_an_address_starts_no_thread_and_looks_nothing_up() {
    assert_eq!(run("an_address_needs_none"), 2);
}

#[test]
fn a_name_that_cannot_be_resolved_is_said_and_asked_for_again() {
    assert_eq!(run("a_name_without_an_answer"), 1);
}

#[test]
fn a_thread_that_the_system_refuses_is_said_and_asked_for_again() {
    assert_eq!(run("no_thread_is_to_be_had"), 1);
}

#[test]
fn in_a_hanging_lookup_progress_is_told_and_can_stop_the_download() {
    let (emulator, folder) = (completed(), Folder::new());
    let program = program("progress_is_told_in_a_lookup", &emulator);
    program.with("PICTORY_TEST_PATH", folder.0.join("v.mp4")).run();
    assert_eq!(std::fs::read_dir(&folder.0).unwrap().count(), 0);
}
