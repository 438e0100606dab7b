//! `path.part`, in which a file grows until it is whole, and `path.part.info`.

use std::ffi::OsStr;
use std::fs;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use super::part_info::{PartInfo, Validator};
use crate::error::{Code, Error, Result};
use crate::sys::{self, LockedFile};
use crate::text::quote;

/// A larger file is not a part's info.
const LARGEST_INFO: u64 = 64 * 1024;

/// The file under way, which no other download writes as long as this lives.
#[derive(Debug)]
pub(super) struct Part {
    target: PathBuf,
    path: PathBuf,
    info_path: PathBuf,
    file: LockedFile,
    /// Opened first and removed last, so that its lock is the one that decides.
    info_file: LockedFile,
    /// `None`: nothing of the file can be used.
    info: Option<PartInfo>,
    /// How many bytes of the file can be used.
    length: u64,
    boot: String,
}

impl Part {
    /// Opens or makes both files next to `target`.
    pub(super) fn open(target: &Path) -> Result<Part> {
        // The host may change its folder meanwhile.
        let target = absolute(target)?;
        check_target(&target)?;
        let (path, info_path) = (beside(&target, ".part"), beside(&target, ".part.info"));
        let info_file = open_locked(&info_path, &target, true)?;
        let file = match open_locked(&path, &target, false) {
            Ok(file) => file,
            Err(error) => {
                if info_file.file().metadata().is_ok_and(|found| found.len() == 0) {
                    let _ = fs::remove_file(&info_path);
                }
                return Err(error);
            }
        };
        let boot = sys::boot_id().unwrap_or_default();
        let mut part =
            Part { target, path, info_path, file, info_file, info: None, length: 0, boot };
        part.look().map_err(|cause| failed(&part.path, "read", &cause))?;
        Ok(part)
    }

    /// Finds out what of the file can be used.
    fn look(&mut self) -> io::Result<()> {
        let mut text = Vec::new();
        self.info_file.file().take(LARGEST_INFO).read_to_end(&mut text)?;
        let there = self.file.file().metadata()?.len();
        let Some(info) = PartInfo::read(&text) else { return Ok(()) };
        // Bytes that were not on the disk when the system stopped may be anything.
        let outlived = if info.boot == self.boot { there } else { there.min(info.synced) };
        if info.length.is_none_or(|length| outlived <= length) {
            (self.info, self.length) = (Some(info), outlived);
        }
        Ok(())
    }

    /// The usable bytes of the file at this path of a URL, if there are any: how many, and the facts
    /// about them.
    pub(super) fn begun(&self, url_path: &str) -> Option<(u64, &PartInfo)> {
        let info = self.info.as_ref().filter(|info| info.path == url_path)?;
        (self.length > 0).then_some((self.length, info))
    }

    /// Why what was there could not be gone on with, if another user's file was.
    pub(super) fn has_replaced(&self) -> Option<String> {
        let has_replaced = self.file.has_replaced || self.info_file.has_replaced;
        let shown = quote(&self.path.to_string_lossy());
        has_replaced.then(|| {
            format!(
                "'{shown}' is begun anew: what was there belongs to another user, or has a second \
                 link, such as on a file system without owners"
            )
        })
    }

    /// How many bytes are there.
    pub(super) fn length(&self) -> u64 {
        self.length
    }

    /// Begins anew. Without a validator nothing of it will be used again.
    pub(super) fn begin(
        &mut self,
        url_path: &str,
        validator: Option<Validator>,
        length: Option<u64>,
    ) -> Result<()> {
        self.forget()?;
        if let Some(validator) = validator {
            let (path, boot) = (url_path.to_owned(), self.boot.clone());
            self.note(PartInfo { path, validator, length, synced: 0, boot })?;
        }
        Ok(())
    }

    /// Resumes after this many bytes, all of which can be used.
    pub(super) fn resume(&mut self, from: u64, length: u64) -> Result<()> {
        self.cut(from)?;
        match self.info.take() {
            Some(info) => {
                let synced = info.synced.min(from);
                self.note(PartInfo {
                    length: Some(length),
                    synced,
                    boot: self.boot.clone(),
                    ..info
                })
            }
            None => Ok(()),
        }
    }

    /// Forgets all that is there.
    pub(super) fn forget(&mut self) -> Result<()> {
        self.info = None;
        let info_file = self.info_file.file();
        let had_any = info_file.metadata().map_or(0, |found| found.len()) > 0;
        let forgotten = info_file.set_len(0).and_then(|()| match had_any {
            // Before a byte that it is not about can reach the disk.
            true => sys::sync(info_file),
            false => Ok(()),
        });
        forgotten.map_err(|cause| failed(&self.info_path, "write", &cause))?;
        self.cut(0)
    }

    fn cut(&mut self, length: u64) -> Result<()> {
        let mut file = self.file.file();
        let cut = file.set_len(length).and_then(|()| file.seek(SeekFrom::Start(length)));
        cut.map_err(|cause| failed(&self.path, "write", &cause))?;
        self.length = length;
        Ok(())
    }

