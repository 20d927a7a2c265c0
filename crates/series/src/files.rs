//! The store's directory: every write, sync, rename and removal goes through here, with the file named in the error.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::error::{Error, Result};

/// A lock whose holder panicked is taken over: all state is changed only after the fallible part is done.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Handle on the store's directory.
#[derive(Clone, Debug)]
pub(crate) struct Dir {
    path: Arc<Path>,
    #[cfg(test)]
    pub faults: Arc<Faults>,
}

impl Dir {
    /// Creates the directory, durably, if it does not exist.
    pub fn create(path: &Path) -> Result<Self> {
        if !path.is_dir() {
            fs::create_dir_all(path).map_err(|e| Error::io("create", path, e))?;
            if let Some(parent) = path.parent().filter(|p| !p.as_os_str().is_empty()) {
                Self::new(parent).sync_names()?;
            }
        }
        Ok(Self::new(path))
    }

    pub fn new(path: &Path) -> Self {
        Self {
            path: Arc::from(path),
            #[cfg(test)]
            faults: Arc::default(),
        }
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    pub fn join(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// Names of the plain files, sorted.
    pub fn names(&self) -> Result<Vec<String>> {
        let fail = |e| Error::io("list", &self.path, e);
        let mut names = Vec::new();
        for entry in fs::read_dir(&self.path).map_err(fail)? {
            let entry = entry.map_err(fail)?;
            if entry.file_type().map_err(fail)?.is_file()
                && let Ok(name) = entry.file_name().into_string()
            {
                names.push(name);
            }
        }
        names.sort();
        Ok(names)
    }

    pub fn create_new(&self, name: &str) -> Result<File> {
        let path = self.join(name);
        let options = OpenOptions::new()
            .write(true)
            .read(true)
            .create(true)
            .truncate(true)
            .clone();
        options
            .open(&path)
            .map_err(|e| Error::io("create", &path, e))
    }

    pub fn write(&self, mut file: &File, name: &str, bytes: &[u8]) -> Result<()> {
        #[cfg(test)]
        let bytes = self
            .faults
            .allow(file, bytes)
            .map_err(|e| Error::io("write", &self.join(name), e))?;
        file.write_all(bytes)
            .map_err(|e| Error::io("write", &self.join(name), e))
    }

    pub fn sync(&self, file: &File, name: &str) -> Result<()> {
        #[cfg(test)]
        self.faults
            .sync()
            .map_err(|e| Error::io("sync", &self.join(name), e))?;
        file.sync_data()
            .map_err(|e| Error::io("sync", &self.join(name), e))
    }

    pub fn rename(&self, from: &str, to: &str) -> Result<()> {
        fs::rename(self.join(from), self.join(to))
            .map_err(|e| Error::io("rename", &self.join(from), e))
    }

    /// Removes a file; that it is gone already is fine.
    pub fn remove(&self, name: &str) -> Result<()> {
        match fs::remove_file(self.join(name)) {
            Err(e) if e.kind() != io::ErrorKind::NotFound => {
                Err(Error::io("remove", &self.join(name), e))
            }
            _ => Ok(()),
        }
    }

    /// Makes creations, renames and removals durable.
    pub fn sync_names(&self) -> Result<()> {
        // Windows has no handle on a directory; its file systems journal names themselves.
        if cfg!(unix) {
            let fail = |e| Error::io("sync", &self.path, e);
            File::open(&self.path)
                .map_err(fail)?
                .sync_all()
                .map_err(fail)?;
        }
        Ok(())
    }

    /// Writes a whole small file so that after a crash either the old or the new content is there.
    pub fn replace(&self, name: &str, bytes: &[u8]) -> Result<()> {
        let temporary = format!("{name}{TEMPORARY}");
        let file = self.create_new(&temporary)?;
        self.write(&file, &temporary, bytes)?;
        self.sync(&file, &temporary)?;
        self.rename(&temporary, name)?;
        self.sync_names()
    }
}

/// Ending of files that are being written; whatever carries it at start is left over and removed.
pub(crate) const TEMPORARY: &str = ".tmp";

/// Reads exactly `len` bytes at `offset`, without moving a shared cursor.
pub(crate) fn read_at(file: &File, path: &Path, offset: u64, len: usize) -> Result<Vec<u8>> {
    let mut buffer = vec![0; len];
    read_exact_at(file, &mut buffer, offset).map_err(|e| match e.kind() {
        io::ErrorKind::UnexpectedEof => {
            Error::corrupt(path, format!("ends before byte {}", offset + len as u64))
        }
        _ => Error::io("read", path, e),
    })?;
    Ok(buffer)
}

#[cfg(unix)]
fn read_exact_at(file: &File, buffer: &mut [u8], offset: u64) -> io::Result<()> {
    std::os::unix::fs::FileExt::read_exact_at(file, buffer, offset)
}

#[cfg(windows)]
fn read_exact_at(file: &File, mut buffer: &mut [u8], mut offset: u64) -> io::Result<()> {
    while !buffer.is_empty() {
        match std::os::windows::fs::FileExt::seek_read(file, buffer, offset)? {
            0 => return Err(io::ErrorKind::UnexpectedEof.into()),
            n => {
                buffer = &mut buffer[n..];
                offset += n as u64;
            }
        }
    }
    Ok(())
}

/// Makes a disk fail on demand.
#[cfg(test)]
#[derive(Debug, Default)]
pub(crate) struct Faults {
    /// Bytes that may still be written; `None` = any number.
    pub room: Mutex<Option<usize>>,
    /// How many syncs fail from now on.
    pub failing_syncs: std::sync::atomic::AtomicUsize,
}

#[cfg(test)]
impl Faults {
    /// Writes what still fits, as a full disk does, and then fails.
    fn allow<'a>(&self, mut file: &File, bytes: &'a [u8]) -> io::Result<&'a [u8]> {
        let mut room = lock(&self.room);
        match *room {
            Some(left) if bytes.len() > left => {
                file.write_all(&bytes[..left])?;
                *room = Some(0);
                Err(io::ErrorKind::StorageFull.into())
            }
            Some(left) => {
                *room = Some(left - bytes.len());
                Ok(bytes)
            }
            None => Ok(bytes),
        }
    }

    fn sync(&self) -> io::Result<()> {
        use std::sync::atomic::Ordering::SeqCst;
        match self
            .failing_syncs
            .fetch_update(SeqCst, SeqCst, |n| n.checked_sub(1))
        {
            Ok(_) => Err(io::Error::other("injected")),
            Err(_) => Ok(()),
        }
    }
}
