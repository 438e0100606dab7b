//! Everything that needs sockets: the library against the emulator.

#[path = "../emulator/mod.rs"]
mod emulator;

#[path = "../emulator/selftest/mod.rs"]
mod emulator_selftest;

mod support;

mod one_request;

mod get;

mod proxies;

mod secrets;

mod waiting;
