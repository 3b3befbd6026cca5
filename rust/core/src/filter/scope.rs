//! The scopes of a read: as given, and as a filter bounds them.

use std::collections::BTreeSet;

use super::ast::{Field, Filter, Op, Operand};
use crate::error::{Error, Result};
use crate::ids;
use crate::record::{Scope, Value};

/// Which values of one scope id are selected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Select {
    /// All, and scopes without this id too.
    Any,
    /// No id: only scopes without it.
    Absent,
    /// These.
    In(BTreeSet<String>),
}

impl Select {
    /// Exactly this id.
    #[must_use]
    pub fn one(id: impl Into<String>) -> Self {
        Self::In(BTreeSet::from([id.into()]))
    }

    /// Whether a scope with this id, or without one, is selected.
    #[must_use]
    pub fn matches(&self, id: Option<&str>) -> bool {
        match self {
            Self::Any => true,
            Self::Absent => id.is_none(),
            Self::In(ids) => id.is_some_and(|id| ids.contains(id)),
        }
    }

    /// What both select.
    #[must_use]
    pub fn intersect(&self, other: &Self) -> Self {
        match (self, other) {
            (Self::Any, select) | (select, Self::Any) => select.clone(),
            (Self::Absent, Self::Absent) => Self::Absent,
            (Self::In(left), Self::In(right)) => Self::In(left & right),
            (Self::Absent, Self::In(_)) | (Self::In(_), Self::Absent) => Self::In(BTreeSet::new()),
        }
    }

    /// What at least one selects.
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        match (self, other) {
            (Self::Absent, Self::Absent) => Self::Absent,
            (Self::In(left), Self::In(right)) => Self::In(left | right),
            _ => Self::Any,
        }
    }
}

/// The scopes a read is about; all three conditions must hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScopeQuery {
    /// Values of `user_id`.
    pub user: Select,
    /// Values of `agent_id`.
    pub agent: Select,
    /// Values of `run_id`.
    pub run: Select,
}

impl ScopeQuery {
    /// The scopes that fit all ids given; [`Error::NoScope`] if none is.
    pub fn new(user: Option<Select>, agent: Option<Select>, run: Option<Select>) -> Result<Self> {
        if user.is_none() && agent.is_none() && run.is_none() {
            return Err(Error::NoScope);
        }
        let [user, agent, run] = [user, agent, run].map(|select| select.unwrap_or(Select::Any));
        Ok(Self { user, agent, run })
    }

    /// All scopes.
    #[must_use]
    pub fn everything() -> Self {
        Self {
            user: Select::Any,
            agent: Select::Any,
            run: Select::Any,
        }
    }

    /// The same without scopes that have an id which is neither `named` nor bounded: of a named one
    /// [`Select::Any`] stays.
    #[must_use]
    pub fn exactly(self, named: [bool; 3]) -> Self {
        let [user, agent, run] = named;
        let exactly = |select: Select, named: bool| {
            if select == Select::Any && !named {
                Select::Absent
            } else {
                select
            }
        };
        Self {
            user: exactly(self.user, user),
            agent: exactly(self.agent, agent),
            run: exactly(self.run, run),
        }
    }

    /// The scope, if only one can be selected.
    #[must_use]
    pub fn only(&self) -> Option<Scope> {
        let only = |select: &Select| match select {
            Select::Absent => Some(None),
            Select::In(ids) if ids.len() == 1 => Some(ids.first().cloned()),
            Select::Any | Select::In(_) => None,
        };
        Some(Scope {
            user_id: only(&self.user)?,
            agent_id: only(&self.agent)?,
            run_id: only(&self.run)?,
        })
    }

    /// Whether a scope is selected.
    #[must_use]
    pub fn matches(&self, scope: &Scope) -> bool {
        self.user.matches(scope.user_id.as_deref())
            && self.agent.matches(scope.agent_id.as_deref())
            && self.run.matches(scope.run_id.as_deref())
    }

    /// The scopes that both select.
    #[must_use]
    pub fn intersect(&self, other: &Self) -> Self {
        Self {
            user: self.user.intersect(&other.user),
            agent: self.agent.intersect(&other.agent),
            run: self.run.intersect(&other.run),
        }
    }
}

