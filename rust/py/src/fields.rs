//! The attributes of a request, read by name.

use pyo3::conversion::FromPyObjectOwned;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyString, PyType};

use crate::error::invalid;
use crate::value::to_text;

/// A named tuple of `memfast.stores.protocol`: its name, and its fields in their order.
pub(crate) struct Shape {
    name: &'static str,
    /// Separated by blanks.
    fields: &'static str,
    class: PyOnceLock<Py<PyType>>,
}

impl Shape {
    pub(crate) const fn new(name: &'static str, fields: &'static str) -> Self {
        Self {
            name,
            fields,
            class: PyOnceLock::new(),
        }
    }

    /// The attributes of an object of this class; `None` for one of another class.
    ///
    /// A class of this name with other fields is an error: a field that is not read here would be
    /// dropped.
    pub(crate) fn read<'a, 'py>(
        &self,
        object: &'a Bound<'py, PyAny>,
    ) -> PyResult<Option<Fields<'a, 'py>>> {
        let class = object.get_type();
        let seen = self.class.get(object.py());
        if seen.is_some_and(|seen| class.is(seen)) {
            return Ok(Some(Fields(object)));
        }
        if class.name()?.to_cow()? != self.name {
            return Ok(None);
        }
        let fields = class.getattr_opt("__match_args__")?;
        let fields: Vec<String> = fields.map_or(Ok(Vec::new()), |fields| fields.extract())?;
        if !fields.iter().eq(self.fields.split(' ')) {
            let is_known = |field: &str| self.fields.split(' ').any(|known| known == field);
            let odd = fields.iter().find(|field| !is_known(field));
            let problem = odd.map_or_else(
                || format!("lacks some of its fields, or has them in another order: {fields:?}"),
                |odd| format!("has the unknown field {odd:?}"),
            );
            return Err(invalid(format!(
                "{} {problem}; its fields are {}",
                self.name,
                self.fields.replace(' ', ", ")
            )));
        }
        // Where another thread was faster, it has noted a class of the same shape.
        let _ = self.class.set(object.py(), class.unbind());
        Ok(Some(Fields(object)))
    }

    /// The same for an object that must be of this class.
    pub(crate) fn must<'a, 'py>(&self, object: &'a Bound<'py, PyAny>) -> PyResult<Fields<'a, 'py>> {
        self.read(object)?
            .ok_or_else(|| invalid(format!("a {} is needed, not {}", self.name, shown(object))))
    }
}

/// The attributes of a request.
pub(crate) struct Fields<'a, 'py>(&'a Bound<'py, PyAny>);

impl<'py> Fields<'_, 'py> {
    pub(crate) fn py(&self) -> Python<'py> {
        self.0.py()
    }

    /// The value of an attribute; `None` where it is `None`.
    pub(crate) fn value(&self, key: &Bound<'py, PyString>) -> PyResult<Option<Bound<'py, PyAny>>> {
        let value = self.0.getattr(key)?;
        Ok((!value.is_none()).then_some(value))
    }

    pub(crate) fn get<T: FromPyObjectOwned<'py>>(
        &self,
        key: &Bound<'py, PyString>,
    ) -> PyResult<Option<T>> {
        let Some(value) = self.value(key)? else {
            return Ok(None);
        };
        let read = value.extract();
        read.map(Some)
            .map_err(|_| invalid(format!("`{key}` cannot be {}", shown(&value))))
    }

    pub(crate) fn flag(&self, key: &Bound<'py, PyString>) -> PyResult<bool> {
        Ok(self.get(key)?.unwrap_or(false))
    }

    pub(crate) fn text(&self, key: &Bound<'py, PyString>) -> PyResult<Option<String>> {
        let Some(value) = self.value(key)? else {
            return Ok(None);
        };
        let Ok(text) = value.cast::<PyString>() else {
            return Err(invalid(format!(
                "`{key}` must be text, not {}",
                shown(&value)
            )));
        };
        to_text(text, &key.to_cow()?).map(Some)
    }
}

/// A value as an error shows it.
pub(crate) fn shown(value: &Bound<'_, PyAny>) -> String {
    let errors = value.py().import("memfast.errors");
    let shown = errors.and_then(|errors| errors.call_method1("shown", (value,))?.extract());
    shown.unwrap_or_else(|_| "a value that cannot be shown".to_owned())
}
