//! Windows: non-blocking sockets, WSAPoll, and a UDP socket in place of an eventfd.

mod files;

use std::ffi::{CStr, OsString};
use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream, UdpSocket};
use std::os::windows::io::AsRawSocket;
use std::thread::JoinHandle;
use std::time::Duration;

use windows_sys::Win32::Foundation::{
    ERROR_NOT_ENOUGH_MEMORY, ERROR_TOO_MANY_OPEN_FILES, GetLastError, SetLastError,
};
use windows_sys::Win32::Networking::WinSock::{
    POLLNVAL, POLLRDNORM, POLLWRNORM, SOCKET, WSAEMFILE, WSAENOBUFS, WSAEWOULDBLOCK, WSAPOLLFD,
    WSAPoll,
};

pub(crate) use files::{
    LockedFile, boot_id, is_mount_point, open_folder, open_locked, path, read_file, sync,
};

use super::waiting::{Interest, milliseconds};

/// Always 0: Windows has no fork.
pub(crate) fn generation() -> u32 {
    0
}

/// Does nothing: Windows has no fork.
pub(crate) fn notice_forks() {}

/// Reads an environment variable.
pub(crate) fn environment(name: &CStr) -> Option<OsString> {
    std::env::var_os(name.to_str().ok()?)
}

/// The name of the system call behind [`poll`].
pub(super) const POLL: &str = "WSAPoll";

/// Whether the system is out of sockets or memory, so that another try elsewhere fails as well.
pub(crate) fn is_exhausted(cause: &io::Error) -> bool {
    let codes =
        [WSAEMFILE, WSAENOBUFS, ERROR_NOT_ENOUGH_MEMORY as i32, ERROR_TOO_MANY_OPEN_FILES as i32];
    cause.raw_os_error().is_some_and(|code| codes.contains(&code))
}

/// Begins a non-blocking connect: the socket becomes writable once it has connected or failed.
pub(crate) fn begin_connect(to: SocketAddr) -> io::Result<io::Result<TcpStream>> {
    use socket2::{Domain, Protocol, SockAddr, Socket, Type};
    let socket = Socket::new(Domain::for_address(to), Type::STREAM, Some(Protocol::TCP))?;
    socket.set_nonblocking(true)?;
    socket.set_tcp_nodelay(true)?;
    match socket.connect(&SockAddr::from(to)) {
        Err(cause) if cause.raw_os_error() == Some(WSAEWOULDBLOCK) => Ok(Ok(socket.into())),
        Err(cause) if is_exhausted(&cause) => Err(cause),
        connected => Ok(connected.map(|()| socket.into())),
    }
}

/// Whether a sandbox refuses the call, rather than the network.
pub(crate) fn is_forbidden(_: &io::Error) -> bool {
    false
}

/// Sets up a connected socket: keep-alive probes find out a path that is gone. Sockets stay
/// non-blocking, since Windows has no MSG_DONTWAIT.
pub(crate) fn set_up(socket: &TcpStream, _: Duration) -> io::Result<()> {
    socket2::SockRef::from(socket).set_tcp_keepalive(&super::keepalive())
}

/// The shortest wait in place of which [`receive`] may block: longer than any, as it never does.
pub(crate) const A_MOMENT: Duration = Duration::MAX;

/// Receives what has arrived; 0 is the end of the stream. Where nothing has, fails at once with
/// [`io::ErrorKind::WouldBlock`].
pub(crate) fn receive(mut socket: &TcpStream, buffer: &mut [u8], _: bool) -> io::Result<usize> {
    socket.read(buffer)
}

/// Sends as much as the send buffer has room for, at least a byte, else fails at once with
/// [`io::ErrorKind::WouldBlock`].
pub(crate) fn send(mut socket: &TcpStream, bytes: &[u8]) -> io::Result<usize> {
    socket.write(bytes)
}

/// Whether a connected socket has nothing to read, not even the end of the stream.
pub(crate) fn is_silent(socket: &TcpStream) -> bool {
    socket.peek(&mut [0]).is_err_and(|cause| cause.kind() == io::ErrorKind::WouldBlock)
}

/// A socket handle to wait for.
pub(crate) type Descriptor = SOCKET;

/// The handle of a socket, for [`super::wait`].
pub(crate) fn descriptor(socket: &TcpStream) -> Descriptor {
    socket.as_raw_socket() as SOCKET
}

/// One socket and the interest in it, as WSAPoll has them.
pub(super) type Entry = WSAPOLLFD;

/// An entry that WSAPoll skips.
pub(super) const NOTHING: Entry = Entry { fd: SOCKET::MAX, events: 0, revents: 0 };

pub(super) fn entry(on: Interest) -> Entry {
    let (fd, events) = match on {
        Interest::Readable(socket) => (socket, POLLRDNORM),
        Interest::Writable(socket) => (socket, POLLWRNORM),
    };
    Entry { fd, events, revents: 0 }
}

/// Whether WSAPoll found the socket closed.
pub(super) fn is_closed(entry: &Entry) -> bool {
    entry.revents & POLLNVAL != 0
}

/// Waits until a socket of `set` is ready, for `left` at most; `None` is without a limit.
/// Level-triggered.
pub(super) fn poll(set: &mut [Entry], left: Option<Duration>) -> io::Result<()> {
    if set.is_empty() {
        // WSAPoll refuses an empty set.
        std::thread::sleep(left.unwrap_or(Duration::MAX));
        return Ok(());
    }
    // SAFETY: `set` can be written for its length.
    let ready = unsafe { WSAPoll(set.as_mut_ptr(), set.len() as u32, milliseconds(left)) };
    // WSAGetLastError is GetLastError, which `last_os_error` reads.
    if ready < 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
}

/// A UDP socket that wakes every thread that polls it: level-triggered, so that it stays readable
/// until it is reset. It is connected to itself, so that no other socket can send to it.
#[derive(Debug)]
pub(crate) struct Notifier(UdpSocket);

impl Notifier {
    pub(crate) fn new() -> io::Result<Notifier> {
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?;
        socket.connect(socket.local_addr()?)?;
        socket.set_nonblocking(true)?;
        Ok(Notifier(socket))
    }

    /// The handle to poll, for [`super::wait`].
    pub(crate) fn descriptor(&self) -> Descriptor {
        self.0.as_raw_socket() as SOCKET
    }

    /// The descriptor for an event loop of the host's: `None`, since a socket is none on Windows.
    pub(crate) fn for_the_host(&self) -> Option<i32> {
        None
    }

    /// A second handle to this notifier, with a socket of its own.
    pub(crate) fn try_clone(&self) -> io::Result<Notifier> {
        self.0.try_clone().map(Notifier)
    }

    /// Receives the notifications, so that the socket is not readable any more.
    pub(crate) fn reset(&self) {
        while self.0.recv(&mut [0]).is_ok() {}
    }

    /// Wakes every thread that polls the socket. Leaves the thread's last error as it was.
    pub(crate) fn notify(&self) {
        // SAFETY: both read or write a number that belongs to this thread.
        unsafe {
            let kept = GetLastError();
            let _ = self.0.send(&[1]);
            SetLastError(kept);
        }
    }
}

/// The default stack size of a thread, in bytes.
pub(crate) fn default_stack() -> usize {
    1 << 20
}

/// Starts a thread. Windows has no signals to block on it.
pub(crate) fn spawn(
    name: &str,
    stack: usize,
    work: impl FnOnce() + Send + 'static,
) -> io::Result<JoinHandle<()>> {
    std::thread::Builder::new().name(name.to_owned()).stack_size(stack).spawn(work)
}
