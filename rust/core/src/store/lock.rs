//! LOCK: one writing process, or several reading ones.

use std::path::Path;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::io::{Access, Io, IoFile, read_all};
use crate::error::{Error, Result};

/// What LOCK says of its holder.
#[derive(Debug, Serialize, Deserialize)]
struct Holder {
    pid: u32,
    host: String,
    started_at: String,
    version: String,
}

/// Holds the store's lock until dropped; the system lets go of it when the process dies.
#[derive(Debug)]
pub(super) struct StoreLock {
    _file: Arc<dyn IoFile>,
}

impl StoreLock {
    /// Takes the lock of the store in `dir`, or fails at once with who holds it.
    pub(super) fn take(io: &dyn Io, dir: &Path, read_only: bool) -> Result<Self> {
        let path = dir.join("LOCK");
        let fail = |action| {
            let path = path.clone();
            move |source| Error::Io {
                path,
                action,
                source,
            }
        };
        let access = if read_only && io.exists(&path) {
            Access::Read
        } else {
            Access::Write
        };
        let file = io.open(&path, access).map_err(fail("opening the lock"))?;
        if !file.try_lock(read_only).map_err(fail("locking"))? {
            return Err(Error::Locked {
                path: dir.to_owned(),
                owner: owner(&*file),
            });
        }
        if !read_only {
            let holder = Holder {
                pid: std::process::id(),
                host: host(),
                started_at: crate::filter::format_instant(crate::now()),
                version: env!("CARGO_PKG_VERSION").to_owned(),
            };
            let bytes =
                serde_json::to_vec(&holder).map_err(|error| Error::Database(error.to_string()))?;
            file.set_len(0).map_err(fail("writing"))?;
            file.write_at(0, &bytes).map_err(fail("writing"))?;
        }
        Ok(Self { _file: file })
    }
}

fn owner(file: &dyn IoFile) -> String {
    let holder = read_all(file)
        .ok()
        .and_then(|bytes| serde_json::from_slice::<Holder>(&bytes).ok());
    match holder {
        Some(Holder {
            pid,
            host,
            started_at,
            ..
        }) if pid == std::process::id() => {
            format!("this process (PID {pid} on {host}, since {started_at})")
        }
        Some(Holder {
            pid,
            host,
            started_at,
            ..
        }) => {
            format!("process {pid} on {host}, since {started_at}")
        }
        None => "another process".to_owned(),
    }
}

fn host() -> String {
    let from_file = || std::fs::read_to_string("/proc/sys/kernel/hostname").ok();
    let named = from_file().or_else(|| std::env::var("COMPUTERNAME").ok());
    named.map_or_else(|| "this host".to_owned(), |name| name.trim().to_owned())
}