/// What a filter pins of `user_id`, `agent_id` and `run_id`, in this order.
pub type Bounds = [Option<Select>; 3];

impl Filter {
    /// Parses a filter that may name its scopes.
    ///
    /// A scope id set to `"*"` at the top, or in ANDs there, names all scopes on purpose: it bounds
    /// its id by [`Select::Any`] and is not a condition of the filter any more. Elsewhere `"*"` keeps
    /// its meaning: the id exists.
    pub fn parse_query(value: &Value) -> Result<(Self, Bounds)> {
        let mut filter = super::parse(value)?;
        let bounds = filter.scope_bounds();
        if filter.names_all() {
            filter = Self::And(Vec::new());
        }
        filter.strip_stars();
        Ok((filter, bounds))
    }

    /// The scope ids that every match must have, as far as the filter's shape shows.
    ///
    /// `eq`, `in` and `"*"` bound an id, AND intersects, OR unites where all its filters bound the
    /// id, NOT bounds nothing. An index hint: whatever it lets through must still be evaluated.
    #[must_use]
    pub fn scope_bounds(&self) -> Bounds {
        match self {
            Self::And(filters) => {
                filters
                    .iter()
                    .map(Self::scope_bounds)
                    .fold([None, None, None], |sum, bounds| {
                        merge(sum, bounds, |left, right| match (left, right) {
                            (Some(left), Some(right)) => Some(left.intersect(&right)),
                            (bound, None) | (None, bound) => bound,
                        })
                    })
            }
            Self::Or(filters) => {
                let all = filters.iter().map(Self::scope_bounds);
                all.reduce(|sum, bounds| {
                    merge(sum, bounds, |left, right| Some(left?.union(&right?)))
                })
                .unwrap_or_default()
            }
            Self::Not(_) => [None, None, None],
            Self::Condition { field, op } => {
                let mut bounds = [None, None, None];
                if let Some(bound) = position(field).and_then(|at| bounds.get_mut(at)) {
                    *bound = pinned(op);
                }
                bounds
            }
        }
    }

    /// Whether every match is bounded by some scope id, maybe a different one in each branch of
    /// an OR, as in `{"OR": [{"user_id": "a"}, {"agent_id": "b"}]}`, which bounds no single id.
    #[must_use]
    pub fn names_scope(&self) -> bool {
        match self {
            Self::And(filters) => filters.iter().any(Self::names_scope),
            Self::Or(filters) => filters.iter().all(Self::names_scope),
            Self::Not(_) => false,
            Self::Condition { field, op } => position(field).is_some() && pinned(op).is_some(),
        }
    }

    fn names_all(&self) -> bool {
        matches!(self, Self::Condition { field, op: Op::Exists } if position(field).is_some())
    }

    fn strip_stars(&mut self) {
        if let Self::And(filters) = self {
            filters.retain(|filter| !filter.names_all());
            filters.iter_mut().for_each(Self::strip_stars);
        }
    }
}

fn merge(
    left: Bounds,
    right: Bounds,
    with: impl Fn(Option<Select>, Option<Select>) -> Option<Select>,
) -> Bounds {
    let [user, agent, run] = left;
    let [other_user, other_agent, other_run] = right;
    [
        with(user, other_user),
        with(agent, other_agent),
        with(run, other_run),
    ]
}

/// The position of a scope id in [`Bounds`].
fn position(field: &Field) -> Option<usize> {
    let Field::Memory(field) = field else {
        return None;
    };
    ids::SCOPE_IDS.iter().position(|name| *name == field.name)
}

fn pinned(op: &Op) -> Option<Select> {
    let ids = match op {
        Op::Exists => return Some(Select::Any),
        Op::Eq(operand) => std::slice::from_ref(operand),
        Op::In(operands) => operands,
        Op::Ne(_) | Op::Nin(_) | Op::Order(..) | Op::Contains(_) | Op::IContains(_) => return None,
    };
    // A comparison with null selects scopes without the id, which no set of ids can express.
    let texts = ids.iter().map(|operand| match operand {
        Operand::Value(Value::Text(id)) => Some(id.clone()),
        Operand::Value(_) | Operand::Dated { .. } | Operand::Instant(_) | Operand::Day(_) => None,
    });
    texts.collect::<Option<_>>().map(Select::In)
}
