//! Which segment files belong to the store, found out when it is opened.
//!
//! Files that the store names must be there, else nothing is changed. Of the others, those that it
//! dropped and those that were never finished are removed. The rest is set aside: they may belong
//! to another database that was in this directory, and come back with it.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use redb::ReadableTable;

use super::tables::{ReadTables, SegmentEntry};
use super::{database, meta, segment, snapshot};
use crate::error::{Error, Result};
use crate::io::{Access, Io};

/// A killed process leaves no more finished segments than this that no commit names: that of the
/// commit under way, of a flush of the tail and of a merge.
const CRASH: usize = 3;
/// Segments of killed processes that are kept set aside.
const KEPT: usize = 8;

fn failed(path: &Path, action: &'static str) -> impl FnOnce(std::io::Error) -> Error {
    let path = path.to_owned();
    move |source| Error::Io {
        path,
        action,
        source,
    }
}

/// Where a segment lies while it is set aside; `crash` for what a killed process may have left.
fn aside_name(number: u64, header: u64, crash: bool) -> String {
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

/// Segments that the store dropped, with the checksums of their headers.
fn dropped(table: &impl ReadableTable<u64, u64>) -> Result<HashMap<u64, u64>> {
    let mut dropped = HashMap::new();
    for entry in table.iter().map_err(database)? {
        let (number, header) = entry.map_err(database)?;
        dropped.insert(number.value(), header.value());
    }
    Ok(dropped)
}

/// What becomes of the files of a directory.
#[derive(Debug, Default)]
struct Plan {
    remove: Vec<PathBuf>,
    /// From and to. What is set aside goes before what comes back.
    moves: Vec<(PathBuf, PathBuf)>,
}

struct Sweep<'a> {
    io: &'a dyn Io,
    dir: &'a Path,
    aside: PathBuf,
}

/// Puts the segment files in `dir` in order for a commit. Fails, and changes nothing, where a segment
/// is missing that the commit names.
pub(super) fn sweep(io: &dyn Io, dir: &Path, tables: &ReadTables) -> Result<()> {
    let next = meta::counters(&tables.meta)?.segment;
    let sweep = Sweep {
        io,
        dir,
        aside: dir.join("aside"),
    };
    let named: BTreeMap<u64, SegmentEntry> =
        snapshot::segments(&tables.segments)?.into_iter().collect();
    let mut plan = Plan::default();
    let mut held = HashSet::new();
    let mut back = Vec::new();
    for (number, entry) in &named {
        let path = dir.join(segment::file_name(*number));
        let found = head(io, &path)?;
        if found == Some((entry.header, entry.bytes)) {
            held.insert(*number);
        } else {
            let from = sweep.find_aside(*number, entry)?;
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
    let dropped = dropped(&tables.dropped)?;
    let newer = strays.iter().filter(|number| **number >= next).count();
    for number in strays {
        let path = dir.join(segment::file_name(number));
        match head(io, &path)? {
            Some((header, _)) if dropped.get(&number) != Some(&header) => {
                let crash = number >= next && newer <= CRASH;
                let to = sweep.aside.join(aside_name(number, header, crash));
                plan.moves.push((path, to));
            }
            // A damaged file that the store names gives way to the copy that was set aside.
            None if named.contains_key(&number) => {
                let to = sweep.aside.join(format!("{number:08}-damaged.seg"));
                plan.moves.push((path, to));
            }
            _ => plan.remove.push(path),
        }
    }
    plan.moves.extend(back);
    sweep.carry_out(plan)
}

/// A segment that the store names and that is nowhere.
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
    /// The file of a segment among those that were set aside.
    fn find_aside(&self, number: u64, entry: &SegmentEntry) -> Result<Option<PathBuf>> {
        for crash in [false, true] {
            let path = self.aside.join(aside_name(number, entry.header, crash));
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
        let making = failed(&self.aside, "making");
        self.io.create_dir(&self.aside).map_err(making)?;
        for (from, to) in plan.moves {
            self.io
                .rename(&from, &to)
                .map_err(failed(&from, "moving"))?;
        }
        self.evict()?;
        for dir in [&self.aside, self.dir] {
            self.io.sync_dir(dir).map_err(failed(dir, "syncing"))?;
        }
        Ok(())
    }

    /// Removes the oldest segments of killed processes beyond those that are kept.
    fn evict(&self) -> Result<()> {
        let listed = self.io.list(&self.aside);
        let mut crashes = listed.map_err(failed(&self.aside, "listing"))?;
        crashes.retain(|name| {
            Path::new(name)
                .extension()
                .is_some_and(|end| end == "crash")
        });
        // A name begins with its number, and numbers grow.
        crashes.sort();
        let surplus = crashes.len().saturating_sub(KEPT);
        for name in crashes.into_iter().take(surplus) {
            let path = self.aside.join(name);
            self.io.remove(&path).map_err(failed(&path, "removing"))?;
        }
        Ok(())
    }
}
