use std::ffi::{CStr, OsString};
use std::fs::File;
use std::io::{self, Read};
use std::net::{SocketAddr, TcpStream};
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use super::Interest;

/// How many forks lie between the process that loaded this library and this one.
static GENERATION: AtomicU32 = AtomicU32::new(0);

/// Changes from a parent to its child. Costs no system call, unlike the process id.
pub(crate) fn generation() -> u32 {
    GENERATION.load(Ordering::Relaxed)
}

/// Makes [`generation`] change at a fork. Whoever creates something that a child must not use
/// calls this first.
pub(crate) fn notice_forks() {
    static NOTICED: AtomicBool = AtomicBool::new(false);
    extern "C" fn in_child() {
        GENERATION.fetch_add(1, Ordering::Relaxed);
    }
    if !NOTICED.load(Ordering::Acquire) {
        // Two threads may both come here: counting a fork twice does no harm, and neither waits
        // for the other.
        // SAFETY: the handler is a function of this library, which is never unloaded (-z nodelete),
        // and does nothing but an atomic addition, which is allowed in a child of many threads.
        let failed = unsafe { libc::pthread_atfork(None, None, Some(in_child)) };
        NOTICED.store(failed == 0, Ordering::Release);
    }
}

/// Reads an environment variable, unless this process [has more rights than its
/// user](has_more_rights_than_its_user).
pub(crate) fn environment(name: &CStr) -> Option<OsString> {
    // Where the C library has a guard of its own, it is asked as well: it may be told to be stricter.
    #[cfg(target_os = "linux")]
    unsafe extern "C" {
        #[link_name = "secure_getenv"]
        fn getenv(name: *const libc::c_char) -> *const libc::c_char;
    }
    #[cfg(not(target_os = "linux"))]
    use libc::getenv;
    if has_more_rights_than_its_user() {
        return None;
    }
    // SAFETY: `name` ends in NUL. The value is copied before anything else can run on this thread;
    // that no other thread changes the environment meanwhile is what every use of getenv asks for.
    unsafe {
        let value = getenv(name.as_ptr());
        if value.is_null() {
            return None;
        }
        Some(OsString::from_vec(CStr::from_ptr(value).to_bytes().to_vec()))
    }
}

/// Whether this process may do what the user who started it may not (setuid, setgid, or a
/// capability of its file), so that this user must not steer it by the environment.
pub(crate) fn has_more_rights_than_its_user() -> bool {
    #[cfg(any(target_os = "linux", target_os = "android"))]
    // SAFETY: reads a word that the kernel gave this process when it was started.
    let has_more = unsafe { libc::getauxval(libc::AT_SECURE) != 0 };
    #[cfg(any(
        target_vendor = "apple",
        target_os = "freebsd",
        target_os = "dragonfly",
        target_os = "netbsd",
        target_os = "openbsd"
    ))]
    // SAFETY: has no argument and cannot fail.
    let has_more = unsafe { libc::issetugid() != 0 };
    #[cfg(not(any(
        target_os = "linux",
        target_os = "android",
        target_vendor = "apple",
        target_os = "freebsd",
        target_os = "dragonfly",
        target_os = "netbsd",
        target_os = "openbsd"
    )))]
    // SAFETY: these have no arguments and cannot fail.
    let has_more =
        unsafe { libc::getuid() != libc::geteuid() || libc::getgid() != libc::getegid() };
    has_more
}

/// Bytes as a path of this system.
pub(crate) fn path(bytes: &[u8]) -> Option<&Path> {
    Some(Path::new(std::ffi::OsStr::from_bytes(bytes)))
}

