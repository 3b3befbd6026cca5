//! Files of the file system.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io;
#[cfg(not(unix))]
use std::io::{Read as _, Seek as _, SeekFrom, Write as _};
use std::path::Path;
use std::sync::Arc;

use super::{Access, Io, IoFile};

/// The file system.
#[derive(Debug, Clone, Copy, Default)]
pub struct DiskIo;

impl Io for DiskIo {
    fn create_dir(&self, path: &Path) -> io::Result<()> {
        let mut builder = fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(path)
    }

    fn exists(&self, path: &Path) -> io::Result<bool> {
        match fs::symlink_metadata(path) {
            Ok(_) => Ok(true),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(error),
        }
    }

    #[cfg(unix)]
    fn hazard(&self, dir: &Path, read_only: bool) -> io::Result<Option<String>> {
        use std::os::unix::fs::MetadataExt;
        let metadata = match fs::metadata(dir) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            metadata => metadata?,
        };
        let user = rustix::process::geteuid().as_raw();
        let owner = (metadata.uid(), user);
        Ok(hazard(dir, metadata.mode() & 0o7777, owner, read_only))
    }

    #[cfg(not(unix))]
    fn hazard(&self, _dir: &Path, _read_only: bool) -> io::Result<Option<String>> {
        Ok(None)
    }

    fn list(&self, path: &Path) -> io::Result<Vec<String>> {
        let mut names = Vec::new();
        for entry in fs::read_dir(path)? {
            if let Ok(name) = entry?.file_name().into_string() {
                names.push(name);
            }
        }
        names.sort();
        Ok(names)
    }

    fn open(&self, path: &Path, access: Access) -> io::Result<Arc<dyn IoFile>> {
        let mut options = OpenOptions::new();
        options.read(true);
        match access {
            Access::Read => {}
            Access::Write => {
                options.write(true).create(true).truncate(false);
            }
            Access::Create => {
                if self.exists(path)? {
                    refuse_link(path)?;
                    fs::remove_file(path)?;
                }
                options.write(true).create_new(true);
            }
        }
        #[cfg(unix)]
        {
            use std::os::unix::fs::OpenOptionsExt;
            options.mode(0o600);
            options.custom_flags(rustix::fs::OFlags::NOFOLLOW.bits().cast_signed());
        }
        let opened = options.open(path).or_else(|error| {
            refuse_link(path)?;
            Err(error)
        });
        Ok(Arc::new(DiskFile::new(opened?)?))
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        fs::rename(from, to)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        fs::remove_file(path)
    }

    fn sync_dir(&self, path: &Path) -> io::Result<()> {
        // Windows has no handle to a directory that could be flushed; NTFS journals the entry.
        if cfg!(unix) {
            File::open(path)?.sync_all()
        } else {
            Ok(())
        }
    }
}

/// An error for a symbolic link: what it leads to is not the store's to write.
fn refuse_link(path: &Path) -> io::Result<()> {
    if fs::symlink_metadata(path).is_ok_and(|metadata| metadata.is_symlink()) {
        return Err(io::Error::other(
            "it is a symbolic link, which is not followed; remove it, or put the file itself in its place",
        ));
    }
    Ok(())
}

/// Why a directory of this mode and owner is not safe for a user (UIDs).
///
/// A group that may write is trusted: where the umask is 002 it is the user's own, and elsewhere
/// somebody gave it the right on purpose.
#[cfg(unix)]
fn hazard(dir: &Path, mode: u32, (owner, user): (u32, u32), read_only: bool) -> Option<String> {
    const STICKY: u32 = 0o1000;
    const ROOT: u32 = 0;
    let own = dir.join("memfast");
    if mode & 0o002 != 0 {
        let way_out = if mode & STICKY == 0 {
            format!("run `chmod 700 {}`", dir.display())
        } else {
            format!(
                "use a directory of your own in it, such as {}",
                own.display()
            )
        };
        return Some(format!(
            "every user of this machine may write to the directory (mode {mode:04o}); {way_out}"
        ));
    }
    // Root may open anyone's store, and what is root's is safe from all others.
    if !read_only && user != ROOT && owner != user && owner != ROOT {
        return Some(format!(
            "the directory belongs to another user (UID {owner}, not {user}); use one of your own"
        ));
    }
    None
}

#[derive(Debug)]
struct DiskFile {
    file: File,
    /// Device and inode.
    #[cfg(unix)]
    identity: (u64, u64),
}

#[cfg(unix)]
fn identity(metadata: &fs::Metadata) -> (u64, u64) {
    use std::os::unix::fs::MetadataExt;
    (metadata.dev(), metadata.ino())
}

impl DiskFile {
    #[cfg(unix)]
    fn new(file: File) -> io::Result<Self> {
        let identity = identity(&file.metadata()?);
        Ok(Self { file, identity })
    }

    #[cfg(not(unix))]
    fn new(file: File) -> io::Result<Self> {
        Ok(Self { file })
    }
}

impl IoFile for DiskFile {
    fn len(&self) -> io::Result<u64> {
        Ok(self.file.metadata()?.len())
    }

    #[cfg(unix)]
    fn read_at(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        std::os::unix::fs::FileExt::read_exact_at(&self.file, out, offset)
    }

    #[cfg(unix)]
    fn write_at(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        std::os::unix::fs::FileExt::write_all_at(&self.file, data, offset)
    }

    #[cfg(not(unix))]
    fn read_at(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        let mut file = self.file.try_clone()?;
        file.seek(SeekFrom::Start(offset))?;
        file.read_exact(out)
    }

    #[cfg(not(unix))]
    fn write_at(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        let mut file = self.file.try_clone()?;
        file.seek(SeekFrom::Start(offset))?;
        file.write_all(data)
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.file.set_len(len)
    }

    fn sync(&self) -> io::Result<()> {
        self.file.sync_data()
    }

    fn try_lock(&self, shared: bool) -> io::Result<bool> {
        let outcome = if shared {
            self.file.try_lock_shared()
        } else {
            self.file.try_lock()
        };
        match outcome {
            Ok(()) => Ok(true),
            Err(TryLockError::WouldBlock) => Ok(false),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }

    fn unlock(&self) -> io::Result<()> {
        self.file.unlock()
    }

    fn is_at(&self, path: &Path) -> io::Result<bool> {
        match fs::symlink_metadata(path) {
            #[cfg(unix)]
            Ok(metadata) => Ok(identity(&metadata) == self.identity),
            // Windows keeps the name of an open file.
            #[cfg(not(unix))]
            Ok(_) => Ok(true),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(error),
        }
    }
}
