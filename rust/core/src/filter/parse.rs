//! From a dict to a [`Filter`].

use super::ast::{Field, Filter, Op, Relation};
use super::operand::{self, describe};
use crate::error::{Error, Result};
use crate::record::{Metadata, Value};

/// Deepest nesting of filters, and of lists and dicts compared with.
pub(super) const MAX_DEPTH: usize = 32;
/// Most conditions, groups and empty filters.
const MAX_NODES: usize = 256;

const OPERATORS: &str = "eq, ne, gt, gte, lt, lte, in, nin, contains, icontains";

/// Reads a filter; see the [module](crate::filter) for the grammar.
pub fn parse(value: &Value) -> Result<Filter> {
    Parser { nodes: 0 }.filter(value, "", 1)
}

/// An error at a position in the filter.
pub(super) fn fail<T>(path: &str, problem: String) -> Result<T> {
    let path = if path.is_empty() { "filter" } else { path };
    Err(Error::Filter {
        path: path.to_owned(),
        problem,
    })
}

fn join(path: &str, key: &str) -> String {
    if path.is_empty() {
        key.to_owned()
    } else {
        format!("{path}.{key}")
    }
}

struct Parser {
    nodes: usize,
}

impl Parser {
    fn count(&mut self, path: &str) -> Result<()> {
        self.nodes += 1;
        if self.nodes > MAX_NODES {
            let problem = format!(
                "more than {MAX_NODES} conditions and groups; compare one field with many values \
                 by a list, such as {{\"key\": [1, 2, 3]}}"
            );
            return fail(path, problem);
        }
        Ok(())
    }

    fn filter(&mut self, value: &Value, path: &str, depth: usize) -> Result<Filter> {
        let Value::Map(map) = value else {
            let problem = format!(
                "{} is not a filter; write a dict, such as {{\"key\": \"value\"}}",
                describe(value)
            );
            return fail(path, problem);
        };
        if depth > MAX_DEPTH {
            let problem = format!("nested deeper than {MAX_DEPTH}; write it flatter");
            return fail(path, problem);
        }
        if map.is_empty() {
            self.count(path)?;
        }
        let mut parts = Vec::with_capacity(map.len());
        for (key, value) in map {
            let path = join(path, key);
            let group: fn(Vec<Filter>) -> Filter = match key.as_str() {
                "AND" => Filter::And,
                "OR" => Filter::Or,
                "NOT" => Filter::Not,
                _ => {
                    reject_group_variant(key, value, &path)?;
                    self.field(key, value, &path, &mut parts)?;
                    continue;
                }
            };
            self.count(&path)?;
            parts.push(group(self.group(value, &path, depth)?));
        }
        Ok(match parts.pop() {
            Some(only) if parts.is_empty() => only,
            last => {
                parts.extend(last);
                Filter::And(parts)
            }
        })
    }

    /// The filters of an `AND`, `OR` or `NOT`.
    fn group(&mut self, value: &Value, path: &str, depth: usize) -> Result<Vec<Filter>> {
        match value {
            Value::Map(_) => Ok(vec![self.filter(value, path, depth + 1)?]),
            Value::List(items) if items.is_empty() => {
                let problem = "the list is empty; write at least one filter in it, or leave it out";
                fail(path, problem.to_owned())
            }
            Value::List(items) => items
                .iter()
                .enumerate()
                .map(|(at, item)| self.filter(item, &format!("{path}[{at}]"), depth + 1))
                .collect(),
            Value::Null | Value::Bool(_) | Value::Int(_) | Value::Float(_) | Value::Text(_) => {
                let problem = format!(
                    "{} is not a list of filters; write a list of dicts, such as \
                     [{{\"key\": \"value\"}}]",
                    describe(value)
                );
                fail(path, problem)
            }
        }
    }

