//! C programs that use the shared library as its users do. Each rule is a case of a program in
//! `tests/c/`, run against an emulator in this process. They look into /proc, so that they run on
//! Linux alone; with `PICTORY_TEST_VALGRIND=1` they run under valgrind.
#![cfg(target_os = "linux")]
// A program that cannot be built or run has to end the test that needs it, and so has a request
// that did not come.
#![allow(clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod arguments;
mod callbacks;
mod cancelling;
mod certificates;
mod descriptors;
mod downloading;
mod environment;
mod forking;
mod harness;
mod lifetimes;
mod linking;
mod lookups;
mod memory;
mod own_loop;
mod pace;
mod page;
mod reading;
mod replies;
mod sandbox;
mod secrets;
mod signals;
mod watching;

use crate::emulator::{Emulator, Script};
use harness::{KEY, Program};
use serde_json::json;

/// An emulator where every job has completed.
fn completed() -> Emulator {
    Emulator::start(Script::from_value(json!({ "default": [{ "example": "completed" }] })))
}

/// An emulator where no job ever ends.
fn in_progress() -> Emulator {
    Emulator::start(Script::from_value(json!({ "default": [{ "example": "in-progress" }] })))
}

/// The numbers of the connections that the requests came on.
fn connections_used(emulator: &Emulator) -> Vec<usize> {
    emulator.requests().iter().map(|request| request.connection).collect()
}
