//! Conditions on when memories hold, by fields that filters of users cannot name.

use super::ast::{Field, Filter, Op, Operand, Relation};
use crate::fields::{self, BEGINS, ENDS, SUCCESSOR};
use crate::time::Micros;

fn compared(field: &'static fields::Field, relation: Relation, at: Micros) -> Filter {
    Filter::Condition {
        field: Field::Memory(field),
        op: Op::Order(relation, Operand::Instant(at.into())),
    }
}

impl Filter {
    /// Memories that had begun at a time, and had not ended.
    pub(crate) fn held_at(at: Micros) -> Self {
        let ended = compared(&ENDS, Relation::Lte, at);
        Self::And(vec![
            compared(&BEGINS, Relation::Lte, at),
            Self::Not(vec![ended]),
        ])
    }

    /// Memories that no other one has replaced, or had replaced at a time.
    pub(crate) fn not_replaced(by: Option<Micros>) -> Self {
        let mut replaced = vec![Self::Condition {
            field: Field::Memory(&SUCCESSOR),
            op: Op::Exists,
        }];
        if let Some(at) = by {
            replaced.push(Self::Not(vec![compared(&ENDS, Relation::Gt, at)]));
        }
        Self::Not(vec![Self::And(replaced)])
    }
}
