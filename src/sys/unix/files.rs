//! Files on Unix: those that a download writes, locked by flock(2), and small ones that are read.

use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, Read};
use std::os::fd::AsRawFd;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::Path;

use super::above_stdio;

/// The attempts to lock a path that other processes keep replacing.
const TRIES: usize = 100;

/// A file with an exclusive advisory lock, which is released on drop.
#[derive(Debug)]
pub(crate) struct LockedFile {
    file: File,
    /// Whether another user's file, or one with a second link, was replaced by it.
    pub(crate) has_replaced: bool,
}

/// Opens a file for reading and writing, creating it if need be, and locks it, where its file system has
/// locks. A symbolic link is not followed. A file that belongs to another user or has a second hard link is replaced by a new
/// one, since others may read and write what is in it. `is_private`: created with mode 600.
///
/// Fails with [`io::ErrorKind::WouldBlock`] if another open file holds the lock.
pub(crate) fn open_locked(path: &Path, is_private: bool) -> io::Result<LockedFile> {
    let mut has_replaced = false;
    for _ in 0..TRIES {
        let made = open(path, true, is_private);
        let is_new = made.is_ok();
        let file = match made {
            Err(cause) if cause.kind() == io::ErrorKind::AlreadyExists => {
                match open(path, false, is_private) {
                    Err(cause) if cause.kind() == io::ErrorKind::NotFound => continue,
                    found => found?,
                }
            }
            made => made?,
        };
        let found = file.metadata()?;
        if !found.is_file() {
            return Err(io::Error::other("it is not a regular file"));
        }
        match lock(&file, libc::LOCK_EX | libc::LOCK_NB) {
            Err(cause) if is_unsupported(&cause) => {}
            locked => locked?,
        }
        let locked = LockedFile { file, has_replaced };
        if !locked.is_at(path)? {
            continue;
        }
        if is_new || is_ours(&found) {
            return Ok(locked);
        }
        fs::remove_file(path)?;
        has_replaced = true;
    }
    Err(io::ErrorKind::WouldBlock.into())
}

impl LockedFile {
    /// The file, to read and write.
    pub(crate) fn file(&self) -> &File {
        &self.file
    }

    /// Whether `path` still names the locked file.
    pub(crate) fn is_at(&self, path: &Path) -> io::Result<bool> {
        let own = self.file.metadata()?;
        match path.symlink_metadata() {
            Ok(named) => Ok((named.dev(), named.ino()) == (own.dev(), own.ino())),
            Err(cause) if cause.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(cause) => Err(cause),
        }
    }
}

impl Drop for LockedFile {
    fn drop(&mut self) {
        // Closing the file would not release the lock while a forked child has it open too.
        let _ = lock(&self.file, libc::LOCK_UN);
    }
}

fn open(path: &Path, is_new: bool, is_private: bool) -> io::Result<File> {
    let opened = OpenOptions::new()
        .read(true)
        .write(true)
        .create_new(is_new)
        .mode(if is_private { 0o600 } else { 0o666 })
        // The last two are for a FIFO or a terminal, which is then refused.
        .custom_flags(libc::O_NOFOLLOW | libc::O_NONBLOCK | libc::O_NOCTTY)
        .open(path);
    match opened {
        Ok(file) => Ok(above_stdio(file.into())?.into()),
        Err(cause) if matches!(cause.raw_os_error(), Some(libc::ELOOP | libc::EMLINK)) => {
            Err(io::Error::other("it is a symbolic link, which is not followed"))
        }
        Err(cause) => Err(cause),
    }
}

fn is_ours(found: &Metadata) -> bool {
    // SAFETY: has no argument and cannot fail.
    let user = unsafe { libc::geteuid() };
    found.uid() == user && found.nlink() == 1
}

/// flock(2). Not `File::try_lock`, which is another lock on Solaris, and none on Android, illumos
/// and DragonFly in the oldest Rust that has it.
fn lock(file: &File, how: libc::c_int) -> io::Result<()> {
    loop {
        // SAFETY: the descriptor is open as long as `file` lives, and `how` is an integer.
        if unsafe { libc::flock(file.as_raw_fd(), how) } == 0 {
            return Ok(());
        }
        let cause = io::Error::last_os_error();
        if cause.kind() != io::ErrorKind::Interrupted {
            return Err(cause);
        }
    }
}

/// Whether the file system lacks locks or fsync: some network file systems and those of FUSE.
fn is_unsupported(cause: &io::Error) -> bool {
    // Two names of one error on some systems.
    let is_not_supported = |error| error == libc::EOPNOTSUPP || error == libc::ENOTSUP;
    cause.raw_os_error().is_some_and(|error| {
        matches!(error, libc::ENOSYS | libc::ENOLCK | libc::EINVAL) || is_not_supported(error)
    })
}

/// Fsyncs a file, where its file system can do that; else what was written is as safe as it gets there.
pub(crate) fn sync(file: &File) -> io::Result<()> {
    match file.sync_all() {
        Err(cause) if is_unsupported(&cause) => Ok(()),
        synced => synced,
    }
}

/// Opens a folder, so that it can be fsynced once a file in it was renamed, and the rename outlasts a
/// crash. `None`: this user may not read it.
pub(crate) fn open_folder(path: &Path) -> io::Result<Option<File>> {
    match File::open(path).and_then(|folder| above_stdio(folder.into())) {
        Err(cause) if cause.kind() == io::ErrorKind::PermissionDenied => Ok(None),
        opened => Ok(Some(opened?.into())),
    }
}

