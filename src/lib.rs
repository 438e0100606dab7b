//! Gets Pictory AI video generation jobs, waits for them and downloads their outputs.
//!
//! The C library is [`ffi`]; everything else is its core, in safe Rust that knows nothing of C.
//! The modules stand in reading order: each uses only those before it.

#![deny(unsafe_code)]

#[cfg(panic = "abort")]
compile_error!("pictory must be able to catch a panic: build it with panic = \"unwind\"");

pub mod error;
pub mod text;

mod panic_guard;
mod sys;

mod block_start;
mod per_process;

pub mod cancel;

mod secret;

mod redaction;

mod json;

pub mod reply;

pub mod job;

mod envelope;
mod seconds;

pub mod response;

mod url;

mod no_proxy;

mod proxy;

mod pem;

pub mod log;

mod http;

pub mod config;
mod environment;

mod settings;

mod explanation;
mod retry_after;

mod receive;

pub mod outcome;
mod schedule;

mod pacing;

pub mod client;

pub mod wait;
pub use schedule::Rules;

pub mod download;

pub mod watcher;

pub mod ffi;
