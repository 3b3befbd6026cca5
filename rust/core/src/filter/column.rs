//! One field of a run of rows, inverted: from each value to the rows that hold it.
//!
//! A column is made when a filter first names its field, so any metadata key is indexed without
//! being declared, and one that no filter names costs nothing. Values are kept once, sorted, with
//! the positions of their rows: equality is a binary search, a range of values a range of
//! positions, and a condition on text is checked once for each distinct text.

use std::cmp::Ordering;
use std::sync::OnceLock;

use super::ast::{Field, Filter, Op, Operand};
use super::eval::{Held, compare_numbers, list_of};
use crate::bits::Bits;
use crate::record::{Record, Value};
use crate::time::parse_instant;

/// A position in a run of rows.
pub(crate) type Position = u16;

/// Sorted values with the positions that hold each.
#[derive(Debug)]
struct Postings<K> {
    keys: Vec<K>,
    /// Where each key's positions start; one more at the end.
    starts: Vec<u32>,
    positions: Vec<Position>,
}

impl<K> Postings<K> {
    fn new(mut pairs: Vec<(K, Position)>, order: impl Fn(&K, &K) -> Ordering) -> Self {
        pairs.sort_by(|a, b| order(&a.0, &b.0).then(a.1.cmp(&b.1)));
        let mut postings = Self {
            keys: Vec::new(),
            starts: Vec::new(),
            positions: Vec::with_capacity(pairs.len()),
        };
        for (key, position) in pairs {
            let known = postings.keys.last();
            if known.is_none_or(|last| order(last, &key) != Ordering::Equal) {
                postings.starts.push(postings.positions.len() as u32);
                postings.keys.push(key);
            }
            postings.positions.push(position);
        }
        postings.starts.push(postings.positions.len() as u32);
        postings
    }

    /// Bytes it takes, without what its keys hold on the heap.
    fn bytes(&self) -> usize {
        self.keys.capacity() * size_of::<K>()
            + self.starts.capacity() * size_of::<u32>()
            + self.positions.capacity() * size_of::<Position>()
    }

    fn mark(&self, keys: std::ops::Range<usize>, bits: &mut Bits) {
        let (Some(start), Some(end)) = (self.starts.get(keys.start), self.starts.get(keys.end))
        else {
            return;
        };
        for position in self
            .positions
            .get(*start as usize..*end as usize)
            .unwrap_or_default()
        {
            bits.set(usize::from(*position), true);
        }
    }

    /// Marks the rows whose keys compare with an operand as `op` requires. `to` compares a key with
    /// the operand; it must ascend with the keys.
    fn mark_ordered(&self, op: &Op, to: impl Fn(&K) -> Ordering, bits: &mut Bits) {
        let below = self.keys.partition_point(|key| to(key).is_lt());
        let through = self.keys.partition_point(|key| to(key).is_le());
        let end = self.keys.len();
        self.mark(
            match op {
                Op::Order(relation, _) => {
                    let fits = |order| relation.fits(order);
                    let start = match (fits(Ordering::Less), fits(Ordering::Equal)) {
                        (true, _) => 0,
                        (false, true) => below,
                        (false, false) => through,
                    };
                    let stop = match (fits(Ordering::Greater), fits(Ordering::Equal)) {
                        (true, _) => end,
                        (false, true) => through,
                        (false, false) => below,
                    };
                    start..stop
                }
                Op::Exists
                | Op::Eq(_)
                | Op::Ne(_)
                | Op::In(_)
                | Op::Nin(_)
                | Op::Contains(_)
                | Op::IContains(_) => below..through,
            },
            bits,
        );
    }

    fn mark_where(&self, holds: impl Fn(&K) -> bool, bits: &mut Bits) {
        for (at, key) in self.keys.iter().enumerate() {
            if holds(key) {
                self.mark(at..at + 1, bits);
            }
        }
    }
}

/// The values of a field in the first `len` rows of a run.
#[derive(Debug)]
pub(crate) struct Column {
    texts: Postings<Box<str>>,
    numbers: Postings<Value>,
    instants: Postings<i64>,
    days: Postings<i32>,
    flags: Postings<bool>,
    /// The texts and the numbers in the lists of `others`.
    item_texts: Postings<Box<str>>,
    item_numbers: Postings<Value>,
    /// Lists, maps and nulls.
    others: Vec<(Value, Position)>,
    missing: Bits,
    /// The instants that the texts name, read when a condition first needs them.
    times: OnceLock<Vec<Option<i64>>>,
}

