//! Unix: file descriptors, and poll(2).

mod files;
mod notifier;
mod process;
mod sockets;

use std::io;
use std::net::TcpStream;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};
use std::time::Duration;

pub(crate) use files::{
    LockedFile, boot_id, is_mount_point, open_folder, open_locked, path, read_file, sync,
};
pub(crate) use notifier::Notifier;
// On Apple's systems the certificates come from the keychain, whoever the user is.
#[cfg(not(target_vendor = "apple"))]
pub(crate) use process::has_more_rights_than_its_user;
pub(crate) use process::{default_stack, environment, generation, notice_forks, spawn};
pub(crate) use sockets::{A_MOMENT, begin_connect, is_forbidden, is_silent, receive, send, set_up};

use super::Interest;

/// Moves a new descriptor above 2: where the host has closed stdin, stdout or stderr, it would get
/// that number, and what anybody prints would be written to it.
pub(super) fn above_stdio(descriptor: OwnedFd) -> io::Result<OwnedFd> {
    if descriptor.as_raw_fd() > 2 {
        return Ok(descriptor);
    }
    // SAFETY: `descriptor` is open for the whole call, and the command's argument is an integer.
    let moved = unsafe { libc::fcntl(descriptor.as_raw_fd(), libc::F_DUPFD_CLOEXEC, 3) };
    if moved < 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: fcntl has just made this descriptor, so nobody else owns it.
    Ok(unsafe { OwnedFd::from_raw_fd(moved) })
}

/// Whether the system is out of descriptors or memory, so that another try elsewhere fails as well.
pub(crate) fn is_exhausted(cause: &io::Error) -> bool {
    matches!(cause.raw_os_error(), Some(libc::EMFILE | libc::ENFILE | libc::ENOBUFS | libc::ENOMEM))
}

/// A file descriptor to wait for.
pub(crate) type Descriptor = i32;

/// The descriptor of a socket, for [`super::wait`].
pub(crate) fn descriptor(socket: &TcpStream) -> Descriptor {
    socket.as_raw_fd()
}

/// One descriptor and the interest in it, as poll(2) has them.
pub(super) type Entry = libc::pollfd;

/// An entry that poll(2) skips.
pub(super) const NOTHING: Entry = Entry { fd: -1, events: 0, revents: 0 };

pub(super) fn entry(on: Interest) -> Entry {
    let (fd, events) = match on {
        Interest::Readable(descriptor) => (descriptor, libc::POLLIN),
        Interest::Writable(descriptor) => (descriptor, libc::POLLOUT),
    };
    Entry { fd, events, revents: 0 }
}

/// Whether poll(2) found the descriptor closed.
#[cfg(not(any(target_os = "linux", target_os = "android")))]
pub(super) fn is_closed(entry: &Entry) -> bool {
    entry.revents & libc::POLLNVAL != 0
}

/// The name of the system call behind [`poll`].
pub(super) const POLL: &str =
    if cfg!(any(target_os = "linux", target_os = "android", target_os = "freebsd")) {
        "ppoll"
    } else {
        "poll"
    };

/// Waits until a descriptor of `set` is ready, for `left` at most; `None` is without a limit.
/// Level-triggered. A signal ends it with [`io::ErrorKind::Interrupted`].
pub(super) fn poll(set: &mut [Entry], left: Option<Duration>) -> io::Result<()> {
    #[cfg(any(target_os = "linux", target_os = "android", target_os = "freebsd"))]
    let ready = {
        let left = left.map(|left| libc::timespec {
            // Nobody waits longer than ten years, which 32 bits hold, too.
            tv_sec: left.as_secs().min(i32::MAX as u64) as _,
            // Less than a billion, which every C long holds; it has 32 bits or 64.
            tv_nsec: left.subsec_nanos() as libc::c_long,
        });
        let left = left.as_ref().map_or(std::ptr::null(), std::ptr::from_ref);
        // SAFETY: `set` can be written for its length, and `left` is null or points to a timespec
        // that lives to the end of this block; a null mask leaves the signals as they are.
        unsafe { libc::ppoll(set.as_mut_ptr(), set.len() as libc::nfds_t, left, std::ptr::null()) }
    };
    #[cfg(not(any(target_os = "linux", target_os = "android", target_os = "freebsd")))]
    let ready = {
        // SAFETY: `set` can be written for its length.
        unsafe {
            libc::poll(
                set.as_mut_ptr(),
                set.len() as libc::nfds_t,
                super::waiting::milliseconds(left),
            )
        }
    };
    if ready < 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
}
