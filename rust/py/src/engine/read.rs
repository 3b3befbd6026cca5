//! Calls that read memories.

use memfast_core::{Cursor, Hit, Number, Record};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList};

use super::PyEngine;
use crate::error::{briefly, detached};
use crate::items::{item, rounded};
use crate::record::{PendingItem, pending_item};
use crate::requests::{Order, Query, Receipt, Selection};

/// Items, and where the next page starts.
type Page<'py> = (Bound<'py, PyList>, Option<(u32, u64)>);

fn items<'py>(py: Python<'py>, records: &[Record]) -> PyResult<Bound<'py, PyList>> {
    let items = records.iter().map(|record| item(py, record, None));
    PyList::new(py, items.collect::<PyResult<Vec<_>>>()?)
}

fn hits<'py>(
    py: Python<'py>,
    query: &memfast_core::Query,
    hits: &[Hit],
) -> PyResult<Bound<'py, PyList>> {
    let items = hits.iter().map(|hit| {
        let item = item(py, &hit.record, Some(hit.score))?;
        if query.explain {
            item.set_item(intern!(py, "score_details"), details(py, query, hit)?)?;
        }
        Ok(item)
    });
    PyList::new(py, items.collect::<PyResult<Vec<_>>>()?)
}

/// The parts of a score, under mem0's names and under those of the numbers.
fn details<'py>(
    py: Python<'py>,
    query: &memfast_core::Query,
    hit: &Hit,
) -> PyResult<Bound<'py, PyDict>> {
    let dict = PyDict::new(py);
    let (semantic, bm25, raw) = match &hit.explanation {
        None => (hit.score, 0.0, hit.score),
        Some(explanation) => {
            let parts = PyDict::new(py);
            for (number, part) in explanation.numbers.parts(&explanation.weights) {
                if part != 0.0 {
                    parts.set_item(number.name(), rounded(part))?;
                }
            }
            dict.set_item("parts", parts)?;
            dict.set_item("common", rounded(explanation.common))?;
            dict.set_item("words", &explanation.words)?;
            dict.set_item("neighbours", &explanation.neighbours)?;
            let of = |number| explanation.numbers.of(number);
            (of(Number::Vector), of(Number::Bm25), explanation.sum)
        }
    };
    dict.set_item("semantic_score", rounded(semantic))?;
    dict.set_item("bm25_score", rounded(bm25))?;
    dict.set_item("entity_boost", 0.0)?;
    dict.set_item("raw_score", rounded(raw))?;
    dict.set_item("max_possible_score", 1.0)?;
    dict.set_item("final_score", rounded(hit.score))?;
    dict.set_item("threshold", query.threshold)?;
    Ok(dict)
}

#[pymethods]
impl PyEngine {
    /// The memories with these ids; `None` for one that is not there, or not `within`.
    #[pyo3(signature = (ids, within=None))]
    fn get<'py>(
        &self,
        py: Python<'py>,
        ids: Vec<String>,
        within: Option<Selection>,
    ) -> PyResult<Vec<Option<Bound<'py, PyDict>>>> {
        let known_at = within.as_ref().and_then(|within| within.0.known_at);
        let view = self.0.within(within.map(Selection::scopes));
        let records = detached(py, || match known_at {
            Some(at) => view.get_many_at(&ids, at),
            None => view.get_many(&ids),
        })?;
        let items = records.iter().map(|record| {
            let record = record.as_ref();
            record.map(|record| item(py, record, None)).transpose()
        });
        items.collect()
    }

    /// The kept messages that a memory comes from.
    #[pyo3(signature = (id, within=None))]
    fn sources<'py>(
        &self,
        py: Python<'py>,
        id: &str,
        within: Option<Selection>,
    ) -> PyResult<Bound<'py, PyList>> {
        let view = self.0.within(within.map(Selection::scopes));
        let messages = detached(py, || view.sources(id))?;
        items(py, &messages)
    }

    /// The last kept messages of a selection, oldest first; with `until` none after this one.
    #[pyo3(signature = (selection, until=None, limit=6))]
    fn latest<'py>(
        &self,
        py: Python<'py>,
        selection: Selection,
        until: Option<&str>,
        limit: usize,
    ) -> PyResult<Bound<'py, PyList>> {
        let messages = detached(py, || self.0.latest(&selection.0, until, limit))?;
        items(py, &messages)
    }

    /// The hits of each input of a query.
    fn search<'py>(&self, py: Python<'py>, query: Query) -> PyResult<Vec<Bound<'py, PyList>>> {
        let Query { query, inputs } = query;
        let answers = detached(py, || self.0.search_many(&query, &inputs))?;
        answers
            .iter()
            .map(|found| hits(py, &query, found))
            .collect()
    }

    /// How many candidates a search ranks; `None` for one that ranks every memory.
    fn candidates(&self, query: Query) -> PyResult<Option<usize>> {
        briefly(|| self.0.candidates(&query.query))
    }

    /// How many rows a search of a selection reads; `None` where some would have to be loaded first.
    fn rows_in_memory(&self, selection: Selection, by_words: bool) -> PyResult<Option<usize>> {
        briefly(|| self.0.rows_in_memory(&selection.0.scope, by_words))
    }

    #[pyo3(signature = (selection, after=None, limit=100))]
    fn scan<'py>(
        &self,
        py: Python<'py>,
        selection: Selection,
        after: Option<(u32, u64)>,
        limit: usize,
    ) -> PyResult<Page<'py>> {
        let after = after.map(|(partition, row)| Cursor { partition, row });
        let page = detached(py, || self.0.scan(&selection.0, after, limit))?;
        Ok((
            items(py, &page.records)?,
            page.next.map(|cursor| (cursor.partition, cursor.row)),
        ))
    }

    /// Memories from number `offset` on, in an order, and how many are selected.
    #[pyo3(signature = (selection, order=None, offset=0, limit=100))]
    fn slice<'py>(
        &self,
        py: Python<'py>,
        selection: Selection,
        order: Option<Order>,
        offset: usize,
        limit: usize,
    ) -> PyResult<(Bound<'py, PyList>, u64)> {
        let order = order.map_or(memfast_core::Order::Added, |order| order.0);
        let slice = detached(py, || self.0.slice(&selection.0, order, offset, limit))?;
        Ok((items(py, &slice.records)?, slice.total))
    }

    fn count(&self, py: Python<'_>, selection: Selection) -> PyResult<u64> {
        detached(py, || self.0.count(&selection.0))
    }

    /// The pending queue of a scope, oldest first.
    fn pending(&self, py: Python<'_>, selection: Selection) -> PyResult<Vec<PendingItem>> {
        let found = detached(py, || self.0.pending(&selection.0.scope))?;
        Ok(found.into_iter().map(pending_item).collect())
    }

    /// The ids and the note that are kept of the write of this name; `None` where there is none.
    fn knows(&self, receipt: Receipt) -> PyResult<Option<(Vec<Option<String>>, String)>> {
        let signed = briefly(|| self.0.signed(&receipt.0))?;
        Ok(signed.map(|signed| (signed.ids, signed.note)))
    }
}
