//! What differs by system, and all the `unsafe` that is not at the C boundary.

#![allow(unsafe_code)]

mod bells;
pub(crate) use bells::Bells;

#[cfg(unix)]
mod files_unix;
#[cfg(any(target_os = "linux", target_os = "android"))]
mod poller;
#[cfg(not(any(target_os = "linux", target_os = "android")))]
#[path = "poller_portable.rs"]
mod poller;
pub(crate) use poller::Poller;

#[cfg(unix)]
mod unix;
#[cfg(unix)]
pub(crate) use files_unix::*;
#[cfg(unix)]
pub(crate) use unix::*;
