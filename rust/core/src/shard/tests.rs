//! Laws of a shard: whatever changes it took, its lanes hold what a model of its rows holds.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;
use std::sync::Arc;

use proptest::prelude::*;

use super::*;
use crate::bits::Bits;
use crate::filter::{Filter, parse};
use crate::record::{Kind, Metadata, Record, Scope, Value};
use crate::store::Head;
use crate::vector::kernels;

const DIM: usize = 3;
const CHUNK: usize = 40;
const PARTITION: u32 = 7;

/// A row as the model knows it. Its record's metadata is `{"n": n}`.
#[derive(Debug, Clone)]
struct Row {
    head: Head,
    vector: Arc<Vec<f32>>,
    n: i64,
}

type Model = BTreeMap<u64, Row>;

#[derive(Debug, Clone)]
enum Step {
    Push(Row),
    /// The row that is as far along, with another head and record, and another vector if there is one.
    Set(usize, Head, i64, Option<Arc<Vec<f32>>>),
    Remove(usize),
    /// A search by filter, which makes the column.
    Filter,
    /// From here on a reader holds the shard as it is.
    Hold,
}

fn head() -> impl Strategy<Value = Head> {
    let kind = prop_oneof![9 => Just(Kind::Memory), 1 => Just(Kind::Message)];
    let expiry = prop_oneof![9 => Just(None), 1 => (0..20).prop_map(Some)];
    (0..3_u32, kind, prop::bool::weighted(0.1), expiry).prop_map(
        |(scope, kind, superseded, expires_on)| Head {
            scope,
            kind,
            superseded,
            expires_on,
            mark: 0,
        },
    )
}

fn vector() -> impl Strategy<Value = Arc<Vec<f32>>> {
    prop::collection::vec(0.5_f32..2.0, DIM).prop_map(Arc::new)
}

fn row() -> impl Strategy<Value = Row> {
    (head(), vector(), 0..3_i64).prop_map(|(head, vector, n)| Row { head, vector, n })
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let set = (
        any::<prop::sample::Index>(),
        head(),
        0..3_i64,
        prop::option::of(vector()),
    );
    let step = prop_oneof![
        12 => row().prop_map(Step::Push),
        4 => set.prop_map(|(at, head, n, vector)| Step::Set(at.index(1 << 16), head, n, vector)),
        4 => any::<prop::sample::Index>().prop_map(|at| Step::Remove(at.index(1 << 16))),
        1 => Just(Step::Filter),
        1 => Just(Step::Hold),
    ];
    prop::collection::vec(step, 0..400)
}

fn inverse_norm(vector: &[f32]) -> f32 {
    kernels::check(0, vector, DIM).unwrap()
}

fn record(row: &Row) -> Record {
    Record {
        id: String::new(),
        kind: row.head.kind,
        scope: Scope::default(),
        text: String::new(),
        hash: [0; 16],
        metadata: Metadata::from([("n".to_owned(), Value::Int(row.n))]),
        created_at: 0,
        updated_at: 0,
        revision: 0,
        last_seq: 0,
        provenance: crate::record::Provenance::default(),
    }
}

fn filter() -> Filter {
    parse(&Value::Map(Metadata::from([(
        "n".to_owned(),
        Value::Int(1),
    )])))
    .unwrap()
}

fn passes(head: &Head) -> bool {
    head.kind == Kind::Memory && !head.superseded && head.expires_on.is_none_or(|day| day >= 10)
}

/// The rows of scopes 0 and 2 that pass and match the filter.
fn found(shard: &Shard, model: &Model) -> Vec<u64> {
    let filter = filter();
    let mut scopes = Bits::all(3);
    scopes.set(1, false);
    let fetch = |(partition, row): crate::rowid::RowId| {
        assert_eq!(partition, PARTITION);
        Ok(model.get(&row).map(record))
    };
    let mut rows = Vec::new();
    for chunk in shard.chunks() {
        let mut shown = chunk.shown(passes, Some(&scopes));
        shown.and(&chunk.matching(&filter, &filter.fields(), &fetch).unwrap());
        assert!(chunk.knows(&filter.fields()));
        rows.extend(shown.iter().map(|at| chunk.id(at).1));
    }
    rows
}

fn check(shard: &Shard, model: &Model) {
    // All rows that are not deleted, with their codes and vectors.
    let mut seen = Vec::new();
    for chunk in shard.chunks() {
        assert!(chunk.len() <= CHUNK);
        assert_eq!(chunk.codes().len(), chunk.len() * DIM);
        for at in chunk.shown(|_| true, None).iter() {
            let (partition, number) = chunk.id(at);
            assert_eq!(partition, PARTITION);
            let row = &model[&number];
            let mut code = Vec::new();
            let mark = encode(&row.vector, inverse_norm(&row.vector), &mut code);
            assert_eq!(chunk.mark(at), &mark);
            assert_eq!(chunk.codes()[at * DIM..(at + 1) * DIM], code[..]);
            let held = shard.resident().then_some(&row.vector[..]);
            assert_eq!(chunk.vector(at), held);
            seen.push(number);
        }
    }
    assert!(seen.iter().eq(model.keys()), "{seen:?}");
    let shown = |row: &&u64| {
        let row = &model[*row];
        passes(&row.head) && row.head.scope != 1 && row.n == 1
    };
    assert!(found(shard, model).iter().eq(model.keys().filter(shown)));
}

