//! Waking whoever waits: an eventfd where there is one, else a pipe to oneself.

use std::io;
use std::os::fd::{AsRawFd, OwnedFd};

use super::{Descriptor, above_stdio};

/// A descriptor that becomes readable for everybody who waits on it, and stays so until it is reset.
#[derive(Debug)]
pub(crate) struct Notifier {
    /// The end to wait on and the end to write to, which an eventfd has in one.
    ends: (OwnedFd, Option<OwnedFd>),
    /// The process that made it: its children share the descriptor.
    owner: u32,
}

impl Notifier {
    #[cfg(any(target_os = "linux", target_os = "android"))]
    pub(crate) fn new() -> io::Result<Notifier> {
        use std::os::fd::FromRawFd;
        // SAFETY: takes two integers.
        let made = unsafe { libc::eventfd(0, libc::EFD_NONBLOCK | libc::EFD_CLOEXEC) };
        if made < 0 {
            return Err(io::Error::last_os_error());
        }
        // SAFETY: eventfd has just made this descriptor, so nobody else owns it.
        let end = unsafe { OwnedFd::from_raw_fd(made) };
        Ok(Notifier { ends: (above_stdio(end)?, None), owner: std::process::id() })
    }

    #[cfg(not(any(target_os = "linux", target_os = "android")))]
    pub(crate) fn new() -> io::Result<Notifier> {
        let (reader, writer) = io::pipe()?;
        let ends = (above_stdio(reader.into())?, above_stdio(writer.into())?);
        // A full pipe must not stop a signal handler, nor an empty one a reset.
        for end in [&ends.0, &ends.1] {
            // SAFETY: the descriptor is open, and the command takes an integer.
            if unsafe { libc::fcntl(end.as_raw_fd(), libc::F_SETFL, libc::O_NONBLOCK) } < 0 {
                return Err(io::Error::last_os_error());
            }
        }
        Ok(Notifier { ends: (ends.0, Some(ends.1)), owner: std::process::id() })
    }

    /// The descriptor, for [`super::wait`].
    pub(crate) fn descriptor(&self) -> Descriptor {
        self.ends.0.as_raw_fd()
    }

    /// The same, for a host that waits by itself, where it can.
    pub(crate) fn for_the_host(&self) -> Option<i32> {
        Some(self.descriptor())
    }

    /// The same with a descriptor of its own.
    pub(crate) fn try_clone(&self) -> io::Result<Notifier> {
        let second = |end: &OwnedFd| above_stdio(end.try_clone()?);
        let ends = (second(&self.ends.0)?, self.ends.1.as_ref().map(second).transpose()?);
        Ok(Notifier { ends, owner: self.owner })
    }

    /// Makes it unreadable again.
    pub(crate) fn reset(&self) {
        let mut taken = [0_u8; 64];
        loop {
            // SAFETY: the descriptor is open as long as `self` lives and does not block; `taken`
            // has room for what is asked for.
            let count = unsafe {
                libc::read(self.ends.0.as_raw_fd(), taken.as_mut_ptr().cast(), taken.len())
            };
            // An eventfd gives all at once; a pipe is empty after less than was asked for.
            if count < taken.len() as isize {
                return;
            }
        }
    }

    /// Wakes everybody. Async-signal-safe; in a child of the owner it does nothing, since that
    /// would wake the parent.
    pub(crate) fn notify(&self) {
        if std::process::id() != self.owner {
            return;
        }
        let end = self.ends.1.as_ref().unwrap_or(&self.ends.0).as_raw_fd();
        let one = 1_u64.to_ne_bytes();
        // SAFETY: the descriptor is open as long as `self` lives and does not block; eight bytes
        // are what an eventfd takes. errno belongs to the code that a signal interrupted: it is
        // read before and restored after.
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
