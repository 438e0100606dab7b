//! The operating system: whatever differs between them, and all the `unsafe` that is not at the C
//! boundary. `unix` and `windows` offer the same names.

#![allow(unsafe_code)]

#[cfg(unix)]
mod unix;
#[cfg(unix)]
pub(crate) use unix::*;

#[cfg(windows)]
mod windows;
#[cfg(windows)]
pub(crate) use windows::*;

mod waiting;
pub(crate) use waiting::{Interest, MOST, wait};

#[cfg(any(target_os = "linux", target_os = "android"))]
mod poller;
#[cfg(not(any(target_os = "linux", target_os = "android")))]
#[path = "poller_portable.rs"]
mod poller;
pub(crate) use poller::Poller;

mod notifier_list;
pub(crate) use notifier_list::NotifierList;
