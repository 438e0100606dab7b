//! The host's process: its forks, its rights, its environment, its threads.

use std::ffi::{CStr, OsString};
use std::io;
use std::os::unix::ffi::OsStringExt;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::thread::JoinHandle;

use crate::sys::named;

/// The number of forks between the process that loaded this library and this one.
static GENERATION: AtomicU32 = AtomicU32::new(0);

/// A number that differs between a parent and its forked child. Costs no system call, unlike the
/// process id.
pub(crate) fn generation() -> u32 {
    GENERATION.load(Ordering::Relaxed)
}

/// Makes [`generation`] change at every later fork. To be called before anything is made that a
/// child must not use.
pub(crate) fn notice_forks() {
    static NOTICED: AtomicBool = AtomicBool::new(false);
    extern "C" fn in_child() {
        GENERATION.fetch_add(1, Ordering::Relaxed);
    }
    if !NOTICED.load(Ordering::Acquire) {
        // Two threads may both register it: counting a fork twice does no harm, and neither waits
        // for the other.
        // SAFETY: the handler does nothing but an atomic addition, which is async-signal-safe, as
        // the child of a process with threads must be. Its code is there at every fork: an ELF
        // system keeps the shared library (-z nodelete, see build.rs), and so does Apple's dyld
        // with any library that has thread-local variables, as this one. What links the static
        // library is a module of the host's, which must not unload it while it may still fork;
        // glibc forgets the handlers of a module that goes.
        let failed = unsafe { libc::pthread_atfork(None, None, Some(in_child)) };
        NOTICED.store(failed == 0, Ordering::Release);
    }
}

/// Reads an environment variable, unless this process [has more rights than its
/// user](has_more_rights_than_its_user).
pub(crate) fn environment(name: &CStr) -> Option<OsString> {
    // glibc and musl have a guard of their own, which glibc can be set to apply to more programs.
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

/// The default stack size of a thread, in bytes.
pub(crate) fn default_stack() -> usize {
    let mut size = 0;
    // SAFETY: the attributes live on this stack, are initialised by pthread_attr_init before they
    // are read, and are destroyed once.
    unsafe {
        let mut attributes = std::mem::zeroed();
        if libc::pthread_attr_init(&mut attributes) == 0 {
            libc::pthread_attr_getstacksize(&attributes, &mut size);
            libc::pthread_attr_destroy(&mut attributes);
        }
    }
    size.max(128 * 1024)
}

/// Starts a thread with every signal blocked, so that none of the host's is handled on it.
pub(crate) fn spawn(
    name: &str,
    stack: usize,
    work: impl FnOnce() + Send + 'static,
) -> io::Result<JoinHandle<()>> {
    // A new thread inherits the signal mask of the one that starts it.
    // SAFETY: both sets live on this stack for the calls that use them; sigfillset initialises the
    // first, pthread_sigmask the second. They cannot fail with these arguments.
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
    started.map_err(named("pthread_create"))
}