/// Compares numbers by value, so that an integer and a float of one value are equal.
fn numeric(a: &Value, b: &Value) -> Ordering {
    compare_numbers(a, b).unwrap_or(Ordering::Equal)
}

/// Makes the columns of some fields; a row that is `None` is in no column.
pub(crate) fn columns(fields: &[Field], rows: &[Option<Record>]) -> Vec<Column> {
    let column = |field: &Field| {
        let (mut texts, mut numbers, mut instants) = (Vec::new(), Vec::new(), Vec::new());
        let (mut days, mut flags, mut others) = (Vec::new(), Vec::new(), Vec::new());
        let (mut item_texts, mut item_numbers) = (Vec::new(), Vec::new());
        let mut missing = Bits::none(rows.len());
        for (position, record) in (0..=Position::MAX).zip(rows) {
            let Some(record) = record else { continue };
            match field.of(record) {
                Held::Missing => missing.set(usize::from(position), true),
                Held::Text(text) => texts.push((text.into(), position)),
                Held::Value(Value::Text(text)) => texts.push((text.as_str().into(), position)),
                Held::Instant(instant) => instants.push((instant, position)),
                Held::Day(day) => days.push((day, position)),
                Held::Value(value @ (Value::Int(_) | Value::Float(_))) => {
                    numbers.push((value.clone(), position));
                }
                Held::Value(Value::Bool(flag)) => flags.push((*flag, position)),
                Held::Value(value @ (Value::Null | Value::List(_) | Value::Map(_))) => {
                    others.push((value.clone(), position));
                }
                Held::Texts(texts) => others.push((list_of(texts), position)),
                Held::Number(number) => numbers.push((Value::Float(number), position)),
            }
        }
        for (value, position) in &others {
            let Value::List(items) = value else { continue };
            for item in items {
                match item {
                    Value::Text(text) => item_texts.push((text.as_str().into(), *position)),
                    Value::Int(_) | Value::Float(_) => item_numbers.push((item.clone(), *position)),
                    Value::Null | Value::Bool(_) | Value::List(_) | Value::Map(_) => {}
                }
            }
        }
        Column {
            texts: Postings::new(texts, Ord::cmp),
            numbers: Postings::new(numbers, numeric),
            instants: Postings::new(instants, Ord::cmp),
            days: Postings::new(days, Ord::cmp),
            flags: Postings::new(flags, Ord::cmp),
            item_texts: Postings::new(item_texts, Ord::cmp),
            item_numbers: Postings::new(item_numbers, numeric),
            others,
            missing,
            times: OnceLock::new(),
        }
    };
    fields.iter().map(column).collect()
}

impl Column {
    /// Approximate bytes it takes.
    pub(crate) fn bytes(&self) -> usize {
        // Approximate overhead of a heap allocation.
        let boxed = 16;
        let keys = self.texts.keys.iter().chain(&self.item_texts.keys);
        let texts: usize = keys.map(|text| text.len() + boxed).sum();
        let others = self.others.capacity() * (size_of::<(Value, Position)>() + 4 * boxed);
        size_of::<Self>()
            + self.texts.bytes()
            + texts
            + self.numbers.bytes()
            + self.item_texts.bytes()
            + self.item_numbers.bytes()
            + self.instants.bytes()
            + self.days.bytes()
            + self.flags.bytes()
            + others
            + self.missing.bytes()
            + self.times.get().map_or(0, Vec::capacity) * size_of::<Option<i64>>()
    }

    /// The rows on which a condition holds.
    fn select(&self, op: &Op, len: usize) -> Bits {
        let mut bits = Bits::none(len);
        match op {
            Op::Exists => bits = self.absent(len, true),
            Op::Eq(operand) | Op::Order(_, operand) => self.mark(op, operand, &mut bits),
            Op::In(operands) => {
                for operand in operands {
                    self.mark(&Op::Eq(operand.clone()), operand, &mut bits);
                }
            }
            Op::Ne(operand) => {
                bits = self.select(&Op::Eq(operand.clone()), len);
                bits.invert();
            }
            Op::Nin(operands) => {
                bits = self.select(&Op::In(operands.clone()), len);
                bits.invert();
            }
            Op::Contains(_) | Op::IContains(_) => {
                let text = |text: &str| op.holds(&Held::Text(text.into()));
                self.texts.mark_where(|held| text(held), &mut bits);
                self.mark_others(op, &mut bits);
            }
        }
        bits
    }

