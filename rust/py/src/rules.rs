//! Rules of the core about ids and times, for checks in Python.

use std::borrow::Cow;

use memfast_core::ids;
use memfast_core::time::{self, Day, Micros};
use pyo3::prelude::*;
use pyo3::types::PyString;

use crate::error::invalid;

/// Checks an id by a rule of the core; `name` names it in errors.
fn checked(
    name: &str,
    id: &Bound<'_, PyString>,
    rule: impl for<'a> FnOnce(&'a str) -> Result<&'a str, String>,
) -> PyResult<String> {
    let refuse = |problem: &str| invalid(format!("Invalid {name}: {problem}"));
    let Ok(id) = id.to_cow() else {
        return Err(refuse(
            "holds a lone surrogate, which is not Unicode text. Provide a valid identifier.",
        ));
    };
    let id = rule(&id).map_err(|problem| refuse(&problem))?;
    Ok(id.to_owned())
}

/// A scope id as it is stored.
#[pyfunction]
pub(crate) fn scope_id(name: &str, id: &Bound<'_, PyString>) -> PyResult<String> {
    checked(name, id, ids::scope_id)
}

/// A scope id that can own a memory, as it is stored.
#[pyfunction]
pub(crate) fn owner_id(name: &str, id: &Bound<'_, PyString>) -> PyResult<String> {
    checked(name, id, ids::owner_id)
}

/// The id of a memory as it is stored.
#[pyfunction]
pub(crate) fn memory_id(name: &str, id: &Bound<'_, PyString>) -> PyResult<String> {
    checked(name, id, ids::memory_id)
}

/// Days since 1970 of a date; None for other text.
#[pyfunction]
pub(crate) fn read_day(text: &Bound<'_, PyString>) -> Option<Day> {
    time::read_day(&unicode(text)?)
}

/// Microseconds since 1970 of a time, and its seconds east of UTC where they are written; None for
/// other text.
#[pyfunction]
pub(crate) fn read_moment(text: &Bound<'_, PyString>) -> Option<(Micros, Option<i64>)> {
    let moment = time::read_moment(&unicode(text)?)?;
    Some((moment.instant, moment.offset))
}

/// The text of a string; None where it holds a lone surrogate.
fn unicode<'a>(text: &'a Bound<'_, PyString>) -> Option<Cow<'a, str>> {
    text.to_cow().ok()
}
