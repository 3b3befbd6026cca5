//! Which segment files belong to the store, found out when it is opened.
//!
//! Files that the store names must be there, else nothing is changed. Of the others, those that it
//! dropped and those that were never finished are removed. The rest is quarantined: they may belong
//! to another database that was in this directory, and come back with it.

use std::collections::{BTreeMap, HashSet};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use super::tables::ReadTables;
use super::vectors::{self, SegmentEntry};
use super::{meta, segment};
use crate::error::{Error, Result};
use crate::io::{Access, Io};

/// A killed process leaves no more finished segments than this that no commit names: that of the
/// commit under way, of a flush of the write buffer and of a merge.
const CRASH: usize = 3;
/// Segments of killed processes that are kept in quarantine.
const KEPT: usize = 8;

fn failed(path: &Path, action: &'static str) -> impl FnOnce(std::io::Error) -> Error {
    let path = path.to_owned();
    move |source| Error::Io {
        path,
        action,
        source,
    }
}

/// Name of a segment in quarantine; `crash` for what a killed process may have left.
fn quarantine_name(number: u64, header: u64, crash: bool) -> String {
    let kind = if crash { "crash" } else { "seg" };
    format!("{number:08}-{header:016x}.{kind}")
}

/// The number of a segment's file.
fn number_of(name: &str) -> Option<u64> {
    let number = name.strip_suffix(".seg")?.parse().ok()?;
    (segment::file_name(number) == name).then_some(number)
}

/// The checksum of a finished segment's header, as its head says, and its length in bytes; `None`
/// if there is no such file, or it was never finished.
fn head(io: &dyn Io, path: &Path) -> Result<Option<(u64, u64)>> {
    let file = match io.open(path, Access::Read) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        file => file.map_err(failed(path, "opening"))?,
    };
    let len = file.len().map_err(failed(path, "reading"))?;
    let checksum = segment::header_checksum(&*file).map_err(failed(path, "reading"))?;
    Ok(checksum.map(|checksum| (checksum, len)))
}

/// What becomes of the files of a directory.
#[derive(Debug, Default)]
struct Plan {
    remove: Vec<PathBuf>,
    /// From and to. Quarantining goes before restoring.
    moves: Vec<(PathBuf, PathBuf)>,
}

struct Sweep<'a> {
    io: &'a dyn Io,
    dir: &'a Path,
    quarantine: PathBuf,
}

/// Puts the segment files in `dir` in order for a commit. Fails, and changes nothing, where a segment
/// is missing that the commit names.
pub(super) fn sweep(io: &dyn Io, dir: &Path, tables: &ReadTables) -> Result<()> {
    let next = meta::counters(&tables.meta)?.segment;
    let sweep = Sweep {
        io,
        dir,
        quarantine: dir.join("aside"),
    };
    let named: BTreeMap<u64, SegmentEntry> =
        vectors::segments(&tables.segments)?.into_iter().collect();
    let mut plan = Plan::default();
    let mut held = HashSet::new();
    let mut back = Vec::new();
    for (number, entry) in &named {
        let path = dir.join(segment::file_name(*number));
        let found = head(io, &path)?;
        if found == Some((entry.header, entry.bytes)) {
            held.insert(*number);
        } else {
            let from = sweep.find_quarantined(*number, entry)?;
            let present = io.exists(&path).map_err(failed(&path, "looking for"))?;
            back.push((from.ok_or_else(|| lost(&path, present))?, path));
        }
    }
    let listed = io.list(dir).map_err(failed(dir, "listing"))?;
    let strays: Vec<u64> = listed
        .iter()
        .filter_map(|name| number_of(name))
        .filter(|number| !held.contains(number))
        .collect();
    let dropped = vectors::dropped(&tables.dropped)?;
    let newer = strays.iter().filter(|number| **number >= next).count();
    for number in strays {
        let path = dir.join(segment::file_name(number));
        match head(io, &path)? {
            Some((header, _)) if dropped.get(&number) != Some(&header) => {
                let crash = number >= next && newer <= CRASH;
                let to = sweep
                    .quarantine
                    .join(quarantine_name(number, header, crash));
                plan.moves.push((path, to));
            }
            // A damaged file that the store names gives way to its quarantined copy.
            None if named.contains_key(&number) => {
                let to = sweep.quarantine.join(format!("{number:08}-damaged.seg"));
                plan.moves.push((path, to));
            }
            _ => plan.remove.push(path),
        }
    }
    plan.moves.extend(back);
    sweep.carry_out(plan)
}

/// A segment that the store names and that is not found.
fn lost(path: &Path, present: bool) -> Error {
    let problem = if present {
        "the store names this file of vectors, but what is there is cut off or of another store"
    } else {
        "the store names this file of vectors, but it is missing"
    };
    Error::Segment {
        path: path.to_owned(),
        problem: problem.to_owned(),
    }
}

impl Sweep<'_> {
    /// The file of a segment in quarantine.
    fn find_quarantined(&self, number: u64, entry: &SegmentEntry) -> Result<Option<PathBuf>> {
        for crash in [false, true] {
            let path = self
                .quarantine
                .join(quarantine_name(number, entry.header, crash));
            if head(self.io, &path)? == Some((entry.header, entry.bytes)) {
                return Ok(Some(path));
            }
        }
        Ok(None)
    }

    fn carry_out(&self, plan: Plan) -> Result<()> {
        for path in plan.remove {
            self.io.remove(&path).map_err(failed(&path, "removing"))?;
        }
        if plan.moves.is_empty() {
            return Ok(());
        }
        let making = failed(&self.quarantine, "making");
        self.io.create_dir(&self.quarantine).map_err(making)?;
        for (from, to) in plan.moves {
            self.io
                .rename(&from, &to)
                .map_err(failed(&from, "moving"))?;
        }
        self.evict()?;
        for dir in [&self.quarantine, self.dir] {
            self.io.sync_dir(dir).map_err(failed(dir, "syncing"))?;
        }
        Ok(())
    }

    /// Removes the oldest segments of killed processes beyond those that are kept.
    fn evict(&self) -> Result<()> {
        let listed = self.io.list(&self.quarantine);
        let mut crashes = listed.map_err(failed(&self.quarantine, "listing"))?;
        crashes.retain(|name| {
            Path::new(name)
                .extension()
                .is_some_and(|end| end == "crash")
        });
        // A name begins with its number, and numbers grow.
        crashes.sort();
        let surplus = crashes.len().saturating_sub(KEPT);
        for name in crashes.into_iter().take(surplus) {
            let path = self.quarantine.join(name);
            self.io.remove(&path).map_err(failed(&path, "removing"))?;
        }
        Ok(())
    }
}
