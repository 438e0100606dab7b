//! The C skin: pointers become references, the core is called, its answer becomes a handle.
//!
//! Names are those of `include/pictory.h`, which is generated from these files, comments included.

#![allow(unsafe_code, non_camel_case_types)]
// Null is dealt with in `boundary`, and nothing else about a pointer can be checked.
#![allow(clippy::not_unsafe_ptr_arg_deref)]

mod boundary;

pub mod types;

pub mod version;

pub mod config;

pub mod client;

pub mod result;

pub mod job;

pub mod wait_options;

pub mod cancel_token;
