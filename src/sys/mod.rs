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

/// An error that names the system call, so that a sandbox which refuses it can be set right.
fn named(call: &'static str) -> impl Fn(std::io::Error) -> std::io::Error {
    move |cause| std::io::Error::new(cause.kind(), format!("{call}: {cause}"))
}

/// The keep-alive probes of a connection: the first after a minute of silence, so that address
/// translation remembers it and a path that is gone is found out.
fn keepalive() -> socket2::TcpKeepalive {
    let seconds = std::time::Duration::from_secs;
    socket2::TcpKeepalive::new().with_time(seconds(60)).with_interval(seconds(10))
}

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