/// Whether something is mounted at this very path, such as a file that is bind-mounted into a container:
/// it cannot be replaced.
#[cfg(any(target_os = "linux", target_os = "android"))]
pub(crate) fn is_mount_point(path: &Path) -> bool {
    let Ok(path) = std::ffi::CString::new(path.as_os_str().as_bytes()) else { return false };
    // SAFETY: the path ends in NUL, and `found`, which is all integers, can be written for the call.
    let found = unsafe {
        let mut found: libc::statx = std::mem::zeroed();
        let flags = libc::AT_SYMLINK_NOFOLLOW | libc::AT_NO_AUTOMOUNT;
        match libc::statx(libc::AT_FDCWD, path.as_ptr(), flags, 0, &mut found) {
            0 => found,
            _ => return false,
        }
    };
    // Linux 5.8; before, the mask says that it is not known.
    let attribute = libc::STATX_ATTR_MOUNT_ROOT as u64;
    found.stx_attributes & found.stx_attributes_mask & attribute != 0
}

/// Whether something is mounted at this very path, which this system does not tell.
#[cfg(not(any(target_os = "linux", target_os = "android")))]
pub(crate) fn is_mount_point(_: &Path) -> bool {
    false
}

/// The boot id, a random UUID for each start of the system: data of an earlier boot that was not
/// fsynced may be lost.
#[cfg(any(target_os = "linux", target_os = "android"))]
pub(crate) fn boot_id() -> Option<String> {
    let id = read_file(Path::new("/proc/sys/kernel/random/boot_id"), 64).ok()?;
    Some(String::from_utf8(id).ok()?.trim().to_owned())
}

/// The boot id: the system's `kern.bootsessionuuid`.
#[cfg(target_vendor = "apple")]
pub(crate) fn boot_id() -> Option<String> {
    let mut id = [0_u8; 64];
    let mut length = id.len();
    // SAFETY: the name ends in NUL; `id` can be written for `length` bytes, and both live on this
    // stack for the call; no value is set.
    let failed = unsafe {
        libc::sysctlbyname(
            c"kern.bootsessionuuid".as_ptr(),
            id.as_mut_ptr().cast(),
            &mut length,
            std::ptr::null_mut(),
            0,
        )
    };
    let id = std::ffi::CStr::from_bytes_until_nul(id.get(..length)?).ok()?;
    (failed == 0).then(|| id.to_str().ok().map(str::to_owned))?
}

/// No boot id on this system: `None`.
#[cfg(not(any(target_os = "linux", target_os = "android", target_vendor = "apple")))]
pub(crate) fn boot_id() -> Option<String> {
    None
}

/// Bytes as a path: on Unix any bytes are one.
pub(crate) fn path(bytes: &[u8]) -> Option<&Path> {
    Some(Path::new(std::ffi::OsStr::from_bytes(bytes)))
}

/// Reads a regular file, `limit` bytes of it at most: any other may block for ever.
pub(crate) fn read_file(path: &Path, limit: u64) -> io::Result<Vec<u8>> {
    let opened =
        OpenOptions::new().read(true).custom_flags(libc::O_NONBLOCK | libc::O_NOCTTY).open(path)?;
    let file = File::from(above_stdio(opened.into())?);
    if !file.metadata()?.is_file() {
        return Err(io::Error::other("it is not a regular file"));
    }
    let mut bytes = Vec::new();
    file.take(limit).read_to_end(&mut bytes)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;
    use std::path::PathBuf;

    /// A temporary folder, removed on drop.
    struct Folder(PathBuf);

    impl Folder {
        fn new(name: &str) -> Folder {
            let path = std::env::temp_dir().join(format!("pictory-{}-{name}", std::process::id()));
            fs::create_dir(&path).unwrap();
            Folder(path)
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    #[test]
    fn a_file_is_locked_until_it_is_dropped() {
        let folder = Folder::new("locked");
        let path = folder.0.join("file");
        let locked = open_locked(&path, false).unwrap();
        assert!(locked.file().as_raw_fd() > 2);
        assert_eq!(open_locked(&path, false).unwrap_err().kind(), io::ErrorKind::WouldBlock);
        drop(locked);
        assert!(open_locked(&path, false).is_ok());
    }

    #[test]
    fn a_link_or_a_pipe_is_refused() {
        let folder = Folder::new("refused");
        let (target, link) = (folder.0.join("target"), folder.0.join("link"));
        fs::write(&target, "old").unwrap();
        symlink(&target, &link).unwrap();
        assert!(open_locked(&link, false).unwrap_err().to_string().contains("symbolic link"));
        symlink(folder.0.join("nowhere"), folder.0.join("dangling")).unwrap();
        assert!(open_locked(&folder.0.join("dangling"), false).is_err());
        assert!(open_locked(&folder.0, false).is_err());
        let socket = folder.0.join("socket");
        let _listener = std::os::unix::net::UnixListener::bind(&socket).unwrap();
        assert!(open_locked(&socket, false).is_err());
        assert_eq!(fs::read(&target).unwrap(), b"old");
    }

    #[test]
    fn a_file_with_a_second_name_is_replaced() {
        let folder = Folder::new("linked");
        let (path, other) = (folder.0.join("file"), folder.0.join("other"));
        fs::write(&other, "another's").unwrap();
        fs::hard_link(&other, &path).unwrap();
        let locked = open_locked(&path, true).unwrap();
        assert_eq!(locked.file().metadata().unwrap().len(), 0);
        assert!(locked.is_at(&path).unwrap() && !locked.is_at(&other).unwrap());
        assert_eq!(fs::read(&other).unwrap(), b"another's");
        assert_eq!(path.metadata().unwrap().mode() & 0o777, 0o600);
    }

    #[test]
    fn the_system_names_its_start() {
        assert_eq!(boot_id(), boot_id());
        assert!(cfg!(not(target_os = "linux")) || boot_id().unwrap().len() > 30);
        sync(&open_folder(&std::env::temp_dir()).unwrap().unwrap()).unwrap();
    }
}
