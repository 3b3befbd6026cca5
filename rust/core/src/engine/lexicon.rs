//! The static table and the thesaurus of the engine, read at their first use.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock};

use crate::embed::StaticEmbedder;
use crate::error::Result;
use crate::store::Embedder;
use crate::sync::Mutex;
use crate::text::Thesaurus;

/// The directory of the static table, if the engine has one.
#[derive(Debug, Default)]
pub(super) struct Lexicon {
    directory: Option<PathBuf>,
    thesaurus: Mutex<Option<Arc<Thesaurus>>>,
}

/// Tables by directory: all stores of a process share one.
static TABLES: LazyLock<Mutex<HashMap<PathBuf, Arc<StaticEmbedder>>>> =
    LazyLock::new(Mutex::default);
static THESAURI: LazyLock<Mutex<HashMap<PathBuf, Arc<Thesaurus>>>> = LazyLock::new(Mutex::default);

fn shared<T>(
    known: &Mutex<HashMap<PathBuf, Arc<T>>>,
    directory: &Path,
    open: impl FnOnce(&Path) -> Result<T>,
) -> Result<Arc<T>> {
    let mut known = known.lock();
    if let Some(held) = known.get(directory) {
        return Ok(Arc::clone(held));
    }
    let opened = Arc::new(open(directory)?);
    known.insert(directory.to_owned(), Arc::clone(&opened));
    Ok(opened)
}

/// The static table of a directory, which the whole process shares.
pub fn static_table(directory: &Path) -> Result<Arc<StaticEmbedder>> {
    shared(&TABLES, directory, StaticEmbedder::open)
}

impl Lexicon {
    pub(super) fn new(directory: Option<PathBuf>) -> Self {
        Self {
            directory,
            thesaurus: Mutex::default(),
        }
    }

    /// The table, if it is what makes the vectors of a store.
    pub(super) fn table(&self, embedder: &Embedder) -> Result<Option<Arc<StaticEmbedder>>> {
        let Some(directory) = self
            .directory
            .as_ref()
            .filter(|_| embedder.name == "static")
        else {
            return Ok(None);
        };
        let table = static_table(directory)?;
        Ok((table.fingerprint() == embedder.fingerprint).then_some(table))
    }

    /// Related words; `None` without a directory.
    pub(super) fn thesaurus(&self) -> Result<Option<Arc<Thesaurus>>> {
        let Some(directory) = &self.directory else {
            return Ok(None);
        };
        let mut held = self.thesaurus.lock();
        if held.is_none() {
            *held = Some(shared(&THESAURI, directory, Thesaurus::open)?);
        }
        Ok(held.clone())
    }
}
