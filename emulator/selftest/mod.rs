//! The emulator's own tests, by ureq, and from a bare TCP socket where the bytes matter. One test
//! program includes them.

// Helpers are test code too.
#![cfg(test)]
#![allow(unreachable_pub)]

mod api;
mod client;
mod faults;
mod media;
mod proxy;
mod script;
mod tls;