    fn note(&mut self, info: PartInfo) -> Result<()> {
        let text = info.write();
        let mut file = self.info_file.file();
        file.set_len(0)
            .and_then(|()| file.seek(SeekFrom::Start(0)))
            .and_then(|_| file.write_all(text.as_bytes()))
            .map_err(|cause| failed(&self.info_path, "write", &cause))?;
        self.info = Some(info);
        Ok(())
    }

    /// Adds bytes at the end.
    pub(super) fn write(&mut self, bytes: &[u8]) -> Result<()> {
        let mut file = self.file.file();
        let written = file.write_all(bytes);
        self.length = match &written {
            Ok(()) => self.length + bytes.len() as u64,
            // A disk that is full takes the first of them.
            Err(_) => file.stream_position().unwrap_or(self.length),
        };
        written.map_err(|cause| failed(&self.path, "write", &cause))
    }

    /// Puts the whole file, which has this length, into its place.
    pub(super) fn finish(self, length: u64) -> Result<()> {
        let file = self.file.file();
        let found = file.metadata().map_err(|cause| failed(&self.path, "read", &cause))?.len();
        if found != length || !self.file.is_at(&self.path).unwrap_or(false) {
            return Err(failed(
                &self.path,
                "use",
                &"another program has changed it; download it again",
            ));
        }
        if let Err(cause) = sys::sync(file) {
            // Which of its bytes are on the disk is not known any more.
            let _ = fs::remove_file(&self.path);
            let _ = fs::remove_file(&self.info_path);
            return Err(failed(&self.path, "write", &cause));
        }
        // Opened before, so that nothing can fail once the file is in its place.
        let folder = self.target.parent().unwrap_or(Path::new("/"));
        let opened = sys::open_folder(folder).map_err(|cause| match sys::is_exhausted(&cause) {
            true => Error::system("open a folder", &cause),
            false => failed(folder, "open", &cause),
        })?;
        fs::rename(&self.path, &self.target)
            .map_err(|cause| failed(&self.target, "replace", &cause))?;
        let _ = fs::remove_file(&self.info_path);
        let _ = opened.as_ref().map(sys::sync);
        Ok(())
    }

    /// Leaves it for another call. Nothing is left of what holds nothing. `may_block`: all of it is
    /// brought to the disk, so that it outlives the system.
    pub(super) fn keep(mut self, may_block: bool) {
        let is_empty = self.file.file().metadata().is_ok_and(|found| found.len() == 0);
        if is_empty {
            let _ = fs::remove_file(&self.path);
        }
        if is_empty || self.info.is_none() {
            let _ = fs::remove_file(&self.info_path);
        } else if may_block
            && sys::sync(self.file.file()).is_ok()
            && let Some(info) = self.info.take()
        {
            let _ = self.note(PartInfo { synced: self.length, ..info });
        }
    }
}

/// The path as it is now, whatever becomes of the host's folder.
pub(crate) fn absolute(target: &Path) -> Result<PathBuf> {
    std::path::absolute(target).map_err(|cause| failed(target, "use", &cause))
}

/// Checks that a path names a file.
pub(super) fn check(path: &Path) -> Result<()> {
    let bytes = path.as_os_str().as_encoded_bytes();
    let names_file =
        path.file_name().is_some() && !bytes.ends_with(b"/") && !bytes.ends_with(b"/.");
    if names_file { Ok(()) } else { Err(Error::argument("path must name a file")) }
}

/// Checks that what is at the target, if anything, can be replaced by a file.
pub(super) fn check_target(target: &Path) -> Result<()> {
    let Ok(found) = target.symlink_metadata() else { return Ok(()) };
    let flaw = if found.is_dir() {
        "it is a folder; name a file in it"
    } else if !found.is_file() && !found.is_symlink() {
        "it is a device, FIFO or socket; name another path"
    } else if sys::is_mount_point(target) {
        "something is mounted there, such as into a container; name another path, or mount its folder"
    } else {
        return Ok(());
    };
    Err(failed(target, "replace", &flaw))
}

fn beside(target: &Path, ending: &str) -> PathBuf {
    let mut name = target.file_name().unwrap_or(OsStr::new("")).to_owned();
    name.push(ending);
    target.with_file_name(name)
}

fn open_locked(path: &Path, target: &Path, is_private: bool) -> Result<LockedFile> {
    sys::open_locked(path, is_private).map_err(|cause| match cause.kind() {
        io::ErrorKind::WouldBlock => Error::new(
            Code::File,
            format!(
                "another download to '{}' is under way: wait for it, or choose another path",
                quote(&target.to_string_lossy())
            ),
        ),
        io::ErrorKind::NotFound => Error::new(
            Code::File,
            format!(
                "the folder of '{}' is not there: make it first",
                quote(&target.to_string_lossy())
            ),
        ),
        _ if sys::is_exhausted(&cause) => Error::system("open a file", &cause),
        _ => failed(path, "open", &cause),
    })
}

fn failed(path: &Path, doing: &str, cause: &dyn std::fmt::Display) -> Error {
    let shown = quote(&path.to_string_lossy());
    Error::new(Code::File, format!("could not {doing} '{shown}': {cause}"))
}

#[cfg(test)]
#[path = "part_tests.rs"]
mod tests;