/// Moves a new descriptor out of the way of 0, 1 and 2, which a host may have closed and which
/// others write to without asking.
pub(super) fn above_stdio(descriptor: OwnedFd) -> io::Result<OwnedFd> {
    if descriptor.as_raw_fd() > 2 {
        return Ok(descriptor);
    }
    // SAFETY: `descriptor` is open for the whole call, and the command takes an integer.
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

/// Reads a file, up to `limit` bytes.
pub(crate) fn read_file(path: &Path, limit: u64) -> io::Result<Vec<u8>> {
    let file = File::from(above_stdio(File::open(path)?.into())?);
    let mut bytes = Vec::new();
    file.take(limit).read_to_end(&mut bytes)?;
    Ok(bytes)
}

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

/// What can be waited for.
pub(crate) type Descriptor = i32;

/// A socket, for [`super::wait`].
pub(crate) fn descriptor(socket: &TcpStream) -> Descriptor {
    socket.as_raw_fd()
}

/// A descriptor and what is wanted of it, as the system takes it.
pub(super) type Entry = libc::pollfd;

pub(super) const NOTHING: Entry = Entry { fd: -1, events: 0, revents: 0 };

pub(super) fn entry(on: Interest) -> Entry {
    let (fd, events) = match on {
        Interest::Readable(descriptor) => (descriptor, libc::POLLIN),
        Interest::Writable(descriptor) => (descriptor, libc::POLLOUT),
    };
    Entry { fd, events, revents: 0 }
}

/// Whether its descriptor was closed meanwhile.
#[cfg(not(any(target_os = "linux", target_os = "android")))]
pub(super) fn is_closed(entry: &Entry) -> bool {
    entry.revents & libc::POLLNVAL != 0
}

/// Waits until one of them is ready, or for so long. A signal ends it with `Interrupted`.
pub(super) fn poll(set: &mut [Entry], left: Option<Duration>) -> io::Result<()> {
    #[cfg(any(target_os = "linux", target_os = "android", target_os = "freebsd"))]
    let ready = {
        let left = left.map(|left| libc::timespec {
            tv_sec: left.as_secs().try_into().unwrap_or(libc::time_t::MAX),
            tv_nsec: left.subsec_nanos().into(),
        });
        let left = left.as_ref().map_or(std::ptr::null(), std::ptr::from_ref);
        // SAFETY: `set` holds as many entries as it is told, and `left` is null or points to a
        // timespec that lives to the end of this block; a null mask leaves the signals as they are.
        unsafe { libc::ppoll(set.as_mut_ptr(), set.len() as libc::nfds_t, left, std::ptr::null()) }
    };
    #[cfg(not(any(target_os = "linux", target_os = "android", target_os = "freebsd")))]
    let ready = {
        // SAFETY: `set` holds as many entries as it is told.
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

/// The stack that a thread of this system has by default, in bytes.
pub(crate) fn default_stack() -> usize {
    let mut size = 0;
    // SAFETY: the attributes live on this stack, are made whole by init before they are read, and
    // are destroyed once.
    unsafe {
        let mut attributes = std::mem::zeroed();
        if libc::pthread_attr_init(&mut attributes) == 0 {
            libc::pthread_attr_getstacksize(&attributes, &mut size);
            libc::pthread_attr_destroy(&mut attributes);
        }
    }
    size.max(128 * 1024)
}

/// Starts a thread that takes none of the host's signals.
pub(crate) fn spawn(
    name: &str,
    stack: usize,
    work: impl FnOnce() + Send + 'static,
) -> io::Result<JoinHandle<()>> {
    // A new thread inherits the mask of the one that starts it.
    // SAFETY: both sets live on this stack for the calls that use them; sigfillset makes the first
    // one whole, pthread_sigmask the second. They cannot fail with these arguments.
    let old = unsafe {
        let mut all = std::mem::zeroed();
        let mut old = std::mem::zeroed();
        libc::sigfillset(&mut all);
        libc::pthread_sigmask(libc::SIG_SETMASK, &all, &mut old);
        old
    };
    let started = std::thread::Builder::new().name(name.to_owned()).stack_size(stack).spawn(work);
    // SAFETY: `old` is the mask that this thread had a moment ago.
    unsafe { libc::pthread_sigmask(libc::SIG_SETMASK, &old, std::ptr::null_mut()) };
    started
}
