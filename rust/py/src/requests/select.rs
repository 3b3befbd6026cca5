//! Requests that read.

use memfast_core::SortKey;
use memfast_core::filter::ScopeQuery;
use pyo3::intern;
use pyo3::prelude::*;

use crate::error::{PyError, invalid};
use crate::fields::{Fields, Shape};
use crate::value::{Room, to_value};
use crate::vectors::matrix;

static SELECTION: Shape = Shape::new(
    "Selection",
    "user_id agent_id run_id filters show_expired include_superseded include_messages exact_scope",
);
static QUERY: Shape = Shape::new("Query", "selection vectors space limit threshold exact ef");

/// Which memories a call is about.
pub(crate) struct Selection(pub(crate) memfast_core::Selection);

impl Selection {
    /// The scopes alone.
    pub(crate) fn scopes(self) -> ScopeQuery {
        self.0.scope
    }
}

impl<'py> FromPyObject<'_, 'py> for Selection {
    type Error = PyErr;

    fn extract(object: Borrowed<'_, 'py, PyAny>) -> PyResult<Self> {
        let fields = SELECTION.must(&object)?;
        let py = fields.py();
        let filter = fields
            .value(intern!(py, "filters"))?
            .map(|filter| to_value(&filter, "filters", &Room::of(0)))
            .transpose()?;
        let ids = [
            fields.get(intern!(py, "user_id"))?,
            fields.get(intern!(py, "agent_id"))?,
            fields.get(intern!(py, "run_id"))?,
        ];
        let selection = memfast_core::Selection::parse(ids, filter.as_ref()).map_err(PyError)?;
        let mut selection = memfast_core::Selection {
            show_expired: fields.flag(intern!(py, "show_expired"))?,
            include_superseded: fields.flag(intern!(py, "include_superseded"))?,
            include_messages: fields.flag(intern!(py, "include_messages"))?,
            ..selection
        };
        if fields.flag(intern!(py, "exact_scope"))? {
            selection.scope = selection.scope.exactly();
        }
        Ok(Self(selection))
    }
}

/// A search with several vectors.
pub(crate) struct Query {
    /// The search; its vector is empty.
    pub(crate) query: memfast_core::Query,
    pub(crate) vectors: Vec<Vec<f32>>,
}

impl<'py> FromPyObject<'_, 'py> for Query {
    type Error = PyErr;

    fn extract(object: Borrowed<'_, 'py, PyAny>) -> PyResult<Self> {
        let fields = QUERY.must(&object)?;
        let py = fields.py();
        let needed = |name| invalid(format!("a Query has no `{name}`"));
        let selection: Option<Selection> = selection_of(&fields)?;
        let vectors = fields.value(intern!(py, "vectors"))?;
        let rows = matrix(&vectors.ok_or_else(|| needed("vectors"))?)?;
        Ok(Self {
            query: memfast_core::Query {
                selection: selection.ok_or_else(|| needed("selection"))?.0,
                vector: Vec::new(),
                space: fields.get(intern!(py, "space"))?,
                limit: fields
                    .get(intern!(py, "limit"))?
                    .ok_or_else(|| needed("limit"))?,
                threshold: fields.get(intern!(py, "threshold"))?,
                exact: fields.flag(intern!(py, "exact"))?,
                ef: fields.get(intern!(py, "ef"))?,
            },
            vectors: rows.iter().map(<[f32]>::to_vec).collect(),
        })
    }
}

fn selection_of(fields: &Fields<'_, '_>) -> PyResult<Option<Selection>> {
    let selection = fields.value(intern!(fields.py(), "selection"))?;
    selection.map(|selection| selection.extract()).transpose()
}

/// An order of memories: the key and whether the latest comes first.
pub(crate) struct Order(pub(crate) memfast_core::Order);

impl<'py> FromPyObject<'_, 'py> for Order {
    type Error = PyErr;

    fn extract(object: Borrowed<'_, 'py, PyAny>) -> PyResult<Self> {
        let (key, descending): (String, bool) = object.extract()?;
        let key = match key.as_str() {
            "created_at" => SortKey::CreatedAt,
            "updated_at" => SortKey::UpdatedAt,
            "event_time" => SortKey::EventTime,
            other => {
                return Err(invalid(format!(
                    "unknown sort key {other:.80?}; known are created_at, updated_at, event_time"
                )));
            }
        };
        Ok(Self(memfast_core::Order::By { key, descending }))
    }
}
