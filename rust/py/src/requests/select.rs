//! Requests that read.

use std::collections::BTreeMap;

use memfast_core::filter::{ScopeQuery, parse};
use memfast_core::time::day_of;
use memfast_core::{Adjustments, Input, Mode, NUMBERS, Number, SortKey, Weights};
use pyo3::intern;
use pyo3::prelude::*;

use crate::error::{PyError, invalid};
use crate::fields::{Fields, Shape};
use crate::value::{Room, to_value};
use crate::vectors::matrix;

static SELECTION: Shape = Shape::new(
    "Selection",
    "user_id agent_id run_id filters show_expired include_superseded include_messages exact_scope as_of latest_only known_at",
);
static ADJUSTMENTS: Shape = Shape::new("Adjustments", "now half_life boosts mmr");
static QUERY: Shape = Shape::new(
    "Query",
    "selection texts vectors mode reference space limit threshold exact ef weights explain adjustments",
);

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
        let ids: [Option<Vec<String>>; 3] = [
            fields.get(intern!(py, "user_id"))?,
            fields.get(intern!(py, "agent_id"))?,
            fields.get(intern!(py, "run_id"))?,
        ];
        let named = ids.each_ref().map(Option::is_some);
        let selection = memfast_core::Selection::parse(ids, filter.as_ref()).map_err(PyError)?;
        let mut selection = memfast_core::Selection {
            show_expired: fields.flag(intern!(py, "show_expired"))?,
            include_superseded: fields.flag(intern!(py, "include_superseded"))?,
            include_messages: fields.flag(intern!(py, "include_messages"))?,
            ..selection
        };
        if fields.flag(intern!(py, "exact_scope"))? {
            selection.scope = selection.scope.exactly(named);
        }
        let as_of = fields.get(intern!(py, "as_of"))?;
        selection.known_at = fields.get(intern!(py, "known_at"))?;
        if let Some(day) = selection.known_at.and_then(day_of) {
            selection.today = day;
        }
        if let Some(at) = as_of {
            selection = selection.held_at(at);
        }
        if fields.flag(intern!(py, "latest_only"))? {
            selection = selection.not_replaced(as_of);
        }
        Ok(Self(selection))
    }
}

/// A search for several inputs.
pub(crate) struct Query {
    /// The search; its input is empty.
    pub(crate) query: memfast_core::Query,
    pub(crate) inputs: Vec<Input>,
}

impl<'py> FromPyObject<'_, 'py> for Query {
    type Error = PyErr;

    fn extract(object: Borrowed<'_, 'py, PyAny>) -> PyResult<Self> {
        let fields = QUERY.must(&object)?;
        let py = fields.py();
        let needed = |name| invalid(format!("a Query has no `{name}`"));
        let selection: Option<Selection> = selection_of(&fields)?;
        let limit = fields.get(intern!(py, "limit"))?;
        let query = memfast_core::Query::new(
            selection.ok_or_else(|| needed("selection"))?.0,
            Input::default(),
            limit.ok_or_else(|| needed("limit"))?,
        );
        Ok(Self {
            query: memfast_core::Query {
                mode: mode(&fields)?,
                reference: fields.get(intern!(py, "reference"))?,
                space: fields.get(intern!(py, "space"))?,
                threshold: fields.get(intern!(py, "threshold"))?,
                exact: fields.flag(intern!(py, "exact"))?,
                ef: fields.get(intern!(py, "ef"))?,
                weights: weights(&fields)?,
                explain: fields.flag(intern!(py, "explain"))?,
                adjustments: adjustments(&fields)?,
                ..query
            },
            inputs: inputs(&fields)?,
        })
    }
}

/// The texts and vectors of a query: as many as there are of either.
fn inputs(fields: &Fields<'_, '_>) -> PyResult<Vec<Input>> {
    let py = fields.py();
    let texts: Option<Vec<String>> = fields.get(intern!(py, "texts"))?;
    let vectors = fields.value(intern!(py, "vectors"))?;
    let rows = vectors.map(|vectors| {
        Ok::<_, PyErr>(
            matrix(&vectors)?
                .iter()
                .map(<[f32]>::to_vec)
                .collect::<Vec<_>>(),
        )
    });
    let rows = rows.transpose()?;
    let count = match (&texts, &rows) {
        (Some(texts), Some(rows)) if texts.len() != rows.len() => {
            return Err(invalid(format!(
                "a Query has {} texts and {} vectors",
                texts.len(),
                rows.len()
            )));
        }
        (Some(texts), _) => texts.len(),
        (None, Some(rows)) => rows.len(),
        (None, None) => {
            return Err(invalid(
                "a Query has neither `texts` nor `vectors`".to_owned(),
            ));
        }
    };
    let mut inputs = vec![Input::default(); count];
    for (input, text) in inputs.iter_mut().zip(texts.into_iter().flatten()) {
        input.text = Some(text);
    }
    for (input, row) in inputs.iter_mut().zip(rows.into_iter().flatten()) {
        input.vector = Some(row);
    }
    Ok(inputs)
}

fn adjustments(fields: &Fields<'_, '_>) -> PyResult<Adjustments> {
    let py = fields.py();
    let Some(given) = fields.value(intern!(py, "adjustments"))? else {
        return Ok(Adjustments::default());
    };
    let fields = ADJUSTMENTS.must(&given)?;
    let boosts: Vec<(Bound<'_, PyAny>, f32)> =
        fields.get(intern!(py, "boosts"))?.unwrap_or_default();
    let boosts = boosts.iter().map(|(filter, factor)| {
        let filter = to_value(filter, "boost", &Room::of(0))?;
        Ok((parse(&filter).map_err(PyError)?, *factor))
    });
    Ok(Adjustments {
        half_life: fields.get(intern!(py, "half_life"))?,
        now: fields.get(intern!(py, "now"))?.unwrap_or_default(),
        boosts: boosts.collect::<PyResult<_>>()?,
        mmr: fields.get(intern!(py, "mmr"))?,
    })
}

fn mode(fields: &Fields<'_, '_>) -> PyResult<Mode> {
    let mode: Option<String> = fields.get(intern!(fields.py(), "mode"))?;
    match mode.as_deref() {
        None | Some("hybrid") => Ok(Mode::Hybrid),
        Some("semantic") => Ok(Mode::Semantic),
        Some("lexical") => Ok(Mode::Lexical),
        Some(other) => Err(invalid(format!(
            "mode is {other:.80?}; it must be \"hybrid\", \"semantic\" or \"lexical\""
        ))),
    }
}

fn weights(fields: &Fields<'_, '_>) -> PyResult<Weights> {
    let given: Option<BTreeMap<String, f32>> = fields.get(intern!(fields.py(), "weights"))?;
    let mut weights = Weights::default();
    for (name, weight) in given.into_iter().flatten() {
        let Some(number) = Number::named(&name).filter(|_| weight.is_finite()) else {
            let names: Vec<&str> = NUMBERS.iter().map(|number| number.name()).collect();
            return Err(invalid(format!(
                "weight {name:.80?} is {weight}; weights are finite numbers for {}",
                names.join(", ")
            )));
        };
        weights = weights.with(number, weight);
    }
    Ok(weights)
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
            "said_at" => SortKey::SaidAt,
            other => {
                return Err(invalid(format!(
                    "unknown sort key {other:.80?}; known are created_at, updated_at, event_time, said_at"
                )));
            }
        };
        Ok(Self(memfast_core::Order::By { key, descending }))
    }
}
