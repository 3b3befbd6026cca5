//! The keys of a dict, each read once; one that nothing reads is an error.

use std::cell::{Cell, RefCell};

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString};

use crate::error::invalid;
use crate::value::to_text;

/// Reads a dict whose keys are all known. `what` names it in errors.
pub(crate) struct Fields<'a, 'py> {
    dict: &'a Bound<'py, PyDict>,
    what: &'static str,
    /// The keys asked for, each once: those known.
    asked: RefCell<Vec<&'static str>>,
    /// How many of them are there.
    found: Cell<usize>,
}

impl<'a, 'py> Fields<'a, 'py> {
    pub(crate) fn of(dict: &'a Bound<'py, PyDict>, what: &'static str) -> Self {
        Self {
            dict,
            what,
            asked: RefCell::new(Vec::with_capacity(24)),
            found: Cell::new(0),
        }
    }

    /// Names the dict in errors from here on, when its kind is known.
    pub(crate) fn is(&mut self, what: &'static str) {
        self.what = what;
    }

    /// Whether a key is there, with any value.
    pub(crate) fn has(&self, key: &'static str) -> PyResult<bool> {
        self.dict.contains(key)
    }

    /// The value of a key; `None` where it is absent or `None`.
    pub(crate) fn value(&self, key: &'static str) -> PyResult<Option<Bound<'py, PyAny>>> {
        self.asked.borrow_mut().push(key);
        let Some(value) = self.dict.get_item(key)? else {
            return Ok(None);
        };
        self.found.set(self.found.get() + 1);
        Ok((!value.is_none()).then_some(value))
    }

    pub(crate) fn get<T: FromPyObjectOwned<'py>>(&self, key: &'static str) -> PyResult<Option<T>> {
        let Some(value) = self.value(key)? else {
            return Ok(None);
        };
        let read = value.extract();
        read.map(Some)
            .map_err(|_| invalid(format!("`{key}` is {}, which it cannot be", shown(&value))))
    }

    pub(crate) fn text(&self, key: &'static str) -> PyResult<Option<String>> {
        let Some(value) = self.value(key)? else {
            return Ok(None);
        };
        let Ok(text) = value.cast::<PyString>() else {
            return Err(invalid(format!(
                "`{key}` must be text, not {}",
                shown(&value)
            )));
        };
        to_text(text, key).map(Some)
    }

    /// Refuses a dict with a key that was not asked for.
    pub(crate) fn done(self) -> PyResult<()> {
        if self.found.get() == self.dict.len() {
            return Ok(());
        }
        let mut known = self.asked.into_inner();
        let unknown = self.dict.iter().find(|(key, _)| !is_one_of(key, &known));
        let Some((key, _)) = unknown else {
            return Ok(());
        };
        known.sort_unstable();
        Err(invalid(format!(
            "unknown key {} in {}; known are {}",
            shown(&key),
            self.what,
            known.join(", ")
        )))
    }
}

fn is_one_of(key: &Bound<'_, PyAny>, known: &[&'static str]) -> bool {
    let Ok(key) = key.cast::<PyString>() else {
        return false;
    };
    key.to_cow().is_ok_and(|key| known.contains(&key.as_ref()))
}

/// A value as an error shows it.
pub(crate) fn shown(value: &Bound<'_, PyAny>) -> String {
    let errors = value.py().import("memfast.errors");
    let shown = errors.and_then(|errors| errors.call_method1("shown", (value,))?.extract());
    shown.unwrap_or_else(|_| "a value that cannot be shown".to_owned())
}