    fn absent(&self, len: usize, inverted: bool) -> Bits {
        let mut bits = self.missing.clone();
        bits.grow(len);
        if inverted {
            bits.invert();
        }
        bits
    }

    fn mark_others(&self, op: &Op, bits: &mut Bits) {
        let flag = |flag: &bool| op.holds(&Held::Value(&Value::Bool(*flag)));
        self.flags.mark_where(flag, bits);
        for (value, position) in &self.others {
            if op.holds(&Held::Value(value)) {
                bits.set(usize::from(*position), true);
            }
        }
    }

    /// Marks the rows whose values compare with an operand as `op` requires.
    fn mark(&self, op: &Op, operand: &Operand, bits: &mut Bits) {
        match operand {
            Operand::Instant(instant) => {
                let to = |held: &i64| i128::from(*held).cmp(instant);
                self.instants.mark_ordered(op, to, bits);
            }
            Operand::Day(day) => self.days.mark_ordered(op, |held| held.cmp(day), bits),
            Operand::Value(Value::Text(text)) => self.mark_text(op, text, bits),
            Operand::Dated { text, instant } => {
                if let Op::Order(relation, _) = op {
                    self.mark_dated(text, *instant, *relation, bits);
                } else {
                    self.mark_text(op, text, bits);
                }
            }
            Operand::Value(number @ (Value::Int(_) | Value::Float(_))) => {
                let to = |held: &Value| numeric(held, number);
                self.numbers.mark_ordered(op, to, bits);
                if matches!(op, Op::Eq(_)) {
                    self.item_numbers.mark_ordered(op, to, bits);
                }
            }
            Operand::Value(Value::Null) => {
                if matches!(op, Op::Eq(_)) {
                    bits.or(&self.missing);
                }
                self.mark_others(op, bits);
            }
            Operand::Value(Value::Bool(_) | Value::List(_) | Value::Map(_)) => {
                self.mark_others(op, bits);
            }
        }
    }

    fn mark_text(&self, op: &Op, text: &str, bits: &mut Bits) {
        self.texts.mark_ordered(op, |held| (**held).cmp(text), bits);
        if matches!(op, Op::Eq(_)) {
            self.item_texts
                .mark_ordered(op, |held| (**held).cmp(text), bits);
        }
    }

    /// Text that names a time is ordered by it, other text by code points.
    fn mark_dated(
        &self,
        text: &str,
        instant: i64,
        relation: super::ast::Relation,
        bits: &mut Bits,
    ) {
        let times = self.times.get_or_init(|| {
            let texts = self.texts.keys.iter();
            texts.map(|held| parse_instant(held)).collect()
        });
        for (at, (held, time)) in self.texts.keys.iter().zip(times).enumerate() {
            let order = time.map_or_else(|| held.as_ref().cmp(text), |time| time.cmp(&instant));
            if relation.fits(order) {
                self.texts.mark(at..at + 1, bits);
            }
        }
    }
}

impl Filter {
    /// The fields it names, each once.
    pub(crate) fn fields(&self) -> Vec<Field> {
        fn collect(filter: &Filter, fields: &mut Vec<Field>) {
            match filter {
                Filter::And(filters) | Filter::Or(filters) | Filter::Not(filters) => {
                    for filter in filters {
                        collect(filter, fields);
                    }
                }
                Filter::Condition { field, .. } => {
                    if !fields.contains(field) {
                        fields.push(field.clone());
                    }
                }
            }
        }
        let mut fields = Vec::new();
        collect(self, &mut fields);
        fields
    }

    /// The rows of a run of `len` that match, by the columns of the fields it names. Rows that no
    /// column knows may be in or out.
    pub(crate) fn select<'c>(
        &self,
        len: usize,
        column: &impl Fn(&Field) -> Option<&'c Column>,
    ) -> Bits {
        match self {
            Self::And(filters) => {
                let mut bits = Bits::all(len);
                for filter in filters {
                    bits.and(&filter.select(len, column));
                }
                bits
            }
            Self::Or(filters) | Self::Not(filters) => {
                let mut bits = Bits::none(len);
                for filter in filters {
                    bits.or(&filter.select(len, column));
                }
                if matches!(self, Self::Not(_)) {
                    bits.invert();
                }
                bits
            }
            Self::Condition { field, op } => {
                column(field).map_or_else(|| Bits::none(len), |column| column.select(op, len))
            }
        }
    }
}