fn apply(shard: &mut Shard, model: &mut Model, next: &mut u64, step: Step) {
    let nth = |model: &Model, at: usize| model.keys().nth(at % model.len().max(1)).copied();
    let change = match step {
        Step::Push(row) => {
            let number = *next;
            *next += 1;
            let change = RowChange::Push {
                row: number,
                head: row.head,
                inverse_norm: inverse_norm(&row.vector),
                vector: Arc::clone(&row.vector),
            };
            model.insert(number, row);
            change
        }
        Step::Set(at, head, n, vector) => {
            let Some(number) = nth(model, at) else { return };
            let row = model.get_mut(&number).unwrap();
            (row.head, row.n) = (head, n);
            if let Some(vector) = &vector {
                row.vector = Arc::clone(vector);
            }
            RowChange::Set {
                row: number,
                head,
                vector: vector.map(|vector| (inverse_norm(&vector), vector)),
            }
        }
        Step::Remove(at) => {
            let Some(number) = nth(model, at) else { return };
            model.remove(&number);
            RowChange::Remove { row: number }
        }
        Step::Filter | Step::Hold => return,
    };
    shard.apply(PARTITION, &change, &Extras::default());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn lanes_hold_the_rows_of_all_commits(steps in steps(), resident in any::<bool>()) {
        let mut shard = Arc::new(Shard {
            chunk_rows: CHUNK,
            resident,
            ..Shard::new(DIM, 0)
        });
        let (mut model, mut next) = (Model::new(), 1);
        let mut held: Option<(Arc<Shard>, Model)> = None;
        for step in steps {
            match step {
                Step::Filter => {
                    found(&shard, &model);
                }
                Step::Hold => held = Some((Arc::clone(&shard), model.clone())),
                step @ (Step::Push(_) | Step::Set(..) | Step::Remove(_)) => apply(Arc::make_mut(&mut shard), &mut model, &mut next, step),
            }
        }
        check(&shard, &model);
        // What a reader held meanwhile is as it was.
        if let Some((shard, model)) = held {
            check(&shard, &model);
        }
    }
}

fn pushed(rows: i64) -> (Shard, Model) {
    let (mut shard, mut model, mut next) = (Shard::new(DIM, 0), Model::new(), 0);
    for n in 0..rows {
        let head = Head {
            scope: 0,
            kind: Kind::Memory,
            superseded: false,
            expires_on: None,
            mark: 0,
        };
        let row = Row {
            head,
            vector: Arc::new(vec![1.0; DIM]),
            n: n % 3,
        };
        apply(&mut shard, &mut model, &mut next, Step::Push(row));
    }
    (shard, model)
}

#[test]
fn a_shard_is_charged_for_each_of_its_lanes() {
    let (shard, model) = pushed(1000);
    let rows = 1000 * (size_of::<u64>() + size_of::<u32>() + size_of::<Head>());
    let codes = 1000 * (size_of::<crate::vector::Mark>() + DIM + DIM * size_of::<f32>());
    let before = shard.bytes();
    assert!(before >= rows + codes, "{before} of {}", rows + codes);
    assert!(
        before < (rows + codes) * 5 / 4,
        "{before} of {}",
        rows + codes
    );
    // The column of a filter, which is made while it is searched.
    found(&shard, &model);
    let column = shard.bytes() - before;
    assert!(column >= 1000 * size_of::<u16>(), "{column}");
}

#[test]
fn a_shard_that_grows_large_drops_its_vectors_and_their_charge() {
    let mut shard = Shard::new(1 << 20, 0);
    let vector = vec![1.0; 1 << 20];
    let (mut code, mut row) = (Vec::new(), 0);
    let mark = encode(&vector, 1.0 / 1024.0, &mut code);
    let mut push = |shard: &mut Shard| {
        row += 1;
        shard.push(&NewRow {
            id: (PARTITION, row),
            head: Head {
                scope: 0,
                kind: Kind::Memory,
                superseded: false,
                expires_on: None,
                mark: 0,
            },
            mark,
            code: &code,
            vector: Some(&vector),
            spoken: &[],
        });
    };
    // Vectors of 4 MiB: up to twice the limit stays.
    for _ in 0..2 * RESIDENT_BYTES / (4 << 20) {
        push(&mut shard);
    }
    assert!(shard.resident() && shard.chunks()[0].vector(0).is_some());
    let before = shard.bytes();
    push(&mut shard);
    assert!(!shard.resident() && shard.chunks()[0].vector(0).is_none());
    assert!(shard.bytes() < before / 2);
}