    /// The conditions on one field.
    fn field(
        &mut self,
        key: &str,
        value: &Value,
        path: &str,
        parts: &mut Vec<Filter>,
    ) -> Result<()> {
        let field = Field::named(key);
        let ops = match value {
            Value::Map(map) => operators(&field, map, path)?,
            Value::Text(star) if operand::is_star(&field, star) => {
                vec![(path.to_owned(), Op::Exists)]
            }
            Value::List(items) => {
                vec![(path.to_owned(), Op::In(operand::list(&field, items, path)?))]
            }
            Value::Null | Value::Bool(_) | Value::Int(_) | Value::Float(_) | Value::Text(_) => {
                vec![(
                    path.to_owned(),
                    Op::Eq(operand::equality(&field, value, path)?),
                )]
            }
        };
        for (path, op) in ops {
            self.count(&path)?;
            let field = field.clone();
            parts.push(Filter::Condition { field, op });
        }
        Ok(())
    }
}

/// The operators of a dict, each with its path.
fn operators(field: &Field, map: &Metadata, path: &str) -> Result<Vec<(String, Op)>> {
    if map.is_empty() {
        let problem = format!("the dict is empty; write an operator in it ({OPERATORS})");
        return fail(path, problem);
    }
    let mut ops = Vec::with_capacity(map.len());
    for (name, value) in map {
        let path = join(path, name);
        let op = operator(field, name, value, &path)?;
        ops.push((path, op));
    }
    Ok(ops)
}

fn operator(field: &Field, name: &str, value: &Value, path: &str) -> Result<Op> {
    let order = |relation| {
        let operand = operand::ordered(field, name, value, path)?;
        Ok(Op::Order(relation, operand))
    };
    let list = || {
        if let Value::List(items) = value {
            return operand::list(field, items, path);
        }
        let problem = format!(
            "{} is not a list; write a list, such as {{\"{name}\": [1, 2]}}",
            describe(value)
        );
        fail(path, problem)
    };
    match name {
        "eq" => Ok(Op::Eq(operand::equality(field, value, path)?)),
        "ne" => Ok(Op::Ne(operand::equality(field, value, path)?)),
        "gt" => order(Relation::Gt),
        "gte" => order(Relation::Gte),
        "lt" => order(Relation::Lt),
        "lte" => order(Relation::Lte),
        "in" => Ok(Op::In(list()?)),
        "nin" => Ok(Op::Nin(list()?)),
        "contains" => Ok(Op::Contains(operand::part(field, value, path)?)),
        "icontains" => Ok(Op::IContains(operand::folded_part(field, value, path)?)),
        _ => fail(path, unknown_operator(name)),
    }
}

fn unknown_operator(name: &str) -> String {
    let plain = name.trim_start_matches('$').to_lowercase();
    let meant = match plain.as_str() {
        "eq" | "=" | "==" | "equals" | "is" => "eq",
        "ne" | "neq" | "!=" | "<>" | "not" => "ne",
        "gt" | ">" => "gt",
        "gte" | "ge" | ">=" => "gte",
        "lt" | "<" => "lt",
        "lte" | "le" | "<=" => "lte",
        "in" | "any" => "in",
        "nin" | "not_in" | "notin" => "nin",
        "contains" | "like" => "contains",
        "icontains" | "ilike" => "icontains",
        _ => {
            return format!(
                "`{name}` is not an operator; write one of {OPERATORS}; for a nested key write the \
                 dotted key, such as \"outer.{name}\", and for a whole dict {{\"eq\": {{...}}}}"
            );
        }
    };
    format!("`{name}` is not an operator; did you mean `{meant}`?")
}

/// Rejects a misspelt group: `$or` always, `or` if it holds filters.
fn reject_group_variant(key: &str, value: &Value, path: &str) -> Result<()> {
    let group = match key.trim_start_matches('$').to_lowercase().as_str() {
        "and" => "AND",
        "or" => "OR",
        "not" | "nor" => "NOT",
        _ => return Ok(()),
    };
    let filters = matches!(value, Value::List(items)
        if items.iter().any(|item| matches!(item, Value::Map(_))));
    if key.starts_with('$') || filters {
        let problem = format!("`{key}` does not join filters; did you mean `{group}`?");
        return fail(path, problem);
    }
    Ok(())
}
