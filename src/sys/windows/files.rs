//! Files on Windows: those that a download writes, locked by their share mode, and small ones that
//! are read.

use std::fs::{File, OpenOptions};
use std::io::{self, Read};
use std::os::windows::fs::OpenOptionsExt;
use std::os::windows::io::AsRawHandle;
use std::path::Path;

use windows_sys::Win32::Foundation::{ERROR_LOCK_VIOLATION, ERROR_SHARING_VIOLATION};
use windows_sys::Win32::Storage::FileSystem::{
    BY_HANDLE_FILE_INFORMATION, FILE_FLAG_BACKUP_SEMANTICS, FILE_FLAG_OPEN_REPARSE_POINT,
    FILE_SHARE_DELETE, FILE_SHARE_READ, FILE_SHARE_WRITE, GetFileInformationByHandle,
};

/// A file that nobody else can open to write until it is closed, on drop.
#[derive(Debug)]
pub(crate) struct LockedFile {
    file: File,
    /// Whether another user's file was replaced by it: here the folder's own rights decide alone.
    pub(crate) has_replaced: bool,
}

/// Opens a file for reading and writing, creating it if need be, with a share mode that denies
/// others to write. A symbolic link is not followed. Its folder decides who may read it.
///
/// Fails with [`io::ErrorKind::WouldBlock`] if another open file denies it.
pub(crate) fn open_locked(path: &Path, _is_private: bool) -> io::Result<LockedFile> {
    let opened = OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        // FILE_SHARE_DELETE, since the file is renamed while it is open.
        .share_mode(FILE_SHARE_READ | FILE_SHARE_DELETE)
        .custom_flags(FILE_FLAG_OPEN_REPARSE_POINT)
        .open(path);
    let in_use = [ERROR_SHARING_VIOLATION, ERROR_LOCK_VIOLATION].map(|code| Some(code as i32));
    let file = match opened {
        Err(cause) if in_use.contains(&cause.raw_os_error()) => {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        opened => opened?,
    };
    let kind = file.metadata()?.file_type();
    if kind.is_symlink() {
        return Err(io::Error::other("it is a symbolic link, which is not followed"));
    }
    if !kind.is_file() {
        return Err(io::Error::other("it is not a regular file"));
    }
    Ok(LockedFile { file, has_replaced: false })
}

impl LockedFile {
    /// The file, to read and write.
    pub(crate) fn file(&self) -> &File {
        &self.file
    }

    /// Whether `path` still names the locked file.
    pub(crate) fn is_at(&self, path: &Path) -> io::Result<bool> {
        let named = OpenOptions::new()
            .access_mode(0)
            .share_mode(FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE)
            .custom_flags(FILE_FLAG_OPEN_REPARSE_POINT | FILE_FLAG_BACKUP_SEMANTICS)
            .open(path);
        match named {
            Ok(named) => Ok(identity(&named)? == identity(&self.file)?),
            Err(cause) if cause.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(cause) => Err(cause),
        }
    }
}

/// The volume's serial number, and the file's index on that volume.
fn identity(file: &File) -> io::Result<(u32, u32, u32)> {
    let mut found = BY_HANDLE_FILE_INFORMATION::default();
    // SAFETY: the handle is open as long as `file` lives, and `found` can be written to.
    if unsafe { GetFileInformationByHandle(file.as_raw_handle(), &mut found) } == 0 {
        return Err(io::Error::last_os_error());
    }
    Ok((found.dwVolumeSerialNumber, found.nFileIndexHigh, found.nFileIndexLow))
}

/// Fsyncs a file.
pub(crate) fn sync(file: &File) -> io::Result<()> {
    file.sync_all()
}

/// No folder is fsynced here: `None`.
pub(crate) fn open_folder(_: &Path) -> io::Result<Option<File>> {
    Ok(None)
}

/// Whether something is mounted at this very path: no file is.
pub(crate) fn is_mount_point(_: &Path) -> bool {
    false
}

/// No boot id on Windows: `None`.
pub(crate) fn boot_id() -> Option<String> {
    None
}

/// Bytes as a path: on Windows they must be UTF-8.
pub(crate) fn path(bytes: &[u8]) -> Option<&Path> {
    std::str::from_utf8(bytes).ok().map(Path::new)
}

/// Reads a file, `limit` bytes of it at most.
pub(crate) fn read_file(path: &Path, limit: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(limit).read_to_end(&mut bytes)?;
    Ok(bytes)
}
