//! A notifier on Unix: an eventfd on Linux and Android, a self-pipe elsewhere, and where a sandbox
//! refuses an eventfd.

use std::io;
use std::os::fd::{AsRawFd, OwnedFd};

use super::super::named;
#[cfg(any(target_os = "linux", target_os = "android"))]
use super::is_exhausted;
use super::{Descriptor, above_stdio};

/// A descriptor that wakes every thread that polls it: level-triggered, so that it stays readable
/// until it is reset.
#[derive(Debug)]
pub(crate) struct Notifier {
    /// The end to poll and the end to write to, which are one in an eventfd.
    ends: (OwnedFd, Option<OwnedFd>),
    /// The process that made the notifier: its children share the descriptor.
    owner: u32,
}

impl Notifier {
    #[cfg(any(target_os = "linux", target_os = "android"))]
    pub(crate) fn new() -> io::Result<Notifier> {
        Notifier::by_eventfd().or_else(|cause| match is_exhausted(&cause) {
            true => Err(named("eventfd")(cause)),
            false => Notifier::by_pipe(),
        })
    }

    #[cfg(not(any(target_os = "linux", target_os = "android")))]
    pub(crate) fn new() -> io::Result<Notifier> {
        Notifier::by_pipe()
    }

    #[cfg(any(target_os = "linux", target_os = "android"))]
    fn by_eventfd() -> io::Result<Notifier> {
        use std::os::fd::FromRawFd;
        // SAFETY: both arguments are integers.
        let made = unsafe { libc::eventfd(0, libc::EFD_NONBLOCK | libc::EFD_CLOEXEC) };
        if made < 0 {
            return Err(io::Error::last_os_error());
        }
        // SAFETY: eventfd has just made this descriptor, so nobody else owns it.
        let end = unsafe { OwnedFd::from_raw_fd(made) };
        Ok(Notifier { ends: (above_stdio(end)?, None), owner: std::process::id() })
    }

    fn by_pipe() -> io::Result<Notifier> {
        let (reader, writer) = io::pipe().map_err(named("pipe"))?;
        let ends = (above_stdio(reader.into())?, above_stdio(writer.into())?);
        // A full pipe must not block a signal handler, nor an empty one a reset.
        for end in [&ends.0, &ends.1] {
            // SAFETY: the descriptor is open, and the command's argument is an integer.
            if unsafe { libc::fcntl(end.as_raw_fd(), libc::F_SETFL, libc::O_NONBLOCK) } < 0 {
                return Err(named("fcntl")(io::Error::last_os_error()));
            }
        }
        Ok(Notifier { ends: (ends.0, Some(ends.1)), owner: std::process::id() })
    }

    /// The descriptor to poll, for [`super::super::wait`].
    pub(crate) fn descriptor(&self) -> Descriptor {
        self.ends.0.as_raw_fd()
    }

    /// The descriptor for an event loop of the host's; `None` on systems without descriptors.
    pub(crate) fn for_the_host(&self) -> Option<i32> {
        Some(self.descriptor())
    }

    /// A second handle to this notifier, with a descriptor of its own.
    pub(crate) fn try_clone(&self) -> io::Result<Notifier> {
        let second = |end: &OwnedFd| above_stdio(end.try_clone()?);
        let ends = (second(&self.ends.0)?, self.ends.1.as_ref().map(second).transpose()?);
        Ok(Notifier { ends, owner: self.owner })
    }

    /// Reads the notifications, so that the descriptor is not readable any more.
    pub(crate) fn reset(&self) {
        let mut buffer = [0_u8; 64];
        loop {
            // SAFETY: the descriptor is open as long as `self` lives and does not block; `buffer`
            // can be written for its length.
            let count = unsafe {
                libc::read(self.ends.0.as_raw_fd(), buffer.as_mut_ptr().cast(), buffer.len())
            };
            // An eventfd gives all at once; a pipe is empty after less than the buffer holds.
            if count < buffer.len() as isize {
                return;
            }
        }
    }

    /// Wakes every thread that polls the descriptor. Async-signal-safe. Does nothing in a forked
    /// child of the owner, since the descriptor that they share would wake the parent.
    pub(crate) fn notify(&self) {
        if std::process::id() != self.owner {
            return;
        }
        let end = self.ends.1.as_ref().unwrap_or(&self.ends.0).as_raw_fd();
        let one = 1_u64.to_ne_bytes();
        // SAFETY: the descriptor is open as long as `self` lives and does not block; an eventfd is
        // written in eight bytes. errno belongs to the code that a signal interrupted: it is read
        // before and restored after.
        unsafe {
            let errno = errno();
            let kept = *errno;
            libc::write(end, one.as_ptr().cast(), one.len());
            *errno = kept;
        }
    }
}

#[cfg(any(target_os = "illumos", target_os = "solaris"))]
use libc::___errno as errno;
#[cfg(any(target_os = "android", target_os = "netbsd", target_os = "openbsd"))]
use libc::__errno as errno;
#[cfg(any(target_os = "linux", target_os = "dragonfly"))]
use libc::__errno_location as errno;
#[cfg(any(target_vendor = "apple", target_os = "freebsd"))]
use libc::__error as errno;
