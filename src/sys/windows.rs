//! Windows: sockets that never block, WSAPoll, and a socket in place of an eventfd.

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

pub(crate) use files::{LockedFile, boot_id, open_locked, path, read_file, sync_folder};

use super::waiting::{Interest, milliseconds};

/// There is no fork.
pub(crate) fn generation() -> u32 {
    0
}

pub(crate) fn notice_forks() {}

/// Reads an environment variable.
pub(crate) fn environment(name: &CStr) -> Option<OsString> {
    std::env::var_os(name.to_str().ok()?)
}

/// Whether the system is out of sockets or memory, so that another try elsewhere fails as well.
pub(crate) fn is_exhausted(cause: &io::Error) -> bool {
    let codes =
        [WSAEMFILE, WSAENOBUFS, ERROR_NOT_ENOUGH_MEMORY as i32, ERROR_TOO_MANY_OPEN_FILES as i32];
    cause.raw_os_error().is_some_and(|code| codes.contains(&code))
}

/// Begins to connect and does not wait: the socket is writable once it is decided.
pub(crate) fn begin_connect(to: SocketAddr) -> io::Result<TcpStream> {
    use socket2::{Domain, Protocol, SockAddr, Socket, Type};
    let socket = Socket::new(Domain::for_address(to), Type::STREAM, Some(Protocol::TCP))?;
    socket.set_nonblocking(true)?;
    socket.set_tcp_nodelay(true)?;
    match socket.connect(&SockAddr::from(to)) {
        Err(cause) if cause.raw_os_error() != Some(WSAEWOULDBLOCK) => Err(cause),
        _ => Ok(socket.into()),
    }
}

/// Sockets go on as they are: there is no way to say for one call that it must not block.
pub(crate) fn let_block(_: &TcpStream) -> io::Result<()> {
    Ok(())
}

/// How long a wait must be at least for [`receive`] to be asked before it.
pub(crate) const A_MOMENT: Duration = Duration::MAX;

/// Receives what there is; 0 is the end. Where nothing is there, that is an error, at once.
pub(crate) fn receive(mut socket: &TcpStream, buffer: &mut [u8], _: bool) -> io::Result<usize> {
    socket.read(buffer)
}

/// Sends what there is room for, at least a byte; else that is an error, at once.
pub(crate) fn send(mut socket: &TcpStream, bytes: &[u8]) -> io::Result<usize> {
    socket.write(bytes)
}

/// Whether nothing has come, not even an end.
pub(crate) fn is_silent(socket: &TcpStream) -> bool {
    socket.peek(&mut [0]).is_err_and(|cause| cause.kind() == io::ErrorKind::WouldBlock)
}

/// What can be waited for.
pub(crate) type Descriptor = SOCKET;

/// A socket, for [`super::wait`].
pub(crate) fn descriptor(socket: &TcpStream) -> Descriptor {
    socket.as_raw_socket() as SOCKET
}

/// A socket and what is wanted of it, as the system takes it.
pub(super) type Entry = WSAPOLLFD;

pub(super) const NOTHING: Entry = Entry { fd: SOCKET::MAX, events: 0, revents: 0 };

pub(super) fn entry(on: Interest) -> Entry {
    let (fd, events) = match on {
        Interest::Readable(socket) => (socket, POLLRDNORM),
        Interest::Writable(socket) => (socket, POLLWRNORM),
    };
    Entry { fd, events, revents: 0 }
}

/// Whether its socket was closed meanwhile.
pub(super) fn is_closed(entry: &Entry) -> bool {
    entry.revents & POLLNVAL != 0
}

/// Waits until one of them is ready, or for so long.
pub(super) fn poll(set: &mut [Entry], left: Option<Duration>) -> io::Result<()> {
    if set.is_empty() {
        // WSAPoll would refuse.
        std::thread::sleep(left.unwrap_or(Duration::MAX));
        return Ok(());
    }
    // SAFETY: `set` holds as many entries as it is told.
    let ready = unsafe { WSAPoll(set.as_mut_ptr(), set.len() as u32, milliseconds(left)) };
    // The error is where sockets have theirs, which is where the system has all of them.
    if ready < 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
}

/// A socket that becomes readable for everybody who waits on it, and stays so until it is reset. It
/// is connected to itself, so that nobody else can write to it.
#[derive(Debug)]
pub(crate) struct Notifier(UdpSocket);

impl Notifier {
    pub(crate) fn new() -> io::Result<Notifier> {
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?;
        socket.connect(socket.local_addr()?)?;
        socket.set_nonblocking(true)?;
        Ok(Notifier(socket))
    }

    /// The socket, for [`super::wait`].
    pub(crate) fn descriptor(&self) -> Descriptor {
        self.0.as_raw_socket() as SOCKET
    }

    /// The same, for a host that waits by itself, where it can: a socket is no descriptor.
    pub(crate) fn for_the_host(&self) -> Option<i32> {
        None
    }

    /// The same with a socket of its own.
    pub(crate) fn try_clone(&self) -> io::Result<Notifier> {
        self.0.try_clone().map(Notifier)
    }

    /// Makes it unreadable again.
    pub(crate) fn reset(&self) {
        while self.0.recv(&mut [0]).is_ok() {}
    }

    /// Wakes everybody.
    pub(crate) fn notify(&self) {
        // SAFETY: both take or give a number that belongs to this thread: the code that a signal
        // interrupted finds it as it was.
        unsafe {
            let kept = GetLastError();
            let _ = self.0.send(&[1]);
            SetLastError(kept);
        }
    }
}

/// The stack that a thread of this system has by default, in bytes.
pub(crate) fn default_stack() -> usize {
    1 << 20
}

/// Starts a thread. There are no signals to keep from it.
pub(crate) fn spawn(
    name: &str,
    stack: usize,
    work: impl FnOnce() + Send + 'static,
) -> io::Result<JoinHandle<()>> {
    std::thread::Builder::new().name(name.to_owned()).stack_size(stack).spawn(work)
}
