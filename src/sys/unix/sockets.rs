//! TCP sockets: a non-blocking connect, and non-blocking sends and receives that need no fcntl
//! each.

use std::io;
use std::net::{SocketAddr, TcpStream};
use std::os::fd::AsRawFd;
use std::time::Duration;

use super::super::named;
use super::{above_stdio, is_exhausted};

/// Begins a non-blocking connect: the socket becomes writable once it has connected or failed. The
/// inner error is that of the address, the outer one that of the system, for any address.
pub(crate) fn begin_connect(to: SocketAddr) -> io::Result<io::Result<TcpStream>> {
    use socket2::{Domain, Protocol, SockAddr, Socket, Type};
    let kind = Type::STREAM;
    #[cfg(any(target_os = "linux", target_os = "android", target_os = "freebsd"))]
    let kind = kind.nonblocking();
    let socket = match Socket::new(Domain::for_address(to), kind, Some(Protocol::TCP)) {
        // A system without IPv6.
        Err(cause) if cause.raw_os_error() == Some(libc::EAFNOSUPPORT) => return Ok(Err(cause)),
        made => made.map_err(named("socket"))?,
    };
    let socket = Socket::from(above_stdio(socket.into())?);
    #[cfg(not(any(target_os = "linux", target_os = "android", target_os = "freebsd")))]
    socket.set_nonblocking(true).map_err(named("fcntl"))?;
    socket.set_tcp_nodelay(true).map_err(named("setsockopt"))?;
    match socket.connect(&SockAddr::from(to)) {
        Err(cause) if cause.raw_os_error() == Some(libc::EINPROGRESS) => Ok(Ok(socket.into())),
        Err(cause) if is_exhausted(&cause) || is_forbidden(&cause) => Err(named("connect")(cause)),
        connected => Ok(connected.map(|()| socket.into())),
    }
}

/// Whether a sandbox refuses the call, rather than the network: see seccomp(2).
pub(crate) fn is_forbidden(cause: &io::Error) -> bool {
    matches!(cause.raw_os_error(), Some(libc::EPERM | libc::ENOSYS))
}

/// Sets up a connected socket: it blocks, with a receive time-out of [`A_MOMENT`], and each call that
/// must not block has MSG_DONTWAIT. A path that is gone is found out by keep-alive probes where it is
/// silent, and after `unacknowledged` where it is not, if the system can tell (TCP_USER_TIMEOUT).
pub(crate) fn set_up(socket: &TcpStream, unacknowledged: Duration) -> io::Result<()> {
    socket.set_nonblocking(false).map_err(named("ioctl"))?;
    socket.set_read_timeout(Some(A_MOMENT)).map_err(named("setsockopt"))?;
    let socket = socket2::SockRef::from(socket);
    socket.set_tcp_keepalive(&crate::sys::keepalive()).map_err(named("setsockopt"))?;
    #[cfg(any(target_os = "linux", target_os = "android"))]
    socket.set_tcp_user_timeout(Some(unacknowledged)).map_err(named("setsockopt"))?;
    #[cfg(not(any(target_os = "linux", target_os = "android")))]
    let _ = unacknowledged;
    Ok(())
}

/// The longest that [`receive`] blocks.
pub(crate) const A_MOMENT: Duration = Duration::from_millis(50);

/// Receives what has arrived; 0 is the end of the stream. Where nothing has, fails with
/// [`io::ErrorKind::WouldBlock`]: at once, or after [`A_MOMENT`] if it `may_block`.
pub(crate) fn receive(socket: &TcpStream, buffer: &mut [u8], may_block: bool) -> io::Result<usize> {
    let flags = if may_block { 0 } else { libc::MSG_DONTWAIT };
    // SAFETY: the descriptor is open as long as `socket` lives, and `buffer` can be written for its
    // length.
    let count =
        unsafe { libc::recv(socket.as_raw_fd(), buffer.as_mut_ptr().cast(), buffer.len(), flags) };
    usize::try_from(count).map_err(|_| io::Error::last_os_error())
}

/// Sends as much as the send buffer has room for, at least a byte, else fails at once with
/// [`io::ErrorKind::WouldBlock`]. Raises no SIGPIPE.
pub(crate) fn send(socket: &TcpStream, bytes: &[u8]) -> io::Result<usize> {
    #[cfg(not(target_vendor = "apple"))]
    let flags = libc::MSG_DONTWAIT | libc::MSG_NOSIGNAL;
    // Apple has no such flag: socket2 sets SO_NOSIGPIPE on every socket that it makes.
    #[cfg(target_vendor = "apple")]
    let flags = libc::MSG_DONTWAIT;
    // SAFETY: the descriptor is open as long as `socket` lives, and all of `bytes` can be read.
    let count =
        unsafe { libc::send(socket.as_raw_fd(), bytes.as_ptr().cast(), bytes.len(), flags) };
    usize::try_from(count).map_err(|_| io::Error::last_os_error())
}

/// Whether a connected socket has nothing to read, not even the end of the stream.
pub(crate) fn is_silent(socket: &TcpStream) -> bool {
    let flags = libc::MSG_PEEK | libc::MSG_DONTWAIT;
    let mut byte = 0_u8;
    // SAFETY: the descriptor is open as long as `socket` lives, and one byte can be written.
    let count = unsafe { libc::recv(socket.as_raw_fd(), (&raw mut byte).cast(), 1, flags) };
    count < 0 && io::Error::last_os_error().kind() == io::ErrorKind::WouldBlock
}
