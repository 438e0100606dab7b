//! System calls that the standard library has no safe form of. Unix only.

use std::io;
use std::net::TcpStream;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd};
use std::time::{Duration, Instant};

// Where poll cannot tell that the peer has finished sending, its leaving shows when the wait is
// over.
#[cfg(any(target_os = "linux", target_os = "android"))]
const PEER_LEFT: libc::c_short = libc::POLLRDHUP;
#[cfg(not(any(target_os = "linux", target_os = "android")))]
const PEER_LEFT: libc::c_short = 0;

/// Waits until the peer closes the connection or this side shuts it down, without reading.
/// False when `limit` was over first.
pub fn wait_hangup(socket: &TcpStream, limit: Option<Duration>) -> bool {
    poll(&mut [watch(socket.as_raw_fd(), PEER_LEFT)], limit)
}

/// Waits until one of two descriptors can be read; false when `limit` was over first.
pub fn wait_readable(one: RawFd, other: RawFd, limit: Option<Duration>) -> bool {
    poll(&mut [watch(one, libc::POLLIN), watch(other, libc::POLLIN)], limit)
}

fn watch(fd: RawFd, events: libc::c_short) -> libc::pollfd {
    libc::pollfd { fd, events, revents: 0 }
}

fn poll(fds: &mut [libc::pollfd], limit: Option<Duration>) -> bool {
    let end = limit.and_then(|limit| Instant::now().checked_add(limit));
    loop {
        let left = end.map(|end| end.saturating_duration_since(Instant::now()));
        let millis = left.map_or(-1, |left| {
            libc::c_int::try_from(left.as_micros().div_ceil(1000)).unwrap_or(libc::c_int::MAX)
        });
        // SAFETY: `fds` is a live array of as many entries as are named.
        match unsafe { libc::poll(fds.as_mut_ptr(), fds.len() as libc::nfds_t, millis) } {
            0 if left.is_none_or(|left| left.as_millis() > libc::c_int::MAX as u128) => {}
            0 => return false,
            -1 if io::Error::last_os_error().kind() == io::ErrorKind::Interrupted => {}
            _ => return true,
        }
    }
}

/// Makes closing the socket send an RST in place of a FIN.
pub fn reset_on_close(socket: &TcpStream) {
    let linger = libc::linger { l_onoff: 1, l_linger: 0 };
    // SAFETY: the option takes a `linger`, which lives through the call.
    unsafe {
        libc::setsockopt(
            socket.as_raw_fd(),
            libc::SOL_SOCKET,
            libc::SO_LINGER,
            (&raw const linger).cast(),
            size_of::<libc::linger>() as libc::socklen_t,
        );
    }
}

/// How many bytes the peer's system has not confirmed yet; 0 where that cannot be asked.
pub fn unconfirmed(socket: &TcpStream) -> usize {
    let mut bytes: libc::c_int = 0;
    // SAFETY: this request writes one int to where the pointer points.
    let rc = unsafe { libc::ioctl(socket.as_raw_fd(), libc::TIOCOUTQ, &raw mut bytes) };
    if rc == 0 { usize::try_from(bytes).unwrap_or(0) } else { 0 }
}

/// A port of 127.0.0.1 where every connection is refused: bound, so that nobody else gets it, but
/// not listening.
pub fn refusing_port() -> io::Result<(OwnedFd, u16)> {
    // SAFETY: plain calls; the descriptor is new and owned by nobody else.
    let socket = unsafe {
        let fd = libc::socket(libc::AF_INET, libc::SOCK_STREAM, 0);
        if fd < 0 {
            return Err(io::Error::last_os_error());
        }
        libc::fcntl(fd, libc::F_SETFD, libc::FD_CLOEXEC);
        OwnedFd::from_raw_fd(fd)
    };
    // SAFETY: all zeroes is a valid `sockaddr_in`.
    let mut address: libc::sockaddr_in = unsafe { std::mem::zeroed() };
    address.sin_family = libc::AF_INET as libc::sa_family_t;
    address.sin_addr.s_addr = u32::from(std::net::Ipv4Addr::LOCALHOST).to_be();
    let mut len = size_of::<libc::sockaddr_in>() as libc::socklen_t;
    // SAFETY: both calls get the address of a `sockaddr_in` and its length.
    let rc = unsafe {
        let name = (&raw mut address).cast::<libc::sockaddr>();
        match libc::bind(socket.as_raw_fd(), name, len) {
            0 => libc::getsockname(socket.as_raw_fd(), name, &raw mut len),
            failed => failed,
        }
    };
    if rc == 0 {
        Ok((socket, u16::from_be(address.sin_port)))
    } else {
        Err(io::Error::last_os_error())
    }
}
