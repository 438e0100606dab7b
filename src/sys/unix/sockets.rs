//! TCP sockets, whose calls never wait longer than they are asked to.

use std::io;
use std::net::{SocketAddr, TcpStream};
use std::os::fd::AsRawFd;
use std::time::Duration;

use super::above_stdio;

/// Begins to connect and does not wait: the socket is writable once it is decided.
pub(crate) fn begin_connect(to: SocketAddr) -> io::Result<TcpStream> {
    use socket2::{Domain, Protocol, SockAddr, Socket, Type};
    let kind = Type::STREAM;
    #[cfg(any(target_os = "linux", target_os = "android", target_os = "freebsd"))]
    let kind = kind.nonblocking();
    let socket = Socket::new(Domain::for_address(to), kind, Some(Protocol::TCP))?;
    let socket = Socket::from(above_stdio(socket.into())?);
    #[cfg(not(any(target_os = "linux", target_os = "android", target_os = "freebsd")))]
    socket.set_nonblocking(true)?;
    socket.set_tcp_nodelay(true)?;
    match socket.connect(&SockAddr::from(to)) {
        Err(cause) if cause.raw_os_error() != Some(libc::EINPROGRESS) => Err(cause),
        _ => Ok(socket.into()),
    }
}

/// Once a socket is connected: what receives from it may block, and for how long at most. What must
/// not, says so each time.
pub(crate) fn let_block(socket: &TcpStream) -> io::Result<()> {
    socket.set_nonblocking(false)?;
    socket.set_read_timeout(Some(A_MOMENT))
}

/// The longest that [`receive`] blocks.
pub(crate) const A_MOMENT: Duration = Duration::from_millis(50);

/// Receives what there is; 0 is the end. Where nothing is there, that is an error, at once or after
/// a moment.
pub(crate) fn receive(socket: &TcpStream, buffer: &mut [u8], may_block: bool) -> io::Result<usize> {
    let flags = if may_block { 0 } else { libc::MSG_DONTWAIT };
    // SAFETY: the descriptor is open as long as `socket` lives, and `buffer` has room for its length.
    let count =
        unsafe { libc::recv(socket.as_raw_fd(), buffer.as_mut_ptr().cast(), buffer.len(), flags) };
    usize::try_from(count).map_err(|_| io::Error::last_os_error())
}

/// Sends what there is room for, at least a byte; else that is an error, at once. Raises no signal.
pub(crate) fn send(socket: &TcpStream, bytes: &[u8]) -> io::Result<usize> {
    #[cfg(not(target_vendor = "apple"))]
    let flags = libc::MSG_DONTWAIT | libc::MSG_NOSIGNAL;
    // There the socket itself was told to raise none, when it was made.
    #[cfg(target_vendor = "apple")]
    let flags = libc::MSG_DONTWAIT;
    // SAFETY: the descriptor is open as long as `socket` lives, and all of `bytes` can be read.
    let count =
        unsafe { libc::send(socket.as_raw_fd(), bytes.as_ptr().cast(), bytes.len(), flags) };
    usize::try_from(count).map_err(|_| io::Error::last_os_error())
}

/// Whether nothing has come, not even an end.
pub(crate) fn is_silent(socket: &TcpStream) -> bool {
    let flags = libc::MSG_PEEK | libc::MSG_DONTWAIT;
    let mut byte = 0_u8;
    // SAFETY: the descriptor is open as long as `socket` lives, and there is room for one byte.
    let count = unsafe { libc::recv(socket.as_raw_fd(), (&raw mut byte).cast(), 1, flags) };
    count < 0 && io::Error::last_os_error().kind() == io::ErrorKind::WouldBlock
}
