//! Reads by id that cannot leave some scopes.

use super::Engine;
use crate::error::{Error, Result};
use crate::filter::ScopeQuery;
use crate::record::Record;
use crate::store::Event;
use crate::time::Micros;

/// A view of the memories of some scopes: the id of another memory is one that is not there.
#[derive(Debug)]
pub struct Within<'e> {
    engine: &'e Engine,
    scopes: ScopeQuery,
}

impl Engine {
    /// The memories of some scopes; of all where `None`.
    #[must_use]
    pub fn within(&self, scopes: Option<ScopeQuery>) -> Within<'_> {
        Within {
            engine: self,
            scopes: scopes.unwrap_or_else(ScopeQuery::everything),
        }
    }
}

impl Within<'_> {
    fn holds(&self, record: &Record) -> bool {
        self.scopes.matches(&record.scope)
    }

    /// As [`Engine::get_many`].
    pub fn get_many(&self, ids: &[String]) -> Result<Vec<Option<Record>>> {
        Ok(self.only_held(self.engine.get_many(ids)?))
    }

    /// As [`Engine::get_many_at`].
    pub fn get_many_at(&self, ids: &[String], at: Micros) -> Result<Vec<Option<Record>>> {
        Ok(self.only_held(self.engine.get_many_at(ids, at)?))
    }

    fn only_held(&self, records: Vec<Option<Record>>) -> Vec<Option<Record>> {
        let records = records.into_iter();
        records
            .map(|record| record.filter(|record| self.holds(record)))
            .collect()
    }

    /// As [`Engine::sources`].
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] where there is no such memory in these scopes.
    pub fn sources(&self, id: &str) -> Result<Vec<Record>> {
        match self.engine.get(id)? {
            Some(record) if self.holds(&record) => self.engine.sources(id),
            _ => Err(Error::NotFound { id: id.to_owned() }),
        }
    }

    /// As [`Engine::history`].
    pub fn history(&self, id: &str) -> Result<Vec<Event>> {
        let mut events = self.engine.history(id)?;
        events.retain(|event| event.record().is_some_and(|record| self.holds(record)));
        Ok(events)
    }
}
